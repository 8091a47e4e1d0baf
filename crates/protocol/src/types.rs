//! The words of the domain: offsets, epochs and ids. Raw integers stop at the wire's edge.

use std::fmt;
use std::str::FromStr;

macro_rules! integer_type {
    ($(#[$doc:meta])* $name:ident($raw:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $raw);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$raw> for $name {
            fn from(raw: $raw) -> Self {
                Self(raw)
            }
        }
    };
}

integer_type! {
    /// Position of a record in its partition's log, counted from 0.
    Offset(i64)
}
integer_type! {
    /// Number of a leader's reign over a partition, or of a quorum leader's term.
    LeaderEpoch(i32)
}
integer_type! {
    /// Node id of a broker or controller (`node.id`).
    BrokerId(i32)
}
integer_type! {
    /// Id of an idempotent or transactional producer.
    ProducerId(i64)
}
integer_type! {
    /// Epoch of a producer id; a higher one fences the lower.
    ProducerEpoch(i16)
}

impl Offset {
    /// The first offset of a new log.
    pub const ZERO: Self = Self(0);
    /// "No offset" on the wire.
    pub const UNKNOWN: Self = Self(-1);

    /// The offset `count` records further on.
    #[must_use]
    pub const fn plus(self, count: i64) -> Self {
        Self(self.0 + count)
    }

    /// The offset after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }
}

impl LeaderEpoch {
    /// "No epoch" on the wire (`RecordBatch.NO_PARTITION_LEADER_EPOCH`).
    pub const UNKNOWN: Self = Self(-1);
}

impl BrokerId {
    /// "No broker" on the wire.
    pub const NONE: Self = Self(-1);
}

impl ProducerId {
    /// A batch without a producer id (`RecordBatch.NO_PRODUCER_ID`).
    pub const NONE: Self = Self(-1);
}

impl ProducerEpoch {
    /// A batch without a producer epoch (`RecordBatch.NO_PRODUCER_EPOCH`).
    pub const NONE: Self = Self(-1);
}

/// 128-bit id, most significant byte first. Written as 22 characters of unpadded URL-safe base64 (Kafka's `Uuid`).
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// The all-zero id, which means "none".
    pub const ZERO: Self = Self([0; 16]);

    /// The id whose 128-bit value is `value`.
    #[must_use]
    pub const fn from_u128(value: u128) -> Self {
        Self(value.to_be_bytes())
    }

    /// The id as a 128-bit value.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    /// Whether this is the all-zero id.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// A version 4 (random) id from 128 random bits, or `None` if Kafka would not hand it out: its text would start
    /// with `-`, or it lies in the reserved range below 100. Draw again then. Source: Kafka `Uuid.randomUuid`.
    #[must_use]
    pub fn from_random_bits(bits: u128) -> Option<Self> {
        let id = Self::from_u128((bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62));
        let usable = id.as_u128() >= 100 && !id.to_string().starts_with('-');
        usable.then_some(id)
    }
}

const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.as_u128();
        let mut text = [0u8; 22];
        for (i, slot) in text.iter_mut().enumerate() {
            // 128 bits are 21 groups of 6 and one of 2, which is padded with zeros on the right.
            let six = if i < 21 { (value >> (122 - 6 * i)) & 0x3f } else { (value & 0x3) << 4 };
            *slot = BASE64_URL[six as usize];
        }
        f.pad(std::str::from_utf8(&text).expect("base64 is ASCII"))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a base64 uuid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a uuid (22 characters of URL-safe base64)")]
pub struct ParseUuidError(String);

impl FromStr for Uuid {
    type Err = ParseUuidError;

    fn from_str(text: &str) -> Result<Self, ParseUuidError> {
        let error = || ParseUuidError(text.chars().take(64).collect());
        let bytes = text.strip_suffix("==").unwrap_or(text).as_bytes();
        if bytes.len() != 22 {
            return Err(error());
        }
        let mut value = 0u128;
        for (i, byte) in bytes.iter().enumerate() {
            let six = BASE64_URL.iter().position(|c| c == byte).ok_or_else(error)? as u128;
            value = if i < 21 { (value << 6) | six } else { (value << 2) | (six >> 4) };
        }
        Ok(Self::from_u128(value))
    }
}

macro_rules! uuid_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

uuid_type! {
    /// Id of one life of a topic: deleting and creating a name again gives another id.
    TopicId
}
uuid_type! {
    /// Id of a log directory (`directory.id` in `meta.properties`).
    DirectoryId
}

impl TopicId {
    /// "No topic id" on the wire.
    pub const ZERO: Self = Self(Uuid::ZERO);
    /// The metadata log's id (`Uuid.METADATA_TOPIC_ID`).
    pub const METADATA: Self = Self(Uuid::from_u128(1));
}

impl DirectoryId {
    /// A replica whose directory is not known, from before directories had ids (`DirectoryId.MIGRATING`).
    pub const MIGRATING: Self = Self(Uuid::from_u128(0));
    /// A replica that its broker has yet to place (`DirectoryId.UNASSIGNED`).
    pub const UNASSIGNED: Self = Self(Uuid::from_u128(1));
    /// A replica in a directory that is gone (`DirectoryId.LOST`).
    pub const LOST: Self = Self(Uuid::from_u128(2));
}

/// One partition of one life of a topic. Small and `Copy`: the key of every hot map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId {
    /// The topic's id.
    pub topic_id: TopicId,
    /// Index of the partition in its topic, from 0.
    pub partition: i32,
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic_id, self.partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuid_text_is_kafkas_base64() {
        assert_eq!(TopicId::METADATA.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        let id: Uuid = "MkU3OEVBNTcwNTJENDM2Qg".parse().unwrap();
        assert_eq!(id.0, *b"2E78EA57052D436B");
        assert_eq!(id.to_string(), "MkU3OEVBNTcwNTJENDM2Qg");
    }

    #[test]
    fn uuid_text_of_the_wrong_length_or_alphabet_is_refused() {
        for text in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAA+", "AAAAAAAAAAAAAAAAAAAAAAA", "ÄAAAAAAAAAAAAAAAAAAAA"]
        {
            assert!(text.parse::<Uuid>().is_err(), "{text}");
        }
    }

    #[test]
    fn random_uuids_are_version_4_and_never_start_with_a_dash() {
        assert_eq!(Uuid::from_random_bits(!(1 << 122)), None);
        let id = Uuid::from_random_bits(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef).unwrap();
        assert_eq!(id.0[6] >> 4, 4);
        assert_eq!(id.0[8] >> 6, 2);
    }
}
