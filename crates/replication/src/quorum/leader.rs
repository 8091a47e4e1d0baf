//! Leading: how far each replica is, what is committed by that, and whether a majority still follows.
//!
//! The rule of commitment: a record is committed once a majority of the voters, this one included, has it on disk, and so
//! has a record of this leader's own epoch. Without the second half a record of an earlier epoch could be counted as
//! committed and be replaced by a later leader that never saw it (Ongaro, figure 3.7). Before this replica's leadership is
//! itself on the disk it commits nothing: a voter that is alone has nobody else who would remember it.
//!
//! Check-quorum: a leader from whom no majority has fetched for one and a half fetch timeouts resigns; others may have
//! elected a successor that it cannot see. Source: KIP-595; Kafka `LeaderState`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ottla_protocol::messages::begin_quorum_epoch_request::{
    BeginQuorumEpochRequest, LeaderEndpoint, PartitionData, TopicData,
};
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};

use super::config::QuorumLimits;
use super::control::ControlRecord;
use super::fetch::ParkedFetch;
use super::role::State;
use super::rpc::{METADATA_PARTITION, METADATA_TOPIC};
use super::voter_change::VoterChange;
use super::voters::{ReplicaKey, VoterEndpoint, VoterSet};
use super::{Bug, Effect, Fault, Quorum};

/// How long the leader remembers an observer that does not fetch. Kafka `LeaderState.OBSERVER_SESSION_TIMEOUT_MS`.
const OBSERVER_SESSION: Duration = Duration::from_secs(300);
/// No more observers are kept in mind. They are brokers and future controllers, of which there are thousands at most.
const OBSERVERS_MAX: usize = 10_000;

/// What the leader knows of a replica.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    pub(super) key: ReplicaKey,
    /// Everything below is on its disk, in a log that is a prefix of ours; `None` before its first fetch.
    pub(super) end_offset: Option<Offset>,
    pub(super) last_fetch: Option<Now>,
    pub(super) last_caught_up: Option<Timestamp>,
    /// Our log's end when it last fetched.
    end_offset_at_last_fetch: Offset,
}

impl Progress {
    fn new(key: ReplicaKey) -> Self {
        Self {
            key,
            end_offset: None,
            last_fetch: None,
            last_caught_up: None,
            end_offset_at_last_fetch: Offset::ZERO,
        }
    }

    fn is_alive(&self, now: Now) -> bool {
        self.last_fetch.is_some_and(|at| now.mono.since(at.mono) < OBSERVER_SESSION)
    }

    /// Source: Kafka `ReplicaState.updateFollowerState`.
    fn fetched(&mut self, from: Offset, our_end: Offset, now: Now) {
        if from >= our_end {
            self.last_caught_up = self.last_caught_up.max(Some(now.wall));
        } else if self.end_offset_at_last_fetch > Offset::ZERO && from >= self.end_offset_at_last_fetch {
            self.last_caught_up = self.last_caught_up.max(self.last_fetch.map(|at| at.wall));
        }
        self.end_offset_at_last_fetch = our_end;
        self.last_fetch = Some(now);
        self.end_offset = Some(from);
    }
}

/// A leader.
#[derive(Debug)]
pub(super) struct Leader {
    local: ReplicaKey,
    pub(super) epoch_start_offset: Offset,
    /// Number of the election state that says that we lead.
    pub(super) rests_on: u64,
    voters: BTreeMap<BrokerId, Progress>,
    observers: BTreeMap<ReplicaKey, Progress>,
    /// What a majority has: the high watermark that we tell. Of the former leaders' one nothing is told before.
    high_watermark: Option<Offset>,
    /// Voters that have fetched since the deadline below was set.
    fetched: BTreeSet<BrokerId>,
    check_quorum_deadline: Monotonic,
    begin_quorum_epoch_at: Monotonic,
    pub(super) parked: Vec<ParkedFetch>,
    /// A change of voters that is under way.
    pub(super) voter_change: Option<VoterChange>,
    /// Whether a Voters record was handed out that is not in the log yet.
    pub(super) is_voters_record_pending: bool,
    /// Under kraft.version 0: the voters with the directories, endpoints and versions that they told us. What an
    /// upgrade to version 1 writes.
    pub(super) in_memory_voters: Option<VoterSet>,
}

