//! The cluster itself: its brokers and their disks.

use ottla_protocol::messages::describe_cluster_request::DescribeClusterRequest;
use ottla_protocol::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use ottla_protocol::messages::describe_log_dirs_response::DescribeLogDirsResult;
use ottla_protocol::types::BrokerId;

use super::Admin;
use crate::error::{ApiError, Error};
use crate::partition::TopicPartition;

/// The brokers of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterDescription {
    /// The cluster's id.
    pub cluster_id: String,
    /// A broker that takes requests for the controller.
    pub controller: Option<BrokerId>,
    /// The brokers, by ascending id.
    pub brokers: Vec<BrokerDescription>,
}

/// One broker of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerDescription {
    /// `node.id`.
    pub id: BrokerId,
    /// Host on which it listens.
    pub host: String,
    /// Port on which it listens.
    pub port: i32,
    /// `broker.rack`, if set.
    pub rack: Option<String>,
    /// Whether the controller keeps it from serving.
    pub is_fenced: bool,
}

/// One log directory of a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDir {
    /// Path on the broker's machine.
    pub path: String,
    /// Why the directory is not usable, if so.
    pub error: Option<ApiError>,
    /// Size of its file system in bytes, if the broker told.
    pub total_bytes: Option<i64>,
    /// Free bytes of its file system, if the broker told.
    pub usable_bytes: Option<i64>,
    /// The logs in it.
    pub replicas: Vec<LogDirReplica>,
}

/// One log in a log directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDirReplica {
    /// Which partition.
    pub partition: TopicPartition,
    /// Size of its segments in bytes.
    pub size_bytes: i64,
    /// Offsets by which it lags behind the high watermark, or behind the log that it is to replace.
    pub offset_lag: i64,
    /// Whether it is being copied here from another directory.
    pub is_future: bool,
}

impl Admin {
    /// The cluster's id and brokers, fenced ones included where the broker can tell.
    pub async fn describe_cluster(&self) -> Result<ClusterDescription, Error> {
        let request = DescribeClusterRequest { include_fenced_brokers: true, ..Default::default() };
        let response = self.client.send_to_any(&request).await?;
        ApiError::check(response.error_code, response.error_message)
            .map_err(|error| Error::api("describe the cluster", error))?;
        let mut brokers: Vec<BrokerDescription> = response
            .brokers
            .into_iter()
            .map(|broker| BrokerDescription {
                id: BrokerId(broker.broker_id),
                host: broker.host,
                port: broker.port,
                rack: broker.rack,
                is_fenced: broker.is_fenced,
            })
            .collect();
        brokers.sort_by_key(|broker| broker.id);
        Ok(ClusterDescription {
            cluster_id: response.cluster_id,
            controller: Some(BrokerId(response.controller_id)).filter(|&id| id != BrokerId::NONE),
            brokers,
        })
    }

    /// The log directories of one broker with every log in them.
    pub async fn describe_log_dirs(&self, broker: BrokerId) -> Result<Vec<LogDir>, Error> {
        let request = DescribeLogDirsRequest { topics: None };
        let response = self.client.send_to(broker, &request).await?;
        ApiError::check(response.error_code, None)
            .map_err(|error| Error::api(format!("describe the log directories of broker {broker}"), error))?;
        Ok(response.results.into_iter().map(log_dir).collect())
    }
}

fn log_dir(result: DescribeLogDirsResult) -> LogDir {
    let replicas = result.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|partition| LogDirReplica {
            partition: TopicPartition::new(topic.name.as_str(), partition.partition_index),
            size_bytes: partition.partition_size,
            offset_lag: partition.offset_lag,
            is_future: partition.is_future_key,
        })
    });
    LogDir {
        replicas: replicas.collect(),
        path: result.log_dir,
        error: ApiError::check(result.error_code, None).err(),
        total_bytes: Some(result.total_bytes).filter(|&bytes| bytes >= 0),
        usable_bytes: Some(result.usable_bytes).filter(|&bytes| bytes >= 0),
    }
}
