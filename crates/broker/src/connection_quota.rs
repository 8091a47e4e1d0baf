//! How many connections the broker has, and whether one more may come: the counting behind `max.connections`,
//! `max.connections.per.ip` with its overrides, and `listener.name.NAME.max.connections`.
//!
//! Source: Kafka `ConnectionQuotas` (KIP-402, KIP-612 without rates).

use std::collections::BTreeMap;
use std::net::IpAddr;

use ottla_metadata::config::{BrokerConfig, ConfigLayers, ConfigValue, broker_def};

const MAX_CONNECTIONS: &str = "max.connections";
const PER_IP_OVERRIDES: &str = "max.connections.per.ip.overrides";

/// How many connections there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// On the whole broker (`max.connections`). The listener between brokers is not held back by it.
    pub broker: u32,
    /// Of one address (`max.connections.per.ip`).
    pub per_ip: u32,
    /// Of the addresses that have a limit of their own (`max.connections.per.ip.overrides`).
    pub per_ip_overrides: BTreeMap<IpAddr, u32>,
    /// On each listener (`listener.name.NAME.max.connections`), by its name in upper case. Those for clients and brokers,
    /// not those of the controller.
    pub listeners: BTreeMap<String, u32>,
    /// Name of the listener between brokers.
    pub inter_broker_listener: String,
}

impl ConnectionLimits {
    /// What the configuration says. `resolve` finds the address of a host name in the overrides; a host that has none is
    /// left out.
    #[must_use]
    pub fn new(
        config: &BrokerConfig,
        layers: &ConfigLayers,
        resolve: impl Fn(&str) -> Option<IpAddr>,
    ) -> Self {
        let controllers = &config.node.controller_listener_names;
        let listeners = config.node.listeners.iter().filter(|listener| !controllers.contains(&listener.name));
        let limit = |name: &String| (name.clone(), listener_limit(layers, name));
        Self {
            broker: count(config.network.connections_max),
            per_ip: count(config.network.connections_per_ip_max),
            per_ip_overrides: overrides(layers, resolve),
            listeners: listeners.map(|listener| limit(&listener.name)).collect(),
            inter_broker_listener: config.node.inter_broker_listener.clone(),
        }
    }
}

/// Why a connection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionRefusal {
    /// The broker or the listener has as many as it may have: leave it waiting until one of them is
    /// [released](ConnectionQuota::release).
    #[error("no slot is free")]
    NoSlot,
    /// Its address has as many as it may have: close it at once.
    #[error("too many connections from {ip} (maximum = {max})")]
    TooManyFromIp {
        /// The address.
        ip: IpAddr,
        /// Its limit.
        max: u32,
    },
}

/// The connections that there are, by listener and by address.
#[derive(Clone, Debug)]
pub struct ConnectionQuota {
    limits: ConnectionLimits,
    total: u32,
    by_listener: BTreeMap<String, u32>,
    by_ip: BTreeMap<IpAddr, u32>,
}

impl ConnectionQuota {
    /// No connections yet.
    #[must_use]
    pub fn new(limits: ConnectionLimits) -> Self {
        Self { limits, total: 0, by_listener: BTreeMap::new(), by_ip: BTreeMap::new() }
    }

    /// Other limits take effect. Connections stay, even if there are more than there might be now.
    pub fn set_limits(&mut self, limits: ConnectionLimits) {
        self.limits = limits;
    }

    /// Counts a new connection in, if it may come. `listener` is the name in upper case.
    pub fn admit(&mut self, listener: &str, ip: IpAddr) -> Result<(), ConnectionRefusal> {
        if !self.has_slot(listener) {
            return Err(ConnectionRefusal::NoSlot);
        }
        let ip = ip.to_canonical();
        let max = self.limits.per_ip_overrides.get(&ip).copied().unwrap_or(self.limits.per_ip);
        if self.by_ip.get(&ip).copied().unwrap_or(0) >= max {
            return Err(ConnectionRefusal::TooManyFromIp { ip, max });
        }
        self.total += 1;
        *self.by_ip.entry(ip).or_default() += 1;
        match self.by_listener.get_mut(listener) {
            Some(count) => *count += 1,
            None => {
                self.by_listener.insert(listener.to_owned(), 1);
            }
        }
        Ok(())
    }

