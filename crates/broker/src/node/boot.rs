//! From a directory to a running control plane.

/// A started control plane, and what the shards need to open their logs.
pub struct Booted {
    /// The control plane. Its first effects are waiting.
    pub node: Node,
    /// The cluster's state as it stands in the metadata log, this broker registered and still fenced.
    pub image: Arc<MetadataImage>,
    /// The cluster's id, as in `meta.properties`.
    pub cluster_id: String,
    /// This broker's epoch: the offset of its registration.
    pub broker_epoch: i64,
    /// Every log directory that is online, in the order of `log.dirs`.
    pub log_dirs: Vec<BootedLogDir>,
}

/// One log directory at start.
pub struct BootedLogDir {
    /// Index in `log.dirs`: [`PartitionCheckpoint::log_dir`](crate::effect::PartitionCheckpoint) names it.
    pub index: usize,
    /// Where it is.
    pub path: PathBuf,
    /// Its `directory.id`.
    pub directory_id: DirectoryId,
    /// Whether the broker stopped cleanly: logs need no recovery.
    pub clean_shutdown: bool,
    /// The replicas found in it, by folder name. `__cluster_metadata-0` is not among them.
    pub replicas: Vec<ReplicaFolder>,
}

/// The folder of one replica in a log directory, with what the checkpoint files say of it.
pub struct ReplicaFolder {
    /// The folder's name, such as `orders-0`.
    pub name: String,
    /// The topic's name, read from the folder's.
    pub topic: String,
    /// Index of the partition.
    pub partition: i32,
    /// Everything below is known to be on the disk: recovery starts here. 0 if not known.
    pub recovery_point: Offset,
    /// First offset that may be read. 0 if not known.
    pub log_start_offset: Offset,
    /// High watermark. 0 if not known: clamp it to [log start, log end].
    pub high_watermark: Offset,
}

impl Node {
    /// Locks and checks the log directories (formatting them if the config allows it), opens the metadata log,
    /// elects itself, replays, and registers this controller and broker. Writes without waiting for the disk: the
    /// first effects of the node sync what was written.
    pub fn boot(disk: Arc<dyn Disk>, config: NodeConfig, now: Now, seed: u64) -> Result<Booted, BootError> {}
}
