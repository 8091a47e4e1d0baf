// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ListGroupsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::list_groups_response::ListGroupsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 16: versions 0 to 5, flexible from 3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListGroupsRequest {
    /// `StatesFilter`, from version 4.
    pub states_filter: Vec<String>,
    /// `TypesFilter`, from version 5.
    pub types_filter: Vec<String>,
}

impl Message for ListGroupsRequest {
    const NAME: &'static str = "ListGroupsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            states_filter: if version >= 4 { reader.string_array()? } else { Vec::new() },
            types_filter: if version >= 5 { reader.string_array()? } else { Vec::new() },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 4 {
            writer.string_array(&self.states_filter);
        }
        if version >= 5 {
            writer.string_array(&self.types_filter);
        }
        writer.no_tagged_fields();
    }
}

impl Request for ListGroupsRequest {
    const API_KEY: ApiKey = ApiKey::ListGroups;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ListGroupsResponse;
}
