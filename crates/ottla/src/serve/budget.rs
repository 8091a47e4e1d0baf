//! The memory that the connections of a shard may hold together: frames that have not arrived whole, requests that wait, and
//! responses that have not left.
//!
//! Past the budget connections that hold something take nothing more, but for one at a time: whoever has waited longest goes on
//! until it holds nothing, then the next. Connections that hold nothing go on with small requests. So the broker slows its clients down
//! and every request is answered some time, within the budget, one frame, and a few KiB of each connection.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::Waker;

/// The budget of one shard.
pub(super) struct Budget {
    /// In bytes.
    max: u64,
    held: Cell<u64>,
    queue: RefCell<Queue>,
}

#[derive(Default)]
struct Queue {
    next_ticket: u64,
    /// Connections that want to take something, by the order in which they came. The first may.
    waiting: BTreeMap<u64, Waker>,
}

impl Budget {
    pub(super) fn new(max: u64) -> Rc<Self> {
        Rc::new(Self { max, held: Cell::new(0), queue: RefCell::default() })
    }

    /// Whether nobody but the first in the queue may take anything.
    pub(super) fn is_used_up(&self) -> bool {
        self.held.get() > self.max
    }

    fn wake_first(&self) {
        if let Some((_, waker)) = self.queue.borrow().waiting.first_key_value() {
            waker.wake_by_ref();
        }
    }

    fn wake_all(&self) {
        // Whoever still finds no room queues again.
        for waker in self.queue.borrow().waiting.values() {
            waker.wake_by_ref();
        }
    }
}

/// One connection's part of the budget.
pub(super) struct Claim {
    budget: Rc<Budget>,
    held: u64,
    ticket: Option<u64>,
}

impl Claim {
    pub(super) fn new(budget: &Rc<Budget>) -> Self {
        Self { budget: Rc::clone(budget), held: 0, ticket: None }
    }

    /// Says how many bytes the connection holds now.
    pub(super) fn set(&mut self, bytes: u64) {
        if bytes == self.held {
            return;
        }
        let was_used_up = self.budget.is_used_up();
        self.budget.held.set(self.budget.held.get() - self.held + bytes);
        self.held = bytes;
        if was_used_up && !self.budget.is_used_up() {
            self.budget.wake_all();
        }
    }

    /// What the connection holds, in bytes.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// Whether the connection may take more. If not it is in the queue, and is woken when it may.
    pub(super) fn may_grow(&mut self, waker: &Waker) -> bool {
        if !self.budget.is_used_up() {
            self.leave();
            return true;
        }
        let mut queue = self.budget.queue.borrow_mut();
        let ticket = *self.ticket.get_or_insert_with(|| {
            queue.next_ticket += 1;
            queue.next_ticket
        });
        queue.waiting.insert(ticket, waker.clone());
        queue.waiting.first_key_value().is_some_and(|(first, _)| *first == ticket)
    }

    /// The connection holds next to nothing, and waits for its client: it leaves its place in the queue to the next.
    pub(super) fn leave(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.budget.queue.borrow_mut().waiting.remove(&ticket);
            self.budget.wake_first();
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.set(0);
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A connection: its claim, its waker, and how often it was woken.
    struct Connection {
        claim: Claim,
        waker: Waker,
        woken: Arc<Woken>,
    }

    impl Connection {
        fn of(budget: &Rc<Budget>) -> Self {
            let woken = Arc::new(Woken::default());
            Self { claim: Claim::new(budget), waker: Waker::from(Arc::clone(&woken)), woken }
        }

        fn may_grow(&mut self) -> bool {
            self.claim.may_grow(&self.waker)
        }

        fn times_woken(&self) -> usize {
            self.woken.0.swap(0, Ordering::Relaxed)
        }
    }

    #[test]
    fn within_the_budget_everybody_may_grow() {
        let budget = Budget::new(100);
        let (mut a, mut b) = (Connection::of(&budget), Connection::of(&budget));
        a.claim.set(60);
        b.claim.set(40);
        assert!(a.may_grow() && b.may_grow());
    }

    #[test]
    fn past_it_only_the_first_goes_on_and_then_the_next() {
        let budget = Budget::new(100);
        let [mut a, mut b, mut c] = [(); 3].map(|()| Connection::of(&budget));
        a.claim.set(101);
        assert!(b.may_grow(), "whoever asks first, whatever it holds");
        b.claim.set(50);
        assert!(!a.may_grow() && !c.may_grow() && b.may_grow());
        b.claim.set(0);
        b.claim.leave();
        assert_eq!([a.times_woken(), c.times_woken()], [1, 0], "a is the next");
        assert!(a.may_grow() && !c.may_grow());
    }

    #[test]
    fn when_there_is_room_again_everybody_is_woken() {
        let budget = Budget::new(100);
        let [mut a, mut b, mut c] = [(); 3].map(|()| Connection::of(&budget));
        a.claim.set(101);
        assert!(a.may_grow() && !b.may_grow() && !c.may_grow());
        a.claim.set(10);
        assert!(b.times_woken() == 1 && c.times_woken() == 1);
        assert!(b.may_grow() && c.may_grow() && a.may_grow());
    }

    #[test]
    fn a_connection_that_ends_gives_back_what_it_held() {
        let budget = Budget::new(100);
        let (mut a, mut b) = (Connection::of(&budget), Connection::of(&budget));
        a.claim.set(101);
        assert!(a.may_grow() && !b.may_grow());
        drop(a);
        assert!(b.times_woken() > 0 && b.may_grow() && !budget.is_used_up());
    }
}
