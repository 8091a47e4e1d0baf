//! One TCP connection to one broker: pipelined requests, bounded in flight, each with a deadline.
//!
//! Brokers answer in the order of the requests, so responses are matched to a queue of waiting requests; the correlation
//! id only checks it. One task owns the socket and ends with the connection.

mod frame;
mod io;
#[cfg(test)]
mod tests;

use std::marker::PhantomData;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::Instant;

use crate::address::Address;
use crate::error::{CloseReason, ConnectError, ConnectFailure, RequestError};
use crate::task::Task;
use crate::transport::Transport;
use crate::versions::{ApiVersions, negotiate};
use ottla_protocol::messages::Request;

/// How a connection behaves. The defaults are those of Kafka's own clients where they have one.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// Name that the broker sees in its logs, metrics and quotas (`client.id`).
    pub client_id: String,
    /// Time for the TCP connection and the version negotiation together (10 s).
    pub connect_timeout: Duration,
    /// Time until a response must have come (`request.timeout.ms`, 30 s).
    pub request_timeout: Duration,
    /// Requests that may wait for their response at once (64); a further one waits for a place.
    pub in_flight_max: usize,
    /// Largest response that is accepted, in bytes (256 MiB).
    pub response_size_max: usize,
    /// What carries the bytes (`None`: plain TCP).
    pub transport: Option<Arc<dyn Transport>>,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self {
            client_id: "ottla-client".to_owned(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            in_flight_max: 64,
            response_size_max: 256 << 20,
            transport: None,
        }
    }
}

/// A connection to a broker, with versions negotiated. Shared by reference; dropping it closes the socket at once.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use ottla_client::{Connection, ConnectionOptions};
/// use ottla_protocol::messages::metadata_request::MetadataRequest;
///
/// let connection = Connection::connect(&"localhost:9092".parse()?, ConnectionOptions::default()).await?;
/// let metadata = connection.send(&MetadataRequest { topics: None, ..Default::default() }).await?;
/// println!("{} brokers", metadata.brokers.len());
/// connection.close().await;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Connection {
    outgoing: mpsc::Sender<Outgoing>,
    shared: Arc<Shared>,
    options: ConnectionOptions,
    versions: ApiVersions,
    task: Task<()>,
}

/// What the connection's users and its task both hold.
#[derive(Debug)]
struct Shared {
    closed: OnceLock<CloseReason>,
    next_correlation_id: AtomicI32,
    in_flight: Arc<Semaphore>,
    /// Asks the task to end at once; `closed` says why.
    fail: Notify,
    /// Asks the task to finish what it has and end.
    finish: Notify,
}

/// A frame on its way to the socket.
#[derive(Debug)]
struct Outgoing {
    frame: Vec<u8>,
    expects: Expects,
    permit: OwnedSemaphorePermit,
}

/// What happens after a frame was written.
#[derive(Debug)]
enum Expects {
    Response {
        correlation_id: i32,
        reply: oneshot::Sender<Bytes>,
    },
    /// No response will come (Produce with acks=0).
    Nothing {
        written: oneshot::Sender<()>,
    },
}

impl Shared {
    fn fail(&self, reason: CloseReason) {
        // The first reason is the true one.
        let _ = self.closed.set(reason);
        self.fail.notify_one();
    }

    fn closed_error(&self) -> RequestError {
        RequestError::Closed(self.closed.get().cloned().unwrap_or(CloseReason::Local))
    }
}

impl Connection {
    /// Connects to `address` and negotiates versions, within `options.connect_timeout`.
    ///
    /// Errors: name resolution, refused or lost connection, a peer that does not speak Kafka's protocol.
    pub async fn connect(address: &Address, options: ConnectionOptions) -> Result<Self, ConnectError> {
        let timeout = options.connect_timeout;
        let error = |failure| ConnectError { address: address.clone(), failure };
        let socket = |e| error(ConnectFailure::Socket(Arc::new(e)));
        let connecting = async {
            if let Some(transport) = options.transport.clone() {
                let (reader, writer) = transport.open(address).await.map_err(socket)?;
                return Self::over(reader, writer, options).await.map_err(error);
            }
            let stream = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(socket)?;
            // Requests are written whole; waiting for more bytes would only add latency.
            stream.set_nodelay(true).map_err(socket)?;
            let (reader, writer) = stream.into_split();
            Self::over(reader, writer, options).await.map_err(error)
        };
        tokio::time::timeout(timeout, connecting)
            .await
            .unwrap_or_else(|_| Err(error(ConnectFailure::TimedOut(timeout))))
    }

    /// Negotiates versions over a byte stream that is already connected: TLS, a Unix socket, a test's pipe.
    pub async fn over(
        reader: impl AsyncRead + Unpin + Send + 'static,
        writer: impl AsyncWrite + Unpin + Send + 'static,
        options: ConnectionOptions,
    ) -> Result<Self, ConnectFailure> {
        let shared = Arc::new(Shared {
            closed: OnceLock::new(),
            next_correlation_id: AtomicI32::new(0),
            in_flight: Arc::new(Semaphore::new(options.in_flight_max)),
            fail: Notify::new(),
            finish: Notify::new(),
        });
        // The semaphore bounds the queue; the channel only needs room for as many.
        let (outgoing, frames) = mpsc::channel(options.in_flight_max.max(1));
        let task =
            Task::spawn(io::run(reader, writer, frames, Arc::clone(&shared), options.response_size_max));
        let mut connection = Self { outgoing, shared, options, versions: ApiVersions::default(), task };
        connection.versions = negotiate(&connection).await?;
        Ok(connection)
    }

