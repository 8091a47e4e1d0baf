//! The command line: every command and option, with its help.

mod txn;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use ottla_client::{Acks, Compression, IsolationLevel};

pub use self::txn::{TxnArgs, TxnCommand};
pub use self::values::{Escaped, InitialController, KeyValue, ReplicaAssignment, Seconds, Start};

/// Apache Kafka's server side in one small binary.
///
/// Without a command it is `ottla serve`: a broker on localhost:9092 with its data in ./ottla-data.
#[derive(Debug, Parser)]
#[command(name = "ottla", version, propagate_version = true, max_term_width = 110)]
#[command(after_help = "\
Examples:
  ottla                                             start a broker on localhost:9092
  ottla topic create orders --partitions 6
  echo 'customer-7:3 apples' | ottla produce orders --key-separator :
  ottla consume orders --json")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

impl Cli {
    /// What was asked for.
    #[must_use]
    pub fn into_command(self) -> Command {
        self.command.unwrap_or_else(|| Command::Serve(ServeOptions::default()))
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a broker until it is told to stop (SIGTERM or Ctrl-C).
    Serve(ServeOptions),
    /// Create, list, describe, alter and delete topics.
    Topic(TopicArgs),
    /// Send lines, or JSON, as records to a topic.
    Produce(ProduceOptions),
    /// Print the records of topics.
    Consume(ConsumeOptions),
    /// List and describe transactions, find those that hang, and end them.
    Txn(TxnArgs),
    /// Look into log files.
    Log(LogArgs),
    /// Put load on a broker and measure.
    Perf(PerfArgs),
    /// Prepare and inspect data directories.
    Storage(StorageArgs),
}

/// `ottla serve`.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Later ones win: Kafka's defaults, the file, the options above, --set.

Examples:
  ottla serve
  ottla serve --data-dir /var/lib/ottla --listen 0.0.0.0:9092 --set log.retention.hours=48
  ottla serve --config server.properties")]
pub struct ServeOptions {
    /// Directory of the logs and the metadata [default: ./ottla-data]
    #[arg(long, short = 'd', value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,
    /// Address that clients connect to; port 0 takes a free one [default: localhost:9092]
    #[arg(long, short = 'l', value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// Address that other controllers and brokers connect to
    #[arg(long, value_name = "HOST:PORT")]
    pub controller_listen: Option<String>,
    /// Id of this node in its cluster [default: 1]
    #[arg(long, value_name = "N")]
    pub node_id: Option<i32>,
    /// A server.properties with Kafka's keys
    #[arg(long, short = 'c', value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// One configuration key, such as log.retention.hours=48; may be given again
    #[arg(long = "set", short = 's', value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// How to reach a cluster.
#[derive(Clone, Debug, Args)]
pub struct ClusterOptions {
    /// Brokers to ask first, with commas between
    #[arg(
        long,
        short = 'b',
        global = true,
        env = "OTTLA_BOOTSTRAP",
        default_value = "localhost:9092",
        value_name = "HOST:PORT,..",
        help_heading = "Cluster"
    )]
    pub bootstrap_server: String,
    /// Give up on a call after so many seconds
    #[arg(long, global = true, default_value = "30", value_name = "SECONDS", help_heading = "Cluster")]
    pub timeout: Seconds,
    /// Name that the brokers see
    #[arg(long, global = true, default_value = "ottla-cli", value_name = "NAME", help_heading = "Cluster")]
    pub client_id: String,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Args)]
