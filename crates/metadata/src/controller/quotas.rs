//! AlterClientQuotas and DescribeClientQuotas. Source: Kafka `ClientQuotaControlManager`, `ClientQuotasImage.describe`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::alter_client_quotas_request::{
    AlterClientQuotasRequest, EntityData as RequestEntity, EntryData as RequestEntry,
};
use ottla_protocol::messages::alter_client_quotas_response::{
    AlterClientQuotasResponse, EntityData as ResponseEntity, EntryData as ResponseEntry,
};
use ottla_protocol::messages::client_quota_record::{ClientQuotaRecord, EntityData as RecordEntity};
use ottla_protocol::messages::describe_client_quotas_request::DescribeClientQuotasRequest;
use ottla_protocol::messages::describe_client_quotas_response::{
    DescribeClientQuotasResponse, EntityData as DescribedEntity, EntryData as DescribedEntry, ValueData,
};
use ottla_protocol::messages::metadata_record::MetadataRecord;

use super::{Controller, Outcome};
use crate::api_error::{ApiError, code_and_message};
use crate::image::{ClientQuotaEntity, ClientQuotasImage};

const USER: &str = "user";
const CLIENT_ID: &str = "client-id";
const IP: &str = "ip";

/// Largest whole value of each quota key, `None` where fractions are valid.
const USER_AND_CLIENT_KEYS: [(&str, Option<f64>); 4] = [
    ("consumer_byte_rate", Some(i64::MAX as f64)),
    ("controller_mutation_rate", None),
    ("producer_byte_rate", Some(i64::MAX as f64)),
    ("request_percentage", None),
];
const IP_KEYS: [(&str, Option<f64>); 1] = [("connection_creation_rate", Some(i32::MAX as f64))];

impl Controller {
    /// Decides an AlterClientQuotas request. An entity is changed whole or not at all.
    #[must_use]
    pub fn alter_client_quotas(
        &self,
        request: &AlterClientQuotasRequest,
    ) -> Outcome<AlterClientQuotasResponse> {
        let mut seen = BTreeSet::new();
        let (mut records, mut entries) = (Vec::new(), Vec::new());
        for entry in &request.entries {
            let altered = checked_entity(&entry.entity).and_then(|entity| {
                if !seen.insert(entity.clone()) {
                    return Err(ApiError::invalid_request(format!("Ignoring duplicate entity {entity:?}")));
                }
                self.alter_entity(&entity, entry)
            });
            let result = altered.map(|altered| records.extend(altered));
            let (error_code, error_message) = code_and_message(&result);
            let entity = |data: &RequestEntity| ResponseEntity {
                entity_type: data.entity_type.clone(),
                entity_name: data.entity_name.clone(),
            };
            let entity = entry.entity.iter().map(entity).collect();
            entries.push(ResponseEntry { error_code, error_message, entity });
        }
        if request.validate_only {
            records.clear();
        }
        Outcome::atomic(records, AlterClientQuotasResponse { throttle_time_ms: 0, entries })
    }

    fn alter_entity(
        &self,
        entity: &ClientQuotaEntity,
        entry: &RequestEntry,
    ) -> Result<Vec<MetadataRecord>, ApiError> {
        let keys = keys_of(entity)?;
        let current = self.latest.client_quotas.get(entity);
        let mut names = BTreeSet::new();
        let mut records = Vec::new();
        for op in &entry.ops {
            if !names.insert(op.key.as_str()) {
                let reason =
                    format!("Duplicate quota key {} not updating quota for this entity {entity:?}", op.key);
                return Err(ApiError::invalid_request(reason));
            }
            let before = current.and_then(|quotas| quotas.get(op.key.as_str())).copied();
            let changes = if op.remove {
                before.is_some()
            } else {
                check_value(keys, &op.key, op.value)?;
                before != Some(op.value)
            };
            if changes {
                let value = if op.remove { 0.0 } else { op.value };
                records.push(quota_record(entity, &op.key, value, op.remove));
            }
        }
        Ok(records)
    }
}

fn quota_record(entity: &ClientQuotaEntity, key: &str, value: f64, remove: bool) -> MetadataRecord {
    let data = entity.entries.iter().map(|(entity_type, name)| RecordEntity {
        entity_type: entity_type.clone(),
        entity_name: name.clone(),
    });
    ClientQuotaRecord { entity: data.collect(), key: key.to_string(), value, remove }.into()
}

fn checked_entity(data: &[RequestEntity]) -> Result<ClientQuotaEntity, ApiError> {
    let refuse = |reason: String| Err(ApiError::invalid_request(reason));
    let mut entries = BTreeMap::new();
    for RequestEntity { entity_type, entity_name } in data {
        if ![USER, CLIENT_ID, IP].contains(&entity_type.as_str()) {
            return refuse(format!("Unhandled client quota entity type: {entity_type}"));
        }
        if entity_name.as_deref() == Some("") {
            return refuse(format!("Empty {entity_type} not supported"));
        }
        if entries.insert(entity_type.clone(), entity_name.clone()).is_some() {
            return refuse(format!("Invalid client quota entity, duplicate entity entry {entity_type}"));
        }
    }
    if entries.is_empty() {
        return refuse("Invalid empty client quota entity".into());
    }
    Ok(ClientQuotaEntity { entries })
}

