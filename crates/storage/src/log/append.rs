//! Appending: the leader's way and the follower's.
//!
//! Batches are checked and stamped one by one, gathered into groups that go into one segment, and each group is written with
//! one call. What a group changed in memory is taken back if its write fails.

use std::io::IoSlice;
use std::sync::Arc;

use ottla_protocol::record::BatchError;
use ottla_protocol::record::BatchView;
use ottla_protocol::record::header::{BASE_OFFSET_OFFSET, LEADER_EPOCH_OFFSET, RECORD_BATCH_OVERHEAD};
use ottla_protocol::record::legacy::{AnyHeader, LegacyView};
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::Offset;

use super::Log;
use super::recent::RecentBatch;
use crate::append::{
    AppendContext, AppendError, AppendOrigin, Appended, FollowerAppended, FollowerContext, LeaderAppended,
    LeaderBatch,
};
use crate::error::{Operation, StorageError};
use crate::io::DiskFile;
use crate::producer_state::{TransactionChange, Trust};
use crate::segment::{RELATIVE_OFFSET_MAX, is_in_range};
use crate::walk::{holds_marker, parse_marker};

/// So many batches go down in one write.
const GROUP_BATCHES_MAX: usize = 64;

/// Batches that are checked and wait to be written to the active segment.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    /// Index of its first batch.
    first: usize,
    count: u32,
    size: u64,
    /// Timestamp of its first batch.
    first_timestamp: Option<Timestamp>,
}

