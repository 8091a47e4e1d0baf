//! `ottla txn`.

use clap::{Args, Subcommand};

use super::{ClusterOptions, OutputOptions, Seconds};

/// `ottla txn`.
#[derive(Debug, Args)]
pub struct TxnArgs {
    /// Which of them.
    #[command(subcommand)]
    pub command: TxnCommand,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterOptions,
    /// How results are printed.
    #[command(flatten)]
    pub output: OutputOptions,
}

/// What can be done about transactions.
#[derive(Debug, Subcommand)]
pub enum TxnCommand {
    /// List the transactional ids.
    #[command(after_help = "\
Examples:
  ottla txn list
  ottla txn list --state Ongoing --longer-than 60
  ottla txn list --pattern 'billing-.*' --json")]
    List {
        /// Only ids in this state, such as Ongoing or PrepareCommit; may be given again
        #[arg(long, value_name = "STATE")]
        state: Vec<String>,
        /// Only the id of this producer; may be given again
        #[arg(long, value_name = "ID")]
        producer_id: Vec<i64>,
        /// Only ids whose transaction was begun longer ago
        #[arg(long, value_name = "SECONDS")]
        longer_than: Option<Seconds>,
        /// Only ids that match this regular expression as a whole
        #[arg(long, value_name = "REGEX")]
        pattern: Option<String>,
    },
    /// Show transactional ids with their last transaction.
    #[command(after_help = "\
Examples:
  ottla txn describe billing-1")]
    Describe {
        /// The ids
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Find transactions that are open on partitions and that nobody will end.
    ///
    /// Consumers that read what is committed wait behind such a transaction. It is one of which no coordinator knows.
    #[command(after_help = "\
Examples:
  ottla txn find-hanging
  ottla txn find-hanging orders --partition 3")]
    FindHanging {
        /// Topics to look at; all if none is given
        #[arg(value_name = "TOPIC")]
        topics: Vec<String>,
        /// Only this partition
        #[arg(long, short, value_name = "N", requires = "topics")]
        partition: Option<i32>,
        /// Time since the last record; at least the cluster's transaction.max.timeout.ms
        #[arg(long, default_value = "900", value_name = "SECONDS")]
        older_than: Seconds,
    },
    /// End a transaction that hangs on a partition, without anything of it counting.
    #[command(after_help = "\
Examples:
  ottla txn abort orders --partition 3 --start-offset 1742")]
    Abort {
        /// Name of the topic
        #[arg(value_name = "TOPIC")]
        topic: String,
        /// The partition
        #[arg(long, short, value_name = "N")]
        partition: i32,
        /// First offset of the transaction, as `find-hanging` shows it
        #[arg(long, value_name = "OFFSET")]
        start_offset: i64,
    },
}
