//! Who votes: the set of voters, from the static config or from the last Voters record of the log.

use std::collections::BTreeMap;

use ottla_protocol::messages::kraft_version_record::KRaftVersionRecord;
use ottla_protocol::messages::voters_record::{
    Endpoint, KRaftVersionFeature, Voter as RecordVoter, VotersRecord,
};
use ottla_protocol::types::{BrokerId, DirectoryId, Uuid};

/// One replica of the metadata log: a node, and (from kraft.version 1 on) which of its directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplicaKey {
    /// The node.
    pub id: BrokerId,
    /// The directory; `None` where kraft.version 0 knows none.
    pub directory_id: Option<DirectoryId>,
}

impl ReplicaKey {
    /// The key that an id and a directory on the wire name; the zero directory is none.
    #[must_use]
    pub fn from_wire(id: i32, directory_id: Uuid) -> Self {
        let directory_id = (!directory_id.is_zero()).then_some(DirectoryId(directory_id));
        Self { id: BrokerId(id), directory_id }
    }

    /// The directory on the wire, where none is the zero one.
    #[must_use]
    pub fn directory_to_wire(self) -> Uuid {
        self.directory_id.map_or(Uuid::ZERO, |directory| directory.0)
    }

    /// Whether `replica` is what this key names. A key without a directory names every replica of the node.
    #[must_use]
    pub fn names(self, replica: Self) -> bool {
        self.id == replica.id && (self.directory_id.is_none() || self.directory_id == replica.directory_id)
    }
}

/// Level of the feature `kraft.version`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum KRaftVersion {
    /// Voters come from the config and never change.
    #[default]
    Static,
    /// Voters stand in the log and can change (KIP-853).
    Reconfigurable,
}

impl KRaftVersion {
    /// The feature's level.
    #[must_use]
    pub const fn level(self) -> i16 {
        match self {
            Self::Static => 0,
            Self::Reconfigurable => 1,
        }
    }

    /// The record that says so in the log.
    #[must_use]
    pub const fn to_record(self) -> KRaftVersionRecord {
        KRaftVersionRecord { version: 0, kraft_version: self.level() }
    }

    /// The version with this level, or `None` if it is not known.
    #[must_use]
    pub const fn from_level(level: i16) -> Option<Self> {
        match level {
            0 => Some(Self::Static),
            1 => Some(Self::Reconfigurable),
            _ => None,
        }
    }
}

/// Where a voter listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterEndpoint {
    /// Name of the listener.
    pub listener: String,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// The endpoint of a listener; names are compared without regard to case, as Kafka does.
#[must_use]
pub fn endpoint<'a>(endpoints: &'a [VoterEndpoint], listener: &str) -> Option<&'a VoterEndpoint> {
    endpoints.iter().find(|endpoint| endpoint.listener.eq_ignore_ascii_case(listener))
}

/// One voter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// Which replica votes.
    pub key: ReplicaKey,
    /// Where it listens.
    pub endpoints: Vec<VoterEndpoint>,
    /// Lowest and highest kraft.version that it supports, inclusive.
    pub kraft_versions: (i16, i16),
}

impl Voter {
    /// Whether the replica is this voter. Without a directory of the voter's own the node id alone counts.
    #[must_use]
    pub fn is(&self, replica: ReplicaKey) -> bool {
        self.key.names(replica)
    }

    /// Whether it can vote under this version of the rules.
    #[must_use]
    pub fn supports(&self, version: KRaftVersion) -> bool {
        (self.kraft_versions.0..=self.kraft_versions.1).contains(&version.level())
    }

    /// Whether both say the same; the order of endpoints says nothing.
    fn is_same(&self, other: &Self) -> bool {
        let has_all =
            |a: &[VoterEndpoint], b: &[VoterEndpoint]| a.iter().all(|endpoint| b.contains(endpoint));
        self.key == other.key
            && self.kraft_versions == other.kraft_versions
            && has_all(&self.endpoints, &other.endpoints)
            && has_all(&other.endpoints, &self.endpoints)
    }
}

