//! Random requests, most of them about what the world of the fuzzer has.

use bytes::Bytes;
use ottla_protocol::api::ApiKey;
use ottla_protocol::frame;
use ottla_protocol::fuzzing::{Entry, Random};
use ottla_protocol::message::Request;
use ottla_protocol::messages::*;
use ottla_protocol::record::{BatchBuilder, BatchOptions, Compression, RecordHeader};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{ProducerEpoch, ProducerId, Uuid};
use ottla_protocol::wire::Writer;

use super::world::{NOW, TOPICS};

const NAMES: &[&str] = &["a", "", "b", "a-0"];

/// The bytes of a request's frame, without their length.
pub(super) fn frame(random: &mut Random) -> Vec<u8> {
    match random.below(35) {
        0..=4 => known(random, produce),
        5..=8 => known(random, fetch),
        9 | 10 => known(random, list_offsets),
        11 => known(random, delete_records),
        12 => known(random, join_group),
        13 => known(random, sync_group),
        14 => known(random, heartbeat),
        15 | 16 => known(random, offset_commit),
        17 => known(random, offset_fetch),
        18 => known(random, metadata),
        19 => known(random, describe_configs),
        20..=22 => known(random, init_producer_id),
        23 => known(random, add_partitions_to_txn),
        24 => known(random, add_offsets_to_txn),
        25 | 26 => known(random, end_txn),
        27 => known(random, txn_offset_commit),
        28 => known(random, write_txn_markers),
        29..=31 => known(random, consumer_group_heartbeat),
        _ => any(random),
    }
}

/// The frames of a transaction, most of them about the same one.
pub(super) fn transaction(random: &mut Random) -> Vec<Vec<u8>> {
    let mut frames = vec![known(random, init_producer_id)];
    for _ in 0..=random.below(3) {
        frames.push(match random.below(6) {
            0..=2 => known(random, produce),
            3 => known(random, add_partitions_to_txn),
            4 => known(random, add_offsets_to_txn),
            _ => known(random, txn_offset_commit),
        });
    }
    frames.push(known(random, end_txn));
    frames
}

fn known<R: Request>(random: &mut Random, make: fn(&mut Random) -> R) -> Vec<u8> {
    let version = version(random, R::API_KEY);
    let request = make(random);
    let mut writer = begin(random, R::API_KEY, version);
    request.encode(&mut writer, version);
    writer.into_vec().split_off(4)
}

/// A random request of any API.
fn any(random: &mut Random) -> Vec<u8> {
    let api = *random.choose(ApiKey::ALL);
    let version = version(random, api);
    let body = Entry::find(&format!("{}Request", api.name())).map(|entry| (entry.random)(random, version));
    let mut writer = begin(random, api, version);
    writer.raw(&body.unwrap_or_default());
    writer.into_vec().split_off(4)
}

fn version(random: &mut Random, api: ApiKey) -> i16 {
    let (least, most) = (api.min_version(), api.max_version());
    least + i16::try_from(random.below(usize::try_from(most - least + 1).unwrap_or(1))).unwrap_or(0)
}

fn begin(random: &mut Random, api: ApiKey, version: i16) -> Writer {
    let mut writer = Writer::new();
    let client_id = *random.choose(&[None, Some("fuzzer"), Some("__admin_client")]);
    // The length in front is cut off again.
    let _ = frame::begin_request(&mut writer, api, version, random.i32(), client_id);
    writer
}

fn topic(random: &mut Random) -> (String, Uuid) {
    if random.one_in(8) {
        return (random.string(), random.uuid());
    }
    let (name, id, _) = random.choose(TOPICS);
    ((*name).to_owned(), id.0)
}

fn partition(random: &mut Random) -> i32 {
    if random.one_in(8) { random.i32() } else { random.below(2) as i32 }
}

fn offset(random: &mut Random) -> i64 {
    if random.one_in(4) { random.i64() } else { random.below(12) as i64 }
}

