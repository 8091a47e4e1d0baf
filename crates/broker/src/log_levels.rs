//! The levels of this program's loggers, which the resource BROKER_LOGGER shows and changes while the broker runs.
//!
//! A logger is a part of the program, named with dots as Kafka's loggers are. One without a level of its own has that of
//! the part which it is in, and in the end that of `root`. Levels are forgotten when the process ends, as Kafka's are.
//! Source: KIP-412; Kafka `LoggingController`, `RuntimeLoggerManager`, `LogLevelConfig`.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ottla_metadata::api_error::ApiError;

/// The logger that all others are in.
pub const ROOT_LOGGER: &str = "root";

/// The loggers beside root, each with the target that its events carry.
const LOGGERS: [(&str, &str); 11] = [
    ("ottla", "ottla"),
    ("ottla.broker", "ottla_broker"),
    ("ottla.broker.api", "ottla_broker::api"),
    ("ottla.broker.coordinator_host", "ottla_broker::coordinator_host"),
    ("ottla.broker.node", "ottla_broker::node"),
    ("ottla.broker.partition", "ottla_broker::partition"),
    ("ottla.broker.quorum_host", "ottla_broker::quorum_host"),
    ("ottla.broker.shard", "ottla_broker::shard"),
    ("ottla.client", "ottla_client"),
    ("ottla.serve", "ottla::serve"),
    ("ottla.storage", "ottla_storage"),
];

