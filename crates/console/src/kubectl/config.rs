//! The kubeconfig, which is the hidden file `.kube/config` once something in it was changed; and `kubectl config`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/config`, `k8s.io/client-go/tools/clientcmd`.

mod commands;
mod property;

use super::errors::{Error, quote};
use super::flags::Parsed;
use super::session::Session;
use crate::command::Files;
pub(crate) use commands::run;
use petset_manifest::to_yaml;
use serde_json::{Value, json};

/// Where the API server is said to be.
pub(crate) const SERVER: &str = "https://10.10.0.1:6443";

const FILE: &str = ".kube/config";
/// The file as messages name it.
const SHOWN_FILE: &str = "/home/learner/.kube/config";
const CONTEXT: &str = "petset";
const USER: &str = "admin";

/// The lists of a kubeconfig, and what each entry holds.
const LISTS: [(&str, &str); 3] = [
    ("clusters", "cluster"),
    ("contexts", "context"),
    ("users", "user"),
];

/// The kubeconfig; what cannot be read counts as not there.
fn load(files: &Files) -> Value {
    let text = files.get(FILE).map_or("", String::as_str);
    let (documents, _) = petset_manifest::read(text);
    let found = documents.into_iter().next().map(|document| document.value);
    let mut config = found.filter(Value::is_object).unwrap_or_else(|| {
        json!({
            "clusters": [{"name": CONTEXT, "cluster": {"certificate-authority-data": "Tm90IGEgY2VydGlmaWNhdGU=", "server": SERVER}}],
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": USER}}],
            "current-context": CONTEXT,
            "users": [{"name": USER, "user": {"client-certificate-data": "Tm90IGEgY2VydGlmaWNhdGU=", "client-key-data": "Tm90IGEga2V5"}}],
        })
    });
    config["apiVersion"] = json!("v1");
    config["kind"] = json!("Config");
    for (list, _) in LISTS {
        if !config[list].is_array() {
            config[list] = json!([]);
        }
    }
    if !config["current-context"].is_string() {
        config["current-context"] = json!("");
    }
    config
}

fn save(config: &Value, files: &mut Files) {
    files.insert(FILE.to_owned(), to_yaml(config));
}

/// The entry of a list, by its name.
fn entry<'c>(config: &'c Value, list: &str, name: &str) -> Option<&'c Value> {
    let inner = LISTS.iter().find(|(of, _)| *of == list)?.1;
    let entries = config[list].as_array()?;
    let found = entries.iter().find(|entry| entry["name"] == name)?;
    Some(&found[inner])
}

/// The entry of a list, made if it is not there. Lists are sorted by name, as kubectl writes them.
fn entry_mut<'c>(config: &'c mut Value, list: &str, name: &str) -> Option<&'c mut Value> {
    let inner = LISTS.iter().find(|(of, _)| *of == list)?.1;
    let entries = config[list].as_array_mut()?;
    let at = match entries.iter().position(|entry| entry["name"] == name) {
        Some(at) => at,
        None => {
            let at = entries
                .iter()
                .position(|entry| entry["name"].as_str().is_some_and(|other| other > name));
            let at = at.unwrap_or(entries.len());
            let mut made = json!({"name": name});
            made[inner] = json!({});
            entries.insert(at, made);
            at
        }
    };
    let found = &mut entries[at][inner];
    if !found.is_object() {
        *found = json!({});
    }
    Some(found)
}

/// Removes the entry of a list. Returns whether it was there.
fn remove(config: &mut Value, list: &str, name: &str) -> bool {
    let Some(entries) = config[list].as_array_mut() else {
        return false;
    };
    let before = entries.len();
    entries.retain(|entry| entry["name"] != name);
    entries.len() < before
}

fn names(config: &Value, list: &str) -> Vec<String> {
    let entries = config[list].as_array().into_iter().flatten();
    entries
        .filter_map(|entry| entry["name"].as_str().map(str::to_owned))
        .collect()
}

fn text<'v>(value: Option<&'v Value>, field: &str) -> &'v str {
    value.and_then(|value| value[field].as_str()).unwrap_or("")
}

/// The namespace of the current context, if it names one.
pub(crate) fn chosen_namespace(files: &Files) -> Option<String> {
    if !files.contains_key(FILE) {
        return None;
    }
    let config = load(files);
    let context = entry(&config, "contexts", text(Some(&config), "current-context"));
    let namespace = text(context, "namespace");
    (!namespace.is_empty()).then(|| namespace.to_owned())
}

/// Commands that do their work without a server.
fn works_alone(parsed: &Parsed) -> bool {
    let first = parsed.command.split(' ').next().unwrap_or("");
    matches!(
        first,
        "config" | "completion" | "options" | "plugin" | "kustomize" | "kuberc"
    ) || (first == "version" && parsed.is("client"))
}

/// Finds the cluster that the command line and the kubeconfig mean, and the namespace there.
///
/// # Errors
/// A context, cluster or user that is not there, or a cluster that is not this one.
pub(crate) fn connect(parsed: &Parsed, session: &mut Session, files: &Files) -> Result<(), Error> {
    if works_alone(parsed) {
        return Ok(());
    }
    if !parsed.text("kubeconfig").is_empty() {
        return Err(Error::plain(format!(
            "stat {}: no such file or directory",
            parsed.text("kubeconfig")
        )));
    }
    check_timeout(parsed.text("request-timeout"))?;
    // `--user` of these is another one.
    let own_user = matches!(
        parsed.command,
        "set subject" | "create rolebinding" | "create clusterrolebinding"
    );
    let named = ["context", "cluster", "user"];
    if !files.contains_key(FILE) && named.iter().all(|flag| parsed.text(flag).is_empty()) {
        return Ok(());
    }
    let config = load(files);
    let mut name = parsed.text("context");
    if name.is_empty() {
        name = text(Some(&config), "current-context");
    }
    let context = entry(&config, "contexts", name);
    if context.is_none() && !name.is_empty() {
        return Err(Error::Verbatim(format!(
            "Error in configuration: context was not found for specified context: {name}"
        )));
    }
    let or = |flag: &'static str, field: &str| match parsed.text(flag) {
        "" => text(context, field).to_owned(),
        given => given.to_owned(),
    };
    let (mut user, cluster) = (or("user", "user"), or("cluster", "cluster"));
    if own_user {
        // Its flag of that name says who is bound.
        user.clear();
    }
    if !user.is_empty() && entry(&config, "users", &user).is_none() {
        let user = quote(&user);
        return Err(Error::plain(format!("auth info {user} does not exist")));
    }
    let server = match entry(&config, "clusters", &cluster) {
        Some(cluster) => text(Some(cluster), "server"),
        None if cluster.is_empty() => "",
        None => {
            let cluster = quote(&cluster);
            return Err(Error::plain(format!(
                "no server found for cluster {cluster}"
            )));
        }
    };
    if server.is_empty() {
        return Err(Error::Verbatim("The connection to the server localhost:8080 was refused - did you specify the right host or port?".to_owned()));
    }
    if server != SERVER {
        return Err(Error::not_simulated(format!("another cluster ({server})")));
    }
    if !session.namespace_given && !parsed.text("context").is_empty() {
        session.namespace = match text(context, "namespace") {
            "" => "default".to_owned(),
            namespace => namespace.to_owned(),
        };
    }
    Ok(())
}

fn check_timeout(text: &str) -> Result<(), Error> {
    let number = text.parse::<i64>().is_ok();
    if number || super::flags::parse_duration(text).is_ok() {
        return Ok(());
    }
    Err(Error::plain(
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
    ))
}