impl Leader {
    pub(super) fn new(
        local: ReplicaKey,
        voters: &VoterSet,
        in_memory_voters: Option<VoterSet>,
        epoch_start_offset: Offset,
        limits: &QuorumLimits,
        now: Now,
    ) -> Self {
        let voters = voters.voters().map(|voter| (voter.key.id, Progress::new(voter.key)));
        Self {
            local,
            epoch_start_offset,
            rests_on: 0,
            voters: voters.collect(),
            observers: BTreeMap::new(),
            high_watermark: None,
            fetched: BTreeSet::new(),
            check_quorum_deadline: now.mono + limits.check_quorum_timeout(),
            begin_quorum_epoch_at: now.mono,
            parked: Vec::new(),
            voter_change: None,
            is_voters_record_pending: false,
            in_memory_voters,
        }
    }

    pub(super) fn high_watermark(&self) -> Option<Offset> {
        self.high_watermark
    }

    pub(super) fn voters(&self) -> impl Iterator<Item = &Progress> {
        self.voters.values()
    }

    /// The observers that have fetched lately.
    pub(super) fn observers(&self, now: Now) -> impl Iterator<Item = &Progress> {
        self.observers.values().filter(move |observer| observer.is_alive(now))
    }

    pub(super) fn observer(&self, key: ReplicaKey) -> Option<&Progress> {
        self.observers.get(&key)
    }

    /// The other voters, those with the most of the log first. Source: Kafka `nonLeaderVotersByDescendingFetchOffset`.
    pub(super) fn voters_by_end_offset(&self) -> Vec<ReplicaKey> {
        let mut others: Vec<_> = self.voters.values().filter(|voter| !voter.key.names(self.local)).collect();
        others.sort_by_key(|voter| (Reverse(voter.end_offset), voter.key));
        others.into_iter().map(|voter| voter.key).collect()
    }

    fn progress_mut(&mut self, key: ReplicaKey, any_directory: bool) -> Option<&mut Progress> {
        let is_voter = |voter: &Progress| voter.key.names(key) || any_directory;
        if self.voters.get(&key.id).is_some_and(is_voter) {
            return self.voters.get_mut(&key.id);
        }
        if !self.observers.contains_key(&key) && self.observers.len() >= OBSERVERS_MAX {
            return None;
        }
        Some(self.observers.entry(key).or_insert_with(|| Progress::new(key)))
    }

    fn forget_silent_observers(&mut self, now: Now) {
        self.observers.retain(|_, observer| observer.is_alive(now));
    }

    /// Takes over a new set of voters. Who was an observer keeps what is known of it. Source: Kafka
    /// `updateVoterAndObserverStates`.
    fn set_voters(&mut self, voters: &VoterSet) {
        let mut former = std::mem::take(&mut self.voters);
        for voter in voters.voters() {
            let was_voter = former.get(&voter.key.id).is_some_and(|former| former.key.names(voter.key));
            let known = match was_voter {
                true => former.remove(&voter.key.id),
                false => self.observers.remove(&voter.key),
            };
            let mut progress = known.unwrap_or_else(|| Progress::new(voter.key));
            progress.key = voter.key;
            self.voters.insert(voter.key.id, progress);
        }
        for (_, left) in former {
            self.fetched.remove(&left.key.id);
            self.observers.entry(left.key).or_insert(left);
        }
    }

    fn leads_as_voter(&self) -> bool {
        self.voters.get(&self.local.id).is_some_and(|voter| voter.key.names(self.local))
    }

