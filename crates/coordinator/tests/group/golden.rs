//! The records of Apache Kafka 4.3.1, byte for byte.
//!
//! `fixtures/consumer_offsets_4_3_1.log` is the only segment of `__consumer_offsets-0` (the topic had one partition) of a
//! broker of Kafka 4.3.1, after:
//!
//! 1. a Java consumer (classic protocol, client id `alpha`, group `g-dynamic`) subscribed to `t` and `u`, committed
//!    `t-0` with metadata, then `t-1`, and closed;
//! 2. a static consumer (`beta`, instance `i-1`, group `g-static`, CooperativeStickyAssignor) subscribed to `t`, committed,
//!    closed, and came back once;
//! 3. an Admin client committed two offsets for `g-simple` and deleted one, committed one for `g-deleted` and deleted the
//!    group;
//! 4. a transactional producer committed an offset for `g-txn` in a transaction, and another in one that it aborted;
//! 5. an OffsetCommit of version 2 with a retention time of an hour, for `g-old`.

use bytes::Bytes;
use ottla_coordinator::group::{
    BatchContents, Effect, GroupConfig, GroupCoordinator, GroupRequest, GroupResponse, Input, LoadedBatch,
    OffsetFetch, Record, RequestContext, RequestToken,
};
use ottla_protocol::message::Message;
use ottla_protocol::messages::{
    group_metadata_value::GroupMetadataValue,
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    leave_group_request::{LeaveGroupRequest, MemberIdentity},
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_fetch_request::OffsetFetchRequestGroup,
    sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment},
};
use ottla_protocol::record::control::EndTransactionMarker;
use ottla_protocol::record::{batches, records};
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{Offset, ProducerId};

const LOG: &[u8] = include_bytes!("../fixtures/consumer_offsets_4_3_1.log");
const TOPIC_T: &str = "J0YtIw88QXmf5rnxc2GAPw";

/// The records of Kafka's log, with their offsets.
fn kafka_records() -> Vec<(Offset, Record)> {
    let mut list = Vec::new();
    for batch in batches(LOG).map(Result::unwrap) {
        let header = *batch.header();
        if header.attributes.is_control() {
            continue;
        }
        for record in records(batch.records_bytes(), header.record_count).map(Result::unwrap) {
            let key = Bytes::copy_from_slice(record.key.unwrap());
            let value = record.value.map(Bytes::copy_from_slice);
            list.push((record.offset(&header), Record { key, value }));
        }
    }
    list
}

fn kafka_record(offset: i64) -> Record {
    kafka_records().into_iter().find(|(at, _)| at.0 == offset).unwrap().1
}

fn group_value(record: &Record) -> GroupMetadataValue {
    GroupMetadataValue::from_bytes(&record.value.as_ref().unwrap()[2..], 3).unwrap()
}

/// A coordinator that runs beside Kafka's log: what it writes is compared with what Kafka wrote.
struct Twin {
    coordinator: GroupCoordinator,
    now: Now,
    /// Our member id and Kafka's: both end in a random uuid, and are of the same length.
    ids: Option<(String, String)>,
    log_end: Offset,
    responses: Vec<GroupResponse>,
    written: Vec<Record>,
}

impl Twin {
    fn new() -> Self {
        let config = GroupConfig { initial_rebalance_delay_ms: 500, ..GroupConfig::default() };
        let mut coordinator = GroupCoordinator::new(config, 1);
        coordinator.loaded(Now::default());
        let now = Now { wall: Timestamp(0), mono: Monotonic(0) };
        Self {
            coordinator,
            now,
            ids: None,
            log_end: Offset::ZERO,
            responses: Vec::new(),
            written: Vec::new(),
        }
    }

