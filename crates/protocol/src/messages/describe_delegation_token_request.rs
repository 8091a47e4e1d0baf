// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeDelegationTokenRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::describe_delegation_token_response::DescribeDelegationTokenResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 41: versions 1 to 3, flexible from 2.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeDelegationTokenRequest {
    /// `Owners`, default `Some(Vec::new())`.
    pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
}

impl Default for DescribeDelegationTokenRequest {
    fn default() -> Self {
        Self { owners: Some(Vec::new()) }
    }
}

impl Message for DescribeDelegationTokenRequest {
    const NAME: &'static str = "DescribeDelegationTokenRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { owners: reader.nullable_array(version, DescribeDelegationTokenOwner::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_array(version, self.owners.as_deref(), DescribeDelegationTokenOwner::encode);
        writer.no_tagged_fields();
    }
}

impl Request for DescribeDelegationTokenRequest {
    const API_KEY: ApiKey = ApiKey::DescribeDelegationToken;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DescribeDelegationTokenResponse;
}

/// `DescribeDelegationTokenOwner` in `DescribeDelegationTokenRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeDelegationTokenOwner {
    /// `PrincipalType`.
    pub principal_type: String,
    /// `PrincipalName`.
    pub principal_name: String,
}

impl DescribeDelegationTokenOwner {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { principal_type: reader.string()?, principal_name: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.principal_type);
        writer.string(&self.principal_name);
        writer.no_tagged_fields();
    }
}
