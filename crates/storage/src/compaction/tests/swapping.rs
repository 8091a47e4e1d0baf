//! A group takes its place, or does not.

use super::*;
use crate::log::SwapError;

/// A round up to its first group that is ready.
fn ready(log: &mut Fixture) -> Box<Cleaning> {
    let dirt = log.dirt(0).unwrap();
    let cleaning = log.log().plan_cleaning(&dirt, OPTIONS, Timestamp(0)).unwrap();
    match cleaning.run(u64::MAX).1.unwrap() {
        CleaningStep::Ready(cleaning) => cleaning,
        step => panic!("{step:?}"),
    }
}

fn two_segments() -> Fixture {
    log_of(compacted(1 << 20), &[&["a", "b", "a"], &["b", "c", "c"]])
}

#[test]
fn slices_go_on_where_the_last_one_ended() {
    let mut log = two_segments();
    let mut cleaning = {
        let dirt = log.dirt(0).unwrap();
        log.log().plan_cleaning(&dirt, OPTIONS, Timestamp(0)).unwrap()
    };
    let (mut slices, mut bytes) = (0, 0);
    loop {
        let (done, step) = cleaning.run(1);
        (slices, bytes) = (slices + 1, bytes + done);
        match step.unwrap() {
            CleaningStep::More(more) => cleaning = more,
            CleaningStep::Ready(ready) => {
                cleaning = ready;
                let _ = log.log().swap_in(&mut cleaning).unwrap();
            }
            CleaningStep::Done(cleaned) => {
                let CleaningStats { bytes_mapped, bytes_read, bytes_written, .. } = cleaned.stats;
                assert_eq!(bytes, bytes_mapped + bytes_read + bytes_written);
                break;
            }
        }
    }
    assert!(slices > 12, "{slices}: one a batch and pass");
    assert_eq!(log.pairs(), ["a=2", "b=3", "c=5"]);
}

#[test]
fn readers_keep_what_they_read_and_old_files_go_later() {
    let mut log = two_segments();
    let before = log.batches();
    let request = crate::log::ReadRequest {
        offset: Offset(0),
        upper_bound: Offset(6),
        max_bytes: u32::MAX,
        min_one_batch: true,
    };
    let region = log.log().read(&request).unwrap().unwrap();
    let mut cleaning = ready(&mut log);
    let unlink = log.log().swap_in(&mut cleaning).unwrap();
    let deleted = |log: &Fixture| log.names().iter().filter(|name| name.ends_with(".deleted")).count();
    assert_eq!(deleted(&log), 7, "log and two indexes of each, and the snapshot between them");
    unlink.run(&*log.disk.shared()).unwrap();
    assert_eq!(deleted(&log), 0);
    let mut bytes = vec![0; region.size as usize];
    region.file.read_at(&mut bytes, region.position).unwrap();
    assert_eq!(bytes, before[..3].concat());
}

#[test]
fn a_search_by_timestamp_holds_the_swap_up() {
    let mut log = two_segments();
    let mut cleaning = ready(&mut log);
    let lookup = log.log().offset_for_timestamp(Timestamp(0)).unwrap();
    assert!(matches!(log.log().swap_in(&mut cleaning), Err(SwapError::Busy)));
    assert_eq!(lookup.run().unwrap().map(|found| found.offset), Some(Offset(0)));
    let _ = log.log().swap_in(&mut cleaning).unwrap();
    assert_eq!(log.pairs(), ["a=2", "b=3", "c=5"]);
    let _ = log.log().swap_in(&mut cleaning).unwrap();
    assert_eq!(log.log().segment_count(), 2, "nothing is ready, nothing happens");
}

#[test]
fn what_has_happened_meanwhile_wins() {
    type Change = fn(&mut Fixture);
    let changes: [(&str, Change); 4] = [
        ("truncated", |log| {
            let _ = log.log().truncate_to(Offset(4), Timestamp(0)).unwrap();
        }),
        ("truncated and written anew", |log| {
            let _ = log.log().truncate_to(Offset(3), Timestamp(0)).unwrap();
            for value in ["3", "4", "5"] {
                log.append(&keyed(&[("z", Some(value))]));
            }
            log.roll();
        }),
        ("begun anew", |log| {
            let _ = log.log().truncate_fully_and_start_at(Offset(9), None, Timestamp(0)).unwrap();
        }),
        ("retained", |log| {
            log.log().advance_log_start_offset(Offset(3));
            let _ = log.log().delete_old_segments(Offset(6), Timestamp(0)).unwrap();
        }),
    ];
    for (name, change) in changes {
        let mut log = two_segments();
        let mut cleaning = ready(&mut log);
        change(&mut log);
        let before = log.batches();
        assert!(matches!(log.log().swap_in(&mut cleaning), Err(SwapError::Stale)), "{name}");
        cleaning.abandon();
        assert_eq!(log.batches(), before, "{name}");
        assert!(!log.names().iter().any(|name| name.contains("cleaned")), "{name}: {:?}", log.names());
    }
}

#[test]
fn a_log_that_goes_on_is_no_hindrance() {
    let mut log = two_segments();
    let mut cleaning = ready(&mut log);
    log.append(&keyed(&[("a", Some("6"))]));
    log.roll();
    log.append(&keyed(&[("a", Some("7"))]));
    log.log().advance_log_start_offset(Offset(1));
    let _ = log.log().swap_in(&mut cleaning).unwrap();
    assert_eq!(log.pairs(), ["a=2", "b=3", "c=5", "a=6", "a=7"]);
    assert_eq!(log.log().log_start_offset(), Offset(1));
}

#[test]
fn files_of_an_earlier_round_are_removed_first() {
    let mut log = two_segments();
    let stale = cleaned(Offset(1), FileKind::Log).in_dir(log.log().dir());
    log.disk.open(&stale, crate::io::OpenMode::Create).unwrap();
    let cleaning = ready(&mut log);
    assert_eq!(log.disk.contents(&stale), None);
    cleaning.abandon();
    assert!(!log.names().iter().any(|name| name.ends_with(".cleaned")));
}

#[test]
fn the_time_of_the_last_change_stays() {
    let mut log = Fixture::new(compacted(1 << 20));
    log.disk.set_time(Timestamp(1234));
    log.append(&keyed(&[("a", Some("0")), ("a", Some("1"))]));
    log.roll();
    log.disk.set_time(Timestamp(9999));
    log.clean(0);
    let path = crate::layout::FileName::live(Offset(0), FileKind::Log).in_dir(log.log().dir());
    assert_eq!(log.disk.stat(&path).unwrap().map(|stat| stat.modified), Some(Timestamp(1234)));
}
