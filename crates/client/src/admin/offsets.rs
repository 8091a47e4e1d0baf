//! Offsets of partitions, and deleting the records before one.

use ottla_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use ottla_protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};

use super::by_leader::{Answers, ask_leaders, by_topic};
use super::{Admin, EachResult};
use crate::error::{ApiError, Error};
use crate::partition::TopicPartition;

/// Which offset of a partition is asked for. Source: Kafka `ListOffsetsRequest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The first offset that is still there (log start).
    Earliest,
    /// The offset after the last record that a consumer of the isolation level may read.
    Latest,
    /// The record with the largest timestamp.
    MaxTimestamp,
    /// The first record whose timestamp is this or later.
    AtTimestamp(Timestamp),
    /// The first offset on the broker's own disk.
    EarliestLocal,
    /// The last offset in tiered storage.
    LatestTiered,
}

impl OffsetSpec {
    fn wire_timestamp(self) -> i64 {
        match self {
            Self::Latest => -1,
            Self::Earliest => -2,
            Self::MaxTimestamp => -3,
            Self::EarliestLocal => -4,
            Self::LatestTiered => -5,
            Self::AtTimestamp(timestamp) => timestamp.0,
        }
    }

    /// Version of ListOffsets that first knows it.
    fn version_min(self) -> i16 {
        match self {
            Self::Latest | Self::Earliest | Self::AtTimestamp(_) => 1,
            Self::MaxTimestamp => 7,
            Self::EarliestLocal => 8,
            Self::LatestTiered => 9,
        }
    }
}

/// Which records a consumer sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IsolationLevel {
    /// All of them, also those of transactions that are open or were aborted.
    #[default]
    ReadUncommitted,
    /// Only those outside of transactions and of committed ones.
    ReadCommitted,
}

impl IsolationLevel {
    pub(crate) fn wire(self) -> i8 {
        match self {
            Self::ReadUncommitted => 0,
            Self::ReadCommitted => 1,
        }
    }
}

/// An offset that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedOffset {
    /// The offset, or `None` if no record matches.
    pub offset: Option<Offset>,
    /// Timestamp of the record there, if the question was about one.
    pub timestamp: Option<Timestamp>,
    /// Leader epoch of the record there, if the broker told.
    pub leader_epoch: LeaderEpoch,
}

impl Admin {
    /// The offset of one partition that `spec` names.
    pub async fn list_offset(
        &self,
        partition: &TopicPartition,
        spec: OffsetSpec,
        isolation_level: IsolationLevel,
    ) -> Result<ListedOffset, Error> {
        super::topics::only(self.list_offsets(&[(partition.clone(), spec)], isolation_level).await)
    }

    /// An offset of each partition, asked from their leaders.
    pub async fn list_offsets(
        &self,
        partitions: &[(TopicPartition, OffsetSpec)],
        isolation_level: IsolationLevel,
    ) -> EachResult<TopicPartition, ListedOffset> {
        ask_leaders(&self.client, "list offsets", partitions, |leader, group| {
            self.list_offsets_at(leader, group, isolation_level)
        })
        .await
    }

    async fn list_offsets_at(
        &self,
        leader: BrokerId,
        group: Vec<(TopicPartition, OffsetSpec)>,
        isolation_level: IsolationLevel,
    ) -> Result<Answers<ListedOffset>, Error> {
        let partition = |(partition_index, spec): (i32, &OffsetSpec)| ListOffsetsPartition {
            partition_index,
            timestamp: spec.wire_timestamp(),
            ..Default::default()
        };
        let topic = |(name, partitions): (&str, Vec<(i32, &OffsetSpec)>)| ListOffsetsTopic {
            name: name.to_owned(),
            partitions: partitions.into_iter().map(partition).collect(),
        };
        let request = ListOffsetsRequest {
            replica_id: -1,
            isolation_level: isolation_level.wire(),
            topics: by_topic(&group).into_iter().map(topic).collect(),
            timeout_ms: self.timeout_ms(),
        };
        let version_min = group.iter().map(|(_, spec)| spec.version_min()).max().unwrap_or(1);
        let connection = self.client.connection(leader).await?;
        let version = connection.versions().pick_within::<ListOffsetsRequest>(version_min, i16::MAX)?;
        let timeout = connection.options().request_timeout;
        let response = connection.enqueue(&request, version, timeout).await?.response().await?;
        let mut answers = Answers::new();
        for topic in response.topics {
            for partition in topic.partitions {
                let listed = ListedOffset {
                    offset: Some(Offset(partition.offset)).filter(|&offset| offset != Offset::UNKNOWN),
                    timestamp: Some(Timestamp(partition.timestamp))
                        .filter(|&timestamp| timestamp != Timestamp::NONE),
                    leader_epoch: LeaderEpoch(partition.leader_epoch),
                };
                let answer = ApiError::check(partition.error_code, None).map(|()| listed);
                answers.insert(TopicPartition::new(topic.name.as_str(), partition.partition_index), answer);
            }
        }
        Ok(answers)
    }

    /// Deletes the records before an offset of each partition; `None` deletes all up to the high watermark. Returns the new
    /// log start offset of each.
    pub async fn delete_records(
        &self,
        partitions: &[(TopicPartition, Option<Offset>)],
    ) -> EachResult<TopicPartition, Offset> {
        ask_leaders(&self.client, "delete records", partitions, |leader, group| {
            self.delete_records_at(leader, group)
        })
        .await
    }

    async fn delete_records_at(
        &self,
        leader: BrokerId,
        group: Vec<(TopicPartition, Option<Offset>)>,
    ) -> Result<Answers<Offset>, Error> {
        let partition = |(partition_index, before): (i32, &Option<Offset>)| DeleteRecordsPartition {
            partition_index,
            // -1 is the high watermark.
            offset: before.unwrap_or(Offset::UNKNOWN).0,
        };
        let topic = |(name, partitions): (&str, Vec<(i32, &Option<Offset>)>)| DeleteRecordsTopic {
            name: name.to_owned(),
            partitions: partitions.into_iter().map(partition).collect(),
        };
        let request = DeleteRecordsRequest {
            topics: by_topic(&group).into_iter().map(topic).collect(),
            timeout_ms: self.timeout_ms(),
        };
        let response = self.client.send_to(leader, &request).await?;
        let mut answers = Answers::new();
        for topic in response.topics {
            for partition in topic.partitions {
                let answer =
                    ApiError::check(partition.error_code, None).map(|()| Offset(partition.low_watermark));
                answers.insert(TopicPartition::new(topic.name.as_str(), partition.partition_index), answer);
            }
        }
        Ok(answers)
    }
}
