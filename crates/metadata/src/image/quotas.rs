//! Client quotas by entity.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;

/// Whom a quota is for: up to one name for each entity type (`user`, `client-id`, `ip`). A `None` name is that type's
/// default.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientQuotaEntity {
    /// Name by entity type.
    pub entries: BTreeMap<String, Option<String>>,
}

/// Quota values by key, such as `producer_byte_rate`.
pub type QuotaMap = OrdMap<Arc<str>, f64>;

/// All client quotas. An entity without any is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientQuotasImage {
    entities: OrdMap<ClientQuotaEntity, QuotaMap>,
}

impl ClientQuotasImage {
    /// The quotas of exactly this entity.
    #[must_use]
    pub fn get(&self, entity: &ClientQuotaEntity) -> Option<&QuotaMap> {
        self.entities.get(entity)
    }

    /// Every entity that has quotas.
    pub fn iter(&self) -> impl Iterator<Item = (&ClientQuotaEntity, &QuotaMap)> {
        self.entities.iter()
    }

    /// Sets or, with `None`, deletes one value.
    pub(crate) fn set(&mut self, entity: ClientQuotaEntity, key: &str, value: Option<f64>) {
        let mut quotas = self.get(&entity).cloned().unwrap_or_default();
        match value {
            Some(value) => quotas.insert(key.into(), value),
            None => quotas.remove(key),
        };
        if quotas.is_empty() {
            self.entities.remove(&entity);
        } else {
            self.entities.insert(entity, quotas);
        }
    }
}
