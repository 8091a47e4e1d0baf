//! Membership of a group by the classic protocol: a task joins, gets its partitions, and keeps the membership alive.
//!
//! ```text
//!   find coordinator -> join -> (leader: assign) -> sync -> committed offsets -> heartbeats
//!         ^               ^                                                        |
//!         |               +------ the consumer has let its partitions go <---------+ rebalance
//!         +------------------------ the coordinator moved or is gone <-------------+
//! ```
//!
//! The protocol is the eager one: before each join all partitions are given up. Source: Kafka `AbstractCoordinator`,
//! `ConsumerCoordinator`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::consumer_protocol_assignment::{self, ConsumerProtocolAssignment};
use ottla_protocol::messages::consumer_protocol_subscription::ConsumerProtocolSubscription;
use ottla_protocol::messages::heartbeat_request::HeartbeatRequest;
use ottla_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla_protocol::messages::join_group_response::JoinGroupResponse;
use ottla_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use ottla_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ottla_protocol::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};
use ottla_protocol::messages::{Message, Request};
use ottla_protocol::types::{BrokerId, Offset};
use ottla_protocol::wire::{Reader, Writer};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, interval_at};

use super::assignor::{Subscriber, assign_ranges};
use crate::admin::decode_assignment;
use crate::client::{AutoCreate, Client};
use crate::error::{ApiError, Error};
use crate::partition::TopicPartition;
use crate::producer::GroupMetadata;

/// Name of the assignor that this client knows, by which members agree.
const PROTOCOL: &str = "range";
const PROTOCOL_TYPE: &str = "consumer";
/// Version of subscriptions and assignments that are written. Readers of any version understand it.
const EMBEDDED_VERSION: i16 = 1;

/// How a group is joined.
#[derive(Clone, Debug)]
pub struct GroupOptions {
    /// The group's id (`group.id`).
    pub group_id: String,
    /// Makes the member a static one, whose restart does not rebalance the group (`group.instance.id`).
    pub instance_id: Option<String>,
    /// Silence after which the coordinator takes the member for dead (`session.timeout.ms`, 45 s).
    pub session_timeout: Duration,
    /// Time between heartbeats (`heartbeat.interval.ms`, 3 s).
    pub heartbeat_interval: Duration,
    /// Longest time between polls, and so the time that a rebalance may take (`max.poll.interval.ms`, 5 min).
    pub rebalance_timeout: Duration,
    /// How often positions are committed without being asked (`auto.commit.interval.ms`, 5 s); `None` to leave that to
    /// [`Consumer::commit`](super::Consumer::commit).
    pub auto_commit: Option<Duration>,
}

impl GroupOptions {
    /// The defaults of Kafka's consumer, for this group.
    pub fn new(group_id: impl Into<String>) -> Self {
        Self {
            group_id: group_id.into(),
            instance_id: None,
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(3),
            rebalance_timeout: Duration::from_secs(300),
            auto_commit: Some(Duration::from_secs(5)),
        }
    }
}

pub(super) type Positions = BTreeMap<TopicPartition, Offset>;

/// What the task tells the consumer.
#[derive(Debug)]
pub(super) enum GroupEvent {
    /// To this member in this generation these partitions belong, to be read from where the group stands.
    Assigned(GroupMetadata, Vec<(TopicPartition, Option<Offset>)>),
    /// All partitions must be let go. The consumer answers with the positions to commit first.
    Revoke(oneshot::Sender<Positions>),
    /// All partitions are gone: the group went on without this member. Nothing can be committed any more.
    Lost,
    /// The membership has failed for good.
    Failed(Error),
}

/// What the consumer asks of the task.
#[derive(Debug)]
pub(super) enum GroupCommand {
    /// Positions in the partitions of a generation. Those of an earlier one may be another member's by now.
    Commit { generation_id: i32, positions: Positions, answer: oneshot::Sender<Result<(), Error>> },
    /// Commit, leave and end.
    Leave { generation_id: i32, positions: Positions },
}

