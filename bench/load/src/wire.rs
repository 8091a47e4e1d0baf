//! The few requests that the generator sends, encoded by hand in versions that every broker of today serves.

use std::time::{SystemTime, UNIX_EPOCH};

const PRODUCE: (i16, i16) = (0, 7);
const FETCH: (i16, i16) = (1, 4);
const METADATA: (i16, i16) = (3, 1);
const API_VERSIONS: (i16, i16) = (18, 0);
const CREATE_TOPICS: (i16, i16) = (19, 2);
const DELETE_TOPICS: (i16, i16) = (20, 1);
const CLIENT_ID: &str = "ottla-load";
const TIMEOUT_MS: i32 = 30_000;

/// Appends big-endian values.
#[derive(Default)]
struct Request(Vec<u8>);

impl Request {
    fn new((key, version): (i16, i16)) -> Self {
        let mut request = Self::default();
        request.i32(0).i16(key).i16(version).i32(7).string(CLIENT_ID);
        request
    }

    fn i16(&mut self, value: i16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    fn i32(&mut self, value: i32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    fn string(&mut self, text: &str) -> &mut Self {
        self.i16(text.len() as i16).bytes(text.as_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// The frame, with its length filled in.
    fn finish(mut self) -> Vec<u8> {
        let size = (self.0.len() - 4) as i32;
        self.0[..4].copy_from_slice(&size.to_be_bytes());
        self.0
    }
}

fn varint(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// An uncompressed record batch of `count` records whose values are `size` random letters.
pub fn batch(count: usize, size: usize) -> Vec<u8> {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut letters = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        b'A' + (seed % 26) as u8
    };
    let mut records = Vec::with_capacity(count * (size + 12));
    for index in 0..count {
        let mut record = vec![0];
        varint(&mut record, 0);
        varint(&mut record, index as i64);
        varint(&mut record, -1);
        varint(&mut record, size as i64);
        record.extend((0..size).map(|_| letters()));
        varint(&mut record, 0);
        varint(&mut records, record.len() as i64);
        records.extend_from_slice(&record);
    }
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64);
    let mut tail = Request::default();
    tail.i16(0).i32(count as i32 - 1).i64(now_ms).i64(now_ms).i64(-1).i16(-1).i32(-1).i32(count as i32);
    tail.bytes(&records);
    let mut batch = Request::default();
    batch.i64(0).i32(9 + tail.0.len() as i32).i32(-1).bytes(&[2]);
    batch.bytes(&crc32c::crc32c(&tail.0).to_be_bytes()).bytes(&tail.0);
    batch.0
}

/// Produce with the same batch for each of these partitions of one topic.
pub fn produce(
    topic: &str,
    partitions: impl ExactSizeIterator<Item = i32>,
    batch: &[u8],
    acks: i16,
) -> Vec<u8> {
    let mut request = Request::new(PRODUCE);
    request.i16(-1).i16(acks).i32(TIMEOUT_MS).i32(1).string(topic).i32(partitions.len() as i32);
    for partition in partitions {
        request.i32(partition).i32(batch.len() as i32).bytes(batch);
    }
    request.finish()
}

/// The first error of a Produce answer (from behind the correlation id), or 0.
pub fn produce_error(answer: &[u8]) -> Option<i16> {
    let mut reader = Reader(answer);
    for _ in 0..reader.i32()? {
        reader.string()?;
        for _ in 0..reader.i32()? {
            reader.i32()?;
            match reader.i16()? {
                0 => reader.skip(24)?,
                error => return Some(error),
            }
        }
    }
    Some(0)
}

/// Fetch of one partition from an offset.
pub fn fetch(topic: &str, partition: i32, offset: i64, bytes_max: i32) -> Vec<u8> {
    let mut request = Request::new(FETCH);
    request.i32(-1).i32(500).i32(1).i32(bytes_max).bytes(&[0]);
    request.i32(1).string(topic).i32(1).i32(partition).i64(offset).i32(bytes_max);
    request.finish()
}

/// What a Fetch answer holds.
pub struct Fetched {
    /// Kafka's error code.
    pub error: i16,
    /// Offset below which consumers may read.
    pub high_watermark: i64,
    /// Offset behind the last whole batch, or `None` if there was none.
    pub next_offset: Option<i64>,
    /// How many records the whole batches hold.
    pub records: u64,
}

/// Reads a Fetch answer of one partition; only the batch headers are looked at.
pub fn fetched(answer: &[u8]) -> Option<Fetched> {
    let mut reader = Reader(answer);
    reader.skip(8)?;
    reader.string()?;
    reader.skip(8)?;
    let error = reader.i16()?;
    let high_watermark = reader.i64()?;
    reader.skip(8)?;
    let aborted = reader.i32()?.max(0) as usize;
    reader.skip(aborted * 16)?;
    let size = reader.i32()?.max(0) as usize;
    let mut rest = reader.0.get(..size)?;
    let (mut next_offset, mut records) = (None, 0);
    while rest.len() >= 61 {
        let mut header = Reader(rest);
        let base_offset = header.i64()?;
        let length = 12 + header.i32()? as usize;
        if length < 61 || length > rest.len() {
            break;
        }
        header.skip(11)?;
        next_offset = Some(base_offset + i64::from(header.i32()?) + 1);
        header.skip(30)?;
        records += header.i32()? as u64;
        rest = &rest[length..];
    }
    Some(Fetched { error, high_watermark, next_offset, records })
}

/// The cheapest round trip.
pub fn api_versions() -> Vec<u8> {
    Request::new(API_VERSIONS).finish()
}

/// Metadata of one topic.
pub fn metadata(topic: &str) -> Vec<u8> {
    let mut request = Request::new(METADATA);
    request.i32(1).string(topic);
    request.finish()
}

/// How many partitions of the only topic in a Metadata answer have a leader.
pub fn leaders(answer: &[u8]) -> Option<usize> {
    let mut reader = Reader(answer);
    for _ in 0..reader.i32()? {
        reader.skip(4)?;
        reader.string()?;
        reader.skip(4)?;
        reader.string()?;
    }
    reader.skip(10)?;
    reader.string()?;
    reader.skip(1)?;
    let mut found = 0;
    for _ in 0..reader.i32()? {
        reader.skip(6)?;
        found += usize::from(reader.i32()? >= 0);
        for _ in 0..2 {
            let nodes = reader.i32()?.max(0) as usize;
            reader.skip(nodes * 4)?;
        }
    }
    Some(found)
}

/// CreateTopics of one topic with one replica.
pub fn create_topic(topic: &str, partitions: i32) -> Vec<u8> {
    let mut request = Request::new(CREATE_TOPICS);
    request.i32(1).string(topic).i32(partitions).i16(1).i32(0).i32(0).i32(TIMEOUT_MS).bytes(&[0]);
    request.finish()
}

/// The error of a CreateTopics answer.
pub fn create_topic_error(answer: &[u8]) -> Option<i16> {
    let mut reader = Reader(answer);
    reader.skip(8)?;
    reader.string()?;
    reader.i16()
}

/// DeleteTopics of one topic; its answer is read by `create_topic_error`, which starts the same.
pub fn delete_topic(topic: &str) -> Vec<u8> {
    let mut request = Request::new(DELETE_TOPICS);
    request.i32(1).string(topic).i32(TIMEOUT_MS);
    request.finish()
}

/// Reads big-endian values; `None` where the answer ends early.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn skip(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.get(count..)?;
        Some(())
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (value, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*value)
    }

    fn i16(&mut self) -> Option<i16> {
        self.array().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    fn string(&mut self) -> Option<()> {
        let length = self.i16()?.max(0) as usize;
        self.skip(length)
    }
}
