//! `kubectl create role`, `clusterrole`, `rolebinding` and `clusterrolebinding`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_{role,clusterrole,rolebinding,clusterrolebinding}.go`.

use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::resources;
use crate::kubectl::session::Io;
use petset_cluster::api::discovery::Unknown;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const GROUP: &str = "rbac.authorization.k8s.io";
const VERBS: &str = "* get delete list create update patch watch proxy deletecollection use bind escalate impersonate";
const PATH_VERBS: &str = "* get post put delete patch head options";
/// Verbs that are for some resources alone.
const SPECIAL: [(&str, &[&str]); 4] = [
    (
        "use",
        &[
            "podsecuritypolicies.policy",
            "podsecuritypolicies.extensions",
        ],
    ),
    ("bind", ROLES),
    ("escalate", ROLES),
    (
        "impersonate",
        &[
            "users",
            "serviceaccounts",
            "groups",
            "userextras.authentication.k8s.io",
        ],
    ),
];
const ROLES: &[&str] = &[
    "roles.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
];

/// A word of `--resource`.
struct Wanted {
    plural: String,
    group: String,
    part: String,
    unknown: bool,
}

/// The role that the flags describe, without its name.
///
/// # Errors
/// Flags that are missing or do not fit each other.
pub(super) fn role(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<Value, Error> {
    let of_cluster = parsed.command == "create clusterrole";
    let verbs = verbs(parsed);
    let wanted = wanted(parsed);
    let (names, paths) = (
        unique(parsed.list("resource-name")),
        unique(parsed.list("non-resource-url")),
    );
    if parsed.changed("aggregation-rule") {
        if !(verbs.is_empty() && wanted.is_empty() && names.is_empty() && paths.is_empty()) {
            return Err(Error::plain(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames",
            ));
        }
        return aggregated(parsed);
    }
    if verbs.is_empty() {
        return Err(Error::plain("at least one verb must be specified"));
    }
    match (wanted.is_empty(), of_cluster) {
        (true, false) => return Err(Error::plain("at least one resource must be specified")),
        (true, true) if paths.is_empty() => {
            return Err(Error::plain(
                "one of resource or nonResourceURL must be specified",
            ));
        }
        (true, true) => {}
        (false, _) => check(&verbs, &wanted, io)?,
    }
    check_paths(&verbs, &paths)?;
    Ok(json!({"rules": rules(&verbs, &wanted, &names, &paths)}))
}

fn aggregated(parsed: &Parsed) -> Result<Value, Error> {
    let mut labels = Map::new();
    for pair in parsed.text("aggregation-rule").split(',') {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Error::plain(format!(
                "invalid argument \"{}\" for \"--aggregation-rule\" flag: malformed pair, expect string=string\nSee 'kubectl create clusterrole --help' for usage.",
                parsed.text("aggregation-rule")
            )));
        };
        labels.insert(key.trim().to_owned(), json!(value.trim()));
    }
    Ok(json!({
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": labels}]},
        "rules": null,
    }))
}

fn unique(words: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        if !kept.contains(word) {
            kept.push(word.clone());
        }
    }
    kept
}

fn verbs(parsed: &Parsed) -> Vec<String> {
    let verbs = unique(parsed.list("verb"));
    match verbs.iter().any(|verb| verb == "*") {
        true => vec!["*".to_owned()],
        false => verbs,
    }
}

fn wanted(parsed: &Parsed) -> Vec<Wanted> {
    let mut all = Vec::new();
    for word in parsed.list("resource") {
        let (name, part) = word.split_once('/').unwrap_or((word, ""));
        let (name, group) = name.split_once('.').unwrap_or((name, ""));
        let qualified = match group {
            "" => name.to_owned(),
            group => format!("{name}.{group}"),
        };
        let found = resources::find(&qualified);
        let one = Wanted {
            plural: found.map_or(name, |resource| resource.plural).to_owned(),
            group: found.map_or(group, |resource| resource.group()).to_owned(),
            part: part.to_owned(),
            unknown: found.is_none(),
        };
        if word == "*" {
            return vec![one];
        }
        all.push(one);
    }
    all
}

