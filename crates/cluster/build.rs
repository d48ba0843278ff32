//! Takes the fields of Kubernetes' types out of the sources of `k8s-openapi`: for each struct that an object of a simulated kind
//! can hold one use of the macro `structure!` (see `src/typed.rs`), in `OUT_DIR/structures.rs`.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a build script reads files; what it makes does not"
)]

#[path = "../openapi/sources.rs"]
mod sources;

use sources::Error;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

/// The table of simulated kinds.
const KINDS: &str = "src/object.rs";

/// What `typed` reads and writes by hand.
const PLAIN: [&str; 7] = [
    "ByteString",
    "FieldsV1",
    "IntOrString",
    "MicroTime",
    "Quantity",
    "RawExtension",
    "Time",
];

/// A struct as its source declares it.
struct Structure {
    /// Whether it is a kind of its own, written with `apiVersion` and `kind`.
    is_kind: bool,
    /// The field that cannot be left out: a date, which has no value for none.
    needed: Option<String>,
    /// In the order of the source: the name in JSON, the name in Rust, the type.
    fields: Vec<(String, String, String)>,
}

fn main() -> Result<(), Error> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../openapi/sources.rs");
    println!("cargo::rerun-if-changed={KINDS}");
    println!("cargo::rerun-if-changed=Cargo.toml");
    let mut declared = BTreeMap::new();
    let sources = sources::sources()?;
    for part in ["api", "apimachinery"] {
        collect(&sources.join(part), part, &mut declared)?;
    }
    let mut waiting = kinds(&fs::read_to_string(KINDS)?);
    let mut text = String::new();
    while let Some(path) = waiting.pop() {
        let Some(structure) = declared.remove(&path) else {
            continue;
        };
        for (_, _, ty) in &structure.fields {
            waiting.extend(types_in(ty));
        }
        write_structure(&mut text, &path, &structure)?;
    }
    let out = env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    fs::write(Path::new(&out).join("structures.rs"), text)?;
    Ok(())
}

/// The paths of the types in the table of kinds, whose lines look like `Pod: core::Pod, "pod", …`.
fn kinds(source: &str) -> Vec<String> {
    let table = source.split_once("\nkinds! {").map_or("", |(_, rest)| rest);
    let lines = table.lines().take_while(|line| *line != "}");
    lines
        .filter_map(|line| {
            let (_, ty) = line.split(',').next()?.split_once(": ")?;
            let (group, name) = ty.split_once("::")?;
            // The table's imports say which version of a group is meant, where it is not the first.
            let second = source.contains(&format!("{group}::v2 as {group}"));
            let version = if second { "v2" } else { "v1" };
            Some(format!("api::{group}::{version}::{name}"))
        })
        .collect()
}

/// Reads all sources below `folder`, whose path within the crate is `module`.
fn collect(
    folder: &Path,
    module: &str,
    declared: &mut BTreeMap<String, Structure>,
) -> Result<(), Error> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let (true, Some(name)) = (path.is_dir(), name) {
            collect(&path, &format!("{module}::{name}"), declared)?;
        } else if let Some((name, structure)) = structure(&fs::read_to_string(&path)?) {
            declared.insert(format!("{module}::{name}"), structure);
        }
    }
    Ok(())
}

/// The struct with named fields that a source declares.
fn structure(source: &str) -> Option<(String, Structure)> {
    let (before, rest) = source.split_once("\npub struct ")?;
    let (name, rest) = rest.split_once(" {\n")?;
    if name.contains(['(', '<']) || PLAIN.contains(&name) {
        return None;
    }
    let (body, rest) = rest.split_once("\n}")?;
    let key = |field: &str| {
        let (before, _) = rest.split_once(&format!("\" => Field::Key_{field},"))?;
        Some(before.rsplit('"').next()?.to_owned())
    };
    let fields = body.lines().filter_map(|line| {
        let (field, ty) = line.strip_prefix("    pub ")?.split_once(": ")?;
        let ty = ty.trim_end_matches(',').to_owned();
        Some((key(field)?, field.to_owned(), ty))
    });
    let fields: Vec<(String, String, String)> = fields.collect();
    let is_kind = source.contains(&format!("\nimpl crate::Resource for {name} "));
    let has_default = before.rsplit("#[derive(").next()?.contains("Default");
    let needed = fields
        .iter()
        .find(|(_, _, ty)| !has_default && ty.ends_with("::Time"))
        .map(|(name, ..)| name.clone());
    Some((
        name.to_owned(),
        Structure {
            is_kind,
            needed,
            fields,
        },
    ))
}

/// The paths of the crate's own types in a type.
fn types_in(ty: &str) -> impl Iterator<Item = String> {
    ty.split("crate::").skip(1).map(|rest| {
        let end = rest.find(['>', ',']).unwrap_or(rest.len());
        rest[..end].to_owned()
    })
}

fn write_structure(text: &mut String, path: &str, structure: &Structure) -> Result<(), Error> {
    let names: Vec<&str> = structure
        .fields
        .iter()
        .map(|(name, ..)| name.as_str())
        .collect();
    let kind = match &structure.needed {
        Some(name) => format!("needs \"{name}\" "),
        None if structure.is_kind => "kind ".to_owned(),
        None => String::new(),
    };
    write!(
        text,
        "structure! {{ {kind}k8s_openapi::{path}, \"{}\"",
        names.join(" ")
    )?;
    for (at, (_, field, _)) in structure.fields.iter().enumerate() {
        write!(text, ", {at}: {field}")?;
    }
    text.push_str(" }\n");
    Ok(())
}
