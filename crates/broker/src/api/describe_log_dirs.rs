//! DescribeLogDirs: the log directories, what lies in them, and how full they are.
//!
//! Source: KIP-113, KIP-827; Kafka `ReplicaManager.describeLogDirs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use ottla_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use ottla_protocol::time::Now;

use crate::partition::{LogState, Partition};
use crate::shard::Shard;

pub(crate) fn answer(
    shard: &mut Shard,
    request: DescribeLogDirsRequest,
    now: Now,
) -> DescribeLogDirsResponse {
    let asked = request.topics.map(|topics| {
        let indexes = |partitions: Vec<i32>| partitions.into_iter().collect::<BTreeSet<i32>>();
        let topics = topics.into_iter().map(|topic| (topic.topic, indexes(topic.partitions)));
        topics.collect::<BTreeMap<_, _>>()
    });
    let is_asked = |partition: &Partition| match &asked {
        None => true,
        Some(topics) => {
            topics.get(&*partition.topic).is_some_and(|indexes| indexes.contains(&partition.id.partition))
        }
    };
    // A log that nobody has used yet does not know its size. A failure takes it offline, which the answer shows.
    let disk = Arc::clone(&shard.disk);
    for partition in shard.partitions.values_mut().filter(|partition| is_asked(partition)) {
        let _ = partition.log(&disk, now);
    }
    let mut topics = BTreeMap::<(usize, &str), Vec<DescribeLogDirsPartition>>::new();
    for partition in shard.partitions.values().filter(|partition| is_asked(partition)) {
        topics.entry((partition.log_dir, &*partition.topic)).or_default().push(describe(partition));
    }
    let results = shard.log_dirs.iter().enumerate().map(|(at, dir)| {
        let log_dir = dir.path.display().to_string();
        if dir.is_offline {
            let error_code = ErrorCode::KAFKA_STORAGE_ERROR.into();
            return DescribeLogDirsResult { error_code, log_dir, ..DescribeLogDirsResult::default() };
        }
        let in_dir = topics.range((at, "")..(at + 1, ""));
        let space = shard.log_dirs.space(&shard.disk, at).ok();
        let bytes = |value: Option<u64>| value.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        DescribeLogDirsResult {
            error_code: ErrorCode::NONE.into(),
            log_dir,
            topics: in_dir
                .map(|((_, name), partitions)| DescribeLogDirsTopic {
                    name: (*name).to_owned(),
                    partitions: sorted(partitions.clone()),
                })
                .collect(),
            total_bytes: bytes(space.map(|space| space.total)),
            usable_bytes: bytes(space.map(|space| space.usable)),
            is_cordoned: dir.is_cordoned,
        }
    });
    DescribeLogDirsResponse { results: results.collect(), ..DescribeLogDirsResponse::default() }
}

fn sorted(mut partitions: Vec<DescribeLogDirsPartition>) -> Vec<DescribeLogDirsPartition> {
    partitions.sort_by_key(|partition| partition.partition_index);
    partitions
}

fn describe(partition: &Partition) -> DescribeLogDirsPartition {
    let (size, offset_lag) = match partition.log_state() {
        LogState::Open(log) => {
            let lag = partition.high_watermark.0 - log.log_end_offset().0;
            (i64::try_from(log.size()).unwrap_or(i64::MAX), lag.max(0))
        }
        LogState::Closed { .. } => (0, 0),
        LogState::Offline => (-1, -1),
    };
    DescribeLogDirsPartition {
        partition_index: partition.id.partition,
        partition_size: size,
        offset_lag,
        is_future_key: false,
    }
}
