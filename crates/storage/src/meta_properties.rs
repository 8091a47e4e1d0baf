//! `meta.properties`: which node and cluster a log directory belongs to, as a Java properties file.
//!
//! ```text
//! #
//! #Tue Nov 24 09:43:00 UTC 2026          (written by Java, skipped by us)
//! version=1
//! cluster.id=MkU3OEVBNTcwNTJENDM2Qg
//! node.id=1
//! directory.id=bzh7CNKcYlDFnFAt1VcTSA
//! ```
//!
//! Source: Kafka `MetaProperties`, `MetaPropertiesEnsemble`; `java.util.Properties`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ottla_protocol::types::{BrokerId, DirectoryId};

use crate::error::StorageError;
use crate::io::{Disk, read_file, replace_file};

const FILE_SIZE_MAX: u64 = 1 << 20;

/// Ids below this one have a meaning of their own (`DirectoryId.reserved`).
const RESERVED_DIRECTORY_IDS: u128 = 100;

/// What `meta.properties` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    /// 1; 0 in a directory from the time of ZooKeeper.
    pub version: i32,
    /// Id of the cluster. Always there in version 1.
    pub cluster_id: Option<String>,
    /// Id of the node. Always there in version 1.
    pub node_id: Option<BrokerId>,
    /// Id of this directory.
    pub directory_id: Option<DirectoryId>,
}

/// Why `meta.properties` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MetaPropertiesError {
    /// The content is not what it must be.
    #[error("{path}: {reason}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Two directories of one node contradict each other.
    #[error("{first} and {second} {reason}", first = first.display(), second = second.display())]
    Disagree {
        /// A directory.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// About what.
        reason: &'static str,
    },
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl MetaProperties {
    /// Version 1 for this cluster, node and directory.
    #[must_use]
    pub const fn new(cluster_id: String, node_id: BrokerId, directory_id: DirectoryId) -> Self {
        Self {
            version: 1,
            cluster_id: Some(cluster_id),
            node_id: Some(node_id),
            directory_id: Some(directory_id),
        }
    }

    /// Reads the file; `None` if there is none.
    pub fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Self>, MetaPropertiesError> {
        let Some(bytes) = read_file(disk, path, FILE_SIZE_MAX)? else { return Ok(None) };
        Self::parse(&bytes)
            .map(Some)
            .map_err(|reason| MetaPropertiesError::Malformed { path: path.to_path_buf(), reason })
    }

    /// Replaces the file, durably. Waits for the disk.
    pub fn write(&self, disk: &dyn Disk, path: &Path) -> Result<(), StorageError> {
        replace_file(disk, path, self.format().as_bytes())
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let properties = parse_properties(bytes);
        let version = match properties.get("version").map(String::as_str) {
            None => return Err("no version".to_owned()),
            Some("0") => 0,
            Some("1") => 1,
            Some(other) => return Err(format!("unsupported version `{other}`")),
        };
        let id_key = if version == 0 { "broker.id" } else { "node.id" };
        let node_id = properties.get(id_key).map(|text| match text.parse() {
            Ok(id) if id >= 0 => Ok(BrokerId(id)),
            _ => Err(format!("{id_key} `{text}` is no node id")),
        });
        let directory_id = properties.get("directory.id").map(|text| {
            let id = DirectoryId(text.parse().map_err(|error| format!("directory.id: {error}"))?);
            let is_reserved = id.0.as_u128() < RESERVED_DIRECTORY_IDS;
            if is_reserved { Err(format!("directory.id {id} is reserved")) } else { Ok(id) }
        });
        let properties = Self {
            version,
            cluster_id: properties.get("cluster.id").cloned(),
            node_id: node_id.transpose()?,
            directory_id: directory_id.transpose()?,
        };
        if version == 1 && properties.cluster_id.is_none() {
            return Err("no cluster.id".to_owned());
        }
        if version == 1 && properties.node_id.is_none() {
            return Err("no node.id".to_owned());
        }
        Ok(properties)
    }

    fn format(&self) -> String {
        let mut text = format!("#\nversion={}\n", self.version);
        let node_id = self.node_id.map(|id| id.to_string());
        let directory_id = self.directory_id.map(|id| id.to_string());
        let id_key = if self.version == 0 { "broker.id" } else { "node.id" };
        let pairs = [("cluster.id", &self.cluster_id), (id_key, &node_id), ("directory.id", &directory_id)];
        for (key, value) in pairs {
            if let Some(value) = value {
                writeln!(text, "{key}={}", escape(value)).expect("a string takes everything");
            }
        }
        text
    }
}

