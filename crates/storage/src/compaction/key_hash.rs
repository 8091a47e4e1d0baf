//! SipHash-2-4 with 128 bits of output: what a key is known by in the offset map.
//!
//! Kafka takes MD5, for which anybody can make two keys with one hash: compaction would drop the record of one for the sake of
//! the other. With a secret that only this process knows, nobody can, and two keys of their own accord meet once in 2^64 keys.
//!
//! Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF".

/// Two words of secret, from a random source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashSecret(pub [u64; 2]);

struct State([u64; 4]);

impl State {
    fn rounds(&mut self, count: u32) {
        let [v0, v1, v2, v3] = &mut self.0;
        for _ in 0..count {
            *v0 = v0.wrapping_add(*v1);
            *v1 = v1.rotate_left(13) ^ *v0;
            *v0 = v0.rotate_left(32);
            *v2 = v2.wrapping_add(*v3);
            *v3 = v3.rotate_left(16) ^ *v2;
            *v0 = v0.wrapping_add(*v3);
            *v3 = v3.rotate_left(21) ^ *v0;
            *v2 = v2.wrapping_add(*v1);
            *v1 = v1.rotate_left(17) ^ *v2;
            *v2 = v2.rotate_left(32);
        }
    }

    fn absorb(&mut self, word: u64) {
        self.0[3] ^= word;
        self.rounds(2);
        self.0[0] ^= word;
    }

    const fn output(&self) -> u64 {
        let [v0, v1, v2, v3] = self.0;
        v0 ^ v1 ^ v2 ^ v3
    }
}

/// The hash of a key.
pub(super) fn hash(secret: HashSecret, key: &[u8]) -> [u64; 2] {
    let HashSecret([k0, k1]) = secret;
    let mut state = State([
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d ^ 0xee,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ]);
    let (words, rest) = key.as_chunks::<8>();
    words.iter().for_each(|word| state.absorb(u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = key.len() as u8;
    state.absorb(u64::from_le_bytes(last));
    state.0[2] ^= 0xee;
    state.rounds(4);
    let first = state.output();
    state.0[1] ^= 0xdd;
    state.rounds(4);
    [first, state.output()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the reference implementation: the secret is the bytes 0 to 15, the key the bytes 0 up to its length.
    #[test]
    fn hashes_are_those_of_the_reference() {
        let secret = HashSecret([0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908]);
        let hex = |length: u8| {
            let [first, second] = hash(secret, &(0..length).collect::<Vec<u8>>());
            format!("{:016x}{:016x}", first.swap_bytes(), second.swap_bytes())
        };
        assert_eq!(hex(0), "a3817f04ba25a8e66df67214c7550293");
        assert_eq!(hex(1), "da87c1d86b99af44347659119b22fc45");
    }

    #[test]
    fn every_byte_and_the_length_count() {
        let secret = HashSecret([1, 2]);
        let mut seen = std::collections::BTreeSet::new();
        for length in 0..40 {
            let mut key = vec![0; length];
            assert!(seen.insert(hash(secret, &key)));
            for at in 0..length {
                key[at] = 1;
                assert!(seen.insert(hash(secret, &key)));
                key[at] = 0;
            }
        }
    }
}
