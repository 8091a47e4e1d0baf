//! `ottla topic`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use ottla_client::{
    Admin, ConfigChange, ConfigEntry, ConfigResource, ConfigSource, EachResult, Error, IsolationLevel,
    NewTopic, OffsetSpec, Topic, TopicPartition,
};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::types::BrokerId;
use serde_json::{Value, json};

use super::output::{align_right, or_broken_pipe, print_json, print_table, table};
use crate::cli::{KeyValue, TopicArgs, TopicCommand};

/// Runs `ottla topic`.
pub async fn run(args: TopicArgs) -> anyhow::Result<ExitCode> {
    let client = super::connect(&args.cluster, super::BRIEF_WAIT).await?;
    let topics = Topics { admin: client.admin(), is_json: args.output.json };
    let result = topics.run(args.command).await;
    client.close().await;
    or_broken_pipe(result)
}

struct Topics {
    admin: Admin,
    is_json: bool,
}

impl Topics {
    async fn run(&self, command: TopicCommand) -> anyhow::Result<ExitCode> {
        match command {
            command @ TopicCommand::Create { .. } => self.create(command).await,
            TopicCommand::List { internal } => self.list(internal).await,
            TopicCommand::Describe { topics, all_configs } => self.describe(topics, all_configs).await,
            TopicCommand::Alter { topic, partitions, set, delete } => {
                self.alter(&topic, partitions, set, delete).await
            }
            TopicCommand::Delete { topics, if_exists } => self.delete(&topics, if_exists).await,
        }
    }

    async fn create(&self, command: TopicCommand) -> anyhow::Result<ExitCode> {
        let TopicCommand::Create {
            topics,
            partitions,
            replication_factor,
            replica_assignment,
            config,
            if_not_exists,
            validate_only,
        } = command
        else {
            bail!("not a create command");
        };
        let new_topic = |name: &String| {
            let mut topic = NewTopic::new(name);
            if let Some(count) = partitions {
                topic = topic.partitions(count);
            }
            if let Some(factor) = replication_factor {
                topic = topic.replication_factor(factor);
            }
            for (partition, brokers) in
                (0..).zip(replica_assignment.iter().flat_map(|assignment| &assignment.0))
            {
                topic = topic.assign(partition, brokers.iter().copied().map(BrokerId));
            }
            config.iter().fold(topic, |topic, config| topic.config(&config.key, &config.value))
        };
        let new_topics: Vec<NewTopic> = topics.iter().map(new_topic).collect();
        let results = if validate_only {
            self.admin.validate_topics(&new_topics).await?
        } else {
            self.admin.create_topics(&new_topics).await?
        };
        let done = if validate_only { "could create" } else { "created" };
        self.report(results, if_not_exists.then_some(ErrorCode::TOPIC_ALREADY_EXISTS), |name, created| {
            let mut text = format!("{done} topic {name}");
            if let (Some(partitions), Some(factor)) = (created.partitions, created.replication_factor) {
                text += &format!(
                    " with {}, {}",
                    count(partitions, "partition"),
                    count(i32::from(factor), "replica")
                );
            }
            let json = json!({
                "topic": name,
                "topic_id": created.id.to_string(),
                "partitions": created.partitions,
                "replication_factor": created.replication_factor,
            });
            (text, json)
        })
    }

