//! One message's module: its structs and how they are read and written.

use std::fmt::Write;

use anyhow::Context;

use super::schema::{Field, Kind, Message, Struct, Type, Versions};
use super::{names, types};

/// The text of the message's module.
pub fn module(message: &Message) -> anyhow::Result<String> {
    let mut text = format!("//! `{}` and what it holds.\n\n", message.name);
    text.push_str(&imports(message));
    let (top, nested) = message.structs.split_first().context("a message is a struct")?;
    definition(&mut text, &format!("{}.", describe(message)), top);
    message_impl(&mut text, message, top);
    for structure in nested {
        let doc = format!("`{}` in `{}`.", structure.name, message.name);
        definition(&mut text, &doc, structure);
        let decode = decode_body(message, structure);
        let encode = encode_body(message, structure);
        let version = if types::needs_version(structure) { "version" } else { "_version" };
        write!(
            text,
            "impl {name} {{
                pub(crate) fn decode(reader: &mut Reader<'_>, {version}: i16) -> Result<Self, DecodeError> {{
                    {decode}
                }}

                pub(crate) fn encode(&self, writer: &mut Writer, {version}: i16) {{
                    {encode}
                }}
            }}\n\n",
            name = structure.name,
        )?;
    }
    Ok(text)
}

fn imports(message: &Message) -> String {
    let uses = |kind: &Type| {
        message.structs.iter().flat_map(|structure| &structure.fields).any(|field| types::uses(field, kind))
    };
    let mut text = "use std::ops::RangeInclusive;\n\n".to_owned();
    if uses(&Type::Bytes) || uses(&Type::Records) {
        text.push_str("use bytes::Bytes;\n\n");
    }
    if matches!(message.kind, Kind::Request | Kind::Response) {
        text.push_str("use crate::api::ApiKey;\n");
    }
    text.push_str("use crate::message::{self, Message");
    text.push_str(match message.kind {
        Kind::Request => ", Request",
        Kind::Response => ", Response",
        Kind::Header | Kind::Data => "",
        _ => ", StoredRecord",
    });
    text.push_str("};\n");
    if message.kind == Kind::Request {
        let response = message.name.replace("Request", "Response");
        writeln!(text, "use crate::messages::{}::{response};", names::snake(&response))
            .expect("text takes all");
    }
    if uses(&Type::Uuid) {
        text.push_str("use crate::types::Uuid;\n");
    }
    text.push_str("use crate::wire::{DecodeError, Reader, Writer};\n\n");
    text
}

/// What the message is, in one line without a full stop.
pub fn describe(message: &Message) -> String {
    let number = message.number.unwrap_or_default();
    let what = match message.kind {
        Kind::Request => format!("Request of API {number}"),
        Kind::Response => format!("Response of API {number}"),
        Kind::Header => "Header".to_owned(),
        Kind::Data => "Data".to_owned(),
        Kind::Metadata => format!("Metadata record of type {number}"),
        Kind::CoordinatorKey => format!("Key of coordinator records of type {number}"),
        Kind::CoordinatorValue => format!("Value of coordinator records of type {number}"),
        Kind::RemoteLog => format!("Remote log metadata record of type {number}"),
    };
    let flexible = match message.flexible_from {
        None => ", never flexible".to_owned(),
        Some(from) if from <= message.versions.first => ", flexible".to_owned(),
        Some(from) => format!(", flexible from {from}"),
    };
    let unstable = match message.latest_unstable {
        true => format!("; {} is not stable yet", message.versions.last),
        false => String::new(),
    };
    format!("{what}: {}{flexible}{unstable}", versions(message.versions))
}

fn versions(versions: Versions) -> String {
    match versions {
        Versions { first, last } if first == last => format!("version {first}"),
        Versions { first, last } => format!("versions {first} to {last}"),
    }
}

