//! One data-plane shard on its own thread: the runtime, the connections, and the effects of the shard's machine.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ottla_broker::connection::ConnectionState;
use ottla_broker::effect::{ConnectionId, RequestId, ShardId};
use ottla_broker::job::Job;
use ottla_broker::node::NodeInput;
use ottla_broker::response::{Answer, ResponseSink};
use ottla_broker::shard::{Shard, ShardEffect, ShardInput, ShardSetup};
use ottla_protocol::time::{Monotonic, Now};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinSet, LocalSet};

use super::admission::Admitted;
use super::budget::Budget;
use super::buffers::Buffers;
use super::clock::Clock;
use super::connection::{self, Limits, Mailbox};

/// Size of the buffer through which a shard reads small frames.
const READ_BUFFER: usize = 256 * 1024;
/// How often idle connections are looked for.
const IDLE_SWEEP: Duration = Duration::from_secs(10);
/// When memory is short, a connection that holds some must move at least so often.
const STALLED: Duration = Duration::from_secs(10);
/// How long connections may take to finish when the broker stops.
const FINISH_TIME: Duration = Duration::from_secs(1);
/// Threads per shard for syncs and other slow disk work.
const JOB_THREADS: usize = 4;

/// What reaches a shard's thread from others. The channel is unbounded, its content is not: at most one message per
/// request in flight, job under way and published image.
pub(super) enum ShardMessage {
    /// A fact for the shard's machine.
    Input(ShardInput),
    /// A connection that the shard shall serve.
    Connection(std::net::TcpStream, Admitted),
}

/// Messages that are taken before the effects are performed, so that they share a sync and a wake-up.
const MESSAGES_AT_ONCE: usize = 64;

/// What a shard's thread needs to run.
pub(super) struct ThreadSetup {
    pub shard: ShardSetup,
    pub host: HostSetup,
}

/// What serves the connections of a shard.
pub(super) struct HostSetup {
    pub clock: Clock,
    pub limits: Limits,
    /// Bytes that all connections of the shard may hold together.
    pub memory_max: u64,
    /// `connections.max.idle.ms`, or `None` if it is off.
    pub idle_max: Option<Duration>,
    pub inbox: mpsc::UnboundedReceiver<ShardMessage>,
    /// All shards of the broker, by id.
    pub to_shards: Vec<mpsc::UnboundedSender<ShardMessage>>,
    pub to_node: std::sync::mpsc::Sender<NodeInput>,
}

/// Opens a shard's logs, and runs it until it has stopped. Returns when its logs are closed.
///
/// Errors: configs that contradict each other, or a thread without a runtime.
pub(super) fn run(setup: ThreadSetup) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(JOB_THREADS)
        .thread_keep_alive(Duration::from_secs(60))
        .build()?;
    let id = setup.shard.id;
    let shard = Shard::new(setup.shard, setup.host.clock.now())?;
    LocalSet::new().block_on(&runtime, serve(setup.host, shard, id));
    Ok(())
}

async fn serve(setup: HostSetup, shard: Shard, id: ShardId) {
    let host = Rc::new(ShardHost {
        id,
        shard: RefCell::new(shard),
        clock: setup.clock,
        limits: setup.limits,
        budget: Budget::new(setup.memory_max),
        buffers: Buffers::default(),
        read_buffer: RefCell::new(vec![0; READ_BUFFER]),
        mailboxes: RefCell::default(),
        to_shards: setup.to_shards,
        to_node: setup.to_node,
        timer: Notify::new(),
        armed: Cell::new(Monotonic::NEVER),
        stopped: Cell::new(false),
    });
    let mut inbox = setup.inbox;
    let mut messages = Vec::new();
    let mut connections = Connections::default();
    let mut sweep = tokio::time::interval(IDLE_SWEEP);
    host.run_effects();
    while !host.stopped.get() {
        let deadline = host.clock.instant(host.armed.get());
        tokio::select! {
            count = inbox.recv_many(&mut messages, MESSAGES_AT_ONCE) => match count {
                0 => return,
                _ => host.take(&mut messages, &mut connections),
            },
            () = tokio::time::sleep_until(deadline.into()) => host.handle(ShardInput::Tick),
            () = host.timer.notified() => {}
            Some(ended) = connections.tasks.join_next() => {
                if let Err(error) = ended
                    && error.is_panic()
                {
                    // The shard's state cannot be trusted any more.
                    std::panic::resume_unwind(error.into_panic());
                }
            }
            _ = sweep.tick() => host.close_idle(setup.idle_max),
        }
    }
    // What was asked before the stop is still answered, if the clients take it.
    host.finish_connections();
    let finished = async {
        while !connections.tasks.is_empty() {
            tokio::select! {
                Some(message) = inbox.recv() => if let ShardMessage::Input(input) = message {
                    host.handle(input);
                },
                _ = connections.tasks.join_next() => {}
            }
        }
    };
    // Whoever has not taken it by then does not get it.
    let _ = tokio::time::timeout(FINISH_TIME, finished).await;
}

/// The connections of a shard as tasks.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    opened: u64,
}

fn open(
    host: &Rc<ShardHost>,
    connections: &mut Connections,
    stream: std::net::TcpStream,
    admitted: Admitted,
) -> std::io::Result<()> {
    stream.set_nonblocking(true)?;
    stream.set_nodelay(true)?;
    let peer = stream.peer_addr()?;
    let stream = TcpStream::from_std(stream)?;
    let id = ConnectionId::new(host.id, connections.opened);
    connections.opened += 1;
    let state = ConnectionState::new(id, peer, Arc::clone(&admitted.listener));
    host.close_excess(&admitted);
    let mailbox = Rc::new(Mailbox::new(Arc::clone(&admitted.listener), host.now().mono));
    host.mailboxes.borrow_mut().insert(id, Rc::clone(&mailbox));
    let host = Rc::clone(host);
    connections.tasks.spawn_local(async move {
        connection::serve(stream, Rc::clone(&host), state, mailbox).await;
        host.mailboxes.borrow_mut().remove(&id);
        host.handle(ShardInput::ConnectionClosed(id));
        drop(admitted);
    });
    Ok(())
}

