//! Random work on a log, compared with the simplest thing that could be one: a list of batches.

use std::collections::BTreeMap;

use ottla_protocol::record::{BatchMut, BatchOptions, Compression, batches};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset};
use proptest::prelude::*;

use crate::append::AppendOrigin;
use crate::log::{CachedRead, ReadRequest};
use crate::testing::*;

/// Something to do. Fractions are of the log's offsets, in 1/256.
#[derive(Clone, Debug)]
enum Work {
    Append { values: u8, size: u16, timestamp: i64, codec: u8, new_epoch: bool },
    Truncate(u8),
    DeleteBefore(u8),
    Retain,
    Roll,
    Flush,
    RestartCleanly,
    RestartUncleanly,
    Release,
    Read { offset: u8, bound: u8, max_bytes: u16, cold: bool },
    Search(i64),
    EpochEnd(i32),
}

fn any_work() -> impl Strategy<Value = Work> {
    prop_oneof![
        12 => (1..5_u8, 0..200_u16, 0..500_i64, 0..5_u8, any::<u8>()).prop_map(|(values, size, timestamp, codec, dice)| {
            Work::Append { values, size, timestamp, codec, new_epoch: dice < 30 }
        }),
        1 => any::<u8>().prop_map(Work::Truncate),
        1 => any::<u8>().prop_map(Work::DeleteBefore),
        1 => Just(Work::Retain),
        1 => Just(Work::Roll),
        2 => Just(Work::Flush),
        1 => Just(Work::RestartCleanly),
        1 => Just(Work::RestartUncleanly),
        1 => Just(Work::Release),
        8 => (any::<u8>(), any::<u8>(), 0..2000_u16, any::<bool>())
            .prop_map(|(offset, bound, max_bytes, cold)| Work::Read { offset, bound, max_bytes, cold }),
        2 => (0..520_i64).prop_map(Work::Search),
        1 => (-1..12_i32).prop_map(Work::EpochEnd),
    ]
}

/// One batch of the model.
#[derive(Clone, Debug)]
struct Stored {
    base: i64,
    end: i64,
    timestamp: i64,
    epoch: i32,
    bytes: Vec<u8>,
}

struct Model {
    log: Fixture,
    stored: Vec<Stored>,
    start: i64,
    end: i64,
    epoch: i32,
}

impl Model {
    fn new(segment_bytes: u32, index_interval_bytes: u32) -> Self {
        let mut config = small_segments(segment_bytes);
        config.index_interval_bytes = index_interval_bytes;
        Self { log: Fixture::new(config), stored: Vec::new(), start: 0, end: 0, epoch: 0 }
    }

    fn at(&self, fraction: u8) -> i64 {
        self.start + (self.end - self.start) * i64::from(fraction) / 255
    }

    fn run(&mut self, work: &Work) {
        match work {
            Work::Append { values, size, timestamp, codec, new_epoch } => {
                self.epoch += i32::from(*new_epoch);
                self.append(
                    usize::from(*values),
                    usize::from(*size),
                    *timestamp,
                    Compression::ALL[usize::from(*codec)],
                );
            }
            Work::Truncate(fraction) => {
                // At a batch border: what a cut in the middle of a batch leaves is told in scenarios.
                let wanted = self.at(*fraction);
                let border = self.stored.iter().map(|batch| batch.base).filter(|base| *base <= wanted).max();
                let offset = border.unwrap_or(wanted).max(self.start);
                let unlink = self.log.log().truncate_to(Offset(offset), at(0).wall).unwrap();
                unlink.run(&*self.log.disk.shared()).unwrap();
                self.stored.retain(|batch| batch.end <= offset);
                self.end = offset;
                self.epoch += 1;
            }
            Work::DeleteBefore(fraction) => {
                self.start = self.at(*fraction);
                self.log.log().advance_log_start_offset(Offset(self.start));
            }
            Work::Retain => {
                let retained = self.log.log().delete_old_segments(Offset(self.end), at(0).wall).unwrap();
                retained.unlink.run(&*self.log.disk.shared()).unwrap();
                assert_eq!(self.log.log().log_start_offset(), Offset(self.start));
            }
            Work::Roll => self.log.log().roll(at(0).wall).unwrap(),
            Work::Flush => self.log.flush(),
            Work::RestartCleanly => {
                self.log.open.log_start_offset = Offset(self.start);
                let report = self.log.restart_cleanly();
                assert!(report.is_clean() || report.started_over, "{report}");
                self.after_restart();
            }
            Work::RestartUncleanly => {
                self.log.restart_uncleanly().unwrap();
                self.after_restart();
            }
            Work::Release => self.log.log().release_files(),
            Work::Read { offset, bound, max_bytes, cold } => {
                let (offset, bound) = (self.at(*offset), self.at(*bound));
                self.read(offset, bound, u32::from(*max_bytes), *cold);
            }
            Work::Search(timestamp) => self.search(*timestamp),
            Work::EpochEnd(epoch) => self.epoch_end(*epoch),
        }
        assert_eq!(self.log.log().log_end_offset(), Offset(self.end), "{work:?}");
        assert_eq!(self.log.log().log_start_offset(), Offset(self.start), "{work:?}");
    }