/// Checks that the directories of one node agree on cluster and node, and that no two have the same id.
pub fn check_agreement<'a>(
    directories: impl IntoIterator<Item = (&'a Path, &'a MetaProperties)>,
) -> Result<(), MetaPropertiesError> {
    let mut seen: Vec<(&Path, &MetaProperties)> = Vec::new();
    for (path, properties) in directories {
        for (other_path, other) in &seen {
            let reason = if properties.cluster_id != other.cluster_id {
                "belong to different clusters"
            } else if properties.node_id != other.node_id {
                "belong to different nodes"
            } else if properties.directory_id.is_some() && properties.directory_id == other.directory_id {
                "have the same directory.id"
            } else {
                continue;
            };
            return Err(MetaPropertiesError::Disagree {
                first: other_path.to_path_buf(),
                second: path.to_path_buf(),
                reason,
            });
        }
        seen.push((path, properties));
    }
    Ok(())
}

/// Reads a Java properties file (`java.util.Properties.load`). The last of several values of a key counts.
#[must_use]
pub fn parse_properties(bytes: &[u8]) -> BTreeMap<String, String> {
    // Java reads these files as ISO 8859-1: one byte, one character.
    let text: Vec<char> = bytes.iter().map(|byte| char::from(*byte)).collect();
    logical_lines(&text).into_iter().filter_map(|line| split_property(&line)).collect()
}

/// Lines without comments, with continuation lines joined, and without leading white space.
fn logical_lines(text: &[char]) -> Vec<Vec<char>> {
    let mut lines = Vec::new();
    let mut joined: Option<Vec<char>> = None;
    for natural in text.split(|c| *c == '\n' || *c == '\r') {
        let start = natural.iter().position(|c| !is_blank(*c)).unwrap_or(natural.len());
        let natural = &natural[start..];
        if joined.is_none() && (natural.is_empty() || matches!(natural[0], '#' | '!')) {
            continue;
        }
        let backslashes = natural.iter().rev().take_while(|c| **c == '\\').count();
        let mut line = joined.take().unwrap_or_default();
        if backslashes % 2 == 1 {
            line.extend(&natural[..natural.len() - 1]);
            joined = Some(line);
        } else {
            line.extend(natural);
            lines.push(line);
        }
    }
    lines.extend(joined);
    lines
}

fn split_property(line: &[char]) -> Option<(String, String)> {
    let mut end = 0;
    while end < line.len() && !is_blank(line[end]) && !matches!(line[end], '=' | ':') {
        end += if line[end] == '\\' { 2 } else { 1 };
    }
    let end = end.min(line.len());
    let mut value = end;
    let mut has_separator = false;
    while value < line.len()
        && (is_blank(line[value]) || (!has_separator && matches!(line[value], '=' | ':')))
    {
        has_separator |= matches!(line[value], '=' | ':');
        value += 1;
    }
    if end == 0 && value == 0 {
        return None;
    }
    Some((unescape(&line[..end]), unescape(&line[value..])))
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0c')
}

fn unescape(text: &[char]) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut chars = text.iter().copied();
    while let Some(c) = chars.next() {
        let c = if c == '\\' { chars.next().map_or('\\', control_character) } else { c };
        if c == UNICODE_ESCAPE {
            let digits: String = chars.by_ref().take(4).collect();
            units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xfffd));
        } else {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    String::from_utf16_lossy(&units)
}

/// Stands for `\u`; the file's bytes make no such character.
const UNICODE_ESCAPE: char = char::MAX;

const fn control_character(escaped: char) -> char {
    match escaped {
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'f' => '\x0c',
        'u' => UNICODE_ESCAPE,
        other => other,
    }
}

fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for (index, unit) in value.encode_utf16().enumerate() {
        match u8::try_from(unit).map(char::from) {
            Ok(' ') if index == 0 => escaped.push_str("\\ "),
            Ok('\t') => escaped.push_str("\\t"),
            Ok('\n') => escaped.push_str("\\n"),
            Ok('\r') => escaped.push_str("\\r"),
            Ok('\x0c') => escaped.push_str("\\f"),
            Ok(c @ ('=' | ':' | '#' | '!' | '\\')) => escaped.extend(['\\', c]),
            Ok(c @ ' '..='~') => escaped.push(c),
            _ => write!(escaped, "\\u{unit:04X}").expect("a string takes everything"),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::simulated::SimulatedDisk;

    fn parse(text: &str) -> Result<MetaProperties, String> {
        MetaProperties::parse(text.as_bytes())
    }

    fn example() -> MetaProperties {
        let directory_id = DirectoryId("bzh7CNKcYlDFnFAt1VcTSA".parse().unwrap());
        MetaProperties::new("MkU3OEVBNTcwNTJENDM2Qg".to_owned(), BrokerId(1), directory_id)
    }

    #[test]
    fn what_java_writes_is_read() {
        let text = "#\n#Tue Nov 24 09:43:00 UTC 2026\nnode.id=1\ndirectory.id=bzh7CNKcYlDFnFAt1VcTSA\nversion=1\n\
                    cluster.id=MkU3OEVBNTcwNTJENDM2Qg\n";
        assert_eq!(parse(text), Ok(example()));
    }

    #[test]
    fn what_is_written_is_read() {
        let disk = SimulatedDisk::new(0);
        let path = Path::new("/meta.properties");
        assert_eq!(MetaProperties::read(&disk, path).unwrap(), None);
        for cluster_id in ["plain", " a=b:c#d!e\\f\tg\nh ", "Überlingen", "日本"] {
            let properties = MetaProperties { cluster_id: Some(cluster_id.to_owned()), ..example() };
            properties.write(&disk, path).unwrap();
            assert_eq!(MetaProperties::read(&disk, path).unwrap(), Some(properties));
        }
    }

    #[test]
    fn version_0_has_a_broker_id() {
        let expected =
            MetaProperties { version: 0, cluster_id: None, node_id: Some(BrokerId(7)), directory_id: None };
        assert_eq!(parse("version=0\nbroker.id=7\n"), Ok(expected));
    }

    #[test]
    fn unusable_files_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "no version"),
            ("version=2\n", "unsupported version `2`"),
            ("version=1\nnode.id=1\n", "no cluster.id"),
            ("version=1\ncluster.id=a\n", "no node.id"),
            ("version=1\ncluster.id=a\nnode.id=x\n", "node.id `x` is no node id"),
            ("version=1\ncluster.id=a\nnode.id=-1\n", "node.id `-1` is no node id"),
            (
                "version=1\ncluster.id=a\nnode.id=1\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAQ\n",
                "directory.id AAAAAAAAAAAAAAAAAAAAAQ is reserved",
            ),
        ] {
            assert_eq!(parse(text), Err(reason.to_owned()));
        }
        assert!(parse("version=1\ncluster.id=a\nnode.id=1\ndirectory.id=short\n").is_err());
    }

    #[test]
    fn properties_follow_javas_rules() {
        let text = b"  # comment\n! comment\n\na = 1\nb:2\nc 3\nd\ne=\\\n   joined\nf\\ g=\\u0041\\t\\x\nh==i\nk=1\rk=2\r\nl=\\";
        let expected = [
            ("a", "1"),
            ("b", "2"),
            ("c", "3"),
            ("d", ""),
            ("e", "joined"),
            ("f g", "A\tx"),
            ("h", "=i"),
            ("k", "2"),
            ("l", ""),
        ];
        let expected: BTreeMap<_, _> =
            expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(parse_properties(text), expected);
    }

    #[test]
    fn directories_of_one_node_agree() {
        let (a, b) = (Path::new("/a"), Path::new("/b"));
        let mine = example();
        let other = MetaProperties { directory_id: None, ..example() };
        assert!(check_agreement([(a, &mine), (b, &other)]).is_ok());
        for (wrong, reason) in [
            (
                MetaProperties { cluster_id: Some("x".into()), ..other.clone() },
                "belong to different clusters",
            ),
            (MetaProperties { node_id: Some(BrokerId(2)), ..other.clone() }, "belong to different nodes"),
            (mine.clone(), "have the same directory.id"),
        ] {
            let error = check_agreement([(a, &mine), (b, &wrong)]).unwrap_err();
            assert_eq!(error.to_string(), format!("/a and /b {reason}"));
        }
    }
}
