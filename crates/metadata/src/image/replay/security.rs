//! Records of access control entries, SCRAM credentials and delegation tokens.

use std::sync::Arc;

use ottla_protocol::messages::metadata_record::MetadataRecord;

use crate::delta::MetadataChanges;
use crate::image::{DelegationToken, MetadataImage, ScramCredential, ScramMechanism, StandardAcl};

impl MetadataImage {
    pub(super) fn change_security(&mut self, record: &MetadataRecord, changes: &mut MetadataChanges) {
        match record {
            MetadataRecord::AccessControlEntry(record) => {
                let acl = StandardAcl {
                    resource_type: record.resource_type,
                    resource_name: record.resource_name.clone(),
                    pattern_type: record.pattern_type,
                    principal: record.principal.clone(),
                    host: record.host.clone(),
                    operation: record.operation,
                    permission_type: record.permission_type,
                };
                self.acls.by_id.insert(record.id, Arc::new(acl));
                changes.acls = true;
            }
            MetadataRecord::RemoveAccessControlEntry(record) => {
                self.acls.by_id.remove(&record.id);
                changes.acls = true;
            }
            MetadataRecord::UserScramCredential(record) => {
                let key = (ScramMechanism(record.mechanism), Arc::from(record.name.as_str()));
                let credential = ScramCredential {
                    salt: record.salt.clone(),
                    stored_key: record.stored_key.clone(),
                    server_key: record.server_key.clone(),
                    iterations: record.iterations,
                };
                self.scram.credentials.insert(key, Arc::new(credential));
                changes.scram = true;
            }
            MetadataRecord::RemoveUserScramCredential(record) => {
                let key = (ScramMechanism(record.mechanism), Arc::from(record.name.as_str()));
                self.scram.credentials.remove(&key);
                changes.scram = true;
            }
            MetadataRecord::DelegationToken(record) => {
                let token = DelegationToken {
                    owner: record.owner.clone(),
                    requester: record.requester.clone(),
                    renewers: record.renewers.clone(),
                    issue_timestamp: record.issue_timestamp,
                    max_timestamp: record.max_timestamp,
                    expiration_timestamp: record.expiration_timestamp,
                };
                self.delegation_tokens.by_id.insert(record.token_id.as_str().into(), Arc::new(token));
                changes.delegation_tokens = true;
            }
            MetadataRecord::RemoveDelegationToken(record) => {
                self.delegation_tokens.by_id.remove(record.token_id.as_str());
                changes.delegation_tokens = true;
            }
            _ => {}
        }
    }
}
