//! One partition's part of a Fetch: which records, if any, and what else its reader must know.

use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_response::{
    AbortedTransaction, EpochEndOffset, LeaderIdAndEpoch, PartitionData,
};
use ottla_protocol::time::Now;
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset, PartitionId};
use ottla_storage::log::{CachedRead, ColdRead, Log, ReadError, ReadRequest, Region};

use super::super::fetch_request::{FetchParams, Isolation};
use crate::fetch_session::{FetchTarget, Reported, TopicKey};
use crate::shard::Shard;

/// What a partition has to say.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    pub partition: PartitionData,
    pub region: Option<Region>,
}

/// The partition that a target means. Errors: unknown name or id.
pub(crate) fn resolve(shard: &Shard, target: &FetchTarget) -> Result<PartitionId, ErrorCode> {
    let (topic, missing) = match &target.topic {
        TopicKey::Name(name) => (shard.image.topics.by_name(name), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        TopicKey::Id(id) => {
            let id = PartitionId { topic_id: *id, partition: target.partition };
            if shard.partitions.contains_key(&id) {
                return Ok(id);
            }
            (shard.image.topics.by_id(id.topic_id), ErrorCode::UNKNOWN_TOPIC_ID)
        }
    };
    let topic = topic.ok_or(missing)?;
    topic.partition(target.partition).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    Ok(PartitionId { topic_id: topic.id, partition: target.partition })
}

/// Whether a read may wait for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Cached,
    Wait,
}

/// How one partition is read.
pub(super) struct Reader<'a> {
    pub params: &'a FetchParams,
    /// Bytes that the response still takes.
    pub room: u64,
    /// Whether nothing has been read yet: then one batch comes whole, however large.
    pub is_first: bool,
    pub access: Access,
    pub now: Now,
}

pub(super) enum Read {
    Done(Fetched),
    Cold(ColdRead),
}

