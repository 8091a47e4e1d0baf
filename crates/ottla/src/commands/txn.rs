//! `ottla txn`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ottla_client::{
    Admin, Error, HangingTransaction, TopicPartition, TransactionDescription, TransactionFilter,
};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::types::{Offset, ProducerId};
use serde_json::{Value, json};

use super::output::{align_right, or_broken_pipe, print_json, print_table, table};
use super::time::format_rfc3339;
use crate::cli::{TxnArgs, TxnCommand};

/// Runs `ottla txn`.
pub async fn run(args: TxnArgs) -> anyhow::Result<ExitCode> {
    let client = super::connect(&args.cluster, super::BRIEF_WAIT).await?;
    let transactions = Transactions { admin: client.admin(), is_json: args.output.json };
    let result = transactions.run(args.command).await;
    client.close().await;
    or_broken_pipe(result)
}

struct Transactions {
    admin: Admin,
    is_json: bool,
}

impl Transactions {
    async fn run(&self, command: TxnCommand) -> anyhow::Result<ExitCode> {
        match command {
            TxnCommand::List { state, producer_id, longer_than, pattern } => {
                let filter = TransactionFilter {
                    states: state,
                    producer_ids: producer_id.into_iter().map(ProducerId).collect(),
                    longer_than: longer_than.map(|seconds| seconds.0),
                    pattern,
                };
                self.list(&filter).await
            }
            TxnCommand::Describe { ids } => self.describe(&ids).await,
            TxnCommand::FindHanging { topics, partition, older_than } => {
                self.find_hanging(&topics, partition, older_than.0).await
            }
            TxnCommand::Abort { topic, partition, start_offset } => {
                self.abort(TopicPartition::new(topic.as_str(), partition), Offset(start_offset)).await
            }
        }
    }

