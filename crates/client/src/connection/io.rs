//! The task that owns a connection's socket: it writes what is queued and hands responses to whoever waits for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use ottla_protocol::frame::FRAME_LENGTH_SIZE;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc, oneshot};

use super::{Expects, Outgoing, Shared};
use crate::error::CloseReason;

/// Frames up to this size are gathered so that many leave in one system call.
const GATHER_SIZE: usize = 64 << 10;
/// Room for the next read, in bytes.
const READ_SIZE: usize = 64 << 10;

/// The requests that were written and not answered, oldest first.
#[derive(Default)]
struct Waiting {
    queue: Mutex<VecDeque<Waiter>>,
    drained: Notify,
}

struct Waiter {
    correlation_id: i32,
    reply: oneshot::Sender<Bytes>,
    /// Given back when the response has come.
    _permit: OwnedSemaphorePermit,
}

impl Waiting {
    fn push(&self, waiter: Waiter) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(waiter);
    }

    fn pop(&self) -> Option<Waiter> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let waiter = queue.pop_front();
        if queue.is_empty() {
            self.drained.notify_one();
        }
        waiter
    }

    fn is_empty(&self) -> bool {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// Runs the connection until one side ends it. Whoever still waits then learns of it by its dropped sender.
pub(super) async fn run(
    reader: impl AsyncRead + Unpin,
    writer: impl AsyncWrite + Unpin,
    frames: mpsc::Receiver<Outgoing>,
    shared: Arc<Shared>,
    response_size_max: usize,
) {
    let waiting = Waiting::default();
    let reason = tokio::select! {
        reason = read(reader, &waiting, response_size_max) => reason,
        reason = write(writer, frames, &waiting, &shared) => reason,
        () = shared.fail.notified() => CloseReason::Local,
    };
    // The reason comes first: it is read by those whose reply is dropped with `waiting`.
    let _ = shared.closed.set(reason);
    shared.in_flight.close();
}

/// Writes until the channel or the socket ends. After `finish` it waits for the responses that are due.
async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut frames: mpsc::Receiver<Outgoing>,
    waiting: &Waiting,
    shared: &Shared,
) -> CloseReason {
    let mut gathered = Gathered::default();
    let mut finishing = false;
    loop {
        let first = tokio::select! {
            biased;
            frame = frames.recv() => frame,
            () = shared.finish.notified(), if !finishing => {
                finishing = true;
                frames.close();
                continue;
            }
        };
        let Some(first) = first else { break };
        gathered.add(first, waiting);
        while gathered.bytes.len() < GATHER_SIZE {
            let Ok(next) = frames.try_recv() else { break };
            gathered.add(next, waiting);
        }
        if let Err(error) = gathered.write_to(&mut writer).await {
            return CloseReason::Socket(Arc::new(error));
        }
    }
    while !waiting.is_empty() {
        waiting.drained.notified().await;
    }
    // The peer may be gone already, which is as good.
    let _ = writer.shutdown().await;
    CloseReason::Local
}

/// Frames that leave in one write.
#[derive(Default)]
struct Gathered {
    bytes: Vec<u8>,
    written: Vec<oneshot::Sender<()>>,
}

impl Gathered {
    fn add(&mut self, outgoing: Outgoing, waiting: &Waiting) {
        if self.bytes.is_empty() {
            self.bytes = outgoing.frame;
        } else {
            self.bytes.extend_from_slice(&outgoing.frame);
        }
        match outgoing.expects {
            Expects::Response { correlation_id, reply } => {
                waiting.push(Waiter { correlation_id, reply, _permit: outgoing.permit });
            }
            Expects::Nothing { written } => self.written.push(written),
        }
    }

    async fn write_to(&mut self, writer: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
        writer.write_all(&self.bytes).await?;
        writer.flush().await?;
        self.bytes.clear();
        for written in self.written.drain(..) {
            // Nobody waits if the caller was cancelled.
            let _ = written.send(());
        }
        Ok(())
    }
}

/// Reads until the socket ends or the peer breaks the protocol.
async fn read(mut reader: impl AsyncRead + Unpin, waiting: &Waiting, size_max: usize) -> CloseReason {
    let mut buffer = BytesMut::with_capacity(READ_SIZE);
    loop {
        let missing = loop {
            match next_frame(&mut buffer, size_max) {
                Ok(Next::Frame(frame)) => {
                    if let Err(reason) = deliver(frame, waiting) {
                        return reason;
                    }
                }
                Ok(Next::Missing(missing)) => break missing,
                Err(reason) => return reason,
            }
        };
        // The buffer grows with the bytes that have come, never by what a length field claims.
        buffer.reserve(missing.clamp(1, buffer.len().max(READ_SIZE)));
        match reader.read_buf(&mut buffer).await {
            Ok(0) => return CloseReason::Peer,
            Ok(_) => {}
            Err(error) => return CloseReason::Socket(Arc::new(error)),
        }
    }
}

enum Next {
    /// A response, from its correlation id on.
    Frame(Bytes),
    /// So many bytes are missing, or more.
    Missing(usize),
}

fn next_frame(buffer: &mut BytesMut, size_max: usize) -> Result<Next, CloseReason> {
    let Some((length, _)) = buffer.split_first_chunk::<FRAME_LENGTH_SIZE>() else {
        return Ok(Next::Missing(READ_SIZE));
    };
    let length = i32::from_be_bytes(*length);
    let size =
        usize::try_from(length).ok().filter(|&size| (4..=size_max).contains(&size)).ok_or_else(|| {
            CloseReason::BadResponse(format!(
                "a frame of {length} bytes (at least 4 and at most {size_max} are expected)"
            ))
        })?;
    if buffer.len() < FRAME_LENGTH_SIZE + size {
        return Ok(Next::Missing(FRAME_LENGTH_SIZE + size - buffer.len()));
    }
    let mut frame = buffer.split_to(FRAME_LENGTH_SIZE + size).freeze();
    let _length = frame.split_to(FRAME_LENGTH_SIZE);
    Ok(Next::Frame(frame))
}

fn deliver(frame: Bytes, waiting: &Waiting) -> Result<(), CloseReason> {
    let correlation_id = frame.first_chunk().map(|bytes| i32::from_be_bytes(*bytes));
    let waiter =
        waiting.pop().ok_or_else(|| CloseReason::BadResponse("a response to no request".to_owned()))?;
    if correlation_id != Some(waiter.correlation_id) {
        return Err(CloseReason::BadResponse(format!(
            "a response with correlation id {correlation_id:?} where {} is expected",
            waiter.correlation_id
        )));
    }
    // Nobody waits if the caller was cancelled.
    let _ = waiter.reply.send(frame);
    Ok(())
}
