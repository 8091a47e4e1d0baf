//! Requests of clients that the control plane answers: decoded, decided, and answered when their records are committed.

mod configs;
mod quorum;
mod reassignments;
mod refusal;

use std::sync::Arc;
use std::time::Duration;

use ottla_metadata::controller::{Controller, Outcome, RequestContext};
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::frame;
use ottla_protocol::messages::create_partitions_request::CreatePartitionsRequest;
use ottla_protocol::messages::create_topics_request::CreateTopicsRequest;
use ottla_protocol::messages::delete_topics_request::DeleteTopicsRequest;
use ottla_protocol::messages::describe_client_quotas_request::DescribeClientQuotasRequest;
use ottla_protocol::messages::elect_leaders_request::ElectLeadersRequest;
use ottla_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsRequest;
use ottla_protocol::messages::update_features_request::UpdateFeaturesRequest;
use ottla_protocol::messages::{Message, Request};
use ottla_protocol::time::Monotonic;
use ottla_protocol::types::Offset;
use ottla_protocol::wire::{Reader, Writer};

use super::control_plane::with_context;
use super::{Node, NodeEffect, NodeFailure, Phase, ProducerIdBlock};
use crate::effect::{NodeRequest, NodeResponse, ShardId};

/// How long a request without a timeout of its own waits for its records to be committed.
pub(super) const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);

/// An answer that waits for records to be committed.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Everything below must be committed.
    pub(super) end_offset: Offset,
    /// When to give up.
    pub(super) deadline: Monotonic,
    answer: Answer,
}

#[derive(Debug)]
enum Answer {
    Respond { request: NodeRequest, frame: Vec<u8> },
    ProducerIds { shard: ShardId, block: Result<ProducerIdBlock, ErrorCode> },
    Ready,
}

impl Waiting {
    /// The broker serves.
    pub(super) fn ready(end_offset: Offset) -> Self {
        Self { end_offset, deadline: Monotonic::NEVER, answer: Answer::Ready }
    }

    /// A shard gets producer ids.
    pub(super) fn producer_ids(
        end_offset: Offset,
        deadline: Monotonic,
        shard: ShardId,
        block: Result<ProducerIdBlock, ErrorCode>,
    ) -> Self {
        Self { end_offset, deadline, answer: Answer::ProducerIds { shard, block } }
    }

    /// The answer.
    pub(super) fn into_effect(self) -> NodeEffect {
        match self.answer {
            Answer::Respond { request, frame } => respond(&request, Some(frame)),
            Answer::ProducerIds { shard, block } => NodeEffect::ProducerIds { shard, block },
            Answer::Ready => NodeEffect::Ready,
        }
    }

    /// The answer when the records were not committed: they never will be, or it takes too long and they still may.
    pub(super) fn into_refusal(self, code: ErrorCode) -> NodeEffect {
        match self.answer {
            Answer::Respond { request, .. } => {
                let frame = refusal::frame(&request, code);
                respond(&request, frame)
            }
            Answer::ProducerIds { shard, .. } => NodeEffect::ProducerIds { shard, block: Err(code) },
            Answer::Ready => NodeEffect::Fatal(NodeFailure::Fenced(code)),
        }
    }
}

fn respond(request: &NodeRequest, frame: Option<Vec<u8>>) -> NodeEffect {
    NodeEffect::Respond(NodeResponse { shard: request.shard, request: request.request, frame })
}

/// A whole response frame; `None` if it is too large for one.
fn response_frame<M: Message>(request: &NodeRequest, response: &M) -> Option<Vec<u8>> {
    let context = &request.context;
    let mut writer = Writer::new();
    let start =
        frame::begin_response(&mut writer, context.api_key, context.api_version, context.correlation_id);
    response.encode(&mut writer, context.api_version);
    frame::end_frame(&mut writer, start, 0).ok()?;
    Some(writer.into_vec())
}

impl Node {
    /// The APIs that the control plane answers: hand their requests over as [`NodeInput::Request`](super::NodeInput).
    #[must_use]
    pub fn serves(api: ApiKey) -> bool {
        matches!(
            api,
            ApiKey::CreateTopics
                | ApiKey::DeleteTopics
                | ApiKey::CreatePartitions
                | ApiKey::AlterConfigs
                | ApiKey::IncrementalAlterConfigs
                | ApiKey::ElectLeaders
                | ApiKey::DescribeClientQuotas
                | ApiKey::AlterClientQuotas
                | ApiKey::UpdateFeatures
                | ApiKey::UnregisterBroker
                | ApiKey::DescribeQuorum
                | ApiKey::ListPartitionReassignments
        )
    }

