//! What tests, fuzzers and oracles need of every message: random values, and functions that take arbitrary bytes.
//!
//! Only built for tests and with the feature `fuzzing`.

mod arbitrary;
mod catalog;
mod mutate;
mod random;
mod targets;

pub use catalog::CATALOG;
pub use random::Random;
pub use targets::{TARGETS, Target};

use std::ops::RangeInclusive;

use crate::message::{Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// A type of which random values can be made.
pub trait Arbitrary: Sized {
    /// A random value that `version` can carry: fields that it does not have are at their default.
    fn arbitrary(random: &mut Random, version: i16) -> Self;
}

/// A message type as a value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Kafka's name.
    pub name: &'static str,
    /// The record type, if it is a metadata record.
    pub metadata_type: Option<i16>,
    /// The versions that exist.
    pub versions: RangeInclusive<i16>,
    /// Reads a message off the front of the bytes and drops it.
    pub decode: fn(&[u8], i16) -> Result<(), DecodeError>,
    /// Reads a message that is all of the bytes, and writes it again.
    pub recode: fn(&[u8], i16) -> Result<Vec<u8>, DecodeError>,
    /// Writes a random message.
    pub random: fn(&mut Random, i16) -> Vec<u8>,
}

impl Entry {
    const fn of<M: Message + Arbitrary>() -> Self {
        Self {
            name: M::NAME,
            metadata_type: None,
            versions: M::VERSIONS,
            decode: decode::<M>,
            recode: recode::<M>,
            random: random::<M>,
        }
    }

    const fn of_metadata<M: StoredRecord + Arbitrary>() -> Self {
        Self { metadata_type: Some(M::RECORD_TYPE), ..Self::of::<M>() }
    }

    /// The entry of the message with this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        CATALOG.iter().find(|entry| entry.name == name)
    }
}

fn decode<M: Message>(bytes: &[u8], version: i16) -> Result<(), DecodeError> {
    M::decode(&mut Reader::new(bytes), version).map(drop)
}

fn recode<M: Message>(bytes: &[u8], version: i16) -> Result<Vec<u8>, DecodeError> {
    let mut reader = Reader::new(bytes).trusted();
    let message = M::decode(&mut reader, version)?;
    reader.finish()?;
    let mut writer = Writer::with_capacity(bytes.len());
    message.encode(&mut writer, version);
    Ok(writer.into_vec())
}

fn random<M: Message + Arbitrary>(random: &mut Random, version: i16) -> Vec<u8> {
    M::arbitrary(random, version).to_vec(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::delete_topics_request::DeleteTopicsRequest;

    /// Calls `check` for every version of every message.
    fn for_all(check: impl Fn(&Entry, i16, &mut Random)) {
        let mut random = Random::new(7);
        for entry in &CATALOG {
            for version in entry.versions.clone() {
                check(entry, version, &mut random);
            }
        }
    }

    #[test]
    fn every_message_is_here_in_every_version() {
        let versions: usize = CATALOG.iter().map(|entry| entry.versions.clone().count()).sum();
        assert_eq!((CATALOG.len(), versions), (278, 744));
    }

    #[test]
    fn every_message_comes_back_from_its_bytes() {
        for_all(|entry, version, random| {
            for _ in 0..20 {
                let bytes = (entry.random)(random, version);
                assert_eq!((entry.recode)(&bytes, version), Ok(bytes), "{} {version}", entry.name);
            }
        });
    }

    #[test]
    fn every_cut_message_is_refused() {
        for_all(|entry, version, random| {
            let bytes = (entry.random)(random, version);
            for size in 0..bytes.len().min(200) {
                assert!((entry.decode)(&bytes[..size], version).is_err(), "{} {version} {size}", entry.name);
            }
        });
    }

    #[test]
    fn bytes_behind_a_message_are_refused() {
        for_all(|entry, version, random| {
            let mut bytes = (entry.random)(random, version);
            let position = bytes.len();
            bytes.push(0);
            let error = DecodeError::TrailingBytes { position, remaining: 1 };
            assert_eq!((entry.recode)(&bytes, version), Err(error), "{} {version}", entry.name);
        });
    }

    #[test]
    fn versions_that_do_not_exist_are_refused() {
        for entry in &CATALOG {
            for version in [entry.versions.start() - 1, entry.versions.end() + 1] {
                let error = DecodeError::UnsupportedVersion { message: entry.name, version };
                assert_eq!((entry.decode)(&[0; 100], version), Err(error));
            }
        }
    }

    #[test]
    fn unknown_tagged_fields_are_skipped_at_every_level() {
        let known = [&[2, 3, b'a', b'b'][..], &[7; 16], &[0], &[0, 0, 0, 9], &[0]].concat();
        let unknown = [2, 200, 1, 3, 1, 2, 3, 0xff, 0xff, 0xff, 0xff, 0x0f, 0];
        let more = [&[2, 3, b'a', b'b'][..], &[7; 16], &unknown, &[0, 0, 0, 9], &unknown].concat();
        let request = DeleteTopicsRequest::from_bytes(&more, 6);
        assert_eq!(request, DeleteTopicsRequest::from_bytes(&known, 6));
        assert_eq!(request.map(|request| request.to_vec(6)), Ok(known));
    }

    #[test]
    fn mutated_messages_never_panic_and_come_back_the_same_if_they_are_read() {
        for target in TARGETS {
            let mut random = Random::new(8);
            for _ in 0..3000 {
                let input = (target.seed)(&mut random);
                (target.run)(&random.mutated(input));
            }
        }
    }
}
