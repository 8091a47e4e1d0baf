//! Batches and records of a log file or a metadata snapshot.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::record::batch::{NO_SEQUENCE, increment_sequence};
use ottla_protocol::record::control::{ControlRecordType, EndTransactionMarker, TransactionResult};
use ottla_protocol::record::legacy::{AnyHeader, LegacyView};
use ottla_protocol::record::{BatchHeader, BatchView, records};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use super::items::{BatchItem, ControlItem, DumpItem, RecordItem};
use super::{DumpError, DumpOptions};
use crate::error::StorageError;
use crate::io::{Disk, DiskFile, OpenMode};
use crate::walk::{Access, CHUNK_SIZE, HeaderReader, ReadFault, read_batch};

/// Most that the records of one batch may decompress to, in bytes.
const DECOMPRESSED_SIZE_MAX: usize = 1 << 30;

/// Tells the batches of a file, and their records if asked.
pub(super) fn dump(
    disk: &dyn Disk,
    path: &Path,
    start: &DumpItem,
    options: &DumpOptions,
    visit: &mut dyn FnMut(&DumpItem) -> ControlFlow<()>,
) -> Result<Vec<String>, DumpError> {
    let mut dump = Dump { problems: Vec::new(), last_offset: None, options, visit };
    if dump.tell(start).is_continue() {
        dump.batches(&Headers::open(disk, path)?)?;
    }
    Ok(dump.problems)
}

struct Dump<'a> {
    problems: Vec<String>,
    /// Offset of the last record.
    last_offset: Option<Offset>,
    options: &'a DumpOptions,
    visit: &'a mut dyn FnMut(&DumpItem) -> ControlFlow<()>,
}

impl Dump<'_> {
    fn tell(&mut self, item: &DumpItem) -> ControlFlow<()> {
        if self.options.verify_only { ControlFlow::Continue(()) } else { (self.visit)(item) }
    }

    fn batches(&mut self, file: &Headers) -> Result<(), DumpError> {
        let size = self.options.max_bytes.map_or(file.size, |max| file.size.min(max));
        let mut buffer = vec![0; CHUNK_SIZE];
        let mut reader = HeaderReader::new(&file.file, size, Access::Wait, &mut buffer);
        let mut position = 0;
        while position < size {
            let header = match reader.at(position).map_err(ReadFault::into_storage)? {
                Ok(header) => header,
                Err(error) => {
                    if size == file.size {
                        let rest = u64::from(size - position);
                        self.problems.push(format!("{rest} bytes at the end are no batch: {error}"));
                        let item = DumpItem::TrailingBytes { size: rest, reason: error.to_string() };
                        let _ = self.tell(&item);
                    }
                    return Ok(());
                }
            };
            let bytes = read_batch(&file.file, position, header.size_bytes())?;
            if self.batch(position, &header, &bytes).is_break() {
                return Ok(());
            }
            position += header.size_bytes() as u32;
        }
        Ok(())
    }

    fn batch(&mut self, position: u32, header: &AnyHeader, bytes: &[u8]) -> ControlFlow<()> {
        let item = batch_item(position, header, bytes);
        if !item.is_valid {
            self.problems.push(format!("the crc of the batch at position {position} does not match"));
        }
        self.tell(&DumpItem::Batch(Box::new(item)))?;
        if !self.options.records {
            return ControlFlow::Continue(());
        }
        let records = match header {
            AnyHeader::Current(header) => current_records(header, bytes),
            AnyHeader::Legacy(_) => legacy_records(bytes),
        };
        let records = records.unwrap_or_else(|error| {
            self.problems.push(format!("the records of the batch at position {position}: {error}"));
            Vec::new()
        });
        for record in records {
            if let Some(last) = self.last_offset
                && record.offset != last.next()
            {
                self.problems.push(format!("offset {last} is followed by {}", record.offset));
            }
            self.last_offset = Some(record.offset);
            self.tell(&DumpItem::Record(Box::new(record)))?;
        }
        ControlFlow::Continue(())
    }
}

fn batch_item(position: u32, header: &AnyHeader, bytes: &[u8]) -> BatchItem {
    let item = BatchItem {
        position: u64::from(position),
        size: header.size_bytes(),
        base_offset: header.base_offset(),
        last_offset: header.last_offset(),
        count: None,
        base_sequence: NO_SEQUENCE,
        last_sequence: NO_SEQUENCE,
        producer_id: ProducerId::NONE,
        producer_epoch: ProducerEpoch::NONE,
        leader_epoch: LeaderEpoch::UNKNOWN,
        is_transactional: false,
        is_control: false,
        delete_horizon: None,
        timestamp_type: None,
        max_timestamp: header.max_timestamp(),
        magic: header.magic(),
        compression: None,
        crc: 0,
        is_valid: false,
    };
    match header {
        AnyHeader::Current(header) => BatchItem {
            count: Some(header.record_count),
            base_sequence: header.base_sequence,
            last_sequence: header.last_sequence(),
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            leader_epoch: header.leader_epoch,
            is_transactional: header.attributes.is_transactional(),
            is_control: header.attributes.is_control(),
            delete_horizon: header.delete_horizon(),
            timestamp_type: Some(header.attributes.timestamp_type()),
            compression: header.attributes.compression().ok(),
            crc: header.crc,
            is_valid: BatchView::first_of(bytes).is_ok_and(|batch| batch.verify_crc().is_ok()),
            ..item
        },
        AnyHeader::Legacy(header) => BatchItem {
            timestamp_type: header.timestamp_type(),
            compression: header.compression().ok(),
            crc: header.crc,
            is_valid: LegacyView::first_of(bytes).is_ok_and(|message| message.verify_crc().is_ok()),
            ..item
        },
    }
}

