//! Tasks that have an owner: joined when the owner closes, aborted when it is dropped, never left to themselves.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::task::JoinHandle;

/// A spawned task. Dropping this aborts the task.
#[derive(Debug)]
pub(crate) struct Task<T> {
    handle: Mutex<Option<AbortOnDrop<T>>>,
}

#[derive(Debug)]
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: Send + 'static> Task<T> {
    pub(crate) fn spawn(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self { handle: Mutex::new(Some(AbortOnDrop(tokio::spawn(future)))) }
    }

    /// What the task returned, or `None` if someone else joined it. A panic of the task goes on here.
    pub(crate) async fn join(&self) -> Option<T> {
        let mut owned = self.handle.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        match (&mut owned.0).await {
            Ok(value) => Some(value),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => None,
        }
    }
}
