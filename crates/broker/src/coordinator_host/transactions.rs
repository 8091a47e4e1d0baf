//! Transaction coordinators on the partitions of `__transaction_state`.

use std::collections::BTreeMap;

use ottla_coordinator::transaction::{
    AppendToken, Effect, Input, MarkerOutcome, MarkerToken, Markers, RequestToken, TopicPartition,
    TransactionConfig, TransactionCoordinator, TransactionRequest, TransactionResponse,
};
use ottla_metadata::config::BrokerConfig;
use ottla_metadata::features::TRANSACTION_VERSION;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::write_txn_markers_request::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};
use ottla_protocol::messages::write_txn_markers_response::WriteTxnMarkersResponse;
use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, PartitionId, ProducerId, TopicId};

use super::loading::ReplayError;
use super::{Coordinator, GatherId, Gathering, Host, Question, batch};
use crate::api::transactions::{self, Gathered};
use crate::internal_topics::TRANSACTION_STATE;
use crate::partition::Partition;
use crate::producer_ids::ProducerIds;
use crate::shard::{OwnRequest, Peer, RequestOrigin, Shard};

/// The transaction coordinators of one shard, and the requests that they are answering.
pub(crate) struct TransactionHost {
    pub host: Host<TransactionCoordinator>,
    pub gathering: Gathering<Gathered, TransactionResponse>,
}

/// Markers that a coordinator of this shard has had written, and waits for.
#[derive(Debug)]
pub(crate) struct MarkerOrder {
    /// Index of the coordinator's partition.
    coordinator: PartitionId,
    token: MarkerToken,
    /// The partitions that were asked for.
    asked: Vec<TopicPartition>,
    /// Those that need no asking, and what is known of them.
    known: Vec<(TopicPartition, MarkerOutcome)>,
}

impl TransactionHost {
    pub fn new() -> Self {
        Self { host: Host::new(), gathering: Gathering::new() }
    }
}

impl Coordinator for TransactionCoordinator {
    const TOPIC: &'static str = TRANSACTION_STATE;
    // Markers must not be written for an end that a power cut may take back.
    const IS_LOADED_WHEN_SYNCED: bool = true;
    // Markers carry the epoch.
    const IS_LOADED_IN_EACH_EPOCH: bool = true;
    type Request = TransactionRequest;
    type Response = TransactionResponse;
    /// Version of the request.
    type Context = i16;
    type Gathered = Gathered;
    type Effect = Effect;

    fn host(shard: &mut Shard) -> (&mut Host<Self>, &mut ProducerIds) {
        (&mut shard.transactions.host, &mut shard.producer_ids)
    }

    fn gathering(shard: &mut Shard) -> &mut Gathering<Gathered, TransactionResponse> {
        &mut shard.transactions.gathering
    }

    fn context(origin: &RequestOrigin) -> i16 {
        origin.context.api_version
    }

    fn refuse(request: &TransactionRequest, error: ErrorCode, api_version: &i16) -> TransactionResponse {
        request.error_response(error, *api_version)
    }

    fn ask_peer(question: Question<Self>) -> Peer {
        Peer::AskTransaction(Box::new(question))
    }

    fn answer_peer(gather: GatherId, index: usize, response: TransactionResponse) -> Peer {
        Peer::TransactionAnswer { gather, index, response: Box::new(response) }
    }

    fn finish(shard: &mut Shard, origin: &RequestOrigin, kind: Gathered, parts: Vec<TransactionResponse>) {
        transactions::finish(shard, origin, kind, parts);
    }

    fn request(
        &mut self,
        token: RequestToken,
        api_version: i16,
        request: TransactionRequest,
        now: Now,
        producer_ids: &mut ProducerIds,
    ) {
        self.handle(Input::Request { token, api_version, request }, now, producer_ids);
    }

    fn new(shard: &Shard, partition: &Partition) -> Self {
        let level = shard.image.features.level(TRANSACTION_VERSION);
        Self::new(transaction_config(&shard.config, level, partition), partition.leader_epoch)
    }

    fn load(
        &mut self,
        offset: Offset,
        _producer_id: ProducerId,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), ReplayError> {
        Ok(self.load(offset, key, value)?)
    }

    /// There are no transactions in the log of transactions.
    fn load_marker(&mut self, _producer_id: ProducerId, _result: TransactionResult) {}

    fn loaded(&mut self, now: Now) {
        self.loaded(now);
    }

    fn unload(&mut self) {
        self.unload();
    }

    fn appended(&mut self, batch: AppendToken, result: Result<Offset, ErrorCode>, now: Now) {
        self.handle(Input::Appended { batch, result }, now, &mut ProducerIds::default());
    }

    fn committed(&mut self, end_offset: Offset, now: Now) {
        self.handle(Input::Committed { end_offset }, now, &mut ProducerIds::default());
    }

    /// A transaction's partitions are told of its end, and found to be gone then.
    fn topics_deleted(&mut self, _topics: Vec<(String, TopicId)>, _now: Now) {}

    fn timer(&mut self, now: Now, producer_ids: &mut ProducerIds) {
        self.handle(Input::Timer, now, producer_ids);
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        self.poll_effect()
    }

    fn poll_deadline(&self) -> Monotonic {
        self.poll_deadline()
    }

