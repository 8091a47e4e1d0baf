//! The rules of Produce, one by one, and Kafka's own answers to batches of every kind.

use super::*;
use crate::error::ErrorCode;
use crate::record::batch::BatchError;
use crate::record::builder::{BatchBuilder, BatchOptions, BatchOptionsError};
use crate::record::header::Attributes;
use crate::record::scan::scan_records;
use crate::types::{LeaderEpoch, ProducerEpoch, ProducerId};

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const PRODUCER: BatchOptions = BatchOptions {
    base_offset: Offset::ZERO,
    leader_epoch: LeaderEpoch::UNKNOWN,
    compression: Compression::None,
    compression_level: None,
    log_append_time: None,
    producer_id: ProducerId::NONE,
    producer_epoch: ProducerEpoch::NONE,
    base_sequence: -1,
    is_transactional: false,
    is_control: false,
    delete_horizon: None,
};
const POLICY: ValidationPolicy = ValidationPolicy {
    origin: BatchOrigin::Client,
    depth: ValidationDepth::Thorough,
    compression: TargetCompression::Producer,
    timestamp_type: TimestampType::CreateTime,
    timestamp_before_max_ms: i64::MAX,
    timestamp_after_max_ms: 3_600_000,
    compacted: false,
    batch_size_max: 1_048_588,
    decompressed_size_max: 1 << 20,
};

fn batch_at(options: BatchOptions, timestamps: &[i64]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options);
    for &timestamp in timestamps {
        builder.append(Timestamp(timestamp), Some(b"key"), Some(b"value"), &[]).unwrap();
    }
    builder.build()
}

/// Two records of the present.
fn batch(options: BatchOptions) -> Vec<u8> {
    batch_at(options, &[NOW.0 - 5, NOW.0 - 7])
}

/// The same batch with another header, under a good CRC.
fn with_header(bytes: &[u8], change: impl FnOnce(&mut BatchHeader)) -> Vec<u8> {
    let view = BatchView::first_of(bytes).unwrap();
    let mut header = *view.header();
    change(&mut header);
    header.seal(view.records_bytes());
    [&header.to_bytes(), view.records_bytes()].concat()
}

fn check<'a>(bytes: &'a [u8], policy: &ValidationPolicy) -> Result<ValidBatch<'a>, ValidationError> {
    validate(single_batch(bytes, 12)?, policy, NOW)
}

#[track_caller]
fn refused(bytes: &[u8], policy: &ValidationPolicy, code: ErrorCode) -> ValidationError {
    let error = check(bytes, policy).expect_err("it is refused");
    assert_eq!(ErrorCode::from(&error), code, "{error}");
    error
}

#[test]
fn a_good_batch_is_appended_as_it_came() {
    for compression in Compression::ALL {
        for depth in [ValidationDepth::Thorough, ValidationDepth::HeaderOnly] {
            let bytes = batch(BatchOptions { compression, ..PRODUCER });
            let view = BatchView::first_of(&bytes).unwrap();
            let expected = ValidBatch {
                header: *view.header(),
                records: Cow::Borrowed(view.records_bytes()),
                log_append_time: None,
                offset_delta_of_max_timestamp: (depth == ValidationDepth::Thorough).then_some(0),
                needs_rebuild: false,
                shared_timestamp: None,
            };
            assert_eq!(check(&bytes, &ValidationPolicy { depth, ..POLICY }), Ok(expected));
        }
    }
}

