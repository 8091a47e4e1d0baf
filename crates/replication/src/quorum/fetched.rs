//! Batches that a follower fetched: which of them it may append, and what they say of the quorum itself.
//!
//! Nothing is believed: each batch must follow the one before it, be whole, have its checksum right, and be of an epoch
//! that is neither below the log's nor above the leader's. What does not pass is left out with all that follows it, and
//! fetched again. Source: Kafka `KafkaRaftClient.appendAsFollower`, `UnifiedLog.appendAsFollower`.

use ottla_protocol::record::batches;
use ottla_protocol::types::{LeaderEpoch, Offset};

use super::control::{self, ControlRecord};
use super::log_state::OffsetAndEpoch;

/// A batch that may be appended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FetchedBatch {
    pub(super) base_offset: Offset,
    pub(super) last_offset: Offset,
    pub(super) epoch: LeaderEpoch,
    pub(super) control: Vec<(Offset, ControlRecord)>,
}

/// The batches at the beginning of `bytes` that may follow `end`, and their size. `leader_epoch` is the leader's.
pub(super) fn acceptable(
    bytes: &[u8],
    end: OffsetAndEpoch,
    leader_epoch: LeaderEpoch,
) -> (Vec<FetchedBatch>, usize) {
    let mut end = end;
    let mut size = 0;
    let mut accepted = Vec::new();
    for batch in batches(bytes).map_while(Result::ok) {
        let header = batch.header();
        let follows = header.base_offset == end.offset && header.last_offset_delta >= 0;
        let is_of_time = (end.epoch..=leader_epoch).contains(&header.leader_epoch);
        if !follows || !is_of_time || batch.verify_crc().is_err() {
            break;
        }
        let Ok(control) = control::records_of(&batch) else { break };
        let last_offset = header.base_offset.plus(i64::from(header.last_offset_delta));
        let (base_offset, epoch) = (header.base_offset, header.leader_epoch);
        accepted.push(FetchedBatch { base_offset, last_offset, epoch, control });
        end = OffsetAndEpoch { epoch, offset: last_offset.next() };
        size += header.size_bytes;
    }
    (accepted, size)
}

#[cfg(test)]
mod tests {
    use ottla_protocol::record::{BatchBuilder, BatchOptions};
    use ottla_protocol::time::Timestamp;

    use super::*;

    fn batch(base_offset: i64, epoch: i32, count: usize) -> Vec<u8> {
        let options = BatchOptions {
            base_offset: Offset(base_offset),
            leader_epoch: LeaderEpoch(epoch),
            ..BatchOptions::default()
        };
        let mut builder = BatchBuilder::new(options);
        for _ in 0..count {
            builder.append(Timestamp(1), None, Some(b"value"), &[]).unwrap();
        }
        builder.build()
    }

    fn accepted(batches: &[Vec<u8>]) -> usize {
        let end = OffsetAndEpoch { epoch: LeaderEpoch(3), offset: Offset(10) };
        let bytes = batches.concat();
        let (accepted, size) = acceptable(&bytes, end, LeaderEpoch(5));
        assert_eq!(size, batches[..accepted.len()].iter().map(Vec::len).sum::<usize>());
        accepted.len()
    }

    #[test]
    fn only_what_follows_the_log_and_is_whole_and_of_its_time_is_taken() {
        let good = [batch(10, 3, 2), batch(12, 5, 1)];
        assert_eq!(accepted(&good), 2);
        assert_eq!(accepted(&[batch(11, 3, 1)]), 0, "a gap");
        assert_eq!(accepted(&[batch(9, 3, 2)]), 0, "an overlap");
        assert_eq!(accepted(&[batch(10, 2, 1)]), 0, "an epoch below the log's");
        assert_eq!(accepted(&[batch(10, 6, 1)]), 0, "an epoch above the leader's");
        assert_eq!(accepted(&[batch(10, 5, 1), batch(11, 4, 1)]), 1, "an epoch that goes back");
        let mut damaged = good.to_vec();
        *damaged[1].last_mut().unwrap() ^= 1;
        assert_eq!(accepted(&damaged), 1, "a wrong checksum");
        let mut cut = good.to_vec();
        cut[1].pop();
        assert_eq!(accepted(&cut), 1, "cut in the middle, as a fetch may be");
    }
}
