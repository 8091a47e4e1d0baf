//! Message sets of magic 0 and 1, which Kafka wrote before 0.11: readable on disk, refused in Produce.

/// Least length of a message of magic 0: CRC, magic, attributes, key size, value size.
pub const RECORD_OVERHEAD_V0: usize = 4 + 1 + 1 + 4 + 4;
/// Least length of a message of magic 1, which has a timestamp as well.
pub const RECORD_OVERHEAD_V1: usize = RECORD_OVERHEAD_V0 + 8;
