//! DescribeQuorum: what the leader knows of every replica. Source: KIP-595, KIP-836, KIP-853; Kafka
//! `handleDescribeQuorumRequest`, `RaftUtil.singletonDescribeQuorumResponse`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_quorum_request::DescribeQuorumRequest;
use ottla_protocol::messages::describe_quorum_response::{
    DescribeQuorumResponse, Listener, Node, PartitionData, ReplicaState, TopicData,
};
use ottla_protocol::time::Now;

use super::Quorum;
use super::leader::Progress;
use super::role::State;
use super::rpc::{METADATA_PARTITION, METADATA_TOPIC, singleton};
use super::voters::Voter;

impl Quorum {
    /// The response to DescribeQuorum. Times are of the wall clock; -1 means never.
    #[must_use]
    pub fn describe(&self, request: &DescribeQuorumRequest, now: Now) -> DescribeQuorumResponse {
        if singleton!(request.topics, topic_name, partition_index).is_none() {
            return unknown_partitions(request);
        }
        let State::Leader(leader) = &self.state else {
            let error = ErrorCode::NOT_LEADER_OR_FOLLOWER;
            return with_partition(PartitionData {
                partition_index: METADATA_PARTITION,
                error_code: error.into(),
                error_message: Some(error.message().to_string()),
                ..Default::default()
            });
        };
        let replica = |progress: &Progress| self.replica_state(progress, now);
        let described = with_partition(PartitionData {
            partition_index: METADATA_PARTITION,
            leader_id: self.config.local.key.id.0,
            leader_epoch: self.election.epoch.0,
            high_watermark: leader.high_watermark().map_or(-1, |offset| offset.0),
            current_voters: leader.voters().map(replica).collect(),
            observers: leader.observers(now).map(replica).collect(),
            ..Default::default()
        });
        let nodes = self.membership.voters().voters().map(node).collect();
        DescribeQuorumResponse { nodes, ..described }
    }

    /// The leader's own log is of now.
    fn replica_state(&self, progress: &Progress, now: Now) -> ReplicaState {
        let is_local = progress.key.id == self.config.local.key.id;
        let end_offset = if is_local { Some(self.log.end_offset()) } else { progress.end_offset };
        let last_fetch = if is_local { Some(now.wall) } else { progress.last_fetch.map(|at| at.wall) };
        let last_caught_up = if is_local { Some(now.wall) } else { progress.last_caught_up };
        ReplicaState {
            replica_id: progress.key.id.0,
            replica_directory_id: progress.key.directory_to_wire(),
            log_end_offset: end_offset.map_or(-1, |offset| offset.0),
            last_fetch_timestamp: last_fetch.map_or(-1, |at| at.0),
            last_caught_up_timestamp: last_caught_up.map_or(-1, |at| at.0),
        }
    }
}

fn with_partition(partition: PartitionData) -> DescribeQuorumResponse {
    let topics = vec![TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }];
    DescribeQuorumResponse { topics, ..Default::default() }
}

fn node(voter: &Voter) -> Node {
    let listeners = voter.endpoints.iter().map(|at| Listener {
        name: at.listener.clone(),
        host: at.host.clone(),
        port: at.port,
    });
    Node { node_id: voter.key.id.0, listeners: listeners.collect() }
}

fn unknown_partitions(request: &DescribeQuorumRequest) -> DescribeQuorumResponse {
    let error = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let topics = request.topics.iter().map(|topic| TopicData {
        topic_name: topic.topic_name.clone(),
        partitions: topic
            .partitions
            .iter()
            .map(|partition| PartitionData {
                partition_index: partition.partition_index,
                error_code: error.into(),
                error_message: Some(error.message().to_string()),
                ..Default::default()
            })
            .collect(),
    });
    DescribeQuorumResponse { topics: topics.collect(), ..Default::default() }
}
