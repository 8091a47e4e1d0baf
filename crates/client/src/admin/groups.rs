//! Consumer groups: listing, describing, their committed offsets, deleting.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::Message;
use ottla_protocol::messages::consumer_group_describe_request::ConsumerGroupDescribeRequest;
use ottla_protocol::messages::consumer_group_describe_response;
use ottla_protocol::messages::consumer_protocol_assignment::ConsumerProtocolAssignment;
use ottla_protocol::messages::delete_groups_request::DeleteGroupsRequest;
use ottla_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use ottla_protocol::messages::describe_groups_response;
use ottla_protocol::messages::list_groups_request::ListGroupsRequest;
use ottla_protocol::messages::offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup};
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};
use ottla_protocol::wire::Reader;

use super::{Admin, EachResult};
use crate::client::AutoCreate;
use crate::error::{ApiError, Error};
use crate::partition::TopicPartition;

/// A group in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupListing {
    /// Group id.
    pub id: String,
    /// `consumer`, `connect`, ... ; empty for a group that only holds offsets.
    pub protocol_type: String,
    /// `Stable`, `Empty`, ...; empty from brokers older than Kafka 2.6.
    pub state: String,
    /// `classic`, `consumer`, `share`, `streams`; empty from brokers older than Kafka 3.8.
    pub group_type: String,
}

/// A group with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    /// Group id.
    pub id: String,
    /// `Stable`, `Empty`, `PreparingRebalance`, ...
    pub state: String,
    /// `consumer` for consumer groups.
    pub protocol_type: String,
    /// The assignor in use.
    pub assignor: String,
    /// The broker that coordinates it.
    pub coordinator: BrokerId,
    /// The members.
    pub members: Vec<GroupMember>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// Member id, given by the coordinator or the member.
    pub id: String,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<String>,
    /// The member's `client.id`.
    pub client_id: String,
    /// Where it connected from.
    pub host: String,
    /// Its partitions.
    pub assignment: Vec<TopicPartition>,
}

/// Where a group stands in a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next offset to read.
    pub offset: Offset,
    /// Leader epoch of the record before it, if it was committed with one.
    pub leader_epoch: LeaderEpoch,
    /// What the committer noted.
    pub metadata: Option<String>,
}

/// Whether offsets of open transactions are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stability {
    Any,
    Stable,
}

impl Admin {
    /// The groups of all brokers, by id.
    pub async fn list_groups(&self) -> Result<Vec<GroupListing>, Error> {
        let cluster = self.client.refresh(&[], AutoCreate::Forbidden).await?;
        let mut groups = Vec::new();
        for &broker in cluster.brokers.keys() {
            let response = self
                .client
                .retry("list groups", || async {
                    let response = self.client.send_to(broker, &ListGroupsRequest::default()).await?;
                    let what = || format!("list the groups of broker {broker}");
                    ApiError::check(response.error_code, None).map_err(|error| Error::api(what(), error))?;
                    Ok(response)
                })
                .await?;
            groups.extend(response.groups.into_iter().map(|group| GroupListing {
                id: group.group_id,
                protocol_type: group.protocol_type,
                state: group.group_state,
                group_type: group.group_type,
            }));
        }
        groups.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(groups)
    }

    /// A classic or consumer group with its members.
    ///
    /// Errors: [`Error::Api`] with `GROUP_ID_NOT_FOUND` if there is none.
    pub async fn describe_group(&self, group: &str) -> Result<GroupDescription, Error> {
        self.client
            .retry(&format!("describe group `{group}`"), || async {
                let coordinator = self.client.group_coordinator(group).await?;
                let connection = self.client.connection(coordinator).await?;
                // The newer kind of group first: the older API does not see it.
                if connection.versions().pick::<ConsumerGroupDescribeRequest>().is_ok() {
                    match self.describe_consumer_group(group, coordinator).await {
                        Err(error) if error.code() == Some(ErrorCode::GROUP_ID_NOT_FOUND) => {}
                        result => return result,
                    }
                }
                self.describe_classic_group(group, coordinator).await
            })
            .await
    }

    async fn describe_consumer_group(
        &self,
        group: &str,
        coordinator: BrokerId,
    ) -> Result<GroupDescription, Error> {
        let request =
            ConsumerGroupDescribeRequest { group_ids: vec![group.to_owned()], ..Default::default() };
        let response = self.client.send_to(coordinator, &request).await?;
        let described = response.groups.into_iter().next().ok_or(Error::MissingResult)?;
        let what = || format!("describe group `{group}`");
        ApiError::check(described.error_code, described.error_message)
            .map_err(|error| Error::api(what(), error))?;
        Ok(GroupDescription {
            id: described.group_id,
            state: described.group_state,
            protocol_type: "consumer".to_owned(),
            assignor: described.assignor_name,
            coordinator,
            members: described.members.into_iter().map(consumer_member).collect(),
        })
    }

    async fn describe_classic_group(
        &self,
        group: &str,
        coordinator: BrokerId,
    ) -> Result<GroupDescription, Error> {
        let request = DescribeGroupsRequest { groups: vec![group.to_owned()], ..Default::default() };
        let response = self.client.send_to(coordinator, &request).await?;
        let described = response.groups.into_iter().next().ok_or(Error::MissingResult)?;
        // Before version 6 a missing group is one in state Dead.
        let code = if described.group_state == "Dead" && described.error_code == 0 {
            ErrorCode::GROUP_ID_NOT_FOUND.into()
        } else {
            described.error_code
        };
        let what = || format!("describe group `{group}`");
        ApiError::check(code, described.error_message).map_err(|error| Error::api(what(), error))?;
        Ok(GroupDescription {
            id: described.group_id,
            state: described.group_state,
            protocol_type: described.protocol_type,
            assignor: described.protocol_data,
            coordinator,
            members: described.members.into_iter().map(classic_member).collect(),
        })
    }

