//! The metadata log together with the controller: records are decided, appended, and replayed into the next state.
//!
//! Two states are kept: the controller's, which has everything that was appended, and the committed one, which images
//! are made from. A record reaches the second when the high watermark has passed it.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ottla_metadata::api_error::ApiError;
use ottla_metadata::bootstrap::BootstrapMetadata;
use ottla_metadata::config::{BrokerConfig, ConfigLayers, Listener};
use ottla_metadata::controller::{
    AllowAll, Controller, ControllerConfig, Outcome, RequestContext, Unlimited,
};
use ottla_metadata::delta::{MetadataChanges, MetadataDelta};
use ottla_metadata::features::supported_features;
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_metadata::random::Random;
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::broker_registration_request::BrokerRegistrationRequest;
use ottla_protocol::messages::controller_registration_request::ControllerRegistrationRequest;
use ottla_protocol::messages::{Message, broker_registration_request, controller_registration_request};
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{DirectoryId, Offset};
use ottla_replication::quorum::{QuorumConfig, QuorumLimits, ReplicaKey, Voter, VoterSet};
use ottla_storage::StorageError;
use ottla_storage::io::{Disk, read_file};
use ottla_storage::layout::BOOTSTRAP_CHECKPOINT;

use super::boot::{BootError, Directories, Identity, NodeSetup, voter_endpoint};
use super::format::KRAFT_VERSIONS;
use crate::quorum_host::{Appended, LoadedBatch, QuorumHost, QuorumOptions, TooLarge};

/// A `bootstrap.checkpoint` holds feature levels and credentials.
const BOOTSTRAP_SIZE_MAX: u64 = 64 << 20;
/// How long a broker's former life cannot have lived on: longer than any session.
const LONGER_THAN_ANY_SESSION: Duration = Duration::from_secs(1 << 30);

/// Records that were appended and are not yet committed.
#[derive(Debug)]
struct Uncommitted {
    records: Vec<MetadataRecord>,
    appended: Appended,
}

/// What became committed.
#[derive(Debug)]
pub(super) struct Committed {
    /// The state behind the last committed record.
    pub(super) image: MetadataImage,
    /// How it differs from the committed state before.
    pub(super) changes: MetadataChanges,
    /// Size of the committed records in bytes.
    pub(super) bytes: u64,
}

/// The metadata log with the controller on it.
#[derive(Debug)]
pub(super) struct ControlPlane {
    pub(super) quorum: QuorumHost,
    pub(super) controller: Controller,
    controller_config: ControllerConfig,
    committed: MetadataDelta,
    /// The last committed record.
    provenance: Provenance,
    uncommitted: VecDeque<Uncommitted>,
    /// Size in bytes of what lies behind the newest snapshot when the node starts.
    behind_snapshot: u64,
}

impl ControlPlane {
    /// Opens the metadata log, and replays the newest snapshot and all behind it.
    pub(super) fn open(
        disk: &Arc<dyn Disk>,
        setup: &NodeSetup,
        config: &BrokerConfig,
        directories: &Directories,
        now: Now,
        random: &mut Random,
    ) -> Result<Self, BootError> {
        let options = QuorumOptions {
            log_dir: directories.metadata.clone(),
            quorum: quorum_config(setup, config, directories),
            static_voters: static_voters(config),
            config: config.metadata_log,
            seed: random.next_u64(),
        };
        let (mut quorum, image) = QuorumHost::open(Arc::clone(disk), options, now)?;
        let mut loading = Loading::new(&image);
        let end = image.provenance.last_contained_offset.next();
        quorum.load(end, |batch| loading.replay(batch))?;
        let controller_config = ControllerConfig {
            node_id: config.node.id,
            cluster_id: directories.cluster_id.clone(),
            static_config: Arc::clone(&setup.static_config),
            quorum_node_ids: quorum.quorum().membership().voters().ids().collect(),
        };
        let mut controller = Controller::new(controller_config.clone(), &loading.delta.apply(), now);
        for (at, record) in &loading.open_transaction {
            replay(&mut controller, *at, record)?;
        }
        let Loading { delta: committed, provenance, bytes: behind_snapshot, .. } = loading;
        let uncommitted = VecDeque::new();
        Ok(Self {
            quorum,
            controller,
            controller_config,
            committed,
            provenance,
            uncommitted,
            behind_snapshot,
        })
    }

