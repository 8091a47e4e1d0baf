//! Requests, answers and records of consumer groups of Apache Kafka 4.3.1.
//!
//! `fixtures/consumer_groups_4_3_1.txt` has the topics, and a line for each request to a broker of Kafka 4.3.1 in rack
//! `rack-a`, with no assignment interval and no initial rebalance delay: API, version, where `__consumer_offsets-0` (the
//! topic had one partition) ended afterwards, request, response. `fixtures/consumer_groups_4_3_1.log` is that partition's
//! segment. The requests come from client id `golden`: members of consumer group `g` come and go, a static one among them;
//! a member of the classic protocol joins and is the last; the empty group changes its kind, and is deleted; `r` has a
//! regular expression; the classic group `h` becomes a consumer group and is a classic one again, until its member does not
//! come back in time.
//!
//! Where Kafka walks through hash maps its order is arbitrary: members, and topics of an assignment, are put in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use ottla_coordinator::group::{
    BatchContents, Effect, GroupConfig, GroupCoordinator, GroupRequest, GroupResponse, Input, LoadedBatch,
    Record, RequestContext, RequestToken,
};
use ottla_metadata::delta::MetadataDelta;
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_protocol::message::{Message, Request};
use ottla_protocol::messages::consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue;
use ottla_protocol::messages::consumer_group_describe_request::ConsumerGroupDescribeRequest;
use ottla_protocol::messages::consumer_group_describe_response::ConsumerGroupDescribeResponse;
use ottla_protocol::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use ottla_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use ottla_protocol::messages::consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue;
use ottla_protocol::messages::consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue;
use ottla_protocol::messages::consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue;
use ottla_protocol::messages::delete_groups_request::DeleteGroupsRequest;
use ottla_protocol::messages::delete_groups_response::DeleteGroupsResponse;
use ottla_protocol::messages::group_metadata_value::GroupMetadataValue;
use ottla_protocol::messages::heartbeat_request::HeartbeatRequest;
use ottla_protocol::messages::join_group_request::JoinGroupRequest;
use ottla_protocol::messages::leave_group_request::LeaveGroupRequest;
use ottla_protocol::messages::list_groups_request::ListGroupsRequest;
use ottla_protocol::messages::list_groups_response::ListGroupsResponse;
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::messages::offset_commit_request::OffsetCommitRequest;
use ottla_protocol::messages::offset_commit_value::OffsetCommitValue;
use ottla_protocol::messages::partition_record::PartitionRecord;
use ottla_protocol::messages::register_broker_record::RegisterBrokerRecord;
use ottla_protocol::messages::sync_group_request::SyncGroupRequest;
use ottla_protocol::messages::topic_record::TopicRecord;
use ottla_protocol::record::{batches, records};
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{Offset, ProducerId, Uuid};

const LOG: &[u8] = include_bytes!("../fixtures/consumer_groups_4_3_1.log");
const REQUESTS: &str = include_str!("../fixtures/consumer_groups_4_3_1.txt");

/// The records of Kafka's log, in order.
fn kafka_records() -> Vec<Record> {
    let batches = batches(LOG).map(Result::unwrap);
    let all = batches.flat_map(|batch| {
        let list: Vec<Record> = records(batch.records_bytes(), batch.header().record_count)
            .map(Result::unwrap)
            .map(|record| Record {
                key: Bytes::copy_from_slice(record.key.unwrap()),
                value: record.value.map(Bytes::copy_from_slice),
            })
            .collect();
        list
    });
    all.collect()
}

fn record_type(record: &Record) -> i16 {
    i16::from_be_bytes([record.key[0], record.key[1]])
}

fn value<M: Message>(record: &Record) -> Option<M> {
    let value = record.value.as_ref()?;
    let version = i16::from_be_bytes([value[0], value[1]]);
    Some(M::from_bytes(&value[2..], version).unwrap())
}

/// When a record says it was made, in milliseconds since 1970.
fn made_at(record: &Record) -> Option<i64> {
    match record_type(record) {
        0 | 1 => value(record).map(|value: OffsetCommitValue| value.commit_timestamp),
        6 => {
            value(record).map(|value: ConsumerGroupTargetAssignmentMetadataValue| value.assignment_timestamp)
        }
        16 => value(record).map(|value: ConsumerGroupRegularExpressionValue| value.timestamp),
        _ => None,
    }
    .filter(|at| *at > 0)
}

