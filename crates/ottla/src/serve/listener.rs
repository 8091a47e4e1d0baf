//! Listening sockets: bound before anything else, opened to clients when the broker is ready.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use ottla_broker::config::Listener;

/// A bound listener, with the port that the system gave it.
pub(super) struct BoundListener {
    pub name: Arc<str>,
    pub address: SocketAddr,
    pub sockets: Vec<TcpListener>,
}

/// Binds one listener, with so many connections waiting to be taken (`socket.listen.backlog.size`). A host with several addresses (such as `localhost`) is bound on all of them that work.
pub(super) fn bind(listener: &Listener, backlog: i32) -> anyhow::Result<BoundListener> {
    let host = if listener.host.is_empty() { "0.0.0.0" } else { &listener.host };
    let shown = format!("{host}:{}", listener.port);
    let addresses =
        (host, listener.port).to_socket_addrs().with_context(|| format!("cannot resolve {shown}"))?;
    let mut sockets = Vec::new();
    let mut port = listener.port;
    let mut failure = None;
    for mut address in addresses {
        // The system chooses the port once; the other addresses get the same.
        address.set_port(port);
        match TcpListener::bind(address) {
            Ok(socket) => {
                rustix::net::listen(&socket, backlog).context("cannot listen")?;
                port = socket.local_addr()?.port();
                sockets.push(socket);
            }
            Err(error) => failure = Some(error),
        }
    }
    let is_taken = failure.as_ref().is_some_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
    let Some(first) = sockets.first().filter(|_| !is_taken) else {
        let hint = if is_taken {
            ": is another broker running there? (choose another with --listen HOST:PORT)"
        } else {
            ""
        };
        return Err(failure.map_or_else(|| anyhow!("no address"), anyhow::Error::from))
            .with_context(|| format!("cannot listen on {shown}{hint}"));
    };
    Ok(BoundListener { name: listener.name.as_str().into(), address: first.local_addr()?, sockets })
}
