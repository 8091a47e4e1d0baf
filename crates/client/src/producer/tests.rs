//! The rules of the producer as a whole, against a scripted broker that keeps a log as Kafka's leaders do.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::produce_request::ProduceRequest;
use ottla_protocol::messages::produce_response::{
    PartitionProduceResponse, ProduceResponse, TopicProduceResponse,
};
use ottla_protocol::record::{BatchView, Compression, records};
use ottla_protocol::types::Offset;

use super::*;
use crate::connection::ConnectionOptions;
use crate::random::Random;
use crate::test_broker::{Asked, Reply, TestBroker};

/// The log of one partition, as the leader keeps it.
#[derive(Debug, Default)]
struct Log {
    values: Vec<String>,
    /// Of the last five batches: producer id and epoch, first and last sequence, base offset.
    recent: VecDeque<(i64, i16, i32, i32, i64)>,
}

impl Log {
    fn append(&mut self, batch: &[u8]) -> (ErrorCode, i64) {
        let view = BatchView::first_of(batch).unwrap();
        view.verify_crc().unwrap();
        let header = view.header();
        let (id, epoch, first, last) =
            (header.producer_id.0, header.producer_epoch.0, header.base_sequence, header.last_sequence());
        if id >= 0 {
            let known = self
                .recent
                .iter()
                .find(|known| (known.0, known.1, known.2, known.3) == (id, epoch, first, last));
            if let Some(known) = known {
                return (ErrorCode::NONE, known.4);
            }
            let expected = match self.recent.iter().rfind(|known| known.0 == id) {
                Some(&(_, known, ..)) if epoch > known => Some(0),
                Some(&(_, known, ..)) if epoch < known => return (ErrorCode::INVALID_PRODUCER_EPOCH, -1),
                Some(&(_, _, _, last, _)) => Some(last + 1),
                None => None,
            };
            if expected.is_some_and(|expected| expected != first) {
                return (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
            }
        }
        let base_offset = i64::try_from(self.values.len()).unwrap();
        let bytes = view.uncompressed_records(1 << 20).unwrap();
        for record in records(&bytes, header.record_count) {
            self.values.push(String::from_utf8(record.unwrap().value.unwrap().to_vec()).unwrap());
        }
        self.recent.push_back((id, epoch, first, last, base_offset));
        if self.recent.len() > 5 {
            self.recent.pop_front();
        }
        (ErrorCode::NONE, base_offset)
    }
}

type Logs = Arc<Mutex<BTreeMap<i32, Log>>>;

/// Appends what the request holds; `refuse` may answer for a partition in its place.
fn produce(asked: &Asked<'_>, logs: &Logs, mut refuse: impl FnMut(i32) -> Option<ErrorCode>) -> Reply {
    let request: ProduceRequest = asked.decode();
    let mut logs = logs.lock().unwrap();
    let responses = request.topic_data.iter().map(|topic| TopicProduceResponse {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partition_responses: topic
            .partition_data
            .iter()
            .map(|partition| {
                let log = logs.entry(partition.index).or_default();
                let refused = refuse(partition.index).map(|code| (code, -1));
                let (code, base_offset) =
                    refused.unwrap_or_else(|| log.append(partition.records.as_ref().unwrap()));
                PartitionProduceResponse {
                    index: partition.index,
                    error_code: code.into(),
                    base_offset,
                    ..Default::default()
                }
            })
            .collect(),
    });
    let response = ProduceResponse { responses: responses.collect(), ..Default::default() };
    Reply::with(&response, asked)
}

async fn client(broker: TestBroker) -> Client {
    let mut options = crate::ClientOptions::default();
    options.connection = ConnectionOptions { transport: Some(Arc::new(broker)), ..options.connection };
    Client::builder("b:1").options(options).connect().await.unwrap()
}

/// A client of a broker that answers Produce requests by `answer`.
async fn client_of(mut answer: impl FnMut(&Asked<'_>) -> Reply + Send + 'static) -> Client {
    client(TestBroker::new(move |asked| (asked.key == ApiKey::Produce).then(|| answer(asked)))).await
}

fn values(logs: &Logs, partition: i32) -> Vec<String> {
    logs.lock().unwrap().get(&partition).map(|log| log.values.clone()).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn records_are_batched_and_delivered_with_their_offsets() {
    let logs = Logs::default();
    let (log, requests) = (Arc::clone(&logs), Arc::new(Mutex::new(0)));
    let counted = Arc::clone(&requests);
    let client = client_of(move |asked| {
        *counted.lock().unwrap() += 1;
        produce(asked, &log, |_| None)
    })
    .await;
    for compression in Compression::ALL {
        let producer = Producer::builder(&client).compression(compression).start();
        let before = values(&logs, 1).len();
        let mut deliveries = Vec::new();
        for i in 0..100 {
            deliveries
                .push(producer.send(Record::new("t").partition(1).value(format!("v{i}"))).await.unwrap());
        }
        producer.flush().await;
        for (delivery, index) in deliveries.into_iter().zip(before..) {
            let metadata = delivery.await.unwrap();
            assert_eq!(metadata.offset, Some(Offset(i64::try_from(index).unwrap())));
            assert_eq!(values(&logs, 1)[index], format!("v{}", index - before));
        }
        producer.close().await;
    }
    assert_eq!(*requests.lock().unwrap(), Compression::ALL.len(), "one batch each");
}

/// Sends 400 records through random faults; every one must be in its log once and in order.
async fn survive_faults(seed: u64) {
    let logs = Logs::default();
    let log = Arc::clone(&logs);
    let mut random = Random::seeded(seed);
    let mut calm_after = 150;
    let client = client_of(move |asked| {
        calm_after -= 1;
        if calm_after < 0 {
            return produce(asked, &log, |_| None);
        }
        match random.below(10) {
            0 => Reply::Close,
            1 => {
                produce(asked, &log, |_| None);
                Reply::Close
            }
            2 => produce(asked, &log, |_| Some(ErrorCode::NOT_LEADER_OR_FOLLOWER)),
            3 => produce(asked, &log, |partition| (partition == 0).then_some(ErrorCode::NOT_ENOUGH_REPLICAS)),
            4 => Reply::Silence,
            _ => produce(asked, &log, |_| None),
        }
    })
    .await;
    let producer = Producer::builder(&client).batch_size(300).linger(Duration::from_millis(2)).start();
    let mut deliveries = Vec::new();
    for i in 0..400 {
        let record = Record::new("t").partition(i % 2).value(format!("{i:04}"));
        deliveries.push(producer.send(record).await.unwrap());
        if i % 20 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    producer.close().await;
    for delivery in deliveries {
        delivery.await.unwrap();
    }
    for partition in 0..2 {
        let expected: Vec<String> =
            (0..400).filter(|i| i % 2 == partition).map(|i| format!("{i:04}")).collect();
        assert_eq!(values(&logs, partition), expected, "seed {seed}, partition {partition}");
    }
}

#[tokio::test(start_paused = true)]
async fn lost_requests_lost_answers_and_refusals_neither_double_nor_reorder_records() {
    for seed in 0..40 {
        survive_faults(seed).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_the_broker_rejects_fails_and_the_next_ones_do_not() {
    let logs = Logs::default();
    let log = Arc::clone(&logs);
    let mut answers = 0;
    let client = client_of(move |asked| {
        answers += 1;
        produce(asked, &log, |_| (answers == 2).then_some(ErrorCode::INVALID_RECORD))
    })
    .await;
    let producer = Producer::builder(&client).linger(Duration::ZERO).start();
    let mut outcomes = Vec::new();
    for value in ["a", "b", "c"] {
        let delivery = producer.send(Record::new("t").partition(0).value(value)).await.unwrap();
        outcomes.push(delivery.await.map(|metadata| metadata.offset));
    }
    assert!(
        matches!(&outcomes[1], Err(ProduceError::Refused(error)) if error.code == ErrorCode::INVALID_RECORD)
    );
    assert_eq!(values(&logs, 0), ["a", "c"]);
    producer.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_too_large_is_split_until_it_fits() {
    let logs = Logs::default();
    let log = Arc::clone(&logs);
    let client = client_of(move |asked| {
        let request: ProduceRequest = asked.decode();
        let size = request.topic_data[0].partition_data[0].records.as_ref().unwrap().len();
        produce(asked, &log, |_| (size > 400).then_some(ErrorCode::MESSAGE_TOO_LARGE))
    })
    .await;
    let producer = Producer::builder(&client).start();
    let mut deliveries = Vec::new();
    for i in 0..50 {
        deliveries
            .push(producer.send(Record::new("t").partition(0).value(format!("{i:050}"))).await.unwrap());
    }
    let large = producer.send(Record::new("t").partition(0).value(vec![b'x'; 500])).await.unwrap();
    producer.close().await;
    for delivery in deliveries {
        delivery.await.unwrap();
    }
    assert!(
        matches!(large.await, Err(ProduceError::Refused(error)) if error.code == ErrorCode::MESSAGE_TOO_LARGE)
    );
    assert_eq!(values(&logs, 0), (0..50).map(|i| format!("{i:050}")).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn records_that_cannot_be_delivered_in_time_are_given_up() {
    let client = client_of(|_| Reply::Close).await;
    let producer = Producer::builder(&client).delivery_timeout(Duration::from_secs(10)).start();
    let delivery = producer.send(Record::new("t").value("v")).await.unwrap();
    let error = delivery.await.unwrap_err();
    assert!(matches!(error, ProduceError::Expired { last: Some(_), .. }), "{error}");
    producer.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_buffer_makes_senders_wait_and_then_fail() {
    let client = client_of(|_| Reply::Silence).await;
    let producer = Producer::builder(&client).buffer_memory(1_000).start();
    let _waiting = producer.send(Record::new("t").value(vec![0; 800])).await.unwrap();
    let error = producer.send(Record::new("t").value(vec![0; 800])).await.unwrap_err();
    assert!(matches!(error, ProduceError::BufferFull { .. }), "{error}");
    let error = producer.send(Record::new("t").value(vec![0; 1_000])).await.unwrap_err();
    assert!(matches!(error, ProduceError::TooLarge { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn without_acks_a_record_is_delivered_once_it_is_written() {
    let logs = Logs::default();
    let log = Arc::clone(&logs);
    let client = client_of(move |asked| {
        produce(asked, &log, |_| None);
        Reply::Silence
    })
    .await;
    let producer = Producer::builder(&client).acks(Acks::None).start();
    let delivery = producer.send(Record::new("t").partition(0).value("v")).await.unwrap();
    assert_eq!(delivery.await.unwrap().offset, None);
    producer.close().await;
    client.close().await;
    assert_eq!(values(&logs, 0), ["v"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_can_be_sent_to_what_does_not_exist_or_is_closed() {
    let client = client_of(|_| Reply::Close).await;
    let producer = Producer::builder(&client).start();
    let error = producer.send(Record::new("t").partition(2)).await.unwrap_err();
    assert!(matches!(error, ProduceError::UnknownPartition { partition: 2, count: 2, .. }), "{error}");
    producer.close().await;
    assert!(matches!(producer.send(Record::new("t")).await, Err(ProduceError::Closed)));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_producer_fails_what_is_not_delivered() {
    let client = client_of(|_| Reply::Silence).await;
    let producer = Producer::builder(&client).start();
    let delivery = producer.send(Record::new("t").value("v")).await.unwrap();
    drop(producer);
    assert!(matches!(delivery.await, Err(ProduceError::Closed)));
}
