//! Kafka's primitive encodings: a reader that trusts no byte, and a writer.
//!
//! Numbers are big-endian. Text, bytes and arrays carry their length in front: in the classic form an i16 or i32 (-1 is
//! null), in the compact form of flexible versions an unsigned varint of length + 1 (0 is null). Flexible structs end
//! with tagged fields. Source: KIP-482; Kafka `ByteBufferAccessor`, `ByteUtils`.

mod error;
mod reader;
mod writer;

pub use error::DecodeError;
pub use reader::{ARRAY_ELEMENTS_MAX, Reader, STRING_BYTES_MAX, TAGGED_FIELDS_MAX, TaggedField};
pub use writer::{TaggedFieldStart, Writer};
