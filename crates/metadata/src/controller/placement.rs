//! Which brokers get the replicas of new partitions: striped over racks, and within a rack over brokers.
//!
//! Source: Kafka `StripedReplicaPlacer`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::types::BrokerId;

use crate::random::Random;

/// A broker that may get replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UsableBroker {
    pub(super) id: BrokerId,
    pub(super) rack: Option<Arc<str>>,
    pub(super) is_fenced: bool,
}

/// Replicas of `partition_count` new partitions, the preferred leader of each first.
///
/// Errors: why `replication_factor` replicas are not to be had, in Kafka's words.
pub(super) fn place(
    brokers: impl Iterator<Item = UsableBroker>,
    partition_count: usize,
    replication_factor: i16,
    random: &mut Random,
) -> Result<Vec<Vec<BrokerId>>, String> {
    let mut racks = RackList::new(brokers, random);
    let Ok(replica_count @ 1..) = usize::try_from(replication_factor) else {
        return Err(format!(
            "Invalid replication factor {replication_factor}: the replication factor must be positive."
        ));
    };
    if racks.unfenced_count == 0 {
        return Err("All brokers are currently fenced, or have all their log directories cordoned.".into());
    }
    if replica_count > racks.total_count {
        return Err(format!(
            "The target replication factor of {replication_factor} cannot be reached because only {} broker(s) are \
             registered or some brokers have all their log directories cordoned.",
            racks.total_count
        ));
    }
    Ok((0..partition_count).map(|_| racks.place(replica_count, random)).collect())
}

/// Brokers of one rack that are all fenced, or all not. Reads begin anew, one broker further on, in each epoch.
#[derive(Debug, Default)]
struct BrokerList {
    brokers: Vec<BrokerId>,
    epoch: usize,
    index: usize,
    offset: usize,
}

impl BrokerList {
    fn initialize(&mut self, random: &mut Random) {
        if !self.brokers.is_empty() {
            self.brokers.sort_unstable();
            self.offset = random.below(self.brokers.len());
        }
    }

    fn next(&mut self, epoch: usize) -> Option<BrokerId> {
        if self.brokers.is_empty() {
            return None;
        }
        if self.epoch != epoch {
            self.epoch = epoch;
            self.index = 0;
            self.offset = (self.offset + 1) % self.brokers.len();
        }
        if self.index >= self.brokers.len() {
            return None;
        }
        let broker = self.brokers[(self.index + self.offset) % self.brokers.len()];
        self.index += 1;
        Some(broker)
    }
}

#[derive(Debug, Default)]
struct Rack {
    unfenced: BrokerList,
    fenced: BrokerList,
}

#[derive(Debug)]
struct RackList {
    racks: Vec<Rack>,
    total_count: usize,
    unfenced_count: usize,
    /// Count of partitions placed since the last shuffle.
    epoch: usize,
    /// Where the next partition begins.
    offset: usize,
}

impl RackList {
    fn new(brokers: impl Iterator<Item = UsableBroker>, random: &mut Random) -> Self {
        // `None`, the rack of brokers without one, sorts first.
        let mut racks: BTreeMap<Option<Arc<str>>, Rack> = BTreeMap::new();
        let (mut total_count, mut unfenced_count) = (0, 0);
        for broker in brokers {
            let rack = racks.entry(broker.rack).or_default();
            let list = if broker.is_fenced { &mut rack.fenced } else { &mut rack.unfenced };
            list.brokers.push(broker.id);
            total_count += 1;
            unfenced_count += usize::from(!broker.is_fenced);
        }
        let mut racks: Vec<Rack> = racks.into_values().collect();
        for rack in &mut racks {
            rack.fenced.initialize(random);
            rack.unfenced.initialize(random);
        }
        let offset = if racks.is_empty() { 0 } else { random.below(racks.len()) };
        Self { racks, total_count, unfenced_count, epoch: 0, offset }
    }

    /// Replicas of the next partition. There is an unfenced broker, and there are `replica_count` brokers in all.
    fn place(&mut self, replica_count: usize, random: &mut Random) -> Vec<BrokerId> {
        if self.epoch == self.unfenced_count && self.unfenced_count > 1 {
            self.shuffle(random);
            self.epoch = 0;
        }
        if self.offset == self.racks.len() {
            self.offset = 0;
        }
        let mut replicas = Vec::with_capacity(replica_count);
        let mut first_rack = self.offset;
        loop {
            if let Some(broker) = self.racks[first_rack].unfenced.next(self.epoch) {
                replicas.push(broker);
                break;
            }
            first_rack = (first_rack + 1) % self.racks.len();
        }
        let mut skipped = Some(first_rack);
        let mut index = self.offset;
        while replicas.len() < replica_count {
            if skipped == Some(index) {
                // The rack of the first replica has had its turn, once.
                skipped = None;
            } else {
                let rack = &mut self.racks[index];
                let broker = rack.unfenced.next(self.epoch).or_else(|| rack.fenced.next(self.epoch));
                replicas.extend(broker);
            }
            index = (index + 1) % self.racks.len();
        }
        self.epoch += 1;
        self.offset += 1;
        replicas
    }

