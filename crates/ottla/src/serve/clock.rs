//! The machine's clocks, read once per fact and handed to the core as values.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ottla_protocol::time::{Monotonic, Now, Timestamp};

/// Both clocks, with a common start for the monotonic one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    start: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(super) fn now(self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        Now {
            wall: Timestamp(i64::try_from(wall).unwrap_or(i64::MAX)),
            mono: Monotonic(u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)),
        }
    }

    /// The instant of a deadline, for the runtime's timers. A deadline that never comes is a day away.
    pub(super) fn instant(self, deadline: Monotonic) -> Instant {
        let day = Duration::from_secs(86_400);
        let latest = Instant::now() + day;
        self.start.checked_add(Duration::from_nanos(deadline.0)).map_or(latest, |at| at.min(latest))
    }
}
