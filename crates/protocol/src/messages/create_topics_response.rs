// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `CreateTopicsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 19: versions 2 to 7, flexible from 5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreateTopicsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `Topics`.
    pub topics: Vec<CreatableTopicResult>,
}

impl Message for CreateTopicsResponse {
    const NAME: &'static str = "CreateTopicsResponse";
    const VERSIONS: RangeInclusive<i16> = 2..=7;
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            topics: reader.array(version, CreatableTopicResult::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.array(version, &self.topics, CreatableTopicResult::encode);
        writer.no_tagged_fields();
    }
}

impl Response for CreateTopicsResponse {
    const API_KEY: ApiKey = ApiKey::CreateTopics;
}

/// `CreatableTopicResult` in `CreateTopicsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicResult {
    /// `Name`, key.
    pub name: String,
    /// `TopicId`, from version 7.
    pub topic_id: Uuid,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `TopicConfigErrorCode`, from version 5, tag 0.
    pub topic_config_error_code: i16,
    /// `NumPartitions`, from version 5, default -1.
    pub num_partitions: i32,
    /// `ReplicationFactor`, from version 5, default -1.
    pub replication_factor: i16,
    /// `Configs`, from version 5, default `Some(Vec::new())`.
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

impl Default for CreatableTopicResult {
    fn default() -> Self {
        Self {
            name: String::new(),
            topic_id: Uuid::ZERO,
            error_code: 0,
            error_message: Some(String::new()),
            topic_config_error_code: 0,
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Vec::new()),
        }
    }
}

impl CreatableTopicResult {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let mut this = Self {
            name: reader.string()?,
            topic_id: if version >= 7 { reader.uuid()? } else { Uuid::ZERO },
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            topic_config_error_code: 0,
            num_partitions: if version >= 5 { reader.i32()? } else { -1 },
            replication_factor: if version >= 5 { reader.i16()? } else { -1 },
            configs: if version >= 5 {
                reader.nullable_array(version, CreatableTopicConfigs::decode)?
            } else {
                Some(Vec::new())
            },
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.topic_config_error_code = reader.i16()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        if version >= 7 {
            writer.uuid(self.topic_id);
        }
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        if version >= 5 {
            writer.i32(self.num_partitions);
            writer.i16(self.replication_factor);
            writer.nullable_array(version, self.configs.as_deref(), CreatableTopicConfigs::encode);
        }
        if version < 5 {
            return;
        }
        let has_topic_config_error_code = self.topic_config_error_code != 0;
        writer.unsigned_varint(u32::from(has_topic_config_error_code));
        if has_topic_config_error_code {
            let start = writer.begin_tagged_field(0);
            writer.i16(self.topic_config_error_code);
            writer.end_tagged_field(start);
        }
    }
}

/// `CreatableTopicConfigs` in `CreateTopicsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfigs {
    /// `Name`.
    pub name: String,
    /// `Value`, default `Some(String::new())`.
    pub value: Option<String>,
    /// `ReadOnly`.
    pub read_only: bool,
    /// `ConfigSource`, default -1.
    pub config_source: i8,
    /// `IsSensitive`.
    pub is_sensitive: bool,
}

impl Default for CreatableTopicConfigs {
    fn default() -> Self {
        Self {
            name: String::new(),
            value: Some(String::new()),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
        }
    }
}

impl CreatableTopicConfigs {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            value: reader.nullable_string()?,
            read_only: reader.bool()?,
            config_source: reader.i8()?,
            is_sensitive: reader.bool()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.nullable_string(self.value.as_deref());
        writer.bool(self.read_only);
        writer.i8(self.config_source);
        writer.bool(self.is_sensitive);
        writer.no_tagged_fields();
    }
}
