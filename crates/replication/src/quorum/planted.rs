//! Deliberate bugs, which the simulation must find: each breaks one rule of the protocol.
//!
//! They are compiled in by the feature `planted-bugs` only; without it `Quorum::has_bug` is false at compile time.

use super::Quorum;

/// A rule that a replica breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bug {
    /// It answers before its vote and epoch are on the disk.
    AnswerBeforePersisting,
    /// It votes as if it had given no vote in the epoch yet.
    VoteTwice,
    /// It votes for a candidate whose log is behind its own.
    VoteForShorterLog,
    /// As leader it commits an earlier epoch's record before one of its own.
    CommitOlderEpoch,
    /// As leader it takes every fetching log for a prefix of its own.
    SkipDivergenceCheck,
    /// It fetches on before what it fetched is on the disk.
    FetchBeforeSync,
    /// As leader it counts what it has written, not what it has synced.
    LeaderCountsUnsynced,
    /// As leader it commits with one voter less than a majority.
    MinorityCommits,
    /// As leader it commits one record more than a majority has.
    HighWatermarkOneTooFar,
    /// As leader it counts observers as voters.
    ObserversCount,
    /// It takes fetches and answers of other epochs for those of its own, and as leader hears of no higher one.
    IgnoreFencing,
    /// It hears answers that it does not expect any more.
    HearLateAnswers,
    /// After a restart it leads on in the epoch that it led before.
    LeadOnAfterRestart,
    /// It cuts one record too few.
    CutTooLittle,
    /// As leader it changes voters while an earlier change is not committed.
    ConcurrentVoterChanges,
    /// A change of voters outlives the record that it came with.
    VotersOutliveCut,
    /// Another directory of a node counts, and votes, as the voter.
    AnyDirectoryCounts,
    /// As leader it never resigns, however long no majority fetches.
    NoCheckQuorum,
    /// It wins elections with one vote less than a majority.
    MinorityElects,
    /// It keeps its log when a snapshot takes its place.
    SnapshotLeavesGap,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::AnswerBeforePersisting,
        Self::VoteTwice,
        Self::VoteForShorterLog,
        Self::CommitOlderEpoch,
        Self::SkipDivergenceCheck,
        Self::FetchBeforeSync,
        Self::LeaderCountsUnsynced,
        Self::MinorityCommits,
        Self::HighWatermarkOneTooFar,
        Self::ObserversCount,
        Self::IgnoreFencing,
        Self::HearLateAnswers,
        Self::LeadOnAfterRestart,
        Self::CutTooLittle,
        Self::ConcurrentVoterChanges,
        Self::VotersOutliveCut,
        Self::AnyDirectoryCounts,
        Self::NoCheckQuorum,
        Self::MinorityElects,
        Self::SnapshotLeavesGap,
    ];
}

impl Quorum {
    /// Makes this replica break a rule.
    #[cfg(feature = "planted-bugs")]
    pub fn plant(&mut self, bug: Bug) {
        self.planted = Some(bug);
    }

    #[cfg(feature = "planted-bugs")]
    pub(super) fn has_bug(&self, bug: Bug) -> bool {
        self.planted == Some(bug)
    }

    #[cfg(not(feature = "planted-bugs"))]
    #[allow(clippy::unused_self)]
    pub(super) const fn has_bug(&self, _bug: Bug) -> bool {
        false
    }
}
