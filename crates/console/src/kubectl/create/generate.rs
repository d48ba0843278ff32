//! `kubectl create namespace`, `configmap`, `secret generic`, `serviceaccount` and `service`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_*.go`.

use crate::kubectl::change::Change;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{DryRun, Parsed};
use crate::kubectl::session::{Io, Once};
use petset_cluster::Kind;
use serde_json::{Map, Value, json};

/// A generator by its command's words; none if it is not simulated.
pub(crate) fn generator(path: &str, parsed: Parsed) -> Option<Once<Parsed>> {
    let known = matches!(
        path,
        "create namespace"
            | "create configmap"
            | "create secret generic"
            | "create serviceaccount"
            | "create service clusterip"
            | "create service nodeport"
            | "create cronjob"
            | "create deployment"
            | "create job"
    );
    known.then(|| Once::new(parsed, run))
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let names = parsed.dash_at.unwrap_or(parsed.args.len());
    let (Some(name), 1) = (parsed.args.first(), names) else {
        return Err(Error::usage(
            parsed.command,
            &format!("exactly one NAME is required, got {names}"),
        ));
    };
    let command = parsed.args.get(1..).unwrap_or_default();
    let mut change = Change::new(parsed, "kubectl-create")?;
    let (kind, what, object) = match parsed.command {
        "create namespace" => (Kind::Namespace, "", json!({"spec": {}, "status": {}})),
        "create configmap" => (Kind::ConfigMap, "configmap: ", data(parsed, io, false)?),
        "create secret generic" => (Kind::Secret, "secret ", data(parsed, io, true)?),
        "create job" => (
            Kind::Job,
            "job: ",
            super::job::job(parsed, name, command, io)?,
        ),
        "create cronjob" => (
            Kind::CronJob,
            "cronjob: ",
            super::job::cron_job(parsed, name, command)?,
        ),
        "create deployment" => (
            Kind::Deployment,
            "deployment: ",
            super::deployment::manifest(parsed, name, io)?,
        ),
        "create serviceaccount" => (Kind::ServiceAccount, "serviceaccount: ", json!({})),
        "create service nodeport" => (
            Kind::Service,
            "NodePort service: ",
            service(parsed, name, "NodePort")?,
        ),
        _ => (
            Kind::Service,
            "ClusterIP service: ",
            service(parsed, name, "ClusterIP")?,
        ),
    };
    let object = complete(kind, name, object, io);
    let namespace = if kind.info().namespaced {
        io.session.namespace.clone()
    } else {
        String::new()
    };
    if change.dry_run == DryRun::Client {
        return change.tell(&object, "created", io);
    }
    let created = change
        .create(kind, &namespace, object, io)
        .map_err(|error| match error {
            Error::Status(status) if !what.is_empty() => {
                Error::plain(format!("failed to create {what}{}", status.message))
            }
            other => other,
        })?;
    change.tell(&created.to_json(), "created", io)
}

/// Adds kind, name and, where `-n` was given, the namespace.
fn complete(kind: Kind, name: &str, object: Value, io: &Io<'_, '_>) -> Value {
    let mut map = match object {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    let info = kind.info();
    let mut meta = match map.remove("metadata") {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    meta.insert("name".to_owned(), json!(name));
    if info.namespaced && io.session.namespace_given {
        meta.insert("namespace".to_owned(), json!(io.session.namespace));
    }
    map.insert("apiVersion".to_owned(), json!(info.api_version()));
    map.insert("kind".to_owned(), json!(info.kind));
    map.insert("metadata".to_owned(), Value::Object(meta));
    Value::Object(map)
}

fn data(parsed: &Parsed, io: &Io<'_, '_>, secret: bool) -> Result<Value, Error> {
    let mut entries: Vec<(String, String)> = Vec::new();
    if parsed.changed("from-env-file") {
        return Err(Error::not_simulated("--from-env-file"));
    }
    for source in parsed.list("from-file") {
        let (key, path) = match source.split_once('=') {
            Some((key, path)) => (key, path),
            None => (source.rsplit('/').next().unwrap_or(source), source.as_str()),
        };
        let content = io.context.files.get(path.trim_start_matches("./"));
        let Some(content) = content else {
            return Err(Error::plain(format!(
                "error reading {path}: no such file or directory"
            )));
        };
        entries.push((key.to_owned(), content.clone()));
    }
    for literal in parsed.list("from-literal") {
        let Some((key, value)) = literal.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Error::plain(format!(
                "invalid literal source {literal}, expected key=value"
            )));
        };
        entries.push((key.to_owned(), value.trim_matches(['\'', '"']).to_owned()));
    }
    let mut map = Map::new();
    for (key, value) in entries {
        let value = if secret {
            base64(value.as_bytes())
        } else {
            value
        };
        if map.insert(key.clone(), json!(value)).is_some() {
            return Err(Error::plain(format!(
                "cannot add key \"{key}\", another key by that name already exists in Data"
            )));
        }
    }
    let mut object = Map::new();
    if !map.is_empty() {
        object.insert("data".to_owned(), Value::Object(map));
    }
    if secret && parsed.changed("type") {
        object.insert("type".to_owned(), json!(parsed.text("type")));
    }
    Ok(Value::Object(object))
}

/// Standard base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().enumerate().fold(0_u32, |group, (at, byte)| {
            group | u32::from(*byte) << (16 - 8 * at)
        });
        for at in 0..4 {
            if at <= chunk.len() {
                let index = (group >> (18 - 6 * at)) & 63;
                text.push(char::from(LETTERS[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

fn service(parsed: &Parsed, name: &str, kind: &str) -> Result<Value, Error> {
    let headless = parsed.text("clusterip") == "None";
    let ports = parsed.list("tcp");
    if ports.is_empty() && !headless {
        return Err(Error::plain(
            "at least one tcp port specifier must be provided",
        ));
    }
    if parsed.changed("clusterip") && !headless {
        return Err(Error::not_simulated("--clusterip with an address"));
    }
    let mut list = Vec::new();
    for spec in ports {
        let (port, target) = spec.split_once(':').unwrap_or((spec, spec));
        let number = |text: &str| -> Result<u16, Error> {
            text.parse()
                .map_err(|_| Error::plain(format!("{text} is not a valid port number")))
        };
        let port_number = number(port)?;
        let target: Value = match target.parse::<u16>() {
            Ok(number) => json!(number),
            Err(_) => json!(target),
        };
        let mut entry = json!({
            "name": spec.replace(':', "-"), "port": port_number, "protocol": "TCP", "targetPort": target,
        });
        if kind == "NodePort" && parsed.number("node-port") > 0 {
            entry["nodePort"] = json!(parsed.number("node-port"));
        }
        list.push(entry);
    }
    let mut spec = json!({"selector": {"app": name}, "type": kind});
    if !list.is_empty() {
        spec["ports"] = Value::Array(list);
    }
    if headless {
        spec["clusterIP"] = json!("None");
    }
    Ok(json!({
        "metadata": {"labels": {"app": name}},
        "spec": spec,
        "status": {"loadBalancer": {}},
    }))
}
