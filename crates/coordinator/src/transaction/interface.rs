//! What passes between a transaction coordinator and its host.

use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use crate::host::{AppendToken, Record, RequestToken};
use crate::messages::{
    EndTxnRequest, EndTxnResponse, ErrorCode, InitProducerIdRequest, InitProducerIdResponse,
    ListTransactionsRequest, ListTransactionsResponse, TransactionDescription,
};

/// Where new producer ids come from: the block of ids that this broker has from the controller.
pub trait ProducerIds {
    /// A producer id that was never given out before.
    ///
    /// Errors: what to tell the client if there is none at hand; Kafka says COORDINATOR_LOAD_IN_PROGRESS while the next
    /// block is on its way.
    fn next_producer_id(&mut self) -> Result<ProducerId, ErrorCode>;
}

/// One partition of a topic, by name: so it is in the transaction log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: String,
    /// Index of the partition in its topic.
    pub partition: i32,
}

/// One transaction's partitions, to add or to verify: of AddPartitionsToTxn (one of its transactions), or of
/// AddOffsetsToTxn (the partition of `__consumer_offsets` that the group belongs to).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxnPartitions {
    /// The transactional id.
    pub transactional_id: String,
    /// Who adds.
    pub producer_id: ProducerId,
    /// In which epoch.
    pub producer_epoch: ProducerEpoch,
    /// The partitions; the host has checked that all of them exist and are allowed.
    pub partitions: Vec<TopicPartition>,
}

/// A request, checked as far as the wire and the authorizer go.
#[derive(Clone, Debug, PartialEq)]
pub enum TransactionRequest {
    /// A producer begins, or goes on after an error. Its transactional id is not null; without one, a producer id is all
    /// that is asked for, and the host gives it.
    InitProducerId(InitProducerIdRequest),
    /// Partitions become part of the transaction.
    AddPartitions {
        /// Which.
        partitions: TxnPartitions,
        /// 0 if the client adds them itself (AddPartitionsToTxn up to version 3, AddOffsetsToTxn); 2 if a broker adds
        /// what the client writes to (AddPartitionsToTxn from version 4 on).
        client_transaction_version: i16,
    },
    /// A broker asks whether partitions are part of the transaction.
    VerifyPartitions(TxnPartitions),
    /// The transaction commits or aborts.
    EndTxn(EndTxnRequest),
    /// Transactions in full.
    DescribeTransactions {
        /// Transactional ids; each must belong to this partition.
        transactional_ids: Vec<String>,
    },
    /// Transactions of this partition, in brief. `transactional_id_pattern` is the host's to apply.
    ListTransactions(ListTransactionsRequest),
}

/// The answer to the [`TransactionRequest`] of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum TransactionResponse {
    /// To an InitProducerId.
    InitProducerId(InitProducerIdResponse),
    /// To an AddPartitions: the error of every partition.
    AddPartitions(ErrorCode),
    /// To a VerifyPartitions: in the request's order.
    VerifyPartitions(Vec<VerifiedPartition>),
    /// To an EndTxn.
    EndTxn(EndTxnResponse),
    /// To a DescribeTransactions: in the request's order.
    DescribeTransactions(Vec<TransactionDescription>),
    /// To a ListTransactions: in order of transactional id.
    ListTransactions(ListTransactionsResponse),
}

/// Whether one partition is part of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedPartition {
    /// The partition.
    pub partition: TopicPartition,
    /// NONE if it is.
    pub error: ErrorCode,
}

/// One order to write markers, until the host has told what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarkerToken(pub u64);

/// The end of a transaction, for some of its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markers {
    /// The producer.
    pub producer_id: ProducerId,
    /// Its epoch, as the markers carry it.
    pub producer_epoch: ProducerEpoch,
    /// Epoch of this coordinator.
    pub coordinator_epoch: LeaderEpoch,
    /// How it ends.
    pub result: TransactionResult,
    /// `TransactionVersion` of WriteTxnMarkers.
    pub transaction_version: i16,
    /// Where to write the marker.
    pub partitions: Vec<TopicPartition>,
}

/// What became of the marker of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkerOutcome {
    /// The partition's leader answered with this error, or NONE.
    Answered(ErrorCode),
    /// There is no such partition: its topic is gone.
    Gone,
    /// Nobody answered, or the leader is not known.
    Unanswered,
}

/// A fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A request arrived.
    Request {
        /// The host's name for it.
        token: RequestToken,
        /// Version of the request and of its response.
        api_version: i16,
        /// What is asked.
        request: TransactionRequest,
    },
    /// The log took the batch of an [`Effect::Append`], or refused it as a whole. Must be the next input about the log
    /// after the effect was polled: no other batch is given out before.
    Appended {
        /// The batch.
        batch: AppendToken,
        /// Offset of its first record; or the error, which means that nothing of the batch is in the log.
        result: Result<Offset, ErrorCode>,
    },
    /// Every record below `end_offset` is committed.
    Committed {
        /// Exclusive.
        end_offset: Offset,
    },
    /// What became of the markers of an [`Effect::WriteMarkers`]: once for each, and for every partition of it.
    MarkersWritten {
        /// The order.
        markers: MarkerToken,
        /// Each partition, and what became of it.
        outcomes: Vec<(TopicPartition, MarkerOutcome)>,
    },
    /// The level of the feature `transaction.version` is another.
    TransactionVersion(i16),
    /// Time passed. Needed when the deadline has come; harmless at any other time.
    Timer,
}

/// Something that the host must do, in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Append one batch (acks=all, uncompressed, no sequence) to the coordinator's partition, and tell with
    /// [`Input::Appended`].
    Append {
        /// Name of the batch.
        batch: AppendToken,
        /// CreateTime of all its records.
        timestamp: Timestamp,
        /// Its records.
        records: Vec<Record>,
    },
    /// Send the response to a request.
    Respond {
        /// The request.
        token: RequestToken,
        /// Its response.
        response: TransactionResponse,
    },
    /// Have the leaders of the partitions write markers (WriteTxnMarkers), and tell with [`Input::MarkersWritten`].
    WriteMarkers {
        /// Name of the order.
        token: MarkerToken,
        /// What to write, and where.
        markers: Markers,
    },
}
