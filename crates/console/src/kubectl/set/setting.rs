//! What `kubectl set` changes in the spec of a pod.

use crate::kubectl::errors::Error;
use crate::kubectl::files::glob;
use crate::kubectl::flags::Parsed;
use petset_cluster::api::quantity::Amount;
use serde_json::{Map, Value, json};

/// What is set.
pub(super) enum Setting {
    Image(Vec<(String, String)>),
    Env(Vec<Value>, Vec<String>),
    Resources(Value),
    ServiceAccount(String),
}

impl Setting {
    /// Images by the names of containers.
    ///
    /// # Errors
    /// No pair, or a pair too many.
    pub(super) fn images(pairs: &[String]) -> Result<Setting, Error> {
        let pairs: Vec<(String, String)> = pairs
            .iter()
            .map(|pair| match pair.split_once('=') {
                Some((name, image)) => Ok((name.to_owned(), image.to_owned())),
                None => Err(Error::plain(format!("invalid image format: {pair}"))),
            })
            .collect::<Result<_, _>>()?;
        if pairs.is_empty() {
            return Err(Error::plain("at least one image update is required"));
        }
        if pairs.len() > 1 && pairs.iter().any(|(name, _)| name == "*") {
            return Err(Error::plain(
                "all containers are already specified by *, but saw more than one container_name=container_image pairs",
            ));
        }
        Ok(Setting::Image(pairs))
    }

    /// Limits and requests.
    ///
    /// # Errors
    /// Neither is given, or an amount is none.
    pub(super) fn resources(parsed: &Parsed) -> Result<Setting, Error> {
        let mut map = Map::new();
        for name in ["limits", "requests"] {
            let mut quantities = Map::new();
            let pairs = parsed.text(name).split(',').filter(|pair| !pair.is_empty());
            for pair in pairs {
                let Some((resource, amount)) = pair.split_once('=') else {
                    return Err(Error::plain(format!(
                        "Invalid argument syntax {pair}, expected <resource>=<value>"
                    )));
                };
                let amount = Amount::parse(amount).map_err(Error::plain)?;
                quantities.insert(resource.to_owned(), json!(amount.canonical()));
            }
            if !quantities.is_empty() {
                map.insert(name.to_owned(), Value::Object(quantities));
            }
        }
        if map.is_empty() {
            return Err(Error::plain(
                "you must specify an update to requests or limits (in the form of --requests/--limits)",
            ));
        }
        Ok(Setting::Resources(Value::Object(map)))
    }

    /// What was done, and what failed.
    pub(super) fn words(&self) -> (&'static str, &'static str) {
        match self {
            Setting::Image(_) => ("image updated", "image update to pod template:"),
            Setting::Env(..) => ("env updated", "env update to pod template:"),
            Setting::Resources(_) => (
                "resource requirements updated",
                "resources update to pod template",
            ),
            Setting::ServiceAccount(_) => ("serviceaccount updated", "ServiceAccountName"),
        }
    }

    /// Whether success is told although nothing has changed.
    pub(super) fn tells_always(&self) -> bool {
        matches!(self, Setting::ServiceAccount(_))
    }

    /// Changes the spec of a pod.
    pub(super) fn apply(&self, spec: &mut Value, parsed: &Parsed) -> Vec<Error> {
        let mut errors = Vec::new();
        match self {
            Setting::Image(pairs) => {
                for (name, image) in pairs {
                    let mut found = false;
                    each_container(spec, name, &mut |container| {
                        container["image"] = json!(image);
                        found = true;
                    });
                    if !found {
                        errors.push(Error::plain(format!(
                            "error: unable to find container named \"{name}\""
                        )));
                    }
                }
            }
            Setting::Env(set, remove) => {
                each_container(spec, wanted(parsed), &mut |container| {
                    set_env(container, set, remove);
                });
            }
            Setting::ServiceAccount(name) => spec["serviceAccountName"] = json!(name),
            Setting::Resources(values) => {
                let mut found = false;
                each_container(spec, wanted(parsed), &mut |container| {
                    found = true;
                    for (part, quantities) in values.as_object().into_iter().flatten() {
                        for (name, quantity) in quantities.as_object().into_iter().flatten() {
                            container["resources"][part][name] = quantity.clone();
                        }
                    }
                });
                if !found {
                    errors.push(Error::plain(format!(
                        "error: unable to find container named {}",
                        wanted(parsed)
                    )));
                }
            }
        }
        errors
    }
}

/// The containers that `-c` names.
pub(super) fn wanted(parsed: &Parsed) -> &str {
    match parsed.text("containers") {
        "" => "*",
        name => name,
    }
}

/// Goes through the containers whose names fit, the ordinary ones first.
pub(super) fn each_container(spec: &mut Value, name: &str, act: &mut dyn FnMut(&mut Value)) {
    for field in ["containers", "initContainers"] {
        let containers = spec.get_mut(field).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let own = container.get("name").and_then(Value::as_str);
            if own.is_some_and(|own| glob(name, own)) {
                act(container);
            }
        }
    }
}

fn set_env(container: &mut Value, set: &[Value], remove: &[String]) {
    let Some(map) = container.as_object_mut() else {
        return;
    };
    let mut list = match map.remove("env") {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    list.retain(|entry| {
        let name = entry.get("name").and_then(Value::as_str);
        !remove.iter().any(|gone| Some(gone.as_str()) == name)
    });
    for entry in set {
        match list.iter_mut().find(|old| old["name"] == entry["name"]) {
            Some(old) => *old = entry.clone(),
            None => list.push(entry.clone()),
        }
    }
    if !list.is_empty() {
        map.insert("env".to_owned(), Value::Array(list));
    }
}
