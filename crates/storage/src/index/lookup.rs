//! Finding the entries around an offset, in memory or in the file.

use std::path::Path;
use std::sync::Arc;

use ottla_protocol::types::Offset;

use super::offset::OffsetEntry;
use super::{IndexEntry, SparseIndex};
use crate::io::{Disk, DiskFile, OpenMode};
use crate::walk::{Access, ReadFault, read_at};

/// So many entries are read at once.
const BLOCK_ENTRIES: u32 = 512;
const BLOCK_SIZE: usize = BLOCK_ENTRIES as usize * OffsetEntry::SIZE;

/// The last block that was read of an index file: a reader that goes on where it was finds its next entries here.
#[derive(Debug)]
pub(crate) struct IndexBlock {
    file: Arc<dyn DiskFile>,
    segment: Offset,
    number: u32,
    size: usize,
    bytes: Box<[u8; BLOCK_SIZE]>,
}

/// The entries around a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// The last entry at or below it.
    pub floor: Option<OffsetEntry>,
    /// The entry after it.
    pub next: Option<OffsetEntry>,
}

/// What entries are looked up by: both ascend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// An offset relative to the segment's base.
    Offset(u32),
    /// A position.
    Position(u32),
}

impl Key {
    const fn of(self, entry: &OffsetEntry) -> u32 {
        match self {
            Self::Offset(_) => entry.relative_offset,
            Self::Position(_) => entry.position,
        }
    }

    const fn target(self) -> u32 {
        match self {
            Self::Offset(target) | Self::Position(target) => target,
        }
    }

    const fn is_at_or_above(self, entry: &OffsetEntry) -> bool {
        self.of(entry) <= self.target()
    }
}

/// The entries around `key`. `path` is the index file's.
pub(crate) fn neighbours(
    index: &SparseIndex<OffsetEntry>,
    key: Key,
    block: &mut Option<IndexBlock>,
    (disk, path, segment): (&dyn Disk, &Path, Offset),
    access: Access,
) -> Result<Neighbours, ReadFault> {
    let tail = index.tail();
    if index.written() == 0 || tail.first().is_some_and(|first| key.is_at_or_above(first)) {
        let at = tail.partition_point(|entry| key.is_at_or_above(entry));
        let floor = at.checked_sub(1).map(|at| tail[at]);
        return Ok(Neighbours { floor, next: tail.get(at).copied() });
    }
    let written = index.written();
    let last = index.last_written.map_or(0, |last| key.of(&last));
    let (mut low, mut high) = (0, (written - 1) / BLOCK_ENTRIES);
    // Entries are spread evenly as a rule: the first guess is mostly right.
    let share = u64::from(key.target().min(last)) * u64::from(written) / (u64::from(last) + 1);
    let mut number = ((share / u64::from(BLOCK_ENTRIES)) as u32).min(high);
    let (mut floor_before, mut next_behind) = (None, tail.first().copied());
    loop {
        let entries = read_block(block, (disk, path, segment), number, written, access)?;
        let at = entries.partition_point(|entry| key.is_at_or_above(entry));
        if at == 0 && number > low {
            next_behind = entries.first();
            high = number - 1;
        } else if at == entries.len() && number < high {
            floor_before = entries.last();
            low = number + 1;
        } else {
            let floor = at.checked_sub(1).map(|at| entries.get(at)).or(floor_before);
            let next = if at < entries.len() { Some(entries.get(at)) } else { next_behind };
            return Ok(Neighbours { floor, next });
        }
        // A neighbour first: the guess was close.
        number = number.clamp(low, high);
    }
}

/// The entries of a block.
struct Entries<'a>(&'a [u8]);

