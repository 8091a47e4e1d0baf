//! Incremental fetch sessions (KIP-227): a client names its partitions once, and later only what changed.
//!
//! A session holds the partitions in fetch order. An incremental response leaves out partitions that have nothing new;
//! those that returned data go to the end, so that all get their turn when a response is full.
//! Source: Kafka `FetchSession`, `FetchSessionCache`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::time::Monotonic;
use ottla_protocol::types::{LeaderEpoch, Offset, TopicId};

/// `SessionId` of a request or response without a session.
pub const NO_SESSION: i32 = 0;
/// `SessionEpoch` of a request that asks for a session.
pub const INITIAL_EPOCH: i32 = 0;
/// `SessionEpoch` of a full request that wants none.
pub const FINAL_EPOCH: i32 = -1;
/// A session that has not been used for this long may be evicted (`FetchSessionCache`'s 2 minutes).
const EVICTABLE_AFTER: Duration = Duration::from_secs(120);
/// Most partitions of one session. Who reads more names them all in every request.
const PARTITIONS_MAX: usize = 100_000;

/// A topic as a Fetch request names it: by name before version 13, by id from then on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicKey {
    /// By id.
    Id(TopicId),
    /// By name.
    Name(Arc<str>),
}

impl TopicKey {
    /// The name; empty if the topic is named by id.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Id(_) => "",
            Self::Name(name) => name,
        }
    }

    /// The id; zero if the topic is named by name.
    #[must_use]
    pub fn id(&self) -> TopicId {
        match self {
            Self::Id(id) => *id,
            Self::Name(_) => TopicId::ZERO,
        }
    }
}

/// One partition that a client wants to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchTarget {
    /// The topic.
    pub topic: TopicKey,
    /// Index of the partition.
    pub partition: i32,
    /// First offset wanted.
    pub fetch_offset: Offset,
    /// Most bytes wanted of this partition.
    pub max_bytes: i32,
    /// The leader epoch that the client knows; -1 to skip the check.
    pub current_leader_epoch: LeaderEpoch,
    /// Epoch of the client's last record; -1 to skip the divergence check.
    pub last_fetched_epoch: LeaderEpoch,
    /// A follower's own log start; -1 from consumers.
    pub follower_log_start_offset: Offset,
}

/// What a partition's last answer in a session said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The high watermark.
    pub high_watermark: Offset,
    /// The log start offset.
    pub log_start_offset: Offset,
    /// Whether there were records.
    pub has_records: bool,
    /// Whether it carried an error, a divergence or a preferred replica, and so is always listed.
    pub is_special: bool,
}

/// The session part of a request.
#[derive(Debug)]
pub struct SessionRequest {
    /// `SessionId`.
    pub session_id: i32,
    /// `SessionEpoch`.
    pub epoch: i32,
    /// Whether topics come by id (version 13 and later).
    pub uses_topic_ids: bool,
    /// Whether a broker asks: its session is worth more than a consumer's.
    pub is_follower: bool,
    /// Partitions of the request, in its order.
    pub targets: Vec<FetchTarget>,
    /// `ForgottenTopicsData`.
    pub forgotten: Vec<(TopicKey, i32)>,
}

/// How a request's response is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchContext {
    /// All partitions of the request, no session.
    Sessionless,
    /// All partitions of the request, and this new session (or [`NO_SESSION`] if there was no room).
    Full(i32),
    /// The session's partitions that have news.
    Incremental(i32),
}

impl FetchContext {
    /// `SessionId` of the response.
    #[must_use]
    pub fn session_id(&self) -> i32 {
        match self {
            Self::Sessionless => NO_SESSION,
            Self::Full(id) | Self::Incremental(id) => *id,
        }
    }
}

struct SessionPartition {
    target: FetchTarget,
    reported: Option<Reported>,
}

struct Session {
    /// The epoch that the next request must carry.
    epoch: i32,
    uses_topic_ids: bool,
    is_follower: bool,
    created: Monotonic,
    last_used: Monotonic,
    /// Partitions by place in the fetch order.
    order: BTreeMap<u64, SessionPartition>,
    places: BTreeMap<(TopicKey, i32), u64>,
    next_place: u64,
}

/// The sessions of one shard.
pub struct FetchSessions {
    slots: usize,
    sessions: BTreeMap<i32, Session>,
    random: u64,
}

impl FetchSessions {
    /// Room for `slots` sessions (`max.incremental.fetch.session.cache.slots`); ids are drawn from `seed`.
    #[must_use]
    pub fn new(slots: usize, seed: u64) -> Self {
        Self { slots, sessions: BTreeMap::new(), random: seed | 1 }
    }

