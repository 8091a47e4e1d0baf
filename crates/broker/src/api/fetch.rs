//! Fetch: stretches of logs to consumers.
//!
//! A request is answered at once if there is enough to send, or something is wrong; else it waits in the purgatory until
//! its partitions have more, or its time is up. Records leave as regions of log files.
//! Source: Kafka `KafkaApis.handleFetchRequest`, `ReplicaManager.fetchMessages`, `DelayedFetch`.

use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::PartitionId;
use ottla_protocol::wire::DecodeError;
use ottla_storage::log::ColdRead;

use super::fetch_request::{self, FetchParams};
use super::fetch_response;
use crate::effect::ShardId;
use crate::fetch_session::{FetchContext, FetchTarget};
use crate::job::Job;
use crate::purgatory::ParkedId;
use crate::response::{Answer, ResponseSink};
use crate::shard::{Peer, RequestOrigin, Shard, ShardEffect, Waiting};

mod peers;
mod read;

use peers::PeerPart;
pub(crate) use peers::{PeerRead, Watch, changed, read_by_peer, read_for_peer, tell_watcher, watch_for_peer};
use read::{Access, Read, Reader, failed, read_one};
pub(crate) use read::{Fetched, resolve};

/// A Fetch that waits, or what another shard's Fetch wants of this one.
pub(crate) struct Parked {
    asker: Asker,
    params: FetchParams,
    targets: Vec<FetchTarget>,
    /// What other shards have of it.
    peers: Vec<PeerPart>,
    /// From then on anything is enough.
    deadline: Monotonic,
    /// A read from the disk is under way for it: it is looked at when that has ended.
    is_warming: bool,
}

/// Who waits for what is read.
enum Asker {
    Client(RequestOrigin, FetchContext),
    Shard(ShardId, ParkedId),
}

/// How long a fetch waits for the disk at most, whatever its client wants.
const DISK_WAIT: Duration = Duration::from_secs(30);
/// How long it waits for another shard, which waits for the disk.
const PEER_WAIT: Duration = Duration::from_secs(35);
/// Most record bytes of one response, whatever the config says: its size must fit a frame.
const RESPONSE_BYTES_MAX: i32 = 1 << 30;

/// Reads of several partitions.
struct ReadAll {
    fetched: Vec<Fetched>,
    bytes: u64,
    /// Something other than records must be said at once, or there is no room for more.
    is_urgent: bool,
    /// A read that waits for the disk, and where.
    cold: Option<ColdRead>,
}

/// Handles a request. Errors: its body cannot be read.
pub(crate) fn handle(
    shard: &mut Shard,
    origin: RequestOrigin,
    frame: &[u8],
    body_start: usize,
    sink: &mut ResponseSink,
    now: Now,
) -> Result<Answer, DecodeError> {
    let (mut params, session) = fetch_request::read(frame, body_start, origin.context.api_version)?;
    params.bytes_max = params.bytes_max.min(shard.config.network.fetch_bytes_max).min(RESPONSE_BYTES_MAX);
    params.bytes_min = params.bytes_min.min(params.bytes_max);
    let (context, targets) = match shard.sessions.begin(session, now.mono) {
        Ok(begun) => begun,
        Err(error) => {
            fetch_response::encode_error(&origin, error, sink);
            return Ok(Answer::Ready);
        }
    };
    let deadline = now.mono + Duration::from_millis(u64::try_from(params.wait_ms_max).unwrap_or(0));
    let peers = peers::parts(shard, &targets);
    let asker = Asker::Client(origin, context);
    let mut parked = Parked { asker, params, targets, peers, deadline, is_warming: false };
    if !parked.peers.is_empty() {
        let waiter = park(shard, parked, None, now);
        peers::ask_all(shard, waiter);
        return Ok(Answer::Later);
    }
    let read = read_all(shard, &mut parked, Access::Cached, now);
    if read.cold.is_none()
        && is_enough(&parked, &read, now)
        && let Asker::Client(origin, context) = &parked.asker
    {
        fetch_response::encode(shard, origin, context, &parked.targets, read.fetched, sink);
        return Ok(Answer::Ready);
    }
    park(shard, parked, read.cold, now);
    Ok(Answer::Later)
}

