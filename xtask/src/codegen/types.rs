//! The Rust side of a field: its type, its default, and the expressions that read, write and compare it.

use super::names;
use super::schema::{Field, Shape, Struct, Type, Versions};

/// The Rust type of one value of `kind`.
fn element(kind: &Type) -> &str {
    match kind {
        Type::Bool => "bool",
        Type::I8 => "i8",
        Type::I16 => "i16",
        Type::U16 => "u16",
        Type::I32 => "i32",
        Type::U32 => "u32",
        Type::I64 => "i64",
        Type::F64 => "f64",
        Type::Uuid => "Uuid",
        Type::String => "String",
        Type::Bytes | Type::Records => "Bytes",
        Type::Struct(name) => name,
    }
}

/// The reader's and writer's method for values of `kind`, which is no struct.
fn method(kind: &Type) -> &str {
    match kind {
        Type::Uuid => "uuid",
        Type::String => "string",
        Type::Bytes | Type::Records => "bytes",
        _ => element(kind),
    }
}

/// The Rust type of the field.
pub fn rust_type(field: &Field) -> String {
    let plain = match &field.shape {
        Shape::One(kind) => element(kind).to_owned(),
        Shape::Array(kind) => format!("Vec<{}>", element(kind)),
    };
    if field.nullable.is_some() { format!("Option<{plain}>") } else { plain }
}

/// Whether the field is of the type `kind`, or an array of it.
pub fn uses(field: &Field, kind: &Type) -> bool {
    let (Shape::One(used) | Shape::Array(used)) = &field.shape;
    used == kind
}

/// The field's default as an expression, and whether Rust's own default of the type is the same.
pub fn default(field: &Field) -> (String, bool) {
    let is_optional = field.nullable.is_some();
    let is_records = matches!(field.shape, Shape::One(Type::Records));
    if field.default.as_deref() == Some("null") || (is_records && is_optional) {
        return ("None".to_owned(), true);
    }
    let plain = match &field.shape {
        Shape::Array(_) => "Vec::new()".to_owned(),
        Shape::One(Type::Bool) => field.default.clone().unwrap_or("false".to_owned()),
        Shape::One(Type::Uuid) => "Uuid::ZERO".to_owned(),
        Shape::One(Type::String) => "String::new()".to_owned(),
        Shape::One(Type::Bytes | Type::Records) => "Bytes::new()".to_owned(),
        Shape::One(Type::Struct(name)) => format!("{name}::default()"),
        Shape::One(Type::F64) => field.default.clone().unwrap_or("0.0".to_owned()),
        Shape::One(_) => number(field.default.as_deref().unwrap_or("0")),
    };
    if is_optional {
        return (format!("Some({plain})"), false);
    }
    let is_rusts = field.default.is_none();
    (plain, is_rusts)
}

/// The number, with Rust's name for the extremes and underscores in long ones.
fn number(text: &str) -> String {
    match text {
        "0x7fffffff" => "i32::MAX".to_owned(),
        "-2147483648" => "i32::MIN".to_owned(),
        "9223372036854775807" => "i64::MAX".to_owned(),
        "60000" => "60_000".to_owned(),
        _ => text.to_owned(),
    }
}

/// The condition under which a version within `all` lies in `versions`, or `None` if each does.
pub fn condition(versions: Versions, all: Versions) -> Option<String> {
    match (versions.first > all.first, versions.last < all.last) {
        (false, false) => None,
        (true, false) => Some(format!("version >= {}", versions.first)),
        (false, true) => Some(format!("version <= {}", versions.last)),
        (true, true) if versions.first == versions.last => Some(format!("version == {}", versions.first)),
        (true, true) => Some(format!("({}..={}).contains(&version)", versions.first, versions.last)),
    }
}

/// The expression that reads the field in the versions that have it.
pub fn read(field: &Field) -> String {
    let plain = read_plain(field);
    let Some(nullable) = field.nullable else { return plain };
    match condition(nullable, field.versions) {
        None => read_nullable(field),
        Some(condition) => format!("if {condition} {{ {} }} else {{ Some({plain}) }}", read_nullable(field)),
    }
}