impl Log {
    /// Appends as the leader: gives each batch its offsets and the leader's epoch, checks it against its producer's state, and
    /// writes all that pass with one call. The verdict on each is in the batch; a refused one does not keep the others out.
    ///
    /// Errors: the disk failed. Batches whose outcome is `Ok` are in the log all the same (they were written before); the others
    /// are not, and the log is ready for another try (the disk may have been full), unless taking back what was half written
    /// failed too: then every later append fails as well.
    pub fn append_as_leader(
        &mut self,
        batches: &mut [LeaderBatch<'_>],
        context: &AppendContext,
    ) -> Result<LeaderAppended, StorageError> {
        self.check_usable()?;
        let base_offset = self.log_end_offset;
        let result = self.append_batches(batches, context);
        if result.is_err() {
            for batch in batches.iter_mut().filter(|batch| batch.outcome.is_none()) {
                let error = std::io::Error::other("the append that the batch was part of failed");
                batch.outcome = Some(Err(StorageError::new(Operation::Write, &self.dir, error).into()));
            }
        }
        let (size, rolled) = result?;
        Ok(LeaderAppended { base_offset, end_offset: self.log_end_offset, size, rolled })
    }

    fn append_batches(
        &mut self,
        batches: &mut [LeaderBatch<'_>],
        context: &AppendContext,
    ) -> Result<(u64, bool), StorageError> {
        let (mut written, mut rolled) = (0, false);
        let mut group = Group::default();
        let mut next_offset = self.log_end_offset;
        for index in 0..batches.len() {
            let header = *batches[index].header();
            if header.size_bytes > self.config.segment_bytes as usize {
                let (size, segment_bytes) = (header.size_bytes, self.config.segment_bytes);
                batches[index].outcome = Some(Err(AppendError::LargerThanSegment { size, segment_bytes }));
                continue;
            }
            let last_offset = next_offset.plus(i64::from(header.last_offset_delta));
            let must_roll =
                self.must_roll(&group, header.size_bytes, header.max_timestamp, last_offset, context.now)?;
            if must_roll || group.count as usize == GROUP_BATCHES_MAX {
                written += group.size;
                self.write_leader_group(batches, &group)?;
                group = Group { first: index, ..Group::default() };
            }
            if must_roll {
                self.roll_at(self.next_base(next_offset, last_offset), context.now.wall)?;
                rolled = true;
            }
            if self.admit(&mut batches[index], next_offset, context) {
                next_offset = last_offset.next();
                group.count += 1;
                group.size += header.size_bytes as u64;
                group.first_timestamp.get_or_insert(header.max_timestamp);
            }
        }
        written += group.size;
        self.write_leader_group(batches, &group)?;
        Ok((written, rolled))
    }

    /// Stamps and checks a batch. Whether it shall be written; if not, its outcome says why.
    fn admit(&mut self, batch: &mut LeaderBatch<'_>, base_offset: Offset, context: &AppendContext) -> bool {
        batch.header.base_offset = base_offset;
        batch.header.leader_epoch = context.leader_epoch;
        batch.head[BASE_OFFSET_OFFSET..BASE_OFFSET_OFFSET + 8].copy_from_slice(&base_offset.0.to_be_bytes());
        batch.head[LEADER_EPOCH_OFFSET..LEADER_EPOCH_OFFSET + 4]
            .copy_from_slice(&context.leader_epoch.0.to_be_bytes());
        if context.origin == AppendOrigin::RaftLeader || !batch.header.has_producer_id() {
            batch.outcome = None;
            return true;
        }
        let header = batch.header;
        let marker = if holds_marker(&header) { parse_marker(&header, &batch.records) } else { None };
        if marker.is_none() && holds_marker(&header) {
            batch.outcome = Some(Err(AppendError::InvalidMarker { producer_id: header.producer_id }));
            return false;
        }
        let AppendContext { origin, transaction_version, .. } = *context;
        match self.producers.admit(&header, marker, Trust::Check { origin, transaction_version }) {
            Ok(Ok(change)) => {
                self.changes.extend(change);
                batch.outcome = None;
                true
            }
            Ok(Err(duplicate)) => {
                batch.outcome = Some(Ok(duplicate));
                false
            }
            Err(error) => {
                batch.outcome = Some(Err(error));
                false
            }
        }
    }

    /// Writes the batches of the group, which are those from its first on that have no outcome yet, as far as there are so many.
    fn write_leader_group(
        &mut self,
        batches: &mut [LeaderBatch<'_>],
        group: &Group,
    ) -> Result<(), StorageError> {
        if group.count == 0 {
            return Ok(());
        }
        let count = group.count as usize;
        let empty: &[u8] = &[];
        let mut slices = [IoSlice::new(empty); 2 * GROUP_BATCHES_MAX];
        let waiting = batches[group.first..].iter().filter(|batch| batch.outcome.is_none()).take(count);
        for (slices, batch) in slices.chunks_exact_mut(2).zip(waiting) {
            slices[0] = IoSlice::new(&batch.head);
            slices[1] = IoSlice::new(&batch.records);
        }
        self.write_slices(&slices[..2 * count])?;
        let waiting = batches[group.first..].iter_mut().filter(|batch| batch.outcome.is_none()).take(count);
        for batch in waiting {
            let header = batch.header;
            self.note_batch(&AnyHeader::Current(header));
            batch.outcome = Some(Ok(Appended {
                base_offset: header.base_offset,
                last_offset: header.last_offset(),
                is_duplicate: false,
                max_timestamp: header.max_timestamp,
            }));
        }
        self.finish_group();
        Ok(())
    }

    /// Appends what a follower fetched: whole batches with their offsets and epochs, and maybe a cut one at the end, which is
    /// left out. Checks framing, CRC and order; producer state is followed, not enforced.
    ///
    /// Errors: a batch that is not whole in another way, or not in order; those before it are appended. The disk failed: as
    /// for [`Self::append_as_leader`].
    pub fn append_as_follower(
        &mut self,
        records: &[u8],
        context: &FollowerContext,
    ) -> Result<FollowerAppended, AppendError> {
        self.check_usable()?;
        let mut appended =
            FollowerAppended { end_offset: self.log_end_offset, size: 0, max_timestamp: Timestamp::NONE };
        let mut rest = records;
        let mut fault = None;
        while fault.is_none() && !rest.is_empty() {
            let (size, stop) = self.append_follower_group(rest, context, &mut appended)?;
            rest = &rest[size..];
            match stop {
                Stop::Full => {}
                Stop::End => break,
                Stop::Fault(error) => fault = Some(error),
            }
        }
        appended.end_offset = self.log_end_offset;
        fault.map_or(Ok(appended), Err)
    }

    /// Appends as many batches from the beginning of `bytes` as go into one segment, rolling first if the first one asks for it.
    fn append_follower_group(
        &mut self,
        bytes: &[u8],
        context: &FollowerContext,
        appended: &mut FollowerAppended,
    ) -> Result<(usize, Stop), AppendError> {
        let mut group = Group::default();
        let mut next_offset = self.log_end_offset;
        let stop = loop {
            let rest = &bytes[group.size as usize..];
            let header = match self.check_follower_batch(rest, next_offset, context) {
                Ok(Some(header)) => header,
                Ok(None) => break Stop::End,
                Err(error) => break Stop::Fault(error),
            };
            let (size, last_offset) = (header.size_bytes(), header.last_offset());
            let base_offset = base_offset_of(&header, next_offset);
            if base_offset < self.active().base_offset
                || self.must_roll(&group, size, header.max_timestamp(), last_offset, context.now)?
            {
                if group.count > 0 {
                    break Stop::Full;
                }
                self.roll_at(self.next_base(base_offset, last_offset), context.now.wall)?;
            }
            if let Err(error) = self.follow(&header, rest) {
                break Stop::Fault(error);
            }
            next_offset = last_offset.next();
            group.count += 1;
            group.size += size as u64;
            group.first_timestamp.get_or_insert(header.max_timestamp());
            appended.max_timestamp = appended.max_timestamp.max(header.max_timestamp());
        };
        self.write_follower_group(&bytes[..group.size as usize])?;
        appended.size += group.size;
        Ok((group.size as usize, stop))
    }

    /// The header of the batch at the beginning of `bytes`, if it is whole, in order, and not of a higher epoch.
    fn check_follower_batch(
        &self,
        bytes: &[u8],
        expected: Offset,
        context: &FollowerContext,
    ) -> Result<Option<AnyHeader>, AppendError> {
        let header = match AnyHeader::parse(bytes) {
            Ok(header) if header.size_bytes() <= bytes.len() => header,
            Ok(_) | Err(BatchError::Incomplete { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let crc = match &header {
            AnyHeader::Current(header) if header.leader_epoch > context.leader_epoch => return Ok(None),
            AnyHeader::Current(_) => BatchView::first_of(bytes)?.verify_crc(),
            AnyHeader::Legacy(_) => LegacyView::first_of(bytes)?.verify_crc(),
        };
        crc.map_err(|crc| AppendError::CorruptBatch { stored: crc.stored, computed: crc.computed })?;
        let got = header.base_offset().unwrap_or(header.last_offset());
        let is_ordered = got >= expected || (self.begins_anew() && header.last_offset() >= expected);
        if !is_ordered || got < Offset::ZERO || header.last_offset() < got {
            return Err(AppendError::UnexpectedOffset { expected, got });
        }
        Ok(Some(header))
    }

    /// Whether the log has never held a batch, so that it may begin in the middle of one: what it is told to begin with after
    /// DeleteRecords on the leader.
    fn begins_anew(&self) -> bool {
        self.segments.len() == 1 && self.active().size == 0 && self.log_start_offset == self.log_end_offset
    }

    /// Follows the producer of a batch.
    fn follow(&mut self, header: &AnyHeader, bytes: &[u8]) -> Result<(), AppendError> {
        let AnyHeader::Current(header) = header else { return Ok(()) };
        let records = &bytes[RECORD_BATCH_OVERHEAD..header.size_bytes];
        let marker = if holds_marker(header) { parse_marker(header, records) } else { None };
        if let Ok(change) = self.producers.admit(header, marker, Trust::Follow)? {
            self.changes.extend(change);
        }
        Ok(())
    }

    fn write_follower_group(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.write_slices(&[IoSlice::new(bytes)])?;
        let mut rest = bytes;
        while !rest.is_empty() {
            let header = AnyHeader::parse(rest).expect("checked before it was written");
            self.note_batch(&header);
            rest = &rest[header.size_bytes()..];
        }
        self.finish_group();
        Ok(())
    }

    /// Writes at the end of the active segment. If that fails, nothing of it stays.
    fn write_slices(&mut self, slices: &[IoSlice<'_>]) -> Result<(), StorageError> {
        let result = self.active_file().and_then(|file| {
            let position = u64::from(self.active().size);
            file.write_at(slices, position).inspect_err(|_| {
                // What was half written must not be there when the next append is.
                self.has_failed = file.set_len(position).is_err();
            })
        });
        if result.is_err() {
            self.producers.rollback();
            self.changes.clear();
        }
        result
    }

    /// The active segment's file; its indexes are open as well, and what they gain comes behind what they have.
    fn active_file(&mut self) -> Result<Arc<dyn DiskFile>, StorageError> {
        let last = self.segments.len() - 1;
        self.ensure_indexes(last)?;
        if self.active().transactions.known().is_none() {
            self.transaction_entries(last)?;
        }
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        Ok(Arc::clone(self.active_mut().file(&*disk, &dir)?))
    }

    #[inline]
    fn note_batch(&mut self, header: &AnyHeader) {
        let base_offset = header.base_offset().unwrap_or(self.log_end_offset);
        let position = self.active().size;
        self.recent.push(RecentBatch { base_offset, position });
        let index_interval_bytes = self.config.index_interval_bytes;
        self.active_mut().note_batch(header, index_interval_bytes);
        match header {
            AnyHeader::Current(header) => self.epochs.assign(header.leader_epoch, base_offset),
            // Old batches have no epoch: truncation falls back to the high watermark.
            AnyHeader::Legacy(_) => self.epochs.clear(),
        }
        self.log_end_offset = header.next_offset();
        self.hole_from = None;
    }

    /// The group is written: its changes stay.
    fn finish_group(&mut self) {
        self.producers.commit();
        let mut changes = std::mem::take(&mut self.changes);
        for change in changes.drain(..) {
            self.apply_transaction(change);
        }
        self.changes = changes;
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        if let Err(error) = self.active_mut().maybe_spill(&*disk, &dir) {
            tracing::warn!(%error, "index entries wait in memory");
        }
    }

    fn apply_transaction(&mut self, change: TransactionChange) {
        if let Some((done, last_stable_offset)) = self.producers.apply(change) {
            self.active_mut().transactions.push(done.entry(last_stable_offset));
        }
    }

    /// Whether a batch must begin a new segment, behind what the group will have added to the active one.
    fn must_roll(
        &mut self,
        group: &Group,
        size: usize,
        max_timestamp: Timestamp,
        last_offset: Offset,
        now: Now,
    ) -> Result<bool, StorageError> {
        let active = self.active();
        if !is_in_range(active.base_offset, last_offset) {
            return Ok(true);
        }
        let held = u64::from(active.size) + group.size;
        if held == 0 {
            return Ok(false);
        }
        if held + size as u64 > u64::from(self.config.segment_bytes)
            || active.is_index_full(&self.config, group.count)
        {
            return Ok(true);
        }
        let segment_ms = self.config.segment_ms.saturating_sub(active.roll_jitter_ms);
        let created = active.created;
        let first = match active.size {
            0 => group.first_timestamp,
            _ => {
                let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
                self.active_mut().first_timestamp(&*disk, &dir)?
            }
        };
        let waited = match first {
            Some(first) if first >= Timestamp(0) => max_timestamp.0.saturating_sub(first.0),
            _ => now.wall.0.saturating_sub(created.0),
        };
        Ok(waited > segment_ms)
    }
}

/// Where a segment may begin that begins with this batch.
fn base_offset_of(header: &AnyHeader, next_offset: Offset) -> Offset {
    // Only its inside tells where a compressed set of old begins; its records lie within 31 bits of the last one.
    header.base_offset().unwrap_or_else(|| next_offset.max(header.last_offset().plus(-RELATIVE_OFFSET_MAX)))
}

/// Why a group of a follower's batches ends.
enum Stop {
    /// The next batch begins a new segment.
    Full,
    /// There is no whole batch left, or the next one is of a higher epoch.
    End,
    /// The next batch is bad.
    Fault(AppendError),
}
