//! Exercises a live broker, Ottla or Apache Kafka, with everything that this client can do, and checks each answer.
//!
//! `cargo run -p ottla-client --example exercise -- localhost:9092`
//!
//! It creates topics whose names begin with `exercise-` and deletes them again. It ends with 1 at the first surprise.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

use ottla_client::{
    Acks, Client, Compression, ConfigChange, ConfigResource, ConfigSource, Consumer, GroupOptions,
    IsolationLevel, NewTopic, OffsetReset, OffsetSpec, Producer, Record, StartOffset, Timestamp,
    TopicPartition,
};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::types::Offset;

type Outcome = Result<(), Box<dyn Error>>;

const PARTITIONS: i32 = 3;
const RECORDS: usize = 3_000;

macro_rules! check {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err(format!($($text)+).into());
        }
    };
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let bootstrap = std::env::args().nth(1).unwrap_or_else(|| "localhost:9092".to_owned());
    let client = Client::builder(&bootstrap).client_id("exercise").connect().await?;
    let name = format!("exercise-{}", std::process::id());
    let result = exercise(&client, &name).await;
    // Whatever happened, nothing stays behind.
    let deleted = client.admin().delete_topics(&[&name]).await;
    client.close().await;
    result?;
    deleted?;
    println!("all is well");
    Ok(())
}

async fn exercise(client: &Client, name: &str) -> Outcome {
    step("cluster", cluster(client)).await?;
    step("topics", topics(client, name)).await?;
    step("configs", configs(client, name)).await?;
    for compression in Compression::ALL {
        step(&format!("produce and consume, {compression}"), round_trip(client, name, compression)).await?;
    }
    step("acks 0 and 1", fewer_acks(client, name)).await?;
    step("group", group(client, name)).await?;
    step("offsets by time", offsets_by_time(client, name)).await?;
    step("delete records", delete_records(client, name)).await?;
    step("errors", errors(client, name)).await
}

async fn step(what: &str, future: impl Future<Output = Outcome>) -> Outcome {
    let started = Instant::now();
    future.await.map_err(|error| format!("{what}: {error}"))?;
    println!("{what}: ok ({} ms)", started.elapsed().as_millis());
    Ok(())
}

async fn cluster(client: &Client) -> Outcome {
    let described = client.admin().describe_cluster().await?;
    check!(!described.brokers.is_empty(), "no brokers in {described:?}");
    check!(!described.cluster_id.is_empty(), "no cluster id");
    for broker in &described.brokers {
        let dirs = client.admin().describe_log_dirs(broker.id).await?;
        check!(dirs.iter().all(|dir| dir.error.is_none()) && !dirs.is_empty(), "log directories {dirs:?}");
    }
    Ok(())
}

