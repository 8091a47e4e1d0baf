//! What a replica of the metadata log is told at its start: who it is, whom it may ask, and how patient it is.

use std::time::Duration;

use super::voters::Voter;

/// The settings of one replica of the metadata log. Source: Kafka `QuorumConfig`, KIP-595, KIP-853.
#[derive(Clone, Debug)]
pub struct QuorumConfig {
    /// Id of the cluster. Requests that name another one are refused.
    pub cluster_id: String,
    /// This replica: node, directory (always known), controller listeners, and the kraft.versions that it supports.
    pub local: Voter,
    /// Whether it may ever vote (`process.roles` has `controller`). What such a replica fetches is synced before it
    /// fetches on, because a leader may count it as a voter before it knows itself to be one.
    pub can_become_voter: bool,
    /// The listener by which replicas reach each other: the first of `controller.listener.names`.
    pub listener: String,
    /// `controller.quorum.bootstrap.servers` as host and port. If empty, the static voters take their place.
    pub bootstrap_servers: Vec<(String, u16)>,
    /// `controller.quorum.auto.join.enable`: an observer that may vote adds itself to the voters.
    pub auto_join: bool,
    /// Patience and sizes.
    pub limits: QuorumLimits,
}

/// Times and sizes of the quorum. The default is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuorumLimits {
    /// `controller.quorum.election.timeout.ms`: each election waits a random time between this and twice this.
    pub election_timeout: Duration,
    /// `controller.quorum.election.backoff.max.ms`.
    pub election_backoff_max: Duration,
    /// `controller.quorum.fetch.timeout.ms`: how long a voter follows a leader that does not answer.
    pub fetch_timeout: Duration,
    /// `controller.quorum.request.timeout.ms`.
    pub request_timeout: Duration,
    /// `controller.quorum.retry.backoff.ms`.
    pub retry_backoff: Duration,
    /// How long a leader may keep a Fetch that it has nothing to answer. Kafka `KafkaRaftClient.MAX_FETCH_WAIT_MS`.
    pub fetch_wait_max: Duration,
    /// `controller.quorum.fetch.max.bytes`.
    pub fetch_bytes_max: i32,
    /// `controller.quorum.fetch.snapshot.max.bytes`.
    pub fetch_snapshot_bytes_max: i32,
}

impl Default for QuorumLimits {
    fn default() -> Self {
        Self {
            election_timeout: Duration::from_millis(1000),
            election_backoff_max: Duration::from_millis(1000),
            fetch_timeout: Duration::from_millis(2000),
            request_timeout: Duration::from_millis(2000),
            retry_backoff: Duration::from_millis(20),
            fetch_wait_max: Duration::from_millis(500),
            fetch_bytes_max: 1 << 20,
            fetch_snapshot_bytes_max: 1 << 20,
        }
    }
}

impl QuorumLimits {
    /// How long a leader leads without fetches of a majority. Source: Kafka `LeaderState.CHECK_QUORUM_TIMEOUT_FACTOR`.
    #[must_use]
    pub fn check_quorum_timeout(&self) -> Duration {
        self.fetch_timeout + self.fetch_timeout / 2
    }

    /// How long a voter may be silent before the leader tells it (again) who leads.
    #[must_use]
    pub fn begin_quorum_epoch_period(&self) -> Duration {
        self.fetch_timeout / 2
    }
}
