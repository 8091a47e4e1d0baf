//! Consume, transform, produce, exactly once: doubles the numbers of one topic into another, with the offsets in the
//! transactions. May be killed and started again at any time.
//!
//! `exactly_once BOOTSTRAP FROM TO GROUP TRANSACTIONAL_ID COUNT` ends when COUNT numbers are through.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_client::{
    Client, Consumer, GroupOptions, IsolationLevel, OffsetReset, Producer, Record, TopicPartition,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bootstrap, from, to, group, id, count] = arguments.as_slice() else {
        return Err("exactly_once BOOTSTRAP FROM TO GROUP TRANSACTIONAL_ID COUNT".into());
    };
    let count: i64 = count.parse()?;
    let mut last = String::new();
    loop {
        match double(bootstrap, [from, to, group, id], count).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                // A new producer fences the old one, and begins where the last transaction ended.
                if error.to_string() != last {
                    last = error.to_string();
                    eprintln!("begins anew: {last}");
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn double(
    bootstrap: &str,
    [from, to, group, id]: [&str; 4],
    count: i64,
) -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::connect(bootstrap).await?;
    let mut producer = Producer::builder(&client).start_transactional(id, Duration::from_secs(10)).await?;
    let mut consumer = Consumer::builder(&client)
        .isolation_level(IsolationLevel::ReadCommitted)
        .offset_reset(OffsetReset::Earliest)
        .build();
    let options = GroupOptions {
        auto_commit: None,
        session_timeout: Duration::from_secs(6),
        heartbeat_interval: Duration::from_millis(500),
        ..GroupOptions::new(group)
    };
    consumer.subscribe(options, [from]).await;
    loop {
        let records = consumer.poll(Duration::from_millis(200)).await?;
        if records.is_empty() {
            let committed = client.admin().list_group_offsets(group).await?;
            if committed.values().map(|committed| committed.offset.0).sum::<i64>() >= count {
                break;
            }
            continue;
        }
        let Some(member) = consumer.group_metadata() else { continue };
        let mut transaction = producer.begin().await?;
        let mut next = BTreeMap::new();
        for record in records {
            let number: i64 = std::str::from_utf8(record.value.as_deref().unwrap_or_default())?.parse()?;
            let doubled = Record::new(to).partition(record.partition).value((2 * number).to_string());
            // What came of it is known when the transaction commits.
            drop(transaction.send(doubled).await?);
            let partition = TopicPartition::new(record.topic.clone(), record.partition);
            next.insert(partition, record.offset.next());
        }
        transaction.send_offsets(&member, &next).await?;
        transaction.commit().await?;
    }
    consumer.close().await;
    producer.close().await;
    client.close().await;
    Ok(())
}