/// A record with everything in order that Kafka has in the order of a hash map, and no time of a classic group's state.
fn in_order(record: &Record) -> Record {
    let encode = |version: i16, bytes: Vec<u8>| Some([&version.to_be_bytes()[..], &bytes].concat().into());
    let value = match record_type(record) {
        2 => value(record).and_then(|mut value: GroupMetadataValue| {
            value.current_state_timestamp = 0;
            value.members.sort_by(|a, b| a.member_id.cmp(&b.member_id));
            encode(3, value.to_vec(3))
        }),
        7 => value(record).and_then(|mut value: ConsumerGroupTargetAssignmentMemberValue| {
            value.topic_partitions.sort_by_key(|topic| topic.topic_id);
            encode(0, value.to_vec(0))
        }),
        8 => value(record).and_then(|mut value: ConsumerGroupCurrentMemberAssignmentValue| {
            value.assigned_partitions.sort_by_key(|topic| topic.topic_id);
            value.partitions_pending_revocation.sort_by_key(|topic| topic.topic_id);
            encode(0, value.to_vec(0))
        }),
        _ => record.value.clone(),
    };
    Record { key: record.key.clone(), value }
}

/// Records in order; runs of one type in order of their keys.
fn all_in_order(records: &[Record]) -> Vec<Record> {
    let mut records: Vec<Record> = records.iter().map(in_order).collect();
    for run in records.chunk_by_mut(|a, b| record_type(a) == record_type(b)) {
        run.sort_by(|a, b| a.key.cmp(&b.key));
    }
    records
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(from.len()).position(|window| window == from.as_bytes()) {
        at += found;
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        at += to.len();
    }
    bytes
}

/// The cluster as it was.
fn image(topics: &BTreeMap<Uuid, (String, i32)>, offset: i64) -> Arc<MetadataImage> {
    let mut delta = MetadataDelta::new(&MetadataImage::default());
    let at = Provenance { last_contained_offset: Offset(offset), ..Provenance::default() };
    let broker = RegisterBrokerRecord {
        broker_id: 1,
        rack: Some("rack-a".to_owned()),
        ..RegisterBrokerRecord::default()
    };
    let mut records = vec![MetadataRecord::from(broker)];
    for (topic_id, (name, partition_count)) in topics {
        records.push(TopicRecord { name: name.clone(), topic_id: *topic_id }.into());
        for partition_id in 0..*partition_count {
            let partition = PartitionRecord {
                partition_id,
                topic_id: *topic_id,
                replicas: vec![1],
                isr: vec![1],
                leader: 1,
                ..PartitionRecord::default()
            };
            records.push(partition.into());
        }
    }
    for record in records {
        delta.replay(at, &record).unwrap();
    }
    Arc::new(delta.apply())
}

/// A coordinator that is asked what Kafka was asked.
struct Twin {
    coordinator: GroupCoordinator,
    topics: BTreeMap<Uuid, (String, i32)>,
    now: Now,
    log_end: Offset,
    responses: Vec<GroupResponse>,
    written: Vec<Record>,
}

impl Twin {
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
                Effect::ResolveRegexes(job) => {
                    let resolved = job.run(|_| true);
                    self.written_then(resolved);
                }
                Effect::Append { contents, .. } => panic!("{contents:?}"),
            }
        }
    }

    /// What is resolved is written behind what the heartbeat wrote.
    fn written_then(&mut self, resolved: ottla_coordinator::group::ResolvedRegexes) {
        while let Some(effect) = self.coordinator.poll_effect() {
            let Effect::Append { batch, contents: BatchContents::Records(records), .. } = effect else {
                panic!("{effect:?}")
            };
            let base_offset = self.log_end;
            self.log_end = base_offset.plus(i64::try_from(records.len()).unwrap());
            self.written.extend(records);
            self.coordinator.handle(Input::Appended { batch, result: Ok(base_offset) }, self.now);
            self.coordinator.handle(Input::Committed { end_offset: self.log_end }, self.now);
            if let Some(Effect::Respond { response, .. }) = self.coordinator.poll_effect() {
                self.responses.push(response);
            }
        }
        self.coordinator.handle(Input::RegexesResolved(resolved), self.now);
    }

    fn ask(&mut self, api: i16, version: i16, body: &[u8]) -> GroupResponse {
        fn read<R: Request>(body: &[u8], version: i16) -> R {
            R::from_bytes(body, version).unwrap()
        }
        let request = match api {
            8 => {
                let mut request: OffsetCommitRequest = read(body, version);
                for topic in &mut request.topics {
                    topic.name.clone_from(&self.topics[&topic.topic_id].0);
                }
                GroupRequest::OffsetCommit(request)
            }
            11 => GroupRequest::JoinGroup(read::<JoinGroupRequest>(body, version)),
            12 => GroupRequest::Heartbeat(read::<HeartbeatRequest>(body, version)),
            13 => GroupRequest::LeaveGroup(read::<LeaveGroupRequest>(body, version)),
            14 => GroupRequest::SyncGroup(read::<SyncGroupRequest>(body, version)),
            16 => GroupRequest::ListGroups(read::<ListGroupsRequest>(body, version)),
            42 => {
                GroupRequest::DeleteGroups { groups: read::<DeleteGroupsRequest>(body, version).groups_names }
            }
            68 => {
                let request = read::<ConsumerGroupHeartbeatRequest>(body, version);
                GroupRequest::ConsumerGroupHeartbeat(Box::new(request))
            }
            69 => {
                let groups = read::<ConsumerGroupDescribeRequest>(body, version).group_ids;
                GroupRequest::ConsumerGroupDescribe { groups }
            }
            api => panic!("API {api}"),
        };
        let context = RequestContext {
            client_id: "golden".to_owned(),
            client_host: "/127.0.0.1".to_owned(),
            api_version: version,
        };
        self.handle(Input::Request { token: RequestToken(0), context, request });
        self.handle(Input::Timer);
        self.responses.pop().expect("an answer at once")
    }
}

