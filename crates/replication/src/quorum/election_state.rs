//! The durable part of the quorum's state, and its file `quorum-state`.

use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch, Uuid};
use serde_json::{Map, Value};

use super::voters::{KRaftVersion, ReplicaKey};

/// What a voter must remember over a crash: the epoch, who leads it, and whom it voted for in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionState {
    /// The highest epoch seen.
    pub epoch: LeaderEpoch,
    /// Its leader, if known.
    pub leader: Option<BrokerId>,
    /// The candidate that got our vote in the epoch. No longer kept once the leader is known.
    pub voted: Option<ReplicaKey>,
}

/// Why the content of a `quorum-state` file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ElectionStateError {
    /// It is not one JSON object with the fields of its version.
    #[error("not a quorum state: {0}")]
    Malformed(String),
    /// It was written by a newer program.
    #[error("data_version {0} is not known (0 and 1 are)")]
    UnknownVersion(i64),
}

impl ElectionState {
    /// The state before the first election.
    pub const FIRST: Self = Self { epoch: LeaderEpoch(0), leader: None, voted: None };

    /// The file's content: `data_version` 0 with the voters' ids, or 1 with the voted directory, as the kraft.version
    /// demands. Source: Kafka `FileQuorumStateStore`, `QuorumStateDataJsonConverter`.
    #[must_use]
    pub fn to_json(&self, version: KRaftVersion, voters: impl Iterator<Item = BrokerId>) -> String {
        let leader = self.leader.unwrap_or(BrokerId::NONE);
        let voted = self.voted.map_or(BrokerId::NONE, |voted| voted.id);
        let epoch = self.epoch;
        match version {
            KRaftVersion::Static => {
                let voters: Vec<_> = voters.map(|id| format!("{{\"voterId\":{id}}}")).collect();
                let voters = voters.join(",");
                format!(
                    "{{\"clusterId\":\"\",\"leaderId\":{leader},\"leaderEpoch\":{epoch},\"votedId\":{voted},\
                     \"appliedOffset\":0,\"currentVoters\":[{voters}],\"data_version\":0}}"
                )
            }
            KRaftVersion::Reconfigurable => {
                let directory = self.voted.and_then(|voted| voted.directory_id).unwrap_or_default();
                format!(
                    "{{\"leaderId\":{leader},\"leaderEpoch\":{epoch},\"votedId\":{voted},\
                     \"votedDirectoryId\":\"{directory}\",\"data_version\":1}}"
                )
            }
        }
    }

    /// Reads the file's content, with the ids of the voters that version 0 holds beside the state. Only the first line
    /// counts, as in Kafka.
    pub fn from_json(text: &str) -> Result<(Self, Vec<BrokerId>), ElectionStateError> {
        let line = text.lines().next().unwrap_or_default();
        let object: Map<String, Value> =
            serde_json::from_str(line).map_err(|error| ElectionStateError::Malformed(error.to_string()))?;
        let version = integer(&object, "data_version")?;
        if !(0..=1).contains(&version) {
            return Err(ElectionStateError::UnknownVersion(version));
        }
        let epoch = number(&object, "leaderEpoch")?;
        let leader = id(number(&object, "leaderId")?);
        let voted_id = id(number(&object, "votedId")?);
        let directory_id = if version == 1 { voted_directory(&object)? } else { None };
        let voted = voted_id.map(|id| ReplicaKey { id, directory_id });
        // A negative epoch is Kafka's "none yet": the first one of an election is 1 either way.
        Ok((Self { epoch: LeaderEpoch(epoch.max(0)), leader, voted }, current_voters(&object)?))
    }
}

fn current_voters(object: &Map<String, Value>) -> Result<Vec<BrokerId>, ElectionStateError> {
    let voters = object.get("currentVoters").and_then(Value::as_array);
    let voter = |voter: &Value| {
        let object = voter.as_object();
        let object = object.ok_or_else(|| ElectionStateError::Malformed("a voter is no object".into()))?;
        number(object, "voterId").map(BrokerId)
    };
    voters.into_iter().flatten().map(voter).collect()
}

