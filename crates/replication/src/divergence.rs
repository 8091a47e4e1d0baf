//! Where two histories of one log part: the comparison that a follower's fetch rests on.

use ottla_protocol::types::{LeaderEpoch, Offset};

/// The end of a leader's reign in a log, as OffsetForLeaderEpoch answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEnd {
    /// The leader epoch: the largest one of the log that is not above the epoch asked for.
    pub epoch: LeaderEpoch,
    /// One past the last offset of the epoch: the start of the next one, or the log end.
    pub end_offset: Offset,
}

impl EpochEnd {
    /// The answer for an epoch that the log cannot place.
    pub const UNKNOWN: Self = Self { epoch: LeaderEpoch::UNKNOWN, end_offset: Offset::UNKNOWN };
}

/// How a follower's log relates to its leader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divergence {
    /// The follower's log is a prefix of the leader's: it may go on fetching.
    None,
    /// The histories part: the follower must cut its log to the smaller of this end and its own end of the same epoch.
    At(EpochEnd),
}

/// Whether a follower whose log ends at `fetch_offset`, with its last record in `last_fetched_epoch`, has a prefix of
/// the leader's log. `leader_end` is the leader's end of `last_fetched_epoch`, or [`EpochEnd::UNKNOWN`].
///
/// Source: KIP-595, KIP-320; Kafka `Partition.readRecords`, `RaftLog.validateOffsetAndEpoch`.
#[must_use]
pub fn compare(leader_end: EpochEnd, fetch_offset: Offset, last_fetched_epoch: LeaderEpoch) -> Divergence {
    let is_prefix = leader_end.epoch == last_fetched_epoch && leader_end.end_offset >= fetch_offset;
    if is_prefix { Divergence::None } else { Divergence::At(leader_end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(epoch: i32, offset: i64) -> EpochEnd {
        EpochEnd { epoch: LeaderEpoch(epoch), end_offset: Offset(offset) }
    }

    #[test]
    fn a_follower_diverges_when_its_last_epoch_ended_earlier_on_the_leader() {
        // The leader's epochs are 2 from 10, 5 from 20, 7 from 30; its log ends at 42.
        for (fetch_offset, last_epoch, leader_end, expected) in [
            (42, 7, end(7, 42), Divergence::None),
            (43, 7, end(7, 42), Divergence::At(end(7, 42))), // has more of the epoch than the leader
            (20, 2, end(2, 20), Divergence::None),
            (21, 2, end(2, 20), Divergence::At(end(2, 20))),
            (25, 4, end(2, 20), Divergence::At(end(2, 20))), // followed a leader that this log never had
            (30, 8, EpochEnd::UNKNOWN, Divergence::At(EpochEnd::UNKNOWN)),
        ] {
            let found = compare(leader_end, Offset(fetch_offset), LeaderEpoch(last_epoch));
            assert_eq!(found, expected, "offset {fetch_offset} epoch {last_epoch}");
        }
    }
}
