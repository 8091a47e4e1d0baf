//! From an offset to the batch that holds it.

use std::sync::Arc;

use ottla_protocol::record::legacy::AnyHeader;
use ottla_protocol::types::Offset;

use super::Log;
use crate::error::StorageError;
use crate::index::lookup::{Key, neighbours};
use crate::index::offset::OffsetEntry;
use crate::layout::FileKind;
use crate::walk::{Access, CHUNK_SIZE, HeaderReader, ReadFault};

/// What a lookup reads at once: the batches between two index entries are few kilobytes or one batch.
const LOOKUP_CHUNK_SIZE: usize = 1024;

/// Where a batch lies in its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchPlace {
    pub position: u32,
    pub size: u32,
    pub base_offset: Offset,
}

impl Log {
    /// The first batch of the segment at `index` whose last offset is `offset` or above; `None` if all end before.
    pub(super) fn find_batch(
        &mut self,
        index: usize,
        offset: Offset,
        access: Access,
    ) -> Result<Option<BatchPlace>, ReadFault> {
        if let Some(place) = self.find_recent(index, offset) {
            return Ok(Some(place));
        }
        match self.find_by_index(index, offset, access)? {
            Ok(place) => Ok(place),
            // The index points to where no such batch is: it is not this segment's.
            Err(BadIndex) => {
                self.rebuild_indexes(index)?;
                Ok(self.find_by_index(index, offset, access)?.unwrap_or(None))
            }
        }
    }

    fn find_recent(&self, index: usize, offset: Offset) -> Option<BatchPlace> {
        if index + 1 != self.segments.len() || offset >= self.log_end_offset {
            return None;
        }
        let (batch, next) = self.recent.holder_of(offset)?;
        let end = next.map_or(self.active().size, |next| next.position);
        Some(BatchPlace {
            position: batch.position,
            size: end - batch.position,
            base_offset: batch.base_offset,
        })
    }

    fn find_by_index(
        &mut self,
        index: usize,
        offset: Offset,
        access: Access,
    ) -> Result<Result<Option<BatchPlace>, BadIndex>, ReadFault> {
        let size = self.segments[index].size;
        if size == 0 {
            return Ok(Ok(None));
        }
        self.ensure_indexes(index)?;
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let segment = &mut self.segments[index];
        let base_offset = segment.base_offset;
        let target = u32::try_from(offset.0.saturating_sub(base_offset.0).max(0)).unwrap_or(u32::MAX);
        let path = segment.path(&dir, FileKind::OffsetIndex);
        let file = Arc::clone(segment.file(&*disk, &dir)?);
        let offsets = &segment.indexes().expect("opened above").offsets;
        let found = neighbours(
            offsets,
            Key::Offset(target),
            &mut self.index_block,
            (&*disk, &path, base_offset),
            access,
        )?;
        let mut buffer = [0; LOOKUP_CHUNK_SIZE];
        let mut reader = HeaderReader::new(&file, size, access, &mut buffer);
        if let Some(next) = found.next {
            // Where most batches have an entry, the one after the offset's floor is the batch.
            let Some(header) = entry_header(&mut reader, next, base_offset, size)? else {
                return Ok(Err(BadIndex));
            };
            if header.base_offset().is_some_and(|base| base <= offset) {
                return Ok(Ok(Some(place(next.position, &header, offset))));
            }
        }
        let mut position = 0;
        if let Some(floor) = found.floor {
            let Some(header) = entry_header(&mut reader, floor, base_offset, size)? else {
                return Ok(Err(BadIndex));
            };
            if header.last_offset() >= offset {
                return Ok(Ok(Some(place(floor.position, &header, offset))));
            }
            position = floor.position + header.size_bytes() as u32;
        }
        while position < size {
            let header = match reader.at(position)? {
                Ok(header) => header,
                Err(error) => {
                    let path = segment.path(&dir, FileKind::Log);
                    let reason = format!("no batch at position {position}: {error}");
                    return Err(StorageError::invalid_data(&path, reason).into());
                }
            };
            if header.last_offset() >= offset {
                return Ok(Ok(Some(place(position, &header, offset))));
            }
            position += header.size_bytes() as u32;
        }
        Ok(Ok(None))
    }

