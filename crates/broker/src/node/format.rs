//! Formatting of log directories, as `kafka-storage format` does it, and what `kafka-storage info` prints.
