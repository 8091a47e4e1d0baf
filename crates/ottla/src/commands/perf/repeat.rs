//! Load that repeats a request: each connection sends the same frame over and over.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::frame::decode_response_head;
use ottla_protocol::messages::Message;
use ottla_protocol::messages::produce_response::ProduceResponse;
use ottla_protocol::wire::Reader;
use tokio::task::JoinSet;

use super::meter::{Meter, Sample};
use super::pace::{self, DueQueue};
use super::report::{Report, progress_every_second};
use super::wire::Wire;
use super::{Bench, Work};
use crate::cli::LoadOptions;

/// Time that a load runs for, unless it is told otherwise.
const DURATION_DEFAULT: Duration = Duration::from_secs(10);

/// What comes back.
#[derive(Clone, Copy, Debug)]
pub enum ResponseKind {
    /// An error code in front, as in ApiVersions version 0.
    ApiVersions,
    /// A Produce response.
    Produce {
        /// Its version.
        version: i16,
    },
    /// Nothing.
    None,
}

impl ResponseKind {
    /// The first error in a response.
    fn error(self, response: &[u8]) -> Result<Option<ErrorCode>, String> {
        match self {
            Self::None => Ok(None),
            Self::ApiVersions => {
                let code = response.get(4..6).ok_or("a short response")?;
                Ok(Some(ErrorCode(i16::from_be_bytes([code[0], code[1]]))).filter(|code| code.is_error()))
            }
            Self::Produce { version } => {
                let mut reader = Reader::new(response);
                let decoded = decode_response_head(&mut reader, ApiKey::Produce, version)
                    .and_then(|_| ProduceResponse::decode(&mut reader, version))
                    .map_err(|error| error.to_string())?;
                let partitions = decoded.responses.iter().flat_map(|topic| &topic.partition_responses);
                Ok(partitions.map(|partition| ErrorCode(partition.error_code)).find(|code| code.is_error()))
            }
        }
    }
}

/// Runs the load that `work` makes for so many connections.
pub async fn run(
    bench: &Bench<'_>,
    load: &LoadOptions,
    work: impl Fn(u32) -> anyhow::Result<Work>,
) -> anyhow::Result<Report> {
    let work = work(load.connections)?;
    let mode = work.mode;
    let request_bytes = work.frames.first().map_or(0, |(_, frame)| frame.len() as u64);
    let queues: Vec<DueQueue> = if load.rate.is_some() {
        work.frames.iter().map(|_| DueQueue::default()).collect()
    } else {
        Vec::new()
    };
    let mut connections = JoinSet::new();
    let budget = Rc::new(std::cell::Cell::new(load.requests.unwrap_or(u64::MAX)));
    let mut repeats = Vec::new();
    for (index, (address, frame)) in work.frames.into_iter().enumerate() {
        let wire = Wire::connect(&address).await.with_context(|| format!("cannot connect to {address}"))?;
        repeats.push(Repeat {
            wire,
            frame,
            depth: usize::try_from(load.depth)?,
            due: queues.get(index).cloned(),
            sending: None,
            in_flight: VecDeque::new(),
            response: work.response,
            records: work.records_per_request,
            budget: Rc::clone(&budget),
            meter: Rc::clone(&bench.meter),
            is_over: false,
        });
    }
    bench.start();
    for repeat in repeats {
        connections.spawn_local(repeat);
    }
    let wait_all = async {
        while let Some(result) = connections.join_next().await {
            result??;
        }
        anyhow::Ok(())
    };
    let over = async {
        if load.warmup.0 > Duration::ZERO {
            tokio::time::sleep(load.warmup.0).await;
            bench.start();
        }
        match load.duration.map(|duration| duration.0).or(load.requests.is_none().then_some(DURATION_DEFAULT))
        {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
        bench.meter.stop();
        for queue in &queues {
            queue.end();
        }
        std::future::pending::<anyhow::Result<()>>().await
    };
    let pacing = async {
        match load.rate {
            Some(rate) if rate > 0.0 => pace::run(rate, &queues).await,
            Some(_) => anyhow::bail!("--rate must be above 0"),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        result = wait_all => result?,
        result = over => result?,
        result = pacing => result?,
        () = progress_every_second(bench) => {}
    }
    Report::of(mode, load.connections, load.depth, request_bytes, &bench.meter)
}

/// One connection. It ends when nothing more is to be sent and everything is answered.
struct Repeat {
    wire: Wire,
    frame: Bytes,
    depth: usize,
    /// Where requests become due at a constant rate.
    due: Option<DueQueue>,
    /// Since when the frame that is being written was due.
    sending: Option<Instant>,
    in_flight: VecDeque<Instant>,
    response: ResponseKind,
    records: u64,
    /// Requests that all connections together may still send.
    budget: Rc<std::cell::Cell<u64>>,
    meter: Rc<Meter>,
    is_over: bool,
}

impl Repeat {
    /// Begins the next request if one is due and may be sent.
    fn begin(&mut self, context: &Context<'_>) {
        if self.sending.is_some() || self.is_over || self.in_flight.len() >= self.depth {
            return;
        }
        if self.meter.is_stopped() || self.budget.get() == 0 {
            self.is_over = true;
            return;
        }
        let due = match &self.due {
            None => Some(Instant::now()),
            Some(queue) => match queue.poll_due(context) {
                Poll::Ready(due) => due,
                Poll::Pending => return,
            },
        };
        self.is_over = due.is_none();
        self.sending = due;
        self.budget.set(self.budget.get() - u64::from(due.is_some()));
    }

    fn answered(&mut self, response: &[u8]) -> io::Result<()> {
        let Some(due) = self.in_flight.pop_front() else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a response to no request"));
        };
        match self.response.error(response) {
            Ok(None) => self.meter.add(&Sample {
                latency: Some(due.elapsed()),
                records: self.records,
                bytes_out: self.frame.len() as u64,
                bytes_in: response.len() as u64 + 4,
            }),
            Ok(Some(code)) => self.meter.add_error(|| code.name().to_owned()),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
        Ok(())
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            self.begin(context);
            let Some(due) = self.sending else { return Poll::Pending };
            std::task::ready!(self.wire.poll_write_frame(context, &self.frame))?;
            self.sending = None;
            if matches!(self.response, ResponseKind::None) {
                let bytes_out = self.frame.len() as u64;
                let latency = Some(due.elapsed());
                self.meter.add(&Sample { latency, records: self.records, bytes_out, bytes_in: 0 });
            } else {
                self.in_flight.push_back(due);
            }
        }
    }
}

impl Future for Repeat {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // A connection that always has work lets others and the clock have their turn now and then.
        for _ in 0..64 {
            if let Poll::Ready(Err(error)) = this.poll_write(context) {
                return Poll::Ready(Err(error));
            }
            if this.is_over && this.in_flight.is_empty() && this.sending.is_none() {
                return Poll::Ready(Ok(()));
            }
            match this.wire.poll_read_frame(context) {
                Poll::Ready(Ok(response)) => this.answered(&response)?,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
