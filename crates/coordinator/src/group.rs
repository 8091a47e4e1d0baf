//! The group coordinator: who is in which group, and which offsets the groups have committed.
//!
//! Layout: `coordinator` is the machine; `admission` checks requests and hands them to the parts that answer them:
//! `classic` (JoinGroup and what belongs to it) and `offsets`. Their decisions go through the journal into the log,
//! as `records`; timers wake them.

mod admission;
mod classic;
mod config;
mod consumer;
mod coordinator;
mod error;
mod interface;
mod member_ids;
mod offsets;
mod records;

pub use config::GroupConfig;
pub use consumer::{
    ConsumerGroupConfig, GroupTime, MigrationPolicy, RegexJob, ResolvedRegexes, is_assignor_served,
};
pub use coordinator::{GroupCoordinator, LoadedBatch};
pub use interface::{
    BatchContents, Effect, GroupRequest, GroupResponse, Input, OffsetFetch, RequestContext, TxnMarker,
    TxnResult,
};
pub use records::LoadError;

pub use crate::host::{AppendToken, Record, RequestToken};