pub(super) struct Membership {
    client: Client,
    options: GroupOptions,
    topics: Vec<String>,
    commands: mpsc::Receiver<GroupCommand>,
    events: mpsc::Sender<GroupEvent>,
    last_poll: watch::Receiver<Instant>,
    coordinator: Option<BrokerId>,
    member_id: String,
    generation_id: i32,
}

/// Why a membership goes back to an earlier step.
enum Interruption {
    /// The group rebalances.
    Rebalance,
    /// The coordinator does not know the member (any more).
    Unknown,
    /// The consumer wants to leave, or is gone.
    Leave(Positions),
    /// The program has not polled for so long that another member had better do its work.
    Idle,
    Failed(Error),
}

impl From<Error> for Interruption {
    fn from(error: Error) -> Self {
        match error.code() {
            Some(ErrorCode::REBALANCE_IN_PROGRESS) => Self::Rebalance,
            Some(ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::ILLEGAL_GENERATION) => Self::Unknown,
            _ => Self::Failed(error),
        }
    }
}

impl Membership {
    pub(super) fn new(
        client: Client,
        options: GroupOptions,
        topics: Vec<String>,
        commands: mpsc::Receiver<GroupCommand>,
        events: mpsc::Sender<GroupEvent>,
        last_poll: watch::Receiver<Instant>,
    ) -> Self {
        let member_id = String::new();
        Self {
            client,
            options,
            topics,
            commands,
            events,
            last_poll,
            coordinator: None,
            member_id,
            generation_id: -1,
        }
    }

    /// Runs until the consumer leaves or the membership fails for good.
    pub(super) async fn run(mut self) {
        let positions = self.live_until_gone().await;
        self.leave(&positions).await;
        self.client.close().await;
    }

    /// Lives through generations until the consumer is gone, or has left with these positions to commit.
    async fn live_until_gone(&mut self) -> Positions {
        let mut backoff = self.client.backoff();
        loop {
            let Err(interruption) = self.live().await else { continue };
            let is_heard = match interruption {
                Interruption::Leave(positions) => return positions,
                Interruption::Rebalance => {
                    backoff = self.client.backoff();
                    let positions = self.revoke().await;
                    // If it fails, the records since the last commit are read again, which is what a crash does too.
                    let _ = self.commit(&positions.clone().unwrap_or_default()).await;
                    positions.is_some()
                }
                Interruption::Idle => {
                    self.leave(&Positions::new()).await;
                    self.forget_membership();
                    self.events.send(GroupEvent::Lost).await.is_ok() && self.last_poll.changed().await.is_ok()
                }
                Interruption::Unknown => {
                    self.forget_membership();
                    self.events.send(GroupEvent::Lost).await.is_ok()
                }
                Interruption::Failed(error) if error.is_retriable() => {
                    tracing::debug!(%error, group = self.options.group_id, "joining again");
                    self.coordinator = None;
                    let is_heard = self.events.send(GroupEvent::Lost).await.is_ok();
                    tokio::time::sleep(backoff.next_wait()).await;
                    is_heard
                }
                Interruption::Failed(error) => {
                    let _ = self.events.send(GroupEvent::Failed(error)).await;
                    false
                }
            };
            if !is_heard {
                return Positions::new();
            }
        }
    }

    fn forget_membership(&mut self) {
        self.member_id.clear();
        self.generation_id = -1;
    }

    /// One generation: joins, and stays until something interrupts.
    async fn live(&mut self) -> Result<(), Interruption> {
        let events = self.events.clone();
        let assigned = tokio::select! {
            assigned = self.enter() => assigned?,
            // The consumer is gone, and does not wait for other members to join.
            () = events.closed() => {
                // What is sent behind the join would wait for it too.
                self.client = self.client.with_own_connections();
                return Err(Interruption::Leave(Positions::new()));
            }
        };
        let metadata = GroupMetadata {
            group_id: self.options.group_id.clone(),
            generation_id: self.generation_id,
            member_id: self.member_id.clone(),
            instance_id: self.options.instance_id.clone(),
        };
        if self.events.send(GroupEvent::Assigned(metadata, assigned)).await.is_err() {
            return Err(Interruption::Leave(Positions::new()));
        }
        self.stay().await
    }

