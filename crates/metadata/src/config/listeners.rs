//! The `NAME://host:port` lists of `listeners` and `advertised.listeners`.

use std::collections::BTreeMap;

use super::StaticConfigError;
use crate::image::SecurityProtocol;

/// One listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Name in upper case, such as `PLAINTEXT`.
    pub name: String,
    /// Protocol, by the security protocol map.
    pub security_protocol: SecurityProtocol,
    /// Host name or address without brackets; empty means all addresses (to bind) or this host's name (to advertise).
    pub host: String,
    /// TCP port; 0 lets the system choose one.
    pub port: u16,
}

/// Parses a list of listeners.
///
/// `key` is the key for error messages; `protocols` is the parsed `listener.security.protocol.map`.
///
/// Errors: an item is not of the form `NAME://host:port`, a name has no protocol, or a name appears twice.
/// Source: Kafka `SocketServerConfigs.listenerListToEndPoints`.
pub fn parse_listeners(
    key: &str,
    items: &[String],
    protocols: &BTreeMap<String, SecurityProtocol>,
) -> Result<Vec<Listener>, StaticConfigError> {
    let mut listeners: Vec<Listener> = Vec::new();
    for item in items {
        let error = |reason: &str| StaticConfigError::InvalidValue(format!("{key}: `{item}` {reason}"));
        let (name, address) =
            item.split_once("://").ok_or_else(|| error("is not of the form NAME://host:port"))?;
        let (host, port) = address.rsplit_once(':').ok_or_else(|| error("has no port"))?;
        let port = port.parse().map_err(|_| error("has a port that is not a number from 0 to 65535"))?;
        let name = name.to_uppercase();
        let security_protocol = *protocols.get(&name).ok_or_else(|| {
            error(&format!("names a listener without a protocol in listener.security.protocol.map: {name}"))
        })?;
        if listeners.iter().any(|other| other.name == name) {
            return Err(error("repeats the name of another listener"));
        }
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        listeners.push(Listener { name, security_protocol, host: host.to_string(), port });
    }
    Ok(listeners)
}

/// Parses `listener.security.protocol.map`; names are in upper case.
///
/// `controller_names` of a default map stand for PLAINTEXT, as in Kafka.
///
/// Errors: an item is not of the form `NAME:PROTOCOL`, the protocol is unknown, or a name appears twice.
pub(super) fn parse_protocol_map(
    text: &str,
    is_default: bool,
    controller_names: &[String],
) -> Result<BTreeMap<String, SecurityProtocol>, StaticConfigError> {
    let mut protocols = BTreeMap::new();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let error = |reason: &str| {
            StaticConfigError::InvalidValue(format!("listener.security.protocol.map: `{item}` {reason}"))
        };
        let (name, protocol) =
            item.rsplit_once(':').ok_or_else(|| error("is not of the form NAME:PROTOCOL"))?;
        let protocol =
            SecurityProtocol::from_name(protocol.trim()).ok_or_else(|| error("names no protocol"))?;
        if protocols.insert(name.trim().to_uppercase(), protocol).is_some() {
            return Err(error("repeats the name of another listener"));
        }
    }
    if is_default {
        for name in controller_names {
            protocols.entry(name.to_uppercase()).or_insert(SecurityProtocol::PLAINTEXT);
        }
    }
    Ok(protocols)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(items: &[&str]) -> Result<Vec<Listener>, String> {
        let protocols =
            parse_protocol_map("PLAINTEXT:PLAINTEXT,internal:SASL_SSL", true, &["CONTROLLER".into()]);
        let items: Vec<_> = items.iter().map(ToString::to_string).collect();
        parse_listeners("listeners", &items, &protocols.unwrap()).map_err(|error| error.to_string())
    }

    fn listener(name: &str, security_protocol: SecurityProtocol, host: &str, port: u16) -> Listener {
        Listener { name: name.into(), security_protocol, host: host.into(), port }
    }

    #[test]
    fn names_hosts_and_ports_are_taken_apart() {
        assert_eq!(
            parse(&["PLAINTEXT://:9092", "internal://[::1]:9094", "CONTROLLER://localhost:0"]).unwrap(),
            [
                listener("PLAINTEXT", SecurityProtocol::PLAINTEXT, "", 9092),
                listener("INTERNAL", SecurityProtocol::SASL_SSL, "::1", 9094),
                listener("CONTROLLER", SecurityProtocol::PLAINTEXT, "localhost", 0),
            ]
        );
    }

    #[test]
    fn broken_listeners_are_refused_by_name() {
        for (item, reason) in [
            ("localhost:9092", "is not of the form NAME://host:port"),
            ("PLAINTEXT://localhost", "has no port"),
            ("PLAINTEXT://localhost:x", "has a port that is not a number from 0 to 65535"),
            ("OTHER://:1", "names a listener without a protocol in listener.security.protocol.map: OTHER"),
        ] {
            assert_eq!(parse(&[item]).unwrap_err(), format!("listeners: `{item}` {reason}"));
        }
        assert!(parse(&["PLAINTEXT://:1", "plaintext://:2"]).unwrap_err().contains("repeats"));
    }
}
