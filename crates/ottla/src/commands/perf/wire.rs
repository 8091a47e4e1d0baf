//! A raw connection: one frame going out at a time, frames coming in, polled by hand.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use ottla_client::Address;
use tokio::io::{AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Room for the next read, in bytes.
const READ_SIZE: usize = 64 << 10;
/// Largest response that is believed, in bytes.
const RESPONSE_SIZE_MAX: usize = 1 << 30;

#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    incoming: BytesMut,
    /// Bytes of the current frame that are written.
    written: usize,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

impl Wire {
    pub async fn connect(address: &Address) -> io::Result<Self> {
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, incoming: BytesMut::new(), written: 0, bytes_in: 0, bytes_out: 0 })
    }

    /// Writes the rest of `frame`, which must be the same until this is ready.
    pub fn poll_write_frame(&mut self, context: &mut Context<'_>, frame: &[u8]) -> Poll<io::Result<()>> {
        while self.written < frame.len() {
            let size = ready!(Pin::new(&mut self.stream).poll_write(context, &frame[self.written..]))?;
            if size == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += size;
            self.bytes_out += size as u64;
        }
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    /// The next response, from its correlation id on.
    pub fn poll_read_frame(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        loop {
            let missing = match self.incoming.first_chunk::<4>() {
                Some(length) => {
                    let size = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(usize::MAX);
                    if size > RESPONSE_SIZE_MAX {
                        let error =
                            io::Error::new(io::ErrorKind::InvalidData, "the broker sent a frame of no size");
                        return Poll::Ready(Err(error));
                    }
                    if self.incoming.len() >= 4 + size {
                        let _length = self.incoming.split_to(4);
                        return Poll::Ready(Ok(self.incoming.split_to(size).freeze()));
                    }
                    4 + size - self.incoming.len()
                }
                None => 4,
            };
            ready!(self.poll_read(context, missing))?;
        }
    }

    fn poll_read(&mut self, context: &mut Context<'_>, missing: usize) -> Poll<io::Result<()>> {
        // The buffer of the frame before is used again if nobody holds it. Growth is bounded by what has come.
        self.incoming.reserve(missing.clamp(READ_SIZE, self.incoming.len().max(READ_SIZE)));
        let filled = self.incoming.len();
        let room = self.incoming.capacity();
        self.incoming.resize(room, 0);
        let mut buffer = ReadBuf::new(&mut self.incoming[filled..]);
        let result = tokio::io::AsyncRead::poll_read(Pin::new(&mut self.stream), context, &mut buffer);
        let size = buffer.filled().len();
        self.incoming.truncate(filled + size);
        ready!(result)?;
        self.bytes_in += size as u64;
        if size == 0 {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the broker closed the connection",
            )));
        }
        Poll::Ready(Ok(()))
    }
}
