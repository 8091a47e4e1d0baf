//! Which connections are taken: the broker's count of them, shared by the listeners, the shards and the control plane.

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ottla_broker::config::{BrokerConfig, ConfigLayers};
use ottla_broker::connection_quota::{ConnectionLimits, ConnectionQuota, ConnectionRefusal};
use tokio::sync::Notify;

/// The count, and whoever waits for a slot.
pub(super) struct Admission {
    quota: Mutex<ConnectionQuota>,
    slot_is_free: Notify,
}

/// A connection that is counted in. Counted out when it is dropped.
pub(super) struct Admitted {
    admission: Arc<Admission>,
    pub listener: Arc<str>,
    ip: IpAddr,
}

impl Admission {
    pub(super) fn new(config: &BrokerConfig, layers: &ConfigLayers) -> Arc<Self> {
        let quota = Mutex::new(ConnectionQuota::new(limits(config, layers)));
        Arc::new(Self { quota, slot_is_free: Notify::new() })
    }

    /// The configuration has changed.
    pub(super) fn configure(&self, config: &BrokerConfig, layers: &ConfigLayers) {
        let limits = limits(config, layers);
        self.quota().set_limits(limits);
        self.slot_is_free.notify_waiters();
    }

    /// Counts a connection in. Waits for a slot while the broker or the listener has none; `None` if there are too many from this
    /// address.
    pub(super) async fn admit(self: &Arc<Self>, listener: &Arc<str>, ip: IpAddr) -> Option<Admitted> {
        loop {
            let mut freed = std::pin::pin!(self.slot_is_free.notified());
            // From here on a slot that is given back is not missed.
            freed.as_mut().enable();
            match self.quota().admit(listener, ip) {
                Ok(()) => {
                    let (admission, listener) = (Arc::clone(self), Arc::clone(listener));
                    return Some(Admitted { admission, listener, ip });
                }
                Err(ConnectionRefusal::NoSlot) => {}
                Err(refusal @ ConnectionRefusal::TooManyFromIp { .. }) => {
                    tracing::info!(%refusal, "connection refused");
                    return None;
                }
            }
            freed.await;
        }
    }

    fn quota(&self) -> MutexGuard<'_, ConnectionQuota> {
        // The counting does not panic, and if it did the process would end.
        self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Admitted {
    /// Whether there are more connections than `max.connections`.
    pub(super) fn is_too_many(&self) -> bool {
        self.admission.quota().is_exceeded("")
    }

    /// Whether brokers have taken slots of this listener's clients, of whom one must leave.
    pub(super) fn has_displaced(&self, listener: &str) -> bool {
        self.admission.quota().is_exceeded(listener)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.admission.quota().release(&self.listener, self.ip);
        self.admission.slot_is_free.notify_waiters();
    }
}

fn limits(config: &BrokerConfig, layers: &ConfigLayers) -> ConnectionLimits {
    ConnectionLimits::new(config, layers, |host| {
        (host, 0)
            .to_socket_addrs()
            .ok()
            .and_then(|mut addresses| addresses.next())
            .map(|address| address.ip())
    })
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    use ottla_broker::config::StaticConfig;

    use super::*;

    fn admission(extra: &[(&str, &str)]) -> Arc<Admission> {
        let mut configs = vec![
            ("node.id", "1"),
            ("process.roles", "broker,controller"),
            ("controller.listener.names", "C"),
            ("listeners", "PLAINTEXT://localhost:9092,C://localhost:9093"),
            ("controller.quorum.voters", "1@localhost:9093"),
        ];
        configs.extend(extra);
        let layers = ConfigLayers::of_static(Arc::new(StaticConfig::from_iter(configs)));
        Admission::new(&BrokerConfig::resolve(&layers).unwrap(), &layers)
    }

    fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn whoever_finds_no_slot_waits_for_one() {
        let admission = admission(&[("max.connections", "1")]);
        let (listener, ip) = (Arc::from("PLAINTEXT"), IpAddr::from([127, 0, 0, 1]));
        let mut first = std::pin::pin!(admission.admit(&listener, ip));
        let Poll::Ready(Some(admitted)) = poll(first.as_mut()) else { panic!("the first comes in") };
        let mut second = std::pin::pin!(admission.admit(&listener, ip));
        assert!(poll(second.as_mut()).is_pending());
        drop(admitted);
        assert!(poll(second.as_mut()).is_ready());
    }

    #[test]
    fn too_many_from_one_address_are_turned_away_at_once() {
        let admission = admission(&[("max.connections.per.ip", "1")]);
        let (listener, ip) = (Arc::from("PLAINTEXT"), IpAddr::from([127, 0, 0, 1]));
        let mut first = std::pin::pin!(admission.admit(&listener, ip));
        let Poll::Ready(Some(_admitted)) = poll(first.as_mut()) else { panic!("the first comes in") };
        let mut second = std::pin::pin!(admission.admit(&listener, ip));
        assert!(matches!(poll(second.as_mut()), Poll::Ready(None)));
        let mut other = std::pin::pin!(admission.admit(&listener, IpAddr::from([127, 0, 0, 2])));
        assert!(matches!(poll(other.as_mut()), Poll::Ready(Some(_))));
    }
}
