//! `ottla serve`: one broker in one process.
//!
//! ```text
//! main thread     listeners, signals
//! node thread     control plane: metadata log, controller, image        (two more for its syncs)
//! shard threads   data plane: connections, partitions, coordinators     (a few more each for syncs and cold reads)
//! ```

mod admission;
mod budget;
mod buffers;
mod clock;
mod connection;
mod listener;
mod node_thread;
mod options;
mod shard_thread;

use std::io::Write;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use ottla_broker::config::{BrokerConfig, ConfigLayers, Listener, StaticConfig};
use ottla_broker::effect::ShardId;
use ottla_broker::log_dirs::LogDirs;
use ottla_broker::node::{AutoFormat, Booted, Node, NodeInput, NodeSetup};
use ottla_broker::settings::SettingsSource;
use ottla_broker::shard::{Identity, ShardSetup};
use ottla_storage::io::Disk;
use ottla_storage::io::posix::PosixDisk;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::log_filter;
use admission::Admission;
use clock::Clock;
use connection::Limits;
use listener::BoundListener;
use node_thread::NodeEvent;
pub use options::Options;
use shard_thread::ShardMessage;

/// Requests that one connection may have waiting.
const REQUESTS_IN_FLIGHT: usize = 256;
/// Bytes of waiting requests past which a connection takes no further one.
const WAITING_BYTES: usize = 64 << 20;
/// Most shards that are made unasked.
const SHARDS_MAX: u16 = 64;
/// Most files that the logs hold open where the system sets no limit.
const FILES_MAX: usize = 100_000;
/// Unsent bytes past which a connection takes no further request.
const RESPONSE_BYTES: u64 = 64 << 20;

/// Serves until the process is asked to stop, or cannot go on.
pub fn run(options: Options) -> anyhow::Result<()> {
    let clock = Clock::start();
    let is_auto = options.config.is_none();
    let static_config = Arc::new(options.into_config()?);
    let layers = ConfigLayers::of_static(Arc::clone(&static_config));
    let config = BrokerConfig::resolve(&layers)?;
    let listeners = Listeners::bind(&config)?;
    let disk: Arc<dyn Disk> = Arc::new(PosixDisk);
    let shard_count = shard_count(&config);
    let setup = NodeSetup {
        static_config: Arc::clone(&static_config),
        advertised_listeners: listeners.advertised(&config),
        controller_listeners: listeners.controller.clone(),
        shard_count,
        auto_format: if is_auto { AutoFormat::Always { cluster_id: None } } else { AutoFormat::Never },
    };
    let booted = Node::boot(Arc::clone(&disk), &setup, clock.now(), random_seed()?)?;
    if let Some(level) = log_filter::level_at_start() {
        booted.log_levels.start_with(&level);
    }
    let threads = Threads::start(booted, shard_count, &disk, &static_config, &config, clock)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // After a failure nobody can be waited for: the process ends, and the next start recovers the logs.
    runtime.block_on(supervise(threads.handles, listeners, clock))?;
    for thread in threads.running {
        if thread.join().is_err() {
            bail!("a thread of the broker failed; the next start recovers the logs");
        }
    }
    Ok(())
}

/// The sockets, and what is said of them.
struct Listeners {
    clients: Vec<BoundListener>,
    controllers: Vec<BoundListener>,
    /// What is said of `controllers`.
    controller: Vec<Listener>,
}

impl Listeners {
    fn bind(config: &BrokerConfig) -> anyhow::Result<Self> {
        let backlog = config.network.listen_backlog;
        let is_controller =
            |listener: &&Listener| config.node.controller_listener_names.contains(&listener.name);
        let (controller, clients): (Vec<_>, Vec<_>) = config.node.listeners.iter().partition(is_controller);
        let clients = clients
            .into_iter()
            .map(|listener| listener::bind(listener, backlog))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let mut controllers = Vec::new();
        let mut advertised_controllers = Vec::new();
        for listener in controller {
            let bound = listener::bind(listener, backlog)?;
            advertised_controllers.push(advertised(listener, bound.address.port()));
            controllers.push(bound);
        }
        Ok(Self { clients, controllers, controller: advertised_controllers })
    }

    /// What clients are told: the advertised listeners, with the ports that the system chose and real host names.
    fn advertised(&self, config: &BrokerConfig) -> Vec<Listener> {
        let listeners = config.node.advertised_listeners.iter().map(|listener| {
            let bound = self.clients.iter().find(|bound| *bound.name == *listener.name);
            let port = if listener.port == 0 {
                bound.map_or(0, |bound| bound.address.port())
            } else {
                listener.port
            };
            advertised(listener, port)
        });
        listeners.collect()
    }
}

