use std::io::IoSlice;
use std::path::Path;

use super::*;

fn put(disk: &SimulatedDisk, path: &str, bytes: &[u8]) -> Arc<dyn DiskFile> {
    let file = disk.open(Path::new(path), OpenMode::Create).unwrap();
    let end = file.len().unwrap();
    file.write_at(&[IoSlice::new(bytes)], end).unwrap();
    file
}

fn contents(disk: &SimulatedDisk, path: &str) -> Option<Vec<u8>> {
    disk.contents(Path::new(path))
}

/// A disk with `/d/a` durable and holding `old`, to which `new` was appended.
fn with_unsynced_tail(seed: u64) -> SimulatedDisk {
    let disk = SimulatedDisk::new(seed);
    disk.create_dir_all(Path::new("/d")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    put(&disk, "/d/a", b"old").sync_data().unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    put(&disk, "/d/a", b"new");
    disk
}

#[test]
fn a_crash_keeps_what_was_synced() {
    let disk = with_unsynced_tail(1);
    disk.crash(Survival::Nothing);
    assert_eq!(contents(&disk, "/d/a").unwrap(), b"old");
}

#[test]
fn a_killed_process_leaves_the_page_cache() {
    let disk = with_unsynced_tail(1);
    disk.crash(Survival::Everything);
    assert_eq!(contents(&disk, "/d/a").unwrap(), b"oldnew");
}

#[test]
fn a_torn_write_survives_up_to_any_byte() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let disk = with_unsynced_tail(seed);
        disk.crash(Survival::Prefix);
        seen.insert(contents(&disk, "/d/a").unwrap());
    }
    let expected = [&b"old"[..], b"oldn", b"oldne", b"oldnew"].map(<[u8]>::to_vec);
    assert_eq!(seen, expected.into());
}

#[test]
fn lost_sectors_read_as_zeros() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..400 {
        let disk = with_unsynced_tail(seed);
        disk.crash(Survival::Sectors { size: 4 });
        seen.insert(contents(&disk, "/d/a").unwrap());
    }
    // The write lies at 3..6: one byte in the first sector, two in the second.
    let expected =
        [&b"old"[..], b"oldn", b"old\0\0\0", b"oldn\0\0", b"old\0ew", b"oldnew"].map(<[u8]>::to_vec);
    assert_eq!(seen, expected.into());
}

#[test]
fn a_synced_file_without_a_synced_entry_is_gone() {
    let disk = SimulatedDisk::new(1);
    disk.create_dir_all(Path::new("/d")).unwrap();
    put(&disk, "/d/a", b"x").sync_data().unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    disk.crash(Survival::Nothing);
    assert_eq!(contents(&disk, "/d/a"), None, "nobody synced the root");
}

#[test]
fn a_rename_is_there_or_not() {
    let disk = with_unsynced_tail(1);
    disk.rename(Path::new("/d/a"), Path::new("/d/b")).unwrap();
    disk.crash(Survival::Nothing);
    assert_eq!((contents(&disk, "/d/a").is_some(), contents(&disk, "/d/b").is_some()), (true, false));
    disk.rename(Path::new("/d/a"), Path::new("/d/b")).unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    disk.crash(Survival::Nothing);
    assert_eq!((contents(&disk, "/d/a").is_some(), contents(&disk, "/d/b").is_some()), (false, true));
}

#[test]
fn what_a_failed_sync_dropped_is_never_synced() {
    let disk = with_unsynced_tail(1);
    let file = disk.open(Path::new("/d/a"), OpenMode::Existing).unwrap();
    disk.inject(Fault {
        operation: Some(Operation::Sync),
        after: 0,
        count: 1,
        kind: FaultKind::Io { torn: 0 },
    });
    assert!(file.sync_data().is_err());
    file.sync_data().unwrap();
    disk.crash(Survival::Nothing);
    assert_eq!(contents(&disk, "/d/a").unwrap(), b"old");
}

#[test]
fn faults_hit_the_operation_they_name() {
    let disk = with_unsynced_tail(1);
    let file = disk.open(Path::new("/d/a"), OpenMode::Existing).unwrap();
    disk.inject(Fault {
        operation: Some(Operation::Write),
        after: 1,
        count: 1,
        kind: FaultKind::Full { torn: 1 },
    });
    file.write_at(&[IoSlice::new(b"1")], 6).unwrap();
    assert!(file.write_at(&[IoSlice::new(b"22")], 7).unwrap_err().is_full());
    file.write_at(&[IoSlice::new(b"3")], 8).unwrap();
    assert_eq!(
        contents(&disk, "/d/a").unwrap(),
        b"oldnew123"[..7].iter().chain(b"23").copied().collect::<Vec<_>>()
    );
}

#[test]
fn a_full_disk_takes_what_fits() {
    let disk = with_unsynced_tail(1);
    disk.set_capacity(8);
    let file = disk.open(Path::new("/d/a"), OpenMode::Existing).unwrap();
    assert!(file.write_at(&[IoSlice::new(b"1234")], 6).unwrap_err().is_full());
    assert_eq!(contents(&disk, "/d/a").unwrap(), b"oldnew12");
    file.write_at(&[IoSlice::new(b"OLD")], 0).unwrap();
    disk.set_capacity(100);
    file.write_at(&[IoSlice::new(b"1234")], 6).unwrap();
    assert_eq!(disk.space(Path::new("/")).unwrap(), DiskSpace { total: 100, usable: 90 });
}

#[test]
fn handles_and_locks_end_with_the_machine() {
    let disk = with_unsynced_tail(1);
    let file = disk.open(Path::new("/d/a"), OpenMode::Existing).unwrap();
    let lock = disk.lock(Path::new("/d/.lock")).unwrap().unwrap();
    assert!(disk.lock(Path::new("/d/.lock")).unwrap().is_none());
    disk.crash(Survival::Everything);
    assert!(file.len().is_err());
    let again = disk.lock(Path::new("/d/.lock")).unwrap();
    assert!(again.is_some());
    drop(lock);
    assert!(disk.lock(Path::new("/d/.lock")).unwrap().is_none(), "the old lock does not free the new one");
}

#[test]
fn the_power_goes_at_the_operation_that_was_asked_for() {
    let disk = with_unsynced_tail(1);
    let file = disk.open(Path::new("/d/a"), OpenMode::Existing).unwrap();
    disk.cut_power_at(disk.operations() + 2, 1);
    file.write_at(&[IoSlice::new(b"12")], 6).unwrap();
    assert!(file.write_at(&[IoSlice::new(b"34")], 8).is_err());
    assert!(file.write_at(&[IoSlice::new(b"34")], 8).is_err());
    disk.crash(Survival::Everything);
    assert_eq!(contents(&disk, "/d/a").unwrap(), b"oldnew123");
}

#[test]
fn an_evicted_file_is_cold_until_it_was_read() {
    let disk = with_unsynced_tail(1);
    let file = disk.open(Path::new("/d/a"), OpenMode::ReadOnly).unwrap();
    let mut buffer = [0; 3];
    assert_eq!(file.read_cached_at(&mut buffer, 0).unwrap(), Some(3));
    disk.evict();
    assert_eq!(file.read_cached_at(&mut buffer, 0).unwrap(), None);
    file.read_at(&mut buffer, 0).unwrap();
    assert_eq!(file.read_cached_at(&mut buffer, 0).unwrap(), Some(3));
    assert!(file.set_len(0).is_err(), "opened for reading");
}
