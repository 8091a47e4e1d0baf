//! Frames: the length in front of every request and response, and the headers behind it.
//!
//! ```text
//! size i32 | header | body        size counts header and body
//! ```

use crate::api::ApiKey;
use crate::message::Message;
use crate::messages::request_header::RequestHeader;
use crate::messages::response_header::ResponseHeader;
use crate::wire::{DecodeError, Reader, Writer};

/// Bytes of the length in front of a frame.
pub const FRAME_LENGTH_SIZE: usize = 4;
/// The least size of a request: key, version, correlation id and a null client id.
pub const REQUEST_SIZE_MIN: usize = 10;

/// A length that no frame may have. The connection is closed, as Kafka does (`NetworkReceive`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameLengthError {
    /// Too small to hold a header, or negative.
    #[error("frame of {0} bytes holds no header")]
    TooSmall(i32),
    /// More than the listener takes.
    #[error("frame of {size} bytes is larger than {size_max}")]
    TooLarge {
        /// The claimed size in bytes.
        size: i32,
        /// The largest size in bytes that is taken.
        size_max: usize,
    },
}

/// The size in bytes of the request behind the length `prefix`, at most `size_max` (`socket.request.max.bytes`).
pub fn request_size(prefix: [u8; FRAME_LENGTH_SIZE], size_max: usize) -> Result<usize, FrameLengthError> {
    let claimed = i32::from_be_bytes(prefix);
    let size = usize::try_from(claimed).map_err(|_| FrameLengthError::TooSmall(claimed))?;
    if size < REQUEST_SIZE_MIN {
        return Err(FrameLengthError::TooSmall(claimed));
    }
    if size > size_max {
        return Err(FrameLengthError::TooLarge { size: claimed, size_max });
    }
    Ok(size)
}

/// A request's header, read without copying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestHead<'a> {
    /// The API.
    pub api_key: ApiKey,
    /// Version of the body. It exists, except for ApiVersions: see [`RequestHead::is_version_known`].
    pub api_version: i16,
    /// To be repeated in the response.
    pub correlation_id: i32,
    /// Name of the client, for quotas and logs.
    pub client_id: Option<&'a str>,
    /// Where in the frame the body begins, in bytes.
    pub body_start: usize,
}

impl RequestHead<'_> {
    /// Whether the body can be read. An ApiVersions request of an unknown version must be answered in version 0, with
    /// `UNSUPPORTED_VERSION` and the range of ApiVersions alone (KIP-511).
    #[must_use]
    pub fn is_version_known(&self) -> bool {
        self.api_key.has_version(self.api_version)
    }
}

/// Why a frame is no request. The connection is closed, as Kafka does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestHeadError {
    /// A key that no API has.
    #[error("api key {0} is unknown")]
    UnknownApi(i16),
    /// A version that the API does not have.
    #[error("{api_key} has no version {version}")]
    UnsupportedVersion {
        /// The API.
        api_key: ApiKey,
        /// The version asked for.
        version: i16,
    },
    /// Bytes that are no header.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
}

/// Reads the header at the front of a request's `frame` (without its length). Allocates nothing: unknown tagged fields
/// are skipped, at most [`TAGGED_FIELDS_MAX`](crate::wire::TAGGED_FIELDS_MAX) of them.
pub fn decode_request_head(frame: &[u8]) -> Result<RequestHead<'_>, RequestHeadError> {
    let mut reader = Reader::new(frame);
    let key = reader.i16()?;
    let api_version = reader.i16()?;
    let correlation_id = reader.i32()?;
    let api_key = ApiKey::try_from(key).map_err(|unknown| RequestHeadError::UnknownApi(unknown.0))?;
    if !api_key.has_version(api_version) && api_key != ApiKey::ApiVersions {
        return Err(RequestHeadError::UnsupportedVersion { api_key, version: api_version });
    }
    let client_id = reader.classic_nullable_str()?;
    reader.set_flexible(RequestHeader::is_flexible(api_key.request_header_version(api_version)));
    reader.skip_tagged_fields()?;
    Ok(RequestHead { api_key, api_version, correlation_id, client_id, body_start: reader.position() })
}

/// A frame that is being written: where its length stands.
#[derive(Clone, Copy, Debug)]
#[must_use = "a frame must be ended"]
pub struct FrameStart(usize);

/// A frame that came out larger than its length can say: over 2 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("frame of {0} bytes is larger than its length can say")]
pub struct FrameTooLong(pub usize);

/// Begins a request: room for the length, then the header. The body is written next.
pub fn begin_request(
    writer: &mut Writer,
    api_key: ApiKey,
    api_version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
) -> FrameStart {
    let start = begin_frame(writer);
    writer.set_flexible(RequestHeader::is_flexible(api_key.request_header_version(api_version)));
    writer.i16(api_key.into());
    writer.i16(api_version);
    writer.i32(correlation_id);
    writer.classic_nullable_string(client_id);
    writer.no_tagged_fields();
    start
}

/// Begins a response: room for the length, then the header. The body is written next.
pub fn begin_response(
    writer: &mut Writer,
    api_key: ApiKey,
    api_version: i16,
    correlation_id: i32,
) -> FrameStart {
    let start = begin_frame(writer);
    ResponseHeader { correlation_id }.encode(writer, api_key.response_header_version(api_version));
    start
}

fn begin_frame(writer: &mut Writer) -> FrameStart {
    let start = FrameStart(writer.len());
    writer.i32(0);
    start
}

