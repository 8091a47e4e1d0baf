//! WriteTxnMarkers: partitions are told how a transaction has ended.
//!
//! The marker of a partition of `__consumer_offsets` is written by its group coordinator, which then knows which offsets
//! count. The answer leaves when all markers are as durable as their topics promise.
//! Source: Kafka `KafkaApis.handleWriteTxnMarkersRequest`.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_coordinator::group::{GroupRequest, GroupResponse, TxnMarker};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::write_txn_markers_request::{WritableTxnMarker, WriteTxnMarkersRequest};
use ottla_protocol::messages::write_txn_markers_response::{
    WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
    WriteTxnMarkersResponse,
};
use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::time::Now;
use ottla_protocol::types::{LeaderEpoch, Offset, PartitionId, ProducerEpoch, ProducerId};

use crate::api::groups;
use crate::internal_topics::CONSUMER_OFFSETS;
use crate::purgatory::ParkedId;
use crate::shard::{RequestOrigin, Shard, Waiting};

/// How long markers wait to be durable: Kafka's default of `request.timeout.ms`.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A request whose markers are not all written.
pub(crate) struct Parked {
    pub origin: RequestOrigin,
    slots: Vec<Slot>,
    waiting: usize,
}

/// The marker of one partition.
struct Slot {
    producer_id: i64,
    topic: String,
    index: i32,
    id: PartitionId,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is written, or refused.
    Done(ErrorCode),
    /// It is written up to here, and not as durable as it must be.
    Durability(Offset),
    /// The group coordinator writes it.
    Group(TxnMarker),
}