#[test]
fn one_batch_of_magic_2_is_asked_for() {
    let bytes = batch(PRODUCER);
    assert_eq!(single_batch(&[], 12), Err(ValidationError::NoBatch));
    assert_eq!(single_batch(&bytes[..bytes.len() - 1], 12), Err(ValidationError::NoBatch));
    assert_eq!(single_batch(&[&bytes[..], &bytes].concat(), 12), Err(ValidationError::MoreThanOneBatch));
    let whole = BatchView::first_of(&bytes).unwrap();
    assert_eq!(
        single_batch(&[&bytes, &bytes[..50]].concat(), 12),
        Ok(whole),
        "a cut batch behind it is ignored"
    );

    let mut old = bytes.clone();
    old[16] = 1;
    refused(&old, &POLICY, ErrorCode::INVALID_RECORD);
    old[16] = 7;
    let unknown = refused(&old, &POLICY, ErrorCode::CORRUPT_MESSAGE);
    assert_eq!(unknown, ValidationError::NotABatch(BatchError::UnknownMagic { magic: 7 }));
    let mut short = bytes;
    short[8..12].copy_from_slice(&[0; 4]);
    refused(&short, &POLICY, ErrorCode::CORRUPT_MESSAGE);
}

#[test]
fn zstd_needs_produce_7() {
    let bytes = batch(BatchOptions { compression: Compression::Zstd, ..PRODUCER });
    assert!(single_batch(&bytes, 7).is_ok());
    let error = single_batch(&bytes, 6).unwrap_err();
    assert_eq!(ErrorCode::from(&error), ErrorCode::UNSUPPORTED_COMPRESSION_TYPE);
}

#[test]
fn headers_that_contradict_themselves_are_refused() {
    let bytes = batch(PRODUCER);
    let refused_with =
        |code, change: &dyn Fn(&mut BatchHeader)| refused(&with_header(&bytes, change), &POLICY, code);
    refused_with(ErrorCode::INVALID_RECORD, &|header| header.base_offset = Offset(1));
    refused_with(ErrorCode::INVALID_RECORD, &|header| header.record_count = 0);
    refused_with(ErrorCode::INVALID_RECORD, &|header| header.record_count = 3);
    refused_with(ErrorCode::INVALID_RECORD, &|header| header.last_offset_delta = i32::MAX);
    refused_with(ErrorCode::INVALID_RECORD, &|header| header.last_offset_delta = -1);
    refused_with(ErrorCode::INVALID_RECORD, &|header| header.attributes = header.attributes.with_control());
    refused_with(ErrorCode::INVALID_RECORD, &|header| header.producer_id = ProducerId(1));
    refused_with(ErrorCode::UNKNOWN_SERVER_ERROR, &|header| header.attributes = Attributes(5));
    // One record less than there are.
    refused_with(ErrorCode::INVALID_RECORD, &|header| {
        header.record_count = 1;
        header.last_offset_delta = 0;
    });
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    refused(&flipped, &POLICY, ErrorCode::CORRUPT_MESSAGE);
}

#[test]
fn a_batch_over_the_limit_is_refused_before_it_is_read() {
    let mut bytes = batch(PRODUCER);
    let fits = ValidationPolicy { batch_size_max: bytes.len(), ..POLICY };
    assert!(check(&bytes, &fits).is_ok());
    let error = ValidationError::TooLarge { size: bytes.len(), size_max: bytes.len() - 1 };
    let policy = ValidationPolicy { batch_size_max: bytes.len() - 1, ..POLICY };
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&bytes, &policy, ErrorCode::MESSAGE_TOO_LARGE), error);
}

#[test]
fn compacted_topics_need_keys() {
    let policy = ValidationPolicy { compacted: true, depth: ValidationDepth::HeaderOnly, ..POLICY };
    for compression in Compression::ALL {
        let mut builder = BatchBuilder::new(BatchOptions { compression, ..PRODUCER });
        for key in [Some(&b"k"[..]), None, Some(b""), None] {
            builder.append(NOW, key, Some(b"v"), &[]).unwrap();
        }
        let error = refused(&builder.build(), &policy, ErrorCode::INVALID_RECORD);
        let indexes: Vec<_> = error.rejected_records().iter().map(|record| record.batch_index).collect();
        assert_eq!(indexes, [1, 3], "an empty key is a key");
    }
}