fn is_enough(parked: &Parked, read: &ReadAll, now: Now) -> bool {
    parked.deadline <= now.mono
        || read.is_urgent
        || read.bytes >= u64::try_from(parked.params.bytes_min).unwrap_or(0)
}

impl Parked {
    /// Whether another shard still reads for it.
    fn awaits_peer(&self) -> bool {
        self.peers.iter().any(|part| part.fetched.is_none())
    }

    /// Whether something that is under way must end before anything else can be decided.
    fn is_blocked(&self) -> bool {
        self.is_warming || self.awaits_peer()
    }

    /// When to look again at the latest.
    fn look_again_at(&self, now: Now) -> Monotonic {
        let wait = match (self.awaits_peer(), self.is_warming) {
            (true, _) => PEER_WAIT,
            (false, true) => DISK_WAIT,
            (false, false) => return self.deadline,
        };
        self.deadline.max(now.mono + wait)
    }
}

fn park(shard: &mut Shard, mut parked: Parked, cold: Option<ColdRead>, now: Now) -> ParkedId {
    parked.is_warming = cold.is_some();
    let deadline = parked.look_again_at(now);
    let (connection, ids) = match &parked.asker {
        Asker::Client(origin, _) => (Some(origin.request.connection), own_partitions(shard, &parked.targets)),
        // Whoever asks for another shard waits for no records.
        Asker::Shard(..) => (None, Vec::new()),
    };
    let waiter = shard.purgatory.park(Waiting::Fetch(Box::new(parked)), deadline, connection);
    if let Some(read) = cold {
        shard.push(ShardEffect::Run(Job::Warm { waiter, read }));
    }
    for id in ids {
        if let Some(partition) = shard.partitions.get_mut(&id) {
            partition.await_records(waiter, |id| shard.purgatory.contains(id));
        }
    }
    waiter
}

fn own_partitions(shard: &Shard, targets: &[FetchTarget]) -> Vec<PartitionId> {
    let ids = targets.iter().filter_map(|target| resolve(shard, target).ok());
    ids.filter(|id| shard.is_owner(*id)).collect()
}

/// What a request needs is in the page cache by now.
pub(crate) fn warmed(shard: &mut Shard, waiter: ParkedId, now: Now) {
    if let Some(Waiting::Fetch(parked)) = shard.purgatory.get_mut(waiter) {
        parked.is_warming = false;
        retry(shard, waiter, now);
    }
}

/// Looks whether a waiting request has enough by now, and answers it then. Returns whether it still waits.
pub(crate) fn retry(shard: &mut Shard, waiter: ParkedId, now: Now) -> bool {
    let place = match shard.purgatory.get_mut(waiter) {
        Some(Waiting::Fetch(place)) => place,
        Some(Waiting::Watch(_)) => {
            if let Some(Waiting::Watch(watch)) = shard.purgatory.take(waiter) {
                tell_watcher(shard, watch);
            }
            return false;
        }
        _ => return false,
    };
    if place.is_blocked() {
        return true;
    }
    // The request is put back below if it still waits; meanwhile its place stands for it.
    let stand_in = Parked {
        asker: Asker::Shard(shard.id, waiter),
        params: place.params,
        targets: Vec::new(),
        peers: Vec::new(),
        deadline: place.deadline,
        is_warming: false,
    };
    let mut parked = std::mem::replace(&mut **place, stand_in);
    let mut read = read_all(shard, &mut parked, Access::Cached, now);
    if let Some(read) = read.cold.take() {
        parked.is_warming = true;
        shard.push(ShardEffect::Run(Job::Warm { waiter, read }));
    } else if is_enough(&parked, &read, now) {
        shard.purgatory.take(waiter);
        respond(shard, parked, read.fetched);
        return false;
    }
    peers::keep(shard, waiter, &mut parked, read.fetched, now);
    let deadline = parked.look_again_at(now);
    if let Some(Waiting::Fetch(place)) = shard.purgatory.get_mut(waiter) {
        **place = parked;
    }
    shard.purgatory.set_deadline(waiter, deadline);
    true
}