    /// Settles what a request means, and brings its session up to date. Returns the partitions to read, in order.
    ///
    /// Errors: `FETCH_SESSION_ID_NOT_FOUND`, `INVALID_FETCH_SESSION_EPOCH`, `FETCH_SESSION_TOPIC_ID_ERROR`.
    pub fn begin(
        &mut self,
        mut request: SessionRequest,
        now: Monotonic,
    ) -> Result<(FetchContext, Vec<FetchTarget>), ErrorCode> {
        request.targets = distinct(request.targets);
        if request.epoch == INITIAL_EPOCH || request.epoch == FINAL_EPOCH {
            self.sessions.remove(&request.session_id);
            if request.epoch == FINAL_EPOCH {
                return Ok((FetchContext::Sessionless, request.targets));
            }
            let fits = (1..=PARTITIONS_MAX).contains(&request.targets.len());
            let id = if fits { self.create(&request, now) } else { NO_SESSION };
            return Ok((FetchContext::Full(id), request.targets));
        }
        let id = request.session_id;
        let session = self.sessions.get_mut(&id).ok_or(ErrorCode::FETCH_SESSION_ID_NOT_FOUND)?;
        if session.epoch != request.epoch {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        if session.uses_topic_ids != request.uses_topic_ids {
            return Err(ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
        }
        for target in &request.targets {
            session.update(target.clone());
        }
        for forgotten in request.forgotten {
            session.forget(&forgotten);
        }
        session.last_used = now;
        session.epoch = next_epoch(session.epoch);
        if session.order.is_empty() {
            self.sessions.remove(&id);
            return Ok((FetchContext::Sessionless, request.targets));
        }
        if session.order.len() > PARTITIONS_MAX {
            self.sessions.remove(&id);
            return Err(ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        }
        let targets = session.order.values().map(|partition| partition.target.clone()).collect();
        Ok((FetchContext::Incremental(id), targets))
    }

    /// Notes what a response says of a partition. Returns whether the response must list it at all.
    pub fn report(
        &mut self,
        context: &FetchContext,
        topic: &TopicKey,
        partition: i32,
        report: Reported,
    ) -> bool {
        let is_full = !matches!(context, FetchContext::Incremental(_));
        let Some(session) = self.sessions.get_mut(&context.session_id()) else { return true };
        // A session serves one client and small strings: the key is copied for the look-up only by reference count.
        session.report(&(topic.clone(), partition), report, is_full) || is_full
    }

    /// How many sessions there are.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.sessions.len()
    }

    fn create(&mut self, request: &SessionRequest, now: Monotonic) -> i32 {
        if self.sessions.len() >= self.slots && !self.evict_for(request, now) {
            return NO_SESSION;
        }
        let id = self.draw_id();
        let mut session = Session {
            epoch: next_epoch(INITIAL_EPOCH),
            uses_topic_ids: request.uses_topic_ids,
            is_follower: request.is_follower,
            created: now,
            last_used: now,
            order: BTreeMap::new(),
            places: BTreeMap::new(),
            next_place: 0,
        };
        for target in &request.targets {
            session.update(target.clone());
        }
        self.sessions.insert(id, session);
        id
    }

    /// Makes room for a new session, if one is idle or worth less. Source: Kafka `FetchSessionCacheShard.tryEvict`.
    fn evict_for(&mut self, request: &SessionRequest, now: Monotonic) -> bool {
        let idlest = self.sessions.iter().min_by_key(|(_, session)| session.last_used);
        let Some((&idlest, session)) = idlest else { return false };
        if now.since(session.last_used) > EVICTABLE_AFTER {
            self.sessions.remove(&idlest);
            return true;
        }
        let value = |session: &Session| (session.is_follower, session.order.len());
        let evictable = |session: &Session| {
            now.since(session.created) > EVICTABLE_AFTER || (request.is_follower && !session.is_follower)
        };
        let cheapest =
            self.sessions.iter().filter(|(_, session)| evictable(session)).min_by_key(|(_, s)| value(s));
        let Some((&cheapest, session)) = cheapest else { return false };
        if value(session) >= (request.is_follower, request.targets.len()) {
            return false;
        }
        self.sessions.remove(&cheapest);
        true
    }

    /// A random id that is neither in use nor [`NO_SESSION`].
    fn draw_id(&mut self) -> i32 {
        loop {
            // SplitMix64.
            self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.random;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let id = ((z ^ (z >> 31)) as i32) & i32::MAX;
            if id != NO_SESSION && !self.sessions.contains_key(&id) {
                return id;
            }
        }
    }
}

impl Session {
    fn update(&mut self, target: FetchTarget) {
        let key = (target.topic.clone(), target.partition);
        if let Some(partition) = self.places.get(&key).and_then(|place| self.order.get_mut(place)) {
            partition.target = target;
            return;
        }
        self.places.insert(key, self.next_place);
        self.order.insert(self.next_place, SessionPartition { target, reported: None });
        self.next_place += 1;
    }

    fn forget(&mut self, key: &(TopicKey, i32)) {
        if let Some(place) = self.places.remove(key) {
            self.order.remove(&place);
        }
    }

    /// Notes a report. Returns whether it has news. The order of the first answer is the request's: nobody moves.
    fn report(&mut self, key: &(TopicKey, i32), report: Reported, is_first: bool) -> bool {
        let Some(place) = self.places.get_mut(key) else { return true };
        let Some(partition) = self.order.get_mut(place) else { return true };
        let had_news = partition.reported.is_none_or(|last| {
            last.is_special
                || last.high_watermark != report.high_watermark
                || last.log_start_offset != report.log_start_offset
        });
        partition.reported = Some(report);
        if report.has_records
            && !is_first
            && let Some(partition) = self.order.remove(place)
        {
            *place = self.next_place;
            self.order.insert(self.next_place, partition);
            self.next_place += 1;
        }
        had_news || report.has_records || report.is_special
    }
}

/// Every partition once: of one that is named twice, the first has the place and the last the offset.
fn distinct(targets: Vec<FetchTarget>) -> Vec<FetchTarget> {
    let mut keys: Vec<_> = targets.iter().map(|target| (&target.topic, target.partition)).collect();
    keys.sort_unstable();
    if keys.windows(2).all(|pair| pair[0] != pair[1]) {
        return targets;
    }
    let mut places = BTreeMap::new();
    let mut distinct = Vec::<FetchTarget>::with_capacity(targets.len());
    for target in targets {
        let place = *places.entry((target.topic.clone(), target.partition)).or_insert(distinct.len());
        match distinct.get_mut(place) {
            Some(named_before) => *named_before = target,
            None => distinct.push(target),
        }
    }
    distinct
}

/// The epoch after `epoch`: 1 follows the largest.
fn next_epoch(epoch: i32) -> i32 {
    epoch.checked_add(1).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(partition: i32, offset: i64) -> FetchTarget {
        FetchTarget {
            topic: TopicKey::Name("t".into()),
            partition,
            fetch_offset: Offset(offset),
            max_bytes: 100,
            current_leader_epoch: LeaderEpoch::UNKNOWN,
            last_fetched_epoch: LeaderEpoch::UNKNOWN,
            follower_log_start_offset: Offset::UNKNOWN,
        }
    }

    fn request(session_id: i32, epoch: i32, targets: Vec<FetchTarget>) -> SessionRequest {
        SessionRequest {
            session_id,
            epoch,
            uses_topic_ids: false,
            is_follower: false,
            targets,
            forgotten: Vec::new(),
        }
    }

    fn report(high_watermark: i64, has_records: bool) -> Reported {
        Reported {
            high_watermark: Offset(high_watermark),
            log_start_offset: Offset(0),
            has_records,
            is_special: false,
        }
    }

    const AT: Monotonic = Monotonic(0);

    fn open(sessions: &mut FetchSessions, targets: Vec<FetchTarget>) -> i32 {
        let (context, _) = sessions.begin(request(0, INITIAL_EPOCH, targets), AT).unwrap();
        context.session_id()
    }

    #[test]
    fn a_session_remembers_its_partitions_and_takes_changes() {
        let mut sessions = FetchSessions::new(10, 7);
        let id = open(&mut sessions, vec![target(0, 5), target(1, 6)]);
        assert_ne!(id, NO_SESSION);
        let (context, targets) =
            sessions.begin(request(id, 1, vec![target(1, 9), target(2, 0)]), AT).unwrap();
        assert_eq!(context, FetchContext::Incremental(id));
        assert_eq!(targets, [target(0, 5), target(1, 9), target(2, 0)]);
        let mut forget = request(id, 2, vec![]);
        forget.forgotten = vec![(TopicKey::Name("t".into()), 0)];
        assert_eq!(sessions.begin(forget, AT).unwrap().1, [target(1, 9), target(2, 0)]);
    }

    #[test]
    fn epochs_count_from_1_and_a_wrong_one_is_refused() {
        let mut sessions = FetchSessions::new(10, 7);
        let id = open(&mut sessions, vec![target(0, 5)]);
        let wrong = sessions.begin(request(id, 2, vec![]), AT).unwrap_err();
        assert_eq!(wrong, ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        let unknown = sessions.begin(request(id ^ 1, 1, vec![]), AT).unwrap_err();
        assert_eq!(unknown, ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        let mut by_id = request(id, 1, vec![]);
        by_id.uses_topic_ids = true;
        assert_eq!(sessions.begin(by_id, AT).unwrap_err(), ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
        assert_eq!(next_epoch(i32::MAX), 1);
    }

    #[test]
    fn only_partitions_with_news_are_listed() {
        let mut sessions = FetchSessions::new(10, 7);
        let key = TopicKey::Name("t".into());
        let id = open(&mut sessions, vec![target(0, 5)]);
        assert!(
            sessions.report(&FetchContext::Full(id), &key, 0, report(5, false)),
            "a full answer lists all"
        );
        let context = FetchContext::Incremental(id);
        assert!(!sessions.report(&context, &key, 0, report(5, false)), "nothing new");
        assert!(sessions.report(&context, &key, 0, report(6, false)), "the high watermark moved");
        assert!(sessions.report(&context, &key, 0, report(6, true)), "records");
        let special = Reported { is_special: true, ..report(6, false) };
        assert!(sessions.report(&context, &key, 0, special), "an error");
        assert!(sessions.report(&context, &key, 0, report(6, false)), "once more after an error");
        assert!(!sessions.report(&context, &key, 0, report(6, false)));
    }

    #[test]
    fn a_partition_that_returned_data_goes_to_the_end() {
        let mut sessions = FetchSessions::new(10, 7);
        let id = open(&mut sessions, vec![target(0, 5), target(1, 6)]);
        let key = TopicKey::Name("t".into());
        sessions.report(&FetchContext::Full(id), &key, 0, report(9, true));
        let (context, targets) = sessions.begin(request(id, 1, vec![]), AT).unwrap();
        assert_eq!(targets, [target(0, 5), target(1, 6)], "not in the answer that opens the session");
        sessions.report(&context, &key, 0, report(9, true));
        let (_, targets) = sessions.begin(request(id, 2, vec![]), AT).unwrap();
        assert_eq!(targets, [target(1, 6), target(0, 5)]);
    }

    #[test]
    fn a_partition_that_is_named_twice_is_read_once_at_its_last_offset() {
        let mut sessions = FetchSessions::new(10, 7);
        let twice = vec![target(0, 5), target(1, 6), target(0, 7)];
        let (_, targets) = sessions.begin(request(0, FINAL_EPOCH, twice), AT).unwrap();
        assert_eq!(targets, [target(0, 7), target(1, 6)]);
    }

    #[test]
    fn who_reads_too_many_partitions_has_no_session() {
        let mut sessions = FetchSessions::new(10, 7);
        let many = |from: i32, count: usize| (from..).take(count).map(|at| target(at, 0)).collect::<Vec<_>>();
        assert_eq!(open(&mut sessions, many(0, PARTITIONS_MAX + 1)), NO_SESSION);
        let id = open(&mut sessions, many(0, PARTITIONS_MAX));
        let error = sessions.begin(request(id, 1, vec![target(-1, 0)]), AT).unwrap_err();
        assert_eq!((error, sessions.count()), (ErrorCode::FETCH_SESSION_ID_NOT_FOUND, 0));
    }

    #[test]
    fn an_emptied_or_finally_closed_session_is_gone() {
        let mut sessions = FetchSessions::new(10, 7);
        let id = open(&mut sessions, vec![target(0, 5)]);
        let mut forget = request(id, 1, vec![]);
        forget.forgotten = vec![(TopicKey::Name("t".into()), 0)];
        assert_eq!(sessions.begin(forget, AT).unwrap(), (FetchContext::Sessionless, vec![]));
        let id = open(&mut sessions, vec![target(0, 5)]);
        sessions.begin(request(id, FINAL_EPOCH, vec![target(0, 5)]), AT).unwrap();
        assert_eq!(sessions.count(), 0);
    }

    #[test]
    fn without_room_there_is_no_session_until_one_is_idle_or_worth_less() {
        let mut sessions = FetchSessions::new(1, 7);
        let first = open(&mut sessions, vec![target(0, 5)]);
        assert_eq!(open(&mut sessions, vec![target(0, 5), target(1, 5)]), NO_SESSION);
        let mut follower = request(0, INITIAL_EPOCH, vec![target(0, 5)]);
        follower.is_follower = true;
        let (context, _) = sessions.begin(follower, AT).unwrap();
        assert_ne!(context.session_id(), NO_SESSION, "a follower's session is worth more");
        assert_ne!(context.session_id(), first);
        let later = AT + EVICTABLE_AFTER + Duration::from_nanos(1);
        let (context, _) = sessions.begin(request(0, INITIAL_EPOCH, vec![target(3, 5)]), later).unwrap();
        assert_ne!(context.session_id(), NO_SESSION, "the follower's was idle");
    }
}
