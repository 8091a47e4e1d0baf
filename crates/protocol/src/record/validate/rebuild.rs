//! Writes the records of a batch anew, in the topic's codec and with offsets that have no gaps.

use super::{TargetCompression, ValidBatch, ValidationError, ValidationPolicy, check_size};
use crate::record::builder::{BatchBuilder, BatchOptions};
use crate::record::compression::{Compression, CompressionError, decompress};
use crate::record::header::{BatchHeader, RECORD_BATCH_OVERHEAD};
use crate::record::records::{RecordHeader, records};
use crate::time::Timestamp;
use crate::types::Offset;
use std::borrow::Cow;

/// The same batch in the topic's codec, with base offset 0 and offset deltas 0, 1, 2 and so on.
///
/// Decompresses and compresses the whole batch: for a worker, not for a thread that others wait for. Errors: a result
/// larger than the topic allows, or a timestamp that cannot be written.
/// Source: Kafka `LogValidator.buildRecordsAndAssignOffsets`.
pub fn rebuild(
    batch: &ValidBatch<'_>,
    policy: &ValidationPolicy,
) -> Result<ValidBatch<'static>, ValidationError> {
    let header = &batch.header;
    let source = header.attributes.compression().map_err(CompressionError::from)?;
    let (compression, compression_level) = match policy.compression {
        TargetCompression::Producer => (source, None),
        TargetCompression::Fixed { compression, level } => (compression, level),
    };
    let plain = match source {
        Compression::None => Cow::Borrowed(&*batch.records),
        source => decompress(source, &batch.records, policy.decompressed_size_max).map(Cow::Owned)?,
    };
    let options = BatchOptions {
        base_offset: Offset::ZERO,
        leader_epoch: header.leader_epoch,
        compression,
        compression_level,
        log_append_time: batch.log_append_time,
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
        is_transactional: header.attributes.is_transactional(),
        is_control: header.attributes.is_control(),
        delete_horizon: None,
    };
    options.check()?;
    let mut builder = BatchBuilder::with_capacity(options, plain.len());
    let mut headers: Vec<RecordHeader<'_>> = Vec::new();
    for record in records(&plain, header.record_count) {
        let record = record?;
        headers.clear();
        headers.extend(record.headers);
        let own = Timestamp(header.base_timestamp.0.wrapping_add(record.timestamp_delta));
        builder.append(batch.shared_timestamp.unwrap_or(own), record.key, record.value, &headers)?;
    }
    if builder.record_count() == 0 {
        let (last_offset_delta, record_count) = (header.last_offset_delta, header.record_count);
        return Err(ValidationError::OffsetRange { last_offset_delta, record_count });
    }
    let mut bytes = builder.build();
    let header = BatchHeader::parse(&bytes)?;
    check_size(header.size_bytes, policy)?;
    Ok(ValidBatch {
        header,
        records: Cow::Owned(bytes.split_off(RECORD_BATCH_OVERHEAD)),
        log_append_time: batch.log_append_time,
        offset_delta_of_max_timestamp: batch.offset_delta_of_max_timestamp,
        needs_rebuild: false,
        shared_timestamp: None,
    })
}