impl Entries<'_> {
    const fn len(&self) -> usize {
        self.0.len() / OffsetEntry::SIZE
    }

    fn get(&self, at: usize) -> OffsetEntry {
        OffsetEntry::decode(&self.0[at * OffsetEntry::SIZE..])
    }

    fn first(&self) -> Option<OffsetEntry> {
        (self.len() > 0).then(|| self.get(0))
    }

    fn last(&self) -> Option<OffsetEntry> {
        self.len().checked_sub(1).map(|last| self.get(last))
    }

    fn partition_point(&self, is_before: impl Fn(&OffsetEntry) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(&self.get(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }
}

fn read_block<'a>(
    block: &'a mut Option<IndexBlock>,
    (disk, path, segment): (&dyn Disk, &Path, Offset),
    number: u32,
    written: u32,
    access: Access,
) -> Result<Entries<'a>, ReadFault> {
    let count = (written - number * BLOCK_ENTRIES).min(BLOCK_ENTRIES);
    let size = count as usize * OffsetEntry::SIZE;
    let held = block.as_ref().filter(|held| held.segment == segment);
    if held.is_none_or(|held| held.number != number || held.size < size) {
        let mut read = match block.take().filter(|held| held.segment == segment) {
            Some(held) => held,
            None => {
                let file = disk.open(path, OpenMode::ReadOnly)?;
                IndexBlock { file, segment, number, size: 0, bytes: Box::new([0; BLOCK_SIZE]) }
            }
        };
        (read.number, read.size) = (number, 0);
        let position = u64::from(number) * BLOCK_SIZE as u64;
        let got = read_at(&read.file, access, &mut read.bytes[..size], position)?;
        // A file that was cut behind our back has fewer; what is missing is found by the walk over the batches.
        read.size = got / OffsetEntry::SIZE * OffsetEntry::SIZE;
        *block = Some(read);
    }
    let held = block.as_ref().expect("read above");
    Ok(Entries(&held.bytes[..held.size.min(size)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::simulated::SimulatedDisk;

    fn index(
        disk: &SimulatedDisk,
        path: &Path,
        offsets: &[u32],
        in_memory: usize,
    ) -> SparseIndex<OffsetEntry> {
        let mut index = SparseIndex::default();
        for (at, offset) in offsets.iter().enumerate() {
            if at == offsets.len() - in_memory {
                index.spill(disk, path).unwrap();
            }
            index.push(OffsetEntry { relative_offset: *offset, position: at as u32 });
        }
        if in_memory == 0 {
            index.spill(disk, path).unwrap();
        }
        index
    }

    fn check(offsets: &[u32], in_memory: usize) {
        let (disk, path) = (SimulatedDisk::new(0), Path::new("/a.index"));
        let index = index(&disk, path, offsets, in_memory);
        let mut block = None;
        for target in 0..offsets.last().unwrap() + 2 {
            let at = offsets.partition_point(|offset| *offset <= target);
            let entry = |at: usize| {
                offsets.get(at).map(|offset| OffsetEntry { relative_offset: *offset, position: at as u32 })
            };
            let expected = Neighbours { floor: at.checked_sub(1).and_then(entry), next: entry(at) };
            let place = (&disk as &dyn Disk, path, Offset(0));
            let found = neighbours(&index, Key::Offset(target), &mut block, place, Access::Wait).unwrap();
            assert_eq!(found, expected, "{target}");
            let by_position =
                neighbours(&index, Key::Position(at as u32), &mut block, place, Access::Wait).unwrap();
            assert_eq!(
                (by_position.floor, by_position.next),
                (entry(at.min(offsets.len() - 1)), entry(at + 1))
            );
        }
    }

    #[test]
    fn entries_are_found_in_memory_and_in_the_file() {
        let even: Vec<u32> = (1..=1300).map(|at| at * 3).collect();
        for in_memory in [0, 1, 276, 788, 1300] {
            check(&even, in_memory);
        }
        check(&[5], 0);
        check(&[0], 1);
    }

    #[test]
    fn entries_are_found_however_they_are_spread() {
        let growing: Vec<u32> = (1..=1600).map(|at| at * at / 300 + at).collect();
        check(&growing, 7);
        let clustered: Vec<u32> = (0..1100).chain(5000..5600).collect();
        check(&clustered, 0);
    }

    #[test]
    fn a_cold_block_is_said_to_be_cold() {
        let (disk, path) = (SimulatedDisk::new(0), Path::new("/a.index"));
        let index = index(&disk, path, &[1, 2, 3], 0);
        disk.evict();
        let place = (&disk as &dyn Disk, path, Offset(0));
        let mut block = None;
        let Err(ReadFault::Cold(cold)) =
            neighbours(&index, Key::Offset(2), &mut block, place, Access::Cached)
        else {
            panic!("it is cold");
        };
        cold.run().unwrap();
        let found = neighbours(&index, Key::Offset(2), &mut block, place, Access::Cached).unwrap();
        assert_eq!(found.floor.map(|floor| floor.relative_offset), Some(2));
    }
}
