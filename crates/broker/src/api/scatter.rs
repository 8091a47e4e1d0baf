//! Requests whose partitions several shards have: each shard answers its part as a request of its own, and the shard of the
//! connection makes one response of theirs.
//!
//! Produce, Fetch and the APIs of groups have ways of their own; this one is for the others.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::api::ApiKey;
use ottla_protocol::frame;
use ottla_protocol::message::{Message, Request};
use ottla_protocol::messages::delete_records_request::DeleteRecordsRequest;
use ottla_protocol::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use ottla_protocol::messages::describe_producers_request::DescribeProducersRequest;
use ottla_protocol::messages::list_offsets_request::ListOffsetsRequest;
use ottla_protocol::messages::offset_for_leader_epoch_request::OffsetForLeaderEpochRequest;
use ottla_protocol::messages::write_txn_markers_request::WriteTxnMarkersRequest;
use ottla_protocol::time::Now;
use ottla_protocol::types::PartitionId;
use ottla_protocol::wire::{DecodeError, Reader, Writer};

use super::{decode, dispatch_owned};
use crate::effect::ShardId;
use crate::purgatory::ParkedId;
use crate::response::{Answer, ResponseSink};
use crate::shard::{Peer, RequestOrigin, Shard, Waiting};

mod markers;
mod topics;

/// Longest that the shards may take: each answers its part in less.
const PARTS_TIMEOUT: Duration = Duration::from_secs(60);

/// A request that can be taken apart by shard, and whose answers can be put together.
pub(crate) trait Scatter: Request {
    /// The part of each shard that has any.
    fn split(&self, shards: &Shards<'_>) -> BTreeMap<ShardId, Self>;

    /// The response of the whole, made of those of the parts.
    fn merge(&self, parts: Vec<Self::Response>) -> Self::Response;
}

/// Which shard has what.
pub(crate) struct Shards<'a>(&'a Shard);

impl Shards<'_> {
    /// The shard of a topic's partition. Of a topic that does not exist it is the asking one, which can say so.
    pub fn owner(&self, topic: &str, partition: i32) -> ShardId {
        let id = self.0.image.topics.by_name(topic).map(|topic| topic.id);
        id.map_or(self.0.id, |topic_id| self.0.owner(PartitionId { topic_id, partition }))
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = ShardId> {
        (0..self.0.shard_count).map(ShardId)
    }
}

/// A request that waits for the answers to its parts.
pub(crate) struct Scattered {
    origin: RequestOrigin,
    body: Bytes,
    /// Sequence number of the first part; the others follow.
    first: u64,
    parts: Vec<Option<ResponseSink>>,
    missing: usize,
}

/// Calls the generic function for the request of an API that is scattered.
macro_rules! for_request_of {
    ($api:expr, $call:ident($($argument:expr),*), else $otherwise:expr) => {
        match $api {
            ApiKey::ListOffsets => $call::<ListOffsetsRequest>($($argument),*),
            ApiKey::OffsetForLeaderEpoch => $call::<OffsetForLeaderEpochRequest>($($argument),*),
            ApiKey::DeleteRecords => $call::<DeleteRecordsRequest>($($argument),*),
            ApiKey::DescribeProducers => $call::<DescribeProducersRequest>($($argument),*),
            ApiKey::DescribeLogDirs => $call::<DescribeLogDirsRequest>($($argument),*),
            ApiKey::WriteTxnMarkers => $call::<WriteTxnMarkersRequest>($($argument),*),
            _ => $otherwise,
        }
    };
}

/// Hands the parts of a request to the shards that have its partitions. False if this shard has all: it can answer.
pub(crate) fn begin(
    shard: &mut Shard,
    origin: &RequestOrigin,
    body: &[u8],
    now: Now,
) -> Result<bool, DecodeError> {
    if shard.shard_count == 1 || origin.request.connection.is_own() {
        return Ok(false);
    }
    for_request_of!(origin.context.api_key, scatter(shard, origin, body, now), else Ok(false))
}