fn keys_of(entity: &ClientQuotaEntity) -> Result<&'static [(&'static str, Option<f64>)], ApiError> {
    let Some(ip) = entity.entries.get(IP) else { return Ok(&USER_AND_CLIENT_KEYS) };
    if entity.entries.len() > 1 {
        return Err(ApiError::invalid_request(
            "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId",
        ));
    }
    // Kafka resolves host names here; a decision may not wait for a name server.
    if let Some(ip) = ip.as_ref().filter(|ip| ip.parse::<IpAddr>().is_err()) {
        return Err(ApiError::invalid_request(format!("{ip} is not a valid IP or resolvable host.")));
    }
    Ok(&IP_KEYS)
}

fn check_value(keys: &[(&str, Option<f64>)], key: &str, value: f64) -> Result<(), ApiError> {
    let refuse = |reason: String| Err(ApiError::invalid_request(reason));
    let Some((_, whole_max)) = keys.iter().find(|(name, _)| *name == key) else {
        return refuse(format!("Invalid configuration key {key}"));
    };
    if value.is_nan() || value <= 0.0 {
        return refuse(format!("Quota {key} must be greater than 0"));
    }
    let Some(max) = whole_max else { return Ok(()) };
    if value > *max {
        let kind = if *max > f64::from(i32::MAX) { "a LONG" } else { "an INT" };
        return refuse(format!("Proposed value for {key} is too large for {kind}."));
    }
    if (value % 1.0).abs() > 1e-6 {
        return refuse(format!("{key} cannot be a fractional value."));
    }
    Ok(())
}

/// Answers DescribeClientQuotas from an image.
#[must_use]
pub fn describe_client_quotas(
    quotas: &ClientQuotasImage,
    request: &DescribeClientQuotasRequest,
) -> DescribeClientQuotasResponse {
    match Filter::of(request) {
        Ok(filter) => {
            let entries = quotas.iter().filter(|(entity, _)| filter.matches(entity));
            let described = entries.map(|(entity, values)| DescribedEntry {
                entity: entity
                    .entries
                    .iter()
                    .map(|(entity_type, name)| DescribedEntity {
                        entity_type: entity_type.clone(),
                        entity_name: name.clone(),
                    })
                    .collect(),
                values: values
                    .iter()
                    .map(|(key, value)| ValueData { key: key.to_string(), value: *value })
                    .collect(),
            });
            DescribeClientQuotasResponse { entries: Some(described.collect()), ..Default::default() }
        }
        Err(error) => DescribeClientQuotasResponse {
            error_code: error.code.into(),
            error_message: Some(error.text().to_string()),
            entries: None,
            ..Default::default()
        },
    }
}

struct Filter {
    /// Types with the name that they must have.
    exact: BTreeMap<String, Option<String>>,
    /// Types that must be there, with any name.
    specified: BTreeSet<String>,
    /// Whether other types may not be there.
    is_strict: bool,
}

impl Filter {
    fn of(request: &DescribeClientQuotasRequest) -> Result<Self, ApiError> {
        let refuse = |reason: String| Err(ApiError::invalid_request(reason));
        let mut filter =
            Self { exact: BTreeMap::new(), specified: BTreeSet::new(), is_strict: request.strict };
        for component in &request.components {
            let entity_type = &component.entity_type;
            if entity_type.is_empty() {
                return refuse("Invalid empty entity type.".into());
            }
            if filter.has(entity_type) {
                return refuse(format!(
                    "Entity type {entity_type} cannot appear more than once in the filter."
                ));
            }
            if ![USER, CLIENT_ID, IP].contains(&entity_type.as_str()) {
                let reason = format!("Unsupported entity type {entity_type}");
                return Err(ApiError::new(ErrorCode::UNSUPPORTED_VERSION, reason));
            }
            match (component.match_type, &component.r#match) {
                (0, Some(name)) => {
                    filter.exact.insert(entity_type.clone(), Some(name.clone()));
                }
                (0, None) => {
                    return refuse(
                        "Request specified MATCH_TYPE_EXACT, but set match string to null.".into(),
                    );
                }
                (1, None) => {
                    filter.exact.insert(entity_type.clone(), None);
                }
                (1, Some(_)) => {
                    return refuse(
                        "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.".into(),
                    );
                }
                (2, None) => {
                    filter.specified.insert(entity_type.clone());
                }
                (2, Some(_)) => {
                    return refuse(
                        "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.".into(),
                    );
                }
                (other, _) => return refuse(format!("Unknown match type {other}")),
            }
        }
        if filter.has(IP) && (filter.has(USER) || filter.has(CLIENT_ID)) {
            return refuse(
                "Invalid entity filter component combination. IP filter component should not be used with user or \
                 clientId filter component."
                    .into(),
            );
        }
        Ok(filter)
    }

    fn has(&self, entity_type: &str) -> bool {
        self.exact.contains_key(entity_type) || self.specified.contains(entity_type)
    }

    fn matches(&self, entity: &ClientQuotaEntity) -> bool {
        (!self.is_strict || entity.entries.len() == self.exact.len() + self.specified.len())
            && self.exact.iter().all(|(entity_type, name)| entity.entries.get(entity_type) == Some(name))
            && self.specified.iter().all(|entity_type| entity.entries.contains_key(entity_type))
    }
}
