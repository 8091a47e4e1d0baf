//! What a fuzzer calls with bytes of its own. Nothing here may panic, run for long, or hold much more than its input and
//! the output that it allows; what comes out must agree with itself.

use super::batch::{BatchMut, BatchView, batches};
use super::compression::{Compression, compress, decompress, decompress_magic_0};
use super::control::{ControlRecordType, EndTransactionMarker};
use super::header::{ATTRIBUTES_OFFSET, BatchHeader, CRC_OFFSET, TimestampType};
use super::legacy::{AnyHeader, LegacyView};
use super::records::{OwnedRecord, records};
use super::scan::scan_records;
use super::validate::{
    BatchOrigin, TargetCompression, ValidationDepth, ValidationPolicy, rebuild, single_batch, validate,
};
use crate::time::Timestamp;
use crate::types::{LeaderEpoch, Offset};

/// Most that a fuzzed stream may decompress to, in bytes.
const LIMIT: usize = 1 << 18;

/// Walks `data` as batches, new and old, and reads everything in them.
pub fn fuzz_batches(data: &[u8]) {
    let mut walk = batches(data);
    for batch in walk.by_ref().flatten() {
        let header = *batch.header();
        assert_eq!(batch.bytes()[..super::header::RECORD_BATCH_OVERHEAD], header.to_bytes());
        assert_eq!(AnyHeader::parse(batch.bytes()), Ok(AnyHeader::Current(header)));
        assert!(header.next_offset() != header.last_offset());
        let _ = (batch.verify_crc(), header.last_sequence(), header.delete_horizon(), header.emptied());
        read_records(&batch);
        stamp(batch.bytes().to_vec());
    }
    assert!(walk.position() <= data.len());
    if let Ok(view) = LegacyView::first_of(data) {
        let _ = view.verify_crc();
        if let Ok(records) = view.records(LIMIT) {
            assert!(records.iter().count() > 0);
        }
    }
}

fn read_records(batch: &BatchView<'_>) {
    let header = batch.header();
    let Ok(plain) = batch.uncompressed_records(LIMIT) else { return };
    let read: Result<Vec<_>, _> = records(&plain, header.record_count).collect();
    let mut shapes = Vec::new();
    let scanned = scan_records(header, batch.records_bytes(), LIMIT, |_, shape| shapes.push(shape));
    assert_eq!(scanned.is_ok(), read.is_ok(), "{scanned:?} {read:?}");
    let Ok(read) = read else { return };
    assert!(shapes.into_iter().eq(read.iter().map(|&record| record.into())));
    for record in read {
        assert_eq!(record.headers.count(), record.headers.len());
        let _ = OwnedRecord::of(&record, header);
        let _ = ControlRecordType::from_key(record.key);
        let _ = EndTransactionMarker::from_record(record.key, record.value);
    }
}

fn stamp(mut bytes: Vec<u8>) {
    let records = bytes.len();
    let mut batch = BatchMut::first_of(&mut bytes).expect("it has been read");
    batch.set_base_offset(Offset(5));
    batch.set_leader_epoch(LeaderEpoch(6));
    batch.set_max_timestamp(TimestampType::LogAppendTime, Timestamp(7));
    let header = *batch.view().header();
    assert_eq!((header.base_offset, header.leader_epoch), (Offset(5), LeaderEpoch(6)));
    assert_eq!((header.log_append_time(), header.size_bytes), (Some(Timestamp(7)), records));
}

/// Decompresses what follows the first byte, which chooses codec and limit, and compresses what comes out.
pub fn fuzz_decompress(data: &[u8]) {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let codec = Compression::ALL[usize::from(choice) % Compression::ALL.len()];
    let limit = if choice & 0x80 == 0 { LIMIT } else { bytes.len() };
    let _ = decompress_magic_0(codec, bytes, limit);
    let Ok(plain) = decompress(codec, bytes, limit) else { return };
    assert!(plain.len() <= limit);
    let again = compress(codec, None, &plain);
    assert_eq!(decompress(codec, &again, plain.len()).as_ref(), Ok(&plain));
}

