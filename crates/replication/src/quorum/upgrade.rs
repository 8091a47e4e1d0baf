//! From static voters to voters that change: the upgrade of the feature `kraft.version` from 0 to 1.
//!
//! Under version 0 the log does not know the voters' directories and versions; each voter tells them to each new leader
//! (UpdateRaftVoter), which keeps them in memory. Once all are known and all support version 1, one batch writes the
//! version and the voters. Source: KIP-853, KIP-1155; Kafka `LeaderState.maybeAppendUpgradedKRaftVersion`.

use ottla_protocol::types::LeaderEpoch;

use super::Quorum;
use super::control::ControlRecord;
use super::role::State;
use super::voters::KRaftVersion;

/// Why the feature `kraft.version` cannot have a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeError {
    /// This replica does not lead the epoch.
    #[error("not the leader of epoch {epoch}")]
    NotLeader {
        /// The epoch in which the upgrade was wanted.
        epoch: LeaderEpoch,
    },
    /// Voters do not go back into the configuration.
    #[error("kraft.version cannot go back from {from} to {to}")]
    Downgrade {
        /// The level that counts.
        from: i16,
        /// The level that was wanted.
        to: i16,
    },
    /// A voter does not support the level, or has not told which it supports.
    #[error("voter {voter} is not known to support kraft.version {to}")]
    Unsupported {
        /// The voter.
        voter: i32,
        /// The level that was wanted.
        to: i16,
    },
}

impl Quorum {
    /// Writes the level of `kraft.version` into the log, with the voters as they have told of themselves. Whether there
    /// is anything to write; with `validate_only` nothing is.
    ///
    /// Errors: the level cannot be had.
    pub fn upgrade_kraft_version(
        &mut self,
        epoch: LeaderEpoch,
        version: KRaftVersion,
        validate_only: bool,
    ) -> Result<bool, UpgradeError> {
        let current = self.membership.kraft_version();
        let State::Leader(leader) = &self.state else { return Err(UpgradeError::NotLeader { epoch }) };
        if epoch != self.election.epoch {
            return Err(UpgradeError::NotLeader { epoch });
        }
        if version < current {
            return Err(UpgradeError::Downgrade { from: current.level(), to: version.level() });
        }
        if version == current || leader.is_voters_record_pending {
            return Ok(false);
        }
        let voters = leader.in_memory_voters.as_ref().unwrap_or_else(|| self.membership.voters());
        let is_unknown = |voter: &&super::Voter| voter.key.directory_id.is_none() || !voter.supports(version);
        if let Some(voter) = voters.voters().find(is_unknown) {
            return Err(UpgradeError::Unsupported { voter: voter.key.id.0, to: version.level() });
        }
        if !validate_only {
            let records = ControlRecord::membership(version, voters).to_vec();
            self.append_membership(records);
        }
        Ok(true)
    }
}