/// Answers with what there is: a partition that the request waits for is gone, or led elsewhere. What is under way ends
/// first.
pub(crate) fn conclude(shard: &mut Shard, waiter: ParkedId, now: Now) {
    match shard.purgatory.get_mut(waiter) {
        Some(Waiting::Fetch(parked)) if parked.is_blocked() => parked.deadline = now.mono,
        Some(Waiting::Fetch(_)) => {
            if let Some(Waiting::Fetch(parked)) = shard.purgatory.take(waiter) {
                finish(shard, *parked, now);
            }
        }
        _ => {
            retry(shard, waiter, now);
        }
    }
}

/// Answers with what there is: the time is up. Waits for the disk if need be.
pub(crate) fn finish(shard: &mut Shard, mut parked: Parked, now: Now) {
    let read = read_all(shard, &mut parked, Access::Wait, now);
    respond(shard, parked, read.fetched);
}

fn respond(shard: &mut Shard, parked: Parked, fetched: Vec<Fetched>) {
    match parked.asker {
        Asker::Client(origin, context) => {
            let mut sink = ResponseSink::default();
            fetch_response::encode(shard, &origin, &context, &parked.targets, fetched, &mut sink);
            shard.respond(origin.request, sink);
        }
        Asker::Shard(other, waiter) => shard.tell(other, Peer::ReadDone { waiter, fetched }),
    }
}

/// Reads this shard's partitions, and puts what other shards have read in its places.
fn read_all(shard: &mut Shard, parked: &mut Parked, access: Access, now: Now) -> ReadAll {
    let mut room = u64::try_from(parked.params.bytes_max).unwrap_or(0);
    let count = parked.targets.len();
    let mut all = ReadAll { fetched: Vec::with_capacity(count), bytes: 0, is_urgent: false, cold: None };
    let mut by_peers = peers::take_fetched(shard, parked);
    // Partitions that do not exist end nobody's wait for those that do: the client would ask again at once.
    let mut exists_any = false;
    for (place, target) in parked.targets.iter().enumerate() {
        let is_first = all.bytes == 0;
        let fetched = if let Some(mut fetched) = by_peers.get_mut(place).and_then(Option::take) {
            exists_any = true;
            let size = fetched.region.as_ref().map_or(0, |region| u64::from(region.size));
            if size > room && !is_first {
                fetched.region = None;
                all.is_urgent = true;
            }
            all.is_urgent |= fetched.is_special();
            fetched
        } else {
            let reader = Reader { params: &parked.params, room, is_first, access, now };
            let id = resolve(shard, target);
            exists_any |= id.is_ok();
            let read = id.and_then(|id| read_one(shard, id, target, &reader));
            let fetched = match read {
                Ok(Read::Done(fetched)) => fetched,
                Ok(Read::Cold(cold)) => {
                    all.cold = all.cold.or(Some(cold));
                    Fetched::default()
                }
                Err(error) => failed(shard, parked.params.version, target, error),
            };
            all.is_urgent |= id.is_ok() && fetched.is_special();
            fetched
        };
        let size = fetched.region.as_ref().map_or(0, |region| u64::from(region.size));
        room = room.saturating_sub(size);
        all.bytes += size;
        all.fetched.push(fetched);
    }
    all.is_urgent |= !exists_any;
    all
}

/// What is said of a partition whose shard does not answer: the client asks again.
fn unanswered(shard: &Shard, version: i16, target: &FetchTarget) -> Fetched {
    failed(shard, version, target, ErrorCode::NOT_LEADER_OR_FOLLOWER)
}
