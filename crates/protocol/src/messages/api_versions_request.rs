// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ApiVersionsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::api_versions_response::ApiVersionsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 18: versions 0 to 5, flexible from 3.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersionsRequest {
    /// `ClientSoftwareName`, from version 3.
    pub client_software_name: String,
    /// `ClientSoftwareVersion`, from version 3.
    pub client_software_version: String,
    /// `ClusterId`, from version 5.
    pub cluster_id: Option<String>,
    /// `NodeId`, from version 5, default -1.
    pub node_id: i32,
}

impl Default for ApiVersionsRequest {
    fn default() -> Self {
        Self {
            client_software_name: String::new(),
            client_software_version: String::new(),
            cluster_id: None,
            node_id: -1,
        }
    }
}

impl Message for ApiVersionsRequest {
    const NAME: &'static str = "ApiVersionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            client_software_name: if version >= 3 { reader.string()? } else { String::new() },
            client_software_version: if version >= 3 { reader.string()? } else { String::new() },
            cluster_id: if version >= 5 { reader.nullable_string()? } else { None },
            node_id: if version >= 5 { reader.i32()? } else { -1 },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 3 {
            writer.string(&self.client_software_name);
            writer.string(&self.client_software_version);
        }
        if version >= 5 {
            writer.nullable_string(self.cluster_id.as_deref());
            writer.i32(self.node_id);
        }
        writer.no_tagged_fields();
    }
}

impl Request for ApiVersionsRequest {
    const API_KEY: ApiKey = ApiKey::ApiVersions;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ApiVersionsResponse;
}
