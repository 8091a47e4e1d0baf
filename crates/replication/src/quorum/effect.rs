//! What goes into the machine and what comes out: facts, and things to do.

use bytes::Bytes;
use ottla_protocol::types::{LeaderEpoch, Offset};

use super::connections::Destination;
use super::control::ControlRecord;
use super::election_state::ElectionState;
use super::log_state::{OffsetAndEpoch, SyncPoint};
use super::role::Role;
use super::rpc::{Attachment, CorrelationId, Request, RequestContext, RequestFailure, RequestId, Response};

/// A fact for the quorum.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The log was read to its end ([`Quorum::load_control`]): the replica takes part.
    Start,
    /// Time has passed.
    Tick,
    /// A request arrived.
    Request {
        /// Where from.
        context: RequestContext,
        /// What it asks.
        request: Request,
    },
    /// A request that this replica sent was answered, or never will be.
    Response {
        /// Which one.
        correlation_id: CorrelationId,
        /// The answer.
        result: Result<Response, RequestFailure>,
    },
    /// The state of the [`Effect::Persist`] with this number, and every earlier one, is on the disk.
    Persisted {
        /// The number.
        sequence: u64,
    },
    /// A leader's records are in the log: those of its host, and those of [`Effect::AppendControl`].
    Appended {
        /// The epoch in which they were appended.
        epoch: LeaderEpoch,
        /// Offset of the first record.
        base_offset: Offset,
        /// Offset of the last record.
        last_offset: Offset,
        /// The records, if they are control records.
        control: Vec<ControlRecord>,
    },
    /// A sync that began at this point succeeded.
    Synced(SyncPoint),
    /// A snapshot of the committed log is on the disk.
    SnapshotTaken {
        /// Where it ends.
        name: OffsetAndEpoch,
        /// Its size in bytes.
        size: u64,
    },
    /// What lies below this offset of the log is gone, and every snapshot that ends below it.
    LogStartAdvanced(Offset),
    /// The last piece of [`Effect::WriteSnapshot`] is on the disk.
    SnapshotFetched {
        /// Which snapshot.
        name: OffsetAndEpoch,
        /// Its control records, or `None` if it cannot be read: it is fetched again then.
        control: Option<Vec<ControlRecord>>,
    },
    /// The node wants to lead this epoch no more. Any other epoch is past.
    Resign(LeaderEpoch),
    /// The node stops: it leads no more, and asks for no vote.
    Shutdown,
}

/// Something that the host must do for the quorum, in the order given, before it tells the next fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Put the state into `quorum-state`, and answer with [`Input::Persisted`] when it is synced. A later one replaces
    /// it: of several at once only the last is needed.
    Persist {
        /// The state.
        state: ElectionState,
        /// Its number.
        sequence: u64,
    },
    /// Send a request, and answer with [`Input::Response`].
    Send {
        /// To whom.
        to: Destination,
        /// Its number.
        correlation_id: CorrelationId,
        /// What to send, in the highest version that the peer knows.
        request: Request,
    },
    /// Answer a request.
    Respond {
        /// Which one.
        id: RequestId,
        /// The answer.
        response: Response,
        /// What to put into it, by [`Response::attach`].
        attachment: Option<Attachment>,
    },
    /// Append one batch of control records behind everything that was appended, and answer with [`Input::Appended`].
    /// The first one of an epoch must be its first batch. What cannot be appended any more, because this replica leads
    /// that epoch no longer, is dropped.
    AppendControl {
        /// The epoch.
        epoch: LeaderEpoch,
        /// The records.
        records: Vec<ControlRecord>,
    },
    /// Append these batches of the leader as they are, and sync them.
    AppendFetched {
        /// Offset of the first record.
        base_offset: Offset,
        /// Whole batches.
        bytes: Bytes,
    },
    /// Cut the log: this offset and all behind it go.
    Truncate(Offset),
    /// Everything below is committed.
    AdvanceHighWatermark(Offset),
    /// Write a piece of a snapshot, and with the last one sync it, give it its name, and answer with
    /// [`Input::SnapshotFetched`].
    WriteSnapshot {
        /// Which snapshot.
        name: OffsetAndEpoch,
        /// Where the piece goes, in bytes. At 0 the file begins anew.
        position: u64,
        /// The piece.
        bytes: Bytes,
        /// Whether it is the last.
        is_last: bool,
    },
    /// Empty the log, and start it at the end of this snapshot, which is on the disk; older snapshots go. The state that
    /// the log makes is the snapshot's from now on.
    StartLogAt(OffsetAndEpoch),
    /// The replica has a new role. Whatever else the host had in mind to append as leader is void.
    ChangeRole {
        /// The epoch.
        epoch: LeaderEpoch,
        /// The role.
        role: Role,
    },
    /// Stop this node: what it was told contradicts what it knows to be committed.
    Halt(Fault),
}

/// A contradiction with what is committed: somebody lost or changed data. No step from there is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The leader's log parts from ours where everything is committed.
    #[error(
        "the leader of epoch {epoch} has the log cut to {offset}, below the high watermark {high_watermark}"
    )]
    CutBelowHighWatermark {
        /// The leader's epoch.
        epoch: LeaderEpoch,
        /// Where it wants our log cut.
        offset: Offset,
        /// What is committed.
        high_watermark: Offset,
    },
    /// As leader we have less than what is committed.
    #[error(
        "as leader of epoch {epoch} this node has committed up to {offset} only, below the high watermark {high_watermark}"
    )]
    LeaderBehindHighWatermark {
        /// Our epoch.
        epoch: LeaderEpoch,
        /// What a majority has.
        offset: Offset,
        /// What was committed before.
        high_watermark: Offset,
    },
}
