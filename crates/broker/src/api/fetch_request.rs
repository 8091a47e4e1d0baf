//! A Fetch request, read into the targets that sessions and logs work with.

use std::sync::Arc;

use ottla_protocol::fetch_view::FetchView;
use ottla_protocol::messages::fetch_request::FetchPartition;
use ottla_protocol::types::{LeaderEpoch, Offset, TopicId, Uuid};
use ottla_protocol::wire::DecodeError;

use crate::fetch_session::{FetchTarget, SessionRequest, TopicKey};

/// First version that names topics by id.
const TOPIC_IDS_FROM: i16 = 13;

/// Which records a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// All below the high watermark.
    ReadUncommitted,
    /// All below the last stable offset.
    ReadCommitted,
}

/// What a request asks for, beside its partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FetchParams {
    /// Version of the request.
    pub version: i16,
    /// Node id of a follower, -1 from consumers.
    pub replica_id: i32,
    pub wait_ms_max: i32,
    pub bytes_min: i32,
    pub bytes_max: i32,
    pub isolation: Isolation,
}

/// Reads a request. Errors: its body cannot be read.
pub(super) fn read(
    frame: &[u8],
    body_start: usize,
    version: i16,
) -> Result<(FetchParams, SessionRequest), DecodeError> {
    let view = FetchView::new(frame, body_start, version)?;
    let params = FetchParams {
        version,
        replica_id: view.replica_id,
        wait_ms_max: view.max_wait_ms,
        bytes_min: view.min_bytes,
        bytes_max: view.max_bytes,
        isolation: if view.isolation_level == 1 {
            Isolation::ReadCommitted
        } else {
            Isolation::ReadUncommitted
        },
    };
    let uses_topic_ids = version >= TOPIC_IDS_FROM;
    let key = |name: &str, id: Uuid| {
        if uses_topic_ids { TopicKey::Id(TopicId(id)) } else { TopicKey::Name(Arc::from(name)) }
    };
    let mut targets = Vec::new();
    for topic in view.topics() {
        let topic_key = key(topic.topic, topic.topic_id);
        targets.extend(topic.partitions().map(|partition| target(topic_key.clone(), &partition)));
    }
    let mut forgotten = Vec::new();
    for topic in view.forgotten_topics() {
        let topic_key = key(topic.topic, topic.topic_id);
        forgotten.extend(topic.partitions().map(|partition| (topic_key.clone(), partition)));
    }
    let session = SessionRequest {
        session_id: view.session_id,
        epoch: view.session_epoch,
        uses_topic_ids,
        is_follower: params.replica_id >= 0,
        targets,
        forgotten,
    };
    Ok((params, session))
}

fn target(topic: TopicKey, partition: &FetchPartition) -> FetchTarget {
    FetchTarget {
        topic,
        partition: partition.partition,
        fetch_offset: Offset(partition.fetch_offset),
        max_bytes: partition.partition_max_bytes,
        current_leader_epoch: LeaderEpoch(partition.current_leader_epoch),
        last_fetched_epoch: LeaderEpoch(partition.last_fetched_epoch),
        follower_log_start_offset: Offset(partition.log_start_offset),
    }
}
