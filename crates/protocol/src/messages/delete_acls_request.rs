// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DeleteAclsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::delete_acls_response::DeleteAclsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 31: versions 1 to 3, flexible from 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteAclsRequest {
    /// `Filters`.
    pub filters: Vec<DeleteAclsFilter>,
}

impl Message for DeleteAclsRequest {
    const NAME: &'static str = "DeleteAclsRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { filters: reader.array(version, DeleteAclsFilter::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.filters, DeleteAclsFilter::encode);
        writer.no_tagged_fields();
    }
}

impl Request for DeleteAclsRequest {
    const API_KEY: ApiKey = ApiKey::DeleteAcls;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DeleteAclsResponse;
}

/// `DeleteAclsFilter` in `DeleteAclsRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsFilter {
    /// `ResourceTypeFilter`.
    pub resource_type_filter: i8,
    /// `ResourceNameFilter`, default `Some(String::new())`.
    pub resource_name_filter: Option<String>,
    /// `PatternTypeFilter`, default 3.
    pub pattern_type_filter: i8,
    /// `PrincipalFilter`, default `Some(String::new())`.
    pub principal_filter: Option<String>,
    /// `HostFilter`, default `Some(String::new())`.
    pub host_filter: Option<String>,
    /// `Operation`.
    pub operation: i8,
    /// `PermissionType`.
    pub permission_type: i8,
}

impl Default for DeleteAclsFilter {
    fn default() -> Self {
        Self {
            resource_type_filter: 0,
            resource_name_filter: Some(String::new()),
            pattern_type_filter: 3,
            principal_filter: Some(String::new()),
            host_filter: Some(String::new()),
            operation: 0,
            permission_type: 0,
        }
    }
}

impl DeleteAclsFilter {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            resource_type_filter: reader.i8()?,
            resource_name_filter: reader.nullable_string()?,
            pattern_type_filter: reader.i8()?,
            principal_filter: reader.nullable_string()?,
            host_filter: reader.nullable_string()?,
            operation: reader.i8()?,
            permission_type: reader.i8()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i8(self.resource_type_filter);
        writer.nullable_string(self.resource_name_filter.as_deref());
        writer.i8(self.pattern_type_filter);
        writer.nullable_string(self.principal_filter.as_deref());
        writer.nullable_string(self.host_filter.as_deref());
        writer.i8(self.operation);
        writer.i8(self.permission_type);
        writer.no_tagged_fields();
    }
}
