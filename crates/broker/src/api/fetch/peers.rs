//! A Fetch whose partitions several shards have.
//!
//! ```text
//! connection's shard                       partition's shard
//!   Read, to each shard        ───►          reads, from the disk if need be
//!   enough? answers            ◄───          ReadDone: regions of files, no bytes
//!   else: Watch                ───►          waits for another high watermark
//!   Read again, there only     ◄───          Changed
//! ```

use std::time::Duration;

use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, PartitionId};

use super::{Access, Asker, Fetched, Parked, is_enough, read_all, resolve, respond, retry, unanswered};
use crate::api::fetch_request::FetchParams;
use crate::effect::ShardId;
use crate::fetch_session::FetchTarget;
use crate::purgatory::ParkedId;
use crate::shard::{Peer, Shard, Waiting};

/// What one other shard has of a request.
pub(super) struct PeerPart {
    shard: ShardId,
    /// Indexes of its partitions in the request.
    places: Vec<usize>,
    /// What it has read, in the same order; `None` while it reads.
    pub fetched: Option<Vec<Fetched>>,
    /// It will tell when there is more.
    is_watching: bool,
}

/// Partitions of another shard to read.
pub(crate) struct PeerRead {
    waiter: ParkedId,
    params: FetchParams,
    targets: Vec<FetchTarget>,
}

/// Another shard's fetch that waits for news of partitions here.
#[derive(Clone, Copy)]
pub(crate) struct Watch {
    shard: ShardId,
    waiter: ParkedId,
}

/// Longest that a shard watches for another without a word.
const WATCH_MAX: Duration = Duration::from_secs(60);

/// The parts that other shards have of these targets.
pub(super) fn parts(shard: &Shard, targets: &[FetchTarget]) -> Vec<PeerPart> {
    let mut parts = Vec::<PeerPart>::new();
    if shard.shard_count == 1 {
        return parts;
    }
    for (place, target) in targets.iter().enumerate() {
        let Ok(id) = resolve(shard, target) else { continue };
        let owner = shard.owner(id);
        if owner == shard.id {
            continue;
        }
        match parts.iter_mut().find(|part| part.shard == owner) {
            Some(part) => part.places.push(place),
            None => {
                parts.push(PeerPart { shard: owner, places: vec![place], fetched: None, is_watching: false })
            }
        }
    }
    parts
}

/// Asks the other shards of a parked request for what they have of it.
pub(super) fn ask_all(shard: &mut Shard, waiter: ParkedId) {
    let Some(Waiting::Fetch(parked)) = shard.purgatory.get_mut(waiter) else { return };
    let reads: Vec<_> = parked.peers.iter().map(|part| (part.shard, part.read(waiter, parked))).collect();
    for (other, read) in reads {
        shard.tell(other, Peer::Read(Box::new(read)));
    }
}

impl PeerPart {
    fn read(&self, waiter: ParkedId, parked: &Parked) -> PeerRead {
        let targets = self.places.iter().map(|place| parked.targets[*place].clone());
        PeerRead { waiter, params: parked.params, targets: targets.collect() }
    }
}

/// Reads partitions of this shard for another. The answer comes when the disk has given what is needed.
pub(crate) fn read_for_peer(shard: &mut Shard, from: ShardId, request: PeerRead, now: Now) {
    let PeerRead { waiter, params, targets } = request;
    let asker = Asker::Shard(from, waiter);
    let mut parked =
        Parked { asker, params, targets, peers: Vec::new(), deadline: now.mono, is_warming: false };
    let read = read_all(shard, &mut parked, Access::Cached, now);
    if read.cold.is_some() {
        super::park(shard, parked, read.cold, now);
    } else {
        debug_assert!(is_enough(&parked, &read, now), "whoever reads for another shard waits for no records");
        respond(shard, parked, read.fetched);
    }
}

