//! `partition.metadata`: the id of the topic that a replica's directory belongs to.
//!
//! Source: KIP-516; Kafka `PartitionMetadataFile`.

use std::path::Path;

use ottla_protocol::types::TopicId;

use crate::error::StorageError;
use crate::io::{Disk, read_file};
use crate::layout::PARTITION_METADATA;

const FILE_SIZE_MAX: u64 = 64 << 10;

/// What the file of a replica's directory says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartitionMetadata {
    /// The topic's id.
    Known(TopicId),
    /// There is no file.
    Missing,
    /// There is a file that cannot be understood: it was being written when the power went.
    Unreadable,
}

/// Reads the file in `dir`.
pub fn read(disk: &dyn Disk, dir: &Path) -> Result<PartitionMetadata, StorageError> {
    match read_file(disk, &dir.join(PARTITION_METADATA), FILE_SIZE_MAX) {
        Ok(None) => Ok(PartitionMetadata::Missing),
        Ok(Some(bytes)) => Ok(parse(&bytes).map_or(PartitionMetadata::Unreadable, PartitionMetadata::Known)),
        Err(error) if error.is_damage() => Ok(PartitionMetadata::Unreadable),
        Err(error) => Err(error),
    }
}

/// The content of the file.
#[must_use]
pub fn format(topic_id: TopicId) -> String {
    format!("version: 0\ntopic_id: {topic_id}")
}

fn parse(bytes: &[u8]) -> Option<TopicId> {
    let mut lines = std::str::from_utf8(bytes).ok()?.lines();
    let version = lines.next()?.strip_prefix("version:")?.trim();
    let topic_id = TopicId(lines.next()?.strip_prefix("topic_id:")?.trim().parse().ok()?);
    (version == "0" && topic_id != TopicId::ZERO).then_some(topic_id)
}

#[cfg(test)]
mod tests {
    use std::io::IoSlice;

    use super::*;
    use crate::io::OpenMode;
    use crate::io::simulated::SimulatedDisk;

    fn read_content(content: &[u8]) -> PartitionMetadata {
        let disk = SimulatedDisk::new(0);
        let file = disk.open(Path::new("/partition.metadata"), OpenMode::Create).unwrap();
        file.write_at(&[IoSlice::new(content)], 0).unwrap();
        read(&disk, Path::new("/")).unwrap()
    }

    #[test]
    fn the_file_is_kafkas() {
        let topic_id = TopicId("bzh7CNKcYlDFnFAt1VcTSA".parse().unwrap());
        assert_eq!(format(topic_id), "version: 0\ntopic_id: bzh7CNKcYlDFnFAt1VcTSA");
        assert_eq!(read_content(format(topic_id).as_bytes()), PartitionMetadata::Known(topic_id));
    }

    #[test]
    fn anything_else_is_missing_or_unreadable() {
        assert_eq!(read(&SimulatedDisk::new(0), Path::new("/")).unwrap(), PartitionMetadata::Missing);
        for content in [
            &b""[..],
            b"version: 0",
            b"version: 1\ntopic_id: bzh7CNKcYlDFnFAt1VcTSA",
            b"version: 0\ntopic_id: bzh7CNKcYlDFnFAt1VcTS",
            b"version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA",
            b"\0\0\0\0\xff",
        ] {
            assert_eq!(read_content(content), PartitionMetadata::Unreadable, "{}", content.escape_ascii());
        }
    }
}
