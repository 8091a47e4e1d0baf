//! The rules of the consumer as a whole, against a scripted broker.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_request::FetchRequest;
use ottla_protocol::messages::fetch_response::{FetchResponse, FetchableTopicResponse, PartitionData};
use ottla_protocol::messages::list_offsets_request::ListOffsetsRequest;
use ottla_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use ottla_protocol::record::{BatchBuilder, BatchOptions};

use super::*;
use crate::connection::ConnectionOptions;
use crate::test_broker::{Asked, Reply, TestBroker};

/// A partition's log in the broker: batches of two records, whose values are their offsets, from `start` to `end`.
#[derive(Clone, Copy, Debug)]
struct Log {
    start: i64,
    end: i64,
}

/// A broker with fetch sessions. It sends one batch of each partition in each answer.
#[derive(Default)]
struct Leader {
    logs: BTreeMap<i32, Log>,
    /// Next fetch offset of each partition in the session.
    session: BTreeMap<i32, i64>,
    fetches: Vec<Vec<i32>>,
    /// Answers that come before the true ones.
    faults: Vec<Fault>,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Close,
    Session(ErrorCode),
    Partition(ErrorCode),
    Corrupt,
}

impl Leader {
    fn fetch(&mut self, asked: &Asked<'_>) -> Reply {
        let request: FetchRequest = asked.decode();
        if request.session_epoch == 0 {
            self.session.clear();
        }
        let mut named = Vec::new();
        for partition in request.topics.iter().flat_map(|topic| &topic.partitions) {
            named.push(partition.partition);
            self.session.insert(partition.partition, partition.fetch_offset);
        }
        for forgotten in request.forgotten_topics_data.iter().flat_map(|topic| &topic.partitions) {
            self.session.remove(forgotten);
        }
        self.fetches.push(named);
        let fault = self.faults.pop();
        match fault {
            Some(Fault::Close) => return Reply::Close,
            Some(Fault::Session(code)) => {
                return Reply::with(&FetchResponse { error_code: code.into(), ..Default::default() }, asked);
            }
            _ => {}
        }
        let partitions: Vec<PartitionData> = self
            .session
            .iter()
            .filter_map(|(&index, &offset)| self.partition(index, offset, fault))
            .collect();
        let topic_id = request.topics.first().map_or(crate::test_broker::topic_id(), |topic| topic.topic_id);
        let response = FetchResponse {
            session_id: 9,
            responses: vec![FetchableTopicResponse { topic_id, partitions, ..Default::default() }],
            ..Default::default()
        };
        if response.responses[0].partitions.is_empty() {
            let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap());
            return Reply::Later(wait, ottla_protocol::messages::Message::to_vec(&response, asked.version));
        }
        Reply::with(&response, asked)
    }

    fn partition(&self, index: i32, offset: i64, fault: Option<Fault>) -> Option<PartitionData> {
        let log = self.logs[&index];
        let mut data = PartitionData {
            partition_index: index,
            high_watermark: log.end,
            last_stable_offset: log.end,
            ..Default::default()
        };
        match fault {
            Some(Fault::Partition(code)) => data.error_code = code.into(),
            _ if offset < log.start || offset > log.end => {
                data.error_code = ErrorCode::OFFSET_OUT_OF_RANGE.into();
            }
            _ if offset == log.end => return None,
            fault => {
                let base_offset = Offset(offset - offset % 2);
                let mut builder = BatchBuilder::new(BatchOptions { base_offset, ..Default::default() });
                for i in 0..2 {
                    let value = base_offset.plus(i).to_string();
                    builder.append(Timestamp(1), None, Some(value.as_bytes()), &[]).unwrap();
                }
                let mut batch = builder.build();
                if matches!(fault, Some(Fault::Corrupt)) {
                    *batch.last_mut().unwrap() ^= 1;
                }
                data.records = Some(batch.into());
            }
        }
        Some(data)
    }

    fn list_offsets(&self, asked: &Asked<'_>) -> Reply {
        let request: ListOffsetsRequest = asked.decode();
        let topics = request.topics.iter().map(|topic| ListOffsetsTopicResponse {
            name: topic.name.clone(),
            partitions: topic
                .partitions
                .iter()
                .map(|partition| ListOffsetsPartitionResponse {
                    partition_index: partition.partition_index,
                    offset: match partition.timestamp {
                        -1 => self.logs[&partition.partition_index].end,
                        -2 => self.logs[&partition.partition_index].start,
                        _ => -1,
                    },
                    ..Default::default()
                })
                .collect(),
        });
        Reply::with(&ListOffsetsResponse { topics: topics.collect(), ..Default::default() }, asked)
    }
}

