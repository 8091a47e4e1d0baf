//! The rules of a partition's queue, against a model of the leader and its faults.

use std::collections::BTreeMap;

use super::*;
use crate::random::Random;
use ottla_protocol::record::{BatchView, records};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::ProducerId;

fn limits() -> Limits {
    Limits {
        batch_size: 200,
        linger: Duration::from_millis(5),
        in_flight_max: 5,
        delivery_timeout: Duration::from_secs(120),
        is_idempotent: true,
        is_transactional: false,
        codec: Codec::default(),
    }
}

const BACKOFF: Duration = Duration::from_millis(100);
const IDENTITY: ProducerIdentity =
    ProducerIdentity { id: ProducerId(9), epoch: ProducerEpoch(0), is_transactional: false };

type Queue = PartitionQueue<u32, &'static str>;

fn append(queue: &mut Queue, ticket: u32, id: BatchId, now: Instant) -> Appended {
    let value = format!("{ticket:060}");
    queue.append(ticket, 100, id, now, |builder| {
        builder.append(Timestamp(0), None, Some(value.as_bytes()), &[]).is_ok()
    })
}

/// What a partition's leader knows of one producer: the rules of idempotence of Kafka 4.
#[derive(Default)]
struct Leader {
    log: Vec<u32>,
    /// Epoch, and first and last sequence of the last five batches.
    state: Option<(i16, VecDeque<(i32, i32)>)>,
}

impl Leader {
    /// Appends a batch, or says why not.
    fn produce(&mut self, taken: &Taken, bytes: &[u8]) -> Verdict {
        let view = BatchView::first_of(bytes).unwrap();
        let count = view.header().record_count;
        let range = (taken.base_sequence, increment_sequence(taken.base_sequence, count - 1));
        let epoch = taken.identity.unwrap().epoch.0;
        match &self.state {
            Some((known, _)) if epoch < *known => return Verdict::Fenced,
            Some((known, _)) if epoch > *known => {
                if range.0 != 0 {
                    return Verdict::SequenceGap;
                }
                self.state = Some((epoch, VecDeque::new()));
            }
            Some((_, batches)) if batches.contains(&range) => return Verdict::Written,
            Some((_, batches)) => {
                let next = batches.back().map_or(0, |&(_, last)| increment_sequence(last, 1));
                if range.0 != next {
                    return Verdict::SequenceGap;
                }
            }
            None => self.state = Some((epoch, VecDeque::new())),
        }
        let (_, batches) = self.state.as_mut().unwrap();
        batches.push_back(range);
        if batches.len() > 5 {
            batches.pop_front();
        }
        for record in records(view.records_bytes(), count) {
            let value = String::from_utf8(record.unwrap().value.unwrap().to_vec()).unwrap();
            self.log.push(value.parse().unwrap());
        }
        Verdict::Written
    }
}

/// What the network and the broker do to one batch.
fn fault(random: &mut Random, is_calm: bool) -> Option<(bool, Verdict)> {
    if is_calm {
        return None;
    }
    match random.below(20) {
        // Lost on the way there.
        0 | 1 => Some((false, Verdict::Unknown)),
        // Lost on the way back.
        2 | 3 => Some((true, Verdict::Unknown)),
        4 | 5 => Some((false, Verdict::Refused)),
        6 => Some((false, Verdict::Rejected)),
        7 => Some((false, Verdict::TooLarge)),
        8 => Some((true, Verdict::Failed)),
        _ => None,
    }
}

