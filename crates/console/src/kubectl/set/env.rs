//! `kubectl set env`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/set/set_env.go`, `pkg/cmd/set/env`.

use super::setting::{Setting, each_container, wanted};
use super::{no_pod_spec, pod_spec, send};
use crate::kubectl::builder::{self, Query};
use crate::kubectl::change::Change;
use crate::kubectl::create::check_variable;
use crate::kubectl::errors::{Error, quote};
use crate::kubectl::flags::Parsed;
use crate::kubectl::session::Io;
use petset_cluster::{Kind, Object};
use serde_json::{Value, json};

pub(super) fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let (resources, pairs) = split(&parsed.args)?;
    check(parsed, &resources)?;
    let pairs: Vec<&String> = parsed.list("env").iter().chain(&pairs).collect();
    let (mut set, remove) = variables(&pairs)?;
    if parsed.changed("from") {
        set.extend(from(parsed, io)?);
    }
    for entry in &mut set {
        let name = entry["name"].as_str().unwrap_or("");
        entry["name"] = json!(format!("{}{name}", parsed.text("prefix")));
    }
    let chosen = builder::chosen(parsed, resources, io)?;
    if parsed.is("list") {
        for object in &chosen.objects {
            list(parsed, object, io)?;
        }
        return Error::of(chosen.errors);
    }
    let mut change = Change::new(parsed, "kubectl-set")?;
    change.may_be_local(parsed);
    let mut errors = chosen.errors;
    let setting = Setting::Env(set, remove);
    for object in &chosen.objects {
        errors.extend(one(parsed, object, &setting, &mut change, io).err());
    }
    Error::of(errors)
}

/// Resources first, then variables.
fn split(args: &[String]) -> Result<(Vec<String>, Vec<String>), Error> {
    let is_env = |arg: &String| arg.ends_with('-') || arg.find('=').is_some_and(|at| at > 0);
    let at = args.iter().position(is_env).unwrap_or(args.len());
    let (resources, pairs) = args.split_at(at);
    if !pairs.iter().all(is_env) {
        return Err(Error::plain(format!(
            "all resources must be specified before environment changes: {}",
            args.join(" ")
        )));
    }
    Ok((resources.to_vec(), pairs.to_vec()))
}

fn check(parsed: &Parsed, resources: &[String]) -> Result<(), Error> {
    let why = if parsed.is("all") && !parsed.text("selector").is_empty() {
        "cannot set --all and --selector at the same time"
    } else if !parsed.changed("filename") && resources.is_empty() {
        "one or more resources must be specified as <resource> <name> or <resource>/<name>"
    } else if parsed.is("list") && !parsed.text("output").is_empty() {
        "--list and --output may not be specified together"
    } else if parsed.changed("keys") && !parsed.changed("from") {
        "when specifying --keys, a configmap or secret must be provided with --from"
    } else {
        return Ok(());
    };
    Err(Error::plain(why))
}

fn variables(pairs: &[&String]) -> Result<(Vec<Value>, Vec<String>), Error> {
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    for pair in pairs {
        if let Some((name, value)) = pair.split_once('=') {
            check_variable(name)?;
            let entry = match value {
                "" => json!({"name": name}),
                value => json!({"name": name, "value": value}),
            };
            set.push(entry);
        } else if pair.as_str() == "-" {
            return Err(Error::not_simulated(
                "set env - (variables from standard input)",
            ));
        } else if let Some(name) = pair.strip_suffix('-') {
            remove.push(name.to_owned());
        } else {
            return Err(Error::plain(format!(
                "unknown environment variable: {pair}"
            )));
        }
    }
    if remove
        .iter()
        .any(|name| set.iter().any(|entry| entry["name"] == **name))
    {
        return Err(Error::plain(
            "can not both modify and remove the same environment variable in the same command",
        ));
    }
    Ok((set, remove))
}

