//! Rules of transactions, stated as scenarios; and the records of Apache Kafka 4.3.1, byte for byte.

#[path = "transaction/anything.rs"]
mod anything;
#[path = "transaction/end.rs"]
mod end;
#[path = "transaction/golden.rs"]
mod golden;
#[path = "transaction/init_producer_id.rs"]
mod init_producer_id;
#[path = "transaction/log_failures.rs"]
mod log_failures;
#[path = "transaction/markers.rs"]
mod markers;
#[path = "transaction/partitions.rs"]
mod partitions;
#[path = "transaction/scenario.rs"]
mod scenario;
#[path = "transaction/time.rs"]
mod time;
