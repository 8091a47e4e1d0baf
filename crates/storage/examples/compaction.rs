//! Logs for Ottla's cleaner and Apache Kafka's to compact, and Ottla's side of the comparison (`compat/storage/compaction`).
//!
//! ```text
//! compaction fill DIR COUNT ROUND NOW   appends the round's random batches to the logs DIR/log<seed>-0, seeds 0..COUNT; the same to
//!                                       the same logs, whoever has compacted them; each log's settings go to log<seed>.settings
//! compaction clean DIR COUNT NOW        compacts what is dirty; reads and writes cleaner-offset-checkpoint; says what was done
//! compaction foreign DIR NOW            compacts every replica directory in DIR, whoever has written it
//! compaction crashes DIR SEED NOW       writes the states of the disk at every operation of a round on that log: before-0, after-0,
//!                                       crash<n>-0
//! ```
//! NOW is a time in milliseconds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IoSlice;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use ottla_protocol::record::control::{EndTransactionMarker, TransactionResult};
use ottla_protocol::record::{BatchBuilder, BatchOptions, Compression, RecordHeader};
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};
use ottla_storage::append::{AppendContext, AppendOrigin, FollowerContext, LeaderBatch};
use ottla_storage::checkpoint::{read_offsets, write_offsets};
use ottla_storage::compaction::{CleanerOptions, CleaningStep, Dirt, HashSecret};
use ottla_storage::config::{CleanupPolicy, CompactionConfig, LogConfig};
use ottla_storage::io::posix::PosixDisk;
use ottla_storage::io::simulated::{SimulatedDisk, Survival};
use ottla_storage::io::{Disk, OpenMode};
use ottla_storage::layout::{CLEANER_CHECKPOINT, ReplicaDirKind, ReplicaDirName, TopicPartition};
use ottla_storage::log::{Log, OpenContext};
use ottla_storage::recovery::OnDamage;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Outcome<()> {
    match *words {
        ["fill", dir, count, round, now] => {
            let (count, round, now) = (count.parse()?, round.parse()?, now.parse()?);
            (0..count).try_for_each(|seed| fill(Path::new(dir), seed, round, now))
        }
        ["clean", dir, count, now] => {
            let (dir, count, now): (_, u64, _) = (Path::new(dir), count.parse()?, now.parse()?);
            let logs: Vec<_> = (0..count).map(|seed| (topic(seed), Settings::of(seed))).collect();
            clean_all(dir, &logs, now)
        }
        ["foreign", dir, now] => {
            let names = PosixDisk.list(Path::new(dir))?.into_iter();
            let replicas = names.filter_map(|entry| ReplicaDirName::parse(&entry.name));
            let replicas = replicas.filter(|name| name.kind == ReplicaDirKind::Current);
            let logs: Vec<_> = replicas.map(|name| (name.topic_partition, Settings::FOREIGN)).collect();
            clean_all(Path::new(dir), &logs, now.parse()?)
        }
        ["crashes", dir, seed, now] => crashes(Path::new(dir), seed.parse()?, now.parse()?),
        _ => Err("usage: compaction fill DIR COUNT ROUND NOW | clean DIR COUNT NOW | foreign DIR NOW | crashes DIR SEED NOW".into()),
    }
}

fn topic(seed: u64) -> TopicPartition {
    TopicPartition::new(&format!("log{seed}"), 0)
}

/// What differs between the logs.
#[derive(Clone, Copy, Debug)]
struct Settings {
    segment_bytes: u32,
    index_interval_bytes: u32,
    delete_retention_ms: i64,
    min_compaction_lag_ms: i64,
    dedupe_buffer_size: u64,
    /// The map may get full, so that a round ends in the middle of a segment. Kafka's next round takes the keys of a producer for those of
    /// an aborted transaction then, if it had one in that segment that was over before: they wait for a later round. Ours does not;
    /// such logs have no transactions.
    is_map_small: bool,
    /// Batches are compressed. Then sizes differ between compressors, so that a map that gets full would stop elsewhere.
    compresses: bool,
    keys: u64,
}

impl Settings {
    /// Of what somebody else has written.
    const FOREIGN: Self = Self {
        segment_bytes: 1 << 20,
        index_interval_bytes: 4096,
        delete_retention_ms: 1000,
        min_compaction_lag_ms: 0,
        dedupe_buffer_size: 1 << 20,
        is_map_small: false,
        compresses: true,
        keys: 0,
    };

