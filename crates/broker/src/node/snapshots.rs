//! When snapshots of the metadata log are taken, and when old ones go.

use std::sync::Arc;
use std::time::Duration;

use ottla_metadata::config::MetadataLogConfig;
use ottla_protocol::time::Monotonic;

use super::{Node, NodeFailure};

/// When the next snapshot is due.
#[derive(Debug)]
pub(super) struct SnapshotSchedule {
    pub(super) config: MetadataLogConfig,
    pub(super) bytes_since: u64,
    pub(super) last: Monotonic,
    /// When the oldest snapshot may be too old.
    pub(super) clean_at: Monotonic,
}

impl Node {
    pub(super) fn snapshot_deadline(&self) -> Monotonic {
        let interval = u64::try_from(self.snapshots.config.snapshot_interval_ms).unwrap_or(0);
        let by_time = if interval == 0 || self.snapshots.bytes_since == 0 {
            Monotonic::NEVER
        } else {
            self.snapshots.last + Duration::from_millis(interval)
        };
        by_time.min(self.snapshots.clean_at)
    }

    /// Takes a snapshot after so many bytes, or so long after the last one if there is anything new.
    pub(super) fn maybe_snapshot(&mut self) {
        let bytes_max = u64::try_from(self.snapshots.config.snapshot_bytes_between).unwrap_or(u64::MAX);
        let interval =
            Duration::from_millis(u64::try_from(self.snapshots.config.snapshot_interval_ms).unwrap_or(0));
        let now = self.now;
        let since_last = now.mono.since(self.snapshots.last);
        let is_due = self.snapshots.bytes_since >= bytes_max
            || (!interval.is_zero() && self.snapshots.bytes_since > 0 && since_last >= interval);
        if !is_due || self.control().in_transaction() {
            return;
        }
        let image = Arc::clone(&self.published);
        // If one is being written, or covers as much, there is nothing to do before as much again has been appended.
        self.control().quorum.maybe_snapshot(&image, now.wall);
        self.snapshots.bytes_since = 0;
        self.snapshots.last = now.mono;
    }

    pub(super) fn clean(&mut self) -> Result<(), NodeFailure> {
        let now = self.now;
        self.control().quorum.clean(now)?;
        self.schedule_cleaning()
    }

    pub(super) fn schedule_cleaning(&mut self) -> Result<(), NodeFailure> {
        let now = self.now;
        let at = self.control().quorum.clean_at()?;
        self.snapshots.clean_at = at.map_or(Monotonic::NEVER, |at| {
            let wait = u64::try_from(at.0.saturating_sub(now.wall.0)).unwrap_or(0);
            now.mono + Duration::from_millis(wait)
        });
        Ok(())
    }
}
