//! The transaction coordinator: which producer id a transactional id has, what its transaction has written to, and how
//! it ends.
//!
//! Layout: `coordinator` is the machine; `init_producer_id`, `partitions` and `end` answer the requests that change a
//! transaction; `markers` brings an ended transaction to its partitions; `scans` ends what takes too long and forgets
//! what is old; `show` tells. What a transaction may become is in `metadata`, what is written of it in `record`.

mod config;
mod coordinator;
mod end;
mod error;
mod init_producer_id;
mod interface;
mod markers;
mod metadata;
mod partitions;
mod record;
mod scans;
mod show;
mod state;

pub use config::TransactionConfig;
pub use coordinator::TransactionCoordinator;
pub use interface::{
    Effect, Input, MarkerOutcome, MarkerToken, Markers, ProducerIds, TopicPartition, TransactionRequest,
    TransactionResponse, TxnPartitions, VerifiedPartition,
};
pub use record::LoadError;
pub use show::list_nothing;

pub use crate::host::{AppendToken, Record, RequestToken};
