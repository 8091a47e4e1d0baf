//! Which partition of an internal topic a group or a transactional id belongs to.

/// Index of the partition of `__consumer_offsets` (or `__transaction_state`) that serves `id`, among `count`.
///
/// `count` is the topic's number of partitions, at least 1. The hash is that of a Java `String` (over UTF-16 units);
/// its absolute value is arithmetic, and that of the smallest `i32` is 0.
/// Source: Kafka `GroupCoordinatorService.partitionFor`, `TransactionStateManager.partitionFor`, `Utils.abs`.
#[must_use]
pub fn partition_for(id: &str, count: i32) -> i32 {
    assert!(count > 0, "an internal topic has at least one partition, not {count}");
    java_string_hash(id).checked_abs().unwrap_or(0) % count
}

/// `String.hashCode` of Java: the polynomial in 31 over UTF-16 units, wrapping.
fn java_string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_that_of_a_java_string() {
        for (text, hash) in [
            ("", 0),
            ("a", 97),
            ("group", 98_629_247),
            ("console-consumer-12345", 158_455_506),
            ("grüße-\u{1f600}", 347_391_577),
            ("polygenelubricants", i32::MIN),
        ] {
            assert_eq!(java_string_hash(text), hash, "{text}");
        }
    }

    #[test]
    fn partition_is_the_arithmetic_absolute_value_of_the_hash() {
        assert_eq!(partition_for("group", 50), 47);
        assert_eq!(partition_for("polygenelubricants", 50), 0);
        assert_eq!(partition_for("anything", 1), 0);
        // A negative hash, where masking the sign away would choose partition 36.
        assert_eq!(partition_for("my-group", 50), 12);
    }
}
