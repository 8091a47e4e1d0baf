//! The last offset of each key, in memory of a fixed size.
//!
//! ```text
//! slot:  u64 hash | u64 hash | i64 offset + 1        24 bytes; all zero is empty; linear probing
//! ```
//!
//! Keys are known by a hash of 16 bytes ([`super::key_hash`]), as in Kafka, and not by themselves: so the memory for a number of
//! keys is known beforehand, whatever their sizes, and how far a round of compaction gets does not depend on them.
//!
//! Source: Kafka `SkimpyOffsetMap`.

use ottla_protocol::types::Offset;

use super::key_hash::{HashSecret, hash};

/// Bytes of a slot, as in Kafka: the same memory holds the same number of keys.
const SLOT_SIZE: u64 = 24;

type Slot = [u64; 3];

/// The map has no room for another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// Keys with the last offset of each.
#[derive(Debug)]
pub(crate) struct OffsetMap {
    secret: HashSecret,
    /// Invariant: one more slot than there can be keys, at least.
    slots: Vec<Slot>,
    keys: u64,
    keys_max: u64,
    /// Everything up to here is in the map; -1 if nothing is.
    latest: Offset,
}

impl OffsetMap {
    /// An empty map that takes `size_max` bytes of memory at most and is full when `load_factor` of it is taken. About `keys` keys
    /// will be put, at most: less memory is taken if they need less.
    pub(crate) fn new(secret: HashSecret, size_max: u64, load_factor: f64, keys: u64) -> Self {
        let slots_max = (size_max / SLOT_SIZE).max(2);
        let keys_max = ((slots_max as f64 * load_factor) as u64).clamp(1, slots_max - 1);
        // Two slots a key are fast, and memory that is never written is never taken.
        let slots = keys.saturating_mul(2).clamp(2, slots_max);
        let slots = usize::try_from(slots).unwrap_or(usize::MAX);
        Self { secret, slots: vec![[0; 3]; slots], keys: 0, keys_max, latest: Offset(-1) }
    }

    /// Says that `key` is at `offset`. Errors: another key does not fit; nothing has changed.
    pub(crate) fn put(&mut self, key: &[u8], offset: Offset) -> Result<(), Full> {
        // As in Kafka, which does not look whether the key is there.
        if self.keys >= self.keys_max {
            return Err(Full);
        }
        let hash = hash(self.secret, key);
        let at = self.find(hash);
        if self.slots[at][2] == 0 {
            if self.keys + 1 == self.slots.len() as u64 {
                return Err(Full);
            }
            self.keys += 1;
        }
        self.slots[at] = [hash[0], hash[1], offset.0 as u64 + 1];
        self.latest = offset;
        Ok(())
    }

    /// The last offset of `key`, if it is in the map.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Offset> {
        let [_, _, value] = self.slots[self.find(hash(self.secret, key))];
        (value > 0).then(|| Offset(value as i64 - 1))
    }

    /// Everything up to `offset` has been put.
    pub(crate) fn set_latest(&mut self, offset: Offset) {
        self.latest = offset;
    }

    /// The offset up to which everything has been put; -1 if nothing has.
    pub(crate) const fn latest(&self) -> Offset {
        self.latest
    }

    /// Count of keys.
    pub(crate) const fn len(&self) -> u64 {
        self.keys
    }

    /// The slot that has this hash, or the empty one where it would be.
    fn find(&self, hash: [u64; 2]) -> usize {
        let count = self.slots.len();
        let mut at = ((u128::from(hash[0]) * count as u128) >> 64) as usize;
        loop {
            let slot = &self.slots[at];
            if slot[2] == 0 || slot[..2] == hash {
                return at;
            }
            at = if at + 1 == count { 0 } else { at + 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const SECRET: HashSecret = HashSecret([7, 11]);

    #[test]
    fn the_last_offset_of_a_key_counts() {
        let mut map = OffsetMap::new(SECRET, 1 << 20, 0.9, 1000);
        let mut model = BTreeMap::new();
        for offset in 0..1000 {
            let key = (offset * 7919 % 331_i64).to_string();
            map.put(key.as_bytes(), Offset(offset)).unwrap();
            model.insert(key, offset);
        }
        assert_eq!((map.len(), map.latest()), (331, Offset(999)));
        for (key, offset) in &model {
            assert_eq!(map.get(key.as_bytes()), Some(Offset(*offset)));
        }
        assert_eq!(map.get(b"another"), None);
        assert_eq!(map.get(b""), None);
        map.set_latest(Offset(1234));
        assert_eq!(map.latest(), Offset(1234));
    }

    #[test]
    fn a_full_map_takes_nothing_more() {
        for (size_max, load_factor, keys_max) in [(24 * 100, 0.5, 50), (24 * 100, 1.0, 99), (0, 0.5, 1)] {
            let mut map = OffsetMap::new(SECRET, size_max, load_factor, u64::MAX);
            for key in 0..keys_max {
                assert_eq!(map.put(&[key], Offset(i64::from(key))), Ok(()));
            }
            assert_eq!(map.put(b"one more", Offset(500)), Err(Full));
            assert_eq!(map.put(&[0], Offset(500)), Err(Full), "as in Kafka, not even a key that is there");
            assert_eq!(map.get(&[0]), Some(Offset(0)));
            assert_eq!((map.len(), map.latest()), (u64::from(keys_max), Offset(i64::from(keys_max) - 1)));
        }
    }
}