/// Validates what follows the first two bytes, which choose the policy, and rebuilds it if it must be. The CRC is made
/// right first, so that the fuzzer gets behind it.
pub fn fuzz_validate(data: &[u8]) {
    let Some(([choice, codec], bytes)) = data.split_first_chunk::<2>() else { return };
    let mut bytes = bytes.to_vec();
    if let Ok(header) = BatchHeader::parse(&bytes)
        && let Some(covered) = bytes.get(ATTRIBUTES_OFFSET..header.size_bytes)
    {
        let crc = super::checksum::crc32c(covered);
        bytes[CRC_OFFSET..ATTRIBUTES_OFFSET].copy_from_slice(&crc.to_be_bytes());
    }
    let flag = |bit: u32| choice >> bit & 1 == 1;
    let policy = ValidationPolicy {
        origin: if flag(0) { BatchOrigin::Coordinator } else { BatchOrigin::Client },
        depth: if flag(1) { ValidationDepth::HeaderOnly } else { ValidationDepth::Thorough },
        compression: match Compression::from_code(*codec) {
            Ok(compression) => TargetCompression::Fixed { compression, level: flag(2).then_some(1) },
            Err(_) => TargetCompression::Producer,
        },
        timestamp_type: if flag(3) { TimestampType::LogAppendTime } else { TimestampType::CreateTime },
        timestamp_before_max_ms: if flag(4) { 1_000 } else { i64::MAX },
        timestamp_after_max_ms: if flag(5) { i64::MAX } else { 3_600_000 },
        compacted: flag(6),
        batch_size_max: if flag(7) { 1 << 20 } else { 1 << 10 },
        decompressed_size_max: LIMIT,
    };
    let Ok(batch) = single_batch(&bytes, i16::from(*codec)) else { return };
    let Ok(valid) = validate(batch, &policy, Timestamp(1_700_000_000_000)) else { return };
    check_sealed(&valid.header, &valid.records);
    if valid.needs_rebuild
        && let Ok(rebuilt) = rebuild(&valid, &policy)
    {
        check_sealed(&rebuilt.header, &rebuilt.records);
        assert!(!rebuilt.needs_rebuild && rebuilt.size_bytes() <= policy.batch_size_max);
        assert_eq!(rebuilt.header.record_count, valid.header.record_count);
        assert_eq!(rebuilt.header.last_offset_delta + 1, rebuilt.header.record_count);
    }
}

fn check_sealed(header: &BatchHeader, records: &[u8]) {
    let mut sealed = *header;
    sealed.seal(records);
    assert_eq!(sealed, *header);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::builder::{BatchBuilder, BatchOptions};
    use crate::record::records::RecordHeader;
    use proptest::prelude::*;

    /// A batch of this codec, in which some of the bytes that follow the header are others, under a good CRC.
    fn seed(codec: Compression, count: usize, value: &[u8], spots: &[(usize, u8)]) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions { compression: codec, ..BatchOptions::default() });
        let header = RecordHeader { key: b"name", value: Some(value) };
        for i in 0..count {
            let key = [i as u8; 3];
            let timestamp = Timestamp(1_700_000_000_000 + i as i64);
            builder.append(timestamp, Some(&key[..i % 4]), Some(value), &[header; 2][..i % 3]).unwrap();
        }
        let mut bytes = builder.build();
        for &(at, with) in spots {
            let at = at % bytes.len();
            bytes[at] ^= with;
        }
        bytes
    }

    fn any_spots() -> impl Strategy<Value = Vec<(usize, u8)>> {
        // Most spots lie in the records, where the formats are.
        prop::collection::vec((prop_oneof![0usize..61, 61usize..100, 61usize..4_000], any::<u8>()), 0..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn mutated_batches_hold(codec in 0usize..5, count in 1usize..9, value: Vec<u8>, spots in any_spots(), cut in 0usize..40) {
            let bytes = seed(Compression::ALL[codec], count, &value, &spots);
            fuzz_batches(&bytes);
            fuzz_batches(&bytes[..bytes.len() - cut]);
            fuzz_batches(&[&bytes[..], &bytes].concat());
        }

        #[test]
        fn mutated_streams_hold(choice: u8, count in 1usize..9, value: Vec<u8>, spots in any_spots()) {
            let bytes = seed(Compression::ALL[usize::from(choice) % 5], count, &value, &spots);
            fuzz_decompress(&[&[choice], &bytes[61..]].concat());
        }

        #[test]
        fn mutated_produces_hold(choice: u8, target in 0u8..7, codec in 0usize..5, count in 1usize..9, value: Vec<u8>, spots in any_spots()) {
            let bytes = seed(Compression::ALL[codec], count, &value, &spots);
            fuzz_validate(&[&[choice, target], &bytes[..]].concat());
        }

        #[test]
        fn any_bytes_hold(bytes: Vec<u8>) {
            fuzz_batches(&bytes);
            fuzz_decompress(&bytes);
            fuzz_validate(&bytes);
        }
    }

    #[test]
    fn forged_lengths_hold() {
        for codec in Compression::ALL {
            let bytes = seed(codec, 3, b"some value", &[]);
            for at in 8..bytes.len() {
                for with in [0u8, 1, 0x7f, 0x80, 0xff] {
                    for width in [1, 4] {
                        let mut forged = bytes.clone();
                        forged[at..(at + width).min(bytes.len())].fill(with);
                        fuzz_batches(&forged);
                        fuzz_decompress(&[&[codec.code()], &forged[61..]].concat());
                        for choice in [0, 0x80, 0x82, 0xc8] {
                            fuzz_validate(&[&[choice, 9], &forged[..]].concat());
                        }
                    }
                }
            }
        }
    }
}
