// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeUserScramCredentialsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::describe_user_scram_credentials_response::DescribeUserScramCredentialsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 50: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeUserScramCredentialsRequest {
    /// `Users`, default `Some(Vec::new())`.
    pub users: Option<Vec<UserName>>,
}

impl Default for DescribeUserScramCredentialsRequest {
    fn default() -> Self {
        Self { users: Some(Vec::new()) }
    }
}

impl Message for DescribeUserScramCredentialsRequest {
    const NAME: &'static str = "DescribeUserScramCredentialsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { users: reader.nullable_array(version, UserName::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_array(version, self.users.as_deref(), UserName::encode);
        writer.no_tagged_fields();
    }
}

impl Request for DescribeUserScramCredentialsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeUserScramCredentials;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DescribeUserScramCredentialsResponse;
}

/// `UserName` in `DescribeUserScramCredentialsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UserName {
    /// `Name`.
    pub name: String,
}

impl UserName {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.no_tagged_fields();
    }
}
