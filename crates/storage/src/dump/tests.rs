use std::ops::ControlFlow;

use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::record::{BatchBuilder, BatchOptions, RecordHeader};
use ottla_protocol::time::Timestamp;

use super::*;
use crate::io::OpenMode;
use crate::testing::*;

fn dump_lines(log: &Fixture, name: &str, options: &DumpOptions) -> (Vec<String>, Vec<String>) {
    let mut lines = Vec::new();
    let problems = dump(&log.disk, &log.path(name), options, &mut |item| {
        serde_json::to_string(&item.to_json()).unwrap();
        lines.push(item.to_string());
        ControlFlow::Continue(())
    })
    .unwrap();
    (lines, problems)
}

const DEEP: DumpOptions = DumpOptions { records: true, max_bytes: None, verify_only: false };

fn example() -> Fixture {
    let mut log = Fixture::new(small_segments(10_000));
    log.epoch = 2;
    let mut builder = BatchBuilder::new(BatchOptions::default());
    let header = RecordHeader { key: b"trace", value: Some(b"1") };
    builder.append(Timestamp(1000), Some(b"k"), Some(b"hello"), &[header]).unwrap();
    builder.append(Timestamp(1001), None, None, &[]).unwrap();
    log.append(&builder.build());
    log.append(&transactional(9, 1, 0, 1));
    log.mark(&marker(9, 1, TransactionResult::Abort));
    log.log.take().unwrap().close().unwrap().run().unwrap();
    log
}

#[test]
fn a_log_is_told_as_kafka_tells_it() {
    let (lines, problems) = dump_lines(&example(), "00000000000000000000.log", &DEEP);
    assert_eq!(problems, [""; 0]);
    let without_crc: Vec<_> = lines.iter().map(|line| line.split(" crc: ").next().unwrap()).collect();
    assert_eq!(
        without_crc,
        [
            "Log starting offset: 0",
            "baseOffset: 0 lastOffset: 1 count: 2 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 \
             partitionLeaderEpoch: 2 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty \
             position: 0 CreateTime: 1001 size: 89 magic: 2 compresscodec: none",
            "| offset: 0 CreateTime: 1000 keySize: 1 valueSize: 5 sequence: -1 headerKeys: [trace] key: k payload: hello",
            "| offset: 1 CreateTime: 1001 keySize: -1 valueSize: -1 sequence: -1 headerKeys: []",
            "baseOffset: 2 lastOffset: 2 count: 1 baseSequence: 0 lastSequence: 0 producerId: 9 producerEpoch: 1 \
             partitionLeaderEpoch: 2 isTransactional: true isControl: false deleteHorizonMs: OptionalLong.empty \
             position: 89 CreateTime: 0 size: 73 magic: 2 compresscodec: none",
            "| offset: 2 CreateTime: 0 keySize: -1 valueSize: 5 sequence: 0 headerKeys: [] payload: value",
            "baseOffset: 3 lastOffset: 3 count: 1 baseSequence: -1 lastSequence: -1 producerId: 9 producerEpoch: 1 \
             partitionLeaderEpoch: 2 isTransactional: true isControl: true deleteHorizonMs: OptionalLong.empty \
             position: 162 CreateTime: 0 size: 78 magic: 2 compresscodec: none",
            "| offset: 3 CreateTime: 0 keySize: 4 valueSize: 6 sequence: -1 headerKeys: [] endTxnMarker: ABORT \
             coordinatorEpoch: 0",
        ]
    );
    assert!(lines[1].ends_with("isvalid: true"));
}

#[test]
fn the_other_files_are_told_too() {
    let log = example();
    let told = |name| dump_lines(&log, name, &DEEP).0;
    assert_eq!(told("00000000000000000000.index"), ["offset: 2 position: 89", "offset: 3 position: 162"]);
    assert_eq!(told("00000000000000000000.timeindex"), ["timestamp: 1001 offset: 1"]);
    assert_eq!(
        told("00000000000000000000.txnindex"),
        ["version: 0 producerId: 9 firstOffset: 2 lastOffset: 3 lastStableOffset: 4"]
    );
    assert_eq!(
        told("00000000000000000004.snapshot"),
        ["producerId: 9 producerEpoch: 1 coordinatorEpoch: 0 currentTxnFirstOffset: OptionalLong.empty \
          lastTimestamp: 0 firstSequence: 0 lastSequence: 0 lastOffset: 2 offsetDelta: 0 timestamp: 0"]
    );
    assert_eq!(told("leader-epoch-checkpoint"), ["leaderEpoch: 2 startOffset: 0"]);
    let error = dump(&log.disk, &log.path("partition.metadata"), &DEEP, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(error, Err(DumpError::UnknownFile(_))));
}

#[test]
fn problems_are_found() {
    let problems = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let log = example();
        log.disk.corrupt(&log.path(name), change);
        dump_lines(&log, name, &DumpOptions { verify_only: true, ..DEEP }).1
    };
    let index = "00000000000000000000.index";
    assert_eq!(problems(index, &|bytes| bytes[3] = 1), ["index offset 1, log offset 2"]);
    assert_eq!(problems(index, &|bytes| bytes.truncate(9)), ["9 bytes are no multiple of 8"]);
    assert_eq!(problems(index, &|bytes| bytes.extend([0; 80])), [""; 0], "a file that is being written");
    let times = "00000000000000000000.timeindex";
    assert_eq!(problems(times, &|bytes| bytes[7] ^= 1), ["index timestamp 1000, log timestamp 1001"]);
    let log = "00000000000000000000.log";
    assert_eq!(problems(log, &|bytes| bytes[70] ^= 1), ["the crc of the batch at position 0 does not match"]);
    assert_eq!(
        problems(log, &|bytes| bytes.truncate(200)),
        ["38 bytes at the end are no batch: the batch needs 61 bytes, of which 38 are here"]
    );
}

#[test]
fn a_dump_ends_where_it_is_told_to() {
    let log = example();
    let mut count = 0;
    dump(&log.disk, &log.path("00000000000000000000.log"), &DEEP, &mut |_| {
        count += 1;
        if count == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(count, 3);
    let some = DumpOptions { max_bytes: Some(100), ..DEEP };
    let (lines, problems) = dump_lines(&log, "00000000000000000000.log", &some);
    assert_eq!((lines.len(), problems.len()), (4, 0));
}

#[test]
fn a_metadata_snapshot_is_told_as_a_log() {
    let log = example();
    let bytes = log.disk.contents(&log.path("00000000000000000000.log")).unwrap();
    let name = "00000000000000000004-0000000002.checkpoint";
    let file = log.disk.open(&log.path(name), OpenMode::Create).unwrap();
    file.write_at(&[std::io::IoSlice::new(&bytes)], 0).unwrap();
    assert_eq!(dump_lines(&log, name, &DEEP).0[0], "Snapshot end offset: 4, epoch: 2");
}
