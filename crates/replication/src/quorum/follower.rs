//! Following: fetch what the leader has, cut what it does not have, and look for another when it is silent.
//!
//! The rule: a replica that a leader may count fetches on only when everything before is on its disk. It believes the
//! leader of its epoch about the log, but for one thing: what it knows to be committed is never cut. If it is told to, data
//! was lost somewhere, and it stops. Source: KIP-595; Kafka `FollowerState`, `handleFetchResponse`,
//! `maybeSendFetchToBestNode`.
//!
//! A leader whose node refuses two connections in a row is not there any more. A voter does not wait for the rest of the
//! fetch timeout then, but asks for pre-votes soon; they decide whether it is right. So a killed leader is replaced faster
//! than one that is only silent.

use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic, ReplicaState};
use ottla_protocol::messages::fetch_response::{FetchResponse, PartitionData};
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset, TopicId};

use super::connections::{Destination, Status};
use super::fetched;
use super::log_state::OffsetAndEpoch;
use super::role::State;
use super::rpc::{LeaderHint, METADATA_PARTITION, METADATA_TOPIC, Request};
use super::snapshot::FetchingSnapshot;
use super::voters::VoterEndpoint;
use super::{Bug, Effect, Fault, Quorum};
use crate::divergence::EpochEnd;

/// A leader that could not be reached so often in a row is taken for gone.
const FAILURES_MAX: u32 = 2;

/// A replica that follows a leader.
#[derive(Debug)]
pub(super) struct Follower {
    pub(super) leader_endpoints: Vec<VoterEndpoint>,
    /// When a voter looks for another leader, unless this one answers before.
    pub(super) fetch_deadline: Monotonic,
    /// When to look again whether the leader should write something about us.
    pub(super) update_voter_at: Monotonic,
    /// Whether the leader has answered a fetch in this epoch.
    pub(super) has_fetched: bool,
    /// Whether the leader of this epoch knows our endpoints and versions. For kraft.version 0.
    pub(super) has_updated_leader: bool,
    /// The snapshot that is being fetched. No records are fetched meanwhile.
    pub(super) fetching: Option<FetchingSnapshot>,
    /// How often in a row the leader could not be reached.
    failures: u32,
}

impl Follower {
    pub(super) fn new(
        leader_endpoints: Vec<VoterEndpoint>,
        fetch_deadline: Monotonic,
        update_voter_at: Monotonic,
    ) -> Self {
        Self {
            leader_endpoints,
            fetch_deadline,
            update_voter_at,
            has_fetched: false,
            has_updated_leader: false,
            fetching: None,
            failures: 0,
        }
    }

    pub(super) fn heard_from_leader(&mut self, now: Now, fetch_timeout: Duration) {
        self.fetch_deadline = now.mono + fetch_timeout;
        self.has_fetched = true;
        self.failures = 0;
    }
}

impl Quorum {
    pub(super) fn poll_follower(&mut self, now: Now) -> Monotonic {
        let State::Follower(follower) = &self.state else { return Monotonic::NEVER };
        if self.is_shutting_down {
            return Monotonic::NEVER;
        }
        let may_stand = self.may_stand();
        if may_stand && follower.fetch_deadline <= now.mono {
            self.become_prospective(now);
            return now.mono;
        }
        let fetch_deadline = if may_stand { follower.fetch_deadline } else { Monotonic::NEVER };
        let Some(to) = self.leader_destination() else { return fetch_deadline };
        let update = self.poll_membership_request(&to, now);
        let fetch = self.send_fetch_to_best(&to, now);
        fetch_deadline.min(update).min(fetch)
    }

    fn leader_destination(&self) -> Option<Destination> {
        self.destination(self.election.leader?, self.leader_endpoints())
    }

    fn poll_membership_request(&mut self, to: &Destination, now: Now) -> Monotonic {
        let period = self.config.limits.fetch_timeout;
        let State::Follower(follower) = &self.state else { return Monotonic::NEVER };
        if now.mono < follower.update_voter_at {
            return follower.update_voter_at;
        }
        if let Some(request) = self.membership_request() {
            match self.connections.begin(to.id, now.mono) {
                Ok(correlation_id) => self.send(to.clone(), correlation_id, request),
                Err(until) => return until,
            }
        }
        let State::Follower(follower) = &mut self.state else { return Monotonic::NEVER };
        follower.update_voter_at = now.mono + period;
        follower.update_voter_at
    }

