//! The clean shutdown marker: written when everything in a log directory is closed and synced, taken away at start.
//!
//! Source: KIP-966; Kafka `CleanShutdownFileHandler`.

use std::path::Path;

use crate::error::StorageError;
use crate::io::{Disk, read_file, replace_file};
use crate::layout::CLEAN_SHUTDOWN;

const FILE_SIZE_MAX: u64 = 64 << 10;

/// A clean shutdown marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanShutdown {
    /// Epoch of the broker at its stop; `None` if the marker was there but not readable.
    pub broker_epoch: Option<i64>,
}

/// Takes the marker of a log directory away, durably, and tells what it said; `None` if there was none. Waits for the disk.
pub fn take(disk: &dyn Disk, log_dir: &Path) -> Result<Option<CleanShutdown>, StorageError> {
    let path = log_dir.join(CLEAN_SHUTDOWN);
    let broker_epoch = match read_file(disk, &path, FILE_SIZE_MAX) {
        Ok(None) => return Ok(None),
        Ok(Some(bytes)) => parse(&bytes),
        // It is there: how long it is does not matter.
        Err(error) if error.is_damage() => None,
        Err(error) => return Err(error),
    };
    disk.remove_file(&path)?;
    disk.sync_dir(log_dir)?;
    Ok(Some(CleanShutdown { broker_epoch }))
}

/// Says that everything in the log directory is closed and synced. Waits for the disk.
pub fn write(disk: &dyn Disk, log_dir: &Path, broker_epoch: i64) -> Result<(), StorageError> {
    let text = format!(r#"{{"version":0,"brokerEpoch":{broker_epoch}}}"#);
    replace_file(disk, &log_dir.join(CLEAN_SHUTDOWN), text.as_bytes())
}

fn parse(bytes: &[u8]) -> Option<i64> {
    serde_json::from_slice::<serde_json::Value>(bytes).ok()?.get("brokerEpoch")?.as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::simulated::{SimulatedDisk, Survival};

    #[test]
    fn the_marker_is_kafkas_and_is_there_once() {
        let disk = SimulatedDisk::new(0);
        disk.create_dir_all(Path::new("/data")).unwrap();
        disk.sync_dir(Path::new("/")).unwrap();
        assert_eq!(take(&disk, Path::new("/data")).unwrap(), None);
        write(&disk, Path::new("/data"), 42).unwrap();
        let path = Path::new("/data/.kafka_cleanshutdown");
        assert_eq!(disk.contents(path).as_deref(), Some(&br#"{"version":0,"brokerEpoch":42}"#[..]));
        let marker = CleanShutdown { broker_epoch: Some(42) };
        assert_eq!(take(&disk, Path::new("/data")).unwrap(), Some(marker));
        disk.crash(Survival::Nothing);
        assert_eq!(take(&disk, Path::new("/data")).unwrap(), None);
    }

    #[test]
    fn an_unreadable_marker_still_marks_a_clean_stop() {
        for content in [&b""[..], b"{", b"[]", br#"{"version":0}"#, br#"{"version":0,"brokerEpoch":null}"#] {
            let disk = SimulatedDisk::new(0);
            write(&disk, Path::new("/"), 42).unwrap();
            disk.corrupt(Path::new("/.kafka_cleanshutdown"), |bytes| *bytes = content.to_vec());
            let marker = take(&disk, Path::new("/")).unwrap();
            assert_eq!(marker, Some(CleanShutdown { broker_epoch: None }), "{}", content.escape_ascii());
        }
    }
}
