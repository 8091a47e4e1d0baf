//! ListPartitionReassignments. Source: Kafka `ReplicationControlManager.listPartitionReassignments`.

use ottla_metadata::image::{MetadataImage, PartitionRegistration, TopicImage};
use ottla_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsRequest;
use ottla_protocol::messages::list_partition_reassignments_response::{
    ListPartitionReassignmentsResponse, OngoingPartitionReassignment, OngoingTopicReassignment,
};
use ottla_protocol::types::BrokerId;

/// The reassignments that are under way, of the partitions asked for or of all.
pub(super) fn list(
    image: &MetadataImage,
    request: &ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    let topics: Vec<_> = match &request.topics {
        None => image.topics.iter().map(|topic| of_topic(topic, topic.partitions.keys())).collect(),
        Some(topics) => {
            let known = topics.iter().filter_map(|asked| Some((image.topics.by_name(&asked.name)?, asked)));
            known.map(|(topic, asked)| of_topic(topic, asked.partition_indexes.iter())).collect()
        }
    };
    ListPartitionReassignmentsResponse {
        error_message: None,
        topics: topics.into_iter().filter(|topic| !topic.partitions.is_empty()).collect(),
        ..Default::default()
    }
}

fn of_topic<'a>(topic: &TopicImage, partitions: impl Iterator<Item = &'a i32>) -> OngoingTopicReassignment {
    let ids = |ids: &[BrokerId]| ids.iter().map(|id| id.0).collect();
    let ongoing = |index: &i32| -> Option<OngoingPartitionReassignment> {
        let partition: &PartitionRegistration = topic.partition(*index)?;
        partition.is_reassigning().then(|| OngoingPartitionReassignment {
            partition_index: *index,
            replicas: ids(&partition.replicas),
            adding_replicas: ids(&partition.adding_replicas),
            removing_replicas: ids(&partition.removing_replicas),
        })
    };
    OngoingTopicReassignment {
        name: topic.name.to_string(),
        partitions: partitions.filter_map(ongoing).collect(),
    }
}