/// How grave an event must be to be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// What ends the broker. No event is graver than an error here: the same as `Error`.
    Fatal,
    /// Something failed.
    Error,
    /// Something is not as it should be.
    Warn,
    /// What an operator wants to know.
    Info,
    /// What a developer wants to know.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// In the order of their names.
    const ALL: [Self; 6] = [Self::Debug, Self::Error, Self::Fatal, Self::Info, Self::Trace, Self::Warn];

    /// The level's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fatal => "FATAL",
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
            Self::Trace => "TRACE",
        }
    }

    /// The level of this name, in upper case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// The word that a filter of events uses.
    const fn directive(self) -> &'static str {
        match self {
            Self::Fatal | Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// A change of one logger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelChange<'a> {
    /// Give it a level.
    Set(&'a str),
    /// Take its own level away.
    Delete,
}

/// The levels of one process: the control plane changes them, shards show them.
#[derive(Debug)]
pub struct LogLevels {
    levels: Mutex<Levels>,
}

#[derive(Debug)]
struct Levels {
    root: LogLevel,
    own: BTreeMap<&'static str, LogLevel>,
    /// Changed since [`LogLevels::take_directives`] was called.
    has_changed: bool,
}

impl Default for LogLevels {
    /// Every logger has the level of root, which is `INFO`.
    fn default() -> Self {
        Self { levels: Mutex::new(Levels { root: LogLevel::Info, own: BTreeMap::new(), has_changed: false }) }
    }
}

impl LogLevels {
    /// The level that root has from the start, if it is one.
    pub fn start_with(&self, level: &str) {
        if let Some(level) = LogLevel::from_name(level) {
            self.lock().root = level;
        }
    }

    /// Every logger with its level, in name order.
    #[must_use]
    pub fn list(&self) -> Vec<(&'static str, LogLevel)> {
        let levels = self.lock();
        let names = LOGGERS.iter().map(|(name, _)| *name);
        let mut list: Vec<_> = names.map(|name| (name, levels.of(name))).collect();
        list.push((ROOT_LOGGER, levels.root));
        list.sort_unstable();
        list
    }

    /// Checks a change. Errors: there is no such logger or level, or root would lose its level.
    pub fn check(&self, logger: &str, change: LevelChange<'_>) -> Result<(), ApiError> {
        if logger != ROOT_LOGGER && find(logger).is_none() {
            return Err(ApiError::invalid_config(format!("Logger {logger} does not exist!")));
        }
        match change {
            LevelChange::Set(level) if LogLevel::from_name(level).is_none() => {
                let valid = LogLevel::ALL.map(LogLevel::name).join(", ");
                Err(ApiError::invalid_config(format!(
                    "Cannot set the log level of {logger} to {level} as it is not a supported log level. Valid log levels \
                     are {valid}"
                )))
            }
            LevelChange::Delete if logger == ROOT_LOGGER => {
                let reason = format!("Removing the log level of the {ROOT_LOGGER} logger is not allowed");
                Err(ApiError::invalid_request(reason))
            }
            LevelChange::Set(_) | LevelChange::Delete => Ok(()),
        }
    }

    /// Makes a change that [`Self::check`] has let through.
    pub fn change(&self, logger: &str, change: LevelChange<'_>) {
        let mut levels = self.lock();
        match (change, find(logger)) {
            (LevelChange::Set(level), logger) => {
                let Some(level) = LogLevel::from_name(level) else { return };
                match logger {
                    Some(logger) => {
                        levels.own.insert(logger, level);
                    }
                    None => levels.root = level,
                }
            }
            (LevelChange::Delete, Some(logger)) => {
                levels.own.remove(logger);
            }
            (LevelChange::Delete, None) => return,
        }
        levels.has_changed = true;
    }

    /// The filter of events that is to be in force, in the words of `RUST_LOG`, if it has changed since the last call.
    pub fn take_directives(&self) -> Option<String> {
        let mut levels = self.lock();
        if !std::mem::take(&mut levels.has_changed) {
            return None;
        }
        let mut directives = levels.root.directive().to_owned();
        for (name, target) in LOGGERS {
            if let Some(level) = levels.own.get(name) {
                directives.push_str(&format!(",{target}={}", level.directive()));
            }
        }
        Some(directives)
    }

    fn lock(&self) -> MutexGuard<'_, Levels> {
        // Nothing can be half changed: a thread that panicked with the lock leaves whole values.
        self.levels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Levels {
    fn of(&self, logger: &str) -> LogLevel {
        let mut name = logger;
        loop {
            if let Some(level) = self.own.get(name) {
                return *level;
            }
            let Some((parent, _)) = name.rsplit_once('.') else { return self.root };
            name = parent;
        }
    }
}

fn find(logger: &str) -> Option<&'static str> {
    LOGGERS.iter().map(|(name, _)| *name).find(|name| *name == logger)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(levels: &LogLevels, logger: &str) -> &'static str {
        levels.list().into_iter().find(|(name, _)| *name == logger).unwrap().1.name()
    }

    #[test]
    fn a_logger_has_the_level_of_the_part_that_it_is_in() {
        let levels = LogLevels::default();
        assert_eq!((levels.list().len(), level(&levels, "ottla.broker.node")), (LOGGERS.len() + 1, "INFO"));
        levels.change("ottla.broker", LevelChange::Set("DEBUG"));
        levels.change("ottla.storage", LevelChange::Set("FATAL"));
        levels.change("root", LevelChange::Set("WARN"));
        let names = ["root", "ottla", "ottla.broker", "ottla.broker.node", "ottla.storage"];
        assert_eq!(names.map(|name| level(&levels, name)), ["WARN", "WARN", "DEBUG", "DEBUG", "FATAL"]);
        assert_eq!(levels.take_directives().as_deref(), Some("warn,ottla_broker=debug,ottla_storage=error"));
        assert_eq!(levels.take_directives(), None);
        levels.change("ottla.broker", LevelChange::Delete);
        assert_eq!(level(&levels, "ottla.broker.node"), "WARN");
        assert_eq!(levels.take_directives().as_deref(), Some("warn,ottla_storage=error"));
    }

    #[test]
    fn changes_are_refused_in_kafkas_words() {
        let levels = LogLevels::default();
        let refusal = |logger, change| levels.check(logger, change).unwrap_err().message.unwrap();
        assert_eq!(refusal("kafka.gone", LevelChange::Delete), "Logger kafka.gone does not exist!");
        assert_eq!(
            refusal("root", LevelChange::Set("loud")),
            "Cannot set the log level of root to loud as it is not a supported log level. Valid log levels are DEBUG, \
             ERROR, FATAL, INFO, TRACE, WARN"
        );
        assert_eq!(
            refusal("root", LevelChange::Delete),
            "Removing the log level of the root logger is not allowed"
        );
        assert_eq!(levels.check("ottla", LevelChange::Set("TRACE")), Ok(()));
    }
}
