//! The KRaft quorum: who leads the metadata log, and up to where it is committed.
//!
//! A pure machine: the host tells it what was persisted and synced, and performs its effects in their order. It knows
//! the states that a quorum of one voter passes through; a node that is not the only voter stays unattached.
//!
//! ```text
//!            Start: only voter                   epoch + 1, own vote is a majority
//! Unattached ─────────────────► Candidate ──────────────────────────────────────► Leader ──Resign──► Resigned
//! Resigned   ─────────────────►
//! ```
//! A node that led the epoch before a restart starts as Resigned in it, so that it neither votes nor appends there
//! again: a record is known by (offset, epoch), and unsynced records of that epoch may be gone.

mod election_state;
mod voters;

use std::collections::VecDeque;

use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};

pub use election_state::{ElectionState, ElectionStateError};
pub use voters::{KRaftVersion, ReplicaKey, Voter, VoterEndpoint, VoterSet};

/// What the log and its snapshots say of the quorum: the last kraft.version and the last set of voters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumMembership {
    /// Level of the feature `kraft.version`.
    pub kraft_version: KRaftVersion,
    /// The voters.
    pub voters: VoterSet,
    /// Whether a Voters record stands in the log or in a snapshot of it. The one that formatting puts into the
    /// snapshot at offset 0 does not count: the first leader writes it into the log.
    pub is_logged: bool,
}

/// The end of the log when the machine starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogEnd {
    /// The log end offset.
    pub offset: Offset,
    /// Epoch of the last record, or 0 if there is none.
    pub epoch: LeaderEpoch,
}

/// What this node is to the quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Knows no leader.
    Unattached,
    /// Asks for votes in the epoch.
    Candidate,
    /// Appends in the epoch.
    Leader {
        /// Offset of the first record of the epoch: nothing is committed before one of the epoch is.
        epoch_start_offset: Offset,
    },
    /// Led the epoch, and does so no more.
    Resigned,
}

/// A fact for the quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The node has replayed its log and takes part.
    Start,
    /// The state of a [`Effect::Persist`] with this epoch, and every earlier one, is on the disk.
    Persisted(LeaderEpoch),
    /// Everything below this offset of the log is on the disk.
    Synced(Offset),
    /// The node stops: it appends nothing more.
    Resign,
}

/// Something that the host must do for the quorum, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Put the state into `quorum-state`. A later one replaces it: of several at once only the last is needed.
    Persist(ElectionState),
    /// Append the first control batch of the epoch.
    AppendStartOfEpoch(StartOfEpoch),
    /// Everything below is committed.
    AdvanceHighWatermark(Offset),
}

/// The control records that open a leader's epoch, in one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartOfEpoch {
    /// The epoch.
    pub epoch: LeaderEpoch,
    /// For the LeaderChange record: its leader.
    pub leader: BrokerId,
    /// For the LeaderChange record: all voters.
    pub voters: Vec<BrokerId>,
    /// For the LeaderChange record: the voters that gave the leader their vote.
    pub granting_voters: Vec<BrokerId>,
    /// For the KRaftVersion and Voters records that follow, if the log has none yet or our endpoints changed.
    pub membership: Option<(KRaftVersion, VoterSet)>,
}

/// One node's view of the quorum.
#[derive(Debug)]
pub struct Quorum {
    local: Voter,
    membership: QuorumMembership,
    log_end: LogEnd,
    election: ElectionState,
    role: Role,
    /// Highest epoch whose state is on the disk. Nothing of a later epoch is committed.
    persisted_epoch: LeaderEpoch,
    /// Everything below is on the disk.
    synced_offset: Offset,
    /// Everything below is committed; `None` until a record of our own epoch is. Never goes back.
    high_watermark: Option<Offset>,
    effects: VecDeque<Effect>,
}

