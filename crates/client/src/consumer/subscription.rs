//! The consumer's side of a group: partitions come and go, positions are committed.

use std::time::Duration;

use ottla_protocol::types::Offset;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::membership::{GroupCommand, GroupEvent, GroupOptions, Membership, Positions};
use super::{ConsumeError, Consumer, OffsetReset, StartOffset};
use crate::error::Error;
use crate::partition::TopicPartition;
use crate::producer::GroupMetadata;
use crate::task::Task;

/// Commands that may wait for the membership.
const COMMANDS_MAX: usize = 16;

/// A membership, seen from the consumer.
#[derive(Debug)]
pub(super) struct Subscription {
    commands: mpsc::Sender<GroupCommand>,
    pub(super) events: mpsc::Receiver<GroupEvent>,
    task: Task<()>,
    last_poll: watch::Sender<Instant>,
    /// Whose the partitions are that are assigned; `None` between two generations.
    metadata: Option<GroupMetadata>,
    auto_commit: Option<Duration>,
    commit_due: Option<Instant>,
}

impl Consumer {
    /// Joins a group that reads `topics` together: each partition is read by one member. Partitions come with later calls of
    /// [`Consumer::poll`], which must go on being called, and replace what is assigned.
    ///
    /// ```no_run
    /// # async fn example(client: ottla_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use ottla_client::{Consumer, GroupOptions};
    ///
    /// let mut consumer = Consumer::builder(&client).build();
    /// consumer.subscribe(GroupOptions::new("billing"), ["orders"]).await;
    /// for record in consumer.poll(Duration::from_secs(10)).await? {
    ///     println!("{:?}", record.value);
    /// }
    /// consumer.commit().await?;
    /// consumer.close().await;
    /// # Ok(()) }
    /// ```
    pub async fn subscribe(
        &mut self,
        options: GroupOptions,
        topics: impl IntoIterator<Item = impl Into<String>>,
    ) {
        self.leave_group().await;
        let (commands, receive_commands) = mpsc::channel(COMMANDS_MAX);
        let (send_events, events) = mpsc::channel(1);
        let (last_poll, watch_polls) = watch::channel(Instant::now());
        let auto_commit = options.auto_commit;
        let membership = Membership::new(
            // Joins wait at the coordinator, and would hold up other requests of the same connection.
            self.admin.client().with_own_connections(),
            options,
            topics.into_iter().map(Into::into).collect(),
            receive_commands,
            send_events,
            watch_polls,
        );
        let task = Task::spawn(membership.run());
        self.subscription = Some(Subscription {
            commands,
            events,
            task,
            last_poll,
            metadata: None,
            auto_commit,
            commit_due: None,
        });
    }

    /// Commits the positions of all partitions, so that the group goes on there.
    ///
    /// Errors: [`ConsumeError::NotSubscribed`] without a group; one that [`ConsumeError::is_rebalance`] tells of if the group
    /// has gone on without this member.
    pub async fn commit(&mut self) -> Result<(), ConsumeError> {
        self.commit_offsets(self.positions()).await
    }

