//! The fuzz targets: functions that take any bytes, and must come back soon, without a panic, in bounded memory.

use super::{CATALOG, Entry, Random};
use crate::api::ApiKey;
use crate::fetch_view::FetchView;
use crate::frame::{self, decode_request_head};
use crate::message::{Message, encode_frame};
use crate::messages::fetch_request::FetchRequest;
use crate::messages::metadata_record::MetadataRecord;
use crate::messages::produce_request::ProduceRequest;
use crate::messages::request::RequestKind;
use crate::produce_view::ProduceView;
use crate::wire::{DecodeError, Reader, Writer};

/// A function to be fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Takes any bytes, and gives whether they were valid. Panics if a rule is broken.
    pub run: fn(&[u8]) -> bool,
    /// Makes a valid input.
    pub seed: fn(&mut Random) -> Vec<u8>,
    /// Most bytes that `run` may allocate for an input of the given size.
    pub memory_max: fn(usize) -> u64,
}

/// What a decoder of bytes from a peer may allocate: twice their size plus 1 MiB.
fn decoder_memory(size: usize) -> u64 {
    2 * size as u64 + (1 << 20)
}

/// What a decoder of bytes from our own disk may allocate, and then again to write and read them.
fn recoder_memory(size: usize) -> u64 {
    40 * size as u64 + (4 << 20)
}

/// What a view may allocate.
fn no_memory(_size: usize) -> u64 {
    0
}

/// Every target of this module.
pub const TARGETS: &[Target] = &[
    Target { name: "request_head", run: request_head, seed: request_frame_seed, memory_max: no_memory },
    Target {
        name: "request_frame",
        run: request_frame,
        seed: request_frame_seed,
        memory_max: decoder_memory,
    },
    Target {
        name: "decode_any_message",
        run: decode_any_message,
        seed: any_message,
        memory_max: decoder_memory,
    },
    Target {
        name: "recode_any_message",
        run: recode_any_message,
        seed: any_message,
        memory_max: recoder_memory,
    },
    Target { name: "metadata_record", run: metadata_record, seed: metadata_seed, memory_max: recoder_memory },
    Target { name: "produce_view", run: produce_view, seed: produce_view_seed, memory_max: no_memory },
    Target { name: "fetch_view", run: fetch_view, seed: fetch_view_seed, memory_max: no_memory },
];

/// What a broker reads of a frame before it knows anything about the peer.
fn request_head(input: &[u8]) -> bool {
    decode_request_head(input).is_ok()
}

/// What a broker reads of a frame in all.
fn request_frame(input: &[u8]) -> bool {
    let Ok(head) = decode_request_head(input) else { return false };
    if !head.is_version_known() {
        return false;
    }
    let mut reader = Reader::new(&input[head.body_start..]);
    RequestKind::decode(head.api_key, &mut reader, head.api_version).is_ok()
}

fn request_frame_seed(random: &mut Random) -> Vec<u8> {
    let api_key = *random.choose(ApiKey::ALL);
    let versions = api_key.min_version()..=api_key.max_version();
    let version = pick(random, versions);
    let request = format!("{}Request", api_key.name());
    let body = Entry::find(&request).map(|entry| (entry.random)(random, version)).unwrap_or_default();
    let mut writer = Writer::new();
    let client_id = random.bool().then(|| random.string());
    let start = frame::begin_request(&mut writer, api_key, version, random.i32(), client_id.as_deref());
    writer.raw(&body);
    let ended = frame::end_frame(&mut writer, start, 0);
    assert_eq!(ended, Ok(()));
    writer.into_vec().split_off(frame::FRAME_LENGTH_SIZE)
}

fn pick(random: &mut Random, versions: std::ops::RangeInclusive<i16>) -> i16 {
    let count = usize::try_from(versions.end() - versions.start() + 1).unwrap_or(1);
    versions.start() + random.below(count) as i16
}

