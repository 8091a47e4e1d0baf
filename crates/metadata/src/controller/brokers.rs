//! Registration, heartbeats, fencing and unregistration of brokers; registration of controllers.
//!
//! Source: Kafka `ClusterControlManager`, `BrokerHeartbeatManager`, `ReplicationControlManager.processBrokerHeartbeat`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use ottla_protocol::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use ottla_protocol::messages::broker_registration_change_record::BrokerRegistrationChangeRecord;
use ottla_protocol::messages::broker_registration_request::BrokerRegistrationRequest;
use ottla_protocol::messages::broker_registration_response::BrokerRegistrationResponse;
use ottla_protocol::messages::controller_registration_request::ControllerRegistrationRequest;
use ottla_protocol::messages::controller_registration_response::ControllerRegistrationResponse;
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::messages::register_broker_record::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord};
use ottla_protocol::messages::register_controller_record::{
    ControllerEndpoint, ControllerFeature, RegisterControllerRecord,
};
use ottla_protocol::messages::unregister_broker_record::UnregisterBrokerRecord;
use ottla_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use ottla_protocol::messages::unregister_broker_response::UnregisterBrokerResponse;
use ottla_protocol::time::Monotonic;
use ottla_protocol::types::{BrokerId, DirectoryId, Offset, Uuid};

use super::leadership::BrokerTransition;
use super::{Controller, Outcome, RequestContext};
use crate::api_error::ApiError;
use crate::config::{ConfigValue, broker_def};
use crate::features::{METADATA_VERSION, VersionRange};
use crate::image::{BrokerEpoch, BrokerRegistration};

/// What a broker is allowed to be (Kafka `BrokerControlState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BrokerState {
    Fenced,
    Unfenced,
    ControlledShutdown,
    ShutdownNow,
}

impl Controller {
    /// Decides a BrokerRegistration request, where `next_offset` is the offset that the first record of the outcome will
    /// get. A new life of a broker starts fenced, with that offset as its epoch; records that clean up after its former
    /// life stand before its registration.
    pub fn register_broker(
        &self,
        request: &BrokerRegistrationRequest,
        next_offset: Offset,
        context: &RequestContext<'_>,
    ) -> Outcome<BrokerRegistrationResponse> {
        match self.registration_records(request, next_offset, context.now.mono) {
            // A failing controller may append a part only; the registration is last, so the broker registers again then.
            Ok((records, epoch)) => {
                let response = BrokerRegistrationResponse { broker_epoch: epoch.0, ..Default::default() };
                Outcome::in_order(records, response)
            }
            Err(error) => Outcome::unchanged(BrokerRegistrationResponse {
                error_code: error.code.into(),
                ..Default::default()
            }),
        }
    }

    /// Begins the broker's session once [`Self::register_broker`]'s records are appended.
    pub fn broker_registered(&mut self, id: BrokerId, now: Monotonic) {
        if let Some(broker) = self.latest.cluster.broker(id) {
            self.heartbeats.register(id, broker.epoch, now);
        }
    }

    /// Ends a broker's session at once, for when its former life is known to be over: a node that has just started, with
    /// its data directory locked, knows it of its own broker. Without this a killed broker waits for
    /// `broker.session.timeout.ms` before it may register again.
    pub fn end_session(&mut self, id: BrokerId) {
        self.heartbeats.remove(id);
    }

