//! How long to wait before the next try: doubling from a minimum to a maximum, with jitter so that clients spread out.

use std::time::Duration;

use crate::random::Random;

/// Waits of `min`, `2 min`, `4 min`, ... up to `max`, each changed by up to a fifth. Source: KIP-580.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    min: Duration,
    max: Duration,
    attempts: u32,
    random: Random,
}

impl Backoff {
    pub(crate) fn new(min: Duration, max: Duration) -> Self {
        Self { min, max: max.max(min), attempts: 0, random: Random::from_entropy() }
    }

    /// The wait before the next try; each call counts one failed try.
    pub(crate) fn next_wait(&mut self) -> Duration {
        let doubled = self.min.saturating_mul(1u32 << self.attempts.min(20));
        self.attempts = self.attempts.saturating_add(1);
        // 80 % to 120 %, in steps of a hundredth.
        let hundredths = 80 + u32::try_from(self.random.below(41)).unwrap_or(0);
        (doubled.min(self.max) * hundredths) / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_maximum_within_a_fifth() {
        let (min, max) = (Duration::from_millis(100), Duration::from_millis(1_000));
        let mut backoff = Backoff::new(min, max);
        for middle in [100, 200, 400, 800, 1_000, 1_000] {
            let wait = backoff.next_wait();
            let allowed = Duration::from_millis(middle * 8 / 10)..=Duration::from_millis(middle * 12 / 10);
            assert!(allowed.contains(&wait), "{wait:?} is not near {middle} ms");
        }
    }
}
