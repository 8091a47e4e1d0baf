//! A producer of transactions: records to any partitions, and the offsets of what was read, count all or none.
//!
//! ```text
//!   start ──> begin ──> send … send_offsets … ──> commit ──> begin …
//!               ^                                   │ a record was not delivered
//!               └───────────── aborted <────────────┘
//! ```
//! Source: KIP-98, KIP-360, KIP-447, KIP-890; Kafka `TransactionManager`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::Request;
use ottla_protocol::messages::add_offsets_to_txn_request::AddOffsetsToTxnRequest;
use ottla_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic,
};
use ottla_protocol::messages::end_txn_request::EndTxnRequest;
use ottla_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use ottla_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use ottla_protocol::types::{BrokerId, Offset, ProducerEpoch, ProducerId};

use super::batch::ProducerIdentity;
use super::delivery::{Delivery, ProduceError};
use super::options::ProducerOptions;
use super::{Acks, Producer};
use crate::client::{AutoCreate, Client};
use crate::error::{ApiError, Error};
use crate::partition::TopicPartition;
use crate::partitioner::partition_for_key;
use crate::random::Random;
use crate::record::Record;

/// First level of `transaction.version` with which brokers add partitions to transactions by themselves, and each
/// transaction has an epoch of its own.
const VERSION_2: i16 = 2;
/// Last version of Produce, and of EndTxn and TxnOffsetCommit, of the protocol before that.
const PRODUCE_BEFORE_2: i16 = 11;
const OTHERS_BEFORE_2: i16 = 4;
/// TxnOffsetCommit that still names topics by name.
const TXN_OFFSET_COMMIT_MAX: i16 = 5;
/// Last version of AddPartitionsToTxn for clients.
const ADD_PARTITIONS_MAX: i16 = 3;

/// Why a transaction, or what belongs to it, failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TransactionError {
    /// Another producer has taken over the transactional id, or the transaction took too long and was aborted.
    #[error("the producer is fenced: {0}")]
    Fenced(Box<Error>),
    /// A record of the transaction was not delivered, so the transaction was aborted.
    #[error("the transaction is aborted, as a record was not delivered: {0}")]
    Aborted(ProduceError),
    /// A coordinator could not be reached, or refused. What was asked for may have happened all the same.
    #[error(transparent)]
    Cluster(Box<Error>),
}

impl From<Error> for TransactionError {
    fn from(error: Error) -> Self {
        match error.code() {
            Some(ErrorCode::PRODUCER_FENCED | ErrorCode::INVALID_PRODUCER_EPOCH) => {
                Self::Fenced(Box::new(error))
            }
            _ => Self::Cluster(Box::new(error)),
        }
    }
}

/// What a member says of itself when it commits offsets in a transaction, so that offsets of members that are no longer in
/// the group are refused (KIP-447).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMetadata {
    /// The group.
    pub group_id: String,
    /// The generation in which the partitions are the member's, or -1.
    pub generation_id: i32,
    /// The member, or empty.
    pub member_id: String,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<String>,
}

impl GroupMetadata {
    /// A group that is committed for from outside: no membership is checked.
    pub fn of_group(group_id: impl Into<String>) -> Self {
        Self { group_id: group_id.into(), generation_id: -1, member_id: String::new(), instance_id: None }
    }
}

/// What a producer's sender must know of its transactions.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) transactional_id: String,
    /// Whether the open transaction is one of `transaction.version` 2.
    is_version_2: AtomicBool,
    /// Why the first record of the open transaction that was not delivered was not.
    failure: Mutex<Option<ProduceError>>,
}

impl Membership {
    /// A record was not delivered.
    pub(super) fn fail(&self, error: &ProduceError) {
        self.failure().get_or_insert_with(|| error.clone());
    }

    /// Newest version of Produce that the open transaction's protocol has.
    pub(super) fn produce_version_max(&self) -> i16 {
        if self.is_version_2() { i16::MAX } else { PRODUCE_BEFORE_2 }
    }

    fn is_version_2(&self) -> bool {
        self.is_version_2.load(Ordering::Relaxed)
    }

    fn failure(&self) -> std::sync::MutexGuard<'_, Option<ProduceError>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes to any number of partitions in transactions, and commits the offsets of what was read with them. Consumers that
/// read what is committed see all of a transaction or nothing.
///
/// ```no_run
/// # async fn example(client: ottla_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use ottla_client::{Producer, Record};
///
/// let mut producer =
///     Producer::builder(&client).start_transactional("billing-1", Duration::from_secs(60)).await?;
/// let mut transaction = producer.begin().await?;
/// transaction.send(Record::new("invoices").key("customer-7").value("3 apples")).await?;
/// transaction.send(Record::new("ledger").key("customer-7").value("-3")).await?;
/// transaction.commit().await?;
/// producer.close().await;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct TransactionalProducer {
    producer: Producer,
    client: Client,
    timeout: Duration,
    /// `None` when it must be asked for: at the start, and when it is not known how the last transaction ended.
    identity: Option<ProducerIdentity>,
    coordinator: Mutex<Option<BrokerId>>,
    /// What the coordinator speaks.
    speaks_version_2: AtomicBool,
    /// A transaction was begun and not ended.
    is_open: bool,
    /// The open transaction has something at the coordinator.
    is_known: bool,
}

