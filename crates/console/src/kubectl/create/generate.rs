//! The generators of `kubectl create`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_*.go`.

use super::limits;
use super::rbac;
use super::secret;
use super::service::service;
use super::sources::{self, Holder};
use crate::kubectl::change::{Change, with_last_applied};
use crate::kubectl::errors::{Error, not_found};
use crate::kubectl::flags::{DryRun, Parsed};
use crate::kubectl::resources::{self, ApiResource};
use crate::kubectl::session::{Io, Once};
use petset_cluster::Kind;
use serde_json::{Map, Value, json};

/// Generators, and what their errors say cannot be created.
const GENERATORS: &[(&str, Kind, &str)] = &[
    ("namespace", Kind::Namespace, ""),
    ("configmap", Kind::ConfigMap, "configmap: "),
    ("secret generic", Kind::Secret, "secret "),
    ("secret docker-registry", Kind::Secret, "secret "),
    ("secret tls", Kind::Secret, "secret "),
    ("serviceaccount", Kind::ServiceAccount, "serviceaccount: "),
    ("service clusterip", Kind::Service, "ClusterIP service: "),
    ("service nodeport", Kind::Service, "NodePort service: "),
    (
        "service loadbalancer",
        Kind::Service,
        "LoadBalancer service: ",
    ),
    (
        "service externalname",
        Kind::Service,
        "ExternalName service: ",
    ),
    ("cronjob", Kind::CronJob, "cronjob: "),
    ("deployment", Kind::Deployment, "deployment: "),
    ("job", Kind::Job, "job: "),
    (
        "poddisruptionbudget",
        Kind::PodDisruptionBudget,
        "poddisruptionbudgets: ",
    ),
];

/// Generators of kinds that are not simulated: what they make can be looked at, not stored.
const NOT_STORED: &[(&str, &str, &str)] = &[
    ("role", "Role", ""),
    ("clusterrole", "ClusterRole", ""),
    ("rolebinding", "RoleBinding", "rolebinding: "),
    (
        "clusterrolebinding",
        "ClusterRoleBinding",
        "clusterrolebinding: ",
    ),
    ("ingress", "Ingress", "ingress: "),
    ("priorityclass", "PriorityClass", "priorityclass: "),
    ("quota", "ResourceQuota", "quota: "),
    ("token", "ServiceAccount token", "token: "),
];

/// A generator by its command's words; none if it is not simulated.
pub(crate) fn generator(path: &str, parsed: Parsed) -> Option<Once<Parsed>> {
    let name = path.strip_prefix("create ")?;
    let known = GENERATORS.iter().map(|(generator, ..)| generator);
    let mut known = known.chain(NOT_STORED.iter().map(|(generator, ..)| generator));
    known
        .any(|generator| *generator == name)
        .then(|| Once::new(parsed, run))
}

/// Flags without which a command is not begun.
fn required(parsed: &Parsed) -> Result<(), Error> {
    let flags: &[&str] = match parsed.command {
        "create cronjob" => &["image", "schedule"],
        "create deployment" => &["image"],
        "create service externalname" => &["external-name"],
        "create clusterrolebinding" => &["clusterrole"],
        _ => &[],
    };
    let missing = flags.iter().filter(|flag| !parsed.changed(flag));
    let missing: Vec<String> = missing.map(|flag| format!("\"{flag}\"")).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::plain(format!(
        "required flag(s) {} not set",
        missing.join(", ")
    )))
}