    async fn list(&self, internal: bool) -> anyhow::Result<ExitCode> {
        let topics = self.admin.list_topics().await?;
        let shown = topics.iter().filter(|topic| internal || !topic.is_internal);
        if self.is_json {
            let list: Vec<Value> = shown
                .map(|topic| {
                    json!({
                        "topic": &*topic.name,
                        "topic_id": topic.id.to_string(),
                        "is_internal": topic.is_internal,
                        "partitions": topic.partition_count(),
                        "replication_factor": replication_factor(topic),
                    })
                })
                .collect();
            print_json(&list.into())?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut table = table(&["TOPIC", "PARTITIONS", "REPLICAS"]);
        for topic in shown {
            table.add_row([
                topic.name.to_string(),
                topic.partition_count().to_string(),
                replication_factor(topic).to_string(),
            ]);
        }
        align_right(&mut table, &[1, 2]);
        print_table(&table)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn describe(&self, names: Vec<String>, all_configs: bool) -> anyhow::Result<ExitCode> {
        let described: EachResult<String, Arc<Topic>> = if names.is_empty() {
            let topics = self.admin.list_topics().await?;
            topics.into_iter().map(|topic| (topic.name.to_string(), Ok(topic))).collect()
        } else {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            self.admin.describe_topics(&names).await?
        };
        let mut list = Vec::new();
        let mut exit = ExitCode::SUCCESS;
        for (index, (_, topic)) in described.into_iter().enumerate() {
            let topic = match topic {
                Ok(topic) => topic,
                Err(error) => {
                    exit = ExitCode::FAILURE;
                    eprintln!("error: {error}");
                    continue;
                }
            };
            let mut configs =
                self.admin.describe_configs(&ConfigResource::Topic(topic.name.to_string())).await?;
            configs.retain(|config| all_configs || config.source == ConfigSource::Topic);
            configs.sort_by(|a, b| a.name.cmp(&b.name));
            let offsets = self.offsets(&topic).await;
            if self.is_json {
                list.push(describe_json(&topic, &configs, &offsets));
            } else {
                if index > 0 {
                    writeln!(std::io::stdout())?;
                }
                describe_text(&topic, &configs, &offsets)?;
            }
        }
        if self.is_json {
            print_json(&list.into())?;
        }
        Ok(exit)
    }

    /// First offset and end of each partition; `None` where it could not be asked.
    async fn offsets(&self, topic: &Topic) -> Vec<(Option<i64>, Option<i64>)> {
        let ask = |spec| {
            let led = topic.partitions.iter().filter(|partition| partition.leader.is_some());
            led.map(|p| (TopicPartition::new(Arc::clone(&topic.name), p.index), spec)).collect::<Vec<_>>()
        };
        let isolation_level = IsolationLevel::ReadUncommitted;
        let earliest = self.admin.list_offsets(&ask(OffsetSpec::Earliest), isolation_level).await;
        let latest = self.admin.list_offsets(&ask(OffsetSpec::Latest), isolation_level).await;
        let find = |answers: &EachResult<TopicPartition, ottla_client::ListedOffset>, index: i32| {
            let (_, answer) = answers.iter().find(|(partition, _)| partition.partition == index)?;
            answer.as_ref().ok()?.offset.map(|offset| offset.0)
        };
        topic.partitions.iter().map(|p| (find(&earliest, p.index), find(&latest, p.index))).collect()
    }

    async fn alter(
        &self,
        topic: &str,
        partitions: Option<i32>,
        set: Vec<KeyValue>,
        delete: Vec<String>,
    ) -> anyhow::Result<ExitCode> {
        let mut changes: Vec<ConfigChange> =
            set.into_iter().map(|config| ConfigChange::set(config.key, config.value)).collect();
        changes.extend(delete.into_iter().map(ConfigChange::delete));
        if changes.is_empty() && partitions.is_none() {
            bail!("nothing to change: give --partitions, --set KEY=VALUE or --delete KEY");
        }
        if !changes.is_empty() {
            self.admin.alter_configs(&ConfigResource::Topic(topic.to_owned()), &changes).await?;
        }
        if let Some(total) = partitions {
            self.admin.create_partitions(topic, total).await?;
        }
        if self.is_json {
            print_json(
                &json!({ "topic": topic, "configs_changed": changes.len(), "partitions": partitions }),
            )?;
        } else {
            writeln!(std::io::stdout(), "altered topic {topic}")?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn delete(&self, names: &[String], if_exists: bool) -> anyhow::Result<ExitCode> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let results = self.admin.delete_topics(&names).await?;
        self.report(results, if_exists.then_some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION), |name, ()| {
            (format!("deleted topic {name}"), json!({ "topic": name }))
        })
    }

    /// Prints what came of each topic: successes to standard output, errors but `forgiven` ones to standard error.
    fn report<V>(
        &self,
        results: EachResult<String, V>,
        forgiven: Option<ErrorCode>,
        describe: impl Fn(&str, V) -> (String, Value),
    ) -> anyhow::Result<ExitCode> {
        let mut exit = ExitCode::SUCCESS;
        let mut list = Vec::new();
        for (name, result) in results {
            match result {
                Ok(value) => {
                    let (text, json) = describe(&name, value);
                    if self.is_json {
                        list.push(json);
                    } else {
                        writeln!(std::io::stdout(), "{text}")?;
                    }
                }
                Err(error) if error.code().is_some() && error.code() == forgiven => {
                    list.push(json!({ "topic": name, "unchanged": true }));
                }
                Err(error) => {
                    exit = ExitCode::FAILURE;
                    eprintln!("error: {error}");
                    list.push(json!({ "topic": name, "error": error_json(&error) }));
                }
            }
        }
        if self.is_json {
            print_json(&list.into())?;
        }
        Ok(exit)
    }
}

fn error_json(error: &Error) -> Value {
    json!({ "code": error.code().map(ErrorCode::name), "message": error.to_string() })
}

fn replication_factor(topic: &Topic) -> usize {
    topic.partitions.iter().map(|partition| partition.replicas.len()).max().unwrap_or(0)
}

fn ids(brokers: &[BrokerId]) -> String {
    brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// `1 partition`, `2 partitions`.
fn count(count: i32, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn describe_json(topic: &Topic, configs: &[ConfigEntry], offsets: &[(Option<i64>, Option<i64>)]) -> Value {
    let raw = |brokers: &[BrokerId]| brokers.iter().map(|broker| broker.0).collect::<Vec<_>>();
    let partitions: Vec<Value> = topic
        .partitions
        .iter()
        .zip(offsets)
        .map(|(partition, (earliest, latest))| {
            json!({
                "partition": partition.index,
                "leader": partition.leader.map(|broker| broker.0),
                "leader_epoch": partition.leader_epoch.0,
                "replicas": raw(&partition.replicas),
                "isr": raw(&partition.isr),
                "offline_replicas": raw(&partition.offline_replicas),
                "earliest_offset": earliest,
                "latest_offset": latest,
            })
        })
        .collect();
    let configs: Vec<Value> = configs
        .iter()
        .map(|config| json!({ "name": config.name, "value": config.value, "source": config.source.name() }))
        .collect();
    json!({
        "topic": &*topic.name,
        "topic_id": topic.id.to_string(),
        "is_internal": topic.is_internal,
        "partitions": partitions,
        "configs": configs,
    })
}

fn describe_text(
    topic: &Topic,
    configs: &[ConfigEntry],
    offsets: &[(Option<i64>, Option<i64>)],
) -> std::io::Result<()> {
    let partitions = count(topic.partition_count(), "partition");
    let replicas = count(i32::try_from(replication_factor(topic)).unwrap_or(i32::MAX), "replica");
    writeln!(std::io::stdout(), "{} ({partitions}, {replicas}, id {})", topic.name, topic.id)?;
    for config in configs {
        writeln!(
            std::io::stdout(),
            "  {} = {}",
            config.name,
            config.value.as_deref().unwrap_or("(not shown)")
        )?;
    }
    let mut table = table(&["PARTITION", "LEADER", "REPLICAS", "ISR", "OFFLINE", "EARLIEST", "LATEST"]);
    let shown = |offset: &Option<i64>| offset.map_or_else(|| "?".to_owned(), |offset| offset.to_string());
    for (partition, (earliest, latest)) in topic.partitions.iter().zip(offsets) {
        table.add_row([
            partition.index.to_string(),
            partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string()),
            ids(&partition.replicas),
            ids(&partition.isr),
            ids(&partition.offline_replicas),
            shown(earliest),
            shown(latest),
        ]);
    }
    align_right(&mut table, &[0, 5, 6]);
    print_table(&table)
}
