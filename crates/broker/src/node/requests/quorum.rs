//! DescribeQuorum. Source: Kafka `KafkaRaftClient.handleDescribeQuorumRequest`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_quorum_request::DescribeQuorumRequest;
use ottla_protocol::messages::describe_quorum_response::{
    DescribeQuorumResponse, Listener, Node as QuorumNode, PartitionData, ReplicaState, TopicData,
};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Uuid;
use ottla_replication::quorum::Voter;

use super::super::Node;
use crate::effect::NodeRequest;
use crate::quorum_host::QuorumHost;

const METADATA_TOPIC: &str = "__cluster_metadata";

impl Node {
    pub(super) fn describe_quorum(&mut self, request: &NodeRequest) {
        let now = self.now.wall;
        let Some(control) = &self.control else { return };
        let described = describe(&control.quorum, now);
        self.read(request, |body: &DescribeQuorumRequest| match is_about_metadata(body) {
            true => described,
            false => unknown_partitions(body),
        });
    }
}

fn is_about_metadata(request: &DescribeQuorumRequest) -> bool {
    let [topic] = request.topics.as_slice() else { return false };
    let [partition] = topic.partitions.as_slice() else { return false };
    topic.topic_name == METADATA_TOPIC && partition.partition_index == 0
}

fn unknown_partitions(request: &DescribeQuorumRequest) -> DescribeQuorumResponse {
    let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let topics = request.topics.iter().map(|topic| TopicData {
        topic_name: topic.topic_name.clone(),
        partitions: topic
            .partitions
            .iter()
            .map(|partition| PartitionData {
                partition_index: partition.partition_index,
                error_code: code.into(),
                error_message: Some(code.message().to_string()),
                ..Default::default()
            })
            .collect(),
    });
    DescribeQuorumResponse { topics: topics.collect(), ..Default::default() }
}

/// The quorum as its leader sees it: the leader's own fetch is always of now.
fn describe(host: &QuorumHost, now: Timestamp) -> DescribeQuorumResponse {
    let quorum = host.quorum();
    let log_end_offset = host.next_offset().0;
    let replica = |voter: &Voter| ReplicaState {
        replica_id: voter.key.id.0,
        replica_directory_id: voter.key.directory_id.map_or(Uuid::ZERO, |directory| directory.0),
        log_end_offset,
        last_fetch_timestamp: now.0,
        last_caught_up_timestamp: now.0,
    };
    let node = |voter: &Voter| QuorumNode {
        node_id: voter.key.id.0,
        listeners: voter
            .endpoints
            .iter()
            .map(|endpoint| Listener {
                name: endpoint.listener.clone(),
                host: endpoint.host.clone(),
                port: endpoint.port,
            })
            .collect(),
    };
    let voters = &quorum.membership().voters;
    let partition = PartitionData {
        partition_index: 0,
        leader_id: quorum.local().key.id.0,
        leader_epoch: quorum.epoch().0,
        high_watermark: quorum.high_watermark().map_or(-1, |offset| offset.0),
        current_voters: voters.voters().map(replica).collect(),
        ..Default::default()
    };
    DescribeQuorumResponse {
        topics: vec![TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }],
        nodes: voters.voters().map(node).collect(),
        ..Default::default()
    }
}
