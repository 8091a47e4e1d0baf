//! A transactional producer as a client library is one, and a consumer that reads what is committed.

use ottla_broker::node::{NodeInput, ProducerIdBlock};
use ottla_broker::shard::ShardInput;
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Request;
use ottla_protocol::messages::add_offsets_to_txn_request::AddOffsetsToTxnRequest;
use ottla_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic,
};
use ottla_protocol::messages::end_txn_request::EndTxnRequest;
use ottla_protocol::messages::fetch_request::FetchRequest;
use ottla_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use ottla_protocol::messages::init_producer_id_response::InitProducerIdResponse;
use ottla_protocol::messages::produce_request::ProduceRequest;
use ottla_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use ottla_protocol::record::control::{EndTransactionMarker, TransactionResult};
use ottla_protocol::record::{batches, records};
use ottla_protocol::types::ProducerId;

use crate::harness::cluster::{OFFSETS, ORDERS, TRANSACTIONS, Topic, feature};
use crate::harness::requests::{fetch_from, fetched, produce_to, produced, transactional};
use crate::harness::{Got, Harness, Options, newest};

pub const TRANSACTIONAL_ID: &str = "billing";
pub const GROUP: &str = "readers";

/// A broker whose cluster is at this level of `transaction.version`.
pub fn broker(level: i16) -> Harness {
    broker_with(level, &[])
}

pub fn broker_with(level: i16, configs: &[(&'static str, &'static str)]) -> Harness {
    let mut client = Harness::start(Options {
        topics: vec![ORDERS, OFFSETS, TRANSACTIONS],
        broker_configs: configs.to_vec(),
        ..Options::default()
    });
    client.publish(&[feature("transaction.version", level)]);
    settle(&mut client);
    client
}

/// Lets everything happen that need not wait: on the disk, in the control plane, and what is tried again soon.
pub fn settle(client: &mut Harness) {
    for _ in 0..20 {
        grant(client);
        client.settle();
        client.pass(std::time::Duration::from_millis(10));
    }
    client.settle();
}

/// Gives the shard the producer ids that it has asked for.
fn grant(client: &mut Harness) {
    let asks = |input: &NodeInput| match input {
        NodeInput::AllocateProducerIds { shard } => Some(*shard),
        _ => None,
    };
    while let Some((at, shard)) =
        client.to_node.iter().enumerate().find_map(|(at, input)| Some((at, asks(input)?)))
    {
        client.to_node.remove(at);
        // No two blocks are the same, in this life of the broker and the next.
        client.blocks_granted += 1;
        let block = ProducerIdBlock { first: ProducerId(client.blocks_granted * 1000), count: 1000 };
        client.handle_at(shard, ShardInput::ProducerIds(Ok(block)));
    }
}

/// Sends a request and waits for its answer.
pub fn ask<R: Request>(client: &mut Harness, version: i16, request: &R) -> R::Response
where
    R::Response: std::fmt::Debug,
{
    match client.send(version, request) {
        Got::Response(response) => response,
        Got::Waits(id) => {
            settle(client);
            client.take_response::<R>(id, version).expect("answered when everything has happened")
        }
        other => panic!("{other:?}"),
    }
}

pub fn init(client: &mut Harness, transactional_id: &str, timeout_ms: i32) -> InitProducerIdResponse {
    let request = InitProducerIdRequest {
        transactional_id: Some(transactional_id.to_owned()),
        transaction_timeout_ms: timeout_ms,
        ..Default::default()
    };
    ask(client, 5, &request)
}

pub struct Producer {
    pub transactional_id: String,
    pub producer_id: i64,
    pub producer_epoch: i16,
    /// What the client speaks: 2 lets the broker add partitions, and takes its next epoch from the end of a transaction.
    level: i16,
    sequences: [i32; 2],
    added: Vec<i32>,
}

impl Producer {
    pub fn new(client: &mut Harness, level: i16) -> Self {
        Self::named(client, level, TRANSACTIONAL_ID)
    }

