//! When each broker was last heard of: the only state of the controller that is not in the metadata log.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_protocol::time::Monotonic;
use ottla_protocol::types::{BrokerId, Offset};

use crate::image::BrokerEpoch;

/// What the controller knows of one broker's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Session {
    epoch: BrokerEpoch,
    last_contact: Monotonic,
    /// How far the broker has read the metadata log.
    metadata_offset: Offset,
    /// The metadata offset that all active brokers must reach before this one may stop.
    controlled_shutdown_offset: Option<Offset>,
}

/// Sessions by broker.
#[derive(Clone, Debug, Default)]
pub(super) struct Heartbeats {
    sessions: BTreeMap<BrokerId, Session>,
}

impl Heartbeats {
    /// A session begins, or begins anew if the broker has another epoch.
    pub(super) fn register(&mut self, id: BrokerId, epoch: BrokerEpoch, now: Monotonic) {
        let session = self.sessions.entry(id).or_insert(Session {
            epoch,
            last_contact: now,
            metadata_offset: Offset::UNKNOWN,
            controlled_shutdown_offset: None,
        });
        if session.epoch != epoch {
            session.metadata_offset = Offset::UNKNOWN;
            session.controlled_shutdown_offset = None;
        }
        session.epoch = epoch;
        session.last_contact = now;
    }

    /// The broker was heard of, and has read the metadata log up to `metadata_offset`.
    pub(super) fn touch(
        &mut self,
        id: BrokerId,
        epoch: BrokerEpoch,
        metadata_offset: Offset,
        now: Monotonic,
    ) {
        self.register(id, epoch, now);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.metadata_offset = metadata_offset;
        }
    }

    pub(super) fn remove(&mut self, id: BrokerId) {
        self.sessions.remove(&id);
    }

    /// Remembers that the broker may stop once all others know what was decided up to `offset`.
    pub(super) fn set_controlled_shutdown_offset(&mut self, id: BrokerId, offset: Offset) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.controlled_shutdown_offset.get_or_insert(offset);
        }
    }

    pub(super) fn controlled_shutdown_offset(&self, id: BrokerId) -> Option<Offset> {
        self.sessions.get(&id)?.controlled_shutdown_offset
    }

    /// How far the broker has read the metadata log, as it last said.
    pub(super) fn metadata_offset(&self, id: BrokerId) -> Offset {
        self.sessions.get(&id).map_or(Offset::UNKNOWN, |session| session.metadata_offset)
    }

    /// Whether the broker with this epoch was heard of within `timeout`.
    pub(super) fn has_valid_session(
        &self,
        id: BrokerId,
        epoch: BrokerEpoch,
        timeout: Duration,
        now: Monotonic,
    ) -> bool {
        self.sessions
            .get(&id)
            .is_some_and(|session| session.epoch == epoch && now.since(session.last_contact) <= timeout)
    }

    /// When the session of the broker with this epoch ends, if there is one.
    pub(super) fn expires_at(
        &self,
        id: BrokerId,
        epoch: BrokerEpoch,
        timeout: Duration,
    ) -> Option<Monotonic> {
        let session = self.sessions.get(&id).filter(|session| session.epoch == epoch)?;
        Some(session.last_contact + timeout)
    }
}
