//! The records of Apache Kafka 4.3.1, byte for byte.
//!
//! `fixtures/transaction_state_4_3_1.log` is the only segment of `__transaction_state-0` (the topic had one partition) of a
//! broker of Kafka 4.3.1 (`transactional.id.expiration.ms=20000`, scanned every 5 s). A Java producer with the id `two`
//! wrote to `t-0` and `t-1` and committed, then wrote to `u-0`; another with the same id fenced it, wrote to `t-0` and
//! aborted. Then `transaction.version` was taken down to 1, and `one` did the same; and to 0, and `nil` did. Then the ids
//! expired.

use ottla_coordinator::transaction::{
    Effect, Input, MarkerOutcome, ProducerIds, Record, RequestToken, TopicPartition, TransactionConfig,
    TransactionCoordinator, TransactionRequest, TransactionResponse, TxnPartitions,
};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Message;
use ottla_protocol::messages::{
    end_txn_request::EndTxnRequest, init_producer_id_request::InitProducerIdRequest,
    transaction_log_value::TransactionLogValue,
};
use ottla_protocol::record::{batches, records};
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

const LOG: &[u8] = include_bytes!("../fixtures/transaction_state_4_3_1.log");

fn kafka_records() -> Vec<Record> {
    let mut list = Vec::new();
    for batch in batches(LOG).map(Result::unwrap) {
        for record in records(batch.records_bytes(), batch.header().record_count).map(Result::unwrap) {
            let key = bytes::Bytes::copy_from_slice(record.key.unwrap());
            list.push(Record { key, value: record.value.map(bytes::Bytes::copy_from_slice) });
        }
    }
    list
}

fn value_of(record: &Record) -> Option<(i16, TransactionLogValue)> {
    let value = record.value.as_ref()?;
    let version = i16::from_be_bytes([value[0], value[1]]);
    Some((version, TransactionLogValue::from_bytes(&value[2..], version).unwrap()))
}

/// The record with its partitions in order: Kafka's are in that of a hash map.
fn in_order(record: Record) -> Record {
    let Some((version, mut value)) = value_of(&record) else { return record };
    for topic in value.transaction_partitions.iter_mut().flatten() {
        topic.partition_ids.sort_unstable();
    }
    let bytes = [version.to_be_bytes().to_vec(), value.to_vec(version)].concat();
    assert_eq!(bytes.len(), record.value.as_ref().unwrap().len());
    Record { value: Some(bytes.into()), ..record }
}

struct FromZero(i64);

impl ProducerIds for FromZero {
    fn next_producer_id(&mut self) -> Result<ProducerId, ErrorCode> {
        self.0 += 1;
        Ok(ProducerId(self.0 - 1))
    }
}

/// A coordinator that runs beside Kafka's log: everything happens at the time at which it happened there.
struct Twin {
    coordinator: TransactionCoordinator,
    ids: FromZero,
    kafkas: Vec<Record>,
    written: Vec<Record>,
    mono: Monotonic,
    responses: Vec<TransactionResponse>,
}

impl Twin {
    fn new() -> Self {
        let config = TransactionConfig {
            id_expiration_ms: 20_000,
            remove_expired_interval_ms: 5_000,
            ..TransactionConfig::default()
        };
        let mut coordinator = TransactionCoordinator::new(config, LeaderEpoch(0));
        coordinator.loaded(Now::default());
        let kafkas = kafka_records().into_iter().map(in_order).collect();
        let mono = Monotonic(0);
        Self { coordinator, ids: FromZero(0), kafkas, written: Vec::new(), mono, responses: Vec::new() }
    }

    /// The time at which Kafka decided its next record.
    fn now(&self) -> Now {
        let next = self.kafkas.get(self.written.len()).and_then(value_of);
        let wall = next.map_or(i64::MAX / 2, |(_, value)| value.transaction_last_update_timestamp_ms);
        Now { wall: Timestamp(wall), mono: self.mono }
    }

    fn handle(&mut self, input: Input) {
        self.coordinator.handle(input, self.now(), &mut self.ids);
        while let Some(effect) = self.coordinator.poll_effect() {
            match effect {
                Effect::Respond { response, .. } => self.responses.push(response),
                Effect::Append { batch, records, .. } => {
                    let base_offset = Offset(i64::try_from(self.written.len()).unwrap());
                    let appended = Input::Appended { batch, result: Ok(base_offset) };
                    self.coordinator.handle(appended, self.now(), &mut self.ids);
                    self.written.extend(records);
                    let end_offset = Offset(i64::try_from(self.written.len()).unwrap());
                    let committed = Input::Committed { end_offset };
                    self.coordinator.handle(committed, self.now(), &mut self.ids);
                }
                Effect::WriteMarkers { token, markers } => {
                    let written = |of| (of, MarkerOutcome::Answered(ErrorCode::NONE));
                    let outcomes = markers.partitions.into_iter().map(written).collect();
                    let input = Input::MarkersWritten { markers: token, outcomes };
                    self.coordinator.handle(input, self.now(), &mut self.ids);
                }
            }
        }
    }

