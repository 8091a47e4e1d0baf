//! Damage is found and named, and nothing is lost by it.

use ottla_protocol::record::header::Attributes;
use ottla_protocol::record::varint::{write_varint, write_varlong};
use proptest::prelude::*;

use super::*;
use crate::io::Operation;
use crate::io::simulated::{Fault, FaultKind};
use crate::layout::FileName;

#[test]
fn a_flipped_bit_anywhere_changes_nothing_but_is_told() {
    let make = || {
        let mut log = log_of(compacted(1 << 20), &[&["a", "b", "a"], &["b", "c", "c"]]);
        log.flush();
        log
    };
    let mut log = make();
    let names = log.names();
    let batch_size = log.batches()[0].len() as u64;
    for base_offset in [0, 3] {
        let path = FileName::live(Offset(base_offset), FileKind::Log).in_dir(log.log().dir());
        let bits = log.disk.contents(&path).unwrap().len() as u64 * 8;
        for bit in 0..bits {
            log.disk.flip_bit(&path, bit);
            match log.clean_with(0, OPTIONS) {
                Err(CleanError::Damaged { path: named, position, .. }) => {
                    assert_eq!(named, path);
                    // The CRC does not cover the base offset: the batch behind tells that it is wrong.
                    assert!(position <= bit / 8 + batch_size, "bit {bit}: at {position}");
                    assert_eq!(log.names(), names, "nothing is left behind");
                    log.disk.flip_bit(&path, bit);
                }
                // Nor does it cover the leader epoch. What is plausible passes.
                Ok(_) => {
                    let at = bit / 8 % batch_size;
                    assert!(at < 8 || (12..16).contains(&at), "bit {bit} is not noticed");
                    log = make();
                }
                Err(error) => panic!("bit {bit}: {error}"),
            }
        }
    }
    log.clean(0);
    assert_eq!(log.pairs(), ["a=2", "b=3", "c=5"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A batch whose CRC is right says anything: a hostile producer, another program's bug.
    #[test]
    fn no_batch_makes_a_round_panic(
        attributes in prop_oneof![Just(0_i16), 0..0x80_i16, any::<i16>()],
        last_offset_delta in prop_oneof![0..4_i32, any::<i32>()],
        timestamps in any::<(i64, i64)>(),
        producer in (prop_oneof![Just(-1_i64), any::<i64>()], -1..3_i16, prop_oneof![Just(-1_i32), any::<i32>()]),
        record_count in prop_oneof![0..5_i32, any::<i32>()],
        deltas in prop::collection::vec((any::<i64>(), prop_oneof![0..4_i32, any::<i32>()], any::<bool>()), 0..5),
    ) {
        let mut records = Vec::new();
        for (timestamp_delta, offset_delta, has_value) in deltas {
            let mut body = vec![0];
            write_varlong(&mut body, timestamp_delta);
            write_varint(&mut body, offset_delta);
            body.extend([2, b'a', if has_value { 0 } else { 1 }, 0]);
            write_varint(&mut records, body.len() as i32);
            records.extend(body);
        }
        let whole = keyed(&[("a", Some("0"))]);
        let mut header = *BatchView::first_of(&whole).unwrap().header();
        header.attributes = Attributes(attributes);
        header.last_offset_delta = last_offset_delta;
        (header.base_timestamp, header.max_timestamp) = (Timestamp(timestamps.0), Timestamp(timestamps.1));
        header.producer_id = ProducerId(producer.0);
        (header.producer_epoch, header.base_sequence) = (ProducerEpoch(producer.1), producer.2);
        header.record_count = record_count;
        header.seal(&records);
        let bytes = [&header.to_bytes()[..], &records].concat();
        let mut log = log_of(compacted(1 << 20), &[&["a", "b", "a", "b"], &["a"]]);
        log.flush();
        log.restart_cleanly();
        log.log = None;
        let path = FileName::live(Offset(0), FileKind::Log).in_dir(DIR.as_ref());
        log.disk.corrupt(&path, |content| *content = bytes);
        log.reopen().unwrap();
        if let Err(error) = log.clean_with(0, OPTIONS) {
            prop_assert!(!matches!(error, CleanError::Storage(_)), "{error}");
        }
    }
}

#[test]
fn a_cut_segment_is_told() {
    let mut log = log_of(compacted(1 << 20), &[&["a", "b", "a"], &["b"]]);
    log.flush();
    let path = FileName::live(Offset(0), FileKind::Log).in_dir(log.log().dir());
    log.disk.corrupt(&path, |bytes| bytes.truncate(100));
    let error = log.clean_with(0, OPTIONS).unwrap_err();
    assert!(matches!(error, CleanError::Storage(_)), "{error}");
    assert!(error.to_string().contains("00000000000000000000.log"), "{error}");
}

#[test]
fn a_fault_of_the_disk_at_any_operation_of_a_round_loses_nothing() {
    let make = || log_of(compacted(1 << 20), &[&["a", "b", "a"], &["b", "c", "c"]]);
    let mut counting = make();
    counting.flush();
    let before = counting.disk.operations();
    counting.clean(0);
    let operations = counting.disk.operations() - before;
    let (mut failed, mut passed) = (0, 0);
    for after in 0..operations {
        for kind in [FaultKind::Io { torn: 0 }, FaultKind::Full { torn: 7 }] {
            let mut log = make();
            log.flush();
            log.disk.inject(Fault { operation: None, after, count: 1, kind });
            let high_watermark = log.high_watermark();
            let outcome = round(&mut log, high_watermark);
            failed += usize::from(outcome.is_err());
            passed += usize::from(outcome.is_ok());
            log.disk.lift_faults();
            log.open.recovery_point = log.log().recovery_point();
            log.open.had_clean_shutdown = false;
            log.reopen().unwrap();
            let pairs = log.pairs();
            assert!(pairs == ["a=2", "b=3", "c=5"] || pairs == ["a=0", "b=1", "a=2", "b=3", "c=4", "c=5"]);
            log.clean(0);
            assert_eq!(log.pairs(), ["a=2", "b=3", "c=5"]);
        }
    }
    println!("{failed} rounds failed, {passed} passed");
    assert!(failed > 30);
}

fn round(log: &mut Fixture, high_watermark: Offset) -> Result<(), Box<dyn std::error::Error>> {
    let dirt = log.log().dirt(high_watermark, Timestamp(0))?.unwrap();
    let mut cleaning = log.log().plan_cleaning(&dirt, OPTIONS, Timestamp(0))?;
    loop {
        match cleaning.run(u64::MAX).1? {
            CleaningStep::More(_) => unreachable!(),
            CleaningStep::Ready(ready) => {
                cleaning = ready;
                log.log().swap_in(&mut cleaning)?.run(&*log.disk.shared())?;
            }
            CleaningStep::Done(cleaned) => {
                log.log().mark_cleaned(&cleaned);
                return Ok(());
            }
        }
    }
}

#[test]
fn a_full_disk_leaves_no_half_written_segment() {
    let mut log = log_of(compacted(1 << 20), &[&["a", "b", "a"], &["b", "c", "c"]]);
    log.flush();
    log.disk.inject(Fault {
        operation: Some(Operation::Write),
        after: 0,
        count: 1,
        kind: FaultKind::Full { torn: 40 },
    });
    let before = log.names();
    let error = log.clean_with(0, OPTIONS).unwrap_err();
    assert!(matches!(&error, CleanError::Storage(error) if error.is_full()), "{error}");
    assert_eq!(log.names(), before);
    log.clean(0);
    assert_eq!(log.pairs(), ["a=2", "b=3", "c=5"]);
}