struct Scene {
    leader: Arc<Mutex<Leader>>,
    client: Client,
}

/// A broker with these logs, start and end of each partition.
async fn scene(logs: &[(i64, i64)]) -> Scene {
    let logs = (0..).zip(logs).map(|(index, &(start, end))| (index, Log { start, end })).collect();
    let leader = Arc::new(Mutex::new(Leader { logs, ..Default::default() }));
    let of_script = Arc::clone(&leader);
    let broker = TestBroker::new(move |asked| {
        let mut leader = of_script.lock().unwrap();
        match asked.key {
            ApiKey::Fetch => Some(leader.fetch(asked)),
            ApiKey::ListOffsets => Some(leader.list_offsets(asked)),
            _ => None,
        }
    });
    let mut options = crate::ClientOptions::default();
    options.connection = ConnectionOptions { transport: Some(Arc::new(broker)), ..options.connection };
    let client = Client::builder("b:1").options(options).connect().await.unwrap();
    Scene { leader, client }
}

/// Polls until `count` records have come; gives their offsets by partition.
async fn read(consumer: &mut Consumer, count: usize) -> BTreeMap<i32, Vec<i64>> {
    let mut offsets: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    let mut left = count;
    while left > 0 {
        let records = consumer.poll(Duration::from_secs(5)).await.unwrap();
        assert!(!records.is_empty(), "{left} records do not come; there are {offsets:?}");
        left = left.checked_sub(records.len()).expect("more records than there are");
        for record in records {
            assert_eq!(record.value.unwrap(), record.offset.to_string());
            offsets.entry(record.partition).or_default().push(record.offset.0);
        }
    }
    offsets
}

fn ranges(ranges: &[(i32, std::ops::Range<i64>)]) -> BTreeMap<i32, Vec<i64>> {
    ranges.iter().map(|(partition, range)| (*partition, range.clone().collect())).collect()
}