    /// Counts a connection out that was admitted.
    pub fn release(&mut self, listener: &str, ip: IpAddr) {
        let ip = ip.to_canonical();
        let (of_listener, of_ip) = (self.by_listener.get_mut(listener), self.by_ip.get_mut(&ip));
        let (Some(of_listener), Some(of_ip)) = (of_listener, of_ip) else {
            debug_assert!(false, "a connection of {ip} on {listener} was not admitted");
            return;
        };
        *of_listener -= 1;
        *of_ip -= 1;
        if *of_listener == 0 {
            self.by_listener.remove(listener);
        }
        if *of_ip == 0 {
            self.by_ip.remove(&ip);
        }
        self.total -= 1;
    }

    /// Whether the listener may take one more connection: where not, it had better not accept.
    #[must_use]
    pub fn has_slot(&self, listener: &str) -> bool {
        let max = self.limits.listeners.get(listener).copied().unwrap_or(u32::MAX);
        self.by_listener.get(listener).copied().unwrap_or(0) < max
            && (self.is_protected(listener) || self.total < self.limits.broker)
    }

    /// Whether brokers have taken slots that clients of this listener have: the connection on it that has been idle
    /// longest is to be closed, one at a time until this is false.
    #[must_use]
    pub fn is_exceeded(&self, listener: &str) -> bool {
        self.total > self.limits.broker && !self.is_protected(listener)
    }

    /// How many connections there are.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.total
    }

    /// The listener between brokers is held back by its own limit only, unless clients use it too.
    fn is_protected(&self, listener: &str) -> bool {
        listener == self.limits.inter_broker_listener && self.limits.listeners.len() > 1
    }
}

fn listener_limit(layers: &ConfigLayers, listener: &str) -> u32 {
    let key = format!("listener.name.{}.{MAX_CONNECTIONS}", listener.to_lowercase());
    let def = broker_def(MAX_CONNECTIONS).expect("the table has it");
    let own = layers.set_in(&key).find_map(|(_, text)| def.parse(text).ok());
    // Without one of its own a listener has the broker's, which is its limit beside being the limit of all together.
    match own.or_else(|| layers.value(def)) {
        Some(ConfigValue::Int(max)) => count(max),
        _ => u32::MAX,
    }
}

/// The items of the form `host:count`, of which the last colon divides.
fn overrides(layers: &ConfigLayers, resolve: impl Fn(&str) -> Option<IpAddr>) -> BTreeMap<IpAddr, u32> {
    let value = broker_def(PER_IP_OVERRIDES).and_then(|def| layers.value(def));
    let Some(ConfigValue::Text(text)) = value else { return BTreeMap::new() };
    let item = |item: &str| {
        let (host, max) = item.trim().rsplit_once(':')?;
        let host = host.trim().trim_start_matches('[').trim_end_matches(']');
        let ip = host.parse().ok().or_else(|| resolve(host))?;
        Some((ip.to_canonical(), max.trim().parse().ok()?))
    };
    text.split(',').filter_map(item).collect()
}

