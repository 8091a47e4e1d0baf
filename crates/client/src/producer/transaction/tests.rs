//! What a transactional producer asks of brokers, in both versions of the protocol, against a scripted broker.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::add_offsets_to_txn_response::AddOffsetsToTxnResponse;
use ottla_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResponse, AddPartitionsToTxnTopicResult,
};
use ottla_protocol::messages::api_versions_response::{ApiVersion, ApiVersionsResponse, FinalizedFeatureKey};
use ottla_protocol::messages::end_txn_response::EndTxnResponse;
use ottla_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use ottla_protocol::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponse};
use ottla_protocol::messages::init_producer_id_response::InitProducerIdResponse;
use ottla_protocol::messages::produce_request::ProduceRequest;
use ottla_protocol::messages::produce_response::{
    PartitionProduceResponse, ProduceResponse, TopicProduceResponse,
};
use ottla_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use ottla_protocol::record::BatchView;

use super::*;
use crate::connection::ConnectionOptions;
use crate::test_broker::{Asked, Reply, TestBroker};

/// What was asked, one line for each request, and the errors that come next: `(API, code)`.
#[derive(Default)]
struct Script {
    level: i16,
    epoch: i16,
    asked: Vec<String>,
    errors: Vec<(ApiKey, ErrorCode)>,
}

impl Script {
    fn take_error(&mut self, key: ApiKey) -> i16 {
        match self.errors.first() {
            Some((api, code)) if *api == key => {
                let code = code.0;
                self.errors.remove(0);
                code
            }
            _ => 0,
        }
    }

    fn answer(&mut self, asked: &Asked<'_>) -> Option<Reply> {
        let error_code = if asked.key == ApiKey::ApiVersions { 0 } else { self.take_error(asked.key) };
        Some(match asked.key {
            ApiKey::ApiVersions => Reply::with(&versions(self.level), asked),
            ApiKey::FindCoordinator => {
                let request: FindCoordinatorRequest = asked.decode();
                let coordinators = request.coordinator_keys.into_iter();
                let found = coordinators.map(|key| Coordinator { key, node_id: 1, ..Default::default() });
                let response =
                    FindCoordinatorResponse { coordinators: found.collect(), ..Default::default() };
                Reply::with(&response, asked)
            }
            ApiKey::InitProducerId => {
                let request: InitProducerIdRequest = asked.decode();
                self.asked
                    .push(format!("init {}/{} {error_code}", request.producer_id, request.producer_epoch));
                self.epoch += i16::from(error_code == 0);
                let (producer_id, producer_epoch) = (7, self.epoch);
                let response =
                    InitProducerIdResponse { error_code, producer_id, producer_epoch, ..Default::default() };
                Reply::with(&response, asked)
            }
            ApiKey::AddPartitionsToTxn => {
                let request: AddPartitionsToTxnRequest = asked.decode();
                let topic = &request.v3_and_below_topics[0];
                self.asked.push(format!("add {}-{:?}", topic.name, topic.partitions));
                let result = AddPartitionsToTxnPartitionResult {
                    partition_index: topic.partitions[0],
                    partition_error_code: error_code,
                };
                let topic = AddPartitionsToTxnTopicResult {
                    name: topic.name.clone(),
                    results_by_partition: vec![result],
                };
                let response = AddPartitionsToTxnResponse {
                    results_by_topic_v3_and_below: vec![topic],
                    ..Default::default()
                };
                Reply::with(&response, asked)
            }
            ApiKey::AddOffsetsToTxn => {
                let request: AddOffsetsToTxnRequest = asked.decode();
                self.asked.push(format!("add offsets of {}", request.group_id));
                Reply::with(&AddOffsetsToTxnResponse { error_code, ..Default::default() }, asked)
            }
            ApiKey::TxnOffsetCommit => self.offsets(asked, error_code),
            ApiKey::Produce => self.produce(asked, error_code),
            ApiKey::EndTxn => {
                let request: EndTxnRequest = asked.decode();
                let end = if request.committed { "commit" } else { "abort" };
                self.asked.push(format!("{end} epoch {} v{}", request.producer_epoch, asked.version));
                if asked.version >= 5 && error_code == 0 {
                    self.epoch += 1;
                }
                let (producer_id, producer_epoch) = (7, self.epoch);
                let response =
                    EndTxnResponse { error_code, producer_id, producer_epoch, ..Default::default() };
                Reply::with(&response, asked)
            }
            _ => return None,
        })
    }