fn definition(text: &mut String, doc: &str, structure: &Struct) {
    let is_derived = structure.fields.iter().all(|field| types::default(field).1);
    let derive = if is_derived { ", Default" } else { "" };
    let mut fields = String::new();
    for field in &structure.fields {
        let name = names::field(&field.name);
        let doc = field_doc(field, structure);
        writeln!(fields, "/// {doc}\npub {name}: {},", types::rust_type(field)).expect("text takes all");
    }
    let name = &structure.name;
    write!(
        text,
        "/// {doc}\n#[derive(Clone, Debug, PartialEq{derive})]\npub struct {name} {{\n{fields}}}\n\n"
    )
    .expect("text takes all");
    if is_derived {
        return;
    }
    let defaults: String = structure
        .fields
        .iter()
        .map(|field| format!("{}: {},\n", names::field(&field.name), types::default(field).0))
        .collect();
    write!(text, "impl Default for {name} {{\nfn default() -> Self {{\nSelf {{\n{defaults}}}\n}}\n}}\n\n")
        .expect("text takes all");
}

/// Kafka's name of the field and what its Rust type does not say.
fn field_doc(field: &Field, structure: &Struct) -> String {
    let mut doc = format!("`{}`", field.name);
    if let Some(part) = part_of(field.versions, structure.versions) {
        write!(doc, ", {part}").expect("text takes all");
    }
    if let Some(tag) = field.tag {
        write!(doc, ", tag {tag}").expect("text takes all");
    }
    if let Some(part) = field.nullable.and_then(|nullable| part_of(nullable, field.versions)) {
        write!(doc, ", null {part}").expect("text takes all");
    }
    if field.is_key {
        doc.push_str(", key");
    }
    match types::default(field).0.as_str() {
        "None" => {}
        // An empty text, not null: easily missed.
        default if field.nullable.is_some() => write!(doc, ", default `{default}`").expect("text takes all"),
        default if field.default.is_some() => write!(doc, ", default {default}").expect("text takes all"),
        _ => {}
    }
    doc.push('.');
    doc
}

/// Which of the versions `all` are meant, or `None` if each is.
fn part_of(part: Versions, all: Versions) -> Option<String> {
    match (part.first > all.first, part.last < all.last) {
        (false, false) => None,
        (true, false) => Some(format!("from version {}", part.first)),
        (false, true) => Some(format!("up to version {}", part.last)),
        (true, true) => Some(format!("in {}", versions(part))),
    }
}

fn message_impl(text: &mut String, message: &Message, top: &Struct) {
    let decode = decode_body(message, top);
    let encode = encode_body(message, top);
    let Versions { first, last } = message.versions;
    let name = &message.name;
    let flexible_from = message.flexible_from.map_or("None".to_owned(), |from| format!("Some({from})"));
    write!(
        text,
        "impl Message for {name} {{
            const NAME: &'static str = {name:?};
            const VERSIONS: RangeInclusive<i16> = {first}..={last};
            const FLEXIBLE_FROM: Option<i16> = {flexible_from};

            fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {{
                message::begin_decode::<Self>(reader, version)?;
                {decode}
            }}

            fn encode(&self, writer: &mut Writer, version: i16) {{
                message::begin_encode::<Self>(writer, version);
                {encode}
            }}
        }}\n\n"
    )
    .expect("text takes all");
    let number = message.number.unwrap_or_default();
    match message.kind {
        Kind::Request => {
            let api = api_name(message);
            write!(
                text,
                "impl Request for {name} {{
                    const API_KEY: ApiKey = ApiKey::{api};
                    const IS_NEWEST_UNSTABLE: bool = {};
                    type Response = {api}Response;
                }}\n\n",
                message.latest_unstable
            )
            .expect("text takes all");
        }
        Kind::Response => {
            let api = api_name(message);
            write!(text, "impl Response for {name} {{\nconst API_KEY: ApiKey = ApiKey::{api};\n}}\n\n")
                .expect("text takes all");
        }
        Kind::Header | Kind::Data => {}
        _ => write!(text, "impl StoredRecord for {name} {{\nconst RECORD_TYPE: i16 = {number};\n}}\n\n")
            .expect("text takes all"),
    }
}

/// The API's name: the message's without `Request` or `Response` at its end.
pub fn api_name(message: &Message) -> &str {
    let name = message.name.as_str();
    name.strip_suffix("Request").or_else(|| name.strip_suffix("Response")).unwrap_or(name)
}

