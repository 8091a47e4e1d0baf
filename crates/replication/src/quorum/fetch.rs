//! Serving fetches: a replica that asks from its log's end gets what follows, or learns where its log and ours part.
//!
//! The rule: a fetch says "I have everything before this offset, and the last record of it is of this epoch, and it is on
//! my disk". If that is a prefix of our log, it counts for the high watermark. If it is not, the replica must cut its log
//! (diverging epoch) or take a snapshot in its place. What is not committed yet is served too: that is how it becomes so.
//!
//! A fetch that finds nothing new waits; it is answered when the log grows, when the high watermark moves, or in time.
//! Source: KIP-595, KIP-630, KIP-1166; Kafka `handleFetchRequest`, `tryCompleteFetchRequest`.

use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_request::{FetchPartition, FetchRequest};
use ottla_protocol::messages::fetch_response::{
    EpochEndOffset, FetchResponse, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
    SnapshotId,
};
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{LeaderEpoch, Offset, TopicId};

use super::leader::Leader;
use super::log_state::{OffsetAndEpoch, Validity};
use super::role::State;
use super::rpc::{Attachment, METADATA_PARTITION, METADATA_TOPIC, RequestContext, leader_endpoint};
use super::voters::ReplicaKey;
use super::{Bug, Quorum};

/// No more fetches wait at a time. One replica has one.
const PARKED_MAX: usize = 10_000;

/// What a fetch asks for.
#[derive(Clone, Debug)]
struct Asked {
    replica: ReplicaKey,
    epoch: LeaderEpoch,
    place: OffsetAndEpoch,
    /// What the replica knows to be committed; from version 18 on, else the highest there is.
    high_watermark: Offset,
    max_bytes: i32,
    max_wait: Duration,
}

/// A fetch that waits for something to answer.
#[derive(Debug)]
pub(super) struct ParkedFetch {
    context: RequestContext,
    asked: Asked,
    deadline: Monotonic,
    /// The leader's high watermark when it began to wait.
    high_watermark: Option<Offset>,
}

impl Quorum {
    pub(super) fn on_fetch(&mut self, request: &FetchRequest, context: RequestContext, now: Now) {
        if !self.has_valid_cluster_id(request.cluster_id.as_deref()) {
            return self.refuse_fetch(&context, ErrorCode::INCONSISTENT_CLUSTER_ID);
        }
        let Some(partition) = metadata_partition(request) else {
            return self.refuse_fetch(&context, ErrorCode::INVALID_REQUEST);
        };
        let Ok(max_wait) = u64::try_from(request.max_wait_ms) else {
            return self.answer_fetch_error(&context, ErrorCode::INVALID_REQUEST);
        };
        let is_illegal = partition.fetch_offset < 0
            || partition.last_fetched_epoch < 0
            || partition.last_fetched_epoch > partition.current_leader_epoch;
        if is_illegal {
            return self.answer_fetch_error(&context, ErrorCode::INVALID_REQUEST);
        }
        // Up to version 14 the id stands in the old field.
        let replica_id = match request.replica_id {
            -1 => request.replica_state.replica_id,
            id => id,
        };
        let asked = Asked {
            replica: ReplicaKey::from_wire(replica_id, partition.replica_directory_id),
            epoch: LeaderEpoch(partition.current_leader_epoch),
            place: OffsetAndEpoch {
                epoch: LeaderEpoch(partition.last_fetched_epoch),
                offset: Offset(partition.fetch_offset),
            },
            high_watermark: Offset(partition.high_watermark),
            max_bytes: request.max_bytes.max(0),
            max_wait: Duration::from_millis(max_wait),
        };
        self.fetch(context, asked, now);
    }

    fn fetch(&mut self, context: RequestContext, asked: Asked, now: Now) {
        if let Err(error) = self.check_leads(asked.epoch) {
            return self.answer_fetch_error(&context, error);
        }
        let local = self.config.local.key.id;
        if asked.replica.id == local {
            return self.answer_fetch_error(&context, ErrorCode::INVALID_REQUEST);
        }
        let validity = self.validity(asked.place);
        if validity == Validity::Valid && asked.replica.id.0 >= 0 {
            self.on_replica_progress(asked.replica, asked.place.offset, now);
        }
        // Progress may have ended the leadership: a leader that is no voter resigns when that is committed.
        let State::Leader(leader) = &self.state else {
            return self.answer_fetch_error(&context, ErrorCode::NOT_LEADER_OR_FOLLOWER);
        };
        let has_news = validity != Validity::Valid
            || asked.place.offset < self.log.end_offset()
            || leader.high_watermark() > Some(asked.high_watermark);
        // Before our leadership is on the disk nobody may know of it; then nothing of the epoch leaves either.
        let may_answer = self.outbox.is_durable();
        let may_wait = asked.max_wait > Duration::ZERO && leader.parked.len() < PARKED_MAX;
        if may_answer && (has_news || !may_wait) {
            self.answer_fetch(&context, &asked, validity);
        } else {
            self.park(context, asked, now);
        }
    }

    /// Whether the place is in our log. A replica without any log is best served by a snapshot, if there is one.
    fn validity(&self, place: OffsetAndEpoch) -> Validity {
        if self.has_bug(Bug::SkipDivergenceCheck) && place.offset >= self.log.start_offset() {
            return Validity::Valid;
        }
        match self.log.latest_snapshot() {
            Some(latest) if place.offset == Offset::ZERO && latest != OffsetAndEpoch::ZERO => {
                Validity::Snapshot(latest)
            }
            _ => self.log.validate(place),
        }
    }

