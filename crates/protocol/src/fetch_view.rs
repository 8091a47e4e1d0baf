//! A Fetch request, read in place: nothing is copied, nothing allocated.
//!
//! [`FetchView::new`] walks the whole body once and refuses what is malformed. The iterators then walk the same bytes
//! again.

use crate::message::Message;
use crate::messages::fetch_request::{FetchPartition, FetchRequest, ReplicaState};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader};

/// First version with fetch sessions.
const SESSION_VERSION: i16 = 7;
/// First version with the consumer's rack.
const RACK_VERSION: i16 = 11;
/// First version that names topics by id.
const TOPIC_ID_VERSION: i16 = 13;
/// First version with the replica's id and epoch in a tagged field.
const REPLICA_STATE_VERSION: i16 = 15;

/// The body of a Fetch request of version 4 or later.
#[derive(Clone, Debug)]
pub struct FetchView<'a> {
    /// The cluster that the fetcher believes to be in: set by followers of the metadata log.
    pub cluster_id: Option<&'a str>,
    /// The follower's broker id; -1 for a consumer.
    pub replica_id: i32,
    /// The follower's broker epoch; -1 if not known.
    pub replica_epoch: i64,
    /// How long to wait for `min_bytes`, in milliseconds.
    pub max_wait_ms: i32,
    /// Fewest bytes to answer with before the wait is over.
    pub min_bytes: i32,
    /// Most bytes to answer with, if no single batch is larger.
    pub max_bytes: i32,
    /// 0: all records; 1: only those of committed transactions.
    pub isolation_level: i8,
    /// The fetch session; 0 for none yet.
    pub session_id: i32,
    /// The session's epoch; 0 for a new session, -1 for none.
    pub session_epoch: i32,
    /// The consumer's rack; empty for none.
    pub rack_id: &'a str,
    topics: FetchTopics<'a>,
    forgotten_topics: ForgottenTopics<'a>,
}

impl<'a> FetchView<'a> {
    /// Reads the request whose body begins at `body_start` of `frame` and ends with it.
    pub fn new(frame: &'a [u8], body_start: usize, version: i16) -> Result<Self, DecodeError> {
        if !FetchRequest::VERSIONS.contains(&version) {
            return Err(DecodeError::UnsupportedVersion { message: FetchRequest::NAME, version });
        }
        let mut reader = Reader::new(frame);
        reader.raw(body_start)?;
        reader.set_flexible(FetchRequest::is_flexible(version));
        let replica_id = if version < REPLICA_STATE_VERSION { reader.i32()? } else { -1 };
        let mut view = Self {
            cluster_id: None,
            replica_id,
            replica_epoch: -1,
            max_wait_ms: reader.i32()?,
            min_bytes: reader.i32()?,
            max_bytes: reader.i32()?,
            isolation_level: reader.i8()?,
            session_id: if version >= SESSION_VERSION { reader.i32()? } else { 0 },
            session_epoch: if version >= SESSION_VERSION { reader.i32()? } else { -1 },
            rack_id: "",
            topics: FetchTopics { left: reader.array_length(1)?, reader: reader.clone(), version },
            forgotten_topics: ForgottenTopics { left: 0, reader, version },
        };
        let mut reader = view.topics.end()?;
        if version >= SESSION_VERSION {
            let left = reader.array_length(1)?;
            view.forgotten_topics = ForgottenTopics { left, reader, version };
            reader = view.forgotten_topics.end()?;
        }
        if version >= RACK_VERSION {
            view.rack_id = reader.str()?;
        }
        view.read_tagged_fields(&mut reader, version)?;
        reader.finish()?;
        Ok(view)
    }

    fn read_tagged_fields(&mut self, reader: &mut Reader<'a>, version: i16) -> Result<(), DecodeError> {
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => self.cluster_id = reader.nullable_str()?,
                1 if version >= REPLICA_STATE_VERSION => {
                    let replica = ReplicaState::decode(reader, version)?;
                    (self.replica_id, self.replica_epoch) = (replica.replica_id, replica.replica_epoch);
                }
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(())
    }

    /// The topics to fetch or to add to the session, in the request's order.
    #[must_use]
    pub fn topics(&self) -> FetchTopics<'a> {
        self.topics.clone()
    }

    /// The topics to remove from the session.
    #[must_use]
    pub fn forgotten_topics(&self) -> ForgottenTopics<'a> {
        self.forgotten_topics.clone()
    }
}

/// The topic's name or id: one of the two, by version.
fn read_topic<'a>(reader: &mut Reader<'a>, version: i16) -> Result<(&'a str, Uuid), DecodeError> {
    match version >= TOPIC_ID_VERSION {
        true => Ok(("", reader.uuid()?)),
        false => Ok((reader.str()?, Uuid::ZERO)),
    }
}

macro_rules! walked_iterator {
    ($iterator:ident gives $item:ty) => {
        impl<'a> $iterator<'a> {
            /// Walks to the end: gives the reader of what follows.
            fn end(&self) -> Result<Reader<'a>, DecodeError> {
                let mut walk = self.clone();
                while walk.left > 0 {
                    walk.read()?;
                }
                Ok(walk.reader)
            }
        }

        impl<'a> Iterator for $iterator<'a> {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                if self.left == 0 {
                    return None;
                }
                // The whole body was walked before: no error is left.
                self.read().ok()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.left, Some(self.left))
            }
        }

        impl ExactSizeIterator for $iterator<'_> {}
    };
}

/// Iterator over the topics of a Fetch request.
#[derive(Clone, Debug)]
pub struct FetchTopics<'a> {
    reader: Reader<'a>,
    left: usize,
    version: i16,
}

