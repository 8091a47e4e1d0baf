//! Variable-length integers of records: zigzag LEB128, at most 5 bytes for 32 bits and 10 for 64.
//!
//! Source: Kafka `ByteUtils.readVarint`, `readVarlong`. A number may be written in more bytes than it needs, and bits
//! beyond the type's width are dropped, as in Kafka.

/// An integer whose last byte is missing, or that goes on beyond its longest form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VarintError {
    /// The bytes end inside the integer.
    #[error("the bytes end inside a variable-length integer")]
    Truncated,
    /// The integer has more bytes than its type can need.
    #[error("a variable-length integer is too long")]
    TooLong,
}

/// Longest form of a 32-bit integer, in bytes.
pub const VARINT_SIZE_MAX: usize = 5;
/// Longest form of a 64-bit integer, in bytes.
pub const VARLONG_SIZE_MAX: usize = 10;

/// Reads a zigzag 32-bit integer at `*position` of `bytes` and moves `*position` behind it.
#[inline]
pub fn read_varint(bytes: &[u8], position: &mut usize) -> Result<i32, VarintError> {
    match read_short_form(bytes, position) {
        Some(raw) => Ok(zigzag_to_i32(raw)),
        None => read_long_form(bytes, position, VARINT_SIZE_MAX).map(|raw| zigzag_to_i32(raw as u32)),
    }
}

/// Reads a zigzag 64-bit integer at `*position` of `bytes` and moves `*position` behind it.
#[inline]
pub fn read_varlong(bytes: &[u8], position: &mut usize) -> Result<i64, VarintError> {
    match read_short_form(bytes, position) {
        Some(raw) => Ok(zigzag_to_i64(u64::from(raw))),
        None => read_long_form(bytes, position, VARLONG_SIZE_MAX).map(zigzag_to_i64),
    }
}

/// One or two bytes: nearly all integers of a record are deltas, lengths or counts below 8192.
#[inline]
fn read_short_form(bytes: &[u8], position: &mut usize) -> Option<u32> {
    match *bytes.get(*position..)? {
        [byte, ..] if byte < 0x80 => {
            *position += 1;
            Some(u32::from(byte))
        }
        [low, high, ..] if high < 0x80 => {
            *position += 2;
            Some(u32::from(low & 0x7f) | u32::from(high) << 7)
        }
        _ => None,
    }
}

/// Appends `value` as a zigzag 32-bit integer.
#[inline]
pub fn write_varint(out: &mut Vec<u8>, value: i32) {
    write_unsigned(out, u64::from(i32_to_zigzag(value)));
}

/// Appends `value` as a zigzag 64-bit integer.
#[inline]
pub fn write_varlong(out: &mut Vec<u8>, value: i64) {
    write_unsigned(out, i64_to_zigzag(value));
}

/// Bytes that [`write_varint`] takes for `value`.
#[must_use]
#[inline]
pub const fn size_of_varint(value: i32) -> usize {
    size_of_unsigned(i32_to_zigzag(value) as u64)
}

/// Bytes that [`write_varlong`] takes for `value`.
#[must_use]
#[inline]
pub const fn size_of_varlong(value: i64) -> usize {
    size_of_unsigned(i64_to_zigzag(value))
}

#[cold]
fn read_long_form(bytes: &[u8], position: &mut usize, size_max: usize) -> Result<u64, VarintError> {
    let rest = bytes.get(*position..).unwrap_or_default();
    let mut value = 0u64;
    for (index, &byte) in rest.iter().take(size_max).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            *position += index + 1;
            return Ok(value);
        }
    }
    Err(if rest.len() < size_max { VarintError::Truncated } else { VarintError::TooLong })
}

fn write_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

const fn size_of_unsigned(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

const fn zigzag_to_i32(raw: u32) -> i32 {
    (raw >> 1) as i32 ^ -((raw & 1) as i32)
}

const fn zigzag_to_i64(raw: u64) -> i64 {
    (raw >> 1) as i64 ^ -((raw & 1) as i64)
}

const fn i32_to_zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

const fn i64_to_zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(bytes: &[u8]) -> Result<i32, VarintError> {
        let mut position = 0;
        let value = read_varint(bytes, &mut position)?;
        assert_eq!(position, bytes.len());
        Ok(value)
    }

    #[test]
    fn small_magnitudes_take_few_bytes() {
        for (value, bytes) in [
            (0, &[0x00][..]),
            (-1, &[0x01]),
            (1, &[0x02]),
            (63, &[0x7e]),
            (-64, &[0x7f]),
            (64, &[0x80, 0x01]),
            (-65, &[0x81, 0x01]),
            (i32::MAX, &[0xfe, 0xff, 0xff, 0xff, 0x0f]),
            (i32::MIN, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        ] {
            let mut out = Vec::new();
            write_varint(&mut out, value);
            assert_eq!(out, bytes);
            assert_eq!(size_of_varint(value), bytes.len());
            assert_eq!(read_all(bytes), Ok(value));
        }
    }

    #[test]
    fn forms_that_never_end_are_refused() {
        assert_eq!(read_all(&[]), Err(VarintError::Truncated));
        assert_eq!(read_all(&[0x80; 4]), Err(VarintError::Truncated));
        assert_eq!(read_all(&[0x80; 5]), Err(VarintError::TooLong));
        let mut position = 0;
        assert_eq!(read_varlong(&[0xff; 9], &mut position), Err(VarintError::Truncated));
        assert_eq!(read_varlong(&[0xff; 11], &mut position), Err(VarintError::TooLong));
        assert_eq!(read_varlong(&[0], &mut 7), Err(VarintError::Truncated));
    }

    #[test]
    fn padded_forms_are_read() {
        assert_eq!(read_all(&[0x82, 0x80, 0x00]), Ok(1));
    }

    proptest! {
        #[test]
        fn integers_round_trip(small: i32, large: i64) {
            let mut out = Vec::new();
            write_varint(&mut out, small);
            write_varlong(&mut out, large);
            prop_assert_eq!(out.len(), size_of_varint(small) + size_of_varlong(large));
            let mut position = 0;
            prop_assert_eq!(read_varint(&out, &mut position), Ok(small));
            prop_assert_eq!(read_varlong(&out, &mut position), Ok(large));
            prop_assert_eq!(position, out.len());
        }
    }
}
