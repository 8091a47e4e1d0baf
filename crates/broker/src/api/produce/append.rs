//! One partition's part of a Produce: its batch is appended, or refused with a reason.

use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::produce_response::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, PartitionProduceResponse,
};
use ottla_protocol::record::{BatchHeader, Compression, TimestampType};
use ottla_protocol::time::Now;
use ottla_protocol::types::PartitionId;
use ottla_storage::append::{AppendContext, AppendError, AppendOrigin};
use ottla_storage::validation::{self, BatchRejection, RejectedRecord};

use super::Pending;
use crate::api::verification::{self, Operation, Verdict};
use crate::partition::Partition;
use crate::shard::Shard;

/// Appends one batch to a partition of this shard, if everything allows it.
pub(super) fn append(
    shard: &mut Shard,
    id: PartitionId,
    version: i16,
    acks: i16,
    records: &[u8],
    verdict: Verdict,
    now: Now,
) -> (PartitionProduceResponse, Pending) {
    match append_to(shard, id, version, acks, records, verdict, now) {
        Ok(written) => {
            shard.touch(id);
            written
        }
        Err(refusal) => (refusal.response(shard, id), Pending::Nothing),
    }
}

/// Why a partition's batch was not appended.
pub(super) enum Refusal {
    Code(ErrorCode),
    /// Its partition is not part of the transaction, or nobody can say.
    Unverified(ErrorCode, Operation),
    Batch(BatchRejection),
    Append(AppendError),
}

fn append_to(
    shard: &mut Shard,
    id: PartitionId,
    version: i16,
    acks: i16,
    records: &[u8],
    verdict: Verdict,
    now: Now,
) -> Result<(PartitionProduceResponse, Pending), Refusal> {
    let operation = Operation::of_produce(version);
    if let Verdict::Refused(error) = verdict {
        return Err(Refusal::Unverified(error, operation));
    }
    let verifies = shard.config.transactions.is_partition_verification_enabled;
    shard.note_log_use();
    let disk = Arc::clone(&shard.disk);
    let missing = shard.missing_partition_error(id);
    let partition = shard.partitions.get_mut(&id).ok_or(Refusal::Code(missing))?;
    if !partition.is_leader {
        return Err(Refusal::Code(ErrorCode::NOT_LEADER_OR_FOLLOWER));
    }
    let settings = Arc::clone(&partition.settings);
    if acks == -1 && partition.isr_size < settings.topic.min_insync_replicas.min(partition.replica_count) {
        return Err(Refusal::Code(ErrorCode::NOT_ENOUGH_REPLICAS));
    }
    let codec = BatchHeader::parse(records).ok().and_then(|header| header.attributes.compression().ok());
    if version < 7 && codec == Some(Compression::Zstd) {
        return Err(Refusal::Code(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE));
    }
    let mut batch = validation::validate(records, &settings.rules, now.wall).map_err(Refusal::Batch)?;
    let header = *batch.header();
    let adds = header.attributes.is_transactional() && operation == Operation::Add;
    let context = AppendContext {
        origin: AppendOrigin::Client,
        leader_epoch: partition.leader_epoch,
        transaction_version: if adds { 2 } else { 0 },
        now,
    };
    partition.log(&disk, now).map_err(Refusal::Code)?;
    if header.attributes.is_transactional() {
        check_verified(partition, &header, verifies, verdict)?;
    }
    let log = partition.log(&disk, now).map_err(Refusal::Code)?;
    let rolled = match log.append_as_leader(std::slice::from_mut(&mut batch), &context) {
        Ok(written) => written.rolled,
        Err(error) => {
            shard.append_failed(id, &error, now);
            return Err(Refusal::Code(ErrorCode::KAFKA_STORAGE_ERROR));
        }
    };
    let log_start_offset = log.log_start_offset();
    let is_stamped = settings.rules.timestamp_type == TimestampType::LogAppendTime;
    let appended = batch.into_outcome().map_err(Refusal::Append)?;
    partition.verifications.appended(&header);
    partition.advance_high_watermark();
    let end = appended.last_offset.next();
    if rolled {
        // A segment that is complete is synced, as Kafka does.
        partition.sync_up_to(appended.base_offset);
    }
    let is_durable = acks != -1 || partition.acknowledgeable() >= end;
    let pending = if is_durable { Pending::Nothing } else { Pending::Durability(end) };
    let response = PartitionProduceResponse {
        index: id.partition,
        error_code: ErrorCode::NONE.into(),
        base_offset: appended.base_offset.0,
        log_append_time_ms: if is_stamped { appended.max_timestamp.0 } else { -1 },
        log_start_offset: log_start_offset.0,
        ..PartitionProduceResponse::default()
    };
    Ok((response, pending))
}

