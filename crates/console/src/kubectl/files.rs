//! Manifests from the learner's files or from standard input.
//!
//! Upstream: `k8s.io/cli-runtime/pkg/resource/visitor.go`, `mapper.go`.

use super::errors::{Error, quote};
use super::flags::Parsed;
use super::plain;
use super::resources;
use super::session::Io;
use crate::command::Files;
use petset_cluster::Kind;
use serde_json::Value;

/// One document of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Manifest {
    /// The file's name as it was given; `STDIN` for standard input.
    pub(crate) source: String,
    /// Its kind.
    pub(crate) kind: Kind,
    /// Where it belongs; empty for cluster-scoped kinds.
    pub(crate) namespace: String,
    /// Its name; empty with `generateName`.
    pub(crate) name: String,
    /// The whole object.
    pub(crate) object: Value,
}

/// Whether standard input is among the files and still being typed.
pub(crate) fn waits_for_input(parsed: &Parsed, io: &Io<'_, '_>) -> bool {
    parsed.list("filename").iter().any(|name| name == "-") && !io.context.stdin.closed
}

/// Reads everything that `-f` names.
///
/// # Errors
/// A command line that cannot be. Objects that cannot be read come as second part beside those that can.
pub(crate) fn read(
    parsed: &Parsed,
    io: &mut Io<'_, '_>,
) -> Result<(Vec<Manifest>, Vec<Error>), Error> {
    if parsed.changed("kustomize") {
        if parsed.changed("filename") {
            return Err(Error::plain("only one of -f or -k can be specified"));
        }
        return Err(plain::kustomization(
            parsed.text("kustomize"),
            io.context.files,
        ));
    }
    let (mut texts, mut missing) = (Vec::new(), Vec::new());
    for name in parsed.list("filename") {
        if name == "-" {
            texts.push((
                "STDIN".to_owned(),
                std::mem::take(&mut io.context.stdin.text),
            ));
        } else if name.starts_with("http://") || name.starts_with("https://") {
            return Err(Error::not_simulated(format!(
                "files from elsewhere ({name})"
            )));
        } else {
            match open(name, parsed.is("recursive"), io.context.files) {
                Ok(found) => texts.extend(found),
                Err(error) => missing.push(error),
            }
        }
    }
    Error::of(missing)?;
    let validate = !matches!(parsed.text("validate"), "false" | "ignore");
    let (mut manifests, mut errors) = (Vec::new(), Vec::new());
    for (source, text) in texts {
        documents(&source, &text, validate, io, &mut manifests, &mut errors);
    }
    Ok((manifests, errors))
}

fn open(name: &str, recursive: bool, files: &Files) -> Result<Vec<(String, String)>, Error> {
    let plain = name.trim_start_matches("./");
    if let Some(text) = files.get(plain) {
        return Ok(vec![(name.to_owned(), text.clone())]);
    }
    let folder = plain.trim_end_matches('/');
    let folder = if matches!(folder, "" | ".") {
        String::new()
    } else {
        format!("{folder}/")
    };
    let inside: Vec<(&String, &String)> = files
        .iter()
        .filter(|(path, _)| {
            path.strip_prefix(folder.as_str())
                .is_some_and(|rest| recursive || !rest.contains('/'))
        })
        .collect();
    let exists = folder.is_empty() || files.keys().any(|path| path.starts_with(&folder));
    if !exists {
        let matched: Vec<(String, String)> = files
            .iter()
            .filter(|(path, _)| name.contains(['*', '?']) && glob(plain, path))
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        if matched.is_empty() {
            return Err(Error::plain(format!(
                "the path {} does not exist",
                quote(name)
            )));
        }
        return Ok(matched);
    }
    let manifests: Vec<(String, String)> = inside
        .into_iter()
        .filter(|(path, _)| {
            [".json", ".yaml", ".yml"]
                .iter()
                .any(|end| path.ends_with(end))
        })
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    if manifests.is_empty() {
        return Err(Error::plain(format!(
            "error reading [{name}]: recognized file extensions are [.json .yaml .yml]"
        )));
    }
    Ok(manifests)
}

/// Whether `text` fits a pattern with `*` and `?`.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    let mut pieces = pattern.split('*').peekable();
    let mut first = true;
    while let Some(piece) = pieces.next() {
        let last = pieces.peek().is_none();
        let fits = |at: &str| {
            let mut chars = at.chars();
            piece
                .chars()
                .all(|c| chars.next().is_some_and(|d| c == '?' || c == d))
        };
        let length = piece.chars().count();
        let skip = |at: &str| at.char_indices().nth(length).map_or(at.len(), |(i, _)| i);
        if first {
            if !fits(rest) {
                return false;
            }
            rest = &rest[skip(rest)..];
        } else if last && !piece.is_empty() {
            let chars = rest.chars().count();
            let Some(from) = chars.checked_sub(length) else {
                return false;
            };
            let at = rest.char_indices().nth(from).map_or(rest.len(), |(i, _)| i);
            return fits(&rest[at..]);
        } else {
            let found = rest
                .char_indices()
                .map(|(at, _)| at)
                .find(|at| fits(&rest[*at..]));
            match found {
                Some(at) => rest = &rest[at + skip(&rest[at..])..],
                None if piece.is_empty() => {}
                None => return false,
            }
        }
        if last && first {
            return rest.is_empty();
        }
        first = false;
    }
    true
}