    fn produce(&mut self, asked: &Asked<'_>, error_code: i16) -> Reply {
        let request: ProduceRequest = asked.decode();
        let id = request.transactional_id.unwrap_or_default();
        let responses = request.topic_data.iter().map(|topic| {
            let partitions = topic.partition_data.iter().map(|partition| {
                let view = BatchView::first_of(partition.records.as_deref().unwrap()).unwrap();
                view.verify_crc().unwrap();
                let header = view.header();
                assert!(header.attributes.is_transactional());
                self.asked.push(format!(
                    "produce {id} t-{} epoch {} sequence {} {}",
                    partition.index,
                    header.producer_epoch,
                    header.base_sequence,
                    if asked.version > PRODUCE_BEFORE_2 { "adds" } else { "added" }
                ));
                PartitionProduceResponse { index: partition.index, error_code, ..Default::default() }
            });
            TopicProduceResponse {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partition_responses: partitions.collect(),
            }
        });
        let responses = responses.collect();
        Reply::with(&ProduceResponse { responses, ..Default::default() }, asked)
    }

    fn offsets(&mut self, asked: &Asked<'_>, error_code: i16) -> Reply {
        let request: TxnOffsetCommitRequest = asked.decode();
        let topic = &request.topics[0];
        let partition = &topic.partitions[0];
        self.asked.push(format!(
            "offsets {} {}/{} {}-{} @{} v{}",
            request.group_id,
            request.member_id,
            request.generation_id_or_member_epoch,
            topic.name,
            partition.partition_index,
            partition.committed_offset,
            asked.version
        ));
        let result =
            TxnOffsetCommitResponsePartition { partition_index: partition.partition_index, error_code };
        let topic = TxnOffsetCommitResponseTopic {
            name: topic.name.clone(),
            partitions: vec![result],
            ..Default::default()
        };
        Reply::with(&TxnOffsetCommitResponse { topics: vec![topic], ..Default::default() }, asked)
    }
}

fn versions(level: i16) -> ApiVersionsResponse {
    let api_keys = ApiKey::ALL.iter().map(|&key| ApiVersion {
        api_key: key.into(),
        min_version: key.min_version(),
        max_version: key.max_stable_version(),
    });
    let feature = FinalizedFeatureKey {
        name: "transaction.version".to_owned(),
        max_version_level: level,
        min_version_level: level,
    };
    ApiVersionsResponse {
        api_keys: api_keys.collect(),
        finalized_features: vec![feature],
        ..Default::default()
    }
}

struct Rig {
    script: Arc<Mutex<Script>>,
    producer: TransactionalProducer,
}

impl Rig {
    async fn start(level: i16) -> Self {
        let script = Arc::new(Mutex::new(Script { level, epoch: -1, ..Script::default() }));
        let answering = Arc::clone(&script);
        let broker = TestBroker::new(move |asked| answering.lock().unwrap().answer(asked));
        let mut options = crate::ClientOptions::default();
        options.connection = ConnectionOptions { transport: Some(Arc::new(broker)), ..options.connection };
        let client = Client::builder("b:1").options(options).connect().await.unwrap();
        let producer =
            Producer::builder(&client).start_transactional("tx", Duration::from_secs(60)).await.unwrap();
        assert_eq!(script.lock().unwrap().asked.drain(..).collect::<Vec<_>>(), ["init -1/-1 0"]);
        Self { script, producer }
    }

    fn fail_next(&self, errors: &[(ApiKey, ErrorCode)]) {
        self.script.lock().unwrap().errors = errors.to_vec();
    }

    fn asked(&self) -> Vec<String> {
        self.script.lock().unwrap().asked.drain(..).collect()
    }
}

fn record(partition: i32) -> Record {
    Record::new("t").partition(partition).value("v")
}

