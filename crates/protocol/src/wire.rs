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

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    /// What `write` writes.
    fn written(write: impl Fn(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::new();
        write(&mut writer);
        writer.into_vec()
    }

    fn flexible(bytes: &[u8]) -> Reader<'_> {
        let mut reader = Reader::new(bytes);
        reader.set_flexible(true);
        reader
    }

    #[test]
    fn varints_are_kafkas_bytes_and_come_back() {
        for (value, bytes) in [
            (0, &[0][..]),
            (127, &[0x7f]),
            (128, &[0x80, 0x01]),
            (300, &[0xac, 0x02]),
            (u32::MAX, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        ] {
            assert_eq!(written(|writer| writer.unsigned_varint(value)), bytes);
            assert_eq!(Reader::new(bytes).unsigned_varint(), Ok(value));
        }
        for value in [0, -1, 1, 63, -64, 64, i32::MAX, i32::MIN] {
            assert_eq!(Reader::new(&written(|writer| writer.varint(value))).varint(), Ok(value));
        }
        for value in [0, -1, 1, i64::MAX, i64::MIN] {
            assert_eq!(Reader::new(&written(|writer| writer.varlong(value))).varlong(), Ok(value));
        }
    }

    #[test]
    fn varints_of_too_many_bytes_or_bits_are_refused() {
        let error = DecodeError::VarintTooLong { position: 0 };
        assert_eq!(Reader::new(&[0xff; 20]).unsigned_varint(), Err(error));
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x10]).unsigned_varint(), Err(error));
        assert_eq!(Reader::new(&[0xff; 20]).unsigned_varlong(), Err(error));
        let mut ten = [0xff; 10];
        ten[9] = 0x02;
        assert_eq!(Reader::new(&ten).varlong(), Err(error));
        let cut = DecodeError::Truncated { position: 1, needed: 1, remaining: 0 };
        assert_eq!(Reader::new(&[0x80]).unsigned_varint(), Err(cut));
    }

    #[test]
    fn text_is_classic_or_compact() {
        for (is_flexible, text, bytes) in [
            (false, Some("ab"), &[0, 2, b'a', b'b'][..]),
            (false, None, &[0xff, 0xff]),
            (true, Some("ab"), &[3, b'a', b'b']),
            (true, Some(""), &[1]),
            (true, None, &[0]),
        ] {
            let written = written(|writer| {
                writer.set_flexible(is_flexible);
                writer.nullable_string(text);
            });
            assert_eq!(written, bytes);
            let mut reader = Reader::new(bytes);
            reader.set_flexible(is_flexible);
            assert_eq!(reader.nullable_str(), Ok(text));
        }
    }

    #[test]
    fn bad_text_is_refused() {
        assert_eq!(flexible(&[0]).string(), Err(DecodeError::UnexpectedNull { position: 0 }));
        assert_eq!(flexible(&[2, 0xff]).string(), Err(DecodeError::InvalidUtf8 { position: 1 }));
        let negative = DecodeError::NegativeLength { position: 0, length: -2 };
        assert_eq!(Reader::new(&[0xff, 0xfe]).nullable_string(), Err(negative));
        let cut = DecodeError::Truncated { position: 1, needed: 2, remaining: 1 };
        assert_eq!(flexible(b"\x03a").string(), Err(cut));
        let long = written(|writer| {
            writer.unsigned_varint(0x8001);
            writer.raw(&[b'a'; 0x8000]);
        });
        let error = DecodeError::StringTooLong { position: 0, length: 0x8000 };
        assert_eq!(flexible(&long).string(), Err(error));
    }

    #[test]
    fn text_that_no_reader_takes_is_cut_at_a_characters_border() {
        let long = format!("a{}", "é".repeat(0x4000));
        for is_flexible in [false, true] {
            let bytes = written(|writer| {
                writer.set_flexible(is_flexible);
                writer.string(&long);
            });
            let mut reader = Reader::new(&bytes);
            reader.set_flexible(is_flexible);
            assert_eq!(reader.str(), Ok(&long[..0x7fff]));
        }
    }

    #[test]
    fn shared_bytes_are_not_copied() {
        let backing = Bytes::from_static(&[0, 0, 0, 2, 7, 8]);
        let bytes = Reader::shared(&backing).bytes().unwrap();
        assert_eq!((bytes.as_ptr(), &bytes[..]), (backing[4..].as_ptr(), &[7, 8][..]));
        assert_eq!(Reader::new(&backing).bytes().unwrap(), bytes);
    }

    #[test]
    fn forged_array_counts_are_refused() {
        let i32s = |bytes: &[u8]| Reader::new(bytes).i32_array();
        let count = i32::MAX as usize;
        assert_eq!(i32s(&[0x7f, 0xff, 0xff, 0xff]), Err(DecodeError::TooManyElements { position: 0, count }));
        let negative = DecodeError::NegativeLength { position: 0, length: -2 };
        assert_eq!(i32s(&[0xff, 0xff, 0xff, 0xfe]), Err(negative));
        let cut = DecodeError::Truncated { position: 4, needed: 12, remaining: 11 };
        assert_eq!(i32s(&[&[0, 0, 0, 3][..], &[0; 11]].concat()), Err(cut));
        assert_eq!(i32s(&[&[0, 0, 0, 3][..], &[0; 12]].concat()), Ok(vec![0; 3]));
        let many = [&1_000_001i32.to_be_bytes()[..], &vec![0; 1_000_001]].concat();
        let error = DecodeError::TooManyElements { position: 0, count: 1_000_001 };
        assert_eq!(Reader::new(&many).i8_array(), Err(error));
        assert_eq!(Reader::new(&many).trusted().i8_array(), Err(error));
    }

    #[test]
    fn many_empty_elements_exhaust_the_budget_before_they_take_memory() {
        // 60,000 empty strings of 24 bytes each in memory, out of one byte each.
        let bytes = [&[0xe1, 0xd4, 0x03][..], &vec![1; 60_000]].concat();
        let budget = 2 * bytes.len() + (1 << 20);
        let error = DecodeError::OverBudget { position: 3, needed: 1_572_864, budget };
        assert_eq!(flexible(&bytes).string_array(), Err(error));
        assert_eq!(flexible(&bytes).trusted().string_array(), Ok(vec![String::new(); 60_000]));
    }

    #[test]
    fn tagged_fields_are_skipped_or_must_have_the_size_they_claim() {
        // Two fields: 1 of two bytes, 300 of none; then a byte of what follows.
        let bytes = [2, 1, 2, 7, 8, 0xac, 0x02, 0, 9];
        let mut reader = flexible(&bytes);
        assert_eq!(reader.skip_tagged_fields(), Ok(()));
        assert_eq!(reader.rest(), [9]);
        let mut reader = flexible(&bytes[1..]);
        let field = reader.tagged_field().unwrap();
        reader.i8().unwrap();
        assert_eq!(
            reader.end_tagged_field(&field),
            Err(DecodeError::TaggedFieldSize { position: 3, tag: 1 })
        );
        let beyond = DecodeError::Truncated { position: 3, needed: 9, remaining: 1 };
        assert_eq!(flexible(&[1, 1, 9, 0]).skip_tagged_fields(), Err(beyond));
        assert_eq!(Reader::new(&bytes).skip_tagged_fields(), Ok(()), "the classic form has none");
    }

    #[test]
    fn a_tagged_fields_size_takes_the_bytes_it_needs() {
        for size in [0, 1, 127, 128, 20_000] {
            let bytes = written(|writer| {
                let start = writer.begin_tagged_field(5);
                writer.raw(&vec![7; size]);
                writer.end_tagged_field(start);
            });
            let mut reader = flexible(&bytes);
            let field = reader.tagged_field().unwrap();
            assert_eq!((field.tag, reader.raw(size).map(<[u8]>::len)), (5, Ok(size)));
            assert_eq!((reader.end_tagged_field(&field), reader.finish()), (Ok(()), Ok(())));
        }
    }
}
