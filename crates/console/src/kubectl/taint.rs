//! `kubectl taint`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/taint`.

use super::builder::{Query, fetch};
use super::change::Change;
use super::errors::Error;
use super::flags::{DryRun, Parsed};
use super::session::{Io, Once};
use petset_cluster::api::PatchType;
use petset_cluster::api::validation::names;
use petset_cluster::{Kind, Object};
use serde_json::{Value, json};

/// Begins `kubectl taint`.
pub(crate) fn start(parsed: Parsed) -> Once<Parsed> {
    Once::new(parsed, run)
}

/// A taint on the command line; to be removed it may lack an effect.
struct Taint {
    key: String,
    value: String,
    effect: String,
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let (resources, specs): (Vec<String>, Vec<String>) = parsed
        .args
        .iter()
        .cloned()
        .partition(|arg| !arg.contains('=') && !arg.contains(':') && !arg.ends_with('-'));
    let mut set = Vec::new();
    let mut remove = Vec::new();
    for spec in &specs {
        match spec.strip_suffix('-') {
            Some(spec) => remove.push(read(spec, true)?),
            None => set.push(read(spec, false)?),
        }
    }
    let all = parsed.is("all") || !parsed.text("selector").is_empty();
    if resources.is_empty() || (resources.len() < 2 && !resources[0].contains('/') && !all) {
        return Err(Error::plain(
            "one or more resources must be specified as <resource> <name>",
        ));
    }
    let word = resources[0].split('/').next().unwrap_or("");
    if super::resources::kind_for(word)? != Kind::Node {
        return Err(Error::plain(format!(
            "invalid resource type {word}, only node types are supported"
        )));
    }
    if set.is_empty() && remove.is_empty() {
        return Err(Error::plain("at least one taint update is required"));
    }
    let mut change = Change::new(parsed, "kubectl-taint")?;
    change.say_nothing_of_dry_run();
    let mut query = Query::new(parsed, io.session);
    query.args = resources;
    let (nodes, mut errors) = fetch(&query.select()?, io);
    for node in nodes {
        errors.extend(
            one(
                &node,
                parsed.is("overwrite"),
                &set,
                &remove,
                &mut change,
                io,
            )
            .err(),
        );
    }
    Error::of(errors)
}

fn read(spec: &str, removing: bool) -> Result<Taint, Error> {
    let (front, effect) = spec.split_once(':').unwrap_or((spec, ""));
    let (key, value) = front.split_once('=').unwrap_or((front, ""));
    let known = matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute");
    let bare = removing && effect.is_empty();
    if !known && !bare {
        let why = if effect.is_empty() {
            let key = names::qualified_name("").pop().unwrap_or_default();
            format!("invalid taint spec: {spec}, {key}")
        } else {
            format!("invalid taint effect: {effect}, unsupported taint effect")
        };
        return Err(Error::usage("taint", &why));
    }
    Ok(Taint {
        key: key.to_owned(),
        value: value.to_owned(),
        effect: effect.to_owned(),
    })
}

fn one(
    node: &Object,
    overwrite: bool,
    set: &[Taint],
    remove: &[Taint],
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let mut shown = node.to_json();
    let before = shown
        .pointer("/spec/taints")
        .and_then(Value::as_array)
        .cloned();
    let mut taints = before.unwrap_or_default();
    let same = |taint: &Value, wanted: &Taint| {
        taint.get("key").and_then(Value::as_str) == Some(&wanted.key)
            && (wanted.effect.is_empty()
                || taint.get("effect").and_then(Value::as_str) == Some(&wanted.effect))
    };
    let mut overwritten = false;
    for wanted in set {
        overwritten |= taints.iter().any(|taint| same(taint, wanted));
        if taints.iter().any(|taint| same(taint, wanted)) && !overwrite {
            return Err(Error::plain(format!(
                "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                node.name(),
                wanted.key
            )));
        }
        taints.retain(|taint| !same(taint, wanted));
        let mut taint = json!({"key": wanted.key, "effect": wanted.effect});
        if !wanted.value.is_empty() {
            taint["value"] = json!(wanted.value);
        }
        taints.push(taint);
    }
    let mut missing = Vec::new();
    for wanted in remove {
        let before = taints.len();
        taints.retain(|taint| !same(taint, wanted));
        if taints.len() == before {
            let effect = match wanted.effect.as_str() {
                "" => String::new(),
                effect => format!(":{effect}"),
            };
            missing.push(Error::plain(format!(
                "taint \"{}{effect}\" not found",
                wanted.key
            )));
        }
    }
    Error::of(missing)?;
    let did = match (set.is_empty() || overwritten, remove.is_empty()) {
        (false, true) => "tainted",
        (true, false) if !overwritten => "untainted",
        _ => "modified",
    };
    if change.dry_run != DryRun::Client {
        let patch = json!({"spec": {"taints": taints}});
        shown = change
            .patch(node, (PatchType::Merge, patch), None, io)?
            .to_json();
    }
    change.tell(&shown, did, io)
}
