// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! A metadata record of any type, in the frame that the metadata log and its snapshots hold.

use super::abort_transaction_record::AbortTransactionRecord;
use super::access_control_entry_record::AccessControlEntryRecord;
use super::begin_transaction_record::BeginTransactionRecord;
use super::broker_registration_change_record::BrokerRegistrationChangeRecord;
use super::clear_elr_record::ClearElrRecord;
use super::client_quota_record::ClientQuotaRecord;
use super::config_record::ConfigRecord;
use super::delegation_token_record::DelegationTokenRecord;
use super::end_transaction_record::EndTransactionRecord;
use super::feature_level_record::FeatureLevelRecord;
use super::fence_broker_record::FenceBrokerRecord;
use super::no_op_record::NoOpRecord;
use super::partition_change_record::PartitionChangeRecord;
use super::partition_record::PartitionRecord;
use super::producer_ids_record::ProducerIdsRecord;
use super::register_broker_record::RegisterBrokerRecord;
use super::register_controller_record::RegisterControllerRecord;
use super::remove_access_control_entry_record::RemoveAccessControlEntryRecord;
use super::remove_delegation_token_record::RemoveDelegationTokenRecord;
use super::remove_topic_record::RemoveTopicRecord;
use super::remove_user_scram_credential_record::RemoveUserScramCredentialRecord;
use super::topic_record::TopicRecord;
use super::unfence_broker_record::UnfenceBrokerRecord;
use super::unregister_broker_record::UnregisterBrokerRecord;
use super::unregister_controller_record::UnregisterControllerRecord;
use super::user_scram_credential_record::UserScramCredentialRecord;
use super::zk_migration_state_record::ZkMigrationStateRecord;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// A record of `__cluster_metadata`, by type.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataRecord {
    /// Metadata record of type 0: versions 0 to 4, flexible.
    RegisterBroker(RegisterBrokerRecord),
    /// Metadata record of type 1: version 0, flexible.
    UnregisterBroker(UnregisterBrokerRecord),
    /// Metadata record of type 2: version 0, flexible.
    Topic(TopicRecord),
    /// Metadata record of type 3: versions 0 to 2, flexible.
    Partition(PartitionRecord),
    /// Metadata record of type 4: version 0, flexible.
    Config(ConfigRecord),
    /// Metadata record of type 5: versions 0 to 2, flexible.
    PartitionChange(PartitionChangeRecord),
    /// Metadata record of type 7: version 0, flexible.
    FenceBroker(FenceBrokerRecord),
    /// Metadata record of type 8: version 0, flexible.
    UnfenceBroker(UnfenceBrokerRecord),
    /// Metadata record of type 9: version 0, flexible.
    RemoveTopic(RemoveTopicRecord),
    /// Metadata record of type 10: version 0, flexible.
    DelegationToken(DelegationTokenRecord),
    /// Metadata record of type 11: version 0, flexible.
    UserScramCredential(UserScramCredentialRecord),
    /// Metadata record of type 12: version 0, flexible.
    FeatureLevel(FeatureLevelRecord),
    /// Metadata record of type 14: version 0, flexible.
    ClientQuota(ClientQuotaRecord),
    /// Metadata record of type 15: version 0, flexible.
    ProducerIds(ProducerIdsRecord),
    /// Metadata record of type 17: versions 0 to 3, flexible.
    BrokerRegistrationChange(BrokerRegistrationChangeRecord),
    /// Metadata record of type 18: version 0, flexible.
    AccessControlEntry(AccessControlEntryRecord),
    /// Metadata record of type 19: version 0, flexible.
    RemoveAccessControlEntry(RemoveAccessControlEntryRecord),
    /// Metadata record of type 20: version 0, flexible.
    NoOp(NoOpRecord),
    /// Metadata record of type 21: version 0, flexible.
    ZkMigrationState(ZkMigrationStateRecord),
    /// Metadata record of type 22: version 0, flexible.
    RemoveUserScramCredential(RemoveUserScramCredentialRecord),
    /// Metadata record of type 23: version 0, flexible.
    BeginTransaction(BeginTransactionRecord),
    /// Metadata record of type 24: version 0, flexible.
    EndTransaction(EndTransactionRecord),
    /// Metadata record of type 25: version 0, flexible.
    AbortTransaction(AbortTransactionRecord),
    /// Metadata record of type 26: version 0, flexible.
    RemoveDelegationToken(RemoveDelegationTokenRecord),
    /// Metadata record of type 27: version 0, flexible.
    RegisterController(RegisterControllerRecord),
    /// Metadata record of type 28: version 0, flexible.
    ClearElr(ClearElrRecord),
    /// Metadata record of type 29: version 0, flexible.
    UnregisterController(UnregisterControllerRecord),
}