fn list<T>(random: &mut Random, mut element: impl FnMut(&mut Random) -> T) -> Vec<T> {
    let count = if random.one_in(20) { 0 } else { 1 + random.below(3) };
    (0..count).map(|_| element(random)).collect()
}

fn group(random: &mut Random) -> String {
    (*random.choose(NAMES)).to_owned()
}

fn transactional_id(random: &mut Random) -> String {
    if random.one_in(8) { random.string() } else { (*random.choose(&["t", "t", "t", "u"])).to_owned() }
}

/// The worlds give ids from 0 on.
fn producer_id(random: &mut Random) -> ProducerId {
    ProducerId(*random.choose(&[0, 0, 0, 1, 2]))
}

fn producer_epoch(random: &mut Random) -> ProducerEpoch {
    ProducerEpoch(*random.choose(&[0, 0, 0, 1, 2]))
}

fn batch(random: &mut Random, is_transactional: bool) -> Bytes {
    let is_idempotent = is_transactional || random.bool();
    let options = BatchOptions {
        compression: *random.choose(&Compression::ALL),
        producer_id: if is_idempotent { producer_id(random) } else { ProducerId::NONE },
        producer_epoch: if is_idempotent { producer_epoch(random) } else { ProducerEpoch::NONE },
        base_sequence: if is_idempotent { random.below(4) as i32 } else { -1 },
        is_transactional: is_transactional != random.one_in(8) && is_idempotent,
        ..BatchOptions::default()
    };
    let mut builder = BatchBuilder::new(options);
    for _ in 0..=random.below(4) {
        let timestamp = if random.one_in(8) { random.below(1 << 40) as i64 } else { NOW.wall.0 };
        let (key, value) = (random.bytes(), random.bytes());
        let key = random.bool().then_some(&key[..]);
        let headers = [RecordHeader { key: b"h", value: Some(b"v") }];
        let headers = if random.one_in(4) { &headers[..] } else { &[] };
        // What does not fit is left out.
        let _ = builder.append(Timestamp(timestamp), key, Some(&value), headers);
    }
    builder.build().into()
}

fn produce(random: &mut Random) -> produce_request::ProduceRequest {
    let is_transactional = random.one_in(3);
    produce_request::ProduceRequest {
        transactional_id: is_transactional.then(|| transactional_id(random)),
        acks: *random.choose(&[0, 1, 1, -1, -1, 2]),
        timeout_ms: *random.choose(&[0, 100, 5000, -1]),
        topic_data: list(random, |random| {
            let (name, topic_id) = topic(random);
            let partition_data = list(random, |random| produce_request::PartitionProduceData {
                index: partition(random),
                records: (!random.one_in(16)).then(|| batch(random, is_transactional)),
            });
            produce_request::TopicProduceData { name, topic_id, partition_data }
        }),
    }
}

fn fetch(random: &mut Random) -> fetch_request::FetchRequest {
    let replica_id = if random.one_in(8) { random.i32() } else { -1 };
    fetch_request::FetchRequest {
        replica_id,
        max_wait_ms: *random.choose(&[0, 0, 100, 500, 5000, -1]),
        min_bytes: *random.choose(&[0, 1, 1, 1000, 1 << 30]),
        max_bytes: *random.choose(&[1 << 20, 1 << 20, 0, 1, i32::MAX]),
        isolation_level: *random.choose(&[0, 1, 1, 7]),
        session_id: if random.one_in(8) { random.i32() } else { 0 },
        session_epoch: *random.choose(&[-1, 0, 0, 1, 2]),
        topics: list(random, |random| {
            let (topic, topic_id) = topic(random);
            let partitions = list(random, |random| fetch_request::FetchPartition {
                partition: partition(random),
                fetch_offset: offset(random),
                partition_max_bytes: *random.choose(&[1 << 20, 0, 1, 100, -1]),
                current_leader_epoch: *random.choose(&[-1, -1, 0, 1, 7]),
                last_fetched_epoch: *random.choose(&[-1, -1, 0, 3]),
                ..Default::default()
            });
            fetch_request::FetchTopic { topic, topic_id, partitions }
        }),
        replica_state: fetch_request::ReplicaState { replica_id, replica_epoch: -1 },
        ..Default::default()
    }
}

