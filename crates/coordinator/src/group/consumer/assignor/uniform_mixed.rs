//! The uniform assignor for members that are subscribed to different topics: what nobody has goes to the least loaded
//! subscriber, then partitions move from the most loaded subscriber of a topic to the least loaded one until no topic's
//! subscribers differ by more than one, as far as that goes. Members keep the rest.
//! Source: KIP-848; Kafka `UniformHeterogeneousAssignmentBuilder`, which does the same by other means.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{AssignedMember, AssignedTopic, Assignment, add, remove};

/// Rounds over all topics at most. Each can only improve the balance; almost always two are enough.
const ROUNDS_MAX: usize = 16;

/// The members are subscribed to different topics.
pub(super) fn assign(topics: &[AssignedTopic], members: &[AssignedMember<'_>]) -> Vec<Assignment> {
    let mut work = Work::new(topics, members);
    let order = work.order();
    for topic in &order {
        work.assign_unassigned(*topic);
    }
    let movable: Vec<usize> = order.into_iter().filter(|topic| work.subscribers[*topic].len() > 1).collect();
    // The topic at which something moved last: a whole round without a move ends the work.
    let mut last_moved = None;
    for round in 0..ROUNDS_MAX {
        for topic in &movable {
            if round > 0 && last_moved.is_none_or(|last| last == *topic) {
                return work.assignments;
            }
            if work.balance(*topic) {
                last_moved = Some(*topic);
            }
        }
    }
    work.assignments
}

struct Work<'a> {
    topics: &'a [AssignedTopic],
    /// Members by topic.
    subscribers: Vec<Vec<usize>>,
    /// Who has each partition, by topic.
    owners: Vec<Vec<Option<usize>>>,
    assignments: Vec<Assignment>,
    /// Number of partitions of each member.
    loads: Vec<usize>,
}

impl<'a> Work<'a> {
    /// Begins with what the members have of the topics that they are subscribed to.
    fn new(topics: &'a [AssignedTopic], members: &[AssignedMember<'_>]) -> Self {
        let mut subscribers = vec![Vec::new(); topics.len()];
        let count = |topic: &AssignedTopic| usize::try_from(topic.partition_count).unwrap_or(0);
        let mut owners: Vec<_> = topics.iter().map(|topic| vec![None; count(topic)]).collect();
        let mut assignments = Vec::with_capacity(members.len());
        let mut loads = vec![0; members.len()];
        for (index, member) in members.iter().enumerate() {
            let mut assignment = Assignment::new();
            for topic in member.topics.iter() {
                subscribers[*topic].push(index);
                let id = topics[*topic].id;
                for partition in member.assigned.get(&id).into_iter().flatten() {
                    let slot = usize::try_from(*partition).ok().and_then(|at| owners[*topic].get_mut(at));
                    if let Some(slot) = slot.filter(|slot| slot.is_none()) {
                        *slot = Some(index);
                        add(&mut assignment, id, *partition);
                        loads[index] += 1;
                    }
                }
            }
            assignments.push(assignment);
        }
        Self { topics, subscribers, owners, assignments, loads }
    }

    /// Topics in the order of how hard they are to place: many partitions for each subscriber first, then few
    /// subscribers.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.topics.len()).collect();
        order.sort_by(|a, b| self.compare(*a, *b));
        order
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        let size = |topic: usize| (self.owners[topic].len(), self.subscribers[topic].len());
        let ((partitions_a, subscribers_a), (partitions_b, subscribers_b)) = (size(a), size(b));
        // Partitions for each subscriber, without a division.
        (partitions_b * subscribers_a)
            .cmp(&(partitions_a * subscribers_b))
            .then(subscribers_a.cmp(&subscribers_b))
            .then_with(|| self.topics[a].id.cmp(&self.topics[b].id))
    }

    fn by_load(&self, topic: usize) -> BTreeSet<(usize, usize)> {
        self.subscribers[topic].iter().map(|member| (self.loads[*member], *member)).collect()
    }

    fn assign_unassigned(&mut self, topic: usize) {
        let unassigned: Vec<usize> =
            (0..self.owners[topic].len()).filter(|index| self.owners[topic][*index].is_none()).collect();
        if unassigned.is_empty() {
            return;
        }
        let mut by_load = self.by_load(topic);
        for partition in unassigned {
            let Some((load, member)) = by_load.pop_first() else { return };
            self.give(topic, partition, member);
            by_load.insert((load + 1, member));
        }
    }

    /// Moves partitions of a topic from the most to the least loaded; whether any moved.
    fn balance(&mut self, topic: usize) -> bool {
        let mut by_load = self.by_load(topic);
        let is_balanced = |by_load: &BTreeSet<(usize, usize)>| match (by_load.first(), by_load.last()) {
            (Some((least, _)), Some((most, _))) => most - least <= 1,
            _ => true,
        };
        if is_balanced(&by_load) {
            return false;
        }
        let mut held: Vec<Vec<usize>> = vec![Vec::new(); self.loads.len()];
        for (partition, owner) in self.owners[topic].iter().enumerate() {
            if let Some(owner) = owner {
                held[*owner].push(partition);
            }
        }
        let mut has_moved = false;
        // Those that have something to give, or could get something.
        while let Some((most, giver)) = by_load.pop_last() {
            let Some(&(least, taker)) = by_load.first() else { break };
            if most - least <= 1 {
                break;
            }
            // Whoever has nothing of the topic can give nothing, and has too much to get anything.
            let Some(partition) = held[giver].pop() else { continue };
            by_load.pop_first();
            self.give(topic, partition, taker);
            held[taker].push(partition);
            by_load.insert((most - 1, giver));
            by_load.insert((least + 1, taker));
            has_moved = true;
        }
        has_moved
    }

    fn give(&mut self, topic: usize, partition: usize, member: usize) {
        let id = self.topics[topic].id;
        let index = i32::try_from(partition).expect("a topic has less than 2^31 partitions");
        if let Some(owner) = self.owners[topic][partition].replace(member) {
            remove(&mut self.assignments[owner], id, index);
            self.loads[owner] -= 1;
        }
        add(&mut self.assignments[member], id, index);
        self.loads[member] += 1;
    }
}
