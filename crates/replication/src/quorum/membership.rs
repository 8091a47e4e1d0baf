//! Who votes, by offset of the log: a set of voters counts from the moment its record is in the log, committed or not,
//! and no more once that record is cut off again.
//!
//! That an uncommitted set counts is what makes one change at a time safe: see `voter_change`. Source: KIP-853; Kafka
//! `VoterSetHistory`, `KRaftControlRecordStateMachine`.

use std::collections::BTreeMap;
use std::ops::Bound;

use ottla_protocol::types::Offset;

use super::control::ControlRecord;
use super::voters::{KRaftVersion, ReplicaKey, VoterSet};

/// Offset under which the voters of the snapshot at offset 0 stand: the one that formatting makes. The first leader
/// writes them into the log.
pub const BOOTSTRAP_VOTERS_OFFSET: Offset = Offset(-1);

/// The sets of voters and the kraft.versions that the log and its newest snapshot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Those of `controller.quorum.voters`, which count until a record says otherwise.
    static_voters: VoterSet,
    voters: BTreeMap<Offset, VoterSet>,
    versions: BTreeMap<Offset, KRaftVersion>,
}

impl Membership {
    /// What is known before the log is read.
    #[must_use]
    pub fn new(static_voters: VoterSet) -> Self {
        Self { static_voters, voters: BTreeMap::new(), versions: BTreeMap::new() }
    }

    /// The voters that count.
    #[must_use]
    pub fn voters(&self) -> &VoterSet {
        self.voters.last_key_value().map_or(&self.static_voters, |(_, voters)| voters)
    }

    /// Offset of the record that holds the voters that count; `None` if they are from the configuration.
    #[must_use]
    pub fn voters_offset(&self) -> Option<Offset> {
        self.voters.last_key_value().map(|(offset, _)| *offset)
    }

    /// The kraft.version that counts.
    #[must_use]
    pub fn kraft_version(&self) -> KRaftVersion {
        self.versions.last_key_value().map(|(_, version)| *version).unwrap_or_default()
    }

    /// The kraft.version, and the voters that a record tells of, as they were behind the record at `offset`: what a
    /// snapshot that ends there must hold.
    #[must_use]
    pub fn at(&self, offset: Offset) -> (KRaftVersion, Option<&VoterSet>) {
        let version = self.versions.range(..=offset).next_back().map(|(_, version)| *version);
        let voters = self.voters.range(..=offset).next_back().map(|(_, voters)| voters);
        (version.unwrap_or_default(), voters)
    }

    /// Whether the replica votes in any of the sets that may be the one that counts for the quorum: those behind
    /// `high_watermark`, and the last one before.
    ///
    /// A replica whose removal is in its log, but perhaps not in the others', must be able to lead for as long as that
    /// takes: its log may be the only one that is long enough. Source: Ongaro, section 4.2.2.
    #[must_use]
    pub fn may_be_voter(&self, replica: ReplicaKey, high_watermark: Option<Offset>) -> bool {
        let committed = high_watermark.map_or(BOOTSTRAP_VOTERS_OFFSET, |offset| offset.plus(-1));
        let uncommitted = self.voters.range((Bound::Excluded(committed), Bound::Unbounded));
        let last =
            self.voters.range(..=committed).next_back().map_or(&self.static_voters, |(_, voters)| voters);
        uncommitted.map(|(_, voters)| voters).chain([last]).any(|voters| voters.is_voter(replica))
    }

    /// Takes note of a control record in the log or in a snapshot.
    pub fn add(&mut self, offset: Offset, record: &ControlRecord) {
        match record {
            ControlRecord::Voters(record) => {
                self.voters.insert(offset, VoterSet::from_record(record));
            }
            ControlRecord::KRaftVersion(record) => {
                // A level of the future is one that this program cannot vote under; it keeps to the highest it knows.
                let version = KRaftVersion::from_level(record.kraft_version);
                self.versions.insert(offset, version.unwrap_or(KRaftVersion::Reconfigurable));
            }
            ControlRecord::LeaderChange(_) | ControlRecord::Other => {}
        }
    }

