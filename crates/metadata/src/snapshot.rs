//! Snapshots: an image as records, and the `.checkpoint` files that hold them.
//!
//! ```text
//! file = control batch [SnapshotHeader (+ KRaftVersion, Voters)] | data batches | control batch [SnapshotFooter]
//! ```
//! `bootstrap.checkpoint` has the same form.

mod file;
mod records;

pub use file::{Snapshot, SnapshotError, decode, encode};
pub(crate) use records::partition_record;
pub use records::snapshot_records;

use crate::delta::{DeltaError, MetadataDelta};
use crate::image::{MetadataImage, Provenance};

/// The image that a snapshot's records make.
///
/// `last_contained` is the offset before the snapshot's end offset, and the snapshot's epoch.
///
/// Errors: the records do not fit each other.
pub fn image_of(snapshot: &Snapshot, mut last_contained: Provenance) -> Result<MetadataImage, DeltaError> {
    last_contained.last_contained_log_timestamp = snapshot.last_contained_log_timestamp;
    let mut delta = MetadataDelta::default();
    for record in &snapshot.records {
        delta.replay(last_contained, record)?;
    }
    let mut image = delta.apply();
    image.provenance = last_contained;
    Ok(image)
}