    fn park(&mut self, context: RequestContext, asked: Asked, now: Now) {
        let State::Leader(leader) = &mut self.state else { return };
        let deadline = now.mono + asked.max_wait.min(PARKED_WAIT_MAX);
        let high_watermark = leader.high_watermark();
        leader.parked.push(ParkedFetch { context, asked, deadline, high_watermark });
    }

    /// Answers what there is an answer for by now. When the next one runs out of time.
    pub(super) fn poll_parked(&mut self, now: Now) -> Monotonic {
        if !self.outbox.is_durable() {
            return Monotonic::NEVER;
        }
        let end_offset = self.log.end_offset();
        let State::Leader(leader) = &mut self.state else { return Monotonic::NEVER };
        let high_watermark = leader.high_watermark();
        let is_due = |parked: &mut ParkedFetch| {
            parked.deadline <= now.mono
                || parked.asked.place.offset < end_offset
                || parked.high_watermark != high_watermark
                || high_watermark > Some(parked.asked.high_watermark)
        };
        let due: Vec<_> = leader.parked.extract_if(.., is_due).collect();
        let next = leader.parked.iter().map(|parked| parked.deadline).min().unwrap_or(Monotonic::NEVER);
        for parked in due {
            let validity = self.validity(parked.asked.place);
            self.answer_fetch(&parked.context, &parked.asked, validity);
        }
        next
    }

    fn answer_fetch(&mut self, context: &RequestContext, asked: &Asked, validity: Validity) {
        let State::Leader(leader) = &self.state else { return };
        let mut partition = self.partition_data(ErrorCode::NONE);
        partition.high_watermark = high_watermark_on_wire(leader);
        let mut attachment = None;
        match validity {
            Validity::Diverging(end) => {
                partition.diverging_epoch =
                    EpochEndOffset { epoch: end.epoch.0, end_offset: end.end_offset.0 };
            }
            Validity::Snapshot(name) => {
                partition.snapshot_id = SnapshotId { end_offset: name.offset.0, epoch: name.epoch.0 };
            }
            Validity::Valid if asked.place.offset < self.log.end_offset() => {
                let (from, up_to) = (asked.place.offset, self.log.end_offset());
                attachment = Some(Attachment::Records { from, up_to, max_bytes: asked.max_bytes });
            }
            Validity::Valid => {}
        }
        let response = self.fetch_response(partition, context);
        self.respond(context.id, response.into(), attachment);
    }

    fn answer_fetch_error(&mut self, context: &RequestContext, error: ErrorCode) {
        let response = self.fetch_response(self.partition_data(error), context);
        self.respond(context.id, response.into(), None);
    }

    fn refuse_fetch(&mut self, context: &RequestContext, error: ErrorCode) {
        let response = FetchResponse { error_code: error.into(), ..Default::default() };
        self.respond(context.id, response.into(), None);
    }

    /// Tells everybody who waits for this former leader that it is one. Source: Kafka `onBecomeFollower`,
    /// `LeaderState.close`.
    pub(super) fn dismiss_waiting(&mut self, left: Leader) {
        for parked in left.parked {
            self.answer_fetch_error(&parked.context, ErrorCode::NOT_LEADER_OR_FOLLOWER);
        }
        if let Some(change) = left.voter_change {
            self.finish_voter_change(&change, ErrorCode::NOT_LEADER_OR_FOLLOWER, None);
        }
    }

    fn partition_data(&self, error: ErrorCode) -> PartitionData {
        PartitionData {
            partition_index: METADATA_PARTITION,
            error_code: error.into(),
            high_watermark: -1,
            log_start_offset: self.log.start_offset().0,
            current_leader: LeaderIdAndEpoch {
                leader_id: self.leader_id_on_wire(),
                leader_epoch: self.election.epoch.0,
            },
            records: Some(bytes::Bytes::new()),
            ..Default::default()
        }
    }

    fn fetch_response(&self, partition: PartitionData, context: &RequestContext) -> FetchResponse {
        let leader = leader_endpoint(self.election.leader, self.leader_endpoints(), &context.listener);
        FetchResponse {
            responses: vec![FetchableTopicResponse {
                topic: METADATA_TOPIC.into(),
                topic_id: TopicId::METADATA.0,
                partitions: vec![partition],
            }],
            node_endpoints: leader
                .map(|(node_id, at)| NodeEndpoint {
                    node_id,
                    host: at.host.clone(),
                    port: i32::from(at.port),
                    rack: None,
                })
                .into_iter()
                .collect(),
            ..Default::default()
        }
    }
}

/// However long a replica would wait, it is answered by then.
const PARKED_WAIT_MAX: Duration = Duration::from_secs(60);

fn high_watermark_on_wire(leader: &Leader) -> i64 {
    leader.high_watermark().map_or(-1, |offset| offset.0)
}

/// The partition that the request is about, if that is the metadata log alone. Up to version 12 topics have names.
fn metadata_partition(request: &FetchRequest) -> Option<&FetchPartition> {
    let [topic] = request.topics.as_slice() else { return None };
    let is_it =
        topic.topic_id == TopicId::METADATA.0 || topic.topic_id.is_zero() && topic.topic == METADATA_TOPIC;
    match topic.partitions.as_slice() {
        [partition] if is_it && partition.partition == METADATA_PARTITION => Some(partition),
        _ => None,
    }
}
