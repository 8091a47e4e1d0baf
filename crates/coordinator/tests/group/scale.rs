//! What large consumer groups cost, in virtual time, records and work.

use std::collections::{BTreeMap, BTreeSet};

use ottla_coordinator::group::{
    BatchContents, Effect, GroupConfig, GroupCoordinator, GroupRequest, GroupResponse, Input, RequestContext,
    RequestToken,
};
use ottla_protocol::messages::consumer_group_describe_response::DescribedGroup;
use ottla_protocol::messages::consumer_group_heartbeat_request::{
    ConsumerGroupHeartbeatRequest, TopicPartitions,
};
use ottla_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{Offset, Uuid};

use super::topics::Topics;

const HEARTBEAT_INTERVAL_MS: i64 = 5_000;

/// A consumer that does what the Java consumer does: it says at once that it has given up or taken partitions, and
/// otherwise sends a heartbeat when the interval is over.
struct Client {
    id: String,
    epoch: i32,
    owned: BTreeMap<Uuid, Vec<i32>>,
    next_at_ms: i64,
}

struct World {
    coordinator: GroupCoordinator,
    now_ms: i64,
    log_end: Offset,
    clients: Vec<Client>,
    records: usize,
    heartbeats: usize,
}

impl World {
    fn new(member_count: usize, partitions: &str) -> Self {
        let mut topics = Topics::default();
        topics.set(&[("t", partitions)]);
        let mut coordinator = GroupCoordinator::new(GroupConfig::default(), 1);
        coordinator.handle(Input::Metadata { image: topics.image(), changes: None }, Now::default());
        coordinator.loaded(Now::default());
        let mut world = Self {
            coordinator,
            now_ms: 1_000,
            log_end: Offset::ZERO,
            clients: Vec::new(),
            records: 0,
            heartbeats: 0,
        };
        // They come one after the other, within two seconds.
        (0..member_count)
            .for_each(|index| world.add(1_000 + i64::try_from(index * 2_000 / member_count).unwrap()));
        world
    }

    fn add(&mut self, at_ms: i64) {
        let id = format!("member-{:05}", self.clients.len());
        self.clients.push(Client { id, epoch: 0, owned: BTreeMap::new(), next_at_ms: at_ms });
    }

    fn ask(&mut self, request: GroupRequest) -> GroupResponse {
        let context = RequestContext {
            client_id: "client".to_owned(),
            client_host: "/127.0.0.1".to_owned(),
            api_version: 1,
        };
        let wall = Timestamp(1_800_000_000_000 + self.now_ms);
        let now = Now { wall, mono: Monotonic(u64::try_from(self.now_ms).unwrap() * 1_000_000) };
        self.coordinator.handle(Input::Timer, now);
        self.coordinator.handle(Input::Request { token: RequestToken(0), context, request }, now);
        let mut answer = None;
        while let Some(effect) = self.coordinator.poll_effect() {
            match effect {
                Effect::Respond { response, .. } => answer = Some(response),
                Effect::Append { batch, contents: BatchContents::Records(records), .. } => {
                    let base_offset = self.log_end;
                    self.log_end = base_offset.plus(i64::try_from(records.len()).unwrap());
                    self.records += records.len();
                    self.coordinator.handle(Input::Appended { batch, result: Ok(base_offset) }, now);
                    self.coordinator.handle(Input::Committed { end_offset: self.log_end }, now);
                }
                other => panic!("{other:?}"),
            }
        }
        answer.unwrap()
    }

    fn beat(&mut self, index: usize) {
        let client = &self.clients[index];
        let owned = client.owned.iter();
        let owned = owned.map(|(topic_id, partitions)| TopicPartitions {
            topic_id: *topic_id,
            partitions: partitions.clone(),
        });
        let is_joining = client.epoch == 0;
        let request = ConsumerGroupHeartbeatRequest {
            group_id: "g".to_owned(),
            member_id: client.id.clone(),
            member_epoch: client.epoch,
            rebalance_timeout_ms: if is_joining { 60_000 } else { -1 },
            subscribed_topic_names: is_joining.then(|| vec!["t".to_owned()]),
            topic_partitions: Some(owned.collect()),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        self.heartbeats += 1;
        let GroupResponse::ConsumerGroupHeartbeat(response) =
            self.ask(GroupRequest::ConsumerGroupHeartbeat(Box::new(request)))
        else {
            panic!()
        };
        let ConsumerGroupHeartbeatResponse { error_code, member_epoch, assignment, .. } = response;
        assert_eq!(error_code, 0);
        let client = &mut self.clients[index];
        client.epoch = member_epoch;
        client.next_at_ms = self.now_ms + HEARTBEAT_INTERVAL_MS;
        if let Some(assignment) = assignment {
            let owned: BTreeMap<_, _> = assignment
                .topic_partitions
                .into_iter()
                .map(|topic| (topic.topic_id, topic.partitions))
                .collect();
            if owned != client.owned {
                client.owned = owned;
                client.next_at_ms = self.now_ms + 10;
            }
        }
    }

    /// Runs until everybody has what it is to have; gives the virtual time that it took, in milliseconds.
    fn settle(&mut self) -> i64 {
        let start_ms = self.now_ms;
        let mut due: BTreeSet<(i64, usize)> =
            self.clients.iter().enumerate().map(|(index, client)| (client.next_at_ms, index)).collect();
        let mut next_look_ms = start_ms;
        loop {
            let (at_ms, index) = due.pop_first().unwrap();
            self.now_ms = self.now_ms.max(at_ms);
            self.beat(index);
            due.insert((self.clients[index].next_at_ms, index));
            if self.now_ms >= next_look_ms {
                next_look_ms = self.now_ms + 100;
                let group = self.describe();
                if group.group_state == "Stable" && group.members.len() == self.clients.len() {
                    return self.now_ms - start_ms;
                }
            }
            assert!(self.now_ms < start_ms + 120_000, "no rest after two minutes");
        }
    }

    fn describe(&mut self) -> DescribedGroup {
        let request = GroupRequest::ConsumerGroupDescribe { groups: vec!["g".to_owned()] };
        let GroupResponse::ConsumerGroupDescribe(mut groups) = self.ask(request) else { panic!() };
        groups.pop().unwrap()
    }
}

#[test]
fn a_thousand_members_rebalance_in_seconds() {
    let mut world = World::new(1_000, "1000");
    let joined_ms = world.settle();
    println!("1,000 members joined within 2 s: at rest after {joined_ms} ms of virtual time");
    assert!(joined_ms <= 15_000, "{joined_ms} ms");
    assert!(world.clients.iter().all(|client| client.owned.values().map(Vec::len).sum::<usize>() == 1));

    // A hundred come on top: those that were there give up what they must.
    let (records, heartbeats) = (world.records, world.heartbeats);
    (0..100).for_each(|_| world.add(world.now_ms));
    let grown_ms = world.settle();
    println!(
        "100 more: at rest after {grown_ms} ms, {} heartbeats, {} records",
        world.heartbeats - heartbeats,
        world.records - records
    );
    assert!(grown_ms <= 15_000, "{grown_ms} ms");
    // Three records of each that joins, and two of each whose target or assignment changed, twice over.
    assert!(world.records - records <= 8_000, "{}", world.records - records);
}

#[test]
fn a_heartbeat_with_nothing_new_writes_nothing() {
    // A heartbeat that looked at all members would take this test minutes.
    let mut world = World::new(5_000, "100");
    world.settle();
    let records = world.records;
    for index in 0..100_000 {
        world.now_ms += i64::from(index % 20 == 0);
        world.beat(index % 5_000);
    }
    assert_eq!(world.records, records);
}
