//! What a fuzzer needs of a shard: scripts of requests and events, run on a simulated disk against the rules that hold for
//! whatever a peer sends.
//!
//! ```text
//! script:   item*
//! item:     opcode u8 | size u16 | bytes        opcode: a frame on one of four connections, or an event
//! ```
//! The rules: nothing panics; every request is answered once, in one whole frame with its own correlation id, or its
//! connection is closed; what waits has a deadline; a stop answers everybody.
//!
//! Only built for tests and with the feature `fuzzing`.

mod requests;
mod world;

use ottla_protocol::fuzzing::{Random, Target};

use world::World;

/// The targets of this crate.
pub const TARGETS: &[Target] = &[Target { name: "dispatch", run, seed, memory_max }];

/// What a shard on a simulated disk is made of, and what its answers may take: an answer may list all that there is for
/// every name in the request.
fn memory_max(size: usize) -> u64 {
    (8 << 20) + 256 * size as u64
}

/// What an item of a script is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opcode {
    /// A frame on the connection of this index.
    Frame(u8),
    /// The end of a run of frames.
    EndRound,
    /// Jobs are run.
    RunJobs,
    /// Time passes; the bytes say how much.
    Pass,
    /// Something happens; the bytes say what.
    Event,
}

impl Opcode {
    fn of(byte: u8) -> Self {
        match byte & 15 {
            0..=9 => Self::Frame(byte >> 6),
            10 => Self::EndRound,
            11 | 12 => Self::RunJobs,
            13 => Self::Pass,
            _ => Self::Event,
        }
    }
}

/// Runs a script. Whether every request of it was answered. Panics if a rule is broken.
fn run(script: &[u8]) -> bool {
    let mut world = World::new();
    let mut rest = script;
    while let Some(([opcode, high, low], after)) = rest.split_first_chunk() {
        let size = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (bytes, after) = after.split_at(size);
        match Opcode::of(*opcode) {
            Opcode::Frame(connection) => world.request(connection.into(), bytes),
            Opcode::EndRound => world.end_round(),
            Opcode::RunJobs => world.run_jobs(),
            Opcode::Pass => world.pass(bytes),
            Opcode::Event => world.event(bytes),
        }
        rest = after;
    }
    world.finish()
}

/// A script of a few requests, most of them about what exists.
fn seed(random: &mut Random) -> Vec<u8> {
    let mut script = Vec::new();
    while script.is_empty() || !random.one_in(5) {
        let transaction = random.one_in(5);
        let frames = if transaction { requests::transaction(random) } else { vec![requests::frame(random)] };
        let connection = [0, 0, 0, 1, 2, 3][random.below(6)];
        for frame in frames {
            push(&mut script, connection << 6, &frame);
            if random.one_in(2) {
                push(&mut script, 10, &[]);
            }
            match random.below(8) {
                0 => push(&mut script, 11, &[]),
                1 => push(&mut script, 13, &[random.bits() as u8]),
                2 => push(&mut script, 14, &[random.bits() as u8, random.bits() as u8]),
                3..=6 if transaction => push(&mut script, 11, &[]),
                _ => {}
            }
        }
    }
    script
}

fn push(script: &mut Vec<u8>, opcode: u8, bytes: &[u8]) {
    let size = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    script.push(opcode);
    script.extend(size.to_be_bytes());
    script.extend(&bytes[..size.into()]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many as a debug build runs in a few seconds.
    const EXECUTIONS: u64 = 3000;

    #[test]
    fn whatever_is_sent_is_answered_once_or_the_connection_is_closed() {
        let mut answered = 0;
        for number in 0..EXECUTIONS {
            let script = seed(&mut Random::new(number / 4));
            let mut random = Random::new(!number);
            let script = if number % 4 == 0 { script } else { random.mutated(script) };
            answered += u64::from(run(&script));
        }
        assert!(answered > EXECUTIONS / 4, "only {answered} scripts were answered in full");
    }
}