async fn topics(client: &Client, name: &str) -> Outcome {
    let admin = client.admin();
    let topic = NewTopic::new(name)
        .partitions(PARTITIONS - 1)
        .replication_factor(1)
        .config("retention.ms", "7200000");
    let validated = admin.validate_topics(std::slice::from_ref(&topic)).await?;
    check!(validated.iter().all(|(_, result)| result.is_ok()), "validation {validated:?}");
    admin.create_topic(&topic).await?;
    let again = admin.create_topic(&topic).await.err().and_then(|error| error.code());
    check!(again == Some(ErrorCode::TOPIC_ALREADY_EXISTS), "creating it twice gives {again:?}");
    admin.create_partitions(name, PARTITIONS).await?;
    let listed = admin.list_topics().await?;
    check!(listed.iter().any(|topic| &*topic.name == name), "it is not listed");
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let described = admin.describe_topics(&[name]).await?;
        let (_, topic) = described.into_iter().next().ok_or("nothing described")?;
        let topic = topic?;
        if topic.partition_count() == PARTITIONS && topic.partitions.iter().all(|p| p.leader.is_some()) {
            return Ok(());
        }
        check!(Instant::now() < deadline, "no leaders: {topic:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn configs(client: &Client, name: &str) -> Outcome {
    let admin = client.admin();
    let resource = ConfigResource::Topic(name.to_owned());
    let changes = [ConfigChange::set("max.message.bytes", "500000"), ConfigChange::delete("retention.ms")];
    admin.alter_configs(&resource, &changes).await?;
    let configs = admin.describe_configs(&resource).await?;
    let set: BTreeMap<_, _> = configs
        .iter()
        .filter(|config| config.source == ConfigSource::Topic)
        .map(|config| (config.name.as_str(), config.value.as_deref()))
        .collect();
    check!(set == BTreeMap::from([("max.message.bytes", Some("500000"))]), "set on the topic: {set:?}");
    let wrong = admin.alter_configs(&resource, &[ConfigChange::set("retention.ms", "soon")]).await;
    let code = wrong.err().and_then(|error| error.code());
    check!(code == Some(ErrorCode::INVALID_CONFIG), "a wrong value gives {code:?}");
    for (id, _) in client.cluster().brokers.iter() {
        let configs = admin.describe_configs(&ConfigResource::Broker(*id)).await?;
        check!(configs.iter().any(|config| config.name == "log.retention.ms"), "broker configs {configs:?}");
    }
    Ok(())
}

/// Sends records with and without keys, with headers, nulls and bytes that are not text; reads them back.
async fn round_trip(client: &Client, name: &str, compression: Compression) -> Outcome {
    let ends = ends(client, name).await?;
    let producer = Producer::builder(client).compression(compression).batch_size(20_000).start();
    let mut sent: BTreeMap<(i32, Offset), Record> = BTreeMap::new();
    let mut deliveries = Vec::new();
    for i in 0..RECORDS {
        let mut record = Record::new(name)
            .header("number", i.to_string())
            .timestamp(Timestamp(1_700_000_000_000 + i as i64));
        if i % 3 > 0 {
            record = record.key(format!("key-{}", i % 50));
        }
        if i % 10 > 0 {
            record = record.value(vec![(i % 256) as u8; i % 700]);
        }
        deliveries.push((producer.send(record.clone()).await?, record));
    }
    producer.flush().await;
    for (delivery, record) in deliveries {
        let metadata = delivery.await?;
        let offset = metadata.offset.ok_or("no offset")?;
        check!(sent.insert((metadata.partition, offset), record).is_none(), "offset {offset} twice");
    }
    producer.close().await;
    let mut consumer = Consumer::builder(client)
        .isolation_level(IsolationLevel::ReadCommitted)
        .offset_reset(OffsetReset::Fail)
        .build();
    for (partition, end) in &ends {
        consumer.assign(partition.clone(), StartOffset::At(*end));
    }
    let mut count = 0;
    while count < RECORDS {
        let records = consumer.poll(Duration::from_secs(10)).await?;
        check!(!records.is_empty(), "only {count} of {RECORDS} records come back");
        for record in records {
            let expected =
                sent.remove(&(record.partition, record.offset)).ok_or("a record that was not sent")?;
            let is_same = record.key == expected.key
                && record.value == expected.value
                && record.headers == expected.headers
                && Some(record.timestamp) == expected.timestamp;
            check!(is_same, "{record:?} was sent as {expected:?}");
            count += 1;
        }
    }
    check!(sent.is_empty(), "{} records did not come back", sent.len());
    consumer.close().await;
    Ok(())
}

async fn fewer_acks(client: &Client, name: &str) -> Outcome {
    let before: i64 = ends(client, name).await?.values().map(|end| end.0).sum();
    for acks in [Acks::None, Acks::Leader] {
        let producer = Producer::builder(client).acks(acks).start();
        for i in 0..100 {
            // What comes of it is looked at below.
            drop(producer.send(Record::new(name).value(format!("{i}"))).await?);
        }
        producer.close().await;
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let after: i64 = ends(client, name).await?.values().map(|end| end.0).sum();
        if after == before + 200 {
            return Ok(());
        }
        check!(Instant::now() < deadline, "{} of 200 records are there", after - before);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Reads the topic as the only member of a group, in two goes.
async fn group(client: &Client, name: &str) -> Outcome {
    let admin = client.admin();
    let total: i64 = ends(client, name).await?.values().map(|end| end.0).sum();
    let options = || GroupOptions { auto_commit: None, ..GroupOptions::new(name) };
    let mut count = 0;
    let mut is_first = true;
    while count < total {
        let mut consumer = Consumer::builder(client).offset_reset(OffsetReset::Earliest).build();
        consumer.subscribe(options(), [name]).await;
        while count < total {
            let records = consumer.poll(Duration::from_secs(20)).await?;
            check!(!records.is_empty(), "only {count} of {total} records come");
            count += i64::try_from(records.len())?;
            if is_first && count >= total / 2 {
                break;
            }
        }
        is_first = false;
        consumer.commit().await?;
        let described = admin.describe_group(name).await?;
        check!(described.state == "Stable" && described.members.len() == 1, "the group is {described:?}");
        consumer.close().await;
    }
    let committed: i64 =
        admin.list_group_offsets(name).await?.values().map(|committed| committed.offset.0).sum();
    check!(
        (count, committed) == (total, total),
        "{count} of {total} records are read, {committed} committed"
    );
    check!(admin.list_groups().await?.iter().any(|group| group.id == name), "the group is not listed");
    for (_, deleted) in admin.delete_groups(&[name]).await? {
        deleted?;
    }
    Ok(())
}

async fn offsets_by_time(client: &Client, name: &str) -> Outcome {
    let admin = client.admin();
    let level = IsolationLevel::ReadUncommitted;
    let partition = TopicPartition::new(name, 0);
    let at = Timestamp(1_700_000_001_000);
    let found = admin.list_offset(&partition, OffsetSpec::AtTimestamp(at), level).await?;
    check!(found.timestamp.is_some_and(|timestamp| timestamp >= at), "the record at a time is {found:?}");
    let future = admin.list_offset(&partition, OffsetSpec::AtTimestamp(Timestamp(i64::MAX)), level).await?;
    check!(future.offset.is_none(), "the record of the far future is {future:?}");
    let earliest = admin.list_offset(&partition, OffsetSpec::Earliest, level).await?;
    check!(earliest.offset == Some(Offset::ZERO), "the first offset is {earliest:?}");
    let largest = admin.list_offset(&partition, OffsetSpec::MaxTimestamp, level).await?;
    check!(largest.offset.is_some(), "the record with the largest timestamp is {largest:?}");
    Ok(())
}

async fn delete_records(client: &Client, name: &str) -> Outcome {
    let admin = client.admin();
    let partition = TopicPartition::new(name, 0);
    for (_, result) in admin.delete_records(&[(partition.clone(), Some(Offset(10)))]).await {
        check!(result? == Offset(10), "the log does not begin at 10");
    }
    let earliest =
        admin.list_offset(&partition, OffsetSpec::Earliest, IsolationLevel::ReadUncommitted).await?;
    check!(earliest.offset == Some(Offset(10)), "the first offset is {earliest:?}");
    let mut consumer = Consumer::builder(client).offset_reset(OffsetReset::Earliest).build();
    consumer.assign(partition, StartOffset::At(Offset(3)));
    let records = consumer.poll(Duration::from_secs(10)).await?;
    check!(records.first().map(|record| record.offset) == Some(Offset(10)), "reading does not go on at 10");
    consumer.close().await;
    Ok(())
}

async fn errors(client: &Client, name: &str) -> Outcome {
    let producer = Producer::builder(client).batch_size(1 << 20).request_size_max(2 << 20).start();
    let large = producer.send(Record::new(name).partition(0).value(vec![b'x'; 600_000])).await?.await;
    check!(large.is_err(), "a record above max.message.bytes is taken");
    let small = producer.send(Record::new(name).partition(0).value("after")).await?.await;
    check!(small.is_ok(), "the next record fails: {small:?}");
    producer.close().await;
    let code =
        client.admin().describe_group("exercise-no-such-group").await.err().and_then(|error| error.code());
    check!(code == Some(ErrorCode::GROUP_ID_NOT_FOUND), "a missing group gives {code:?}");
    Ok(())
}

async fn ends(client: &Client, name: &str) -> Result<BTreeMap<TopicPartition, Offset>, Box<dyn Error>> {
    let questions: Vec<_> =
        (0..PARTITIONS).map(|p| (TopicPartition::new(name, p), OffsetSpec::Latest)).collect();
    let mut ends = BTreeMap::new();
    for (partition, listed) in client.admin().list_offsets(&questions, IsolationLevel::ReadUncommitted).await
    {
        ends.insert(partition, listed?.offset.ok_or("no end")?);
    }
    Ok(ends)
}
