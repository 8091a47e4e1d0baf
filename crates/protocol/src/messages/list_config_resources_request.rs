// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ListConfigResourcesRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::list_config_resources_response::ListConfigResourcesResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 74: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListConfigResourcesRequest {
    /// `ResourceTypes`, from version 1.
    pub resource_types: Vec<i8>,
}

impl Message for ListConfigResourcesRequest {
    const NAME: &'static str = "ListConfigResourcesRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { resource_types: if version >= 1 { reader.i8_array()? } else { Vec::new() } };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 1 {
            writer.i8_array(&self.resource_types);
        }
        writer.no_tagged_fields();
    }
}

impl Request for ListConfigResourcesRequest {
    const API_KEY: ApiKey = ApiKey::ListConfigResources;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ListConfigResourcesResponse;
}
