//! `kubectl create job` and `create cronjob`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_job.go`, `create_cronjob.go`.

use crate::kubectl::builder::{Query, Selection};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::session::Io;
use petset_cluster::{Kind, Object};
use serde_json::{Value, json};

/// The job that the command line describes.
///
/// # Errors
/// Flags that do not fit each other, or no cron job of the name in `--from`.
pub(super) fn job(
    parsed: &Parsed,
    name: &str,
    command: &[String],
    io: &mut Io<'_, '_>,
) -> Result<Value, Error> {
    let (image, from) = (parsed.text("image"), parsed.text("from"));
    if image.is_empty() == from.is_empty() {
        return Err(Error::plain("either --image or --from must be specified"));
    }
    if !command.is_empty() && !from.is_empty() {
        return Err(Error::plain("cannot specify --from and command"));
    }
    if from.is_empty() {
        return Ok(json!({ "spec": spec(name, image, command, "Never"), "status": {} }));
    }
    let query = Query {
        args: vec![from.to_owned()],
        namespace: io.session.namespace.clone(),
        ..Query::default()
    };
    let target = match query.select()? {
        Selection::Named { targets, .. } if targets.len() == 1 => targets.into_iter().next(),
        _ => None,
    };
    let target = target.ok_or_else(|| Error::plain("from must be an existing cronjob"))?;
    let found = io.get(target.kind, &target.namespace, &target.name)?;
    let Object::CronJob(_) = &*found else {
        let info = found.kind().info();
        return Err(Error::plain(format!(
            "unknown object type *{}.{}",
            info.version, info.kind
        )));
    };
    let whole = found.to_json();
    let template = &whole["spec"]["jobTemplate"];
    let mut annotations = json!({"cronjob.kubernetes.io/instantiate": "manual"});
    let more = template.pointer("/metadata/annotations");
    for (key, value) in more.and_then(Value::as_object).into_iter().flatten() {
        annotations[key] = value.clone();
    }
    let mut meta = json!({
        "annotations": annotations,
        "ownerReferences": [{
            "apiVersion": Kind::CronJob.info().api_version(),
            "kind": "CronJob",
            "name": found.name(),
            "uid": found.uid(),
            "controller": true,
        }],
    });
    if let Some(labels) = template.pointer("/metadata/labels") {
        meta["labels"] = labels.clone();
    }
    Ok(json!({ "metadata": meta, "spec": template["spec"], "status": {} }))
}

/// The cron job that the command line describes.
pub(super) fn cron_job(parsed: &Parsed, name: &str, command: &[String]) -> Value {
    let restart = match parsed.text("restart") {
        "" => "OnFailure",
        given => given,
    };
    let spec = spec(name, parsed.text("image"), command, restart);
    json!({ "spec": {
        "schedule": parsed.text("schedule"),
        "jobTemplate": { "metadata": { "name": name }, "spec": spec },
    }, "status": {} })
}

fn spec(name: &str, image: &str, command: &[String], restart: &str) -> Value {
    let mut container = json!({ "name": name, "image": image, "resources": {} });
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    json!({ "template": {
        "metadata": {},
        "spec": { "containers": [container], "restartPolicy": restart },
    } })
}