    /// The versions and features that the broker told.
    #[must_use]
    pub fn versions(&self) -> &ApiVersions {
        &self.versions
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> &ConnectionOptions {
        &self.options
    }

    /// Whether no further request can be sent.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.closed.get().is_some() || self.outgoing.is_closed()
    }

    /// Sends `request` in the newest version that both sides know and waits for the response.
    ///
    /// Dropping the future leaves the connection usable; the response is thrown away when it comes.
    /// Errors: [`RequestError`]; after `Closed` and `TimedOut` the connection is of no more use.
    pub async fn send<R: Request>(&self, request: &R) -> Result<R::Response, RequestError> {
        let version = self.versions.pick::<R>()?;
        self.enqueue(request, version, self.options.request_timeout).await?.response().await
    }

    /// Puts `request` in line to be written and returns without waiting for the response, which must come within
    /// `timeout` from now. Requests leave in the order in which these calls return.
    ///
    /// Waits while `in_flight_max` requests are unanswered.
    pub async fn enqueue<R: Request>(
        &self,
        request: &R,
        version: i16,
        timeout: Duration,
    ) -> Result<InFlight<R>, RequestError> {
        let deadline = Instant::now() + timeout;
        let correlation_id = self.next_correlation_id();
        let frame = self.encode(request, version, correlation_id)?;
        let (reply, response) = oneshot::channel();
        let in_flight = InFlight {
            response,
            version,
            timeout,
            deadline,
            shared: Arc::clone(&self.shared),
            marker: PhantomData,
        };
        let queued = self.queue(frame, Expects::Response { correlation_id, reply });
        match tokio::time::timeout_at(deadline, queued).await {
            Ok(result) => result.map(|()| in_flight),
            Err(_) => Err(in_flight.overdue()),
        }
    }

    /// Sends a request that brokers do not answer (Produce with acks=0) and returns once it was written to the socket.
    pub async fn send_one_way<R: Request>(&self, request: &R, version: i16) -> Result<(), RequestError> {
        let correlation_id = self.next_correlation_id();
        let frame = self.encode(request, version, correlation_id)?;
        let (written, done) = oneshot::channel();
        self.queue(frame, Expects::Nothing { written }).await?;
        done.await.map_err(|_| self.shared.closed_error())
    }

    /// Waits for the responses that are due, closes the socket and ends the task.
    pub async fn close(&self) {
        self.shared.finish.notify_one();
        self.task.join().await;
    }

    fn next_correlation_id(&self) -> i32 {
        self.shared.next_correlation_id.fetch_add(1, Ordering::Relaxed) & i32::MAX
    }

    async fn queue(&self, frame: Vec<u8>, expects: Expects) -> Result<(), RequestError> {
        let closed = || self.shared.closed_error();
        let permit = Arc::clone(&self.shared.in_flight).acquire_owned().await.map_err(|_| closed())?;
        self.outgoing.send(Outgoing { frame, expects, permit }).await.map_err(|_| closed())
    }

    fn encode<R: Request>(
        &self,
        request: &R,
        version: i16,
        correlation_id: i32,
    ) -> Result<Vec<u8>, RequestError> {
        let client_id = &self.options.client_id;
        frame::encode(request, version, correlation_id, client_id)
            .map_err(|size| RequestError::TooLarge { api: R::API_KEY.name(), size })
    }
}

/// A request that was put in line. Dropping it throws the response away.
#[derive(Debug)]
#[must_use = "the response may hold an error"]
pub struct InFlight<R> {
    response: oneshot::Receiver<Bytes>,
    version: i16,
    timeout: Duration,
    deadline: Instant,
    shared: Arc<Shared>,
    marker: PhantomData<fn() -> R>,
}

impl<R: Request> InFlight<R> {
    /// Waits for the response.
    pub async fn response(self) -> Result<R::Response, RequestError> {
        let version = self.version;
        let frame = self.frame().await?;
        let decode = |error| RequestError::Decode { api: R::API_KEY.name(), version, error };
        frame::decode_response::<R>(&frame, version).map_err(decode)
    }

    /// Waits for the response and returns its bytes as they came, from the correlation id on.
    pub async fn frame(mut self) -> Result<Bytes, RequestError> {
        match tokio::time::timeout_at(self.deadline, &mut self.response).await {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(_)) => Err(self.shared.closed_error()),
            Err(_) => Err(self.overdue()),
        }
    }

    /// Gives the connection up: what follows an overdue response would be late too.
    fn overdue(&self) -> RequestError {
        let (api, after) = (R::API_KEY.name(), self.timeout);
        self.shared.fail(CloseReason::ResponseOverdue { api, after });
        RequestError::TimedOut { api, after }
    }
}
