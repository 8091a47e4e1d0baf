//! A record as a JSON object: what `ottla consume --json` prints and `ottla produce --input json` reads.
//!
//! Keys, values and header values are strings if they are UTF-8, else `{"base64": ".."}`; null is null.

use std::sync::Arc;

use anyhow::{Context, bail};
use ottla_client::{ConsumerRecord, Header, Record, Timestamp};
use serde_json::{Value, json};

use super::base64;

/// The object of a record that was read.
pub fn to_json(record: &ConsumerRecord) -> Value {
    let headers: Vec<Value> = record
        .headers
        .iter()
        .map(|header| json!([&*header.name, bytes_to_json(header.value.as_deref())]))
        .collect();
    json!({
        "topic": &*record.topic,
        "partition": record.partition,
        "offset": record.offset.0,
        "timestamp": record.timestamp.0,
        "timestamp_type": record.timestamp_type.name(),
        "headers": headers,
        "key": bytes_to_json(record.key.as_deref()),
        "value": bytes_to_json(record.value.as_deref()),
    })
}

fn bytes_to_json(bytes: Option<&[u8]>) -> Value {
    match bytes.map(|bytes| std::str::from_utf8(bytes).map_err(|_| bytes)) {
        None => Value::Null,
        Some(Ok(text)) => text.into(),
        Some(Err(bytes)) => json!({ "base64": base64::encode(bytes) }),
    }
}

/// The record for `topic` that the object in `line` describes. Topic, partition and offset of the object do not count: a copy
/// is sent where the command says. A value that is a JSON object or number is sent as its text.
pub fn from_json(line: &[u8], topic: &Arc<str>) -> anyhow::Result<Record> {
    let object: Value = serde_json::from_slice(line).context("not a JSON object")?;
    let Value::Object(fields) = object else { bail!("not a JSON object") };
    let mut record = Record::new(Arc::clone(topic));
    record.key = bytes_from_json(fields.get("key")).context("key")?.map(Into::into);
    record.value = bytes_from_json(fields.get("value")).context("value")?.map(Into::into);
    record.timestamp = match fields.get("timestamp") {
        None | Some(Value::Null) => None,
        Some(time) => Some(Timestamp(time.as_i64().context("timestamp is not a whole number")?)),
    };
    if let Some(headers) = fields.get("headers").filter(|headers| !headers.is_null()) {
        for header in headers.as_array().context("headers is not a list")? {
            let Some([Value::String(name), value]) = header.as_array().map(Vec::as_slice) else {
                bail!("a header is not [\"name\", value]");
            };
            let value = bytes_from_json(Some(value)).context("header value")?.map(Into::into);
            record.headers.push(Header { name: name.as_str().into(), value });
        }
    }
    Ok(record)
}

fn bytes_from_json(value: Option<&Value>) -> anyhow::Result<Option<Vec<u8>>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone().into_bytes())),
        Some(Value::Object(fields)) if fields.len() == 1 && fields.contains_key("base64") => {
            let text = fields["base64"].as_str().context("base64 is not a string")?;
            base64::decode(text).context("base64 cannot be decoded").map(Some)
        }
        Some(other) => Ok(Some(other.to_string().into_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use ottla_client::TimestampType;
    use ottla_protocol::types::{LeaderEpoch, Offset};

    #[test]
    fn a_record_round_trips_through_json() {
        let read = ConsumerRecord {
            topic: "a".into(),
            partition: 1,
            offset: Offset(2),
            leader_epoch: LeaderEpoch(0),
            timestamp: Timestamp(3),
            timestamp_type: TimestampType::CreateTime,
            key: Some(Bytes::from_static(b"k\"\n")),
            value: Some(Bytes::from_static(b"\xff\x00")),
            headers: vec![
                Header::new("h", "v"),
                Header { name: "n".into(), value: None },
                Header::new("h", Bytes::from_static(b"\xfe")),
            ],
        };
        let line = to_json(&read).to_string();
        let record = from_json(line.as_bytes(), &"b".into()).unwrap();
        let expected = Record {
            topic: "b".into(),
            partition: None,
            timestamp: Some(read.timestamp),
            key: read.key,
            value: read.value,
            headers: read.headers,
        };
        assert_eq!(record, expected);
    }

    #[test]
    fn objects_are_sent_as_their_text_and_missing_fields_are_null() {
        let record = from_json(br#"{"value":{"a":1}}"#, &"t".into()).unwrap();
        assert_eq!(record, Record::new("t").value(r#"{"a":1}"#));
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for line in [
            "",
            "[]",
            "{",
            r#"{"timestamp":"x"}"#,
            r#"{"headers":{}}"#,
            r#"{"headers":[["a"]]}"#,
            r#"{"key":{"base64":"*"}}"#,
        ] {
            assert!(from_json(line.as_bytes(), &"t".into()).is_err(), "{line}");
        }
    }
}