    /// The layers of this node's configuration under an image.
    pub(super) fn layers(&self, image: &MetadataImage) -> ConfigLayers {
        let ControllerConfig { static_config, node_id, .. } = &self.controller_config;
        ConfigLayers::new(Arc::clone(static_config), &image.configs, *node_id)
    }

    /// Becomes the leader of the quorum.
    pub(super) fn lead(&mut self, now: Now) -> Result<(), BootError> {
        if self.quorum.start(now)? {
            return Ok(());
        }
        let quorum = self.quorum.quorum();
        let voters = quorum.membership().voters().ids().map(|id| id.0).collect();
        Err(BootError::NotOnlyVoter { node: quorum.local().key.id, voters })
    }

    /// Writes the first records of a new cluster, or ends the transaction that a former controller left open.
    pub(super) fn activate(
        &mut self,
        disk: &dyn Disk,
        metadata_dir: &Path,
        now: Now,
    ) -> Result<(), BootError> {
        let path = metadata_dir.join(BOOTSTRAP_CHECKPOINT);
        let bootstrap = match read_file(disk, &path, BOOTSTRAP_SIZE_MAX)? {
            Some(bytes) => {
                BootstrapMetadata::decode(&bytes).map_err(|reason| BootError::Bootstrap { path, reason })?
            }
            None => BootstrapMetadata::missing(),
        };
        self.append(self.controller.activate(&bootstrap), now.wall)?;
        Ok(())
    }

    /// Registers this life of the controller, where the metadata version knows registrations.
    pub(super) fn register_controller(
        &mut self,
        setup: &NodeSetup,
        identity: &Identity,
        now: Now,
    ) -> Result<(), BootError> {
        if !self.controller.metadata_version().is_controller_registration_supported() {
            return Ok(());
        }
        let listener = |listener: &Listener| controller_registration_request::Listener {
            name: listener.name.clone(),
            host: listener.host.clone(),
            port: listener.port,
            security_protocol: listener.security_protocol.0,
        };
        let features = supported_features();
        let feature = |(name, range): (&&str, &ottla_metadata::features::VersionRange)| {
            controller_registration_request::Feature {
                name: (*name).to_string(),
                min_supported_version: range.min,
                max_supported_version: range.max,
            }
        };
        let request = ControllerRegistrationRequest {
            controller_id: identity.node_id.0,
            incarnation_id: identity.incarnation_id,
            zk_migration_ready: false,
            listeners: setup.controller_listeners.iter().map(listener).collect(),
            features: features.iter().map(feature).collect(),
        };
        self.append(self.controller.register_controller(&request), now.wall)?;
        Ok(())
    }

    /// Registers this life of the broker, fenced. Its epoch.
    pub(super) fn register_broker(
        &mut self,
        setup: &NodeSetup,
        config: &BrokerConfig,
        identity: &Identity,
        log_dirs: Vec<DirectoryId>,
        previous_epoch: Option<i64>,
        now: Now,
    ) -> Result<i64, BootError> {
        let listener = |listener: &Listener| broker_registration_request::Listener {
            name: listener.name.clone(),
            host: listener.host.clone(),
            port: listener.port,
            security_protocol: listener.security_protocol.0,
        };
        let features = supported_features();
        let feature = |(name, range): (&&str, &ottla_metadata::features::VersionRange)| {
            broker_registration_request::Feature {
                name: (*name).to_string(),
                min_supported_version: range.min,
                max_supported_version: range.max,
            }
        };
        let request = BrokerRegistrationRequest {
            broker_id: identity.node_id.0,
            cluster_id: identity.cluster_id.clone(),
            incarnation_id: identity.incarnation_id,
            listeners: setup.advertised_listeners.iter().map(listener).collect(),
            features: features.iter().map(feature).collect(),
            rack: config.node.rack.clone(),
            is_migrating_zk_broker: false,
            log_dirs: log_dirs.into_iter().map(|id| id.0).collect(),
            previous_broker_epoch: previous_epoch.unwrap_or(-1),
        };
        self.check_features()?;
        // Whoever registered this id before is gone: we hold the lock on its directories.
        let asked = Now { mono: now.mono + LONGER_THAN_ANY_SESSION, ..now };
        let outcome = with_context(asked, 0, *BrokerRegistrationRequest::VERSIONS.end(), |context| {
            self.controller.register_broker(&request, self.quorum.next_offset(), context)
        });
        let (response, _) = self.append(outcome, now.wall)?;
        let code = ErrorCode::from(response.error_code);
        if code != ErrorCode::NONE {
            return Err(BootError::Registration(ApiError::from(code)));
        }
        self.controller.broker_registered(identity.node_id, now.mono);
        Ok(response.broker_epoch)
    }

