//! Why bytes are not a message.

/// Bytes that are not what they claim to be. `position` is where in the reader's bytes, counted from 0.
///
/// A broker answers none of these: it closes the connection, as Kafka does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Fewer bytes are left than the next value needs or claims.
    #[error("{needed} bytes needed at byte {position}, {remaining} left")]
    Truncated {
        /// Where the value begins.
        position: usize,
        /// Bytes that the value takes.
        needed: usize,
        /// Bytes that are left.
        remaining: usize,
    },
    /// A varint that goes on beyond its 5 (or 10) bytes, or holds more than 32 (or 64) bits.
    #[error("varint at byte {position} is too long")]
    VarintTooLong {
        /// Where the varint begins.
        position: usize,
    },
    /// A length or count below -1.
    #[error("length {length} at byte {position} is negative")]
    NegativeLength {
        /// Where the length stands.
        position: usize,
        /// The length as read.
        length: i32,
    },
    /// A null where this version allows none.
    #[error("null at byte {position}, where none is allowed")]
    UnexpectedNull {
        /// Where the length stands.
        position: usize,
    },
    /// Text that is not UTF-8.
    #[error("text at byte {position} is not UTF-8")]
    InvalidUtf8 {
        /// Where the text begins.
        position: usize,
    },
    /// Text of more than [`STRING_BYTES_MAX`](super::STRING_BYTES_MAX) bytes.
    #[error("text of {length} bytes at byte {position} is too long")]
    StringTooLong {
        /// Where the length stands.
        position: usize,
        /// Claimed size in bytes.
        length: usize,
    },
    /// An array of more than [`ARRAY_ELEMENTS_MAX`](super::ARRAY_ELEMENTS_MAX) elements.
    #[error("array of {count} elements at byte {position} is too long")]
    TooManyElements {
        /// Where the count stands.
        position: usize,
        /// Claimed count.
        count: usize,
    },
    /// More than [`TAGGED_FIELDS_MAX`](super::TAGGED_FIELDS_MAX) tagged fields in one struct.
    #[error("{count} tagged fields at byte {position} are too many")]
    TooManyTaggedFields {
        /// Where the count stands.
        position: usize,
        /// Claimed count.
        count: usize,
    },
    /// A tagged field whose value is longer or shorter than its size says.
    #[error("tagged field {tag} that ends at byte {position} is not of the size it claims")]
    TaggedFieldSize {
        /// Where the value ended.
        position: usize,
        /// The field's number.
        tag: u32,
    },
    /// The value would take more memory than the reader may hand out.
    #[error("{needed} bytes of memory needed at byte {position}, {budget} left")]
    OverBudget {
        /// Where the value begins.
        position: usize,
        /// Bytes of memory that the value takes.
        needed: usize,
        /// Bytes of memory that are left.
        budget: usize,
    },
    /// A version that the message does not have.
    #[error("version {version} of {message} does not exist")]
    UnsupportedVersion {
        /// The message's name.
        message: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// A key or record type that does not exist.
    #[error("type {number} at byte {position} is unknown")]
    UnknownType {
        /// Where the type stands.
        position: usize,
        /// The type as read.
        number: i32,
    },
    /// Bytes behind the end of the message.
    #[error("message ends at byte {position}, {remaining} bytes follow")]
    TrailingBytes {
        /// Where the message ended.
        position: usize,
        /// Bytes behind it.
        remaining: usize,
    },
}