impl MetadataRecord {
    /// The record's type number.
    #[must_use]
    pub fn record_type(&self) -> i16 {
        match self {
            Self::RegisterBroker(_) => RegisterBrokerRecord::RECORD_TYPE,
            Self::UnregisterBroker(_) => UnregisterBrokerRecord::RECORD_TYPE,
            Self::Topic(_) => TopicRecord::RECORD_TYPE,
            Self::Partition(_) => PartitionRecord::RECORD_TYPE,
            Self::Config(_) => ConfigRecord::RECORD_TYPE,
            Self::PartitionChange(_) => PartitionChangeRecord::RECORD_TYPE,
            Self::FenceBroker(_) => FenceBrokerRecord::RECORD_TYPE,
            Self::UnfenceBroker(_) => UnfenceBrokerRecord::RECORD_TYPE,
            Self::RemoveTopic(_) => RemoveTopicRecord::RECORD_TYPE,
            Self::DelegationToken(_) => DelegationTokenRecord::RECORD_TYPE,
            Self::UserScramCredential(_) => UserScramCredentialRecord::RECORD_TYPE,
            Self::FeatureLevel(_) => FeatureLevelRecord::RECORD_TYPE,
            Self::ClientQuota(_) => ClientQuotaRecord::RECORD_TYPE,
            Self::ProducerIds(_) => ProducerIdsRecord::RECORD_TYPE,
            Self::BrokerRegistrationChange(_) => BrokerRegistrationChangeRecord::RECORD_TYPE,
            Self::AccessControlEntry(_) => AccessControlEntryRecord::RECORD_TYPE,
            Self::RemoveAccessControlEntry(_) => RemoveAccessControlEntryRecord::RECORD_TYPE,
            Self::NoOp(_) => NoOpRecord::RECORD_TYPE,
            Self::ZkMigrationState(_) => ZkMigrationStateRecord::RECORD_TYPE,
            Self::RemoveUserScramCredential(_) => RemoveUserScramCredentialRecord::RECORD_TYPE,
            Self::BeginTransaction(_) => BeginTransactionRecord::RECORD_TYPE,
            Self::EndTransaction(_) => EndTransactionRecord::RECORD_TYPE,
            Self::AbortTransaction(_) => AbortTransactionRecord::RECORD_TYPE,
            Self::RemoveDelegationToken(_) => RemoveDelegationTokenRecord::RECORD_TYPE,
            Self::RegisterController(_) => RegisterControllerRecord::RECORD_TYPE,
            Self::ClearElr(_) => ClearElrRecord::RECORD_TYPE,
            Self::UnregisterController(_) => UnregisterControllerRecord::RECORD_TYPE,
        }
    }

