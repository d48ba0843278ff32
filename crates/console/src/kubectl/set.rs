//! `kubectl set image`, `env`, `resources`, `selector` and `serviceaccount`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/set`.

use super::builder::{self, Query};
use super::change::Change;
use super::errors::{Error, quote};
use super::flags::{DryRun, Parsed};
use super::label::split;
use super::session::{Io, Once};
use petset_cluster::Object;
use petset_cluster::api::{PatchType, strategic};
use serde_json::{Map, Value, json};

/// Begins a sub-command of `kubectl set`.
pub(crate) fn start(parsed: Parsed) -> Once<Parsed> {
    Once::new(parsed, run)
}

/// What is set.
enum Setting {
    Image(Vec<(String, String)>),
    Env(Vec<(String, Option<String>)>),
    Resources(Value),
    Selector(Value),
    ServiceAccount(String),
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if parsed.is("local") {
        return Err(Error::not_simulated(format!("{} --local", parsed.command)));
    }
    let (resources, setting) = read(parsed)?;
    if resources.is_empty() && !parsed.changed("filename") {
        return Err(Error::plain(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    setting.check(parsed)?;
    let mut change = Change::new(parsed, "kubectl-set")?;
    let selection = if parsed.changed("filename") {
        super::get::select(parsed, io, false)?
    } else {
        let mut query = Query::new(parsed, io.session);
        query.args = resources;
        query.select()?
    };
    let (objects, mut errors) = builder::fetch(&selection, io);
    for object in objects {
        errors.extend(one(parsed, &object, &setting, &mut change, io).err());
    }
    Error::of(errors)
}

fn read(parsed: &Parsed) -> Result<(Vec<String>, Setting), Error> {
    match parsed.command {
        "set image" => {
            let (resources, pairs) = split(&parsed.args, "image")?;
            let pairs = pairs.iter().map(|pair| match pair.split_once('=') {
                Some((name, image)) => Ok((name.to_owned(), image.to_owned())),
                None => Err(Error::plain(format!("invalid image format: {pair}"))),
            });
            Ok((resources, Setting::Image(pairs.collect::<Result<_, _>>()?)))
        }
        "set env" => {
            if parsed.is("list") || parsed.changed("from") || parsed.is("resolve") {
                return Err(Error::not_simulated("set env --list, --from and --resolve"));
            }
            let (resources, pairs) = split(&parsed.args, "env")?;
            let pairs = pairs.iter().chain(parsed.list("env")).map(|pair| {
                match (pair.split_once('='), pair.strip_suffix('-')) {
                    (Some((name, value)), _) => (name.to_owned(), Some(value.to_owned())),
                    (None, Some(name)) => (name.to_owned(), None),
                    (None, None) => (pair.clone(), None),
                }
            });
            Ok((resources, Setting::Env(pairs.collect())))
        }
        "set selector" => {
            let Some((last, resources)) = parsed.args.split_last() else {
                return Err(Error::plain("one selector is required"));
            };
            Ok((resources.to_vec(), Setting::Selector(selector(last)?)))
        }
        "set serviceaccount" => {
            let Some((last, resources)) = parsed.args.split_last() else {
                return Err(Error::plain("serviceaccount is required"));
            };
            Ok((resources.to_vec(), Setting::ServiceAccount(last.clone())))
        }
        _ => {
            let mut map = Map::new();
            for name in ["limits", "requests"] {
                let pairs: Vec<&str> = parsed
                    .text(name)
                    .split(',')
                    .filter(|pair| !pair.is_empty())
                    .collect();
                let mut quantities = Map::new();
                for pair in pairs {
                    let Some((resource, quantity)) = pair.split_once('=') else {
                        return Err(Error::plain(format!(
                            "invalid argument syntax {pair}, expected <resource>=<value>"
                        )));
                    };
                    quantities.insert(resource.to_owned(), json!(quantity));
                }
                if !quantities.is_empty() {
                    map.insert(name.to_owned(), Value::Object(quantities));
                }
            }
            Ok((parsed.args.clone(), Setting::Resources(Value::Object(map))))
        }
    }
}

/// Labels by equality: `a=b,c=d`.
fn selector(text: &str) -> Result<Value, Error> {
    let mut labels = Map::new();
    for pair in text.split(',').filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=').filter(|_| !pair.contains("!=")) else {
            return Err(Error::plain(format!(
                "couldn't parse the selector string {}: only equality is supported on this object",
                quote(text)
            )));
        };
        labels.insert(
            key.trim().to_owned(),
            json!(value.trim_start_matches('=').trim()),
        );
    }
    Ok(Value::Object(labels))
}

impl Setting {
    fn check(&self, parsed: &Parsed) -> Result<(), Error> {
        let why = match self {
            Setting::Image(pairs) if pairs.is_empty() => "at least one image update is required",
            Setting::Image(pairs)
                if pairs.len() > 1 && pairs.iter().any(|(name, _)| name == "*") =>
            {
                "all containers are already specified by *, but saw more than one container_name=container_image pairs"
            }
            Setting::Env(pairs) if pairs.is_empty() => {
                "at least one environment variable must be provided"
            }
            Setting::Resources(value) if value == &json!({}) => {
                "you must specify an update to requests or limits (in the form of --requests/--limits)"
            }
            _ => return Ok(()),
        };
        if parsed.command == "set env" {
            return Err(Error::usage("set env", why));
        }
        Err(Error::plain(why))
    }