#[tokio::test(start_paused = true)]
async fn every_partition_is_read_from_its_start_in_order() {
    let scene = scene(&[(0, 10), (4, 8)]).await;
    let mut consumer = Consumer::builder(&scene.client).build();
    consumer.assign_topic("t", StartOffset::Earliest).await.unwrap();
    assert_eq!(read(&mut consumer, 14).await, ranges(&[(0, 0..10), (1, 4..8)]));
    assert_eq!(consumer.position(&("t", 0).into()), Some(Offset(10)));
    assert_eq!(consumer.end_offset(&("t", 1).into()), Some(Offset(8)));
    assert!(consumer.poll(Duration::from_secs(1)).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn reading_begins_at_an_offset_within_a_batch() {
    let scene = scene(&[(0, 10), (0, 0)]).await;
    let mut consumer = Consumer::builder(&scene.client).build();
    consumer.assign(("t", 0), StartOffset::At(Offset(7)));
    assert_eq!(read(&mut consumer, 3).await, ranges(&[(0, 7..10)]));
    consumer.seek(&("t", 0).into(), StartOffset::At(Offset(3))).unwrap();
    assert_eq!(consumer.position(&("t", 0).into()), Some(Offset(3)));
    assert_eq!(read(&mut consumer, 7).await, ranges(&[(0, 3..10)]));
}

#[tokio::test(start_paused = true)]
async fn a_session_names_only_partitions_that_moved() {
    let scene = scene(&[(0, 4), (0, 0)]).await;
    let mut consumer = Consumer::builder(&scene.client).build();
    consumer.assign_topic("t", StartOffset::Earliest).await.unwrap();
    read(&mut consumer, 4).await;
    assert!(consumer.poll(Duration::from_secs(1)).await.unwrap().is_empty());
    assert_eq!(scene.leader.lock().unwrap().fetches[..4], [vec![0, 1], vec![0], vec![0], vec![]]);
}

#[tokio::test(start_paused = true)]
async fn after_any_fault_reading_goes_on_where_it_was() {
    let faults = [
        Fault::Close,
        Fault::Session(ErrorCode::FETCH_SESSION_ID_NOT_FOUND),
        Fault::Session(ErrorCode::INVALID_FETCH_SESSION_EPOCH),
        Fault::Partition(ErrorCode::NOT_LEADER_OR_FOLLOWER),
        Fault::Partition(ErrorCode::FENCED_LEADER_EPOCH),
        Fault::Partition(ErrorCode::UNKNOWN_TOPIC_ID),
    ];
    for fault in faults {
        let scene = scene(&[(0, 10), (0, 10)]).await;
        let mut consumer = Consumer::builder(&scene.client).build();
        consumer.assign_topic("t", StartOffset::Earliest).await.unwrap();
        let first = consumer.poll(Duration::from_secs(5)).await.unwrap();
        scene.leader.lock().unwrap().faults = vec![fault, fault];
        let rest = read(&mut consumer, 20 - first.len()).await;
        let mut all = ranges(&[(first[0].partition, 0..i64::try_from(first.len()).unwrap())]);
        for (partition, offsets) in rest {
            all.entry(partition).or_default().extend(offsets);
        }
        assert_eq!(all, ranges(&[(0, 0..10), (1, 0..10)]), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_position_outside_of_the_log_is_reset_as_told() {
    let at = StartOffset::At(Offset(2));
    let scene = scene(&[(6, 10), (0, 0)]).await;
    let mut consumer = Consumer::builder(&scene.client).offset_reset(OffsetReset::Earliest).build();
    consumer.assign(("t", 0), at);
    assert_eq!(read(&mut consumer, 4).await, ranges(&[(0, 6..10)]));
    let mut consumer = Consumer::builder(&scene.client).offset_reset(OffsetReset::Latest).build();
    consumer.assign(("t", 0), at);
    assert!(consumer.poll(Duration::from_secs(1)).await.unwrap().is_empty());
    assert_eq!(consumer.position(&("t", 0).into()), Some(Offset(10)));
    let mut consumer = Consumer::builder(&scene.client).offset_reset(OffsetReset::Fail).build();
    consumer.assign(("t", 0), at);
    let error = consumer.poll(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "offset 2 of t-0 is not in the log");
}

#[tokio::test(start_paused = true)]
async fn a_corrupt_batch_is_reported_and_can_be_passed_by() {
    let scene = scene(&[(0, 6), (0, 0)]).await;
    scene.leader.lock().unwrap().faults = vec![Fault::Corrupt];
    let mut consumer = Consumer::builder(&scene.client).build();
    consumer.assign(("t", 0), StartOffset::Earliest);
    for _ in 0..2 {
        let error = consumer.poll(Duration::from_secs(1)).await.unwrap_err();
        assert!(
            matches!(error, ConsumeError::Batch { offset: Offset(0), fault: BatchFault::Crc { .. }, .. }),
            "{error}"
        );
    }
    consumer.seek(&("t", 0).into(), StartOffset::At(Offset(2))).unwrap();
    assert_eq!(read(&mut consumer, 4).await, ranges(&[(0, 2..6)]));
}

#[tokio::test(start_paused = true)]
async fn a_paused_partition_waits_and_loses_nothing() {
    let scene = scene(&[(0, 10), (0, 10)]).await;
    let mut consumer = Consumer::builder(&scene.client).build();
    consumer.assign_topic("t", StartOffset::Earliest).await.unwrap();
    let mut read_so_far: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for record in consumer.poll(Duration::from_secs(5)).await.unwrap() {
        read_so_far.entry(record.partition).or_default().push(record.offset.0);
    }
    let paused = ("t", 0).into();
    consumer.pause(&paused).unwrap();
    let of_paused = read_so_far.get(&0).map_or(0, Vec::len);
    let of_other = read_so_far.get(&1).map_or(0, Vec::len);
    let rest = read(&mut consumer, 10 - of_other).await;
    assert_eq!(rest.keys().collect::<Vec<_>>(), [&1]);
    assert!(consumer.poll(Duration::from_secs(1)).await.unwrap().is_empty());
    consumer.resume(&paused).unwrap();
    let start = i64::try_from(of_paused).unwrap();
    assert_eq!(read(&mut consumer, 10 - of_paused).await, ranges(&[(0, start..10)]));
}

#[tokio::test(start_paused = true)]
async fn few_records_at_a_time_are_still_all_of_them() {
    let scene = scene(&[(0, 9), (0, 0)]).await;
    let mut consumer = Consumer::builder(&scene.client).poll_records_max(1).build();
    consumer.assign(("t", 0), StartOffset::Earliest);
    for offset in 0..9 {
        assert_eq!(consumer.position(&("t", 0).into()).unwrap_or(Offset::ZERO), Offset(offset));
        assert_eq!(read(&mut consumer, 1).await, ranges(&[(0, offset..offset + 1)]));
    }
}