    /// Reads a record's whole value: frame version, type, version, body. Gives the record and its version.
    ///
    /// Errors: also `UnknownType` and `TrailingBytes`. Source: Kafka `AbstractApiMessageSerde`.
    pub fn decode(value: &[u8]) -> Result<(Self, i16), DecodeError> {
        let reader = &mut Reader::new(value).trusted();
        let (record_type, version) = message::decode_frame(reader)?;
        let record = match record_type {
            RegisterBrokerRecord::RECORD_TYPE => {
                RegisterBrokerRecord::decode(reader, version).map(Self::RegisterBroker)?
            }
            UnregisterBrokerRecord::RECORD_TYPE => {
                UnregisterBrokerRecord::decode(reader, version).map(Self::UnregisterBroker)?
            }
            TopicRecord::RECORD_TYPE => TopicRecord::decode(reader, version).map(Self::Topic)?,
            PartitionRecord::RECORD_TYPE => PartitionRecord::decode(reader, version).map(Self::Partition)?,
            ConfigRecord::RECORD_TYPE => ConfigRecord::decode(reader, version).map(Self::Config)?,
            PartitionChangeRecord::RECORD_TYPE => {
                PartitionChangeRecord::decode(reader, version).map(Self::PartitionChange)?
            }
            FenceBrokerRecord::RECORD_TYPE => {
                FenceBrokerRecord::decode(reader, version).map(Self::FenceBroker)?
            }
            UnfenceBrokerRecord::RECORD_TYPE => {
                UnfenceBrokerRecord::decode(reader, version).map(Self::UnfenceBroker)?
            }
            RemoveTopicRecord::RECORD_TYPE => {
                RemoveTopicRecord::decode(reader, version).map(Self::RemoveTopic)?
            }
            DelegationTokenRecord::RECORD_TYPE => {
                DelegationTokenRecord::decode(reader, version).map(Self::DelegationToken)?
            }
            UserScramCredentialRecord::RECORD_TYPE => {
                UserScramCredentialRecord::decode(reader, version).map(Self::UserScramCredential)?
            }
            FeatureLevelRecord::RECORD_TYPE => {
                FeatureLevelRecord::decode(reader, version).map(Self::FeatureLevel)?
            }
            ClientQuotaRecord::RECORD_TYPE => {
                ClientQuotaRecord::decode(reader, version).map(Self::ClientQuota)?
            }
            ProducerIdsRecord::RECORD_TYPE => {
                ProducerIdsRecord::decode(reader, version).map(Self::ProducerIds)?
            }
            BrokerRegistrationChangeRecord::RECORD_TYPE => {
                BrokerRegistrationChangeRecord::decode(reader, version).map(Self::BrokerRegistrationChange)?
            }
            AccessControlEntryRecord::RECORD_TYPE => {
                AccessControlEntryRecord::decode(reader, version).map(Self::AccessControlEntry)?
            }
            RemoveAccessControlEntryRecord::RECORD_TYPE => {
                RemoveAccessControlEntryRecord::decode(reader, version).map(Self::RemoveAccessControlEntry)?
            }
            NoOpRecord::RECORD_TYPE => NoOpRecord::decode(reader, version).map(Self::NoOp)?,
            ZkMigrationStateRecord::RECORD_TYPE => {
                ZkMigrationStateRecord::decode(reader, version).map(Self::ZkMigrationState)?
            }
            RemoveUserScramCredentialRecord::RECORD_TYPE => {
                RemoveUserScramCredentialRecord::decode(reader, version)
                    .map(Self::RemoveUserScramCredential)?
            }
            BeginTransactionRecord::RECORD_TYPE => {
                BeginTransactionRecord::decode(reader, version).map(Self::BeginTransaction)?
            }
            EndTransactionRecord::RECORD_TYPE => {
                EndTransactionRecord::decode(reader, version).map(Self::EndTransaction)?
            }
            AbortTransactionRecord::RECORD_TYPE => {
                AbortTransactionRecord::decode(reader, version).map(Self::AbortTransaction)?
            }
            RemoveDelegationTokenRecord::RECORD_TYPE => {
                RemoveDelegationTokenRecord::decode(reader, version).map(Self::RemoveDelegationToken)?
            }
            RegisterControllerRecord::RECORD_TYPE => {
                RegisterControllerRecord::decode(reader, version).map(Self::RegisterController)?
            }
            ClearElrRecord::RECORD_TYPE => ClearElrRecord::decode(reader, version).map(Self::ClearElr)?,
            UnregisterControllerRecord::RECORD_TYPE => {
                UnregisterControllerRecord::decode(reader, version).map(Self::UnregisterController)?
            }

            _ => return Err(DecodeError::UnknownType { position: 0, number: record_type.into() }),
        };
        reader.finish()?;
        Ok((record, version))
    }

    /// Writes the record's whole value, its body in `version`.
    pub fn encode(&self, writer: &mut Writer, version: i16) {
        message::encode_frame(writer, self.record_type(), version);
        match self {
            Self::RegisterBroker(body) => body.encode(writer, version),
            Self::UnregisterBroker(body) => body.encode(writer, version),
            Self::Topic(body) => body.encode(writer, version),
            Self::Partition(body) => body.encode(writer, version),
            Self::Config(body) => body.encode(writer, version),
            Self::PartitionChange(body) => body.encode(writer, version),
            Self::FenceBroker(body) => body.encode(writer, version),
            Self::UnfenceBroker(body) => body.encode(writer, version),
            Self::RemoveTopic(body) => body.encode(writer, version),
            Self::DelegationToken(body) => body.encode(writer, version),
            Self::UserScramCredential(body) => body.encode(writer, version),
            Self::FeatureLevel(body) => body.encode(writer, version),
            Self::ClientQuota(body) => body.encode(writer, version),
            Self::ProducerIds(body) => body.encode(writer, version),
            Self::BrokerRegistrationChange(body) => body.encode(writer, version),
            Self::AccessControlEntry(body) => body.encode(writer, version),
            Self::RemoveAccessControlEntry(body) => body.encode(writer, version),
            Self::NoOp(body) => body.encode(writer, version),
            Self::ZkMigrationState(body) => body.encode(writer, version),
            Self::RemoveUserScramCredential(body) => body.encode(writer, version),
            Self::BeginTransaction(body) => body.encode(writer, version),
            Self::EndTransaction(body) => body.encode(writer, version),
            Self::AbortTransaction(body) => body.encode(writer, version),
            Self::RemoveDelegationToken(body) => body.encode(writer, version),
            Self::RegisterController(body) => body.encode(writer, version),
            Self::ClearElr(body) => body.encode(writer, version),
            Self::UnregisterController(body) => body.encode(writer, version),
        }
    }
}

