//! How a value is parsed, checked against its key, and written.
//!
//! Source: Kafka `ConfigDef.parseType`, its `Validator`s and `ConfigException`: the messages are the same.

use std::borrow::Cow;
use std::fmt;

use super::definition::{ConfigDef, ConfigType, EmptyList, Validator};

/// A parsed value.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigValue {
    /// See [`ConfigType::Boolean`].
    Boolean(bool),
    /// See [`ConfigType::Int`].
    Int(i32),
    /// See [`ConfigType::Short`].
    Short(i16),
    /// See [`ConfigType::Long`].
    Long(i64),
    /// See [`ConfigType::Double`].
    Double(f64),
    /// See [`ConfigType::String`] and [`ConfigType::Class`].
    Text(String),
    /// See [`ConfigType::List`].
    List(Vec<String>),
    /// See [`ConfigType::Password`].
    Password(String),
}

/// A value that its key does not admit, in the words of Kafka's `ConfigException`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidConfig(pub String);

impl InvalidConfig {
    fn new(name: &str, value: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self(format!("Invalid value {value} for configuration {name}: {reason}"))
    }
}

impl ConfigDef {
    /// Parses a value and checks it.
    ///
    /// Errors: the value is not of the key's type, or its validator refuses it.
    pub fn parse(&self, text: &str) -> Result<ConfigValue, InvalidConfig> {
        let value = self.parse_type(text)?;
        self.validate(&value)?;
        Ok(value)
    }

    fn parse_type(&self, text: &str) -> Result<ConfigValue, InvalidConfig> {
        let trimmed = text.trim();
        let not_a_number = || {
            InvalidConfig::new(
                self.name,
                text,
                format_args!("Not a number of type {}", self.value_type.name()),
            )
        };
        Ok(match self.value_type {
            ConfigType::Boolean if trimmed.eq_ignore_ascii_case("true") => ConfigValue::Boolean(true),
            ConfigType::Boolean if trimmed.eq_ignore_ascii_case("false") => ConfigValue::Boolean(false),
            ConfigType::Boolean => {
                return Err(InvalidConfig::new(self.name, text, "Expected value to be either true or false"));
            }
            ConfigType::Int => ConfigValue::Int(trimmed.parse().map_err(|_| not_a_number())?),
            ConfigType::Short => ConfigValue::Short(trimmed.parse().map_err(|_| not_a_number())?),
            ConfigType::Long => ConfigValue::Long(trimmed.parse().map_err(|_| not_a_number())?),
            ConfigType::Double => ConfigValue::Double(trimmed.parse().map_err(|_| not_a_number())?),
            ConfigType::String | ConfigType::Class => ConfigValue::Text(trimmed.to_string()),
            ConfigType::Password => ConfigValue::Password(trimmed.to_string()),
            ConfigType::List => ConfigValue::List(self.parse_list(trimmed)),
        })
    }

    /// Items of a list. A key whose list has a validator drops repeated items, as Kafka does.
    fn parse_list(&self, trimmed: &str) -> Vec<String> {
        if trimmed.is_empty() {
            return Vec::new();
        }
        let mut items: Vec<String> = trimmed.split(',').map(|item| item.trim().to_string()).collect();
        if matches!(self.validator, Validator::ListOf(..)) {
            let mut seen = std::collections::BTreeSet::new();
            items.retain(|item| seen.insert(item.clone()));
        }
        items
    }

    fn validate(&self, value: &ConfigValue) -> Result<(), InvalidConfig> {
        let name = self.name;
        match (self.validator, value) {
            (Validator::AtLeast(min), _) => self.check_range(value, min, f64::INFINITY),
            (Validator::Between(min, max), _) => self.check_range(value, min, max),
            (Validator::BetweenOr(min, max, other), ConfigValue::Int(level)) => {
                let level = f64::from(*level);
                if level > max || (level < min && level != other) {
                    let reason = format_args!("Value must be between {min} and {max} or equal to {other}");
                    return Err(InvalidConfig::new(name, level, reason));
                }
                Ok(())
            }
            (Validator::OneOf(allowed), ConfigValue::Text(text)) => check_one_of(name, text, allowed),
            (Validator::OneOfAnyCase(allowed), ConfigValue::Text(text)) => {
                if allowed.iter().any(|candidate| candidate.eq_ignore_ascii_case(text)) {
                    return Ok(());
                }
                let reason = format_args!("String must be one of (case insensitive): {}", allowed.join(", "));
                Err(InvalidConfig::new(name, text, reason))
            }
            (Validator::ListOf(empty, allowed), ConfigValue::List(items)) => {
                check_list(name, items, empty, allowed)
            }
            (Validator::NotEmptyText, ConfigValue::Text(text)) if text.is_empty() => {
                Err(InvalidConfig::new(name, "", "String must be non-empty"))
            }
            (Validator::ThrottledReplicas, ConfigValue::List(items)) => check_throttled_replicas(name, items),
            (Validator::QuorumVoters, ConfigValue::List(items)) => check_quorum_voters(name, items),
            (Validator::OffsetReset, ConfigValue::Text(text)) => check_offset_reset(name, text),
            _ => Ok(()),
        }
    }

