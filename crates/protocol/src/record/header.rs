//! The 61-byte header of a magic 2 batch, as a value.
//!
//! ```text
//!  0 i64 base offset        16 i8  magic               35 i64 max timestamp
//!  8 i32 length of the rest 17 u32 CRC-32C of 21..     43 i64 producer id
//! 12 i32 leader epoch       21 i16 attributes          51 i16 producer epoch
//!                           23 i32 last offset delta   53 i32 base sequence
//!                           27 i64 base timestamp      57 i32 record count
//! ```
//!
//! Source: KIP-98; Kafka `DefaultRecordBatch`.

use super::batch::BatchError;
use super::checksum::{crc32c, crc32c_append};
use super::compression::{Compression, UnknownCompression};
use crate::time::Timestamp;
use crate::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

/// Where the base offset lies in a batch of any magic.
pub const BASE_OFFSET_OFFSET: usize = 0;
/// Where the length of the rest of the batch lies, in a batch of any magic.
pub const LENGTH_OFFSET: usize = BASE_OFFSET_OFFSET + 8;
/// Bytes of base offset and length: what the length does not count.
pub const LOG_OVERHEAD: usize = LENGTH_OFFSET + 4;
/// Where the leader epoch lies.
pub const LEADER_EPOCH_OFFSET: usize = LOG_OVERHEAD;
/// Where the magic lies, in a batch of any magic.
pub const MAGIC_OFFSET: usize = LEADER_EPOCH_OFFSET + 4;
/// Bytes up to and with the magic: enough to tell any batch's size and format.
pub const HEADER_SIZE_UP_TO_MAGIC: usize = MAGIC_OFFSET + 1;
/// Where the CRC lies.
pub const CRC_OFFSET: usize = MAGIC_OFFSET + 1;
/// Where the attributes lie: the first byte that the CRC covers.
pub const ATTRIBUTES_OFFSET: usize = CRC_OFFSET + 4;
/// Where the last record's offset delta lies.
pub const LAST_OFFSET_DELTA_OFFSET: usize = ATTRIBUTES_OFFSET + 2;
/// Where the base timestamp lies.
pub const BASE_TIMESTAMP_OFFSET: usize = LAST_OFFSET_DELTA_OFFSET + 4;
/// Where the max timestamp lies.
pub const MAX_TIMESTAMP_OFFSET: usize = BASE_TIMESTAMP_OFFSET + 8;
/// Where the producer id lies.
pub const PRODUCER_ID_OFFSET: usize = MAX_TIMESTAMP_OFFSET + 8;
/// Where the producer epoch lies.
pub const PRODUCER_EPOCH_OFFSET: usize = PRODUCER_ID_OFFSET + 8;
/// Where the base sequence lies.
pub const BASE_SEQUENCE_OFFSET: usize = PRODUCER_EPOCH_OFFSET + 2;
/// Where the record count lies.
pub const RECORD_COUNT_OFFSET: usize = BASE_SEQUENCE_OFFSET + 4;
/// Size of the header: where the records begin.
pub const RECORD_BATCH_OVERHEAD: usize = RECORD_COUNT_OFFSET + 4;

const _: () = assert!(LOG_OVERHEAD == 12);
const _: () = assert!(MAGIC_OFFSET == 16);
const _: () = assert!(CRC_OFFSET == 17);
const _: () = assert!(ATTRIBUTES_OFFSET == 21);
const _: () = assert!(LAST_OFFSET_DELTA_OFFSET == 23);
const _: () = assert!(BASE_TIMESTAMP_OFFSET == 27);
const _: () = assert!(MAX_TIMESTAMP_OFFSET == 35);
const _: () = assert!(PRODUCER_ID_OFFSET == 43);
const _: () = assert!(PRODUCER_EPOCH_OFFSET == 51);
const _: () = assert!(BASE_SEQUENCE_OFFSET == 53);
const _: () = assert!(RECORD_COUNT_OFFSET == 57);
const _: () = assert!(RECORD_BATCH_OVERHEAD == 61);

/// The magic of the current batch format.
pub const MAGIC_V2: i8 = 2;
/// A batch without a sequence (`RecordBatch.NO_SEQUENCE`).
pub const NO_SEQUENCE: i32 = -1;

/// Which clock a record's timestamp comes from (`message.timestamp.type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// The producer's.
    #[default]
    CreateTime,
    /// The broker's, at the time of the append.
    LogAppendTime,
}