    /// The last offset of an indexed batch that begins at `position` or behind; `None` if there is none, or the index is not open.
    pub(super) fn indexed_offset_from(
        &mut self,
        index: usize,
        position: u32,
        access: Access,
    ) -> Result<Option<Offset>, ReadFault> {
        let segment = &self.segments[index];
        let Some(open) = segment.indexes() else { return Ok(None) };
        let (path, base_offset) = (segment.path(&self.dir, FileKind::OffsetIndex), segment.base_offset);
        let key = Key::Position(position.saturating_sub(1));
        let place = (&*self.disk, &*path, base_offset);
        let found = neighbours(&open.offsets, key, &mut self.index_block, place, access)?;
        Ok(found.next.map(|entry| base_offset.plus(i64::from(entry.relative_offset))))
    }

    /// Opens the indexes of a segment, and makes them anew if they are missing or cannot be its own.
    pub(super) fn ensure_indexes(&mut self, index: usize) -> Result<(), StorageError> {
        if self.segments[index].indexes().is_some() {
            return Ok(());
        }
        let end = self.segment_end(index);
        let (disk, dir, config) = (Arc::clone(&self.disk), Arc::clone(&self.dir), Arc::clone(&self.config));
        let is_usable = self.segments[index].open_indexes(&*disk, &dir, end, &config)?;
        if !is_usable || !self.is_time_index_right(index)? {
            self.rebuild_indexes(index)?;
        }
        Ok(())
    }

    /// Whether the last entry of a segment's time index has the timestamp of the batch that it points to: retention goes by it.
    pub(super) fn is_time_index_right(&mut self, index: usize) -> Result<bool, StorageError> {
        let segment = &self.segments[index];
        let Some(last) = segment.indexes().and_then(|open| open.times.last()) else { return Ok(true) };
        let offset = segment.base_offset.plus(i64::from(last.relative_offset));
        let found = self.find_by_index(index, offset, Access::Wait).map_err(ReadFault::into_storage)?;
        let Ok(Some(place)) = found else { return Ok(false) };
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let segment = &mut self.segments[index];
        let size = segment.size;
        let mut buffer = [0; 64];
        let mut reader = HeaderReader::new(segment.file(&*disk, &dir)?, size, Access::Wait, &mut buffer);
        let header = reader.at(place.position).map_err(ReadFault::into_storage)?;
        Ok(header.is_ok_and(|header| header.max_timestamp() == last.timestamp))
    }

    /// Makes offset and time index of a segment anew from its batches' headers, and writes them. Answers the end of the last
    /// batch. Waits for the disk.
    pub(super) fn rebuild_indexes(&mut self, index: usize) -> Result<Offset, StorageError> {
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let index_interval_bytes = self.config.index_interval_bytes;
        self.index_block = None;
        self.sync.note_dir_change();
        let segment = &mut self.segments[index];
        let file = Arc::clone(segment.file(&*disk, &dir)?);
        tracing::info!(path = %file.path().display(), "making the indexes of a segment anew");
        segment.reset_sparse_indexes();
        let mut buffer = vec![0; CHUNK_SIZE];
        let mut reader = HeaderReader::new(&file, segment.size, Access::Wait, &mut buffer);
        let mut position = 0;
        let mut least = segment.base_offset;
        while position < segment.size {
            let header = reader.at(position).map_err(ReadFault::into_storage)?;
            // Readers that reach damage are told; the index serves those before it.
            let Ok(header) = header else { break };
            if header.last_offset() < least
                || !crate::segment::is_in_range(segment.base_offset, header.last_offset())
            {
                break;
            }
            segment.index_batch(position, &header, index_interval_bytes);
            least = header.next_offset();
            position += header.size_bytes() as u32;
        }
        segment.note_max_timestamp();
        segment.spill(&*disk, &dir)?;
        Ok(least)
    }
}

/// The index led astray.
struct BadIndex;

fn place(position: u32, header: &AnyHeader, offset: Offset) -> BatchPlace {
    // A compressed set of old does not tell its first offset: the one asked for is in it.
    let base_offset = header.base_offset().unwrap_or(offset);
    BatchPlace { position, size: header.size_bytes() as u32, base_offset }
}

/// The header of the batch that an index entry points to, if it is the one that the entry means.
fn entry_header(
    reader: &mut HeaderReader<'_>,
    entry: OffsetEntry,
    base_offset: Offset,
    size: u32,
) -> Result<Option<AnyHeader>, ReadFault> {
    if entry.position >= size {
        return Ok(None);
    }
    let header = reader.at(entry.position)?.ok();
    let expected = base_offset.plus(i64::from(entry.relative_offset));
    Ok(header.filter(|header| header.last_offset() == expected))
}
