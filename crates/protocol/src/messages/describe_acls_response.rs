// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeAclsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 29: versions 1 to 3, flexible from 2.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeAclsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `Resources`.
    pub resources: Vec<DescribeAclsResource>,
}

impl Default for DescribeAclsResponse {
    fn default() -> Self {
        Self { throttle_time_ms: 0, error_code: 0, error_message: Some(String::new()), resources: Vec::new() }
    }
}

impl Message for DescribeAclsResponse {
    const NAME: &'static str = "DescribeAclsResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            resources: reader.array(version, DescribeAclsResource::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.array(version, &self.resources, DescribeAclsResource::encode);
        writer.no_tagged_fields();
    }
}

impl Response for DescribeAclsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeAcls;
}

/// `DescribeAclsResource` in `DescribeAclsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeAclsResource {
    /// `ResourceType`.
    pub resource_type: i8,
    /// `ResourceName`.
    pub resource_name: String,
    /// `PatternType`, default 3.
    pub pattern_type: i8,
    /// `Acls`.
    pub acls: Vec<AclDescription>,
}

impl Default for DescribeAclsResource {
    fn default() -> Self {
        Self { resource_type: 0, resource_name: String::new(), pattern_type: 3, acls: Vec::new() }
    }
}

impl DescribeAclsResource {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            resource_type: reader.i8()?,
            resource_name: reader.string()?,
            pattern_type: reader.i8()?,
            acls: reader.array(version, AclDescription::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i8(self.resource_type);
        writer.string(&self.resource_name);
        writer.i8(self.pattern_type);
        writer.array(version, &self.acls, AclDescription::encode);
        writer.no_tagged_fields();
    }
}

/// `AclDescription` in `DescribeAclsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AclDescription {
    /// `Principal`.
    pub principal: String,
    /// `Host`.
    pub host: String,
    /// `Operation`.
    pub operation: i8,
    /// `PermissionType`.
    pub permission_type: i8,
}

impl AclDescription {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            principal: reader.string()?,
            host: reader.string()?,
            operation: reader.i8()?,
            permission_type: reader.i8()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.principal);
        writer.string(&self.host);
        writer.i8(self.operation);
        writer.i8(self.permission_type);
        writer.no_tagged_fields();
    }
}
