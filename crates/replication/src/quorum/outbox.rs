//! What the machine wants done, in order; and what may not leave before it is true on the disk.
//!
//! The rule: a message leaves only after every election state that was known when it was made is on the disk. So a vote
//! is given, an epoch is claimed and a leader is named only by a replica that will remember it after a crash. Kafka has
//! the same rule by writing the state synchronously (`QuorumState.durableTransitionTo`); here the disk works beside the
//! machine, and messages wait.

use std::collections::VecDeque;

use super::Effect;
use super::election_state::ElectionState;

#[derive(Debug, Default)]
pub(super) struct Outbox {
    effects: VecDeque<Effect>,
    /// Messages, each with the number of the election state that it rests on. Ascending.
    held: VecDeque<(u64, Effect)>,
    /// Number of the last state that was handed out to be persisted.
    requested: u64,
    /// Number of the last state that is on the disk.
    persisted: u64,
}

impl Outbox {
    /// Something to do at once.
    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push_back(effect);
    }

    /// A message: it waits for the states before it.
    pub(super) fn send(&mut self, message: Effect) {
        if self.is_durable() {
            self.effects.push_back(message);
        } else {
            self.held.push_back((self.requested, message));
        }
    }

    /// Hands out a state to be persisted. Its number.
    pub(super) fn persist(&mut self, state: ElectionState) -> u64 {
        self.requested += 1;
        self.effects.push_back(Effect::Persist { state, sequence: self.requested });
        self.requested
    }

    /// The state with this number, and every earlier one, is on the disk.
    pub(super) fn persisted(&mut self, sequence: u64) {
        self.persisted = self.persisted.max(sequence.min(self.requested));
        while self.held.front().is_some_and(|(needs, _)| *needs <= self.persisted) {
            self.effects.extend(self.held.pop_front().map(|(_, message)| message));
        }
    }

    /// Whether every state is on the disk.
    pub(super) fn is_durable(&self) -> bool {
        self.persisted == self.requested
    }

    /// Number of the last state that is on the disk.
    pub(super) fn persisted_sequence(&self) -> u64 {
        self.persisted
    }

    /// Number of the last state that was handed out.
    pub(super) fn requested_sequence(&self) -> u64 {
        self.requested
    }

    pub(super) fn pop(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use ottla_protocol::types::Offset;

    use super::*;

    fn message(offset: i64) -> Effect {
        Effect::AdvanceHighWatermark(Offset(offset))
    }

    #[test]
    fn a_message_waits_for_the_states_that_it_rests_on() {
        let mut outbox = Outbox::default();
        let drained = |outbox: &mut Outbox| std::iter::from_fn(|| outbox.pop()).collect::<Vec<_>>();
        outbox.send(message(0));
        let state = ElectionState::FIRST;
        outbox.persist(state.clone());
        outbox.send(message(1));
        outbox.persist(state.clone());
        outbox.send(message(2));
        let persist = |sequence| Effect::Persist { state: state.clone(), sequence };
        assert_eq!(drained(&mut outbox), [message(0), persist(1), persist(2)]);
        outbox.persisted(1);
        assert_eq!(drained(&mut outbox), [message(1)]);
        assert!(!outbox.is_durable());
        outbox.persisted(2);
        outbox.send(message(3));
        assert_eq!(drained(&mut outbox), [message(2), message(3)]);
    }
}
