//! One classic group: the members meet (JoinGroup), agree on a protocol, and their leader hands out the assignment
//! (SyncGroup).
//!
//! ```text
//!             first join            initial delay over            leader's Sync committed
//!   Empty ----------------> PreparingRebalance ----------> CompletingRebalance ----------> Stable
//!     ^                       |  ^         ^                       |                         |
//!     +-----------------------+  |         +-----------------------+-------------------------+
//!       nobody joined            |           a member joined, left, changed or went silent
//!                                +-- from Empty it waits group.initial.rebalance.delay.ms, else for all members
//! ```
//!
//! What is logged is the outcome of a rebalance: the generation, its members and their assignments, when the leader's
//! SyncGroup brings them, and the generation that is empty. Everything else is soft: a new coordinator begins with the
//! last outcome. Source: Kafka `ClassicGroup`, `GroupMetadataManager`; KIP-62, KIP-345, KIP-394, KIP-559, KIP-814.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::time::Timestamp;

use super::coordinator::Shared;
use super::offsets::Committer;
use crate::host::RequestToken;
use crate::messages::{ErrorCode, JoinGroupRequestProtocol};
use crate::timers::Timer;

mod convert;
mod describe;
mod heartbeat;
mod join;
mod leave;
mod log;
mod membership;
mod rebalance;
mod static_member;
mod sync;

pub(super) use convert::{ClassicMemberView, ConvertedMember};
pub(super) use leave::response as leave_response;
pub(super) use static_member::StaticReplacement;
pub(super) use sync::Assignments;

/// The protocol type of consumers; others (`connect`) have subscriptions that the coordinator cannot read.
pub(super) const CONSUMER_PROTOCOL_TYPE: &str = "consumer";

/// Member ids that a group remembers to have given out. Beyond this the oldest is forgotten.
const PENDING_MEMBERS_MAX: usize = 10_000;

/// Where a group stands. `Dead` is no state here: a group that is gone is not in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClassicState {
    /// No members.
    Empty,
    /// Waits for the members to join.
    PreparingRebalance,
    /// Waits for the leader's assignment.
    CompletingRebalance,
    /// Every member has, or can get, its assignment.
    Stable,
}

impl ClassicState {
    /// The state's name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// A JoinGroup that waits for the generation to be made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WaitingJoin {
    token: RequestToken,
    api_version: i16,
}

/// One member.
#[derive(Debug)]
struct Member {
    group_instance_id: Option<String>,
    client_id: String,
    client_host: String,
    rebalance_timeout_ms: i32,
    session_timeout_ms: i32,
    /// What it can do, in its order of preference. After a load only the chosen protocol is known.
    protocols: Vec<JoinGroupRequestProtocol>,
    /// What the leader gave it last.
    assignment: Bytes,
    waiting_join: Option<WaitingJoin>,
    waiting_sync: Option<RequestToken>,
    /// Its first join is not answered yet: it cannot know its id, nor send heartbeats.
    is_new: bool,
    session: Timer,
}

impl Member {
    /// Whether the coordinator owes it an answer, so that its silence means nothing.
    fn is_excused(&self) -> bool {
        !self.is_new && (self.waiting_join.is_some() || self.waiting_sync.is_some())
    }

    /// Its metadata for a protocol; empty if it has none.
    fn metadata(&self, protocol_name: &str) -> Bytes {
        let found = self.protocols.iter().find(|protocol| protocol.name == protocol_name);
        found.map_or_else(Bytes::new, |protocol| protocol.metadata.clone())
    }

    /// The names of its protocols, each once.
    fn protocol_names(&self) -> BTreeSet<&str> {
        self.protocols.iter().map(|protocol| protocol.name.as_str()).collect()
    }
}

/// What happens when the join timer comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JoinPhase {
    /// The group was empty: it waits for more members, `delay_ms` this time and `remaining_ms` at most after that.
    Initial { delay_ms: i32, remaining_ms: i32 },
    /// The members were asked to rejoin: who has not by then is out.
    Rejoin,
}

/// One classic group.
#[derive(Debug)]
pub(super) struct ClassicGroup {
    id: Arc<str>,
    state: ClassicState,
    /// The state before; `None` until the first change.
    previous_state: Option<ClassicState>,
    /// When the state changed last, or `None` if an old record does not say.
    state_timestamp: Option<Timestamp>,
    generation: i32,
    /// `None` for a group that only keeps offsets (a simple group).
    protocol_type: Option<String>,
    protocol_name: Option<String>,
    /// Invariant: if there are members, it is one of them.
    leader: Option<Arc<str>>,
    /// In order of member id.
    members: BTreeMap<Arc<str>, Member>,
    /// Member id by instance id.
    static_members: BTreeMap<String, Arc<str>>,
    /// Ids that were given out by MEMBER_ID_REQUIRED and did not come back yet.
    pending_joins: BTreeMap<Arc<str>, Timer>,
    /// The ids of `pending_joins`, oldest first, and some that are there no more.
    pending_order: VecDeque<Arc<str>>,
    /// Members that have not sent SyncGroup in this generation.
    pending_syncs: BTreeSet<Arc<str>>,
    /// Number of members that offer each protocol.
    protocol_counts: BTreeMap<String, usize>,
    /// The topics of all members, or `None` if their metadata cannot be read.
    subscribed_topics: Option<BTreeSet<String>>,
    /// Number of members that wait in JoinGroup.
    waiting_joins: usize,
    /// A member came since the initial delay began, or was last extended.
    is_new_member_added: bool,
    join_phase: JoinPhase,
    join_timer: Timer,
    /// Generation for which `sync_timer` runs.
    sync_generation: i32,
    sync_timer: Timer,
}

