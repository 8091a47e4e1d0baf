//! What the control plane needs of the configuration.

/// The control plane's part of the static configuration. `NodeConfig::from_properties(&ServerProperties, ports)` makes it.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// `node.id`.
    pub node_id: BrokerId,
    /// `log.dirs`.
    pub log_dirs: Vec<PathBuf>,
    /// `metadata.log.dir`, or the first of `log.dirs`.
    pub metadata_log_dir: PathBuf,
    /// `advertised.listeners` of the broker, with real ports.
    pub advertised_listeners: Vec<NodeListener>,
    /// The controller's listeners, with real ports. Not empty.
    pub controller_listeners: Vec<NodeListener>,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// Who makes the quorum up.
    pub controller_quorum: ControllerQuorum,
    /// How many shards will report `ShardReady` and `ShardStopped`.
    pub shard_count: u16,
    /// Format directories that are not: `None` refuses to start on them.
    pub auto_format: Option<FormatOptions>,
}
