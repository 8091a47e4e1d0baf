//! Which partition a record goes to: the hash of its key, or, without a key, one partition at a time.

use crate::random::Random;

/// Kafka's hash of a key (`Utils.murmur2`): MurmurHash2, 32 bits, seed 0x9747b28c.
///
/// All clients that use it send equal keys to equal partitions.
#[must_use]
pub fn murmur2(data: &[u8]) -> i32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    // Java's length is an int; a longer key would not fit a record.
    let mut hash = SEED ^ data.len() as u32;
    let (words, tail) = data.as_chunks::<4>();
    for &word in words {
        let mut k = u32::from_le_bytes(word).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !tail.is_empty() {
        let mut last = [0u8; 4];
        last[..tail.len()].copy_from_slice(tail);
        hash = (hash ^ u32::from_le_bytes(last)).wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    (hash ^ (hash >> 15)) as i32
}

/// The partition that Kafka's default partitioner gives to `key` in a topic of `partition_count` partitions.
///
/// Panics if `partition_count` is not positive.
#[must_use]
pub fn partition_for_key(key: &[u8], partition_count: i32) -> i32 {
    assert!(partition_count > 0, "a topic has at least one partition");
    (murmur2(key) & i32::MAX) % partition_count
}

/// Where records without a key go: to one partition until `batch_size` bytes went there, then to another at random.
/// Large batches to few partitions cost less than small ones to all. Source: KIP-480, KIP-794.
#[derive(Debug)]
pub(crate) struct StickyPartitioner {
    batch_size: usize,
    current: Option<i32>,
    bytes: usize,
    random: Random,
}

impl StickyPartitioner {
    pub(crate) fn new(batch_size: usize, random: Random) -> Self {
        Self { batch_size, current: None, bytes: 0, random }
    }

    /// The partition of the next record, of `size` bytes, among those that have a leader (`available`, ascending).
    /// `None` if there is none.
    pub(crate) fn next(&mut self, available: &[i32], size: usize) -> Option<i32> {
        let usable = self.current.filter(|current| available.binary_search(current).is_ok());
        let partition = match usable {
            Some(current) if self.bytes < self.batch_size => current,
            previous => {
                let partition = self.draw(available, previous)?;
                self.bytes = 0;
                partition
            }
        };
        self.current = Some(partition);
        self.bytes = self.bytes.saturating_add(size);
        Some(partition)
    }

    /// Any available partition but `previous`, unless there is no other.
    fn draw(&mut self, available: &[i32], previous: Option<i32>) -> Option<i32> {
        let other_count = available.iter().filter(|&&partition| Some(partition) != previous).count();
        if other_count == 0 {
            return available.first().copied();
        }
        let chosen = self.random.below(other_count);
        available.iter().copied().filter(|&partition| Some(partition) != previous).nth(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by `org.apache.kafka.common.utils.Utils` of kafka-clients 4.3.1: `murmur2(key)` and
    /// `toPositive(murmur2(key)) % 12` of the key's UTF-8 bytes.
    const JAVA: &[(&str, i32, i32)] = &[
        ("", 275_646_681, 9),
        ("a", -1_563_381_124, 4),
        ("ab", 316_155_434, 2),
        ("abc", 479_470_107, 3),
        ("abcd", -1_323_649_548, 8),
        ("21", -973_932_308, 0),
        ("foobar", -790_332_482, 6),
        ("a-little-bit-long-string", -985_981_536, 8),
        ("a-little-bit-longer-string", -1_486_304_829, 11),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971, 5),
        ("key-0", 29_210_041, 1),
        ("key-1", 193_331_640, 0),
        ("Ottla", 699_050_325, 9),
        ("ü€😀", -1_727_201_672, 0),
    ];

    #[test]
    fn keys_hash_as_in_the_java_client() {
        for &(key, hash, partition) in JAVA {
            assert_eq!(murmur2(key.as_bytes()), hash, "{key}");
            assert_eq!(partition_for_key(key.as_bytes(), 12), partition, "{key}");
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(murmur2(&all), -1_948_347_274);
    }

    #[test]
    fn records_without_a_key_fill_a_batch_before_they_move_on() {
        let mut sticky = StickyPartitioner::new(100, Random::seeded(1));
        let partitions: Vec<i32> = (0..8).map(|_| sticky.next(&[0, 1, 2], 50).unwrap()).collect();
        for pair in partitions.chunks(2) {
            assert_eq!(pair[0], pair[1]);
        }
        for (before, after) in partitions.chunks(2).zip(partitions.chunks(2).skip(1)) {
            assert_ne!(before[0], after[0]);
        }
    }

    #[test]
    fn a_partition_that_lost_its_leader_is_left_at_once() {
        let mut sticky = StickyPartitioner::new(1_000, Random::seeded(1));
        let first = sticky.next(&[0, 1], 1).unwrap();
        let other = 1 - first;
        assert_eq!(sticky.next(&[other], 1), Some(other));
        assert_eq!(sticky.next(&[], 1), None);
    }

    #[test]
    fn a_topic_of_one_partition_always_uses_it() {
        let mut sticky = StickyPartitioner::new(10, Random::seeded(1));
        for _ in 0..5 {
            assert_eq!(sticky.next(&[3], 100), Some(3));
        }
    }
}