/// Another shard has read its part of a request.
pub(crate) fn read_by_peer(
    shard: &mut Shard,
    waiter: ParkedId,
    from: ShardId,
    fetched: Vec<Fetched>,
    now: Now,
) {
    let Some(Waiting::Fetch(parked)) = shard.purgatory.get_mut(waiter) else { return };
    if let Some(part) = parked.peers.iter_mut().find(|part| part.shard == from) {
        part.fetched = Some(fetched);
        retry(shard, waiter, now);
    }
}

/// What other shards have read, by place in the request; of shards that have not answered, the error.
pub(super) fn take_fetched(shard: &Shard, parked: &mut Parked) -> Vec<Option<Fetched>> {
    let mut by_place = Vec::new();
    if parked.peers.is_empty() {
        return by_place;
    }
    by_place.resize_with(parked.targets.len(), || None);
    for part in &mut parked.peers {
        let fetched = part.fetched.take();
        let mut fetched = fetched.into_iter().flatten();
        for place in &part.places {
            let missing = || unanswered(shard, parked.params.version, &parked.targets[*place]);
            by_place[*place] = Some(fetched.next().unwrap_or_else(missing));
        }
    }
    by_place
}

/// The request goes on waiting: keeps what other shards have read, and has them tell when there is more.
pub(super) fn keep(
    shard: &mut Shard,
    waiter: ParkedId,
    parked: &mut Parked,
    mut fetched: Vec<Fetched>,
    now: Now,
) {
    for part in &mut parked.peers {
        let own: Vec<Fetched> =
            part.places.iter().map(|place| std::mem::take(&mut fetched[*place])).collect();
        if !part.is_watching {
            let seen = part.places.iter().zip(&own).filter_map(|(place, fetched)| {
                let id = resolve(shard, &parked.targets[*place]).ok()?;
                Some((id, Offset(fetched.partition.high_watermark)))
            });
            let seen = seen.collect();
            let until = parked.deadline.min(now.mono + WATCH_MAX);
            shard.tell(part.shard, Peer::Watch { waiter, seen, until });
            part.is_watching = true;
        }
        part.fetched = Some(own);
    }
}

/// Begins to watch partitions of this shard for another's fetch.
pub(crate) fn watch_for_peer(
    shard: &mut Shard,
    from: ShardId,
    waiter: ParkedId,
    seen: &[(PartitionId, Offset)],
    until: Monotonic,
) {
    let watch = Watch { shard: from, waiter };
    let is_as_seen = |(id, high_watermark): &(PartitionId, Offset)| {
        let partition = shard.partitions.get(id);
        partition.is_some_and(|partition| partition.is_leader && partition.high_watermark == *high_watermark)
    };
    if !seen.iter().all(is_as_seen) {
        return tell_watcher(shard, watch);
    }
    let watch = shard.purgatory.park(Waiting::Watch(watch), until, None);
    for (id, _) in seen {
        if let Some(partition) = shard.partitions.get_mut(id) {
            partition.await_records(watch, |id| shard.purgatory.contains(id));
        }
    }
}

/// What was watched for another shard has changed, or the time is up.
pub(crate) fn tell_watcher(shard: &mut Shard, watch: Watch) {
    shard.tell(watch.shard, Peer::Changed { waiter: watch.waiter });
}

/// Another shard has news for a request that waits: asks it for them.
pub(crate) fn changed(shard: &mut Shard, waiter: ParkedId, from: ShardId, now: Now) {
    let Some(Waiting::Fetch(parked)) = shard.purgatory.get_mut(waiter) else { return };
    let Some(at) = parked.peers.iter().position(|part| part.shard == from) else { return };
    parked.peers[at].is_watching = false;
    if parked.deadline <= now.mono {
        // Its time is up: it is answered when what is under way has ended, with what was read before.
        return;
    }
    parked.peers[at].fetched = None;
    let read = parked.peers[at].read(waiter, parked);
    let deadline = parked.look_again_at(now);
    shard.purgatory.set_deadline(waiter, deadline);
    shard.tell(from, Peer::Read(Box::new(read)));
}
