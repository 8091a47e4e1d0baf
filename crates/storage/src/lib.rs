//! One partition's log on disk in Kafka's format: append, read, roll, index, recover, truncate, dump.
