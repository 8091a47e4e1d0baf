// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `OffsetFetchRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::offset_fetch_response::OffsetFetchResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 9: versions 1 to 10, flexible from 6.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequest {
    /// `GroupId`, up to version 7.
    pub group_id: String,
    /// `Topics`, up to version 7, null from version 2, default `Some(Vec::new())`.
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// `Groups`, from version 8.
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// `RequireStable`, from version 7.
    pub require_stable: bool,
}

impl Default for OffsetFetchRequest {
    fn default() -> Self {
        Self { group_id: String::new(), topics: Some(Vec::new()), groups: Vec::new(), require_stable: false }
    }
}

impl Message for OffsetFetchRequest {
    const NAME: &'static str = "OffsetFetchRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=10;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: if version <= 7 { reader.string()? } else { String::new() },
            topics: if version <= 7 {
                if version >= 2 {
                    reader.nullable_array(version, OffsetFetchRequestTopic::decode)?
                } else {
                    Some(reader.array(version, OffsetFetchRequestTopic::decode)?)
                }
            } else {
                Some(Vec::new())
            },
            groups: if version >= 8 {
                reader.array(version, OffsetFetchRequestGroup::decode)?
            } else {
                Vec::new()
            },
            require_stable: if version >= 7 { reader.bool()? } else { false },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version <= 7 {
            writer.string(&self.group_id);
            if version >= 2 {
                writer.nullable_array(version, self.topics.as_deref(), OffsetFetchRequestTopic::encode);
            } else {
                writer.array(
                    version,
                    self.topics.as_deref().unwrap_or_default(),
                    OffsetFetchRequestTopic::encode,
                );
            }
        }
        if version >= 8 {
            writer.array(version, &self.groups, OffsetFetchRequestGroup::encode);
        }
        if version >= 7 {
            writer.bool(self.require_stable);
        }
        writer.no_tagged_fields();
    }
}

impl Request for OffsetFetchRequest {
    const API_KEY: ApiKey = ApiKey::OffsetFetch;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = OffsetFetchResponse;
}

/// `OffsetFetchRequestTopic` in `OffsetFetchRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchRequestTopic {
    /// `Name`.
    pub name: String,
    /// `PartitionIndexes`.
    pub partition_indexes: Vec<i32>,
}

impl OffsetFetchRequestTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, partition_indexes: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.i32_array(&self.partition_indexes);
        writer.no_tagged_fields();
    }
}

/// `OffsetFetchRequestGroup` in `OffsetFetchRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequestGroup {
    /// `GroupId`.
    pub group_id: String,
    /// `MemberId`, from version 9.
    pub member_id: Option<String>,
    /// `MemberEpoch`, from version 9, default -1.
    pub member_epoch: i32,
    /// `Topics`, default `Some(Vec::new())`.
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> Self {
        Self { group_id: String::new(), member_id: None, member_epoch: -1, topics: Some(Vec::new()) }
    }
}

impl OffsetFetchRequestGroup {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            group_id: reader.string()?,
            member_id: if version >= 9 { reader.nullable_string()? } else { None },
            member_epoch: if version >= 9 { reader.i32()? } else { -1 },
            topics: reader.nullable_array(version, OffsetFetchRequestTopics::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.group_id);
        if version >= 9 {
            writer.nullable_string(self.member_id.as_deref());
            writer.i32(self.member_epoch);
        }
        writer.nullable_array(version, self.topics.as_deref(), OffsetFetchRequestTopics::encode);
        writer.no_tagged_fields();
    }
}

/// `OffsetFetchRequestTopics` in `OffsetFetchRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchRequestTopics {
    /// `Name`, up to version 9.
    pub name: String,
    /// `TopicId`, from version 10.
    pub topic_id: Uuid,
    /// `PartitionIndexes`.
    pub partition_indexes: Vec<i32>,
}

impl OffsetFetchRequestTopics {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: if version <= 9 { reader.string()? } else { String::new() },
            topic_id: if version >= 10 { reader.uuid()? } else { Uuid::ZERO },
            partition_indexes: reader.i32_array()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version <= 9 {
            writer.string(&self.name);
        }
        if version >= 10 {
            writer.uuid(self.topic_id);
        }
        writer.i32_array(&self.partition_indexes);
        writer.no_tagged_fields();
    }
}