fn decode_body(message: &Message, structure: &Struct) -> String {
    let mut fields = String::new();
    for field in &structure.fields {
        let name = names::field(&field.name);
        let default = types::default(field).0;
        let value = match types::condition(field.versions, structure.versions) {
            _ if field.tag.is_some() => default,
            None => types::read(field),
            Some(condition) => format!("if {condition} {{ {} }} else {{ {default} }}", types::read(field)),
        };
        writeln!(fields, "{name}: {value},").expect("text takes all");
    }
    if message.flexible_from.is_none() {
        return format!("Ok(Self {{\n{fields}}})");
    }
    let tagged = tagged_fields(structure);
    let flexible = flexible_versions(message, structure);
    if tagged.is_empty() {
        return format!("let this = Self {{\n{fields}}};\nreader.skip_tagged_fields()?;\nOk(this)");
    }
    let mut arms = String::new();
    for (tag, field) in tagged {
        let guard = match types::condition(field.versions, flexible) {
            None => String::new(),
            Some(condition) => format!(" if {condition}"),
        };
        let name = names::field(&field.name);
        writeln!(arms, "{tag}{guard} => this.{name} = {},", types::read(field)).expect("text takes all");
    }
    format!(
        "let mut this = Self {{\n{fields}}};
        for _ in 0..reader.tagged_field_count()? {{
            let field = reader.tagged_field()?;
            match field.tag {{
                {arms}_ => reader.skip_tagged_field(&field),
            }}
            reader.end_tagged_field(&field)?;
        }}
        Ok(this)"
    )
}

/// The versions in which the struct has tagged fields.
fn flexible_versions(message: &Message, structure: &Struct) -> Versions {
    let flexible_from = message.flexible_from.unwrap_or(i16::MAX);
    Versions { first: flexible_from.max(structure.versions.first), last: structure.versions.last }
}

/// The tagged fields, by ascending tag: the order on the wire.
fn tagged_fields(structure: &Struct) -> Vec<(u32, &Field)> {
    let mut tagged: Vec<_> = structure.fields.iter().filter_map(|field| Some((field.tag?, field))).collect();
    tagged.sort_by_key(|(tag, _)| *tag);
    tagged
}

fn encode_body(message: &Message, structure: &Struct) -> String {
    let mut text = String::new();
    let plain: Vec<&Field> = structure.fields.iter().filter(|field| field.tag.is_none()).collect();
    for run in plain.chunk_by(|a, b| a.versions == b.versions) {
        let writes: String = run.iter().map(|field| types::write(field) + "\n").collect();
        match types::condition(run[0].versions, structure.versions) {
            None => text.push_str(&writes),
            Some(condition) => writeln!(text, "if {condition} {{ {writes} }}").expect("text takes all"),
        }
    }
    if message.flexible_from.is_none() {
        return text;
    }
    let tagged = tagged_fields(structure);
    if tagged.is_empty() {
        text.push_str("writer.no_tagged_fields();");
        return text;
    }
    let flexible_from = message.flexible_from.filter(|from| *from > structure.versions.first);
    if let Some(from) = flexible_from {
        writeln!(text, "if version < {from} {{ return; }}").expect("text takes all");
    }
    text.push_str(&encode_tagged(flexible_versions(message, structure), &tagged));
    text
}

fn encode_tagged(flexible: Versions, tagged: &[(u32, &Field)]) -> String {
    let mut text = String::new();
    let mut counts = Vec::new();
    let mut writes = String::new();
    for (tag, field) in tagged {
        let differs = types::differs_from_default(field);
        let condition = match types::condition(field.versions, flexible) {
            None => differs,
            Some(condition) => format!("{condition} && {differs}"),
        };
        let name = format!("has_{}", names::snake(&field.name));
        writeln!(text, "let {name} = {condition};").expect("text takes all");
        write!(
            writes,
            "if {name} {{
                let start = writer.begin_tagged_field({tag});
                {}
                writer.end_tagged_field(start);
            }}\n",
            types::write(field)
        )
        .expect("text takes all");
        counts.push(format!("u32::from({name})"));
    }
    writeln!(text, "writer.unsigned_varint({});", counts.join(" + ")).expect("text takes all");
    text.push_str(&writes);
    text
}