    fn check_range(&self, value: &ConfigValue, min: f64, max: f64) -> Result<(), InvalidConfig> {
        // Kafka compares as doubles too.
        #[allow(clippy::cast_precision_loss)]
        let number = match value {
            ConfigValue::Int(number) => f64::from(*number),
            ConfigValue::Short(number) => f64::from(*number),
            ConfigValue::Long(number) => *number as f64,
            ConfigValue::Double(number) => *number,
            _ => return Ok(()),
        };
        if number < min {
            return Err(InvalidConfig::new(self.name, value, format_args!("Value must be at least {min}")));
        }
        if number > max {
            return Err(InvalidConfig::new(
                self.name,
                value,
                format_args!("Value must be no more than {max}"),
            ));
        }
        Ok(())
    }
}

fn check_one_of(name: &str, text: &str, allowed: &[&str]) -> Result<(), InvalidConfig> {
    if allowed.contains(&text) {
        return Ok(());
    }
    Err(InvalidConfig::new(name, text, format_args!("String must be one of: {}", allowed.join(", "))))
}

fn check_list(name: &str, items: &[String], empty: EmptyList, allowed: &[&str]) -> Result<(), InvalidConfig> {
    if items.is_empty() && empty == EmptyList::NotEmpty {
        let valid = match allowed {
            [] => Cow::from("any non-empty value"),
            _ => Cow::from(format!("[{}]", allowed.join(", "))),
        };
        return Err(InvalidConfig(format!(
            "Configuration '{name}' must not be empty. Valid values include: {valid}"
        )));
    }
    for item in items {
        if item.is_empty() {
            return Err(InvalidConfig(format!("Configuration '{name}' values must not be empty.")));
        }
        if !allowed.is_empty() {
            check_one_of(name, item, allowed)?;
        }
    }
    Ok(())
}

fn check_throttled_replicas(name: &str, items: &[String]) -> Result<(), InvalidConfig> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_replica = |item: &String| {
        item.is_empty()
            || item
                .split_once(':')
                .is_some_and(|(partition, broker)| is_number(partition) && is_number(broker))
    };
    if items.iter().all(is_replica) || items.concat() == "*" {
        return Ok(());
    }
    let reason = format_args!(
        "{name} must be the literal '*' or a list of replicas in the following format: \
         [partitionId]:[brokerId],[partitionId]:[brokerId],..."
    );
    Err(InvalidConfig::new(name, format_args!("[{}]", items.join(", ")), reason))
}

fn check_quorum_voters(name: &str, items: &[String]) -> Result<(), InvalidConfig> {
    for item in items {
        let valid = item.split_once('@').is_some_and(|(id, address)| {
            id.parse::<u31::NodeId>().is_ok()
                && address
                    .rsplit_once(':')
                    .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        });
        if !valid {
            let reason = "Each voter must have the form {id}@{host}:{port}";
            return Err(InvalidConfig::new(name, format_args!("[{}]", items.join(", ")), reason));
        }
    }
    Ok(())
}

/// Node ids are integers of 31 bits.
mod u31 {
    pub struct NodeId;

    impl std::str::FromStr for NodeId {
        type Err = ();

        fn from_str(text: &str) -> Result<Self, ()> {
            text.parse::<i32>().ok().filter(|id| *id >= 0).map(|_| Self).ok_or(())
        }
    }
}

fn check_offset_reset(name: &str, text: &str) -> Result<(), InvalidConfig> {
    let is_duration = |text: &str| text.starts_with('P') || text.starts_with('p');
    let by_duration = text.strip_prefix("by_duration:").is_some_and(is_duration);
    if by_duration || ["latest", "earliest"].contains(&text) {
        return Ok(());
    }
    let reason = format_args!(
        "Invalid value {text} for configuration {name}. The value must be either 'earliest', 'latest' or of the \
         format 'by_duration:<PnDTnHnMn.nS.>'."
    );
    Err(InvalidConfig::new(name, text, reason))
}

