//! Walks the records of a batch, compressed or not, for those who need their shape but neither keys nor values.
//!
//! A compressed batch is decompressed piece by piece, and a piece is dropped once it has been read: memory stays at a few
//! pieces, whatever the batch decompresses to.

use super::compression::{Compression, CompressionError, Decoder};
use super::header::BatchHeader;
use super::records::{RecordError, RecordFault, RecordView};
use super::varint::{VARINT_SIZE_MAX, VARLONG_SIZE_MAX, read_varint, read_varlong};
use crate::time::Timestamp;

/// The shape of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordShape {
    /// Size in bytes, with the length in front.
    pub size_bytes: usize,
    /// Timestamp less the batch's base timestamp, in milliseconds.
    pub timestamp_delta: i64,
    /// Offset less the batch's base offset.
    pub offset_delta: i32,
    /// Whether there is a key, if only an empty one.
    pub has_key: bool,
    /// Whether there is a value, if only an empty one.
    pub has_value: bool,
}

impl RecordShape {
    /// The record's timestamp in the batch with this header.
    #[must_use]
    pub fn timestamp(&self, batch: &BatchHeader) -> Timestamp {
        let own = Timestamp(batch.base_timestamp.0.wrapping_add(self.timestamp_delta));
        batch.log_append_time().unwrap_or(own)
    }
}

impl From<RecordView<'_>> for RecordShape {
    fn from(record: RecordView<'_>) -> Self {
        Self {
            size_bytes: record.size_bytes,
            timestamp_delta: record.timestamp_delta,
            offset_delta: record.offset_delta,
            has_key: record.key.is_some(),
            has_value: record.value.is_some(),
        }
    }
}

/// Calls `visit` with the index and shape of every record of a batch with this header and these bytes behind it, in order.
///
/// `limit` bounds what the records may decompress to, in bytes. Errors: a codec that is none, bytes that cannot be
/// decompressed, records that are broken, fewer or more than the header says. `visit` has seen those before it.
pub fn scan_records(
    header: &BatchHeader,
    records: &[u8],
    limit: usize,
    mut visit: impl FnMut(i32, RecordShape),
) -> Result<(), RecordError> {
    let count = header.record_count;
    let compression = header.attributes.compression().map_err(CompressionError::from)?;
    if compression == Compression::None {
        for (index, record) in (0..).zip(super::records::records(records, count)) {
            visit(index, record?.into());
        }
        return Ok(());
    }
    if count < 0 {
        return Err(RecordError::NegativeCount { count });
    }
    if count == 0 {
        return Ok(());
    }
    let mut stream = RecordStream::new(Decoder::new(compression, records, limit)?);
    for index in 0..count {
        let shape = stream.next_shape().map_err(|fault| match fault {
            StreamFault::Record(fault) => fault.at(index),
            StreamFault::Compression(error) => RecordError::Compression(error),
        })?;
        visit(index, shape);
    }
    if stream.is_at_end()? {
        Ok(())
    } else {
        Err(RecordError::TrailingBytes { size: stream.buffered().len(), count })
    }
}

#[derive(Debug)]
enum StreamFault {
    Record(RecordFault),
    Compression(CompressionError),
}

impl From<RecordFault> for StreamFault {
    fn from(fault: RecordFault) -> Self {
        Self::Record(fault)
    }
}

impl From<super::varint::VarintError> for StreamFault {
    fn from(error: super::varint::VarintError) -> Self {
        Self::Record(error.into())
    }
}

impl From<CompressionError> for StreamFault {
    fn from(error: CompressionError) -> Self {
        Self::Compression(error)
    }
}

/// A record that is buffered whole is read in place; a larger one field by field.
const WHOLE_RECORD_SIZE_MAX: usize = 64 << 10;

/// Records out of a decoder.
#[derive(Debug)]
struct RecordStream<'a> {
    decoder: Decoder<'a>,
    buffer: Vec<u8>,
    position: usize,
}

impl<'a> RecordStream<'a> {
    const fn new(decoder: Decoder<'a>) -> Self {
        Self { decoder, buffer: Vec::new(), position: 0 }
    }

    fn next_shape(&mut self) -> Result<RecordShape, StreamFault> {
        self.buffer_ahead(VARINT_SIZE_MAX)?;
        let start = self.position;
        let body_size = read_varint(&self.buffer, &mut self.position)?;
        let body_size =
            usize::try_from(body_size).map_err(|_| RecordFault::Malformed("its size is negative"))?;
        let length_size = self.position - start;
        let buffered = body_size <= self.buffered().len()
            || (body_size <= WHOLE_RECORD_SIZE_MAX && self.buffer_ahead(body_size)?);
        if !buffered {
            return self.next_large_shape(length_size, body_size);
        }
        let record = RecordView::of_body(&self.buffered()[..body_size], length_size + body_size)?;
        let shape = record.into();
        self.position += body_size;
        Ok(shape)
    }