#[test]
fn timestamps_must_be_in_range() {
    let bounds = ValidationPolicy { timestamp_before_max_ms: 1_000, timestamp_after_max_ms: 100, ..POLICY };
    let timestamps = [NOW.0 + 100, NOW.0 + 101, -1, NOW.0 - 1_000, NOW.0 - 1_001];
    for depth in [ValidationDepth::Thorough, ValidationDepth::HeaderOnly] {
        let policy = ValidationPolicy { depth, ..bounds };
        let bytes = batch_at(PRODUCER, &timestamps);
        let error = refused(&bytes, &policy, ErrorCode::INVALID_TIMESTAMP);
        let indexes: Vec<_> = error.rejected_records().iter().map(|record| record.batch_index).collect();
        assert_eq!(indexes, [1, 4]);
        let append_time = ValidationPolicy { timestamp_type: TimestampType::LogAppendTime, ..policy };
        assert!(check(&bytes, &append_time).is_ok(), "the broker's time counts");
    }
}

#[test]
fn header_only_believes_a_max_timestamp_in_range() {
    let bytes = with_header(&batch_at(PRODUCER, &[NOW.0 + 9_000_000]), |header| header.max_timestamp = NOW);
    refused(&bytes, &POLICY, ErrorCode::INVALID_TIMESTAMP);
    let policy = ValidationPolicy { depth: ValidationDepth::HeaderOnly, ..POLICY };
    assert_eq!(check(&bytes, &policy).map(|valid| valid.header.max_timestamp), Ok(NOW));
    let open = with_header(&bytes, |header| header.max_timestamp = Timestamp(i64::MAX));
    refused(&open, &policy, ErrorCode::INVALID_TIMESTAMP);
}

#[test]
fn the_max_timestamp_is_that_of_the_records() {
    let bytes = with_header(&batch_at(PRODUCER, &[5, 9, 9, 7]), |header| header.max_timestamp = Timestamp(1));
    let valid = check(&bytes, &POLICY).unwrap();
    assert_eq!(valid.header.max_timestamp, Timestamp(9));
    assert_eq!(valid.offset_delta_of_max_timestamp, Some(1));
    let mut sealed = valid.header;
    sealed.seal(&valid.records);
    assert_eq!(sealed, valid.header);
}

#[test]
fn log_append_time_is_stamped_by_the_broker_only() {
    let policy = ValidationPolicy { timestamp_type: TimestampType::LogAppendTime, ..POLICY };
    let bytes = batch(PRODUCER);
    let valid = check(&bytes, &policy).unwrap();
    assert_eq!(valid.log_append_time, Some(NOW));
    assert_eq!(valid.header.log_append_time(), Some(NOW));
    assert!(!valid.needs_rebuild);

    let claimed = batch(BatchOptions { log_append_time: Some(NOW), ..PRODUCER });
    for depth in [ValidationDepth::Thorough, ValidationDepth::HeaderOnly] {
        refused(&claimed, &ValidationPolicy { depth, ..policy }, ErrorCode::INVALID_TIMESTAMP);
        let valid = check(&claimed, &ValidationPolicy { depth, ..POLICY }).unwrap();
        assert_eq!(valid.header.attributes.timestamp_type(), TimestampType::CreateTime, "as in Kafka");
    }
}

#[test]
fn another_codec_means_a_rebuild() {
    for source in Compression::ALL {
        for target in Compression::ALL {
            let options = BatchOptions {
                producer_id: ProducerId(9),
                producer_epoch: ProducerEpoch(1),
                base_sequence: 70,
                is_transactional: true,
                ..PRODUCER
            };
            let bytes = batch(BatchOptions { compression: source, ..options });
            let compression = TargetCompression::Fixed { compression: target, level: None };
            let policy = ValidationPolicy { compression, ..POLICY };
            let valid = check(&bytes, &policy).unwrap();
            assert_eq!(valid.needs_rebuild, source != target);
            if valid.needs_rebuild {
                let rebuilt = rebuild(&valid, &policy).unwrap();
                let expected = batch(BatchOptions { compression: target, ..options });
                let found = [&rebuilt.header.to_bytes(), &*rebuilt.records].concat();
                assert_eq!(found, expected, "{source} to {target}");
            }
        }
    }
}

