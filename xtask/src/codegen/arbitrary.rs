//! The generators of random values: only for tests, fuzzers and oracles.

use std::fmt::Write;

use super::schema::{Field, Message, Shape, Struct, Type};
use super::{names, types};

/// `fuzzing/arbitrary.rs`: a random value of every struct in every version.
pub fn module(messages: &[Message]) -> String {
    let mut text = "//! A random value of every message in every version.

use super::{Arbitrary, Random};
use crate::messages;
use crate::types::Uuid;

"
    .to_owned();
    for message in messages {
        let module = names::snake(&message.name);
        for structure in &message.structs {
            implementation(&mut text, &module, structure);
        }
    }
    text
}

fn implementation(text: &mut String, module: &str, structure: &Struct) {
    let path = |name: &str| format!("messages::{module}::{name}");
    let mut fields = String::new();
    for field in &structure.fields {
        let name = names::field(&field.name);
        let value = random(field, &path);
        let value = match types::condition(field.versions, structure.versions) {
            None => value,
            Some(condition) => format!("if {condition} {{ {value} }} else {{ {} }}", default(field, &path)),
        };
        writeln!(fields, "{name}: {value},").expect("text takes all");
    }
    let version = if types::needs_version(structure) { "version" } else { "_version" };
    let source = if structure.fields.is_empty() { "_random" } else { "random" };
    write!(
        text,
        "impl Arbitrary for {} {{
            fn arbitrary({source}: &mut Random, {version}: i16) -> Self {{
                Self {{\n{fields}}}
            }}
        }}\n\n",
        path(&structure.name)
    )
    .expect("text takes all");
}

fn default(field: &Field, path: &dyn Fn(&str) -> String) -> String {
    let default = types::default(field).0;
    match &field.shape {
        Shape::One(Type::Struct(name)) => default.replace(name, &path(name)),
        _ => default,
    }
}

/// The expression that makes a random value of the field, in the versions that have it.
fn random(field: &Field, path: &dyn Fn(&str) -> String) -> String {
    let plain = match &field.shape {
        Shape::One(Type::Struct(name)) => format!("{}::arbitrary(random, version)", path(name)),
        Shape::One(Type::Bytes | Type::Records) => "random.bytes()".to_owned(),
        Shape::One(kind) => format!("random.{}()", method(kind)),
        Shape::Array(Type::Struct(name)) => format!("random.array(version, {}::arbitrary)", path(name)),
        Shape::Array(kind) => format!("random.list(Random::{})", method(kind)),
    };
    // A tagged field at its default is not on the wire: make both cases common.
    let plain = match field.tag {
        Some(_) if field.nullable.is_none() => {
            format!("if random.bool() {{ {plain} }} else {{ {} }}", default(field, path))
        }
        _ => plain,
    };
    let Some(nullable) = field.nullable else { return plain };
    let default = default(field, path);
    let optional = match field.tag {
        Some(_) if default != "None" => {
            format!("if random.bool() {{ {default} }} else {{ random.bool().then(|| {plain}) }}")
        }
        _ => format!("random.bool().then(|| {plain})"),
    };
    match types::condition(nullable, field.versions) {
        None => optional,
        Some(condition) => format!("if {condition} {{ {optional} }} else {{ Some({plain}) }}"),
    }
}

fn method(kind: &Type) -> &'static str {
    match kind {
        Type::Bool => "bool",
        Type::I8 => "i8",
        Type::I16 => "i16",
        Type::U16 => "u16",
        Type::I32 => "i32",
        Type::U32 => "u32",
        Type::I64 => "i64",
        Type::F64 => "f64",
        Type::Uuid => "uuid",
        Type::String => "string",
        Type::Bytes | Type::Records => "bytes",
        Type::Struct(_) => unreachable!("structs have generators of their own"),
    }
}
