//! Access control entries, SCRAM credentials and delegation tokens, as the metadata log holds them.

use std::sync::Arc;

use bytes::Bytes;
use imbl::OrdMap;
use ottla_protocol::types::Uuid;

/// One access control entry. The small numbers are those of the records (Kafka `ResourceType`, `PatternType`,
/// `AclOperation`, `AclPermissionType`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StandardAcl {
    /// Type of the resource, such as 2 for a topic.
    pub resource_type: i8,
    /// Name, or name prefix, of the resource.
    pub resource_name: String,
    /// 3 if the name is literal, 4 if it is a prefix.
    pub pattern_type: i8,
    /// Principal, such as `User:alice`.
    pub principal: String,
    /// Host, or `*`.
    pub host: String,
    /// Operation, such as 3 for Read.
    pub operation: i8,
    /// 2 denies, 3 allows.
    pub permission_type: i8,
}

/// All access control entries by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AclsImage {
    /// Entries by id.
    pub by_id: OrdMap<Uuid, Arc<StandardAcl>>,
}

/// Number of a SCRAM mechanism in records and on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScramMechanism(pub i8);

impl ScramMechanism {
    /// SCRAM-SHA-256.
    pub const SHA_256: Self = Self(1);
    /// SCRAM-SHA-512.
    pub const SHA_512: Self = Self(2);
}

/// What a broker keeps of a SCRAM password.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramCredential {
    /// Salt of the hash.
    pub salt: Bytes,
    /// `StoredKey` of RFC 5802.
    pub stored_key: Bytes,
    /// `ServerKey` of RFC 5802.
    pub server_key: Bytes,
    /// Iteration count.
    pub iterations: i32,
}

impl std::fmt::Debug for ScramCredential {
    /// Keys stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScramCredential").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

/// All SCRAM credentials.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScramImage {
    /// Credentials by mechanism and user.
    pub credentials: OrdMap<(ScramMechanism, Arc<str>), Arc<ScramCredential>>,
}

/// One delegation token, without its HMAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegationToken {
    /// Principal that owns the token.
    pub owner: String,
    /// Principal that asked for it.
    pub requester: String,
    /// Principals that may renew it.
    pub renewers: Vec<String>,
    /// Time of issue in milliseconds since 1970.
    pub issue_timestamp: i64,
    /// Time after which it cannot be renewed.
    pub max_timestamp: i64,
    /// Time after which it is invalid unless renewed.
    pub expiration_timestamp: i64,
}

/// All delegation tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DelegationTokensImage {
    /// Tokens by id.
    pub by_id: OrdMap<Arc<str>, Arc<DelegationToken>>,
}