#[test]
fn a_rebuilt_batch_must_fit_too() {
    let bytes = batch(BatchOptions { compression: Compression::Gzip, ..PRODUCER });
    let compression = TargetCompression::Fixed { compression: Compression::Zstd, level: None };
    let policy = ValidationPolicy { compression, ..POLICY };
    let valid = check(&bytes, &policy).unwrap();
    let size = rebuild(&valid, &policy).unwrap().size_bytes();
    let error = rebuild(&valid, &ValidationPolicy { batch_size_max: size - 1, ..policy }).unwrap_err();
    assert_eq!(error, ValidationError::TooLarge { size, size_max: size - 1 });
}

#[test]
fn a_producer_epoch_that_is_missing_stops_a_rebuild() {
    let bytes = with_header(&batch(PRODUCER), |header| {
        header.producer_id = ProducerId(1);
        header.base_sequence = 0;
    });
    let compression = TargetCompression::Fixed { compression: Compression::Zstd, level: None };
    let policy = ValidationPolicy { compression, ..POLICY };
    let error = rebuild(&check(&bytes, &policy).unwrap(), &policy).unwrap_err();
    assert_eq!(error, ValidationError::Options(BatchOptionsError::NoProducerEpoch));
    assert_eq!(ErrorCode::from(&error), ErrorCode::UNKNOWN_SERVER_ERROR);
}

#[test]
fn offsets_with_gaps_in_a_compressed_batch_mean_a_rebuild() {
    for compression in Compression::ALL {
        let mut builder = BatchBuilder::new(BatchOptions { compression, ..PRODUCER });
        builder.append_at(Offset(0), NOW, None, Some(b"a"), &[]).unwrap();
        builder.append_at(Offset(5), NOW, None, Some(b"b"), &[]).unwrap();
        let bytes = with_header(&builder.build(), |header| header.last_offset_delta = 1);
        let valid = check(&bytes, &POLICY).unwrap();
        assert_eq!(
            valid.needs_rebuild,
            compression != Compression::None,
            "Kafka does not look at plain ones"
        );
        if valid.needs_rebuild {
            let rebuilt = rebuild(&valid, &POLICY).unwrap();
            let mut deltas = Vec::new();
            scan_records(&rebuilt.header, &rebuilt.records, 1 << 10, |_, record| {
                deltas.push(record.offset_delta)
            })
            .unwrap();
            assert_eq!(deltas, [0, 1]);
            assert_eq!(rebuilt.header.attributes.compression(), Ok(compression));
        }
    }
}

#[test]
fn what_decompresses_to_too_much_is_refused() {
    let value = vec![0; 600_000];
    for compression in Compression::ALL.into_iter().skip(1) {
        let mut builder = BatchBuilder::new(BatchOptions { compression, ..PRODUCER });
        for _ in 0..3 {
            builder.append(NOW, None, Some(&value), &[]).unwrap();
        }
        let bytes = builder.build();
        let error = refused(&bytes, &POLICY, ErrorCode::MESSAGE_TOO_LARGE);
        assert!(
            matches!(error, ValidationError::Compression(CompressionError::LimitExceeded { .. })),
            "{error}"
        );
        let passed_through = ValidationPolicy { depth: ValidationDepth::HeaderOnly, ..POLICY };
        assert!(check(&bytes, &passed_through).is_ok(), "nobody unpacks it");
        assert!(check(&bytes, &ValidationPolicy { decompressed_size_max: 1 << 21, ..POLICY }).is_ok());
    }
}

#[test]
fn coordinators_write_control_records_and_any_base_offset() {
    let policy = ValidationPolicy { origin: BatchOrigin::Coordinator, ..POLICY };
    let bytes = batch(BatchOptions { is_control: true, base_offset: Offset(77), ..PRODUCER });
    refused(&bytes, &POLICY, ErrorCode::INVALID_RECORD);
    let compression = TargetCompression::Fixed { compression: Compression::Zstd, level: None };
    let valid =
        validate(BatchView::first_of(&bytes).unwrap(), &ValidationPolicy { compression, ..policy }, NOW)
            .unwrap();
    assert!(!valid.needs_rebuild, "control records stay uncompressed");
}

