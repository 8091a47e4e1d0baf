//! What the tests of this crate share: batches, and a log on a simulated disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::record::control::{EndTransactionMarker, TransactionResult};
use ottla_protocol::record::{BatchBuilder, BatchOptions, BatchView, Compression, batches};
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, TopicId, Uuid};

use crate::append::{AppendContext, AppendError, AppendOrigin, Appended, FollowerContext, LeaderBatch};
use crate::config::{CleanupPolicy, LogConfig};
use crate::io::Disk;
use crate::io::simulated::SimulatedDisk;
use crate::log::{Log, OpenContext, ReadRequest};
use crate::recovery::{OnDamage, OpenError, RecoveryReport};

pub(crate) const DIR: &str = "/data/orders-0";
pub(crate) const TOPIC_ID: TopicId = TopicId(Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0));

/// A configuration with small segments and an index entry after (nearly) every batch.
pub(crate) fn small_segments(segment_bytes: u32) -> LogConfig {
    LogConfig {
        segment_bytes,
        index_interval_bytes: 1,
        cleanup_policy: CleanupPolicy { delete: true, compact: false },
        ..LogConfig::default()
    }
}

pub(crate) fn at(wall_ms: i64) -> Now {
    Now { wall: Timestamp(wall_ms), ..Now::default() }
}

/// A batch of records with these values, all of one timestamp.
pub(crate) fn batch(timestamp: i64, values: &[&str]) -> Vec<u8> {
    build(BatchOptions::default(), timestamp, values)
}

pub(crate) fn compressed(compression: Compression, timestamp: i64, values: &[&str]) -> Vec<u8> {
    build(BatchOptions { compression, ..BatchOptions::default() }, timestamp, values)
}

/// A batch of an idempotent producer.
pub(crate) fn idempotent(id: i64, epoch: i16, sequence: i32, count: usize) -> Vec<u8> {
    build(producer(id, epoch, sequence), 0, &vec!["value"; count])
}

/// A batch of a transaction.
pub(crate) fn transactional(id: i64, epoch: i16, sequence: i32, count: usize) -> Vec<u8> {
    let options = BatchOptions { is_transactional: true, ..producer(id, epoch, sequence) };
    build(options, 0, &vec!["value"; count])
}

pub(crate) fn marker(id: i64, epoch: i16, result: TransactionResult) -> Vec<u8> {
    let marker = EndTransactionMarker { result, coordinator_epoch: 0 };
    marker.batch(ProducerId(id), ProducerEpoch(epoch), Timestamp(0))
}

fn producer(id: i64, epoch: i16, base_sequence: i32) -> BatchOptions {
    BatchOptions {
        producer_id: ProducerId(id),
        producer_epoch: ProducerEpoch(epoch),
        base_sequence,
        ..BatchOptions::default()
    }
}

pub(crate) fn build(options: BatchOptions, timestamp: i64, values: &[&str]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options);
    for value in values {
        builder.append(Timestamp(timestamp), None, Some(value.as_bytes()), &[]).unwrap();
    }
    builder.build()
}

/// A log on a simulated disk, and how it is opened.
pub(crate) struct Fixture {
    pub disk: SimulatedDisk,
    pub config: Arc<LogConfig>,
    pub log: Option<Log>,
    pub open: OpenContext,
    pub epoch: i32,
}

impl Fixture {
    pub(crate) fn new(config: LogConfig) -> Self {
        Self::on(SimulatedDisk::new(1), config)
    }

    pub(crate) fn on(disk: SimulatedDisk, config: LogConfig) -> Self {
        disk.create_dir_all(Path::new("/data")).unwrap();
        disk.sync_dir(Path::new("/")).unwrap();
        let open = OpenContext {
            topic_id: Some(TOPIC_ID),
            recovery_point: Offset::ZERO,
            log_start_offset: Offset::ZERO,
            was_compacted: false,
            had_clean_shutdown: false,
            on_damage: OnDamage::Refuse,
            now: at(0),
            seed: 1,
        };
        let mut fixture = Self { disk, config: Arc::new(config), log: None, open, epoch: 0 };
        fixture.reopen().unwrap();
        fixture
    }

    pub(crate) fn log(&mut self) -> &mut Log {
        self.log.as_mut().expect("the log is open")
    }

