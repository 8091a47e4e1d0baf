// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupTopologyValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 23: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StreamsGroupTopologyValue {
    /// `Epoch`.
    pub epoch: i32,
    /// `Subtopologies`.
    pub subtopologies: Vec<Subtopology>,
}

impl Message for StreamsGroupTopologyValue {
    const NAME: &'static str = "StreamsGroupTopologyValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { epoch: reader.i32()?, subtopologies: reader.array(version, Subtopology::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.epoch);
        writer.array(version, &self.subtopologies, Subtopology::encode);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for StreamsGroupTopologyValue {
    const RECORD_TYPE: i16 = 23;
}

/// `Subtopology` in `StreamsGroupTopologyValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Subtopology {
    /// `SubtopologyId`.
    pub subtopology_id: String,
    /// `SourceTopics`.
    pub source_topics: Vec<String>,
    /// `SourceTopicRegex`.
    pub source_topic_regex: Vec<String>,
    /// `StateChangelogTopics`.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// `RepartitionSinkTopics`.
    pub repartition_sink_topics: Vec<String>,
    /// `RepartitionSourceTopics`.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// `CopartitionGroups`.
    pub copartition_groups: Vec<CopartitionGroup>,
}

impl Subtopology {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            subtopology_id: reader.string()?,
            source_topics: reader.string_array()?,
            source_topic_regex: reader.string_array()?,
            state_changelog_topics: reader.array(version, TopicInfo::decode)?,
            repartition_sink_topics: reader.string_array()?,
            repartition_source_topics: reader.array(version, TopicInfo::decode)?,
            copartition_groups: reader.array(version, CopartitionGroup::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.subtopology_id);
        writer.string_array(&self.source_topics);
        writer.string_array(&self.source_topic_regex);
        writer.array(version, &self.state_changelog_topics, TopicInfo::encode);
        writer.string_array(&self.repartition_sink_topics);
        writer.array(version, &self.repartition_source_topics, TopicInfo::encode);
        writer.array(version, &self.copartition_groups, CopartitionGroup::encode);
        writer.no_tagged_fields();
    }
}

/// `TopicInfo` in `StreamsGroupTopologyValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicInfo {
    /// `Name`.
    pub name: String,
    /// `Partitions`.
    pub partitions: i32,
    /// `ReplicationFactor`.
    pub replication_factor: i16,
    /// `TopicConfigs`.
    pub topic_configs: Vec<TopicConfig>,
}

impl TopicInfo {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            partitions: reader.i32()?,
            replication_factor: reader.i16()?,
            topic_configs: reader.array(version, TopicConfig::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        writer.i32(self.partitions);
        writer.i16(self.replication_factor);
        writer.array(version, &self.topic_configs, TopicConfig::encode);
        writer.no_tagged_fields();
    }
}

/// `CopartitionGroup` in `StreamsGroupTopologyValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CopartitionGroup {
    /// `SourceTopics`.
    pub source_topics: Vec<i16>,
    /// `SourceTopicRegex`.
    pub source_topic_regex: Vec<i16>,
    /// `RepartitionSourceTopics`.
    pub repartition_source_topics: Vec<i16>,
}

impl CopartitionGroup {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            source_topics: reader.i16_array()?,
            source_topic_regex: reader.i16_array()?,
            repartition_source_topics: reader.i16_array()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i16_array(&self.source_topics);
        writer.i16_array(&self.source_topic_regex);
        writer.i16_array(&self.repartition_source_topics);
        writer.no_tagged_fields();
    }
}

/// `TopicConfig` in `StreamsGroupTopologyValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicConfig {
    /// `key`.
    pub key: String,
    /// `value`.
    pub value: String,
}

impl TopicConfig {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { key: reader.string()?, value: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.key);
        writer.string(&self.value);
        writer.no_tagged_fields();
    }
}
