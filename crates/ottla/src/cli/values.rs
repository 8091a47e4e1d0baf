//! Values of options: how their texts are read.

use std::str::FromStr;

use ottla_client::Address;
use ottla_protocol::types::Uuid;

/// Where `ottla consume` begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the first record.
    Beginning,
    /// At the end.
    End,
    /// At this offset.
    Offset(i64),
    /// So many records before the end.
    Last(i64),
    /// At this time, in milliseconds since the epoch.
    Time(i64),
}

impl FromStr for Start {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("`{text}` is neither beginning, end, an offset, -N, nor @TIME");
        match text {
            "beginning" | "earliest" | "start" => return Ok(Self::Beginning),
            "end" | "latest" => return Ok(Self::End),
            _ => {}
        }
        if let Some(time) = text.strip_prefix('@') {
            let millis = time.parse().ok().or_else(|| crate::commands::time::parse_rfc3339(time));
            return millis.filter(|&millis| millis >= 0).map(Self::Time).ok_or_else(error);
        }
        match text.parse::<i64>().map_err(|_| error())? {
            offset if offset >= 0 && !text.starts_with('-') => Ok(Self::Offset(offset)),
            last => Ok(Self::Last(last.checked_neg().ok_or_else(error)?)),
        }
    }
}

/// `key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValue {
    /// Before the first `=`.
    pub key: String,
    /// After it.
    pub value: String,
}

impl FromStr for KeyValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                Ok(Self { key: key.to_owned(), value: value.to_owned() })
            }
            _ => Err(format!("`{text}` is not KEY=VALUE")),
        }
    }
}

/// The brokers of each partition, partition 0 first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaAssignment(pub Vec<Vec<i32>>);

impl FromStr for ReplicaAssignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let brokers = |partition: &str| partition.split(':').map(|id| id.trim().parse::<i32>()).collect();
        let partitions: Result<Vec<Vec<i32>>, _> = text.split(',').map(brokers).collect();
        partitions.map(Self).map_err(|_| format!("`{text}` is not a list such as 1:2,2:3"))
    }
}

/// One of the first controllers of a quorum that can grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialController {
    /// `node.id`.
    pub id: i32,
    /// Where its controller listener is reached.
    pub address: Address,
    /// Id of its metadata directory.
    pub directory_id: Uuid,
}

impl FromStr for InitialController {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("`{text}` is not ID@HOST:PORT:DIRECTORY-ID");
        let (id, rest) = text.trim().split_once('@').ok_or_else(error)?;
        let (address, directory_id) = rest.rsplit_once(':').ok_or_else(error)?;
        Ok(Self {
            id: id.parse().map_err(|_| error())?,
            address: address.parse().map_err(|_| error())?,
            directory_id: directory_id.parse().map_err(|_| error())?,
        })
    }
}

/// A number of seconds, which may have a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seconds(pub std::time::Duration);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = text.parse::<f64>().map_err(|_| format!("`{text}` is not a number of seconds"))?;
        std::time::Duration::try_from_secs_f64(seconds)
            .map(Self)
            .map_err(|_| format!("`{text}` is not a number of seconds that can be waited for"))
    }
}

/// Text with escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escaped(pub Vec<u8>);

impl FromStr for Escaped {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        let mut bytes = Vec::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '\\' {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            bytes.push(match chars.next() {
                Some('n') => b'\n',
                Some('r') => b'\r',
                Some('t') => b'\t',
                Some('0') => 0,
                Some('\\') => b'\\',
                other => {
                    return Err(format!("`\\{}` is no escape", other.map(String::from).unwrap_or_default()));
                }
            });
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consuming_begins_where_it_is_told() {
        let cases = [
            ("beginning", Start::Beginning),
            ("end", Start::End),
            ("0", Start::Offset(0)),
            ("17", Start::Offset(17)),
            ("-10", Start::Last(10)),
            ("@1700000000000", Start::Time(1_700_000_000_000)),
            ("@1970-01-01T00:00:01Z", Start::Time(1_000)),
        ];
        for (text, from) in cases {
            assert_eq!(text.parse(), Ok(from), "{text}");
        }
        for text in ["", "now", "@", "@-5", "1.5", "-9223372036854775808"] {
            assert!(text.parse::<Start>().is_err(), "{text}");
        }
    }

    #[test]
    fn escapes_are_bytes() {
        assert_eq!("a\\n\\t\\\\ü\\0".parse(), Ok(Escaped(b"a\n\t\\\xc3\xbc\0".to_vec())));
        assert!("\\q".parse::<Escaped>().is_err());
        assert!("\\".parse::<Escaped>().is_err());
        assert!("".parse::<Escaped>().is_err());
    }

    #[test]
    fn initial_controllers_have_an_id_an_address_and_a_directory() {
        let text = "1@[::1]:9093:MkU3OEVBNTcwNTJENDM2Qg";
        let expected = InitialController {
            id: 1,
            address: Address::new("::1", 9093),
            directory_id: "MkU3OEVBNTcwNTJENDM2Qg".parse().unwrap(),
        };
        assert_eq!(text.parse(), Ok(expected));
        for text in ["", "1@a:1", "a@a:1:MkU3OEVBNTcwNTJENDM2Qg", "1@a:1:x"] {
            assert!(text.parse::<InitialController>().is_err(), "{text}");
        }
    }

    #[test]
    fn assignments_are_lists_of_lists() {
        assert_eq!("1:2,2:3".parse(), Ok(ReplicaAssignment(vec![vec![1, 2], vec![2, 3]])));
        assert!("1:x".parse::<ReplicaAssignment>().is_err());
    }
}
