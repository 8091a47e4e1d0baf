//! Torn tail or damage? What tells is whether valid batches lie behind the bad one.
//!
//! A crash may lose any of what was not synced, so valid batches may lie behind a hole: where the file system never got around to
//! writing a block, it reads as zeros. Such a hole above the recovery point is no damage: nobody was told that what it held is
//! safe. Source: "Protocol-Aware Recovery for Consensus-Based Storage" (FAST 2018) on telling the two apart.

use std::sync::Arc;

use ottla_protocol::record::BatchView;
use ottla_protocol::record::header::{
    ATTRIBUTES_OFFSET, HEADER_SIZE_UP_TO_MAGIC, LENGTH_OFFSET, LOG_OVERHEAD, MAGIC_OFFSET, MAGIC_V2,
    RECORD_BATCH_OVERHEAD,
};
use ottla_protocol::record::legacy::AnyHeader;
use ottla_protocol::types::Offset;

use crate::error::StorageError;
use crate::io::DiskFile;
use crate::segment::is_in_range;
use crate::walk::CHUNK_SIZE;

/// The unit in which a disk loses or keeps what was written, in bytes.
const SECTOR: u64 = 512;

/// So many bytes of zeros at least are a hole: what a base offset takes, which is zero in the log's first batch only.
const HOLE_MIN: u64 = 8;

/// The first valid batch behind a bad one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Behind {
    pub position: u32,
    pub base_offset: Offset,
}

/// A search for valid batches in what is left of a segment.
pub(crate) struct Search<'a> {
    pub file: &'a Arc<dyn DiskFile>,
    pub segment: Offset,
    /// Size of the file.
    pub size: u32,
    /// Where the bad batch begins.
    pub from: u32,
    /// The offset that it should hold.
    pub expected: Offset,
    /// The bad batch claims to reach beyond the end of the file. Then all that follows may be its records, and a batch found in
    /// there counts only if more follow it.
    pub reaches_beyond: bool,
}

impl Search<'_> {
    /// The first valid batch behind the bad one. O(bytes left) as a rule.
    pub(crate) fn run(&self) -> Result<Option<Behind>, StorageError> {
        let left = self.size - self.from;
        // Forged batches inside of records could make every byte worth a CRC over all the rest.
        let mut crc_budget = 4 * u64::from(left) + (1 << 20);
        let mut chunk = vec![0; CHUNK_SIZE];
        let mut at = self.from + 1;
        while u64::from(at) + RECORD_BATCH_OVERHEAD as u64 <= u64::from(self.size) {
            let held = self.file.read_at(&mut chunk, u64::from(at))?;
            if held < RECORD_BATCH_OVERHEAD {
                break;
            }
            let starts = held - RECORD_BATCH_OVERHEAD + 1;
            for start in 0..starts {
                if !self.is_candidate(&chunk[start..held], at + start as u32) {
                    continue;
                }
                if let Some(behind) = self.check(at + start as u32, &mut crc_budget)? {
                    return Ok(Some(behind));
                }
            }
            at += starts as u32;
        }
        Ok(None)
    }

    /// A cheap look at what would be a header.
    fn is_candidate(&self, bytes: &[u8], position: u32) -> bool {
        if bytes[MAGIC_OFFSET] != MAGIC_V2 as u8 || bytes[ATTRIBUTES_OFFSET] != 0 {
            return false;
        }
        let length = i32::from_be_bytes(bytes[LENGTH_OFFSET..LOG_OVERHEAD].try_into().expect("4 bytes"));
        let end = i64::from(position) + LOG_OVERHEAD as i64 + i64::from(length);
        if length < (RECORD_BATCH_OVERHEAD - LOG_OVERHEAD) as i32 || end > i64::from(self.size) {
            return false;
        }
        let base_offset = Offset(i64::from_be_bytes(bytes[..8].try_into().expect("8 bytes")));
        base_offset >= self.expected && is_in_range(self.segment, base_offset)
    }

    fn check(&self, position: u32, crc_budget: &mut u64) -> Result<Option<Behind>, StorageError> {
        let Some((base_offset, end)) = self.valid_batch(position, crc_budget)? else { return Ok(None) };
        let behind = Behind { position, base_offset };
        if !self.reaches_beyond || end == self.size {
            return Ok(Some(behind));
        }
        let next = self.valid_batch(end, crc_budget)?;
        Ok(next.is_some_and(|(next, _)| next > base_offset).then_some(behind))
    }

    /// Base offset and end of the batch at `position`, if it is valid. Beyond the budget every candidate is taken for valid: it
    /// is better to refuse than to cut what may be good.
    fn valid_batch(
        &self,
        position: u32,
        crc_budget: &mut u64,
    ) -> Result<Option<(Offset, u32)>, StorageError> {
        let mut head = [0; RECORD_BATCH_OVERHEAD];
        let held = self.file.read_at(&mut head, u64::from(position))?;
        if held < HEADER_SIZE_UP_TO_MAGIC {
            return Ok(None);
        }
        let Ok(AnyHeader::Current(header)) = AnyHeader::parse(&head[..held]) else { return Ok(None) };
        let end = u64::from(position) + header.size_bytes as u64;
        if end > u64::from(self.size) {
            return Ok(None);
        }
        let found = Some((header.base_offset, end as u32));
        let Some(rest) = crc_budget.checked_sub(header.size_bytes as u64) else { return Ok(found) };
        *crc_budget = rest;
        let mut bytes = vec![0; header.size_bytes];
        let held = self.file.read_at(&mut bytes, u64::from(position))?;
        let batch = BatchView::first_of(&bytes[..held]);
        Ok(if batch.is_ok_and(|batch| batch.verify_crc().is_ok()) { found } else { None })
    }
}

/// Whether the bytes `from..to` of a file have a hole: a sector, or its part from `from` on, or up to `to` if the file ends
/// there, that reads as zeros.
pub(crate) fn is_lost_write(
    file: &Arc<dyn DiskFile>,
    from: u32,
    to: u32,
    ends_there: bool,
) -> Result<bool, StorageError> {
    let (from, to) = (u64::from(from), u64::from(to));
    let mut sector = [0; SECTOR as usize];
    let mut start = from;
    while start < to {
        let mut end = (start / SECTOR + 1) * SECTOR;
        if end > to {
            if !ends_there {
                break;
            }
            end = to;
        }
        let part = &mut sector[..(end - start) as usize];
        let held = file.read_at(part, start)?;
        if end - start >= HOLE_MIN && held == part.len() && part.iter().all(|byte| *byte == 0) {
            return Ok(true);
        }
        start = end;
    }
    Ok(false)
}
