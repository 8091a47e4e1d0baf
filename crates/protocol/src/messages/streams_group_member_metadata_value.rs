// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupMemberMetadataValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 19: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMemberMetadataValue {
    /// `InstanceId`, default `Some(String::new())`.
    pub instance_id: Option<String>,
    /// `RackId`, default `Some(String::new())`.
    pub rack_id: Option<String>,
    /// `ClientId`.
    pub client_id: String,
    /// `ClientHost`.
    pub client_host: String,
    /// `RebalanceTimeoutMs`, default -1.
    pub rebalance_timeout_ms: i32,
    /// `TopologyEpoch`.
    pub topology_epoch: i32,
    /// `ProcessId`.
    pub process_id: String,
    /// `UserEndpoint`.
    pub user_endpoint: Option<Endpoint>,
    /// `ClientTags`.
    pub client_tags: Vec<KeyValue>,
}

impl Default for StreamsGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(String::new()),
            rack_id: Some(String::new()),
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout_ms: -1,
            topology_epoch: 0,
            process_id: String::new(),
            user_endpoint: None,
            client_tags: Vec::new(),
        }
    }
}

impl Message for StreamsGroupMemberMetadataValue {
    const NAME: &'static str = "StreamsGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            instance_id: reader.nullable_string()?,
            rack_id: reader.nullable_string()?,
            client_id: reader.string()?,
            client_host: reader.string()?,
            rebalance_timeout_ms: reader.i32()?,
            topology_epoch: reader.i32()?,
            process_id: reader.string()?,
            user_endpoint: if reader.is_present()? { Some(Endpoint::decode(reader, version)?) } else { None },
            client_tags: reader.array(version, KeyValue::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.instance_id.as_deref());
        writer.nullable_string(self.rack_id.as_deref());
        writer.string(&self.client_id);
        writer.string(&self.client_host);
        writer.i32(self.rebalance_timeout_ms);
        writer.i32(self.topology_epoch);
        writer.string(&self.process_id);
        writer.present(self.user_endpoint.is_some());
        if let Some(value) = &self.user_endpoint {
            value.encode(writer, version);
        }
        writer.array(version, &self.client_tags, KeyValue::encode);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for StreamsGroupMemberMetadataValue {
    const RECORD_TYPE: i16 = 19;
}

/// `Endpoint` in `StreamsGroupMemberMetadataValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Endpoint {
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
}

impl Endpoint {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { host: reader.string()?, port: reader.u16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.host);
        writer.u16(self.port);
        writer.no_tagged_fields();
    }
}

/// `KeyValue` in `StreamsGroupMemberMetadataValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct KeyValue {
    /// `Key`.
    pub key: String,
    /// `Value`.
    pub value: String,
}

impl KeyValue {
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
