//! Where a broker listens: `HOST:PORT` as users write it.

use std::fmt;
use std::str::FromStr;

/// A host name or address with a port. Written `host:port`; an IPv6 address stands in brackets, `[::1]:9092`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Host name, IPv4 address or IPv6 address (without brackets).
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// A text that is not `HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not HOST:PORT (for example localhost:9092 or [::1]:9092)")]
pub struct ParseAddressError {
    text: String,
}

impl Address {
    /// The address of `port` on `host`.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port }
    }

    /// The addresses of a comma-separated list such as `kafka1:9092,kafka2:9092`. Empty entries are skipped.
    ///
    /// Errors: the first entry that is not `HOST:PORT`, or the whole text if it holds no entry.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, ParseAddressError> {
        let addresses = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(str::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if addresses.is_empty() { Err(ParseAddressError { text: text.to_owned() }) } else { Ok(addresses) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        let error = || ParseAddressError { text: text.to_owned() };
        let (host, port) = text.rsplit_once(':').ok_or_else(error)?;
        let port = port.parse().map_err(|_| error())?;
        let host = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').ok_or_else(error)?,
            None if host.contains(':') => return Err(error()),
            None => host,
        };
        if host.is_empty() || host.chars().any(|c| c.is_whitespace() || c == '/') {
            return Err(error());
        }
        Ok(Self::new(host, port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_round_trip_through_their_text() {
        for (text, host, port) in [
            ("localhost:9092", "localhost", 9092),
            ("10.0.0.1:1", "10.0.0.1", 1),
            ("[::1]:9092", "::1", 9092),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address, Address::new(host, port));
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn what_is_not_host_and_port_is_refused() {
        for text in
            ["", "localhost", ":9092", "a:b", "a:70000", "::1:9092", "[::1:9092", "http://a:1", "a b:1"]
        {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn lists_skip_blanks_and_need_an_entry() {
        let list = Address::parse_list(" a:1, b:2 ,,").unwrap();
        assert_eq!(list, [Address::new("a", 1), Address::new("b", 2)]);
        assert!(Address::parse_list(" , ").is_err());
    }
}
