// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeClusterResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 60: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`.
    pub error_message: Option<String>,
    /// `EndpointType`, from version 1, default 1.
    pub endpoint_type: i8,
    /// `ClusterId`.
    pub cluster_id: String,
    /// `ControllerId`, default -1.
    pub controller_id: i32,
    /// `Brokers`.
    pub brokers: Vec<DescribeClusterBroker>,
    /// `ClusterAuthorizedOperations`, default i32::MIN.
    pub cluster_authorized_operations: i32,
}

impl Default for DescribeClusterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            endpoint_type: 1,
            cluster_id: String::new(),
            controller_id: -1,
            brokers: Vec::new(),
            cluster_authorized_operations: i32::MIN,
        }
    }
}

impl Message for DescribeClusterResponse {
    const NAME: &'static str = "DescribeClusterResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            endpoint_type: if version >= 1 { reader.i8()? } else { 1 },
            cluster_id: reader.string()?,
            controller_id: reader.i32()?,
            brokers: reader.array(version, DescribeClusterBroker::decode)?,
            cluster_authorized_operations: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        if version >= 1 {
            writer.i8(self.endpoint_type);
        }
        writer.string(&self.cluster_id);
        writer.i32(self.controller_id);
        writer.array(version, &self.brokers, DescribeClusterBroker::encode);
        writer.i32(self.cluster_authorized_operations);
        writer.no_tagged_fields();
    }
}

impl Response for DescribeClusterResponse {
    const API_KEY: ApiKey = ApiKey::DescribeCluster;
}

/// `DescribeClusterBroker` in `DescribeClusterResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeClusterBroker {
    /// `BrokerId`, key.
    pub broker_id: i32,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: i32,
    /// `Rack`.
    pub rack: Option<String>,
    /// `IsFenced`, from version 2.
    pub is_fenced: bool,
}

impl DescribeClusterBroker {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            broker_id: reader.i32()?,
            host: reader.string()?,
            port: reader.i32()?,
            rack: reader.nullable_string()?,
            is_fenced: if version >= 2 { reader.bool()? } else { false },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.broker_id);
        writer.string(&self.host);
        writer.i32(self.port);
        writer.nullable_string(self.rack.as_deref());
        if version >= 2 {
            writer.bool(self.is_fenced);
        }
        writer.no_tagged_fields();
    }
}
