// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RegisterBrokerRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 0: versions 0 to 4, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterBrokerRecord {
    /// `BrokerId`.
    pub broker_id: i32,
    /// `IsMigratingZkBroker`, from version 2.
    pub is_migrating_zk_broker: bool,
    /// `IncarnationId`.
    pub incarnation_id: Uuid,
    /// `BrokerEpoch`.
    pub broker_epoch: i64,
    /// `EndPoints`.
    pub end_points: Vec<BrokerEndpoint>,
    /// `Features`.
    pub features: Vec<BrokerFeature>,
    /// `Rack`, default `Some(String::new())`.
    pub rack: Option<String>,
    /// `Fenced`, default true.
    pub fenced: bool,
    /// `InControlledShutdown`, from version 1.
    pub in_controlled_shutdown: bool,
    /// `LogDirs`, from version 3, tag 0.
    pub log_dirs: Vec<Uuid>,
    /// `CordonedLogDirs`, from version 4, tag 1.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Default for RegisterBrokerRecord {
    fn default() -> Self {
        Self {
            broker_id: 0,
            is_migrating_zk_broker: false,
            incarnation_id: Uuid::ZERO,
            broker_epoch: 0,
            end_points: Vec::new(),
            features: Vec::new(),
            rack: Some(String::new()),
            fenced: true,
            in_controlled_shutdown: false,
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        }
    }
}

impl Message for RegisterBrokerRecord {
    const NAME: &'static str = "RegisterBrokerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            broker_id: reader.i32()?,
            is_migrating_zk_broker: if version >= 2 { reader.bool()? } else { false },
            incarnation_id: reader.uuid()?,
            broker_epoch: reader.i64()?,
            end_points: reader.array(version, BrokerEndpoint::decode)?,
            features: reader.array(version, BrokerFeature::decode)?,
            rack: reader.nullable_string()?,
            fenced: reader.bool()?,
            in_controlled_shutdown: if version >= 1 { reader.bool()? } else { false },
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 if version >= 3 => this.log_dirs = reader.uuid_array()?,
                1 if version >= 4 => this.cordoned_log_dirs = reader.nullable_uuid_array()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.broker_id);
        if version >= 2 {
            writer.bool(self.is_migrating_zk_broker);
        }
        writer.uuid(self.incarnation_id);
        writer.i64(self.broker_epoch);
        writer.array(version, &self.end_points, BrokerEndpoint::encode);
        writer.array(version, &self.features, BrokerFeature::encode);
        writer.nullable_string(self.rack.as_deref());
        writer.bool(self.fenced);
        if version >= 1 {
            writer.bool(self.in_controlled_shutdown);
        }
        let has_log_dirs = version >= 3 && !self.log_dirs.is_empty();
        let has_cordoned_log_dirs = version >= 4 && self.cordoned_log_dirs.is_some();
        writer.unsigned_varint(u32::from(has_log_dirs) + u32::from(has_cordoned_log_dirs));
        if has_log_dirs {
            let start = writer.begin_tagged_field(0);
            writer.uuid_array(&self.log_dirs);
            writer.end_tagged_field(start);
        }
        if has_cordoned_log_dirs {
            let start = writer.begin_tagged_field(1);
            writer.nullable_uuid_array(self.cordoned_log_dirs.as_deref());
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for RegisterBrokerRecord {
    const RECORD_TYPE: i16 = 0;
}

/// `BrokerEndpoint` in `RegisterBrokerRecord`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct BrokerEndpoint {
    /// `Name`, key.
    pub name: String,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
    /// `SecurityProtocol`.
    pub security_protocol: i16,
}

impl BrokerEndpoint {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            host: reader.string()?,
            port: reader.u16()?,
            security_protocol: reader.i16()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.string(&self.host);
        writer.u16(self.port);
        writer.i16(self.security_protocol);
        writer.no_tagged_fields();
    }
}

/// `BrokerFeature` in `RegisterBrokerRecord`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct BrokerFeature {
    /// `Name`, key.
    pub name: String,
    /// `MinSupportedVersion`.
    pub min_supported_version: i16,
    /// `MaxSupportedVersion`.
    pub max_supported_version: i16,
}

impl BrokerFeature {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            min_supported_version: reader.i16()?,
            max_supported_version: reader.i16()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.i16(self.min_supported_version);
        writer.i16(self.max_supported_version);
        writer.no_tagged_fields();
    }
}
