//! `kubectl set selector`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/set/set_selector.go`.

use crate::kubectl::builder;
use crate::kubectl::change::Change;
use crate::kubectl::errors::{Error, quote};
use crate::kubectl::flags::{DryRun, Parsed};
use crate::kubectl::session::Io;
use petset_cluster::Object;
use petset_cluster::api::selectors::{Operator, Requirement, Selector};
use petset_cluster::api::{PatchType, strategic};
use serde_json::{Map, Value, json};

pub(super) fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let Some((last, resources)) = parsed.args.split_last() else {
        return Err(Error::plain("one selector is required"));
    };
    let selector = Selector::parse(last).map_err(|why| {
        Error::plain(format!(
            "couldn't parse the selector string {}: {why}",
            quote(last)
        ))
    })?;
    let mut change = Change::new(parsed, "kubectl-set")?;
    change.may_be_local(parsed);
    let chosen = builder::chosen(parsed, resources.to_vec(), io)?;
    Error::of(chosen.errors)?;
    for object in chosen.objects {
        one(&object, &selector, parsed, &mut change, io)?;
    }
    Ok(())
}

fn one(
    object: &Object,
    selector: &Selector,
    parsed: &Parsed,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let (equal, others): (Vec<&Requirement>, Vec<&Requirement>) = selector
        .requirements
        .iter()
        .partition(|one| one.operator == Operator::Equals);
    if !others.is_empty() {
        let shown: Vec<String> = others.into_iter().map(shown).collect();
        return Err(Error::plain(format!(
            "match expression [{}] not supported on this object",
            shown.join(" ")
        )));
    }
    if !matches!(object, Object::Service(_)) {
        return Err(Error::plain(
            "setting a selector is only supported for Services",
        ));
    }
    let labels: Map<String, Value> = equal
        .into_iter()
        .map(|one| (one.key.clone(), json!(one.values.iter().next())))
        .collect();
    let before = object.to_json();
    let mut after = before.clone();
    after["spec"]["selector"] = Value::Object(labels);
    if change.dry_run != DryRun::Client {
        let mut patch = strategic::two_way(object.kind(), &before, &after).map_err(Error::plain)?;
        let version = parsed.text("resource-version");
        if !version.is_empty() {
            patch["metadata"]["resourceVersion"] = json!(version);
        }
        after = change
            .patch(object, (PatchType::Strategic, patch), None, io)?
            .to_json();
    }
    change.tell(&after, "selector updated", io)
}

/// A requirement in Go's notation.
fn shown(one: &Requirement) -> String {
    let operator = match one.operator {
        Operator::In => "In",
        Operator::Exists => "Exists",
        Operator::DoesNotExist => "DoesNotExist",
        _ => "NotIn",
    };
    let values: Vec<&str> = one.values.iter().map(String::as_str).collect();
    format!("{{{} {operator} [{}]}}", one.key, values.join(" "))
}
