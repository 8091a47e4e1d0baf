//! What compaction does to small logs on the simulated disk.

mod choosing;
mod crashes;
mod damage;
mod model;
mod surviving;
mod swapping;
mod transactions;

use std::sync::Arc;

use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::record::legacy::{AnyHeader, LegacyView};
use ottla_protocol::record::{BatchBuilder, BatchOptions, BatchView, records};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{Offset, ProducerEpoch, ProducerId};

use super::*;
use crate::config::{CleanupPolicy, CompactionConfig};
use crate::testing::*;

/// Key and value of a record.
type Pair<'a> = (&'a str, Option<&'a str>);

/// A record that stays: offset, key, value.
pub(super) type Survivor = (i64, Option<String>, Option<String>);

pub(super) const OPTIONS: CleanerOptions = CleanerOptions {
    dedupe_buffer_size: 1 << 20,
    load_factor: 0.9,
    io_buffer_size: 512,
    hash_secret: HashSecret([3, 5]),
};

/// A log that is compacted, with segments of this size.
pub(super) fn compacted(segment_bytes: u32) -> LogConfig {
    LogConfig {
        cleanup_policy: CleanupPolicy { delete: false, compact: true },
        compaction: CompactionConfig { delete_retention_ms: 1000, ..CompactionConfig::default() },
        ..small_segments(segment_bytes)
    }
}

