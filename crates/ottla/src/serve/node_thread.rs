//! The control plane on its own thread, with a few more for its disk work.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use ottla_broker::effect::ShardId;
use ottla_broker::node::{Node, NodeEffect, NodeInput, NodeJob};
use ottla_broker::settings::SettingsSource;
use ottla_broker::shard::ShardInput;
use tokio::sync::mpsc::UnboundedSender;

use super::admission::Admission;
use super::clock::Clock;
use super::shard_thread::ShardMessage;
use crate::log_filter;

/// Threads for syncs of the metadata log and for checkpoint files.
const JOB_THREADS: usize = 2;
/// Inputs that are taken before the effects are performed, so that they share a sync.
const INPUTS_AT_ONCE: usize = 256;

/// What the program must know of the control plane.
#[derive(Debug)]
pub(super) enum NodeEvent {
    /// Clients may be served.
    Ready,
    /// The broker has stopped cleanly.
    Stopped,
    /// The broker cannot go on.
    Failed(String),
}

/// The control plane and whom it talks to.
pub(super) struct NodeSetup {
    pub node: Node,
    pub clock: Clock,
    pub settings: SettingsSource,
    pub admission: Arc<Admission>,
    pub inbox: Receiver<NodeInput>,
    pub to_self: Sender<NodeInput>,
    pub shards: Vec<UnboundedSender<ShardMessage>>,
    pub events: UnboundedSender<NodeEvent>,
}

/// Runs the control plane until it has stopped or failed.
pub(super) fn run(setup: NodeSetup) {
    let jobs = JobThreads::start(&setup.to_self);
    let mut host = NodeHost {
        node: setup.node,
        settings: setup.settings,
        admission: setup.admission,
        shards: setup.shards,
        events: setup.events,
        jobs,
        is_done: false,
    };
    host.run_effects();
    while !host.is_done {
        let now = setup.clock.now();
        let wait = host.node.poll_deadline().since(now.mono);
        match setup.inbox.recv_timeout(wait) {
            Ok(input) => {
                host.node.handle(input, setup.clock.now());
                for input in setup.inbox.try_iter().take(INPUTS_AT_ONCE) {
                    host.node.handle(input, setup.clock.now());
                }
            }
            Err(RecvTimeoutError::Timeout) => host.node.handle(NodeInput::Tick, setup.clock.now()),
            Err(RecvTimeoutError::Disconnected) => return,
        }
        host.run_effects();
    }
}

struct NodeHost {
    node: Node,
    settings: SettingsSource,
    admission: Arc<Admission>,
    shards: Vec<UnboundedSender<ShardMessage>>,
    events: UnboundedSender<NodeEvent>,
    jobs: JobThreads,
    is_done: bool,
}

impl NodeHost {
    fn run_effects(&mut self) {
        while let Some(effect) = self.node.poll_effect() {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: NodeEffect) {
        match effect {
            NodeEffect::Run(job) => self.jobs.run(job),
            NodeEffect::Publish { image, changes } => {
                if !changes.configs.is_empty()
                    && let Ok(config) = self.settings.broker(&image)
                {
                    self.admission.configure(&config, &self.settings.layers(&image));
                }
                for shard in 0..self.shards.len() {
                    let (image, changes) = (Arc::clone(&image), Arc::clone(&changes));
                    self.tell(shard, ShardInput::Publish { image, changes });
                }
            }
            NodeEffect::Respond(response) => {
                let ShardId(shard) = response.shard;
                self.tell(shard.into(), ShardInput::NodeResponse(response));
            }
            NodeEffect::ProducerIds { shard: ShardId(shard), block } => {
                self.tell(shard.into(), ShardInput::ProducerIds(block));
            }
            NodeEffect::LogDirFailed { log_dir } => {
                for shard in 0..self.shards.len() {
                    self.tell(shard, ShardInput::LogDirFailed { log_dir });
                }
            }
            NodeEffect::SetLogFilter(filter) => log_filter::set(&filter),
            NodeEffect::Ready => self.report(NodeEvent::Ready),
            NodeEffect::StopShards => {
                for shard in 0..self.shards.len() {
                    self.tell(shard, ShardInput::Stop);
                }
            }
            NodeEffect::Stopped => {
                self.is_done = true;
                self.report(NodeEvent::Stopped);
            }
            NodeEffect::Fatal(failure) => {
                self.is_done = true;
                self.report(NodeEvent::Failed(failure.to_string()));
            }
        }
    }

    /// A shard that is gone has stopped, or its thread has died, which the program notices by itself.
    fn tell(&self, shard: usize, input: ShardInput) {
        let _ = self.shards[shard].send(ShardMessage::Input(input));
    }

    fn report(&self, event: NodeEvent) {
        let _ = self.events.send(event);
    }
}

/// Threads that do the control plane's disk work.
struct JobThreads {
    to_threads: Option<Sender<NodeJob>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl JobThreads {
    fn start(to_node: &Sender<NodeInput>) -> Self {
        let (to_threads, jobs) = std::sync::mpsc::channel::<NodeJob>();
        let jobs = Arc::new(Mutex::new(jobs));
        let threads = (0..JOB_THREADS).map(|index| {
            let (jobs, to_node) = (Arc::clone(&jobs), to_node.clone());
            let run = move || {
                loop {
                    let job = match jobs.lock() {
                        Ok(jobs) => jobs.recv(),
                        Err(_) => return,
                    };
                    let Ok(job) = job else { return };
                    let _ = to_node.send(NodeInput::JobDone(job.run()));
                }
            };
            thread::Builder::new()
                .name(format!("node-disk-{index}"))
                .spawn(run)
                .expect("the system has threads left")
        });
        Self { threads: threads.collect(), to_threads: Some(to_threads) }
    }

    fn run(&self, job: NodeJob) {
        if let Some(to_threads) = &self.to_threads {
            let _ = to_threads.send(job);
        }
    }
}

impl Drop for JobThreads {
    fn drop(&mut self) {
        self.to_threads = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}
