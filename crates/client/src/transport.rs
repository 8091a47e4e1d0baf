//! How bytes get to a broker: TCP, unless a program brings something else, such as TLS or a pipe.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::address::Address;

/// The reading half of a byte stream.
pub type BoxReader = Box<dyn AsyncRead + Unpin + Send>;
/// The writing half of a byte stream.
pub type BoxWriter = Box<dyn AsyncWrite + Unpin + Send>;
/// A byte stream that is being opened.
pub type Opening<'a> = Pin<Box<dyn Future<Output = io::Result<(BoxReader, BoxWriter)>> + Send + 'a>>;

/// Opens byte streams to brokers; see [`ConnectionOptions::transport`](crate::ConnectionOptions::transport).
///
/// ```no_run
/// use ottla_client::{Address, Opening, Transport};
///
/// /// Brokers behind a Unix socket.
/// #[derive(Debug)]
/// struct UnixSocket(std::path::PathBuf);
///
/// impl Transport for UnixSocket {
///     fn open<'a>(&'a self, _address: &'a Address) -> Opening<'a> {
///         Box::pin(async {
///             let (reader, writer) = tokio::net::UnixStream::connect(&self.0).await?.into_split();
///             Ok((Box::new(reader) as _, Box::new(writer) as _))
///         })
///     }
/// }
/// ```
pub trait Transport: fmt::Debug + Send + Sync {
    /// Opens a stream to the broker at `address`.
    fn open<'a>(&'a self, address: &'a Address) -> Opening<'a>;
}