fn read_plain(field: &Field) -> String {
    match &field.shape {
        Shape::One(Type::Struct(name)) => format!("{name}::decode(reader, version)?"),
        Shape::One(kind) => format!("reader.{}()?", method(kind)),
        Shape::Array(Type::Struct(name)) => format!("reader.array(version, {name}::decode)?"),
        Shape::Array(kind) => format!("reader.{}_array()?", method(kind)),
    }
}

fn read_nullable(field: &Field) -> String {
    match &field.shape {
        Shape::One(Type::Struct(name)) => {
            let present = if field.tag.is_some() { "is_tagged_present" } else { "is_present" };
            format!("if reader.{present}()? {{ Some({name}::decode(reader, version)?) }} else {{ None }}")
        }
        Shape::One(kind) if field.is_classic => format!("reader.classic_nullable_{}()?", method(kind)),
        Shape::One(kind) => format!("reader.nullable_{}()?", method(kind)),
        Shape::Array(Type::Struct(name)) => format!("reader.nullable_array(version, {name}::decode)?"),
        Shape::Array(kind) => format!("reader.nullable_{}_array()?", method(kind)),
    }
}

/// The statements that write the field in the versions that have it.
pub fn write(field: &Field) -> String {
    let value = format!("self.{}", names::field(&field.name));
    let Some(nullable) = field.nullable else { return write_plain(field, &value, &format!("&{value}")) };
    match condition(nullable, field.versions) {
        None => write_nullable(field, &value),
        Some(condition) => {
            let borrowed = format!("{value}.as_deref().unwrap_or_default()");
            let plain = write_plain(field, &value, &borrowed);
            format!("if {condition} {{ {} }} else {{ {plain} }}", write_nullable(field, &value))
        }
    }
}

fn write_plain(field: &Field, value: &str, borrowed: &str) -> String {
    match &field.shape {
        Shape::One(Type::Struct(_)) => format!("{value}.encode(writer, version);"),
        Shape::One(kind @ (Type::String | Type::Bytes | Type::Records)) => {
            format!("writer.{}({borrowed});", method(kind))
        }
        Shape::One(kind) => format!("writer.{}({value});", method(kind)),
        Shape::Array(Type::Struct(name)) => format!("writer.array(version, {borrowed}, {name}::encode);"),
        Shape::Array(kind) => format!("writer.{}_array({borrowed});", method(kind)),
    }
}

fn write_nullable(field: &Field, value: &str) -> String {
    match &field.shape {
        Shape::One(Type::Struct(_)) => {
            let present = if field.tag.is_some() { "tagged_present" } else { "present" };
            format!(
                "writer.{present}({value}.is_some());
                if let Some(value) = &{value} {{ value.encode(writer, version); }}"
            )
        }
        Shape::One(kind) => {
            let classic = if field.is_classic { "classic_" } else { "" };
            format!("writer.{classic}nullable_{}({value}.as_deref());", method(kind))
        }
        Shape::Array(Type::Struct(name)) => {
            format!("writer.nullable_array(version, {value}.as_deref(), {name}::encode);")
        }
        Shape::Array(kind) => format!("writer.nullable_{}_array({value}.as_deref());", method(kind)),
    }
}

/// The condition under which the field differs from its default.
pub fn differs_from_default(field: &Field) -> String {
    let value = format!("self.{}", names::field(&field.name));
    let (default, is_rusts) = default(field);
    match &field.shape {
        _ if default == "None" => format!("{value}.is_some()"),
        _ if field.nullable.is_some() => format!("{value} != {default}"),
        Shape::Array(_) | Shape::One(Type::String | Type::Bytes | Type::Records) if is_rusts => {
            format!("!{value}.is_empty()")
        }
        Shape::One(Type::Bool) => format!("{}{value}", if default == "true" { "!" } else { "" }),
        Shape::One(Type::Uuid) => format!("!{value}.is_zero()"),
        _ => format!("{value} != {default}"),
    }
}

/// Whether reading or writing the struct asks for the version.
pub fn needs_version(structure: &Struct) -> bool {
    structure.fields.iter().any(|field| {
        uses_struct(field)
            || condition(field.versions, structure.versions).is_some()
            || field.nullable.is_some_and(|nullable| condition(nullable, field.versions).is_some())
    })
}

fn uses_struct(field: &Field) -> bool {
    matches!(field.shape, Shape::One(Type::Struct(_)) | Shape::Array(Type::Struct(_)))
}