impl fmt::Display for ConfigValue {
    /// The value as Kafka's `ConfigDef.convertToString` writes it. Passwords show as `[hidden]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Short(value) => value.fmt(f),
            Self::Long(value) => value.fmt(f),
            Self::Double(value) => f.write_str(&double_text(*value)),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => f.write_str(&items.join(",")),
            Self::Password(_) => f.write_str("[hidden]"),
        }
    }
}

/// A number as Java's `Double.toString` writes it.
#[must_use]
pub fn double_text(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN".into()
        } else {
            format!("{}Infinity", if value < 0.0 { "-" } else { "" })
        };
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{broker_def, topic_def};

    fn topic_error(name: &str, text: &str) -> String {
        topic_def(name).unwrap().parse(text).unwrap_err().to_string()
    }

    #[test]
    fn values_parse_by_type() {
        let parse = |name: &str, text: &str| topic_def(name).unwrap().parse(text).unwrap();
        assert_eq!(parse("retention.ms", " -1 "), ConfigValue::Long(-1));
        assert_eq!(parse("preallocate", "TRUE"), ConfigValue::Boolean(true));
        assert_eq!(parse("min.cleanable.dirty.ratio", "1"), ConfigValue::Double(1.0));
        let list = |items: &[&str]| ConfigValue::List(items.iter().map(ToString::to_string).collect());
        assert_eq!(parse("cleanup.policy", " compact , delete,compact "), list(&["compact", "delete"]));
        assert_eq!(parse("cleanup.policy", ""), list(&[]));
        assert_eq!(parse("leader.replication.throttled.replicas", "0:1,2:3"), list(&["0:1", "2:3"]));
        assert_eq!(parse("leader.replication.throttled.replicas", "*"), list(&["*"]));
    }

    #[test]
    fn refusals_are_in_kafkas_words() {
        for (name, text, expected) in [
            (
                "retention.ms",
                "-2",
                "Invalid value -2 for configuration retention.ms: Value must be at least -1",
            ),
            (
                "retention.ms",
                "x",
                "Invalid value x for configuration retention.ms: Not a number of type LONG",
            ),
            (
                "min.cleanable.dirty.ratio",
                "2",
                "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
            ),
            (
                "compression.gzip.level",
                "0",
                "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
            ),
            (
                "cleanup.policy",
                "compact,x",
                "Invalid value x for configuration cleanup.policy: String must be one of: compact, delete",
            ),
            (
                "preallocate",
                "yes",
                "Invalid value yes for configuration preallocate: Expected value to be either true or false",
            ),
            ("cleanup.policy", "compact,,delete", "Configuration 'cleanup.policy' values must not be empty."),
        ] {
            assert_eq!(topic_error(name, text), expected);
        }
        assert!(topic_error("follower.replication.throttled.replicas", "0:a").contains("literal '*'"));
    }

    #[test]
    fn broker_lists_may_not_be_empty_where_kafka_forbids_it() {
        let error = broker_def("log.dirs").unwrap().parse("").unwrap_err().to_string();
        assert_eq!(
            error,
            "Configuration 'log.dirs' must not be empty. Valid values include: any non-empty value"
        );
    }

    #[test]
    fn quorum_voters_have_ids_hosts_and_ports() {
        let voters = broker_def("controller.quorum.voters").unwrap();
        assert!(voters.parse("1@localhost:9093,2@[::1]:9093").is_ok());
        for text in ["localhost:9093", "1@localhost", "-1@localhost:9093", "1@:9093", "1@h:70000"] {
            assert!(voters.parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (value, text) in [
            (0.5, "0.5"),
            (1.0, "1.0"),
            (f64::MAX, "1.7976931348623157E308"),
            (1e7, "1.0E7"),
            (2_147_483_647.0, "2.147483647E9"),
            (-0.0001, "-1.0E-4"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(double_text(value), text);
        }
    }

    #[test]
    fn every_default_is_valid_and_in_its_own_spelling() {
        for def in crate::config::all_defs() {
            let Some(text) = def.default_text() else { continue };
            let value = def.parse(text).unwrap_or_else(|error| panic!("{error}"));
            if !def.is_sensitive() {
                assert_eq!(value.to_string(), text, "{}", def.name);
            }
        }
    }
}
