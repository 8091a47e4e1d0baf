//! CreatePartitions. Source: Kafka `ReplicationControlManager.createPartitions`, `ControllerApis.createPartitions`.

use std::collections::BTreeMap;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic};
use ottla_protocol::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::types::BrokerId;

use super::placement;
use super::topics::quota_exceeded;
use super::{Controller, Outcome, RequestContext};
use crate::api_error::ApiError;
use crate::image::TopicImage;
use crate::random::Random;
use crate::snapshot::partition_record;

impl Controller {
    /// Decides a CreatePartitions request. Topics that are refused do not keep the others from growing; the records of
    /// all are one batch.
    pub fn create_partitions(
        &self,
        request: &CreatePartitionsRequest,
        context: &mut RequestContext<'_>,
    ) -> Outcome<CreatePartitionsResponse> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for topic in &request.topics {
            *counts.entry(&topic.name).or_default() += 1;
        }
        let mut random = Random::new(context.seed);
        let (mut records, mut results) = (Vec::new(), Vec::new());
        let mut respond = |name: &str, result: Result<(), ApiError>| {
            let error = result.err();
            let error_code = error.as_ref().map_or(0, |error| error.code.0);
            let error_message = error.and_then(|error| error.message);
            results.push(CreatePartitionsTopicResult { name: name.to_string(), error_code, error_message });
        };
        for (name, _) in counts.iter().filter(|(_, count)| **count > 1) {
            respond(name, Err(ApiError::invalid_request("Duplicate topic name.")));
        }
        for topic in request.topics.iter().filter(|topic| counts[topic.name.as_str()] == 1) {
            let result = if context.access.may_alter(&topic.name) {
                self.add_partitions(topic, context, &mut random)
            } else {
                Err(ErrorCode::TOPIC_AUTHORIZATION_FAILED.into())
            };
            let result = result.map(|added| records.extend(added));
            respond(&topic.name, result);
        }
        if request.validate_only {
            records.clear();
        }
        Outcome::atomic(records, CreatePartitionsResponse { throttle_time_ms: 0, results })
    }

    fn add_partitions(
        &self,
        request: &CreatePartitionsTopic,
        context: &mut RequestContext<'_>,
        random: &mut Random,
    ) -> Result<Vec<MetadataRecord>, ApiError> {
        let topic = self.latest.topics.by_name(&request.name);
        let topic = topic.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let first = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        let additional = additional_count(request, first)?;
        context.quota.charge(additional).map_err(quota_exceeded)?;
        let replica_lists = match &request.assignments {
            Some(assignments) => {
                let lists: Vec<&[i32]> = assignments.iter().map(|a| a.broker_ids.as_slice()).collect();
                self.check_added_assignments(topic, &lists, additional)?;
                lists.into_iter().map(|list| list.iter().copied().map(BrokerId).collect()).collect()
            }
            None => placement::place(self.usable_brokers(), additional, replication_factor(topic)?, random)
                .map_err(|reason| ApiError::new(ErrorCode::INVALID_REPLICATION_FACTOR, reason))?,
        };
        let is_manual = request.assignments.is_some();
        let mut records = Vec::with_capacity(additional);
        for (index, replicas) in (first..).zip(replica_lists) {
            let factor = replicas.len();
            let partition =
                self.new_partition(replicas).ok_or_else(|| no_active_replica(is_manual, index, factor))?;
            records.push(partition_record(topic.id, index, &partition).into());
        }
        Ok(records)
    }

    fn check_added_assignments(
        &self,
        topic: &TopicImage,
        lists: &[&[i32]],
        additional: usize,
    ) -> Result<(), ApiError> {
        if lists.len() != additional {
            return Err(ApiError::new(
                ErrorCode::INVALID_REPLICA_ASSIGNMENT,
                format!(
                    "Attempted to add {additional} additional partition(s), but only {} assignment(s) were specified.",
                    lists.len()
                ),
            ));
        }
        let factor = usize::try_from(replication_factor(topic)?).unwrap_or(0);
        lists.iter().try_for_each(|list| self.check_manual_assignment(list, Some(factor)))
    }
}

fn additional_count(request: &CreatePartitionsTopic, present: i32) -> Result<usize, ApiError> {
    let invalid = |reason: String| Err(ApiError::new(ErrorCode::INVALID_PARTITIONS, reason));
    let (name, count) = (&request.name, request.count);
    if count == present {
        return invalid(format!("Topic already has {present} partition(s)."));
    }
    if count < present {
        return invalid(format!(
            "The topic {name} currently has {present} partition(s); {count} would not be an increase."
        ));
    }
    let additional = usize::try_from(count - present).unwrap_or(0);
    // The batch of one request is bounded.
    if additional > super::RECORDS_PER_REQUEST_MAX {
        let reason = "Excessively large number of partitions per request.";
        return Err(ApiError::new(ErrorCode::POLICY_VIOLATION, reason));
    }
    Ok(additional)
}

/// The replication factor of the topic's first partition.
fn replication_factor(topic: &TopicImage) -> Result<i16, ApiError> {
    let first = topic.partitions.values().next().ok_or_else(|| {
        let reason = format!("Invalid state: topic {} appears to have no partitions.", topic.name);
        ApiError::new(ErrorCode::UNKNOWN_SERVER_ERROR, reason)
    })?;
    Ok(i16::try_from(first.replicas.len()).unwrap_or(i16::MAX))
}

fn no_active_replica(is_manual: bool, index: i32, factor: usize) -> ApiError {
    if is_manual {
        return ApiError::new(
            ErrorCode::INVALID_REPLICA_ASSIGNMENT,
            format!(
                "All brokers specified in the manual partition assignment for partition {index} are fenced or in \
                 controlled shutdown."
            ),
        );
    }
    ApiError::new(
        ErrorCode::INVALID_REPLICATION_FACTOR,
        format!(
            "Unable to replicate the partition {factor} time(s): All brokers are currently fenced or in controlled \
             shutdown."
        ),
    )
}