    /// Commits these offsets, each that of the next record to read. Errors as [`Consumer::commit`].
    pub async fn commit_offsets(
        &mut self,
        offsets: impl IntoIterator<Item = (TopicPartition, Offset)>,
    ) -> Result<(), ConsumeError> {
        let Some(subscription) = &mut self.subscription else { return Err(ConsumeError::NotSubscribed) };
        let Some(metadata) = &subscription.metadata else { return Err(ConsumeError::Rebalancing) };
        let generation_id = metadata.generation_id;
        let (answer, result) = oneshot::channel();
        let positions = offsets.into_iter().collect();
        let command = GroupCommand::Commit { generation_id, positions, answer };
        // A membership that rebalances has no ear for it, and the partitions may be another member's already.
        match subscription.commands.try_send(command) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(ConsumeError::Rebalancing),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(Error::Closed.into()),
        }
        tokio::select! {
            result = result => Ok(result.map_err(|_| Error::Closed)??),
            event = next_event(Some(subscription)) => {
                self.group_event(event);
                Err(ConsumeError::Rebalancing)
            }
        }
    }

    /// Who this consumer is in its group, for [`Transaction::send_offsets`](crate::Transaction::send_offsets); `None` while
    /// it has no partitions.
    #[must_use]
    pub fn group_metadata(&self) -> Option<GroupMetadata> {
        self.subscription.as_ref()?.metadata.clone()
    }

    /// Commits, if that is automatic, and leaves the group.
    pub(super) async fn leave_group(&mut self) {
        let positions = self.positions();
        let Some(subscription) = self.subscription.take() else { return };
        let positions = if subscription.auto_commit.is_some() { positions } else { Positions::new() };
        let Subscription { commands, mut events, task, metadata, .. } = subscription;
        let generation_id = metadata.map_or(-1, |metadata| metadata.generation_id);
        // A membership that does not live in a generation has no ear for it, and sees that nobody hears it any more.
        let _ = commands.try_send(GroupCommand::Leave { generation_id, positions });
        drop(commands);
        events.close();
        // A question that came before is not answered.
        while events.recv().await.is_some() {}
        task.join().await;
        self.unassign_all();
    }

    pub(super) fn group_event(&mut self, event: GroupEvent) {
        match event {
            GroupEvent::Assigned(metadata, partitions) => {
                for (partition, committed) in partitions {
                    let start = match (committed, self.options.offset_reset) {
                        (Some(offset), _) => StartOffset::At(offset),
                        (None, OffsetReset::Earliest) => StartOffset::Earliest,
                        (None, OffsetReset::Latest) => StartOffset::Latest,
                        (None, OffsetReset::Fail) => {
                            self.errors.push_back(ConsumeError::NoCommittedOffset(partition));
                            continue;
                        }
                    };
                    self.assign(partition, start);
                }
                if let Some(subscription) = &mut self.subscription {
                    subscription.metadata = Some(metadata);
                    subscription.commit_due = subscription.auto_commit.map(|period| Instant::now() + period);
                }
            }
            GroupEvent::Revoke(answer) => {
                let is_automatic =
                    self.subscription.as_ref().is_some_and(|group| group.auto_commit.is_some());
                let positions = if is_automatic { self.positions() } else { Positions::new() };
                self.unassign_all();
                let _ = answer.send(positions);
            }
            GroupEvent::Lost => self.unassign_all(),
            GroupEvent::Failed(error) => {
                self.unassign_all();
                self.subscription = None;
                self.errors.push_back(error.into());
            }
        }
    }

    /// Tells the membership that the program is alive, and commits the positions if it is time to. What was returned by
    /// earlier polls counts as done.
    pub(super) fn begin_poll(&mut self, now: Instant) {
        if let Some(subscription) = &self.subscription {
            let _ = subscription.last_poll.send(now);
        }
        let is_due =
            self.subscription.as_ref().is_some_and(|group| group.commit_due.is_some_and(|due| now >= due));
        if !is_due {
            return;
        }
        let positions = self.positions();
        if let Some(subscription) = &mut self.subscription {
            subscription.commit_due = subscription.auto_commit.map(|period| now + period);
            let Some(metadata) = &subscription.metadata else { return };
            let generation_id = metadata.generation_id;
            let (answer, _nobody_waits) = oneshot::channel();
            // If the membership is busy rebalancing, it commits then.
            let _ = subscription.commands.try_send(GroupCommand::Commit { generation_id, positions, answer });
        }
    }

    fn positions(&self) -> Positions {
        let position = |partition: &TopicPartition| Some((partition.clone(), self.position(partition)?));
        self.partitions.keys().filter_map(position).collect()
    }

    fn unassign_all(&mut self) {
        if let Some(subscription) = &mut self.subscription {
            subscription.metadata = None;
            subscription.commit_due = None;
        }
        self.partitions.clear();
        self.turns.clear();
        self.decoded.clear();
    }
}

/// The next event of the membership; never, without one.
pub(super) async fn next_event(subscription: Option<&mut Subscription>) -> GroupEvent {
    let Some(subscription) = subscription else { return std::future::pending().await };
    subscription.events.recv().await.unwrap_or(GroupEvent::Failed(Error::Closed))
}
