//! What a shard remembers of one client connection.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::effect::ConnectionId;

/// A connection as its shard knows it: who is at the other end, and what the client said of itself.
#[derive(Clone, Debug)]
pub struct ConnectionState {
    id: ConnectionId,
    peer: SocketAddr,
    listener: Arc<str>,
    /// The last client id of a request, kept so that equal ones share one allocation.
    client_id: Option<Arc<str>>,
}

impl ConnectionState {
    /// A connection that `peer` has just opened through the listener of this name.
    #[must_use]
    pub fn new(id: ConnectionId, peer: SocketAddr, listener: Arc<str>) -> Self {
        Self { id, peer, listener, client_id: None }
    }

    /// The connection's id.
    #[must_use]
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Address and port of the other end.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Name of the listener that the connection came through.
    #[must_use]
    pub fn listener(&self) -> &Arc<str> {
        &self.listener
    }

    /// `client_id` as a shared text: allocated only when it differs from that of the request before.
    pub fn share_client_id(&mut self, client_id: Option<&str>) -> Option<Arc<str>> {
        if self.client_id.as_deref() != client_id {
            self.client_id = client_id.map(Arc::from);
        }
        self.client_id.clone()
    }
}
