//! Directories with arbitrary damage: whatever is on the disk, a log opens or says why not, and nothing panics or hangs.

use std::ops::ControlFlow;
use std::path::Path;

use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;
use proptest::prelude::*;

use crate::dump::{DumpOptions, dump};
use crate::io::simulated::SimulatedDisk;
use crate::io::{Disk, OpenMode};
use crate::log::ReadRequest;
use crate::recovery::OnDamage;
use crate::testing::*;

/// Damage to one file. Places are fractions of its size, in 1/65536.
#[derive(Clone, Debug)]
enum Harm {
    Flip {
        place: u16,
        bit: u8,
    },
    Truncate(u16),
    Overwrite {
        place: u16,
        bytes: Vec<u8>,
    },
    Zero {
        place: u16,
        size: u16,
    },
    Append(Vec<u8>),
    Remove,
    /// The file is there under another name as well.
    Copy {
        offset: u8,
        suffix: u8,
    },
}

const SUFFIXES: [&str; 8] =
    [".log", ".index", ".timeindex", ".txnindex", ".snapshot", ".log.swap", ".index.cleaned", ".log.deleted"];

fn any_harm() -> impl Strategy<Value = Harm> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..80);
    prop_oneof![
        (any::<u16>(), 0..8_u8).prop_map(|(place, bit)| Harm::Flip { place, bit }),
        any::<u16>().prop_map(Harm::Truncate),
        (any::<u16>(), bytes()).prop_map(|(place, bytes)| Harm::Overwrite { place, bytes }),
        (any::<u16>(), 1..600_u16).prop_map(|(place, size)| Harm::Zero { place, size }),
        bytes().prop_map(Harm::Append),
        Just(Harm::Remove),
        (any::<u8>(), 0..8_u8).prop_map(|(offset, suffix)| Harm::Copy { offset, suffix }),
    ]
}

fn harm(disk: &SimulatedDisk, path: &Path, harm: &Harm) {
    let Some(content) = disk.contents(path) else { return };
    let at = |place: u16| content.len() * usize::from(place) / 65536;
    match harm {
        Harm::Flip { place, bit } if !content.is_empty() => {
            disk.flip_bit(path, at(*place) as u64 * 8 + u64::from(*bit))
        }
        Harm::Flip { .. } => {}
        Harm::Truncate(place) => disk.corrupt(path, |bytes| bytes.truncate(at(*place))),
        Harm::Overwrite { place, bytes: new } => disk.corrupt(path, |bytes| {
            let rest = &mut bytes[at(*place)..];
            let size = rest.len().min(new.len());
            rest[..size].copy_from_slice(&new[..size]);
        }),
        Harm::Zero { place, size } => disk.corrupt(path, |bytes| {
            let rest = &mut bytes[at(*place)..];
            let size = rest.len().min(usize::from(*size));
            rest[..size].fill(0);
        }),
        Harm::Append(new) => disk.corrupt(path, |bytes| bytes.extend_from_slice(new)),
        Harm::Remove => drop(disk.remove_file(path).unwrap()),
        Harm::Copy { offset, suffix } => {
            let name = format!("{offset:020}{}", SUFFIXES[usize::from(*suffix)]);
            let file = disk.open(&path.with_file_name(name), OpenMode::Truncate).unwrap();
            file.write_at(&[std::io::IoSlice::new(&content)], 0).unwrap();
        }
    }
}

fn example(is_clean: bool) -> Fixture {
    let mut log = Fixture::new(small_segments(500));
    for round in 0..4 {
        log.epoch = round;
        log.append(&batch(i64::from(round) * 100, &["plain", "values"]));
        log.append(&compressed(
            ottla_protocol::record::Compression::ALL[round as usize + 1],
            50,
            &["small"; 9],
        ));
        log.append(&transactional(2, 0, round, 1));
        log.append(&idempotent(1, 0, round * 2, 2));
        log.mark(&marker(2, 0, TransactionResult::Abort));
        if round == 1 {
            log.flush();
        }
    }
    log.open.recovery_point = log.log().recovery_point();
    let closed = log.log.take().unwrap();
    if is_clean {
        closed.close().unwrap().run().unwrap();
    }
    log.open.had_clean_shutdown = is_clean;
    log
}

/// Does everything that can be done with an open log. Errors are fine, panics are not.
fn use_everything(log: &mut Fixture) {
    let (start, end) = (log.log().log_start_offset().0, log.log().log_end_offset().0);
    for offset in (start..=end).take(100) {
        let request = ReadRequest {
            offset: Offset(offset),
            upper_bound: Offset(end),
            max_bytes: 300,
            min_one_batch: true,
        };
        if let Ok(Some(region)) = log.log().read(&request) {
            let mut bytes = vec![0; region.size as usize];
            region.file.read_at(&mut bytes, region.position).unwrap();
        }
    }
    let _ = log.log().aborted_transactions(Offset(start), Offset(end));
    for timestamp in [0, 60, 150, 1 << 40] {
        let _ = log.log().offset_for_timestamp(Timestamp(timestamp)).and_then(|lookup| lookup.run());
    }
    let _ = log.log().offset_of_max_timestamp().and_then(|lookup| lookup.run());
    let _ = log.append_from(crate::append::AppendOrigin::Client, &batch(0, &["next"]));
    let _ = log.append_from(crate::append::AppendOrigin::Client, &transactional(2, 0, 4, 1));
    let middle = start + (log.log().log_end_offset().0 - start) / 2;
    let _ = log.log().truncate_to(Offset(middle), at(0).wall);
    let _ = log.log().delete_old_segments(Offset(middle), at(1 << 50).wall);
    if let Ok(Some(ticket)) = log.log().flush_ticket() {
        let _ = ticket.run().map(|flushed| log.log().mark_flushed(&flushed));
    }
    let _ = log.log.take().unwrap().close().and_then(|ticket| ticket.run());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_makes_a_log_panic(
        is_clean in any::<bool>(),
        cuts in any::<bool>(),
        harms in prop::collection::vec((any::<prop::sample::Index>(), any_harm()), 1..6),
    ) {
        let mut log = example(is_clean);
        log.open.on_damage = if cuts { OnDamage::Cut } else { OnDamage::Refuse };
        for (file, kind) in &harms {
            let names = log.names();
            harm(&log.disk, &log.path(&names[file.index(names.len())]), kind);
        }
        for name in log.names() {
            let options = DumpOptions { records: true, ..DumpOptions::default() };
            let _ = dump(&log.disk, &log.path(&name), &options, &mut |_| ControlFlow::Continue(()));
        }
        if log.reopen().is_ok() {
            use_everything(&mut log);
            // What it has left behind can be opened.
            log.open.had_clean_shutdown = false;
            log.open.on_damage = OnDamage::Cut;
            log.reopen().unwrap();
            prop_assert!(log.log().log_start_offset() <= log.log().log_end_offset());
        }
    }
}
