//! The fuzz targets on record batches, compression and legacy message sets.

use ottla_protocol::fuzzing::{Random, Target};
use ottla_protocol::record::checksum::crc32c;
use ottla_protocol::record::compression::{compress, decompress};
use ottla_protocol::record::header::{ATTRIBUTES_OFFSET, CRC_OFFSET};
use ottla_protocol::record::legacy::LegacyView;
use ottla_protocol::record::scan::scan_records;
use ottla_protocol::record::validate::{
    TargetCompression, ValidationPolicy, rebuild, single_batch, validate,
};
use ottla_protocol::record::{BatchBuilder, BatchOptions, BatchView, Compression, RecordHeader, batches};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset};

/// Every target of this module.
pub const TARGETS: &[Target] = &[
    Target { name: "record_batches", run: record_batches, seed: batch_seed, memory_max: codec_memory },
    Target { name: "batch_validation", run: batch_validation, seed: chosen_batch, memory_max: codec_memory },
    Target { name: "legacy_messages", run: legacy_messages, seed: legacy_seed, memory_max: codec_memory },
    Target { name: "decompress_gzip", run: gzip, seed: gzip_seed, memory_max: codec_memory },
    Target { name: "decompress_snappy", run: snappy, seed: snappy_seed, memory_max: codec_memory },
    Target { name: "decompress_lz4", run: lz4, seed: lz4_seed, memory_max: codec_memory },
    Target { name: "decompress_zstd", run: zstd, seed: zstd_seed, memory_max: codec_memory },
];

/// Most bytes to which anything may decompress here.
const DECOMPRESSED_SIZE_MAX: usize = 1 << 20;

/// All allocations of one execution together, growing vectors and the codecs' windows included.
fn codec_memory(size: usize) -> u64 {
    16 * (size + DECOMPRESSED_SIZE_MAX) as u64
}

/// What a follower or a consumer does with fetched bytes.
fn record_batches(input: &[u8]) -> bool {
    let mut valid = false;
    for batch in batches(input) {
        let Ok(batch) = batch else { return false };
        let _ = batch.verify_crc();
        let mut count = 0;
        let scanned =
            scan_records(batch.header(), batch.records_bytes(), DECOMPRESSED_SIZE_MAX, |_, _| count += 1);
        if scanned.is_ok() {
            assert_eq!(count, batch.header().record_count);
            valid = true;
        }
        if !batch.header().attributes.is_compressed() {
            let read = batch.records().filter(Result::is_ok).count();
            assert!(scanned.is_err() || read == usize::try_from(count).unwrap_or_default());
        }
    }
    valid
}

/// What a leader does with a produced batch: the first byte chooses the topic's codec. The CRC is put right first.
fn batch_validation(input: &[u8]) -> bool {
    let Some((choice, bytes)) = input.split_first() else { return false };
    let mut bytes = bytes.to_vec();
    let Ok(size) = BatchView::first_of(&bytes).map(|batch| batch.bytes().len()) else { return false };
    let crc = crc32c(&bytes[ATTRIBUTES_OFFSET..size]);
    bytes[CRC_OFFSET..CRC_OFFSET + 4].copy_from_slice(&crc.to_be_bytes());
    let compression = match Compression::from_code(choice % 8) {
        Ok(compression) => TargetCompression::Fixed { compression, level: None },
        Err(_) => TargetCompression::Producer,
    };
    let policy = ValidationPolicy {
        compression,
        decompressed_size_max: DECOMPRESSED_SIZE_MAX,
        compacted: *choice >= 0xe0,
        ..ValidationPolicy::default()
    };
    let Ok(batch) = single_batch(&bytes, 12) else { return false };
    let Ok(batch) = validate(batch, &policy, Timestamp(1_000_000)) else { return false };
    !batch.needs_rebuild || rebuild(&batch, &policy).is_ok()
}

fn legacy_messages(input: &[u8]) -> bool {
    let Ok(view) = LegacyView::first_of(input) else { return false };
    let _ = view.verify_crc();
    let Ok(records) = view.records(DECOMPRESSED_SIZE_MAX) else { return false };
    records.iter().count() > 0
}

