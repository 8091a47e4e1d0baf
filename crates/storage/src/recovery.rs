//! What opening a log finds and does: the report, and the errors.

mod behind;
mod leftovers;

use std::fmt;
use std::path::PathBuf;

use ottla_protocol::types::{Offset, TopicId};

pub(crate) use behind::{Behind, Search, is_lost_write};
pub(crate) use leftovers::{SegmentFiles, settle};

use crate::error::StorageError;

/// What to do about damage: a batch that is not valid with valid ones behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDamage {
    /// Refuse to open: what lies behind may have been acknowledged, and may exist nowhere else.
    #[default]
    Refuse,
    /// Cut the log before the damage: another replica has what lies behind.
    Cut,
}

/// Where a log is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The segment's file.
    pub path: PathBuf,
    /// Where the first bad batch begins, in bytes.
    pub position: u64,
    /// The offset that it should hold.
    pub offset: Offset,
    /// Base offset of the first valid batch behind.
    pub resumes_at: Offset,
    /// What is wrong with the bad batch.
    pub reason: String,
}

/// What opening a log found and did. The default is: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Segments whose batches were scanned.
    pub segments_scanned: usize,
    /// Bytes cut off the end, with what was wrong with them.
    pub torn_tail: Option<TornTail>,
    /// Damage that was cut, as [`OnDamage::Cut`] asked for.
    pub damage: Option<Damage>,
    /// Segments whose indexes were made anew although nothing was scanned.
    pub indexes_rebuilt: usize,
    /// Files that were of no use and were removed.
    pub files_removed: usize,
    /// The leader epochs were made anew from the batches.
    pub epochs_rebuilt: bool,
    /// The log ended below the log start offset and was begun anew there.
    pub started_over: bool,
}

impl RecoveryReport {
    /// Whether the log was as a clean close leaves it.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for RecoveryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} segments scanned", self.segments_scanned)?;
        if let Some(tail) = &self.torn_tail {
            let TornTail { segment, position, size, reason, .. } = tail;
            write!(f, ", {size} bytes cut off segment {segment} at position {position} ({reason})")?;
            if tail.below_recovery_point {
                f.write_str(", below the recovery point")?;
            }
        }
        if let Some(damage) = &self.damage {
            write!(f, ", damage cut: {}", OpenError::Damaged(Box::new(damage.clone())))?;
        }
        for (count, what) in
            [(self.indexes_rebuilt, "indexes rebuilt"), (self.files_removed, "files removed")]
        {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        if self.epochs_rebuilt {
            f.write_str(", leader epochs rebuilt")?;
        }
        if self.started_over {
            f.write_str(", begun anew at the log start offset")?;
        }
        Ok(())
    }
}

/// An append that the crash interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// Base offset of the segment.
    pub segment: Offset,
    /// Where the cut was made, in bytes.
    pub position: u64,
    /// Bytes cut off, later segments included.
    pub size: u64,
    /// What was wrong with the first bad batch.
    pub reason: String,
    /// The cut lies below the recovery point: bytes are missing that had been synced.
    pub below_recovery_point: bool,
}

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Valid batches lie behind a bad one.
    #[error(
        "{path} is damaged at position {position}: {reason}; offset {offset} is lost, valid batches go on at {resumes_at}",
        path = .0.path.display(), position = .0.position, reason = .0.reason, offset = .0.offset, resumes_at = .0.resumes_at
    )]
    Damaged(Box<Damage>),
    /// The directory belongs to another life of the topic (INCONSISTENT_TOPIC_ID, 103).
    #[error("{dir} holds topic id {found}, not {expected}", dir = dir.display())]
    InconsistentTopicId {
        /// The replica's directory.
        dir: PathBuf,
        /// In `partition.metadata`.
        found: TopicId,
        /// The caller's.
        expected: TopicId,
    },
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
