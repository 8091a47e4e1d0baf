//! Random election timeouts from the seed that the host gives, so that every election can be repeated.

use std::time::Duration;

/// A SplitMix64 generator. Not for secrets.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 if that is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next_u64().checked_rem(bound).unwrap_or(0)
    }

    /// A time in `[least, 2 * least)`.
    pub(super) fn between_once_and_twice(&mut self, least: Duration) -> Duration {
        let nanos = u64::try_from(least.as_nanos()).unwrap_or(u64::MAX);
        least + Duration::from_nanos(self.below(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_random_in_their_range_and_repeatable() {
        let least = Duration::from_millis(1000);
        let draw = |seed| {
            let mut random = Random::new(seed);
            (0..50).map(|_| random.between_once_and_twice(least)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(3).iter().all(|timeout| (least..2 * least).contains(timeout)));
        assert_eq!(Random::new(1).between_once_and_twice(Duration::ZERO), Duration::ZERO);
    }
}
