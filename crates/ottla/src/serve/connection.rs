//! One client connection: frames in, responses out, in request order.
//!
//! A connection keeps reading while earlier requests wait, up to [`Limits::requests_in_flight`] requests and
//! [`Limits::response_bytes`] of unsent responses; past that it stops reading, and TCP slows the client down.
//! Small frames are read through a buffer that all connections of a shard share, so that an idle connection holds
//! none; a frame that has not arrived whole waits in a buffer of its own, which grows only as bytes arrive.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use ottla_broker::connection::ConnectionState;
use ottla_broker::effect::RequestId;
use ottla_broker::response::{Answer, ResponseSink};
use ottla_protocol::time::Monotonic;
use rustix::net::SendFlags;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use super::budget::Claim;
use super::shard_thread::ShardHost;

/// Bounds of one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Largest request frame in bytes, without its size field (`socket.request.max.bytes`).
    pub frame_bytes: usize,
    /// Requests that may wait for their response at once.
    pub requests_in_flight: usize,
    /// Bytes of requests that wait for their response, and of responses that wait for their turn, past which no further
    /// request is taken.
    pub waiting_bytes: usize,
    /// Unsent response bytes past which no further request is taken.
    pub response_bytes: u64,
}

/// Frames from this size on are read straight into a buffer of the connection's own.
const LARGE_FRAME: usize = 48 * 1024;
/// First size of a buffer for a frame that has not arrived whole.
const PARTIAL_MIN: usize = 4 * 1024;
/// Sends in one turn of a connection, each of at most 1 MiB of a file: a fast reader does not hold its shard.
const SENDS_A_TURN: usize = 8;
/// An output buffer that grew past this is given back once it is empty.
const OUTPUT_KEPT: usize = 16 * 1024;

/// The part of a connection that its shard's host reaches: responses that come later, and the wish to close.
pub(super) struct Mailbox {
    listener: Arc<str>,
    slots: RefCell<Slots>,
    waker: RefCell<Option<Waker>>,
    closed: Cell<bool>,
    finishing: Cell<bool>,
    /// Whether it is the client's turn, to send the rest of a request or to take a response.
    held: Cell<bool>,
    active_at: Cell<Monotonic>,
}

#[derive(Default)]
struct Slots {
    /// Sequence number of the first slot.
    first: u64,
    queue: VecDeque<Slot>,
    /// Bytes of all slots.
    bytes: usize,
}

/// One request, until its response leaves.
struct Slot {
    /// Size of the request, and of what was answered to it at once.
    bytes: usize,
    response: Option<ResponseSink>,
}

impl Slots {
    fn push(&mut self, bytes: usize, response: Option<ResponseSink>) {
        self.bytes += bytes;
        self.queue.push_back(Slot { bytes, response });
    }

    /// The response of the first slot, if it is there.
    fn pop_due(&mut self) -> Option<ResponseSink> {
        let response = self.queue.front_mut()?.response.take()?;
        let slot = self.queue.pop_front()?;
        self.bytes -= slot.bytes;
        self.first += 1;
        Some(response)
    }
}

impl Mailbox {
    pub(super) fn new(listener: Arc<str>, now: Monotonic) -> Self {
        Self {
            listener,
            slots: RefCell::default(),
            waker: RefCell::default(),
            closed: Cell::new(false),
            finishing: Cell::new(false),
            held: Cell::new(false),
            active_at: Cell::new(now),
        }
    }

    /// Name of the listener that the connection came through.
    pub(super) fn listener(&self) -> &str {
        &self.listener
    }

    /// Takes the response of an earlier request.
    pub(super) fn deliver(&self, sequence: u64, response: ResponseSink) {
        let mut slots = self.slots.borrow_mut();
        let Some(index) = sequence.checked_sub(slots.first) else { return };
        let size = response.bytes.len();
        let Some(slot) = usize::try_from(index).ok().and_then(|index| slots.queue.get_mut(index)) else {
            return;
        };
        slot.bytes += size;
        slot.response = Some(response);
        slots.bytes += size;
        // The response that is due next gives the connection something to do, and a large one something to count.
        let concerns = index == 0 || size >= LARGE_FRAME;
        drop(slots);
        if concerns {
            self.wake();
        }
    }