    /// Reads a record whose length has been read, field by field.
    fn next_large_shape(&mut self, length_size: usize, body_size: usize) -> Result<RecordShape, StreamFault> {
        let mut body = Body { stream: self, left: body_size };
        body.skip(1)?;
        let timestamp_delta = body.read_varlong()?;
        let offset_delta = body.read_varint()?;
        let has_key = body.skip_field()?;
        let has_value = body.skip_field()?;
        let header_count = body.read_varint()?;
        if header_count < 0 {
            return Err(RecordFault::Malformed("its header count is negative").into());
        }
        for _ in 0..header_count {
            if !body.skip_field()? {
                return Err(RecordFault::Malformed("a header has no name").into());
            }
            body.skip_field()?;
        }
        if body.left > 0 {
            return Err(RecordFault::Malformed("bytes are left behind its headers").into());
        }
        Ok(RecordShape {
            size_bytes: length_size + body_size,
            timestamp_delta,
            offset_delta,
            has_key,
            has_value,
        })
    }

    fn buffered(&self) -> &[u8] {
        &self.buffer[self.position..]
    }

    /// Decompresses until `size` bytes lie ahead; false if the stream ends before.
    fn buffer_ahead(&mut self, size: usize) -> Result<bool, CompressionError> {
        while self.buffered().len() < size {
            self.buffer.drain(..self.position);
            self.position = 0;
            if self.decoder.read_onto(&mut self.buffer)? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_at_end(&mut self) -> Result<bool, CompressionError> {
        Ok(!self.buffer_ahead(1)?)
    }
}

/// The rest of a record that is larger than the buffer.
struct Body<'s, 'a> {
    stream: &'s mut RecordStream<'a>,
    left: usize,
}

const BEYOND_RECORD: StreamFault = StreamFault::Record(RecordFault::Malformed("a field ends beyond it"));

impl Body<'_, '_> {
    fn read_varint(&mut self) -> Result<i32, StreamFault> {
        self.read(VARINT_SIZE_MAX, read_varint)
    }

    fn read_varlong(&mut self) -> Result<i64, StreamFault> {
        self.read(VARLONG_SIZE_MAX, read_varlong)
    }

    fn read<T>(
        &mut self,
        size_max: usize,
        read: impl Fn(&[u8], &mut usize) -> Result<T, super::varint::VarintError>,
    ) -> Result<T, StreamFault> {
        self.stream.buffer_ahead(size_max.min(self.left))?;
        let start = self.stream.position;
        let value = read(&self.stream.buffer, &mut self.stream.position)?;
        self.left = self.left.checked_sub(self.stream.position - start).ok_or(BEYOND_RECORD)?;
        Ok(value)
    }

    /// Skips a length and as many bytes; false if it was null.
    fn skip_field(&mut self) -> Result<bool, StreamFault> {
        match usize::try_from(self.read_varint()?) {
            Ok(size) => self.skip(size).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    fn skip(&mut self, size: usize) -> Result<(), StreamFault> {
        self.left = self.left.checked_sub(size).ok_or(BEYOND_RECORD)?;
        let mut size = size;
        while size > self.stream.buffered().len() {
            size -= self.stream.buffered().len();
            self.stream.position = self.stream.buffer.len();
            if !self.stream.buffer_ahead(1)? {
                return Err(RecordFault::Incomplete.into());
            }
        }
        self.stream.position += size;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::batch::BatchView;
    use crate::record::builder::{BatchBuilder, BatchOptions};
    use crate::record::compression::compress;
    use crate::record::records::{RecordHeader, records};
    use proptest::prelude::*;

    type Fields = (Option<usize>, Option<usize>, Vec<(usize, Option<usize>)>);

    fn batch(compression: Compression, shapes: &[Fields]) -> Vec<u8> {
        let filler = vec![b'x'; 300_000];
        let mut builder = BatchBuilder::new(BatchOptions { compression, ..BatchOptions::default() });
        for (i, (key, value, headers)) in (0..).zip(shapes) {
            let headers: Vec<_> = headers
                .iter()
                .map(|&(key, value)| RecordHeader {
                    key: &filler[..key],
                    value: value.map(|size| &filler[..size]),
                })
                .collect();
            let field = |size: &Option<usize>| size.map(|size| &filler[..size]);
            builder.append(Timestamp(i * i), field(key), field(value), &headers).unwrap();
        }
        builder.build()
    }

    fn scan(bytes: &[u8], limit: usize) -> Result<Vec<RecordShape>, RecordError> {
        let batch = BatchView::first_of(bytes).unwrap();
        let mut shapes = Vec::new();
        scan_records(batch.header(), batch.records_bytes(), limit, |index, shape| {
            assert_eq!(index as usize, shapes.len());
            shapes.push(shape);
        })?;
        Ok(shapes)
    }

    fn check_same_in_every_codec(fields: &[Fields]) {
        let plain = batch(Compression::None, fields);
        let expected: Vec<RecordShape> =
            BatchView::first_of(&plain).unwrap().records().map(|record| record.unwrap().into()).collect();
        assert_eq!(expected.len(), fields.len());
        for codec in Compression::ALL {
            assert_eq!(scan(&batch(codec, fields), plain.len()), Ok(expected.clone()), "{codec}");
        }
    }

    #[test]
    fn records_larger_than_the_buffer_are_skipped() {
        check_same_in_every_codec(&[
            (Some(300_000), None, vec![]),
            (None, Some(300_000), vec![(70_000, Some(70_000)), (0, None)]),
            (Some(1), Some(65_000), vec![]),
            (None, Some(WHOLE_RECORD_SIZE_MAX - 20), vec![(9, None)]),
            (Some(0), Some(0), vec![(3, Some(200_000))]),
        ]);
    }

    #[test]
    fn memory_stays_at_a_few_pieces() {
        let fields = vec![(None, Some(300_000), vec![]); 20];
        for codec in Compression::ALL.into_iter().skip(1) {
            let bytes = batch(codec, &fields);
            let records = BatchView::first_of(&bytes).unwrap().records_bytes();
            let mut stream = RecordStream::new(Decoder::new(codec, records, 1 << 30).unwrap());
            for _ in 0..20 {
                stream.next_shape().unwrap();
                assert!(stream.buffer.capacity() <= 512 << 10, "{codec}: {}", stream.buffer.capacity());
            }
        }
    }

    #[test]
    fn every_cut_of_a_large_record_is_found() {
        let bytes = batch(Compression::None, &[(Some(5), Some(70_000), vec![(4, Some(6)), (2, None)])]);
        let view = BatchView::first_of(&bytes).unwrap();
        let text = view.records_bytes();
        let head_and_tail = (0..40).chain(text.len() - 40..text.len());
        for cut in head_and_tail {
            let compressed = compress(Compression::Lz4, None, &text[..cut]);
            let mut header = *view.header();
            header.attributes.0 |= i16::from(Compression::Lz4.code());
            let outcome = scan_records(&header, &compressed, text.len(), |_, _| panic!("it is cut at {cut}"));
            assert!(outcome.is_err(), "{cut}");
        }
    }

    #[test]
    fn count_and_records_must_agree() {
        for codec in Compression::ALL {
            let bytes = batch(codec, &[(None, Some(3), vec![]), (None, Some(4), vec![])]);
            let view = BatchView::first_of(&bytes).unwrap();
            let scan = |record_count| {
                let header = BatchHeader { record_count, ..*view.header() };
                scan_records(&header, view.records_bytes(), 1 << 10, |_, _| {})
            };
            assert_eq!(scan(2), Ok(()));
            assert_eq!(scan(0), Ok(()), "as in Kafka");
            assert_eq!(scan(1), Err(RecordError::TrailingBytes { size: 11, count: 1 }), "{codec}");
            assert_eq!(scan(3), Err(RecordError::Incomplete { index: 2 }), "{codec}");
            assert_eq!(scan(-1), Err(RecordError::NegativeCount { count: -1 }), "{codec}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_codec_shows_the_same_records(
            fields in prop::collection::vec(
                (
                    prop::option::of(0usize..300),
                    prop::option::of(prop_oneof![0usize..300, 60_000usize..140_000]),
                    prop::collection::vec((0usize..9, prop::option::of(0usize..99)), 0..4),
                ),
                1..20,
            )
        ) {
            check_same_in_every_codec(&fields);
        }
    }

    #[test]
    fn a_plain_walk_sees_what_records_sees() {
        let bytes = batch(Compression::None, &[(Some(1), None, vec![(1, Some(1))])]);
        let view = BatchView::first_of(&bytes).unwrap();
        let record = records(view.records_bytes(), 1).next().unwrap().unwrap();
        assert_eq!(scan(&bytes, 0), Ok(vec![record.into()]), "the limit is for decompression");
    }
}
