//! Where the data of `kubectl create configmap` and `create secret` comes from: files, files of variables, literals.
//!
//! Upstream: `k8s.io/kubectl/pkg/util/util.go`, `pkg/cmd/util/env_file.go`, `pkg/util/hash/hash.go`.

use super::generate::base64;
use crate::kubectl::errors::{Error, quote};
use crate::kubectl::flags::Parsed;
use crate::kubectl::session::Io;
use petset_cluster::api::validation::names;
use petset_cluster::hash::sha256_hex;
use serde_json::{Map, Value, json};

/// What is made: the messages differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    ConfigMap,
    Secret,
}

/// Keys with their texts, in order.
struct Entries<'a> {
    holder: Holder,
    name: &'a str,
    map: Map<String, Value>,
}

impl Entries<'_> {
    fn add(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let problems = names::config_key(key);
        if !problems.is_empty() {
            let what = match self.holder {
                Holder::ConfigMap => "a ConfigMap",
                Holder::Secret => "a Secret",
            };
            return Err(Error::plain(match self.holder {
                Holder::ConfigMap => format!(
                    "{} is not a valid key name for {what}: {}",
                    quote(key),
                    problems.join(",")
                ),
                Holder::Secret => {
                    format!(
                        "{} is not valid key name for {what} {}",
                        quote(key),
                        problems.join(";")
                    )
                }
            }));
        }
        let value = match self.holder {
            Holder::ConfigMap => value.to_owned(),
            Holder::Secret => base64(value.as_bytes()),
        };
        if self.map.insert(key.to_owned(), json!(value)).is_some() {
            return Err(Error::plain(match self.holder {
                Holder::ConfigMap => format!(
                    "cannot add key {}, another key by that name already exists in Data for ConfigMap {}",
                    quote(key),
                    quote(self.name)
                ),
                Holder::Secret => {
                    format!("cannot add key {key}, another key by that name already exists")
                }
            }));
        }
        Ok(())
    }
}

/// The field `data` that the flags describe.
///
/// # Errors
/// Sources that are not there or say nothing.
pub(super) fn data(
    parsed: &Parsed,
    name: &str,
    holder: Holder,
    io: &Io<'_, '_>,
) -> Result<Map<String, Value>, Error> {
    let (files, literals) = (parsed.list("from-file"), parsed.list("from-literal"));
    let variables = parsed.list("from-env-file");
    let others = !files.is_empty() || !literals.is_empty();
    if !variables.is_empty() && others {
        return Err(Error::plain(
            "from-env-file cannot be combined with from-file or from-literal",
        ));
    }
    let mut entries = Entries {
        holder,
        name,
        map: Map::new(),
    };
    for literal in literals {
        let Some((key, value)) = literal.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Error::plain(format!(
                "invalid literal source {literal}, expected key=value"
            )));
        };
        entries.add(key, value.trim_matches(['\'', '"']))?;
    }
    for source in files {
        file(source, &mut entries, io)?;
    }
    for path in variables {
        env_file(path, &mut entries, io)?;
    }
    Ok(entries.map)
}

fn file(source: &str, entries: &mut Entries<'_>, io: &Io<'_, '_>) -> Result<(), Error> {
    let (key, path) = file_source(source)?;
    let plain = path.trim_start_matches("./");
    if let Some(content) = io.context.files.get(plain) {
        return entries.add(key, content);
    }
    let folder = match plain.trim_end_matches('/') {
        "" | "." => String::new(),
        folder => format!("{folder}/"),
    };
    let inside: Vec<(&str, &str)> = io
        .context
        .files
        .iter()
        .filter_map(|(name, text)| Some((name.strip_prefix(&folder)?, text.as_str())))
        .filter(|(name, _)| !name.contains('/'))
        .collect();
    if inside.is_empty() {
        return Err(Error::plain(format!(
            "error reading {path}: no such file or directory"
        )));
    }
    if source.contains('=') {
        return Err(Error::plain("cannot give a key name for a directory path"));
    }
    for (name, text) in inside {
        if names::config_key(name).is_empty() {
            entries.add(name, text)?;
        }
    }
    Ok(())
}

/// `KEY=PATH`, or a path whose last part is the key.
fn file_source(source: &str) -> Result<(&str, &str), Error> {
    let Some((key, path)) = source.split_once('=') else {
        return Ok((source.rsplit('/').next().unwrap_or(source), source));
    };
    if path.contains('=') {
        return Err(Error::plain("key names or file paths cannot contain '='"));
    }
    match (key, path) {
        ("", _) => Err(Error::plain(format!(
            "key name for file path {path} missing"
        ))),
        (_, "") => Err(Error::plain(format!(
            "file path for key name {key} missing"
        ))),
        pair => Ok(pair),
    }
}

fn env_file(path: &str, entries: &mut Entries<'_>, io: &Io<'_, '_>) -> Result<(), Error> {
    let Some(text) = io.context.files.get(path.trim_start_matches("./")) else {
        return Err(Error::plain(format!(
            "error reading {path}: no such file or directory"
        )));
    };
    for line in text.lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = match line.split_once('=') {
            Some((key, value)) => (key, value.to_owned()),
            None => (line, io.context.env.get(line).cloned().unwrap_or_default()),
        };
        check_variable(key)?;
        entries.add(key, &value)?;
    }
    Ok(())
}

/// The names of variables that kubectl takes; the API server takes more.
///
/// # Errors
/// The sentence about a name that is none.
pub(crate) fn check_variable(name: &str) -> Result<(), Error> {
    let letter = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let starts_well = name.starts_with(|c: char| letter(c) && !c.is_ascii_digit());
    if starts_well && name.chars().all(letter) {
        return Ok(());
    }
    Err(Error::plain(format!(
        "{} is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name', or 'MY_ENV.NAME', or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')",
        quote(name)
    )))
}

/// What `--append-hash` appends.
pub(super) fn hash(holder: Holder, name: &str, object: &Value) -> String {
    let data = match &object["data"] {
        Value::Null if holder == Holder::Secret => json!({}),
        data => data.clone(),
    };
    let mut named = match holder {
        Holder::ConfigMap => json!({"kind": "ConfigMap"}),
        Holder::Secret => json!({"kind": "Secret", "type": object["type"].as_str().unwrap_or("")}),
    };
    named["name"] = json!(name);
    named["data"] = data;
    let digits = sha256_hex(petset_manifest::to_json_compact_go(&named).as_bytes());
    // Without vowels, and without digits that look like letters.
    let letter = |c: char| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        c => c,
    };
    digits.chars().take(10).map(letter).collect()
}