fn count(max: i32) -> u32 {
    u32::try_from(max).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ottla_metadata::config::StaticConfig;

    use super::*;

    fn quota(extra: &str) -> ConnectionQuota {
        let fixed = format!(
            "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\n\
             listeners=CLIENT://:1,INTERNAL://:2,CONTROLLER://:3\ninter.broker.listener.name=INTERNAL\n\
             listener.security.protocol.map=CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT\n{extra}"
        );
        let layers = ConfigLayers::of_static(Arc::new(StaticConfig::from_properties(&fixed).unwrap()));
        let config = BrokerConfig::resolve(&layers).unwrap();
        let resolve = |host: &str| (host == "known").then(|| ip(7));
        ConnectionQuota::new(ConnectionLimits::new(&config, &layers, resolve))
    }

    fn ip(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    const NO_SLOT: Result<(), ConnectionRefusal> = Err(ConnectionRefusal::NoSlot);

    #[test]
    fn without_configuration_nobody_is_refused() {
        let mut quota = quota("");
        for _ in 0..10_000 {
            assert_eq!(quota.admit("CLIENT", ip(1)), Ok(()));
        }
        assert_eq!(quota.total(), 10_000);
    }

    #[test]
    fn a_full_broker_takes_brokers_only_and_asks_clients_to_leave() {
        let mut quota = quota("max.connections=2\n");
        assert_eq!([quota.admit("CLIENT", ip(1)), quota.admit("CLIENT", ip(2))], [Ok(()); 2]);
        assert_eq!(quota.admit("CLIENT", ip(3)), NO_SLOT);
        assert!(!quota.is_exceeded("CLIENT"));
        assert_eq!(quota.admit("INTERNAL", ip(3)), Ok(()));
        assert_eq!((quota.is_exceeded("CLIENT"), quota.is_exceeded("INTERNAL")), (true, false));
        quota.release("CLIENT", ip(1));
        assert_eq!((quota.is_exceeded("CLIENT"), quota.admit("CLIENT", ip(1))), (false, NO_SLOT));
        quota.release("INTERNAL", ip(3));
        assert_eq!(quota.admit("CLIENT", ip(1)), Ok(()));
        assert_eq!(quota.total(), 2);
    }

    #[test]
    fn a_listener_that_clients_and_brokers_share_is_not_protected() {
        let mut quota = quota("max.connections=1\nlisteners=INTERNAL://:2,CONTROLLER://:3\n");
        assert_eq!(quota.admit("INTERNAL", ip(1)), Ok(()));
        assert_eq!(quota.admit("INTERNAL", ip(1)), NO_SLOT);
    }

    #[test]
    fn a_listener_has_a_limit_of_its_own() {
        let mut quota = quota("listener.name.client.max.connections=1\nmax.connections=3\n");
        assert_eq!(quota.admit("CLIENT", ip(1)), Ok(()));
        assert_eq!(quota.admit("CLIENT", ip(1)), NO_SLOT);
        for _ in 0..3 {
            assert_eq!(quota.admit("INTERNAL", ip(1)), Ok(()));
        }
        assert_eq!(
            quota.admit("INTERNAL", ip(1)),
            NO_SLOT,
            "brokers are held back by their listener's limit"
        );
    }

    #[test]
    fn an_address_has_its_own_limit_or_that_of_all() {
        let mut quota = quota(
            "max.connections.per.ip=1\nmax.connections.per.ip.overrides=10.0.0.2:2, known:0,::ffff:10.0.0.4:3,gone:5\n",
        );
        let refused = |last, max| Err(ConnectionRefusal::TooManyFromIp { ip: ip(last), max });
        for (last, max) in [(1, 1), (2, 2), (7, 0), (4, 3)] {
            for _ in 0..max {
                assert_eq!(quota.admit("CLIENT", ip(last)), Ok(()));
            }
            assert_eq!(quota.admit("INTERNAL", ip(last)), refused(last, max), "on whatever listener");
        }
        // An IPv4 address is the same in IPv6's clothes.
        assert_eq!(quota.admit("CLIENT", "::ffff:10.0.0.1".parse().unwrap()), refused(1, 1));
        quota.release("CLIENT", "::ffff:10.0.0.1".parse().unwrap());
        assert_eq!(quota.admit("INTERNAL", ip(1)), Ok(()));
    }

    #[test]
    fn limits_change_and_connections_stay() {
        let mut quota = quota("");
        for _ in 0..3 {
            assert_eq!(quota.admit("CLIENT", ip(1)), Ok(()));
        }
        let limits = ConnectionLimits { broker: 2, ..quota.limits.clone() };
        quota.set_limits(limits);
        assert_eq!((quota.total(), quota.is_exceeded("CLIENT")), (3, true));
        quota.release("CLIENT", ip(1));
        assert_eq!((quota.is_exceeded("CLIENT"), quota.admit("CLIENT", ip(1))), (false, NO_SLOT));
    }
}