fn check(verbs: &[String], wanted: &[Wanted], io: &mut Io<'_, '_>) -> Result<(), Error> {
    for verb in verbs {
        if !VERBS.split(' ').any(|known| known == verb) {
            io.complain(&format!(
                "Warning: '{verb}' is not a standard resource verb"
            ));
        }
    }
    for one in wanted {
        let (plural, group) = (&one.plural, &one.group);
        if plural.is_empty() {
            return Err(Error::plain(
                "resource must be specified if apiGroup/subresource specified",
            ));
        }
        if plural == "*" {
            return Ok(());
        }
        let qualified = match group.as_str() {
            "" => plural.clone(),
            group => format!("{plural}.{group}"),
        };
        let mut unknown = one.unknown;
        for verb in verbs {
            let Some((_, allowed)) = SPECIAL.iter().find(|(special, _)| special == verb) else {
                continue;
            };
            if !allowed.contains(&qualified.as_str()) {
                return Err(Error::plain(format!(
                    "can not perform '{verb}' on '{plural}' in group '{group}'"
                )));
            }
            unknown = false;
        }
        if unknown {
            let word = plural.clone();
            return Err(Error::Verbatim(
                Unknown::NoSuchResource { word }.to_string(),
            ));
        }
    }
    Ok(())
}

fn check_paths(verbs: &[String], paths: &[String]) -> Result<(), Error> {
    let strange = verbs
        .iter()
        .find(|verb| !PATH_VERBS.split(' ').any(|known| known == *verb));
    if let (Some(verb), false) = (strange, paths.is_empty()) {
        return Err(Error::plain(format!(
            "invalid verb: '{verb}' for nonResourceURL"
        )));
    }
    for path in paths.iter().filter(|path| *path != "*") {
        if !path.starts_with('/') {
            return Err(Error::plain("nonResourceURL should start with /"));
        }
        if path.trim_end_matches('*').contains('*') || path.ends_with("**") {
            return Err(Error::plain(
                "nonResourceURL only supports wildcard matches when '*' is at the end",
            ));
        }
    }
    Ok(())
}

fn rules(verbs: &[String], wanted: &[Wanted], names: &[String], paths: &[String]) -> Vec<Value> {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in wanted {
        let name = match one.part.as_str() {
            "" => one.plural.clone(),
            part => format!("{}/{part}", one.plural),
        };
        let group = groups.entry(&one.group).or_default();
        if !group.contains(&name) {
            group.push(name);
        }
    }
    let mut rules = Vec::new();
    for (group, resources) in groups {
        let mut rule = json!({"apiGroups": [group], "resources": resources, "verbs": verbs});
        if !names.is_empty() {
            rule["resourceNames"] = json!(names);
        }
        rules.push(rule);
    }
    if !paths.is_empty() {
        rules.push(json!({"nonResourceURLs": paths, "verbs": verbs}));
    }
    rules
}

/// The binding that the flags describe, without its name.
///
/// # Errors
/// Flags that are missing or do not fit each other.
pub(super) fn binding(parsed: &Parsed) -> Result<Value, Error> {
    let (role, cluster_role) = (parsed.text("role"), parsed.text("clusterrole"));
    let of_cluster = parsed.command == "create clusterrolebinding";
    if !of_cluster && role.is_empty() == cluster_role.is_empty() {
        return Err(Error::plain(
            "exactly one of clusterrole or role must be specified",
        ));
    }
    let (kind, name) = match role {
        "" => ("ClusterRole", cluster_role),
        role => ("Role", role),
    };
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        for name in parsed.list(flag) {
            subjects.push(json!({"apiGroup": GROUP, "kind": kind, "name": name}));
        }
    }
    for account in parsed.list("serviceaccount") {
        let (namespace, name) = match account.split_once(':') {
            Some((a, b)) if !a.is_empty() && !b.is_empty() && !b.contains(':') => (a, b),
            _ => {
                return Err(Error::plain("serviceaccount must be <namespace>:<name>"));
            }
        };
        subjects.push(json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
    }
    let mut binding = json!({"roleRef": {"apiGroup": GROUP, "kind": kind, "name": name}});
    if !subjects.is_empty() {
        binding["subjects"] = json!(subjects);
    }
    Ok(binding)
}