impl Quorum {
    /// The machine as it stood when the node stopped: `durable` is the content of `quorum-state`, if there is one.
    ///
    /// If the log holds a higher epoch than `durable`, the log's counts: nothing was voted in it.
    /// Source: Kafka `QuorumState.initialize`.
    #[must_use]
    pub fn new(
        local: Voter,
        membership: QuorumMembership,
        durable: Option<ElectionState>,
        log_end: LogEnd,
    ) -> Self {
        let durable = durable.unwrap_or(ElectionState::FIRST);
        let persisted_epoch = durable.epoch;
        let election = if durable.epoch < log_end.epoch {
            ElectionState { epoch: log_end.epoch, ..ElectionState::FIRST }
        } else {
            durable
        };
        let role = match (election.leader, election.voted) {
            (Some(leader), _) if leader == local.key.id => Role::Resigned,
            (None, Some(voted))
                if local.is(voted) || voted.id == local.key.id && voted.directory_id.is_none() =>
            {
                Role::Candidate
            }
            _ => Role::Unattached,
        };
        Self {
            local,
            membership,
            log_end,
            election,
            role,
            persisted_epoch,
            synced_offset: Offset::ZERO,
            high_watermark: None,
            effects: VecDeque::new(),
        }
    }

    /// Tells the quorum a fact.
    pub fn handle(&mut self, input: Input) {
        match input {
            Input::Start => self.start(),
            Input::Persisted(epoch) => {
                self.persisted_epoch = self.persisted_epoch.max(epoch);
                self.maybe_advance_high_watermark();
            }
            Input::Synced(offset) => {
                self.synced_offset = self.synced_offset.max(offset);
                self.maybe_advance_high_watermark();
            }
            Input::Resign => {
                if matches!(self.role, Role::Leader { .. }) {
                    self.role = Role::Resigned;
                }
            }
        }
    }

    /// The next thing that the host must do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// What this node is to the quorum.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether this node may append.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        matches!(self.role, Role::Leader { .. })
    }

    /// The highest epoch seen.
    #[must_use]
    pub fn epoch(&self) -> LeaderEpoch {
        self.election.epoch
    }

    /// Offset below which everything is committed; `None` until a record of our own epoch is.
    #[must_use]
    pub fn high_watermark(&self) -> Option<Offset> {
        self.high_watermark
    }

    /// The voters and the kraft.version.
    #[must_use]
    pub fn membership(&self) -> &QuorumMembership {
        &self.membership
    }

    /// Takes over what a record of the log says of the membership. A node that leads changes it itself.
    ///
    /// Panics while this node leads.
    pub fn set_membership(&mut self, membership: QuorumMembership) {
        assert!(!self.is_leader(), "a leader learns of its own voters from itself");
        self.membership = membership;
    }

    /// This node as a voter.
    #[must_use]
    pub fn local(&self) -> &Voter {
        &self.local
    }

    /// A node that is alone needs no timeout to know that nobody else leads.
    /// Source: Kafka `KafkaRaftClient.initialize`, `transitionToProspective`.
    fn start(&mut self) {
        if !self.is_leader() && self.membership.voters.is_only_voter(self.local.key) {
            self.become_candidate();
            self.become_leader();
        }
    }

    fn become_candidate(&mut self) {
        let epoch = self.election.epoch.0.checked_add(1).expect("a log cannot have seen 2^31 elections");
        self.role = Role::Candidate;
        self.election =
            ElectionState { epoch: LeaderEpoch(epoch), leader: None, voted: Some(self.local.key) };
        self.effects.push_back(Effect::Persist(self.election.clone()));
    }

    /// Our own vote is a majority of one. It counts once it is on the disk, which comes before this epoch's first
    /// commit: see `maybe_advance_high_watermark`.
    fn become_leader(&mut self) {
        assert_eq!(self.role, Role::Candidate);
        self.role = Role::Leader { epoch_start_offset: self.log_end.offset };
        self.election.leader = Some(self.local.key.id);
        self.election.voted = None;
        self.effects.push_back(Effect::Persist(self.election.clone()));

        let membership = self.membership_to_log();
        if let Some((_, voters)) = &membership {
            self.membership.voters = voters.clone();
            self.membership.is_logged = true;
        }
        self.effects.push_back(Effect::AppendStartOfEpoch(StartOfEpoch {
            epoch: self.election.epoch,
            leader: self.local.key.id,
            voters: self.membership.voters.ids().collect(),
            granting_voters: vec![self.local.key.id],
            membership,
        }));
    }

    /// Source: Kafka `LeaderState.appendStartOfEpochControlRecords`.
    fn membership_to_log(&self) -> Option<(KRaftVersion, VoterSet)> {
        let QuorumMembership { kraft_version, voters, is_logged } = &self.membership;
        if *kraft_version == KRaftVersion::Static {
            return None;
        }
        let updated = voters.updated_with(&self.local);
        match updated {
            None if *is_logged => None,
            updated => Some((*kraft_version, updated.unwrap_or_else(|| voters.clone()))),
        }
    }

    /// With one voter everything on its disk is on a majority's, as soon as its epoch is too.
    fn maybe_advance_high_watermark(&mut self) {
        let Role::Leader { epoch_start_offset } = self.role else { return };
        if self.persisted_epoch < self.election.epoch || self.synced_offset <= epoch_start_offset {
            return;
        }
        if self.high_watermark.is_none_or(|current| current < self.synced_offset) {
            self.high_watermark = Some(self.synced_offset);
            self.effects.push_back(Effect::AdvanceHighWatermark(self.synced_offset));
        }
    }
}

