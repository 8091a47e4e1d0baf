// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DeleteTopicsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::delete_topics_response::DeleteTopicsResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 20: versions 1 to 6, flexible from 4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteTopicsRequest {
    /// `Topics`, from version 6.
    pub topics: Vec<DeleteTopicState>,
    /// `TopicNames`, up to version 5.
    pub topic_names: Vec<String>,
    /// `TimeoutMs`.
    pub timeout_ms: i32,
}

impl Message for DeleteTopicsRequest {
    const NAME: &'static str = "DeleteTopicsRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            topics: if version >= 6 { reader.array(version, DeleteTopicState::decode)? } else { Vec::new() },
            topic_names: if version <= 5 { reader.string_array()? } else { Vec::new() },
            timeout_ms: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 6 {
            writer.array(version, &self.topics, DeleteTopicState::encode);
        }
        if version <= 5 {
            writer.string_array(&self.topic_names);
        }
        writer.i32(self.timeout_ms);
        writer.no_tagged_fields();
    }
}

impl Request for DeleteTopicsRequest {
    const API_KEY: ApiKey = ApiKey::DeleteTopics;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DeleteTopicsResponse;
}

/// `DeleteTopicState` in `DeleteTopicsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteTopicState {
    /// `Name`.
    pub name: Option<String>,
    /// `TopicId`.
    pub topic_id: Uuid,
}

impl DeleteTopicState {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.nullable_string()?, topic_id: reader.uuid()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.nullable_string(self.name.as_deref());
        writer.uuid(self.topic_id);
        writer.no_tagged_fields();
    }
}
