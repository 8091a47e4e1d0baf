//! Metadata records: the frame is the protocol crate's, which version to write is decided here.

use bytes::Bytes;
use ottla_protocol::messages::broker_registration_change_record::BrokerRegistrationChangeRecord;
pub use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::wire::Writer;

use crate::features::MetadataVersion;

/// Version of the record's body to write at this metadata version. Source: Kafka `MetadataVersion`.
#[must_use]
pub fn version_at(record: &MetadataRecord, metadata_version: MetadataVersion) -> i16 {
    match record {
        MetadataRecord::RegisterBroker(_) => metadata_version.register_broker_record_version(),
        MetadataRecord::BrokerRegistrationChange(change) => broker_registration_change_version(change),
        MetadataRecord::Partition(_) | MetadataRecord::PartitionChange(_) => {
            metadata_version.partition_record_version()
        }
        _ => 0,
    }
}

/// The least version that carries what the record says: whoever decides it says only what the metadata version allows.
/// Source: Kafka `ReplicationControlManager.handleBrokerFenced`, `handleDirectoriesOffline`.
fn broker_registration_change_version(change: &BrokerRegistrationChangeRecord) -> i16 {
    if change.cordoned_log_dirs.is_some() {
        3
    } else if !change.log_dirs.is_empty() {
        2
    } else {
        i16::from(change.in_controlled_shutdown != 0)
    }
}

/// The record's whole value, as the metadata log holds it at this metadata version. Its key is null.
#[must_use]
pub fn encode(record: &MetadataRecord, metadata_version: MetadataVersion) -> Bytes {
    let mut writer = Writer::new();
    record.encode(&mut writer, version_at(record, metadata_version));
    writer.into_vec().into()
}

/// The metadata version in force behind `record`: the record's own if it sets one.
///
/// A run of records that raises the version has to be written with the version in force at each of them.
#[must_use]
pub fn version_after(record: &MetadataRecord, before: MetadataVersion) -> MetadataVersion {
    match record {
        MetadataRecord::FeatureLevel(feature) if feature.name == crate::features::METADATA_VERSION => {
            MetadataVersion::from_level(feature.feature_level).unwrap_or(before)
        }
        _ => before,
    }
}

/// The values of a run of records, where `before` is the metadata version in force before the first of them.
pub fn encode_all(records: &[MetadataRecord], before: MetadataVersion) -> Vec<Bytes> {
    let mut version = before;
    records
        .iter()
        .map(|record| {
            version = version_after(record, version);
            encode(record, version)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ottla_protocol::messages::feature_level_record::FeatureLevelRecord;
    use ottla_protocol::messages::partition_record::PartitionRecord;
    use ottla_protocol::messages::register_broker_record::RegisterBrokerRecord;

    use super::*;

    #[test]
    fn each_record_is_written_in_the_version_of_its_metadata_version() {
        let version = |record: MetadataRecord, level| {
            let bytes = encode(&record, MetadataVersion::from_level(level).unwrap());
            MetadataRecord::decode(&bytes).unwrap().1
        };
        let partition = || MetadataRecord::Partition(PartitionRecord::default());
        assert_eq!((version(partition(), 7), version(partition(), 17), version(partition(), 30)), (0, 1, 2));
        let broker = || MetadataRecord::RegisterBroker(RegisterBrokerRecord::default());
        assert_eq!((version(broker(), 7), version(broker(), 29), version(broker(), 30)), (1, 3, 4));
    }

    #[test]
    fn a_run_that_raises_the_metadata_version_is_written_with_the_new_one_from_there_on() {
        let records = [
            MetadataRecord::Partition(PartitionRecord::default()),
            MetadataRecord::FeatureLevel(FeatureLevelRecord {
                name: "metadata.version".into(),
                feature_level: 30,
            }),
            MetadataRecord::Partition(PartitionRecord::default()),
        ];
        let versions: Vec<_> = encode_all(&records, MetadataVersion::MINIMUM)
            .iter()
            .map(|value| MetadataRecord::decode(value).unwrap().1)
            .collect();
        assert_eq!(versions, [0, 0, 2]);
    }

    #[test]
    fn trailing_bytes_are_corrupt() {
        let record = MetadataRecord::Partition(PartitionRecord::default());
        let mut bytes = encode(&record, MetadataVersion::LATEST_PRODUCTION).to_vec();
        assert_eq!(MetadataRecord::decode(&bytes).unwrap(), (record, 2));
        bytes.push(0);
        assert!(MetadataRecord::decode(&bytes).is_err());
    }
}
