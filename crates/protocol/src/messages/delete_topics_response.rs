// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DeleteTopicsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 20: versions 1 to 6, flexible from 4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteTopicsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `Responses`.
    pub responses: Vec<DeletableTopicResult>,
}

impl Message for DeleteTopicsResponse {
    const NAME: &'static str = "DeleteTopicsResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            responses: reader.array(version, DeletableTopicResult::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.array(version, &self.responses, DeletableTopicResult::encode);
        writer.no_tagged_fields();
    }
}

impl Response for DeleteTopicsResponse {
    const API_KEY: ApiKey = ApiKey::DeleteTopics;
}

/// `DeletableTopicResult` in `DeleteTopicsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeletableTopicResult {
    /// `Name`, null from version 6, key, default `Some(String::new())`.
    pub name: Option<String>,
    /// `TopicId`, from version 6.
    pub topic_id: Uuid,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, from version 5.
    pub error_message: Option<String>,
}

impl Default for DeletableTopicResult {
    fn default() -> Self {
        Self { name: Some(String::new()), topic_id: Uuid::ZERO, error_code: 0, error_message: None }
    }
}

impl DeletableTopicResult {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: if version >= 6 { reader.nullable_string()? } else { Some(reader.string()?) },
            topic_id: if version >= 6 { reader.uuid()? } else { Uuid::ZERO },
            error_code: reader.i16()?,
            error_message: if version >= 5 { reader.nullable_string()? } else { None },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version >= 6 {
            writer.nullable_string(self.name.as_deref());
        } else {
            writer.string(self.name.as_deref().unwrap_or_default());
        }
        if version >= 6 {
            writer.uuid(self.topic_id);
        }
        writer.i16(self.error_code);
        if version >= 5 {
            writer.nullable_string(self.error_message.as_deref());
        }
        writer.no_tagged_fields();
    }
}