    fn of(seed: u64) -> Self {
        let mut random = Random(seed ^ 0x5eed);
        let compresses = !seed.is_multiple_of(3);
        let is_map_small = !compresses && seed.is_multiple_of(2);
        Self {
            segment_bytes: [1500, 4000, 20_000, 1 << 20][random.below(4) as usize],
            index_interval_bytes: [0, 300, 4096][random.below(3) as usize],
            delete_retention_ms: [0, 700, 1500][random.below(3) as usize],
            min_compaction_lag_ms: if seed % 7 == 6 { 400 } else { 0 },
            dedupe_buffer_size: if is_map_small { 24 * (12 + random.below(30)) } else { 1 << 20 },
            is_map_small,
            compresses,
            keys: 3 + random.below(40),
        }
    }

    fn config(&self) -> Arc<LogConfig> {
        Arc::new(LogConfig {
            segment_bytes: self.segment_bytes,
            index_interval_bytes: self.index_interval_bytes,
            cleanup_policy: CleanupPolicy { delete: false, compact: true },
            compaction: CompactionConfig {
                min_compaction_lag_ms: self.min_compaction_lag_ms,
                delete_retention_ms: self.delete_retention_ms,
                ..CompactionConfig::default()
            },
            ..LogConfig::default()
        })
    }

    /// As Kafka's classes take them.
    fn properties(&self) -> String {
        format!(
            "internal.segment.bytes={}\nindex.interval.bytes={}\ndelete.retention.ms={}\nmin.compaction.lag.ms={}\n\
             dedupe.buffer.size={}\n",
            self.segment_bytes,
            self.index_interval_bytes,
            self.delete_retention_ms,
            self.min_compaction_lag_ms,
            self.dedupe_buffer_size
        )
    }
}

/// Splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// One append of a random log.
enum Append {
    Client(Vec<u8>),
    Marker(Vec<u8>),
    /// Messages of magic 0 or 1, which a replica took over from an old leader.
    Old(Vec<u8>),
}

/// A random history: the same rounds for the same seed.
struct History {
    random: Random,
    settings: Settings,
    /// Next sequences.
    sequences: BTreeMap<i64, i32>,
    epochs: BTreeMap<i64, i16>,
    /// Transactional producers with a transaction under way.
    open: BTreeMap<i64, ()>,
    count: u64,
    /// The log begins with messages of the old formats.
    has_old: bool,
}

impl History {
    fn new(seed: u64) -> Self {
        Self {
            has_old: seed % 5 == 4,
            random: Random(seed),
            settings: Settings::of(seed),
            sequences: BTreeMap::new(),
            epochs: BTreeMap::new(),
            open: BTreeMap::new(),
            count: 0,
        }
    }

    /// The appends of the next round.
    fn round(&mut self, now: i64) -> Vec<Append> {
        let mut appends = Vec::new();
        if self.has_old && self.count == 0 {
            appends.push(Append::Old(self.old_messages(now)));
        }
        for _ in 0..20 + self.random.below(60) {
            let append = match self.random.below(10) {
                0..4 => Append::Client(self.batch(self.plain(), now)),
                4..6 => {
                    let id = 1000 + self.random.below(3) as i64;
                    let options = self.producer(id, false);
                    Append::Client(self.batch(options, now))
                }
                6..8 if !self.settings.is_map_small => {
                    let id = 2000 + self.random.below(3) as i64;
                    self.open.insert(id, ());
                    let options = self.producer(id, true);
                    Append::Client(self.batch(options, now))
                }
                _ => match self.end_one(now) {
                    Some(marker) => Append::Marker(marker),
                    None => continue,
                },
            };
            appends.push(append);
        }
        // No transaction hangs for ever: what the round leaves open ends with it, as a rule.
        while !self.open.is_empty() && !self.random.one_in(8) {
            appends.extend(self.end_one(now).map(Append::Marker));
        }
        appends
    }

    /// The log's first messages, of magic 0 and 1. All have values: when tombstones of old go depends on the time of the file.
    fn old_messages(&mut self, now: i64) -> Vec<u8> {
        let mut bytes = Vec::new();
        for offset in 0..30_i64 {
            self.count += 1;
            let (key, value) = (format!("key {}", self.random.below(9)), format!("old value {offset}"));
            let magic = u8::from(offset >= 15);
            let mut body = vec![magic, 0];
            if magic == 1 {
                body.extend((now - 300 + offset).to_be_bytes());
            }
            for field in [key.as_bytes(), value.as_bytes()] {
                body.extend((field.len() as i32).to_be_bytes());
                body.extend(field);
            }
            bytes.extend(offset.to_be_bytes());
            bytes.extend((body.len() as i32 + 4).to_be_bytes());
            bytes.extend(crc32(&body).to_be_bytes());
            bytes.extend(body);
        }
        bytes
    }

    fn plain(&self) -> BatchOptions {
        BatchOptions::default()
    }

    fn producer(&mut self, id: i64, is_transactional: bool) -> BatchOptions {
        BatchOptions {
            producer_id: ProducerId(id),
            producer_epoch: ProducerEpoch(*self.epochs.entry(id).or_default()),
            base_sequence: *self.sequences.entry(id).or_default(),
            is_transactional,
            ..BatchOptions::default()
        }
    }