walked_iterator!(FetchTopics gives FetchTopicView<'a>);

impl<'a> FetchTopics<'a> {
    fn read(&mut self) -> Result<FetchTopicView<'a>, DecodeError> {
        self.left -= 1;
        let (topic, topic_id) = read_topic(&mut self.reader, self.version)?;
        let left = self.reader.array_length(1)?;
        let partitions = FetchPartitions { reader: self.reader.clone(), left, version: self.version };
        self.reader = partitions.end()?;
        self.reader.skip_tagged_fields()?;
        Ok(FetchTopicView { topic, topic_id, partitions })
    }
}

/// One topic of a Fetch request.
#[derive(Clone, Debug)]
pub struct FetchTopicView<'a> {
    /// The topic's name up to version 12, else empty.
    pub topic: &'a str,
    /// The topic's id from version 13, else zero.
    pub topic_id: Uuid,
    partitions: FetchPartitions<'a>,
}

impl<'a> FetchTopicView<'a> {
    /// The topic's partitions, in the request's order.
    #[must_use]
    pub fn partitions(&self) -> FetchPartitions<'a> {
        self.partitions.clone()
    }
}

/// Iterator over one topic's partitions in a Fetch request.
#[derive(Clone, Debug)]
pub struct FetchPartitions<'a> {
    reader: Reader<'a>,
    left: usize,
    version: i16,
}

walked_iterator!(FetchPartitions gives FetchPartition);

impl FetchPartitions<'_> {
    fn read(&mut self) -> Result<FetchPartition, DecodeError> {
        self.left -= 1;
        // It holds numbers only, and allocates nothing.
        FetchPartition::decode(&mut self.reader, self.version)
    }
}

/// Iterator over the topics that a Fetch request removes from its session.
#[derive(Clone, Debug)]
pub struct ForgottenTopics<'a> {
    reader: Reader<'a>,
    left: usize,
    version: i16,
}

walked_iterator!(ForgottenTopics gives ForgottenTopicView<'a>);

impl<'a> ForgottenTopics<'a> {
    fn read(&mut self) -> Result<ForgottenTopicView<'a>, DecodeError> {
        self.left -= 1;
        let (topic, topic_id) = read_topic(&mut self.reader, self.version)?;
        let count = self.reader.array_length(size_of::<i32>())?;
        let partitions = self.reader.raw(count * size_of::<i32>())?;
        self.reader.skip_tagged_fields()?;
        Ok(ForgottenTopicView { topic, topic_id, partitions })
    }
}

/// One topic that a Fetch request removes from its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgottenTopicView<'a> {
    /// The topic's name up to version 12, else empty.
    pub topic: &'a str,
    /// The topic's id from version 13, else zero.
    pub topic_id: Uuid,
    /// Four bytes each.
    partitions: &'a [u8],
}

impl<'a> ForgottenTopicView<'a> {
    /// The indexes of the partitions.
    pub fn partitions(&self) -> impl ExactSizeIterator<Item = i32> + use<'a> {
        let (indexes, _) = self.partitions.as_chunks::<4>();
        indexes.iter().map(|index| i32::from_be_bytes(*index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::{Arbitrary, Random};
    use crate::messages::fetch_request::{FetchTopic, ForgottenTopic};

    /// What the view shows, as the owned message.
    fn owned(view: &FetchView<'_>, version: i16) -> FetchRequest {
        let topic = |topic: FetchTopicView<'_>| FetchTopic {
            topic: topic.topic.to_owned(),
            topic_id: topic.topic_id,
            partitions: topic.partitions().collect(),
        };
        let forgotten_topic = |topic: ForgottenTopicView<'_>| ForgottenTopic {
            topic: topic.topic.to_owned(),
            topic_id: topic.topic_id,
            partitions: topic.partitions().collect(),
        };
        let replica = ReplicaState { replica_id: view.replica_id, replica_epoch: view.replica_epoch };
        let is_tagged = version >= REPLICA_STATE_VERSION;
        FetchRequest {
            cluster_id: view.cluster_id.map(str::to_owned),
            replica_id: if is_tagged { -1 } else { view.replica_id },
            replica_state: if is_tagged { replica } else { ReplicaState::default() },
            max_wait_ms: view.max_wait_ms,
            min_bytes: view.min_bytes,
            max_bytes: view.max_bytes,
            isolation_level: view.isolation_level,
            session_id: view.session_id,
            session_epoch: view.session_epoch,
            topics: view.topics().map(topic).collect(),
            forgotten_topics_data: view.forgotten_topics().map(forgotten_topic).collect(),
            rack_id: view.rack_id.to_owned(),
        }
    }

    #[test]
    fn the_view_shows_what_the_owned_message_holds() {
        let mut random = Random::new(3);
        for version in FetchRequest::VERSIONS {
            for _ in 0..200 {
                let request = FetchRequest::arbitrary(&mut random, version);
                let frame = [b"head".to_vec(), request.to_vec(version)].concat();
                let view = FetchView::new(&frame, 4, version).unwrap();
                assert_eq!(owned(&view, version), request);
            }
        }
    }

    #[test]
    fn the_view_refuses_what_the_owned_message_refuses() {
        let mut random = Random::new(4);
        for version in FetchRequest::VERSIONS {
            for _ in 0..300 {
                let bytes = FetchRequest::arbitrary(&mut random, version).to_vec(version);
                let frame = random.mutated(bytes);
                let view = FetchView::new(&frame, 0, version);
                let message = FetchRequest::from_bytes(&frame, version);
                if matches!(message, Err(DecodeError::OverBudget { .. })) {
                    continue; // The view takes no memory.
                }
                assert_eq!(view.map(|view| owned(&view, version)), message, "version {version}: {frame:?}");
            }
        }
    }
}
