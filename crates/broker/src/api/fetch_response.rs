//! A Fetch response as it is written: the head from memory, records from the log files.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::fetch_response::{FetchResponseEncoder, FetchResponseHead};
use ottla_protocol::messages::fetch_response::NodeEndpoint;

use super::fetch::Fetched;
use super::metadata::{self, LeaderEndpoint};
use crate::fetch_session::{FetchContext, FetchTarget};
use crate::response::{FrameWriter, ResponseSink};
use crate::shard::{RequestOrigin, Shard};

/// Writes the answer to a request as a whole that failed: no partitions.
pub(super) fn encode_error(origin: &RequestOrigin, error: ErrorCode, sink: &mut ResponseSink) {
    let head = FetchResponseHead { error_code: error.into(), ..FetchResponseHead::default() };
    let mut frame = FrameWriter::begin(sink, &origin.context);
    let mut splices = Vec::new();
    let version = origin.context.api_version;
    FetchResponseEncoder::new(&mut frame.writer, &mut splices, version, head, 0).finish(&[]);
    frame.end();
}

/// Writes the answer, and notes in the session what it says.
pub(super) fn encode(
    shard: &mut Shard,
    origin: &RequestOrigin,
    session: &FetchContext,
    targets: &[FetchTarget],
    fetched: Vec<Fetched>,
    sink: &mut ResponseSink,
) {
    let context = &origin.context;
    let sessions = &mut shard.sessions;
    let listed = targets.iter().zip(fetched).filter(|(target, fetched)| {
        sessions.report(session, &target.topic, target.partition, fetched.reported())
    });
    let listed: Vec<(&FetchTarget, Fetched)> = listed.collect();
    let leaders = listed.iter().map(|(_, fetched)| fetched.partition.current_leader.leader_id);
    let leaders: BTreeSet<i32> = leaders.filter(|id| *id >= 0).collect();
    let endpoints = metadata::leader_endpoints(&shard.image, &context.listener, &leaders);
    let endpoints: Vec<NodeEndpoint> = endpoints
        .map(|LeaderEndpoint { node_id, host, port, rack }| NodeEndpoint { node_id, host, port, rack })
        .collect();

    let topics = listed.chunk_by(|(a, _), (b, _)| a.topic == b.topic);
    let head = FetchResponseHead { session_id: session.session_id(), ..FetchResponseHead::default() };
    let mut frame = FrameWriter::begin(sink, context);
    let mut splices = Vec::new();
    let (writer, version) = (&mut frame.writer, context.api_version);
    let mut encoder = FetchResponseEncoder::new(writer, &mut splices, version, head, topics.clone().count());
    for topic in topics {
        encoder.topic(topic[0].0.topic.name(), topic[0].0.topic.id().0, topic.len());
        for (_, fetched) in topic {
            let records_size = fetched.region.as_ref().map_or(0, |region| region.size as usize);
            encoder.partition(&fetched.partition, records_size);
        }
    }
    encoder.finish(&endpoints);
    for splice in splices {
        if let Some(region) = &listed[splice.partition].1.region {
            frame.splice(splice.at, Arc::clone(&region.file), region.position, splice.size);
        }
    }
    frame.end();
}
