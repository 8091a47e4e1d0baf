//! A group coordinator with a log and a clock, driven by lines of text.
//!
//! Each line is `command => what comes out`; `#` begins a comment, a line that begins with `=>` continues the last one.
//! What comes out is separated by `;`. Unless a line says otherwise: group `g`, session timeout 10 s, rebalance timeout
//! 60 s, initial delay 3 s, protocol `range` of type `consumer` for topic `t`, newest version.
//!
//! ```text
//! config size_max=2 delay=0s          before anything else
//! join a [owned=t:0,1] [v4] [id=a1] [instance=i] [protocols=range:t,sticky:t+u] [type=connect] [session=6s] [rebalance=30s]
//! sync a1 gen=1 [v5] [instance=i] [type=..] [protocol=..] [a1=x] [b1=y]
//! heartbeat a1 gen=1 [instance=i]     leave a1 b1/i ["/i"] [v2]
//! commit t-0=5 [member=a1] [gen=1] [v8] [meta=text] [id=7] [retention=1s]
//! fetch t-0 [id=7] | fetch all        with `stable` for stable offsets
//! offset-delete t-0    delete g h     describe g [v5]    list [state=..] [type=..]    topic-deleted t id=7
//! txn t-0=5 pid=1      marker pid=1 commit|abort
//! topics t=3 u=2     topic-gone t     what topics there are, with their partitions
//! beat a epoch=0 [v0] [topics=t+u] [regex=t.*] [owned=t:0,1+u:2] [instance=i] [rack=r] [timeout=60s] [assignor=range]
//!                                     a ConsumerGroupHeartbeat of the member `a`; `full` sends everything
//! resolve                             regular expressions are resolved
//! show g                              ConsumerGroupDescribe    group-config g session=50s
//! after 3s                            timers run on the way, one deadline after the other
//! log auto|hold|slow                  whether the log takes and commits at once, not at all, or takes only
//! log takes | log commits | log fails NOT_ENOUGH_REPLICAS | log shows
//! restart                             a new coordinator loads the log, with `limit 1` as the new size_max
//! loading                             a coordinator that has not loaded yet  unload
//! ```
//! Member ids show as the client's name and a number: `a1` is the first id given to a client `a`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use ottla_coordinator::group::{
    AppendToken, BatchContents, Effect, GroupConfig, GroupCoordinator, GroupRequest, Input, LoadedBatch,
    MigrationPolicy, OffsetFetch, Record, RegexJob, RequestContext, RequestToken, TxnMarker, TxnResult,
};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Message;
use ottla_protocol::messages::consumer_protocol_assignment::{
    ConsumerProtocolAssignment, TopicPartition as AssignedPartition,
};
use ottla_protocol::messages::consumer_protocol_subscription::{
    ConsumerProtocolSubscription, TopicPartition as OwnedPartition,
};
use ottla_protocol::messages::{
    consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest,
    heartbeat_request::HeartbeatRequest,
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    leave_group_request::{LeaveGroupRequest, MemberIdentity},
    list_groups_request::ListGroupsRequest,
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_delete_request::{OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
    offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment},
    txn_offset_commit_request::{
        TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
    },
};
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, TopicId, Uuid};

use super::show::{Names, show_contents, show_response};
use super::topics::Topics;

/// Wall-clock time at the beginning: some day of 2026.
const EPOCH_MS: i64 = 1_800_000_000_000;

/// Runs the scenario, and compares everything that comes out.
#[track_caller]
pub fn check(scenario: &str) {
    let mut world = World::new();
    let mut transcript = String::new();
    let mut is_as_expected = true;
    for (command, wanted) in lines(scenario) {
        let got = world.run(&command);
        transcript += &format!("{command}\n    => {}\n", got.join("\n    => "));
        if got != wanted {
            is_as_expected = false;
            transcript += &format!("    EXPECTED\n    => {}\n", wanted.join("\n    => "));
        }
    }
    assert!(is_as_expected, "\n{transcript}");
    assert!(world.labels.is_empty(), "{transcript}\nnever answered: {:?}", world.labels);
}

