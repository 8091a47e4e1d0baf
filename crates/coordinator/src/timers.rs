//! Deadlines of members and groups, on the monotonic clock.
//!
//! A member's session deadline moves with every heartbeat. So a deadline that moves *later* only changes the [`Timer`];
//! its entry in the queue stays where it is, and is moved on when it comes up. A heartbeat costs no queue operation.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_protocol::time::Monotonic;

/// Place of an entry in the queue: its time, and a number that no other entry ever had.
type Place = (Monotonic, u64);

/// One deadline, kept by whom it is about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Timer {
    /// When it is due, or `None` if it is off.
    deadline: Option<Monotonic>,
    /// Its entry in the queue. Invariant: if there is a deadline, there is an entry, and not after the deadline.
    place: Option<Place>,
}

impl Timer {
    /// Whether it runs.
    pub(crate) fn is_set(&self) -> bool {
        self.deadline.is_some()
    }
}

/// The queue of all timers of a coordinator. `K` says what an entry is about.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    queue: BTreeMap<Place, K>,
    entries_made: u64,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self { queue: BTreeMap::new(), entries_made: 0 }
    }
}

impl<K> Timers<K> {
    /// Sets `timer` to `timeout` after `now`; a negative time counts as none.
    pub(crate) fn arm(
        &mut self,
        timer: &mut Timer,
        now: Monotonic,
        timeout_ms: i64,
        key: impl FnOnce() -> K,
    ) {
        let deadline = now + Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
        timer.deadline = Some(deadline);
        if timer.place.is_some_and(|(at, _)| at <= deadline) {
            return;
        }
        self.remove_entry(timer);
        self.entries_made += 1;
        let place = (deadline, self.entries_made);
        self.queue.insert(place, key());
        timer.place = Some(place);
    }

    /// Turns `timer` off.
    pub(crate) fn cancel(&mut self, timer: &mut Timer) {
        timer.deadline = None;
        self.remove_entry(timer);
    }

    fn remove_entry(&mut self, timer: &mut Timer) {
        if let Some(place) = timer.place.take() {
            self.queue.remove(&place);
        }
    }

    /// Takes the next entry that is due at `now` out of the queue. Hand its owner's timer to [`Self::is_due`].
    pub(crate) fn pop(&mut self, now: Monotonic) -> Option<(Entry, K)> {
        let first = self.queue.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let (place, key) = first.remove_entry();
        Some((Entry(place), key))
    }

    /// Whether `timer`, whose `entry` was popped, is really due; it is off then. If its deadline has moved on, so does
    /// its entry. An entry of an owner that no longer exists (another of the same name may) is never due.
    pub(crate) fn is_due(&mut self, timer: &mut Timer, entry: &Entry, key: K, now: Monotonic) -> bool {
        if timer.place != Some(entry.0) {
            return false;
        }
        timer.place = None;
        match timer.deadline {
            None => false,
            Some(deadline) if deadline <= now => {
                timer.deadline = None;
                true
            }
            Some(deadline) => {
                self.arm(timer, deadline, 0, || key);
                false
            }
        }
    }

    /// When the next entry comes up. The timer itself may be due later.
    pub(crate) fn next(&self) -> Monotonic {
        self.queue.first_key_value().map_or(Monotonic::NEVER, |((at, _), _)| *at)
    }

    /// Number of entries.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}

/// An entry that was taken out of the queue.
#[derive(Debug)]
pub(crate) struct Entry(Place);

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn at(ms: u64) -> Monotonic {
        Monotonic(ms * MS)
    }

    /// Pops everything due at `ms`; `true` for each time that the timer was really due.
    fn due(timers: &mut Timers<&'static str>, timer: &mut Timer, ms: u64) -> Vec<bool> {
        let mut fired = Vec::new();
        while let Some((entry, key)) = timers.pop(at(ms)) {
            fired.push(timers.is_due(timer, &entry, key, at(ms)));
        }
        fired
    }

    #[test]
    fn a_timer_is_due_at_its_deadline_and_then_off() {
        let (mut timers, mut timer) = (Timers::default(), Timer::default());
        timers.arm(&mut timer, at(100), 50, || "scan");
        assert_eq!(timers.next(), at(150));
        assert_eq!(due(&mut timers, &mut timer, 149), []);
        assert_eq!(due(&mut timers, &mut timer, 150), [true]);
        assert_eq!(timer, Timer::default());
        assert_eq!(timers.next(), Monotonic::NEVER);
    }

    #[test]
    fn moving_a_deadline_later_leaves_the_entry_until_it_comes_up() {
        let (mut timers, mut timer) = (Timers::default(), Timer::default());
        timers.arm(&mut timer, at(0), 100, || "scan");
        for ms in 1..=90 {
            timers.arm(&mut timer, at(ms), 100, || unreachable!("the entry stays"));
        }
        assert_eq!(due(&mut timers, &mut timer, 100), [false]);
        assert_eq!(timers.next(), at(190));
        assert_eq!(due(&mut timers, &mut timer, 190), [true]);
    }

    #[test]
    fn moving_a_deadline_earlier_moves_the_entry() {
        let (mut timers, mut timer) = (Timers::default(), Timer::default());
        timers.arm(&mut timer, at(0), 300_000, || "scan");
        timers.arm(&mut timer, at(0), 10_000, || "scan");
        assert_eq!(timers.len(), 1);
        assert_eq!(due(&mut timers, &mut timer, 10_000), [true]);
    }

    #[test]
    fn a_cancelled_timer_is_never_due() {
        let (mut timers, mut timer) = (Timers::default(), Timer::default());
        timers.arm(&mut timer, at(0), 100, || "scan");
        timers.cancel(&mut timer);
        assert_eq!(timers.len(), 0);
        assert_eq!(due(&mut timers, &mut timer, 1_000), []);
    }

    #[test]
    fn the_entry_of_another_life_is_not_due() {
        let (mut timers, mut new) = (Timers::default(), Timer::default());
        timers.arm(&mut Timer::default(), at(0), 100, || "scan");
        timers.arm(&mut new, at(0), 100, || "scan");
        assert_eq!(due(&mut timers, &mut new, 100), [false, true]);
    }
}
