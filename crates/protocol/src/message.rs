//! What every message is able to do, and what the generated code of all of them shares.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::wire::{DecodeError, Reader, Writer};

/// A message or stored record with versions.
pub trait Message: Sized {
    /// Kafka's name of the message.
    const NAME: &'static str;
    /// The versions that exist.
    const VERSIONS: RangeInclusive<i16>;
    /// The first version with compact lengths and tagged fields.
    const FLEXIBLE_FROM: Option<i16>;

    /// Reads the message in `version` off the front of `reader`. Unknown tagged fields are skipped and not kept; fields
    /// that the version does not have get their default.
    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError>;

    /// Writes the message in `version`, which must exist. Fields that the version does not have are left out; a null
    /// where the version allows none is written as empty.
    fn encode(&self, writer: &mut Writer, version: i16);

    /// Whether `version` has compact lengths and tagged fields.
    #[must_use]
    fn is_flexible(version: i16) -> bool {
        Self::FLEXIBLE_FROM.is_some_and(|from| version >= from)
    }

    /// Reads a message that is all of `bytes`.
    fn from_bytes(bytes: &[u8], version: i16) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = Self::decode(&mut reader, version)?;
        reader.finish()?;
        Ok(message)
    }

    /// The message in `version` as bytes.
    #[must_use]
    fn to_vec(&self, version: i16) -> Vec<u8> {
        let mut writer = Writer::new();
        self.encode(&mut writer, version);
        writer.into_vec()
    }
}

/// A request's body.
pub trait Request: Message {
    /// The API.
    const API_KEY: ApiKey;
    /// Whether the newest version is hidden unless `unstable.api.versions.enable` is set.
    const IS_NEWEST_UNSTABLE: bool;
    /// What answers it, in the same version.
    type Response: Response;
}

/// A response's body.
pub trait Response: Message {
    /// The API.
    const API_KEY: ApiKey;
}

/// A record of an internal topic, or one half of it.
pub trait StoredRecord: Message {
    /// The number that tells records of one topic apart; a coordinator record's key and value have the same.
    const RECORD_TYPE: i16;
}

/// Checks the version and chooses the form: every message's `decode` begins so.
pub(crate) fn begin_decode<M: Message>(reader: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
    if !M::VERSIONS.contains(&version) {
        return Err(DecodeError::UnsupportedVersion { message: M::NAME, version });
    }
    reader.set_flexible(M::is_flexible(version));
    Ok(())
}

/// Chooses the form: every message's `encode` begins so.
pub(crate) fn begin_encode<M: Message>(writer: &mut Writer, version: i16) {
    debug_assert!(M::VERSIONS.contains(&version), "{} has no version {version}", M::NAME);
    writer.set_flexible(M::is_flexible(version));
}

/// Version of the frame around metadata and remote log metadata records.
const FRAME_VERSION: u32 = 1;

/// Reads the frame of a metadata record: gives record type and version; the body follows.
///
/// Source: Kafka `AbstractApiMessageSerde`.
pub fn decode_frame(reader: &mut Reader<'_>) -> Result<(i16, i16), DecodeError> {
    let position = reader.position();
    let frame_version = reader.unsigned_varint()?;
    if frame_version != FRAME_VERSION {
        return Err(DecodeError::UnsupportedVersion {
            message: "record frame",
            version: i16::try_from(frame_version).unwrap_or(i16::MAX),
        });
    }
    let number = reader.unsigned_varint()?;
    let record_type = i16::try_from(number).map_err(|_| DecodeError::UnknownType {
        position,
        number: i32::try_from(number).unwrap_or(i32::MAX),
    })?;
    let version = i16::try_from(reader.unsigned_varint()?).unwrap_or(i16::MAX);
    Ok((record_type, version))
}

/// Writes the frame of a metadata record, to which the body in `version` is to be appended.
pub fn encode_frame(writer: &mut Writer, record_type: i16, version: i16) {
    writer.unsigned_varint(FRAME_VERSION);
    writer.unsigned_varint(record_type.cast_unsigned().into());
    writer.unsigned_varint(version.cast_unsigned().into());
}
