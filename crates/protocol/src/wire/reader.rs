//! The bounded reader.
//!
//! Whatever the bytes say, a decoded value takes at most twice their size plus 1 MiB of memory: every allocation is
//! charged to a budget before it is made, and every length is checked against the bytes that are left.

use std::mem::size_of;

use bytes::Bytes;

use super::DecodeError;
use crate::types::Uuid;

/// Most elements of one array. Source: Kafka 4.4, which refuses more.
pub const ARRAY_ELEMENTS_MAX: usize = 1_000_000;
/// Most tagged fields of one struct. Source: Kafka 4.4, which refuses more.
pub const TAGGED_FIELDS_MAX: usize = 10_000;
/// Longest text in bytes, in either form. Source: Kafka's generated readers (0x7fff).
pub const STRING_BYTES_MAX: usize = 0x7fff;

const BUDGET_PER_BYTE: usize = 2;
const BUDGET_FLOOR: usize = 1 << 20;
/// Metadata of many partitions takes up to some 12 times its wire size (a `Vec` each for replicas and ISR).
const BUDGET_PER_BYTE_TRUSTED: usize = 16;

/// Decodes a function's element: the shape of every generated struct's `decode`.
type DecodeFn<T> = fn(&mut Reader<'_>, i16) -> Result<T, DecodeError>;

/// Reads values off the front of a byte slice, in the classic or the compact form.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Bytes of memory that decoded values may still take.
    budget: usize,
    /// Whether text, bytes and arrays are in the compact form, and structs end with tagged fields.
    flexible: bool,
    /// What `bytes` is a view of, so that bytes fields can share it instead of being copied.
    backing: Option<&'a Bytes>,
}

