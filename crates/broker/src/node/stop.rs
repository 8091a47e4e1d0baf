//! How the control plane ends: the shards first, then the last records, then the log directories.

use super::job::{CloseLogDir, Work};
use super::{Node, NodeEffect, NodeFailure, Phase, Wish};

impl Node {
    pub(super) fn stop(&mut self) {
        if matches!(self.phase, Phase::Starting | Phase::Running) {
            self.phase = Phase::StoppingShards;
            self.effects.push_back(NodeEffect::StopShards);
        }
    }

    /// Closes the log directories once the shards have stopped and nothing is under way.
    pub(super) fn maybe_close(&mut self) -> Result<(), NodeFailure> {
        if self.phase == Phase::StoppingShards
            && self.shards_stopped.len() >= self.shard_count
            && self.is_quiet()
        {
            self.leave_office();
            self.phase = Phase::LeavingOffice;
        }
        if self.phase == Phase::LeavingOffice && self.is_quiet() {
            self.close()?;
        }
        Ok(())
    }

    /// Whether nothing is under way, and nothing waits to be.
    fn is_quiet(&mut self) -> bool {
        self.jobs == 0 && self.waiting.is_empty() && !self.control().quorum.has_unsynced()
    }

    fn close(&mut self) -> Result<(), NodeFailure> {
        let control = self.control.take().expect("the metadata log is open");
        let mut metadata_log = Some(control.quorum.close()?);
        let closing = self.checkpoints.close(self.now.mono);
        self.phase = Phase::Closing(closing.len());
        for (log_dir, dir, files) in closing {
            let is_metadata = dir.path() == self.metadata_dir;
            // Checkpoints that a shard sent before it failed to close its logs say more than is true.
            let files = files.filter(|_| self.is_stop_clean);
            let clean_shutdown = files.is_some().then_some(self.broker_epoch);
            let metadata_log = if is_metadata { metadata_log.take() } else { None };
            let files = files.unwrap_or_default();
            self.run(Work::Close(CloseLogDir { log_dir, dir, metadata_log, files, clean_shutdown }));
        }
        Ok(())
    }

    /// The last records of this life: the broker gives its leaderships up and is fenced, so that the next one (of this
    /// program, or of Apache Kafka) need not wait for its session to end.
    fn leave_office(&mut self) {
        // The first heartbeat gives the leaderships up, the second one finds none.
        for _ in 0..2 {
            match self.heartbeat(Wish::ShutDown) {
                Some((response, _)) if !response.should_shut_down => {}
                _ => break,
            }
        }
    }
}
