//! Which names a topic may have. Source: Kafka `Topic`.

/// Longest name, in bytes: the folder `<name>-<partition>.<32 characters>-delete` must fit a file name.
pub const NAME_LENGTH_MAX: usize = 249;

/// Names of the topics that Kafka keeps for itself and clients may not write to.
pub const INTERNAL_TOPICS: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// Name of the metadata log, which is no topic.
pub const CLUSTER_METADATA: &str = "__cluster_metadata";

/// Whether Kafka keeps the topic for itself.
#[must_use]
pub fn is_internal(name: &str) -> bool {
    INTERNAL_TOPICS.contains(&name)
}

/// Whether a topic may have this name; the refusal is in Kafka's words.
///
/// Errors: the name is empty, `.` or `..`, longer than [`NAME_LENGTH_MAX`], or has other characters than ASCII letters,
/// digits, `.`, `_` and `-`.
pub fn validate(name: &str) -> Result<(), String> {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let reason = if name.is_empty() {
        "the empty string is not allowed".to_string()
    } else if name == "." {
        "'.' is not allowed".to_string()
    } else if name == ".." {
        "'..' is not allowed".to_string()
    } else if name.encode_utf16().count() > NAME_LENGTH_MAX {
        format!("the length of '{name}' is longer than the max allowed length {NAME_LENGTH_MAX}")
    } else if !name.bytes().all(is_valid) {
        format!("'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'")
    } else {
        return Ok(());
    };
    Err(format!("Topic name is invalid: {reason}"))
}

/// Whether the name has characters that metric names cannot tell apart.
#[must_use]
pub fn has_collision_chars(name: &str) -> bool {
    name.contains(['.', '_'])
}

/// The name as metrics show it: two topics may not have the same.
#[must_use]
pub fn unify_collision_chars(name: &str) -> String {
    name.replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_accepted_and_refused_as_by_kafka() {
        for name in ["a", "A.b_c-9", "__consumer_offsets", &"x".repeat(249)] {
            assert_eq!(validate(name), Ok(()), "{name}");
        }
        for (name, reason) in [
            ("", "the empty string is not allowed"),
            (".", "'.' is not allowed"),
            ("..", "'..' is not allowed"),
            ("a b", "'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"),
            ("ä", "'ä' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"),
        ] {
            assert_eq!(validate(name), Err(format!("Topic name is invalid: {reason}")));
        }
        assert!(
            validate(&"x".repeat(250)).unwrap_err().ends_with("is longer than the max allowed length 249")
        );
    }

    #[test]
    fn dots_and_underscores_collide() {
        assert_eq!(unify_collision_chars("a.b_c"), "a_b_c");
        assert!(has_collision_chars("a_b") && has_collision_chars("a.b") && !has_collision_chars("a-b"));
    }
}