impl From<RegisterBrokerRecord> for MetadataRecord {
    fn from(body: RegisterBrokerRecord) -> Self {
        Self::RegisterBroker(body)
    }
}

impl From<UnregisterBrokerRecord> for MetadataRecord {
    fn from(body: UnregisterBrokerRecord) -> Self {
        Self::UnregisterBroker(body)
    }
}

impl From<TopicRecord> for MetadataRecord {
    fn from(body: TopicRecord) -> Self {
        Self::Topic(body)
    }
}

impl From<PartitionRecord> for MetadataRecord {
    fn from(body: PartitionRecord) -> Self {
        Self::Partition(body)
    }
}

impl From<ConfigRecord> for MetadataRecord {
    fn from(body: ConfigRecord) -> Self {
        Self::Config(body)
    }
}

impl From<PartitionChangeRecord> for MetadataRecord {
    fn from(body: PartitionChangeRecord) -> Self {
        Self::PartitionChange(body)
    }
}

impl From<FenceBrokerRecord> for MetadataRecord {
    fn from(body: FenceBrokerRecord) -> Self {
        Self::FenceBroker(body)
    }
}

impl From<UnfenceBrokerRecord> for MetadataRecord {
    fn from(body: UnfenceBrokerRecord) -> Self {
        Self::UnfenceBroker(body)
    }
}

impl From<RemoveTopicRecord> for MetadataRecord {
    fn from(body: RemoveTopicRecord) -> Self {
        Self::RemoveTopic(body)
    }
}

impl From<DelegationTokenRecord> for MetadataRecord {
    fn from(body: DelegationTokenRecord) -> Self {
        Self::DelegationToken(body)
    }
}

impl From<UserScramCredentialRecord> for MetadataRecord {
    fn from(body: UserScramCredentialRecord) -> Self {
        Self::UserScramCredential(body)
    }
}

impl From<FeatureLevelRecord> for MetadataRecord {
    fn from(body: FeatureLevelRecord) -> Self {
        Self::FeatureLevel(body)
    }
}

impl From<ClientQuotaRecord> for MetadataRecord {
    fn from(body: ClientQuotaRecord) -> Self {
        Self::ClientQuota(body)
    }
}

impl From<ProducerIdsRecord> for MetadataRecord {
    fn from(body: ProducerIdsRecord) -> Self {
        Self::ProducerIds(body)
    }
}

impl From<BrokerRegistrationChangeRecord> for MetadataRecord {
    fn from(body: BrokerRegistrationChangeRecord) -> Self {
        Self::BrokerRegistrationChange(body)
    }
}

impl From<AccessControlEntryRecord> for MetadataRecord {
    fn from(body: AccessControlEntryRecord) -> Self {
        Self::AccessControlEntry(body)
    }
}

impl From<RemoveAccessControlEntryRecord> for MetadataRecord {
    fn from(body: RemoveAccessControlEntryRecord) -> Self {
        Self::RemoveAccessControlEntry(body)
    }
}

impl From<NoOpRecord> for MetadataRecord {
    fn from(body: NoOpRecord) -> Self {
        Self::NoOp(body)
    }
}

impl From<ZkMigrationStateRecord> for MetadataRecord {
    fn from(body: ZkMigrationStateRecord) -> Self {
        Self::ZkMigrationState(body)
    }
}

impl From<RemoveUserScramCredentialRecord> for MetadataRecord {
    fn from(body: RemoveUserScramCredentialRecord) -> Self {
        Self::RemoveUserScramCredential(body)
    }
}

impl From<BeginTransactionRecord> for MetadataRecord {
    fn from(body: BeginTransactionRecord) -> Self {
        Self::BeginTransaction(body)
    }
}

impl From<EndTransactionRecord> for MetadataRecord {
    fn from(body: EndTransactionRecord) -> Self {
        Self::EndTransaction(body)
    }
}

impl From<AbortTransactionRecord> for MetadataRecord {
    fn from(body: AbortTransactionRecord) -> Self {
        Self::AbortTransaction(body)
    }
}

impl From<RemoveDelegationTokenRecord> for MetadataRecord {
    fn from(body: RemoveDelegationTokenRecord) -> Self {
        Self::RemoveDelegationToken(body)
    }
}

impl From<RegisterControllerRecord> for MetadataRecord {
    fn from(body: RegisterControllerRecord) -> Self {
        Self::RegisterController(body)
    }
}

impl From<ClearElrRecord> for MetadataRecord {
    fn from(body: ClearElrRecord) -> Self {
        Self::ClearElr(body)
    }
}

impl From<UnregisterControllerRecord> for MetadataRecord {
    fn from(body: UnregisterControllerRecord) -> Self {
        Self::UnregisterController(body)
    }
}
