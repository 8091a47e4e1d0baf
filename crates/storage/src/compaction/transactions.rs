//! Which batches are of aborted transactions, and which markers are still needed, as a segment is walked from batch to batch.
//!
//! ```text
//! data of an aborted transaction ─► goes at once          its marker ─► stays while a batch of it does, and is indexed then
//! data of a committed one ────────► by its keys           its marker ─► stays while a batch of it does
//! ```
//!
//! Source: Kafka `CleanedTransactionMetadata`.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::record::BatchHeader;
use ottla_protocol::record::control::ControlRecordType;
use ottla_protocol::types::{Offset, ProducerId};

use crate::index::transaction::AbortedTransactionEntry;

/// What a control batch is to compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ControlVerdict {
    /// Nothing needs it once readers have had time to see it.
    pub can_go: bool,
    /// The transaction that it aborts and of which a batch is left, for the index.
    pub aborted: Option<AbortedTransactionEntry>,
    /// It aborts a transaction of which no index knew, and whose batches were therefore taken for committed.
    pub is_unknown: bool,
}

/// An aborted transaction in whose range the walk is.
#[derive(Clone, Copy, Debug)]
struct Aborted {
    entry: AbortedTransactionEntry,
    /// A batch of it has been met.
    has_batch: bool,
}

/// The transactions in whose range a walk is.
#[derive(Debug, Default)]
pub(super) struct WalkedTransactions {
    /// Aborted ones that begin further on, by first offset.
    ahead: BTreeMap<(Offset, ProducerId), AbortedTransactionEntry>,
    aborted: BTreeMap<ProducerId, Aborted>,
    committed: BTreeSet<ProducerId>,
}

impl WalkedTransactions {
    /// Adds what the indexes say of aborted transactions. Those that are known already may come again.
    pub(super) fn add(&mut self, entries: impl IntoIterator<Item = AbortedTransactionEntry>) {
        self.ahead.extend(entries.into_iter().map(|entry| ((entry.first_offset, entry.producer_id), entry)));
    }

    /// Takes note of a batch of data. Whether it is of an aborted transaction.
    pub(super) fn on_data(&mut self, header: &BatchHeader) -> bool {
        self.reach(header.last_offset());
        if !header.attributes.is_transactional() {
            return false;
        }
        match self.aborted.get_mut(&header.producer_id) {
            Some(aborted) => {
                aborted.has_batch = true;
                true
            }
            None => {
                self.committed.insert(header.producer_id);
                false
            }
        }
    }

    /// Takes note of a control batch, which holds `kind`; `None` if it is empty or of another kind than these that we know.
    pub(super) fn on_control(
        &mut self,
        header: &BatchHeader,
        kind: Option<ControlRecordType>,
    ) -> ControlVerdict {
        self.reach(header.last_offset());
        let producer_id = header.producer_id;
        let mut verdict =
            ControlVerdict { can_go: header.record_count == 0, aborted: None, is_unknown: false };
        match kind {
            Some(ControlRecordType::Abort) => {
                let known = self.aborted.remove(&producer_id);
                verdict.aborted = known.filter(|known| known.has_batch).map(|known| known.entry);
                verdict.can_go = verdict.aborted.is_none();
                verdict.is_unknown = self.committed.remove(&producer_id);
            }
            Some(ControlRecordType::Commit) => verdict.can_go = !self.committed.remove(&producer_id),
            _ => {}
        }
        verdict
    }

    /// The walk has come to `offset`.
    fn reach(&mut self, offset: Offset) {
        while let Some(first) = self.ahead.first_entry()
            && first.key().0 <= offset
        {
            let entry = first.remove();
            self.aborted.entry(entry.producer_id).or_insert(Aborted { entry, has_batch: false });
        }
    }
}