impl<'a> Reader<'a> {
    /// A reader of `bytes` that lets decoded values take twice their size plus 1 MiB. Bytes fields are copied.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let budget = bytes.len().saturating_mul(BUDGET_PER_BYTE).saturating_add(BUDGET_FLOOR);
        Self { bytes, position: 0, budget, flexible: false, backing: None }
    }

    /// As [`Reader::new`], but bytes fields are slices that share `bytes`.
    #[must_use]
    pub fn shared(bytes: &'a Bytes) -> Self {
        Self { backing: Some(bytes), ..Self::new(bytes) }
    }

    /// The same reader with room for 16 times the bytes: for what our own disk or an authenticated node of our own
    /// cluster sent. Large honest responses (Metadata of 40,000 partitions) need more than twice their wire size.
    #[must_use]
    pub fn trusted(mut self) -> Self {
        self.budget = self.bytes.len().saturating_mul(BUDGET_PER_BYTE_TRUSTED).saturating_add(BUDGET_FLOOR);
        self
    }

    /// Whether lengths are compact and structs end with tagged fields.
    #[must_use]
    pub fn is_flexible(&self) -> bool {
        self.flexible
    }

    /// Chooses between the compact form with tagged fields (`true`) and the classic form. Generated messages do it.
    pub fn set_flexible(&mut self, flexible: bool) {
        self.flexible = flexible;
    }

    /// Bytes read so far.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// Bytes not yet read.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    /// The bytes not yet read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    /// Errors with `TrailingBytes` unless everything has been read.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.remaining() {
            0 => Ok(()),
            remaining => Err(DecodeError::TrailingBytes { position: self.position, remaining }),
        }
    }

    /// The next `size` bytes, borrowed.
    pub fn raw(&mut self, size: usize) -> Result<&'a [u8], DecodeError> {
        match self.bytes[self.position..].get(..size) {
            Some(bytes) => {
                self.position += size;
                Ok(bytes)
            }
            None => Err(self.truncated(size)),
        }
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.bytes[self.position..].first_chunk::<N>() {
            Some(bytes) => {
                self.position += N;
                Ok(*bytes)
            }
            None => Err(self.truncated(N)),
        }
    }

    #[cold]
    fn truncated(&self, needed: usize) -> DecodeError {
        DecodeError::Truncated { position: self.position, needed, remaining: self.remaining() }
    }

    /// One byte; anything but 0 is true.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        Ok(self.i8()? != 0)
    }

    /// One signed byte.
    pub fn i8(&mut self) -> Result<i8, DecodeError> {
        self.fixed().map(i8::from_be_bytes)
    }

    /// Two bytes, signed.
    pub fn i16(&mut self) -> Result<i16, DecodeError> {
        self.fixed().map(i16::from_be_bytes)
    }

    /// Two bytes, unsigned.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.fixed().map(u16::from_be_bytes)
    }

    /// Four bytes, signed.
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        self.fixed().map(i32::from_be_bytes)
    }

    /// Four bytes, unsigned.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.fixed().map(u32::from_be_bytes)
    }

    /// Eight bytes, signed.
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        self.fixed().map(i64::from_be_bytes)
    }

    /// Eight bytes, IEEE 754.
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        self.fixed().map(f64::from_be_bytes)
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self) -> Result<Uuid, DecodeError> {
        self.fixed().map(Uuid)
    }

    /// Base-128 number of at most 5 bytes and 32 bits, least significant group first.
    pub fn unsigned_varint(&mut self) -> Result<u32, DecodeError> {
        let position = self.position;
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.fixed::<1>()?;
            if shift == 28 && byte > 0x0f {
                break;
            }
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError::VarintTooLong { position })
    }

    /// Base-128 number of at most 10 bytes and 64 bits, least significant group first.
    pub fn unsigned_varlong(&mut self) -> Result<u64, DecodeError> {
        let position = self.position;
        let mut value = 0u64;
        for group in 0..10 {
            let [byte] = self.fixed::<1>()?;
            if group == 9 && byte > 0x01 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * group);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError::VarintTooLong { position })
    }

    /// Zigzag number of at most 5 bytes: 0, -1, 1, -2, ... are 0, 1, 2, 3, ...
    pub fn varint(&mut self) -> Result<i32, DecodeError> {
        let raw = self.unsigned_varint()?;
        Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    /// Zigzag number of at most 10 bytes.
    pub fn varlong(&mut self) -> Result<i64, DecodeError> {
        let raw = self.unsigned_varlong()?;
        Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    /// Compact length or count: `None` is null.
    fn compact_length(&mut self) -> Result<Option<usize>, DecodeError> {
        Ok(self.unsigned_varint()?.checked_sub(1).map(|length| length as usize))
    }

    /// Length or count that was read at `position` in the classic form: `None` is null.
    fn classic_length(position: usize, length: i32) -> Result<Option<usize>, DecodeError> {
        match length {
            -1 => Ok(None),
            _ => match usize::try_from(length) {
                Ok(length) => Ok(Some(length)),
                Err(_) => Err(DecodeError::NegativeLength { position, length }),
            },
        }
    }

    fn string_length(&mut self) -> Result<Option<usize>, DecodeError> {
        if self.flexible { self.compact_length() } else { self.classic_string_length() }
    }

    fn classic_string_length(&mut self) -> Result<Option<usize>, DecodeError> {
        Self::classic_length(self.position, self.i16()?.into())
    }

    fn bytes_length(&mut self) -> Result<Option<usize>, DecodeError> {
        if self.flexible { self.compact_length() } else { Self::classic_length(self.position, self.i32()?) }
    }

    fn text(&mut self, length_position: usize, length: usize) -> Result<&'a str, DecodeError> {
        if length > STRING_BYTES_MAX {
            return Err(DecodeError::StringTooLong { position: length_position, length });
        }
        let position = self.position;
        std::str::from_utf8(self.raw(length)?).map_err(|_| DecodeError::InvalidUtf8 { position })
    }

    /// Text or null, borrowed from the bytes.
    pub fn nullable_str(&mut self) -> Result<Option<&'a str>, DecodeError> {
        let position = self.position;
        self.string_length()?.map(|length| self.text(position, length)).transpose()
    }

    /// Text, borrowed from the bytes.
    pub fn str(&mut self) -> Result<&'a str, DecodeError> {
        let position = self.position;
        self.nullable_str()?.ok_or(DecodeError::UnexpectedNull { position })
    }

    /// Text or null in the classic form, whatever the form of the rest, borrowed from the bytes.
    pub fn classic_nullable_str(&mut self) -> Result<Option<&'a str>, DecodeError> {
        let position = self.position;
        self.classic_string_length()?.map(|length| self.text(position, length)).transpose()
    }

    fn owned(&mut self, text: &str) -> Result<String, DecodeError> {
        self.charge(text.len())?;
        Ok(text.to_owned())
    }

    /// Text.
    pub fn string(&mut self) -> Result<String, DecodeError> {
        let text = self.str()?;
        self.owned(text)
    }

    /// Text or null.
    pub fn nullable_string(&mut self) -> Result<Option<String>, DecodeError> {
        self.nullable_str()?.map(|text| self.owned(text)).transpose()
    }

    /// Text or null in the classic form, whatever the form of the rest.
    pub fn classic_nullable_string(&mut self) -> Result<Option<String>, DecodeError> {
        self.classic_nullable_str()?.map(|text| self.owned(text)).transpose()
    }

    /// Bytes or null, borrowed.
    pub fn nullable_slice(&mut self) -> Result<Option<&'a [u8]>, DecodeError> {
        self.bytes_length()?.map(|length| self.raw(length)).transpose()
    }

    /// Bytes or null.
    pub fn nullable_bytes(&mut self) -> Result<Option<Bytes>, DecodeError> {
        let Some(slice) = self.nullable_slice()? else { return Ok(None) };
        if let Some(backing) = self.backing {
            return Ok(Some(backing.slice_ref(slice)));
        }
        self.charge(slice.len())?;
        Ok(Some(Bytes::copy_from_slice(slice)))
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Result<Bytes, DecodeError> {
        let position = self.position;
        self.nullable_bytes()?.ok_or(DecodeError::UnexpectedNull { position })
    }

    /// Whether a nullable struct follows: a byte that is negative for null.
    pub fn is_present(&mut self) -> Result<bool, DecodeError> {
        Ok(self.i8()? >= 0)
    }

    /// Whether a struct follows in a tagged field that may be null: an unsigned varint that is 0 for null.
    pub fn is_tagged_present(&mut self) -> Result<bool, DecodeError> {
        Ok(self.unsigned_varint()? != 0)
    }

    /// Count of an array's elements, of at least `element_size` bytes each, or `None` if it is null.
    pub fn nullable_array_length(&mut self, element_size: usize) -> Result<Option<usize>, DecodeError> {
        let position = self.position;
        let Some(count) = self.bytes_length()? else { return Ok(None) };
        if count > ARRAY_ELEMENTS_MAX {
            return Err(DecodeError::TooManyElements { position, count });
        }
        if count.saturating_mul(element_size) > self.remaining() {
            return Err(self.truncated(count.saturating_mul(element_size)));
        }
        Ok(Some(count))
    }

    /// Count of an array's elements, of at least `element_size` bytes each.
    pub fn array_length(&mut self, element_size: usize) -> Result<usize, DecodeError> {
        let position = self.position;
        self.nullable_array_length(element_size)?.ok_or(DecodeError::UnexpectedNull { position })
    }

    fn elements<T>(
        &mut self,
        count: usize,
        version: i16,
        decode: DecodeFn<T>,
    ) -> Result<Vec<T>, DecodeError> {
        self.charge(count.saturating_mul(size_of::<T>()))?;
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(decode(self, version)?);
        }
        Ok(elements)
    }

    /// Array of structs or null.
    pub fn nullable_array<T>(
        &mut self,
        version: i16,
        decode: DecodeFn<T>,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        // A struct takes at least one byte in every version: the generator checks it.
        self.nullable_array_length(1)?.map(|count| self.elements(count, version, decode)).transpose()
    }

    /// Array of structs.
    pub fn array<T>(&mut self, version: i16, decode: DecodeFn<T>) -> Result<Vec<T>, DecodeError> {
        let count = self.array_length(1)?;
        self.elements(count, version, decode)
    }

    /// Makes sure that the struct's tagged fields, if it has any, are skipped: nothing of them is kept.
    pub fn skip_tagged_fields(&mut self) -> Result<(), DecodeError> {
        for _ in 0..self.tagged_field_count()? {
            let field = self.tagged_field()?;
            self.position = field.end;
        }
        Ok(())
    }

    /// Count of the tagged fields that follow: 0 in the classic form.
    pub fn tagged_field_count(&mut self) -> Result<usize, DecodeError> {
        if !self.flexible {
            return Ok(0);
        }
        let position = self.position;
        let count = self.unsigned_varint()? as usize;
        if count > TAGGED_FIELDS_MAX {
            return Err(DecodeError::TooManyTaggedFields { position, count });
        }
        Ok(count)
    }

    /// Number and size of the next tagged field. Its value follows, and must then be ended or skipped.
    pub fn tagged_field(&mut self) -> Result<TaggedField, DecodeError> {
        let tag = self.unsigned_varint()?;
        let size = self.unsigned_varint()? as usize;
        if size > self.remaining() {
            return Err(self.truncated(size));
        }
        Ok(TaggedField { tag, end: self.position + size })
    }

    /// Skips the value of a tagged field that nobody knows.
    pub fn skip_tagged_field(&mut self, field: &TaggedField) {
        self.position = field.end;
    }

    /// Errors with `TaggedFieldSize` unless the value that was read is as long as the field's size says.
    pub fn end_tagged_field(&self, field: &TaggedField) -> Result<(), DecodeError> {
        if self.position == field.end {
            return Ok(());
        }
        Err(DecodeError::TaggedFieldSize { position: self.position, tag: field.tag })
    }

    /// Takes the memory of one allocation of `size` bytes off the budget, as an allocator with size classes rounds it.
    fn charge(&mut self, size: usize) -> Result<(), DecodeError> {
        let needed = allocation_size(size);
        match self.budget.checked_sub(needed) {
            Some(budget) => {
                self.budget = budget;
                Ok(())
            }
            None => Err(DecodeError::OverBudget { position: self.position, needed, budget: self.budget }),
        }
    }
}

