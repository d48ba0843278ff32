//! `kubectl set image`, `env`, `resources`, `selector` and `serviceaccount`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/set`.

mod env;
mod selector;
mod setting;

use super::builder::{self, Chosen};
use super::change::Change;
use super::errors::Error;
use super::flags::{DryRun, Parsed};
use super::label::split;
use super::session::{Io, Once};
use petset_cluster::Object;
use petset_cluster::api::{PatchType, strategic};
use serde_json::{Value, json};
use setting::Setting;

/// Begins a sub-command of `kubectl set`.
pub(crate) fn start(parsed: Parsed) -> Once<Parsed> {
    Once::new(parsed, run)
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if parsed.is("local") && parsed.dry_run()? == DryRun::Server {
        return Err(Error::plain(
            "cannot specify --local and --dry-run=server - did you mean --dry-run=client?",
        ));
    }
    match parsed.command {
        "set env" => env::run(parsed, io),
        "set selector" => selector::run(parsed, io),
        "set image" => {
            let (resources, pairs) = split(&parsed.args, "image")?;
            let chosen = builder::chosen(parsed, resources, io)?;
            let setting = Setting::images(&pairs)?;
            change_all(parsed, &setting, chosen, io)
        }
        "set serviceaccount" => {
            let Some((last, resources)) = parsed.args.split_last() else {
                return Err(Error::plain("serviceaccount is required"));
            };
            let chosen = builder::chosen(parsed, resources.to_vec(), io)?;
            let setting = Setting::ServiceAccount(last.clone());
            change_all(parsed, &setting, chosen, io)
        }
        _ => {
            let chosen = builder::chosen(parsed, parsed.args.clone(), io)?;
            let setting = Setting::resources(parsed)?;
            change_all(parsed, &setting, chosen, io)
        }
    }
}

fn change_all(
    parsed: &Parsed,
    setting: &Setting,
    chosen: Chosen,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let mut change = Change::new(parsed, "kubectl-set")?;
    change.may_be_local(parsed);
    let mut errors = chosen.errors;
    for object in chosen.objects {
        errors.extend(one(parsed, &object, setting, &mut change, io).err());
    }
    Error::of(errors)
}

/// Where the pod's spec stands in an object; none if it has none.
fn pod_spec(object: &Object) -> Option<&'static str> {
    match object {
        Object::Pod(_) => Some("/spec"),
        Object::DaemonSet(_)
        | Object::Deployment(_)
        | Object::Job(_)
        | Object::ReplicaSet(_)
        | Object::StatefulSet(_) => Some("/spec/template/spec"),
        Object::CronJob(_) => Some("/spec/jobTemplate/spec/template/spec"),
        _ => None,
    }
}

fn no_pod_spec(object: &Object) -> Error {
    let info = object.kind().info();
    let (plural, name) = (info.plural, object.name());
    Error::plain(format!(
        "error: {plural}/{name} the object is not a pod or does not have a pod template: *{}.{}\n",
        info.version, info.kind
    ))
}

fn one(
    parsed: &Parsed,
    object: &Object,
    setting: &Setting,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let before = object.to_json();
    let mut after = before.clone();
    let spec = pod_spec(object).and_then(|path| after.pointer_mut(path));
    let Some(spec) = spec else {
        return Err(no_pod_spec(object));
    };
    Error::of(setting.apply(spec, parsed))?;
    send(object, &before, after, setting, change, io)
}

/// Sends what has changed and tells of it.
fn send(
    object: &Object,
    before: &Value,
    mut after: Value,
    setting: &Setting,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let (did, what) = setting.words();
    let patch = strategic::two_way(object.kind(), before, &after).map_err(Error::plain)?;
    if patch == json!({}) && !setting.tells_always() {
        return Ok(());
    }
    if change.dry_run != DryRun::Client {
        after = change
            .patch(object, (PatchType::Strategic, patch), None, io)
            .map_err(|error| Error::plain(format!("failed to patch {what} {}", error.message())))?
            .to_json();
    }
    change.tell(&after, did, io)
}