/// Ends a frame: fills in its length. `out_of_line` are the bytes that belong to the frame but are sent from elsewhere.
pub fn end_frame(writer: &mut Writer, start: FrameStart, out_of_line: usize) -> Result<(), FrameTooLong> {
    let FrameStart(start) = start;
    let size = writer.len() - start - FRAME_LENGTH_SIZE + out_of_line;
    let length = i32::try_from(size).map_err(|_| FrameTooLong(size))?;
    writer.as_mut_slice()[start..start + FRAME_LENGTH_SIZE].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

/// Reads the header at the front of a response; gives the correlation id. The body follows in `reader`.
pub fn decode_response_head(
    reader: &mut Reader<'_>,
    api_key: ApiKey,
    api_version: i16,
) -> Result<i32, DecodeError> {
    let header = ResponseHeader::decode(reader, api_key.response_header_version(api_version))?;
    Ok(header.correlation_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::TAGGED_FIELDS_MAX;

    #[test]
    fn only_lengths_that_hold_a_header_and_fit_the_listener_are_taken() {
        assert_eq!(request_size(100i32.to_be_bytes(), 100), Ok(100));
        assert_eq!(request_size(10i32.to_be_bytes(), 100), Ok(10));
        for length in [i32::MIN, -1, 0, 9] {
            assert_eq!(request_size(length.to_be_bytes(), 100), Err(FrameLengthError::TooSmall(length)));
        }
        for length in [101, i32::MAX] {
            let error = FrameLengthError::TooLarge { size: length, size_max: 100 };
            assert_eq!(request_size(length.to_be_bytes(), 100), Err(error));
        }
    }

    /// Key, version, correlation id 7, client id "me", then `rest`.
    fn frame(key: i16, version: i16, rest: &[u8]) -> Vec<u8> {
        let mut frame = [key.to_be_bytes(), version.to_be_bytes()].concat();
        frame.extend([0, 0, 0, 7, 0, 2, b'm', b'e']);
        frame.extend(rest);
        frame
    }

    #[test]
    fn the_header_is_read_up_to_the_body() {
        let head = |api_key, api_version, body_start| RequestHead {
            api_key,
            api_version,
            correlation_id: 7,
            client_id: Some("me"),
            body_start,
        };
        assert_eq!(decode_request_head(&frame(0, 8, b"body")), Ok(head(ApiKey::Produce, 8, 12)));
        assert_eq!(decode_request_head(&frame(0, 9, b"\0body")), Ok(head(ApiKey::Produce, 9, 13)));
        // Two unknown tagged fields: 5 of size 3, 9 of size 0.
        let tagged = frame(0, 9, b"\x02\x05\x03abc\x09\x00body");
        assert_eq!(decode_request_head(&tagged), Ok(head(ApiKey::Produce, 9, 20)));
    }

    #[test]
    fn unknown_keys_and_versions_are_refused_except_for_api_versions() {
        assert_eq!(decode_request_head(&frame(4, 0, &[])), Err(RequestHeadError::UnknownApi(4)));
        let error = RequestHeadError::UnsupportedVersion { api_key: ApiKey::Produce, version: 2 };
        assert_eq!(decode_request_head(&frame(0, 2, &[])), Err(error));
        for (version, rest) in [(6, &[0u8][..]), (i16::MAX, &[0]), (-1, &[])] {
            let frame = frame(18, version, rest);
            let head = decode_request_head(&frame).unwrap();
            assert_eq!((head.api_key, head.is_version_known()), (ApiKey::ApiVersions, false));
        }
    }

    #[test]
    fn forged_tagged_field_counts_are_refused() {
        let count = TAGGED_FIELDS_MAX + 1;
        let mut many = vec![0x91, 0x4e];
        many.extend([0u8; 40_000]);
        assert_eq!(
            decode_request_head(&frame(18, 3, &many)),
            Err(DecodeError::TooManyTaggedFields { position: 12, count }.into())
        );
        let huge = frame(18, 3, &[0xff, 0xff, 0xff, 0xff, 0x0f]);
        let count = u32::MAX as usize;
        assert_eq!(
            decode_request_head(&huge),
            Err(DecodeError::TooManyTaggedFields { position: 12, count }.into())
        );
    }

    #[test]
    fn what_begin_request_writes_is_what_decode_request_head_reads() {
        let mut writer = Writer::new();
        for version in [8, 9] {
            let from = writer.len();
            let start = begin_request(&mut writer, ApiKey::Produce, version, 7, Some("me"));
            writer.raw(b"body");
            end_frame(&mut writer, start, 0).unwrap();
            let (length, frame) = writer.as_slice()[from..].split_first_chunk().unwrap();
            assert_eq!(request_size(*length, 100), Ok(frame.len()));
            let head = decode_request_head(frame).unwrap();
            assert_eq!((head.api_version, head.client_id), (version, Some("me")));
            assert_eq!(&frame[head.body_start..], b"body");
        }
    }

    #[test]
    fn a_response_counts_what_is_sent_from_elsewhere() {
        let mut writer = Writer::new();
        let start = begin_response(&mut writer, ApiKey::Fetch, 12, 7);
        end_frame(&mut writer, start, 1000).unwrap();
        assert_eq!(writer.as_slice(), [0, 0, 3, 237, 0, 0, 0, 7, 0]);
        let mut reader = Reader::new(&writer.as_slice()[4..]);
        assert_eq!(decode_response_head(&mut reader, ApiKey::Fetch, 12), Ok(7));
        assert_eq!(end_frame(&mut writer, start, 1 << 31), Err(FrameTooLong((1 << 31) + 5)));
    }
}