impl TransactionalProducer {
    pub(super) async fn start(
        client: Client,
        options: ProducerOptions,
        transactional_id: String,
        timeout: Duration,
    ) -> Result<Self, TransactionError> {
        debug_assert_eq!(options.acks, Acks::All, "transactions are acknowledged by all");
        let membership =
            Membership { transactional_id, is_version_2: AtomicBool::new(false), failure: Mutex::default() };
        let mut producer = Self {
            producer: Producer::start(client.clone(), options, Some(membership)),
            client,
            timeout,
            identity: None,
            coordinator: Mutex::default(),
            speaks_version_2: AtomicBool::new(false),
            is_open: false,
            is_known: false,
        };
        producer.init(None).await?;
        Ok(producer)
    }

    /// Begins a transaction. One that was dropped without an end is aborted first.
    ///
    /// Errors: the producer is fenced, or the coordinator cannot be reached.
    pub async fn begin(&mut self) -> Result<Transaction<'_>, TransactionError> {
        if self.is_open {
            self.abort().await?;
        }
        if self.identity.is_none() {
            self.init(None).await?;
        }
        let is_version_2 = self.speaks_version_2.load(Ordering::Relaxed);
        self.membership().is_version_2.store(is_version_2, Ordering::Relaxed);
        *self.membership().failure() = None;
        (self.is_open, self.is_known) = (true, false);
        Ok(Transaction { producer: self, added: BTreeSet::new(), spread: BTreeMap::new() })
    }

    /// Ends the sender. An open transaction is aborted by the coordinator when its time is up.
    pub async fn close(self) {
        self.producer.close().await;
    }

    fn membership(&self) -> &Membership {
        self.producer.shared.transactions.as_ref().expect("a transactional producer is one")
    }

    fn transactional_id(&self) -> String {
        self.membership().transactional_id.clone()
    }

    fn identity(&self) -> ProducerIdentity {
        self.identity.expect("there is one while a transaction is open")
    }

    /// Gets an id and epoch. With the `known` ones the epoch is raised, unless somebody else has the id by now.
    async fn init(&mut self, known: Option<ProducerIdentity>) -> Result<(), TransactionError> {
        let request = InitProducerIdRequest {
            transactional_id: Some(self.transactional_id()),
            transaction_timeout_ms: i32::try_from(self.timeout.as_millis()).unwrap_or(i32::MAX),
            producer_id: known.map_or(ProducerId::NONE, |known| known.id).0,
            producer_epoch: known.map_or(ProducerEpoch::NONE, |known| known.epoch).0,
            ..Default::default()
        };
        let min = if known.is_some() { 3 } else { 0 };
        let response = self
            .ask("begin with transactional id", &request, (min, i16::MAX), |response| response.error_code)
            .await?;
        self.restart(response.producer_id, response.producer_epoch);
        Ok(())
    }

    fn restart(&mut self, producer_id: i64, producer_epoch: i16) {
        let (id, epoch) = (ProducerId(producer_id), ProducerEpoch(producer_epoch));
        let identity = ProducerIdentity { id, epoch, is_transactional: true };
        self.identity = Some(identity);
        self.producer.shared.accumulator.restart(identity);
    }

    /// Waits for every record, and ends the transaction; aborts it if a record was not delivered.
    async fn commit(&mut self) -> Result<(), TransactionError> {
        self.producer.flush().await;
        let failure = self.membership().failure().clone();
        if let Some(error) = failure {
            self.abort().await?;
            return Err(TransactionError::Aborted(error));
        }
        self.end(true).await
    }

    /// Lets go of what is not sent, and ends the transaction.
    async fn abort(&mut self) -> Result<(), TransactionError> {
        self.producer.give_up();
        self.producer.flush().await;
        self.end(false).await
    }

    async fn end(&mut self, committed: bool) -> Result<(), TransactionError> {
        if !self.is_known {
            self.is_open = false;
            return Ok(());
        }
        let is_version_2 = self.membership().is_version_2();
        let identity = self.identity();
        let request = EndTxnRequest {
            transactional_id: self.transactional_id(),
            producer_id: identity.id.0,
            producer_epoch: identity.epoch.0,
            committed,
        };
        let versions = if is_version_2 { (OTHERS_BEFORE_2 + 1, i16::MAX) } else { (0, OTHERS_BEFORE_2) };
        let what = if committed { "commit the transaction of" } else { "abort the transaction of" };
        let result = self.ask(what, &request, versions, |response| response.error_code).await;
        self.is_open = false;
        let had_failed = self.membership().failure().is_some() || !committed;
        match result {
            Err(error) => {
                // It may have ended so or otherwise: a new epoch makes it clear.
                self.identity = None;
                Err(error)
            }
            Ok(response) if is_version_2 => {
                self.restart(response.producer_id, response.producer_epoch);
                Ok(())
            }
            // What was given up left holes in the sequences; they begin anew under the next epoch.
            Ok(_) if had_failed => self.init(Some(identity)).await,
            Ok(_) => Ok(()),
        }
    }

    /// Asks the transaction coordinator, in a version of this range.
    async fn ask<R: Request>(
        &self,
        what: &str,
        request: &R,
        (min, max): (i16, i16),
        error_code: impl Fn(&R::Response) -> i16,
    ) -> Result<R::Response, TransactionError> {
        let transactional_id = self.transactional_id();
        let what = format!("{what} `{transactional_id}`");
        let result = self.client.retry(&what, || async {
            let result = async {
                let coordinator = self.coordinator(&transactional_id).await?;
                let connection = self.client.connection(coordinator).await?;
                let versions = connection.versions();
                let level = versions.feature("transaction.version").unwrap_or(0);
                self.speaks_version_2.store(level >= VERSION_2, Ordering::Relaxed);
                let version = versions.pick_within::<R>(min, max)?;
                let timeout = connection.options().request_timeout;
                let response = connection.enqueue(request, version, timeout).await?.response().await?;
                let checked = ApiError::check(error_code(&response), None);
                checked.map_err(|error| Error::api(what.clone(), error))?;
                Ok(response)
            };
            let result: Result<R::Response, Error> = result.await;
            if result.is_err() {
                *self.known_coordinator() = None;
            }
            result
        });
        Ok(result.await?)
    }

    async fn coordinator(&self, transactional_id: &str) -> Result<BrokerId, Error> {
        let known = *self.known_coordinator();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = self.client.transaction_coordinator(transactional_id).await?;
        *self.known_coordinator() = Some(found);
        Ok(found)
    }

    fn known_coordinator(&self) -> std::sync::MutexGuard<'_, Option<BrokerId>> {
        self.coordinator.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open transaction of a [`TransactionalProducer`]. Dropped without an end it is aborted by the next
