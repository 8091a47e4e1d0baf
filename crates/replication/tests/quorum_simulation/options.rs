//! What a seed's world is like: who votes, how bad the network and the disks are, what breaks.

use super::random::Random;

pub const MS: u64 = 1_000_000;
pub const SECOND: u64 = 1000 * MS;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoterKind {
    /// kraft.version 0, voters in the configuration.
    Static,
    /// The same, and it is upgraded to version 1 on the way.
    StaticUpgraded,
    /// kraft.version 1, voters in the log.
    Dynamic,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub voter_kind: VoterKind,
    /// Nodes that vote at the beginning.
    pub voters: usize,
    /// Nodes that may become voters, and do not vote at the beginning.
    pub spare_controllers: usize,
    /// Nodes that never vote.
    pub brokers: usize,
    pub auto_join: bool,
    /// Messages go over the wire, in the versions that both ends know.
    pub over_the_wire: bool,
    /// Some static voters know old versions only: no pre-vote, no directories.
    pub old_versions: bool,
    pub delay_max: u64,
    pub lost_per_mille: u64,
    pub doubled_per_mille: u64,
    /// Some messages take this long.
    pub straggler_delay: u64,
    pub straggler_per_mille: u64,
    pub disk_latency_max: u64,
    pub append_period: u64,
    pub fault_period: u64,
    pub snapshot_period: u64,
    pub voter_change_period: u64,
    /// How long faults happen.
    pub faults_until: u64,
    /// A whole disk is lost now and then; its node comes back with another directory.
    pub wipes: bool,
}

impl Options {
    pub fn new(random: &mut Random) -> Self {
        let voter_kind = random.pick(&[
            VoterKind::Static,
            VoterKind::Dynamic,
            VoterKind::Dynamic,
            VoterKind::Dynamic,
            VoterKind::StaticUpgraded,
        ]);
        let is_calm = random.chance(100);
        let voters = random.pick(&[1, 2, 3, 3, 3, 3, 4, 5, 5]);
        let is_dynamic = voter_kind != VoterKind::Static;
        let auto_join = is_dynamic && random.chance(400);
        let over_the_wire = random.chance(250);
        Self {
            voter_kind,
            voters,
            spare_controllers: if is_dynamic { random.index(3) } else { 0 },
            brokers: random.index(2),
            auto_join,
            over_the_wire,
            old_versions: over_the_wire && voter_kind == VoterKind::Static && random.chance(500),
            delay_max: random.pick(&[1, 5, 20, 100]) * MS,
            lost_per_mille: if is_calm { 0 } else { random.pick(&[0, 0, 5, 20, 100, 300]) },
            doubled_per_mille: random.pick(&[0, 10, 100]),
            straggler_delay: random.pick(&[200, 1000, 5000]) * MS,
            straggler_per_mille: random.pick(&[0, 5, 30, 100]),
            disk_latency_max: random.pick(&[1, 5, 50, 400]) * MS,
            append_period: random.pick(&[10, 30, 100, 400]) * MS,
            fault_period: if is_calm { 20 * SECOND } else { random.pick(&[500, 1000, 2000, 4000]) * MS },
            snapshot_period: random.pick(&[500, 2000, 8000]) * MS,
            voter_change_period: random.pick(&[300, 1000, 3000]) * MS,
            faults_until: random.range(20, 40) * SECOND,
            wipes: auto_join && random.chance(600),
        }
    }

    /// Three fixed voters on good machines in one room, and no faults.
    pub fn quiet() -> Self {
        Self {
            voter_kind: VoterKind::Static,
            voters: 3,
            spare_controllers: 0,
            brokers: 0,
            auto_join: false,
            over_the_wire: true,
            old_versions: false,
            delay_max: MS,
            lost_per_mille: 0,
            doubled_per_mille: 0,
            straggler_delay: 0,
            straggler_per_mille: 0,
            disk_latency_max: 5 * MS,
            append_period: 10 * MS,
            fault_period: 1000 * SECOND,
            snapshot_period: SECOND,
            voter_change_period: 1000 * SECOND,
            faults_until: 10_000 * SECOND,
            wipes: false,
        }
    }

    pub fn node_count(&self) -> usize {
        self.voters + self.spare_controllers + self.brokers
    }
}