fn lines(scenario: &str) -> Vec<(String, Vec<String>)> {
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for line in scenario.lines() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (command, wanted) = line.split_once("=>").unwrap_or((line, ""));
        let wanted = wanted.split(';').map(words).filter(|wanted| !wanted.is_empty());
        if command.trim().is_empty() {
            lines.last_mut().expect("the first line has a command").1.extend(wanted);
        } else {
            lines.push((words(command), wanted.collect()));
        }
    }
    lines
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Clone, Copy, PartialEq)]
enum Log {
    Auto,
    Hold,
    Slow,
}

/// A coordinator, its log and its clock.
pub struct World {
    config: GroupConfig,
    coordinator: Option<GroupCoordinator>,
    now_ms: i64,
    names: Names,
    /// The requests that wait for an answer.
    pub labels: BTreeMap<RequestToken, String>,
    requests: u64,
    log_mode: Log,
    topics: Topics,
    resolving: VecDeque<RegexJob>,
    asked: VecDeque<(AppendToken, BatchContents)>,
    log: Vec<(Offset, BatchContents)>,
    log_end: Offset,
    out: Vec<String>,
}

/// The words of a command: what is not `key=value`, and what is.
struct Words<'a> {
    plain: Vec<&'a str>,
    keyed: Vec<(&'a str, &'a str)>,
}

impl<'a> Words<'a> {
    fn of(command: &'a str) -> Self {
        let (mut plain, mut keyed) = (Vec::new(), Vec::new());
        for word in command.split(' ').skip(1) {
            match word.split_once('=') {
                Some(pair) => keyed.push(pair),
                None => plain.push(word),
            }
        }
        Self { plain, keyed }
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.keyed.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }

    fn number<T: std::str::FromStr>(&self, key: &str, default: T) -> T {
        self.get(key).map_or(default, |text| text.parse().ok().unwrap_or_else(|| panic!("number: {text}")))
    }

    fn group(&self) -> String {
        self.get("group").unwrap_or("g").replace("''", "")
    }

    fn version(&self, newest: i16) -> i16 {
        let version = self.plain.iter().find_map(|word| word.strip_prefix('v')?.parse().ok());
        version.unwrap_or(newest)
    }

    fn has(&self, word: &str) -> bool {
        self.plain.contains(&word)
    }

    /// The pairs that name a partition: `t-0=5`.
    fn offsets(&self) -> Vec<(String, i32, i64)> {
        let pairs = self.keyed.iter().filter_map(|(key, value)| {
            let (topic, partition) = key.rsplit_once('-')?;
            Some((topic.to_owned(), partition.parse().ok()?, value.parse().ok()?))
        });
        pairs.collect()
    }

    /// The words that name a partition: `t-0`.
    fn partitions(&self) -> Vec<(String, i32)> {
        let words = self.plain.iter().filter_map(|word| {
            let (topic, partition) = word.rsplit_once('-')?;
            Some((topic.to_owned(), partition.parse().ok()?))
        });
        words.collect()
    }

    fn topic_id(&self) -> Uuid {
        Uuid::from_u128(self.number("id", 0))
    }
}

fn millis(text: &str) -> i64 {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let unit = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        unit => panic!("unit of time: {unit}"),
    };
    digits.parse::<i64>().unwrap() * unit
}

impl World {
    pub fn new() -> Self {
        Self {
            config: GroupConfig::default(),
            coordinator: None,
            now_ms: 0,
            names: Names::default(),
            labels: BTreeMap::new(),
            requests: 0,
            log_mode: Log::Auto,
            topics: Topics::default(),
            resolving: VecDeque::new(),
            asked: VecDeque::new(),
            log: Vec::new(),
            log_end: Offset::ZERO,
            out: Vec::new(),
        }
    }

