// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `MetadataRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::metadata_response::MetadataResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 3: versions 0 to 13, flexible from 9.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequest {
    /// `Topics`, null from version 1, default `Some(Vec::new())`.
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// `AllowAutoTopicCreation`, from version 4, default true.
    pub allow_auto_topic_creation: bool,
    /// `IncludeClusterAuthorizedOperations`, in versions 8 to 10.
    pub include_cluster_authorized_operations: bool,
    /// `IncludeTopicAuthorizedOperations`, from version 8.
    pub include_topic_authorized_operations: bool,
}

impl Default for MetadataRequest {
    fn default() -> Self {
        Self {
            topics: Some(Vec::new()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: false,
            include_topic_authorized_operations: false,
        }
    }
}

impl Message for MetadataRequest {
    const NAME: &'static str = "MetadataRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            topics: if version >= 1 {
                reader.nullable_array(version, MetadataRequestTopic::decode)?
            } else {
                Some(reader.array(version, MetadataRequestTopic::decode)?)
            },
            allow_auto_topic_creation: if version >= 4 { reader.bool()? } else { true },
            include_cluster_authorized_operations: if (8..=10).contains(&version) {
                reader.bool()?
            } else {
                false
            },
            include_topic_authorized_operations: if version >= 8 { reader.bool()? } else { false },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 1 {
            writer.nullable_array(version, self.topics.as_deref(), MetadataRequestTopic::encode);
        } else {
            writer.array(version, self.topics.as_deref().unwrap_or_default(), MetadataRequestTopic::encode);
        }
        if version >= 4 {
            writer.bool(self.allow_auto_topic_creation);
        }
        if (8..=10).contains(&version) {
            writer.bool(self.include_cluster_authorized_operations);
        }
        if version >= 8 {
            writer.bool(self.include_topic_authorized_operations);
        }
        writer.no_tagged_fields();
    }
}

impl Request for MetadataRequest {
    const API_KEY: ApiKey = ApiKey::Metadata;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = MetadataResponse;
}

/// `MetadataRequestTopic` in `MetadataRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequestTopic {
    /// `TopicId`, from version 10.
    pub topic_id: Uuid,
    /// `Name`, null from version 10, default `Some(String::new())`.
    pub name: Option<String>,
}

impl Default for MetadataRequestTopic {
    fn default() -> Self {
        Self { topic_id: Uuid::ZERO, name: Some(String::new()) }
    }
}

impl MetadataRequestTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            topic_id: if version >= 10 { reader.uuid()? } else { Uuid::ZERO },
            name: if version >= 10 { reader.nullable_string()? } else { Some(reader.string()?) },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version >= 10 {
            writer.uuid(self.topic_id);
        }
        if version >= 10 {
            writer.nullable_string(self.name.as_deref());
        } else {
            writer.string(self.name.as_deref().unwrap_or_default());
        }
        writer.no_tagged_fields();
    }
}
