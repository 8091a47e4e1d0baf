// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RegisterControllerRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 27: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RegisterControllerRecord {
    /// `ControllerId`.
    pub controller_id: i32,
    /// `IncarnationId`.
    pub incarnation_id: Uuid,
    /// `ZkMigrationReady`.
    pub zk_migration_ready: bool,
    /// `EndPoints`.
    pub end_points: Vec<ControllerEndpoint>,
    /// `Features`.
    pub features: Vec<ControllerFeature>,
}

impl Message for RegisterControllerRecord {
    const NAME: &'static str = "RegisterControllerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            controller_id: reader.i32()?,
            incarnation_id: reader.uuid()?,
            zk_migration_ready: reader.bool()?,
            end_points: reader.array(version, ControllerEndpoint::decode)?,
            features: reader.array(version, ControllerFeature::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.controller_id);
        writer.uuid(self.incarnation_id);
        writer.bool(self.zk_migration_ready);
        writer.array(version, &self.end_points, ControllerEndpoint::encode);
        writer.array(version, &self.features, ControllerFeature::encode);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for RegisterControllerRecord {
    const RECORD_TYPE: i16 = 27;
}

/// `ControllerEndpoint` in `RegisterControllerRecord`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ControllerEndpoint {
    /// `Name`, key.
    pub name: String,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
    /// `SecurityProtocol`.
    pub security_protocol: i16,
}

impl ControllerEndpoint {
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

/// `ControllerFeature` in `RegisterControllerRecord`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ControllerFeature {
    /// `Name`, key.
    pub name: String,
    /// `MinSupportedVersion`.
    pub min_supported_version: i16,
    /// `MaxSupportedVersion`.
    pub max_supported_version: i16,
}

impl ControllerFeature {
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