impl TimestampType {
    /// The name in configurations: `CreateTime` or `LogAppendTime`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateTime => "CreateTime",
            Self::LogAppendTime => "LogAppendTime",
        }
    }

    /// The type with this configuration name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::CreateTime, Self::LogAppendTime].into_iter().find(|kind| kind.name() == name)
    }
}

/// The flags of a batch. Kafka reads the low byte only; the high byte is kept as it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes(pub i16);

impl Attributes {
    const COMPRESSION_MASK: i16 = 0x07;
    const TIMESTAMP_TYPE: i16 = 0x08;
    const TRANSACTIONAL: i16 = 0x10;
    const CONTROL: i16 = 0x20;
    const DELETE_HORIZON: i16 = 0x40;
    const USED: i16 = 0x7f;

    /// Attributes with this codec and no flag.
    #[must_use]
    pub const fn of(compression: Compression) -> Self {
        Self(compression.code() as i16)
    }

    /// The codec of the records. Errors: codes 5 to 7 name none.
    pub const fn compression(self) -> Result<Compression, UnknownCompression> {
        Compression::from_code((self.0 & Self::COMPRESSION_MASK) as u8)
    }

    /// Whether the records are compressed, by any codec, known or not.
    #[must_use]
    pub const fn is_compressed(self) -> bool {
        self.0 & Self::COMPRESSION_MASK != 0
    }

    /// Whose clock the timestamps come from.
    #[must_use]
    pub const fn timestamp_type(self) -> TimestampType {
        if self.0 & Self::TIMESTAMP_TYPE == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Whether the records belong to a transaction.
    #[must_use]
    pub const fn is_transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    /// Whether the records are the cluster's own (transaction markers, quorum records) and not for clients.
    #[must_use]
    pub const fn is_control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    /// Whether the base timestamp is the time at which compaction may drop tombstones (KIP-534).
    #[must_use]
    pub const fn has_delete_horizon(self) -> bool {
        self.0 & Self::DELETE_HORIZON != 0
    }

    /// The same with another timestamp type. Bits without a meaning are cleared, as Kafka does when it rewrites them.
    #[must_use]
    pub const fn with_timestamp_type(self, timestamp_type: TimestampType) -> Self {
        let used = self.0 & Self::USED;
        match timestamp_type {
            TimestampType::CreateTime => Self(used & !Self::TIMESTAMP_TYPE),
            TimestampType::LogAppendTime => Self(used | Self::TIMESTAMP_TYPE),
        }
    }

    /// The same, marked as part of a transaction.
    #[must_use]
    pub const fn with_transactional(self) -> Self {
        Self(self.0 | Self::TRANSACTIONAL)
    }

    /// The same, marked as control records.
    #[must_use]
    pub const fn with_control(self) -> Self {
        Self(self.0 | Self::CONTROL)
    }

    /// The same, saying that the base timestamp is a delete horizon.
    #[must_use]
    pub const fn with_delete_horizon(self) -> Self {
        Self(self.0 | Self::DELETE_HORIZON)
    }
}

/// Every field of a batch's header. Nothing but size and magic is checked: the CRC says whether the others are whole,
/// and the leader's validation whether they make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record that the batch had when it was written; compaction keeps it.
    pub base_offset: Offset,
    /// Size of the whole batch in bytes, header and all. At least 61.
    pub size_bytes: usize,
    /// Epoch of the leader that appended the batch.
    pub leader_epoch: LeaderEpoch,
    /// Format of the batch: 2.
    pub magic: i8,
    /// CRC-32C of everything from the attributes on, as stored.
    pub crc: u32,
    /// The flags.
    pub attributes: Attributes,
    /// Last offset less base offset; compaction keeps it, so it may exceed the count of records.
    pub last_offset_delta: i32,
    /// What the records' timestamp deltas add to; the delete horizon if the attributes say so.
    pub base_timestamp: Timestamp,
    /// Largest timestamp, or the time of the append under `LogAppendTime`.
    pub max_timestamp: Timestamp,
    /// Id of the producer, or `ProducerId::NONE`.
    pub producer_id: ProducerId,
    /// Epoch of the producer, or `ProducerEpoch::NONE`.
    pub producer_epoch: ProducerEpoch,
    /// Sequence of the first record, or [`NO_SEQUENCE`].
    pub base_sequence: i32,
    /// Count of records; 0 in a batch that compaction emptied.
    pub record_count: i32,
}

