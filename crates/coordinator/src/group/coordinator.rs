//! The coordinator of one partition of `__consumer_offsets`.

use std::collections::VecDeque;

use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, ProducerId};

use super::config::GroupConfig;
use super::interface::{Effect, GroupRequest, GroupResponse, Input, TxnResult};
use crate::messages::*;

/// The batch that a record of the log is in, as far as replay needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadedBatch {
    /// The producer whose transaction the batch is part of, or [`ProducerId::NONE`] if it is not transactional.
    pub producer_id: ProducerId,
}

/// The coordinator of the groups of one partition of `__consumer_offsets`, on the broker that leads it.
///
/// Life: [`new`](Self::new); every record and transaction marker of the log in order through [`load`](Self::load) and
/// [`load_marker`](Self::load_marker); [`loaded`](Self::loaded); then facts through [`handle`](Self::handle). The host
/// hands over every fact it has at hand, then performs [`poll_effect`](Self::poll_effect) until `None`: what was
/// decided in between shares one batch. When the broker stops to lead the partition, [`unload`](Self::unload) answers
/// everything that waits.
///
/// Every request gets exactly one response. A response that promises something leaves when its records are committed,
/// or after `offsets.commit.timeout.ms` with COORDINATOR_NOT_AVAILABLE.
pub struct GroupCoordinator {
    effects: VecDeque<Effect>,
}

impl GroupCoordinator {
    /// A coordinator that knows no groups and answers COORDINATOR_LOAD_IN_PROGRESS until it has
    /// [`loaded`](Self::loaded). `seed` is where member ids come from: take it from the machine's randomness.
    #[must_use]
    pub fn new(_config: GroupConfig, _seed: u64) -> Self {
        Self { effects: VecDeque::new() }
    }

    /// Replays one record of the log. Records of unknown types (from newer brokers) are skipped.
    ///
    /// Errors: the key or value cannot be read.
    pub fn load(
        &mut self,
        _offset: Offset,
        _batch: LoadedBatch,
        _key: &[u8],
        _value: Option<&[u8]>,
    ) -> Result<(), LoadError> {
        Ok(())
    }

    /// Replays one transaction marker of the log.
    pub fn load_marker(&mut self, _producer_id: ProducerId, _result: TxnResult) {}

    /// The log is replayed up to its end at `end_offset`, all of it committed. Timers start.
    pub fn loaded(&mut self, _end_offset: Offset, _now: Now) {}

    /// The broker leads the partition no longer: answers NOT_COORDINATOR to everything that waits. Poll the effects
    /// for the last time after this; there are only responses.
    pub fn unload(&mut self) {}

    /// Takes a fact.
    pub fn handle(&mut self, _input: Input, _now: Now) {}

    /// The next thing that the host must do, or `None` for now.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When to hand over [`Input::Timer`] at the latest, or [`Monotonic::NEVER`].
    #[must_use]
    pub fn poll_deadline(&self) -> Monotonic {
        Monotonic::NEVER
    }
}

/// A record that cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unreadable coordinator record")]
pub struct LoadError;

impl GroupRequest {
    /// The response that says `error` and nothing else, in the shape of the request's version. For requests that no
    /// coordinator may answer: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE.
    #[must_use]
    pub fn error_response(&self, error: ErrorCode) -> GroupResponse {
        match self {
            Self::Heartbeat(_) => GroupResponse::Heartbeat(HeartbeatResponse {
                error_code: error.into(),
                ..HeartbeatResponse::default()
            }),
            _ => GroupResponse::ListGroups(ListGroupsResponse {
                error_code: error.into(),
                ..ListGroupsResponse::default()
            }),
        }
    }
}
