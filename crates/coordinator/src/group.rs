//! The group coordinator: who is in which group, and which offsets the groups have committed.

mod config;
mod coordinator;
mod interface;

pub use config::GroupConfig;
pub use coordinator::{GroupCoordinator, LoadedBatch};
pub use interface::{
    AppendToken, BatchContents, Effect, GroupRequest, GroupResponse, Input, OffsetFetch, Record,
    RequestContext, RequestToken, TxnMarker, TxnResult,
};
