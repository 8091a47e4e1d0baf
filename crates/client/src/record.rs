//! Records as programs see them: what a producer sends and what a consumer gets.

use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::record::TimestampType;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset};

/// A header of a record: a name and a value that may be null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Name. Kafka's clients write UTF-8; bytes that are not become U+FFFD here.
    pub name: Arc<str>,
    /// Value.
    pub value: Option<Bytes>,
}

impl Header {
    /// A header with a value.
    pub fn new(name: impl Into<Arc<str>>, value: impl Into<Bytes>) -> Self {
        Self { name: name.into(), value: Some(value.into()) }
    }
}

/// A record to produce.
///
/// ```
/// use ottla_client::Record;
///
/// let record = Record::new("orders").key("customer-7").value("3 apples").header("source", "web");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the record is not sent yet"]
pub struct Record {
    /// Topic that it goes to.
    pub topic: Arc<str>,
    /// Partition that it goes to; `None` leaves the choice to the producer.
    pub partition: Option<i32>,
    /// Its time; `None` is the time of sending.
    pub timestamp: Option<Timestamp>,
    /// Key. Records with equal keys go to one partition and so stay in order.
    pub key: Option<Bytes>,
    /// Value. A record without one is a tombstone in compacted topics.
    pub value: Option<Bytes>,
    /// Headers, in order; names may repeat.
    pub headers: Vec<Header>,
}

impl Record {
    /// A record for `topic` without key, value and headers.
    pub fn new(topic: impl Into<Arc<str>>) -> Self {
        Self {
            topic: topic.into(),
            partition: None,
            timestamp: None,
            key: None,
            value: None,
            headers: Vec::new(),
        }
    }

    /// Sets the key.
    pub fn key(mut self, key: impl Into<Bytes>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets the value.
    pub fn value(mut self, value: impl Into<Bytes>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Chooses the partition.
    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// Sets the time.
    pub fn timestamp(mut self, timestamp: Timestamp) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<Arc<str>>, value: impl Into<Bytes>) -> Self {
        self.headers.push(Header::new(name, value));
        self
    }

    /// An upper bound of its size in a batch, in bytes.
    pub(crate) fn size_max(&self) -> usize {
        // Length, attributes, two deltas, two lengths and a count are at most 5 + 1 + 10 + 5 + 5 + 5 + 5 bytes.
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers: usize = self.headers.iter().map(|h| h.name.len() + length(&h.value) + 10).sum();
        36 + length(&self.key) + length(&self.value) + headers
    }
}

/// A record that a consumer read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerRecord {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// Position in the partition.
    pub offset: Offset,
    /// Epoch of the leader that appended it.
    pub leader_epoch: LeaderEpoch,
    /// Its time.
    pub timestamp: Timestamp,
    /// Who set the time: the producer or the broker.
    pub timestamp_type: TimestampType,
    /// Key.
    pub key: Option<Bytes>,
    /// Value.
    pub value: Option<Bytes>,
    /// Headers, in order.
    pub headers: Vec<Header>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_protocol::record::records::RecordHeader;
    use ottla_protocol::record::{BatchBuilder, BatchOptions};

    #[test]
    fn the_size_bound_holds_for_every_part_of_a_record() {
        let records = [
            Record::new("t"),
            Record::new("t").key("k").value("v"),
            Record::new("t").value(vec![7u8; 100_000]).header("name", "value").header("", ""),
        ];
        for record in records {
            let mut builder = BatchBuilder::new(BatchOptions::default());
            let before = builder.uncompressed_size();
            let headers: Vec<RecordHeader<'_>> = record
                .headers
                .iter()
                .map(|h| RecordHeader { key: h.name.as_bytes(), value: h.value.as_deref() })
                .collect();
            builder.append(Timestamp(0), record.key.as_deref(), record.value.as_deref(), &headers).unwrap();
            assert!(builder.uncompressed_size() - before <= record.size_max(), "{record:?}");
        }
    }
}
