//! Transactions: listing, describing, finding those that hang, and ending them by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_producers_request::{DescribeProducersRequest, TopicRequest};
use ottla_protocol::messages::describe_transactions_request::DescribeTransactionsRequest;
use ottla_protocol::messages::list_transactions_request::ListTransactionsRequest;
use ottla_protocol::messages::write_txn_markers_request::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{BrokerId, Offset, ProducerEpoch, ProducerId};

use super::by_leader::{Answers, ask_leaders, by_topic};
use super::{Admin, EachResult};
use crate::client::AutoCreate;
use crate::error::{ApiError, Error};
use crate::partition::TopicPartition;

/// Which transactions are listed; the default lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransactionFilter {
    /// Only these states (`Ongoing`, `PrepareCommit`, ...), if there are any.
    pub states: Vec<String>,
    /// Only these producers, if there are any.
    pub producer_ids: Vec<ProducerId>,
    /// Only those that were begun longer ago than this.
    pub longer_than: Option<Duration>,
    /// Only ids that match this regular expression as a whole.
    pub pattern: Option<String>,
}

/// A transactional id in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionListing {
    /// `transactional.id`.
    pub transactional_id: String,
    /// The broker that coordinates it.
    pub coordinator: BrokerId,
    /// The producer that has it.
    pub producer_id: ProducerId,
    /// `Ongoing`, `CompleteCommit`, ...
    pub state: String,
}

/// A transactional id with its last transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionDescription {
    /// `transactional.id`.
    pub transactional_id: String,
    /// The broker that coordinates it.
    pub coordinator: BrokerId,
    /// The producer that has it.
    pub producer_id: ProducerId,
    /// Its epoch.
    pub producer_epoch: ProducerEpoch,
    /// `Ongoing`, `CompleteCommit`, ...
    pub state: String,
    /// How long a transaction may be open.
    pub timeout: Duration,
    /// When the last transaction was begun.
    pub started: Option<Timestamp>,
    /// The partitions that it writes to, and that are not told of its end yet.
    pub partitions: Vec<TopicPartition>,
}

/// A producer as a partition remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerState {
    /// The producer.
    pub producer_id: ProducerId,
    /// Its last epoch.
    pub producer_epoch: ProducerEpoch,
    /// Sequence of its last record.
    pub last_sequence: i32,
    /// Time of its last batch.
    pub last_timestamp: Timestamp,
    /// Epoch of the coordinator that ended its last transaction here.
    pub coordinator_epoch: Option<i32>,
    /// First offset of its open transaction.
    pub transaction_start: Option<Offset>,
}

/// A transaction that is open on a partition and that nobody will end: its coordinator does not know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HangingTransaction {
    /// Where it is open.
    pub partition: TopicPartition,
    /// Whose it is.
    pub producer: ProducerState,
    /// First offset of it.
    pub start_offset: Offset,
}

impl Admin {
    /// The transactional ids of all brokers, by id.
    pub async fn list_transactions(
        &self,
        filter: &TransactionFilter,
    ) -> Result<Vec<TransactionListing>, Error> {
        let request = ListTransactionsRequest {
            state_filters: filter.states.clone(),
            producer_id_filters: filter.producer_ids.iter().map(|id| id.0).collect(),
            duration_filter: filter.longer_than.map_or(-1, |age| millis(age).0),
            transactional_id_pattern: filter.pattern.clone(),
        };
        // Older versions would leave the filter out.
        let min = if filter.pattern.is_some() { 2 } else { i16::from(filter.longer_than.is_some()) };
        let cluster = self.client.refresh(&[], AutoCreate::Forbidden).await?;
        let mut listed = Vec::new();
        for &broker in cluster.brokers.keys() {
            let what = || format!("list the transactions of broker {broker}");
            let retried = what();
            let response = self.client.retry(&retried, || async {
                let connection = self.client.connection(broker).await?;
                let version = connection.versions().pick_within::<ListTransactionsRequest>(min, i16::MAX)?;
                let timeout = connection.options().request_timeout;
                let response = connection.enqueue(&request, version, timeout).await?.response().await?;
                ApiError::check(response.error_code, None).map_err(|error| Error::api(what(), error))?;
                Ok(response)
            });
            listed.extend(response.await?.transaction_states.into_iter().map(|state| TransactionListing {
                transactional_id: state.transactional_id,
                coordinator: broker,
                producer_id: ProducerId(state.producer_id),
                state: state.transaction_state,
            }));
        }
        listed.sort_by(|a, b| a.transactional_id.cmp(&b.transactional_id));
        Ok(listed)
    }

