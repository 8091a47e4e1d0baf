//! The rules of the quorum, one by one, on one replica of several. Whole worlds of them are in the simulation.

mod following;
mod leading;
mod single;
mod voting;

use std::time::Duration;

use ottla_protocol::messages::begin_quorum_epoch_request as begin;
use ottla_protocol::messages::fetch_request as fetch;
use ottla_protocol::messages::fetch_response as fetched;
use ottla_protocol::messages::vote_request as vote;
use ottla_protocol::messages::vote_response as voted;
use ottla_protocol::record::{BatchBuilder, BatchOptions};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{DirectoryId, TopicId, Uuid};

use super::*;

const LISTENER: &str = "CONTROLLER";

/// The replica on node `id`, in the directory 1000 + `id`.
fn voter(id: i32) -> Voter {
    let port = 9000 + u16::try_from(id).unwrap();
    let directory_id = Some(DirectoryId(Uuid::from_u128(1000 + u128::try_from(id).unwrap())));
    Voter {
        key: ReplicaKey { id: BrokerId(id), directory_id },
        endpoints: vec![VoterEndpoint { listener: LISTENER.into(), host: "localhost".into(), port }],
        kraft_versions: (0, 1),
    }
}

fn voters(ids: &[i32]) -> VoterSet {
    ids.iter().copied().map(voter).collect()
}

fn config(id: i32) -> QuorumConfig {
    QuorumConfig {
        cluster_id: "cluster".into(),
        local: voter(id),
        can_become_voter: true,
        listener: LISTENER.into(),
        bootstrap_servers: Vec::new(),
        auto_join: false,
        limits: QuorumLimits::default(),
    }
}

fn place(offset: i64, epoch: i32) -> OffsetAndEpoch {
    OffsetAndEpoch { epoch: LeaderEpoch(epoch), offset: Offset(offset) }
}

fn state(epoch: i32, leader: Option<i32>, voted: Option<i32>) -> ElectionState {
    ElectionState {
        epoch: LeaderEpoch(epoch),
        leader: leader.map(BrokerId),
        voted: voted.map(|id| voter(id).key),
    }
}

/// A log of so many records in each epoch.
fn log(epochs: &[(i32, i64)]) -> LogState {
    let mut log = LogState::empty();
    for (epoch, count) in epochs {
        let base = log.end_offset();
        log.append(base, base.plus(count - 1), LeaderEpoch(*epoch));
    }
    log.synced(log.sync_point());
    log
}

/// A replica, its clock, and a host that does nothing by itself.
struct Replica {
    quorum: Quorum,
    now: Now,
    requests: u64,
}

impl Replica {
    /// A replica with voters in its log, at offset 0.
    fn dynamic(id: i32, ids: &[i32], durable: Option<ElectionState>, log: LogState) -> Self {
        let mut quorum = Quorum::new(config(id), VoterSet::default(), durable, log, 1);
        for record in ControlRecord::membership(KRaftVersion::Reconfigurable, &voters(ids)) {
            quorum.load_control(Offset::ZERO, &record);
        }
        Self::started(quorum)
    }

    /// A replica with voters in its configuration.
    fn fixed(id: i32, ids: &[i32], durable: Option<ElectionState>, log: LogState) -> Self {
        let without_directory = |voter: &Voter| Voter {
            key: ReplicaKey { directory_id: None, ..voter.key },
            kraft_versions: (0, 0),
            ..voter.clone()
        };
        let fixed = voters(ids).voters().map(without_directory).collect();
        Self::started(Quorum::new(config(id), fixed, durable, log, 1))
    }

    fn started(quorum: Quorum) -> Self {
        let mut replica = Self { quorum, now: Now::default(), requests: 0 };
        replica.tell(Input::Start);
        replica
    }

    fn tell(&mut self, input: Input) {
        self.quorum.handle(input, self.now);
    }