fn list_offsets(random: &mut Random) -> list_offsets_request::ListOffsetsRequest {
    list_offsets_request::ListOffsetsRequest {
        replica_id: *random.choose(&[-1, -1, -2, 1]),
        isolation_level: random.below(2) as i8,
        topics: list(random, |random| list_offsets_request::ListOffsetsTopic {
            name: topic(random).0,
            partitions: list(random, |random| list_offsets_request::ListOffsetsPartition {
                partition_index: partition(random),
                current_leader_epoch: *random.choose(&[-1, 0, 5]),
                timestamp: *random.choose(&[-1, -2, -3, -4, -5, -6, -7, 0, NOW.wall.0, i64::MAX]),
            }),
        }),
        timeout_ms: 1000,
    }
}

fn delete_records(random: &mut Random) -> delete_records_request::DeleteRecordsRequest {
    delete_records_request::DeleteRecordsRequest {
        topics: list(random, |random| delete_records_request::DeleteRecordsTopic {
            name: topic(random).0,
            partitions: list(random, |random| delete_records_request::DeleteRecordsPartition {
                partition_index: partition(random),
                offset: offset(random),
            }),
        }),
        timeout_ms: 1000,
    }
}

fn join_group(random: &mut Random) -> join_group_request::JoinGroupRequest {
    join_group_request::JoinGroupRequest {
        group_id: group(random),
        session_timeout_ms: *random.choose(&[6000, 30_000, 1]),
        rebalance_timeout_ms: *random.choose(&[6000, 30_000, -1, i32::MAX]),
        member_id: (*random.choose(&["", "", "m"])).to_owned(),
        group_instance_id: random.bool().then(|| group(random)),
        protocol_type: (*random.choose(&["consumer", "consumer", "connect", ""])).to_owned(),
        protocols: list(random, |random| join_group_request::JoinGroupRequestProtocol {
            name: (*random.choose(&["range", "sticky"])).to_owned(),
            metadata: random.bytes(),
        }),
        reason: None,
    }
}

fn sync_group(random: &mut Random) -> sync_group_request::SyncGroupRequest {
    sync_group_request::SyncGroupRequest {
        group_id: group(random),
        generation_id: *random.choose(&[0, 1, 2, -1]),
        member_id: (*random.choose(&["", "m"])).to_owned(),
        group_instance_id: random.bool().then(|| group(random)),
        protocol_type: random.bool().then(|| "consumer".to_owned()),
        protocol_name: random.bool().then(|| "range".to_owned()),
        assignments: list(random, |random| sync_group_request::SyncGroupRequestAssignment {
            member_id: "m".to_owned(),
            assignment: random.bytes(),
        }),
    }
}

fn heartbeat(random: &mut Random) -> heartbeat_request::HeartbeatRequest {
    heartbeat_request::HeartbeatRequest {
        group_id: group(random),
        generation_id: *random.choose(&[0, 1, -1]),
        member_id: (*random.choose(&["", "m"])).to_owned(),
        group_instance_id: random.bool().then(|| group(random)),
    }
}