    fn registration_records(
        &self,
        request: &BrokerRegistrationRequest,
        next_offset: Offset,
        now: Monotonic,
    ) -> Result<(Vec<MetadataRecord>, BrokerEpoch), ApiError> {
        let id = BrokerId(request.broker_id);
        let existing = self.latest.cluster.broker(id);
        if request.cluster_id != self.config.cluster_id {
            let (expected, got) = (&self.config.cluster_id, &request.cluster_id);
            let reason = format!("Expected cluster ID {expected}, but got cluster ID {got}");
            return Err(ApiError::new(ErrorCode::INCONSISTENT_CLUSTER_ID, reason));
        }
        let same_life = existing.is_some_and(|broker| broker.incarnation_id == request.incarnation_id);
        if let Some(broker) = existing
            && !same_life
            && self.heartbeats.has_valid_session(id, broker.epoch, self.session_timeout(), now)
        {
            return Err(ErrorCode::DUPLICATE_BROKER_REGISTRATION.into());
        }
        if request.is_migrating_zk_broker {
            return Err(ErrorCode::BROKER_ID_NOT_REGISTERED.into());
        }
        let with_directories = self.metadata_version().is_directory_assignment_supported();
        if with_directories {
            self.check_directories(id, &request.log_dirs)?;
        }
        self.check_features(request)?;
        let mut records = Vec::new();
        let mut record = registration_record(request, with_directories);
        if let Some(broker) = existing.filter(|_| same_life) {
            record.fenced = broker.fenced;
            record.in_controlled_shutdown = broker.in_controlled_shutdown;
            record.broker_epoch = broker.epoch.0;
        } else {
            let previous = existing.map_or(-2, |broker| broker.epoch.0);
            records = self.shutdown_records(id, previous == request.previous_broker_epoch);
            record.broker_epoch = next_offset.0;
        }
        let epoch = BrokerEpoch(record.broker_epoch);
        records.push(record.into());
        Ok((records, epoch))
    }

    fn check_directories(&self, id: BrokerId, log_dirs: &[Uuid]) -> Result<(), ApiError> {
        let refuse = |reason: String| Err(ApiError::new(ErrorCode::INVALID_REGISTRATION, reason));
        if log_dirs.is_empty() {
            return refuse("No directories specified in request".into());
        }
        if log_dirs.iter().any(|directory| directory.as_u128() < 100) {
            return refuse("Reserved directory ID in request".into());
        }
        if log_dirs.iter().collect::<BTreeSet<_>>().len() != log_dirs.len() {
            return refuse("Duplicate directory ID in request".into());
        }
        let others = self.latest.cluster.brokers.values().filter(|broker| broker.id != id);
        for other in others {
            let taken = other.log_dirs.iter().find(|directory| log_dirs.contains(&directory.0));
            if let Some(directory) = taken {
                return refuse(format!(
                    "Broker {} is already registered with directory {directory}",
                    other.id
                ));
            }
        }
        Ok(())
    }

