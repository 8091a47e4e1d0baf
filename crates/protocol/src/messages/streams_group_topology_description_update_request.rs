// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupTopologyDescriptionUpdateRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::streams_group_topology_description_update_response::StreamsGroupTopologyDescriptionUpdateResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 93: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StreamsGroupTopologyDescriptionUpdateRequest {
    /// `GroupId`.
    pub group_id: String,
    /// `MemberId`.
    pub member_id: String,
    /// `TopologyEpoch`.
    pub topology_epoch: i32,
    /// `TopologyDescription`.
    pub topology_description: TopologyDescription,
}

impl Message for StreamsGroupTopologyDescriptionUpdateRequest {
    const NAME: &'static str = "StreamsGroupTopologyDescriptionUpdateRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.string()?,
            member_id: reader.string()?,
            topology_epoch: reader.i32()?,
            topology_description: TopologyDescription::decode(reader, version)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        writer.string(&self.member_id);
        writer.i32(self.topology_epoch);
        self.topology_description.encode(writer, version);
        writer.no_tagged_fields();
    }
}

impl Request for StreamsGroupTopologyDescriptionUpdateRequest {
    const API_KEY: ApiKey = ApiKey::StreamsGroupTopologyDescriptionUpdate;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = StreamsGroupTopologyDescriptionUpdateResponse;
}

/// `TopologyDescription` in `StreamsGroupTopologyDescriptionUpdateRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopologyDescription {
    /// `Subtopologies`.
    pub subtopologies: Vec<TopologyDescriptionSubtopology>,
    /// `GlobalStores`.
    pub global_stores: Vec<TopologyDescriptionGlobalStore>,
}

impl TopologyDescription {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            subtopologies: reader.array(version, TopologyDescriptionSubtopology::decode)?,
            global_stores: reader.array(version, TopologyDescriptionGlobalStore::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.array(version, &self.subtopologies, TopologyDescriptionSubtopology::encode);
        writer.array(version, &self.global_stores, TopologyDescriptionGlobalStore::encode);
        writer.no_tagged_fields();
    }
}

/// `TopologyDescriptionSubtopology` in `StreamsGroupTopologyDescriptionUpdateRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopologyDescriptionSubtopology {
    /// `SubtopologyId`.
    pub subtopology_id: String,
    /// `Nodes`.
    pub nodes: Vec<TopologyDescriptionNode>,
}

impl TopologyDescriptionSubtopology {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            subtopology_id: reader.string()?,
            nodes: reader.array(version, TopologyDescriptionNode::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.subtopology_id);
        writer.array(version, &self.nodes, TopologyDescriptionNode::encode);
        writer.no_tagged_fields();
    }
}

/// `TopologyDescriptionGlobalStore` in `StreamsGroupTopologyDescriptionUpdateRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopologyDescriptionGlobalStore {
    /// `Source`.
    pub source: TopologyDescriptionNode,
    /// `Processor`.
    pub processor: TopologyDescriptionNode,
}

impl TopologyDescriptionGlobalStore {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            source: TopologyDescriptionNode::decode(reader, version)?,
            processor: TopologyDescriptionNode::decode(reader, version)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        self.source.encode(writer, version);
        self.processor.encode(writer, version);
        writer.no_tagged_fields();
    }
}

/// `TopologyDescriptionNode` in `StreamsGroupTopologyDescriptionUpdateRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopologyDescriptionNode {
    /// `Name`.
    pub name: String,
    /// `NodeType`.
    pub node_type: i8,
    /// `SourceTopics`.
    pub source_topics: Vec<String>,
    /// `SinkTopic`.
    pub sink_topic: Option<String>,
    /// `Stores`.
    pub stores: Vec<String>,
    /// `Successors`.
    pub successors: Vec<String>,
}

impl TopologyDescriptionNode {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            node_type: reader.i8()?,
            source_topics: reader.string_array()?,
            sink_topic: reader.nullable_string()?,
            stores: reader.string_array()?,
            successors: reader.string_array()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.i8(self.node_type);
        writer.string_array(&self.source_topics);
        writer.nullable_string(self.sink_topic.as_deref());
        writer.string_array(&self.stores);
        writer.string_array(&self.successors);
        writer.no_tagged_fields();
    }
}