    /// Fetches from the leader; or, while that is not to be reached, asks the others who leads.
    fn send_fetch_to_best(&mut self, to: &Destination, now: Now) -> Monotonic {
        match self.connections.status(to.id, now.mono) {
            Status::TimedOut => {
                self.connections.reset(to.id);
                self.send_fetch_to_bootstrap(now)
            }
            Status::BackingOff { until } => self.send_fetch_to_bootstrap(now).min(until),
            Status::Awaiting { until } => until,
            Status::Ready => match self.connections.any_in_flight(now.mono) {
                Some(until) => until,
                None => self.send_fetch_or_fetch_snapshot(to.clone(), now),
            },
        }
    }

    fn send_fetch_or_fetch_snapshot(&mut self, to: Destination, now: Now) -> Monotonic {
        let State::Follower(follower) = &self.state else { return Monotonic::NEVER };
        let request: Request = match &follower.fetching {
            Some(fetching) if fetching.is_complete => return Monotonic::NEVER,
            Some(fetching) => self.fetch_snapshot_request(fetching).into(),
            None if self.must_sync_first() => return Monotonic::NEVER,
            None => self.fetch_request().into(),
        };
        match self.connections.begin(to.id, now.mono) {
            Ok(correlation_id) => {
                let id = to.id;
                self.send(to, correlation_id, request);
                self.connections.busy_until(id).unwrap_or(Monotonic::NEVER)
            }
            Err(until) => until,
        }
    }

    /// Whether a fetch would claim more than is on the disk.
    fn must_sync_first(&self) -> bool {
        (self.config.can_become_voter || self.is_voter())
            && !self.log.is_synced()
            && !self.has_bug(Bug::FetchBeforeSync)
    }

    /// Asks any server that is known from the configuration: whoever it is, it says who leads.
    pub(super) fn send_fetch_to_bootstrap(&mut self, now: Now) -> Monotonic {
        if self.must_sync_first() {
            return Monotonic::NEVER;
        }
        let to = match self.connections.ready_bootstrap_server(&mut self.random, now.mono) {
            Ok(to) => to,
            Err(until) => return until,
        };
        match self.connections.begin(to.id, now.mono) {
            Ok(correlation_id) => {
                let (id, request) = (to.id, self.fetch_request());
                self.send(to, correlation_id, request.into());
                self.connections.busy_until(id).unwrap_or(Monotonic::NEVER)
            }
            Err(until) => until,
        }
    }

    fn fetch_request(&self) -> FetchRequest {
        let local = self.config.local.key;
        let end = self.log.end();
        let partition = FetchPartition {
            partition: METADATA_PARTITION,
            current_leader_epoch: self.election.epoch.0,
            fetch_offset: end.offset.0,
            last_fetched_epoch: end.epoch.0,
            replica_directory_id: local.directory_to_wire(),
            high_watermark: self.high_watermark.map_or(-1, |offset| offset.0),
            ..Default::default()
        };
        let limits = &self.config.limits;
        FetchRequest {
            cluster_id: Some(self.config.cluster_id.clone()),
            // One of the two travels, by version.
            replica_id: local.id.0,
            replica_state: ReplicaState { replica_id: local.id.0, ..Default::default() },
            max_wait_ms: i32::try_from(limits.fetch_wait_max.as_millis()).unwrap_or(i32::MAX),
            max_bytes: limits.fetch_bytes_max,
            topics: vec![FetchTopic {
                topic: METADATA_TOPIC.into(),
                topic_id: TopicId::METADATA.0,
                partitions: vec![partition],
            }],
            ..Default::default()
        }
    }

