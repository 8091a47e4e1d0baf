//! Work that waits for the disk, or takes long, handed out so that no shard does.

use std::path::PathBuf;
use std::sync::Arc;

use ottla_coordinator::group::{RegexJob, ResolvedRegexes};
use ottla_protocol::time::Monotonic;
use ottla_protocol::types::PartitionId;
use ottla_storage::compaction::{CleanError, Cleaning, CleaningStep};
use ottla_storage::io::{Disk, StorageError};
use ottla_storage::log::{ColdRead, FlushTicket, Flushed, TimestampLookup, TimestampedOffset, Unlink};

use crate::api::list_offsets::Place;
use crate::coordinator_host::LoadRead;
use crate::purgatory::ParkedId;

/// Something to do on another thread.
#[derive(Debug)]
pub enum Job {
    /// Make a log durable up to where it stood when the ticket was made.
    Flush {
        /// The partition.
        partition: PartitionId,
        /// Its unsynced files.
        ticket: FlushTicket,
    },
    /// Make closed logs of one directory durable.
    Close {
        /// The file system.
        disk: Arc<dyn Disk>,
        /// The log directory.
        path: PathBuf,
        /// One of each log.
        tickets: Vec<FlushTicket>,
    },
    /// Bring what a fetch needs into the page cache.
    Warm {
        /// The fetch.
        waiter: ParkedId,
        /// What it needs.
        read: ColdRead,
    },
    /// Look for a timestamp.
    Search {
        /// The request that waits.
        waiter: ParkedId,
        /// Which of its partitions.
        place: Place,
        /// The search.
        lookup: TimestampLookup,
    },
    /// Read a slice of a coordinator's log.
    Load {
        /// The coordinator's partition.
        partition: PartitionId,
        /// What to read.
        read: LoadRead,
    },
    /// Go on with the compaction of a log.
    Clean {
        /// The partition.
        partition: PartitionId,
        /// The round.
        cleaning: Box<Cleaning>,
        /// What to do.
        task: CleanTask,
    },
    /// Find the topics that regular expressions match.
    ResolveRegexes {
        /// The coordinator's partition.
        partition: PartitionId,
        /// The expressions and the topics.
        regexes: Box<RegexJob>,
    },
    /// Remove files and folders that nobody reads any more.
    Remove {
        /// The file system.
        disk: Arc<dyn Disk>,
        /// What to remove.
        unlink: Unlink,
    },
}

/// What to do with a round of compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CleanTask {
    /// Go on, until about so many bytes are read and written.
    Slice(u64),
    /// Remove what it has written.
    Abandon,
}

/// What a [`Job`] came to.
#[derive(Debug)]
pub enum JobDone {
    /// A flush ended. After an error the partition's log directory can no longer be trusted.
    Flushed {
        /// The partition.
        partition: PartitionId,
        /// Everything below is on the disk.
        result: Result<Flushed, StorageError>,
    },
    /// The logs of a directory are closed.
    Closed(Result<(), StorageError>),
    /// A fetch can be tried again.
    Warmed {
        /// The fetch.
        waiter: ParkedId,
        /// Whether the disk gave the bytes.
        result: Result<(), StorageError>,
    },
    /// A search ended.
    Searched {
        /// The request that waits.
        waiter: ParkedId,
        /// Which of its partitions.
        place: Place,
        /// What was found.
        result: Result<Option<TimestampedOffset>, StorageError>,
    },
    /// A slice of a coordinator's log was read.
    Load {
        /// The coordinator's partition.
        partition: PartitionId,
        /// The records, or `None` if they can be looked for again.
        result: Result<Option<Vec<u8>>, StorageError>,
    },
    /// A part of a log's compaction was done.
    Cleaned {
        /// The partition.
        partition: PartitionId,
        /// Bytes read and written.
        bytes: u64,
        /// What has come of the round; `None` if it was given up.
        result: Option<Result<CleaningStep, CleanError>>,
    },
    /// Regular expressions are resolved.
    RegexesResolved {
        /// The coordinator's partition.
        partition: PartitionId,
        /// What they match.
        resolved: ResolvedRegexes,
    },
    /// Files are gone, or stay until the broker starts again; neither changes what is served.
    Removed,
}

impl Job {
    /// Does the work. Blocks for as long as the disk takes.
    #[must_use]
    pub fn run(self) -> JobDone {
        match self {
            Self::Flush { partition, ticket } => JobDone::Flushed { partition, result: ticket.run() },
            Self::Close { disk, path, tickets } => {
                JobDone::Closed(FlushTicket::run_all(&*disk, &path, tickets).map(drop))
            }
            Self::Warm { waiter, read } => JobDone::Warmed { waiter, result: read.run() },
            Self::Search { waiter, place, lookup } => {
                JobDone::Searched { waiter, place, result: lookup.run() }
            }
            Self::Load { partition, read } => JobDone::Load { partition, result: read.run() },
            Self::Clean { partition, cleaning, task: CleanTask::Slice(bytes_max) } => {
                let (bytes, result) = cleaning.run(bytes_max);
                JobDone::Cleaned { partition, bytes, result: Some(result) }
            }
            Self::Clean { partition, cleaning, task: CleanTask::Abandon } => {
                cleaning.abandon();
                JobDone::Cleaned { partition, bytes: 0, result: None }
            }
            // Without an authorizer everybody may see every topic.
            Self::ResolveRegexes { partition, regexes } => {
                JobDone::RegexesResolved { partition, resolved: regexes.run(|_| true) }
            }
            Self::Remove { disk, unlink } => {
                if let Err(error) = unlink.run(&*disk) {
                    tracing::warn!(%error, "left behind until the next start");
                }
                JobDone::Removed
            }
        }
    }
}

/// Files to remove when their time has come.
pub(crate) struct Removal {
    pub at: Monotonic,
    pub unlink: Unlink,
}

/// Removals by time.
#[derive(Default)]
pub(crate) struct Removals(Vec<Removal>);

impl Removals {
    pub fn push(&mut self, removal: Removal) {
        let place = self.0.partition_point(|other| other.at > removal.at);
        self.0.insert(place, removal);
    }

    /// When the first is due.
    pub fn first_due(&self) -> Option<Monotonic> {
        self.0.last().map(|removal| removal.at)
    }

    pub fn pop(&mut self) -> Option<Removal> {
        self.0.pop()
    }
}
