//! Which segments a log no longer needs: a pure choice.
//!
//! Three passes, each from the oldest segment on and up to the first that stays: log start offset, size, time. A segment that is
//! not wholly below the high watermark stays, and so do those behind it. Source: Kafka `UnifiedLog.deleteOldSegments`.

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;

/// Why a segment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionReason {
    /// It lies below the log start offset.
    LogStartOffset,
    /// `retention.bytes`.
    Size,
    /// `retention.ms`.
    Time,
}

/// What the choice needs to know of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Base offset.
    pub base_offset: Offset,
    /// Base offset of the next segment, or the log's end.
    pub end_offset: Offset,
    /// It is the last one.
    pub is_active: bool,
    /// Size of its batches, in bytes.
    pub size: u32,
    /// Its largest timestamp, or when it was last written; `None` keeps it from going for its age.
    pub largest_timestamp: Option<Timestamp>,
}

/// What the choice goes by.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// First offset that may be read.
    pub log_start_offset: Offset,
    /// Offset below which every record is on every in-sync replica.
    pub high_watermark: Offset,
    /// `retention.ms`.
    pub retention_ms: Option<i64>,
    /// `retention.bytes`.
    pub retention_bytes: Option<u64>,
    /// `cleanup.policy` holds `delete`.
    pub deletes_by_age_and_size: bool,
    /// The time.
    pub now: Timestamp,
}

/// Why the segments go, from the oldest on; those behind the last reason stay.
#[must_use]
pub fn select(segments: &[Candidate], rules: &Rules) -> Vec<RetentionReason> {
    let mut reasons = Vec::new();
    let mut pass = |reason, goes: &mut dyn FnMut(&Candidate) -> bool| {
        while let Some(segment) = segments.get(reasons.len()) {
            let is_empty_active = segment.is_active && segment.size == 0;
            if is_empty_active || segment.end_offset > rules.high_watermark || !goes(segment) {
                break;
            }
            reasons.push(reason);
        }
    };
    pass(RetentionReason::LogStartOffset, &mut |segment| {
        !segment.is_active && segment.end_offset <= rules.log_start_offset
    });
    if !rules.deletes_by_age_and_size {
        return reasons;
    }
    if let Some(retention_bytes) = rules.retention_bytes {
        let gone = segments.iter().take_while(|segment| segment.end_offset <= rules.log_start_offset);
        let gone: u64 =
            gone.filter(|segment| !segment.is_active).map(|segment| u64::from(segment.size)).sum();
        let total: u64 = segments.iter().map(|segment| u64::from(segment.size)).sum();
        let mut excess = (total - gone).checked_sub(retention_bytes);
        pass(RetentionReason::Size, &mut |segment| {
            let rest = excess.and_then(|excess| excess.checked_sub(u64::from(segment.size)));
            excess = rest.or(excess);
            rest.is_some()
        });
    }
    if let Some(retention_ms) = rules.retention_ms {
        pass(RetentionReason::Time, &mut |segment| {
            let age = segment.largest_timestamp.map(|largest| rules.now.0.saturating_sub(largest.0));
            age.is_some_and(|age| age > retention_ms)
        });
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four segments of 10 records and 100 bytes, the last of them active. Their largest timestamps are 10, 20, 30 and 40.
    fn segments() -> Vec<Candidate> {
        let segment = |index: i64| Candidate {
            base_offset: Offset(index * 10),
            end_offset: Offset(index * 10 + 10),
            is_active: index == 3,
            size: 100,
            largest_timestamp: Some(Timestamp(index * 10 + 10)),
        };
        (0..4).map(segment).collect()
    }

    const RULES: Rules = Rules {
        log_start_offset: Offset(0),
        high_watermark: Offset(40),
        retention_ms: None,
        retention_bytes: None,
        deletes_by_age_and_size: true,
        now: Timestamp(100),
    };

    fn check(rules: &Rules, expected: &[RetentionReason]) {
        assert_eq!(select(&segments(), rules), expected, "{rules:?}");
    }

    #[test]
    fn segments_below_the_log_start_go() {
        use RetentionReason::LogStartOffset;
        check(&RULES, &[]);
        check(&Rules { log_start_offset: Offset(9), ..RULES }, &[]);
        check(&Rules { log_start_offset: Offset(10), ..RULES }, &[LogStartOffset]);
        check(&Rules { log_start_offset: Offset(25), ..RULES }, &[LogStartOffset; 2]);
        check(&Rules { log_start_offset: Offset(40), ..RULES }, &[LogStartOffset; 3]);
        check(
            &Rules { log_start_offset: Offset(25), deletes_by_age_and_size: false, ..RULES },
            &[LogStartOffset; 2],
        );
    }

    #[test]
    fn old_segments_go_as_long_as_the_rest_is_large_enough() {
        use RetentionReason::Size;
        check(&Rules { retention_bytes: Some(301), ..RULES }, &[]);
        check(&Rules { retention_bytes: Some(300), ..RULES }, &[Size]);
        check(&Rules { retention_bytes: Some(199), ..RULES }, &[Size; 2]);
        check(&Rules { retention_bytes: Some(0), ..RULES }, &[Size; 4]);
        check(&Rules { retention_bytes: Some(1000), ..RULES }, &[]);
        check(&Rules { retention_bytes: Some(0), deletes_by_age_and_size: false, ..RULES }, &[]);
    }

    #[test]
    fn segments_go_when_all_their_records_are_old() {
        use RetentionReason::Time;
        check(&Rules { retention_ms: Some(90), ..RULES }, &[]);
        check(&Rules { retention_ms: Some(89), ..RULES }, &[Time]);
        check(&Rules { retention_ms: Some(75), ..RULES }, &[Time; 2]);
        check(&Rules { retention_ms: Some(0), ..RULES }, &[Time; 4]);
        check(&Rules { retention_ms: Some(0), now: Timestamp(15), ..RULES }, &[Time]);
    }

    #[test]
    fn nothing_at_or_beyond_the_high_watermark_goes() {
        use RetentionReason::Time;
        check(&Rules { retention_ms: Some(0), high_watermark: Offset(25), ..RULES }, &[Time; 2]);
        check(&Rules { retention_ms: Some(0), high_watermark: Offset(0), ..RULES }, &[]);
    }

    #[test]
    fn an_empty_active_segment_stays() {
        let mut segments = segments();
        segments[3].size = 0;
        let rules = Rules { retention_ms: Some(0), ..RULES };
        assert_eq!(select(&segments, &rules), [RetentionReason::Time; 3]);
    }

    #[test]
    fn one_pass_goes_on_where_the_other_ended() {
        use RetentionReason::{LogStartOffset, Size, Time};
        let rules = Rules {
            log_start_offset: Offset(10),
            retention_bytes: Some(200),
            retention_ms: Some(65),
            ..RULES
        };
        check(&rules, &[LogStartOffset, Size, Time]);
    }
}