/// A response as bytes, with everything in order that Kafka has in the order of a hash map.
fn response_in_order(response: &GroupResponse, version: i16) -> Vec<u8> {
    match response {
        GroupResponse::ConsumerGroupHeartbeat(response) => {
            heartbeat_in_order(response.clone()).to_vec(version)
        }
        GroupResponse::ConsumerGroupDescribe(groups) => {
            let response = ConsumerGroupDescribeResponse { groups: groups.clone(), ..Default::default() };
            describe_in_order(response).to_vec(version)
        }
        GroupResponse::ListGroups(response) => response.to_vec(version),
        GroupResponse::DeleteGroups(results) => {
            DeleteGroupsResponse { results: results.clone(), ..Default::default() }.to_vec(version)
        }
        GroupResponse::JoinGroup(response) => response.to_vec(version),
        GroupResponse::SyncGroup(response) => response.to_vec(version),
        GroupResponse::Heartbeat(response) => response.to_vec(version),
        GroupResponse::LeaveGroup(response) => response.to_vec(version),
        GroupResponse::OffsetCommit(response) => response.to_vec(version),
        other => panic!("{other:?}"),
    }
}

fn kafka_response_in_order(api: i16, version: i16, body: &[u8]) -> Vec<u8> {
    match api {
        16 => {
            let mut response = ListGroupsResponse::from_bytes(body, version).unwrap();
            response.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id));
            response.to_vec(version)
        }
        68 => heartbeat_in_order(ConsumerGroupHeartbeatResponse::from_bytes(body, version).unwrap())
            .to_vec(version),
        69 => describe_in_order(ConsumerGroupDescribeResponse::from_bytes(body, version).unwrap())
            .to_vec(version),
        _ => body.to_vec(),
    }
}

fn heartbeat_in_order(mut response: ConsumerGroupHeartbeatResponse) -> ConsumerGroupHeartbeatResponse {
    if let Some(assignment) = &mut response.assignment {
        assignment.topic_partitions.sort_by_key(|topic| topic.topic_id);
    }
    response
}

fn describe_in_order(mut response: ConsumerGroupDescribeResponse) -> ConsumerGroupDescribeResponse {
    for group in &mut response.groups {
        group.members.sort_by(|a, b| a.member_id.cmp(&b.member_id));
        for member in &mut group.members {
            member.subscribed_topic_names.sort();
            member.assignment.topic_partitions.sort_by_key(|topic| topic.topic_id);
            member.target_assignment.topic_partitions.sort_by_key(|topic| topic.topic_id);
            for topic in &mut member.assignment.topic_partitions {
                topic.partitions.sort_unstable();
            }
        }
    }
    response
}