    /// Ends the connection as soon as it runs.
    pub(super) fn close(&self) {
        self.closed.set(true);
        self.wake();
    }

    /// Ends the connection when what was asked is answered.
    pub(super) fn finish(&self) {
        self.finishing.set(true);
        self.wake();
    }

    /// Whether memory is held until the client sends the rest of a request, or takes a response.
    pub(super) fn holds_memory(&self) -> bool {
        self.held.get()
    }

    /// When the last bytes came in or left.
    pub(super) fn active_at(&self) -> Monotonic {
        self.active_at.get()
    }

    /// Whether no request waits for its response.
    pub(super) fn is_idle(&self) -> bool {
        self.slots.borrow().queue.is_empty()
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }
}

/// Serves one connection until either side closes it.
pub(super) async fn serve(
    stream: TcpStream,
    host: Rc<ShardHost>,
    state: ConnectionState,
    mailbox: Rc<Mailbox>,
) {
    let mut connection = Connection {
        stream,
        limits: host.limits(),
        claim: Claim::new(host.budget()),
        host,
        state,
        mailbox,
        partial: Partial::default(),
        output: Output::default(),
        sequence: 0,
        ending: None,
    };
    // An error here is the peer's going away or its nonsense: it ends this connection and concerns nobody else.
    if let Err(reason) = poll_fn(|cx| connection.poll(cx)).await {
        tracing::debug!(peer = %connection.state.peer(), %reason, "connection closed");
    }
}

struct Connection {
    stream: TcpStream,
    limits: Limits,
    claim: Claim,
    host: Rc<ShardHost>,
    state: ConnectionState,
    mailbox: Rc<Mailbox>,
    partial: Partial,
    output: Output,
    /// Sequence number of the next request.
    sequence: u64,
    /// Why the connection ends once the responses that are due have left.
    ending: Option<io::Error>,
}

/// Bytes received of frames that have not been handed on. `buffer` is initialised in full; `filled` of it count.
#[derive(Default)]
struct Partial {
    buffer: Vec<u8>,
    filled: usize,
    /// Size of the last large frame with its size field, 0 after a small one: the next is probably alike.
    large: usize,
}

/// How far a run over buffered frames came.
struct Progress {
    consumed: usize,
    /// The bytes that the frame after `consumed` needs in all, if its size is known.
    wanted: Option<usize>,
}

