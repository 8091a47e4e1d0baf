//! Snapshots that travel: a replica whose place is not in the leader's log any more takes one in its place.
//!
//! The follower asks for one piece after the other, from the size that it has; when the whole file is on its disk, its log
//! starts anew where the snapshot ends, and everything in the snapshot is committed. The snapshot at offset 0, which
//! formatting makes, never travels. Source: KIP-630; Kafka `handleFetchSnapshotRequest`, `handleFetchSnapshotResponse`.

use bytes::Bytes;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_snapshot_request::{self as request, FetchSnapshotRequest};
use ottla_protocol::messages::fetch_snapshot_response::{
    FetchSnapshotResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionSnapshot, SnapshotId, TopicSnapshot,
};
use ottla_protocol::time::Now;
use ottla_protocol::types::{LeaderEpoch, Offset};

use super::control::ControlRecord;
use super::log_state::OffsetAndEpoch;
use super::role::State;
use super::rpc::{
    Attachment, LeaderHint, METADATA_PARTITION, METADATA_TOPIC, RequestContext, leader_endpoint,
};
use super::voters::ReplicaKey;
use super::{Bug, Effect, Quorum};

/// A snapshot on its way to this follower.
#[derive(Debug)]
pub(super) struct FetchingSnapshot {
    name: OffsetAndEpoch,
    /// How much of it was handed to the host, in bytes.
    position: u64,
    /// Whether that is all: the host is bringing it to the disk.
    pub(super) is_complete: bool,
}

impl Quorum {
    pub(super) fn on_fetch_snapshot(
        &mut self,
        request: &FetchSnapshotRequest,
        context: &RequestContext,
        now: Now,
    ) {
        if !self.has_valid_cluster_id(request.cluster_id.as_deref()) {
            return self.refuse_fetch_snapshot(context, ErrorCode::INCONSISTENT_CLUSTER_ID);
        }
        let ([topic], Some(asked)) = (request.topics.as_slice(), only_partition(request)) else {
            return self.refuse_fetch_snapshot(context, ErrorCode::INVALID_REQUEST);
        };
        let is_metadata = topic.name == METADATA_TOPIC && asked.partition == METADATA_PARTITION;
        let found = match is_metadata {
            true => self.find_snapshot(asked),
            false => Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        };
        let mut partition = PartitionSnapshot {
            index: asked.partition,
            error_code: found.err().unwrap_or(ErrorCode::NONE).into(),
            ..Default::default()
        };
        if is_metadata {
            partition.current_leader =
                LeaderIdAndEpoch { leader_id: self.leader_id_on_wire(), leader_epoch: self.election.epoch.0 };
        }
        let mut attachment = None;
        if let Ok((name, position, size)) = found {
            partition.snapshot_id = SnapshotId { end_offset: name.offset.0, epoch: name.epoch.0 };
            partition.size = i64::try_from(size).unwrap_or(i64::MAX);
            partition.position = asked.position;
            let max_bytes = request.max_bytes.max(0);
            attachment = Some(Attachment::Snapshot { name, position, max_bytes });
            let replica = ReplicaKey::from_wire(request.replica_id, asked.replica_directory_id);
            if let State::Leader(leader) = &mut self.state {
                leader.followed_by(replica, &self.config.limits, now);
            }
        }
        let response = self.fetch_snapshot_response(topic.name.clone(), partition, context);
        self.respond(context.id, response.into(), attachment);
    }

    /// The snapshot that is asked for, where in it, and its size.
    fn find_snapshot(
        &self,
        asked: &request::PartitionSnapshot,
    ) -> Result<(OffsetAndEpoch, u64, u64), ErrorCode> {
        self.check_leads(LeaderEpoch(asked.current_leader_epoch))?;
        let name = OffsetAndEpoch {
            epoch: LeaderEpoch(asked.snapshot_id.epoch),
            offset: Offset(asked.snapshot_id.end_offset),
        };
        let size = self.log.snapshot_size(name).filter(|_| name != OffsetAndEpoch::ZERO);
        let size = size.ok_or(ErrorCode::SNAPSHOT_NOT_FOUND)?;
        match u64::try_from(asked.position) {
            Ok(position) if position < size => Ok((name, position, size)),
            _ => Err(ErrorCode::POSITION_OUT_OF_RANGE),
        }
    }

    fn refuse_fetch_snapshot(&mut self, context: &RequestContext, error: ErrorCode) {
        let response = FetchSnapshotResponse { error_code: error.into(), ..Default::default() };
        self.respond(context.id, response.into(), None);
    }

    fn fetch_snapshot_response(
        &self,
        topic: String,
        partition: PartitionSnapshot,
        context: &RequestContext,
    ) -> FetchSnapshotResponse {
        let leader = leader_endpoint(self.election.leader, self.leader_endpoints(), &context.listener);
        FetchSnapshotResponse {
            topics: vec![TopicSnapshot { name: topic, partitions: vec![partition] }],
            node_endpoints: leader
                .map(|(node_id, at)| NodeEndpoint { node_id, host: at.host.clone(), port: at.port })
                .into_iter()
                .collect(),
            ..Default::default()
        }
    }