    fn end_one(&mut self, now: i64) -> Option<Vec<u8>> {
        let ids: Vec<i64> = self.open.keys().copied().collect();
        let id = *ids.get(self.random.below(ids.len().max(1) as u64) as usize)?;
        self.open.remove(&id);
        let result = if self.random.one_in(2) { TransactionResult::Abort } else { TransactionResult::Commit };
        let epoch = self.epochs.entry(id).or_default();
        if self.random.one_in(4) {
            // Fenced: the marker has an epoch more, and the producer begins anew.
            *epoch += 1;
            self.sequences.insert(id, 0);
        }
        let marker = EndTransactionMarker { result, coordinator_epoch: 0 };
        Some(marker.batch(ProducerId(id), ProducerEpoch(self.epochs[&id]), Timestamp(now)))
    }

    fn batch(&mut self, mut options: BatchOptions, now: i64) -> Vec<u8> {
        if self.settings.compresses {
            options.compression = Compression::ALL[self.random.below(5) as usize];
        }
        if self.random.one_in(9) {
            options.log_append_time = Some(Timestamp(now + 7));
        }
        let id = options.producer_id;
        let mut builder = BatchBuilder::new(options);
        let count = 1 + self.random.below(6);
        for _ in 0..count {
            self.count += 1;
            let key = format!("key {}", self.random.below(self.settings.keys));
            let value = format!("value {} ", self.count).repeat(1 + self.random.below(12) as usize);
            let key = (!self.random.one_in(40)).then_some(key.as_bytes());
            let value = (!self.random.one_in(6)).then_some(value.as_bytes());
            let headers = [
                RecordHeader { key: b"number", value: Some(b"1") },
                RecordHeader { key: b"none", value: None },
            ];
            let headers = &headers[..self.random.below(3) as usize];
            let timestamp = Timestamp(now - 300 + self.random.below(300) as i64);
            builder.append(timestamp, key, value, headers).expect("a small batch");
        }
        if id != ProducerId::NONE {
            *self.sequences.entry(id.0).or_default() += count as i32;
        }
        builder.build()
    }
}

/// CRC-32 as of old messages.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

fn open(disk: Arc<dyn Disk>, dir: &Path, settings: &Settings, now: i64) -> Outcome<Log> {
    let context = OpenContext {
        topic_id: None,
        recovery_point: Offset::ZERO,
        log_start_offset: Offset::ZERO,
        was_compacted: false,
        had_clean_shutdown: true,
        on_damage: OnDamage::Refuse,
        now: now_at(now),
        seed: 1,
    };
    Ok(Log::open(disk, dir, settings.config(), &context)?.0)
}

fn now_at(wall_ms: i64) -> Now {
    Now { wall: Timestamp(wall_ms), ..Now::default() }
}

fn append(log: &mut Log, append: &Append, epoch: i32, now: i64) -> Outcome<()> {
    let (origin, bytes) = match append {
        Append::Client(bytes) => (AppendOrigin::Client, bytes),
        Append::Marker(bytes) => (AppendOrigin::Coordinator, bytes),
        Append::Old(bytes) => {
            let context = FollowerContext { leader_epoch: LeaderEpoch(epoch), now: now_at(now) };
            log.append_as_follower(bytes, &context)?;
            return Ok(());
        }
    };
    let leader_epoch = LeaderEpoch(epoch);
    let context = AppendContext { origin, leader_epoch, transaction_version: 1, now: now_at(now) };
    let mut batches = [LeaderBatch::new(bytes)?];
    log.append_as_leader(&mut batches, &context)?;
    let [batch] = batches;
    batch.into_outcome()?;
    Ok(())
}

fn fill(dir: &Path, seed: u64, round: i32, now: i64) -> Outcome<()> {
    let settings = Settings::of(seed);
    let disk = PosixDisk::shared();
    disk.create_dir_all(dir)?;
    let file = disk.open(&dir.join(format!("log{seed}.settings")), OpenMode::Truncate)?;
    file.write_at(&[IoSlice::new(settings.properties().as_bytes())], 0)?;
    let mut history = History::new(seed);
    // The rounds before, for the sake of the random numbers.
    (0..round).for_each(|_| drop(history.round(now)));
    let mut log = open(disk, &dir.join(topic(seed).to_string()), &settings, now)?;
    for step in history.round(now) {
        append(&mut log, &step, round, now)?;
    }
    if seed.is_multiple_of(2) {
        log.roll(Timestamp(now))?;
    }
    log.close()?.run()?;
    Ok(())
}

