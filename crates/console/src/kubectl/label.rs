//! `kubectl label` and `kubectl annotate`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/label/label.go`, `pkg/cmd/annotate/annotate.go`.

use super::builder;
use super::change::Change;
use super::errors::{Error, quote};
use super::flags::{DryRun, Parsed};
use super::session::{Io, Once};
use petset_cluster::Object;
use petset_cluster::api::PatchType;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Begins `kubectl label` or `kubectl annotate`.
pub(crate) fn start(parsed: Parsed) -> Once<Parsed> {
    Once::new(parsed, run)
}

/// What is to be written and what is to go.
#[derive(Debug, Default)]
struct Wanted {
    set: BTreeMap<String, String>,
    remove: Vec<String>,
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let labels = parsed.command == "label";
    let what = if labels { "label" } else { "annotation" };
    let (resources, pairs) = split(&parsed.args, what)?;
    let wanted = if labels {
        label_pairs(&pairs)
    } else {
        annotation_pairs(&pairs)
    }?;
    let mut change = Change::new(parsed, &format!("kubectl-{}", parsed.command))?;
    let files = parsed.changed("filename");
    if resources.is_empty() && !files {
        return Err(Error::plain(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    let listing = parsed.is("list");
    if wanted.set.is_empty() && wanted.remove.is_empty() && !listing {
        return Err(Error::plain(format!(
            "at least one {what} update is required"
        )));
    }
    if parsed.is("local") && !(files && resources.is_empty()) {
        return Err(Error::plain(
            "can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set",
        ));
    }
    change.may_be_local(parsed);
    let chosen = builder::chosen(parsed, resources, io)?;
    let mut errors = chosen.errors;
    for object in chosen.objects {
        let done = if listing {
            list(&object, labels, chosen.single, io);
            Ok(())
        } else {
            one(parsed, &object, &wanted, &mut change, io)
        };
        errors.extend(done.err());
    }
    Error::of(errors)
}

/// Resources first, then pairs (upstream: `cmdutil.GetResourcesAndPairs`).
pub(crate) fn split(args: &[String], what: &str) -> Result<(Vec<String>, Vec<String>), Error> {
    let (mut resources, mut pairs) = (Vec::new(), Vec::new());
    for arg in args {
        let is_pair =
            (arg.contains('=') && !arg.starts_with('=')) || (arg.ends_with('-') && arg != "-");
        if is_pair {
            pairs.push(arg.clone());
        } else if pairs.is_empty() {
            resources.push(arg.clone());
        } else {
            return Err(Error::plain(format!(
                "all resources must be specified before {what} changes: {arg}"
            )));
        }
    }
    Ok((resources, pairs))
}

fn label_pairs(pairs: &[String]) -> Result<Wanted, Error> {
    let mut wanted = Wanted::default();
    for pair in pairs {
        if let Some((key, value)) = pair.split_once('=') {
            if value.contains('=') {
                return Err(Error::plain(format!("invalid label spec: {pair}")));
            }
            if let Some(why) = invalid_label_value(value) {
                return Err(Error::plain(format!(
                    "invalid label value: {}: {why}",
                    quote(pair)
                )));
            }
            wanted.set.insert(key.to_owned(), value.to_owned());
        } else {
            wanted
                .remove
                .extend(pair.strip_suffix('-').map(str::to_owned));
        }
    }
    if wanted.remove.iter().any(|key| wanted.set.contains_key(key)) {
        return Err(Error::plain(
            "can not both modify and remove a label in the same command",
        ));
    }
    Ok(wanted)
}

fn annotation_pairs(pairs: &[String]) -> Result<Wanted, Error> {
    let mut wanted = Wanted::default();
    for pair in pairs {
        if let Some((key, value)) = pair.split_once('=') {
            wanted.set.insert(key.to_owned(), value.to_owned());
        } else {
            wanted
                .remove
                .extend(pair.strip_suffix('-').map(str::to_owned));
        }
    }
    let both: Vec<&str> = wanted
        .remove
        .iter()
        .filter(|key| wanted.set.contains_key(*key))
        .map(String::as_str)
        .collect();
    if !both.is_empty() {
        return Err(Error::plain(format!(
            "can not both modify and remove the following annotation(s) in the same command: {}",
            both.join(", ")
        )));
    }
    Ok(wanted)
}

/// Why a label cannot have this value (upstream: `validation.IsValidLabelValue`).
fn invalid_label_value(value: &str) -> Option<String> {
    let ends = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    let fine = value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && ends(value.chars().next())
        && ends(value.chars().next_back());
    let mut whys = Vec::new();
    if value.len() > 63 {
        whys.push("must be no more than 63 bytes".to_owned());
    }
    if !fine {
        whys.push("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')".to_owned());
    }
    (!whys.is_empty()).then(|| whys.join("; "))
}

fn of(object: &Object, labels: bool) -> BTreeMap<String, String> {
    let meta = object.meta();
    let map = if labels {
        &meta.labels
    } else {
        &meta.annotations
    };
    map.clone().unwrap_or_default()
}

fn list(object: &Object, labels: bool, single: bool, io: &mut Io<'_, '_>) {
    let mut indent = "";
    if !single {
        let info = object.kind().info();
        let what = if labels { "labels" } else { "annotations" };
        io.line(&format!(
            "Listing {what} for {}.{}/{}:",
            info.kind,
            info.group,
            object.name()
        ));
        indent = " ";
    }
    for (key, value) in of(object, labels) {
        io.line(&format!("{indent}{key}={value}"));
    }
}

fn one(
    parsed: &Parsed,
    object: &Object,
    wanted: &Wanted,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let labels = parsed.command == "label";
    let before = of(object, labels);
    if !parsed.is("overwrite") {
        refuse_overwrites(&before, wanted, labels)?;
    }
    let mut after = before.clone();
    let (mut removed, mut fields) = (false, Map::new());
    for key in &wanted.remove {
        if after.remove(key).is_some() {
            removed = true;
            fields.insert(key.clone(), Value::Null);
        } else if labels {
            io.line(&format!("label \"{key}\" not found."));
        }
    }
    let mut added = false;
    for (key, value) in &wanted.set {
        if before.get(key) != Some(value) {
            added = true;
            fields.insert(key.clone(), json!(value));
            after.insert(key.clone(), value.clone());
        }
    }
    let did = match (labels, added, removed) {
        (false, ..) => "annotated",
        (_, true, true) => "modified",
        (_, true, false) => "labeled",
        (_, false, true) => "unlabeled",
        (_, false, false) => "not labeled",
    };
    let version = parsed.text("resource-version");
    let key = if labels { "labels" } else { "annotations" };
    let mut shown = object.to_json();
    if change.dry_run == DryRun::Client {
        shown["metadata"][key] = json!(after);
    } else if !fields.is_empty() {
        let mut meta = Map::new();
        meta.insert(key.to_owned(), Value::Object(fields));
        if !version.is_empty() {
            meta.insert("resourceVersion".to_owned(), json!(version));
        }
        let patch = json!({"metadata": meta});
        shown = change
            .patch(object, (PatchType::Merge, patch), None, io)?
            .to_json();
    }
    change.tell(&shown, did, io)
}

fn refuse_overwrites(
    before: &BTreeMap<String, String>,
    wanted: &Wanted,
    labels: bool,
) -> Result<(), Error> {
    let taken: Vec<String> = wanted
        .set
        .iter()
        .filter(|(key, _)| labels || *key != "kubernetes.io/change-cause")
        .filter_map(|(key, value)| {
            let old = before.get(key).filter(|old| *old != value)?;
            Some(format!("'{key}' already has a value ({old})"))
        })
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    if labels {
        return Error::of(
            taken
                .iter()
                .map(|text| Error::plain(format!("{text}, and --overwrite is false")))
                .collect(),
        );
    }
    Err(Error::plain(format!(
        "--overwrite is false but found the following declared annotation(s): {}",
        taken.join("; ")
    )))
}
