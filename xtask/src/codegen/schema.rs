//! The schema files as values. Their notation is described in `crates/protocol/schema/README.md`.

use std::collections::BTreeSet;

use anyhow::{Context, bail, ensure};

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Request,
    Response,
    Header,
    Data,
    Metadata,
    CoordinatorKey,
    CoordinatorValue,
    RemoteLog,
}

/// One message with all its structs; the first struct is the message itself.
#[derive(Debug)]
pub struct Message {
    pub kind: Kind,
    /// API key or record type.
    pub number: Option<i16>,
    pub name: String,
    pub versions: Versions,
    pub flexible_from: Option<i16>,
    pub latest_unstable: bool,
    pub structs: Vec<Struct>,
}

/// One struct, nested or not.
#[derive(Debug)]
pub struct Struct {
    pub name: String,
    /// The versions in which it can occur.
    pub versions: Versions,
    pub fields: Vec<Field>,
}

/// One field of a struct.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    pub shape: Shape,
    pub versions: Versions,
    /// The versions in which the field may be null.
    pub nullable: Option<Versions>,
    pub tag: Option<u32>,
    /// As written: `-1`, `true`, `null`, ...
    pub default: Option<String>,
    pub is_key: bool,
    pub is_ignorable: bool,
    pub is_classic: bool,
}

/// One value or an array of them.
#[derive(Debug)]
pub enum Shape {
    One(Type),
    Array(Type),
}

/// Type of a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Type {
    Bool,
    I8,
    I16,
    U16,
    I32,
    U32,
    I64,
    F64,
    Uuid,
    String,
    Bytes,
    Records,
    Struct(String),
}

/// A range of versions, both ends inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    pub first: i16,
    pub last: i16,
}

impl Versions {
    /// Reads `4`, `4-7` or `4+`, whose open end is `last`.
    fn parse(text: &str, last: i16) -> anyhow::Result<Self> {
        let (first, last) = if let Some(first) = text.strip_suffix('+') {
            (first.parse()?, last)
        } else if let Some((first, last)) = text.split_once('-') {
            (first.parse()?, last.parse()?)
        } else {
            (text.parse()?, text.parse()?)
        };
        ensure!(first <= last, "versions {text} are none");
        Ok(Self { first, last })
    }

    fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

/// Every message of one schema file.
pub fn parse(text: &str) -> anyhow::Result<Vec<Message>> {
    let mut messages: Vec<Message> = Vec::new();
    let mut parents: Vec<Parent> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let context = || format!("line {}: {line}", index + 1);
        let depth = line.len() - line.trim_start().len();
        if depth == 0 {
            let message = parse_message(line).with_context(context)?;
            parents = vec![Parent { structure: 0, versions: message.versions }];
            messages.push(message);
        } else {
            let message = messages.last_mut().context("a field before any message")?;
            parents.truncate(depth);
            ensure!(parents.len() == depth, "indented too far: {}", context());
            let parent = parse_line(line.trim_start(), message, parents[depth - 1]).with_context(context)?;
            parents.extend(parent);
        }
    }
    for message in &messages {
        check(message).with_context(|| message.name.clone())?;
    }
    Ok(messages)
}

/// The struct to which more deeply indented lines belong, and its versions.
#[derive(Clone, Copy)]
struct Parent {
    structure: usize,
    versions: Versions,
}