    pub fn named(client: &mut Harness, level: i16, transactional_id: &str) -> Self {
        Self::make(client, level, transactional_id, 60_000)
    }

    pub fn with_timeout(client: &mut Harness, level: i16, timeout_ms: i32) -> Self {
        Self::make(client, level, TRANSACTIONAL_ID, timeout_ms)
    }

    fn make(client: &mut Harness, level: i16, transactional_id: &str, timeout_ms: i32) -> Self {
        let mut answer = init(client, transactional_id, timeout_ms);
        while answer.error_code == ErrorCode::CONCURRENT_TRANSACTIONS.0 {
            settle(client);
            answer = init(client, transactional_id, timeout_ms);
        }
        assert_eq!(answer.error_code, 0);
        Self {
            transactional_id: transactional_id.to_owned(),
            producer_id: answer.producer_id,
            producer_epoch: answer.producer_epoch,
            level,
            sequences: [0; 2],
            added: Vec::new(),
        }
    }

    /// Version of Produce.
    pub fn produce_version(&self) -> i16 {
        if self.level >= 2 { newest(ApiKey::Produce) } else { 11 }
    }

    /// A batch for `orders`, as the next of the producer.
    pub fn produce(&self, client: &Harness, topic: Topic, index: i32, values: &[&str]) -> ProduceRequest {
        let sequence = self.sequences[usize::try_from(index).unwrap()];
        let producer = (self.producer_id, self.producer_epoch);
        let records = transactional(client.now, producer, sequence, values);
        ProduceRequest {
            transactional_id: Some(self.transactional_id.clone()),
            ..produce_to(topic, index, -1, records)
        }
    }

    /// Adds a partition as clients before transaction version 2 do.
    pub fn add(&mut self, client: &mut Harness, index: i32) -> i16 {
        let topic = AddPartitionsToTxnTopic { name: ORDERS.name.to_owned(), partitions: vec![index] };
        let request = AddPartitionsToTxnRequest {
            v3_and_below_transactional_id: self.transactional_id.clone(),
            v3_and_below_producer_id: self.producer_id,
            v3_and_below_producer_epoch: self.producer_epoch,
            v3_and_below_topics: vec![topic],
            ..Default::default()
        };
        let answer = ask(client, 3, &request);
        self.added.push(index);
        answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
    }

    /// Error and base offset of a batch to a partition of `orders`. The sequence moves on if it is written.
    pub fn send(&mut self, client: &mut Harness, index: i32, values: &[&str]) -> (i16, i64) {
        if self.level < 2 && !self.added.contains(&index) {
            let error = self.add(client, index);
            if error != 0 && error != ErrorCode::PRODUCER_FENCED.0 {
                return (error, -1);
            }
        }
        let request = self.produce(client, ORDERS, index, values);
        let result = produced(&ask(client, self.produce_version(), &request));
        if result.0 == 0 {
            self.advance(index, values.len());
        }
        result
    }

    /// A batch of so many records is written.
    pub fn advance(&mut self, index: i32, count: usize) {
        self.sequences[usize::try_from(index).unwrap()] += i32::try_from(count).unwrap();
    }

    /// An EndTxn in the version that the client speaks.
    pub fn end_request(&self, committed: bool) -> (i16, EndTxnRequest) {
        let request = EndTxnRequest {
            transactional_id: self.transactional_id.clone(),
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            committed,
        };
        (if self.level >= 2 { 5 } else { 4 }, request)
    }

    /// Ends the transaction. Returns the error.
    pub fn end(&mut self, client: &mut Harness, committed: bool) -> i16 {
        let (version, request) = self.end_request(committed);
        let answer = ask(client, version, &request);
        if answer.error_code == 0 {
            self.added.clear();
            if version >= 5 {
                (self.producer_id, self.producer_epoch) = (answer.producer_id, answer.producer_epoch);
                self.sequences = [0; 2];
            }
        }
        answer.error_code
    }