fn consumer_group_heartbeat(
    random: &mut Random,
) -> consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest {
    const REGEXES: &[&str] =
        &["", "a.*", "[ab]", "a|b", "[", "(a{1000}){1000}", "\\Q(\\E", "a{2,1}", "\\pL+"];
    let epoch = *random.choose(&[0, 0, 0, 1, 2, 3, 4, -1, -2, -3, i32::MAX]);
    let is_full = epoch == 0 || random.one_in(3);
    let by_regex = random.one_in(3);
    consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest {
        group_id: group(random),
        member_id: (*random.choose(&["m", "n", "o", "p", ""])).to_owned(),
        member_epoch: epoch,
        instance_id: random.one_in(3).then(|| group(random)),
        rack_id: random.one_in(4).then(|| group(random)),
        rebalance_timeout_ms: if is_full { *random.choose(&[6000, 1, i32::MAX, -1]) } else { -1 },
        subscribed_topic_names: (is_full && !by_regex).then(|| list(random, |random| topic(random).0)),
        subscribed_topic_regex: (is_full && by_regex).then(|| (*random.choose(REGEXES)).to_owned()),
        server_assignor: random.one_in(3).then(|| (*random.choose(&["uniform", "range", "x"])).to_owned()),
        topic_partitions: (is_full || random.bool()).then(|| {
            if epoch == 0 && !random.one_in(9) {
                return Vec::new();
            }
            list(random, |random| consumer_group_heartbeat_request::TopicPartitions {
                topic_id: topic(random).1,
                partitions: list(random, partition),
            })
        }),
    }
}

fn offset_commit(random: &mut Random) -> offset_commit_request::OffsetCommitRequest {
    offset_commit_request::OffsetCommitRequest {
        group_id: group(random),
        generation_id_or_member_epoch: *random.choose(&[-1, -1, 0, 1]),
        member_id: (*random.choose(&["", "", "m"])).to_owned(),
        group_instance_id: None,
        retention_time_ms: *random.choose(&[-1, -1, 1000]),
        topics: list(random, |random| {
            let (name, topic_id) = topic(random);
            let partitions = list(random, |random| offset_commit_request::OffsetCommitRequestPartition {
                partition_index: partition(random),
                committed_offset: offset(random),
                committed_metadata: random.bool().then(|| random.string()),
                ..Default::default()
            });
            offset_commit_request::OffsetCommitRequestTopic { name, topic_id, partitions }
        }),
    }
}

fn offset_fetch(random: &mut Random) -> offset_fetch_request::OffsetFetchRequest {
    let groups = list(random, |random| {
        let topics = list(random, |random| {
            let (name, topic_id) = topic(random);
            let partition_indexes = list(random, partition);
            offset_fetch_request::OffsetFetchRequestTopics { name, topic_id, partition_indexes }
        });
        let topics = random.bool().then_some(topics);
        offset_fetch_request::OffsetFetchRequestGroup {
            group_id: group(random),
            topics,
            ..Default::default()
        }
    });
    let topics = list(random, |random| offset_fetch_request::OffsetFetchRequestTopic {
        name: topic(random).0,
        partition_indexes: list(random, partition),
    });
    offset_fetch_request::OffsetFetchRequest {
        group_id: group(random),
        topics: Some(topics),
        groups,
        require_stable: random.bool(),
    }
}

fn metadata(random: &mut Random) -> metadata_request::MetadataRequest {
    let topics = list(random, |random| {
        let (name, topic_id) = topic(random);
        let topic_id = if random.bool() { topic_id } else { Uuid::ZERO };
        metadata_request::MetadataRequestTopic { topic_id, name: Some(name) }
    });
    metadata_request::MetadataRequest { topics: Some(topics), ..Default::default() }
}

fn describe_configs(random: &mut Random) -> describe_configs_request::DescribeConfigsRequest {
    describe_configs_request::DescribeConfigsRequest {
        resources: list(random, |random| describe_configs_request::DescribeConfigsResource {
            resource_type: *random.choose(&[2, 2, 4, 8, 16, 32, 0]),
            resource_name: if random.bool() { topic(random).0 } else { "1".to_owned() },
            configuration_keys: random.bool().then(|| vec!["retention.ms".to_owned()]),
        }),
        include_synonyms: random.bool(),
        include_documentation: random.bool(),
    }
}