/// Kafka's answers, see `golden/Oracle.java`. A rebuilt batch is compared by its records: two writers of one codec differ.
#[test]
fn the_answers_are_kafkas() {
    let mut lines = include_str!("../golden/validation.txt").lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    while let (Some(question), Some(answer)) = (lines.next(), lines.next()) {
        let fields: Vec<_> = question.split(' ').collect();
        let bytes = unhex(fields[9]);
        let outcome = ask(&fields, &bytes);
        match (answer.strip_prefix("> ok "), &outcome) {
            (Some(expected), Ok((bytes, was_rebuilt))) => {
                let &[max_timestamp, rebuilt, expected] = &expected.split(' ').collect::<Vec<_>>()[..] else {
                    panic!("{answer}")
                };
                let expected = unhex(expected);
                assert_eq!(rebuilt.parse(), Ok(*was_rebuilt), "{question}");
                assert_eq!(
                    BatchView::first_of(bytes).unwrap().header().max_timestamp.to_string(),
                    max_timestamp
                );
                if *was_rebuilt {
                    assert_eq!(plain(bytes), plain(&expected), "{question}");
                } else {
                    assert_eq!(*bytes, expected, "{question}");
                }
            }
            (None, Err(error)) => {
                let mut ours = format!("> error {}", ErrorCode::from(error).0);
                let indexes: Vec<_> =
                    error.rejected_records().iter().map(|r| r.batch_index.to_string()).collect();
                if !indexes.is_empty() {
                    ours += &format!(" records {}", indexes.join(","));
                }
                assert_eq!(ours, answer, "{error}: {question}");
            }
            _ => panic!("Kafka: {answer}, we: {outcome:?}: {question}"),
        }
        count += 1;
    }
    assert!(count > 90);
}

fn ask(fields: &[&str], bytes: &[u8]) -> Result<(Vec<u8>, bool), ValidationError> {
    let compression = match Compression::from_name(fields[1]) {
        Some(compression) => TargetCompression::Fixed { compression, level: None },
        None => TargetCompression::Producer,
    };
    let timestamp_type =
        if fields[2] == "1" { TimestampType::LogAppendTime } else { TimestampType::CreateTime };
    let policy = ValidationPolicy {
        origin: if fields[7] == "client" { BatchOrigin::Client } else { BatchOrigin::Coordinator },
        depth: ValidationDepth::Thorough,
        compression,
        timestamp_type,
        timestamp_before_max_ms: fields[3].parse().unwrap(),
        timestamp_after_max_ms: fields[4].parse().unwrap(),
        compacted: fields[5] == "1",
        batch_size_max: fields[6].parse().unwrap(),
        decompressed_size_max: 1 << 20,
    };
    let produce_version = if policy.origin == BatchOrigin::Client { fields[0].parse().unwrap() } else { 12 };
    let mut valid = validate(single_batch(bytes, produce_version)?, &policy, NOW)?;
    let was_rebuilt = valid.needs_rebuild;
    if was_rebuilt {
        valid = rebuild(&valid, &policy)?;
    }
    let header = BatchHeader { base_offset: Offset(1_000), leader_epoch: LeaderEpoch(7), ..valid.header };
    Ok(([&header.to_bytes(), &*valid.records].concat(), was_rebuilt))
}

/// Header without what the codec's writer decides, and the decompressed records.
fn plain(bytes: &[u8]) -> (BatchHeader, Vec<u8>) {
    let view = BatchView::first_of(bytes).unwrap();
    view.verify_crc().unwrap();
    let records = view.uncompressed_records(1 << 20).unwrap().into_owned();
    (BatchHeader { size_bytes: 0, crc: 0, ..*view.header() }, records)
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}
