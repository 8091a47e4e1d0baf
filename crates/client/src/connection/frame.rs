//! Frames: a length, a header, a body.

use super::{ApiKey, Message, Reader, Request, RequestHeader, ResponseHeader, Writer};
use bytes::Bytes;
use ottla_protocol::wire::DecodeError;

/// Size of a frame's length field.
pub(super) const LENGTH_SIZE: usize = 4;

/// The whole frame of a request. Errors: its size, if it does not fit the length field.
pub(super) fn encode(
    key: ApiKey,
    version: i16,
    correlation_id: i32,
    client_id: &str,
    body: impl FnOnce(&mut Writer),
) -> Result<Vec<u8>, usize> {
    let mut writer = Writer::new();
    writer.i32(0);
    let header = RequestHeader {
        request_api_key: key.into(),
        request_api_version: version,
        correlation_id,
        client_id: Some(client_id.to_owned()),
        ..RequestHeader::default()
    };
    header.encode(&mut writer, key.request_header_version(version));
    body(&mut writer);
    let mut frame = writer.into_vec();
    let size = frame.len() - LENGTH_SIZE;
    let length = i32::try_from(size).map_err(|_| size)?;
    frame[..LENGTH_SIZE].copy_from_slice(&length.to_be_bytes());
    Ok(frame)
}

/// The body of a response frame, header checked off. Bytes after the body are ignored, as Kafka's clients do. A broker that
/// was connected to is trusted with as much memory as its honest answers need.
pub(super) fn decode_response<R: Request>(frame: &Bytes, version: i16) -> Result<R::Response, DecodeError> {
    let mut reader = Reader::shared(frame).trusted();
    ResponseHeader::decode(&mut reader, R::API_KEY.response_header_version(version))?;
    R::Response::decode(&mut reader, version)
}