fn advertised(listener: &Listener, port: u16) -> Listener {
    let is_any = matches!(listener.host.as_str(), "" | "0.0.0.0" | "::");
    let host = if is_any { host_name() } else { listener.host.clone() };
    Listener { host, port, ..listener.clone() }
}

/// This machine's name, as Kafka advertises it where a listener names no host.
fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if name.is_empty() { "localhost".to_owned() } else { name }
}

/// 64 random bits from the system: all randomness of the broker grows from them.
fn random_seed() -> anyhow::Result<u64> {
    let mut bytes = [0; 8];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut bytes)
        .context("no randomness")?;
    Ok(u64::from_ne_bytes(bytes))
}

/// How the main thread reaches the others.
struct Handles {
    to_node: std::sync::mpsc::Sender<NodeInput>,
    to_shards: Vec<mpsc::UnboundedSender<ShardMessage>>,
    admission: Arc<Admission>,
    events: mpsc::UnboundedReceiver<NodeEvent>,
}

struct Threads {
    handles: Handles,
    running: Vec<thread::JoinHandle<()>>,
}

impl Threads {
    fn start(
        booted: Booted,
        shard_count: u16,
        disk: &Arc<dyn Disk>,
        static_config: &Arc<StaticConfig>,
        config: &BrokerConfig,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let (to_node, node_inbox) = std::sync::mpsc::channel();
        let (to_main, events) = mpsc::unbounded_channel();
        let (to_shards, inboxes): (Vec<_>, Vec<_>) =
            (0..shard_count).map(|_| mpsc::unbounded_channel()).unzip();
        let mut running = Vec::new();
        let files_max = log_files_max();
        for (id, inbox) in (0..shard_count).zip(inboxes) {
            let shard = ShardSetup {
                id: ShardId(id),
                shard_count,
                identity: Identity {
                    cluster_id: booted.cluster_id.clone(),
                    node_id: config.node.id,
                    kraft_version: booted.kraft_version,
                },
                disk: Arc::clone(disk),
                log_dirs: LogDirs::new(&booted.log_dirs),
                settings: SettingsSource::new(Arc::clone(static_config), config.node.id)
                    .with_log_levels(Arc::clone(&booted.log_levels)),
                image: Arc::clone(&booted.image),
                files_max: files_max / usize::from(shard_count),
                seed: random_seed()?,
            };
            let idle_max = u64::try_from(config.network.connection_idle_ms_max).ok();
            let host = shard_thread::HostSetup {
                clock,
                limits: limits(config),
                memory_max: memory_max(config) / u64::from(shard_count),
                idle_max: idle_max.map(Duration::from_millis),
                inbox,
                to_shards: to_shards.clone(),
                to_node: to_node.clone(),
            };
            let thread = shard_thread::ThreadSetup { shard, host };
            running.push(spawn(format!("shard-{id}"), to_main.clone(), move || shard_thread::run(thread))?);
        }
        let node_events = to_main.clone();
        let settings = SettingsSource::new(Arc::clone(static_config), config.node.id);
        let admission = Admission::new(config, &settings.layers(&booted.image));
        let node_setup = node_thread::NodeSetup {
            node: booted.node,
            clock,
            settings,
            admission: Arc::clone(&admission),
            inbox: node_inbox,
            to_self: to_node.clone(),
            shards: to_shards.clone(),
            events: to_main,
        };
        running.push(spawn("node".to_owned(), node_events, move || {
            node_thread::run(node_setup);
            Ok(())
        })?);
        Ok(Self { handles: Handles { to_node, to_shards, admission, events }, running })
    }
}

/// One shard for each core but one: the control plane, the kernel's network and the disk threads need some, too, and on
/// two cores a second shard makes requests dearer without making more of them.
fn shard_count(config: &BrokerConfig) -> u16 {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let by_cores = u16::try_from(cores.saturating_sub(1)).unwrap_or(u16::MAX).clamp(1, SHARDS_MAX);
    config.node.shard_count.unwrap_or(by_cores)
}

/// Starts a thread whose failure ends the broker, a panic too: it is a bug, after which nothing in memory can be trusted.
fn spawn(
    name: String,
    events: mpsc::UnboundedSender<NodeEvent>,
    run: impl FnOnce() -> anyhow::Result<()> + Send + 'static,
) -> std::io::Result<thread::JoinHandle<()>> {
    let builder = thread::Builder::new().name(name.clone());
    let watched = move || {
        let reason = match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => format!("{name} cannot run: {error}"),
            Err(_) => format!("{name} has failed: this is a bug of Ottla"),
        };
        let _ = events.send(NodeEvent::Failed(reason));
    };
    builder.spawn(watched)
}