fn is_decompressed(compression: Compression, input: &[u8]) -> bool {
    match decompress(compression, input, DECOMPRESSED_SIZE_MAX) {
        Ok(plain) => {
            assert!(plain.len() <= DECOMPRESSED_SIZE_MAX);
            true
        }
        Err(_) => false,
    }
}

fn gzip(input: &[u8]) -> bool {
    is_decompressed(Compression::Gzip, input)
}

fn snappy(input: &[u8]) -> bool {
    is_decompressed(Compression::Snappy, input)
}

fn lz4(input: &[u8]) -> bool {
    is_decompressed(Compression::Lz4, input)
}

fn zstd(input: &[u8]) -> bool {
    is_decompressed(Compression::Zstd, input)
}

/// Text that compresses, of up to some thousand bytes; now and then a bomb.
fn plain(random: &mut Random) -> Vec<u8> {
    if random.one_in(200) {
        return vec![b'a'; 4 * DECOMPRESSED_SIZE_MAX];
    }
    let words: Vec<String> = (0..8).map(|_| random.string()).collect();
    (0..random.below(300)).flat_map(|_| random.choose(&words).clone().into_bytes()).collect()
}

fn gzip_seed(random: &mut Random) -> Vec<u8> {
    compress(Compression::Gzip, None, &plain(random))
}

fn snappy_seed(random: &mut Random) -> Vec<u8> {
    compress(Compression::Snappy, None, &plain(random))
}

fn lz4_seed(random: &mut Random) -> Vec<u8> {
    compress(Compression::Lz4, None, &plain(random))
}

fn zstd_seed(random: &mut Random) -> Vec<u8> {
    compress(Compression::Zstd, None, &plain(random))
}

/// One to three batches.
fn batch_seed(random: &mut Random) -> Vec<u8> {
    (0..=random.below(3)).flat_map(|index| batch(random, Offset(index as i64 * 10))).collect()
}

fn chosen_batch(random: &mut Random) -> Vec<u8> {
    [vec![random.bits() as u8], batch(random, Offset::ZERO)].concat()
}

fn batch(random: &mut Random, base_offset: Offset) -> Vec<u8> {
    let options = BatchOptions {
        base_offset,
        leader_epoch: LeaderEpoch(random.below(10) as i32),
        compression: *random.choose(&Compression::ALL),
        ..BatchOptions::default()
    };
    let mut builder = BatchBuilder::new(options);
    for _ in 0..=random.below(8) {
        let (key, value, name) = (random.bytes(), random.bytes(), random.string());
        let headers = [RecordHeader { key: name.as_bytes(), value: Some(&value) }];
        let headers = if random.bool() { &headers[..] } else { &[] };
        let timestamp = Timestamp(random.below(1_000_000) as i64);
        let key = random.bool().then_some(&key[..]);
        builder.append(timestamp, key, Some(&value), headers).expect("a small record fits");
    }
    builder.build()
}

/// A message of magic 0 or 1 that is not compressed, or whose value is compressed bytes.
fn legacy_seed(random: &mut Random) -> Vec<u8> {
    let magic = random.below(2) as u8;
    let compression = *random.choose(&Compression::ALL);
    let inner = legacy_message(magic, 0, &random.bytes());
    let value = match compression {
        Compression::None => random.bytes().to_vec(),
        _ => compress(compression, None, &[inner.clone(), inner].concat()),
    };
    legacy_message(magic, compression.code(), &value)
}

fn legacy_message(magic: u8, attributes: u8, value: &[u8]) -> Vec<u8> {
    let mut body = vec![magic, attributes];
    if magic == 1 {
        body.extend(1_000_000i64.to_be_bytes());
    }
    body.extend((-1i32).to_be_bytes());
    body.extend((value.len() as i32).to_be_bytes());
    body.extend(value);
    let size = (body.len() + 4) as i32;
    // The targets go on after a wrong CRC: it is left at zero.
    [&7i64.to_be_bytes()[..], &size.to_be_bytes(), &[0; 4], &body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_accept_their_own_valid_inputs() {
        for target in TARGETS {
            let mut random = Random::new(1);
            let accepted = (0..200).filter(|_| (target.run)(&(target.seed)(&mut random))).count();
            assert!(accepted > 150, "{}: {accepted} of 200", target.name);
        }
    }
}
