//! Trying again: with growing waits, within the time of the whole call, and with fresh metadata where that may help.

use ottla_protocol::error::{ErrorCode, Retry};
use tokio::time::Instant;

use super::{AutoCreate, Client};
use crate::backoff::Backoff;
use crate::error::Error;

impl Client {
    pub(crate) fn backoff(&self) -> Backoff {
        Backoff::new(self.options().retry_backoff, self.options().retry_backoff_max)
    }

    /// What `attempt` returns, tried again while its error is retriable and `api_timeout` is not over.
    pub(crate) async fn retry<T, F: Future<Output = Result<T, Error>>>(
        &self,
        what: &str,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let after = self.options().api_timeout;
        let mut backoff = self.backoff();
        loop {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) if error.is_retriable() => error,
                Err(error) => return Err(error),
            };
            let is_unknown_topic = error.code() == Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
            if is_unknown_topic && started.elapsed() >= self.options().unknown_topic_wait {
                return Err(error);
            }
            // Nothing answers at all: whoever starts a command against a broker that is down wants to know at once.
            if matches!(error, Error::NoBroker { .. }) && self.cluster().brokers.is_empty() {
                return Err(error);
            }
            let wait = backoff.next_wait();
            if started.elapsed() + wait >= after {
                return Err(Error::TimedOut { what: what.to_owned(), after, last: Box::new(error) });
            }
            tracing::debug!(%error, ?wait, "{what}: trying again");
            tokio::time::sleep(wait).await;
            if refreshes_metadata(&error) {
                // A failure here shows in the next attempt.
                let _ = self.refresh(&[], AutoCreate::Forbidden).await;
            }
        }
    }
}

/// Whether fresher metadata may lead to another answer.
fn refreshes_metadata(error: &Error) -> bool {
    match error {
        Error::Api { error, .. } => error.code.retry() == Retry::AfterRefresh,
        Error::Connect(_) | Error::Request(_) | Error::NoLeader { .. } | Error::UnknownBroker(_) => true,
        _ => false,
    }
}