impl Connection {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.mailbox.closed.get() {
                return Poll::Ready(Err(io::Error::other("closed by the broker")));
            }
            if self.mailbox.finishing.get() && self.ending.is_none() {
                self.ending = Some(io::Error::other("the broker stops"));
            }
            self.collect_due();
            let sent_before = self.output.sent_in_all;
            let flushed = self.output.poll_flush(&mut self.stream, cx)?;
            if self.output.sent_in_all != sent_before {
                self.mailbox.active_at.set(self.host.now().mono);
            }
            if let Some(reason) = self.ending.take() {
                // What was asked before the nonsense is still answered.
                if flushed.is_ready() && self.mailbox.is_idle() {
                    return Poll::Ready(Err(reason));
                }
                self.ending = Some(reason);
                return self.park(cx);
            }
            if flushed.is_pending() && self.output.sink.size() > self.limits.response_bytes {
                return self.park(cx);
            }
            self.count_held();
            if !self.may_take() {
                return self.park(cx);
            }
            let may_grow = self.claim.may_grow(cx.waker());
            if !may_grow && self.claim.held() > 0 {
                // It keeps its place in the queue, and is woken from there.
                self.keep_waker(cx);
                return Poll::Pending;
            }
            if self.partial.filled > 0 && self.take_buffered() {
                continue;
            }
            match self.poll_fill(may_grow, cx)? {
                Poll::Ready(0) => return Poll::Ready(Ok(())),
                Poll::Ready(_) => {}
                Poll::Pending => return self.park(cx),
            }
        }
    }

    /// Tells the shard's budget what the connection holds.
    fn count_held(&mut self) {
        let waiting = self.mailbox.slots.borrow().bytes;
        let bytes = self.partial.buffer.len() + self.output.sink.bytes.len() + waiting;
        self.claim.set(bytes as u64);
        self.mailbox.held.set(self.partial.filled > 0 || !self.output.sink.is_empty());
    }

    /// Waits for the socket (which has our waker where it matters) or for a response.
    fn park(&mut self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.count_held();
        // A large request that waits for the broker keeps the place: the next one begins when it is done.
        if self.partial.filled == 0 && self.claim.held() <= PARTIAL_MIN as u64 {
            self.claim.leave();
        }
        self.keep_waker(cx);
        Poll::Pending
    }

    fn keep_waker(&self, cx: &Context<'_>) {
        let mut waker = self.mailbox.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
    }

    fn may_take(&self) -> bool {
        let slots = self.mailbox.slots.borrow();
        slots.queue.len() < self.limits.requests_in_flight && slots.bytes < self.limits.waiting_bytes
    }

    /// Moves the responses whose turn has come to the output.
    fn collect_due(&mut self) {
        let mut slots = self.mailbox.slots.borrow_mut();
        while let Some(response) = slots.pop_due() {
            if response.is_broken {
                self.ending = Some(io::Error::other("a response that no frame can hold"));
                break;
            }
            self.output.sink.append(response);
        }
    }

    /// Hands on whole frames that wait in the connection's own buffer. True if any was there.
    fn take_buffered(&mut self) -> bool {
        let mut buffer = std::mem::take(&mut self.partial.buffer);
        let progress = self.take_frames(&mut buffer[..self.partial.filled]);
        self.keep(buffer, &progress);
        progress.consumed > 0
    }

    /// Reads once, and hands on the frames that are whole. Returns the number of bytes read, 0 at the end. Whoever holds nothing
    /// may read a little though the memory is used up: small requests go on.
    fn poll_fill(&mut self, may_grow: bool, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if !may_grow {
            return self.poll_fill_shared(PARTIAL_MIN, cx);
        }
        if self.partial.filled == 0 && self.partial.large == 0 {
            return self.poll_fill_shared(usize::MAX, cx);
        }
        if self.partial.buffer.is_empty() {
            self.partial.buffer = self.host.buffers().take(self.partial.large.max(PARTIAL_MIN));
        }
        let filled = self.partial.filled;
        debug_assert!(filled < self.partial.buffer.len(), "take_frames makes room for the next byte");
        let mut into = ReadBuf::new(&mut self.partial.buffer[filled..]);
        let read = match Pin::new(&mut self.stream).poll_read(cx, &mut into) {
            Poll::Ready(result) => result.map(|()| into.filled().len())?,
            Poll::Pending => {
                self.partial.release_if_empty(&self.host);
                return Poll::Pending;
            }
        };
        self.partial.filled += read;
        self.mailbox.active_at.set(self.host.now().mono);
        if read > 0 {
            self.take_buffered();
        }
        Poll::Ready(Ok(read))
    }

    fn poll_fill_shared(&mut self, bytes_max: usize, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let host = Rc::clone(&self.host);
        let mut shared = host.read_buffer().borrow_mut();
        let room = shared.len().min(bytes_max);
        let mut into = ReadBuf::new(&mut shared[..room]);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut into))?;
        let read = into.filled().len();
        self.mailbox.active_at.set(host.now().mono);
        let progress = self.take_frames(&mut shared[..read]);
        let rest = &shared[progress.consumed..read];
        if !rest.is_empty() {
            let mut own = host.buffers().take(progress.first_size(rest.len()));
            own[..rest.len()].copy_from_slice(rest);
            self.partial.buffer = own;
            self.partial.filled = rest.len();
        }
        Poll::Ready(Ok(read))
    }

    /// Keeps what is left of `buffer` after `progress`, with room for more.
    fn keep(&mut self, mut buffer: Vec<u8>, progress: &Progress) {
        let rest = self.partial.filled - progress.consumed;
        if rest > 0 && progress.consumed > 0 {
            buffer.copy_within(progress.consumed..self.partial.filled, 0);
        }
        self.partial.filled = rest;
        if rest == buffer.len() {
            // A claimed size alone reserves nothing: the buffer at most doubles as bytes arrive.
            let mut larger = self.host.buffers().take(progress.first_size(rest));
            larger[..rest].copy_from_slice(&buffer);
            self.host.buffers().give(std::mem::replace(&mut buffer, larger));
        }
        self.partial.buffer = buffer;
        self.partial.release_if_empty(&self.host);
    }

    /// Hands on every whole frame of `bytes`, as far as the bounds allow.
    fn take_frames(&mut self, bytes: &mut [u8]) -> Progress {
        let mut consumed = 0;
        let mut wanted = None;
        while let Some(size) = bytes.get(consumed..consumed + 4) {
            let size = i32::from_be_bytes([size[0], size[1], size[2], size[3]]);
            let size = usize::try_from(size).ok().filter(|size| *size <= self.limits.frame_bytes);
            let Some(size) = size else {
                self.ending = Some(io::Error::new(io::ErrorKind::InvalidData, "impossible frame size"));
                consumed = bytes.len();
                break;
            };
            let end = consumed + 4 + size;
            if end > bytes.len() || !self.may_take() || self.output.sink.size() > self.limits.response_bytes {
                wanted = Some(4 + size);
                break;
            }
            self.partial.large = if size >= LARGE_FRAME { 4 + size } else { 0 };
            consumed = end;
            if let Err(reason) = self.take_frame(&mut bytes[end - size..end]) {
                self.ending = Some(reason);
                consumed = bytes.len();
                break;
            }
        }
        if consumed > 0 {
            self.host.run_effects();
        }
        Progress { consumed, wanted }
    }

    fn take_frame(&mut self, frame: &mut [u8]) -> io::Result<()> {
        let request = RequestId { connection: self.state.id(), sequence: self.sequence };
        let is_next = self.mailbox.slots.borrow().queue.is_empty();
        let mut later = ResponseSink::default();
        let sink = if is_next { &mut self.output.sink } else { &mut later };
        let answer = self.host.request(&mut self.state, request, frame, sink);
        let sink_is_broken = sink.is_broken;
        self.sequence += 1;
        let mut slots = self.mailbox.slots.borrow_mut();
        if sink_is_broken {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a response that no frame can hold"));
        }
        match answer {
            Answer::Close => return Err(io::Error::new(io::ErrorKind::InvalidData, "bad request")),
            Answer::Ready | Answer::Nothing if is_next => slots.first = self.sequence,
            Answer::Ready | Answer::Nothing => slots.push(frame.len() + later.bytes.len(), Some(later)),
            Answer::Later => slots.push(frame.len(), None),
        }
        Ok(())
    }
}

