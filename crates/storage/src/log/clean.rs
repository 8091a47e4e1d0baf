//! Compaction, the log's side: how dirty it is, and what a round is about.
//!
//! Source: Kafka `LogCleanerManager.cleanableOffsets`, `LogToClean`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;

use super::Log;
use crate::compaction::{
    AbortedTransactions, Cleaned, CleanerOptions, Cleaning, Dirt, IndexedAborts, Plan, Source,
};
use crate::error::StorageError;
use crate::layout::FileKind;

impl Log {
    /// Up to where the log has been compacted, for the cleaner checkpoint; `None` if it never was.
    #[must_use]
    pub const fn cleaned_up_to(&self) -> Option<Offset> {
        self.cleaned_up_to
    }

    /// Takes over what the cleaner checkpoint says, after opening.
    pub fn restore_cleaned_up_to(&mut self, offset: Offset) {
        self.cleaned_up_to = Some(offset);
    }

    /// Takes note that a round has ended, whose groups have all been swapped in.
    pub fn mark_cleaned(&mut self, cleaned: &Cleaned) {
        self.cleaned_up_to = Some(cleaned.end_offset);
    }

    /// How dirty the log is; `None` if it is not to be compacted, or there is nothing in it but the active segment.
    ///
    /// Reads the time indexes and first batches of closed segments, once, if the topic has a compaction lag.
    pub fn dirt(&mut self, high_watermark: Offset, now: Timestamp) -> Result<Option<Dirt>, StorageError> {
        if !self.config.cleanup_policy.compact {
            return Ok(None);
        }
        let first_dirty = self.first_dirty();
        let first_uncleanable = self.first_uncleanable(first_dirty, high_watermark, now)?;
        let size = |segments: std::ops::Range<usize>| {
            self.segments.range(segments).map(|segment| u64::from(segment.size)).sum()
        };
        let end = self.segments.partition_point(|segment| segment.base_offset < first_uncleanable);
        let begin = self.segment_of(first_dirty.min(first_uncleanable)).min(end);
        let clean = self.segments.partition_point(|segment| segment.base_offset < first_dirty);
        let (clean_bytes, dirty_bytes) = (size(0..clean), size(begin..end));
        if clean_bytes + dirty_bytes == 0 {
            return Ok(None);
        }
        let overdue_ms = self.overdue_ms(first_dirty, now)?;
        Ok(Some(Dirt { first_dirty, first_uncleanable, clean_bytes, dirty_bytes, overdue_ms }))
    }

    /// Plans a round over what [`Self::dirt`] told just now.
    pub fn plan_cleaning(
        &mut self,
        dirt: &Dirt,
        options: CleanerOptions,
        now: Timestamp,
    ) -> Result<Box<Cleaning>, StorageError> {
        self.check_usable()?;
        let end = self.segments.partition_point(|segment| segment.base_offset < dirt.first_uncleanable);
        assert!(end < self.segments.len(), "the active segment is not compacted");
        let sources = (0..end).map(|index| Source {
            base_offset: self.segments[index].base_offset,
            end_offset: self.segment_end(index),
            size: self.segments[index].size,
        });
        Ok(Box::new(Cleaning::new(Plan {
            disk: Arc::clone(&self.disk),
            dir: Arc::clone(&self.dir),
            config: Arc::clone(&self.config),
            generation: self.sync.generation(),
            now,
            first_dirty: dirt.first_dirty,
            first_uncleanable: dirt.first_uncleanable,
            sources: sources.collect(),
            aborted: self.indexed_aborts()?,
            last_records: self.producers.last_records(),
            options,
        })))
    }

    /// Makes the transaction index of the segment at `base_offset` anew, after a round has found that it lacks entries. Waits for
    /// the disk.
    pub fn recover_transaction_index(&mut self, base_offset: Offset) -> Result<(), StorageError> {
        match self.segments.binary_search_by_key(&base_offset, |segment| segment.base_offset) {
            Ok(index) => self.rebuild_transactions(index),
            Err(_) => Ok(()),
        }
    }

    fn first_dirty(&self) -> Offset {
        let start = self.log_start_offset;
        match self.cleaned_up_to {
            Some(offset) if offset > self.log_end_offset => {
                tracing::warn!(dir = %self.dir.display(), %offset, end = %self.log_end_offset,
                    "compacted further than the log reaches: everything is dirty");
                start
            }
            Some(offset) => offset.max(start),
            None => start,
        }
    }

    /// Base offset of the first segment that is to stay as it is: the active one, one that an undecided transaction reaches into,
    /// or one that is too young.
    fn first_uncleanable(
        &mut self,
        first_dirty: Offset,
        high_watermark: Offset,
        now: Timestamp,
    ) -> Result<Offset, StorageError> {
        let active = self.segments.len() - 1;
        let mut bound = self.last_stable_offset(high_watermark).min(self.active().base_offset);
        let lag_ms = self.config.compaction.min_compaction_lag_ms;
        if lag_ms > 0 && first_dirty <= self.active().base_offset {
            for index in self.segment_of(first_dirty)..active {
                if self.segments[index].base_offset >= bound {
                    break;
                }
                let largest = self.largest_timestamp(index)?;
                if largest.0 > now.0.saturating_sub(lag_ms) {
                    bound = self.segments[index].base_offset;
                    break;
                }
            }
        }
        Ok(self.segments[self.segment_of(first_dirty.max(bound)).min(active)].base_offset)
    }

    /// For how long the oldest record of the dirty section has been due.
    fn overdue_ms(&mut self, first_dirty: Offset, now: Timestamp) -> Result<i64, StorageError> {
        let due = now.0.saturating_sub(self.config.compaction.max_compaction_lag_ms.max(0));
        let active = self.segments.len() - 1;
        // Without a lag nothing is due, and no segment is asked.
        if due <= 0 || first_dirty > self.active().base_offset {
            return Ok(0);
        }
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let mut overdue_ms = 0;
        for index in self.segment_of(first_dirty)..active {
            let first = self.segments[index].first_timestamp(&*disk, &dir)?;
            if let Some(first) = first.filter(|first| first.0 > 0) {
                overdue_ms = overdue_ms.max(due - first.0);
            }
        }
        Ok(overdue_ms)
    }

    /// What the transaction indexes of all segments say, or where they are.
    fn indexed_aborts(&mut self) -> Result<AbortedTransactions, StorageError> {
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let active = self.segments.len() - 1;
        let mut indexes = BTreeMap::new();
        for index in 0..=active {
            let segment = &mut self.segments[index];
            let base_offset = segment.base_offset;
            // The file of the active segment may grow while it is read.
            if index == active {
                let path = segment.path(&dir, FileKind::TransactionIndex);
                if segment.transactions.load(&*disk, &path, base_offset)?.is_err() {
                    self.rebuild_transactions(index)?;
                }
            }
            let transactions = &self.segments[index].transactions;
            let known = match transactions.known() {
                Some(entries) => IndexedAborts::Known(entries.to_vec()),
                None => IndexedAborts::InFile,
            };
            indexes.insert(base_offset, known);
        }
        Ok(AbortedTransactions::new(indexes))
    }
}