    fn check_features(&self) -> Result<(), BootError> {
        let supported = supported_features();
        for (name, level) in self.controller.image().features.finalized() {
            let supported = supported.get(name.as_str()).copied().unwrap_or_default();
            if !supported.contains(level) {
                return Err(BootError::Feature { name, level, supported });
            }
        }
        Ok(())
    }

    /// The state with everything that was appended. From here on it counts as committed: it will be, before anything
    /// that is appended later.
    pub(super) fn adopt(&mut self) -> MetadataImage {
        let mut image = self.controller.image().clone();
        if let Some(last) = self.uncommitted.back() {
            self.provenance = last.appended.provenance;
        }
        image.provenance = self.provenance;
        self.behind_snapshot +=
            self.uncommitted.iter().map(|uncommitted| uncommitted.appended.size).sum::<u64>();
        self.uncommitted.clear();
        self.committed = MetadataDelta::new(&image);
        image
    }

    /// Size in bytes of what lies behind the newest snapshot when the node starts: it counts towards the next one, so
    /// that a node which is started often does not let its log grow without end.
    pub(super) fn behind_snapshot(&self) -> u64 {
        self.behind_snapshot
    }

    /// Appends the records of a decision and replays them into the controller. The response, and the offset below which
    /// all must be committed before it may leave: everything that the decision may have seen.
    ///
    /// Errors: the records must not be torn apart, and do not fit one batch. Nothing is appended then.
    pub(super) fn append<R>(&mut self, outcome: Outcome<R>, now: Timestamp) -> Result<(R, Offset), TooLarge> {
        let Outcome { records, response, atomic } = outcome;
        if !records.is_empty() {
            let version = self.controller.metadata_version();
            let sizes = if atomic { vec![records.len()] } else { QuorumHost::pieces(&records, version) };
            let mut rest = records;
            for size in sizes {
                let after = rest.split_off(size);
                self.append_piece(std::mem::replace(&mut rest, after), now)?;
            }
        }
        Ok((response, self.quorum.next_offset()))
    }

    fn append_piece(&mut self, records: Vec<MetadataRecord>, now: Timestamp) -> Result<(), TooLarge> {
        let appended = self.quorum.append(&records, self.controller.metadata_version(), now)?;
        let mut at = Provenance { last_contained_offset: appended.base_offset, ..appended.provenance };
        for record in &records {
            let replayed = self.controller.replay(at, record);
            replayed.unwrap_or_else(|error| {
                panic!("the controller's own record at {at:?} does not fit: {error}")
            });
            at.last_contained_offset = at.last_contained_offset.next();
        }
        self.uncommitted.push_back(Uncommitted { records, appended });
        Ok(())
    }

    /// Writes what was appended to the log, as far as it may be now.
    ///
    /// Errors: the disk failed. If it is full, what was not written is taken back, as if it had never been decided: the
    /// log goes on when there is room again.
    pub(super) fn write(&mut self, now: Now) -> Result<(), StorageError> {
        let written = self.quorum.maybe_write(now);
        if written.as_ref().is_err_and(StorageError::is_full) {
            self.quorum.discard_pending();
            let end = self.quorum.next_offset();
            self.uncommitted.retain(|uncommitted| uncommitted.appended.base_offset < end);
            assert!(self.uncommitted.is_empty(), "records are written once all before them are committed");
            self.controller = Controller::new(self.controller_config.clone(), self.committed.latest(), now);
        }
        written
    }

    /// Takes over into the committed state what the high watermark has passed since the last call.
    pub(super) fn commit(&mut self) -> Option<Committed> {
        let high_watermark = self.quorum.high_watermark();
        let mut bytes = 0;
        while let Some(next) = self.uncommitted.front() {
            if next.appended.provenance.last_contained_offset >= high_watermark {
                break;
            }
            let Uncommitted { records, appended } =
                self.uncommitted.pop_front().expect("there is a first one");
            let mut at = Provenance { last_contained_offset: appended.base_offset, ..appended.provenance };
            for record in &records {
                let replayed = self.committed.replay(at, record);
                replayed.unwrap_or_else(|error| panic!("a committed record at {at:?} does not fit: {error}"));
                at.last_contained_offset = at.last_contained_offset.next();
            }
            self.provenance = appended.provenance;
            bytes += appended.size;
        }
        if bytes == 0 {
            return None;
        }
        let mut image = self.committed.apply();
        image.provenance = self.provenance;
        let changes = self.committed.changes().clone();
        self.committed = self.committed.next();
        Some(Committed { image, changes, bytes })
    }