/// Drives a queue with 300 records against a leader through random faults, and returns the leader's log with what the
/// queue said of each record: `true` if it was written.
fn run(seed: u64) -> (Vec<u32>, BTreeMap<u32, bool>) {
    let mut random = Random::seeded(seed);
    let mut queue = Queue::new(Limits { in_flight_max: 1 + random.below(5), ..limits() });
    let mut leader = Leader::default();
    let mut told = BTreeMap::new();
    let mut now = Instant::now();
    let mut next_id = 0;
    let mut next_ticket = 0;
    let mut network: VecDeque<Taken> = VecDeque::new();
    let mut finished = Vec::new();
    queue.set_identity(IDENTITY);
    for step in 0..100_000 {
        if next_ticket == 300 && queue.is_empty() {
            break;
        }
        let is_calm = step > 4_000;
        now += Duration::from_millis(1 + random.below(20) as u64);
        next_id += 2;
        if queue.needs_identity() {
            queue.set_identity(ProducerIdentity { id: ProducerId(10), epoch: ProducerEpoch(7), ..IDENTITY });
        }
        if next_ticket < 300 && random.below(3) > 0 {
            assert_ne!(append(&mut queue, next_ticket, next_id, now), Appended::Refused);
            next_ticket += 1;
        }
        if random.below(200) == 0 && !is_calm {
            now += Duration::from_secs(121);
            queue.expire(now, &mut finished);
        }
        while let Some(taken) = queue.take(now, random.below(4) == 0, &mut finished) {
            network.push_back(taken);
        }
        if random.below(2) == 0
            && let Some(mut taken) = network.pop_front()
        {
            let bytes = std::mem::replace(&mut taken.payload, Payload::Bytes(Vec::new())).into_bytes();
            let verdict = match fault(&mut random, is_calm) {
                Some((reaches_the_leader, verdict)) => {
                    if reaches_the_leader {
                        leader.produce(&taken, &bytes);
                    }
                    verdict
                }
                None => leader.produce(&taken, &bytes),
            };
            let attempt = Attempt { id: taken.id, verdict, error: "fault", bytes };
            queue.complete(attempt, next_id + 1, now, BACKOFF, &mut finished);
        }
        for done in finished.drain(..) {
            for ticket in done.tickets {
                assert_eq!(told.insert(ticket, done.failure.is_none()), None, "record {ticket} ended twice");
            }
        }
    }
    assert!(queue.is_empty(), "seed {seed}: the queue never empties");
    (leader.log, told)
}

#[test]
fn through_all_faults_every_written_record_is_in_the_log_once_and_in_order() {
    for seed in 0..500 {
        let (log, told) = run(seed);
        assert_eq!(told.len(), 300, "seed {seed}: every record ends");
        assert!(log.is_sorted_by(|a, b| a < b), "seed {seed}: doubled or out of order: {log:?}");
        let missing: Vec<_> =
            told.iter().filter(|&(ticket, written)| *written && !log.contains(ticket)).collect();
        assert_eq!(missing, [], "seed {seed}: said to be written, and are not");
    }
}

#[test]
fn an_open_batch_goes_when_it_is_full_old_or_flushed() {
    let now = Instant::now();
    let mut finished = Vec::new();
    let mut queue = Queue::new(Limits { is_idempotent: false, ..limits() });
    assert_eq!(append(&mut queue, 0, 1, now), Appended::InNewBatch);
    assert!(queue.take(now, false, &mut finished).is_none());
    assert_eq!(queue.deadline(now), Some(now + Duration::from_millis(5)));
    let old = queue.take(now + Duration::from_millis(5), false, &mut finished);
    assert_eq!(old.map(|taken| taken.id), Some(1));
    append(&mut queue, 1, 2, now);
    assert_eq!(queue.take(now, true, &mut finished).map(|taken| taken.id), Some(2));
    for (ticket, id) in [(2, 3), (3, 4), (4, 5)] {
        append(&mut queue, ticket, id, now);
    }
    assert_eq!(queue.take(now, false, &mut finished).map(|taken| taken.id), Some(3));
}

#[test]
fn nothing_is_sent_while_a_failed_batch_waits_for_those_behind_it() {
    let now = Instant::now();
    let later = now + BACKOFF;
    let mut finished = Vec::new();
    let mut queue = Queue::new(limits());
    queue.set_identity(IDENTITY);
    let mut flying = VecDeque::new();
    for id in 1..=3 {
        append(&mut queue, u32::try_from(id).unwrap(), id, now);
        queue.is_established = true;
        flying.extend(queue.take(now, true, &mut finished));
    }
    let mut fail = |queue: &mut Queue, verdict| {
        let taken = flying.pop_front().unwrap();
        let attempt = Attempt { id: taken.id, verdict, error: "e", bytes: taken.payload.into_bytes() };
        queue.complete(attempt, 100, now, BACKOFF, &mut Vec::new());
    };
    fail(&mut queue, Verdict::Refused);
    assert!(queue.take(later, true, &mut finished).is_none());
    fail(&mut queue, Verdict::SequenceGap);
    fail(&mut queue, Verdict::SequenceGap);
    assert!(queue.take(now, true, &mut finished).is_none());
    let again: Vec<(BatchId, i32)> = std::iter::from_fn(|| queue.take(later, true, &mut finished))
        .map(|taken| (taken.id, taken.base_sequence))
        .collect();
    assert_eq!(again, [(1, 0), (2, 1), (3, 2)]);
    assert_eq!(finished, []);
}

#[test]
fn sequences_wrap_to_zero() {
    assert!(is_after(0, i32::MAX));
    assert!(is_after(5, i32::MAX - 5));
    assert!(!is_after(i32::MAX, 0));
    assert!(!is_after(3, 3));
}