    /// Forgets what stood at `end_offset` and behind it.
    pub(super) fn truncate_to(&mut self, end_offset: Offset) {
        self.voters.split_off(&end_offset);
        self.versions.split_off(&end_offset);
    }

    /// Forgets what was superseded before the log's new start. What the snapshot that ends there holds is kept.
    pub(super) fn advance_start(&mut self, start_offset: Offset) {
        keep_last_at(&mut self.voters, start_offset.plus(-1));
        keep_last_at(&mut self.versions, start_offset.plus(-1));
    }

    /// Starts again from a snapshot's records, which count from its last offset on.
    pub(super) fn start_at_snapshot(&mut self, end_offset: Offset, records: &[ControlRecord]) {
        self.voters.clear();
        self.versions.clear();
        for record in records {
            self.add(end_offset.plus(-1), record);
        }
    }
}

fn keep_last_at<T>(history: &mut BTreeMap<Offset, T>, offset: Offset) {
    if let Some((&last, _)) = history.range(..=offset).next_back() {
        *history = history.split_off(&last);
    }
}

#[cfg(test)]
mod tests {
    use ottla_protocol::types::BrokerId;

    use super::*;
    use crate::quorum::voters::Voter;

    fn voters(ids: &[i32]) -> VoterSet {
        let voter = |id: &i32| Voter {
            key: ReplicaKey { id: BrokerId(*id), directory_id: None },
            endpoints: Vec::new(),
            kraft_versions: (0, 1),
        };
        ids.iter().map(voter).collect()
    }

    fn record(ids: &[i32]) -> ControlRecord {
        ControlRecord::Voters(voters(ids).to_record())
    }

    #[test]
    fn an_uncommitted_set_counts_until_it_is_cut_off() {
        let mut membership = Membership::new(voters(&[9]));
        assert_eq!((membership.voters(), membership.voters_offset()), (&voters(&[9]), None));
        membership.add(BOOTSTRAP_VOTERS_OFFSET, &record(&[1, 2]));
        membership.add(Offset(10), &record(&[1, 2, 3]));
        assert_eq!(
            (membership.voters(), membership.voters_offset()),
            (&voters(&[1, 2, 3]), Some(Offset(10)))
        );
        membership.truncate_to(Offset(10));
        assert_eq!(membership.voters(), &voters(&[1, 2]));
    }

    #[test]
    fn a_replica_may_vote_until_its_removal_is_committed() {
        let mut membership = Membership::new(voters(&[9]));
        membership.add(Offset(10), &record(&[1, 2]));
        membership.add(Offset(20), &record(&[2]));
        let replica = |id| ReplicaKey { id: BrokerId(id), directory_id: None };
        let may = |id, committed| membership.may_be_voter(replica(id), committed);
        assert_eq!([9, 1, 2].map(|id| may(id, None)), [true, true, true]);
        assert_eq!([9, 1, 2].map(|id| may(id, Some(Offset(11)))), [false, true, true]);
        assert_eq!([9, 1, 2].map(|id| may(id, Some(Offset(20)))), [false, true, true]);
        assert_eq!([9, 1, 2].map(|id| may(id, Some(Offset(21)))), [false, false, true]);
    }

    #[test]
    fn a_snapshot_holds_the_set_of_its_end() {
        let mut membership = Membership::new(VoterSet::default());
        membership.add(Offset(3), &ControlRecord::KRaftVersion(KRaftVersion::Reconfigurable.to_record()));
        membership.add(Offset(4), &record(&[1]));
        membership.add(Offset(10), &record(&[1, 2]));
        assert_eq!(membership.at(Offset(2)), (KRaftVersion::Static, None));
        assert_eq!(membership.at(Offset(9)), (KRaftVersion::Reconfigurable, Some(&voters(&[1]))));
        membership.advance_start(Offset(10));
        assert_eq!(membership.at(Offset(9)), (KRaftVersion::Reconfigurable, Some(&voters(&[1]))));
        membership.start_at_snapshot(Offset(20), &[record(&[7])]);
        assert_eq!((membership.voters(), membership.voters_offset()), (&voters(&[7]), Some(Offset(19))));
        assert_eq!(membership.kraft_version(), KRaftVersion::Static);
    }
}
