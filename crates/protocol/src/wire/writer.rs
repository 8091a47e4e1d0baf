//! The writer.

use super::STRING_BYTES_MAX;
use crate::types::Uuid;

/// Appends values to a `Vec<u8>`, in the classic or the compact form.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    /// Whether text, bytes and arrays are in the compact form, and structs end with tagged fields.
    flexible: bool,
}

/// Encodes an array's element: the shape of every generated struct's `encode`.
type EncodeFn<T> = fn(&T, &mut Writer, i16);

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for `size` bytes.
    #[must_use]
    pub fn with_capacity(size: usize) -> Self {
        Self::from(Vec::with_capacity(size))
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

    /// Count of the bytes written, with those that were there before.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes written.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes written, to patch a length or checksum.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// The bytes written, without a copy.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.bytes
    }

    /// Bytes as they are, without a length.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// One byte: 0 or 1.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(u8::from(value));
    }

    /// One signed byte.
    pub fn i8(&mut self, value: i8) {
        self.raw(&value.to_be_bytes());
    }

    /// Two bytes, signed.
    pub fn i16(&mut self, value: i16) {
        self.raw(&value.to_be_bytes());
    }

    /// Two bytes, unsigned.
    pub fn u16(&mut self, value: u16) {
        self.raw(&value.to_be_bytes());
    }

    /// Four bytes, signed.
    pub fn i32(&mut self, value: i32) {
        self.raw(&value.to_be_bytes());
    }

    /// Four bytes, unsigned.
    pub fn u32(&mut self, value: u32) {
        self.raw(&value.to_be_bytes());
    }

    /// Eight bytes, signed.
    pub fn i64(&mut self, value: i64) {
        self.raw(&value.to_be_bytes());
    }

    /// Eight bytes, IEEE 754.
    pub fn f64(&mut self, value: f64) {
        self.raw(&value.to_be_bytes());
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self, value: Uuid) {
        self.raw(&value.0);
    }

    /// Base-128 number of at most 5 bytes, least significant group first.
    pub fn unsigned_varint(&mut self, value: u32) {
        self.unsigned_varlong(value.into());
    }

    /// Base-128 number of at most 10 bytes, least significant group first.
    pub fn unsigned_varlong(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// Zigzag number of at most 5 bytes: 0, -1, 1, -2, ... are 0, 1, 2, 3, ...
    pub fn varint(&mut self, value: i32) {
        self.unsigned_varint(((value << 1) ^ (value >> 31)).cast_unsigned());
    }

    /// Zigzag number of at most 10 bytes.
    pub fn varlong(&mut self, value: i64) {
        self.unsigned_varlong(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    fn compact_length(&mut self, length: Option<usize>) {
        let length = length.map_or(0, |length| u32::try_from(length + 1).expect("lengths fit 31 bits"));
        self.unsigned_varint(length);
    }

    /// Length in bytes of a bytes field, or count of an array; `None` is null.
    pub fn length(&mut self, length: Option<usize>) {
        if self.flexible {
            self.compact_length(length);
        } else {
            self.i32(length.map_or(-1, |length| i32::try_from(length).expect("lengths fit 31 bits")));
        }
    }

    /// Text. Cut at 32,767 bytes, the most that a reader takes.
    pub fn string(&mut self, text: &str) {
        self.nullable_string(Some(text));
    }

    /// Text or null. Cut at 32,767 bytes, the most that a reader takes.
    pub fn nullable_string(&mut self, text: Option<&str>) {
        if !self.flexible {
            return self.classic_nullable_string(text);
        }
        let text = text.map(cut);
        self.compact_length(text.map(str::len));
        self.raw(text.unwrap_or_default().as_bytes());
    }

    /// Text or null in the classic form, whatever the form of the rest. Cut at 32,767 bytes.
    pub fn classic_nullable_string(&mut self, text: Option<&str>) {
        let text = text.map(cut);
        self.i16(text.map_or(-1, |text| i16::try_from(text.len()).expect("cut to 15 bits")));
        self.raw(text.unwrap_or_default().as_bytes());
    }

    /// Bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.nullable_bytes(Some(bytes));
    }

    /// Bytes or null.
    pub fn nullable_bytes(&mut self, bytes: Option<&[u8]>) {
        self.length(bytes.map(<[u8]>::len));
        self.raw(bytes.unwrap_or_default());
    }

    /// Says whether a nullable struct follows.
    pub fn present(&mut self, present: bool) {
        self.i8(if present { 1 } else { -1 });
    }

    /// Says whether a struct follows in a tagged field that may be null.
    pub fn tagged_present(&mut self, present: bool) {
        self.unsigned_varint(present.into());
    }

    /// Array of structs.
    pub fn array<T>(&mut self, version: i16, elements: &[T], encode: EncodeFn<T>) {
        self.nullable_array(version, Some(elements), encode);
    }

    /// Array of structs or null.
    pub fn nullable_array<T>(&mut self, version: i16, elements: Option<&[T]>, encode: EncodeFn<T>) {
        self.length(elements.map(<[T]>::len));
        for element in elements.unwrap_or_default() {
            encode(element, self, version);
        }
    }

    /// Ends a struct that has no tagged fields to write: nothing in the classic form.
    pub fn no_tagged_fields(&mut self) {
        if self.flexible {
            self.bytes.push(0);
        }
    }

    /// Begins a tagged field, whose value is written next.
    #[must_use]
    pub fn begin_tagged_field(&mut self, tag: u32) -> TaggedFieldStart {
        self.unsigned_varint(tag);
        self.bytes.push(0);
        TaggedFieldStart(self.bytes.len())
    }

    /// Ends a tagged field: puts its size in front of the value.
    pub fn end_tagged_field(&mut self, start: TaggedFieldStart) {
        let TaggedFieldStart(start) = start;
        let size = u32::try_from(self.bytes.len() - start).expect("lengths fit 31 bits");
        if size < 0x80 {
            self.bytes[start - 1] = size as u8;
            return;
        }
        // The size takes more than the one byte kept for it: the value moves.
        let mut prefix = Self::new();
        prefix.unsigned_varint(size);
        self.bytes.splice(start - 1..start, prefix.bytes);
    }
}

impl From<Vec<u8>> for Writer {
    /// A writer that appends to `bytes`.
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, flexible: false }
    }
}

