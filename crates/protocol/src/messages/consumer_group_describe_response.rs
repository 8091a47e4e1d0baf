// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ConsumerGroupDescribeResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 69: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ConsumerGroupDescribeResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `Groups`.
    pub groups: Vec<DescribedGroup>,
}

impl Message for ConsumerGroupDescribeResponse {
    const NAME: &'static str = "ConsumerGroupDescribeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this =
            Self { throttle_time_ms: reader.i32()?, groups: reader.array(version, DescribedGroup::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.array(version, &self.groups, DescribedGroup::encode);
        writer.no_tagged_fields();
    }
}

impl Response for ConsumerGroupDescribeResponse {
    const API_KEY: ApiKey = ApiKey::ConsumerGroupDescribe;
}

/// `DescribedGroup` in `ConsumerGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`.
    pub error_message: Option<String>,
    /// `GroupId`.
    pub group_id: String,
    /// `GroupState`.
    pub group_state: String,
    /// `GroupEpoch`.
    pub group_epoch: i32,
    /// `AssignmentEpoch`.
    pub assignment_epoch: i32,
    /// `AssignorName`.
    pub assignor_name: String,
    /// `Members`.
    pub members: Vec<Member>,
    /// `AuthorizedOperations`, default i32::MIN.
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: String::new(),
            group_state: String::new(),
            group_epoch: 0,
            assignment_epoch: 0,
            assignor_name: String::new(),
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl DescribedGroup {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            group_id: reader.string()?,
            group_state: reader.string()?,
            group_epoch: reader.i32()?,
            assignment_epoch: reader.i32()?,
            assignor_name: reader.string()?,
            members: reader.array(version, Member::decode)?,
            authorized_operations: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.string(&self.group_id);
        writer.string(&self.group_state);
        writer.i32(self.group_epoch);
        writer.i32(self.assignment_epoch);
        writer.string(&self.assignor_name);
        writer.array(version, &self.members, Member::encode);
        writer.i32(self.authorized_operations);
        writer.no_tagged_fields();
    }
}

/// `Member` in `ConsumerGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// `MemberId`.
    pub member_id: String,
    /// `InstanceId`.
    pub instance_id: Option<String>,
    /// `RackId`.
    pub rack_id: Option<String>,
    /// `MemberEpoch`.
    pub member_epoch: i32,
    /// `ClientId`.
    pub client_id: String,
    /// `ClientHost`.
    pub client_host: String,
    /// `SubscribedTopicNames`.
    pub subscribed_topic_names: Vec<String>,
    /// `SubscribedTopicRegex`.
    pub subscribed_topic_regex: Option<String>,
    /// `Assignment`.
    pub assignment: Assignment,
    /// `TargetAssignment`.
    pub target_assignment: Assignment,
    /// `MemberType`, from version 1, default -1.
    pub member_type: i8,
}

impl Default for Member {
    fn default() -> Self {
        Self {
            member_id: String::new(),
            instance_id: None,
            rack_id: None,
            member_epoch: 0,
            client_id: String::new(),
            client_host: String::new(),
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: None,
            assignment: Assignment::default(),
            target_assignment: Assignment::default(),
            member_type: -1,
        }
    }
}

impl Member {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            member_id: reader.string()?,
            instance_id: reader.nullable_string()?,
            rack_id: reader.nullable_string()?,
            member_epoch: reader.i32()?,
            client_id: reader.string()?,
            client_host: reader.string()?,
            subscribed_topic_names: reader.string_array()?,
            subscribed_topic_regex: reader.nullable_string()?,
            assignment: Assignment::decode(reader, version)?,
            target_assignment: Assignment::decode(reader, version)?,
            member_type: if version >= 1 { reader.i8()? } else { -1 },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.member_id);
        writer.nullable_string(self.instance_id.as_deref());
        writer.nullable_string(self.rack_id.as_deref());
        writer.i32(self.member_epoch);
        writer.string(&self.client_id);
        writer.string(&self.client_host);
        writer.string_array(&self.subscribed_topic_names);
        writer.nullable_string(self.subscribed_topic_regex.as_deref());
        self.assignment.encode(writer, version);
        self.target_assignment.encode(writer, version);
        if version >= 1 {
            writer.i8(self.member_type);
        }
        writer.no_tagged_fields();
    }
}

/// `Assignment` in `ConsumerGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Assignment {
    /// `TopicPartitions`.
    pub topic_partitions: Vec<TopicPartitions>,
}

impl Assignment {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self { topic_partitions: reader.array(version, TopicPartitions::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.array(version, &self.topic_partitions, TopicPartitions::encode);
        writer.no_tagged_fields();
    }
}

/// `TopicPartitions` in `ConsumerGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicPartitions {
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `TopicName`.
    pub topic_name: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl TopicPartitions {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this =
            Self { topic_id: reader.uuid()?, topic_name: reader.string()?, partitions: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.uuid(self.topic_id);
        writer.string(&self.topic_name);
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}