fn scatter<R: Scatter>(
    shard: &mut Shard,
    origin: &RequestOrigin,
    body: &[u8],
    now: Now,
) -> Result<bool, DecodeError> {
    let version = origin.context.api_version;
    let request: R = decode(body, version)?;
    let parts = request.split(&Shards(shard));
    if parts.keys().all(|owner| *owner == shard.id) {
        return Ok(false);
    }
    let requests: Vec<_> = parts.iter().map(|_| shard.next_own_request()).collect();
    let scattered = Scattered {
        origin: origin.clone(),
        body: Bytes::copy_from_slice(body),
        first: requests[0].sequence,
        parts: parts.iter().map(|_| None).collect(),
        missing: parts.len(),
    };
    let (deadline, connection) = (now.mono + PARTS_TIMEOUT, Some(origin.request.connection));
    let waiter = shard.purgatory.park(Waiting::Scattered(Box::new(scattered)), deadline, connection);
    shard.asking.extend(requests.iter().map(|request| (request.sequence, waiter)));
    for ((owner, part), request) in parts.into_iter().zip(requests) {
        let part_origin = RequestOrigin { request, context: origin.context.clone() };
        let mut writer = Writer::new();
        part.encode(&mut writer, version);
        let body = Bytes::from(writer.into_vec());
        if owner == shard.id {
            serve_part(shard, part_origin, &body, now);
        } else {
            shard.tell(owner, Peer::Request { origin: Box::new(part_origin), body });
        }
    }
    Ok(true)
}

/// Answers a request that this shard sends on its own account, like one of a client.
pub(crate) fn serve_own(shard: &mut Shard, origin: RequestOrigin, body: &[u8], now: Now) {
    if shard.shard_count > 1 {
        let api = origin.context.api_key;
        let is_scattered = for_request_of!(api, scatter(shard, &origin, body, now), else Ok(false));
        if is_scattered.unwrap_or(false) {
            return;
        }
    }
    serve_part(shard, origin, body, now);
}

/// Answers a part of a request.
pub(crate) fn serve_part(shard: &mut Shard, origin: RequestOrigin, body: &[u8], now: Now) {
    let request = origin.request;
    let mut sink = ResponseSink::default();
    match dispatch_owned(shard, origin, body, &mut sink, now) {
        Ok(Answer::Ready) => shard.respond(request, sink),
        Ok(Answer::Nothing | Answer::Later) => {}
        Ok(Answer::Close) | Err(_) => {
            debug_assert!(false, "parts are made of requests that were read");
            // What cannot be read ends the request.
            shard.respond(request, ResponseSink::default());
        }
    }
}

/// A shard has answered a part: answers the request if it was the last.
pub(crate) fn answered(shard: &mut Shard, sequence: u64, response: ResponseSink) {
    let Some(waiter) = shard.asking.remove(&sequence) else { return };
    let Some(Waiting::Scattered(scattered)) = shard.purgatory.get_mut(waiter) else { return };
    let at = usize::try_from(sequence - scattered.first).unwrap_or(usize::MAX);
    scattered.parts[at] = Some(response);
    scattered.missing -= 1;
    if scattered.missing == 0 {
        finish(shard, waiter);
    }
}

fn finish(shard: &mut Shard, waiter: ParkedId) {
    let Some(Waiting::Scattered(scattered)) = shard.purgatory.take(waiter) else { return };
    let api = scattered.origin.context.api_key;
    let merged = for_request_of!(api, merge(shard, &scattered), else Ok(()));
    if let Err(error) = merged {
        tracing::error!(%api, %error, "parts of a response cannot be read: this is a bug of Ottla");
        shard.close(scattered.origin.request.connection);
    }
}

fn merge<R: Scatter>(shard: &mut Shard, scattered: &Scattered) -> Result<(), DecodeError> {
    let context = &scattered.origin.context;
    let version = context.api_version;
    let request: R = decode(&scattered.body, version)?;
    let mut parts = Vec::with_capacity(scattered.parts.len());
    for part in scattered.parts.iter().flatten() {
        let mut reader = Reader::new(&part.bytes);
        reader.raw(frame::FRAME_LENGTH_SIZE)?;
        frame::decode_response_head(&mut reader, context.api_key, version)?;
        parts.push(<R::Response as Message>::decode(&mut reader, version)?);
    }
    shard.respond_with(&scattered.origin, &request.merge(parts));
    Ok(())
}

/// The shards took too long, or this one stops.
pub(crate) fn expire(shard: &mut Shard, scattered: &Scattered) {
    for sequence in (scattered.first..).take(scattered.parts.len()) {
        shard.asking.remove(&sequence);
    }
    let request = scattered.origin.request;
    if request.connection.is_own() {
        // Nothing is an answer too: whoever asked goes on.
        return shard.respond(request, ResponseSink::default());
    }
    shard.close(request.connection);
}
