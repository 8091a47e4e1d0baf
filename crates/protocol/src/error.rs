//! THE error table: every code that a response can carry, with what a client should do about it.
//!
//! Source: Kafka 4.3.1 and 4.4.0 `Errors`. The texts are Kafka's defaults, which travel in error message fields.

use std::fmt;

/// An error code of the wire. Codes from 134 on are new in Kafka 4.4.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub i16);

/// Whether a client should try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// The same request may succeed later.
    Later,
    /// The same request may succeed after a look at fresh metadata, or for the coordinator.
    AfterRefresh,
}

impl ErrorCode {
    /// Kafka's name of the code; `UNKNOWN` for a code that is not in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("UNKNOWN", |row| row.name)
    }

    /// Kafka's default text for the code.
    #[must_use]
    pub fn message(self) -> &'static str {
        self.row().map_or("unknown error code", |row| row.message)
    }

    /// Whether a client should try again. A code that is not in the table counts as `Never`.
    #[must_use]
    pub fn retry(self) -> Retry {
        self.row().map_or(Retry::Never, |row| row.retry)
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retriable(self) -> bool {
        self.retry() != Retry::Never
    }

    /// Whether this is anything but [`ErrorCode::NONE`].
    #[must_use]
    pub fn is_error(self) -> bool {
        self != Self::NONE
    }

    /// Every code of the table, ascending.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.code)
    }

    fn row(self) -> Option<&'static Row> {
        let index = usize::try_from(i32::from(self.0) - i32::from(FIRST_CODE)).ok()?;
        TABLE.get(index)
    }
}

impl From<i16> for ErrorCode {
    fn from(code: i16) -> Self {
        Self(code)
    }
}

