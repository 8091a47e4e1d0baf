//! The fuzz targets: functions that take any bytes, and must come back soon, without a panic, in bounded memory.

use super::{CATALOG, Entry, Random};
use crate::api::ApiKey;
use crate::fetch_view::FetchView;
use crate::frame::{self, decode_request_head};
use crate::message::Message;
use crate::messages::fetch_request::FetchRequest;
use crate::messages::metadata_record::MetadataRecord;
use crate::messages::produce_request::ProduceRequest;
use crate::messages::request::RequestKind;
use crate::produce_view::ProduceView;
use crate::wire::{Reader, Writer};

/// A function to be fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Takes any bytes. Panics if a rule is broken.
    pub run: fn(&[u8]),
    /// Makes a valid input.
    pub seed: fn(&mut Random) -> Vec<u8>,
    /// Whether `run` must allocate at most twice the size of its input plus 1 MiB.
    pub is_memory_bounded: bool,
}

/// Every target of this module.
pub const TARGETS: &[Target] = &[
    Target { name: "request_frame", run: request_frame, seed: request_frame_seed, is_memory_bounded: true },
    Target {
        name: "decode_any_message",
        run: decode_any_message,
        seed: any_message,
        is_memory_bounded: true,
    },
    Target {
        name: "recode_any_message",
        run: recode_any_message,
        seed: any_message,
        is_memory_bounded: false,
    },
    Target {
        name: "metadata_record",
        run: metadata_record,
        seed: metadata_record_seed,
        is_memory_bounded: false,
    },
    Target { name: "produce_view", run: produce_view, seed: produce_view_seed, is_memory_bounded: true },
    Target { name: "fetch_view", run: fetch_view, seed: fetch_view_seed, is_memory_bounded: true },
];

/// What a broker does with a frame before it knows anything about the peer.
fn request_frame(input: &[u8]) {
    let Ok(head) = decode_request_head(input) else { return };
    if head.is_version_known() {
        let mut reader = Reader::new(&input[head.body_start..]);
        let _ = RequestKind::decode(head.api_key, &mut reader, head.api_version);
    }
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

fn decode_any_message(input: &[u8]) {
    if let Some((entry, version, bytes)) = chosen(input) {
        let _ = (entry.decode)(bytes, version);
    }
}

/// What was read once is written in one form, which is read and written the same.
fn recode_any_message(input: &[u8]) {
    let Some((entry, version, bytes)) = chosen(input) else { return };
    if let Ok(once) = (entry.recode)(bytes, version) {
        let twice = (entry.recode)(&once, version);
        assert_eq!(twice.as_ref(), Ok(&once), "{} version {version}", entry.name);
    }
}

fn metadata_record(input: &[u8]) {
    if let Ok((record, version)) = MetadataRecord::decode(input) {
        let mut writer = Writer::new();
        record.encode(&mut writer, version);
        let again = MetadataRecord::decode(writer.as_slice());
        let encoded = again.map(|(record, version)| {
            let mut writer = Writer::new();
            record.encode(&mut writer, version);
            writer.into_vec()
        });
        assert_eq!(encoded, Ok(writer.into_vec()));
    }
}

fn metadata_record_seed(random: &mut Random) -> Vec<u8> {
    loop {
        let entry = random.choose(&CATALOG);
        let version = pick(random, entry.versions.clone());
        let body = (entry.random)(random, version);
        for record_type in 0..30 {
            let mut writer = Writer::new();
            crate::message::encode_frame(&mut writer, record_type, version);
            writer.raw(&body);
            if MetadataRecord::decode(writer.as_slice()).is_ok() {
                return writer.into_vec();
            }
        }
    }
}

/// One byte chooses the version; the body follows.
fn versioned<M: Message>(input: &[u8]) -> Option<i16> {
    let count = M::VERSIONS.end() - M::VERSIONS.start() + 1;
    input.first().map(|byte| M::VERSIONS.start() + i16::from(*byte) % count)
}

fn produce_view(input: &[u8]) {
    let Some(version) = versioned::<ProduceRequest>(input) else { return };
    if let Ok(view) = ProduceView::new(input, 1, version) {
        let count = view.topics().flat_map(|topic| topic.partitions()).count();
        let promised: usize = view.topics().map(|topic| topic.partitions().len()).sum();
        assert_eq!(count, promised);
    }
}

fn produce_view_seed(random: &mut Random) -> Vec<u8> {
    view_seed::<ProduceRequest>(random)
}

fn fetch_view(input: &[u8]) {
    let Some(version) = versioned::<FetchRequest>(input) else { return };
    if let Ok(view) = FetchView::new(input, 1, version) {
        let count = view.topics().flat_map(|topic| topic.partitions()).count();
        let promised: usize = view.topics().map(|topic| topic.partitions().len()).sum();
        assert_eq!(count, promised);
        let forgotten = view.forgotten_topics().flat_map(|topic| topic.partitions()).count();
        let promised: usize = view.forgotten_topics().map(|topic| topic.partitions().len()).sum();
        assert_eq!(forgotten, promised);
    }
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
