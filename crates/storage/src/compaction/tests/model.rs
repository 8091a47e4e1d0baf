//! Random logs, compacted in random ways, against the simplest thing that could be compaction: a list of records.

use std::collections::BTreeMap;

use ottla_protocol::record::Compression;
use proptest::prelude::*;

use super::*;

/// What is in a batch to come: key index and whether there is a value.
type Drawn = Vec<(u8, bool)>;

#[derive(Clone, Debug)]
enum Work {
    Append { codec: u8, records: Drawn },
    Idempotent { id: u8, records: Drawn },
    Transactional { id: u8, records: Drawn },
    End { id: u8, is_aborted: bool },
    Roll,
    Clean { advance_ms: u16, keys: u8, slice: u16 },
    RestartCleanly,
    RestartUncleanly,
    Flush,
}

fn any_records() -> impl Strategy<Value = Drawn> {
    // Key 0 is none.
    prop::collection::vec((0..8_u8, prop::bool::weighted(0.8)), 1..5)
}

fn any_work() -> impl Strategy<Value = Work> {
    prop_oneof![
        6 => (0..5_u8, any_records()).prop_map(|(codec, records)| Work::Append { codec, records }),
        3 => (1..4_u8, any_records()).prop_map(|(id, records)| Work::Idempotent { id, records }),
        4 => (4..7_u8, any_records()).prop_map(|(id, records)| Work::Transactional { id, records }),
        3 => (4..7_u8, any::<bool>()).prop_map(|(id, is_aborted)| Work::End { id, is_aborted }),
        2 => Just(Work::Roll),
        3 => (0..900_u16, 3..40_u8, 1..2000_u16)
            .prop_map(|(advance_ms, keys, slice)| Work::Clean { advance_ms, keys, slice }),
        1 => Just(Work::RestartCleanly),
        1 => Just(Work::RestartUncleanly),
        1 => Just(Work::Flush),
    ]
}

/// A record of the model.
#[derive(Clone, Debug, PartialEq)]
struct Record {
    offset: i64,
    key: Option<String>,
    value: Option<String>,
    /// Index of its batch.
    batch: usize,
}

/// A batch of the model.
#[derive(Clone, Debug, Default)]
struct Sent {
    /// Of an aborted transaction, once that is known.
    is_aborted: bool,
    /// When tombstones may go: set by the first round that keeps one.
    horizon: Option<i64>,
}

struct Model {
    log: Fixture,
    now: i64,
    records: Vec<Record>,
    batches: Vec<Sent>,
    sequences: BTreeMap<u8, i32>,
    /// Batches of open transactions.
    open: BTreeMap<u8, Vec<usize>>,
}

impl Model {
    fn new(segment_bytes: u32) -> Self {
        Self {
            log: Fixture::new(compacted(segment_bytes)),
            now: 10_000,
            records: Vec::new(),
            batches: Vec::new(),
            sequences: BTreeMap::new(),
            open: BTreeMap::new(),
        }
    }

    fn run(&mut self, work: &Work) {
        match work {
            Work::Append { codec, records } => {
                let compression = Compression::ALL[usize::from(*codec)];
                self.append(BatchOptions { compression, ..BatchOptions::default() }, records);
            }
            Work::Idempotent { id, records } => self.produce(*id, records),
            Work::Transactional { id, records } => {
                let at = self.batches.len();
                self.open.entry(*id).or_default().push(at);
                self.produce(*id, records);
            }
            Work::End { id, is_aborted } => {
                let Some(batches) = self.open.remove(id) else { return };
                batches.iter().for_each(|at| self.batches[*at].is_aborted = *is_aborted);
                let id = i64::from(*id);
                self.log.mark(&if *is_aborted { abort(id) } else { commit(id) });
            }
            Work::Roll => self.log.roll(),
            Work::Clean { advance_ms, keys, slice } => {
                self.now += i64::from(*advance_ms);
                self.clean(u64::from(*keys), u64::from(*slice));
            }
            Work::RestartCleanly => {
                let cleaned = self.log.log().cleaned_up_to();
                let report = self.log.restart_cleanly();
                assert!(report.is_clean(), "{report}");
                self.after_restart(cleaned);
            }
            Work::RestartUncleanly => {
                let cleaned = self.log.log().cleaned_up_to();
                self.log.restart_uncleanly().unwrap();
                self.after_restart(cleaned);
            }
            Work::Flush => self.log.flush(),
        }
    }

    fn after_restart(&mut self, cleaned: Option<Offset>) {
        if let Some(cleaned) = cleaned {
            self.log.log().restore_cleaned_up_to(cleaned);
        }
    }