/// Where the value of a tagged field begins, until the field is ended.
#[derive(Clone, Copy, Debug)]
pub struct TaggedFieldStart(usize);

/// `text` cut to [`STRING_BYTES_MAX`] at a character's border.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(STRING_BYTES_MAX)]
}

macro_rules! primitive_arrays {
    ($($array:ident $nullable_array:ident $type:ty, $write:expr;)*) => {
        /// Arrays of primitives.
        impl Writer {$(
            #[doc = concat!("Array of `", stringify!($type), "`.")]
            pub fn $array(&mut self, elements: &[$type]) {
                self.$nullable_array(Some(elements));
            }

            #[doc = concat!("Array of `", stringify!($type), "` or null.")]
            pub fn $nullable_array(&mut self, elements: Option<&[$type]>) {
                self.nullable_array(0, elements, $write);
            }
        )*}
    };
}

primitive_arrays! {
    i8_array nullable_i8_array i8, |value, writer, _| writer.i8(*value);
    i16_array nullable_i16_array i16, |value, writer, _| writer.i16(*value);
    i32_array nullable_i32_array i32, |value, writer, _| writer.i32(*value);
    i64_array nullable_i64_array i64, |value, writer, _| writer.i64(*value);
    uuid_array nullable_uuid_array Uuid, |value, writer, _| writer.uuid(*value);
    string_array nullable_string_array String, |value, writer, _| writer.string(value);
}
