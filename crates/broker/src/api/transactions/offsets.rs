//! TxnOffsetCommit: offsets that count if the producer's transaction commits.
//!
//! Like a batch of records, they are written only after the partition of `__consumer_offsets` is known to be part of the
//! transaction. Source: Kafka `KafkaApis.handleTxnOffsetCommitRequest`, `GroupCoordinatorService`.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_coordinator::group::{GroupRequest, GroupResponse};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestTopic,
};
use ottla_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use ottla_protocol::record::batch::NO_SEQUENCE;
use ottla_protocol::time::Now;
use ottla_protocol::types::{PartitionId, ProducerEpoch, ProducerId, TopicId};

use crate::api::groups::Gathered;
use crate::api::verification::{self, Held, Operation, Target, Verdict, Work};
use crate::internal_topics::CONSUMER_OFFSETS;
use crate::shard::{Peer, RequestOrigin, Shard};

/// First version that names topics by id.
const TOPIC_IDS_FROM: i16 = 6;

/// Partitions of a TxnOffsetCommit that do not exist, with their error.
pub(crate) type RefusedTxnCommits = Vec<TxnOffsetCommitResponseTopic>;

/// A commit that waits to be verified.
pub(crate) struct HeldCommit {
    pub origin: RequestOrigin,
    request: TxnOffsetCommitRequest,
    refused: RefusedTxnCommits,
}

pub(super) fn commit(
    shard: &mut Shard,
    origin: RequestOrigin,
    body: &[u8],
    mut request: TxnOffsetCommitRequest,
    now: Now,
) {
    let id = offsets_partition(shard, &request.group_id);
    // Whoever owns the partition knows whether the transaction has begun there.
    if let Some(owner) = id.map(|id| shard.owner(id)).filter(|owner| *owner != shard.id) {
        let (origin, body) = (Box::new(origin), Bytes::copy_from_slice(body));
        return shard.tell(owner, Peer::Request { origin, body });
    }
    let by_id = origin.context.api_version >= TOPIC_IDS_FROM;
    let mut refused = RefusedTxnCommits::new();
    let mut known = Vec::new();
    for mut topic in std::mem::take(&mut request.topics) {
        let topics = &shard.image.topics;
        let found = if by_id { topics.by_id(TopicId(topic.topic_id)) } else { topics.by_name(&topic.name) };
        let error = match found {
            None if by_id => ErrorCode::UNKNOWN_TOPIC_ID,
            _ => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        };
        if let Some(found) = found {
            topic.name = found.name.to_string();
        }
        let exists = |index: i32| found.is_some_and(|found| found.partition(index).is_some());
        let missing = refuse_missing(&topic, error, |index| !exists(index));
        if !missing.partitions.is_empty() {
            refused.push(missing);
        }
        topic.partitions.retain(|partition| exists(partition.partition_index));
        if !topic.partitions.is_empty() {
            known.push(topic);
        }
    }
    if known.is_empty() {
        let response = TxnOffsetCommitResponse { topics: refused, ..TxnOffsetCommitResponse::default() };
        return shard.respond_with(&origin, &response);
    }
    request.topics = known;
    let is_led = id.and_then(|id| shard.partitions.get(&id)).is_some_and(|partition| partition.is_leader);
    let held = HeldCommit { origin, request, refused };
    match id.filter(|_| is_led && !held.request.group_id.is_empty()) {
        Some(id) => hold(shard, held, id, now),
        // No coordinator is asked, or one that refuses it.
        None => ask_coordinator(shard, held, now),
    }
}

fn refuse_missing(
    topic: &TxnOffsetCommitRequestTopic,
    error: ErrorCode,
    is_missing: impl Fn(i32) -> bool,
) -> TxnOffsetCommitResponseTopic {
    let partitions = topic.partitions.iter().filter(|partition| is_missing(partition.partition_index));
    let partitions = partitions.map(|partition| TxnOffsetCommitResponsePartition {
        partition_index: partition.partition_index,
        error_code: error.into(),
    });
    TxnOffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}

/// The group's partition of `__consumer_offsets`.
fn offsets_partition(shard: &Shard, group_id: &str) -> Option<PartitionId> {
    let topic_id = shard.image.topics.by_name(CONSUMER_OFFSETS)?.id;
    let partition = shard.group_partition(group_id).ok()?;
    Some(PartitionId { topic_id, partition })
}

fn hold(shard: &mut Shard, held: HeldCommit, id: PartitionId, now: Now) {
    let request = &held.request;
    let held = Held {
        transactional_id: request.transactional_id.clone(),
        producer_id: ProducerId(request.producer_id),
        producer_epoch: ProducerEpoch(request.producer_epoch),
        operation: Operation::of_txn_offset_commit(held.origin.context.api_version),
        targets: vec![Target { id, sequence: NO_SEQUENCE }],
        work: Work::Commit(held),
    };
    verification::hold(shard, held, now);
}

/// It is known whether the group's partition is part of the transaction.
pub(crate) fn verified(shard: &mut Shard, held: HeldCommit, target: &Target, verdict: Verdict, now: Now) {
    // Markers that were decided on before must be in the log before: they take the guard away.
    shard.run_group_coordinators(now);
    let producer_id = ProducerId(held.request.producer_id);
    let partition = shard.partitions.get(&target.id);
    let error = match verdict {
        Verdict::Refused(error) => Some(error),
        Verdict::Verified(guard)
            if !partition.is_some_and(|partition| partition.verifications.holds(producer_id, guard)) =>
        {
            Some(ErrorCode::INVALID_TXN_STATE)
        }
        Verdict::Verified(_) | Verdict::Open | Verdict::Unchecked => None,
    };
    match error {
        Some(error) => {
            let version = held.origin.context.api_version;
            let response = GroupRequest::TxnOffsetCommit(held.request).error_response(error, version);
            finish(shard, &held.origin, held.refused, vec![response]);
        }
        None => {
            ask_coordinator(shard, held, now);
            shard.run_group_coordinators(now);
        }
    }
}

fn ask_coordinator(shard: &mut Shard, held: HeldCommit, now: Now) {
    let HeldCommit { origin, request, refused } = held;
    let partition = shard.group_partition(&request.group_id);
    let requests = vec![(partition, GroupRequest::TxnOffsetCommit(request))];
    shard.ask_coordinators(origin, Gathered::TxnOffsetCommit(refused), requests, now);
}

/// Makes the response of the coordinator's answer and what was refused before.
pub(crate) fn finish(
    shard: &mut Shard,
    origin: &RequestOrigin,
    refused: RefusedTxnCommits,
    parts: Vec<GroupResponse>,
) {
    let mut response = TxnOffsetCommitResponse::default();
    for part in parts {
        if let GroupResponse::TxnOffsetCommit(part) = part {
            response = part;
        }
    }
    let known = response.topics.iter().enumerate();
    let known: BTreeMap<_, _> = known.map(|(at, topic)| ((topic.name.clone(), topic.topic_id), at)).collect();
    for topic in refused {
        match known.get(&(topic.name.clone(), topic.topic_id)) {
            Some(at) => response.topics[*at].partitions.extend(topic.partitions),
            None => response.topics.push(topic),
        }
    }
    shard.respond_with(origin, &response);
}