impl Progress {
    /// Size of the buffer that takes the unfinished frame, of which `have` bytes are here.
    fn first_size(&self, have: usize) -> usize {
        self.wanted.unwrap_or(PARTIAL_MIN).min(have.saturating_mul(2)).max(PARTIAL_MIN).max(have + 1)
    }
}

impl Partial {
    fn release_if_empty(&mut self, host: &ShardHost) {
        if self.filled == 0 && !self.buffer.is_empty() {
            host.buffers().give(std::mem::take(&mut self.buffer));
        }
    }
}

/// Responses that have not left yet, and how much of them has.
#[derive(Default)]
struct Output {
    sink: ResponseSink,
    /// Bytes of `sink.bytes` that have left.
    sent: usize,
    /// Splices that have left whole.
    spliced: usize,
    /// Bytes that have ever left.
    sent_in_all: u64,
}

impl Output {
    /// Sends as much as the socket takes.
    fn poll_flush(&mut self, stream: &mut TcpStream, cx: &mut Context<'_>) -> io::Result<Poll<()>> {
        let mut sends = 0;
        while self.sent < self.sink.bytes.len() || self.spliced < self.sink.splices.len() {
            if sends == SENDS_A_TURN {
                // The socket would take more: the others of the shard come first.
                cx.waker().wake_by_ref();
                return Ok(Poll::Pending);
            }
            sends += 1;
            let result = match self.sink.splices.get_mut(self.spliced) {
                Some(splice) if splice.at == self.sent => send_file(stream, splice).inspect(|_| {
                    self.spliced += usize::from(splice.size == 0);
                }),
                Some(splice) => send_more(stream, &self.sink.bytes[self.sent..splice.at])
                    .inspect(|sent| self.sent += sent),
                None => match Pin::new(&mut *stream).poll_write(cx, &self.sink.bytes[self.sent..]) {
                    Poll::Ready(result) => result.inspect(|sent| self.sent += sent),
                    Poll::Pending => return Ok(Poll::Pending),
                },
            };
            match result {
                Ok(sent) => self.sent_in_all += sent as u64,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match stream.poll_write_ready(cx) {
                        Poll::Ready(ready) => ready?,
                        Poll::Pending => return Ok(Poll::Pending),
                    }
                }
                Err(error) => return Err(error),
            }
        }
        self.sent = 0;
        self.spliced = 0;
        self.sink.splices.clear();
        self.sink.bytes.clear();
        if self.sink.bytes.capacity() > OUTPUT_KEPT {
            self.sink.bytes = Vec::new();
        }
        Ok(Poll::Ready(()))
    }
}