pub(super) fn write(shard: &mut Shard, origin: RequestOrigin, request: &WriteTxnMarkersRequest, now: Now) {
    let mut slots = Vec::new();
    for marker in &request.markers {
        let contents = contents(marker);
        for topic in &marker.topics {
            let topic_id = shard.image.topics.by_name(&topic.name).map(|topic| topic.id);
            for index in &topic.partition_indexes {
                let id = PartitionId { topic_id: topic_id.unwrap_or_default(), partition: *index };
                let is_online = shard.partitions.get(&id).is_some_and(|partition| partition.is_online());
                let state = if !is_online {
                    State::Done(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
                } else if topic.name == CONSUMER_OFFSETS {
                    State::Group(contents)
                } else {
                    append(shard, id, contents, now)
                };
                let (producer_id, topic, index) = (marker.producer_id, topic.name.clone(), *index);
                slots.push(Slot { producer_id, topic, index, id, state });
            }
        }
    }
    let waiting = slots.iter().filter(|slot| !matches!(slot.state, State::Done(_))).count();
    if waiting == 0 {
        return respond(shard, &origin, slots);
    }
    park(shard, Parked { origin, slots, waiting }, now);
}

fn contents(marker: &WritableTxnMarker) -> TxnMarker {
    TxnMarker {
        producer_id: ProducerId(marker.producer_id),
        producer_epoch: ProducerEpoch(marker.producer_epoch),
        coordinator_epoch: LeaderEpoch(marker.coordinator_epoch),
        result: if marker.transaction_result { TransactionResult::Commit } else { TransactionResult::Abort },
        transaction_version: marker.transaction_version,
    }
}

fn append(shard: &mut Shard, id: PartitionId, marker: TxnMarker, now: Now) -> State {
    let base_offset = match shard.append_marker(id, marker, now) {
        Ok(base_offset) => base_offset,
        Err(error) => return State::Done(error),
    };
    shard.touch(id);
    let end = base_offset.next();
    let is_durable = shard.partitions.get(&id).is_some_and(|partition| partition.acknowledgeable() >= end);
    if is_durable { State::Done(ErrorCode::NONE) } else { State::Durability(end) }
}

fn park(shard: &mut Shard, parked: Parked, now: Now) {
    let mut ends = Vec::new();
    let mut by_group = (Vec::new(), Vec::new());
    for (at, slot) in parked.slots.iter().enumerate() {
        match slot.state {
            State::Done(_) => {}
            State::Durability(end) => ends.push((slot.id, end)),
            State::Group(marker) => {
                by_group.0.push(at);
                by_group.1.push((Ok(slot.index), GroupRequest::WriteTxnMarker(marker)));
            }
        }
    }
    let origin = parked.origin.clone();
    let (deadline, connection) = (now.mono + TIMEOUT, Some(origin.request.connection));
    let waiter = shard.purgatory.park(Waiting::Markers(Box::new(parked)), deadline, connection);
    for (id, end) in ends {
        match shard.partitions.get_mut(&id) {
            Some(partition) if partition.is_online() => partition.await_ack(end, waiter),
            _ => fail(shard, waiter, id),
        }
    }
    let (slots, requests) = by_group;
    if !requests.is_empty() {
        let kind = groups::Gathered::Markers { waiter, slots };
        shard.ask_coordinators(origin, kind, requests, now);
    }
}

/// The group coordinators have written their markers, or not.
pub(crate) fn written_by_groups(
    shard: &mut Shard,
    waiter: ParkedId,
    slots: &[usize],
    parts: Vec<GroupResponse>,
) {
    let Some(Waiting::Markers(parked)) = shard.purgatory.get_mut(waiter) else { return };
    for (at, part) in slots.iter().zip(parts) {
        if let GroupResponse::WriteTxnMarker(error) = part {
            parked.slots[*at].state = State::Done(error);
            parked.waiting -= 1;
        }
    }
    respond_if_done(shard, waiter);
}

/// A marker that a request waits for is durable: answers if it was the last.
pub(crate) fn advance(shard: &mut Shard, waiter: ParkedId, id: PartitionId) {
    settle(shard, waiter, id, ErrorCode::NONE);
}

/// The partition of a marker that a request waits for is gone.
pub(crate) fn fail(shard: &mut Shard, waiter: ParkedId, id: PartitionId) {
    settle(shard, waiter, id, ErrorCode::KAFKA_STORAGE_ERROR);
}

fn settle(shard: &mut Shard, waiter: ParkedId, id: PartitionId, error: ErrorCode) {
    let Some(Waiting::Markers(parked)) = shard.purgatory.get_mut(waiter) else { return };
    let waits = |slot: &&mut Slot| slot.id == id && matches!(slot.state, State::Durability(_));
    let Some(slot) = parked.slots.iter_mut().find(waits) else { return };
    slot.state = State::Done(error);
    parked.waiting -= 1;
    respond_if_done(shard, waiter);
}

/// The time of a waiting request is up.
pub(crate) fn expire(shard: &mut Shard, mut parked: Parked) {
    for slot in parked.slots.iter_mut().filter(|slot| !matches!(slot.state, State::Done(_))) {
        slot.state = State::Done(ErrorCode::REQUEST_TIMED_OUT);
    }
    respond(shard, &parked.origin, parked.slots);
}

fn respond_if_done(shard: &mut Shard, waiter: ParkedId) {
    if let Some(Waiting::Markers(parked)) = shard.purgatory.get_mut(waiter)
        && parked.waiting == 0
        && let Some(Waiting::Markers(parked)) = shard.purgatory.take(waiter)
    {
        respond(shard, &parked.origin, parked.slots);
    }
}

fn respond(shard: &mut Shard, origin: &RequestOrigin, slots: Vec<Slot>) {
    let mut producers = BTreeMap::<i64, BTreeMap<String, Vec<WritableTxnMarkerPartitionResult>>>::new();
    for slot in slots {
        let error = match slot.state {
            State::Done(error) => error,
            State::Durability(_) | State::Group(_) => ErrorCode::REQUEST_TIMED_OUT,
        };
        let partitions = producers.entry(slot.producer_id).or_default().entry(slot.topic).or_default();
        let (partition_index, error_code) = (slot.index, error.into());
        partitions.push(WritableTxnMarkerPartitionResult { partition_index, error_code });
    }
    let markers = producers.into_iter().map(|(producer_id, topics)| {
        let topics = topics.into_iter().map(|(name, mut partitions)| {
            partitions.sort_by_key(|partition| partition.partition_index);
            WritableTxnMarkerTopicResult { name, partitions }
        });
        WritableTxnMarkerResult { producer_id, topics: topics.collect() }
    });
    shard.respond_with(origin, &WriteTxnMarkersResponse { markers: markers.collect() });
}
