//! The settings of a transaction coordinator.

/// The settings of a transaction coordinator; each is the broker config of the name given. All times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionConfig {
    /// `transaction.max.timeout.ms`: the longest that a client may ask for.
    pub timeout_ms_max: i32,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`
    pub abort_timed_out_interval_ms: i32,
    /// `transactional.id.expiration.ms`: how long an id is remembered without a transaction.
    pub id_expiration_ms: i32,
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`
    pub remove_expired_interval_ms: i32,
    /// `transaction.two.phase.commit.enable`
    pub is_two_phase_commit_enabled: bool,
    /// Level of the feature `transaction.version`: 1 writes flexible records, 2 has an epoch for each transaction.
    pub transaction_version: i16,
    /// How long a response waits for its record to be committed.
    pub append_timeout_ms: i32,
    /// How long to wait before a marker is sent again, or a record that the log refused is written again.
    pub retry_backoff_ms: i32,
    /// How long partitions that brokers add wait for the step of their transaction that is on its way, before they are refused
    /// with CONCURRENT_TRANSACTIONS; 0 refuses them at once, as Kafka does, whose brokers ask again.
    pub add_hold_ms: i32,
    /// Largest size of a batch in bytes: `max.message.bytes` of `__transaction_state`.
    pub batch_size_max: usize,
}

impl Default for TransactionConfig {
    /// The defaults of Kafka 4.3.1.
    fn default() -> Self {
        Self {
            timeout_ms_max: 900_000,
            abort_timed_out_interval_ms: 10_000,
            id_expiration_ms: 7 * 24 * 60 * 60 * 1_000,
            remove_expired_interval_ms: 3_600_000,
            is_two_phase_commit_enabled: false,
            transaction_version: 2,
            append_timeout_ms: 30_000,
            retry_backoff_ms: 100,
            add_hold_ms: 100,
            batch_size_max: 1_048_588,
        }
    }
}