#[cfg(test)]
mod tests {
    use ottla_protocol::types::{DirectoryId, Uuid};

    use super::*;

    fn local(port: u16) -> Voter {
        let directory = DirectoryId(Uuid::from_u128(1000));
        Voter {
            key: ReplicaKey { id: BrokerId(1), directory_id: Some(directory) },
            endpoints: vec![VoterEndpoint { listener: "CONTROLLER".into(), host: "localhost".into(), port }],
            kraft_versions: (0, 1),
        }
    }

    fn fixed(ids: &[i32]) -> QuorumMembership {
        let voter = |id: &i32| Voter {
            key: ReplicaKey { id: BrokerId(*id), directory_id: None },
            endpoints: Vec::new(),
            kraft_versions: (0, 0),
        };
        QuorumMembership {
            kraft_version: KRaftVersion::Static,
            voters: ids.iter().map(voter).collect(),
            is_logged: false,
        }
    }

    fn dynamic(is_logged: bool) -> QuorumMembership {
        let voters = [local(9093)].into_iter().collect();
        QuorumMembership { kraft_version: KRaftVersion::Reconfigurable, voters, is_logged }
    }

    fn started(membership: QuorumMembership, durable: Option<ElectionState>, log_end: (i64, i32)) -> Quorum {
        let log_end = LogEnd { offset: Offset(log_end.0), epoch: LeaderEpoch(log_end.1) };
        let mut quorum = Quorum::new(local(9093), membership, durable, log_end);
        quorum.handle(Input::Start);
        quorum
    }

    fn effects(quorum: &mut Quorum) -> Vec<Effect> {
        std::iter::from_fn(|| quorum.poll_effect()).collect()
    }

    fn state(epoch: i32, leader: Option<i32>, voted: Option<ReplicaKey>) -> ElectionState {
        ElectionState { epoch: LeaderEpoch(epoch), leader: leader.map(BrokerId), voted }
    }

    fn start_of_epoch(epoch: i32, membership: Option<(KRaftVersion, VoterSet)>) -> Effect {
        Effect::AppendStartOfEpoch(StartOfEpoch {
            epoch: LeaderEpoch(epoch),
            leader: BrokerId(1),
            voters: vec![BrokerId(1)],
            granting_voters: vec![BrokerId(1)],
            membership,
        })
    }

    #[test]
    fn the_only_voter_elects_itself_in_the_next_epoch() {
        let mut quorum = started(fixed(&[1]), None, (0, 0));
        assert_eq!(
            effects(&mut quorum),
            [
                Effect::Persist(state(1, None, Some(local(0).key))),
                Effect::Persist(state(1, Some(1), None)),
                start_of_epoch(1, None),
            ]
        );
        assert!(quorum.is_leader());
    }

    #[test]
    fn a_former_leader_takes_a_new_epoch() {
        for durable in [state(4, Some(1), None), state(4, None, Some(local(0).key)), state(4, Some(2), None)]
        {
            let quorum = started(fixed(&[1]), Some(durable), (10, 4));
            assert_eq!(quorum.epoch(), LeaderEpoch(5));
        }
    }