    fn after(&mut self, ms: u64) {
        self.now.mono = self.now.mono + Duration::from_millis(ms);
        self.now.wall = Timestamp(self.now.wall.0 + i64::try_from(ms).unwrap());
        self.tell(Input::Tick);
    }

    fn effects(&mut self) -> Vec<Effect> {
        std::iter::from_fn(|| self.quorum.poll_effect()).collect()
    }

    /// The effects, with every state on the disk at once.
    fn settle(&mut self) -> Vec<Effect> {
        let mut all = Vec::new();
        loop {
            let effects = self.effects();
            if effects.is_empty() {
                return all;
            }
            for effect in &effects {
                if let Effect::Persist { sequence, .. } = effect {
                    self.tell(Input::Persisted { sequence: *sequence });
                }
            }
            all.extend(effects);
        }
    }

    /// Asks, and leaves the effects where they are.
    fn begin(&mut self, request: impl Into<Request>) -> RequestId {
        self.requests += 1;
        let id = RequestId(self.requests);
        let context = RequestContext { id, listener: LISTENER.into() };
        self.tell(Input::Request { context, request: request.into() });
        id
    }

    /// Asks, and gives the response, if it is there by now. All other effects are done.
    fn ask(&mut self, request: impl Into<Request>) -> Option<Response> {
        let id = self.begin(request);
        self.response(id)
    }

    fn response(&mut self, id: RequestId) -> Option<Response> {
        let mut found = None;
        for effect in self.settle() {
            match effect {
                Effect::Respond { id: answered, response, .. } if answered == id => found = Some(response),
                _ => {}
            }
        }
        found
    }

    /// What was sent, to whom. Everything else is done.
    fn sent(&mut self) -> Vec<(i32, CorrelationId, Request)> {
        let sent = |effect| match effect {
            Effect::Send { to, correlation_id, request } => Some((to.id.0, correlation_id, request)),
            _ => None,
        };
        self.settle().into_iter().filter_map(sent).collect()
    }

    fn answer(&mut self, correlation_id: CorrelationId, response: impl Into<Response>) {
        self.tell(Input::Response { correlation_id, result: Ok(response.into()) });
    }

    /// The log's host has written and synced records of the leader.
    fn append(&mut self, count: i64) {
        let base_offset = self.quorum.log().end_offset();
        let epoch = self.quorum.epoch();
        let last_offset = base_offset.plus(count - 1);
        self.tell(Input::Appended { epoch, base_offset, last_offset, control: Vec::new() });
        self.sync();
    }

    fn sync(&mut self) {
        self.tell(Input::Synced(self.quorum.sync_point()));
    }

    /// Writes what the leader wants written, and syncs it. The records.
    fn write_control(&mut self) -> Vec<Vec<ControlRecord>> {
        let mut written = Vec::new();
        for effect in self.settle() {
            if let Effect::AppendControl { epoch, records } = effect {
                let base_offset = self.quorum.log().end_offset();
                let last_offset = base_offset.plus(records.len() as i64 - 1);
                let control = records.clone();
                self.tell(Input::Appended { epoch, base_offset, last_offset, control });
                written.push(records);
            }
        }
        self.sync();
        written
    }

    /// A replica of two or three that was elected in the epoch after `durable`'s, with its first record synced.
    fn leader(ids: &[i32], epochs: &[(i32, i64)]) -> Self {
        let epoch = epochs.last().map_or(0, |last| last.0);
        let mut leader = Self::dynamic(1, ids, Some(state(epoch, None, None)), log(epochs));
        leader.after(2000);
        for _ in 0..2 {
            for (_, correlation_id, request) in leader.sent() {
                if let Request::Vote(asked) = request {
                    let epoch = asked.topics[0].partitions[0].replica_epoch;
                    leader.answer(correlation_id, vote_response(epoch, true));
                }
            }
        }
        assert!(leader.quorum.is_leader(), "{:?}", leader.quorum.role());
        leader.write_control();
        leader
    }