    fn perform(shard: &mut Shard, partition: PartitionId, effect: Effect, now: Now) {
        match effect {
            Effect::Append { batch, timestamp, records } => {
                let built = batch::build_transactions(timestamp, &records);
                shard.append_for::<Self>(partition, batch, built, now);
            }
            Effect::Respond { token, response } => shard.answered::<Self>(token, response),
            Effect::WriteMarkers { token, markers } => shard.write_markers(partition, token, &markers, now),
        }
    }
}

/// The config of a partition's coordinator.
fn transaction_config(config: &BrokerConfig, level: i16, partition: &Partition) -> TransactionConfig {
    let transactions = &config.transactions;
    TransactionConfig {
        timeout_ms_max: transactions.timeout_ms_max,
        abort_timed_out_interval_ms: transactions.abort_timed_out_interval_ms,
        id_expiration_ms: transactions.transactional_id_expiration_ms,
        remove_expired_interval_ms: transactions.remove_expired_interval_ms,
        is_two_phase_commit_enabled: transactions.is_two_phase_commit_enabled,
        transaction_version: level,
        add_hold_ms: transactions.add_partitions_retry_backoff_ms_max,
        batch_size_max: partition.settings.rules.batch_bytes_max as usize,
        ..TransactionConfig::default()
    }
}

impl Shard {
    /// The partition of `__transaction_state` that a transactional id belongs to. Errors: the topic does not exist.
    pub(crate) fn transaction_partition(&self, transactional_id: &str) -> Result<i32, ErrorCode> {
        self.partition_of::<TransactionCoordinator>(transactional_id)
    }

    /// Hands a request to the transaction coordinators, part by part: `(partition, request)`. The answer comes by
    /// [`transactions::finish`] when all parts have theirs.
    pub(crate) fn ask_transactions(
        &mut self,
        origin: RequestOrigin,
        kind: Gathered,
        requests: Vec<(Result<i32, ErrorCode>, TransactionRequest)>,
        now: Now,
    ) {
        self.ask_parts::<TransactionCoordinator>(origin, kind, requests, now);
    }

    /// The cluster's transaction version may be another.
    pub(crate) fn tell_transaction_version(&mut self, now: Now) {
        let level = self.image.features.level(TRANSACTION_VERSION);
        for coordinator in self.transactions.host.coordinators() {
            coordinator.handle(Input::TransactionVersion(level), now, &mut self.producer_ids);
        }
    }

    /// Has the markers of a coordinator written, by a request of this shard's own.
    fn write_markers(&mut self, coordinator: PartitionId, token: MarkerToken, markers: &Markers, now: Now) {
        let node_id = self.identity.node_id;
        let mut order = MarkerOrder { coordinator, token, asked: Vec::new(), known: Vec::new() };
        let mut topics = BTreeMap::<String, Vec<i32>>::new();
        for partition in &markers.partitions {
            let topic = self.image.topics.by_name(&partition.topic);
            match topic.and_then(|topic| topic.partition(partition.partition)) {
                None => order.known.push((partition.clone(), MarkerOutcome::Gone)),
                Some(registration) if registration.leader == node_id => {
                    topics.entry(partition.topic.clone()).or_default().push(partition.partition);
                    order.asked.push(partition.clone());
                }
                Some(_) => order.known.push((partition.clone(), MarkerOutcome::Unanswered)),
            }
        }
        if order.asked.is_empty() {
            return self.markers_written(order, None, now);
        }
        let topics = topics.into_iter();
        let marker = WritableTxnMarker {
            producer_id: markers.producer_id.0,
            producer_epoch: markers.producer_epoch.0,
            transaction_result: markers.result == TransactionResult::Commit,
            topics: topics
                .map(|(name, partition_indexes)| WritableTxnMarkerTopic { name, partition_indexes })
                .collect(),
            coordinator_epoch: markers.coordinator_epoch.0,
            transaction_version: i8::try_from(markers.transaction_version).unwrap_or(i8::MAX),
        };
        let request = WriteTxnMarkersRequest { markers: vec![marker] };
        self.ask_own(&request, OwnRequest::WriteMarkers(order), now);
    }

    /// Tells a coordinator what became of the markers that it wanted written. Without an answer none of those asked for is.
    pub(crate) fn markers_written(
        &mut self,
        order: MarkerOrder,
        answer: Option<&WriteTxnMarkersResponse>,
        now: Now,
    ) {
        let MarkerOrder { coordinator: at, token, asked, known: mut outcomes } = order;
        let mut errors = BTreeMap::new();
        for topic in answer.iter().flat_map(|answer| &answer.markers).flat_map(|marker| &marker.topics) {
            let partitions = topic.partitions.iter();
            errors.extend(
                partitions.map(|partition| ((&*topic.name, partition.partition_index), partition.error_code)),
            );
        }
        for partition in asked {
            let error = errors.get(&(&*partition.topic, partition.partition));
            let outcome =
                error.map_or(MarkerOutcome::Unanswered, |error| MarkerOutcome::Answered((*error).into()));
            outcomes.push((partition, outcome));
        }
        let input = Input::MarkersWritten { markers: token, outcomes };
        if let Some(coordinator) = self.transactions.host.coordinator_of(at) {
            coordinator.handle(input, now, &mut self.producer_ids);
        }
    }
}