/// A shard's machine with all that performs its effects.
pub(super) struct ShardHost {
    id: ShardId,
    shard: RefCell<Shard>,
    clock: Clock,
    limits: Limits,
    budget: Rc<Budget>,
    buffers: Buffers,
    read_buffer: RefCell<Vec<u8>>,
    mailboxes: RefCell<HashMap<ConnectionId, Rc<Mailbox>>>,
    to_shards: Vec<mpsc::UnboundedSender<ShardMessage>>,
    to_node: std::sync::mpsc::Sender<NodeInput>,
    /// Told when `armed` moves forward.
    timer: Notify,
    /// The deadline that the thread's timer waits for.
    armed: Cell<Monotonic>,
    stopped: Cell<bool>,
}

impl ShardHost {
    pub(super) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    pub(super) fn buffers(&self) -> &Buffers {
        &self.buffers
    }

    pub(super) fn read_buffer(&self) -> &RefCell<Vec<u8>> {
        &self.read_buffer
    }

    /// Hands one request frame to the shard. Call [`run_effects`](Self::run_effects) after the last of a run.
    pub(super) fn request(
        &self,
        connection: &mut ConnectionState,
        request: RequestId,
        frame: &mut [u8],
        sink: &mut ResponseSink,
    ) -> Answer {
        self.shard.borrow_mut().request(connection, request, frame, sink, self.clock.now())
    }

    fn handle(&self, input: ShardInput) {
        self.shard.borrow_mut().handle(input, self.clock.now());
        self.run_effects();
    }

    /// Takes messages from other threads, and performs what comes of them together.
    fn take(self: &Rc<Self>, messages: &mut Vec<ShardMessage>, connections: &mut Connections) {
        for message in messages.drain(..) {
            match message {
                ShardMessage::Input(input) => self.shard.borrow_mut().handle(input, self.clock.now()),
                ShardMessage::Connection(stream, admitted) => {
                    if let Err(error) = open(self, connections, stream, admitted) {
                        tracing::debug!(%error, "connection could not be set up");
                    }
                }
            }
        }
        self.run_effects();
    }

    fn to_shard(&self, shard: ShardId) -> &mpsc::UnboundedSender<ShardMessage> {
        &self.to_shards[usize::from(shard.0)]
    }

    /// Performs what the shard wants done, in its order, and sets the timer.
    pub(super) fn run_effects(&self) {
        self.shard.borrow_mut().end_round(self.clock.now());
        loop {
            let effect = self.shard.borrow_mut().poll_effect();
            match effect {
                Some(effect) => self.perform(effect),
                None => break,
            }
        }
        let deadline = self.shard.borrow().poll_deadline();
        if deadline < self.armed.replace(deadline) {
            self.timer.notify_one();
        }
    }

    fn perform(&self, effect: ShardEffect) {
        match effect {
            ShardEffect::Respond { request, response } => {
                if let Some(mailbox) = self.mailboxes.borrow().get(&request.connection) {
                    mailbox.deliver(request.sequence, response);
                }
            }
            ShardEffect::Close(connection) => {
                if let Some(mailbox) = self.mailboxes.borrow().get(&connection) {
                    mailbox.close();
                }
            }
            // The node outlives the shards; were it gone, the process is ending and nobody waits.
            ShardEffect::ToNode(input) => drop(self.to_node.send(input)),
            // A shard that is gone has stopped, and so do we, or its thread has died, and so does the process.
            ShardEffect::ToShard { shard, message } => {
                let _ = self.to_shard(shard).send(ShardMessage::Input(ShardInput::FromShard(message)));
            }
            ShardEffect::Run(job) => self.run_job(job),
            ShardEffect::Stopped => self.stopped.set(true),
        }
    }

    /// Runs slow work on another thread; its result comes back through the inbox.
    fn run_job(&self, job: Job) {
        let to_self = self.to_shard(self.id).clone();
        tokio::task::spawn_blocking(move || {
            let _ = to_self.send(ShardMessage::Input(ShardInput::JobDone(job.run())));
        });
    }

    fn finish_connections(&self) {
        self.mailboxes.borrow().values().for_each(|mailbox| mailbox.finish());
    }

    /// If brokers have taken slots of clients, the client that has been idle longest leaves for the one that comes.
    fn close_excess(&self, coming: &Admitted) {
        if !coming.is_too_many() {
            return;
        }
        let mailboxes = self.mailboxes.borrow();
        let excess = mailboxes.values().filter(|mailbox| coming.has_displaced(mailbox.listener()));
        if let Some(idlest) = excess.min_by_key(|mailbox| mailbox.active_at()) {
            idlest.close();
        }
    }

    /// Closes connections that have been idle for too long, and those whose clients neither send nor take anything while they
    /// hold the memory that others wait for.
    fn close_idle(&self, idle_max: Option<Duration>) {
        let now = self.now().mono;
        let is_short = self.budget.is_used_up();
        for mailbox in self.mailboxes.borrow().values() {
            let rested = now.since(mailbox.active_at());
            let is_idle = mailbox.is_idle() && idle_max.is_some_and(|idle_max| rested > idle_max);
            if is_idle || (is_short && mailbox.holds_memory() && rested > STALLED) {
                mailbox.close();
            }
        }
    }
}
