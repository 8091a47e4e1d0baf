//! Frames of requests and responses.

use bytes::Bytes;
use ottla_protocol::frame::{begin_request, decode_response_head, end_frame};
use ottla_protocol::messages::{Message, Request};
use ottla_protocol::wire::{DecodeError, Reader, Writer};

/// The whole frame of a request. Errors: its size, if it does not fit the length field.
pub(super) fn encode<R: Request>(
    request: &R,
    version: i16,
    correlation_id: i32,
    client_id: &str,
) -> Result<Vec<u8>, usize> {
    let mut writer = Writer::new();
    let start = begin_request(&mut writer, R::API_KEY, version, correlation_id, Some(client_id));
    request.encode(&mut writer, version);
    end_frame(&mut writer, start, 0).map_err(|too_long| too_long.0)?;
    Ok(writer.into_vec())
}

/// The body of a response frame, header checked off. Bytes after the body are ignored, as Kafka's clients do. A broker that
/// was connected to is trusted with as much memory as its honest answers need.
pub(super) fn decode_response<R: Request>(frame: &Bytes, version: i16) -> Result<R::Response, DecodeError> {
    let mut reader = Reader::shared(frame).trusted();
    decode_response_head(&mut reader, R::API_KEY, version)?;
    R::Response::decode(&mut reader, version)
}