    /// A voter that fetches follows; with a majority of them the patience begins anew. Source: Kafka
    /// `updateCheckQuorumForFollowingVoter`.
    pub(super) fn followed_by(&mut self, key: ReplicaKey, limits: &QuorumLimits, now: Now) {
        if self.voters.get(&key.id).is_some_and(|voter| voter.key.names(key)) {
            self.fetched.insert(key.id);
        }
        let majority = self.voters.len() / 2 + 1;
        let needed = if self.leads_as_voter() { majority - 1 } else { majority };
        if self.fetched.len() >= needed {
            self.fetched.clear();
            self.check_quorum_deadline = now.mono + limits.check_quorum_timeout();
        }
    }

    /// What a majority of voters has on disk: the middle one of their ends, counted from the most.
    fn majority_offset(&self, tampered: impl Fn(&mut Vec<Option<Offset>>, &mut usize)) -> Option<Offset> {
        let mut ends: Vec<_> = self.voters.values().map(|voter| voter.end_offset).collect();
        let mut index = ends.len() / 2;
        tampered(&mut ends, &mut index);
        ends.sort_by_key(|end| Reverse(*end));
        ends.get(index).copied().flatten()
    }
}

impl Quorum {
    /// Records that this leader's host has written.
    pub(super) fn on_appended(
        &mut self,
        epoch: LeaderEpoch,
        (base_offset, last_offset): (Offset, Offset),
        control: &[ControlRecord],
        now: Now,
    ) {
        assert_eq!(epoch, self.election.epoch, "a leader appends in its own epoch only");
        self.log.append(base_offset, last_offset, epoch);
        for (record, at) in control.iter().zip(0..) {
            self.membership.add(base_offset.plus(at), record);
        }
        if let State::Leader(leader) = &mut self.state {
            if control.iter().any(|record| matches!(record, ControlRecord::Voters(_))) {
                leader.is_voters_record_pending = false;
                leader.in_memory_voters = None;
                leader.set_voters(self.membership.voters());
                self.on_voters_appended(last_offset);
            }
            self.on_leader_progress(now);
        }
    }

    /// A replica has fetched from this place of our log, so everything before is on its disk.
    pub(super) fn on_replica_progress(&mut self, replica: ReplicaKey, from: Offset, now: Now) {
        let our_end = self.log.end_offset();
        let any_directory = self.has_bug(Bug::AnyDirectoryCounts);
        let State::Leader(leader) = &mut self.state else { return };
        leader.forget_silent_observers(now);
        if let Some(progress) = leader.progress_mut(replica, any_directory) {
            progress.fetched(from, our_end, now);
        }
        leader.followed_by(replica, &self.config.limits, now);
        self.on_leader_progress(now);
    }

    /// Something that the high watermark depends on has changed. Source: Kafka `LeaderState.maybeUpdateHighWatermark`.
    pub(super) fn on_leader_progress(&mut self, now: Now) {
        let synced = match self.has_bug(Bug::LeaderCountsUnsynced) {
            true => self.log.end_offset(),
            false => self.log.synced_offset(),
        };
        let is_durable = |leader: &Leader| leader.rests_on <= self.outbox.persisted_sequence();
        let State::Leader(leader) = &self.state else { return };
        if !is_durable(leader) {
            return;
        }
        let bugs = [Bug::ObserversCount, Bug::MinorityCommits].map(|bug| self.has_bug(bug));
        let (older, too_far) =
            (self.has_bug(Bug::CommitOlderEpoch), self.has_bug(Bug::HighWatermarkOneTooFar));
        let State::Leader(leader) = &mut self.state else { return };
        if leader.leads_as_voter()
            && let Some(own) = leader.voters.get_mut(&leader.local.id)
        {
            own.end_offset = own.end_offset.max(Some(synced));
        }
        let observed: Vec<_> = leader.observers.values().map(|observer| observer.end_offset).collect();
        let majority = leader.majority_offset(|ends, index| {
            if bugs[0] {
                ends.extend(&observed);
            }
            if bugs[1] {
                *index = index.saturating_sub(1);
            }
        });
        let Some(mut offset) = majority else { return };
        if too_far {
            offset = offset.next().min(self.log.end_offset());
        }
        if (offset <= leader.epoch_start_offset && !older) || leader.high_watermark >= Some(offset) {
            return;
        }
        if let Some(high_watermark) = self.high_watermark.filter(|before| *before > offset) {
            let epoch = self.election.epoch;
            return self.outbox.push(Effect::Halt(Fault::LeaderBehindHighWatermark {
                epoch,
                offset,
                high_watermark,
            }));
        }
        leader.high_watermark = Some(offset);
        self.advance_high_watermark(offset);
        self.on_committed(offset, now);
    }