    /// Joins; gives this member's partitions, and where the group stands in each.
    async fn enter(&mut self) -> Result<Vec<(TopicPartition, Option<Offset>)>, Error> {
        let joined = self.join().await?;
        let assigned = self.sync(&joined).await?;
        let committed = self.client.admin().list_stable_group_offsets(&self.options.group_id).await?;
        let at = |partition: TopicPartition| {
            let offset = committed.get(&partition).map(|committed| committed.offset);
            (partition, offset)
        };
        Ok(assigned.into_iter().map(at).collect())
    }

    /// Has the consumer let its partitions go; gives the positions to commit. The membership is kept alive meanwhile. `None`
    /// if the consumer is gone.
    async fn revoke(&mut self) -> Option<Positions> {
        let (answer, mut positions) = oneshot::channel();
        self.events.send(GroupEvent::Revoke(answer)).await.ok()?;
        let deadline = Instant::now() + self.options.rebalance_timeout;
        let mut beats = tokio::time::interval(self.options.heartbeat_interval);
        while Instant::now() < deadline {
            tokio::select! {
                // An answer that does not come means that the consumer has other things to do, such as to leave.
                positions = &mut positions => return Some(positions.unwrap_or_default()),
                // It says that the group rebalances, which is known.
                _ = beats.tick() => drop(self.heartbeat().await),
            }
        }
        Some(Positions::new())
    }