impl BatchHeader {
    /// Reads the header from the first 61 bytes of a batch; the rest need not be at hand.
    ///
    /// Errors: fewer bytes, a length that leaves no room for a header, a magic other than 2.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let peek = BatchPeek::parse(bytes)?;
        peek.require_v2()?;
        let Some(header) = bytes.first_chunk::<RECORD_BATCH_OVERHEAD>() else {
            return Err(BatchError::Incomplete { needed: RECORD_BATCH_OVERHEAD, available: bytes.len() });
        };
        Ok(Self {
            base_offset: peek.base_offset,
            size_bytes: peek.size_bytes,
            leader_epoch: LeaderEpoch(i32::from_be_bytes(field::<LEADER_EPOCH_OFFSET, 4>(header))),
            magic: peek.magic,
            crc: u32::from_be_bytes(field::<CRC_OFFSET, 4>(header)),
            attributes: Attributes(i16::from_be_bytes(field::<ATTRIBUTES_OFFSET, 2>(header))),
            last_offset_delta: i32::from_be_bytes(field::<LAST_OFFSET_DELTA_OFFSET, 4>(header)),
            base_timestamp: Timestamp(i64::from_be_bytes(field::<BASE_TIMESTAMP_OFFSET, 8>(header))),
            max_timestamp: Timestamp(i64::from_be_bytes(field::<MAX_TIMESTAMP_OFFSET, 8>(header))),
            producer_id: ProducerId(i64::from_be_bytes(field::<PRODUCER_ID_OFFSET, 8>(header))),
            producer_epoch: ProducerEpoch(i16::from_be_bytes(field::<PRODUCER_EPOCH_OFFSET, 2>(header))),
            base_sequence: i32::from_be_bytes(field::<BASE_SEQUENCE_OFFSET, 4>(header)),
            record_count: i32::from_be_bytes(field::<RECORD_COUNT_OFFSET, 4>(header)),
        })
    }

    /// The header's 61 bytes, with the CRC that it holds (see [`Self::seal`]).
    ///
    /// Panics if `size_bytes` is no size of a batch: that is a bug of the caller.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; RECORD_BATCH_OVERHEAD] {
        assert!(self.size_bytes >= RECORD_BATCH_OVERHEAD, "a batch of {} bytes", self.size_bytes);
        let length = i32::try_from(self.size_bytes - LOG_OVERHEAD).expect("a batch of less than 2 GiB");
        let mut header = [0; RECORD_BATCH_OVERHEAD];
        put::<BASE_OFFSET_OFFSET, 8>(&mut header, self.base_offset.0.to_be_bytes());
        put::<LENGTH_OFFSET, 4>(&mut header, length.to_be_bytes());
        put::<LEADER_EPOCH_OFFSET, 4>(&mut header, self.leader_epoch.0.to_be_bytes());
        put::<MAGIC_OFFSET, 1>(&mut header, self.magic.to_be_bytes());
        put::<CRC_OFFSET, 4>(&mut header, self.crc.to_be_bytes());
        put::<ATTRIBUTES_OFFSET, 2>(&mut header, self.attributes.0.to_be_bytes());
        put::<LAST_OFFSET_DELTA_OFFSET, 4>(&mut header, self.last_offset_delta.to_be_bytes());
        put::<BASE_TIMESTAMP_OFFSET, 8>(&mut header, self.base_timestamp.0.to_be_bytes());
        put::<MAX_TIMESTAMP_OFFSET, 8>(&mut header, self.max_timestamp.0.to_be_bytes());
        put::<PRODUCER_ID_OFFSET, 8>(&mut header, self.producer_id.0.to_be_bytes());
        put::<PRODUCER_EPOCH_OFFSET, 2>(&mut header, self.producer_epoch.0.to_be_bytes());
        put::<BASE_SEQUENCE_OFFSET, 4>(&mut header, self.base_sequence.to_be_bytes());
        put::<RECORD_COUNT_OFFSET, 4>(&mut header, self.record_count.to_be_bytes());
        header
    }

    /// Sets size and CRC to those of this header followed by `records`, as they will be stored.
    pub fn seal(&mut self, records: &[u8]) {
        self.size_bytes = RECORD_BATCH_OVERHEAD + records.len();
        let head = self.to_bytes();
        self.crc = crc32c_append(crc32c(&head[ATTRIBUTES_OFFSET..]), records);
    }

    /// The header of the same batch once compaction has taken all of its records: offsets, producer and epoch stay, so that
    /// the producer's last sequence is still known. It is a whole batch.
    ///
    /// Source: Kafka `DefaultRecordBatch.writeEmptyHeader`.
    #[must_use]
    pub fn emptied(&self) -> Self {
        let mut attributes =
            Attributes::of(Compression::None).with_timestamp_type(self.attributes.timestamp_type());
        if self.attributes.is_transactional() {
            attributes = attributes.with_transactional();
        }
        if self.attributes.is_control() {
            attributes = attributes.with_control();
        }
        let mut header = Self { attributes, base_timestamp: Timestamp::NONE, record_count: 0, ..*self };
        header.seal(&[]);
        header
    }

    /// Offset of the last record that the batch had when it was written.
    #[must_use]
    pub const fn last_offset(&self) -> Offset {
        Offset(self.base_offset.0.wrapping_add(self.last_offset_delta as i64))
    }

    /// Offset after the batch: the base offset of the one that follows it, unless compaction took that one.
    #[must_use]
    pub const fn next_offset(&self) -> Offset {
        Offset(self.last_offset().0.wrapping_add(1))
    }

    /// Sequence of the last record, or [`NO_SEQUENCE`].
    #[must_use]
    pub const fn last_sequence(&self) -> i32 {
        if self.base_sequence == NO_SEQUENCE {
            return NO_SEQUENCE;
        }
        increment_sequence(self.base_sequence, self.last_offset_delta)
    }

    /// Whether an idempotent or transactional producer wrote the batch.
    #[must_use]
    pub const fn has_producer_id(&self) -> bool {
        // Kafka asks whether it is above NO_PRODUCER_ID, so that other negative ids mean none as well.
        self.producer_id.0 > ProducerId::NONE.0
    }

    /// The time from which compaction may drop the batch's tombstones, if it has been set (KIP-534).
    #[must_use]
    pub const fn delete_horizon(&self) -> Option<Timestamp> {
        if self.attributes.has_delete_horizon() { Some(self.base_timestamp) } else { None }
    }

    /// The timestamp of every record under `LogAppendTime`; `None` means that each has its own.
    #[must_use]
    pub const fn log_append_time(&self) -> Option<Timestamp> {
        match self.attributes.timestamp_type() {
            TimestampType::LogAppendTime => Some(self.max_timestamp),
            TimestampType::CreateTime => None,
        }
    }
}