    pub(super) fn poll_leader(&mut self, now: Now) -> Monotonic {
        let State::Leader(leader) = &self.state else { return Monotonic::NEVER };
        // Whoever leads without voting leads only until the end of its leadership is committed.
        let is_alone = leader.voters.len() == 1 && leader.leads_as_voter();
        let check_quorum = match is_alone || self.has_bug(Bug::NoCheckQuorum) {
            true => Monotonic::NEVER,
            false => leader.check_quorum_deadline,
        };
        if self.is_shutting_down || check_quorum <= now.mono {
            self.resign(now);
            return now.mono;
        }
        let voter_change = self.poll_voter_change(now);
        let begin = self.poll_begin_quorum_epoch(now);
        let parked = self.poll_parked(now);
        check_quorum.min(voter_change).min(begin).min(parked)
    }

    /// Tells voters that do not fetch who leads. Source: Kafka `maybeSendBeginQuorumEpochRequests`.
    fn poll_begin_quorum_epoch(&mut self, now: Now) -> Monotonic {
        let period = self.config.limits.begin_quorum_epoch_period();
        let State::Leader(leader) = &self.state else { return Monotonic::NEVER };
        if leader.voters.len() == 1 && leader.leads_as_voter() {
            return Monotonic::NEVER;
        }
        if now.mono < leader.begin_quorum_epoch_at {
            return leader.begin_quorum_epoch_at;
        }
        let is_silent =
            |progress: &&Progress| progress.last_fetch.is_none_or(|at| now.mono.since(at.mono) >= period);
        let local = self.config.local.key.id;
        let others = leader.voters.values().filter(|voter| voter.key.id != local);
        let silent: Vec<_> = others.filter(is_silent).map(|voter| voter.key).collect();
        for voter in silent {
            let Some(to) = self.voter_destination(voter.id) else { continue };
            if let Ok(correlation_id) = self.connections.begin(voter.id, now.mono) {
                let request = self.begin_quorum_epoch_request(voter);
                self.send(to, correlation_id, request.into());
            }
        }
        let State::Leader(leader) = &mut self.state else { return Monotonic::NEVER };
        leader.begin_quorum_epoch_at = now.mono + period;
        leader.begin_quorum_epoch_at
    }

    fn begin_quorum_epoch_request(&self, voter: ReplicaKey) -> BeginQuorumEpochRequest {
        let partition = PartitionData {
            partition_index: METADATA_PARTITION,
            voter_directory_id: voter.directory_to_wire(),
            leader_id: self.config.local.key.id.0,
            leader_epoch: self.election.epoch.0,
        };
        let endpoint = |at: &VoterEndpoint| LeaderEndpoint {
            name: at.listener.clone(),
            host: at.host.clone(),
            port: at.port,
        };
        BeginQuorumEpochRequest {
            cluster_id: Some(self.config.cluster_id.clone()),
            voter_id: voter.id.0,
            topics: vec![TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }],
            leader_endpoints: self.config.local.endpoints.iter().map(endpoint).collect(),
        }
    }
}
