//! CreateTopics and DeleteTopics.
//!
//! Source: Kafka `ReplicationControlManager.createTopics`, `deleteTopics`; `ControllerApis.createTopics`,
//! `deleteTopics`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use ottla_protocol::messages::create_topics_response::{
    CreatableTopicConfigs, CreatableTopicResult, CreateTopicsResponse,
};
use ottla_protocol::messages::delete_topics_request::DeleteTopicsRequest;
use ottla_protocol::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::messages::remove_topic_record::RemoveTopicRecord;
use ottla_protocol::messages::topic_record::TopicRecord;
use ottla_protocol::types::{BrokerId, TopicId, Uuid};

use super::access::QuotaExceeded;
use super::configs::{AlterOperation, ConfigChange};
use super::placement;
use super::{Controller, Outcome, RequestContext, check_record_count};
use crate::api_error::ApiError;
use crate::config::{ConfigLayers, ConfigValue, broker_def, describe};
use crate::image::{ConfigMap, ConfigResource, PartitionRegistration};
use crate::random::Random;
use crate::snapshot::partition_record;
use crate::topic_name;

/// Most partitions that one CreateTopics may ask for in all.
const PARTITIONS_PER_REQUEST_MAX: i64 = 10_000;

impl Controller {
    /// Decides a CreateTopics request. Topics that are refused do not keep the others from being created; the records of
    /// all are one batch.
    pub fn create_topics(
        &self,
        request: &CreateTopicsRequest,
        context: &mut RequestContext<'_>,
    ) -> Outcome<CreateTopicsResponse> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for topic in &request.topics {
            *counts.entry(&topic.name).or_default() += 1;
        }
        let layers = self.layers();
        let mut creation = Creation {
            controller: self,
            layers: &layers,
            random: Random::new(context.seed),
            records: Vec::new(),
            throttle_time_ms: 0,
        };
        let is_taken = |topic: &&CreatableTopic| {
            counts[topic.name.as_str()] == 1
                && topic.name != topic_name::CLUSTER_METADATA
                && context.access.may_create(&topic.name)
        };
        let taken: Vec<&CreatableTopic> = request.topics.iter().filter(is_taken).collect();
        let mut topics = match creation.create_all(&taken, context) {
            Ok(topics) => topics,
            Err(error) => {
                creation.records.clear();
                taken.iter().map(|topic| refused(&topic.name, &error)).collect()
            }
        };
        for (name, _) in counts.iter().filter(|(_, count)| **count > 1) {
            topics.push(refused(name, &ApiError::invalid_request("Duplicate topic name.")));
        }
        for (name, _) in counts.iter().filter(|(_, count)| **count == 1) {
            if *name == topic_name::CLUSTER_METADATA {
                let reason = format!("Creation of internal topic {name} is prohibited.");
                topics.push(refused(name, &ApiError::invalid_request(reason)));
            } else if !context.access.may_create(name) {
                let error = ApiError::new(ErrorCode::TOPIC_AUTHORIZATION_FAILED, "Authorization failed.");
                topics.push(refused(name, &error));
            }
        }
        let throttle_time_ms = creation.throttle_time_ms;
        let records = if request.validate_only { Vec::new() } else { creation.records };
        Outcome::atomic(records, CreateTopicsResponse { throttle_time_ms, topics })
    }

    /// Decides a DeleteTopics request. The order of the results is random, so that it tells nothing about topics that the
    /// principal may not see.
    pub fn delete_topics(
        &self,
        request: &DeleteTopicsRequest,
        context: &mut RequestContext<'_>,
    ) -> Outcome<DeleteTopicsResponse> {
        let mut deletion = Deletion { controller: self, responses: Vec::new(), ids: BTreeMap::new() };
        let enabled = broker_def("delete.topic.enable").and_then(|def| self.layers().value(def));
        let mut records = Vec::new();
        if enabled == Some(ConfigValue::Boolean(false)) {
            deletion.refuse_all(request, context.api_version);
        } else {
            deletion.resolve(request, context);
            records = deletion.delete(context);
        }
        Random::new(context.seed).shuffle(&mut deletion.responses);
        Outcome::atomic(records, DeleteTopicsResponse { throttle_time_ms: 0, responses: deletion.responses })
    }
}