/// What the first 17 bytes tell of a batch of any format: enough to walk a file from batch to batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchPeek {
    /// The offset field: the base offset in magic 2, the last offset of the set in magic 0 and 1.
    pub base_offset: Offset,
    /// Size of the whole batch in bytes.
    pub size_bytes: usize,
    /// Format of the batch: 0, 1 or 2.
    pub magic: i8,
}

impl BatchPeek {
    /// Reads the first 17 bytes. Errors: fewer bytes, a length below the format's minimum, an unknown magic.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let Some(head) = bytes.first_chunk::<HEADER_SIZE_UP_TO_MAGIC>() else {
            return Err(BatchError::Incomplete { needed: HEADER_SIZE_UP_TO_MAGIC, available: bytes.len() });
        };
        let length = i32::from_be_bytes(field::<LENGTH_OFFSET, 4>(head));
        let magic = i8::from_be_bytes(field::<MAGIC_OFFSET, 1>(head));
        let minimum = match magic {
            0 => super::legacy::RECORD_OVERHEAD_V0,
            1 => super::legacy::RECORD_OVERHEAD_V1,
            MAGIC_V2 => RECORD_BATCH_OVERHEAD - LOG_OVERHEAD,
            _ => return Err(BatchError::UnknownMagic { magic }),
        };
        match usize::try_from(length) {
            Ok(rest) if rest >= minimum => Ok(Self {
                base_offset: Offset(i64::from_be_bytes(field::<BASE_OFFSET_OFFSET, 8>(head))),
                size_bytes: LOG_OVERHEAD + rest,
                magic,
            }),
            _ => Err(BatchError::LengthTooSmall { length, minimum }),
        }
    }

    pub(super) fn require_v2(&self) -> Result<(), BatchError> {
        if self.magic == MAGIC_V2 { Ok(()) } else { Err(BatchError::Legacy { magic: self.magic }) }
    }
}

/// The sequence `increment` records after `sequence`: 2147483647 is followed by 0.
#[must_use]
pub const fn increment_sequence(sequence: i32, increment: i32) -> i32 {
    if sequence > i32::MAX.wrapping_sub(increment) {
        return increment.wrapping_sub(i32::MAX.wrapping_sub(sequence)).wrapping_sub(1);
    }
    sequence.wrapping_add(increment)
}

