//! What is written once over all messages: the list of modules, the dispatch enums, the catalogue.

use std::fmt::Write;

use super::message::{api_name, describe};
use super::names;
use super::schema::{Kind, Message};

fn of_kind(messages: &[Message], kind: Kind) -> Vec<&Message> {
    let mut chosen: Vec<_> = messages.iter().filter(|message| message.kind == kind).collect();
    chosen.sort_by_key(|message| message.number);
    chosen
}

/// `messages.rs`: one module a message.
pub fn index(messages: &[Message]) -> String {
    let mut names: Vec<String> = messages.iter().map(|message| names::snake(&message.name)).collect();
    names.extend(["metadata_record", "request", "response"].map(str::to_owned));
    names.sort();
    let mut text = "//! Every message and stored record of Kafka, a module each.

pub use crate::message::{Message, Request, Response, StoredRecord};

"
    .to_owned();
    for name in names {
        writeln!(text, "pub mod {name};").expect("text takes all");
    }
    text
}

/// `messages/request.rs`: a request of any API.
pub fn requests(messages: &[Message]) -> String {
    let requests = of_kind(messages, Kind::Request);
    dispatch("request", "Request", &requests)
}

/// `messages/response.rs`: a response of any API.
pub fn responses(messages: &[Message]) -> String {
    let responses = of_kind(messages, Kind::Response);
    dispatch("response", "Response", &responses)
}

fn dispatch(word: &str, suffix: &str, messages: &[&Message]) -> String {
    let arms = |arm: &dyn Fn(&str, &str) -> String| -> String {
        messages.iter().map(|message| arm(api_name(message), &message.name)).collect()
    };
    let imports: String = messages
        .iter()
        .map(|message| format!("use super::{}::{};\n", names::snake(&message.name), message.name))
        .collect();
    let variants: String = messages
        .iter()
        .map(|message| format!("/// {}.\n{}({}),\n", describe(message), api_name(message), message.name))
        .collect();
    let keys = arms(&|api, _| format!("Self::{api}(_) => ApiKey::{api},\n"));
    let decodes =
        arms(&|api, name| format!("ApiKey::{api} => {name}::decode(reader, version).map(Self::{api}),\n"));
    let encodes = arms(&|api, _| format!("Self::{api}(body) => body.encode(writer, version),\n"));
    let froms = arms(&|api, name| {
        format!(
            "impl From<{name}> for {suffix}Kind {{
                fn from(body: {name}) -> Self {{ Self::{api}(body) }}
            }}\n\n"
        )
    });
    format!(
        "//! A {word} of any API.

{imports}
use crate::api::ApiKey;
use crate::message::Message;
use crate::wire::{{DecodeError, Reader, Writer}};

/// The body of a {word}, by API.
#[derive(Clone, Debug, PartialEq)]
pub enum {suffix}Kind {{
{variants}}}

impl {suffix}Kind {{
    /// The API that the {word} belongs to.
    #[must_use]
    pub fn api_key(&self) -> ApiKey {{
        match self {{
            {keys}
        }}
    }}

    /// Reads the body of a {word} of `api` in `version`.
    pub fn decode(api: ApiKey, reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {{
        match api {{
            {decodes}
        }}
    }}

    /// Writes the body in `version`.
    pub fn encode(&self, writer: &mut Writer, version: i16) {{
        match self {{
            {encodes}
        }}
    }}
}}

{froms}"
    )
}

/// `messages/metadata_record.rs`: a metadata record of any type, with its frame.
pub fn metadata_records(messages: &[Message]) -> String {
    let records = of_kind(messages, Kind::Metadata);
    let arms = |arm: &dyn Fn(&str, &str) -> String| -> String {
        records.iter().map(|message| arm(variant(message), &message.name)).collect()
    };
    let imports: String = records
        .iter()
        .map(|message| format!("use super::{}::{};\n", names::snake(&message.name), message.name))
        .collect();
    let variants: String = records
        .iter()
        .map(|message| format!("/// {}.\n{}({}),\n", describe(message), variant(message), message.name))
        .collect();
    let types = arms(&|variant, name| format!("Self::{variant}(_) => {name}::RECORD_TYPE,\n"));
    let decodes = arms(&|variant, name| {
        format!("{name}::RECORD_TYPE => {name}::decode(reader, version).map(Self::{variant})?,\n")
    });
    let encodes = arms(&|variant, _| format!("Self::{variant}(body) => body.encode(writer, version),\n"));
    let froms = arms(&|variant, name| {
        format!(
            "impl From<{name}> for MetadataRecord {{
                fn from(body: {name}) -> Self {{ Self::{variant}(body) }}
            }}\n\n"
        )
    });
    format!(
        "//! A metadata record of any type, in the frame that the metadata log and its snapshots hold.

{imports}
use crate::message::{{self, Message, StoredRecord}};
use crate::wire::{{DecodeError, Reader, Writer}};

/// A record of `__cluster_metadata`, by type.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataRecord {{
{variants}}}

impl MetadataRecord {{
    /// The record's type number.
    #[must_use]
    pub fn record_type(&self) -> i16 {{
        match self {{
            {types}
        }}
    }}

    /// Reads a record's whole value: frame version, type, version, body. Gives the record and its version.
    ///
    /// Errors: also `UnknownType` and `TrailingBytes`. Source: Kafka `AbstractApiMessageSerde`.
    pub fn decode(value: &[u8]) -> Result<(Self, i16), DecodeError> {{
        let reader = &mut Reader::new(value).trusted();
        let (record_type, version) = message::decode_frame(reader)?;
        let record = match record_type {{
            {decodes}
            _ => return Err(DecodeError::UnknownType {{ position: 0, number: record_type.into() }}),
        }};
        reader.finish()?;
        Ok((record, version))
    }}

    /// Writes the record's whole value, its body in `version`.
    pub fn encode(&self, writer: &mut Writer, version: i16) {{
        message::encode_frame(writer, self.record_type(), version);
        match self {{
            {encodes}
        }}
    }}
}}

{froms}"
    )
}

fn variant(message: &Message) -> &str {
    message.name.strip_suffix("Record").unwrap_or(&message.name)
}

/// `fuzzing/catalog.rs`: every message as a value, for the fuzzers and oracles.
pub fn catalog(messages: &[Message]) -> String {
    let entries: String = messages
        .iter()
        .map(|message| {
            let module = names::snake(&message.name);
            let of = if message.kind == Kind::Metadata { "of_metadata" } else { "of" };
            format!("Entry::{of}::<messages::{module}::{}>(),\n", message.name)
        })
        .collect();
    format!(
        "//! Every message, to be chosen by name or number.

use super::Entry;
use crate::messages;

/// Every message and stored record, in the order of the schema files.
pub static CATALOG: [Entry; {}] = [
{entries}];
",
        messages.len()
    )
}