fn id(raw: i32) -> Option<BrokerId> {
    (raw >= 0).then_some(BrokerId(raw))
}

fn integer(object: &Map<String, Value>, field: &str) -> Result<i64, ElectionStateError> {
    let value = object.get(field).and_then(Value::as_i64);
    value.ok_or_else(|| ElectionStateError::Malformed(format!("no integer `{field}`")))
}

fn number(object: &Map<String, Value>, field: &str) -> Result<i32, ElectionStateError> {
    let value = i32::try_from(integer(object, field)?);
    value.map_err(|_| ElectionStateError::Malformed(format!("`{field}` does not fit 32 bits")))
}

fn voted_directory(object: &Map<String, Value>) -> Result<Option<DirectoryId>, ElectionStateError> {
    let malformed = || ElectionStateError::Malformed("no uuid `votedDirectoryId`".into());
    let text = object.get("votedDirectoryId").and_then(Value::as_str).ok_or_else(malformed)?;
    let directory: Uuid = text.parse().map_err(|_| malformed())?;
    Ok((!directory.is_zero()).then_some(DirectoryId(directory)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LED: ElectionState =
        ElectionState { epoch: LeaderEpoch(1), leader: Some(BrokerId(1)), voted: None };

    fn voted() -> ElectionState {
        let directory: Uuid = "8iDmb7qXRf6M6K97rN1vHg".parse().unwrap();
        let candidate = ReplicaKey { id: BrokerId(3), directory_id: Some(DirectoryId(directory)) };
        ElectionState { epoch: LeaderEpoch(7), leader: None, voted: Some(candidate) }
    }

    #[test]
    fn the_file_is_kafkas_to_the_byte() {
        // Both written by Apache Kafka 4.3.1.
        assert_eq!(
            LED.to_json(KRaftVersion::Reconfigurable, std::iter::empty()),
            r#"{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}"#
        );
        assert_eq!(
            LED.to_json(KRaftVersion::Static, [BrokerId(1)].into_iter()),
            r#"{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}"#
        );
    }

    #[test]
    fn the_state_survives_its_file() {
        for state in [ElectionState::FIRST, LED, voted()] {
            let text = state.to_json(KRaftVersion::Reconfigurable, std::iter::empty());
            assert_eq!(ElectionState::from_json(&text).unwrap(), (state, vec![]));
        }
        // Version 0 has no directories.
        let voters = vec![BrokerId(1), BrokerId(3)];
        let text = voted().to_json(KRaftVersion::Static, voters.iter().copied());
        let candidate = ReplicaKey { id: BrokerId(3), directory_id: None };
        let state = ElectionState { voted: Some(candidate), ..voted() };
        assert_eq!(ElectionState::from_json(&text).unwrap(), (state, voters));
    }

    #[test]
    fn other_content_is_refused() {
        for text in [
            "",
            "\n",
            "[]",
            "{}",
            "{\"data_version\":0}",
            "{\"leaderId\":1,\"leaderEpoch\":99999999999,\"votedId\":-1,\"data_version\":0}",
            "{\"leaderId\":1,\"leaderEpoch\":1,\"votedId\":-1,\"data_version\":1}",
            "{\"leaderId\":1,\"leaderEpoch\":1,\"votedId\":-1,\"currentVoters\":[7],\"data_version\":0}",
            "{\"leaderId\":\"1\",\"leaderEpoch\":1,\"votedId\":-1,\"data_version\":0}",
        ] {
            assert!(
                matches!(ElectionState::from_json(text), Err(ElectionStateError::Malformed(_))),
                "{text}"
            );
        }
        let newer = "{\"leaderId\":1,\"leaderEpoch\":1,\"votedId\":-1,\"data_version\":2}";
        assert!(matches!(ElectionState::from_json(newer), Err(ElectionStateError::UnknownVersion(2))));
        let deep = format!("{{\"data_version\":{}", "[".repeat(100_000));
        assert!(ElectionState::from_json(&deep).is_err());
    }
}
