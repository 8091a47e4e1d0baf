//! The open connections, one to each address.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use crate::address::Address;
use crate::connection::{Connection, ConnectionOptions};
use crate::error::ConnectError;
use crate::random::Random;

/// A connection that is open or being opened. Who comes while it is being opened waits for the same one.
type Slot = Arc<OnceCell<Arc<Connection>>>;

#[derive(Debug)]
pub(super) struct Connections {
    slots: Mutex<BTreeMap<Address, Slot>>,
    random: Mutex<Random>,
}

impl Default for Connections {
    fn default() -> Self {
        Self { slots: Mutex::default(), random: Mutex::new(Random::from_entropy()) }
    }
}

impl Connections {
    /// The open connection to `address`, or a new one.
    pub(super) async fn get(
        &self,
        address: &Address,
        options: &ConnectionOptions,
    ) -> Result<Arc<Connection>, ConnectError> {
        loop {
            let slot = Arc::clone(self.slots().entry(address.clone()).or_default());
            let open = || async { Connection::connect(address, options.clone()).await.map(Arc::new) };
            let connection = slot.get_or_try_init(open).await?;
            if !connection.is_closed() {
                return Ok(Arc::clone(connection));
            }
            let mut slots = self.slots();
            // Unless someone else has replaced it already.
            if slots.get(address).is_some_and(|current| Arc::ptr_eq(current, &slot)) {
                slots.remove(address);
            }
        }
    }

    /// Puts addresses with an open connection first, and each part in random order so that clients spread.
    pub(super) fn spread(&self, addresses: &mut [&Address]) {
        {
            let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
            for i in (1..addresses.len()).rev() {
                addresses.swap(i, random.below(i + 1));
            }
        }
        let slots = self.slots();
        let is_open = |address: &Address| {
            slots.get(address).and_then(|slot| slot.get()).is_some_and(|connection| !connection.is_closed())
        };
        addresses.sort_by_key(|address| !is_open(address));
    }

    pub(super) async fn close(&self) {
        let slots = std::mem::take(&mut *self.slots());
        for slot in slots.into_values() {
            if let Some(connection) = slot.get() {
                connection.close().await;
            }
        }
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<Address, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
