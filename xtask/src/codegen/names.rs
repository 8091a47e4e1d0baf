//! From Kafka's names to Rust's.

/// Kafka's `CamelCase` or `camelCase` name in `snake_case`. `KRaft` and `2Pc` are words.
pub fn snake(name: &str) -> String {
    let name = name.replace("KRaft", "Kraft").replace("2Pc", "2pc");
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, &character) in characters.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| characters[i]);
        let after = characters.get(i + 1);
        let starts_word = match before {
            None => false,
            Some(before) if character.is_ascii_uppercase() => {
                !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
            }
            // A number that begins a word of its own: `enable_2pc`, but `v3_and_below`.
            Some(before) => {
                character.is_ascii_digit()
                    && before.is_ascii_lowercase()
                    && after.is_some_and(char::is_ascii_lowercase)
            }
        };
        if starts_word {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

/// The Rust name of a field; a keyword is written raw.
pub fn field(name: &str) -> String {
    match snake(name) {
        name if matches!(name.as_str(), "type" | "match") => format!("r#{name}"),
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_words() {
        for (kafka, rust) in [
            ("TimeoutMs", "timeout_ms"),
            ("timeoutMs", "timeout_ms"),
            ("V3AndBelowTopics", "v3_and_below_topics"),
            ("Enable2Pc", "enable_2pc"),
            ("KRaftVersionRecord", "kraft_version_record"),
            ("OffsetForLeaderEpochRequest", "offset_for_leader_epoch_request"),
        ] {
            assert_eq!(snake(kafka), rust);
        }
    }
}