    /// Every finalized level must lie in the broker's range of that feature.
    fn check_features(&self, request: &BrokerRegistrationRequest) -> Result<(), ApiError> {
        let range = |name: &str| {
            request.features.iter().find(|feature| feature.name == name).map(|feature| VersionRange {
                min: feature.min_supported_version,
                max: feature.max_supported_version,
            })
        };
        let mut finalized: BTreeMap<String, i16> = self.latest.features.finalized();
        for feature in &request.features {
            finalized.entry(feature.name.clone()).or_insert(0);
        }
        if range(METADATA_VERSION).is_none() {
            let reason = format!("Request features do not contain '{METADATA_VERSION}'");
            return Err(ApiError::new(ErrorCode::INVALID_REGISTRATION, reason));
        }
        for (name, level) in finalized {
            let VersionRange { min, max } = range(&name).unwrap_or_default();
            if !(min..=max).contains(&level) {
                return Err(ApiError::new(
                    ErrorCode::UNSUPPORTED_VERSION,
                    format!(
                        "Unable to register because the broker does not support finalized version {level} of {name}. \
                         The broker wants a version between {min} and {max}, inclusive."
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Records that take a broker's former life out of ISRs, and after an unclean shutdown out of ELRs too.
    fn shutdown_records(&self, id: BrokerId, is_clean: bool) -> Vec<MetadataRecord> {
        if self.latest.features.is_elr_enabled() && !is_clean {
            let transition = BrokerTransition { unclean_shutdown: Some(id), ..Default::default() };
            return self.leader_and_isr_updates(transition, |_, partition| {
                partition.isr.contains(&id) || partition.elr.contains(&id)
            });
        }
        let transition = BrokerTransition { removed: Some(id), ..Default::default() };
        self.leader_and_isr_updates(transition, |_, partition| partition.isr.contains(&id))
    }

    /// Decides a BrokerHeartbeat request. It is the one request that changes state beside the log: when the broker was
    /// last heard of.
    pub fn broker_heartbeat(
        &mut self,
        request: &BrokerHeartbeatRequest,
        context: &RequestContext<'_>,
    ) -> Outcome<BrokerHeartbeatResponse> {
        let id = BrokerId(request.broker_id);
        let refuse = |code: ErrorCode| {
            Outcome::unchanged(BrokerHeartbeatResponse { error_code: code.into(), ..Default::default() })
        };
        if let Err(code) = self.check_broker_epoch(request.broker_id, request.broker_epoch) {
            return refuse(code);
        }
        let Some(broker) = self.latest.cluster.broker(id).cloned() else {
            return refuse(ErrorCode::BROKER_ID_NOT_REGISTERED);
        };
        let metadata_offset = Offset(request.current_metadata_offset);
        let register_offset = self.register_offsets.get(&id).copied().unwrap_or(Offset(broker.epoch.0));
        let is_caught_up = metadata_offset >= register_offset;
        let current = current_state(&broker);
        let next = self.next_state(&broker, current, request, is_caught_up);
        let mut records = if next == current { Vec::new() } else { self.transition_records(&broker, next) };
        self.heartbeats.touch(id, broker.epoch, metadata_offset, context.now.mono);
        if next == BrokerState::ControlledShutdown {
            let records_end = self.next_offset().plus(i64::try_from(records.len()).unwrap_or(0));
            self.heartbeats.set_controlled_shutdown_offset(id, records_end);
        }
        self.directory_records(&broker, request, &mut records);
        let is_fenced = matches!(next, BrokerState::Fenced | BrokerState::ShutdownNow);
        let should_shut_down = next == BrokerState::ShutdownNow;
        let response =
            BrokerHeartbeatResponse { is_caught_up, is_fenced, should_shut_down, ..Default::default() };
        Outcome::in_order(records, response)
    }

    fn next_state(
        &self,
        broker: &BrokerRegistration,
        current: BrokerState,
        request: &BrokerHeartbeatRequest,
        is_caught_up: bool,
    ) -> BrokerState {
        match current {
            BrokerState::Fenced if request.want_shut_down => BrokerState::ShutdownNow,
            BrokerState::Fenced if !request.want_fence && is_caught_up => BrokerState::Unfenced,
            BrokerState::Fenced => BrokerState::Fenced,
            BrokerState::Unfenced if request.want_fence && request.want_shut_down => BrokerState::ShutdownNow,
            BrokerState::Unfenced if request.want_fence => BrokerState::Fenced,
            BrokerState::Unfenced if !request.want_shut_down => BrokerState::Unfenced,
            BrokerState::Unfenced if self.has_leaderships(broker.id) => BrokerState::ControlledShutdown,
            BrokerState::Unfenced => BrokerState::ShutdownNow,
            BrokerState::ControlledShutdown => {
                let known_by_all =
                    self.heartbeats.controlled_shutdown_offset(broker.id).is_none_or(|offset| {
                        self.lowest_active_offset(broker.id).is_none_or(|lowest| offset <= lowest)
                    });
                if !self.has_leaderships(broker.id) && known_by_all {
                    BrokerState::ShutdownNow
                } else {
                    BrokerState::ControlledShutdown
                }
            }
            BrokerState::ShutdownNow => BrokerState::ShutdownNow,
        }
    }

    fn has_leaderships(&self, id: BrokerId) -> bool {
        self.latest
            .topics
            .iter()
            .flat_map(|topic| topic.partitions.values())
            .any(|partition| partition.leader == id)
    }

    /// How far the slowest other active broker has read the metadata log; `None` if there is none.
    fn lowest_active_offset(&self, except: BrokerId) -> Option<Offset> {
        let brokers = self.latest.cluster.brokers.values();
        let others = brokers.filter(|broker| broker.is_active() && broker.id != except);
        others.map(|broker| self.heartbeats.metadata_offset(broker.id)).min()
    }

    fn transition_records(&self, broker: &BrokerRegistration, next: BrokerState) -> Vec<MetadataRecord> {
        match next {
            BrokerState::Fenced | BrokerState::ShutdownNow => self.fence_records(broker),
            BrokerState::Unfenced => {
                let mut records = vec![change(broker, |record| record.fenced = -1)];
                let transition = BrokerTransition { added: Some(broker.id), ..Default::default() };
                records
                    .extend(self.leader_and_isr_updates(transition, |_, partition| !partition.has_leader()));
                records
            }
            BrokerState::ControlledShutdown => {
                let mut records = Vec::new();
                if !broker.in_controlled_shutdown {
                    records.push(change(broker, |record| record.in_controlled_shutdown = 1));
                }
                records.extend(self.isr_leave_records(broker.id));
                records
            }
        }
    }

    fn fence_records(&self, broker: &BrokerRegistration) -> Vec<MetadataRecord> {
        let mut records = self.isr_leave_records(broker.id);
        records.push(change(broker, |record| record.fenced = 1));
        records
    }

    fn isr_leave_records(&self, id: BrokerId) -> Vec<MetadataRecord> {
        let transition = BrokerTransition { removed: Some(id), ..Default::default() };
        self.leader_and_isr_updates(transition, |_, partition| partition.isr.contains(&id))
    }

    /// Records for directories that went offline or were cordoned.
    fn directory_records(
        &self,
        broker: &BrokerRegistration,
        request: &BrokerHeartbeatRequest,
        records: &mut Vec<MetadataRecord>,
    ) {
        let version = self.metadata_version();
        let is_offline = |directory: &DirectoryId| request.offline_log_dirs.contains(&directory.0);
        if version.is_directory_assignment_supported() && broker.log_dirs.iter().any(is_offline) {
            let transition = BrokerTransition { removed: Some(broker.id), ..Default::default() };
            records.extend(self.leader_and_isr_updates(transition, |_, partition| {
                partition.directory(broker.id).is_some_and(|directory| is_offline(&directory))
            }));
            let online =
                broker.log_dirs.iter().filter(|directory| !is_offline(directory)).map(|d| d.0).collect();
            records.push(change(broker, |record| record.log_dirs = online));
        }
        let Some(cordoned) =
            request.cordoned_log_dirs.as_ref().filter(|_| version.is_cordoned_log_dirs_supported())
        else {
            return;
        };
        let set = |ids: &[Uuid]| ids.iter().copied().collect::<BTreeSet<_>>();
        let before = broker.cordoned_log_dirs.as_deref().unwrap_or_default();
        let before = before.iter().map(|directory| directory.0).collect::<BTreeSet<_>>();
        if set(cordoned) != before || broker.cordoned_log_dirs.is_none() {
            records.push(change(broker, |record| record.cordoned_log_dirs = Some(cordoned.clone())));
        }
    }

    /// Fences one broker whose session has ended, if there is one. Call it again until it gives no records: what each
    /// fencing changes must be replayed before the next.
    #[must_use]
    pub fn fence_stale_broker(&self, now: Monotonic) -> Outcome<Option<BrokerId>> {
        let timeout = self.session_timeout();
        let stale = self
            .latest
            .cluster
            .unfenced_brokers()
            .find(|broker| !self.heartbeats.has_valid_session(broker.id, broker.epoch, timeout, now));
        match stale {
            Some(broker) => Outcome::in_order(self.fence_records(broker), Some(broker.id)),
            None => Outcome::unchanged(None),
        }
    }

    /// When [`Self::fence_stale_broker`] may have something to do at the earliest.
    #[must_use]
    pub fn next_session_end(&self) -> Monotonic {
        let timeout = self.session_timeout();
        let ends = self.latest.cluster.unfenced_brokers().map(|broker| {
            // A broker without a session is stale already.
            self.heartbeats.expires_at(broker.id, broker.epoch, timeout).unwrap_or(Monotonic(0))
        });
        ends.min().unwrap_or(Monotonic::NEVER)
    }

    /// Decides an UnregisterBroker request.
    #[must_use]
    pub fn unregister_broker(&self, request: &UnregisterBrokerRequest) -> Outcome<UnregisterBrokerResponse> {
        let id = BrokerId(request.broker_id);
        let Some(broker) = self.latest.cluster.broker(id) else {
            return Outcome::unchanged(UnregisterBrokerResponse {
                error_code: ErrorCode::BROKER_ID_NOT_REGISTERED.into(),
                error_message: Some(format!("Broker ID {id} is not currently registered")),
                ..Default::default()
            });
        };
        let transition = BrokerTransition { removed: Some(id), ..Default::default() };
        let mut records = self.leader_and_isr_updates(transition, |_, partition| {
            partition.isr.contains(&id) || partition.elr.contains(&id)
        });
        records.push(UnregisterBrokerRecord { broker_id: id.0, broker_epoch: broker.epoch.0 }.into());
        Outcome::in_order(records, UnregisterBrokerResponse::default())
    }

    /// Decides a ControllerRegistration request.
    #[must_use]
    pub fn register_controller(
        &self,
        request: &ControllerRegistrationRequest,
    ) -> Outcome<ControllerRegistrationResponse> {
        if !self.metadata_version().is_controller_registration_supported() {
            return Outcome::unchanged(ControllerRegistrationResponse {
                error_code: ErrorCode::UNSUPPORTED_VERSION.into(),
                error_message: Some(
                    "The current MetadataVersion is too old to support controller registrations.".into(),
                ),
                ..Default::default()
            });
        }
        let record = RegisterControllerRecord {
            controller_id: request.controller_id,
            incarnation_id: request.incarnation_id,
            zk_migration_ready: false,
            end_points: request
                .listeners
                .iter()
                .map(|listener| ControllerEndpoint {
                    name: listener.name.clone(),
                    host: listener.host.clone(),
                    port: listener.port,
                    security_protocol: listener.security_protocol,
                })
                .collect(),
            features: request
                .features
                .iter()
                .map(|feature| ControllerFeature {
                    name: feature.name.clone(),
                    min_supported_version: feature.min_supported_version,
                    max_supported_version: feature.max_supported_version,
                })
                .collect(),
        };
        Outcome::atomic(vec![record.into()], ControllerRegistrationResponse::default())
    }

    fn session_timeout(&self) -> Duration {
        let value = broker_def("broker.session.timeout.ms").and_then(|def| self.layers().value(def));
        match value {
            Some(ConfigValue::Int(ms)) => Duration::from_millis(u64::try_from(ms).unwrap_or(0)),
            _ => Duration::from_millis(9000),
        }
    }
}

fn current_state(broker: &BrokerRegistration) -> BrokerState {
    if broker.fenced {
        BrokerState::Fenced
    } else if broker.in_controlled_shutdown {
        BrokerState::ControlledShutdown
    } else {
        BrokerState::Unfenced
    }
}

fn change(
    broker: &BrokerRegistration,
    fill: impl FnOnce(&mut BrokerRegistrationChangeRecord),
) -> MetadataRecord {
    let mut record = BrokerRegistrationChangeRecord {
        broker_id: broker.id.0,
        broker_epoch: broker.epoch.0,
        ..Default::default()
    };
    fill(&mut record);
    record.into()
}

fn registration_record(request: &BrokerRegistrationRequest, with_directories: bool) -> RegisterBrokerRecord {
    RegisterBrokerRecord {
        broker_id: request.broker_id,
        incarnation_id: request.incarnation_id,
        end_points: request
            .listeners
            .iter()
            .map(|listener| BrokerEndpoint {
                name: listener.name.clone(),
                host: listener.host.clone(),
                port: listener.port,
                security_protocol: listener.security_protocol,
            })
            .collect(),
        features: request
            .features
            .iter()
            .map(|feature| BrokerFeature {
                name: feature.name.clone(),
                min_supported_version: feature.min_supported_version,
                max_supported_version: feature.max_supported_version,
            })
            .collect(),
        rack: request.rack.clone(),
        fenced: true,
        log_dirs: if with_directories { request.log_dirs.clone() } else { Vec::new() },
        ..Default::default()
    }
}