/// A variable for each key of a config map or secret.
fn from(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<Vec<Value>, Error> {
    let mut query = Query::new(parsed, io.session);
    query.args = vec![parsed.text("from").to_owned()];
    let (objects, errors) = builder::fetch(&query.select()?, io);
    Error::of(errors)?;
    let mut entries = Vec::new();
    for object in objects {
        let reference = match object.kind() {
            Kind::ConfigMap => "configMapKeyRef",
            Kind::Secret => "secretKeyRef",
            _ => return Err(Error::plain("unsupported resource specified in --from")),
        };
        let value = object.to_json();
        let keys = value["data"].as_object().into_iter().flatten();
        let asked = parsed.list("keys");
        for (key, _) in keys.filter(|(key, _)| asked.is_empty() || asked.contains(key)) {
            let name = variable_name(key);
            if name != *key {
                io.complain(&format!("Warning: key {key} transferred to {name}"));
            }
            let mut source = json!({});
            source[reference] = json!({"name": object.name(), "key": key});
            entries.push(json!({"name": name, "valueFrom": source}));
        }
    }
    Ok(entries)
}

/// A key in capital letters, with `_` for what no variable's name has.
fn variable_name(key: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphanumeric() || c == '_' {
        true => c.to_ascii_uppercase(),
        false => '_',
    };
    key.chars().map(letter).collect()
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
    let Some(spec) = pod_spec(object).and_then(|path| after.pointer_mut(path)) else {
        return Err(no_pod_spec(object));
    };
    let mut count = 0;
    let mut taken = None;
    if let Setting::Env(set, _) = setting {
        each_container(spec, wanted(parsed), &mut |container| {
            count += 1;
            let entries = container["env"].as_array().into_iter().flatten();
            for old in entries {
                let new = set.iter().find(|entry| entry["name"] == old["name"]);
                let differs = new.is_some_and(|new| new["value"] != old["value"]);
                if differs && taken.is_none() {
                    let text = |field: &str| old[field].as_str().unwrap_or("").to_owned();
                    taken = Some((text("name"), text("value")));
                }
            }
        });
    }
    if count == 0 {
        warn_of_none(parsed, object, io);
        return Ok(());
    }
    if parsed.changed("overwrite")
        && !parsed.is("overwrite")
        && let Some((name, value)) = taken
    {
        let (plural, object) = (object.kind().info().plural, object.name());
        return Err(Error::plain(format!(
            "error: {plural}/{object} '{name}' already has a value ({value}), and --overwrite is false\n"
        )));
    }
    setting.apply(spec, parsed);
    send(object, &before, after, setting, change, io)
}

fn warn_of_none(parsed: &Parsed, object: &Object, io: &mut Io<'_, '_>) {
    io.complain(&format!(
        "Warning: {}/{} does not have any containers matching {}",
        object.kind().info().kind,
        object.name(),
        quote(wanted(parsed))
    ));
}

/// `--list`.
fn list(parsed: &Parsed, object: &Object, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let mut value = object.to_json();
    let Some(spec) = pod_spec(object).and_then(|path| value.pointer_mut(path)) else {
        return Ok(());
    };
    let mut containers = Vec::new();
    each_container(spec, wanted(parsed), &mut |container| {
        containers.push(container.clone());
    });
    if containers.is_empty() {
        warn_of_none(parsed, object, io);
    }
    let mut unresolved = false;
    for container in containers {
        let name = container["name"].as_str().unwrap_or("");
        let kind = object.kind().info().kind;
        io.line(&format!("# {kind} {}, container {name}", object.name()));
        for entry in container["env"].as_array().into_iter().flatten() {
            let name = entry["name"].as_str().unwrap_or("");
            let source = &entry["valueFrom"];
            if source.is_null() {
                let value = entry["value"].as_str().unwrap_or("");
                io.line(&format!("{name}={value}"));
                continue;
            }
            let resolved = match parsed.is("resolve") {
                true => Some(resolve(object, source, io)),
                false => None,
            };
            match resolved {
                Some(Ok(value)) => io.line(&format!("{name}={value}")),
                other => {
                    io.line(&format!("# {name} from {}", reference(source)));
                    if let Some(Err(why)) = other {
                        io.complain(&format!("error retrieving reference for {name}: {why}"));
                        unresolved = true;
                    }
                }
            }
        }
    }
    match unresolved {
        true => Err(Error::plain("failed to retrieve valueFrom references")),
        false => Ok(()),
    }
}

fn reference(source: &Value) -> String {
    let text = |pointer: &str| {
        let found = source.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or("").to_owned()
    };
    for (field, what) in [("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")] {
        if source.get(field).is_some() {
            let (name, key) = (
                text(&format!("/{field}/name")),
                text(&format!("/{field}/key")),
            );
            return format!("{what} {name}, key {key}");
        }
    }
    if source.get("fieldRef").is_some() {
        return format!("field path {}", text("/fieldRef/fieldPath"));
    }
    if source.get("resourceFieldRef").is_some() {
        let container = match text("/resourceFieldRef/containerName") {
            none if none.is_empty() => none,
            name => format!("{name}/"),
        };
        let resource = text("/resourceFieldRef/resource");
        return format!("resource field {container}{resource}");
    }
    "invalid valueFrom".to_owned()
}

/// What a reference stands for now.
fn resolve(object: &Object, source: &Value, io: &mut Io<'_, '_>) -> Result<String, String> {
    let text = |pointer: &str| {
        let found = source.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or("").to_owned()
    };
    let namespace = io.session.namespace.clone();
    if source.get("configMapKeyRef").is_some() {
        let (name, key) = (text("/configMapKeyRef/name"), text("/configMapKeyRef/key"));
        let found = io.get(Kind::ConfigMap, &namespace, &name);
        let value = found.map_err(|error| error.message())?.to_json();
        let entry = value["data"].get(&key).and_then(Value::as_str);
        return entry
            .map(str::to_owned)
            .ok_or_else(|| format!("key {key} not found in config map {name}"));
    }
    if source.get("secretKeyRef").is_some() {
        let (name, key) = (text("/secretKeyRef/name"), text("/secretKeyRef/key"));
        let found = io.get(Kind::Secret, &namespace, &name);
        let found = found.map_err(|error| error.message())?;
        let data = match &*found {
            Object::Secret(secret) => secret.data.as_ref().and_then(|data| data.get(&key)),
            _ => None,
        };
        return data
            .map(|bytes| String::from_utf8_lossy(&bytes.0).into_owned())
            .ok_or_else(|| format!("key {key} not found in secret {name}"));
    }
    let meta = object.meta();
    match text("/fieldRef/fieldPath").as_str() {
        "metadata.name" => Ok(object.name().to_owned()),
        "metadata.namespace" => Ok(object.namespace().to_owned()),
        "metadata.uid" => Ok(meta.uid.clone().unwrap_or_default()),
        other => Err(format!("unsupported fieldPath: {other}")),
    }
}
