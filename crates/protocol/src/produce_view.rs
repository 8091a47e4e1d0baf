//! A Produce request, read in place: nothing is copied, nothing allocated.
//!
//! [`ProduceView::new`] walks the whole body once and refuses what is malformed, so that nothing of a bad request is
//! ever appended. The iterators then walk the same bytes again.

use std::ops::Range;

use crate::message::Message;
use crate::messages::produce_request::ProduceRequest;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader};

/// First version that names topics by id.
const TOPIC_ID_VERSION: i16 = 13;

/// The body of a Produce request of version 3 or later.
#[derive(Clone, Debug)]
pub struct ProduceView<'a> {
    /// Null unless the producer is transactional.
    pub transactional_id: Option<&'a str>,
    /// 0: no answer is wanted; 1: the leader's append; -1: all in-sync replicas.
    pub acks: i16,
    /// How long the leader may wait for the in-sync replicas, in milliseconds.
    pub timeout_ms: i32,
    topics: ProduceTopics<'a>,
}

impl<'a> ProduceView<'a> {
    /// Reads the request whose body begins at `body_start` of `frame` and ends with it.
    pub fn new(frame: &'a [u8], body_start: usize, version: i16) -> Result<Self, DecodeError> {
        if !ProduceRequest::VERSIONS.contains(&version) {
            return Err(DecodeError::UnsupportedVersion { message: ProduceRequest::NAME, version });
        }
        let mut reader = Reader::new(frame);
        reader.raw(body_start)?;
        reader.set_flexible(ProduceRequest::is_flexible(version));
        let transactional_id = reader.nullable_str()?;
        let acks = reader.i16()?;
        let timeout_ms = reader.i32()?;
        let count = reader.array_length(1)?;
        let topics =
            ProduceTopics { reader: reader.clone(), left: count, has_topic_ids: version >= TOPIC_ID_VERSION };
        let mut walk = topics.clone();
        while walk.left > 0 {
            walk.read()?;
        }
        walk.reader.skip_tagged_fields()?;
        walk.reader.finish()?;
        Ok(Self { transactional_id, acks, timeout_ms, topics })
    }

    /// The topics, in the request's order.
    #[must_use]
    pub fn topics(&self) -> ProduceTopics<'a> {
        self.topics.clone()
    }
}

/// Iterator over the topics of a Produce request.
#[derive(Clone, Debug)]
pub struct ProduceTopics<'a> {
    reader: Reader<'a>,
    left: usize,
    has_topic_ids: bool,
}

impl<'a> ProduceTopics<'a> {
    fn read(&mut self) -> Result<ProduceTopic<'a>, DecodeError> {
        self.left -= 1;
        let (name, topic_id) = match self.has_topic_ids {
            true => ("", self.reader.uuid()?),
            false => (self.reader.str()?, Uuid::ZERO),
        };
        let count = self.reader.array_length(1)?;
        let partitions = ProducePartitions { reader: self.reader.clone(), left: count };
        let mut walk = partitions.clone();
        while walk.left > 0 {
            walk.read()?;
        }
        self.reader = walk.reader;
        self.reader.skip_tagged_fields()?;
        Ok(ProduceTopic { name, topic_id, partitions })
    }
}

impl<'a> Iterator for ProduceTopics<'a> {
    type Item = ProduceTopic<'a>;

    fn next(&mut self) -> Option<ProduceTopic<'a>> {
        if self.left == 0 {
            return None;
        }
        // The whole body was walked before: no error is left.
        self.read().ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for ProduceTopics<'_> {}

/// One topic of a Produce request.
#[derive(Clone, Debug)]
pub struct ProduceTopic<'a> {
    /// The topic's name up to version 12, else empty.
    pub name: &'a str,
    /// The topic's id from version 13, else zero.
    pub topic_id: Uuid,
    partitions: ProducePartitions<'a>,
}

impl<'a> ProduceTopic<'a> {
    /// The topic's partitions, in the request's order.
    #[must_use]
    pub fn partitions(&self) -> ProducePartitions<'a> {
        self.partitions.clone()
    }
}

/// Iterator over one topic's partitions in a Produce request.
#[derive(Clone, Debug)]
pub struct ProducePartitions<'a> {
    reader: Reader<'a>,
    left: usize,
}

impl<'a> ProducePartitions<'a> {
    fn read(&mut self) -> Result<ProducePartition<'a>, DecodeError> {
        self.left -= 1;
        let index = self.reader.i32()?;
        let records = self.reader.nullable_slice()?;
        let end = self.reader.position();
        self.reader.skip_tagged_fields()?;
        let range = end - records.map_or(0, <[u8]>::len)..end;
        Ok(ProducePartition { index, records, range })
    }
}

impl<'a> Iterator for ProducePartitions<'a> {
    type Item = ProducePartition<'a>;

    fn next(&mut self) -> Option<ProducePartition<'a>> {
        if self.left == 0 {
            return None;
        }
        // The whole body was walked before: no error is left.
        self.read().ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for ProducePartitions<'_> {}

/// The records for one partition in a Produce request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducePartition<'a> {
    /// Index of the partition in its topic.
    pub index: i32,
    /// The record batches, not yet looked at.
    pub records: Option<&'a [u8]>,
    /// Where in the frame the record batches lie, in bytes.
    pub range: Range<usize>,
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::fuzzing::{Arbitrary, Random};
    use crate::messages::produce_request::{PartitionProduceData, TopicProduceData};

    /// What the view shows, as the owned message.
    fn owned(view: &ProduceView<'_>, frame: &[u8]) -> ProduceRequest {
        let topic = |topic: ProduceTopic<'_>| TopicProduceData {
            name: topic.name.to_owned(),
            topic_id: topic.topic_id,
            partition_data: topic
                .partitions()
                .map(|partition| {
                    assert_eq!(&frame[partition.range.clone()], partition.records.unwrap_or_default());
                    PartitionProduceData {
                        index: partition.index,
                        records: partition.records.map(Bytes::copy_from_slice),
                    }
                })
                .collect(),
        };
        ProduceRequest {
            transactional_id: view.transactional_id.map(str::to_owned),
            acks: view.acks,
            timeout_ms: view.timeout_ms,
            topic_data: view.topics().map(topic).collect(),
        }
    }

    #[test]
    fn the_view_shows_what_the_owned_message_holds() {
        let mut random = Random::new(1);
        for version in ProduceRequest::VERSIONS {
            for _ in 0..200 {
                let request = ProduceRequest::arbitrary(&mut random, version);
                let frame = [b"head".to_vec(), request.to_vec(version)].concat();
                let view = ProduceView::new(&frame, 4, version).unwrap();
                assert_eq!(owned(&view, &frame), request);
            }
        }
    }

    #[test]
    fn the_view_refuses_what_the_owned_message_refuses() {
        let mut random = Random::new(2);
        for version in ProduceRequest::VERSIONS {
            for _ in 0..300 {
                let bytes = ProduceRequest::arbitrary(&mut random, version).to_vec(version);
                let frame = random.mutated(bytes);
                let view = ProduceView::new(&frame, 0, version);
                let message = ProduceRequest::from_bytes(&frame, version);
                if matches!(message, Err(DecodeError::OverBudget { .. })) {
                    continue; // The view takes no memory.
                }
                assert_eq!(view.map(|view| owned(&view, &frame)), message, "version {version}: {frame:?}");
            }
        }
    }
}