    pub fn commit(&mut self, client: &mut Harness) {
        assert_eq!(self.end(client, true), 0);
        settle(client);
    }

    pub fn abort(&mut self, client: &mut Harness) {
        assert_eq!(self.end(client, false), 0);
        settle(client);
    }

    /// Commits an offset of `orders-0` for the group in the transaction. Returns the error.
    pub fn commit_offset(&mut self, client: &mut Harness, offset: i64) -> i16 {
        if self.level < 2 {
            let request = AddOffsetsToTxnRequest {
                transactional_id: self.transactional_id.clone(),
                producer_id: self.producer_id,
                producer_epoch: self.producer_epoch,
                group_id: GROUP.to_owned(),
            };
            let error = ask(client, 3, &request).error_code;
            if error != 0 {
                return error;
            }
        }
        let version = if self.level >= 2 { 5 } else { 4 };
        let answer = ask(client, version, &self.offset_commit(offset));
        answer.topics[0].partitions[0].error_code
    }

    /// A TxnOffsetCommit.
    pub fn offset_commit(&self, offset: i64) -> TxnOffsetCommitRequest {
        let partition = TxnOffsetCommitRequestPartition { committed_offset: offset, ..Default::default() };
        let topic = TxnOffsetCommitRequestTopic {
            name: ORDERS.name.to_owned(),
            partitions: vec![partition],
            ..Default::default()
        };
        TxnOffsetCommitRequest {
            transactional_id: self.transactional_id.clone(),
            group_id: GROUP.to_owned(),
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            topics: vec![topic],
            ..Default::default()
        }
    }
}

/// High watermark and last stable offset of a partition of `orders`.
pub fn end_offsets(client: &mut Harness, index: i32) -> (i64, i64) {
    let answer = ask(client, 12, &fetch_from(ORDERS, &[(index, 0)], 0, 1));
    let partition = fetched(&answer);
    (partition.high_watermark, partition.last_stable_offset)
}

/// What a consumer of `orders-0` sees that reads what is committed.
pub fn committed(client: &mut Harness) -> Vec<String> {
    committed_of(client, 0)
}

/// What a consumer sees that reads what is committed, as client libraries find it out: records of aborted transactions
/// are those of a producer in the list, from the first offset there up to the next abort marker.
pub fn committed_of(client: &mut Harness, index: i32) -> Vec<String> {
    let request = FetchRequest { isolation_level: 1, ..fetch_from(ORDERS, &[(index, 0)], 0, 1) };
    let answer = ask(client, 12, &request);
    let partition = fetched(&answer);
    assert_eq!(partition.error_code, 0);
    let mut aborted: Vec<(i64, i64)> = partition
        .aborted_transactions
        .iter()
        .flatten()
        .map(|transaction| (transaction.first_offset, transaction.producer_id))
        .collect();
    aborted.sort_unstable();
    let (mut skipped, mut values) = (Vec::new(), Vec::new());
    for batch in batches(partition.records.as_deref().unwrap_or_default()) {
        let batch = batch.unwrap();
        let header = *batch.header();
        let producer_id = header.producer_id.0;
        while aborted.first().is_some_and(|(first_offset, _)| *first_offset <= header.last_offset().0) {
            skipped.push(aborted.remove(0).1);
        }
        let plain = batch.uncompressed_records(1 << 20).unwrap();
        for record in records(&plain, header.record_count) {
            let record = record.unwrap();
            if header.attributes.is_control() {
                let marker = EndTransactionMarker::from_record(record.key, record.value).unwrap().unwrap();
                if marker.result == TransactionResult::Abort {
                    skipped.retain(|id| *id != producer_id);
                }
            } else if !(header.attributes.is_transactional() && skipped.contains(&producer_id)) {
                values.push(String::from_utf8(record.value.unwrap().to_vec()).unwrap());
            }
        }
    }
    values
}
