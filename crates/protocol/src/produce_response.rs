//! A Produce response, written part by part as the partitions' outcomes come in.

use crate::message::Message;
use crate::messages::produce_response::{NodeEndpoint, PartitionProduceResponse, ProduceResponse};
use crate::types::Uuid;
use crate::wire::Writer;

/// Writes a Produce response. Topics and partitions must be as many as announced: this is asserted.
#[derive(Debug)]
pub struct ProduceResponseEncoder<'w> {
    writer: &'w mut Writer,
    version: i16,
    topics_left: usize,
    partitions_left: usize,
}

impl<'w> ProduceResponseEncoder<'w> {
    /// Begins a response of `version` with `topic_count` topics, at the end of `writer`.
    pub fn new(writer: &'w mut Writer, version: i16, topic_count: usize) -> Self {
        assert!(ProduceResponse::VERSIONS.contains(&version), "Produce has no version {version}");
        writer.set_flexible(ProduceResponse::is_flexible(version));
        writer.length(Some(topic_count));
        Self { writer, version, topics_left: topic_count, partitions_left: 0 }
    }

    /// Begins the next topic, of which `partition_count` partitions follow. Up to version 12 the name is written, from
    /// 13 the id.
    pub fn topic(&mut self, name: &str, topic_id: Uuid, partition_count: usize) {
        assert_eq!(self.partitions_left, 0, "the topic before is not complete");
        assert!(self.topics_left > 0, "more topics than announced");
        self.topics_left -= 1;
        if self.version <= 12 {
            self.writer.string(name);
        } else {
            self.writer.uuid(topic_id);
        }
        self.writer.length(Some(partition_count));
        self.partitions_left = partition_count;
        if partition_count == 0 {
            self.writer.no_tagged_fields();
        }
    }

    /// Writes a partition's outcome. Without record errors and error message it allocates nothing.
    pub fn partition(&mut self, outcome: &PartitionProduceResponse) {
        assert!(self.partitions_left > 0, "more partitions than announced");
        self.partitions_left -= 1;
        outcome.encode(self.writer, self.version);
        if self.partitions_left == 0 {
            self.writer.no_tagged_fields();
        }
    }

    /// Ends the response.
    pub fn finish(self, throttle_time_ms: i32, node_endpoints: &[NodeEndpoint]) {
        assert_eq!(
            (self.topics_left, self.partitions_left),
            (0, 0),
            "fewer topics or partitions than announced"
        );
        self.writer.i32(throttle_time_ms);
        if self.version >= 10 && !node_endpoints.is_empty() {
            self.writer.unsigned_varint(1);
            let start = self.writer.begin_tagged_field(0);
            self.writer.array(self.version, node_endpoints, NodeEndpoint::encode);
            self.writer.end_tagged_field(start);
        } else {
            self.writer.no_tagged_fields();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::{Arbitrary, Random};

    #[test]
    fn what_is_streamed_is_what_the_owned_message_encodes() {
        let mut random = Random::new(6);
        for version in ProduceResponse::VERSIONS {
            for _ in 0..200 {
                let response = ProduceResponse::arbitrary(&mut random, version);
                let mut writer = Writer::new();
                let mut encoder = ProduceResponseEncoder::new(&mut writer, version, response.responses.len());
                for topic in &response.responses {
                    encoder.topic(&topic.name, topic.topic_id, topic.partition_responses.len());
                    for outcome in &topic.partition_responses {
                        encoder.partition(outcome);
                    }
                }
                encoder.finish(response.throttle_time_ms, &response.node_endpoints);
                assert_eq!(writer.into_vec(), response.to_vec(version), "version {version}");
            }
        }
    }
}