/// Reads the documents of one text up to the first that is no YAML.
fn documents(
    source: &str,
    text: &str,
    validate: bool,
    io: &Io<'_, '_>,
    manifests: &mut Vec<Manifest>,
    errors: &mut Vec<Error>,
) {
    let (documents, bad) = petset_manifest::read(text);
    let broken = bad.first();
    for document in documents {
        if broken.is_some_and(|error| error.document < document.index) {
            break;
        }
        for object in flatten(document.value) {
            if validate && let Some(why) = not_an_object(&object) {
                errors.push(Error::plain(format!(
                    "error validating {}: error validating data: {why}; if you choose to ignore these errors, turn validation off with --validate=false",
                    quote(source)
                )));
                return;
            }
            match manifest(source, object, io) {
                Ok(manifest) => manifests.push(manifest),
                Err(error) => errors.push(error),
            }
        }
    }
    if let Some(error) = broken {
        errors.push(Error::plain(format!(
            "error parsing {source}: error converting YAML to JSON: {}",
            error.message
        )));
    }
}

/// The objects of a `List`, or the object itself.
fn flatten(object: Value) -> Vec<Value> {
    let is_list = object
        .get("kind")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.ends_with("List"));
    match object.get("items") {
        Some(Value::Array(items)) if is_list => items.clone(),
        _ => vec![object],
    }
}

fn not_an_object(object: &Value) -> Option<String> {
    let Value::Object(map) = object else {
        return Some("invalid object to validate".to_owned());
    };
    let mut missing = Vec::new();
    for key in ["apiVersion", "kind"] {
        match map.get(key) {
            None | Some(Value::Null) => missing.push(format!("{key} not set")),
            Some(Value::String(text)) if text.is_empty() => missing.push(format!("{key} not set")),
            Some(Value::String(_)) => {}
            Some(_) => missing.push(format!("{key} isn't string type")),
        }
    }
    match missing.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("[{}]", several.join(", "))),
    }
}

fn manifest(source: &str, object: Value, io: &Io<'_, '_>) -> Result<Manifest, Error> {
    let text = |pointer: &str| {
        object
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_owned()
    };
    if !object.is_object() || text("/kind").is_empty() {
        return Err(Error::plain(format!(
            "unable to decode {}: Object 'Kind' is missing in '{}'",
            quote(source),
            petset_manifest::to_json_compact_go(&object)
        )));
    }
    let (version, kind) = (text("/apiVersion"), text("/kind"));
    let (name, namespace) = (text("/metadata/name"), text("/metadata/namespace"));
    let Some(resource) = resources::of_kind(&version, &kind) else {
        return Err(Error::plain(format!(
            "resource mapping not found for name: {} namespace: {} from {}: no matches for kind {} in version {}\nensure CRDs are installed first",
            quote(&name),
            quote(&namespace),
            quote(source),
            quote(&kind),
            quote(&version)
        )));
    };
    let Some(kind) = resource.simulated() else {
        return Err(Error::not_simulated(format!(
            "{} {} (from {source})",
            resource.kind,
            quote(&name)
        )));
    };
    let own = io.session.namespace.as_str();
    if resource.namespaced
        && io.session.namespace_given
        && !namespace.is_empty()
        && namespace != own
    {
        return Err(Error::plain(format!(
            "the namespace from the provided object {} does not match the namespace {}. You must pass '--namespace={namespace}' to perform this operation.",
            quote(&namespace),
            quote(own)
        )));
    }
    let mut object = object;
    if kind == Kind::HorizontalPodAutoscaler {
        petset_cluster::api::autoscaling::to_stored(&mut object);
    }
    let namespace = if !resource.namespaced {
        String::new()
    } else if namespace.is_empty() {
        own.to_owned()
    } else {
        namespace
    };
    if let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        if resource.namespaced {
            meta.insert("namespace".to_owned(), Value::String(namespace.clone()));
        }
    } else if resource.namespaced
        && let Some(map) = object.as_object_mut()
    {
        map.insert(
            "metadata".to_owned(),
            serde_json::json!({"namespace": namespace}),
        );
    }
    Ok(Manifest {
        source: source.to_owned(),
        kind,
        namespace,
        name,
        object,
    })
}
