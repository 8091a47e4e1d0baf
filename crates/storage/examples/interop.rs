//! Logs for Apache Kafka to judge, and a look at logs that Apache Kafka wrote.
//!
//! ```text
//! interop write DIR [--kill]     writes replica directories with every feature below DIR; --kill ends without closing them
//! interop check DIR [--unclean]  opens the replica directory DIR, reads everything, checks every file, prints a summary
//! interop append DIR COUNT       opens the replica directory DIR after a clean stop, appends COUNT records, closes it
//! ```

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use ottla_protocol::record::control::{EndTransactionMarker, TransactionResult};
use ottla_protocol::record::{BatchBuilder, BatchOptions, Compression, RecordHeader, batches};
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, TopicId, Uuid};
use ottla_storage::append::{AppendContext, AppendOrigin, LeaderBatch};
use ottla_storage::config::LogConfig;
use ottla_storage::dump::{DumpOptions, dump};
use ottla_storage::io::Disk;
use ottla_storage::io::posix::PosixDisk;
use ottla_storage::log::{Log, OpenContext, ReadRequest};
use ottla_storage::recovery::OnDamage;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// 24 November 2026, 10:00 UTC.
const START_MS: i64 = 1_795_514_400_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["write", dir] => write(Path::new(dir), true),
        ["write", dir, "--kill"] => write(Path::new(dir), false),
        ["check", dir] => check(Path::new(dir), true),
        ["check", dir, "--unclean"] => check(Path::new(dir), false),
        ["append", dir, count] => append(Path::new(dir), count.parse().unwrap_or(1)),
        _ => Err("usage: interop write DIR [--kill] | check DIR [--unclean] | append DIR COUNT".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A log that is being written, with a clock that goes on by a second for each batch.
struct Writer {
    log: Log,
    now_ms: i64,
    epoch: i32,
}

impl Writer {
    fn new(dir: &Path, config: LogConfig) -> Outcome<Self> {
        let topic_id = TopicId(Uuid::from_u128(0x1111_2222_3333_4444_5555_6666_7777_8888));
        let now = Now { wall: Timestamp(START_MS), ..Now::default() };
        let log =
            Log::create(PosixDisk::shared(), dir, Arc::new(config), Some(topic_id), Offset::ZERO, now, 1)?;
        Ok(Self { log, now_ms: START_MS, epoch: 0 })
    }

    fn append(&mut self, origin: AppendOrigin, bytes: &[u8]) -> Outcome<()> {
        self.now_ms += 1000;
        let now = Now { wall: Timestamp(self.now_ms), ..Now::default() };
        let context =
            AppendContext { origin, leader_epoch: LeaderEpoch(self.epoch), transaction_version: 1, now };
        let mut batches = [LeaderBatch::new(bytes)?];
        self.log.append_as_leader(&mut batches, &context)?;
        let [batch] = batches;
        batch.into_outcome()?;
        Ok(())
    }

    fn data(&mut self, options: BatchOptions, count: usize, size: usize) -> Outcome<()> {
        let mut builder = BatchBuilder::new(options);
        for index in 0..count {
            let value = format!("record {index} of the batch at {} ", self.log.log_end_offset())
                .repeat(size / 30 + 1);
            let key = format!("key {index}");
            let headers = [
                RecordHeader { key: b"index", value: Some(b"1") },
                RecordHeader { key: b"none", value: None },
            ];
            let timestamp = Timestamp(self.now_ms + index as i64 % 7);
            let headers = if index % 5 == 0 { &headers[..] } else { &[] };
            let key = (index % 3 != 0).then_some(key.as_bytes());
            builder.append(timestamp, key, Some(value.as_bytes()), headers)?;
        }
        self.append(AppendOrigin::Client, &builder.build())
    }

    fn marker(&mut self, id: i64, epoch: i16, result: TransactionResult) -> Outcome<()> {
        let marker = EndTransactionMarker { result, coordinator_epoch: 3 };
        let bytes = marker.batch(ProducerId(id), ProducerEpoch(epoch), Timestamp(self.now_ms));
        self.append(AppendOrigin::Coordinator, &bytes)
    }

    fn end(self, closes: bool) -> Outcome<()> {
        if closes {
            self.log.close()?.run()?;
        }
        Ok(())
    }
}

fn small() -> LogConfig {
    LogConfig { segment_bytes: 64 << 10, ..LogConfig::default() }
}

fn producer(id: i64, base_sequence: i32, is_transactional: bool) -> BatchOptions {
    BatchOptions {
        producer_id: ProducerId(id),
        producer_epoch: ProducerEpoch(2),
        base_sequence,
        is_transactional,
        ..BatchOptions::default()
    }
}

fn write(dir: &Path, closes: bool) -> Outcome<()> {
    PosixDisk.create_dir_all(dir)?;
    let mut log = Writer::new(&dir.join("codecs-0"), small())?;
    for round in 0..60 {
        log.epoch = round / 17;
        let compression = Compression::ALL[round as usize % 5];
        log.data(BatchOptions { compression, ..BatchOptions::default() }, 1 + round as usize * 3, 200)?;
    }
    log.end(closes)?;

    let mut log = Writer::new(&dir.join("idempotent-0"), small())?;
    let mut sequences: BTreeMap<i64, i32> = BTreeMap::new();
    for round in 0..300_i64 {
        let id = 1000 + round % 7;
        let sequence = sequences.entry(id).or_default();
        log.data(producer(id, *sequence, false), 5, 100)?;
        *sequence += 5;
    }
    log.end(closes)?;

    let mut log = Writer::new(&dir.join("transactions-0"), small())?;
    let mut sequences: BTreeMap<i64, i32> = BTreeMap::new();
    for round in 0..120_i64 {
        log.epoch = (round / 50) as i32;
        for id in [2000 + round % 3, 2010] {
            let sequence = sequences.entry(id).or_default();
            log.data(producer(id, *sequence, true), 4, 150)?;
            *sequence += 4;
        }
        log.data(BatchOptions::default(), 2, 50)?;
        let result = if round % 2 == 0 { TransactionResult::Abort } else { TransactionResult::Commit };
        log.marker(2000 + round % 3, 2, result)?;
        if round % 10 == 9 {
            log.marker(2010, 2, TransactionResult::Abort)?;
        }
        if round == 60 {
            // The recovery point passes the first segments.
            if let Some(ticket) = log.log.flush_ticket()? {
                let flushed = ticket.run()?;
                log.log.mark_flushed(&flushed);
            }
        }
    }
    log.end(closes)?;

    let mut log = Writer::new(&dir.join("truncated-0"), small())?;
    for _ in 0..100 {
        log.data(BatchOptions::default(), 10, 150)?;
    }
    let now = Timestamp(log.now_ms);
    log.log.truncate_to(Offset(777), now)?.run(&PosixDisk)?;
    log.epoch = 1;
    for _ in 0..30 {
        log.data(BatchOptions::default(), 10, 150)?;
    }
    log.log.advance_log_start_offset(Offset(300));
    log.log.delete_old_segments(log.log.log_end_offset(), now)?.unlink.run(&PosixDisk)?;
    log.end(closes)?;

    Writer::new(&dir.join("empty-0"), small())?.end(closes)?;

    let mut log = Writer::new(&dir.join("one-0"), small())?;
    log.data(BatchOptions::default(), 1, 10)?;
    log.end(closes)
}

fn open(dir: &Path, is_clean: bool) -> Outcome<Log> {
    let context = OpenContext {
        topic_id: None,
        recovery_point: Offset::ZERO,
        log_start_offset: Offset::ZERO,
        was_compacted: false,
        had_clean_shutdown: is_clean,
        on_damage: OnDamage::Refuse,
        now: Now { wall: Timestamp(START_MS), ..Now::default() },
        seed: 1,
    };
    let (log, report) = Log::open(PosixDisk::shared(), dir, Arc::new(LogConfig::default()), &context)?;
    println!("{}: {report}", dir.display());
    Ok(log)
}

fn check(dir: &Path, is_clean: bool) -> Outcome<()> {
    let mut log = open(dir, is_clean)?;
    let (start, end) = (log.log_start_offset(), log.log_end_offset());
    let (mut batch_count, mut record_count, mut codecs) = (0, 0, BTreeMap::new());
    let mut next = start;
    while next < end {
        let request = ReadRequest { offset: next, upper_bound: end, max_bytes: 1 << 20, min_one_batch: true };
        let Some(region) = log.read(&request)? else { break };
        let mut bytes = vec![0; region.size as usize];
        region.file.read_at(&mut bytes, region.position)?;
        for batch in batches(&bytes) {
            let Ok(batch) = batch else { break };
            batch.verify_crc()?;
            let header = *batch.header();
            let plain = batch.uncompressed_records(1 << 30)?;
            for record in ottla_protocol::record::records(&plain, header.record_count) {
                record_count += usize::from(record?.offset(&header) >= start);
            }
            *codecs.entry(header.attributes.compression()?.name()).or_insert(0) += 1;
            batch_count += 1;
            next = header.next_offset();
        }
    }
    check_lookups(&mut log)?;
    let aborted = log.aborted_transactions(start, end)?.len();
    let (segments, producers) = (log.segment_count(), log.producers().len());
    let epochs = log.leader_epochs().len();
    log.close()?.run()?;
    let mut files = 0;
    for entry in PosixDisk.list(dir)? {
        if entry.name == "partition.metadata" {
            continue;
        }
        let options = DumpOptions { records: true, max_bytes: None, verify_only: true };
        let problems =
            dump(&PosixDisk, &dir.join(&entry.name), &options, &mut |_| ControlFlow::Continue(()))?;
        // Compaction and truncation leave gaps that are none.
        if let Some(problem) = problems.iter().find(|problem| !problem.contains("is followed by")) {
            return Err(format!("{}: {problem}", entry.name).into());
        }
        files += 1;
    }
    println!(
        "offsets {start}..{end}, {segments} segments, {batch_count} batches {codecs:?}, {record_count} records, \
         {producers} producers, {aborted} aborted transactions, {epochs} epochs, {files} files in order"
    );
    Ok(())
}

/// Every offset, and the timestamp of the batch that holds it, leads back to it.
fn check_lookups(log: &mut Log) -> Outcome<()> {
    let (start, end) = (log.log_start_offset().0, log.log_end_offset().0);
    let step = usize::try_from((end - start) / 500 + 1)?;
    for offset in (start..end).step_by(step) {
        let request = ReadRequest {
            offset: Offset(offset),
            upper_bound: Offset(end),
            max_bytes: 1,
            min_one_batch: true,
        };
        let region = log.read(&request)?.ok_or("an offset below the end is not found")?;
        let mut bytes = vec![0; region.size as usize];
        region.file.read_at(&mut bytes, region.position)?;
        let batch = batches(&bytes).next().ok_or("no batch")??;
        let header = *batch.header();
        // Behind a truncation in the middle of a batch there is a gap.
        if header.last_offset().0 < offset {
            return Err(format!(
                "offset {offset} leads to {}..={}",
                header.base_offset,
                header.last_offset()
            )
            .into());
        }
        if header.max_timestamp > Timestamp::NONE {
            let found =
                log.offset_for_timestamp(header.max_timestamp)?.run()?.ok_or("a timestamp is not found")?;
            if found.offset > header.last_offset() || found.timestamp < header.max_timestamp {
                return Err(format!("timestamp {} leads to {found:?}", header.max_timestamp).into());
            }
        }
    }
    Ok(())
}

fn append(dir: &Path, count: usize) -> Outcome<()> {
    let log = open(dir, true)?;
    let epoch = log.latest_epoch().map_or(0, |epoch| epoch.0);
    let mut writer = Writer { log, now_ms: START_MS, epoch };
    for index in 0..count {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(Timestamp(START_MS), None, Some(format!("appended {index}").as_bytes()), &[])?;
        writer.append(AppendOrigin::Client, &builder.build())?;
    }
    println!("ends at {}", writer.log.log_end_offset());
    writer.end(true)
}
