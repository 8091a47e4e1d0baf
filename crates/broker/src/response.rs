//! Responses on their way out: bytes from memory, with record bytes spliced in from log files.

use std::sync::Arc;

use ottla_protocol::api::ApiKey;
use ottla_protocol::frame::{self, FrameStart};
use ottla_protocol::message::Response;
use ottla_protocol::wire::Writer;
use ottla_storage::io::DiskFile;

use crate::effect::RequestContext;

/// A stretch of a log file that leaves as part of a response, without passing through the broker's memory.
#[derive(Clone)]
pub struct Splice {
    /// Where in [`ResponseSink::bytes`] the stretch goes: before the byte with this index.
    pub at: usize,
    /// The file to read.
    pub file: Arc<dyn DiskFile>,
    /// First byte of the stretch in the file.
    pub position: u64,
    /// Size of the stretch in bytes.
    pub size: u64,
}

/// One or more whole responses, in the order in which they leave.
#[derive(Default)]
pub struct ResponseSink {
    /// The bytes from memory.
    pub bytes: Vec<u8>,
    /// The stretches from files, ascending by `at`.
    pub splices: Vec<Splice>,
    /// A response was too large for a frame and is left out: its connection must be closed.
    pub is_broken: bool,
}

impl ResponseSink {
    /// Whether nothing is to be sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.splices.is_empty()
    }

    /// Everything that is to be sent, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64 + self.splices.iter().map(|splice| splice.size).sum::<u64>()
    }

    /// Puts `later` behind what is here.
    pub fn append(&mut self, mut later: Self) {
        later.is_broken |= self.is_broken;
        if self.is_empty() {
            *self = later;
            return;
        }
        let base = self.bytes.len();
        self.bytes.append(&mut later.bytes);
        self.splices
            .extend(later.splices.into_iter().map(|splice| Splice { at: base + splice.at, ..splice }));
    }
}

/// What became of a request that a shard was handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its response stands in the sink.
    Ready,
    /// It has no response (a Produce with acks=0).
    Nothing,
    /// Its response comes later, as [`ShardEffect::Respond`](crate::shard::ShardEffect::Respond).
    Later,
    /// The connection must be closed: what came cannot be answered.
    Close,
}

/// Puts the response to a request behind what is in the sink: size, header, body.
pub(crate) fn encode<M: Response>(sink: &mut ResponseSink, context: &RequestContext, message: &M) {
    let mut frame = FrameWriter::begin(sink, context);
    message.encode(&mut frame.writer, context.api_version);
    frame.end();
}

/// A response frame as it is written into a sink.
pub(crate) struct FrameWriter<'a> {
    sink: &'a mut ResponseSink,
    start: FrameStart,
    spliced: usize,
    /// Writes the frame's bytes.
    pub writer: Writer,
}

impl<'a> FrameWriter<'a> {
    /// Begins the frame of a request's response with its header.
    pub fn begin(sink: &'a mut ResponseSink, context: &RequestContext) -> Self {
        Self::begin_in(sink, context.api_key, context.api_version, context.correlation_id)
    }

    /// Begins a frame in a version of its own.
    pub fn begin_in(sink: &'a mut ResponseSink, api: ApiKey, version: i16, correlation_id: i32) -> Self {
        let mut writer = Writer::from(std::mem::take(&mut sink.bytes));
        let start = frame::begin_response(&mut writer, api, version, correlation_id);
        Self { sink, start, spliced: 0, writer }
    }

    /// Puts a stretch of a file into the frame, before the byte at `at` of the writer's bytes.
    pub fn splice(&mut self, at: usize, file: Arc<dyn DiskFile>, position: u64, size: usize) {
        self.sink.splices.push(Splice { at, file, position, size: size as u64 });
        self.spliced += size;
    }

    /// Ends the frame: its size is known.
    pub fn end(mut self) {
        let framed = frame::end_frame(&mut self.writer, self.start, self.spliced);
        self.sink.bytes = self.writer.into_vec();
        if let Err(error) = framed {
            tracing::warn!(%error, "a response is too large");
            *self.sink = ResponseSink { is_broken: true, ..ResponseSink::default() };
        }
    }
}
