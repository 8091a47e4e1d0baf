//! How `ottla consume` prints a record.

use std::io::{self, Write};

use anyhow::{Context, bail};
use ottla_client::ConsumerRecord;

use crate::cli::{ConsumeOptions, Field};
use crate::commands::json_record::to_json;
use crate::commands::time::format_rfc3339;

/// A way to print records.
#[derive(Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON object on each line.
    Json,
    /// Text and fields.
    Template {
        /// In the order in which they are printed.
        parts: Vec<Part>,
        /// What stands for null.
        null: String,
    },
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it is.
    Text(Vec<u8>),
    /// Something of the record.
    Field(Item),
}

/// What can be printed of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Topic,
    Partition,
    Offset,
    Timestamp,
    Time,
    Key,
    Value,
    Headers,
    KeySize,
    ValueSize,
}

impl Item {
    const NAMES: [(&'static str, Self); 10] = [
        ("topic", Self::Topic),
        ("partition", Self::Partition),
        ("offset", Self::Offset),
        ("timestamp", Self::Timestamp),
        ("time", Self::Time),
        ("key", Self::Key),
        ("value", Self::Value),
        ("headers", Self::Headers),
        ("key_size", Self::KeySize),
        ("value_size", Self::ValueSize),
    ];
}

impl Format {
    /// The format that the options ask for.
    pub fn of(options: &ConsumeOptions) -> anyhow::Result<Self> {
        if options.output.json {
            return Ok(Self::Json);
        }
        let parts = match &options.format {
            Some(template) => parse(template).with_context(|| format!("--format `{template}`"))?,
            None => fields_then_value(&options.print),
        };
        Ok(Self::Template { parts, null: options.null.clone() })
    }

    /// Prints one record.
    pub fn write(&self, record: &ConsumerRecord, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Json => {
                serde_json::to_writer(&mut *out, &to_json(record))?;
                out.write_all(b"\n")
            }
            Self::Template { parts, null } => parts.iter().try_for_each(|part| match part {
                Part::Text(text) => out.write_all(text),
                Part::Field(item) => write_item(*item, record, null, out),
            }),
        }
    }
}

fn fields_then_value(fields: &[Field]) -> Vec<Part> {
    let items = fields.iter().map(|field| match field {
        Field::Topic => Item::Topic,
        Field::Partition => Item::Partition,
        Field::Offset => Item::Offset,
        Field::Timestamp => Item::Timestamp,
        Field::Time => Item::Time,
        Field::Headers => Item::Headers,
        Field::Key => Item::Key,
    });
    let before = items.flat_map(|item| [Part::Field(item), Part::Text(b"\t".to_vec())]);
    before.chain([Part::Field(Item::Value), Part::Text(b"\n".to_vec())]).collect()
}

/// The parts of a template such as `{offset}\t{value}\n`.
fn parse(template: &str) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut text = Vec::new();
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '{' => {
                let Some((name, after)) = rest.split_once('}') else { bail!("a `{{` has no `}}`") };
                let Some((_, item)) = Item::NAMES.iter().find(|(known, _)| *known == name) else {
                    let known = Item::NAMES.map(|(name, _)| name).join(", ");
                    bail!("there is no field {name}; there are {known}");
                };
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Field(*item));
                rest = after;
            }
            '\\' => {
                let escaped = rest.chars().next().context("it ends with a single \\")?;
                rest = &rest[escaped.len_utf8()..];
                text.push(match escaped {
                    'n' => b'\n',
                    'r' => b'\r',
                    't' => b'\t',
                    '0' => 0,
                    '\\' => b'\\',
                    '{' => b'{',
                    other => bail!("`\\{other}` is no escape"),
                });
            }
            c => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

fn write_item(item: Item, record: &ConsumerRecord, null: &str, out: &mut impl Write) -> io::Result<()> {
    let size = |bytes: Option<usize>| bytes.map_or(-1, |size| i64::try_from(size).unwrap_or(i64::MAX));
    match item {
        Item::Topic => out.write_all(record.topic.as_bytes()),
        Item::Partition => write!(out, "{}", record.partition),
        Item::Offset => write!(out, "{}", record.offset),
        Item::Timestamp => write!(out, "{}", record.timestamp),
        Item::Time => out.write_all(format_rfc3339(record.timestamp.0).as_bytes()),
        Item::Key => out.write_all(record.key.as_deref().unwrap_or(null.as_bytes())),
        Item::Value => out.write_all(record.value.as_deref().unwrap_or(null.as_bytes())),
        Item::KeySize => write!(out, "{}", size(record.key.as_ref().map(bytes::Bytes::len))),
        Item::ValueSize => write!(out, "{}", size(record.value.as_ref().map(bytes::Bytes::len))),
        Item::Headers => {
            for (index, header) in record.headers.iter().enumerate() {
                if index > 0 {
                    out.write_all(b",")?;
                }
                write!(out, "{}=", header.name)?;
                out.write_all(header.value.as_deref().unwrap_or(null.as_bytes()))?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use ottla_client::{Header, Timestamp, TimestampType};
    use ottla_protocol::types::{LeaderEpoch, Offset};

    fn record() -> ConsumerRecord {
        ConsumerRecord {
            topic: "orders".into(),
            partition: 2,
            offset: Offset(17),
            leader_epoch: LeaderEpoch(0),
            timestamp: Timestamp(1_000),
            timestamp_type: TimestampType::CreateTime,
            key: None,
            value: Some(Bytes::from_static(b"\xff apples")),
            headers: vec![Header::new("a", "1"), Header { name: "b".into(), value: None }],
        }
    }

    fn printed(format: &Format) -> Vec<u8> {
        let mut out = Vec::new();
        format.write(&record(), &mut out).unwrap();
        out
    }

    #[test]
    fn a_template_prints_fields_and_escapes() {
        let parts =
            parse("{topic}-{partition}@{offset}\\t{key}\\{{headers}} {key_size} {value_size} {time}\\n")
                .unwrap();
        let format = Format::Template { parts, null: "NULL".to_owned() };
        let text = "orders-2@17\tNULL{a=1,b=NULL} -1 8 1970-01-01T00:00:01.000Z\n";
        assert_eq!(String::from_utf8(printed(&format)).unwrap(), text);
    }

    #[test]
    fn values_are_printed_as_they_are() {
        let format = Format::Template { parts: fields_then_value(&[Field::Offset]), null: String::new() };
        assert_eq!(printed(&format), b"17\t\xff apples\n");
    }

    #[test]
    fn a_wrong_template_is_refused_with_the_reason() {
        for template in ["{", "{nope}", "\\", "\\q", "{value"] {
            assert!(parse(template).is_err(), "{template}");
        }
    }
}