    /// The offsets that a group has committed.
    pub async fn list_group_offsets(
        &self,
        group: &str,
    ) -> Result<BTreeMap<TopicPartition, CommittedOffset>, Error> {
        self.group_offsets(group, Stability::Any).await
    }

    /// The same, when no open transaction may change them any more.
    pub(crate) async fn list_stable_group_offsets(
        &self,
        group: &str,
    ) -> Result<BTreeMap<TopicPartition, CommittedOffset>, Error> {
        self.group_offsets(group, Stability::Stable).await
    }

    async fn group_offsets(
        &self,
        group: &str,
        stability: Stability,
    ) -> Result<BTreeMap<TopicPartition, CommittedOffset>, Error> {
        let request = OffsetFetchRequest {
            // Version 8 and later read the list, older ones the single group; null topics are all.
            group_id: group.to_owned(),
            topics: None,
            groups: vec![OffsetFetchRequestGroup {
                group_id: group.to_owned(),
                topics: None,
                ..Default::default()
            }],
            // Brokers older than version 7 have no such wish.
            require_stable: stability == Stability::Stable,
        };
        let what = || format!("list the offsets of group `{group}`");
        self.client
            .retry(&what(), || async {
                let coordinator = self.client.group_coordinator(group).await?;
                let connection = self.client.connection(coordinator).await?;
                // Version 10 names topics by id alone.
                let version = connection.versions().pick_within::<OffsetFetchRequest>(2, 9)?;
                let timeout = connection.options().request_timeout;
                let response = connection.enqueue(&request, version, timeout).await?.response().await?;
                committed_offsets(response).map_err(|error| Error::api(what(), error))
            })
            .await
    }

    /// Deletes groups, which must have no members, with their offsets.
    pub async fn delete_groups(&self, groups: &[&str]) -> Result<EachResult<String, ()>, Error> {
        let mut results = Vec::with_capacity(groups.len());
        for &group in groups {
            let what = || format!("delete group `{group}`");
            let result = self
                .client
                .retry(&what(), || async {
                    let coordinator = self.client.group_coordinator(group).await?;
                    let request = DeleteGroupsRequest { groups_names: vec![group.to_owned()] };
                    let response = self.client.send_to(coordinator, &request).await?;
                    let deleted = response.results.into_iter().next().ok_or(Error::MissingResult)?;
                    ApiError::check(deleted.error_code, None).map_err(|error| Error::api(what(), error))
                })
                .await;
            results.push((group.to_owned(), result));
        }
        Ok(results)
    }
}

fn committed_offsets(
    response: ottla_protocol::messages::offset_fetch_response::OffsetFetchResponse,
) -> Result<BTreeMap<TopicPartition, CommittedOffset>, ApiError> {
    ApiError::check(response.error_code, None)?;
    let mut offsets = BTreeMap::new();
    let mut add = |topic: &str, partition: i32, error_code: i16, committed: CommittedOffset| {
        ApiError::check(error_code, None)?;
        if committed.offset >= Offset::ZERO {
            offsets.insert(TopicPartition::new(topic, partition), committed);
        }
        Ok(())
    };
    for topic in response.topics {
        for partition in topic.partitions {
            let committed = CommittedOffset {
                offset: Offset(partition.committed_offset),
                leader_epoch: LeaderEpoch(partition.committed_leader_epoch),
                metadata: partition.metadata,
            };
            add(&topic.name, partition.partition_index, partition.error_code, committed)?;
        }
    }
    for group in response.groups {
        ApiError::check(group.error_code, None)?;
        for topic in group.topics {
            for partition in topic.partitions {
                let committed = CommittedOffset {
                    offset: Offset(partition.committed_offset),
                    leader_epoch: LeaderEpoch(partition.committed_leader_epoch),
                    metadata: partition.metadata,
                };
                add(&topic.name, partition.partition_index, partition.error_code, committed)?;
            }
        }
    }
    Ok(offsets)
}

fn consumer_member(member: consumer_group_describe_response::Member) -> GroupMember {
    let partitions = member.assignment.topic_partitions.iter().flat_map(|topic| {
        topic.partitions.iter().map(|&partition| TopicPartition::new(topic.topic_name.as_str(), partition))
    });
    GroupMember {
        assignment: partitions.collect(),
        id: member.member_id,
        instance_id: member.instance_id,
        client_id: member.client_id,
        host: member.client_host,
    }
}

fn classic_member(member: describe_groups_response::DescribedGroupMember) -> GroupMember {
    GroupMember {
        // Members of other protocol types than `consumer` have assignments of their own form: they show as none.
        assignment: decode_assignment(&member.member_assignment).unwrap_or_default(),
        id: member.member_id,
        instance_id: member.group_instance_id,
        client_id: member.client_id,
        host: member.client_host,
    }
}

/// The partitions in a member's assignment of the consumer protocol: a version, then the assignment in it. Newer versions
/// only add fields at the end.
pub(crate) fn decode_assignment(bytes: &Bytes) -> Option<Vec<TopicPartition>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut reader = Reader::new(bytes);
    let version = reader.i16().ok()?.min(*ConsumerProtocolAssignment::VERSIONS.end());
    let assignment = ConsumerProtocolAssignment::decode(&mut reader, version).ok()?;
    let partitions = assignment.assigned_partitions.iter().flat_map(|topic| {
        topic.partitions.iter().map(|&partition| TopicPartition::new(topic.topic.as_str(), partition))
    });
    Some(partitions.collect())
}
