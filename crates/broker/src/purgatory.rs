//! Where requests wait: each with a deadline, found again by id, none kept twice.
//!
//! Whoever could complete a waiting request keeps its [`ParkedId`]; an id whose request has been answered meanwhile
//! finds nothing. The number of waiting requests is bounded by the requests in flight per connection.

use std::collections::BTreeSet;

use ottla_protocol::time::Monotonic;
use slab::Slab;

use crate::effect::ConnectionId;

/// Names a waiting request. Never finds another one, even after its place is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParkedId {
    index: usize,
    generation: u64,
}

impl ParkedId {
    const FIRST: Self = Self { index: 0, generation: 0 };
    const LAST: Self = Self { index: usize::MAX, generation: u64::MAX };
}

struct Parked<T> {
    generation: u64,
    deadline: Monotonic,
    connection: Option<ConnectionId>,
    waiting: T,
}

/// The waiting requests of one shard.
pub struct Purgatory<T> {
    parked: Slab<Parked<T>>,
    deadlines: BTreeSet<(Monotonic, ParkedId)>,
    by_connection: BTreeSet<(ConnectionId, ParkedId)>,
    generation: u64,
}

impl<T> Default for Purgatory<T> {
    fn default() -> Self {
        Self {
            parked: Slab::new(),
            deadlines: BTreeSet::new(),
            by_connection: BTreeSet::new(),
            generation: 0,
        }
    }
}

impl<T> Purgatory<T> {
    /// Parks a request until `deadline` at the latest. `connection` is where its client waits, if that is here.
    pub fn park(&mut self, waiting: T, deadline: Monotonic, connection: Option<ConnectionId>) -> ParkedId {
        self.generation += 1;
        let generation = self.generation;
        let index = self.parked.insert(Parked { generation, deadline, connection, waiting });
        let id = ParkedId { index, generation };
        self.deadlines.insert((deadline, id));
        self.by_connection.extend(connection.map(|connection| (connection, id)));
        id
    }

    /// Gives a request another deadline, if it still waits.
    pub fn set_deadline(&mut self, id: ParkedId, deadline: Monotonic) {
        if let Some(parked) = self.parked.get_mut(id.index)
            && parked.generation == id.generation
            && parked.deadline != deadline
        {
            self.deadlines.remove(&(parked.deadline, id));
            self.deadlines.insert((deadline, id));
            parked.deadline = deadline;
        }
    }

    /// The request that waits under `id`, if it still does.
    pub fn get_mut(&mut self, id: ParkedId) -> Option<&mut T> {
        let parked = self.parked.get_mut(id.index)?;
        (parked.generation == id.generation).then_some(&mut parked.waiting)
    }

    /// Whether the request still waits.
    #[must_use]
    pub fn contains(&self, id: ParkedId) -> bool {
        self.parked.get(id.index).is_some_and(|parked| parked.generation == id.generation)
    }

    /// Takes the request out, if it still waits.
    pub fn take(&mut self, id: ParkedId) -> Option<T> {
        if !self.contains(id) {
            return None;
        }
        let parked = self.parked.remove(id.index);
        self.deadlines.remove(&(parked.deadline, id));
        if let Some(connection) = parked.connection {
            self.by_connection.remove(&(connection, id));
        }
        Some(parked.waiting)
    }

    /// Lets go of all requests of a connection: nobody waits for their responses.
    pub fn forget(&mut self, connection: ConnectionId) {
        let all = (connection, ParkedId::FIRST)..=(connection, ParkedId::LAST);
        let ids: Vec<ParkedId> = self.by_connection.range(all).map(|(_, id)| *id).collect();
        for id in ids {
            self.take(id);
        }
    }

    /// A request whose deadline is not after `now`, earliest first. It stays parked: take it by its id.
    #[must_use]
    pub fn first_due(&self, now: Monotonic) -> Option<ParkedId> {
        self.deadlines.first().filter(|(deadline, _)| *deadline <= now).map(|(_, id)| *id)
    }

    /// When the next request must be answered at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Monotonic> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// The ids of all waiting requests for which `wanted` holds.
    pub fn ids_where(&self, mut wanted: impl FnMut(&T) -> bool) -> Vec<ParkedId> {
        let parked = self.parked.iter().filter(|(_, parked)| wanted(&parked.waiting));
        parked.map(|(index, parked)| ParkedId { index, generation: parked.generation }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_finds_its_request_once_and_never_another() {
        let mut purgatory = Purgatory::default();
        let first = purgatory.park("first", Monotonic(10), None);
        assert_eq!(purgatory.take(first), Some("first"));
        let second = purgatory.park("second", Monotonic(20), None);
        assert_eq!(purgatory.take(first), None, "the place is the same, the request is not");
        assert_eq!(purgatory.get_mut(second), Some(&mut "second"));
    }

    #[test]
    fn the_earliest_deadline_is_due_first() {
        let mut purgatory = Purgatory::default();
        let late = purgatory.park("late", Monotonic(30), None);
        let early = purgatory.park("early", Monotonic(10), None);
        assert_eq!(purgatory.next_deadline(), Some(Monotonic(10)));
        assert_eq!(purgatory.first_due(Monotonic(9)), None);
        assert_eq!(purgatory.first_due(Monotonic(10)), Some(early));
        purgatory.take(early);
        assert_eq!(purgatory.first_due(Monotonic(40)), Some(late));
        purgatory.take(late);
        assert_eq!(purgatory.next_deadline(), None);
    }

    #[test]
    fn a_deadline_can_be_moved() {
        let mut purgatory = Purgatory::default();
        let id = purgatory.park("moved", Monotonic(10), None);
        purgatory.set_deadline(id, Monotonic(20));
        assert_eq!(purgatory.first_due(Monotonic(19)), None);
        assert_eq!(purgatory.first_due(Monotonic(20)), Some(id));
        purgatory.take(id);
        purgatory.set_deadline(id, Monotonic(5));
        assert_eq!(purgatory.next_deadline(), None, "whoever waits no longer has no deadline");
    }

    #[test]
    fn a_closed_connection_takes_its_own_requests_along_and_no_others() {
        let mut purgatory = Purgatory::default();
        let [gone, stays] = [ConnectionId(1), ConnectionId(2)];
        let ids = [Some(gone), Some(stays), None, Some(gone)].map(|at| purgatory.park((), Monotonic(9), at));
        purgatory.forget(gone);
        assert_eq!(ids.map(|id| purgatory.contains(id)), [false, true, true, false]);
    }
}
