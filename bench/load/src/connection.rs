//! One non-blocking connection: a request that is being written, answers that are being read.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

/// Read at most this much at a time before the next connection has its turn.
const READ_BYTES: usize = 1 << 20;

/// A connection, and what is on its way on it.
pub struct Connection {
    /// The socket.
    pub stream: TcpStream,
    /// Partition that it writes to or reads from.
    pub partition: i32,
    /// The request to send, whole.
    pub request: Vec<u8>,
    /// Whether `request` is being sent.
    sending: bool,
    /// Bytes of `request` that are written.
    written: usize,
    /// When each unanswered request was sent (or due), oldest first.
    in_flight: VecDeque<Instant>,
    due: Instant,
    input: Vec<u8>,
    filled: usize,
    /// Nothing more to send.
    pub done: bool,
    /// Where a consumer reads next.
    pub next_offset: i64,
}

impl Connection {
    /// Connects, without delay for small packets.
    pub fn open(broker: &str, partition: i32) -> io::Result<Self> {
        let stream = TcpStream::connect(broker)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            partition,
            request: Vec::new(),
            sending: false,
            written: 0,
            in_flight: VecDeque::new(),
            due: Instant::now(),
            input: vec![0; 1 << 16],
            filled: 0,
            done: false,
            next_offset: 0,
        })
    }

    /// Requests that are sent, or being sent, and not answered.
    pub fn unanswered(&self) -> usize {
        self.in_flight.len() + usize::from(self.sending)
    }

    /// Whether a request is only half written.
    pub fn is_sending(&self) -> bool {
        self.sending
    }

    /// Starts a request that was due at this time.
    pub fn begin(&mut self, due: Instant) -> io::Result<u64> {
        self.due = due;
        self.sending = true;
        self.go_on()
    }

    /// Writes on; how many bytes went out.
    pub fn go_on(&mut self) -> io::Result<u64> {
        let mut sent = 0;
        loop {
            match self.stream.write(&self.request[self.written..]) {
                Ok(count) => {
                    sent += count as u64;
                    self.written += count;
                    if self.written == self.request.len() {
                        self.written = 0;
                        self.sending = false;
                        self.in_flight.push_back(self.due);
                        return Ok(sent);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(sent),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads what is there and hands every whole answer (from behind its correlation id) on, with the time its request was
    /// due. Gives the bytes read.
    pub fn read(&mut self, mut answer: impl FnMut(&mut i64, &[u8], Instant)) -> io::Result<u64> {
        let mut total = 0;
        loop {
            if let Some(size) = self.frame_size() {
                let wanted = size + 4;
                if self.input.len() < wanted {
                    self.input.resize(wanted, 0);
                }
            }
            let end = self.input.len().min(self.filled + READ_BYTES);
            match self.stream.read(&mut self.input[self.filled..end]) {
                Ok(0) => {
                    return Err(io::Error::new(ErrorKind::UnexpectedEof, "the broker closed the connection"));
                }
                Ok(count) => {
                    self.filled += count;
                    total += count as u64;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(total),
                Err(error) => return Err(error),
            }
            let mut at = 0;
            while let Some(size) = frame_size(&self.input[at..self.filled]) {
                let Some(frame) = self.input.get(at + 4..(at + 4 + size).min(self.filled)) else { break };
                if frame.len() < size || size < 4 {
                    break;
                }
                let due =
                    self.in_flight.pop_front().ok_or_else(|| io::Error::other("an answer to no request"))?;
                answer(&mut self.next_offset, &frame[4..], due);
                at += 4 + size;
            }
            self.input.copy_within(at..self.filled, 0);
            self.filled -= at;
        }
    }

    fn frame_size(&self) -> Option<usize> {
        frame_size(&self.input[..self.filled])
    }
}

fn frame_size(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk::<4>().map(|size| u32::from_be_bytes(*size) as usize)
}