/// Two bytes choose the message, one the version; the message follows.
fn chosen(input: &[u8]) -> Option<(&'static Entry, i16, &[u8])> {
    let (&[high, low, version], bytes) = input.split_first_chunk()?;
    let entry = &CATALOG[usize::from(u16::from_be_bytes([high, low])) % CATALOG.len()];
    let count = entry.versions.end() - entry.versions.start() + 1;
    Some((entry, entry.versions.start() + i16::from(version) % count, bytes))
}

fn any_message(random: &mut Random) -> Vec<u8> {
    let index = random.below(CATALOG.len()) as u16;
    let [high, low] = index.to_be_bytes();
    let mut input = vec![high, low, random.bits() as u8];
    if let Some((entry, version, _)) = chosen(&input) {
        input.extend((entry.random)(random, version));
    }
    input
}

fn decode_any_message(input: &[u8]) -> bool {
    chosen(input).is_some_and(|(entry, version, bytes)| (entry.decode)(bytes, version).is_ok())
}

/// What was read once is written in one form, which is read and written the same.
fn recode_any_message(input: &[u8]) -> bool {
    let Some((entry, version, bytes)) = chosen(input) else { return false };
    let Ok(once) = (entry.recode)(bytes, version) else { return false };
    let twice = (entry.recode)(&once, version);
    assert_eq!(twice.as_ref(), Ok(&once), "{} version {version}", entry.name);
    true
}

fn metadata_record(input: &[u8]) -> bool {
    let recode = |bytes: &[u8]| {
        let (record, version) = MetadataRecord::decode(bytes)?;
        let mut writer = Writer::new();
        record.encode(&mut writer, version);
        Ok::<_, DecodeError>(writer.into_vec())
    };
    let Ok(once) = recode(input) else { return false };
    assert_eq!(recode(&once).as_ref(), Ok(&once));
    true
}

fn metadata_seed(random: &mut Random) -> Vec<u8> {
    let records: Vec<_> = CATALOG.iter().filter_map(|entry| Some((entry, entry.metadata_type?))).collect();
    let (entry, record_type) = *random.choose(&records);
    let version = pick(random, entry.versions.clone());
    let mut writer = Writer::new();
    encode_frame(&mut writer, record_type, version);
    writer.raw(&(entry.random)(random, version));
    writer.into_vec()
}

/// One byte chooses the version; the body follows.
fn versioned<M: Message>(input: &[u8]) -> Option<i16> {
    let count = M::VERSIONS.end() - M::VERSIONS.start() + 1;
    input.first().map(|byte| M::VERSIONS.start() + i16::from(*byte) % count)
}

fn produce_view(input: &[u8]) -> bool {
    let Some(version) = versioned::<ProduceRequest>(input) else { return false };
    let Ok(view) = ProduceView::new(input, 1, version) else { return false };
    let count = view.topics().flat_map(|topic| topic.partitions()).count();
    let promised: usize = view.topics().map(|topic| topic.partitions().len()).sum();
    assert_eq!(count, promised);
    true
}

fn produce_view_seed(random: &mut Random) -> Vec<u8> {
    view_seed::<ProduceRequest>(random)
}

fn fetch_view(input: &[u8]) -> bool {
    let Some(version) = versioned::<FetchRequest>(input) else { return false };
    let Ok(view) = FetchView::new(input, 1, version) else { return false };
    let count = view.topics().flat_map(|topic| topic.partitions()).count();
    let promised: usize = view.topics().map(|topic| topic.partitions().len()).sum();
    assert_eq!(count, promised);
    let forgotten = view.forgotten_topics().flat_map(|topic| topic.partitions()).count();
    let promised: usize = view.forgotten_topics().map(|topic| topic.partitions().len()).sum();
    assert_eq!(forgotten, promised);
    true
}

fn fetch_view_seed(random: &mut Random) -> Vec<u8> {
    view_seed::<FetchRequest>(random)
}

fn view_seed<M: Message + super::Arbitrary>(random: &mut Random) -> Vec<u8> {
    let mut input = vec![random.bits() as u8];
    if let Some(version) = versioned::<M>(&input) {
        input.extend(M::arbitrary(random, version).to_vec(version));
    }
    input
}
