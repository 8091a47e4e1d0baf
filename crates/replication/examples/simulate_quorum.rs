//! Lives through many seeds of the quorum's simulation, and says what they came to.
//!
//! `cargo run --release -p ottla-replication --example simulate_quorum -- [FIRST_SEED] [COUNT]`
//!
//! With COUNT `failover` it kills the leader of three voters in that many (FIRST_SEED) quiet worlds, and says how long
//! nothing was committed. With COUNT `loud` it says what happens in the one seed, from the second on that follows, or from the start.
//!
//! With the feature `planted-bugs` a third argument names a deliberate bug that all replicas have (`all`: one after the
//! other); then it says after how many seeds which rule was found broken.

#[path = "../tests/quorum_simulation/simulation.rs"]
mod simulation;

use ottla_replication::quorum::Bug;
use simulation::options::SECOND;
use simulation::world::{World, failover_gap, live, seconds};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let number = |at: usize, default| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (first, count) = (number(0, 0), number(1, 1000));
    if arguments.get(1).is_some_and(|text| text == "loud") {
        let mut world = World::new(first, None);
        world.loud_from = number(2, 0) * SECOND;
        println!("{:?}\n{:?}", world.options.clone(), world.run());
        return;
    }
    if arguments.get(1).is_some_and(|text| text == "failover") {
        return failovers(first);
    }
    match arguments.get(2) {
        None => survey(first, count),
        Some(name) => {
            let is_meant = |bug: &Bug| name == "all" || format!("{bug:?}") == *name;
            for bug in Bug::ALL.into_iter().filter(is_meant) {
                hunt(bug, first, count);
            }
        }
    }
}

fn failovers(count: u64) {
    let mut gaps: Vec<u64> = (0..count).map(failover_gap).collect();
    gaps.sort_unstable();
    let at = |per_mille: usize| seconds(gaps[(gaps.len() * per_mille / 1000).min(gaps.len() - 1)]);
    println!(
        "{count} leaders killed; no commit for: median {:.3} s, 99 % {:.3} s, most {:.3} s",
        at(500),
        at(990),
        at(1000)
    );
}

fn survey(first: u64, count: u64) {
    let mut failed = 0;
    let mut hours = 0.0;
    let (mut events, mut elections, mut committed, mut faults, mut changes) = (0, 0, 0, 0, 0);
    let mut recovery: Vec<u64> = Vec::new();
    for seed in first..first + count {
        match live(seed, None) {
            Err(violation) => {
                failed += 1;
                println!("seed {seed}: {violation}");
            }
            Ok(outcome) => {
                hours += seconds(outcome.virtual_time) / 3600.0;
                events += outcome.events;
                elections += outcome.elections;
                committed += outcome.committed;
                faults += outcome.faults;
                changes += outcome.voter_changes;
                recovery.push(outcome.recovery_time);
            }
        }
    }
    recovery.sort_unstable();
    let at = |per_mille: usize| {
        recovery.get((recovery.len() * per_mille / 1000).min(recovery.len().saturating_sub(1)))
    };
    let [median, most] = [500, 1000].map(|it| seconds(at(it).copied().unwrap_or(0)));
    println!(
        "{count} seeds, {failed} failed; {hours:.1} virtual hours, {events} events, {elections} elections, \
         {committed} records committed, {faults} faults, {changes} voter changes asked for; \
         recovery after the last fault: median {median:.2} s, most {most:.2} s"
    );
}

fn hunt(bug: Bug, first: u64, count: u64) {
    for seed in first..first + count {
        if let Err(violation) = live(seed, Some(bug)) {
            let short: String = violation.chars().take(150).collect();
            return println!("{bug:?}: found after {} seeds: {short}", seed - first + 1);
        }
    }
    println!("{bug:?}: NOT found in {count} seeds");
}