    /// Heartbeats and commits.
    async fn stay(&mut self) -> Result<(), Interruption> {
        let period = self.options.heartbeat_interval;
        let mut beats = interval_at(Instant::now() + period, period);
        let mut silent_since = Instant::now();
        loop {
            tokio::select! {
                _ = beats.tick() => {
                    if self.last_poll.borrow_and_update().elapsed() > self.options.rebalance_timeout {
                        return Err(Interruption::Idle);
                    }
                    match self.heartbeat().await {
                        Ok(()) => silent_since = Instant::now(),
                        // A coordinator that cannot be reached may come back before it misses us.
                        Err(error) if error.is_retriable() && silent_since.elapsed() < self.options.session_timeout => {
                            tracing::debug!(%error, group = self.options.group_id, "a heartbeat failed");
                            self.coordinator = None;
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                command = self.commands.recv() => match command {
                    Some(GroupCommand::Commit { generation_id, positions, answer }) => {
                        let result = match self.check_generation(generation_id) {
                            Ok(()) => self.commit(&positions).await,
                            Err(error) => {
                                let _ = answer.send(Err(error));
                                continue;
                            }
                        };
                        let interruption = result.as_ref().err().cloned().map(Interruption::from);
                        // Nobody waits for automatic commits.
                        let _ = answer.send(result);
                        if let Some(interruption @ (Interruption::Rebalance | Interruption::Unknown)) = interruption {
                            return Err(interruption);
                        }
                    }
                    Some(GroupCommand::Leave { generation_id, positions }) => {
                        let is_ours = self.check_generation(generation_id).is_ok();
                        return Err(Interruption::Leave(if is_ours { positions } else { Positions::new() }));
                    }
                    None => return Err(Interruption::Leave(Positions::new())),
                },
            }
        }
    }

    async fn join(&mut self) -> Result<JoinGroupResponse, Error> {
        let subscription = ConsumerProtocolSubscription { topics: self.topics.clone(), ..Default::default() };
        let millis = |duration: Duration| i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
        loop {
            let request = JoinGroupRequest {
                group_id: self.options.group_id.clone(),
                session_timeout_ms: millis(self.options.session_timeout),
                rebalance_timeout_ms: millis(self.options.rebalance_timeout),
                member_id: self.member_id.clone(),
                group_instance_id: self.options.instance_id.clone(),
                protocol_type: PROTOCOL_TYPE.to_owned(),
                protocols: vec![JoinGroupRequestProtocol {
                    name: PROTOCOL.to_owned(),
                    metadata: embed(&subscription),
                }],
                reason: None,
            };
            // The coordinator answers when every member has joined or the rebalance timeout is over.
            let response = self.ask(&request, self.options.rebalance_timeout).await?;
            match ErrorCode(response.error_code) {
                ErrorCode::NONE => {
                    self.member_id.clone_from(&response.member_id);
                    self.generation_id = response.generation_id;
                    return Ok(response);
                }
                ErrorCode::MEMBER_ID_REQUIRED => self.member_id = response.member_id,
                code => return Err(self.error("join", code.0)),
            }
        }
    }

    async fn sync(&mut self, joined: &JoinGroupResponse) -> Result<Vec<TopicPartition>, Error> {
        let is_leader = joined.leader == joined.member_id && !joined.skip_assignment;
        let request = SyncGroupRequest {
            group_id: self.options.group_id.clone(),
            generation_id: self.generation_id,
            member_id: self.member_id.clone(),
            group_instance_id: self.options.instance_id.clone(),
            protocol_type: Some(PROTOCOL_TYPE.to_owned()),
            protocol_name: Some(PROTOCOL.to_owned()),
            assignments: if is_leader { self.assign(joined).await? } else { Vec::new() },
        };
        let response = self.ask(&request, self.options.rebalance_timeout).await?;
        if response.error_code != 0 {
            return Err(self.error("sync", response.error_code));
        }
        decode_assignment(&response.assignment).ok_or(Error::MissingResult)
    }

    /// Deals the partitions out, as the group's leader.
    async fn assign(&self, joined: &JoinGroupResponse) -> Result<Vec<SyncGroupRequestAssignment>, Error> {
        let mut subscribers = Vec::new();
        for member in &joined.members {
            subscribers.push(Subscriber {
                member_id: member.member_id.clone(),
                instance_id: member.group_instance_id.clone(),
                topics: subscribed_topics(&member.metadata).unwrap_or_default(),
            });
        }
        let topics: BTreeSet<&str> = subscribers.iter().flat_map(|s| &s.topics).map(String::as_str).collect();
        let names: Vec<&str> = topics.into_iter().collect();
        let cluster = self.client.refresh(&names, AutoCreate::Allowed).await?;
        let counts = names.iter().filter_map(|&name| {
            let topic = cluster.topics.get(name)?;
            Some((Arc::clone(&topic.name), topic.partition_count()))
        });
        let assignments = assign_ranges(&subscribers, &counts.collect());
        let embedded = assignments.into_iter().map(|(member_id, partitions)| SyncGroupRequestAssignment {
            member_id,
            assignment: embed(&assignment(&partitions)),
        });
        Ok(embedded.collect())
    }

    async fn heartbeat(&mut self) -> Result<(), Error> {
        let request = HeartbeatRequest {
            group_id: self.options.group_id.clone(),
            generation_id: self.generation_id,
            member_id: self.member_id.clone(),
            group_instance_id: self.options.instance_id.clone(),
        };
        let response = self.ask(&request, Duration::ZERO).await?;
        if response.error_code == 0 { Ok(()) } else { Err(self.error("stay in", response.error_code)) }
    }

    fn check_generation(&mut self, generation_id: i32) -> Result<(), Error> {
        if generation_id == self.generation_id {
            return Ok(());
        }
        Err(self.error("commit to", ErrorCode::ILLEGAL_GENERATION.0))
    }

    async fn commit(&mut self, positions: &Positions) -> Result<(), Error> {
        if positions.is_empty() {
            return Ok(());
        }
        let mut topics: BTreeMap<&str, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
        for (partition, offset) in positions {
            topics.entry(&partition.topic).or_default().push(OffsetCommitRequestPartition {
                partition_index: partition.partition,
                committed_offset: offset.0,
                committed_metadata: Some(String::new()),
                ..Default::default()
            });
        }
        let topic = |(name, partitions): (&str, Vec<OffsetCommitRequestPartition>)| {
            OffsetCommitRequestTopic { name: name.to_owned(), partitions, ..Default::default() }
        };
        let request = OffsetCommitRequest {
            group_id: self.options.group_id.clone(),
            generation_id_or_member_epoch: self.generation_id,
            member_id: self.member_id.clone(),
            group_instance_id: self.options.instance_id.clone(),
            topics: topics.into_iter().map(topic).collect(),
            ..Default::default()
        };
        let response = self.ask(&request, Duration::ZERO).await?;
        let codes =
            response.topics.iter().flat_map(|topic| &topic.partitions).map(|partition| partition.error_code);
        match codes.into_iter().find(|&code| code != 0) {
            None => Ok(()),
            Some(code) => Err(self.error("commit to", code)),
        }
    }

    async fn leave(&mut self, positions: &Positions) {
        // The group goes on without us either way: at the latest when the session times out.
        let _ = self.commit(positions).await;
        // Static members stay, so that they can come back to their partitions.
        if self.options.instance_id.is_some() || self.member_id.is_empty() {
            return;
        }
        let request = LeaveGroupRequest {
            group_id: self.options.group_id.clone(),
            member_id: self.member_id.clone(),
            members: vec![MemberIdentity { member_id: self.member_id.clone(), ..Default::default() }],
        };
        let _ = self.ask(&request, Duration::ZERO).await;
    }

    /// Asks the coordinator, which may take `longer` than an ordinary request.
    async fn ask<R: Request>(&mut self, request: &R, longer: Duration) -> Result<R::Response, Error> {
        let coordinator = match self.coordinator {
            Some(coordinator) => coordinator,
            None => self.client.group_coordinator(&self.options.group_id).await?,
        };
        self.coordinator = Some(coordinator);
        let asking = async {
            let connection = self.client.connection(coordinator).await?;
            // Version 10 of OffsetCommit names topics by id alone.
            let version = connection.versions().pick_within::<R>(i16::MIN, 9)?;
            let timeout = connection.options().request_timeout + longer;
            Ok(connection.enqueue(request, version, timeout).await?.response().await?)
        };
        let result: Result<R::Response, Error> = asking.await;
        if result.is_err() {
            self.coordinator = None;
        }
        result
    }

    fn error(&mut self, what: &str, code: i16) -> Error {
        let code = ErrorCode(code);
        if matches!(code, ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE) {
            self.coordinator = None;
        }
        let what = format!("{what} group `{}`", self.options.group_id);
        Error::api(what, ApiError { code, message: None })
    }
}

/// A version, then the message in it: how clients put things of their own into group requests.
fn embed<M: Message>(message: &M) -> Bytes {
    let mut writer = Writer::new();
    writer.i16(EMBEDDED_VERSION);
    message.encode(&mut writer, EMBEDDED_VERSION);
    writer.into_vec().into()
}

fn subscribed_topics(metadata: &Bytes) -> Option<Vec<String>> {
    let mut reader = Reader::new(metadata);
    let version = reader.i16().ok()?.min(*ConsumerProtocolSubscription::VERSIONS.end());
    Some(ConsumerProtocolSubscription::decode(&mut reader, version).ok()?.topics)
}

fn assignment(partitions: &[TopicPartition]) -> ConsumerProtocolAssignment {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition);
    }
    let topic = |(topic, partitions): (&str, Vec<i32>)| consumer_protocol_assignment::TopicPartition {
        topic: topic.to_owned(),
        partitions,
    };
    ConsumerProtocolAssignment {
        assigned_partitions: topics.into_iter().map(topic).collect(),
        ..Default::default()
    }
}
