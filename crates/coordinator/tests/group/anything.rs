//! Whatever happens: every request is answered once, nothing panics, and what is in memory is what is in the log.

use ottla_coordinator::group::{GroupConfig, GroupCoordinator, LoadedBatch};
use ottla_protocol::types::{Offset, ProducerId};
use proptest::collection::vec;
use proptest::prelude::*;

use super::scenario::World;

fn any_request() -> impl Strategy<Value = String> {
    let client = prop_oneof![Just("a"), Just("b"), Just("c")];
    let member =
        prop_oneof![Just("a1"), Just("a2"), Just("b1"), Just("b2"), Just("i1"), Just("i2"), Just("c1")];
    let group = prop_oneof![4 => Just("g"), 1 => Just("h")];
    let version = prop_oneof![Just("v0"), Just("v3"), Just("v8"), Just("v9")];
    let protocols = prop_oneof![Just("range:t"), Just("range:u"), Just("range:t,sticky:t"), Just("sticky:t")];
    let timeouts = prop_oneof![Just("session=6s rebalance=9s"), Just("session=20s rebalance=60s")];
    let partition = prop_oneof![Just("t-0"), Just("t-1"), Just("u-0")];
    let join = (client, version, protocols.clone(), timeouts.clone(), group.clone()).prop_map(
        |(client, version, protocols, timeouts, group)| {
            format!("join {client} {version} protocols={protocols} {timeouts} group={group}")
        },
    );
    let rejoin =
        (member.clone(), protocols, timeouts, group.clone()).prop_map(|(id, protocols, timeouts, group)| {
            format!("join {id} id={id} protocols={protocols} {timeouts} group={group}")
        });
    let of_group = (group.clone(), 0..6i32, member);
    let of_offsets = (group, partition, 0..100i64);
    prop_oneof![
        4 => join,
        4 => rejoin,
        2 => Just("join s instance=i session=6s rebalance=9s".to_owned()),
        4 => of_group.clone().prop_map(|(g, n, m)| format!("sync {m} gen={n} v4 type=none protocol=none group={g}")),
        2 => of_group.clone().prop_map(|(g, n, m)| format!("heartbeat {m} gen={n} group={g}")),
        2 => of_group.clone().prop_map(|(g, _, m)| format!("leave {m} group={g}")),
        1 => Just("leave /i".to_owned()),
        2 => of_group.prop_map(|(g, n, m)| format!("commit t-0={n} member={m} gen={n} group={g}")),
        2 => of_offsets.clone().prop_map(|(g, p, n)| format!("commit {p}={n} group={g}")),
        1 => of_offsets.clone().prop_map(|(g, p, n)| format!("txn {p}={n} pid={} group={g}", n % 2)),
        1 => (0..2).prop_map(|pid| format!("marker pid={pid} commit")),
        1 => (0..2).prop_map(|pid| format!("marker pid={pid} abort")),
        1 => of_offsets.clone().prop_map(|(g, p, _)| format!("offset-delete {p} group={g}")),
        1 => of_offsets.prop_map(|(g, p, _)| format!("fetch {p} stable group={g}")),
        1 => Just("delete g h".to_owned()),
    ]
}

fn any_command() -> impl Strategy<Value = String> {
    let round = vec(any_request(), 1..4).prop_map(|requests| format!("round {}", requests.join(" / ")));
    let errors =
        prop_oneof![Just("NOT_ENOUGH_REPLICAS"), Just("MESSAGE_TOO_LARGE"), Just("NOT_LEADER_OR_FOLLOWER")];
    prop_oneof![
        12 => round,
        4 => prop_oneof![Just(1), Just(3), Just(7), Just(30)].prop_map(|seconds| format!("after {seconds}s")),
        1 => Just("after 31m".to_owned()),
        1 => Just("topic-deleted t id=0".to_owned()),
        1 => Just("log hold".to_owned()),
        1 => Just("log slow".to_owned()),
        2 => Just("log auto".to_owned()),
        3 => Just("log takes".to_owned()),
        3 => Just("log commits".to_owned()),
        2 => errors.prop_map(|error| format!("log fails {error}")),
        1 => Just("restart".to_owned()),
    ]
}

/// Groups and offsets, as anybody sees them.
fn state(world: &mut World) -> Vec<String> {
    // Only which groups there are: one that rebalances is loaded as it was before.
    let list = world.run("list").join(" ");
    let list = ["g", "h"].map(|group| list.split(' ').any(|word| word == group).to_string()).join(" ");
    let g = world.run("fetch all stable group=g");
    let h = world.run("fetch all stable group=h");
    [vec![list], g, h].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_is_what_the_log_says_and_every_request_is_answered(commands in vec(any_command(), 1..80)) {
        let mut world = World::new();
        let mut transcript = String::new();
        for command in &commands {
            let out = world.run(command);
            transcript += &format!("{command}\n    => {}\n", out.join("\n    => "));
        }
        world.run("log auto");
        for _ in 0..commands.len() * 4 {
            world.run("log takes");
            world.run("log commits");
        }
        let live = state(&mut world);
        world.run("restart");
        let loaded = state(&mut world);
        prop_assert_eq!(live, loaded, "{}", transcript);
        for command in &commands {
            if command.starts_with("round") {
                world.run(command);
            }
        }
        world.run("unload");
        prop_assert!(world.labels.is_empty(), "{:?}\n{}", world.labels, transcript);
    }

    #[test]
    fn no_bytes_in_the_log_make_it_panic(
        record_type in 0..24i16,
        version in -1..6i16,
        key in vec(any::<u8>(), 0..40),
        value in proptest::option::of(vec(any::<u8>(), 0..120)),
    ) {
        let mut coordinator = GroupCoordinator::new(GroupConfig::default(), 1);
        let batch = LoadedBatch { producer_id: ProducerId::NONE };
        let key = [&record_type.to_be_bytes()[..], &key].concat();
        let value = value.map(|value| [&version.to_be_bytes()[..], &value].concat());
        let _ = coordinator.load(Offset::ZERO, batch, &key, value.as_deref());
    }
}