    fn handle(&mut self, input: Input) {
        self.coordinator.handle(input, self.now);
        while let Some(effect) = self.coordinator.poll_effect() {
            match effect {
                Effect::Respond { response, .. } => self.responses.push(response),
                Effect::Append { batch, contents: BatchContents::Records(records), .. } => {
                    let base_offset = self.log_end;
                    self.log_end = base_offset.plus(i64::try_from(records.len()).unwrap());
                    self.written.extend(records);
                    self.coordinator.handle(Input::Appended { batch, result: Ok(base_offset) }, self.now);
                    self.coordinator.handle(Input::Committed { end_offset: self.log_end }, self.now);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn ask(&mut self, client_id: &str, request: GroupRequest, api_version: i16) {
        let context = RequestContext {
            client_id: client_id.to_owned(),
            client_host: "/127.0.0.1".to_owned(),
            api_version,
        };
        self.handle(Input::Request { token: RequestToken(0), context, request });
    }

    /// Waits out the initial delay; the state changes at `wall`.
    fn pass_initial_delay(&mut self, wall: i64) {
        self.now = Now { wall: Timestamp(wall), mono: Monotonic(self.now.mono.0 + 600_000_000) };
        self.handle(Input::Timer);
    }

    fn member_id(&self) -> String {
        match self.responses.last() {
            Some(GroupResponse::JoinGroup(response)) => response.member_id.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// What was written since the last call, with Kafka's member ids in place of ours.
    fn take_written(&mut self) -> Vec<Record> {
        let mut written = std::mem::take(&mut self.written);
        if let Some((ours, kafkas)) = &self.ids {
            for record in &mut written {
                record.value = record.value.as_ref().map(|value| replace(value, ours, kafkas));
            }
        }
        written
    }
}

fn replace(bytes: &Bytes, from: &str, to: &str) -> Bytes {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len().saturating_sub(from.len() - 1) {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes.into()
}

/// The JoinGroup that must have led to the one-member generation of `value`.
fn join_for(group: &str, value: &GroupMetadataValue, member_id: &str) -> JoinGroupRequest {
    let [member] = &value.members[..] else { panic!("one member: {value:?}") };
    JoinGroupRequest {
        group_id: group.to_owned(),
        session_timeout_ms: member.session_timeout,
        rebalance_timeout_ms: member.rebalance_timeout,
        member_id: member_id.to_owned(),
        group_instance_id: member.group_instance_id.clone(),
        protocol_type: value.protocol_type.clone(),
        protocols: vec![JoinGroupRequestProtocol {
            name: value.protocol.clone().unwrap(),
            metadata: member.subscription.clone(),
        }],
        ..JoinGroupRequest::default()
    }
}

fn sync_for(group: &str, value: &GroupMetadataValue, member_id: &str) -> SyncGroupRequest {
    SyncGroupRequest {
        group_id: group.to_owned(),
        generation_id: value.generation,
        member_id: member_id.to_owned(),
        group_instance_id: value.members[0].group_instance_id.clone(),
        protocol_type: Some(value.protocol_type.clone()),
        protocol_name: value.protocol.clone(),
        assignments: vec![SyncGroupRequestAssignment {
            member_id: member_id.to_owned(),
            assignment: value.members[0].assignment.clone(),
        }],
    }
}

fn commit(partition: i32, offset: i64, epoch: i32, metadata: &str) -> OffsetCommitRequestTopic {
    OffsetCommitRequestTopic {
        name: "t".to_owned(),
        topic_id: TOPIC_T.parse().unwrap(),
        partitions: vec![OffsetCommitRequestPartition {
            partition_index: partition,
            committed_offset: offset,
            committed_leader_epoch: epoch,
            committed_metadata: Some(metadata.to_owned()),
        }],
    }
}

#[test]
fn a_dynamic_members_life_is_written_as_kafka_writes_it() {
    let kafkas: Vec<Record> = (0..=4).map(kafka_record).collect();
    let first = group_value(&kafkas[1]);
    let mut twin = Twin::new();

    twin.now.wall = Timestamp(group_value(&kafkas[0]).current_state_timestamp);
    twin.ask("alpha", GroupRequest::JoinGroup(join_for("g-dynamic", &first, "")), 9);
    let member_id = twin.member_id();
    twin.ids = Some((member_id.clone(), first.members[0].member_id.clone()));
    twin.ask("alpha", GroupRequest::JoinGroup(join_for("g-dynamic", &first, &member_id)), 9);
    twin.pass_initial_delay(first.current_state_timestamp);
    twin.ask("alpha", GroupRequest::SyncGroup(sync_for("g-dynamic", &first, &member_id)), 5);

    let commits = [(1_795_516_014_957, commit(0, 5, 0, "halfä")), (1_795_516_014_967, commit(1, 5, -1, ""))];
    for (wall, topic) in commits {
        twin.now.wall = Timestamp(wall);
        let request = OffsetCommitRequest {
            group_id: "g-dynamic".to_owned(),
            generation_id_or_member_epoch: 1,
            member_id: member_id.clone(),
            topics: vec![topic],
            ..OffsetCommitRequest::default()
        };
        twin.ask("alpha", GroupRequest::OffsetCommit(request), 10);
    }

    twin.now.wall = Timestamp(group_value(&kafkas[4]).current_state_timestamp);
    let members = vec![MemberIdentity { member_id, ..MemberIdentity::default() }];
    let group_id = "g-dynamic".to_owned();
    let leave = LeaveGroupRequest { group_id, members, ..LeaveGroupRequest::default() };
    twin.ask("alpha", GroupRequest::LeaveGroup(leave), 5);
    assert_eq!(twin.take_written(), kafkas);
}

#[test]
fn a_static_member_that_comes_back_is_written_as_kafka_writes_it() {
    let kafkas: Vec<Record> = [5, 6, 9].map(kafka_record).into();
    let (first, second) = (group_value(&kafkas[1]), group_value(&kafkas[2]));
    let mut twin = Twin::new();

    twin.now.wall = Timestamp(group_value(&kafkas[0]).current_state_timestamp);
    twin.ask("beta", GroupRequest::JoinGroup(join_for("g-static", &first, "")), 9);
    twin.pass_initial_delay(first.current_state_timestamp);
    let member_id = twin.member_id();
    twin.ids = Some((member_id.clone(), first.members[0].member_id.clone()));
    // The next record shows when the group became stable.
    twin.now.wall = Timestamp(second.current_state_timestamp);
    twin.ask("beta", GroupRequest::SyncGroup(sync_for("g-static", &first, &member_id)), 5);
    let mut written = twin.take_written();

    twin.ask("beta", GroupRequest::JoinGroup(join_for("g-static", &second, "")), 9);
    twin.ids = Some((twin.member_id(), second.members[0].member_id.clone()));
    written.extend(twin.take_written());
    assert_eq!(written, kafkas);
}

#[test]
fn commits_with_a_retention_time_and_deletions_are_written_as_kafka_writes_them() {
    let mut twin = Twin::new();
    twin.now.wall = Timestamp(1_795_516_018_022);
    let request = OffsetCommitRequest {
        group_id: "g-old".to_owned(),
        retention_time_ms: 3_600_000,
        topics: vec![commit(1, 4, -1, "kept an hour")],
        ..OffsetCommitRequest::default()
    };
    twin.ask("old", GroupRequest::OffsetCommit(request), 2);
    assert_eq!(twin.take_written(), [kafka_record(20)]);

    twin.now.wall = Timestamp(1_795_516_017_191);
    let request = OffsetCommitRequest {
        group_id: "g-deleted".to_owned(),
        topics: vec![commit(0, 1, -1, "")],
        ..OffsetCommitRequest::default()
    };
    twin.ask("admin", GroupRequest::OffsetCommit(request), 10);
    twin.ask("admin", GroupRequest::DeleteGroups { groups: vec!["g-deleted".to_owned()] }, 2);
    assert_eq!(twin.take_written(), [13, 14, 15].map(kafka_record));
}

/// A coordinator that has loaded Kafka's log.
fn loaded() -> GroupCoordinator {
    let mut coordinator = GroupCoordinator::new(GroupConfig::default(), 1);
    for batch in batches(LOG).map(Result::unwrap) {
        let header = *batch.header();
        for record in records(batch.records_bytes(), header.record_count).map(Result::unwrap) {
            if header.attributes.is_control() {
                let marker = EndTransactionMarker::from_record(record.key, record.value).unwrap().unwrap();
                coordinator.load_marker(header.producer_id, marker.result);
                continue;
            }
            let transactional = header.attributes.is_transactional();
            let producer_id = if transactional { header.producer_id } else { ProducerId::NONE };
            let batch = LoadedBatch { producer_id };
            coordinator.load(record.offset(&header), batch, record.key.unwrap(), record.value).unwrap();
        }
    }
    coordinator.loaded(Now { wall: Timestamp(1_795_516_020_000), mono: Monotonic(1) });
    coordinator
}

fn ask(coordinator: &mut GroupCoordinator, request: GroupRequest, api_version: i16) -> GroupResponse {
    let context =
        RequestContext { client_id: String::new(), client_host: "/127.0.0.1".to_owned(), api_version };
    let now = Now { wall: Timestamp(1_795_516_020_000), mono: Monotonic(1) };
    coordinator.handle(Input::Request { token: RequestToken(7), context, request }, now);
    match coordinator.poll_effect() {
        Some(Effect::Respond { token: RequestToken(7), response }) => response,
        other => panic!("{other:?}"),
    }
}

#[test]
fn kafkas_log_is_loaded() {
    let mut coordinator = loaded();
    let groups = ["g-dynamic", "g-static", "g-simple", "g-txn", "g-old", "g-deleted"];
    let request = GroupRequest::DescribeGroups { groups: groups.map(str::to_owned).into() };
    let GroupResponse::DescribeGroups(described) = ask(&mut coordinator, request, 6) else { panic!() };
    let shown = described.iter().map(|group| {
        let members: Vec<_> = group.members.iter().map(|member| member.client_id.as_str()).collect();
        format!("{} {} {} {members:?}", group.group_id, group.group_state, group.protocol_data)
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            "g-dynamic Empty  []",
            r#"g-static Stable cooperative-sticky ["beta"]"#,
            "g-simple Empty  []",
            "g-txn Empty  []",
            "g-old Empty  []",
            "g-deleted Dead  []",
        ]
    );

    let fetched = groups.map(|group_id| {
        let group = OffsetFetchRequestGroup {
            group_id: group_id.to_owned(),
            topics: None,
            ..OffsetFetchRequestGroup::default()
        };
        let request = GroupRequest::OffsetFetch(OffsetFetch { group, require_stable: true });
        let GroupResponse::OffsetFetch(group) = ask(&mut coordinator, request, 10) else { panic!() };
        let partitions = group.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|partition| {
                let metadata = partition.metadata.as_deref().unwrap();
                let (index, offset) = (partition.partition_index, partition.committed_offset);
                format!("{}-{index}={offset}@{} {metadata}", topic.name, partition.committed_leader_epoch)
            })
        });
        partitions.collect::<Vec<_>>().join(", ")
    });
    assert_eq!(
        fetched,
        [
            "t-0=5@0 halfä, t-1=5@-1 ",
            "t-0=5@0 , t-1=5@0 ",
            "t-0=3@0 by hand",
            "t-0=2@0 txn",
            "t-1=4@-1 kept an hour",
            ""
        ]
    );
}