/// The sequence `decrement` records before `sequence`: 0 follows 2147483647.
#[must_use]
pub const fn decrement_sequence(sequence: i32, decrement: i32) -> i32 {
    if sequence < decrement {
        return i32::MAX.wrapping_sub(decrement.wrapping_sub(sequence)).wrapping_add(1);
    }
    sequence.wrapping_sub(decrement)
}

/// The `N` bytes at `AT`; that they lie inside is checked when the program is compiled.
fn field<const AT: usize, const N: usize>(header: &[u8]) -> [u8; N] {
    header[AT..AT + N].try_into().expect("a range of N bytes")
}

fn put<const AT: usize, const N: usize>(header: &mut [u8; RECORD_BATCH_OVERHEAD], bytes: [u8; N]) {
    header[AT..AT + N].copy_from_slice(&bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> BatchHeader {
        BatchHeader {
            base_offset: Offset(0x0102_0304_0506_0708),
            size_bytes: 61 + 5,
            leader_epoch: LeaderEpoch(0x1112_1314),
            magic: MAGIC_V2,
            crc: 0xa1a2_a3a4,
            attributes: Attributes(0x0033),
            last_offset_delta: 6,
            base_timestamp: Timestamp(0x2122_2324_2526_2728),
            max_timestamp: Timestamp(0x3132_3334_3536_3738),
            producer_id: ProducerId(0x4142_4344_4546_4748),
            producer_epoch: ProducerEpoch(0x5152),
            base_sequence: i32::MAX - 1,
            record_count: 7,
        }
    }

    #[test]
    fn every_field_has_its_place() {
        let bytes = header().to_bytes();
        assert_eq!(
            bytes.map(|byte| format!("{byte:02x}")).concat(),
            concat!(
                "0102030405060708",
                "00000036",
                "11121314",
                "02",
                "a1a2a3a4",
                "0033",
                "00000006",
                "2122232425262728",
                "3132333435363738",
                "4142434445464748",
                "5152",
                "7ffffffe",
                "00000007"
            )
        );
        assert_eq!(BatchHeader::parse(&bytes), Ok(header()));
    }

    #[test]
    fn offsets_and_sequences_are_derived() {
        let header = header();
        assert_eq!(header.last_offset(), Offset(0x0102_0304_0506_070e));
        assert_eq!(header.next_offset(), Offset(0x0102_0304_0506_070f));
        assert_eq!(header.last_sequence(), 4, "2147483646, 2147483647, 0, 1, 2, 3, 4");
        assert_eq!(BatchHeader { base_sequence: NO_SEQUENCE, ..header }.last_sequence(), NO_SEQUENCE);
        assert_eq!(decrement_sequence(4, 6), i32::MAX - 1);
        assert_eq!(decrement_sequence(6, 4), 2);
        assert_eq!(increment_sequence(i32::MAX, 1), 0);
    }

    #[test]
    fn flags_are_read_and_set() {
        let attributes =
            Attributes::of(Compression::Lz4).with_control().with_transactional().with_delete_horizon();
        assert_eq!(attributes, Attributes(0x73));
        assert_eq!(attributes.compression(), Ok(Compression::Lz4));
        assert_eq!(attributes.timestamp_type(), TimestampType::CreateTime);
        assert!(attributes.is_control() && attributes.is_transactional() && attributes.has_delete_horizon());
        let stamped = Attributes(0x7f80 | 0x73).with_timestamp_type(TimestampType::LogAppendTime);
        assert_eq!(stamped, Attributes(0x7b));
        assert_eq!(stamped.timestamp_type(), TimestampType::LogAppendTime);
        assert_eq!(Attributes(0x7).compression(), Err(UnknownCompression(7)));
    }

    #[test]
    fn a_peek_tells_size_and_magic_of_any_format() {
        let mut bytes = header().to_bytes();
        let peek = BatchPeek { base_offset: header().base_offset, size_bytes: 66, magic: 2 };
        assert_eq!(BatchPeek::parse(&bytes[..17]), Ok(peek));
        assert_eq!(BatchPeek::parse(&bytes[..16]), Err(BatchError::Incomplete { needed: 17, available: 16 }));
        for length in [48, 0, -1, i32::MIN] {
            bytes[8..12].copy_from_slice(&length.to_be_bytes());
            assert_eq!(BatchPeek::parse(&bytes), Err(BatchError::LengthTooSmall { length, minimum: 49 }));
        }
        for magic in [3, -1, i8::MAX] {
            bytes[16] = magic as u8;
            assert_eq!(BatchPeek::parse(&bytes), Err(BatchError::UnknownMagic { magic }));
        }
    }
}
