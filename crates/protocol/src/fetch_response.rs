//! A Fetch response, written part by part, whose record bytes stay where they are.
//!
//! ```text
//! head bytes   |         | more head bytes |         | ...
//!              ^ splice 0: records of      ^ splice 1
//!                the first partition
//! ```
//! The host sends the head up to a splice, then as many bytes of records as it says (by `sendfile`), and so on.

use crate::message::Message;
use crate::messages::fetch_response::{
    AbortedTransaction, EpochEndOffset, FetchResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
    SnapshotId,
};
use crate::types::Uuid;
use crate::wire::Writer;

/// A place in the written bytes where record bytes from elsewhere belong. There is one for each partition that has any,
/// in the order of the partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Position in the writer's bytes.
    pub at: usize,
    /// Size in bytes of the records.
    pub size: usize,
    /// How manieth partition of the response this is, counted from 0 over all topics.
    pub partition: usize,
}

/// Writes a Fetch response. Topics and partitions must be as many as announced: this is asserted.
#[derive(Debug)]
pub struct FetchResponseEncoder<'w> {
    writer: &'w mut Writer,
    splices: &'w mut Vec<Splice>,
    version: i16,
    topics_left: usize,
    partitions_left: usize,
    partitions_written: usize,
}

/// What stands in front of the topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FetchResponseHead {
    /// How long the client is held back, in milliseconds.
    pub throttle_time_ms: i32,
    /// The error of the whole request.
    pub error_code: i16,
    /// The fetch session; 0 for none.
    pub session_id: i32,
}

impl<'w> FetchResponseEncoder<'w> {
    /// Begins a response of `version` with `topic_count` topics, at the end of `writer`. `splices` is cleared.
    pub fn new(
        writer: &'w mut Writer,
        splices: &'w mut Vec<Splice>,
        version: i16,
        head: FetchResponseHead,
        topic_count: usize,
    ) -> Self {
        assert!(FetchResponse::VERSIONS.contains(&version), "Fetch has no version {version}");
        splices.clear();
        writer.set_flexible(FetchResponse::is_flexible(version));
        writer.i32(head.throttle_time_ms);
        if version >= 7 {
            writer.i16(head.error_code);
            writer.i32(head.session_id);
        }
        writer.length(Some(topic_count));
        Self { writer, splices, version, topics_left: topic_count, partitions_left: 0, partitions_written: 0 }
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

    /// Writes a partition, whose records take `records_size` bytes and come from elsewhere: `partition.records` is not
    /// looked at. No records are written as empty, never as null: librdkafka would not see the partition's end.
    pub fn partition(&mut self, partition: &PartitionData, records_size: usize) {
        assert!(self.partitions_left > 0, "more partitions than announced");
        self.partitions_left -= 1;
        self.partition_head(partition);
        self.writer.length(Some(records_size));
        if records_size > 0 {
            let (at, partition) = (self.writer.len(), self.partitions_written);
            self.splices.push(Splice { at, size: records_size, partition });
        }
        self.partitions_written += 1;
        self.partition_tagged_fields(partition);
        if self.partitions_left == 0 {
            self.writer.no_tagged_fields();
        }
    }

    fn partition_head(&mut self, partition: &PartitionData) {
        let writer = &mut *self.writer;
        writer.i32(partition.partition_index);
        writer.i16(partition.error_code);
        writer.i64(partition.high_watermark);
        writer.i64(partition.last_stable_offset);
        if self.version >= 5 {
            writer.i64(partition.log_start_offset);
        }
        let aborted = partition.aborted_transactions.as_deref();
        writer.nullable_array(self.version, aborted, AbortedTransaction::encode);
        if self.version >= 11 {
            writer.i32(partition.preferred_read_replica);
        }
    }

    fn partition_tagged_fields(&mut self, partition: &PartitionData) {
        let (writer, version) = (&mut *self.writer, self.version);
        if !writer.is_flexible() {
            return;
        }
        let has_diverging_epoch = partition.diverging_epoch != EpochEndOffset::default();
        let has_current_leader = partition.current_leader != LeaderIdAndEpoch::default();
        let has_snapshot_id = partition.snapshot_id != SnapshotId::default();
        let count = [has_diverging_epoch, has_current_leader, has_snapshot_id].map(u32::from).iter().sum();
        writer.unsigned_varint(count);
        if has_diverging_epoch {
            let start = writer.begin_tagged_field(0);
            partition.diverging_epoch.encode(writer, version);
            writer.end_tagged_field(start);
        }
        if has_current_leader {
            let start = writer.begin_tagged_field(1);
            partition.current_leader.encode(writer, version);
            writer.end_tagged_field(start);
        }
        if has_snapshot_id {
            let start = writer.begin_tagged_field(2);
            partition.snapshot_id.encode(writer, version);
            writer.end_tagged_field(start);
        }
    }

    /// Ends the response. Gives the bytes of records that belong into it, for the frame's length.
    pub fn finish(self, node_endpoints: &[NodeEndpoint]) -> usize {
        assert_eq!(
            (self.topics_left, self.partitions_left),
            (0, 0),
            "fewer topics or partitions than announced"
        );
        if self.version >= 16 && !node_endpoints.is_empty() {
            self.writer.unsigned_varint(1);
            let start = self.writer.begin_tagged_field(0);
            self.writer.array(self.version, node_endpoints, NodeEndpoint::encode);
            self.writer.end_tagged_field(start);
        } else {
            self.writer.no_tagged_fields();
        }
        self.splices.iter().map(|splice| splice.size).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::{Arbitrary, Random};

    /// The response as the encoder writes it, with the records put in.
    fn streamed(response: &FetchResponse, version: i16) -> Vec<u8> {
        let (mut writer, mut splices) = (Writer::new(), Vec::new());
        writer.raw(b"head");
        let head = FetchResponseHead {
            throttle_time_ms: response.throttle_time_ms,
            error_code: response.error_code,
            session_id: response.session_id,
        };
        let topic_count = response.responses.len();
        let mut encoder = FetchResponseEncoder::new(&mut writer, &mut splices, version, head, topic_count);
        let mut records = Vec::new();
        for topic in &response.responses {
            encoder.topic(&topic.topic, topic.topic_id, topic.partitions.len());
            for partition in &topic.partitions {
                let bytes = partition.records.clone().unwrap_or_default();
                encoder.partition(partition, bytes.len());
                records.push(bytes);
            }
        }
        let out_of_line = encoder.finish(&response.node_endpoints);
        let head = writer.into_vec();
        let (mut whole, mut from) = (Vec::new(), 0);
        for splice in &splices {
            whole.extend_from_slice(&head[from..splice.at]);
            assert_eq!(records[splice.partition].len(), splice.size);
            whole.extend_from_slice(&records[splice.partition]);
            from = splice.at;
        }
        whole.extend_from_slice(&head[from..]);
        assert_eq!(whole.len(), head.len() + out_of_line);
        whole.split_off(4)
    }

    #[test]
    fn what_is_streamed_is_what_the_owned_message_encodes() {
        let mut random = Random::new(5);
        for version in FetchResponse::VERSIONS {
            for _ in 0..200 {
                let mut response = FetchResponse::arbitrary(&mut random, version);
                for partition in response.responses.iter_mut().flat_map(|topic| &mut topic.partitions) {
                    partition.records.get_or_insert_default();
                }
                assert_eq!(streamed(&response, version), response.to_vec(version), "version {version}");
            }
        }
    }
}
