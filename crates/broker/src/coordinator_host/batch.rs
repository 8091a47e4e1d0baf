//! A coordinator's decisions as one batch of its log.

use bytes::Bytes;
use ottla_coordinator::group::{BatchContents, Record};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::record::control::EndTransactionMarker;
use ottla_protocol::record::{BatchBuilder, BatchOptions, Compression};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{ProducerEpoch, ProducerId};

/// Base sequence of every batch of a coordinator but its markers, as Kafka writes them.
const BASE_SEQUENCE: i32 = 0;

/// A coordinator's batch, and what its append must know.
#[derive(Debug)]
pub(super) struct CoordinatorBatch {
    pub bytes: Bytes,
    /// The transaction protocol of its producer.
    pub transaction_version: i16,
}

/// Makes the batch. Markers are never compressed.
///
/// Errors: `RECORD_LIST_TOO_LARGE` if the records do not fit any batch; `UNKNOWN_SERVER_ERROR` if the producer of a
/// transaction has no id or epoch.
/// Source: Kafka `CoordinatorRuntime.maybeAllocateNewBatch`, `MemoryRecords.withEndTransactionMarker`.
pub(super) fn build(
    timestamp: Timestamp,
    contents: BatchContents,
    compression: Compression,
) -> Result<CoordinatorBatch, ErrorCode> {
    let plain = BatchOptions { base_sequence: BASE_SEQUENCE, compression, ..BatchOptions::default() };
    let bytes = match contents {
        BatchContents::Records(list) => records(timestamp, plain, &list)?,
        BatchContents::Transactional { producer_id, producer_epoch, records: list } => {
            check_producer(producer_id, producer_epoch)?;
            let options = BatchOptions { producer_id, producer_epoch, is_transactional: true, ..plain };
            records(timestamp, options, &list)?
        }
        BatchContents::Marker(marker) => {
            check_producer(marker.producer_id, marker.producer_epoch)?;
            let end =
                EndTransactionMarker { result: marker.result, coordinator_epoch: marker.coordinator_epoch.0 };
            let bytes = end.batch(marker.producer_id, marker.producer_epoch, timestamp);
            let transaction_version = marker.transaction_version.into();
            return Ok(CoordinatorBatch { bytes: bytes.into(), transaction_version });
        }
    };
    Ok(CoordinatorBatch { bytes, transaction_version: 0 })
}

fn check_producer(id: ProducerId, epoch: ProducerEpoch) -> Result<(), ErrorCode> {
    if id.0 < 0 || epoch.0 < 0 { Err(ErrorCode::UNKNOWN_SERVER_ERROR) } else { Ok(()) }
}

/// Makes the batch of a transaction coordinator: without a sequence, never compressed.
///
/// Errors: `RECORD_LIST_TOO_LARGE` if the records do not fit any batch.
/// Source: Kafka `TransactionStateManager.appendTransactionToLog`, `TransactionLog.EnforcedCompression`.
pub(super) fn build_transactions(
    timestamp: Timestamp,
    list: &[Record],
) -> Result<CoordinatorBatch, ErrorCode> {
    let bytes = records(timestamp, BatchOptions::default(), list)?;
    Ok(CoordinatorBatch { bytes, transaction_version: 0 })
}

fn records(timestamp: Timestamp, options: BatchOptions, list: &[Record]) -> Result<Bytes, ErrorCode> {
    let mut builder = BatchBuilder::new(options);
    for record in list {
        let appended = builder.append(timestamp, Some(&record.key), record.value.as_deref(), &[]);
        appended.map_err(|_| ErrorCode::RECORD_LIST_TOO_LARGE)?;
    }
    Ok(builder.build().into())
}

#[cfg(test)]
mod tests {
    use ottla_coordinator::group::TxnMarker;
    use ottla_protocol::record::BatchView;
    use ottla_protocol::record::control::TransactionResult;
    use ottla_protocol::types::LeaderEpoch;

    use super::*;

    fn header(contents: BatchContents) -> (i64, i16, i32, bool, bool, i16) {
        let batch = build(Timestamp(5), contents, Compression::None).unwrap();
        let header = *BatchView::first_of(&batch.bytes).unwrap().header();
        let (attributes, sequence) = (header.attributes, header.base_sequence);
        let (is_transactional, is_control) = (attributes.is_transactional(), attributes.is_control());
        let version = batch.transaction_version;
        (header.producer_id.0, header.producer_epoch.0, sequence, is_transactional, is_control, version)
    }

    #[test]
    fn batches_begin_at_sequence_0_and_markers_have_none() {
        let list = vec![Record { key: Bytes::from_static(b"k"), value: None }];
        let (producer_id, producer_epoch) = (ProducerId(7), ProducerEpoch(3));
        assert_eq!(header(BatchContents::Records(list.clone())), (-1, -1, 0, false, false, 0));
        let transactional = BatchContents::Transactional { producer_id, producer_epoch, records: list };
        assert_eq!(header(transactional), (7, 3, 0, true, false, 0));
        let marker = BatchContents::Marker(TxnMarker {
            producer_id,
            producer_epoch,
            coordinator_epoch: LeaderEpoch(1),
            result: TransactionResult::Commit,
            transaction_version: 2,
        });
        assert_eq!(header(marker), (7, 3, -1, true, true, 2));
    }
}
