//! ElectLeaders. Source: Kafka `ReplicationControlManager.electLeaders`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::elect_leaders_request::ElectLeadersRequest;
use ottla_protocol::messages::elect_leaders_response::{
    ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};
use ottla_protocol::messages::metadata_record::MetadataRecord;

use super::leadership::Election;
use super::{Controller, Outcome};
use crate::api_error::{ApiError, code_and_message};

const PREFERRED: i8 = 0;
const UNCLEAN: i8 = 1;

impl Controller {
    /// Decides an ElectLeaders request. Without a list of partitions all are asked, and those that need no election are
    /// left out of the response.
    #[must_use]
    pub fn elect_leaders(&self, request: &ElectLeadersRequest) -> Outcome<ElectLeadersResponse> {
        let election = match request.election_type {
            PREFERRED => Election::Preferred,
            UNCLEAN => Election::Unclean,
            _ => {
                let error_code = ErrorCode::INVALID_REQUEST.into();
                return Outcome::unchanged(ElectLeadersResponse { error_code, ..Default::default() });
            }
        };
        let mut records = Vec::new();
        let mut elect = |topic: &str, index: i32| {
            let result = self.elect_one(topic, index, election).map(|record| records.push(record));
            let (error_code, error_message) = code_and_message(&result);
            PartitionResult { partition_id: index, error_code, error_message }
        };
        let replica_election_results = match &request.topic_partitions {
            Some(topics) => topics
                .iter()
                .map(|topic| ReplicaElectionResult {
                    topic: topic.topic.clone(),
                    partition_result: topic
                        .partitions
                        .iter()
                        .map(|index| elect(&topic.topic, *index))
                        .collect(),
                })
                .collect(),
            None => self
                .latest
                .topics
                .iter()
                .map(|topic| ReplicaElectionResult {
                    topic: topic.name.to_string(),
                    partition_result: topic
                        .partitions
                        .keys()
                        .map(|index| elect(&topic.name, *index))
                        .filter(|result| result.error_code != ErrorCode::ELECTION_NOT_NEEDED.0)
                        .collect(),
                })
                .collect(),
        };
        Outcome::in_order(records, ElectLeadersResponse { replica_election_results, ..Default::default() })
    }

    fn elect_one(&self, topic: &str, index: i32, election: Election) -> Result<MetadataRecord, ApiError> {
        let unknown = |reason: String| ApiError::new(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, reason);
        let image =
            self.latest.topics.by_name(topic).ok_or_else(|| unknown(format!("No such topic as {topic}")))?;
        let partition =
            image.partition(index).ok_or_else(|| unknown(format!("No such partition as {topic}-{index}")))?;
        let (not_needed, unavailable) = match election {
            Election::Preferred => {
                (partition.leader == partition.preferred_leader(), ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE)
            }
            _ => (partition.has_leader(), ErrorCode::ELIGIBLE_LEADERS_NOT_AVAILABLE),
        };
        if not_needed {
            return Err(ErrorCode::ELECTION_NOT_NEEDED.into());
        }
        self.elect_leader(image, index, election).ok_or_else(|| unavailable.into())
    }
}