/// Sends bytes that a file's bytes follow, so that both can share a packet.
fn send_more(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    stream.try_io(Interest::WRITABLE, || {
        Ok(rustix::net::send(stream, bytes, SendFlags::MORE | SendFlags::NOSIGNAL)?)
    })
}

/// Sends the rest of a splice, or some of it, from file to socket. Returns the number of bytes that have left.
fn send_file(stream: &TcpStream, splice: &mut ottla_broker::response::Splice) -> io::Result<usize> {
    /// Most bytes per call, so that one fast reader cannot hold the shard.
    const AT_ONCE: u64 = 1 << 20;
    let wanted = usize::try_from(splice.size.min(AT_ONCE)).unwrap_or(0);
    let sent = match splice.file.as_fd() {
        Some(fd) => stream.try_io(Interest::WRITABLE, || {
            let mut position = splice.position;
            Ok(rustix::fs::sendfile(stream, fd, Some(&mut position), wanted)?)
        })?,
        None => {
            let mut copy = vec![0; wanted.min(64 * 1024)];
            let read = splice.file.read_at(&mut copy, splice.position).map_err(io::Error::other)?;
            stream.try_write(&copy[..read])?
        }
    };
    if sent == 0 && wanted > 0 {
        // The promised bytes are gone (the file was cut): the response cannot be completed.
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "log file is shorter than its region"));
    }
    splice.position += sent as u64;
    splice.size -= sent as u64;
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(size: usize) -> ResponseSink {
        ResponseSink { bytes: vec![0; size], ..ResponseSink::default() }
    }

    #[test]
    fn responses_that_wait_for_their_turn_are_counted_until_they_leave() {
        let mailbox = Mailbox::new("PLAINTEXT".into(), Monotonic(0));
        for _ in 0..3 {
            mailbox.slots.borrow_mut().push(10, None);
        }
        mailbox.deliver(1, response(1000));
        mailbox.deliver(2, response(2000));
        assert_eq!(mailbox.slots.borrow().bytes, 3030);
        assert!(mailbox.slots.borrow_mut().pop_due().is_none(), "the first is still to come");
        mailbox.deliver(0, response(1));
        let sizes: Vec<_> =
            std::iter::from_fn(|| mailbox.slots.borrow_mut().pop_due()).map(|r| r.bytes.len()).collect();
        assert_eq!((sizes, mailbox.slots.borrow().bytes), (vec![1, 1000, 2000], 0));
        mailbox.deliver(9, response(5));
        assert_eq!(mailbox.slots.borrow().bytes, 0, "nobody waits for it");
    }
}