#[test]
fn answers_and_records_are_those_of_kafka() {
    let kafka = kafka_records();
    let topics = REQUESTS.lines().filter_map(|line| line.strip_prefix("topic ")).map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        (words[2].parse::<Uuid>().unwrap(), (words[0].to_owned(), words[1].parse().unwrap()))
    });
    let topics: BTreeMap<_, _> = topics.collect();
    let mut config = GroupConfig { initial_rebalance_delay_ms: 0, ..GroupConfig::default() };
    config.consumer.assignment_interval.default_ms = 0;
    let mut coordinator = GroupCoordinator::new(config, 1);
    let version = kafka.iter().filter(|record| record_type(record) == 16);
    let version =
        version.filter_map(value).map(|value: ConsumerGroupRegularExpressionValue| value.version).next();
    coordinator
        .handle(Input::Metadata { image: image(&topics, version.unwrap()), changes: None }, Now::default());
    coordinator.loaded(Now::default());
    let now = Now { wall: Timestamp(0), mono: Monotonic(0) };
    let mut twin =
        Twin { coordinator, topics, now, log_end: Offset::ZERO, responses: Vec::new(), written: Vec::new() };

    // The id that each of us gave to the member of the classic group.
    let mut ids: Option<(String, String)> = None;
    let mut kafka_end = 0;
    for (number, line) in REQUESTS.lines().filter(|line| !line.starts_with("topic ")).enumerate() {
        let words: Vec<&str> = line.split(' ').collect();
        let (api, version, end) =
            (words[0].parse().unwrap(), words[1].parse().unwrap(), words[2].parse().unwrap());
        let (mut request, response) = (from_hex(words[3]), from_hex(words[4]));
        let step = &kafka[kafka_end..end];
        kafka_end = end;
        if let Some((ours, kafkas)) = &ids {
            request = replace(&request, kafkas, ours);
        }
        if let Some(at) = step.iter().find_map(made_at) {
            twin.now.wall = Timestamp(at);
        }
        twin.now.mono = Monotonic(twin.now.mono.0 + 1_000_000);
        let written_before = twin.written.len();
        let answer = twin.ask(api, version, &request);
        if let GroupResponse::JoinGroup(join) = &answer
            && join.member_id.starts_with("golden-")
            && ids.is_none()
        {
            let kafkas = ottla_protocol::messages::join_group_response::JoinGroupResponse::from_bytes(
                &response, version,
            );
            ids = Some((join.member_id.clone(), kafkas.unwrap().member_id));
        }
        let (ours, kafkas) = ids.clone().unwrap_or_default();
        let as_kafka =
            |bytes: &[u8]| if ours.is_empty() { bytes.to_vec() } else { replace(bytes, &ours, &kafkas) };
        let answer_bytes = as_kafka(&response_in_order(&answer, version));
        let wanted = kafka_response_in_order(api, version, &response);
        assert!(
            answer_bytes == wanted,
            "request {number}, API {api}: {answer:?}\nKafka's: {}",
            String::from_utf8_lossy(&wanted)
        );
        let written: Vec<Record> = twin.written[written_before..]
            .iter()
            .map(|record| Record {
                key: as_kafka(&record.key).into(),
                value: record.value.as_ref().map(|value| as_kafka(value).into()),
            })
            .collect();
        assert_eq!(all_in_order(&written), all_in_order(step), "request {number}, API {api}: {answer:?}");
    }
    // The member of `h` did not join again in its rebalance timeout.
    let (ours, kafkas) = ids.expect("the classic group had a member");
    let written_before = twin.written.len();
    twin.now.mono = Monotonic(twin.now.mono.0 + 60_000_000_000);
    twin.handle(Input::Timer);
    let written = twin.written[written_before..].iter().map(|record| Record {
        key: record.key.clone(),
        value: record.value.as_ref().map(|value| replace(value, &ours, &kafkas).into()),
    });
    assert_eq!(all_in_order(&written.collect::<Vec<_>>()), all_in_order(&kafka[kafka_end..]));
}

#[test]
fn kafkas_log_can_be_loaded() {
    let mut coordinator = GroupCoordinator::new(GroupConfig::default(), 1);
    for (offset, record) in (0..).zip(kafka_records()) {
        let batch = LoadedBatch { producer_id: ProducerId::NONE };
        coordinator.load(Offset(offset), batch, &record.key, record.value.as_deref()).unwrap();
    }
    coordinator.loaded(Now::default());
    let context = RequestContext { client_id: String::new(), client_host: String::new(), api_version: 5 };
    let request = GroupRequest::ListGroups(ListGroupsRequest::default());
    coordinator.handle(Input::Request { token: RequestToken(0), context, request }, Now::default());
    let Some(Effect::Respond { response: GroupResponse::ListGroups(response), .. }) =
        coordinator.poll_effect()
    else {
        panic!()
    };
    let groups: Vec<_> =
        response.groups.iter().map(|group| (&*group.group_id, &*group.group_state)).collect();
    assert_eq!(groups, [("h", "Empty"), ("r", "Empty")]);
}