    async fn list(&self, filter: &TransactionFilter) -> anyhow::Result<ExitCode> {
        let listed = self.admin.list_transactions(filter).await?;
        if self.is_json {
            let list: Vec<Value> = listed
                .iter()
                .map(|transaction| {
                    json!({
                        "transactional_id": transaction.transactional_id,
                        "state": transaction.state,
                        "producer_id": transaction.producer_id.0,
                        "coordinator": transaction.coordinator.0,
                    })
                })
                .collect();
            print_json(&list.into())?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut table = table(&["TRANSACTIONAL ID", "STATE", "PRODUCER", "COORDINATOR"]);
        for transaction in listed {
            table.add_row([
                transaction.transactional_id,
                transaction.state,
                transaction.producer_id.to_string(),
                transaction.coordinator.to_string(),
            ]);
        }
        align_right(&mut table, &[2, 3]);
        print_table(&table)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn describe(&self, ids: &[String]) -> anyhow::Result<ExitCode> {
        let mut list = Vec::new();
        let mut exit = ExitCode::SUCCESS;
        for (index, id) in ids.iter().enumerate() {
            match self.admin.describe_transaction(id).await {
                Ok(described) if self.is_json => list.push(describe_json(&described)),
                Ok(described) => {
                    if index > 0 {
                        writeln!(std::io::stdout())?;
                    }
                    describe_text(&described)?;
                }
                Err(error) => {
                    exit = ExitCode::FAILURE;
                    eprintln!("error: {error}");
                    list.push(json!({ "transactional_id": id, "error": error_json(&error) }));
                }
            }
        }
        if self.is_json {
            print_json(&list.into())?;
        }
        Ok(exit)
    }

    async fn find_hanging(
        &self,
        topics: &[String],
        partition: Option<i32>,
        older_than: Duration,
    ) -> anyhow::Result<ExitCode> {
        let partitions = self.partitions(topics, partition).await?;
        let found = self.admin.find_hanging_transactions(&partitions, older_than).await?;
        if self.is_json {
            print_json(&found.iter().map(hanging_json).collect::<Vec<_>>().into())?;
            return Ok(ExitCode::SUCCESS);
        }
        if found.is_empty() {
            let count = partitions.len();
            writeln!(std::io::stdout(), "no transaction hangs on {count} partitions")?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut table = table(&[
            "TOPIC",
            "PARTITION",
            "START OFFSET",
            "PRODUCER",
            "EPOCH",
            "COORDINATOR EPOCH",
            "LAST RECORD",
        ]);
        for HangingTransaction { partition, producer, start_offset } in found {
            table.add_row([
                partition.topic.to_string(),
                partition.partition.to_string(),
                start_offset.to_string(),
                producer.producer_id.to_string(),
                producer.producer_epoch.to_string(),
                producer.coordinator_epoch.map_or_else(|| "none".to_owned(), |epoch| epoch.to_string()),
                format_rfc3339(producer.last_timestamp.0),
            ]);
        }
        align_right(&mut table, &[1, 2, 3, 4, 5]);
        print_table(&table)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The partitions with a leader of these topics, or of all; or the one that was asked for.
    async fn partitions(
        &self,
        topics: &[String],
        partition: Option<i32>,
    ) -> anyhow::Result<Vec<TopicPartition>> {
        let described = if topics.is_empty() {
            self.admin.list_topics().await?
        } else {
            let names: Vec<&str> = topics.iter().map(String::as_str).collect();
            let described = self.admin.describe_topics(&names).await?;
            described.into_iter().map(|(_, topic)| topic).collect::<Result<Vec<_>, _>>()?
        };
        let mut all = Vec::new();
        for topic in described {
            let led = topic.partitions.iter().filter(|partition| partition.leader.is_some());
            let wanted = led.filter(|found| partition.is_none_or(|wanted| wanted == found.index));
            all.extend(wanted.map(|found| TopicPartition::new(Arc::clone(&topic.name), found.index)));
        }
        Ok(all)
    }

    async fn abort(&self, partition: TopicPartition, start_offset: Offset) -> anyhow::Result<ExitCode> {
        let producer = self.admin.abort_transaction(&partition, start_offset).await?;
        if self.is_json {
            print_json(&json!({
                "topic": &*partition.topic,
                "partition": partition.partition,
                "start_offset": start_offset.0,
                "producer_id": producer.producer_id.0,
                "producer_epoch": producer.producer_epoch.0,
            }))?;
        } else {
            let producer_id = producer.producer_id;
            writeln!(
                std::io::stdout(),
                "aborted the transaction of producer {producer_id} on {partition} since offset {start_offset}"
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn error_json(error: &Error) -> Value {
    json!({ "code": error.code().map(ErrorCode::name), "message": error.to_string() })
}

fn hanging_json(transaction: &HangingTransaction) -> Value {
    let HangingTransaction { partition, producer, start_offset } = transaction;
    json!({
        "topic": &*partition.topic,
        "partition": partition.partition,
        "start_offset": start_offset.0,
        "producer_id": producer.producer_id.0,
        "producer_epoch": producer.producer_epoch.0,
        "coordinator_epoch": producer.coordinator_epoch,
        "last_timestamp": producer.last_timestamp.0,
    })
}

fn describe_json(transaction: &TransactionDescription) -> Value {
    let partitions: Vec<Value> = transaction
        .partitions
        .iter()
        .map(|partition| json!({ "topic": &*partition.topic, "partition": partition.partition }))
        .collect();
    json!({
        "transactional_id": transaction.transactional_id,
        "state": transaction.state,
        "producer_id": transaction.producer_id.0,
        "producer_epoch": transaction.producer_epoch.0,
        "coordinator": transaction.coordinator.0,
        "timeout_ms": u64::try_from(transaction.timeout.as_millis()).unwrap_or(u64::MAX),
        "started": transaction.started.map(|at| at.0),
        "partitions": partitions,
    })
}

fn describe_text(transaction: &TransactionDescription) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let started = transaction.started.map_or_else(|| "never".to_owned(), |at| format_rfc3339(at.0));
    writeln!(out, "{} ({})", transaction.transactional_id, transaction.state)?;
    writeln!(out, "  producer     {} epoch {}", transaction.producer_id, transaction.producer_epoch)?;
    writeln!(out, "  coordinator  {}", transaction.coordinator)?;
    writeln!(out, "  timeout      {:?}", transaction.timeout)?;
    writeln!(out, "  begun        {started}")?;
    for partition in &transaction.partitions {
        writeln!(out, "  partition    {partition}")?;
    }
    Ok(())
}
