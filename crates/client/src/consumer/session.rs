//! A fetch session with one broker (KIP-227): after the first request, only what changed is named.

use std::collections::BTreeMap;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::types::{LeaderEpoch, Offset, TopicId};

use crate::partition::TopicPartition;

/// What is to be fetched of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Want {
    pub(super) topic_id: TopicId,
    pub(super) offset: Offset,
    pub(super) leader_epoch: LeaderEpoch,
    pub(super) bytes_max: i32,
}

/// What the next request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SessionRequest {
    pub(super) session_id: i32,
    pub(super) session_epoch: i32,
    /// Partitions to name.
    pub(super) send: Vec<(TopicPartition, Want)>,
    /// Partitions that are no longer wanted.
    pub(super) forget: Vec<(TopicPartition, TopicId)>,
}

/// Epoch that asks for a new session.
const EPOCH_INITIAL: i32 = 0;
/// Epoch that asks for none.
const EPOCH_NONE: i32 = -1;

#[derive(Debug)]
pub(super) struct FetchSession {
    is_enabled: bool,
    id: i32,
    epoch: i32,
    /// What the broker was told last; the broker has it in its session.
    told: BTreeMap<TopicPartition, Want>,
}

impl FetchSession {
    pub(super) fn new(is_enabled: bool) -> Self {
        Self { is_enabled, id: 0, epoch: EPOCH_INITIAL, told: BTreeMap::new() }
    }

    /// The next request for `wanted`. One at a time: [`Self::answered`] or [`Self::failed`] must come before the next.
    pub(super) fn next(&mut self, wanted: BTreeMap<TopicPartition, Want>) -> SessionRequest {
        if !self.is_enabled {
            let send = wanted.into_iter().collect();
            return SessionRequest { session_id: 0, session_epoch: EPOCH_NONE, send, forget: Vec::new() };
        }
        let is_full = self.epoch == EPOCH_INITIAL;
        // A topic that was made anew under its name is another one: the old one is forgotten, the new one named.
        let is_known =
            |told: Option<&Want>, want: &Want| told.is_some_and(|told| told.topic_id == want.topic_id);
        let forget = if is_full {
            Vec::new()
        } else {
            let gone = self.told.iter().filter(|(key, told)| !is_known(wanted.get(key), told));
            gone.map(|(key, told)| (key.clone(), told.topic_id)).collect()
        };
        let changed = wanted.iter().filter(|(key, want)| is_full || self.told.get(key) != Some(want));
        let send = changed.map(|(key, want)| (key.clone(), want.clone())).collect();
        self.told = wanted;
        SessionRequest { session_id: self.id, session_epoch: self.epoch, send, forget }
    }

    /// A response came, with this session id and top-level error code.
    pub(super) fn answered(&mut self, session_id: i32, code: ErrorCode) {
        if code.is_error() {
            let is_gone = code == ErrorCode::FETCH_SESSION_ID_NOT_FOUND;
            return if is_gone { self.restart(0) } else { self.failed() };
        }
        if session_id == 0 {
            return self.restart(0);
        }
        self.id = session_id;
        self.epoch = if self.epoch == i32::MAX { 1 } else { self.epoch + 1 };
    }

    /// No response came: the next request is a full one, which also closes the old session.
    pub(super) fn failed(&mut self) {
        self.restart(self.id);
    }

    fn restart(&mut self, id: i32) {
        self.id = id;
        self.epoch = EPOCH_INITIAL;
        self.told.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_protocol::types::Uuid;

    fn want(topic_id: u128, offset: i64) -> Want {
        let topic_id = TopicId(Uuid::from_u128(topic_id));
        Want { topic_id, offset: Offset(offset), leader_epoch: LeaderEpoch(0), bytes_max: 1 }
    }

    /// Asks for `wanted` (partition, topic id, offset); gives session id, epoch, named partitions, forgotten ones.
    fn ask(session: &mut FetchSession, wanted: &[(i32, u128, i64)]) -> (i32, i32, Vec<i32>, Vec<i32>) {
        let wanted =
            wanted.iter().map(|&(p, id, offset)| (TopicPartition::new("t", p), want(id, offset))).collect();
        let request = session.next(wanted);
        (
            request.session_id,
            request.session_epoch,
            request.send.iter().map(|(key, _)| key.partition).collect(),
            request.forget.iter().map(|(key, _)| key.partition).collect(),
        )
    }

    #[test]
    fn only_changes_are_named_within_a_session() {
        let mut session = FetchSession::new(true);
        assert_eq!(ask(&mut session, &[(0, 1, 0), (1, 1, 0)]), (0, 0, vec![0, 1], vec![]));
        session.answered(7, ErrorCode::NONE);
        assert_eq!(ask(&mut session, &[(0, 1, 5), (1, 1, 0)]), (7, 1, vec![0], vec![]));
        session.answered(7, ErrorCode::NONE);
        assert_eq!(ask(&mut session, &[(1, 1, 0), (2, 1, 0)]), (7, 2, vec![2], vec![0]));
        session.answered(7, ErrorCode::NONE);
        assert_eq!(ask(&mut session, &[(1, 9, 0), (2, 1, 0)]), (7, 3, vec![1], vec![1]));
    }

    #[test]
    fn a_broker_without_room_for_sessions_gets_full_requests() {
        let mut session = FetchSession::new(true);
        for _ in 0..2 {
            assert_eq!(ask(&mut session, &[(0, 1, 0)]), (0, 0, vec![0], vec![]));
            session.answered(0, ErrorCode::NONE);
        }
    }

    #[test]
    fn a_lost_session_is_begun_anew_and_a_broken_one_closed() {
        let mut session = FetchSession::new(true);
        ask(&mut session, &[(0, 1, 0)]);
        session.answered(7, ErrorCode::NONE);
        session.answered(0, ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        assert_eq!(ask(&mut session, &[(0, 1, 0)]), (0, 0, vec![0], vec![]));
        session.answered(8, ErrorCode::NONE);
        session.failed();
        assert_eq!(ask(&mut session, &[(0, 1, 0)]), (8, 0, vec![0], vec![]));
        session.answered(9, ErrorCode::NONE);
        session.answered(0, ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        assert_eq!(ask(&mut session, &[(0, 1, 0)]), (9, 0, vec![0], vec![]));
    }

    #[test]
    fn without_sessions_every_request_is_full() {
        let mut session = FetchSession::new(false);
        for _ in 0..2 {
            assert_eq!(ask(&mut session, &[(0, 1, 0)]), (0, -1, vec![0], vec![]));
            session.answered(0, ErrorCode::NONE);
        }
    }
}
