//! What the log costs beside the system calls that it makes. Build it with `--release`.
//!
//! ```text
//! cost DIR     appends, reads, makes, closes and opens logs below DIR, which it removes again
//! ```

use std::io::IoSlice;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use ottla_protocol::record::{BatchBuilder, BatchOptions};
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, TopicId, Uuid};
use ottla_storage::append::{AppendContext, AppendOrigin, LeaderBatch};
use ottla_storage::config::LogConfig;
use ottla_storage::io::posix::PosixDisk;
use ottla_storage::io::{Disk, OpenMode};
use ottla_storage::log::{FlushTicket, Log, OpenContext, ReadRequest};
use ottla_storage::recovery::OnDamage;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// This program measures, so it has a clock.
#[allow(clippy::disallowed_methods, clippy::disallowed_types)]
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = std::time::Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64())
}

fn main() -> ExitCode {
    let Some(dir) = std::env::args().nth(1) else {
        eprintln!("usage: cost DIR");
        return ExitCode::FAILURE;
    };
    match run(Path::new(&dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(dir: &Path) -> Outcome<()> {
    for (name, batch_size, count) in [("16 KiB", 16_000, 20_000), ("one record", 1, 100_000)] {
        appends(dir, name, batch_size, count)?;
    }
    many(dir, 5000)?;
    PosixDisk.remove_dir_all(dir)?;
    Ok(())
}

fn batch(size: usize, base_sequence: i32) -> Outcome<Vec<u8>> {
    let options = BatchOptions {
        producer_id: ProducerId(7),
        producer_epoch: ProducerEpoch(0),
        base_sequence,
        ..BatchOptions::default()
    };
    let mut builder = BatchBuilder::new(options);
    for index in 0..size.div_ceil(110) {
        builder.append(Timestamp(1000 + index as i64), None, Some(&[b'v'; 100]), &[])?;
    }
    Ok(builder.build())
}

fn appends(dir: &Path, name: &str, batch_size: usize, count: usize) -> Outcome<()> {
    let bytes = batch(batch_size, 0)?;
    let records = batch_size.div_ceil(110) as i32;
    PosixDisk.create_dir_all(dir)?;
    let file = PosixDisk.open(&dir.join("raw"), OpenMode::Truncate)?;
    let (result, raw) = timed(|| {
        (0..count).try_for_each(|index| file.write_at(&[IoSlice::new(&bytes)], (index * bytes.len()) as u64))
    });
    result?;
    let (log_dir, config) = (dir.join("a-0"), Arc::new(LogConfig::default()));
    let now = Now::default();
    let mut log = Log::create(PosixDisk::shared(), &log_dir, config, None, Offset::ZERO, now, 1)?;
    let context = AppendContext {
        origin: AppendOrigin::Client,
        leader_epoch: LeaderEpoch(0),
        transaction_version: 1,
        now,
    };
    let mut sequence = 0_i32;
    let mut bytes = bytes;
    let (result, appended) = timed(|| {
        (0..count).try_for_each(|_| {
            bytes[53..57].copy_from_slice(&sequence.to_be_bytes());
            sequence += records;
            let mut batches = [LeaderBatch::new(&bytes).expect("a batch")];
            log.append_as_leader(&mut batches, &context).map(drop)
        })
    });
    result?;
    let each = |seconds: f64| seconds * 1e6 / count as f64;
    println!(
        "append, {name}: {:.2} us each, of which a bare pwritev takes {:.2}; {:.2} are ours",
        each(appended),
        each(raw),
        each(appended - raw)
    );
    let end = log.log_end_offset();
    for (what, max_bytes) in [("1 MiB", 1 << 20), ("64 KiB", 64 << 10)] {
        let (mut next, mut reads) = (Offset::ZERO, 0);
        let (result, seconds) = timed(|| {
            while next < end {
                let request = ReadRequest { offset: next, upper_bound: end, max_bytes, min_one_batch: true };
                let Some(region) = log.read(&request)? else { break };
                // A consumer goes on behind the last whole batch.
                let whole = (region.size as usize / bytes.len()).max(1) as i64 * i64::from(records);
                next = region.base_offset.plus(whole);
                reads += 1;
            }
            Ok::<_, Box<dyn std::error::Error>>(())
        });
        result?;
        println!(
            "read, {name}, {what} a read: {:.2} us each of {reads}",
            seconds * 1e6 / f64::from(reads.max(1))
        );
    }
    let at_end =
        ReadRequest { offset: end.plus(-1), upper_bound: end, max_bytes: 1 << 20, min_one_batch: true };
    let (_, seconds) = timed(|| (0..100_000).filter(|_| log.read(&at_end).is_ok()).count());
    println!("read, {name}, at the end: {:.3} us each", seconds * 10.0);
    let size = log.size();
    drop(log);
    let context = OpenContext {
        topic_id: None,
        recovery_point: Offset::ZERO,
        log_start_offset: Offset::ZERO,
        was_compacted: false,
        had_clean_shutdown: false,
        on_damage: OnDamage::Refuse,
        now,
        seed: 1,
    };
    let (opened, seconds) =
        timed(|| Log::open(PosixDisk::shared(), &log_dir, Arc::new(LogConfig::default()), &context));
    opened?;
    let gib = size as f64 / f64::from(1 << 30);
    println!("recovery after a kill, {name}: {:.2} s a GiB", seconds / gib);
    PosixDisk.remove_dir_all(&log_dir)?;
    PosixDisk.remove_file(&dir.join("raw"))?;
    Ok(())
}

fn many(dir: &Path, count: usize) -> Outcome<()> {
    let disk = PosixDisk::shared();
    let config = Arc::new(LogConfig::default());
    let topic_id = TopicId(Uuid::from_u128(1 << 100));
    let path = |index: usize| dir.join(format!("topic-{index}"));
    let now = Now::default();
    let (logs, seconds) = timed(|| {
        (0..count)
            .map(|index| {
                Log::create(
                    Arc::clone(&disk),
                    &path(index),
                    Arc::clone(&config),
                    Some(topic_id),
                    Offset::ZERO,
                    now,
                    1,
                )
            })
            .collect::<Result<Vec<_>, _>>()
    });
    let mut logs = logs?;
    println!("{count} logs made: {:.3} ms each", seconds * 1e3 / count as f64);
    let bytes = batch(1, 0)?;
    let context = AppendContext {
        origin: AppendOrigin::Client,
        leader_epoch: LeaderEpoch(0),
        transaction_version: 1,
        now,
    };
    let (result, seconds) = timed(|| {
        logs.iter_mut().try_for_each(|log| {
            let mut batches = [LeaderBatch::new(&bytes).expect("a batch")];
            log.append_as_leader(&mut batches, &context).map(drop)
        })
    });
    result?;
    println!("first append to each: {:.3} ms each", seconds * 1e3 / count as f64);
    let (tickets, seconds) = timed(|| logs.into_iter().map(Log::close).collect::<Result<Vec<_>, _>>());
    let tickets = tickets?;
    println!("closed: {:.3} ms each", seconds * 1e3 / count as f64);
    let (result, seconds) = timed(|| FlushTicket::run_all(&*disk, dir, tickets));
    result?;
    println!("synced together: {:.3} s", seconds);
    for had_clean_shutdown in [true, false] {
        let context = OpenContext {
            topic_id: Some(topic_id),
            recovery_point: Offset::ZERO,
            log_start_offset: Offset::ZERO,
            was_compacted: false,
            had_clean_shutdown,
            on_damage: OnDamage::Refuse,
            now,
            seed: 1,
        };
        let (result, seconds) = timed(|| {
            (0..count)
                .map(|index| Log::open(Arc::clone(&disk), &path(index), Arc::clone(&config), &context))
                .collect::<Result<Vec<_>, _>>()
        });
        result?;
        println!("opened, clean: {had_clean_shutdown}: {:.3} ms each", seconds * 1e3 / count as f64);
    }
    Ok(())
}