    pub(super) fn on_fetch_response(&mut self, response: FetchResponse, now: Now) -> bool {
        if response.error_code != 0 {
            return false;
        }
        let nodes = response.node_endpoints.iter();
        let nodes: Vec<_> = nodes
            .filter_map(|node| Some((node.node_id, node.host.clone(), u16::try_from(node.port).ok()?)))
            .collect();
        let Some(partition) = metadata_partition(response) else { return false };
        let leader = &partition.current_leader;
        let hint = LeaderHint::new(partition.error_code, leader.leader_epoch, leader.leader_id)
            .with_endpoints(nodes.into_iter(), &self.config.listener);
        if let Some(handled) = self.on_leader_hint(hint, now) {
            return handled;
        }
        if partition.error_code != 0 || !matches!(self.state, State::Follower(_)) {
            return false;
        }
        let diverging = &partition.diverging_epoch;
        let snapshot = &partition.snapshot_id;
        if diverging.epoch >= 0 {
            let end = EpochEnd {
                epoch: LeaderEpoch(diverging.epoch),
                end_offset: Offset(diverging.end_offset.max(0)),
            };
            self.cut(end);
        } else if snapshot.epoch >= 0 && snapshot.end_offset >= 0 {
            let name =
                OffsetAndEpoch { epoch: LeaderEpoch(snapshot.epoch), offset: Offset(snapshot.end_offset) };
            self.begin_fetching_snapshot(name);
        } else if snapshot.epoch >= 0 || snapshot.end_offset >= 0 {
            return false;
        } else {
            self.append_fetched(&partition.records.unwrap_or_default());
            if partition.high_watermark >= 0 {
                self.advance_high_watermark(Offset(partition.high_watermark).min(self.log.end_offset()));
            }
        }
        let fetch_timeout = self.config.limits.fetch_timeout;
        if let State::Follower(follower) = &mut self.state {
            follower.heard_from_leader(now, fetch_timeout);
        }
        true
    }

    /// Cuts the log back to where it and the leader's part.
    fn cut(&mut self, leader_end: EpochEnd) {
        let mut offset = self.log.truncation_offset(leader_end);
        if self.has_bug(Bug::CutTooLittle) {
            offset = offset.next().min(self.log.end_offset());
        }
        // What lies below the start is in a snapshot, of committed records only.
        let committed = self.high_watermark.unwrap_or(Offset::ZERO).max(self.log.start_offset());
        if offset < committed {
            return self.outbox.push(Effect::Halt(Fault::CutBelowHighWatermark {
                epoch: self.election.epoch,
                offset,
                high_watermark: committed,
            }));
        }
        self.log.truncate(offset);
        if !self.has_bug(Bug::VotersOutliveCut) {
            self.membership.truncate_to(offset);
        }
        self.outbox.push(Effect::Truncate(offset));
    }

    fn append_fetched(&mut self, bytes: &Bytes) {
        let end = self.log.end();
        let (batches, size) = fetched::acceptable(bytes, end, self.election.epoch);
        for batch in &batches {
            self.log.append(batch.base_offset, batch.last_offset, batch.epoch);
            for (offset, record) in &batch.control {
                self.membership.add(*offset, record);
            }
        }
        if !batches.is_empty() {
            let bytes = bytes.slice(..size);
            self.outbox.push(Effect::AppendFetched { base_offset: end.offset, bytes });
        }
    }

    /// The leader's node cannot be reached.
    pub(super) fn on_leader_unreachable(&mut self, source: BrokerId, now: Now) {
        if self.election.leader != Some(source) {
            return;
        }
        // Voters that lose the leader at the same time must not all ask for votes at the same time.
        let soon = self.random_wait(self.config.limits.election_timeout / 8);
        let State::Follower(follower) = &mut self.state else { return };
        follower.failures = follower.failures.saturating_add(1);
        if follower.failures == FAILURES_MAX {
            follower.fetch_deadline = follower.fetch_deadline.min(now.mono + soon);
        }
    }
}

fn metadata_partition(response: FetchResponse) -> Option<PartitionData> {
    let mut topics = response.responses.into_iter();
    let topic = topics.next().filter(|topic| {
        topic.topic_id == TopicId::METADATA.0 || topic.topic_id.is_zero() && topic.topic == METADATA_TOPIC
    })?;
    let mut partitions = topic.partitions.into_iter();
    let partition = partitions.next().filter(|partition| partition.partition_index == METADATA_PARTITION)?;
    (topics.next().is_none() && partitions.next().is_none()).then_some(partition)
}