pub(super) fn read_one(
    shard: &mut Shard,
    id: PartitionId,
    target: &FetchTarget,
    reader: &Reader<'_>,
) -> Result<Read, ErrorCode> {
    if target.max_bytes < 0 || reader.params.bytes_max < 0 {
        return Err(ErrorCode::UNKNOWN_SERVER_ERROR);
    }
    shard.note_log_use();
    let missing = shard.missing_partition_error(id);
    let disk = Arc::clone(&shard.disk);
    let partition = shard.partitions.get_mut(&id).ok_or(missing)?;
    partition.check_epoch(target.current_leader_epoch)?;
    if !partition.is_leader {
        return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    let replica_id = BrokerId(reader.params.replica_id);
    if replica_id.0 >= 0
        && !shard.image.topics.partition(id).is_some_and(|p| p.replicas.contains(&replica_id))
    {
        let is_fenced = target.current_leader_epoch != LeaderEpoch::UNKNOWN;
        return Err(if is_fenced {
            ErrorCode::UNKNOWN_LEADER_EPOCH
        } else {
            ErrorCode::NOT_LEADER_OR_FOLLOWER
        });
    }
    // Opening the log settles the high watermark.
    partition.log(&disk, reader.now)?;
    let high_watermark = partition.high_watermark;
    let log = partition.log(&disk, reader.now)?;
    let log_start_offset = log.log_start_offset();
    let last_stable_offset = log.last_stable_offset(high_watermark);
    if let Some(diverging_epoch) = divergence(log, target)? {
        let partition = PartitionData {
            partition_index: target.partition,
            high_watermark: high_watermark.0,
            last_stable_offset: last_stable_offset.0,
            log_start_offset: log_start_offset.0,
            diverging_epoch,
            aborted_transactions: None,
            ..PartitionData::default()
        };
        return Ok(Read::Done(Fetched { partition, region: None }));
    }
    let upper_bound = match reader.params.isolation {
        _ if reader.params.replica_id >= 0 => log.log_end_offset(),
        Isolation::ReadUncommitted => high_watermark,
        Isolation::ReadCommitted => last_stable_offset,
    };
    let max_bytes = u64::try_from(target.max_bytes).unwrap_or(0).min(reader.room);
    let request = ReadRequest {
        offset: target.fetch_offset,
        upper_bound,
        max_bytes: u32::try_from(max_bytes).unwrap_or(u32::MAX),
        min_one_batch: reader.is_first,
    };
    let read = match reader.access {
        Access::Cached => log.read_cached(&request),
        Access::Wait => log.read(&request).map(|region| region.map_or(CachedRead::Empty, CachedRead::Region)),
    };
    let region = match read {
        // Part of a batch is of no use to anybody who has something else to read.
        Ok(CachedRead::Region(region)) => (!region.first_batch_is_cut).then_some(region),
        Ok(CachedRead::Empty) => None,
        Ok(CachedRead::Cold(cold)) => return Ok(Read::Cold(cold)),
        Err(ReadError::OffsetOutOfRange { .. }) => return Err(ErrorCode::OFFSET_OUT_OF_RANGE),
        Err(error @ ReadError::Storage(_)) => {
            tracing::error!(partition = partition.name(), %error, "read failed");
            return Err(ErrorCode::KAFKA_STORAGE_ERROR);
        }
    };
    let aborted = aborted(log, reader.params.isolation, target.fetch_offset, region.as_ref())?;
    let partition = PartitionData {
        partition_index: target.partition,
        high_watermark: high_watermark.0,
        last_stable_offset: last_stable_offset.0,
        log_start_offset: log_start_offset.0,
        aborted_transactions: aborted,
        ..PartitionData::default()
    };
    Ok(Read::Done(Fetched { partition, region }))
}

/// Where the reader's log parts from ours, if it does. Errors: `OFFSET_OUT_OF_RANGE` if its epoch is none of ours.
/// Source: KIP-595; Kafka `Partition.readRecords`.
fn divergence(log: &Log, target: &FetchTarget) -> Result<Option<EpochEndOffset>, ErrorCode> {
    if target.last_fetched_epoch.0 < 0 {
        return Ok(None);
    }
    let end = log.end_offset_for_epoch(target.last_fetched_epoch).ok_or(ErrorCode::OFFSET_OUT_OF_RANGE)?;
    let parts = end.epoch < target.last_fetched_epoch || end.end_offset < target.fetch_offset;
    Ok(parts.then_some(EpochEndOffset { epoch: end.epoch.0, end_offset: end.end_offset.0 }))
}

fn aborted(
    log: &mut Log,
    isolation: Isolation,
    from: Offset,
    region: Option<&Region>,
) -> Result<Option<Vec<AbortedTransaction>>, ErrorCode> {
    let region = match (isolation, region) {
        (Isolation::ReadUncommitted, _) => return Ok(None),
        (Isolation::ReadCommitted, None) => return Ok(Some(Vec::new())),
        (Isolation::ReadCommitted, Some(region)) => region,
    };
    let aborted = log.aborted_transactions(from, region.end_offset).map_err(|error| {
        tracing::error!(%error, "transaction index cannot be read");
        ErrorCode::KAFKA_STORAGE_ERROR
    })?;
    let aborted = aborted.into_iter().map(|transaction| AbortedTransaction {
        producer_id: transaction.producer_id.0,
        first_offset: transaction.first_offset.0,
    });
    Ok(Some(aborted.collect()))
}

pub(super) fn failed(shard: &Shard, version: i16, target: &FetchTarget, error: ErrorCode) -> Fetched {
    let error = match error {
        ErrorCode::KAFKA_STORAGE_ERROR if version <= 5 => ErrorCode::NOT_LEADER_OR_FOLLOWER,
        other => other,
    };
    let is_unknown = matches!(error, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID);
    let names_leader = matches!(error, ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::FENCED_LEADER_EPOCH);
    let leader = resolve(shard, target).ok().and_then(|id| shard.image.topics.partition(id));
    let leader = leader.filter(|_| version >= 16 && names_leader);
    let partition = PartitionData {
        partition_index: target.partition,
        error_code: error.into(),
        high_watermark: -1,
        current_leader: leader.map_or_else(LeaderIdAndEpoch::default, |registration| LeaderIdAndEpoch {
            leader_id: registration.leader.0,
            leader_epoch: registration.leader_epoch.0,
        }),
        // Kafka says null where it has tried to read.
        aborted_transactions: is_unknown.then(Vec::new),
        ..PartitionData::default()
    };
    Fetched { partition, region: None }
}

impl Fetched {
    /// Whether this must be said at once, and always: an error or a divergence.
    pub(super) fn is_special(&self) -> bool {
        self.partition.error_code != 0 || self.partition.diverging_epoch != EpochEndOffset::default()
    }

    /// What a session notes of this answer.
    pub(crate) fn reported(&self) -> Reported {
        Reported {
            high_watermark: Offset(self.partition.high_watermark),
            log_start_offset: Offset(self.partition.log_start_offset),
            has_records: self.region.is_some(),
            is_special: self.is_special(),
        }
    }
}