    fn ask(&mut self, request: TransactionRequest, api_version: i16) -> TransactionResponse {
        self.handle(Input::Request { token: RequestToken(0), api_version, request });
        self.responses.pop().unwrap()
    }

    fn init(&mut self, id: &str) -> (i64, i16) {
        let request = InitProducerIdRequest {
            transactional_id: Some(id.to_owned()),
            transaction_timeout_ms: 45_000,
            ..InitProducerIdRequest::default()
        };
        match self.ask(TransactionRequest::InitProducerId(request), 5) {
            TransactionResponse::InitProducerId(response) => (response.producer_id, response.producer_epoch),
            other => panic!("{other:?}"),
        }
    }

    fn add(&mut self, id: &str, (producer_id, epoch): (i64, i16), level: i16, topic: &str, partition: i32) {
        let partitions = TxnPartitions {
            transactional_id: id.to_owned(),
            producer_id: ProducerId(producer_id),
            producer_epoch: ProducerEpoch(epoch),
            partitions: vec![TopicPartition { topic: topic.to_owned(), partition }],
        };
        let client_transaction_version = if level == 2 { 2 } else { 0 };
        let request = TransactionRequest::AddPartitions { partitions, client_transaction_version };
        assert_eq!(self.ask(request, 3), TransactionResponse::AddPartitions(ErrorCode::NONE));
    }

    /// Ends the transaction, and gives the producer to go on with.
    fn end(
        &mut self,
        id: &str,
        (producer_id, producer_epoch): (i64, i16),
        level: i16,
        committed: bool,
    ) -> (i64, i16) {
        let transactional_id = id.to_owned();
        let request = EndTxnRequest { transactional_id, producer_id, producer_epoch, committed };
        let api_version = if level == 2 { 5 } else { 4 };
        match self.ask(TransactionRequest::EndTxn(request), api_version) {
            TransactionResponse::EndTxn(response) if response.error_code == 0 && level == 2 => {
                (response.producer_id, response.producer_epoch)
            }
            TransactionResponse::EndTxn(response) if response.error_code == 0 => {
                (producer_id, producer_epoch)
            }
            other => panic!("{other:?}"),
        }
    }

    fn live(&mut self, id: &str, level: i16) {
        self.handle(Input::TransactionVersion(level));
        let producer = self.init(id);
        self.add(id, producer, level, "t", 0);
        self.add(id, producer, level, "t", 1);
        let producer = self.end(id, producer, level, true);
        self.add(id, producer, level, "u", 0);
        assert_eq!(self.init(id), (-1, -1), "the transaction has to be aborted first");
        let producer = self.init(id);
        self.add(id, producer, level, "t", 0);
        self.end(id, producer, level, false);
    }
}

#[test]
fn transactions_are_written_as_kafka_writes_them() {
    let mut twin = Twin::new();
    twin.live("two", 2);
    twin.live("one", 1);
    twin.live("nil", 0);
    assert_eq!(twin.written, twin.kafkas[..36]);
    // Kafka's scan came between the expiry of the first two and that of the last.
    twin.mono = Monotonic(3_600_000_000_000);
    twin.handle(Input::Timer);
    let mut tombstones = twin.written.split_off(36);
    tombstones.sort_by(|a, b| a.key.cmp(&b.key));
    let mut kafkas = twin.kafkas.split_off(36);
    kafkas.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(tombstones, kafkas);
}

#[test]
fn kafkas_log_is_loaded() {
    let mut coordinator = TransactionCoordinator::new(TransactionConfig::default(), LeaderEpoch(1));
    for (offset, record) in (0..36).zip(kafka_records()) {
        coordinator.load(Offset(offset), &record.key, record.value.as_deref()).unwrap();
    }
    coordinator.loaded(Now::default());
    let request = TransactionRequest::DescribeTransactions {
        transactional_ids: ["two", "one", "nil"].map(str::to_owned).into(),
    };
    let input = Input::Request { token: RequestToken(0), api_version: 0, request };
    coordinator.handle(input, Now::default(), &mut FromZero(0));
    let Some(Effect::Respond { response, .. }) = coordinator.poll_effect() else { panic!() };
    let TransactionResponse::DescribeTransactions(described) = response else { panic!() };
    let shown = described.iter().map(|transaction| {
        let (id, epoch) = (transaction.producer_id, transaction.producer_epoch);
        format!("{} {} {id}/{epoch}", transaction.transactional_id, transaction.transaction_state)
    });
    let shown: Vec<_> = shown.collect();
    assert_eq!(shown, ["two CompleteAbort 0/4", "one CompleteAbort 1/2", "nil CompleteAbort 2/2"]);
}
