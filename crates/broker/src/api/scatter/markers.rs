//! WriteTxnMarkers, taken apart by the shards of the partitions of each marker.

use std::collections::BTreeMap;

use ottla_protocol::messages::write_txn_markers_request::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};
use ottla_protocol::messages::write_txn_markers_response::{
    WritableTxnMarkerResult, WritableTxnMarkerTopicResult, WriteTxnMarkersResponse,
};

use super::{Scatter, Shards};
use crate::effect::ShardId;

impl Scatter for WriteTxnMarkersRequest {
    fn split(&self, shards: &Shards<'_>) -> BTreeMap<ShardId, Self> {
        let mut parts = BTreeMap::<ShardId, Self>::new();
        for marker in &self.markers {
            let mut topics = BTreeMap::<ShardId, Vec<WritableTxnMarkerTopic>>::new();
            for topic in &marker.topics {
                let mut by_shard = BTreeMap::<ShardId, Vec<i32>>::new();
                for index in &topic.partition_indexes {
                    by_shard.entry(shards.owner(&topic.name, *index)).or_default().push(*index);
                }
                for (owner, partition_indexes) in by_shard {
                    let name = topic.name.clone();
                    topics.entry(owner).or_default().push(WritableTxnMarkerTopic { name, partition_indexes });
                }
            }
            for (owner, topics) in topics {
                parts.entry(owner).or_default().markers.push(WritableTxnMarker { topics, ..marker.clone() });
            }
        }
        parts
    }

    /// As one shard would answer: each producer once, with each of its topics once.
    fn merge(&self, parts: Vec<WriteTxnMarkersResponse>) -> WriteTxnMarkersResponse {
        let mut producers = BTreeMap::<i64, BTreeMap<String, Vec<_>>>::new();
        for marker in parts.into_iter().flat_map(|part| part.markers) {
            let topics = producers.entry(marker.producer_id).or_default();
            for topic in marker.topics {
                topics.entry(topic.name).or_default().extend(topic.partitions);
            }
        }
        let markers = producers.into_iter().map(|(producer_id, topics)| {
            let topics = topics.into_iter().map(|(name, mut partitions)| {
                partitions.sort_by_key(|partition| partition.partition_index);
                WritableTxnMarkerTopicResult { name, partitions }
            });
            WritableTxnMarkerResult { producer_id, topics: topics.collect() }
        });
        WriteTxnMarkersResponse { markers: markers.collect() }
    }
}
