//! Member ids that nobody guesses by accident, from one seed.

use ottla_protocol::types::Uuid;

/// Makes member ids. The same seed makes the same ids.
#[derive(Debug)]
pub(super) struct MemberIds {
    state: u64,
}

impl MemberIds {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Makes the ids of this life of a coordinator differ from those of an earlier one that had the same seed.
    pub(super) fn stir(&mut self, entropy: u64) {
        self.state = self.next_u64() ^ entropy;
    }

    /// `<prefix>-<random uuid>`; the prefix is the member's instance id, or else the client id.
    /// Source: Kafka `ClassicGroup.generateMemberId`.
    pub(super) fn next(&mut self, prefix: &str) -> String {
        let bits = (u128::from(self.next_u64()) << 64) | u128::from(self.next_u64());
        // A version 4 uuid, as `java.util.UUID.randomUUID` makes.
        let id = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{id:032x}");
        format!("{prefix}-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// A random id in Kafka's own form of 22 characters. Source: Kafka `Uuid.randomUuid`.
    pub(super) fn next_uuid(&mut self) -> String {
        loop {
            let bits = (u128::from(self.next_u64()) << 64) | u128::from(self.next_u64());
            if let Some(id) = Uuid::from_random_bits(bits) {
                return id.to_string();
            }
        }
    }

    /// SplitMix64: each output is a bijection of a counter, so no id comes twice in 2^63 calls.
    fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_prefix_and_a_version_4_uuid() {
        let mut ids = MemberIds::new(7);
        let id = ids.next("consumer-a-1");
        let uuid = id.strip_prefix("consumer-a-1-").unwrap();
        let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]), "{uuid}");
        assert_ne!(ids.next("consumer-a-1"), id);
        assert_eq!(MemberIds::new(7).next("consumer-a-1"), id);
    }
}