    /// A transactional id with its last transaction.
    ///
    /// Errors: [`Error::Api`] with `TRANSACTIONAL_ID_NOT_FOUND` if nobody has the id.
    pub async fn describe_transaction(
        &self,
        transactional_id: &str,
    ) -> Result<TransactionDescription, Error> {
        let what = || format!("describe transactional id `{transactional_id}`");
        let retried = what();
        let described = self.client.retry(&retried, || async {
            let coordinator = self.client.transaction_coordinator(transactional_id).await?;
            let request =
                DescribeTransactionsRequest { transactional_ids: vec![transactional_id.to_owned()] };
            let response = self.client.send_to(coordinator, &request).await?;
            let state = response.transaction_states.into_iter().next().ok_or(Error::MissingResult)?;
            ApiError::check(state.error_code, None).map_err(|error| Error::api(what(), error))?;
            Ok((coordinator, state))
        });
        let (coordinator, state) = described.await?;
        let partitions = state.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|&index| TopicPartition::new(topic.topic.as_str(), index))
        });
        Ok(TransactionDescription {
            partitions: partitions.collect(),
            coordinator,
            producer_id: ProducerId(state.producer_id),
            producer_epoch: ProducerEpoch(state.producer_epoch),
            timeout: Duration::from_millis(u64::try_from(state.transaction_timeout_ms).unwrap_or(0)),
            started: Some(Timestamp(state.transaction_start_time_ms)).filter(|at| *at >= Timestamp(0)),
            state: state.transaction_state,
            transactional_id: state.transactional_id,
        })
    }

    /// The producers that partitions remember.
    pub async fn describe_producers(
        &self,
        partitions: &[TopicPartition],
    ) -> EachResult<TopicPartition, Vec<ProducerState>> {
        let items: Vec<_> = partitions.iter().map(|partition| (partition.clone(), ())).collect();
        ask_leaders(&self.client, "describe the producers", &items, |leader, items| async move {
            self.ask_producers(leader, &items).await
        })
        .await
    }

    async fn ask_producers(
        &self,
        leader: BrokerId,
        items: &[(TopicPartition, ())],
    ) -> Result<Answers<Vec<ProducerState>>, Error> {
        let topics = by_topic(items).into_iter().map(|(topic, partitions)| TopicRequest {
            name: topic.to_string(),
            partition_indexes: partitions.into_iter().map(|(index, _)| index).collect(),
        });
        let request = DescribeProducersRequest { topics: topics.collect() };
        let response = self.client.send_to(leader, &request).await?;
        let mut answers = Answers::new();
        for topic in response.topics {
            for partition in topic.partitions {
                let checked = ApiError::check(partition.error_code, partition.error_message);
                let states = partition.active_producers.into_iter().map(|state| ProducerState {
                    producer_id: ProducerId(state.producer_id),
                    producer_epoch: ProducerEpoch(i16::try_from(state.producer_epoch).unwrap_or(-1)),
                    last_sequence: state.last_sequence,
                    last_timestamp: Timestamp(state.last_timestamp),
                    coordinator_epoch: Some(state.coordinator_epoch).filter(|epoch| *epoch >= 0),
                    transaction_start: Some(Offset(state.current_txn_start_offset))
                        .filter(|offset| *offset >= Offset::ZERO),
                });
                let key = TopicPartition::new(topic.name.as_str(), partition.partition_index);
                answers.insert(key, checked.map(|()| states.collect()));
            }
        }
        Ok(answers)
    }

    /// Transactions that are open on some of these partitions for longer than `older_than` since their last record, and of
    /// which no coordinator knows. `older_than` must be at least the longest that a client may keep a transaction open
    /// (`transaction.max.timeout.ms`), or one that is still being written to may seem to hang.
    ///
    /// Errors: a broker cannot be asked.
    pub async fn find_hanging_transactions(
        &self,
        partitions: &[TopicPartition],
        older_than: Duration,
    ) -> Result<Vec<HangingTransaction>, Error> {
        let now = millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let limit = Timestamp(now.0.saturating_sub(millis(older_than).0));
        let mut open = Vec::new();
        for (partition, producers) in self.describe_producers(partitions).await {
            for producer in producers? {
                if let Some(start_offset) = producer.transaction_start
                    && producer.last_timestamp <= limit
                {
                    open.push(HangingTransaction { partition: partition.clone(), producer, start_offset });
                }
            }
        }
        if open.is_empty() {
            return Ok(open);
        }
        let known = self.known_partitions(&open).await?;
        open.retain(|transaction| {
            let partitions = known.get(&transaction.producer.producer_id);
            !partitions.is_some_and(|partitions| partitions.contains(&transaction.partition))
        });
        Ok(open)
    }

    /// The partitions of the transactions that coordinators know of, by producer.
    async fn known_partitions(
        &self,
        open: &[HangingTransaction],
    ) -> Result<BTreeMap<ProducerId, BTreeSet<TopicPartition>>, Error> {
        let producer_ids: BTreeSet<ProducerId> =
            open.iter().map(|transaction| transaction.producer.producer_id).collect();
        let filter =
            TransactionFilter { producer_ids: producer_ids.into_iter().collect(), ..Default::default() };
        let mut known = BTreeMap::<ProducerId, BTreeSet<TopicPartition>>::new();
        for listed in self.list_transactions(&filter).await? {
            match self.describe_transaction(&listed.transactional_id).await {
                Ok(described) => {
                    known.entry(described.producer_id).or_default().extend(described.partitions);
                }
                // It was forgotten meanwhile.
                Err(error) if error.code() == Some(ErrorCode::TRANSACTIONAL_ID_NOT_FOUND) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(known)
    }

    /// Ends the transaction that is open on a partition since `start_offset`, without anything of it counting: for one that
    /// hangs. The other partitions of a transaction whose coordinator knows it are not told.
    ///
    /// Errors: [`Error::Api`] with `INVALID_TXN_STATE` if no transaction began there, or it has ended.
    pub async fn abort_transaction(
        &self,
        partition: &TopicPartition,
        start_offset: Offset,
    ) -> Result<ProducerState, Error> {
        let what = format!("abort the transaction on {partition} since offset {start_offset}");
        let mut described = self.describe_producers(std::slice::from_ref(partition)).await;
        let (_, producers) = described.pop().ok_or(Error::MissingResult)?;
        let mut producers = producers?.into_iter();
        let producer = producers.find(|producer| producer.transaction_start == Some(start_offset));
        let producer = producer.ok_or_else(|| {
            let message = Some("no open transaction begins there".to_owned());
            Error::api(what.clone(), ApiError { code: ErrorCode::INVALID_TXN_STATE, message })
        })?;
        let marker = WritableTxnMarker {
            producer_id: producer.producer_id.0,
            producer_epoch: producer.producer_epoch.0,
            transaction_result: false,
            topics: vec![WritableTxnMarkerTopic {
                name: partition.topic.to_string(),
                partition_indexes: vec![partition.partition],
            }],
            coordinator_epoch: producer.coordinator_epoch.unwrap_or(0),
            transaction_version: 0,
        };
        let request = WriteTxnMarkersRequest { markers: vec![marker] };
        let items = [(partition.clone(), ())];
        let aborted = ask_leaders(&self.client, "abort a transaction", &items, |leader, items| {
            let request = &request;
            async move {
                let response = self.client.send_to(leader, request).await?;
                let topics = response.markers.into_iter().flat_map(|marker| marker.topics);
                let mut partitions = topics.flat_map(|topic| topic.partitions);
                let result = partitions.next().ok_or(Error::MissingResult)?;
                let checked = ApiError::check(result.error_code, None);
                Ok(items.into_iter().map(|(partition, ())| (partition, checked.clone())).collect())
            }
        });
        aborted.await.pop().ok_or(Error::MissingResult)?.1?;
        Ok(producer)
    }
}

fn millis(duration: Duration) -> Timestamp {
    Timestamp(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}
