//! Bytes of other clients, and what must come out of them. The files and the programs that wrote them are in `golden/`.

use super::batch::{BatchView, batches};
use super::builder::{BatchBuilder, BatchOptions};
use super::compression::{Compression, decompress};
use super::control::{ControlRecordType, EndTransactionMarker, TransactionResult, quorum_batch};
use super::header::{Attributes, BatchHeader, MAGIC_V2, TimestampType};
use super::legacy::{AnyHeader, LegacyRecord, LegacyView};
use super::records::{OwnedRecord, RecordHeader, records};
use super::scan::scan_records;
use crate::time::Timestamp;
use crate::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

const UNCOMPRESSED: &str = include_str!("golden/uncompressed.hex");
const CONTROL: &str = include_str!("golden/control.hex");
const CODECS: &str = include_str!("golden/codecs.hex");
const STREAMS: &str = include_str!("golden/streams.hex");
const CLIENTS: &str = include_str!("golden/clients.hex");
const LEGACY: &str = include_str!("golden/legacy.hex");

/// The cases of a golden file: `= name`, then lines of hexadecimal.
fn cases(file: &str) -> Vec<(&str, Vec<u8>)> {
    let mut cases: Vec<(&str, Vec<u8>)> = Vec::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("= ") {
            Some(name) => cases.push((name, Vec::new())),
            None => {
                let bytes = line
                    .as_bytes()
                    .chunks(2)
                    .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
                cases.last_mut().unwrap().1.extend(bytes);
            }
        }
    }
    cases
}

fn case(file: &str, name: &str) -> Vec<u8> {
    cases(file).into_iter().find(|(found, _)| *found == name).unwrap().1
}