/// A tagged field's number and where its value ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaggedField {
    /// The field's number.
    pub tag: u32,
    end: usize,
}

/// What an allocator with size classes (jemalloc: four to each doubling) takes for `size` bytes.
fn allocation_size(size: usize) -> usize {
    match size {
        0 => 0,
        1..=128 => size.next_multiple_of(16),
        _ => size.checked_next_multiple_of(size.next_power_of_two() / 8).unwrap_or(usize::MAX),
    }
}

macro_rules! primitive_arrays {
    ($($array:ident $nullable_array:ident $read:ident $type:ty, $size:expr;)*) => {
        /// Arrays of primitives.
        impl Reader<'_> {$(
            #[doc = concat!("Array of `", stringify!($type), "` or null.")]
            pub fn $nullable_array(&mut self) -> Result<Option<Vec<$type>>, DecodeError> {
                let Some(count) = self.nullable_array_length($size)? else { return Ok(None) };
                self.elements(count, 0, |reader, _| reader.$read()).map(Some)
            }

            #[doc = concat!("Array of `", stringify!($type), "`.")]
            pub fn $array(&mut self) -> Result<Vec<$type>, DecodeError> {
                let position = self.position;
                self.$nullable_array()?.ok_or(DecodeError::UnexpectedNull { position })
            }
        )*}
    };
}

primitive_arrays! {
    i8_array nullable_i8_array i8 i8, 1;
    i16_array nullable_i16_array i16 i16, 2;
    i32_array nullable_i32_array i32 i32, 4;
    i64_array nullable_i64_array i64 i64, 8;
    uuid_array nullable_uuid_array uuid Uuid, 16;
    string_array nullable_string_array string String, 1;
}