impl ClassicGroup {
    /// A group without members.
    pub(super) fn new(id: Arc<str>, now: Timestamp) -> Self {
        Self {
            id,
            state: ClassicState::Empty,
            previous_state: None,
            state_timestamp: Some(now),
            generation: 0,
            protocol_type: None,
            protocol_name: None,
            leader: None,
            members: BTreeMap::new(),
            static_members: BTreeMap::new(),
            pending_joins: BTreeMap::new(),
            pending_order: VecDeque::new(),
            pending_syncs: BTreeSet::new(),
            protocol_counts: BTreeMap::new(),
            subscribed_topics: None,
            waiting_joins: 0,
            is_new_member_added: false,
            join_phase: JoinPhase::Rejoin,
            join_timer: Timer::default(),
            sync_generation: 0,
            sync_timer: Timer::default(),
        }
    }

    /// The group's id.
    pub(super) fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Where it stands.
    pub(super) fn state(&self) -> ClassicState {
        self.state
    }

    /// Whether it has members of type `consumer`.
    pub(super) fn is_consumer(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER_PROTOCOL_TYPE)
    }

    /// Whether a member may be reading `topic`. A consumer group whose subscriptions cannot be read may read any.
    pub(super) fn is_subscribed_to(&self, topic: &str) -> bool {
        self.subscribed_topics.as_ref().map_or(self.is_consumer(), |topics| topics.contains(topic))
    }

    /// Whether its offsets may expire, and when their time starts to run. `None` if nothing may.
    pub(super) fn expiry_clock(&self) -> Option<ExpiryClock> {
        match self.state {
            _ if self.protocol_type.is_none() => Some(ExpiryClock::Commit),
            ClassicState::Empty => {
                Some(self.state_timestamp.map_or(ExpiryClock::Commit, ExpiryClock::EmptySince))
            }
            ClassicState::Stable if self.is_consumer() && self.subscribed_topics.is_some() => {
                Some(ExpiryClock::Commit)
            }
            _ => None,
        }
    }

    /// Checks that a member may speak for itself. Source: Kafka `ClassicGroup.validateMember`.
    fn validate_member(&self, member_id: &str, group_instance_id: Option<&str>) -> Result<(), ErrorCode> {
        if let Some(instance_id) = group_instance_id {
            match self.static_members.get(instance_id) {
                None => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
                Some(current) if &**current != member_id => return Err(ErrorCode::FENCED_INSTANCE_ID),
                Some(_) => {}
            }
        }
        if self.members.contains_key(member_id) { Ok(()) } else { Err(ErrorCode::UNKNOWN_MEMBER_ID) }
    }

    /// Whether `committer` may commit offsets. In the states where a consumer polls, that keeps its session alive.
    /// Source: Kafka `ClassicGroup.validateOffsetCommit`, `OffsetMetadataManager.validateOffsetCommit`.
    pub(super) fn admit_commit(
        &mut self,
        shared: &mut Shared,
        committer: &Committer<'_>,
    ) -> Result<(), ErrorCode> {
        let Committer { member_id, group_instance_id, generation, is_transactional } = *committer;
        if generation < 0 && self.state == ClassicState::Empty {
            return Ok(());
        }
        if generation >= 0 || !member_id.is_empty() || group_instance_id.is_some() {
            self.validate_member(member_id, group_instance_id)?;
            if generation != self.generation {
                return Err(ErrorCode::ILLEGAL_GENERATION);
            }
        } else if !is_transactional {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        if is_transactional {
            return Ok(());
        }
        if self.state == ClassicState::CompletingRebalance {
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        self.renew_session(shared, member_id);
        Ok(())
    }

    fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    fn transition_to(&mut self, state: ClassicState, now: Timestamp) {
        use ClassicState::{CompletingRebalance, Empty, PreparingRebalance, Stable};
        let is_allowed = match state {
            PreparingRebalance => self.state != PreparingRebalance,
            CompletingRebalance | Empty => self.state == PreparingRebalance,
            Stable => self.state == CompletingRebalance,
        };
        assert!(is_allowed, "a group went from {} to {}", self.state.name(), state.name());
        self.previous_state = Some(self.state);
        self.state = state;
        self.state_timestamp = Some(now);
    }

    /// The longest time that a member may take to rejoin.
    fn rebalance_timeout_ms(&self) -> i32 {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0).max(0)
    }
}

/// From when on an offset's retention counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpiryClock {
    /// From its commit.
    Commit,
    /// From when the group became empty.
    EmptySince(Timestamp),
}