#[track_caller]
fn assert_golden(file: &str, name: &str, bytes: &[u8]) {
    assert_eq!(hex(bytes), hex(&case(file, name)), "{name}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The records of `codecs.hex` and `clients.hex`.
fn text_records() -> Vec<OwnedRecord> {
    let record = |i: usize| OwnedRecord {
        offset: Offset(i as i64),
        timestamp: Timestamp(1_700_000_000_000 + i as i64),
        key: Some(format!("key-{}", i % 7).into_bytes()),
        value: Some(
            format!("record {i} of a golden batch, {}", "lorem ipsum ".repeat(i % 40 * 4)).into_bytes(),
        ),
        headers: if i.is_multiple_of(3) {
            vec![(b"n".to_vec(), Some(i.to_string().into_bytes()))]
        } else {
            vec![]
        },
    };
    (0..100).map(record).collect()
}

#[test]
fn plain_batches_are_byte_for_byte_kafkas() {
    let mut one = BatchBuilder::new(BatchOptions::default());
    one.append(Timestamp(1_000_000), Some(b"key"), Some(b"value"), &[]).unwrap();
    assert_golden(UNCOMPRESSED, "one record", &one.build());

    let mut nulls = BatchBuilder::new(BatchOptions::default());
    let headers = [
        RecordHeader { key: b"h1", value: Some(b"v1") },
        RecordHeader { key: b"", value: None },
        RecordHeader { key: "h\u{e9}".as_bytes(), value: Some(b"") },
    ];
    let long_value = [b'x'; 200];
    nulls.append(Timestamp(1_700_000_000_000), None, None, &[]).unwrap();
    nulls.append(Timestamp(1_700_000_000_500), Some(b""), Some(b""), &[]).unwrap();
    let size = nulls.uncompressed_size_with(Timestamp(1_699_999_999_000), None, Some(&long_value), &headers);
    nulls.append(Timestamp(1_699_999_999_000), None, Some(&long_value), &headers).unwrap();
    assert_eq!(nulls.uncompressed_size(), size);
    nulls.append(Timestamp::NONE, Some(&[b'k'; 64]), None, &[]).unwrap();
    assert_golden(UNCOMPRESSED, "nulls and headers", &nulls.build());
}

#[test]
fn every_option_of_a_batch_is_byte_for_byte_kafkas() {
    let mut stamped = BatchBuilder::new(BatchOptions {
        base_offset: Offset(1_234_567_890_123),
        leader_epoch: LeaderEpoch(42),
        log_append_time: Some(Timestamp(55_555)),
        ..BatchOptions::default()
    });
    stamped.append(Timestamp(10), Some(b"a"), Some(b"1"), &[]).unwrap();
    stamped.append(Timestamp(20), Some(b"b"), Some(b"2"), &[]).unwrap();
    assert_golden(UNCOMPRESSED, "log append time", &stamped.build());

    let mut transactional = BatchBuilder::new(BatchOptions {
        base_offset: Offset(7),
        leader_epoch: LeaderEpoch(5),
        producer_id: ProducerId(4_000_000_001),
        producer_epoch: ProducerEpoch(3),
        base_sequence: 2_147_483_646,
        is_transactional: true,
        ..BatchOptions::default()
    });
    for i in 0..5 {
        let (key, value) = (format!("k{i}"), format!("v{i}"));
        transactional.append(Timestamp(100 + i), Some(key.as_bytes()), Some(value.as_bytes()), &[]).unwrap();
    }
    assert_golden(UNCOMPRESSED, "transactional", &transactional.build());

    let mut compacted = BatchBuilder::new(BatchOptions {
        base_offset: Offset(100),
        leader_epoch: LeaderEpoch(9),
        delete_horizon: Some(Timestamp(5_000)),
        ..BatchOptions::default()
    });
    compacted.append_at(Offset(103), Timestamp(200), Some(b"kept"), None, &[]).unwrap();
    compacted.append_at(Offset(300), Timestamp(100), Some(b"kept too"), Some(b"v"), &[]).unwrap();
    compacted.set_last_offset(Offset(500));
    assert_golden(UNCOMPRESSED, "compacted", &compacted.build());

    let emptied = BatchHeader {
        base_offset: Offset(40),
        size_bytes: 0,
        leader_epoch: LeaderEpoch(6),
        magic: MAGIC_V2,
        crc: 0,
        attributes: Attributes::of(Compression::Gzip).with_transactional(),
        last_offset_delta: 9,
        base_timestamp: Timestamp(120_000),
        max_timestamp: Timestamp(123_456),
        producer_id: ProducerId(77),
        producer_epoch: ProducerEpoch(8),
        base_sequence: 900,
        record_count: 5,
    };
    assert_golden(UNCOMPRESSED, "emptied", &emptied.emptied().to_bytes());
}

#[test]
fn control_batches_are_byte_for_byte_kafkas() {
    let abort = EndTransactionMarker { result: TransactionResult::Abort, coordinator_epoch: 5 };
    assert_golden(CONTROL, "abort", &abort.batch(ProducerId(11), ProducerEpoch(2), Timestamp(1_000)));
    let commit = EndTransactionMarker { result: TransactionResult::Commit, coordinator_epoch: 6 };
    assert_golden(CONTROL, "commit", &commit.batch(ProducerId(12), ProducerEpoch(3), Timestamp(2_000)));

    let leader_change = case(CONTROL, "leader change");
    let view = BatchView::first_of(&leader_change).unwrap();
    let record = view.records().next().unwrap().unwrap();
    assert_eq!(ControlRecordType::from_key(record.key), Ok(Some(ControlRecordType::LeaderChange)));
    let message = (ControlRecordType::LeaderChange, record.value.unwrap());
    let bytes = quorum_batch(Offset(8), LeaderEpoch(4), Timestamp(3_000), &[message]);
    assert_golden(CONTROL, "leader change", &bytes);
}

#[test]
fn batches_of_every_client_and_codec_are_read() {
    let expected = text_records();
    let all = [cases(CODECS), cases(CLIENTS)].concat();
    let mut count = 0;
    for (name, bytes) in all.iter().filter(|(name, _)| !name.starts_with("stream: ")) {
        let found: Vec<_> = batches(bytes).collect();
        let [Ok(batch)] = found[..] else { panic!("{name}: {found:?}") };
        batch.verify_crc().unwrap();
        let compression = batch.header().attributes.compression().unwrap();
        assert!(name.contains(compression.name()), "{name} is {compression}");
        let plain = batch.uncompressed_records(1 << 20).unwrap();
        let records: Vec<_> =
            records(&plain, 100).map(|record| OwnedRecord::of(&record.unwrap(), batch.header())).collect();
        assert_eq!(records, expected, "{name}");

        let mut shapes = 0;
        scan_records(batch.header(), batch.records_bytes(), plain.len(), |index, shape| {
            assert_eq!(shape.offset_delta, index);
            assert_eq!(shape.timestamp(batch.header()), expected[shapes].timestamp);
            shapes += 1;
        })
        .unwrap();
        assert_eq!(shapes, 100, "{name}");
        count += 1;
    }
    assert_eq!(count, 19);
}

#[test]
fn streams_in_every_framing_are_read() {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for record in text_records() {
        let headers: Vec<_> =
            record.headers.iter().map(|(key, value)| RecordHeader { key, value: value.as_deref() }).collect();
        builder.append(record.timestamp, record.key.as_deref(), record.value.as_deref(), &headers).unwrap();
    }
    let bytes = builder.build();
    let text = BatchView::first_of(&bytes).unwrap().records_bytes();
    let all = [cases(STREAMS), cases(CLIENTS)].concat();
    for (name, stream) in
        all.iter().filter(|(name, _)| !name.starts_with("librdkafka") && !name.starts_with("kafka-"))
    {
        let name = name.trim_start_matches("stream: ");
        let codec = Compression::from_name(name.split(' ').next().unwrap()).unwrap();
        let plain = decompress(codec, stream, text.len()).unwrap();
        assert!(plain == text, "{name}");
    }
}

#[test]
fn old_message_sets_are_read() {
    for (name, bytes) in cases(LEGACY) {
        let &[magic, codec, timestamp_type] = &name["magic ".len()..].split(' ').collect::<Vec<_>>()[..]
        else {
            panic!("{name}")
        };
        let codec = Compression::from_name(codec).unwrap();
        let timestamps = match (magic, TimestampType::from_name(timestamp_type).unwrap()) {
            ("0", _) => [Timestamp::NONE; 3],
            (_, TimestampType::CreateTime) => [1_000, 3_000, 2_000].map(Timestamp),
            (_, TimestampType::LogAppendTime) => [Timestamp(9_000); 3],
        };
        let expected = [
            LegacyRecord {
                offset: Offset(50),
                timestamp: timestamps[0],
                key: Some(b"a"),
                value: Some(b"first"),
            },
            LegacyRecord { offset: Offset(51), timestamp: timestamps[1], key: None, value: Some(b"second") },
            LegacyRecord { offset: Offset(52), timestamp: timestamps[2], key: Some(b"c"), value: None },
        ];

        let mut rest = &bytes[..];
        let mut found = 0;
        let mut max_timestamp = Timestamp::NONE;
        while !rest.is_empty() {
            let view = LegacyView::first_of(rest).unwrap();
            view.verify_crc().unwrap();
            let header = AnyHeader::parse(&rest[..rest.len().min(61)]).unwrap();
            assert_eq!(header, AnyHeader::Legacy(*view.header()));
            let records = view.records(1 << 10).unwrap();
            let records: Vec<_> = records.iter().collect();
            assert_eq!(records, expected[found..found + records.len()], "{name}");
            found += records.len();
            assert_eq!(header.last_offset(), expected[found - 1].offset, "{name}");
            assert_eq!(header.base_offset().is_none(), codec != Compression::None, "{name}");
            max_timestamp = max_timestamp.max(header.max_timestamp());
            rest = &rest[header.size_bytes()..];
        }
        assert_eq!(found, 3, "{name}");
        assert_eq!(max_timestamp, timestamps.into_iter().max().unwrap(), "{name}");
        assert!(BatchView::first_of(&bytes).is_err(), "{name}");
    }
}