    fn shuffle(&mut self, random: &mut Random) {
        random.shuffle(&mut self.racks);
        for rack in &mut self.racks {
            random.shuffle(&mut rack.fenced.brokers);
            random.shuffle(&mut rack.unfenced.brokers);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// `id`, or `id@rack`, with `!` behind it if the broker is fenced.
    fn brokers(text: &str) -> Vec<UsableBroker> {
        text.split_whitespace()
            .map(|item| {
                let (item, is_fenced) = item.strip_suffix('!').map_or((item, false), |item| (item, true));
                let (id, rack) =
                    item.split_once('@').map_or((item, None), |(id, rack)| (id, Some(rack.into())));
                UsableBroker { id: BrokerId(id.parse().unwrap()), rack, is_fenced }
            })
            .collect()
    }

    fn placed(text: &str, partitions: usize, factor: i16, seed: u64) -> Result<Vec<Vec<i32>>, String> {
        let placed = place(brokers(text).into_iter(), partitions, factor, &mut Random::new(seed))?;
        Ok(placed.into_iter().map(|replicas| replicas.into_iter().map(|id| id.0).collect()).collect())
    }

    #[test]
    fn no_broker_twice_and_no_fenced_broker_first() {
        for seed in 0..200 {
            for text in ["1 2! 3 4! 5", "1@a 2@a 3@b! 4@b 5@c!", "1! 2@a 3@b 4@b 5@b!"] {
                for replicas in placed(text, 12, 4, seed).unwrap() {
                    let distinct: BTreeSet<_> = replicas.iter().collect();
                    assert_eq!(distinct.len(), 4, "{text}: {replicas:?}");
                    let leader = brokers(text).into_iter().find(|broker| broker.id.0 == replicas[0]).unwrap();
                    assert!(!leader.is_fenced, "{text}: {replicas:?}");
                }
            }
        }
    }

    #[test]
    fn one_rack_gives_consecutive_brokers_from_a_start_that_moves() {
        for seed in 0..50 {
            let placed = placed("1 2 3 4", 4, 3, seed).unwrap();
            let next = |id: i32| id % 4 + 1;
            for (index, replicas) in placed.iter().enumerate() {
                assert_eq!(replicas[1], next(replicas[0]));
                assert_eq!(replicas[2], next(replicas[1]));
                if index > 0 {
                    assert_eq!(replicas[0], next(placed[index - 1][0]));
                }
            }
        }
    }

    #[test]
    fn the_leader_rack_rotates_and_replicas_spread_over_racks() {
        let rack_of = |id: i32| (id - 1) / 2;
        for seed in 0..50 {
            let placed = placed("1@a 2@a 3@b 4@b 5@c 6@c", 3, 3, seed).unwrap();
            let leaders: BTreeSet<_> = placed.iter().map(|replicas| rack_of(replicas[0])).collect();
            assert_eq!(leaders.len(), 3);
            for replicas in &placed {
                let racks: BTreeSet<_> = replicas.iter().copied().map(rack_of).collect();
                assert_eq!(racks.len(), 3, "{replicas:?}");
            }
        }
    }

    #[test]
    fn leaders_are_even_over_many_partitions() {
        let placed = placed("1 2 3", 300, 2, 7).unwrap();
        for broker in 1..=3 {
            assert_eq!(placed.iter().filter(|replicas| replicas[0] == broker).count(), 100);
        }
    }

    #[test]
    fn a_single_broker_gets_everything() {
        assert_eq!(placed("7", 3, 1, 1).unwrap(), [[7], [7], [7]]);
    }

    #[test]
    fn impossible_factors_are_refused_in_kafkas_words() {
        assert_eq!(
            placed("1 2", 1, 3, 0).unwrap_err(),
            "The target replication factor of 3 cannot be reached because only 2 broker(s) are registered or some \
             brokers have all their log directories cordoned."
        );
        assert_eq!(
            placed("1! 2!", 1, 1, 0).unwrap_err(),
            "All brokers are currently fenced, or have all their log directories cordoned."
        );
        assert!(placed("1", 1, 0, 0).unwrap_err().contains("must be positive"));
    }
}