fn object(parsed: &Parsed, name: &str, io: &mut Io<'_, '_>) -> Result<Value, Error> {
    let command = parsed.args.get(1..).unwrap_or_default();
    match parsed.command {
        "create namespace" => Ok(json!({"spec": {}, "status": {}})),
        "create configmap" => {
            let data = sources::data(parsed, name, Holder::ConfigMap, io)?;
            Ok(with_data(data))
        }
        "create secret generic" => {
            let data = sources::data(parsed, name, Holder::Secret, io)?;
            let mut object = with_data(data);
            if parsed.changed("type") {
                object["type"] = json!(parsed.text("type"));
            }
            Ok(object)
        }
        "create secret docker-registry" => secret::docker_registry(parsed, name, io),
        "create secret tls" => secret::tls(parsed, io),
        "create job" => super::job::job(parsed, name, command, io),
        "create cronjob" => Ok(super::job::cron_job(parsed, name, command)),
        "create deployment" => super::deployment::manifest(parsed, name, io),
        "create poddisruptionbudget" => super::pod_disruption_budget::budget(parsed),
        "create role" | "create clusterrole" => rbac::role(parsed, io),
        "create rolebinding" | "create clusterrolebinding" => rbac::binding(parsed),
        "create ingress" => super::ingress::ingress(parsed),
        "create priorityclass" => Ok(limits::priority_class(parsed)),
        "create quota" => limits::quota(parsed),
        "create service clusterip" => service(parsed, name, "ClusterIP"),
        "create service nodeport" => service(parsed, name, "NodePort"),
        "create service loadbalancer" => service(parsed, name, "LoadBalancer"),
        "create service externalname" => service(parsed, name, "ExternalName"),
        _ => Ok(json!({})),
    }
}

fn with_data(data: Map<String, Value>) -> Value {
    match data.is_empty() {
        true => json!({}),
        false => json!({"data": data}),
    }
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    required(parsed)?;
    let names = parsed.dash_at.unwrap_or(parsed.args.len());
    let (Some(name), 1) = (parsed.args.first(), names) else {
        return Err(Error::usage(
            parsed.command,
            &format!("exactly one NAME is required, got {names}"),
        ));
    };
    let mut name = name.clone();
    let generator = parsed.command.trim_start_matches("create ");
    let found = GENERATORS.iter().find(|(of, ..)| *of == generator);
    let Some((_, kind, what)) = found.copied() else {
        return not_stored(parsed, generator, &name, io);
    };
    let mut change = Change::new(parsed, "kubectl-create")?;
    let object = object(parsed, &name, io)?;
    if parsed.is("append-hash") {
        let holder = match kind {
            Kind::Secret => Holder::Secret,
            _ => Holder::ConfigMap,
        };
        let hash = sources::hash(holder, &name, &object);
        name = format!("{name}-{hash}");
    }
    let Some(resource) = resources::of_kind(&kind.info().api_version(), kind.info().kind) else {
        return Err(Error::not_simulated(kind.info().kind));
    };
    let mut object = complete(&resource, &name, object, io);
    if parsed.is("save-config") {
        object = with_last_applied(&object);
    }
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

/// Makes what cannot be stored: with `--dry-run=client` it is shown.
fn not_stored(
    parsed: &Parsed,
    generator: &str,
    name: &str,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let found = NOT_STORED.iter().find(|(of, ..)| *of == generator);
    let (_, kind, what) = found.copied().unwrap_or_default();
    let refused = format!("not simulated here: {kind}");
    let Some(resource) = resources::all().find(|resource| resource.kind == kind) else {
        limits::check_token(parsed)?;
        return Err(Error::plain(format!("failed to create {what}{refused}")));
    };
    let mut change = Change::new(parsed, "kubectl-create")?;
    let object = object(parsed, name, io)?;
    let mut object = complete(&resource, name, object, io);
    if parsed.is("save-config") {
        object = with_last_applied(&object);
    }
    if change.dry_run == DryRun::Client {
        return change.tell(&object, "created", io);
    }
    if what.is_empty() {
        return Err(not_found(&refused));
    }
    Err(Error::plain(format!("failed to create {what}{refused}")))
}

/// Adds kind, name and, where `-n` was given, the namespace.
fn complete(resource: &ApiResource, name: &str, object: Value, io: &Io<'_, '_>) -> Value {
    let mut map = match object {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    let mut meta = match map.remove("metadata") {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    meta.insert("name".to_owned(), json!(name));
    if resource.namespaced && io.session.namespace_given {
        meta.insert("namespace".to_owned(), json!(io.session.namespace));
    }
    map.insert("apiVersion".to_owned(), json!(resource.api_version));
    map.insert("kind".to_owned(), json!(resource.kind));
    map.insert("metadata".to_owned(), Value::Object(meta));
    Value::Object(map)
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