    fn committed(&self) -> Option<i64> {
        self.quorum.high_watermark().map(|offset| offset.0)
    }
}

fn vote_request(id: i32, epoch: i32, last: OffsetAndEpoch, pre_vote: bool) -> vote::VoteRequest {
    let partition = vote::PartitionData {
        replica_epoch: epoch,
        replica_id: id,
        replica_directory_id: voter(id).key.directory_to_wire(),
        last_offset_epoch: last.epoch.0,
        last_offset: last.offset.0,
        pre_vote,
        ..Default::default()
    };
    vote::VoteRequest {
        cluster_id: Some("cluster".into()),
        voter_id: -1,
        topics: vec![vote::TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }],
    }
}

fn vote_response(epoch: i32, vote_granted: bool) -> voted::VoteResponse {
    let partition =
        voted::PartitionData { leader_id: -1, leader_epoch: epoch, vote_granted, ..Default::default() };
    let topics = vec![voted::TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }];
    voted::VoteResponse { topics, ..Default::default() }
}

/// Error code of the partition, and whether the vote was given.
fn vote_of(response: Option<Response>) -> (ErrorCode, bool) {
    let Some(Response::Vote(response)) = response else { panic!("{response:?}") };
    match response.topics.first() {
        Some(topic) => {
            let partition = &topic.partitions[0];
            (ErrorCode::from(partition.error_code), partition.vote_granted)
        }
        None => (ErrorCode::from(response.error_code), false),
    }
}

fn begin_request(leader: i32, epoch: i32) -> begin::BeginQuorumEpochRequest {
    let partition = begin::PartitionData { leader_id: leader, leader_epoch: epoch, ..Default::default() };
    begin::BeginQuorumEpochRequest {
        cluster_id: Some("cluster".into()),
        voter_id: -1,
        topics: vec![begin::TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }],
        leader_endpoints: voter(leader)
            .endpoints
            .into_iter()
            .map(|at| begin::LeaderEndpoint { name: at.listener, host: at.host, port: at.port })
            .collect(),
    }
}

fn fetch_request(id: i32, epoch: i32, at: OffsetAndEpoch) -> fetch::FetchRequest {
    let partition = fetch::FetchPartition {
        current_leader_epoch: epoch,
        fetch_offset: at.offset.0,
        last_fetched_epoch: at.epoch.0,
        replica_directory_id: voter(id).key.directory_to_wire(),
        ..Default::default()
    };
    fetch::FetchRequest {
        cluster_id: Some("cluster".into()),
        replica_id: -1,
        replica_state: fetch::ReplicaState { replica_id: id, ..Default::default() },
        max_wait_ms: 500,
        max_bytes: 1000,
        topics: vec![fetch::FetchTopic {
            topic_id: TopicId::METADATA.0,
            partitions: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn fetch_response(leader: i32, epoch: i32, partition: fetched::PartitionData) -> fetched::FetchResponse {
    let current_leader = fetched::LeaderIdAndEpoch { leader_id: leader, leader_epoch: epoch };
    let partition = fetched::PartitionData { current_leader, ..partition };
    fetched::FetchResponse {
        responses: vec![fetched::FetchableTopicResponse {
            topic_id: TopicId::METADATA.0,
            partitions: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn fetched_partition(response: Option<Response>) -> fetched::PartitionData {
    let Some(Response::Fetch(response)) = response else { panic!("{response:?}") };
    response.responses[0].partitions[0].clone()
}

fn batch(base_offset: i64, epoch: i32, count: usize) -> Vec<u8> {
    let options = BatchOptions {
        base_offset: Offset(base_offset),
        leader_epoch: LeaderEpoch(epoch),
        ..BatchOptions::default()
    };
    let mut builder = BatchBuilder::new(options);
    for _ in 0..count {
        builder.append(Timestamp(1), None, Some(b"value"), &[]).unwrap();
    }
    builder.build()
}