    fn done(&self) -> (&'static str, &'static str) {
        match self {
            Setting::Image(_) => ("image updated", "image update"),
            Setting::Env(_) => ("env updated", "env update"),
            Setting::Resources(_) => ("resource requirements updated", "limit update"),
            Setting::Selector(_) => ("selector updated", "selector"),
            Setting::ServiceAccount(_) => ("serviceaccount updated", "ServiceAccountName"),
        }
    }

    /// Changes the containers of a pod's spec.
    fn apply(&self, spec: &mut Value, parsed: &Parsed) -> Vec<Error> {
        let wanted = match parsed.text("containers") {
            "" => "*",
            name => name,
        };
        let mut errors = Vec::new();
        match self {
            Setting::Image(pairs) => {
                for (name, image) in pairs {
                    let mut found = false;
                    for container in containers(spec, &["initContainers", "containers"], name) {
                        container["image"] = json!(image);
                        found = true;
                    }
                    if !found {
                        errors.push(Error::plain(format!(
                            "error: unable to find container named {}",
                            quote(name)
                        )));
                    }
                }
            }
            Setting::Env(pairs) => {
                for container in containers(spec, &["containers"], wanted) {
                    for (name, value) in pairs {
                        set_env(container, name, value.as_deref());
                    }
                }
            }
            Setting::Selector(labels) => spec["selector"] = labels.clone(),
            Setting::ServiceAccount(name) => spec["serviceAccountName"] = json!(name),
            Setting::Resources(values) => {
                for container in containers(spec, &["containers"], wanted) {
                    for (part, quantities) in values.as_object().into_iter().flatten() {
                        for (name, quantity) in quantities.as_object().into_iter().flatten() {
                            container["resources"][part][name] = quantity.clone();
                        }
                    }
                }
            }
        }
        errors
    }
}

fn containers<'v>(spec: &'v mut Value, fields: &[&'static str], name: &str) -> Vec<&'v mut Value> {
    let Some(map) = spec.as_object_mut() else {
        return Vec::new();
    };
    map.iter_mut()
        .filter(|(field, _)| fields.contains(&field.as_str()))
        .flat_map(|(_, list)| list.as_array_mut().into_iter().flatten())
        .filter(|container| {
            name == "*" || container.get("name").and_then(Value::as_str) == Some(name)
        })
        .collect()
}

fn set_env(container: &mut Value, name: &str, value: Option<&str>) {
    let Some(map) = container.as_object_mut() else {
        return;
    };
    let list = map.entry("env").or_insert_with(|| json!([]));
    let Some(entries) = list.as_array_mut() else {
        return;
    };
    let at = entries
        .iter()
        .position(|entry| entry.get("name").and_then(Value::as_str) == Some(name));
    match (at, value) {
        (Some(at), None) => {
            entries.remove(at);
        }
        (Some(at), Some(value)) => entries[at] = json!({"name": name, "value": value}),
        (None, Some(value)) => entries.push(json!({"name": name, "value": value})),
        (None, None) => {}
    }
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
    let path = match object {
        Object::Service(_) if matches!(setting, Setting::Selector(_)) => "/spec",
        _ if matches!(setting, Setting::Selector(_)) => {
            return Err(Error::plain(
                "setting a selector is only supported for Services",
            ));
        }
        Object::Pod(_) => "/spec",
        Object::DaemonSet(_)
        | Object::Deployment(_)
        | Object::ReplicaSet(_)
        | Object::StatefulSet(_) => "/spec/template/spec",
        other => {
            let info = other.kind().info();
            return Err(Error::plain(format!(
                "{}/{} the object is not a pod or does not have a pod template",
                info.plural,
                other.name()
            )));
        }
    };
    let errors = after
        .pointer_mut(path)
        .map(|spec| setting.apply(spec, parsed))
        .unwrap_or_default();
    Error::of(errors)?;
    let patch = strategic::two_way(object.kind(), &before, &after).map_err(Error::plain)?;
    if patch == json!({}) {
        return Ok(());
    }
    let (did, what) = setting.done();
    if change.dry_run != DryRun::Client {
        after = change
            .patch(object, (PatchType::Strategic, patch), None, io)
            .map_err(|error| {
                Error::plain(format!(
                    "failed to patch {what} to pod template: {}",
                    error.message()
                ))
            })?
            .to_json();
    }
    change.tell(&after, did, io)
}
