//! How many files the logs of a shard hold open: as many as there is room for, not as there are partitions.

use std::cmp::Reverse;

use ottla_protocol::time::Monotonic;
use ottla_protocol::types::PartitionId;

use super::Shard;

/// The budget, and when to look next.
pub(crate) struct OpenFiles {
    max: usize,
    /// Uses of logs since the last look, each of which may have opened a file.
    uses: usize,
}

impl OpenFiles {
    pub fn new(max: usize) -> Self {
        Self { max: max.max(2), uses: 0 }
    }
}

impl Shard {
    /// A log is about to be read or written. If many have been, those that have rested longest let go of their files.
    pub(crate) fn note_log_use(&mut self) {
        self.files.uses += 1;
        if self.files.uses >= self.files.max / 2 {
            self.files.uses = 0;
            self.spare_files();
        }
    }

    /// Those logs that have rested longest let go of their files, if more than half of what may be is open.
    pub(super) fn spare_files(&mut self) {
        let mut holders: Vec<(Reverse<Monotonic>, PartitionId, usize)> = Vec::new();
        let mut open = 0;
        for (id, partition) in &mut self.partitions {
            let last_used = partition.last_used;
            let files = partition.open_log().map_or(0, |log| log.open_files());
            if files > 0 {
                open += files;
                holders.push((Reverse(last_used), *id, files));
            }
        }
        if open <= self.files.max / 2 {
            return;
        }
        holders.sort_unstable();
        // Half of what may stay, so that the next look is not the next use.
        while open > self.files.max / 4
            && let Some((_, id, files)) = holders.pop()
        {
            open -= files;
            if let Some(log) = self.partitions.get_mut(&id).and_then(|partition| partition.open_log()) {
                log.release_files();
            }
        }
    }
}