/// [`TransactionalProducer::begin`], or by the coordinator when its time is up.
#[derive(Debug)]
#[must_use = "a transaction counts when it is committed"]
pub struct Transaction<'a> {
    producer: &'a mut TransactionalProducer,
    /// Partitions that were added to it, before `transaction.version` 2.
    added: BTreeSet<TopicPartition>,
    /// Where records without a key go, before `transaction.version` 2: one partition of each topic.
    spread: BTreeMap<String, i32>,
}

impl Transaction<'_> {
    /// Puts a record into the transaction, like [`Producer::send`].
    ///
    /// Errors: what [`Producer::send`] says. The transaction must be aborted then, and a commit does so.
    pub async fn send(&mut self, record: Record) -> Result<Delivery, ProduceError> {
        let record =
            if self.producer.membership().is_version_2() { record } else { self.add(record).await? };
        self.producer.is_known = true;
        let sent = self.producer.producer.send(record).await;
        sent.inspect_err(|error| self.producer.membership().fail(error))
    }

    /// Makes the record's partition part of the transaction.
    async fn add(&mut self, mut record: Record) -> Result<Record, ProduceError> {
        let topic = self.producer.client.find_topic(&record.topic, AutoCreate::Allowed).await;
        let topic = topic.map_err(|error| ProduceError::Metadata(Box::new(error)))?;
        let count = topic.partition_count();
        let partition = match (record.partition, &record.key) {
            (Some(partition), _) => partition,
            (None, Some(key)) => partition_for_key(key, count),
            (None, None) => *self.spread.entry(topic.name.to_string()).or_insert_with(|| {
                let random = Random::from_entropy().below(usize::try_from(count).unwrap_or(0));
                i32::try_from(random).unwrap_or(0)
            }),
        };
        record.partition = Some(partition);
        let key = TopicPartition { topic: topic.name.clone(), partition };
        if self.added.contains(&key) {
            return Ok(record);
        }
        let identity = self.producer.identity();
        let request = AddPartitionsToTxnRequest {
            v3_and_below_transactional_id: self.producer.transactional_id(),
            v3_and_below_producer_id: identity.id.0,
            v3_and_below_producer_epoch: identity.epoch.0,
            v3_and_below_topics: vec![AddPartitionsToTxnTopic {
                name: topic.name.to_string(),
                partitions: vec![partition],
            }],
            ..Default::default()
        };
        let added = self.producer.ask(
            "add a partition to the transaction of",
            &request,
            (0, ADD_PARTITIONS_MAX),
            |response| {
                let topics = &response.results_by_topic_v3_and_below;
                let mut partitions = topics.iter().flat_map(|topic| &topic.results_by_partition);
                partitions
                    .next()
                    .map_or(ErrorCode::UNKNOWN_SERVER_ERROR.0, |partition| partition.partition_error_code)
            },
        );
        match added.await {
            Ok(_) => {
                self.producer.is_known = true;
                self.added.insert(key);
                Ok(record)
            }
            Err(error) => {
                let error = match error {
                    TransactionError::Fenced(error) | TransactionError::Cluster(error) => {
                        ProduceError::Cluster(error)
                    }
                    TransactionError::Aborted(error) => error,
                };
                self.producer.membership().fail(&error);
                Err(error)
            }
        }
    }

    /// Commits the offsets at which a group goes on, if the transaction commits.
    ///
    /// Errors: the member is no longer in the group, or a coordinator cannot be reached. The transaction should be aborted
    /// then.
    pub async fn send_offsets(
        &mut self,
        group: &GroupMetadata,
        offsets: &BTreeMap<TopicPartition, Offset>,
    ) -> Result<(), TransactionError> {
        if offsets.is_empty() {
            return Ok(());
        }
        let is_version_2 = self.producer.membership().is_version_2();
        let identity = self.producer.identity();
        let transactional_id = self.producer.transactional_id();
        if !is_version_2 {
            let request = AddOffsetsToTxnRequest {
                transactional_id: transactional_id.clone(),
                producer_id: identity.id.0,
                producer_epoch: identity.epoch.0,
                group_id: group.group_id.clone(),
            };
            let what = "add offsets to the transaction of";
            self.producer.ask(what, &request, (0, i16::MAX), |response| response.error_code).await?;
        }
        self.producer.is_known = true;
        let request = TxnOffsetCommitRequest {
            transactional_id,
            group_id: group.group_id.clone(),
            producer_id: identity.id.0,
            producer_epoch: identity.epoch.0,
            generation_id_or_member_epoch: group.generation_id,
            member_id: group.member_id.clone(),
            group_instance_id: group.instance_id.clone(),
            topics: topics(offsets),
        };
        let versions = match is_version_2 {
            true => (OTHERS_BEFORE_2 + 1, TXN_OFFSET_COMMIT_MAX),
            // Older ones have no room for the member.
            false => (if group.generation_id >= 0 { 3 } else { 0 }, OTHERS_BEFORE_2),
        };
        self.commit_offsets(&request, versions).await
    }

    async fn commit_offsets(
        &self,
        request: &TxnOffsetCommitRequest,
        (min, max): (i16, i16),
    ) -> Result<(), TransactionError> {
        let client = &self.producer.client;
        let what = || format!("commit offsets of group `{}` in a transaction", request.group_id);
        let retried = what();
        let committed = client.retry(&retried, || async {
            let coordinator = client.group_coordinator(&request.group_id).await?;
            let connection = client.connection(coordinator).await?;
            let version = connection.versions().pick_within::<TxnOffsetCommitRequest>(min, max)?;
            let timeout = connection.options().request_timeout;
            let response = connection.enqueue(request, version, timeout).await?.response().await?;
            for partition in response.topics.iter().flat_map(|topic| &topic.partitions) {
                let checked = ApiError::check(partition.error_code, None);
                checked.map_err(|error| Error::api(what(), error))?;
            }
            Ok(())
        });
        Ok(committed.await?)
    }

    /// Waits for every record, and lets the transaction count.
    ///
    /// Errors: [`TransactionError::Aborted`] if a record was not delivered: nothing of the transaction counts.
    /// [`TransactionError::Cluster`] leaves open whether it does.
    pub async fn commit(self) -> Result<(), TransactionError> {
        self.producer.commit().await
    }

    /// Ends the transaction without anything of it counting.
    pub async fn abort(self) -> Result<(), TransactionError> {
        self.producer.abort().await
    }
}

fn topics(offsets: &BTreeMap<TopicPartition, Offset>) -> Vec<TxnOffsetCommitRequestTopic> {
    let mut topics = BTreeMap::<&str, Vec<TxnOffsetCommitRequestPartition>>::new();
    for (partition, offset) in offsets {
        topics.entry(&partition.topic).or_default().push(TxnOffsetCommitRequestPartition {
            partition_index: partition.partition,
            committed_offset: offset.0,
            committed_metadata: Some(String::new()),
            ..Default::default()
        });
    }
    let topics = topics.into_iter().map(|(name, partitions)| TxnOffsetCommitRequestTopic {
        name: name.to_owned(),
        partitions,
        ..Default::default()
    });
    topics.collect()
}

#[cfg(test)]
mod tests;
