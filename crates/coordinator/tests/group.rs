//! Rules of classic groups and offsets, stated as scenarios; and the records of Apache Kafka 4.3.1, byte for byte.

#[path = "group/anything.rs"]
mod anything;
#[path = "group/commits.rs"]
mod commits;
#[path = "group/consumer.rs"]
mod consumer;
#[path = "group/conversion.rs"]
mod conversion;
#[path = "group/golden.rs"]
mod golden;
#[path = "group/golden_consumer.rs"]
mod golden_consumer;
#[path = "group/join.rs"]
mod join;
#[path = "group/leave.rs"]
mod leave;
#[path = "group/load.rs"]
mod load;
#[path = "group/log_failures.rs"]
mod log_failures;
#[path = "group/rebalance.rs"]
mod rebalance;
#[path = "group/reconciliation.rs"]
mod reconciliation;
#[path = "group/scale.rs"]
mod scale;
#[path = "group/scenario.rs"]
mod scenario;
#[path = "group/show.rs"]
mod show;
#[path = "group/static_members.rs"]
mod static_members;
#[path = "group/topics.rs"]
mod topics;
#[path = "group/transactions.rs"]
mod transactions;
