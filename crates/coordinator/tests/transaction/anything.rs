//! Whatever happens: every request is answered once, nothing panics, no epoch is given out twice, and what is in memory
//! is what is in the log.

use std::collections::BTreeSet;

use ottla_coordinator::transaction::{TransactionConfig, TransactionCoordinator};
use ottla_protocol::types::{LeaderEpoch, Offset};
use proptest::collection::vec;
use proptest::prelude::*;

use super::scenario::World;

fn any_command() -> impl Strategy<Value = String> {
    let id = || prop_oneof![3 => Just("x"), 1 => Just("y")];
    let producer = || (1_000..1_003i64, 0..6i16);
    let partition = || prop_oneof![Just("t-0"), Just("t-1"), Just("u-0")];
    let version = || prop_oneof![Just("v4"), Just("v5")];
    let error = || {
        prop_oneof![Just("NOT_ENOUGH_REPLICAS"), Just("NOT_LEADER_OR_FOLLOWER"), Just("MESSAGE_TOO_LARGE")]
    };
    let outcome = prop_oneof![6 => Just("NONE"), 1 => Just("gone"), 1 => Just("unanswered"), 1 => Just("NOT_LEADER_OR_FOLLOWER")];
    prop_oneof![
        3 => id().prop_map(|id| format!("init id={id}")),
        3 => (id(), producer()).prop_map(|(id, (pid, epoch))| format!("init id={id} as={pid}/{epoch}")),
        8 => (id(), producer(), partition(), prop_oneof![Just(0), Just(2)])
            .prop_map(|(id, (pid, epoch), partition, tv)| format!("add {pid}/{epoch} {partition} id={id} tv={tv}")),
        6 => (id(), producer(), version()).prop_map(|(id, (pid, epoch), v)| format!("commit {pid}/{epoch} {v} id={id}")),
        6 => (id(), producer(), version()).prop_map(|(id, (pid, epoch), v)| format!("abort {pid}/{epoch} {v} id={id}")),
        2 => (id(), producer(), partition()).prop_map(|(id, (pid, epoch), p)| format!("verify {pid}/{epoch} {p} id={id}")),
        2 => prop_oneof![Just("after 1s"), Just("after 2m"), Just("after 3h")].prop_map(str::to_owned),
        1 => prop_oneof![Just("log hold"), Just("log slow"), Just("markers hold"), Just("markers auto")].prop_map(str::to_owned),
        2 => Just("log auto".to_owned()),
        3 => prop_oneof![Just("log takes"), Just("log commits")].prop_map(str::to_owned),
        1 => error().prop_map(|error| format!("log fails {error}")),
        3 => outcome.prop_map(|outcome| format!("marked {outcome}")),
        1 => prop_oneof![Just("tv 0"), Just("tv 1"), Just("tv 2"), Just("restart")].prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_is_what_the_log_says_and_no_epoch_is_given_out_twice(commands in vec(any_command(), 1..80)) {
        let mut world = World::new();
        world.run("config expiration=1h");
        let mut transcript = String::new();
        let mut given_out = BTreeSet::new();
        for command in &commands {
            let out = world.run(command);
            transcript += &format!("{command}\n    => {}\n", out.join("\n    => "));
            // A retry with the epoch before may get the same again; who knows no epoch may not.
            if command.starts_with("init") && !command.contains("as=") {
                for answer in out.iter().filter(|answer| answer.starts_with("ok ")) {
                    prop_assert!(given_out.insert(answer.clone()), "twice: {answer}\n{transcript}");
                }
            }
        }
        world.run("log auto");
        world.run("markers auto");
        for _ in 0..commands.len() * 4 {
            for command in ["log takes", "log commits", "marked", "after 100ms"] {
                world.run(command);
            }
        }
        let live = (world.run("list"), world.run("describe x y"));
        world.run("restart");
        let loaded = (world.run("list"), world.run("describe x y"));
        prop_assert_eq!(live, loaded, "{}", transcript);
        world.run("unload");
        prop_assert_eq!(world.waiting, 0, "{}", transcript);
    }

    #[test]
    fn no_bytes_in_the_log_make_it_panic(
        version in -1..3i16,
        key in vec(any::<u8>(), 0..40),
        value in proptest::option::of(vec(any::<u8>(), 0..120)),
    ) {
        let mut coordinator = TransactionCoordinator::new(TransactionConfig::default(), LeaderEpoch(0));
        let key = [&[0, 0][..], &key].concat();
        let value = value.map(|value| [&version.to_be_bytes()[..], &value].concat());
        let _ = coordinator.load(Offset::ZERO, &key, value.as_deref());
    }
}