fn total_partitions(topics: &[&CreatableTopic], default_num_partitions: i32) -> i64 {
    let count = |topic: &&CreatableTopic| match (topic.assignments.len(), topic.num_partitions) {
        (0, -1) => i64::from(default_num_partitions),
        (0, count) => i64::from(count.max(0)),
        (count, _) => i64::try_from(count).unwrap_or(i64::MAX),
    };
    topics.iter().map(count).fold(0, i64::saturating_add)
}

fn refused(name: &str, error: &ApiError) -> CreatableTopicResult {
    CreatableTopicResult {
        name: name.to_string(),
        error_code: error.code.into(),
        error_message: error.message.clone(),
        ..Default::default()
    }
}

pub(super) fn quota_exceeded(_: QuotaExceeded) -> ApiError {
    ErrorCode::THROTTLING_QUOTA_EXCEEDED.into()
}

/// One CreateTopics request on its way.
struct Creation<'a> {
    controller: &'a Controller,
    layers: &'a ConfigLayers,
    random: Random,
    records: Vec<MetadataRecord>,
    throttle_time_ms: i32,
}

impl Creation<'_> {
    /// Creates what can be created.
    ///
    /// Errors: the request is too large as a whole.
    fn create_all(
        &mut self,
        topics: &[&CreatableTopic],
        context: &mut RequestContext<'_>,
    ) -> Result<Vec<CreatableTopicResult>, ApiError> {
        if total_partitions(topics, self.default_num_partitions()) > PARTITIONS_PER_REQUEST_MAX {
            let reason = "Excessively large number of partitions per request.";
            return Err(ApiError::new(ErrorCode::POLICY_VIOLATION, reason));
        }
        let mut results = Vec::with_capacity(topics.len());
        for topic in topics {
            let created = self.create(topic, context);
            results.push(created.unwrap_or_else(|error| refused(&topic.name, &error)));
            check_record_count(&self.records)?;
        }
        Ok(results)
    }

    fn create(
        &mut self,
        topic: &CreatableTopic,
        context: &mut RequestContext<'_>,
    ) -> Result<CreatableTopicResult, ApiError> {
        self.check_name(&topic.name)?;
        let (overrides, config_records) = self.configs(topic, context)?;
        let partitions =
            if topic.assignments.is_empty() { self.place(topic)? } else { self.assigned(topic)? };
        if let Err(exceeded) = context.quota.charge(partitions.len()) {
            self.throttle_time_ms = self.throttle_time_ms.max(exceeded.throttle_time_ms);
            return Err(quota_exceeded(exceeded));
        }
        let topic_id = TopicId(self.random.uuid());
        let record = TopicRecord { name: topic.name.clone(), topic_id: topic_id.0 };
        self.records.push(record.into());
        // Configs stand before the partitions, so that a broker opens their logs with them.
        self.records.extend(config_records);
        for (index, partition) in (0..).zip(&partitions) {
            self.records.push(partition_record(topic_id, index, partition).into());
        }
        Ok(self.created(
            topic,
            topic_id,
            &partitions,
            &overrides,
            context.access.may_describe_configs(&topic.name),
        ))
    }

    fn check_name(&self, name: &str) -> Result<(), ApiError> {
        let invalid = |reason: String| ApiError::new(ErrorCode::INVALID_TOPIC_EXCEPTION, reason);
        let existing = self.controller.latest.topics.by_name(name);
        // A name that exists is of course its own collision; Kafka says then that it exists.
        let already_exists =
            || ApiError::new(ErrorCode::TOPIC_ALREADY_EXISTS, format!("Topic '{name}' already exists."));
        topic_name::validate(name).map_err(invalid)?;
        if existing.is_some() {
            return Err(already_exists());
        }
        if topic_name::has_collision_chars(name) {
            let unified = topic_name::unify_collision_chars(name);
            let colliding = self.controller.colliding_names.get(&unified).and_then(BTreeSet::first);
            if let Some(other) = colliding {
                return Err(invalid(format!("Topic '{name}' collides with existing topic: {other}")));
            }
        }
        Ok(())
    }

    /// The topic's own configs, and their records.
    fn configs(
        &self,
        topic: &CreatableTopic,
        context: &RequestContext<'_>,
    ) -> Result<(ConfigMap, Vec<MetadataRecord>), ApiError> {
        let nulls: Vec<_> = topic
            .configs
            .iter()
            .filter(|config| config.value.is_none())
            .map(|config| &*config.name)
            .collect();
        if !nulls.is_empty() {
            let reason = format!("Null value not supported for topic configs: {}", nulls.join(","));
            return Err(ApiError::invalid_config(reason));
        }
        let values: BTreeMap<&str, &str> =
            topic.configs.iter().map(|c| (c.name.as_str(), c.value.as_deref().unwrap_or_default())).collect();
        let overrides = values.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value))).collect();
        let changes: Vec<_> = values
            .iter()
            .map(|(name, value)| ConfigChange {
                name: (*name).to_string(),
                operation: AlterOperation::Set,
                value: Some((*value).to_string()),
            })
            .collect();
        if changes.is_empty() {
            return Ok((overrides, Vec::new()));
        }
        let resource = ConfigResource::topic(&topic.name);
        let records =
            self.controller.alter_new_resource(&resource, &changes, context.is_forwarded, self.layers)?;
        Ok((overrides, records))
    }

    fn default_num_partitions(&self) -> i32 {
        self.default_int("num.partitions")
    }

    fn default_int(&self, key: &str) -> i32 {
        match broker_def(key).and_then(|def| self.layers.value(def)) {
            Some(ConfigValue::Int(value)) => value,
            _ => 1,
        }
    }

    fn assigned(&self, topic: &CreatableTopic) -> Result<Vec<PartitionRegistration>, ApiError> {
        let invalid = |reason: String| ApiError::new(ErrorCode::INVALID_REPLICA_ASSIGNMENT, reason);
        if topic.replication_factor != -1 {
            return Err(ApiError::invalid_request(
                "A manual partition assignment was specified, but replication factor was not set to -1.",
            ));
        }
        if topic.num_partitions != -1 {
            return Err(ApiError::invalid_request(
                "A manual partition assignment was specified, but numPartitions was not set to -1.",
            ));
        }
        let mut partitions = BTreeMap::new();
        let mut replication_factor = None;
        for assignment in &topic.assignments {
            let index = assignment.partition_index;
            if partitions.contains_key(&index) {
                return Err(invalid(format!(
                    "Found multiple manual partition assignments for partition {index}"
                )));
            }
            self.controller.check_manual_assignment(&assignment.broker_ids, replication_factor)?;
            replication_factor = Some(assignment.broker_ids.len());
            let replicas = assignment.broker_ids.iter().copied().map(BrokerId).collect();
            let partition = self.controller.new_partition(replicas).ok_or_else(|| {
                invalid(format!(
                    "All brokers specified in the manual partition assignment for partition {index} are fenced or in \
                     controlled shutdown."
                ))
            })?;
            partitions.insert(index, partition);
        }
        if !partitions.keys().copied().eq((0..).take(partitions.len())) {
            return Err(invalid("partitions should be a consecutive 0-based integer sequence".into()));
        }
        Ok(partitions.into_values().collect())
    }

    fn place(&mut self, topic: &CreatableTopic) -> Result<Vec<PartitionRegistration>, ApiError> {
        let invalid_factor = |reason: String| ApiError::new(ErrorCode::INVALID_REPLICATION_FACTOR, reason);
        if topic.replication_factor < -1 || topic.replication_factor == 0 {
            return Err(invalid_factor(
                "Replication factor must be larger than 0, or -1 to use the default value.".into(),
            ));
        }
        if topic.num_partitions < -1 || topic.num_partitions == 0 {
            return Err(ApiError::new(
                ErrorCode::INVALID_PARTITIONS,
                "Number of partitions was set to an invalid non-positive value.",
            ));
        }
        let count =
            if topic.num_partitions == -1 { self.default_num_partitions() } else { topic.num_partitions };
        let factor = match topic.replication_factor {
            -1 => i16::try_from(self.default_int("default.replication.factor")).unwrap_or(i16::MAX),
            factor => factor,
        };
        let unable = |reason: &str| {
            invalid_factor(format!("Unable to replicate the partition {factor} time(s): {reason}"))
        };
        let brokers = self.controller.usable_brokers();
        let count = usize::try_from(count).unwrap_or(0);
        let placed =
            placement::place(brokers, count, factor, &mut self.random).map_err(|reason| unable(&reason))?;
        let partitions = placed.into_iter().map(|replicas| self.controller.new_partition(replicas));
        let partitions: Option<Vec<_>> = partitions.collect();
        partitions.ok_or_else(|| unable("All brokers are currently fenced or in controlled shutdown."))
    }

    fn created(
        &self,
        topic: &CreatableTopic,
        topic_id: TopicId,
        partitions: &[PartitionRegistration],
        overrides: &ConfigMap,
        may_describe_configs: bool,
    ) -> CreatableTopicResult {
        let result =
            CreatableTopicResult { name: topic.name.clone(), topic_id: topic_id.0, ..Default::default() };
        if !may_describe_configs {
            let topic_config_error_code = ErrorCode::TOPIC_AUTHORIZATION_FAILED.into();
            return CreatableTopicResult { topic_config_error_code, ..result };
        }
        let configs = describe::topic(overrides, self.layers).into_iter().map(|entry| {
            let def = entry.def.map(|def| self.layers.topic_value(def, overrides));
            CreatableTopicConfigs {
                name: entry.name,
                value: entry.value,
                read_only: entry.read_only,
                // Unlike DescribeConfigs, this names the layer of the value even where a synonym in another unit sets it.
                config_source: def.map_or(entry.source, |resolved| resolved.source).id(),
                is_sensitive: entry.is_sensitive,
            }
        });
        let replicas = partitions.first().map_or(0, |partition| partition.replicas.len());
        CreatableTopicResult {
            num_partitions: i32::try_from(partitions.len()).unwrap_or(i32::MAX),
            replication_factor: i16::try_from(replicas).unwrap_or(i16::MAX),
            configs: Some(configs.collect()),
            ..result
        }
    }
}