    pub(super) fn request(&mut self, request: NodeRequest) -> Result<(), NodeFailure> {
        if self.phase != Phase::Running {
            // The broker is about to close its connections.
            self.effects.push_back(respond(&request, None));
            return Ok(());
        }
        let node_id = self.identity.node_id;
        match request.context.api_key {
            ApiKey::CreateTopics => {
                let timeout = |request: &CreateTopicsRequest| request.timeout_ms;
                self.decide_within(request, timeout, Controller::create_topics)
            }
            ApiKey::DeleteTopics => {
                let timeout = |request: &DeleteTopicsRequest| request.timeout_ms;
                self.decide_within(request, timeout, Controller::delete_topics)
            }
            ApiKey::CreatePartitions => {
                let timeout = |request: &CreatePartitionsRequest| request.timeout_ms;
                self.decide_within(request, timeout, Controller::create_partitions)
            }
            ApiKey::ElectLeaders => {
                let timeout = |request: &ElectLeadersRequest| request.timeout_ms;
                self.decide_within(request, timeout, |controller, request, _| {
                    controller.elect_leaders(request)
                })
            }
            ApiKey::UpdateFeatures => {
                let timeout = |request: &UpdateFeaturesRequest| request.timeout_ms;
                let kraft_version = self.control().quorum.quorum().membership().kraft_version().level();
                self.decide_within(request, timeout, |controller, request, context| {
                    controller.update_features(request, kraft_version, context)
                })
            }
            ApiKey::AlterConfigs => self.decide(request, |controller, request, context| {
                configs::alter_configs(controller, node_id, request, context)
            }),
            ApiKey::IncrementalAlterConfigs => {
                let local = configs::Local { node_id, log_levels: Arc::clone(&self.log_levels) };
                let decided = self.decide(request, |controller, request, context| {
                    configs::incremental_alter_configs(controller, &local, request, context)
                });
                self.effects.extend(self.log_levels.take_directives().map(NodeEffect::SetLogFilter));
                decided
            }
            ApiKey::AlterClientQuotas => {
                self.decide(request, |controller, request, _| controller.alter_client_quotas(request))
            }
            ApiKey::UnregisterBroker => {
                self.decide(request, |controller, request, _| controller.unregister_broker(request))
            }
            ApiKey::DescribeClientQuotas => {
                self.describe_client_quotas(&request);
                Ok(())
            }
            ApiKey::DescribeQuorum => {
                self.describe_quorum(&request);
                Ok(())
            }
            ApiKey::ListPartitionReassignments => {
                let image = Arc::clone(&self.published);
                self.read(&request, |body: &ListPartitionReassignmentsRequest| {
                    reassignments::list(&image, body)
                });
                Ok(())
            }
            _ => {
                self.effects.push_back(respond(&request, None));
                Ok(())
            }
        }
    }

    fn describe_client_quotas(&mut self, request: &NodeRequest) {
        let quotas = self.published.client_quotas.clone();
        self.read(request, |body: &DescribeClientQuotasRequest| {
            ottla_metadata::controller::describe_client_quotas(&quotas, body)
        });
    }

    /// Answers at once.
    fn read<R: Request>(&mut self, request: &NodeRequest, answer: impl FnOnce(&R) -> R::Response) {
        let decoded = R::decode(&mut Reader::new(&request.body), request.context.api_version);
        let frame = decoded.ok().and_then(|body| response_frame(request, &answer(&body)));
        self.effects.push_back(respond(request, frame));
    }

    fn decide<R: Request>(
        &mut self,
        request: NodeRequest,
        decide: impl FnOnce(&Controller, &R, &mut RequestContext<'_>) -> Outcome<R::Response>,
    ) -> Result<(), NodeFailure> {
        self.decide_within(request, |_| -1, decide)
    }

    /// Decides a request, appends what comes of it, and answers when that is committed, or too late: after the timeout
    /// in milliseconds that the request names (below 0: none of its own).
    fn decide_within<R: Request>(
        &mut self,
        request: NodeRequest,
        timeout_ms: impl FnOnce(&R) -> i32,
        decide: impl FnOnce(&Controller, &R, &mut RequestContext<'_>) -> Outcome<R::Response>,
    ) -> Result<(), NodeFailure> {
        let version = request.context.api_version;
        // A body that cannot be read closes the connection, as in Kafka.
        let Ok(body) = R::decode(&mut Reader::new(&request.body), version) else {
            self.effects.push_back(respond(&request, None));
            return Ok(());
        };
        let (now, seed) = (self.now, self.random.next_u64());
        let controller = &self.control().controller;
        let outcome = with_context(now, seed, version, |context| decide(controller, &body, context));
        let Some((response, end_offset)) = self.append(outcome) else {
            let frame = refusal::frame(&request, ErrorCode::UNKNOWN_SERVER_ERROR);
            self.effects.push_back(respond(&request, frame));
            return Ok(());
        };
        let Some(frame) = response_frame(&request, &response) else {
            self.effects.push_back(respond(&request, None));
            return Ok(());
        };
        let timeout = u64::try_from(timeout_ms(&body)).map_or(TIMEOUT_DEFAULT, Duration::from_millis);
        let answer = Answer::Respond { request, frame };
        self.wait(Waiting { end_offset, deadline: now.mono + timeout, answer });
        Ok(())
    }
}
