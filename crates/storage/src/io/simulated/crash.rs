//! What is left of the disk after a crash.

use std::collections::{BTreeMap, BTreeSet};

use super::faults::Survival;
use super::state::{Change, Directory, InodeId, ROOT, State, put};

impl State {
    pub(super) fn crash(&mut self, survival: Survival) {
        self.faults.lift();
        self.boot += 1;
        self.locks.clear();
        let cut_at = match survival {
            Survival::Everything => u64::MAX,
            Survival::Nothing => 0,
            Survival::Prefix | Survival::Sectors { .. } => self.draw(self.faults.operations() + 2),
        };
        self.survive_entries(survival, cut_at);
        let inodes: Vec<_> = self.files.keys().copied().collect();
        for inode in inodes {
            self.survive_bytes(inode, survival, cut_at);
        }
        self.current = self.durable.clone();
        self.collect_garbage();
    }

    fn survive_entries(&mut self, survival: Survival, cut_at: u64) {
        let changes = std::mem::take(&mut self.entry_changes);
        let mut cuts: BTreeMap<InodeId, u64> = BTreeMap::new();
        for change in changes {
            let dir =
                change.set.as_ref().map(|(dir, ..)| *dir).or(change.unset.as_ref().map(|(dir, _)| *dir));
            let cut_at = match (survival, dir) {
                (Survival::Sectors { .. }, Some(dir)) => {
                    let range = self.faults.operations() + 2;
                    *cuts.entry(dir).or_insert_with(|| draw(&mut self.random, range))
                }
                _ => cut_at,
            };
            if change.at < cut_at {
                change.apply(&mut self.durable);
            }
        }
    }

    fn survive_bytes(&mut self, inode: InodeId, survival: Survival, cut_at: u64) {
        let mut random = self.random;
        let file = self.file(inode);
        let changes = std::mem::take(&mut file.changes);
        let mut content = std::mem::take(&mut file.durable);
        match survival {
            Survival::Nothing => {}
            Survival::Everything => content = std::mem::take(&mut file.current),
            Survival::Prefix => {
                for change in changes.iter().take_while(|change| change.at() <= cut_at) {
                    let size = if let Change::Write { bytes, .. } = change { bytes.len() } else { 0 };
                    let is_torn = change.at() == cut_at;
                    let kept = if is_torn { draw(&mut random, size as u64 + 1) as usize } else { size };
                    if size > 0 || !is_torn {
                        change.apply(&mut content, kept);
                    }
                }
            }
            Survival::Sectors { size } => survive_sectors(&mut random, &changes, &mut content, size as usize),
        }
        if matches!(survival, Survival::Sectors { .. }) && draw(&mut random, 4) == 0 {
            // The length was on its way, the bytes were not.
            let size = content.len().max(file.current.len());
            content.resize(size, 0);
        }
        file.current.clone_from(&content);
        file.durable = content;
        file.evicted = true;
        self.random = random;
    }

    /// Forgets what no directory has: files that were open without a name, and directories cut off from the root.
    fn collect_garbage(&mut self) {
        let mut reached = BTreeSet::from([ROOT]);
        let mut pending = vec![ROOT];
        while let Some(dir) = pending.pop() {
            for inode in self.current.get(&dir).into_iter().flat_map(Directory::values) {
                if reached.insert(*inode) {
                    pending.push(*inode);
                }
            }
        }
        self.files.retain(|inode, _| reached.contains(inode));
        self.current.retain(|inode, _| reached.contains(inode));
        self.durable.retain(|inode, _| reached.contains(inode));
    }

    fn draw(&mut self, range: u64) -> u64 {
        draw(&mut self.random, range)
    }
}

/// Keeps of each sector what was written to it up to some point in time: the last state that the disk got of it. A change of length
/// that is dropped takes what came after it along, as the journal of a file system does.
fn survive_sectors(random: &mut u64, changes: &[Change], content: &mut Vec<u8>, sector: usize) {
    let keeps_everything = draw(random, 4) == 0;
    let mut closed = BTreeSet::new();
    for change in changes {
        match change {
            Change::SetLen { .. } => {
                if !keeps_everything && draw(random, 2) == 0 {
                    return;
                }
                change.apply(content, usize::MAX);
            }
            Change::Write { position, bytes, .. } => {
                let mut from = 0;
                while from < bytes.len() {
                    let number = (position + from) / sector;
                    let to = bytes.len().min((number + 1) * sector - position);
                    if !keeps_everything && !closed.contains(&number) && draw(random, 3) == 0 {
                        closed.insert(number);
                    }
                    if !closed.contains(&number) {
                        put(content, position + from, &bytes[from..to]);
                    }
                    from = to;
                }
            }
        }
    }
}

/// A number below `range`, by splitmix64.
fn draw(random: &mut u64, range: u64) -> u64 {
    *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *random;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % range.max(1)
}
