//! What the control plane is told, and what it wants done.

use std::path::PathBuf;
use std::sync::Arc;

use ottla_metadata::delta::MetadataChanges;
use ottla_metadata::image::MetadataImage;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::types::{DirectoryId, PartitionId, ProducerId};
use ottla_storage::StorageError;

use super::job::{NodeJob, NodeJobDone};
use crate::effect::{NodeRequest, NodeResponse, PartitionCheckpoint, ShardId};
use crate::quorum_host::MetadataReadError;

/// A fact for the control plane.
#[derive(Debug)]
pub enum NodeInput {
    /// A client's request that the control plane answers.
    Request(NodeRequest),
    /// A shard has (almost) run out of producer ids.
    AllocateProducerIds {
        /// The shard to give the block to.
        shard: ShardId,
    },
    /// What a [`NodeEffect::Run`] came to.
    JobDone(NodeJobDone),
    /// Where the logs of a shard stand. A later message of a shard replaces its earlier one whole.
    Checkpoints {
        /// The shard that the partitions are on.
        shard: ShardId,
        /// All its partitions.
        entries: Vec<PartitionCheckpoint>,
    },
    /// A shard has opened the logs of the first image: once all have, the broker is unfenced.
    ShardReady {
        /// The shard that is ready.
        shard: ShardId,
    },
    /// Where replicas lie, which the cluster's state says otherwise of: they were placed, or found elsewhere.
    ReplicasPlaced {
        /// Each replica's partition, with the directory that it is in.
        replicas: Vec<(PartitionId, DirectoryId)>,
    },
    /// Leaders that an unclean election chose have recovered their logs, and serve.
    LeadersRecovered {
        /// Their partitions.
        partitions: Vec<PartitionId>,
    },
    /// A log directory failed: nothing more is written to it, and its replicas are offline.
    LogDirFailed {
        /// Index in `log.dirs`.
        log_dir: usize,
    },
    /// A shard has synced and closed its logs after [`NodeEffect::StopShards`]. Its last `Checkpoints` came before.
    ShardStopped {
        /// The shard that has stopped.
        shard: ShardId,
        /// Whether all its logs were closed and synced.
        is_clean: bool,
    },
    /// The broker shall stop cleanly.
    Stop,
    /// The time that [`Node::poll_deadline`](super::Node::poll_deadline) gave has come.
    Tick,
}

/// Something that the host must do for the control plane, in the order given.
#[derive(Debug)]
pub enum NodeEffect {
    /// Work that waits for the disk: run it on another thread, and bring what it came to as [`NodeInput::JobDone`].
    /// Several may be under way at once; none waits for another.
    Run(NodeJob),
    /// Hand the image to every shard. Comes before the `Respond` of the request that caused it.
    Publish {
        /// The cluster's state, committed.
        image: Arc<MetadataImage>,
        /// How it differs from the image published before.
        changes: Arc<MetadataChanges>,
    },
    /// Hand the response to its shard.
    Respond(NodeResponse),
    /// Hand a block of producer ids to a shard, or the reason why there is none.
    ProducerIds {
        /// The shard that asked.
        shard: ShardId,
        /// The block.
        block: Result<ProducerIdBlock, ErrorCode>,
    },
    /// Tell every shard that a log directory has failed, which the control plane was the first to find.
    LogDirFailed {
        /// Index in `log.dirs`.
        log_dir: usize,
    },
    /// Levels of loggers have changed: let this filter of events, in the words of `RUST_LOG`, take effect.
    SetLogFilter(String),
    /// The broker is registered, unfenced, and all of it is on the disk: serve clients.
    Ready,
    /// Tell every shard to write its last `Checkpoints`, close its logs and report `ShardStopped`.
    StopShards,
    /// The metadata log is closed and the clean-shutdown files are written: end the process.
    Stopped,
    /// The metadata log failed: end the process at once, without a clean shutdown.
    Fatal(NodeFailure),
}

/// Producer ids for one shard to hand out: `first` up to, not including, `first + count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerIdBlock {
    /// The first id.
    pub first: ProducerId,
    /// How many: 1000.
    pub count: i32,
}

/// Why the control plane cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum NodeFailure {
    /// The disk of the metadata log failed. A failed sync is never tried again.
    #[error("the metadata log failed: {0}")]
    MetadataLog(#[from] StorageError),
    /// A snapshot cannot be read back.
    #[error("the metadata log failed: {0}")]
    Snapshot(#[from] MetadataReadError),
    /// Something failed in the directory of the metadata log.
    #[error("the metadata log directory {path} failed", path = .0.display())]
    Directory(PathBuf),
    /// The broker could not be unfenced.
    #[error("the controller keeps this broker fenced: {0}")]
    Fenced(ErrorCode),
}