#[tokio::test(start_paused = true)]
async fn with_version_2_brokers_add_partitions_and_each_transaction_has_an_epoch() {
    let mut rig = Rig::start(2).await;
    let mut transaction = rig.producer.begin().await.unwrap();
    let delivery = transaction.send(record(0)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(delivery.await.unwrap().partition, 0, "a commit waits for the records");
    let mut transaction = rig.producer.begin().await.unwrap();
    drop(transaction.send(record(0)).await.unwrap());
    let group = GroupMetadata { generation_id: 3, member_id: "m".to_owned(), ..GroupMetadata::of_group("g") };
    let offsets = BTreeMap::from([(TopicPartition::new("t", 1), Offset(42))]);
    transaction.send_offsets(&group, &offsets).await.unwrap();
    transaction.commit().await.unwrap();
    let mut asked = rig.asked();
    asked[2..4].sort();
    assert_eq!(
        asked,
        [
            "produce tx t-0 epoch 0 sequence 0 adds",
            "commit epoch 0 v5",
            "offsets g m/3 t-1 @42 v5",
            "produce tx t-0 epoch 1 sequence 0 adds",
            "commit epoch 1 v5",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn before_version_2_the_producer_adds_partitions_and_sequences_go_on() {
    let mut rig = Rig::start(1).await;
    for _ in 0..2 {
        let mut transaction = rig.producer.begin().await.unwrap();
        let delivery = transaction.send(record(0)).await.unwrap();
        delivery.await.unwrap();
        let delivery = transaction.send(record(0)).await.unwrap();
        delivery.await.unwrap();
        transaction.commit().await.unwrap();
    }
    let mut transaction = rig.producer.begin().await.unwrap();
    let offsets = BTreeMap::from([(TopicPartition::new("t", 0), Offset(1))]);
    transaction.send_offsets(&GroupMetadata::of_group("g"), &offsets).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(
        rig.asked(),
        [
            "add t-[0]",
            "produce tx t-0 epoch 0 sequence 0 added",
            "produce tx t-0 epoch 0 sequence 1 added",
            "commit epoch 0 v4",
            "add t-[0]",
            "produce tx t-0 epoch 0 sequence 2 added",
            "produce tx t-0 epoch 0 sequence 3 added",
            "commit epoch 0 v4",
            "add offsets of g",
            "offsets g /-1 t-0 @1 v4",
            "commit epoch 0 v4",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_not_delivered_aborts_the_transaction_and_the_next_one_begins_anew() {
    for (level, abort, next) in [
        (2, vec!["abort epoch 0 v5"], "produce tx t-0 epoch 1 sequence 0 adds"),
        (1, vec!["abort epoch 0 v4", "init 7/0 0", "add t-[0]"], "produce tx t-0 epoch 1 sequence 0 added"),
    ] {
        let mut rig = Rig::start(level).await;
        rig.fail_next(&[(ApiKey::Produce, ErrorCode::INVALID_RECORD)]);
        let mut transaction = rig.producer.begin().await.unwrap();
        let delivery = transaction.send(record(0)).await.unwrap();
        assert!(matches!(delivery.await, Err(ProduceError::Refused(_))));
        assert!(matches!(
            transaction.commit().await,
            Err(TransactionError::Aborted(ProduceError::Refused(_)))
        ));
        let mut transaction = rig.producer.begin().await.unwrap();
        drop(transaction.send(record(0)).await.unwrap());
        transaction.commit().await.unwrap();
        let asked = rig.asked();
        let at = asked.iter().position(|line| line.starts_with("abort")).unwrap();
        assert_eq!(asked[at..at + abort.len()], abort, "version {level}");
        assert_eq!(asked[at + abort.len()], next);
    }
}

#[tokio::test(start_paused = true)]
async fn an_aborted_transaction_sends_nothing_more_and_its_records_say_so() {
    let mut rig = Rig::start(2).await;
    let mut transaction = rig.producer.begin().await.unwrap();
    let first = transaction.send(record(0)).await.unwrap();
    first.await.unwrap();
    let second = transaction.send(record(0)).await.unwrap();
    transaction.abort().await.unwrap();
    assert!(matches!(second.await, Err(ProduceError::Aborted)));
    assert_eq!(rig.asked(), ["produce tx t-0 epoch 0 sequence 0 adds", "abort epoch 0 v5"]);
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_was_dropped_is_aborted_by_the_next_and_an_empty_one_asks_nothing() {
    let mut rig = Rig::start(2).await;
    rig.producer.begin().await.unwrap().commit().await.unwrap();
    rig.producer.begin().await.unwrap().abort().await.unwrap();
    assert_eq!(rig.asked(), Vec::<String>::new());
    let mut transaction = rig.producer.begin().await.unwrap();
    transaction.send(record(1)).await.unwrap().await.unwrap();
    drop(transaction);
    drop(rig.producer.begin().await.unwrap());
    assert_eq!(rig.asked(), ["produce tx t-1 epoch 0 sequence 0 adds", "abort epoch 0 v5"]);
}

#[tokio::test(start_paused = true)]
async fn a_fenced_producer_is_told() {
    let mut rig = Rig::start(2).await;
    rig.fail_next(&[(ApiKey::EndTxn, ErrorCode::PRODUCER_FENCED)]);
    let mut transaction = rig.producer.begin().await.unwrap();
    transaction.send(record(0)).await.unwrap().await.unwrap();
    assert!(matches!(transaction.commit().await, Err(TransactionError::Fenced(_))));
    rig.fail_next(&[(ApiKey::Produce, ErrorCode::INVALID_PRODUCER_EPOCH)]);
    let mut transaction = rig.producer.begin().await.unwrap();
    let delivery = transaction.send(record(0)).await.unwrap();
    assert!(matches!(delivery.await, Err(ProduceError::Refused(_))), "it is not sent again");
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again() {
    let mut rig = Rig::start(2).await;
    rig.fail_next(&[
        (ApiKey::Produce, ErrorCode::CONCURRENT_TRANSACTIONS),
        (ApiKey::Produce, ErrorCode::NOT_ENOUGH_REPLICAS),
        (ApiKey::EndTxn, ErrorCode::CONCURRENT_TRANSACTIONS),
        (ApiKey::EndTxn, ErrorCode::NOT_COORDINATOR),
    ]);
    let mut transaction = rig.producer.begin().await.unwrap();
    drop(transaction.send(record(0)).await.unwrap());
    transaction.commit().await.unwrap();
    let produce = "produce tx t-0 epoch 0 sequence 0 adds";
    let commit = "commit epoch 0 v5";
    assert_eq!(rig.asked(), [produce, produce, produce, commit, commit, commit]);
}