    fn produce(&mut self, id: u8, records: &Drawn) {
        let base_sequence = *self.sequences.entry(id).or_default();
        let options = BatchOptions {
            producer_id: ProducerId(i64::from(id)),
            producer_epoch: ProducerEpoch(0),
            base_sequence,
            is_transactional: id >= 4,
            ..BatchOptions::default()
        };
        self.append(options, records);
        *self.sequences.entry(id).or_default() += records.len() as i32;
    }

    fn append(&mut self, options: BatchOptions, drawn: &Drawn) {
        let base = self.log.log().log_end_offset().0;
        let batch = self.batches.len();
        let record = |(at, (key, has_value)): (usize, &(u8, bool))| {
            let offset = base + at as i64;
            let key = (*key > 0).then(|| format!("key {key}"));
            Record { offset, key, value: has_value.then(|| format!("value {offset}")), batch }
        };
        let records: Vec<Record> = drawn.iter().enumerate().map(record).collect();
        let pairs: Vec<Pair<'_>> =
            records.iter().map(|r| (r.key.as_deref().unwrap_or(""), r.value.as_deref())).collect();
        self.log.append(&keyed_with(options, self.now, &pairs));
        self.records.extend(records);
        self.batches.push(Sent::default());
    }

    /// A round with room for so many keys, in slices; and what it must come to.
    fn clean(&mut self, keys: u64, slice: u64) {
        let Some(dirt) = self.log.dirt(self.now).filter(|dirt| dirt.dirty_bytes > 0) else { return };
        let options = CleanerOptions { dedupe_buffer_size: 48 * keys, load_factor: 0.5, ..OPTIONS };
        let mut cleaning = self.log.log().plan_cleaning(&dirt, options, Timestamp(self.now)).unwrap();
        let cleaned = loop {
            match cleaning.run(slice).1.unwrap() {
                CleaningStep::More(more) => cleaning = more,
                CleaningStep::Ready(ready) => {
                    cleaning = ready;
                    self.log.log().swap_in(&mut cleaning).unwrap().run(&*self.log.disk.shared()).unwrap();
                }
                CleaningStep::Done(cleaned) => break cleaned,
            }
        };
        self.log.log().mark_cleaned(&cleaned);
        let (from, to) = (dirt.first_dirty.0, cleaned.end_offset.0);
        assert!(to > from && to <= dirt.first_uncleanable.0);
        // Segments are judged whole: those that begin below the end of the round.
        let bases: Vec<i64> = self.sources(&dirt, to);
        self.expect(from, to, *bases.last().unwrap());
    }

    /// Where the segments that were judged end.
    fn sources(&mut self, dirt: &Dirt, to: i64) -> Vec<i64> {
        let bases: Vec<i64> = self.log.log().segment_base_offsets().map(|base| base.0).collect();
        let end = bases.iter().find(|base| **base >= to).copied();
        vec![end.unwrap_or(dirt.first_uncleanable.0).min(dirt.first_uncleanable.0)]
    }

    fn expect(&mut self, from: i64, to: i64, judged: i64) {
        let mut last = BTreeMap::new();
        let dirty = self.records.iter().filter(|record| record.offset >= from && record.offset < to);
        for record in dirty.filter(|record| !self.batches[record.batch].is_aborted) {
            last.extend(record.key.clone().map(|key| (key, record.offset)));
        }
        let (now, batches) = (self.now, &mut self.batches);
        self.records.retain(|record| {
            let sent = &batches[record.batch];
            if record.offset >= judged {
                return true;
            }
            if sent.is_aborted {
                return false;
            }
            if record.offset >= to {
                return true;
            }
            let Some(key) = &record.key else { return false };
            let is_last = last.get(key).is_none_or(|last| record.offset >= *last);
            is_last && (record.value.is_some() || sent.horizon.is_none_or(|horizon| now < horizon))
        });
        for record in self.records.iter().filter(|record| record.offset < judged && record.value.is_none()) {
            batches[record.batch].horizon.get_or_insert(now + 1000);
        }
    }

    fn check(&mut self) {
        let expected: Vec<Survivor> =
            self.records.iter().map(|r| (r.offset, r.key.clone(), r.value.clone())).collect();
        assert_eq!(self.log.survivors(), expected);
        // What is skipped by a reader of committed records is of aborted transactions, all of it.
        let end = self.log.high_watermark();
        let aborted = self.log.log().aborted_transactions(Offset(0), end).unwrap();
        for record in &self.records {
            if self.batches[record.batch].is_aborted {
                assert!(aborted.iter().any(|found| found.first_offset.0 <= record.offset), "{record:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_stays_is_what_must(
        segment_bytes in prop_oneof![Just(300_u32), Just(700), Just(1 << 20)],
        work in prop::collection::vec(any_work(), 1..120),
    ) {
        let mut model = Model::new(segment_bytes);
        for work in &work {
            model.run(work);
            model.check();
        }
        for _ in 0..3 {
            model.log.roll();
            model.now += 1000;
            model.clean(100, u64::MAX);
            model.check();
        }
    }
}
