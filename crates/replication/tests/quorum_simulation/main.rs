//! Seeds of the quorum's simulation, and the proof that its rules bite. What the worlds are like: `simulation`.
//! Many more seeds: `cargo run --release -p ottla-replication --example simulate_quorum -- 0 10000`.

#[path = "simulation.rs"]
mod simulation;

use simulation::options::{MS, SECOND};
use simulation::world::{Outcome, failover_gap, live};

/// Seeds that once broke a rule, with what was wrong.
const REGRESSIONS: &[u64] = &[
    21,   // a removed leader with the longest log did not stand for election: nobody could be elected
    139,  // a replica that knew the leader, but not where it listens, did not believe the leader itself
    1270, // a snapshot at the offset of a change of voters had no voters
    1630, // the same change was taken for committed when the log began there
    2104, // a peer that was somebody else was asked again without a pause
];

fn survive(seed: u64) -> Outcome {
    live(seed, None).unwrap_or_else(|violation| panic!("seed {seed}: {violation}"))
}

#[test]
fn every_rule_holds_whatever_fails() {
    for seed in 0..200 {
        survive(seed);
    }
}

#[test]
fn seeds_that_once_broke_a_rule_hold() {
    for seed in REGRESSIONS {
        survive(*seed);
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 0..20 {
        assert_eq!(survive(seed), survive(seed), "seed {seed}");
    }
}

/// From the death of the leader's process to the first record that its successor has committed, with Kafka's defaults.
#[test]
fn a_killed_leader_is_replaced_within_a_second() {
    let mut gaps: Vec<u64> = (0..100).map(failover_gap).collect();
    gaps.sort_unstable();
    let [median, most] = [gaps[gaps.len() / 2], gaps[gaps.len() - 1]];
    assert!(median < 250 * MS && most < SECOND, "median {median} ns, most {most} ns");
}

/// The rules bite: each deliberate bug breaks one within a thousand seeds.
#[cfg(feature = "planted-bugs")]
#[test]
fn every_planted_bug_is_found() {
    for bug in ottla_replication::quorum::Bug::ALL {
        let found = (0..1000).find(|seed| live(*seed, Some(bug)).is_err());
        assert!(found.is_some(), "{bug:?} is not found");
    }
}