/// All voters of the quorum. Source: KIP-853; Kafka `VoterSet`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoterSet {
    voters: BTreeMap<BrokerId, Voter>,
}

impl FromIterator<Voter> for VoterSet {
    fn from_iter<I: IntoIterator<Item = Voter>>(voters: I) -> Self {
        Self { voters: voters.into_iter().map(|voter| (voter.key.id, voter)).collect() }
    }
}

impl VoterSet {
    /// The voters in the order of their ids.
    pub fn voters(&self) -> impl Iterator<Item = &Voter> {
        self.voters.values()
    }

    /// The voters' ids, ascending.
    pub fn ids(&self) -> impl Iterator<Item = BrokerId> + '_ {
        self.voters.keys().copied()
    }

    /// The voter with this id.
    #[must_use]
    pub fn voter(&self, id: BrokerId) -> Option<&Voter> {
        self.voters.get(&id)
    }

    /// How many voters there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.voters.len()
    }

    /// Whether the replica votes.
    #[must_use]
    pub fn is_voter(&self, replica: ReplicaKey) -> bool {
        self.voters.get(&replica.id).is_some_and(|voter| voter.is(replica))
    }

    /// Whether the replica votes, and nobody else does.
    #[must_use]
    pub fn is_only_voter(&self, replica: ReplicaKey) -> bool {
        self.count() == 1 && self.is_voter(replica)
    }

    /// The set with `voter` in place of the entry that it matches, or `None` if it is no voter or changes nothing.
    #[must_use]
    pub fn updated_with(&self, voter: &Voter) -> Option<Self> {
        let current = self.voters.get(&voter.key.id).filter(|current| current.is(voter.key))?;
        if current.is_same(voter) {
            return None;
        }
        Some(self.with(voter.clone()))
    }

    /// The set with `voter` in place of the entry of its node, whatever directory that names; `None` if the node has
    /// no entry. This is how directories become known on the way from kraft.version 0 to 1.
    #[must_use]
    pub fn updated_ignoring_directory(&self, voter: &Voter) -> Option<Self> {
        self.voters.contains_key(&voter.key.id).then(|| self.with(voter.clone()))
    }

    /// The set with one voter more, or `None` if the node votes already.
    #[must_use]
    pub fn with_added(&self, voter: Voter) -> Option<Self> {
        (!self.voters.contains_key(&voter.key.id)).then(|| self.with(voter))
    }

    /// The set with one voter less, or `None` if exactly this replica does not vote, or is the last that does.
    #[must_use]
    pub fn with_removed(&self, replica: ReplicaKey) -> Option<Self> {
        let is_there = self.voters.get(&replica.id).is_some_and(|voter| voter.key == replica);
        if !is_there || self.count() < 2 {
            return None;
        }
        let mut rest = self.clone();
        rest.voters.remove(&replica.id);
        Some(rest)
    }

    fn with(&self, voter: Voter) -> Self {
        let mut updated = self.clone();
        updated.voters.insert(voter.key.id, voter);
        updated
    }

    /// The set as it stands in the log.
    #[must_use]
    pub fn to_record(&self) -> VotersRecord {
        let voter = |voter: &Voter| RecordVoter {
            voter_id: voter.key.id.0,
            voter_directory_id: voter.key.directory_to_wire(),
            endpoints: voter
                .endpoints
                .iter()
                .map(|endpoint| Endpoint {
                    name: endpoint.listener.clone(),
                    host: endpoint.host.clone(),
                    port: endpoint.port,
                })
                .collect(),
            kraft_version_feature: KRaftVersionFeature {
                min_supported_version: voter.kraft_versions.0,
                max_supported_version: voter.kraft_versions.1,
            },
        };
        VotersRecord { version: 0, voters: self.voters().map(voter).collect() }
    }

    /// The set that a record of the log holds. A voter id that comes twice counts once, its last entry.
    #[must_use]
    pub fn from_record(record: &VotersRecord) -> Self {
        let voter = |voter: &RecordVoter| Voter {
            key: ReplicaKey::from_wire(voter.voter_id, voter.voter_directory_id),
            endpoints: voter
                .endpoints
                .iter()
                .map(|endpoint| VoterEndpoint {
                    listener: endpoint.name.clone(),
                    host: endpoint.host.clone(),
                    port: endpoint.port,
                })
                .collect(),
            kraft_versions: (
                voter.kraft_version_feature.min_supported_version,
                voter.kraft_version_feature.max_supported_version,
            ),
        };
        record.voters.iter().map(voter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voter(id: i32, directory: Option<u128>, port: u16) -> Voter {
        Voter {
            key: ReplicaKey {
                id: BrokerId(id),
                directory_id: directory.map(|bits| DirectoryId(Uuid::from_u128(bits))),
            },
            endpoints: vec![VoterEndpoint { listener: "CONTROLLER".into(), host: "localhost".into(), port }],
            kraft_versions: (0, 1),
        }
    }

    #[test]
    fn a_voter_without_a_directory_is_known_by_its_id_alone() {
        let fixed: VoterSet = [voter(1, None, 9093)].into_iter().collect();
        assert!(fixed.is_only_voter(voter(1, Some(1000), 0).key));
        assert!(!fixed.is_voter(voter(2, None, 0).key));
        let dynamic: VoterSet = [voter(1, Some(1000), 9093)].into_iter().collect();
        assert!(dynamic.is_only_voter(voter(1, Some(1000), 0).key));
        assert!(!dynamic.is_voter(voter(1, Some(1001), 0).key));
    }

    #[test]
    fn the_only_voter_is_one_of_one() {
        let two: VoterSet = [voter(1, None, 1), voter(2, None, 2)].into_iter().collect();
        assert!(two.is_voter(voter(1, None, 0).key));
        assert!(!two.is_only_voter(voter(1, None, 0).key));
    }

    #[test]
    fn a_voter_that_moved_changes_the_set_and_one_that_did_not_does_not() {
        let set: VoterSet = [voter(1, Some(1000), 9093)].into_iter().collect();
        assert_eq!(set.updated_with(&voter(1, Some(1000), 9093)), None);
        assert_eq!(
            set.updated_with(&voter(1, Some(1001), 9093)),
            None,
            "another directory is another replica"
        );
        assert_eq!(set.updated_with(&voter(2, Some(1000), 9093)), None);
        let moved = set.updated_with(&voter(1, Some(1000), 9095)).unwrap();
        assert_eq!(moved, [voter(1, Some(1000), 9095)].into_iter().collect());
    }

    #[test]
    fn voters_are_added_and_removed_one_at_a_time() {
        let one: VoterSet = [voter(1, Some(1000), 9093)].into_iter().collect();
        assert_eq!(one.with_added(voter(1, Some(1001), 1)), None, "the node votes already");
        assert_eq!(one.with_removed(voter(1, Some(1000), 0).key), None, "the last one stays");
        let two = one.with_added(voter(2, Some(2000), 9094)).unwrap();
        assert_eq!(two.with_removed(voter(2, Some(2001), 0).key), None, "another directory");
        assert_eq!(two.with_removed(voter(2, Some(2000), 0).key), Some(one.clone()));
        let known = one.updated_ignoring_directory(&voter(1, Some(1001), 9093)).unwrap();
        assert_eq!(known, [voter(1, Some(1001), 9093)].into_iter().collect());
        assert_eq!(one.updated_ignoring_directory(&voter(3, Some(1001), 9093)), None);
    }

    #[test]
    fn the_set_survives_its_record() {
        let set: VoterSet = [voter(1, Some(1000), 1), voter(7, None, 2)].into_iter().collect();
        assert_eq!(VoterSet::from_record(&set.to_record()), set);
    }
}