    /// The leader's log does not go back as far as ours ends.
    pub(super) fn begin_fetching_snapshot(&mut self, name: OffsetAndEpoch) {
        let is_of_past = self.high_watermark.is_some_and(|committed| name.offset < committed);
        if is_of_past || name == OffsetAndEpoch::ZERO {
            return;
        }
        if let State::Follower(follower) = &mut self.state {
            follower.fetching = Some(FetchingSnapshot { name, position: 0, is_complete: false });
        }
    }

    pub(super) fn fetch_snapshot_request(&self, fetching: &FetchingSnapshot) -> FetchSnapshotRequest {
        let local = self.config.local.key;
        let partition = request::PartitionSnapshot {
            partition: METADATA_PARTITION,
            current_leader_epoch: self.election.epoch.0,
            snapshot_id: request::SnapshotId {
                end_offset: fetching.name.offset.0,
                epoch: fetching.name.epoch.0,
            },
            position: i64::try_from(fetching.position).unwrap_or(i64::MAX),
            replica_directory_id: local.directory_to_wire(),
        };
        FetchSnapshotRequest {
            cluster_id: Some(self.config.cluster_id.clone()),
            replica_id: local.id.0,
            max_bytes: self.config.limits.fetch_snapshot_bytes_max,
            topics: vec![request::TopicSnapshot { name: METADATA_TOPIC.into(), partitions: vec![partition] }],
        }
    }

    pub(super) fn on_fetch_snapshot_response(&mut self, response: FetchSnapshotResponse, now: Now) -> bool {
        if response.error_code != 0 {
            return false;
        }
        let nodes = response.node_endpoints.iter();
        let nodes: Vec<_> = nodes.map(|node| (node.node_id, node.host.clone(), node.port)).collect();
        let topic = response.topics.into_iter().find(|topic| topic.name == METADATA_TOPIC);
        let mut partitions = topic.into_iter().flat_map(|topic| topic.partitions);
        let Some(partition) = partitions.find(|partition| partition.index == METADATA_PARTITION) else {
            return false;
        };
        let leader = &partition.current_leader;
        let hint = LeaderHint::new(partition.error_code, leader.leader_epoch, leader.leader_id)
            .with_endpoints(nodes.into_iter(), &self.config.listener);
        if let Some(handled) = self.on_leader_hint(hint, now) {
            return handled;
        }
        let is_gone = ErrorCode::from(partition.error_code) == ErrorCode::SNAPSHOT_NOT_FOUND
            || partition.snapshot_id.end_offset < 0
            || partition.snapshot_id.epoch < 0;
        if partition.error_code != 0 && !is_gone {
            return false;
        }
        let fetch_timeout = self.config.limits.fetch_timeout;
        let State::Follower(follower) = &mut self.state else { return false };
        follower.heard_from_leader(now, fetch_timeout);
        if is_gone {
            // The leader has a newer one by now.
            follower.fetching = None;
            return true;
        }
        self.take_piece(&partition)
    }

    /// Hands a piece to the host, if it is the one that was asked for. If not, everything begins anew.
    fn take_piece(&mut self, partition: &PartitionSnapshot) -> bool {
        let name = OffsetAndEpoch {
            epoch: LeaderEpoch(partition.snapshot_id.epoch),
            offset: Offset(partition.snapshot_id.end_offset),
        };
        let State::Follower(follower) = &mut self.state else { return false };
        let Some(fetching) = &mut follower.fetching else { return true };
        let bytes: Bytes = partition.unaligned_records.clone();
        let position = fetching.position;
        let end = position.saturating_add(bytes.len() as u64);
        let is_next = name == fetching.name
            && i64::try_from(position) == Ok(partition.position)
            && !bytes.is_empty()
            && i64::try_from(end).is_ok_and(|end| end <= partition.size);
        if !is_next || fetching.is_complete {
            follower.fetching = None;
            return false;
        }
        fetching.position = end;
        fetching.is_complete = i64::try_from(end) == Ok(partition.size);
        let is_last = fetching.is_complete;
        self.outbox.push(Effect::WriteSnapshot { name, position, bytes, is_last });
        true
    }

    /// The snapshot is on the disk: it takes the log's place, if this replica still follows the leader that it is from.
    pub(super) fn on_snapshot_fetched(
        &mut self,
        name: OffsetAndEpoch,
        control: Option<&[ControlRecord]>,
        now: Now,
    ) {
        let fetch_timeout = self.config.limits.fetch_timeout;
        let State::Follower(follower) = &mut self.state else { return };
        let Some(fetching) = follower.fetching.take_if(|it| it.is_complete && it.name == name) else {
            return;
        };
        let Some(control) = control else { return };
        follower.heard_from_leader(now, fetch_timeout);
        if self.high_watermark.is_some_and(|committed| name.offset < committed) {
            return;
        }
        self.log.start_at(name, fetching.position);
        self.membership.start_at_snapshot(name.offset, control);
        if !self.has_bug(Bug::SnapshotLeavesGap) {
            self.outbox.push(Effect::StartLogAt(name));
        }
        self.advance_high_watermark(name.offset);
    }
}

fn only_partition(request: &FetchSnapshotRequest) -> Option<&request::PartitionSnapshot> {
    match request.topics.first()?.partitions.as_slice() {
        [partition] => Some(partition),
        _ => None,
    }
}