/// Files that the logs may hold open: half of what the system allows, of which as much is taken as can be had. Connections
/// have the other half.
fn log_files_max() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum {
        limit.current = limit.maximum;
        // What cannot be raised stays.
        let _ = setrlimit(Resource::Nofile, limit);
    }
    getrlimit(Resource::Nofile)
        .current
        .and_then(|max| usize::try_from(max).ok())
        .map_or(FILES_MAX, |max| max / 2)
}

/// Bytes that all connections may hold together: what is configured, or a quarter of the memory of the machine or container.
fn memory_max(config: &BrokerConfig) -> u64 {
    config.network.memory_bytes_max.unwrap_or_else(|| {
        let info = rustix::system::sysinfo();
        let of_machine = (info.totalram as u64).saturating_mul(u64::from(info.mem_unit));
        let of_container = std::fs::read_to_string("/sys/fs/cgroup/memory.max");
        let of_container = of_container.ok().and_then(|bytes| bytes.trim().parse().ok());
        of_container.unwrap_or(of_machine).min(of_machine) / 4
    })
}

fn limits(config: &BrokerConfig) -> Limits {
    Limits {
        frame_bytes: usize::try_from(config.network.request_bytes_max).unwrap_or(0),
        requests_in_flight: REQUESTS_IN_FLIGHT,
        waiting_bytes: WAITING_BYTES,
        response_bytes: RESPONSE_BYTES,
    }
}

/// Opens the listeners when the broker is ready, and stops everything when asked.
async fn supervise(mut handles: Handles, listeners: Listeners, clock: Clock) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut acceptors = JoinSet::new();
    let mut bound = Some((listeners.clients, listeners.controllers));
    loop {
        tokio::select! {
            event = handles.events.recv() => match event {
                Some(NodeEvent::Ready) => {
                    let (clients, controllers) = bound.take().unwrap_or_default();
                    announce(&clients, clock)?;
                    for listener in clients.into_iter().chain(controllers) {
                        accept_all(&mut acceptors, &listener.name, listener.sockets, &handles)?;
                    }
                }
                Some(NodeEvent::Stopped) => return Ok(()),
                Some(NodeEvent::Failed(reason)) => return Err(anyhow!(reason)),
                None => bail!("the control plane is gone"),
            },
            _ = terminate.recv() => stop(&handles, &mut acceptors),
            _ = interrupt.recv() => stop(&handles, &mut acceptors),
        }
    }
}

fn stop(handles: &Handles, acceptors: &mut JoinSet<()>) {
    tracing::info!("stopping");
    acceptors.abort_all();
    // If the control plane is gone its event has said so.
    let _ = handles.to_node.send(NodeInput::Stop);
}

/// The one line that scripts wait for.
fn announce(clients: &[BoundListener], clock: Clock) -> std::io::Result<()> {
    let addresses: Vec<String> = clients.iter().map(|l| format!("{}://{}", l.name, l.address)).collect();
    let ms = clock.now().mono.0 / 1_000_000;
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready {} after {ms} ms", addresses.join(","))?;
    out.flush()
}

fn accept_all(
    acceptors: &mut JoinSet<()>,
    name: &Arc<str>,
    sockets: Vec<std::net::TcpListener>,
    handles: &Handles,
) -> anyhow::Result<()> {
    for socket in sockets {
        socket.set_nonblocking(true)?;
        let socket = tokio::net::TcpListener::from_std(socket)?;
        let acceptor = Acceptor {
            listener: Arc::clone(name),
            to_shards: handles.to_shards.clone(),
            admission: Arc::clone(&handles.admission),
        };
        acceptors.spawn(acceptor.run(socket));
    }
    Ok(())
}

/// Takes the connections of one listening socket, and hands them to the shards in turn.
struct Acceptor {
    listener: Arc<str>,
    to_shards: Vec<mpsc::UnboundedSender<ShardMessage>>,
    admission: Arc<Admission>,
}

impl Acceptor {
    async fn run(self, socket: tokio::net::TcpListener) {
        let mut next = 0;
        loop {
            match socket.accept().await {
                Ok((stream, peer)) => {
                    let Some(admitted) = self.admission.admit(&self.listener, peer.ip()).await else {
                        continue;
                    };
                    let Ok(stream) = stream.into_std() else { continue };
                    next = (next + 1) % self.to_shards.len();
                    // A shard that is gone takes the whole broker along.
                    let _ = self.to_shards[next].send(ShardMessage::Connection(stream, admitted));
                }
                Err(error) => {
                    // Out of descriptors, most likely: wait for some to come free.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}
