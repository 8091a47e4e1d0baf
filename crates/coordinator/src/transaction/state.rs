//! The states of a transaction.
//!
//! ```text
//!           InitProducerId         AddPartitions            EndTxn                 all markers written
//!   (new) ---------------> Empty ---------------> Ongoing ---------> PrepareCommit ------------------> CompleteCommit
//!                            ^                      ^ |  `---------> PrepareAbort  ------------------> CompleteAbort
//!                            |                      | | fenced by InitProducerId, or timed out ^            |
//!                            |                      | `------(PrepareEpochFence)---------------'            |
//!                            +----------------------+-------------------------------------------------------+
//! ```
//! PrepareEpochFence is never logged: it is the way from Ongoing to a PrepareAbort that the producer did not ask for.
//! With transaction version 2, Empty and Complete* may be aborted too. Dead is an id that is being forgotten.

/// Where a transaction stands. The number is that of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TransactionState {
    /// The id is known, and has had no transaction in this epoch.
    Empty = 0,
    /// A transaction is open.
    Ongoing = 1,
    /// It will be committed, and its partitions are being told.
    PrepareCommit = 2,
    /// It will be aborted, and its partitions are being told.
    PrepareAbort = 3,
    /// The last one was committed.
    CompleteCommit = 4,
    /// The last one was aborted.
    CompleteAbort = 5,
    /// The id is being forgotten.
    Dead = 6,
    /// The producer is being fenced.
    PrepareEpochFence = 7,
}

impl TransactionState {
    /// Every state.
    pub(super) const ALL: [Self; 8] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
        Self::Dead,
        Self::PrepareEpochFence,
    ];

    /// The state's number in the log.
    pub(super) fn id(self) -> i8 {
        self as i8
    }

    /// The state of a number in the log.
    pub(super) fn from_id(id: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }

    /// The state's name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
            Self::Dead => "Dead",
            Self::PrepareEpochFence => "PrepareEpochFence",
        }
    }

    /// The state of a name on the wire.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether no transaction is open or ending.
    pub(super) fn is_at_rest(self) -> bool {
        matches!(self, Self::Empty | Self::CompleteCommit | Self::CompleteAbort)
    }

    /// Whether a transaction is ending, and its partitions are being told.
    pub(super) fn is_prepared(self) -> bool {
        matches!(self, Self::PrepareCommit | Self::PrepareAbort)
    }

    /// Whether this may follow `previous`. Source: Kafka `TransactionState.VALID_PREVIOUS_STATES`.
    pub(super) fn may_follow(self, previous: Self) -> bool {
        match self {
            Self::Empty | Self::Dead => previous.is_at_rest(),
            Self::Ongoing => previous.is_at_rest() || previous == Self::Ongoing,
            Self::PrepareCommit | Self::PrepareEpochFence => previous == Self::Ongoing,
            Self::PrepareAbort => {
                previous.is_at_rest() || matches!(previous, Self::Ongoing | Self::PrepareEpochFence)
            }
            Self::CompleteCommit => previous == Self::PrepareCommit,
            Self::CompleteAbort => previous == Self::PrepareAbort,
        }
    }
}
