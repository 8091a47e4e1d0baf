// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `BrokerRegistrationRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::broker_registration_response::BrokerRegistrationResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 62: versions 0 to 4, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRegistrationRequest {
    /// `BrokerId`.
    pub broker_id: i32,
    /// `ClusterId`.
    pub cluster_id: String,
    /// `IncarnationId`.
    pub incarnation_id: Uuid,
    /// `Listeners`.
    pub listeners: Vec<Listener>,
    /// `Features`.
    pub features: Vec<Feature>,
    /// `Rack`, default `Some(String::new())`.
    pub rack: Option<String>,
    /// `IsMigratingZkBroker`, from version 1.
    pub is_migrating_zk_broker: bool,
    /// `LogDirs`, from version 2.
    pub log_dirs: Vec<Uuid>,
    /// `PreviousBrokerEpoch`, from version 3, default -1.
    pub previous_broker_epoch: i64,
}

impl Default for BrokerRegistrationRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            cluster_id: String::new(),
            incarnation_id: Uuid::ZERO,
            listeners: Vec::new(),
            features: Vec::new(),
            rack: Some(String::new()),
            is_migrating_zk_broker: false,
            log_dirs: Vec::new(),
            previous_broker_epoch: -1,
        }
    }
}

impl Message for BrokerRegistrationRequest {
    const NAME: &'static str = "BrokerRegistrationRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            broker_id: reader.i32()?,
            cluster_id: reader.string()?,
            incarnation_id: reader.uuid()?,
            listeners: reader.array(version, Listener::decode)?,
            features: reader.array(version, Feature::decode)?,
            rack: reader.nullable_string()?,
            is_migrating_zk_broker: if version >= 1 { reader.bool()? } else { false },
            log_dirs: if version >= 2 { reader.uuid_array()? } else { Vec::new() },
            previous_broker_epoch: if version >= 3 { reader.i64()? } else { -1 },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.broker_id);
        writer.string(&self.cluster_id);
        writer.uuid(self.incarnation_id);
        writer.array(version, &self.listeners, Listener::encode);
        writer.array(version, &self.features, Feature::encode);
        writer.nullable_string(self.rack.as_deref());
        if version >= 1 {
            writer.bool(self.is_migrating_zk_broker);
        }
        if version >= 2 {
            writer.uuid_array(&self.log_dirs);
        }
        if version >= 3 {
            writer.i64(self.previous_broker_epoch);
        }
        writer.no_tagged_fields();
    }
}

impl Request for BrokerRegistrationRequest {
    const API_KEY: ApiKey = ApiKey::BrokerRegistration;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = BrokerRegistrationResponse;
}

/// `Listener` in `BrokerRegistrationRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Listener {
    /// `Name`, key.
    pub name: String,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
    /// `SecurityProtocol`.
    pub security_protocol: i16,
}

impl Listener {
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

/// `Feature` in `BrokerRegistrationRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Feature {
    /// `Name`, key.
    pub name: String,
    /// `MinSupportedVersion`.
    pub min_supported_version: i16,
    /// `MaxSupportedVersion`.
    pub max_supported_version: i16,
}

impl Feature {
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
