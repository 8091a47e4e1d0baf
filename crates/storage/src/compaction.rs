//! Compaction: of each key, the last record stays.
//!
//! A round is planned on the log's thread, done elsewhere in slices, and brought back group by group:
//!
//! ```text
//!  the log's thread                             any other thread
//!  Log::dirt ─► Log::plan_cleaning ───────────► map pass: the last offset of every key of the dirty section
//!                                               clean pass: a group of segments becomes one, as .cleaned files, synced
//!  Log::swap_in  .cleaned ─► .swap, the old ◄── Ready
//!                ones ─► .deleted, .swap ─► live
//!                └────────────────────────────► sync of the directory; next group …
//!  Log::mark_cleaned ◄───────────────────────── Done
//! ```
//!
//! Only closed segments below the last stable offset are read, which nobody changes; whatever happens to the log meanwhile makes
//! [`crate::log::Log::swap_in`] refuse. A crash at any point leaves what Kafka's own protocol of file names can recover. Every
//! batch that is read is checked: damage ends the round, with a name, and changes nothing.
//!
//! Source: Kafka `LogCleaner`, `Cleaner`, `LogCleanerManager`; KIP-58, KIP-98, KIP-354, KIP-534.

mod aborted;
mod filter;
mod key_hash;
mod offset_map;
mod pass;
mod source;
#[cfg(test)]
mod tests;
mod transactions;
mod writer;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{Offset, ProducerId};

pub(crate) use aborted::{AbortedTransactions, IndexedAborts};
pub(crate) use filter::LastRecord;
pub use key_hash::HashSecret;
pub(crate) use source::Source;
pub(crate) use writer::cleaned;

use crate::config::LogConfig;
use crate::error::StorageError;
use crate::io::Disk;
use crate::layout::FileKind;
use crate::segment::Segment;
use pass::{CleanPass, MapPass};

/// What a round of compaction may use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CleanerOptions {
    /// Memory for the map of keys, in bytes (`log.cleaner.dedupe.buffer.size`, per round).
    pub dedupe_buffer_size: u64,
    /// How much of it is used before the round ends early (`log.cleaner.io.buffer.load.factor`).
    pub load_factor: f64,
    /// Bytes that are read at once (`log.cleaner.io.buffer.size`, half of it per round).
    pub io_buffer_size: usize,
    /// Makes hashes of keys nobody's to foresee.
    pub hash_secret: HashSecret,
}

/// How dirty a log is: what a round would have to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dirt {
    /// Where the dirty section begins: everything below has been compacted.
    pub first_dirty: Offset,
    /// Where it ends: at the beginning of a segment.
    pub first_uncleanable: Offset,
    /// Size of the segments that begin below the dirty section, in bytes.
    pub clean_bytes: u64,
    /// Size of the segments of the dirty section, in bytes.
    pub dirty_bytes: u64,
    /// For so long something has been in the dirty section that `max.compaction.lag.ms` wants compacted, in milliseconds.
    pub overdue_ms: i64,
}

impl Dirt {
    /// The share of the dirty section, from 0 to 1.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        let total = self.clean_bytes + self.dirty_bytes;
        if total == 0 { 0.0 } else { self.dirty_bytes as f64 / total as f64 }
    }

    /// Whether a round is worth its while (`min.cleanable.dirty.ratio`), or due.
    #[must_use]
    pub fn wants_cleaning(&self, ratio_min: f64) -> bool {
        (self.overdue_ms > 0 && self.dirty_bytes > 0) || self.ratio() > ratio_min
    }
}