impl From<ErrorCode> for i16 {
    fn from(error: ErrorCode) -> Self {
        error.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row() {
            Some(row) => f.pad(row.name),
            None => write!(f, "UNKNOWN({})", self.0),
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

struct Row {
    code: ErrorCode,
    name: &'static str,
    retry: Retry,
    message: &'static str,
}

/// The table has no gaps from this code on.
const FIRST_CODE: i16 = -1;

macro_rules! error_table {
    ($(($code:literal, $name:ident, $retry:ident, $message:literal);)*) => {
        impl ErrorCode {$(
            #[doc = $message]
            pub const $name: Self = Self($code);
        )*}

        static TABLE: &[Row] = &[$(
            Row { code: ErrorCode::$name, name: stringify!($name), retry: Retry::$retry, message: $message },
        )*];
    };
}

#[rustfmt::skip]
error_table! {
    (-1, UNKNOWN_SERVER_ERROR, Never, "The server experienced an unexpected error when processing the request.");
    (0, NONE, Never, "no error");
    (1, OFFSET_OUT_OF_RANGE, Never, "The requested offset is not within the range of offsets maintained by the server.");
    (2, CORRUPT_MESSAGE, Later, "This message has failed its CRC checksum, exceeds the valid size, has a null key for a compacted topic, or is otherwise corrupt.");
    (3, UNKNOWN_TOPIC_OR_PARTITION, AfterRefresh, "This server does not host this topic-partition.");
    (4, INVALID_FETCH_SIZE, Never, "The requested fetch size is invalid.");
    (5, LEADER_NOT_AVAILABLE, AfterRefresh, "There is no leader for this topic-partition as we are in the middle of a leadership election.");
    (6, NOT_LEADER_OR_FOLLOWER, AfterRefresh, "For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.");
    (7, REQUEST_TIMED_OUT, Later, "The request timed out.");
    (8, BROKER_NOT_AVAILABLE, Never, "The broker is not available.");
    (9, REPLICA_NOT_AVAILABLE, AfterRefresh, "The replica is not available for the requested topic-partition. Produce/Fetch requests and other requests intended only for the leader or follower return NOT_LEADER_OR_FOLLOWER if the broker is not a replica of the topic-partition.");
    (10, MESSAGE_TOO_LARGE, Never, "The request included a message larger than the max message size the server will accept.");
    (11, STALE_CONTROLLER_EPOCH, Never, "The controller moved to another broker.");
    (12, OFFSET_METADATA_TOO_LARGE, Never, "The metadata field of the offset request was too large.");
    (13, NETWORK_EXCEPTION, AfterRefresh, "The server disconnected before a response was received.");
    (14, COORDINATOR_LOAD_IN_PROGRESS, Later, "The coordinator is loading and hence can't process requests.");
    (15, COORDINATOR_NOT_AVAILABLE, AfterRefresh, "The coordinator is not available.");
    (16, NOT_COORDINATOR, AfterRefresh, "This is not the correct coordinator.");
    (17, INVALID_TOPIC_EXCEPTION, Never, "The request attempted to perform an operation on an invalid topic.");
    (18, RECORD_LIST_TOO_LARGE, Never, "The request included message batch larger than the configured segment size on the server.");
    (19, NOT_ENOUGH_REPLICAS, Later, "Messages are rejected since there are fewer in-sync replicas than required.");
    (20, NOT_ENOUGH_REPLICAS_AFTER_APPEND, Later, "Messages are written to the log, but to fewer in-sync replicas than required.");
    (21, INVALID_REQUIRED_ACKS, Never, "Produce request specified an invalid value for required acks.");
    (22, ILLEGAL_GENERATION, Never, "Specified group generation id is not valid.");
    (23, INCONSISTENT_GROUP_PROTOCOL, Never, "The group member's supported protocols are incompatible with those of existing members or first group member tried to join with empty protocol type or empty protocol list.");
    (24, INVALID_GROUP_ID, Never, "The group id is invalid.");
    (25, UNKNOWN_MEMBER_ID, Never, "The coordinator is not aware of this member.");
    (26, INVALID_SESSION_TIMEOUT, Never, "The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms).");
    (27, REBALANCE_IN_PROGRESS, Never, "The group is rebalancing, so a rejoin is needed.");
    (28, INVALID_COMMIT_OFFSET_SIZE, Never, "The committing offset data size is not valid.");
    (29, TOPIC_AUTHORIZATION_FAILED, Never, "Topic authorization failed.");
    (30, GROUP_AUTHORIZATION_FAILED, Never, "Group authorization failed.");
    (31, CLUSTER_AUTHORIZATION_FAILED, Never, "Cluster authorization failed.");
    (32, INVALID_TIMESTAMP, Never, "The timestamp of the message is out of acceptable range.");
    (33, UNSUPPORTED_SASL_MECHANISM, Never, "The broker does not support the requested SASL mechanism.");
    (34, ILLEGAL_SASL_STATE, Never, "Request is not valid given the current SASL state.");
    (35, UNSUPPORTED_VERSION, Never, "The version of API is not supported.");
    (36, TOPIC_ALREADY_EXISTS, Never, "Topic with this name already exists.");
    (37, INVALID_PARTITIONS, Never, "Number of partitions is below 1.");
    (38, INVALID_REPLICATION_FACTOR, Never, "Replication factor is below 1 or larger than the number of available brokers.");
    (39, INVALID_REPLICA_ASSIGNMENT, Never, "Replica assignment is invalid.");
    (40, INVALID_CONFIG, Never, "Configuration is invalid.");
    (41, NOT_CONTROLLER, Later, "This is not the correct controller for this cluster.");
    (42, INVALID_REQUEST, Never, "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.");
    (43, UNSUPPORTED_FOR_MESSAGE_FORMAT, Never, "The message format version on the broker does not support the request.");
    (44, POLICY_VIOLATION, Never, "Request parameters do not satisfy the configured policy.");
    (45, OUT_OF_ORDER_SEQUENCE_NUMBER, Never, "The broker received an out of order sequence number.");
    (46, DUPLICATE_SEQUENCE_NUMBER, Never, "The broker received a duplicate sequence number.");
    (47, INVALID_PRODUCER_EPOCH, Never, "Producer attempted to produce with an old epoch.");
    (48, INVALID_TXN_STATE, Never, "The producer attempted a transactional operation in an invalid state.");
    (49, INVALID_PRODUCER_ID_MAPPING, Never, "The producer attempted to use a producer id which is not currently assigned to its transactional id.");
    (50, INVALID_TRANSACTION_TIMEOUT, Never, "The transaction timeout is larger than the maximum value allowed by the broker (as configured by transaction.max.timeout.ms).");
    (51, CONCURRENT_TRANSACTIONS, Later, "The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing.");
    (52, TRANSACTION_COORDINATOR_FENCED, Never, "Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer.");
    (53, TRANSACTIONAL_ID_AUTHORIZATION_FAILED, Never, "Transactional Id authorization failed.");
    (54, SECURITY_DISABLED, Never, "Security features are disabled.");
    (55, OPERATION_NOT_ATTEMPTED, Never, "The broker did not attempt to execute this operation. This may happen for batched RPCs where some operations in the batch failed, causing the broker to respond without trying the rest.");
    (56, KAFKA_STORAGE_ERROR, AfterRefresh, "Disk error when trying to access log file on the disk.");
    (57, LOG_DIR_NOT_FOUND, Never, "The user-specified log directory is not found in the broker config.");
    (58, SASL_AUTHENTICATION_FAILED, Never, "SASL Authentication failed.");
    (59, UNKNOWN_PRODUCER_ID, Never, "This exception is raised by the broker if it could not locate the producer metadata associated with the producerId in question. This could happen if, for instance, the producer's records were deleted because their retention time had elapsed. Once the last records of the producerId are removed, the producer's metadata is removed from the broker, and future appends by the producer will return this exception.");
    (60, REASSIGNMENT_IN_PROGRESS, Never, "A partition reassignment is in progress.");
    (61, DELEGATION_TOKEN_AUTH_DISABLED, Never, "Delegation Token feature is not enabled.");
    (62, DELEGATION_TOKEN_NOT_FOUND, Never, "Delegation Token is not found on server.");
    (63, DELEGATION_TOKEN_OWNER_MISMATCH, Never, "Specified Principal is not valid Owner/Renewer.");
    (64, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, Never, "Delegation Token requests are not allowed on PLAINTEXT/1-way SSL channels and on delegation token authenticated channels.");
    (65, DELEGATION_TOKEN_AUTHORIZATION_FAILED, Never, "Delegation Token authorization failed.");
    (66, DELEGATION_TOKEN_EXPIRED, Never, "Delegation Token is expired.");
    (67, INVALID_PRINCIPAL_TYPE, Never, "Supplied principalType is not supported.");
    (68, NON_EMPTY_GROUP, Never, "The group is not empty.");
    (69, GROUP_ID_NOT_FOUND, Never, "The group id does not exist.");
    (70, FETCH_SESSION_ID_NOT_FOUND, Later, "The fetch session ID was not found.");
    (71, INVALID_FETCH_SESSION_EPOCH, Later, "The fetch session epoch is invalid.");
    (72, LISTENER_NOT_FOUND, AfterRefresh, "There is no listener on the leader broker that matches the listener on which metadata request was processed.");
    (73, TOPIC_DELETION_DISABLED, Never, "Topic deletion is disabled.");
    (74, FENCED_LEADER_EPOCH, AfterRefresh, "The leader epoch in the request is older than the epoch on the broker.");
    (75, UNKNOWN_LEADER_EPOCH, Later, "The leader epoch in the request is newer than the epoch on the broker.");
    (76, UNSUPPORTED_COMPRESSION_TYPE, Never, "The requesting client does not support the compression type of given partition.");
    (77, STALE_BROKER_EPOCH, Never, "Broker epoch has changed.");
    (78, OFFSET_NOT_AVAILABLE, Later, "The leader high watermark has not caught up from a recent leader election so the offsets cannot be guaranteed to be monotonically increasing.");
    (79, MEMBER_ID_REQUIRED, Never, "The group member needs to have a valid member id before actually entering a consumer group.");
    (80, PREFERRED_LEADER_NOT_AVAILABLE, AfterRefresh, "The preferred leader was not available.");
    (81, GROUP_MAX_SIZE_REACHED, Never, "The group has reached its maximum size.");
    (82, FENCED_INSTANCE_ID, Never, "The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id.");
    (83, ELIGIBLE_LEADERS_NOT_AVAILABLE, AfterRefresh, "Eligible topic partition leaders are not available.");
    (84, ELECTION_NOT_NEEDED, AfterRefresh, "Leader election not needed for topic partition.");
    (85, NO_REASSIGNMENT_IN_PROGRESS, Never, "No partition reassignment is in progress.");
    (86, GROUP_SUBSCRIBED_TO_TOPIC, Never, "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.");
    (87, INVALID_RECORD, Never, "This record has failed the validation on broker and hence will be rejected.");
    (88, UNSTABLE_OFFSET_COMMIT, Later, "There are unstable offsets that need to be cleared.");
    (89, THROTTLING_QUOTA_EXCEEDED, Later, "The throttling quota has been exceeded.");
    (90, PRODUCER_FENCED, Never, "There is a newer producer with the same transactionalId which fences the current one.");
    (91, RESOURCE_NOT_FOUND, Never, "A request illegally referred to a resource that does not exist.");
    (92, DUPLICATE_RESOURCE, Never, "A request illegally referred to the same resource twice.");
    (93, UNACCEPTABLE_CREDENTIAL, Never, "Requested credential would not meet criteria for acceptability.");
    (94, INCONSISTENT_VOTER_SET, Never, "Indicates that the either the sender or recipient of a voter-only request is not one of the expected voters.");
    (95, INVALID_UPDATE_VERSION, Never, "The given update version was invalid.");
    (96, FEATURE_UPDATE_FAILED, Never, "Unable to update finalized features due to an unexpected server error.");
    (97, PRINCIPAL_DESERIALIZATION_FAILURE, Never, "Request principal deserialization failed during forwarding. This indicates an internal error on the broker cluster security setup.");
    (98, SNAPSHOT_NOT_FOUND, Never, "Requested snapshot was not found.");
    (99, POSITION_OUT_OF_RANGE, Never, "Requested position is not greater than or equal to zero, and less than the size of the snapshot.");
    (100, UNKNOWN_TOPIC_ID, AfterRefresh, "This server does not host this topic ID.");
    (101, DUPLICATE_BROKER_REGISTRATION, Never, "This broker ID is already in use.");
    (102, BROKER_ID_NOT_REGISTERED, Never, "The given broker ID was not registered.");
    (103, INCONSISTENT_TOPIC_ID, AfterRefresh, "The log's topic ID did not match the topic ID in the request.");
    (104, INCONSISTENT_CLUSTER_ID, Never, "The clusterId in the request does not match that found on the server.");
    (105, TRANSACTIONAL_ID_NOT_FOUND, Never, "The transactionalId could not be found.");
    (106, FETCH_SESSION_TOPIC_ID_ERROR, Later, "The fetch session encountered inconsistent topic ID usage.");
    (107, INELIGIBLE_REPLICA, Never, "The new ISR contains at least one ineligible replica.");
    (108, NEW_LEADER_ELECTED, Never, "The AlterPartition request successfully updated the partition state but the leader has changed.");
    (109, OFFSET_MOVED_TO_TIERED_STORAGE, Never, "The requested offset is moved to tiered storage.");
    (110, FENCED_MEMBER_EPOCH, Never, "The member epoch is fenced by the group coordinator. The member must abandon all its partitions and rejoin.");
    (111, UNRELEASED_INSTANCE_ID, Never, "The instance ID is still used by another member in the consumer group. That member must leave first.");
    (112, UNSUPPORTED_ASSIGNOR, Never, "The assignor or its version range is not supported by the consumer group.");
    (113, STALE_MEMBER_EPOCH, Never, "The member epoch is stale. The member must retry after receiving its updated member epoch via the ConsumerGroupHeartbeat API.");
    (114, MISMATCHED_ENDPOINT_TYPE, Never, "The request was sent to an endpoint of the wrong type.");
    (115, UNSUPPORTED_ENDPOINT_TYPE, Never, "This endpoint type is not supported yet.");
    (116, UNKNOWN_CONTROLLER_ID, Never, "This controller ID is not known.");
    (117, UNKNOWN_SUBSCRIPTION_ID, Never, "Client sent a push telemetry request with an invalid or outdated subscription ID.");
    (118, TELEMETRY_TOO_LARGE, Never, "Client sent a push telemetry request larger than the maximum size the broker will accept.");
    (119, INVALID_REGISTRATION, Never, "The controller has considered the broker registration to be invalid.");
    (120, TRANSACTION_ABORTABLE, Never, "The server encountered an error with the transaction. The client can abort the transaction to continue using this transactional ID.");
    (121, INVALID_RECORD_STATE, Never, "The record state is invalid. The acknowledgement of delivery could not be completed.");
    (122, SHARE_SESSION_NOT_FOUND, Later, "The share session was not found.");
    (123, INVALID_SHARE_SESSION_EPOCH, Later, "The share session epoch is invalid.");
    (124, FENCED_STATE_EPOCH, Never, "The share coordinator rejected the request because the share-group state epoch did not match.");
    (125, INVALID_VOTER_KEY, Never, "The voter key doesn't match the receiving replica's key.");
    (126, DUPLICATE_VOTER, Never, "The voter is already part of the set of voters.");
    (127, VOTER_NOT_FOUND, Never, "The voter is not part of the set of voters.");
    (128, INVALID_REGULAR_EXPRESSION, Never, "The regular expression is not valid.");
    (129, REBOOTSTRAP_REQUIRED, Never, "Client metadata is stale. The client should rebootstrap to obtain new metadata.");
    (130, STREAMS_INVALID_TOPOLOGY, Never, "The supplied topology is invalid.");
    (131, STREAMS_INVALID_TOPOLOGY_EPOCH, Never, "The supplied topology epoch is invalid.");
    (132, STREAMS_TOPOLOGY_FENCED, Never, "The supplied topology epoch is outdated.");
    (133, SHARE_SESSION_LIMIT_REACHED, Later, "The limit of share sessions has been reached.");
    (134, GROUP_DELETION_FAILED, Never, "DeleteGroups could not complete; see the error message on the per-group result for details.");
    (135, STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED, Never, "The broker could not process the topology description update; see the error message for details.");
    (136, CONTROLLER_ID_NOT_REGISTERED, Never, "The given controller ID was not registered.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_no_gaps() {
        for (index, code) in ErrorCode::all().enumerate() {
            assert_eq!(usize::try_from(code.0 + 1).unwrap(), index);
        }
        assert_eq!(ErrorCode::all().last(), Some(ErrorCode::CONTROLLER_ID_NOT_REGISTERED));
    }

    #[test]
    fn codes_outside_the_table_have_no_name() {
        for code in [i16::MIN, -2, 137, i16::MAX] {
            assert_eq!(ErrorCode(code).name(), "UNKNOWN");
            assert_eq!(ErrorCode(code).to_string(), format!("UNKNOWN({code})"));
        }
    }

    #[test]
    fn retries_are_kafkas() {
        assert_eq!(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.retry(), Retry::AfterRefresh);
        assert_eq!(ErrorCode::CORRUPT_MESSAGE.retry(), Retry::Later);
        assert_eq!(ErrorCode::OFFSET_OUT_OF_RANGE.retry(), Retry::Never);
    }
}
