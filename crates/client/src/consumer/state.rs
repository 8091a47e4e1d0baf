//! One assigned partition: where it is read and where it is fetched, which is further on.

use std::collections::VecDeque;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_response::PartitionData;
use ottla_protocol::types::Offset;

use super::StartOffset;
use super::chunk::{BatchFault, Chunk, Reading};
use super::options::ConsumerOptions;
use crate::admin::IsolationLevel;
use crate::error::ApiError;
use crate::partition::TopicPartition;
use crate::record::ConsumerRecord;

/// Where the next fetch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// The offset must be asked for.
    Unresolved(StartOffset),
    /// This one.
    At(Offset),
}

#[derive(Debug)]
pub(super) struct PartitionState {
    pub(super) position: Position,
    /// Records before this were returned, or are waiting in the consumer.
    consumed: Option<Offset>,
    pub(super) is_paused: bool,
    pub(super) end_offset: Option<Offset>,
    /// Answers to questions of another generation do not count.
    pub(super) generation: u64,
    chunks: VecDeque<Chunk>,
}

/// Why a fetch brought nothing.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The offset is not in the log.
    OutOfRange(Offset),
    /// Another try may do, with fresh metadata.
    Retry,
    /// Another try would not do.
    Fatal(ApiError),
    /// What came at this offset is no batch.
    Batch(Offset, BatchFault),
}

impl PartitionState {
    pub(super) fn new(start: StartOffset, generation: u64) -> Self {
        let (position, consumed) = match start {
            StartOffset::At(offset) => (Position::At(offset), Some(offset)),
            start => (Position::Unresolved(start), None),
        };
        Self { position, consumed, is_paused: false, end_offset: None, generation, chunks: VecDeque::new() }
    }

    pub(super) fn consumed(&self) -> Option<Offset> {
        self.consumed
    }

    /// Bytes that were fetched and not decoded.
    pub(super) fn buffered_size(&self) -> usize {
        self.chunks.iter().map(Chunk::size).sum()
    }

    /// The offset that was asked for; `None` stands for the end of a log, where no record was found.
    pub(super) fn resolve(&mut self, offset: Option<Offset>) {
        self.position = match offset {
            Some(offset) => {
                self.consumed = Some(offset);
                Position::At(offset)
            }
            None => Position::Unresolved(StartOffset::Latest),
        };
    }

    /// Reads again from `offset` on.
    pub(super) fn rewind(&mut self, offset: Offset, generation: u64) {
        self.position = Position::At(offset);
        self.consumed = Some(offset);
        self.generation = generation;
    }

    /// Forgets what was fetched and not decoded. Whether there was anything.
    pub(super) fn drop_chunks(&mut self) -> bool {
        let had_any = !self.chunks.is_empty();
        self.chunks.clear();
        had_any
    }

    /// Takes what a fetch brought. `true` if there are batches to decode which were not there before.
    pub(super) fn fetched(
        &mut self,
        data: PartitionData,
        options: &ConsumerOptions,
    ) -> Result<bool, Refusal> {
        let Position::At(offset) = self.position else { return Ok(false) };
        match ErrorCode(data.error_code) {
            ErrorCode::NONE => {}
            ErrorCode::OFFSET_OUT_OF_RANGE => return Err(Refusal::OutOfRange(offset)),
            code if code.is_retriable() => return Err(Refusal::Retry),
            code => return Err(Refusal::Fatal(ApiError { code, message: None })),
        }
        let end_offset = match options.isolation_level {
            IsolationLevel::ReadUncommitted => data.high_watermark,
            IsolationLevel::ReadCommitted => data.last_stable_offset,
        };
        self.end_offset = Some(Offset(end_offset));
        let Some(records) = data.records.filter(|records| !records.is_empty()) else { return Ok(false) };
        let chunk = Chunk::new(&records, data.aborted_transactions.unwrap_or_default());
        let Some((chunk, next_offset)) = chunk.map_err(|error| Refusal::Batch(offset, error.into()))? else {
            return Ok(false);
        };
        let is_first = self.chunks.is_empty();
        self.position = Position::At(next_offset.max(offset));
        self.chunks.push_back(chunk);
        Ok(is_first)
    }

    /// The records of the next batch, which may be none; `None` if no batch is left.
    pub(super) fn next_batch(
        &mut self,
        partition: &TopicPartition,
        options: &ConsumerOptions,
    ) -> Option<Result<Vec<ConsumerRecord>, (Offset, BatchFault)>> {
        let from = self.consumed?;
        let reading = Reading {
            topic: partition.topic.clone(),
            partition: partition.partition,
            from,
            checks_crcs: options.checks_crcs,
            batch_bytes_max: options.batch_bytes_max,
            is_read_committed: options.isolation_level == IsolationLevel::ReadCommitted,
        };
        loop {
            match self.chunks.front_mut()?.next_batch(&reading) {
                Some(Ok((records, next_offset))) => {
                    self.consumed = Some(next_offset.max(from));
                    return Some(Ok(records));
                }
                Some(Err(fault)) => return Some(Err((from, fault))),
                None => {
                    self.chunks.pop_front();
                }
            }
        }
    }
}