fn current_records(header: &BatchHeader, bytes: &[u8]) -> Result<Vec<RecordItem>, String> {
    let batch = BatchView::first_of(bytes).map_err(|error| error.to_string())?;
    let plain = batch.uncompressed_records(DECOMPRESSED_SIZE_MAX).map_err(|error| error.to_string())?;
    let mut items = Vec::new();
    for record in records(&plain, header.record_count) {
        let record = record.map_err(|error| error.to_string())?;
        let is_sequenced = header.base_sequence != NO_SEQUENCE;
        items.push(RecordItem {
            offset: record.offset(header),
            timestamp_type: Some(header.attributes.timestamp_type()),
            timestamp: record.timestamp(header),
            sequence: if is_sequenced {
                increment_sequence(header.base_sequence, record.offset_delta)
            } else {
                NO_SEQUENCE
            },
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: record.headers.map(|it| (it.key.to_vec(), it.value.map(<[u8]>::to_vec))).collect(),
            control: header.attributes.is_control().then(|| control_item(record.key, record.value)),
        });
    }
    Ok(items)
}

fn legacy_records(bytes: &[u8]) -> Result<Vec<RecordItem>, String> {
    let message = LegacyView::first_of(bytes).map_err(|error| error.to_string())?;
    let records = message.records(DECOMPRESSED_SIZE_MAX).map_err(|error| error.to_string())?;
    let timestamp_type = message.header().timestamp_type();
    let item = |record: ottla_protocol::record::legacy::LegacyRecord<'_>| RecordItem {
        offset: record.offset,
        timestamp_type,
        timestamp: record.timestamp,
        sequence: NO_SEQUENCE,
        key: record.key.map(<[u8]>::to_vec),
        value: record.value.map(<[u8]>::to_vec),
        headers: Vec::new(),
        control: None,
    };
    Ok(records.iter().map(item).collect())
}

fn control_item(key: Option<&[u8]>, value: Option<&[u8]>) -> ControlItem {
    if let Ok(Some(marker)) = EndTransactionMarker::from_record(key, value) {
        let kind = match marker.result {
            TransactionResult::Abort => "ABORT",
            TransactionResult::Commit => "COMMIT",
        };
        return ControlItem { kind, coordinator_epoch: Some(marker.coordinator_epoch) };
    }
    let kind = match ControlRecordType::from_key(key) {
        Ok(Some(ControlRecordType::LeaderChange)) => "LEADER_CHANGE",
        Ok(Some(ControlRecordType::SnapshotHeader)) => "SNAPSHOT_HEADER",
        Ok(Some(ControlRecordType::SnapshotFooter)) => "SNAPSHOT_FOOTER",
        Ok(Some(ControlRecordType::KraftVersion)) => "KRAFT_VERSION",
        Ok(Some(ControlRecordType::KraftVoters)) => "KRAFT_VOTERS",
        _ => "UNKNOWN",
    };
    ControlItem { kind, coordinator_epoch: None }
}

/// The headers of a log file's batches.
pub(super) struct Headers {
    file: Arc<dyn DiskFile>,
    size: u32,
}

impl Headers {
    pub(super) fn open(disk: &dyn Disk, path: &Path) -> Result<Self, StorageError> {
        let file = disk.open(path, OpenMode::ReadOnly)?;
        let size = file.len()?;
        let size = u32::try_from(size).map_err(|_| {
            StorageError::invalid_data(path, format!("{size} bytes are too many for a segment"))
        })?;
        Ok(Self { file, size })
    }

    /// The header at a position; `None` if there is no batch.
    pub(super) fn at(&self, position: u32) -> Result<Option<AnyHeader>, StorageError> {
        if position >= self.size {
            return Ok(None);
        }
        let mut buffer = [0; 64];
        let mut reader = HeaderReader::new(&self.file, self.size, Access::Wait, &mut buffer);
        Ok(reader.at(position).map_err(ReadFault::into_storage)?.ok())
    }

    /// The headers one by one.
    pub(super) const fn walk(self) -> Walk {
        Walk { headers: self, position: 0 }
    }
}

/// A walk over the headers of a log file.
pub(super) struct Walk {
    headers: Headers,
    position: u32,
}

impl Walk {
    pub(super) fn next(&mut self) -> Result<Option<AnyHeader>, StorageError> {
        let header = self.headers.at(self.position)?;
        if let Some(header) = &header {
            self.position += header.size_bytes() as u32;
        }
        Ok(header)
    }
}