    /// Runs one line, and gives what comes out.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        let words = Words::of(command);
        let verb = command.split(' ').next().unwrap_or_default();
        match verb {
            "config" => self.configure(&words),
            "after" => self.pass(millis(words.plain[0])),
            "log" => self.log_command(&words),
            "restart" => {
                self.coordinator = None;
                self.asked.clear();
                self.labels.clear();
                self.start();
            }
            "loading" => {
                self.coordinator = Some(GroupCoordinator::new(self.config.clone(), 1));
            }
            "limit" => self.config.size_max = words.plain[0].parse().unwrap(),
            "unload" => self.coordinator.as_mut().expect("something to unload").unload(),
            "topics" | "topic-gone" | "group-config" => {
                let changes = match verb {
                    "topics" => self.topics.set(&words.keyed),
                    "topic-gone" => self.topics.delete(words.plain[0]),
                    _ => self.topics.configure(words.plain[0], &words.keyed),
                };
                let image = self.topics.image();
                self.handle(Input::Metadata { image, changes: Some(Arc::new(changes)) });
            }
            "resolve" => {
                while let Some(job) = self.resolving.pop_front() {
                    self.handle(Input::RegexesResolved(job.run(|_| true)));
                }
            }
            "topic-deleted" => {
                let topics = vec![(words.plain[0].to_owned(), TopicId(words.topic_id()))];
                self.handle(Input::TopicsDeleted { topics });
            }
            // Several requests of one round: `round join a / join b`.
            "round" => {
                for request in command["round ".len()..].split(" / ") {
                    self.request(request);
                }
            }
            _ => self.request(command),
        }
        self.drain();
        std::mem::take(&mut self.out)
    }

    fn request(&mut self, command: &str) {
        let words = Words::of(command);
        let verb = command.split(' ').next().unwrap_or_default();
        let (newest, request) = self.build(verb, &words);
        let token = RequestToken(self.requests);
        self.requests += 1;
        let offset =
            words.offsets().first().map(|(topic, partition, offset)| format!("{topic}-{partition}={offset}"));
        let who = offset.or_else(|| words.plain.first().map(|word| (*word).to_owned()));
        let who = who.map_or_else(String::new, |who| format!(" {who}"));
        self.labels.insert(token, format!("{verb}{who}:"));
        let client = words.plain.first().copied().unwrap_or("admin");
        let context = RequestContext {
            client_id: client.trim_end_matches(char::is_numeric).to_owned(),
            client_host: "/127.0.0.1".to_owned(),
            api_version: words.version(newest),
        };
        self.handle(Input::Request { token, context, request });
    }

    fn build(&self, verb: &str, words: &Words<'_>) -> (i16, GroupRequest) {
        match verb {
            "beat" => (1, GroupRequest::ConsumerGroupHeartbeat(Box::new(self.beat(words)))),
            "show" => (1, GroupRequest::ConsumerGroupDescribe { groups: owned(&words.plain, 'v') }),
            "join" => (9, GroupRequest::JoinGroup(self.join(words))),
            "sync" => (5, GroupRequest::SyncGroup(self.sync(words))),
            "heartbeat" => (4, GroupRequest::Heartbeat(self.heartbeat(words))),
            "leave" => (5, GroupRequest::LeaveGroup(self.leave(words))),
            "commit" => (10, GroupRequest::OffsetCommit(self.commit(words))),
            "txn" => (5, GroupRequest::TxnOffsetCommit(self.txn_commit(words))),
            "marker" => {
                let result = if words.has("commit") { TxnResult::Commit } else { TxnResult::Abort };
                let marker = TxnMarker {
                    producer_id: ProducerId(words.number("pid", 0)),
                    producer_epoch: ProducerEpoch(0),
                    coordinator_epoch: LeaderEpoch(3),
                    result,
                    transaction_version: 2,
                };
                (2, GroupRequest::WriteTxnMarker(marker))
            }
            "fetch" => (10, GroupRequest::OffsetFetch(fetch(words))),
            "describe" => (6, GroupRequest::DescribeGroups { groups: owned(&words.plain, 'v') }),
            "delete" => (2, GroupRequest::DeleteGroups { groups: owned(&words.plain, 'v') }),
            "list" => {
                let filter = |key| words.get(key).map(str::to_owned).into_iter().collect();
                let (states_filter, types_filter) = (filter("state"), filter("type"));
                (5, GroupRequest::ListGroups(ListGroupsRequest { states_filter, types_filter }))
            }
            "offset-delete" => {
                let topics =
                    words.partitions().into_iter().map(|(name, partition_index)| OffsetDeleteRequestTopic {
                        name,
                        partitions: vec![OffsetDeleteRequestPartition { partition_index }],
                    });
                let request = OffsetDeleteRequest { group_id: words.group(), topics: topics.collect() };
                (0, GroupRequest::OffsetDelete(request))
            }
            _ => panic!("command: {verb}"),
        }
    }

    fn beat(&self, words: &Words<'_>) -> ConsumerGroupHeartbeatRequest {
        let epoch = words.number("epoch", 0);
        let is_full = epoch == 0 || words.has("full");
        let topics = words.get("topics").or((is_full && words.get("regex").is_none()).then_some("t"));
        let topics =
            topics.map(|topics| topics.split('+').filter(|t| *t != "none").map(str::to_owned).collect());
        let timeout = words.get("timeout").or(is_full.then_some("60s"));
        let owned = words.get("owned").or(is_full.then_some("none"));
        ConsumerGroupHeartbeatRequest {
            group_id: words.group(),
            member_id: if words.has("anonymous") { String::new() } else { words.plain[0].to_owned() },
            member_epoch: epoch,
            instance_id: words.get("instance").map(|text| text.replace("''", "")),
            rack_id: words.get("rack").map(|text| text.replace("''", "")),
            rebalance_timeout_ms: timeout.map_or(-1, |timeout| i32::try_from(millis(timeout)).unwrap()),
            subscribed_topic_names: topics,
            subscribed_topic_regex: words.get("regex").map(|text| text.replace("''", "")),
            server_assignor: words.get("assignor").map(str::to_owned),
            topic_partitions: owned.map(|owned| self.topics.partitions(owned)),
        }
    }

    fn join(&self, words: &Words<'_>) -> JoinGroupRequest {
        let protocols = match words.get("protocols") {
            Some("none") => Vec::new(),
            protocols => {
                let protocols = protocols.unwrap_or("range:t").split(',');
                protocols.map(|text| protocol(text, words.get("owned"))).collect()
            }
        };
        JoinGroupRequest {
            group_id: words.group(),
            session_timeout_ms: i32::try_from(millis(words.get("session").unwrap_or("10s"))).unwrap(),
            rebalance_timeout_ms: i32::try_from(millis(words.get("rebalance").unwrap_or("60s"))).unwrap(),
            member_id: words.get("id").map_or_else(String::new, |name| self.names.id(name)),
            group_instance_id: words.get("instance").map(str::to_owned),
            protocol_type: words.get("type").unwrap_or("consumer").replace("''", ""),
            protocols,
            ..JoinGroupRequest::default()
        }
    }

    fn sync(&self, words: &Words<'_>) -> SyncGroupRequest {
        const OPTIONS: [&str; 5] = ["gen", "instance", "type", "protocol", "group"];
        let optional = |key, default: &str| match words.get(key) {
            Some("none") => None,
            text => Some(text.unwrap_or(default).to_owned()),
        };
        let assignments = words.keyed.iter().filter(|(key, _)| !OPTIONS.contains(key));
        SyncGroupRequest {
            group_id: words.group(),
            generation_id: words.number("gen", 0),
            member_id: self.names.id(words.plain[0]),
            group_instance_id: words.get("instance").map(str::to_owned),
            protocol_type: optional("type", "consumer"),
            protocol_name: optional("protocol", "range"),
            assignments: assignments
                .map(|(name, assignment)| SyncGroupRequestAssignment {
                    member_id: self.names.id(name),
                    assignment: assignment_of(assignment),
                })
                .collect(),
        }
    }

    fn heartbeat(&self, words: &Words<'_>) -> HeartbeatRequest {
        HeartbeatRequest {
            group_id: words.group(),
            generation_id: words.number("gen", 0),
            member_id: self.names.id(words.plain[0]),
            group_instance_id: words.get("instance").map(str::to_owned),
        }
    }

    fn leave(&self, words: &Words<'_>) -> LeaveGroupRequest {
        let is_version = |word: &str| word.strip_prefix('v').is_some_and(|v| v.parse::<i16>().is_ok());
        let members = words.plain.iter().filter(|word| !is_version(word)).map(|word| {
            let (name, instance) = word.split_once('/').map_or((*word, None), |(n, i)| (n, Some(i)));
            MemberIdentity {
                member_id: self.names.id(name),
                group_instance_id: instance.map(str::to_owned),
                ..MemberIdentity::default()
            }
        });
        let members: Vec<_> = members.collect();
        let member_id = members.first().map_or_else(String::new, |member| member.member_id.clone());
        LeaveGroupRequest { group_id: words.group(), member_id, members }
    }

    fn commit(&self, words: &Words<'_>) -> OffsetCommitRequest {
        let topics = words.offsets().into_iter().map(|(name, partition_index, committed_offset)| {
            let partition = OffsetCommitRequestPartition {
                partition_index,
                committed_offset,
                committed_leader_epoch: words.number("epoch", -1),
                committed_metadata: words.get("meta").map(str::to_owned),
            };
            OffsetCommitRequestTopic { name, topic_id: words.topic_id(), partitions: vec![partition] }
        });
        OffsetCommitRequest {
            group_id: words.group(),
            generation_id_or_member_epoch: words.number("gen", -1),
            member_id: words.get("member").map_or_else(String::new, |name| self.names.id(name)),
            group_instance_id: words.get("instance").map(str::to_owned),
            retention_time_ms: words.get("retention").map_or(-1, millis),
            topics: topics.collect(),
        }
    }

    fn txn_commit(&self, words: &Words<'_>) -> TxnOffsetCommitRequest {
        let topics = words.offsets().into_iter().map(|(name, partition_index, committed_offset)| {
            let partition = TxnOffsetCommitRequestPartition {
                partition_index,
                committed_offset,
                committed_metadata: words.get("meta").map(str::to_owned),
                ..TxnOffsetCommitRequestPartition::default()
            };
            TxnOffsetCommitRequestTopic { name, partitions: vec![partition], ..Default::default() }
        });
        TxnOffsetCommitRequest {
            transactional_id: "txn".to_owned(),
            group_id: words.group(),
            producer_id: words.number("pid", 0),
            generation_id_or_member_epoch: words.number("gen", -1),
            member_id: words.get("member").map_or_else(String::new, |name| self.names.id(name)),
            topics: topics.collect(),
            ..TxnOffsetCommitRequest::default()
        }
    }

    fn configure(&mut self, words: &Words<'_>) {
        assert!(self.coordinator.is_none(), "config comes first");
        for (key, value) in &words.keyed {
            match *key {
                "consumer_max" => self.config.consumer.size_max = value.parse().unwrap(),
                "refresh" => self.config.consumer.regex_refresh_interval_ms = millis(value),
                "interval" => {
                    self.config.consumer.assignment_interval.default_ms =
                        i32::try_from(millis(value)).unwrap();
                }
                "policy" => {
                    self.config.consumer.migration_policy = MigrationPolicy::from_name(value).unwrap();
                }
                "size_max" => self.config.size_max = value.parse().unwrap(),
                "delay" => self.config.initial_rebalance_delay_ms = i32::try_from(millis(value)).unwrap(),
                "retention" => self.config.offsets_retention_ms = millis(value),
                "check" => self.config.offsets_retention_check_interval_ms = millis(value),
                "meta_max" => self.config.offset_metadata_size_max = value.parse().unwrap(),
                "batch_max" => self.config.batch_size_max = value.parse().unwrap(),
                _ => panic!("config: {key}"),
            }
        }
    }

    fn now(&self) -> Now {
        Now {
            wall: Timestamp(EPOCH_MS + self.now_ms),
            mono: Monotonic(u64::try_from(self.now_ms).unwrap() * 1_000_000),
        }
    }

    /// A coordinator that has loaded the log.
    fn start(&mut self) {
        let mut coordinator = GroupCoordinator::new(self.config.clone(), self.requests);
        let image = self.topics.image();
        coordinator.handle(Input::Metadata { image, changes: None }, self.now());
        self.resolving.clear();
        for (base_offset, contents) in &self.log {
            let (producer_id, records) = match contents {
                BatchContents::Records(records) => (ProducerId::NONE, records),
                BatchContents::Transactional { producer_id, records, .. } => (*producer_id, records),
                BatchContents::Marker(marker) => {
                    coordinator.load_marker(marker.producer_id, marker.result);
                    continue;
                }
            };
            let batch = LoadedBatch { producer_id };
            for (index, Record { key, value }) in records.iter().enumerate() {
                let offset = base_offset.plus(i64::try_from(index).unwrap());
                coordinator.load(offset, batch, key, value.as_deref()).unwrap();
            }
        }
        coordinator.loaded(self.now());
        self.coordinator = Some(coordinator);
    }

    fn handle(&mut self, input: Input) {
        if self.coordinator.is_none() {
            self.start();
        }
        let now = self.now();
        self.coordinator.as_mut().unwrap().handle(input, now);
    }

    /// Performs the effects.
    fn drain(&mut self) {
        while let Some(effect) = self.coordinator.as_mut().and_then(GroupCoordinator::poll_effect) {
            match effect {
                Effect::Respond { token, response } => {
                    let label = self.labels.remove(&token).expect("one response for each request");
                    let shown = show_response(&mut self.names, &self.topics, &response);
                    self.out.push(words(&format!("{label} {shown}")));
                }
                Effect::ResolveRegexes(job) => {
                    self.out.push("resolves".to_owned());
                    self.resolving.push_back(job);
                }
                Effect::Append { batch, timestamp, contents } => {
                    assert_eq!(timestamp, self.now().wall);
                    self.out.extend(
                        show_contents(&mut self.names, &self.topics, &contents)
                            .iter()
                            .map(|shown| words(shown)),
                    );
                    self.asked.push_back((batch, contents));
                    if self.log_mode != Log::Hold {
                        self.take();
                    }
                    if self.log_mode == Log::Auto {
                        self.handle(Input::Committed { end_offset: self.log_end });
                    }
                }
            }
        }
    }

    fn take(&mut self) {
        let (batch, contents) = self.asked.pop_front().expect("an append to answer");
        let base_offset = self.log_end;
        let count = match &contents {
            BatchContents::Records(records) | BatchContents::Transactional { records, .. } => records.len(),
            BatchContents::Marker(_) => 1,
        };
        self.log_end = base_offset.plus(i64::try_from(count).unwrap());
        self.log.push((base_offset, contents));
        self.handle(Input::Appended { batch, result: Ok(base_offset) });
    }

    fn log_command(&mut self, words: &Words<'_>) {
        match words.plain[0] {
            "auto" => self.log_mode = Log::Auto,
            "hold" => self.log_mode = Log::Hold,
            "slow" => self.log_mode = Log::Slow,
            "takes" if self.asked.is_empty() => {}
            "takes" => self.take(),
            "commits" => self.handle(Input::Committed { end_offset: self.log_end }),
            "fails" => {
                let Some((batch, _)) = self.asked.pop_front() else { return };
                let error = ErrorCode::all().find(|code| code.name() == words.plain[1]).expect("an error");
                self.handle(Input::Appended { batch, result: Err(error) });
            }
            "shows" => {
                for (_, contents) in &self.log {
                    self.out.extend(show_contents(&mut self.names, &self.topics, contents));
                }
            }
            word => panic!("log {word}"),
        }
    }

    fn pass(&mut self, ms: i64) {
        let end_ms = self.now_ms + ms;
        loop {
            let deadline =
                self.coordinator.as_ref().map_or(Monotonic::NEVER, GroupCoordinator::poll_deadline);
            let deadline_ms = i64::try_from(deadline.0.div_ceil(1_000_000)).unwrap_or(i64::MAX);
            if deadline_ms > end_ms {
                break;
            }
            self.now_ms = self.now_ms.max(deadline_ms);
            self.handle(Input::Timer);
            self.drain();
        }
        self.now_ms = end_ms;
    }
}

