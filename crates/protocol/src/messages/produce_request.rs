// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ProduceRequest` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::produce_response::ProduceResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 0: versions 3 to 13, flexible from 9.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ProduceRequest {
    /// `TransactionalId`.
    pub transactional_id: Option<String>,
    /// `Acks`.
    pub acks: i16,
    /// `TimeoutMs`.
    pub timeout_ms: i32,
    /// `TopicData`.
    pub topic_data: Vec<TopicProduceData>,
}

impl Message for ProduceRequest {
    const NAME: &'static str = "ProduceRequest";
    const VERSIONS: RangeInclusive<i16> = 3..=13;
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            transactional_id: reader.nullable_string()?,
            acks: reader.i16()?,
            timeout_ms: reader.i32()?,
            topic_data: reader.array(version, TopicProduceData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.transactional_id.as_deref());
        writer.i16(self.acks);
        writer.i32(self.timeout_ms);
        writer.array(version, &self.topic_data, TopicProduceData::encode);
        writer.no_tagged_fields();
    }
}

impl Request for ProduceRequest {
    const API_KEY: ApiKey = ApiKey::Produce;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ProduceResponse;
}

/// `TopicProduceData` in `ProduceRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicProduceData {
    /// `Name`, up to version 12, key.
    pub name: String,
    /// `TopicId`, from version 13, key.
    pub topic_id: Uuid,
    /// `PartitionData`.
    pub partition_data: Vec<PartitionProduceData>,
}

impl TopicProduceData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: if version <= 12 { reader.string()? } else { String::new() },
            topic_id: if version >= 13 { reader.uuid()? } else { Uuid::ZERO },
            partition_data: reader.array(version, PartitionProduceData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version <= 12 {
            writer.string(&self.name);
        }
        if version >= 13 {
            writer.uuid(self.topic_id);
        }
        writer.array(version, &self.partition_data, PartitionProduceData::encode);
        writer.no_tagged_fields();
    }
}

/// `PartitionProduceData` in `ProduceRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionProduceData {
    /// `Index`.
    pub index: i32,
    /// `Records`.
    pub records: Option<Bytes>,
}

impl PartitionProduceData {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { index: reader.i32()?, records: reader.nullable_bytes()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.index);
        writer.nullable_bytes(self.records.as_deref());
        writer.no_tagged_fields();
    }
}
