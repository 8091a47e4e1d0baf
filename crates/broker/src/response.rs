//! Responses on their way out: bytes from memory, with record bytes spliced in from log files.

use std::sync::Arc;

use ottla_storage::io::DiskFile;

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
        if self.is_empty() {
            *self = later;
            return;
        }
        let base = self.bytes.len();
        self.bytes.append(&mut later.bytes);
        self.splices.extend(later.splices.into_iter().map(|splice| Splice { at: base + splice.at, ..splice }));
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
