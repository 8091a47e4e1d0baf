//! When the next request is due, at a constant rate.
//!
//! The runtime's timers tick in milliseconds, which is longer than a request takes. So a thread of its own waits, with a timer
//! slack of a nanosecond, and wakes the runtime.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Shortest time between two ticks. At higher rates a tick is good for several requests.
const TICK_MIN: Duration = Duration::from_micros(50);
/// Longest time for which the thread waits without looking whether it should end.
const WAIT_MAX: Duration = Duration::from_millis(10);

/// The requests of one connection that are due and not sent, with the time at which they were due.
#[derive(Clone, Debug, Default)]
pub struct DueQueue(Rc<RefCell<Due>>);

#[derive(Debug, Default)]
struct Due {
    times: VecDeque<Instant>,
    waker: Option<Waker>,
    is_over: bool,
}

impl DueQueue {
    /// The time at which the oldest unsent request was due; `None` if there will be no more.
    pub fn poll_due(&self, context: &Context<'_>) -> Poll<Option<Instant>> {
        let mut due = self.0.borrow_mut();
        match due.times.pop_front() {
            Some(time) => Poll::Ready(Some(time)),
            None if due.is_over => Poll::Ready(None),
            None => {
                due.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn push(&self, time: Instant) {
        let mut due = self.0.borrow_mut();
        due.times.push_back(time);
        if let Some(waker) = due.waker.take() {
            waker.wake();
        }
    }

    /// No further request will be due, and those that are do not matter.
    pub fn end(&self) {
        let mut due = self.0.borrow_mut();
        due.is_over = true;
        due.times.clear();
        if let Some(waker) = due.waker.take() {
            waker.wake();
        }
    }
}

/// Makes `rate` requests a second due, spread evenly over `queues`, until it is dropped.
pub async fn run(rate: f64, queues: &[DueQueue]) -> anyhow::Result<()> {
    let started = Instant::now();
    let ticker = Ticker::start(started, Duration::from_secs_f64(1.0 / rate).max(TICK_MIN))?;
    let mut count: u64 = 0;
    loop {
        ticker.tick.notified().await;
        let elapsed = started.elapsed().as_secs_f64();
        // The clock decides, not the count of ticks: a late tick does not slow the load down.
        while (count as f64) < elapsed * rate {
            let due = started + Duration::from_secs_f64(count as f64 / rate);
            let index = usize::try_from(count % queues.len() as u64)?;
            queues[index].push(due);
            count += 1;
        }
    }
}

/// A thread that ticks. It ends, and is joined, with this.
struct Ticker {
    tick: Arc<Notify>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(started: Instant, period: Duration) -> anyhow::Result<Self> {
        let (tick, is_over) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let (thread_tick, thread_is_over) = (Arc::clone(&tick), Arc::clone(&is_over));
        let thread = std::thread::Builder::new().name("pace".to_owned()).spawn(move || {
            // Without it, a wait ends up to 50 microseconds late; it is no more than that.
            let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
            let mut next = started;
            while !thread_is_over.load(Ordering::Relaxed) {
                let now = Instant::now();
                if now < next {
                    std::thread::sleep((next - now).min(WAIT_MAX));
                    continue;
                }
                thread_tick.notify_one();
                next = (next + period).max(now);
            }
        })?;
        Ok(Self { tick, is_over, thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It cannot panic; if it did, its load is over anyway.
            let _ = thread.join();
        }
    }
}
