// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AlterUserScramCredentialsRequest` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::alter_user_scram_credentials_response::AlterUserScramCredentialsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 51: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterUserScramCredentialsRequest {
    /// `Deletions`.
    pub deletions: Vec<ScramCredentialDeletion>,
    /// `Upsertions`.
    pub upsertions: Vec<ScramCredentialUpsertion>,
}

impl Message for AlterUserScramCredentialsRequest {
    const NAME: &'static str = "AlterUserScramCredentialsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            deletions: reader.array(version, ScramCredentialDeletion::decode)?,
            upsertions: reader.array(version, ScramCredentialUpsertion::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.deletions, ScramCredentialDeletion::encode);
        writer.array(version, &self.upsertions, ScramCredentialUpsertion::encode);
        writer.no_tagged_fields();
    }
}

impl Request for AlterUserScramCredentialsRequest {
    const API_KEY: ApiKey = ApiKey::AlterUserScramCredentials;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = AlterUserScramCredentialsResponse;
}

/// `ScramCredentialDeletion` in `AlterUserScramCredentialsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ScramCredentialDeletion {
    /// `Name`.
    pub name: String,
    /// `Mechanism`.
    pub mechanism: i8,
}

impl ScramCredentialDeletion {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, mechanism: reader.i8()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.i8(self.mechanism);
        writer.no_tagged_fields();
    }
}

/// `ScramCredentialUpsertion` in `AlterUserScramCredentialsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ScramCredentialUpsertion {
    /// `Name`.
    pub name: String,
    /// `Mechanism`.
    pub mechanism: i8,
    /// `Iterations`.
    pub iterations: i32,
    /// `Salt`.
    pub salt: Bytes,
    /// `SaltedPassword`.
    pub salted_password: Bytes,
}

impl ScramCredentialUpsertion {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            mechanism: reader.i8()?,
            iterations: reader.i32()?,
            salt: reader.bytes()?,
            salted_password: reader.bytes()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.i8(self.mechanism);
        writer.i32(self.iterations);
        writer.bytes(&self.salt);
        writer.bytes(&self.salted_password);
        writer.no_tagged_fields();
    }
}