/// Why a round ended. The log is as it was, but for the groups that were swapped in.
#[derive(Debug, thiserror::Error)]
pub enum CleanError {
    /// What is in a segment is not what was written there.
    #[error("{path} is damaged at position {position}: {reason}", path = path.display())]
    Damaged {
        /// The segment's file.
        path: PathBuf,
        /// Where the bad batch begins, in bytes.
        position: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A transaction index is missing or damaged: [`crate::log::Log::recover_transaction_index`] makes it anew.
    #[error("the transaction index of the segment at {base_offset} lacks entries")]
    TransactionIndex {
        /// Base offset of the segment.
        base_offset: Offset,
    },
    /// Batches that were compressed anew have become so large that they do not fit a segment.
    #[error("the segment at {base_offset} would exceed 2 GiB")]
    TooLarge {
        /// Base offset of the segment.
        base_offset: Offset,
    },
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a round has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleaningStats {
    /// Bytes read for the map of keys.
    pub bytes_mapped: u64,
    /// Bytes of batches that were judged.
    pub bytes_read: u64,
    /// Bytes of batches that stayed.
    pub bytes_written: u64,
    /// Records that were judged.
    pub records_read: u64,
    /// Records that stayed.
    pub records_written: u64,
    /// Records without a key, which do not belong in a compacted log; they go.
    pub records_without_key: u64,
    /// Different keys in the dirty section, as far as the map had room.
    pub keys: u64,
    /// Segments that took the place of others.
    pub segments_written: u64,
}

/// A round that has ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// Where the dirty section began.
    pub first_dirty: Offset,
    /// Where it begins after the round; below the end that was planned if the map was full.
    pub end_offset: Offset,
    /// What was done.
    pub stats: CleaningStats,
}

/// What a slice of a round has come to.
#[derive(Debug)]
pub enum CleaningStep {
    /// There is more to do.
    More(Box<Cleaning>),
    /// A group is ready for [`crate::log::Log::swap_in`]. Then there is more to do.
    Ready(Box<Cleaning>),
    /// The round is over.
    Done(Cleaned),
}

/// A round of compaction under way.
#[derive(Debug)]
pub struct Cleaning {
    plan: Plan,
    phase: Phase,
    stats: CleaningStats,
    /// A swap waits for a sync of the directory.
    syncs_dir: bool,
}

/// What a round is about. It does not change.
#[derive(Debug)]
pub(crate) struct Plan {
    pub disk: Arc<dyn Disk>,
    pub dir: Arc<Path>,
    pub config: Arc<LogConfig>,
    /// Of the log when the round was planned: after a truncation it is another.
    pub generation: u32,
    pub now: Timestamp,
    pub first_dirty: Offset,
    pub first_uncleanable: Offset,
    /// The log's segments below the first uncleanable offset.
    pub sources: Vec<Source>,
    pub aborted: AbortedTransactions,
    pub last_records: BTreeMap<ProducerId, LastRecord>,
    pub options: CleanerOptions,
}

#[derive(Debug)]
enum Phase {
    /// Before the first step.
    New,
    Map(Box<MapPass>),
    Clean(Box<CleanPass>),
}

/// A group that is ready: what takes whose place.
#[derive(Debug)]
pub(crate) struct ReadyGroup {
    /// Of the plan's sources.
    pub sources: Range<usize>,
    /// Whole and synced, under its `.cleaned` names.
    pub segment: Segment,
}

impl Cleaning {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan, phase: Phase::New, stats: CleaningStats::default(), syncs_dir: false }
    }

    /// Goes on until about `bytes_max` bytes have been read and written, or a group is ready. Answers how many they were, and what
    /// has come of it. Waits for the disk.
    ///
    /// After an error nothing is left of the group that was being made.
    pub fn run(mut self: Box<Self>, bytes_max: u64) -> (u64, Result<CleaningStep, CleanError>) {
        let before = self.bytes_done();
        match self.advance(before.saturating_add(bytes_max)) {
            Ok(progress) => {
                let done = self.bytes_done() - before;
                let step = match progress {
                    Progress::More => CleaningStep::More(self),
                    Progress::Ready => CleaningStep::Ready(self),
                    Progress::Done(end_offset) => CleaningStep::Done(Cleaned {
                        first_dirty: self.plan.first_dirty,
                        end_offset,
                        stats: self.stats,
                    }),
                };
                (done, Ok(step))
            }
            Err(error) => {
                let done = self.bytes_done() - before;
                self.abandon();
                (done, Err(error))
            }
        }
    }

    /// Ends the round: removes what is left of the group that was being made. Waits for the disk.
    pub fn abandon(mut self: Box<Self>) {
        self.remove_cleaned();
    }

    /// What has been done so far.
    #[must_use]
    pub const fn stats(&self) -> &CleaningStats {
        &self.stats
    }

    pub(crate) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The group that is ready.
    pub(crate) fn ready(&self) -> Option<&ReadyGroup> {
        match &self.phase {
            Phase::Clean(pass) => pass.ready(),
            _ => None,
        }
    }

    /// Takes the group that is ready, which has taken its place.
    pub(crate) fn take_ready(&mut self) -> Option<ReadyGroup> {
        let Phase::Clean(pass) = &mut self.phase else { return None };
        self.syncs_dir = true;
        pass.take_ready()
    }

    const fn bytes_done(&self) -> u64 {
        self.stats.bytes_mapped + self.stats.bytes_read + self.stats.bytes_written
    }

    fn advance(&mut self, bytes_max: u64) -> Result<Progress, CleanError> {
        if std::mem::take(&mut self.syncs_dir) {
            self.plan.disk.sync_dir(&self.plan.dir)?;
        }
        loop {
            match &mut self.phase {
                Phase::New => {
                    self.remove_stale()?;
                    self.phase = Phase::Map(Box::new(MapPass::new(&mut self.plan)?));
                }
                Phase::Map(pass) => {
                    while !pass.is_done() {
                        if self.stats.bytes_mapped >= bytes_max {
                            return Ok(Progress::More);
                        }
                        pass.step(&self.plan, &mut self.stats)?;
                    }
                    let map = pass.take_map();
                    self.stats.keys = map.len();
                    let groups = self.group(map.latest().next())?;
                    self.phase = Phase::Clean(Box::new(CleanPass::new(&self.plan, map, groups)?));
                }
                Phase::Clean(pass) => {
                    if pass.ready().is_some() {
                        return Ok(Progress::Ready);
                    }
                    if pass.is_done() {
                        return Ok(Progress::Done(pass.end_offset().max(self.plan.first_dirty)));
                    }
                    if self.stats.bytes_mapped + self.stats.bytes_read + self.stats.bytes_written >= bytes_max
                    {
                        return Ok(Progress::More);
                    }
                    pass.step(&mut self.plan, &mut self.stats)?;
                }
            }
        }
    }

    /// Groups of segments below `end_offset` that become one each, so that segments do not get smaller and smaller. Neither a group
    /// nor its indexes are larger than a segment may be.
    ///
    /// Source: Kafka `Cleaner.groupSegmentsBySize`.
    fn group(&self, end_offset: Offset) -> Result<VecDeque<Range<usize>>, CleanError> {
        let config = &self.plan.config;
        let index_max = u64::from(config.segment_index_bytes);
        let mut groups: VecDeque<Range<usize>> = VecDeque::new();
        let mut sizes = [0; 3];
        let sources = self.plan.sources.iter().take_while(|source| source.base_offset < end_offset);
        for (at, source) in sources.enumerate() {
            let own = [
                u64::from(source.size),
                self.file_size(source.base_offset, FileKind::OffsetIndex)?,
                self.file_size(source.base_offset, FileKind::TimeIndex)?,
            ];
            let fits = groups.back().is_some_and(|group| {
                // Kafka measures from the base of the segment before; an index entry counts from that of the first.
                let first = self.plan.sources[group.start].base_offset;
                let last_offset = source.end_offset.0 - 1;
                sizes[0] + own[0] <= u64::from(config.segment_bytes)
                    && sizes[1] + own[1] <= index_max
                    && sizes[2] + own[2] <= index_max
                    && (source.size == 0 || crate::segment::is_in_range(first, Offset(last_offset)))
            });
            match groups.back_mut().filter(|_| fits) {
                Some(group) => {
                    group.end = at + 1;
                    sizes.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
                }
                None => {
                    groups.push_back(at..at + 1);
                    sizes = own;
                }
            }
        }
        Ok(groups)
    }

    fn file_size(&self, base_offset: Offset, kind: FileKind) -> Result<u64, StorageError> {
        let path = crate::layout::FileName::live(base_offset, kind).in_dir(&self.plan.dir);
        Ok(self.plan.disk.stat(&path)?.map_or(0, |stat| stat.size))
    }

    /// Removes what an earlier round has left. It must be gone before anything is renamed to `.swap`: recovery takes a `.swap` file
    /// behind a `.cleaned` one for a part of something unfinished.
    fn remove_stale(&self) -> Result<(), StorageError> {
        let (disk, dir) = (&self.plan.disk, &self.plan.dir);
        let mut removed = false;
        for entry in disk.list(dir)? {
            let name = crate::layout::FileName::parse(&entry.name);
            if name.is_some_and(|name| name.state == crate::layout::FileState::Cleaned) {
                removed |= disk.remove_file(&dir.join(&entry.name))?;
            }
        }
        if removed { disk.sync_dir(dir) } else { Ok(()) }
    }

    fn remove_cleaned(&mut self) {
        let Phase::Clean(pass) = &self.phase else { return };
        let Some(base_offset) = pass.making() else { return };
        for kind in FileKind::OF_SEGMENT {
            // What stays is removed by the next round, or the next opening.
            let _ = self.plan.disk.remove_file(&cleaned(base_offset, kind).in_dir(&self.plan.dir));
        }
    }
}

enum Progress {
    More,
    Ready,
    Done(Offset),
}