    /// Opens the log as the context says.
    pub(crate) fn reopen(&mut self) -> Result<RecoveryReport, OpenError> {
        self.log = None;
        let config = Arc::clone(&self.config);
        let (log, report) = Log::open(self.disk.shared(), Path::new(DIR), config, &self.open)?;
        self.log = Some(log);
        Ok(report)
    }

    /// Closes the log cleanly and opens it again.
    pub(crate) fn restart_cleanly(&mut self) -> RecoveryReport {
        let log = self.log.take().expect("the log is open");
        log.close().unwrap().run().unwrap();
        self.open.had_clean_shutdown = true;
        self.reopen().unwrap()
    }

    /// Drops the log and opens it again, as after a `kill -9`.
    pub(crate) fn restart_uncleanly(&mut self) -> Result<RecoveryReport, OpenError> {
        self.open.recovery_point = self.log().recovery_point();
        self.open.log_start_offset = self.log().log_start_offset();
        self.open.had_clean_shutdown = false;
        self.reopen()
    }

    pub(crate) fn append_from(
        &mut self,
        origin: AppendOrigin,
        bytes: &[u8],
    ) -> Result<Appended, AppendError> {
        let context = AppendContext {
            origin,
            leader_epoch: LeaderEpoch(self.epoch),
            transaction_version: 1,
            now: at(0),
        };
        let mut batches = [LeaderBatch::new(bytes).unwrap()];
        self.log().append_as_leader(&mut batches, &context)?;
        let [batch] = batches;
        batch.into_outcome()
    }

    /// Appends as a client and answers the base offset.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> i64 {
        self.append_from(AppendOrigin::Client, bytes).unwrap().base_offset.0
    }

    /// Appends as a coordinator and answers the base offset.
    pub(crate) fn mark(&mut self, bytes: &[u8]) -> i64 {
        self.append_from(AppendOrigin::Coordinator, bytes).unwrap().base_offset.0
    }

    pub(crate) fn append_as_follower(&mut self, bytes: &[u8]) -> Result<i64, AppendError> {
        let context = FollowerContext { leader_epoch: LeaderEpoch(self.epoch), now: at(0) };
        self.log().append_as_follower(bytes, &context).map(|appended| appended.end_offset.0)
    }

    pub(crate) fn flush(&mut self) {
        if let Some(ticket) = self.log().flush_ticket().unwrap() {
            let flushed = ticket.run().unwrap();
            self.log().mark_flushed(&flushed);
        }
    }

    /// The bytes from `offset` on, up to `upper_bound`.
    pub(crate) fn read_up_to(&mut self, offset: i64, upper_bound: i64, max_bytes: u32) -> Vec<u8> {
        let request = ReadRequest {
            offset: Offset(offset),
            upper_bound: Offset(upper_bound),
            max_bytes,
            min_one_batch: true,
        };
        let Some(region) = self.log().read(&request).unwrap() else { return Vec::new() };
        let mut bytes = vec![0; region.size as usize];
        assert_eq!(region.file.read_at(&mut bytes, region.position).unwrap(), bytes.len());
        bytes
    }

    /// Everything from `offset` on, segment by segment, as (base offset, value) of each record.
    pub(crate) fn records_from(&mut self, offset: i64) -> Vec<(i64, String)> {
        let end = self.log().log_end_offset().0;
        let mut records = Vec::new();
        let mut next = offset;
        while next < end {
            let bytes = self.read_up_to(next, end, u32::MAX);
            if bytes.is_empty() {
                break;
            }
            for batch in batches(&bytes) {
                let batch = batch.unwrap();
                batch.verify_crc().unwrap();
                records.extend(values(&batch).into_iter().filter(|(at, _)| *at >= offset));
                next = batch.header().next_offset().0;
            }
        }
        records
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        Path::new(DIR).join(name)
    }

    /// Names of the files in the log's directory.
    pub(crate) fn names(&self) -> Vec<String> {
        self.disk.list(Path::new(DIR)).unwrap().into_iter().map(|entry| entry.name).collect()
    }
}

pub(crate) fn values(batch: &BatchView<'_>) -> Vec<(i64, String)> {
    let header = *batch.header();
    let bytes = batch.uncompressed_records(1 << 20).unwrap();
    let records = ottla_protocol::record::records(&bytes, header.record_count);
    let value = |value: Option<&[u8]>| value.unwrap_or_default().escape_ascii().to_string();
    records
        .map(|record| record.unwrap())
        .map(|record| (record.offset(&header).0, value(record.value)))
        .collect()
}
