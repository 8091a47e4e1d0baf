//! A replica and its host: it performs the machine's effects on a simulated disk and network.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch, Offset, Uuid};
use ottla_replication::quorum::{
    ControlRecord, CorrelationId, OffsetAndEpoch, Quorum, ReplicaKey, RequestId, Voter, VoterEndpoint,
};

use super::disk::Disk;

pub const LISTENER: &str = "CONTROLLER";
/// Where the ports of the simulated nodes begin.
const PORTS: u16 = 1000;

/// A request that waits for its response.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The node that asked; `None`: an administrator.
    pub from: Option<(usize, u64)>,
    pub correlation_id: CorrelationId,
    pub version: i16,
    /// If it asks for a vote: in which epoch, and for whom.
    pub vote: Option<(LeaderEpoch, ReplicaKey)>,
}

#[derive(Debug)]
pub struct Node {
    pub index: usize,
    pub directory: u128,
    pub has_lost_disk: bool,
    pub is_controller: bool,
    /// Knows old versions only.
    pub is_old: bool,
    pub machine: Option<Quorum>,
    pub disk: Disk,
    /// Counts its lives: what was under way in an earlier one is not heard.
    pub life: u64,
    /// Speed of its monotonic clock, in thousandths of the true one.
    pub clock_rate: u64,
    pub wall_offset: i64,
    pub paused_until: u64,
    /// The true time for which it has ordered to be woken.
    pub wake_at: u64,
    /// Since when it has been a leader that was succeeded, if it is one; it counts from its last pause.
    pub deposed_at: u64,
    pub is_syncing: bool,
    /// When the last election state that is under way will be on the disk: they get there in order.
    pub persisted_at: u64,
    pub requests: BTreeMap<RequestId, Origin>,
    pub last_request: u64,
    pub to_append: VecDeque<(LeaderEpoch, Vec<ControlRecord>)>,
    pub fetching: Option<(OffsetAndEpoch, Vec<u8>)>,
    pub applied: Offset,
    /// The epoch of which this life has been announced as leader.
    pub leads: Option<LeaderEpoch>,
}

impl Node {
    pub fn new(index: usize, is_controller: bool, is_old: bool, clock_rate: u64) -> Self {
        Self {
            index,
            directory: 1000 + index as u128,
            has_lost_disk: false,
            is_controller,
            is_old,
            machine: None,
            disk: Disk::default(),
            life: 0,
            clock_rate,
            wall_offset: 0,
            paused_until: 0,
            wake_at: u64::MAX,
            deposed_at: 0,
            is_syncing: false,
            persisted_at: 0,
            requests: BTreeMap::new(),
            last_request: 0,
            to_append: VecDeque::new(),
            fetching: None,
            applied: Offset::ZERO,
            leads: None,
        }
    }

    pub fn id(&self) -> BrokerId {
        BrokerId(self.index as i32 + 1)
    }

    pub fn key(&self) -> ReplicaKey {
        let directory_id = DirectoryId(Uuid::from_u128(self.directory));
        ReplicaKey { id: self.id(), directory_id: Some(directory_id) }
    }

    pub fn voter(&self) -> Voter {
        let endpoint = VoterEndpoint {
            listener: LISTENER.into(),
            host: "localhost".into(),
            port: PORTS + self.index as u16,
        };
        Voter { key: self.key(), endpoints: vec![endpoint], kraft_versions: (0, 1) }
    }

    /// Which node listens at a port.
    pub fn at_port(port: u16) -> usize {
        usize::from(port - PORTS)
    }

    /// The time on this node's clocks.
    pub fn clock(&self, true_time: u64) -> Now {
        Now {
            wall: Timestamp(1_700_000_000_000 + true_time as i64 / 1_000_000 + self.wall_offset),
            mono: Monotonic(true_time / 1000 * self.clock_rate),
        }
    }

    /// The true time at which this node's clock shows `deadline`.
    pub fn true_time(&self, deadline: Monotonic) -> u64 {
        if deadline == Monotonic::NEVER { u64::MAX } else { (deadline.0 / self.clock_rate + 1) * 1000 }
    }

    pub fn forget_life(&mut self) {
        self.machine = None;
        self.life += 1;
        self.is_syncing = false;
        self.persisted_at = 0;
        self.requests.clear();
        self.to_append.clear();
        self.fetching = None;
        self.applied = Offset::ZERO;
        self.leads = None;
        self.wake_at = u64::MAX;
    }

    /// Whole batches from `from` on, up to a size.
    pub fn read_records(&self, from: Offset, max_bytes: i32) -> Bytes {
        let mut bytes = Vec::new();
        for batch in self.disk.log.from(from) {
            if !bytes.is_empty() && bytes.len() + batch.bytes.len() > max_bytes as usize {
                break;
            }
            bytes.extend_from_slice(&batch.bytes);
        }
        bytes.into()
    }
}
