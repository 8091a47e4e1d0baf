//! Requests that coordinators are answering: each taken apart into questions to single coordinators, which may be on other
//! shards, and put together again when the last question is answered.

use std::collections::BTreeMap;

use ottla_coordinator::group::RequestToken;

use crate::effect::ShardId;
use crate::shard::RequestOrigin;

/// One part of a request on its way through a coordinator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// The shard that gathers the parts.
    pub shard: ShardId,
    /// Its name for the request.
    pub gather: GatherId,
    /// The part's place.
    pub index: usize,
}

/// A request and the parts of its answer.
struct Gather<K, R> {
    origin: RequestOrigin,
    kind: K,
    parts: Vec<Option<R>>,
    missing: usize,
}

/// Names a request whose answer one shard gathers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GatherId(u64);

/// What coordinators of one kind on a shard are asked, and the requests whose answers the shard gathers. `K` says how parts
/// become a response, `R` is a part.
pub(crate) struct Gathering<K, R> {
    parts: BTreeMap<u64, Part>,
    gathers: BTreeMap<GatherId, Gather<K, R>>,
    next_token: u64,
    next_gather: u64,
}

impl<K, R> Gathering<K, R> {
    pub fn new() -> Self {
        Self { parts: BTreeMap::new(), gathers: BTreeMap::new(), next_token: 0, next_gather: 0 }
    }

    /// A request of `count` parts, at least one.
    pub fn begin(&mut self, origin: RequestOrigin, kind: K, count: usize) -> GatherId {
        let id = GatherId(self.next_gather);
        self.next_gather += 1;
        let parts = (0..count).map(|_| None).collect();
        self.gathers.insert(id, Gather { origin, kind, parts, missing: count });
        id
    }

    /// The name under which a coordinator here is asked for a part.
    pub(super) fn ask(&mut self, part: Part) -> RequestToken {
        let token = self.next_token;
        self.next_token += 1;
        self.parts.insert(token, part);
        RequestToken(token)
    }

    /// The part that a coordinator here has answered.
    pub(super) fn take(&mut self, token: RequestToken) -> Option<Part> {
        self.parts.remove(&token.0)
    }

    /// Notes a part's answer. Returns the request with all parts of its answer if this was the last.
    pub fn add(&mut self, gather: GatherId, index: usize, response: R) -> Option<(RequestOrigin, K, Vec<R>)> {
        let gathering = self.gathers.get_mut(&gather)?;
        debug_assert!(gathering.parts[index].is_none(), "a part is answered once");
        gathering.parts[index] = Some(response);
        gathering.missing -= 1;
        if gathering.missing > 0 {
            return None;
        }
        let Gather { origin, kind, parts, .. } = self.gathers.remove(&gather)?;
        Some((origin, kind, parts.into_iter().flatten().collect()))
    }
}