    fn append(&mut self, values: usize, size: usize, timestamp: i64, compression: Compression) {
        let value = "v".repeat(size);
        let options = BatchOptions { compression, ..BatchOptions::default() };
        let mut bytes = build(options, timestamp, &vec![&*value; values]);
        self.log.epoch = self.epoch;
        let appended = self.log.append_from(AppendOrigin::Client, &bytes).unwrap();
        assert_eq!(appended.base_offset, Offset(self.end));
        let mut batch = BatchMut::first_of(&mut bytes).unwrap();
        batch.set_base_offset(Offset(self.end));
        batch.set_leader_epoch(LeaderEpoch(self.epoch));
        let end = self.end + values as i64;
        self.stored.push(Stored { base: self.end, end, timestamp, epoch: self.epoch, bytes });
        self.end = end;
    }

    /// A log whose last batch was cut in the middle, as its start lies there, ends with the batch before.
    fn after_restart(&mut self) {
        let found = self.log.log().log_end_offset().0;
        let last = self.stored.last().map_or(0, |batch| batch.end);
        assert!(found == self.end || found >= last, "{found}, {last}..{}", self.end);
        self.end = found;
        self.start = self.start.min(self.end);
    }

    fn read(&mut self, offset: i64, bound: i64, max_bytes: u32, cold: bool) {
        let request = ReadRequest {
            offset: Offset(offset),
            upper_bound: Offset(bound),
            max_bytes,
            min_one_batch: true,
        };
        if cold {
            self.log.disk.evict();
        }
        let mut waits = 0;
        let region = loop {
            match self.log.log().read_cached(&request).unwrap() {
                CachedRead::Region(region) => break Some(region),
                CachedRead::Empty => break None,
                CachedRead::Cold(read) => read.run().unwrap(),
            }
            waits += 1;
            assert!(waits < 20, "it never gets warm");
        };
        let wanted: Vec<_> =
            self.stored.iter().filter(|batch| batch.end > offset && batch.end <= bound).collect();
        let Some(region) = region else {
            assert!(wanted.is_empty(), "nothing of {} batches at {offset}..{bound}", wanted.len());
            return;
        };
        let expected: Vec<u8> = wanted.iter().flat_map(|batch| batch.bytes.iter().copied()).collect();
        let mut found = vec![0; region.size as usize];
        assert_eq!(region.file.read_at(&mut found, region.position).unwrap(), found.len());
        assert_eq!(region.base_offset.0, wanted[0].base);
        assert!(expected.starts_with(&found), "at {offset}..{bound}");
        let allowed = (max_bytes as usize).max(wanted[0].bytes.len());
        assert!(found.len() <= allowed);
        let whole =
            batches(&found).filter_map(Result::ok).last().map_or(0, |batch| batch.header().next_offset().0);
        if found.len() < allowed.min(expected.len()) {
            let bases: Vec<_> = self.log.log().segment_base_offsets().map(|base| base.0).collect();
            assert!(bases.contains(&whole), "ends at {whole}, which is no segment's beginning");
        }
        assert!(region.end_offset.0 >= whole && region.end_offset.0 <= bound);
    }

    fn search(&mut self, timestamp: i64) {
        let found = self.log.log().offset_for_timestamp(Timestamp(timestamp)).unwrap().run().unwrap();
        let first = self.stored.iter().find(|batch| batch.timestamp >= timestamp && batch.end > self.start);
        let expected = first.map(|batch| (batch.timestamp, batch.base.max(self.start), batch.epoch));
        let found = found.map(|found| (found.timestamp.0, found.offset.0, found.leader_epoch.unwrap().0));
        assert_eq!(found, expected, "the first record at {timestamp}");
    }

    fn epoch_end(&mut self, epoch: i32) {
        let mut starts: BTreeMap<i32, i64> = BTreeMap::new();
        for batch in self.stored.iter().filter(|batch| batch.end > self.start) {
            starts.entry(batch.epoch).or_insert(batch.base.max(self.start));
        }
        let expected = match (starts.last_key_value(), starts.range(epoch + 1..).next()) {
            _ if epoch < 0 => None,
            (Some((latest, _)), _) if *latest == epoch => Some((epoch, self.end)),
            (_, None) => None,
            (_, Some((_, end))) => {
                let floor = starts.range(..=epoch).next_back().map_or(epoch, |(floor, _)| *floor);
                Some((floor, *end))
            }
        };
        let found = self.log.log().end_offset_for_epoch(LeaderEpoch(epoch));
        let found = found.map(|end| (end.epoch.0, end.end_offset.0));
        // Once everything of it was deleted, the last epoch may still be known.
        if !starts.is_empty() {
            assert_eq!(found, expected, "end of epoch {epoch} among {starts:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_is_a_list_of_batches(
        segment_bytes in 900..3000_u32,
        interval in prop_oneof![Just(1_u32), Just(300), Just(4096)],
        work in prop::collection::vec(any_work(), 1..120),
    ) {
        let mut model = Model::new(segment_bytes, interval);
        for work in &work {
            model.run(work);
        }
        for offset in 0..=255 {
            let offset = model.at(offset);
            model.read(offset, model.end, 1, false);
        }
    }
}

/// Once the log was cut to its start, with records below it in the segment, no epoch was left, and a clean close did not say so.
#[test]
fn a_log_that_was_cut_to_its_start_is_opened_as_it_was_closed() {
    let mut model = Model::new(900, 1);
    let append = |values| Work::Append { values, size: 0, timestamp: 0, codec: 0, new_epoch: true };
    for work in [append(3), append(2), append(1), append(2), Work::DeleteBefore(96), Work::Truncate(0)] {
        model.run(&work);
    }
    model.run(&Work::RestartCleanly);
}