pub(super) fn keyed_with(options: BatchOptions, timestamp: i64, pairs: &[Pair<'_>]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options);
    for (key, value) in pairs {
        let key = (!key.is_empty()).then_some(key.as_bytes());
        builder.append(Timestamp(timestamp), key, value.map(str::as_bytes), &[]).unwrap();
    }
    builder.build()
}

/// A batch; an empty key is none.
pub(super) fn keyed(pairs: &[Pair<'_>]) -> Vec<u8> {
    keyed_with(BatchOptions::default(), 0, pairs)
}

/// A batch of a transaction of producer `id`.
pub(super) fn in_transaction(id: i64, base_sequence: i32, pairs: &[Pair<'_>]) -> Vec<u8> {
    let options = BatchOptions {
        producer_id: ProducerId(id),
        producer_epoch: ProducerEpoch(0),
        base_sequence,
        is_transactional: true,
        ..BatchOptions::default()
    };
    keyed_with(options, 0, pairs)
}

/// A batch of idempotent producer `id`.
pub(super) fn of_producer(id: i64, base_sequence: i32, pairs: &[Pair<'_>]) -> Vec<u8> {
    let options = BatchOptions {
        producer_id: ProducerId(id),
        producer_epoch: ProducerEpoch(0),
        base_sequence,
        ..BatchOptions::default()
    };
    keyed_with(options, 0, pairs)
}

pub(super) fn abort(id: i64) -> Vec<u8> {
    marker(id, 0, TransactionResult::Abort)
}

pub(super) fn commit(id: i64) -> Vec<u8> {
    marker(id, 0, TransactionResult::Commit)
}

/// How the batches of a log look: base offset, last offset, count of records.
pub(super) type Shape = (i64, i64, i32);

impl Fixture {
    pub(super) fn roll(&mut self) {
        self.log().roll(Timestamp(0)).unwrap();
    }

    pub(super) fn high_watermark(&mut self) -> Offset {
        let end = self.log().log_end_offset();
        self.log().on_high_watermark(end);
        end
    }

    pub(super) fn dirt(&mut self, now: i64) -> Option<Dirt> {
        let high_watermark = self.high_watermark();
        self.log().dirt(high_watermark, Timestamp(now)).unwrap()
    }

    /// A round over what is dirty, in one go.
    pub(super) fn clean(&mut self, now: i64) -> Cleaned {
        self.clean_with(now, OPTIONS).unwrap()
    }

    pub(super) fn clean_with(&mut self, now: i64, options: CleanerOptions) -> Result<Cleaned, CleanError> {
        let dirt = self.dirt(now).expect("something to compact");
        let mut cleaning = self.log().plan_cleaning(&dirt, options, Timestamp(now)).unwrap();
        loop {
            match cleaning.run(u64::MAX).1? {
                CleaningStep::More(_) => panic!("there is no end to what may be done at once"),
                CleaningStep::Ready(ready) => {
                    cleaning = ready;
                    let unlink = self.log().swap_in(&mut cleaning).unwrap();
                    unlink.run(&*self.disk.shared()).unwrap();
                }
                CleaningStep::Done(cleaned) => {
                    self.log().mark_cleaned(&cleaned);
                    return Ok(cleaned);
                }
            }
        }
    }

    /// The bytes of all batches, segment by segment.
    pub(super) fn batches(&mut self) -> Vec<Vec<u8>> {
        let (start, end) = (self.log().log_start_offset().0, self.log().log_end_offset().0);
        let mut next = start;
        let mut found = Vec::new();
        while next < end {
            let mut bytes = &self.read_up_to(next, end, u32::MAX)[..];
            if bytes.is_empty() {
                break;
            }
            while !bytes.is_empty() {
                let header = AnyHeader::parse(bytes).unwrap();
                let (batch, rest) = bytes.split_at(header.size_bytes());
                match header {
                    AnyHeader::Current(_) => BatchView::first_of(batch).unwrap().verify_crc().unwrap(),
                    AnyHeader::Legacy(_) => LegacyView::first_of(batch).unwrap().verify_crc().unwrap(),
                }
                found.push(batch.to_vec());
                next = header.next_offset().0;
                bytes = rest;
            }
        }
        found
    }

    pub(super) fn shapes(&mut self) -> Vec<Shape> {
        let shape = |batch: &Vec<u8>| {
            let header = *BatchView::first_of(batch).unwrap().header();
            (header.base_offset.0, header.last_offset().0, header.record_count)
        };
        self.batches().iter().map(shape).collect()
    }

    /// The records of data that are left.
    pub(super) fn survivors(&mut self) -> Vec<Survivor> {
        self.batches().iter().flat_map(|batch| survivors_of(batch)).collect()
    }

    /// The same, without the offsets, as `key=value`.
    pub(super) fn pairs(&mut self) -> Vec<String> {
        let text = |field: Option<String>| field.unwrap_or("-".into());
        self.survivors().into_iter().map(|(_, key, value)| format!("{}={}", text(key), text(value))).collect()
    }
}

fn survivors_of(batch: &[u8]) -> Vec<Survivor> {
    let text = |field: Option<&[u8]>| field.map(|field| field.escape_ascii().to_string());
    match AnyHeader::parse(batch).unwrap() {
        AnyHeader::Current(header) if header.attributes.is_control() || header.record_count == 0 => {
            Vec::new()
        }
        AnyHeader::Current(header) => {
            let bytes = BatchView::first_of(batch).unwrap().uncompressed_records(1 << 20).unwrap();
            let records = records(&bytes, header.record_count).map(|record| record.unwrap());
            records.map(|record| (record.offset(&header).0, text(record.key), text(record.value))).collect()
        }
        AnyHeader::Legacy(_) => {
            let records = LegacyView::first_of(batch).unwrap().records(1 << 20).unwrap();
            records.iter().map(|record| (record.offset.0, text(record.key), text(record.value))).collect()
        }
    }
}

/// A log of one key per batch and a closed segment per list of keys, the values being the offsets.
pub(super) fn log_of(config: LogConfig, segments: &[&[&str]]) -> Fixture {
    let mut log = Fixture::new(config);
    for keys in segments {
        for key in *keys {
            let value = log.log().log_end_offset().to_string();
            log.append(&keyed(&[(key, Some(&value))]));
        }
        log.roll();
    }
    log
}

pub(super) fn config_of(log: &Fixture) -> LogConfig {
    (*log.config).clone()
}

pub(super) fn set_config(log: &mut Fixture, change: impl FnOnce(&mut LogConfig)) {
    let mut config = config_of(log);
    change(&mut config);
    log.config = Arc::new(config);
    let config = Arc::clone(&log.config);
    log.log().set_config(config);
}
