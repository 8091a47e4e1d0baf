// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `CreateDelegationTokenRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::create_delegation_token_response::CreateDelegationTokenResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 38: versions 1 to 3, flexible from 2.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateDelegationTokenRequest {
    /// `OwnerPrincipalType`, from version 3, default `Some(String::new())`.
    pub owner_principal_type: Option<String>,
    /// `OwnerPrincipalName`, from version 3, default `Some(String::new())`.
    pub owner_principal_name: Option<String>,
    /// `Renewers`.
    pub renewers: Vec<CreatableRenewers>,
    /// `MaxLifetimeMs`.
    pub max_lifetime_ms: i64,
}

impl Default for CreateDelegationTokenRequest {
    fn default() -> Self {
        Self {
            owner_principal_type: Some(String::new()),
            owner_principal_name: Some(String::new()),
            renewers: Vec::new(),
            max_lifetime_ms: 0,
        }
    }
}

impl Message for CreateDelegationTokenRequest {
    const NAME: &'static str = "CreateDelegationTokenRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            owner_principal_type: if version >= 3 { reader.nullable_string()? } else { Some(String::new()) },
            owner_principal_name: if version >= 3 { reader.nullable_string()? } else { Some(String::new()) },
            renewers: reader.array(version, CreatableRenewers::decode)?,
            max_lifetime_ms: reader.i64()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 3 {
            writer.nullable_string(self.owner_principal_type.as_deref());
            writer.nullable_string(self.owner_principal_name.as_deref());
        }
        writer.array(version, &self.renewers, CreatableRenewers::encode);
        writer.i64(self.max_lifetime_ms);
        writer.no_tagged_fields();
    }
}

impl Request for CreateDelegationTokenRequest {
    const API_KEY: ApiKey = ApiKey::CreateDelegationToken;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = CreateDelegationTokenResponse;
}

/// `CreatableRenewers` in `CreateDelegationTokenRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatableRenewers {
    /// `PrincipalType`.
    pub principal_type: String,
    /// `PrincipalName`.
    pub principal_name: String,
}

impl CreatableRenewers {
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
