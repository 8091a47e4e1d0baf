//! Group coordinators on the partitions of `__consumer_offsets`.

use std::sync::Arc;

use ottla_coordinator::group::{
    AppendToken, Effect, GroupConfig, GroupCoordinator, GroupRequest, GroupResponse, Input, LoadedBatch,
    RequestContext, RequestToken,
};
use ottla_metadata::config::BrokerConfig;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::record::Compression;
use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, PartitionId, ProducerId, TopicId};

use super::consumer_groups;
use super::loading::ReplayError;
use super::{Coordinator, GatherId, Gathering, Host, Question, batch};
use crate::api::groups::{self, Gathered};
use crate::internal_topics::CONSUMER_OFFSETS;
use crate::partition::Partition;
use crate::producer_ids::ProducerIds;
use crate::shard::{Peer, RequestOrigin, Shard};

/// The group coordinators of one shard, and the requests that they are answering.
pub(crate) struct GroupHost {
    seed: u64,
    pub host: Host<GroupCoordinator>,
    pub gathering: Gathering<Gathered, GroupResponse>,
}

impl GroupHost {
    pub fn new(seed: u64) -> Self {
        Self { seed, host: Host::new(), gathering: Gathering::new() }
    }
}

impl Coordinator for GroupCoordinator {
    const TOPIC: &'static str = CONSUMER_OFFSETS;
    const IS_LOADED_WHEN_SYNCED: bool = false;
    const IS_LOADED_IN_EACH_EPOCH: bool = false;
    type Request = GroupRequest;
    type Response = GroupResponse;
    type Context = RequestContext;
    type Gathered = Gathered;
    type Effect = Effect;

    fn host(shard: &mut Shard) -> (&mut Host<Self>, &mut ProducerIds) {
        (&mut shard.groups.host, &mut shard.producer_ids)
    }

    fn gathering(shard: &mut Shard) -> &mut Gathering<Gathered, GroupResponse> {
        &mut shard.groups.gathering
    }

    fn context(origin: &RequestOrigin) -> RequestContext {
        RequestContext {
            client_id: origin.context.client_id.as_deref().unwrap_or_default().to_owned(),
            client_host: format!("/{}", origin.context.client_address),
            api_version: origin.context.api_version,
        }
    }

    fn refuse(request: &GroupRequest, error: ErrorCode, context: &RequestContext) -> GroupResponse {
        request.error_response(error, context.api_version)
    }

    fn ask_peer(question: Question<Self>) -> Peer {
        Peer::AskGroup(Box::new(question))
    }

    fn answer_peer(gather: GatherId, index: usize, response: GroupResponse) -> Peer {
        Peer::GroupAnswer { gather, index, response: Box::new(response) }
    }

    fn finish(shard: &mut Shard, origin: &RequestOrigin, kind: Gathered, parts: Vec<GroupResponse>) {
        groups::finish(shard, origin, kind, parts);
    }

    fn request(
        &mut self,
        token: RequestToken,
        context: RequestContext,
        request: GroupRequest,
        now: Now,
        _producer_ids: &mut ProducerIds,
    ) {
        self.handle(Input::Request { token, context, request }, now);
    }

    fn new(shard: &Shard, partition: &Partition) -> Self {
        let seed = shard.groups.seed ^ u64::from(partition.id.partition.cast_unsigned());
        let mut coordinator = Self::new(group_config(&shard.config, partition), seed);
        let image = Arc::clone(&shard.image);
        coordinator.handle(Input::Metadata { image, changes: None }, Now::default());
        coordinator
    }

    fn load(
        &mut self,
        offset: Offset,
        producer_id: ProducerId,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), ReplayError> {
        Ok(self.load(offset, LoadedBatch { producer_id }, key, value)?)
    }

    fn load_marker(&mut self, producer_id: ProducerId, result: TransactionResult) {
        self.load_marker(producer_id, result);
    }

    fn loaded(&mut self, now: Now) {
        self.loaded(now);
    }

    fn unload(&mut self) {
        self.unload();
    }

    fn appended(&mut self, batch: AppendToken, result: Result<Offset, ErrorCode>, now: Now) {
        self.handle(Input::Appended { batch, result }, now);
    }

    fn committed(&mut self, end_offset: Offset, now: Now) {
        self.handle(Input::Committed { end_offset }, now);
    }

    fn topics_deleted(&mut self, topics: Vec<(String, TopicId)>, now: Now) {
        self.handle(Input::TopicsDeleted { topics }, now);
    }

    fn timer(&mut self, now: Now, _producer_ids: &mut ProducerIds) {
        self.handle(Input::Timer, now);
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        self.poll_effect()
    }

    fn poll_deadline(&self) -> Monotonic {
        self.poll_deadline()
    }

    fn perform(shard: &mut Shard, partition: PartitionId, effect: Effect, now: Now) {
        match effect {
            Effect::Append { batch, timestamp, contents } => {
                let built = batch::build(timestamp, contents, shard.offsets_compression());
                shard.append_for::<Self>(partition, batch, built, now);
            }
            Effect::ResolveRegexes(regexes) => shard.resolve_regexes(partition, regexes),
            Effect::Respond { token, response } => shard.answered::<Self>(token, response),
        }
    }
}

/// The config of a partition's coordinator.
fn group_config(config: &BrokerConfig, partition: &Partition) -> GroupConfig {
    let groups = &config.groups;
    GroupConfig {
        session_timeout_ms_min: groups.session_timeout_ms_min,
        session_timeout_ms_max: groups.session_timeout_ms_max,
        initial_rebalance_delay_ms: groups.initial_rebalance_delay_ms,
        size_max: usize::try_from(groups.size_max).unwrap_or(usize::MAX),
        offset_metadata_size_max: usize::try_from(groups.offset_metadata_bytes_max).unwrap_or(0),
        offsets_retention_ms: i64::from(groups.offsets_retention_minutes) * 60_000,
        offsets_retention_check_interval_ms: groups.offsets_retention_check_interval_ms,
        offsets_commit_timeout_ms: groups.offsets_commit_timeout_ms,
        consumer: consumer_groups::config(config),
        batch_size_max: partition.settings.rules.batch_bytes_max as usize,
    }
}

impl Shard {
    /// The partition of `__consumer_offsets` that a group belongs to. Errors: the topic does not exist.
    pub(crate) fn group_partition(&self, group: &str) -> Result<i32, ErrorCode> {
        self.partition_of::<GroupCoordinator>(group)
    }

    /// Hands a request to the group coordinators, part by part: `(partition, request)`. The answer comes by
    /// [`groups::finish`] when all parts have theirs.
    pub(crate) fn ask_coordinators(
        &mut self,
        origin: RequestOrigin,
        kind: Gathered,
        requests: Vec<(Result<i32, ErrorCode>, GroupRequest)>,
        now: Now,
    ) {
        self.ask_parts::<GroupCoordinator>(origin, kind, requests, now);
    }

    fn offsets_compression(&self) -> Compression {
        let code = u8::try_from(self.config.groups.offsets_topic_compression_codec);
        code.ok().and_then(|code| Compression::from_code(code).ok()).unwrap_or(Compression::None)
    }
}
