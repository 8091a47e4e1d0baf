//! What consumer groups need of their host: the metadata image, and somebody to resolve regular expressions.

use std::sync::Arc;

use ottla_coordinator::group::{
    ConsumerGroupConfig, GroupTime, Input, MigrationPolicy, RegexJob, ResolvedRegexes, is_assignor_served,
};
use ottla_metadata::config::BrokerConfig;
use ottla_metadata::delta::MetadataChanges;
use ottla_metadata::image::MetadataImage;
use ottla_protocol::time::Now;
use ottla_protocol::types::PartitionId;

use crate::job::Job;
use crate::shard::{Shard, ShardEffect};

/// The config of consumer groups. Assignors that are Java classes cannot be served.
pub(super) fn config(config: &BrokerConfig) -> ConsumerGroupConfig {
    let consumer_groups = &config.consumer_groups;
    let assignors = consumer_groups.assignors.iter().filter(|name| is_assignor_served(name));
    ConsumerGroupConfig {
        session_timeout: GroupTime {
            default_ms: consumer_groups.session_timeout_ms,
            min_ms: consumer_groups.session_timeout_ms_min,
            max_ms: consumer_groups.session_timeout_ms_max,
        },
        heartbeat_interval: GroupTime {
            default_ms: consumer_groups.heartbeat_interval_ms,
            min_ms: consumer_groups.heartbeat_interval_ms_min,
            max_ms: consumer_groups.heartbeat_interval_ms_max,
        },
        assignment_interval: GroupTime {
            default_ms: consumer_groups.assignment_interval_ms,
            min_ms: consumer_groups.assignment_interval_ms_min,
            max_ms: consumer_groups.assignment_interval_ms_max,
        },
        size_max: usize::try_from(consumer_groups.size_max).unwrap_or(usize::MAX),
        assignors: assignors.cloned().collect(),
        migration_policy: MigrationPolicy::from_name(&consumer_groups.migration_policy).unwrap_or_default(),
        regex_refresh_interval_ms: i64::from(consumer_groups.regex_refresh_interval_ms),
    }
}

impl Shard {
    /// There is a new image: groups may have to be assigned anew.
    pub(crate) fn tell_groups(&mut self, image: &Arc<MetadataImage>, changes: &MetadataChanges, now: Now) {
        let concerns_groups =
            !changes.topics.is_empty() || !changes.deleted_topics.is_empty() || !changes.configs.is_empty();
        if !concerns_groups || self.groups.host.is_empty() {
            return;
        }
        // Some may be set while the broker runs.
        let settings = (!changes.configs.is_empty()).then(|| Box::new(config(&self.config)));
        let changes = Arc::new(changes.clone());
        for coordinator in self.groups.host.coordinators() {
            if let Some(settings) = &settings {
                coordinator.handle(Input::ConsumerGroupConfig(settings.clone()), now);
            }
            let (image, changes) = (Arc::clone(image), Some(Arc::clone(&changes)));
            coordinator.handle(Input::Metadata { image, changes }, now);
        }
    }

    pub(super) fn resolve_regexes(&mut self, partition: PartitionId, regexes: RegexJob) {
        self.push(ShardEffect::Run(Job::ResolveRegexes { partition, regexes: Box::new(regexes) }));
    }

    /// It is known what regular expressions match.
    pub(crate) fn regexes_resolved(&mut self, partition: PartitionId, resolved: ResolvedRegexes, now: Now) {
        if let Some(coordinator) = self.groups.host.coordinator_of(partition) {
            coordinator.handle(Input::RegexesResolved(resolved), now);
        }
    }
}
