//! What a broker's answer to a batch means for it.

use ottla_protocol::error::ErrorCode;

/// What is known of a batch after an attempt to send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is in the log.
    Written,
    /// It is not in the log; sending it again may work.
    Refused,
    /// It may be in the log; sending it again tells, as the broker knows the sequence of what it has.
    Unknown,
    /// It is not in the log, as its sequence does not follow the last one in it.
    SequenceGap,
    /// It is not in the log, and never will be under this producer id and epoch.
    Fenced,
    /// It is not in the log, as it has too many bytes.
    TooLarge,
    /// It is not in the log, and another try would fare no better.
    Rejected,
    /// It may be in the log, and another try would not tell.
    Failed,
}

impl Verdict {
    /// The verdict of an error code in a Produce response.
    pub(super) fn of(code: ErrorCode) -> Self {
        match code {
            // A duplicate is one that came before.
            ErrorCode::NONE | ErrorCode::DUPLICATE_SEQUENCE_NUMBER => Self::Written,
            ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER | ErrorCode::UNKNOWN_PRODUCER_ID => Self::SequenceGap,
            ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::PRODUCER_FENCED => Self::Fenced,
            ErrorCode::MESSAGE_TOO_LARGE => Self::TooLarge,
            // The leader has it, the other replicas may not.
            ErrorCode::REQUEST_TIMED_OUT
            | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND
            | ErrorCode::NETWORK_EXCEPTION
            | ErrorCode::KAFKA_STORAGE_ERROR => Self::Unknown,
            ErrorCode::UNKNOWN_SERVER_ERROR => Self::Failed,
            code if code.is_retriable() => Self::Refused,
            _ => Self::Rejected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_after_the_append_does_not_count_as_refused() {
        let verdicts = [
            (ErrorCode::NONE, Verdict::Written),
            (ErrorCode::DUPLICATE_SEQUENCE_NUMBER, Verdict::Written),
            (ErrorCode::NOT_LEADER_OR_FOLLOWER, Verdict::Refused),
            (ErrorCode::NOT_ENOUGH_REPLICAS, Verdict::Refused),
            (ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND, Verdict::Unknown),
            (ErrorCode::REQUEST_TIMED_OUT, Verdict::Unknown),
            (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, Verdict::SequenceGap),
            (ErrorCode::MESSAGE_TOO_LARGE, Verdict::TooLarge),
            (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Verdict::Rejected),
            (ErrorCode::INVALID_RECORD, Verdict::Rejected),
            (ErrorCode::UNKNOWN_SERVER_ERROR, Verdict::Failed),
        ];
        for (code, verdict) in verdicts {
            assert_eq!(Verdict::of(code), verdict, "{code}");
        }
    }
}