    #[test]
    fn the_log_may_know_a_higher_epoch_than_the_file() {
        let quorum = started(fixed(&[1]), Some(state(2, Some(1), None)), (10, 6));
        assert_eq!(quorum.epoch(), LeaderEpoch(7));
        assert_eq!(started(fixed(&[1]), None, (10, 6)).epoch(), LeaderEpoch(7));
    }

    #[test]
    fn one_of_several_voters_does_not_lead() {
        let mut quorum = started(fixed(&[1, 2, 3]), None, (0, 0));
        assert_eq!((effects(&mut quorum), quorum.role()), (vec![], Role::Unattached));
        let mut observer = started(fixed(&[2]), None, (0, 0));
        assert_eq!((effects(&mut observer), observer.role()), (vec![], Role::Unattached));
    }

    #[test]
    fn nothing_is_committed_before_the_epoch_and_a_record_of_it_are_on_the_disk() {
        let mut quorum = started(fixed(&[1]), Some(state(4, Some(1), None)), (10, 4));
        effects(&mut quorum);
        quorum.handle(Input::Synced(Offset(12)));
        assert_eq!(effects(&mut quorum), [], "the epoch is not persisted");
        quorum.handle(Input::Persisted(LeaderEpoch(5)));
        assert_eq!(effects(&mut quorum), [Effect::AdvanceHighWatermark(Offset(12))]);

        let mut quorum = started(fixed(&[1]), Some(state(4, Some(1), None)), (10, 4));
        effects(&mut quorum);
        quorum.handle(Input::Persisted(LeaderEpoch(5)));
        quorum.handle(Input::Synced(Offset(10)));
        assert_eq!(effects(&mut quorum), [], "only records of earlier epochs are synced");
        assert_eq!(quorum.high_watermark(), None);
    }

    #[test]
    fn the_high_watermark_never_goes_back() {
        let mut quorum = started(fixed(&[1]), None, (0, 0));
        effects(&mut quorum);
        quorum.handle(Input::Persisted(LeaderEpoch(1)));
        quorum.handle(Input::Synced(Offset(5)));
        quorum.handle(Input::Synced(Offset(3)));
        assert_eq!(effects(&mut quorum), [Effect::AdvanceHighWatermark(Offset(5))]);
        assert_eq!(quorum.high_watermark(), Some(Offset(5)));
    }

    #[test]
    fn a_resigned_leader_commits_nothing_more() {
        let mut quorum = started(fixed(&[1]), None, (0, 0));
        effects(&mut quorum);
        quorum.handle(Input::Persisted(LeaderEpoch(1)));
        quorum.handle(Input::Resign);
        quorum.handle(Input::Synced(Offset(5)));
        assert_eq!((effects(&mut quorum), quorum.role()), (vec![], Role::Resigned));
    }

    #[test]
    fn the_first_leader_of_a_dynamic_quorum_logs_its_voters() {
        let voters: VoterSet = [local(9093)].into_iter().collect();
        let mut quorum = started(dynamic(false), None, (0, 0));
        assert_eq!(
            effects(&mut quorum).last(),
            Some(&start_of_epoch(1, Some((KRaftVersion::Reconfigurable, voters))))
        );
        let mut quorum = started(dynamic(true), Some(state(1, Some(1), None)), (10, 1));
        assert_eq!(effects(&mut quorum).last(), Some(&start_of_epoch(2, None)));
    }

    #[test]
    fn a_leader_that_moved_logs_its_new_endpoint() {
        let moved: VoterSet = [local(9095)].into_iter().collect();
        let log_end = LogEnd { offset: Offset(10), epoch: LeaderEpoch(1) };
        let mut quorum = Quorum::new(local(9095), dynamic(true), None, log_end);
        quorum.handle(Input::Start);
        assert_eq!(
            effects(&mut quorum).last(),
            Some(&start_of_epoch(2, Some((KRaftVersion::Reconfigurable, moved.clone()))))
        );
        assert_eq!(quorum.membership().voters, moved);
    }
}