fn init_producer_id(random: &mut Random) -> init_producer_id_request::InitProducerIdRequest {
    let (producer_id, producer_epoch) = if random.one_in(4) {
        (producer_id(random).0, producer_epoch(random).0)
    } else {
        (ProducerId::NONE.0, ProducerEpoch::NONE.0)
    };
    init_producer_id_request::InitProducerIdRequest {
        transactional_id: (!random.one_in(3)).then(|| transactional_id(random)),
        transaction_timeout_ms: *random.choose(&[1000, 60_000, 0, i32::MAX]),
        producer_id,
        producer_epoch,
        enable_2pc: random.one_in(16),
        keep_prepared_txn: random.one_in(16),
    }
}

fn add_partitions_to_txn(random: &mut Random) -> add_partitions_to_txn_request::AddPartitionsToTxnRequest {
    let topics = |random: &mut Random| {
        list(random, |random| add_partitions_to_txn_request::AddPartitionsToTxnTopic {
            name: topic(random).0,
            partitions: list(random, partition),
        })
    };
    add_partitions_to_txn_request::AddPartitionsToTxnRequest {
        transactions: list(random, |random| add_partitions_to_txn_request::AddPartitionsToTxnTransaction {
            transactional_id: transactional_id(random),
            producer_id: producer_id(random).0,
            producer_epoch: producer_epoch(random).0,
            verify_only: random.bool(),
            topics: topics(random),
        }),
        v3_and_below_transactional_id: transactional_id(random),
        v3_and_below_producer_id: producer_id(random).0,
        v3_and_below_producer_epoch: producer_epoch(random).0,
        v3_and_below_topics: topics(random),
    }
}

fn add_offsets_to_txn(random: &mut Random) -> add_offsets_to_txn_request::AddOffsetsToTxnRequest {
    add_offsets_to_txn_request::AddOffsetsToTxnRequest {
        transactional_id: transactional_id(random),
        producer_id: producer_id(random).0,
        producer_epoch: producer_epoch(random).0,
        group_id: group(random),
    }
}

fn end_txn(random: &mut Random) -> end_txn_request::EndTxnRequest {
    end_txn_request::EndTxnRequest {
        transactional_id: transactional_id(random),
        producer_id: producer_id(random).0,
        producer_epoch: producer_epoch(random).0,
        committed: random.bool(),
    }
}

fn txn_offset_commit(random: &mut Random) -> txn_offset_commit_request::TxnOffsetCommitRequest {
    txn_offset_commit_request::TxnOffsetCommitRequest {
        transactional_id: transactional_id(random),
        group_id: group(random),
        producer_id: producer_id(random).0,
        producer_epoch: producer_epoch(random).0,
        topics: list(random, |random| {
            let (name, topic_id) = topic(random);
            let partitions =
                list(random, |random| txn_offset_commit_request::TxnOffsetCommitRequestPartition {
                    partition_index: partition(random),
                    committed_offset: offset(random),
                    committed_metadata: random.bool().then(|| random.string()),
                    ..Default::default()
                });
            txn_offset_commit_request::TxnOffsetCommitRequestTopic { name, topic_id, partitions }
        }),
        ..Default::default()
    }
}

fn write_txn_markers(random: &mut Random) -> write_txn_markers_request::WriteTxnMarkersRequest {
    write_txn_markers_request::WriteTxnMarkersRequest {
        markers: list(random, |random| write_txn_markers_request::WritableTxnMarker {
            producer_id: producer_id(random).0,
            producer_epoch: producer_epoch(random).0,
            transaction_result: random.bool(),
            topics: list(random, |random| write_txn_markers_request::WritableTxnMarkerTopic {
                name: topic(random).0,
                partition_indexes: list(random, partition),
            }),
            coordinator_epoch: *random.choose(&[-1, 0, 0, 5]),
            transaction_version: random.below(3) as i8,
        }),
    }
}