fn owned(plain: &[&str], version_letter: char) -> Vec<String> {
    let is_version = |word: &str| word.strip_prefix(version_letter).is_some_and(|v| v.parse::<i16>().is_ok());
    plain.iter().filter(|word| !is_version(word)).map(|word| (*word).to_owned()).collect()
}

/// An assignment that the scenario makes up, or that of a consumer: `consumer:t:0,1+u:2`.
fn assignment_of(text: &str) -> Bytes {
    let Some(topics) = text.strip_prefix("consumer:") else { return Bytes::copy_from_slice(text.as_bytes()) };
    let assigned_partitions = topics.split('+').map(|topic| {
        let (topic, partitions) = partitions_of(topic);
        AssignedPartition { topic, partitions }
    });
    let assignment = ConsumerProtocolAssignment {
        assigned_partitions: assigned_partitions.collect(),
        ..Default::default()
    };
    [vec![0, 1], assignment.to_vec(1)].concat().into()
}

/// `t:0,1`.
fn partitions_of(text: &str) -> (String, Vec<i32>) {
    let (topic, partitions) = text.split_once(':').unwrap();
    (topic.to_owned(), partitions.split(',').map(|index| index.parse().unwrap()).collect())
}

fn protocol(text: &str, owned: Option<&str>) -> JoinGroupRequestProtocol {
    let (name, topics) = text.split_once(':').unwrap_or((text, ""));
    let metadata = match topics {
        "" => Vec::new(),
        topics => {
            let topics = topics.split('+').map(str::to_owned).collect();
            let owned = owned.into_iter().flat_map(|owned| owned.split('+')).map(|owned| {
                let (topic, partitions) = partitions_of(owned);
                OwnedPartition { topic, partitions }
            });
            let owned_partitions = owned.collect();
            let subscription =
                ConsumerProtocolSubscription { topics, owned_partitions, ..Default::default() };
            [vec![0, 1], subscription.to_vec(1)].concat()
        }
    };
    JoinGroupRequestProtocol { name: name.to_owned(), metadata: metadata.into() }
}

fn fetch(words: &Words<'_>) -> OffsetFetch {
    let topics = words.partitions().into_iter().map(|(name, partition)| OffsetFetchRequestTopics {
        name,
        topic_id: words.topic_id(),
        partition_indexes: vec![partition],
    });
    let group = OffsetFetchRequestGroup {
        group_id: words.group(),
        topics: (!words.has("all")).then(|| topics.collect()),
        member_id: words.get("member").map(str::to_owned),
        member_epoch: words.number("epoch", -1),
    };
    OffsetFetch { group, require_stable: words.has("stable") }
}
