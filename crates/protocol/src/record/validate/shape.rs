//! Is what came for a partition exactly one batch?

use super::ValidationError;
use crate::record::batch::{BatchError, BatchView};
use crate::record::compression::Compression;
use crate::record::header::{BatchPeek, HEADER_SIZE_UP_TO_MAGIC, LOG_OVERHEAD};
use crate::record::legacy::RECORD_OVERHEAD_V0;

/// First version of Produce that may carry zstd.
const PRODUCE_VERSION_ZSTD: i16 = 7;

/// The one batch of magic 2 that a Produce of this version may carry for a partition. An incomplete batch behind it is
/// ignored, as in Kafka.
///
/// Source: Kafka `ProduceRequest.validateRecords`, `ByteBufferLogInputStream`, `UnifiedLog.trimInvalidBytes`.
pub fn single_batch(bytes: &[u8], produce_version: i16) -> Result<BatchView<'_>, ValidationError> {
    let Some(size) = whole_batch_size(bytes)? else { return Err(ValidationError::NoBatch) };
    let (bytes, rest) = bytes.split_at(size);
    let magic = BatchPeek::parse(bytes)?.magic;
    if magic < 2 {
        return Err(ValidationError::NotABatch(BatchError::Legacy { magic }));
    }
    let batch = BatchView::first_of(bytes)?;
    if produce_version < PRODUCE_VERSION_ZSTD
        && batch.header().attributes.compression() == Ok(Compression::Zstd)
    {
        return Err(ValidationError::ZstdNotAllowed { produce_version });
    }
    if whole_batch_size(rest)?.is_some() {
        return Err(ValidationError::MoreThanOneBatch);
    }
    Ok(batch)
}

/// Size of the batch at the beginning of `bytes`, of any magic; `None` if it is not whole.
fn whole_batch_size(bytes: &[u8]) -> Result<Option<usize>, BatchError> {
    if let Some(length) = bytes.get(LOG_OVERHEAD - 4..).and_then(|length| length.first_chunk()) {
        let length = i32::from_be_bytes(*length);
        // A length that no format allows is found before it is clear which format it would be.
        if length < RECORD_OVERHEAD_V0 as i32 {
            return Err(BatchError::LengthTooSmall { length, minimum: RECORD_OVERHEAD_V0 });
        }
    }
    if bytes.len() < HEADER_SIZE_UP_TO_MAGIC {
        return Ok(None);
    }
    let size = BatchPeek::parse(bytes)?.size_bytes;
    Ok((size <= bytes.len()).then_some(size))
}
