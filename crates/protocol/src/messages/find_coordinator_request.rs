// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `FindCoordinatorRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::find_coordinator_response::FindCoordinatorResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 10: versions 0 to 6, flexible from 3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FindCoordinatorRequest {
    /// `Key`, up to version 3.
    pub key: String,
    /// `KeyType`, from version 1.
    pub key_type: i8,
    /// `CoordinatorKeys`, from version 4.
    pub coordinator_keys: Vec<String>,
}

impl Message for FindCoordinatorRequest {
    const NAME: &'static str = "FindCoordinatorRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            key: if version <= 3 { reader.string()? } else { String::new() },
            key_type: if version >= 1 { reader.i8()? } else { 0 },
            coordinator_keys: if version >= 4 { reader.string_array()? } else { Vec::new() },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version <= 3 {
            writer.string(&self.key);
        }
        if version >= 1 {
            writer.i8(self.key_type);
        }
        if version >= 4 {
            writer.string_array(&self.coordinator_keys);
        }
        writer.no_tagged_fields();
    }
}

impl Request for FindCoordinatorRequest {
    const API_KEY: ApiKey = ApiKey::FindCoordinator;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = FindCoordinatorResponse;
}