pub struct OutputOptions {
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// `ottla topic`.
#[derive(Debug, Args)]
pub struct TopicArgs {
    /// Which of them.
    #[command(subcommand)]
    pub command: TopicCommand,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterOptions,
    /// How results are printed.
    #[command(flatten)]
    pub output: OutputOptions,
}

/// What can be done to topics.
#[derive(Debug, Subcommand)]
pub enum TopicCommand {
    /// Create topics.
    #[command(after_help = "\
Examples:
  ottla topic create orders
  ottla topic create orders returns --partitions 6 --replication-factor 3
  ottla topic create accounts --config cleanup.policy=compact --if-not-exists")]
    Create {
        /// Names of the topics
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
        /// Number of partitions [default: the broker's num.partitions]
        #[arg(long, short, value_name = "N", conflicts_with = "replica_assignment")]
        partitions: Option<i32>,
        /// Replicas of each partition [default: the broker's default.replication.factor]
        #[arg(long, short, value_name = "N", conflicts_with = "replica_assignment")]
        replication_factor: Option<i16>,
        /// Brokers of each partition: `1:2,2:3` puts partition 0 on 1 and 2, partition 1 on 2 and 3
        #[arg(long, value_name = "LIST")]
        replica_assignment: Option<ReplicaAssignment>,
        /// A topic config, such as retention.ms=86400000; may be given again
        #[arg(long, short, value_name = "KEY=VALUE")]
        config: Vec<KeyValue>,
        /// Do nothing if the topic is there already
        #[arg(long)]
        if_not_exists: bool,
        /// Say what would happen, and do nothing
        #[arg(long)]
        validate_only: bool,
    },
    /// List the topics.
    List {
        /// List the brokers' own topics too
        #[arg(long)]
        internal: bool,
    },
    /// Show the partitions, offsets and configs of topics.
    #[command(after_help = "\
Examples:
  ottla topic describe orders
  ottla topic describe --json orders returns")]
    Describe {
        /// Names of the topics; all if none is given
        #[arg(value_name = "TOPIC")]
        topics: Vec<String>,
        /// Show every config, not only those that are set on the topic
        #[arg(long)]
        all_configs: bool,
    },
    /// Change configs, or add partitions.
    #[command(after_help = "\
Examples:
  ottla topic alter orders --set retention.ms=3600000 --delete max.message.bytes
  ottla topic alter orders --partitions 12")]
    Alter {
        /// Name of the topic
        #[arg(value_name = "TOPIC")]
        topic: String,
        /// New number of partitions, more than there are
        #[arg(long, short, value_name = "N")]
        partitions: Option<i32>,
        /// Give a config a value; may be given again
        #[arg(long, short, value_name = "KEY=VALUE")]
        set: Vec<KeyValue>,
        /// Let a config fall back to its default; may be given again
        #[arg(long, short, value_name = "KEY")]
        delete: Vec<String>,
    },
    /// Delete topics with all their records.
    Delete {
        /// Names of the topics
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
        /// Do nothing if a topic is not there
        #[arg(long)]
        if_exists: bool,
    },
}

/// `ottla produce`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each line is a record. Nothing is doubled or reordered: the producer is idempotent unless --acks is 0 or 1.

Examples:
  echo hello | ottla produce greetings
  ottla produce orders --file orders.txt --key-separator : --compression zstd
  ottla produce orders --header source=import --partition 0 < orders.txt
  ottla consume orders --json | ottla produce copy --input json")]
pub struct ProduceOptions {
    /// Topic to send to
    #[arg(value_name = "TOPIC")]
    pub topic: String,
    /// Read from a file instead of standard input; may be given again
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Vec<PathBuf>,
    /// What the input holds
    #[arg(long, short, value_enum, default_value = "lines")]
    pub input: InputFormat,
    /// Text between records (escapes: \n \r \t \0 \\)
    #[arg(long, short = 'D', default_value = "\\n", value_name = "TEXT")]
    pub delimiter: Escaped,
    /// Text between key and value in a record; a record without it has no key
    #[arg(long, short = 'K', value_name = "TEXT")]
    pub key_separator: Option<Escaped>,
    /// Text after the headers, which come first in a record as `name=value,name=value`
    #[arg(long, value_name = "TEXT")]
    pub header_separator: Option<Escaped>,
    /// Key of every record
    #[arg(long, short, value_name = "TEXT", conflicts_with = "key_separator")]
    pub key: Option<String>,
    /// A header of every record; may be given again
    #[arg(long, short = 'H', value_name = "NAME=VALUE")]
    pub header: Vec<KeyValue>,
    /// A value (or key) of exactly this text is null
    #[arg(long, value_name = "TEXT")]
    pub null: Option<String>,
    /// Partition to send to [default: by the key's hash, or one after the other]
    #[arg(long, short, value_name = "N")]
    pub partition: Option<i32>,
    /// Codec of the batches
    #[arg(long, short = 'z', value_enum, default_value = "none")]
    pub compression: Codec,
    /// Replicas that must have a record: 0, 1 or all
    #[arg(long, short, value_enum, default_value = "all")]
    pub acks: AcksOption,
    /// Size of a full batch in bytes
    #[arg(long, default_value_t = 64 << 10, value_name = "BYTES")]
    pub batch_size: usize,
    /// How long a batch waits to become full
    #[arg(long, default_value_t = 5, value_name = "MS")]
    pub linger_ms: u64,
    /// Largest request, and so the largest record, in bytes
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES")]
    pub request_size_max: usize,
    /// Say nothing on standard error but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterOptions,
    /// How the summary is printed.
    #[command(flatten)]
    pub output: OutputOptions,
}

/// `ottla consume`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --follow it prints what is there and ends. With --follow it waits for more, and begins at the end
unless --from says otherwise.

Fields of --format: {topic} {partition} {offset} {timestamp} {time} {key} {value} {headers} {key_size}
{value_size}; escapes: \\n \\r \\t \\0 \\\\ \\{

Examples:
  ottla consume orders
  ottla consume orders --follow --print key,offset
  ottla consume orders --from -10                       the last 10 records of each partition
  ottla consume orders --from @2026-11-24T08:00:00Z --count 100 --json
  ottla consume orders --group billing --json
  ottla consume orders --partition 0,2 --format '{offset}\\t{key}={value}\\n'")]
pub struct ConsumeOptions {
    /// Topics to read
    #[arg(required = true, value_name = "TOPIC")]
    pub topics: Vec<String>,
    /// Partitions to read, with commas between [default: all]
    #[arg(long, short, value_delimiter = ',', value_name = "N,..")]
    pub partition: Vec<i32>,
    /// Where to begin: beginning, end, an offset, -N for the last N, or @TIME (milliseconds or RFC 3339)
    #[arg(long, short = 'o', value_name = "WHERE", allow_hyphen_values = true)]
    pub from: Option<Start>,
    /// Wait for more records instead of ending with the last
    #[arg(long, short)]
    pub follow: bool,
    /// End after so many records
    #[arg(long, short = 'n', value_name = "N")]
    pub count: Option<u64>,
    /// What to print before the value, with commas between
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FIELD,..", conflicts_with = "format")]
    pub print: Vec<Field>,
    /// How to print a record
    #[arg(long, value_name = "TEXT", conflicts_with = "json")]
    pub format: Option<String>,
    /// Text that stands for null
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub null: String,
    /// Leave out records of transactions that are open or were aborted
    #[arg(long)]
    pub read_committed: bool,
    /// Read as a member of this consumer group, from where it stands, and commit; waits for more until Ctrl-C or --count
    #[arg(long, short, value_name = "GROUP", conflicts_with_all = ["partition", "from", "follow"])]
    pub group: Option<String>,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterOptions,
    /// How records are printed.
    #[command(flatten)]
    pub output: OutputOptions,
}

impl ConsumeOptions {
    /// The isolation level.
    #[must_use]
    pub fn isolation_level(&self) -> IsolationLevel {
        if self.read_committed { IsolationLevel::ReadCommitted } else { IsolationLevel::ReadUncommitted }
    }
}

/// `ottla log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Which of them.
    #[command(subcommand)]
    pub command: LogCommand,
}

/// What can be done to log files.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Print what is in the files of a partition, and check it: .log, .index, .timeindex, .txnindex, .snapshot,
    /// checkpoints.
    #[command(after_help = "\
The text is that of Kafka's DumpLogSegments. It ends with 1 if anything is wrong.

Examples:
  ottla log dump ottla-data/orders-0
  ottla log dump --records ottla-data/orders-0/00000000000000000000.log
  ottla log dump --verify-only ottla-data/*-[0-9]*")]
    Dump(DumpOptions),
}

/// `ottla log dump`.
#[derive(Clone, Debug, Args)]
pub struct DumpOptions {
    /// Files, or directories of a partition
    #[arg(required = true, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Print every record, not only the batches
    #[arg(long, short)]
    pub records: bool,
    /// Print nothing but what is wrong
    #[arg(long, conflicts_with = "records")]
    pub verify_only: bool,
    /// Read so many bytes of a log file at most
    #[arg(long, value_name = "BYTES")]
    pub max_bytes: Option<u32>,
    /// How it is printed.
    #[command(flatten)]
    pub output: OutputOptions,
}

/// `ottla perf`.
#[derive(Debug, Args)]
pub struct PerfArgs {
    /// Which of them.
    #[command(subcommand)]
    pub command: PerfCommand,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterOptions,
    /// How the result is printed.
    #[command(flatten)]
    pub output: OutputOptions,
    /// Print no progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Process id of the broker on this machine, whose CPU time and memory are reported
    #[arg(long, global = true, value_name = "PID")]
    pub pid: Option<u32>,
}

/// What is measured.
#[derive(Debug, Subcommand)]
pub enum PerfCommand {
    /// Send batches that are encoded once, as fast as the broker answers or at a constant rate.
    #[command(after_help = "\
Latency counts from the moment at which a request was due, so a slow broker cannot hide behind a late request.

Examples:
  ottla perf produce load --create --partitions 4 --connections 4 --batch-records 600 --record-size 100
  ottla perf produce load --connections 10 --batch-records 1 --depth 1 --rate 5000 --duration 10")]
    Produce(PerfProduceOptions),
    /// Fetch a topic from its beginning to its end. Records are counted and not looked at.
    #[command(after_help = "\
Examples:
  ottla perf consume load
  ottla perf consume load --max-bytes 65536 --connections 4 --json")]
    Consume(PerfConsumeOptions),
    /// Send ApiVersions requests: the cheapest round trip that there is.
    Ping(PerfPingOptions),
}

/// How much load, and for how long.
#[derive(Clone, Debug, Args)]
pub struct LoadOptions {
    /// TCP connections
    #[arg(long, short, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub connections: u32,
    /// Requests that one connection may have unanswered
    #[arg(long, short, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub depth: u32,
    /// Requests in all [default: as many as --duration allows]
    #[arg(long, short = 'n', value_name = "N")]
    pub requests: Option<u64>,
    /// Seconds to run for [default: 10, or until --requests are done]
    #[arg(long, short = 't', value_name = "SECONDS")]
    pub duration: Option<Seconds>,
    /// Requests per second of all connections together [default: flat out]
    #[arg(long, value_name = "N")]
    pub rate: Option<f64>,
    /// Seconds at the beginning that do not count
    #[arg(long, default_value = "0", value_name = "SECONDS")]
    pub warmup: Seconds,
}

/// `ottla perf produce`.
#[derive(Clone, Debug, Args)]
pub struct PerfProduceOptions {
    /// Topic to send to
    #[arg(value_name = "TOPIC")]
    pub topic: String,
    /// How much load.
    #[command(flatten)]
    pub load: LoadOptions,
    /// Create the topic first if it is not there
    #[arg(long)]
    pub create: bool,
    /// Partitions of a topic that is created [default: one per connection]
    #[arg(long, short, value_name = "N", requires = "create")]
    pub partitions: Option<i32>,
    /// Replicas of a topic that is created
    #[arg(long, value_name = "N", requires = "create")]
    pub replication_factor: Option<i16>,
    /// Partitions that one request has a batch for
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub partitions_per_request: usize,
    /// Records in a batch
    #[arg(long, short = 'r', default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub batch_records: u32,
    /// Size of a record's value in bytes
    #[arg(long, short = 's', default_value_t = 100, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(0..=1 << 30))]
    pub record_size: u32,
    /// Codec of the batches
    #[arg(long, short = 'z', value_enum, default_value = "none")]
    pub compression: Codec,
    /// Replicas that must have a batch: 0, 1 or all
    #[arg(long, short, value_enum, default_value = "all")]
    pub acks: AcksOption,
}

/// `ottla perf consume`.
#[derive(Clone, Debug, Args)]
pub struct PerfConsumeOptions {
    /// Topic to fetch
    #[arg(value_name = "TOPIC")]
    pub topic: String,
    /// TCP connections; the partitions are spread over them [default: one per partition]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub connections: Option<u32>,
    /// Most bytes of one fetch
    #[arg(long, short, default_value_t = 1 << 20, value_name = "BYTES")]
    pub max_bytes: i32,
    /// Bytes for which the broker waits
    #[arg(long, default_value_t = 1, value_name = "BYTES")]
    pub min_bytes: i32,
    /// Read the topic so many times
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub passes: u32,
    /// Stop after so many seconds
    #[arg(long, short = 't', value_name = "SECONDS")]
    pub duration: Option<Seconds>,
}

/// `ottla perf ping`.
#[derive(Clone, Debug, Args)]
pub struct PerfPingOptions {
    /// How much load.
    #[command(flatten)]
    pub load: LoadOptions,
}

/// `ottla storage`.
#[derive(Debug, Args)]
pub struct StorageArgs {
    /// Which of them.
    #[command(subcommand)]
    pub command: StorageCommand,
}

/// What can be done to data directories.
#[derive(Debug, Subcommand)]
pub enum StorageCommand {
    /// Prepare the data directories of a new node.
    #[command(after_help = "\
Examples:
  ottla storage format --cluster-id $(ottla storage random-uuid) --data-dir /var/lib/ottla
  ottla storage format -t MkU3OEVBNTcwNTJENDM2Qg -c server.properties --standalone")]
    Format(FormatOptions),
    /// Show what the data directories hold.
    Info(StorageInfoOptions),
    /// Print a random uuid, for --cluster-id.
    RandomUuid,
}

/// `ottla storage format`: the options of `kafka-storage format`.
#[derive(Clone, Debug, Args)]
pub struct FormatOptions {
    /// Id of the cluster, the same on all its nodes
    #[arg(long, short = 't', value_name = "UUID")]
    pub cluster_id: String,
    /// A server.properties with Kafka's keys
    #[arg(long, short = 'c', value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Directory to prepare, instead of log.dirs
    #[arg(long, short = 'd', value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,
    /// Id of this node, instead of node.id
    #[arg(long, value_name = "N")]
    pub node_id: Option<i32>,
    /// Release whose features the cluster begins with, such as 4.3 or 4.3-IV0
    #[arg(long, short = 'r', value_name = "VERSION")]
    pub release_version: Option<String>,
    /// Level of one feature, such as transaction.version=2; may be given again
    #[arg(long, short = 'f', value_name = "NAME=LEVEL")]
    pub feature: Vec<KeyValue>,
    /// A SCRAM credential that the cluster begins with, such as 'SCRAM-SHA-256=[name=alice,password=alice-secret]'; may be
    /// given again
    #[arg(long, short = 'S', value_name = "CREDENTIAL")]
    pub add_scram: Vec<String>,
    /// Make this node the only controller of a cluster whose quorum can grow
    #[arg(long, short = 's', conflicts_with_all = ["no_initial_controllers", "initial_controllers"])]
    pub standalone: bool,
    /// Make this node a controller or broker that joins an existing quorum
    #[arg(long, short = 'N', conflicts_with = "initial_controllers")]
    pub no_initial_controllers: bool,
    /// The first controllers, the same on all of them, as ID@HOST:PORT:DIRECTORY-ID with commas between
    #[arg(long, short = 'I', value_name = "LIST", value_delimiter = ',')]
    pub initial_controllers: Vec<InitialController>,
    /// Leave directories alone that are prepared already
    #[arg(long, short = 'g')]
    pub ignore_formatted: bool,
    /// One configuration key; may be given again
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `ottla storage info`.
#[derive(Clone, Debug, Args)]
pub struct StorageInfoOptions {
    /// A server.properties with Kafka's keys
    #[arg(long, short = 'c', value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Directory to look at, instead of log.dirs
    #[arg(long, short = 'd', value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,
    /// How the result is printed.
    #[command(flatten)]
    pub output: OutputOptions,
}

/// What the input of `ottla produce` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InputFormat {
    /// Records with a delimiter between them.
    Lines,
    /// JSON objects as `ottla consume --json` prints them.
    Json,
}

/// A codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Codec {
    /// No compression.
    None,
    /// gzip.
    Gzip,
    /// Snappy.
    Snappy,
    /// LZ4.
    Lz4,
    /// Zstandard.
    Zstd,
}

impl From<Codec> for Compression {
    fn from(codec: Codec) -> Self {
        match codec {
            Codec::None => Self::None,
            Codec::Gzip => Self::Gzip,
            Codec::Snappy => Self::Snappy,
            Codec::Lz4 => Self::Lz4,
            Codec::Zstd => Self::Zstd,
        }
    }
}

/// Replicas that must have a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AcksOption {
    /// None: the broker does not answer.
    #[value(name = "0")]
    None,
    /// The leader.
    #[value(name = "1")]
    Leader,
    /// All in-sync replicas.
    #[value(name = "all", alias = "-1")]
    All,
}

impl From<AcksOption> for Acks {
    fn from(acks: AcksOption) -> Self {
        match acks {
            AcksOption::None => Self::None,
            AcksOption::Leader => Self::Leader,
            AcksOption::All => Self::All,
        }
    }
}

/// What `ottla consume --print` adds to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Field {
    /// The topic.
    Topic,
    /// The partition.
    Partition,
    /// The offset.
    Offset,
    /// The timestamp in milliseconds.
    Timestamp,
    /// The timestamp as RFC 3339.
    Time,
    /// The headers.
    Headers,
    /// The key.
    Key,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_command_is_serve_with_defaults() {
        let Command::Serve(options) = Cli::parse_from(["ottla"]).into_command() else { panic!("not serve") };
        assert!(options.data_dir.is_none() && options.set.is_empty());
    }
}
