//! What DescribeGroups and ListGroups show of a group.

use super::super::consumer::{CONSUMER_GROUP_TYPE, ConsumerGroup};
use super::super::coordinator::GroupCoordinator;
use super::{ClassicGroup, ClassicState};
use crate::messages::{DescribedGroup, DescribedGroupMember, ErrorCode, ListGroupsRequest, ListedGroup};

/// The name of this kind of group on the wire.
const GROUP_TYPE: &str = "classic";

/// From this version on, a group that does not exist is an error.
const GROUP_ID_NOT_FOUND_FROM: i16 = 6;

impl GroupCoordinator {
    /// Describes one group. Source: Kafka `GroupMetadataManager.describeGroups`.
    pub(in super::super) fn describe_group(&self, group_id: &str, api_version: i16) -> DescribedGroup {
        if let Some(group) = self.groups.get(group_id) {
            return group.describe();
        }
        let message = if self.consumer_groups.contains_key(group_id) {
            format!("Group {group_id} is not a classic group.")
        } else {
            format!("Group {group_id} not found.")
        };
        let dead = DescribedGroup {
            group_id: group_id.to_owned(),
            group_state: "Dead".to_owned(),
            ..DescribedGroup::default()
        };
        if api_version < GROUP_ID_NOT_FOUND_FROM {
            return dead;
        }
        DescribedGroup {
            error_code: ErrorCode::GROUP_ID_NOT_FOUND.into(),
            error_message: Some(message),
            ..dead
        }
    }

    /// Lists the groups that pass the filters; an empty filter lets all pass. Source: Kafka
    /// `GroupMetadataManager.listGroups`.
    pub(in super::super) fn list_groups(&self, request: &ListGroupsRequest) -> Vec<ListedGroup> {
        let states: Vec<_> = request.states_filter.iter().map(|state| state.to_lowercase()).collect();
        let is_wanted = |state: &str| {
            let state = state.to_lowercase();
            states.is_empty() || states.iter().any(|wanted| wanted.trim() == state)
        };
        let types = &request.types_filter;
        let lists =
            |kind: &str| types.is_empty() || types.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind));
        let classic = self.groups.values().filter(|group| lists(GROUP_TYPE) && is_wanted(group.state.name()));
        let consumer = self.consumer_groups.values();
        let consumer = consumer.filter(|group| lists(CONSUMER_GROUP_TYPE) && is_wanted(group.state().name()));
        let classic = classic.map(ClassicGroup::list);
        let mut listed: Vec<ListedGroup> = classic.chain(consumer.map(ConsumerGroup::list)).collect();
        listed.sort_by(|a, b| a.group_id.cmp(&b.group_id));
        listed
    }
}

impl ClassicGroup {
    /// Only a stable group shows its protocol and what its members said.
    fn describe(&self) -> DescribedGroup {
        let protocol = self.protocol_name.as_deref().filter(|_| self.state == ClassicState::Stable);
        let members = self.members.iter().map(|(id, member)| DescribedGroupMember {
            member_id: id.to_string(),
            group_instance_id: member.group_instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            member_metadata: protocol.map(|name| member.metadata(name)).unwrap_or_default(),
            member_assignment: member.assignment.clone(),
        });
        DescribedGroup {
            group_id: self.id.to_string(),
            group_state: self.state.name().to_owned(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            protocol_data: protocol.unwrap_or_default().to_owned(),
            members: members.collect(),
            ..DescribedGroup::default()
        }
    }

    fn list(&self) -> ListedGroup {
        ListedGroup {
            group_id: self.id.to_string(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            group_state: self.state.name().to_owned(),
            group_type: GROUP_TYPE.to_owned(),
        }
    }
}