    /// Whether a metadata transaction is open in the committed state: no snapshot may be taken then.
    pub(super) fn in_transaction(&self) -> bool {
        self.committed.in_transaction()
    }
}

/// Calls `decide` with the context of a request that comes through this broker. Everybody may do everything.
pub(super) fn with_context<R>(
    now: Now,
    seed: u64,
    api_version: i16,
    decide: impl FnOnce(&mut RequestContext<'_>) -> R,
) -> R {
    let mut quota = Unlimited;
    decide(&mut RequestContext {
        now,
        seed,
        api_version,
        is_forwarded: true,
        access: &AllowAll,
        quota: &mut quota,
    })
}

/// The log on its way into the state at start.
struct Loading {
    delta: MetadataDelta,
    provenance: Provenance,
    /// The records of a transaction that has not ended.
    open_transaction: Vec<(Provenance, MetadataRecord)>,
    bytes: u64,
}

impl Loading {
    fn new(image: &MetadataImage) -> Self {
        let delta = MetadataDelta::new(image);
        Self { delta, provenance: image.provenance, open_transaction: Vec::new(), bytes: 0 }
    }

    fn replay(&mut self, batch: LoadedBatch) -> Result<(), BootError> {
        for (offset, record) in batch.records {
            let at = Provenance { last_contained_offset: offset, ..batch.provenance };
            self.delta.replay(at, &record).map_err(|reason| BootError::Replay { offset, reason })?;
            if self.delta.in_transaction() {
                self.open_transaction.push((at, record));
            } else {
                self.open_transaction.clear();
            }
        }
        self.provenance = batch.provenance;
        self.bytes += batch.size;
        Ok(())
    }
}

fn replay(controller: &mut Controller, at: Provenance, record: &MetadataRecord) -> Result<(), BootError> {
    let offset = at.last_contained_offset;
    controller.replay(at, record).map_err(|reason| BootError::Replay { offset, reason })
}

fn quorum_config(setup: &NodeSetup, config: &BrokerConfig, directories: &Directories) -> QuorumConfig {
    let millis = |ms: i32| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    let server = |server: &String| {
        let (host, port) = server.rsplit_once(':')?;
        Some((host.to_string(), port.parse().ok()?))
    };
    let quorum = &config.quorum;
    QuorumConfig {
        cluster_id: directories.cluster_id.clone(),
        local: Voter {
            key: ReplicaKey { id: config.node.id, directory_id: Some(directories.metadata_id()) },
            endpoints: setup.controller_listeners.iter().map(voter_endpoint).collect(),
            kraft_versions: KRAFT_VERSIONS,
        },
        can_become_voter: true,
        listener: controller_listener(config),
        bootstrap_servers: quorum.bootstrap_servers.iter().filter_map(server).collect(),
        auto_join: false,
        limits: QuorumLimits {
            election_timeout: millis(quorum.election_timeout_ms),
            election_backoff_max: millis(quorum.election_backoff_ms_max),
            fetch_timeout: millis(quorum.fetch_timeout_ms),
            request_timeout: millis(quorum.request_timeout_ms),
            retry_backoff: millis(quorum.retry_backoff_ms),
            fetch_bytes_max: quorum.fetch_bytes_max,
            fetch_snapshot_bytes_max: quorum.fetch_snapshot_bytes_max,
            ..QuorumLimits::default()
        },
    }
}

/// The listener by which controllers reach each other.
fn controller_listener(config: &BrokerConfig) -> String {
    config.node.controller_listener_names.first().cloned().unwrap_or_default()
}

fn static_voters(config: &BrokerConfig) -> VoterSet {
    let listener = controller_listener(config);
    let voter = |voter: &ottla_metadata::config::QuorumVoter| Voter {
        key: ReplicaKey { id: voter.id, directory_id: None },
        endpoints: vec![ottla_replication::quorum::VoterEndpoint {
            listener: listener.clone(),
            host: voter.host.clone(),
            port: voter.port,
        }],
        // What a static voter supports is not known.
        kraft_versions: (0, 0),
    };
    config.quorum.voters.iter().map(voter).collect()
}