/// The first batch of a transaction may be written only as long as what its coordinator was asked about is to come, and
/// not in front of another one that was held.
fn check_verified(
    partition: &Partition,
    header: &BatchHeader,
    verifies: bool,
    verdict: Verdict,
) -> Result<(), Refusal> {
    let (producer_id, epoch) = (header.producer_id, header.producer_epoch);
    if partition.has_open_transaction(producer_id, epoch)
        // That is the error then.
        || partition.producer_epoch(producer_id).is_some_and(|known| epoch < known)
    {
        return Ok(());
    }
    let holds =
        matches!(verdict, Verdict::Verified(guard) if partition.verifications.holds(producer_id, guard));
    if verifies && !holds {
        return Err(Refusal::Code(ErrorCode::INVALID_TXN_STATE));
    }
    match partition.verifications.sequence_min(producer_id) {
        Some(min) if header.base_sequence > min => {
            Err(Refusal::Code(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER))
        }
        _ => Ok(()),
    }
}

pub(super) fn refused(index: i32, error: ErrorCode) -> PartitionProduceResponse {
    PartitionProduceResponse {
        index,
        error_code: error.into(),
        base_offset: -1,
        log_append_time_ms: -1,
        log_start_offset: -1,
        ..PartitionProduceResponse::default()
    }
}

impl Refusal {
    fn error(&self) -> ErrorCode {
        match self {
            Self::Code(error) => *error,
            // What passes is said in a way in which every client sends the batch again, and asks for no metadata.
            Self::Unverified(error, operation) => match *error {
                ErrorCode::CONCURRENT_TRANSACTIONS if *operation == Operation::Add => *error,
                error if verification::is_passing(error) => ErrorCode::NOT_ENOUGH_REPLICAS,
                error => error,
            },
            Self::Batch(rejection) => rejection.into(),
            Self::Append(error) => error.into(),
        }
    }

    pub(super) fn response(&self, shard: &Shard, id: PartitionId) -> PartitionProduceResponse {
        let mut response = refused(id.partition, self.error());
        match self {
            Self::Code(ErrorCode::NOT_LEADER_OR_FOLLOWER) => {
                if let Some(registration) = shard.image.topics.partition(id) {
                    response.current_leader = LeaderIdAndEpoch {
                        leader_id: registration.leader.0,
                        leader_epoch: registration.leader_epoch.0,
                    };
                }
            }
            Self::Unverified(error, _) => {
                response.error_message = match self.error() {
                    ErrorCode::NOT_ENOUGH_REPLICAS => Some(format!(
                        "Unable to verify the partition has been added to the transaction. Underlying error: {}",
                        error.name()
                    )),
                    ErrorCode::INVALID_TXN_STATE => {
                        Some("Partition was not added to the transaction".to_owned())
                    }
                    _ => None,
                };
            }
            Self::Batch(BatchRejection::Timestamps(records)) => {
                reject_records(&mut response, records, |record| record.message.clone())
            }
            Self::Batch(BatchRejection::Records(records)) => {
                let name = shard.partitions.get(&id).map(Partition::name).unwrap_or_default();
                reject_records(&mut response, records, |_| {
                    format!("Compacted topic cannot accept message without key in topic partition {name}")
                });
            }
            // The code says it all, in the client's own words.
            Self::Code(_) | Self::Batch(_) | Self::Append(_) => {}
        }
        response
    }
}

/// Names every rejected record, and the first three in the message, in Kafka's words.
fn reject_records(
    response: &mut PartitionProduceResponse,
    records: &[RejectedRecord],
    text: impl Fn(&RejectedRecord) -> String,
) {
    let errors = records.iter().map(|record| BatchIndexAndErrorMessage {
        batch_index: record.batch_index,
        batch_index_error_message: Some(text(record)),
    });
    response.record_errors = errors.collect();
    let shown = response.record_errors.iter().take(3).map(|error| {
        let (index, message) =
            (error.batch_index, error.batch_index_error_message.as_deref().unwrap_or_default());
        format!("RecordError(batchIndex={index}, message='{message}')")
    });
    response.error_message = Some(format!(
        "One or more records have been rejected due to {} record errors in total, and only showing the first three errors at \
         most: [{}]",
        response.record_errors.len(),
        shown.collect::<Vec<_>>().join(", ")
    ));
}