/// One DeleteTopics request on its way.
struct Deletion<'a> {
    controller: &'a Controller,
    responses: Vec<DeletableTopicResult>,
    /// Topics to delete.
    ids: BTreeMap<TopicId, Arc<str>>,
}

impl Deletion<'_> {
    fn respond(&mut self, name: Option<&str>, id: Uuid, result: Result<(), ApiError>) {
        let (error_code, error_message) = match result {
            Ok(()) => (0, None),
            Err(error) => (error.code.into(), Some(error.text().to_string())),
        };
        let name = name.map(ToString::to_string);
        self.responses.push(DeletableTopicResult { name, topic_id: id, error_code, error_message });
    }

    fn refuse_all(&mut self, request: &DeleteTopicsRequest, api_version: i16) {
        let error = if api_version < 3 {
            ApiError::invalid_request("This version does not support topic deletion.")
        } else {
            ErrorCode::TOPIC_DELETION_DISABLED.into()
        };
        for name in &request.topic_names {
            self.respond(Some(name), Uuid::ZERO, Err(error.clone()));
        }
        for topic in &request.topics {
            self.respond(topic.name.as_deref(), topic.topic_id, Err(error.clone()));
        }
    }

    /// Finds the topics that may be deleted, and answers for the others.
    fn resolve(&mut self, request: &DeleteTopicsRequest, context: &RequestContext<'_>) {
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        let mut ids: BTreeMap<Uuid, usize> = BTreeMap::new();
        for name in &request.topic_names {
            *names.entry(name).or_default() += 1;
        }
        for topic in &request.topics {
            match (&topic.name, topic.topic_id) {
                (None, Uuid::ZERO) => {
                    let error = ApiError::invalid_request("Neither topic name nor id were specified.");
                    self.respond(None, Uuid::ZERO, Err(error));
                }
                (None, id) => *ids.entry(id).or_default() += 1,
                (Some(name), Uuid::ZERO) => *names.entry(name).or_default() += 1,
                (Some(name), id) => {
                    let error =
                        ApiError::invalid_request("You may not specify both topic name and topic id.");
                    self.respond(Some(name), id, Err(error));
                }
            }
        }
        for (id, count) in &ids {
            self.resolve_id(*id, *count, context);
        }
        for (name, count) in &names {
            self.resolve_name(name, *count, &ids, context);
        }
    }

    fn resolve_id(&mut self, id: Uuid, count: usize, context: &RequestContext<'_>) {
        if count > 1 {
            return self.respond(None, id, Err(ApiError::invalid_request("Duplicate topic id.")));
        }
        let Some(topic) = self.controller.latest.topics.by_id(TopicId(id)).cloned() else {
            return self.respond(None, id, Err(ErrorCode::UNKNOWN_TOPIC_ID.into()));
        };
        if context.access.may_delete(&topic.name) {
            self.ids.insert(topic.id, Arc::clone(&topic.name));
        } else {
            let shown = context.access.may_describe(&topic.name).then_some(&*topic.name);
            self.respond(shown, id, Err(ErrorCode::TOPIC_AUTHORIZATION_FAILED.into()));
        }
    }

    fn resolve_name(
        &mut self,
        name: &str,
        count: usize,
        ids: &BTreeMap<Uuid, usize>,
        context: &RequestContext<'_>,
    ) {
        let refuse = |error: ApiError| Err(error);
        if count > 1 {
            let error = ApiError::invalid_request("Duplicate topic name.");
            return self.respond(Some(name), Uuid::ZERO, refuse(error));
        }
        let denied = || refuse(ErrorCode::TOPIC_AUTHORIZATION_FAILED.into());
        if !context.access.may_describe(name) {
            return self.respond(Some(name), Uuid::ZERO, denied());
        }
        let Some(topic) = self.controller.latest.topics.by_name(name).cloned() else {
            return self.respond(
                Some(name),
                Uuid::ZERO,
                refuse(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.into()),
            );
        };
        if !context.access.may_delete(name) {
            return self.respond(Some(name), Uuid::ZERO, denied());
        }
        if ids.contains_key(&topic.id.0) {
            self.ids.remove(&topic.id);
            let error =
                ApiError::invalid_request("The provided topic name maps to an ID that was already supplied.");
            return self.respond(Some(name), topic.id.0, refuse(error));
        }
        self.ids.insert(topic.id, Arc::clone(&topic.name));
    }

    fn delete(&mut self, context: &mut RequestContext<'_>) -> Vec<MetadataRecord> {
        let mut records = Vec::new();
        for (id, name) in std::mem::take(&mut self.ids) {
            let partitions =
                self.controller.latest.topics.by_id(id).map_or(0, |topic| topic.partitions.len());
            let result = context.quota.charge(partitions).map_err(quota_exceeded);
            if result.is_ok() {
                records.push(RemoveTopicRecord { topic_id: id.0 }.into());
            }
            self.respond(Some(&name), id.0, result);
        }
        records
    }
}
