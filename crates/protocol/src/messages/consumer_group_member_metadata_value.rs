// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ConsumerGroupMemberMetadataValue` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 5: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupMemberMetadataValue {
    /// `InstanceId`, default `Some(String::new())`.
    pub instance_id: Option<String>,
    /// `RackId`, default `Some(String::new())`.
    pub rack_id: Option<String>,
    /// `ClientId`.
    pub client_id: String,
    /// `ClientHost`.
    pub client_host: String,
    /// `SubscribedTopicNames`.
    pub subscribed_topic_names: Vec<String>,
    /// `SubscribedTopicRegex`, default `Some(String::new())`.
    pub subscribed_topic_regex: Option<String>,
    /// `RebalanceTimeoutMs`, default -1.
    pub rebalance_timeout_ms: i32,
    /// `ServerAssignor`, default `Some(String::new())`.
    pub server_assignor: Option<String>,
    /// `ClassicMemberMetadata`, tag 0, default `Some(ClassicMemberMetadata::default())`.
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
}

impl Default for ConsumerGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(String::new()),
            rack_id: Some(String::new()),
            client_id: String::new(),
            client_host: String::new(),
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: Some(String::new()),
            rebalance_timeout_ms: -1,
            server_assignor: Some(String::new()),
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
        }
    }
}

impl Message for ConsumerGroupMemberMetadataValue {
    const NAME: &'static str = "ConsumerGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            instance_id: reader.nullable_string()?,
            rack_id: reader.nullable_string()?,
            client_id: reader.string()?,
            client_host: reader.string()?,
            subscribed_topic_names: reader.string_array()?,
            subscribed_topic_regex: reader.nullable_string()?,
            rebalance_timeout_ms: reader.i32()?,
            server_assignor: reader.nullable_string()?,
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => {
                    this.classic_member_metadata = if reader.is_tagged_present()? {
                        Some(ClassicMemberMetadata::decode(reader, version)?)
                    } else {
                        None
                    }
                }
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.instance_id.as_deref());
        writer.nullable_string(self.rack_id.as_deref());
        writer.string(&self.client_id);
        writer.string(&self.client_host);
        writer.string_array(&self.subscribed_topic_names);
        writer.nullable_string(self.subscribed_topic_regex.as_deref());
        writer.i32(self.rebalance_timeout_ms);
        writer.nullable_string(self.server_assignor.as_deref());
        let has_classic_member_metadata =
            self.classic_member_metadata != Some(ClassicMemberMetadata::default());
        writer.unsigned_varint(u32::from(has_classic_member_metadata));
        if has_classic_member_metadata {
            let start = writer.begin_tagged_field(0);
            writer.tagged_present(self.classic_member_metadata.is_some());
            if let Some(value) = &self.classic_member_metadata {
                value.encode(writer, version);
            }
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for ConsumerGroupMemberMetadataValue {
    const RECORD_TYPE: i16 = 5;
}

/// `ClassicMemberMetadata` in `ConsumerGroupMemberMetadataValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ClassicMemberMetadata {
    /// `SessionTimeoutMs`.
    pub session_timeout_ms: i32,
    /// `SupportedProtocols`.
    pub supported_protocols: Vec<ClassicProtocol>,
}

impl ClassicMemberMetadata {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            session_timeout_ms: reader.i32()?,
            supported_protocols: reader.array(version, ClassicProtocol::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.session_timeout_ms);
        writer.array(version, &self.supported_protocols, ClassicProtocol::encode);
        writer.no_tagged_fields();
    }
}

/// `ClassicProtocol` in `ConsumerGroupMemberMetadataValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ClassicProtocol {
    /// `Name`.
    pub name: String,
    /// `Metadata`.
    pub metadata: Bytes,
}

impl ClassicProtocol {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, metadata: reader.bytes()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.bytes(&self.metadata);
        writer.no_tagged_fields();
    }
}