fn parse_message(line: &str) -> anyhow::Result<Message> {
    let mut words = line.split_whitespace().peekable();
    let kind = match words.next().context("empty")? {
        "request" => Kind::Request,
        "response" => Kind::Response,
        "header" => Kind::Header,
        "data" => Kind::Data,
        "metadata" => Kind::Metadata,
        "coordinator-key" => Kind::CoordinatorKey,
        "coordinator-value" => Kind::CoordinatorValue,
        "remote-log" => Kind::RemoteLog,
        other => bail!("unknown kind {other}"),
    };
    let number = words.next_if(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let number = number.map(str::parse).transpose()?;
    ensure!(number.is_none() == matches!(kind, Kind::Header | Kind::Data), "number missing or not wanted");
    let name = words.next().context("no name")?.to_owned();
    let versions = words.next().and_then(|word| word.strip_prefix('v')).context("no versions")?;
    let versions = Versions::parse(versions, 0)?;
    let flexible = words.next().and_then(|word| word.strip_prefix("flex")).context("no flexible versions")?;
    let flexible_from = match flexible {
        "none" => None,
        _ => Some(flexible.strip_suffix('+').context("flexible versions have no end")?.parse()?),
    };
    let latest_unstable = words.next_if_eq(&"unstable").is_some();
    ensure!(words.next().is_none(), "words too many");
    let structs = vec![Struct { name: name.clone(), versions, fields: Vec::new() }];
    Ok(Message { kind, number, name, versions, flexible_from, latest_unstable, structs })
}

/// Adds the line's field or struct to `message`; gives the parent of the lines below it, if it can have any.
fn parse_line(line: &str, message: &mut Message, parent: Parent) -> anyhow::Result<Option<Parent>> {
    if let Some(name) = line.strip_prefix("struct ") {
        return Ok(Some(add_struct(message, name, message.versions)));
    }
    let field = parse_field(line, message.versions.last, parent.versions)?;
    let versions = field.versions;
    let nested = match &field.shape {
        Shape::One(Type::Struct(name)) | Shape::Array(Type::Struct(name)) => Some(name.clone()),
        _ => None,
    };
    message.structs[parent.structure].fields.push(field);
    Ok(nested.map(|name| add_struct(message, &name, versions)))
}

/// The struct of this name, made if it is not there. One that several fields use occurs in all versions.
fn add_struct(message: &mut Message, name: &str, versions: Versions) -> Parent {
    let found = message.structs.iter().position(|structure| structure.name == name);
    let structure = found.unwrap_or_else(|| {
        message.structs.push(Struct { name: name.to_owned(), versions, fields: Vec::new() });
        message.structs.len() - 1
    });
    if found.is_some() {
        message.structs[structure].versions = message.versions;
    }
    Parent { structure, versions: message.structs[structure].versions }
}

fn parse_field(line: &str, last: i16, parent: Versions) -> anyhow::Result<Field> {
    let mut words = line.split_whitespace();
    let (name, type_name) = words.next().and_then(|word| word.split_once(':')).context("no type")?;
    let (is_nullable, type_name) = match type_name.strip_prefix('?') {
        Some(rest) => (true, rest),
        None => (false, type_name),
    };
    let shape = match type_name.strip_prefix("[]") {
        Some(element) => Shape::Array(parse_type(element)),
        None => Shape::One(parse_type(type_name)),
    };
    let mut field = Field {
        name: name.to_owned(),
        shape,
        versions: parent,
        nullable: None,
        tag: None,
        default: None,
        is_key: false,
        is_ignorable: false,
        is_classic: false,
    };
    while let Some(word) = words.next() {
        if let Some(versions) = word.strip_prefix('v') {
            field.versions = Versions::parse(versions, last)?;
        } else if let Some(default) = word.strip_prefix('=') {
            field.default = Some(default.to_owned());
        } else if let Some(tag) = word.strip_prefix("tag") {
            field.tag = Some(tag.parse()?);
        } else {
            match word {
                "null" => {
                    let versions = words.next().and_then(|word| word.strip_prefix('v'));
                    field.nullable =
                        Some(Versions::parse(versions.context("null in which versions?")?, last)?);
                }
                "key" => field.is_key = true,
                "ign" => field.is_ignorable = true,
                "classic" => field.is_classic = true,
                other => bail!("unknown attribute {other}"),
            }
        }
    }
    if is_nullable {
        field.nullable = Some(field.versions);
    }
    Ok(field)
}

fn parse_type(name: &str) -> Type {
    match name {
        "bool" => Type::Bool,
        "i8" => Type::I8,
        "i16" => Type::I16,
        "u16" => Type::U16,
        "i32" => Type::I32,
        "u32" => Type::U32,
        "i64" => Type::I64,
        "f64" => Type::F64,
        "uuid" => Type::Uuid,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "records" => Type::Records,
        _ => Type::Struct(name.to_owned()),
    }
}

/// What the generated code relies on.
fn check(message: &Message) -> anyhow::Result<()> {
    let mut names = BTreeSet::new();
    for structure in &message.structs {
        ensure!(names.insert(&structure.name), "struct {} is there twice", structure.name);
        for field in &structure.fields {
            let name = &field.name;
            ensure!(structure.versions.contains(field.versions), "{name}: versions beyond its parent's");
            ensure!(
                field.nullable.is_none_or(|null| field.versions.contains(null)),
                "{name}: null beyond it"
            );
            if field.tag.is_some() {
                let flexible_from = message.flexible_from.context("a tagged field, but never flexible")?;
                ensure!(field.versions.first >= flexible_from || field.versions == structure.versions);
            }
        }
    }
    // A nested struct without a byte on the wire would let an array's count promise any number of elements.
    for structure in &message.structs[1..] {
        ensure!(!structure.fields.is_empty(), "struct {} is used, but has no fields", structure.name);
        for version in structure.versions.first..=structure.versions.last {
            let is_flexible = message.flexible_from.is_some_and(|from| from <= version);
            let has_field = |field: &Field| (field.versions.first..=field.versions.last).contains(&version);
            ensure!(is_flexible || structure.fields.iter().any(has_field), "{}: no byte", structure.name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_fields_and_shared_structs_find_their_parents() {
        let text = "# A comment.\nrequest 7 ARequest v1-3 flex2+ unstable\n A:[]B v2+\n  C:?string =null ign\n D:[]E\n struct E\n  F:i32 =-1 key\n";
        let messages = parse(text).unwrap();
        let message = &messages[0];
        assert_eq!((message.kind, message.number, message.latest_unstable), (Kind::Request, Some(7), true));
        let layout: Vec<_> = message
            .structs
            .iter()
            .map(|s| (s.name.as_str(), s.versions.first, s.fields.iter().map(|f| f.name.as_str()).collect()))
            .collect::<Vec<(&str, i16, Vec<&str>)>>();
        assert_eq!(layout, [("ARequest", 1, vec!["A", "D"]), ("B", 2, vec!["C"]), ("E", 1, vec!["F"])]);
    }

    #[test]
    fn what_the_notation_does_not_know_is_refused() {
        for text in [
            "request 7 A v1 flex0+\n B:i32 odd",
            "request 7 A v1 flex0+\n   B:i32",
            "request 7 A v3-1 flex0+\n B:i32",
            "request 7 A v1 flex0+\n B:Nowhere",
            "request 7 A v1 flex0+\n B:i32 v2",
            "oracle 7 A v1 flex0+\n B:i32",
            " B:i32",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