fn clean_all(dir: &Path, logs: &[(TopicPartition, Settings)], now: i64) -> Outcome<()> {
    let disk = PosixDisk::shared();
    let path = dir.join(CLEANER_CHECKPOINT);
    let mut checkpoint = read_offsets(&*disk, &path)?;
    for (partition, settings) in logs {
        let mut log = open(Arc::clone(&disk), &dir.join(partition.to_string()), settings, now)?;
        if let Some(offset) = checkpoint.get(partition) {
            log.restore_cleaned_up_to(*offset);
        }
        println!("{partition}: {}", clean(&mut log, &*disk, settings, now)?);
        if let Some(offset) = log.cleaned_up_to() {
            checkpoint.insert(partition.clone(), offset);
        }
        log.close()?.run()?;
    }
    write_offsets(&*disk, &path, checkpoint.iter().map(|(partition, offset)| (partition, *offset)))?;
    Ok(())
}

/// A round, and what was done, as the other side says it.
fn clean(log: &mut Log, disk: &dyn Disk, settings: &Settings, now: i64) -> Outcome<String> {
    let high_watermark = log.log_end_offset();
    log.on_high_watermark(high_watermark);
    let dirt = log.dirt(high_watermark, Timestamp(now))?;
    let Some(dirt) = dirt.filter(|dirt| dirt.dirty_bytes > 0) else { return Ok("nothing is dirty".into()) };
    let options = CleanerOptions {
        dedupe_buffer_size: settings.dedupe_buffer_size,
        load_factor: 0.9,
        io_buffer_size: 64 << 10,
        hash_secret: HashSecret([now as u64, 42]),
    };
    let mut cleaning = log.plan_cleaning(&dirt, options, Timestamp(now))?;
    let cleaned = loop {
        match cleaning.run(10_000).1? {
            CleaningStep::More(more) => cleaning = more,
            CleaningStep::Ready(ready) => {
                cleaning = ready;
                log.swap_in(&mut cleaning)?.run(disk)?;
            }
            CleaningStep::Done(cleaned) => break cleaned,
        }
    };
    log.mark_cleaned(&cleaned);
    let Dirt { first_dirty, first_uncleanable, .. } = dirt;
    let mut text =
        format!("dirty from {first_dirty} to {first_uncleanable}, clean to {}", cleaned.end_offset);
    write!(text, ", {} records", cleaned.stats.records_written)?;
    Ok(text)
}

/// A log that is filled and compacted once, filled again, and then compacted with the power cut at every operation.
fn crashes(dir: &Path, seed: u64, now: i64) -> Outcome<()> {
    let settings = Settings { dedupe_buffer_size: 1 << 20, segment_bytes: 3000, ..Settings::of(seed) };
    let simulated = SimulatedDisk::new(seed);
    let disk = simulated.shared();
    let home = PathBuf::from("/data/log-0");
    disk.create_dir_all(&home)?;
    let mut history = History::new(seed);
    let mut log = open(Arc::clone(&disk), &home, &settings, now)?;
    for round in 0..2 {
        for step in history.round(now) {
            append(&mut log, &step, round, now)?;
        }
        log.roll(Timestamp(now))?;
        if let Some(ticket) = log.flush_ticket()? {
            let flushed = ticket.run()?;
            log.mark_flushed(&flushed);
        }
        if round == 0 {
            clean(&mut log, &*disk, &settings, now)?;
        }
    }
    disk.sync_all(&home)?;
    let recovery_point = log.recovery_point();
    export(&simulated, &home, &dir.join("before-0"))?;
    simulated.record_forks();
    clean(&mut log, &*disk, &settings, now)?;
    let forks = simulated.take_forks();
    disk.sync_all(&home)?;
    export(&simulated, &home, &dir.join("after-0"))?;
    let mut count = 0;
    for fork in &forks {
        let ways =
            [Survival::Everything, Survival::Nothing, Survival::Prefix, Survival::Sectors { size: 512 }];
        for (at, survival) in ways.into_iter().enumerate() {
            let crashed = fork.crash(usize::MAX, survival, fork.operation * 4 + at as u64);
            export(&crashed, &home, &dir.join(format!("crash{count}-0")))?;
            count += 1;
        }
    }
    println!("{count} crashes at {} operations, recovery point {recovery_point}", forks.len());
    Ok(())
}

/// Copies a directory of the simulated disk to the real one.
fn export(disk: &SimulatedDisk, from: &Path, to: &Path) -> Outcome<()> {
    PosixDisk.create_dir_all(to)?;
    for entry in disk.list(from)? {
        let bytes = disk.contents(&from.join(&entry.name)).unwrap_or_default();
        let file = PosixDisk.open(&to.join(&entry.name), OpenMode::Truncate)?;
        file.write_at(&[IoSlice::new(&bytes)], 0)?;
    }
    Ok(())
}
