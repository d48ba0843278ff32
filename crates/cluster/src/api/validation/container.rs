//! Containers of pods.

use super::{label, names, not_negative, one_of};
use crate::api::field::{Errors, Path};
use crate::api::quantity::Amount;
use k8s_openapi::api::core::v1::{
    Container, EnvVar, HTTPGetAction, LifecycleHandler, PodSpec, Probe, ResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::{BTreeMap, BTreeSet};

const NEEDS_SIDECAR: &str = "may not be set for init containers without restartPolicy=Always";

/// Checks ordinary and init containers.
pub(super) fn containers(
    spec: &PodSpec,
    volumes: &BTreeSet<String>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let list = path.child("containers");
    if spec.containers.is_empty() {
        errors.required(&list, "");
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (at, container) in spec.containers.iter().enumerate() {
        let place = list.index(at);
        common(container, volumes, &place, errors);
        if !seen.insert(&container.name) {
            errors.duplicate(&place.child("name"), &container.name);
        }
        handlers(container, &place, errors);
        let policy = container.restart_policy.as_deref();
        if let Some(policy) = policy
            && !matches!(policy, "Always" | "OnFailure" | "Never")
        {
            let supported = ["Always", "Never", "OnFailure"];
            errors.not_supported(&place.child("restartPolicy"), policy, &supported);
        }
    }
    host_ports(&spec.containers, &list, errors);
    let list = path.child("initContainers");
    for (at, container) in spec.init_containers.iter().flatten().enumerate() {
        let place = list.index(at);
        common(container, volumes, &place, errors);
        if !seen.insert(&container.name) && !container.name.is_empty() {
            errors.duplicate(&place.child("name"), &container.name);
        }
        if container.restart_policy.as_deref() == Some("Always") {
            handlers(container, &place, errors);
            continue;
        }
        for (present, name) in [
            (container.lifecycle.is_some(), "lifecycle"),
            (container.liveness_probe.is_some(), "livenessProbe"),
            (container.readiness_probe.is_some(), "readinessProbe"),
            (container.startup_probe.is_some(), "startupProbe"),
        ] {
            if present {
                errors.forbidden(&place.child(name), NEEDS_SIDECAR);
            }
        }
    }
}

fn common(container: &Container, volumes: &BTreeSet<String>, path: &Path<'_>, errors: &mut Errors) {
    let name = path.child("name");
    if container.name.is_empty() {
        errors.required(&name, "");
    } else {
        label(&container.name, &name, errors);
    }
    if container.image.as_deref().unwrap_or("").is_empty() {
        errors.required(&path.child("image"), "");
    }
    one_of(
        container
            .termination_message_policy
            .as_deref()
            .unwrap_or(""),
        &["File", "FallbackToLogsOnError"],
        &path.child("terminationMessagePolicy"),
        errors,
    );
    ports(container, &path.child("ports"), errors);
    for (at, variable) in container.env.iter().flatten().enumerate() {
        let list = path.child("env");
        env(variable, &list.index(at), errors);
    }
    mounts(container, volumes, &path.child("volumeMounts"), errors);
    one_of(
        container.image_pull_policy.as_deref().unwrap_or(""),
        &["Always", "IfNotPresent", "Never"],
        &path.child("imagePullPolicy"),
        errors,
    );
    if let Some(requirements) = &container.resources {
        resources(requirements, &path.child("resources"), errors);
    }
}

fn ports(container: &Container, path: &Path<'_>, errors: &mut Errors) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (at, port) in container.ports.iter().flatten().enumerate() {
        let place = path.index(at);
        if let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) {
            let field = place.child("name");
            let wrong = names::port_name(name);
            if wrong.is_empty() && !seen.insert(name) {
                errors.duplicate(&field, name);
            }
            for why in wrong {
                errors.invalid(&field, name, &why);
            }
        }
        let field = place.child("containerPort");
        if port.container_port == 0 {
            errors.required(&field, "");
        } else if let Some(why) = names::port_number(port.container_port) {
            errors.invalid(&field, &port.container_port, why);
        }
        if let Some(host) = port.host_port.filter(|port| *port != 0)
            && let Some(why) = names::port_number(host)
        {
            errors.invalid(&place.child("hostPort"), &host, why);
        }
        one_of(
            port.protocol.as_deref().unwrap_or(""),
            &["SCTP", "TCP", "UDP"],
            &place.child("protocol"),
            errors,
        );
    }
}

/// Two containers of a pod cannot use the same port of the node.
fn host_ports(containers: &[Container], path: &Path<'_>, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for (at, container) in containers.iter().enumerate() {
        for (index, port) in container.ports.iter().flatten().enumerate() {
            let Some(host) = port.host_port.filter(|port| *port != 0) else {
                continue;
            };
            let key = format!(
                "{}/{}/{host}",
                port.protocol.as_deref().unwrap_or(""),
                port.host_ip.as_deref().unwrap_or("")
            );
            if !seen.insert(key.clone()) {
                let place = path.index(at);
                let list = place.child("ports");
                let place = list.index(index);
                errors.duplicate(&place.child("hostPort"), &key);
            }
        }
    }
}

fn env(variable: &EnvVar, path: &Path<'_>, errors: &mut Errors) {
    let name = path.child("name");
    if variable.name.is_empty() {
        errors.required(&name, "");
    } else {
        for why in names::env_name(&variable.name) {
            errors.invalid(&name, &variable.name, &why);
        }
    }
    let Some(from) = &variable.value_from else {
        return;
    };
    let place = path.child("valueFrom");
    if let Some(reference) = &from.field_ref
        && reference.field_path.is_empty()
    {
        let field = place.child("fieldRef");
        errors.required(&field.child("fieldPath"), "");
    }
    let references = [
        (
            from.config_map_key_ref.as_ref().map(|r| (&r.name, &r.key)),
            "configMapKeyRef",
        ),
        (
            from.secret_key_ref.as_ref().map(|r| (&r.name, &r.key)),
            "secretKeyRef",
        ),
    ];
    for (reference, name) in references {
        let Some((object, key)) = reference else {
            continue;
        };
        let field = place.child(name);
        if object.is_empty() {
            errors.required(&field.child("name"), "");
        }
        if key.is_empty() {
            errors.required(&field.child("key"), "");
        } else {
            for why in names::config_key(key) {
                errors.invalid(&field.child("key"), key, &why);
            }
        }
    }
    let sources = [
        from.field_ref.is_some(),
        from.resource_field_ref.is_some(),
        from.config_map_key_ref.is_some(),
        from.secret_key_ref.is_some(),
        from.file_key_ref.is_some(),
    ];
    let count = sources.iter().filter(|present| **present).count();
    let has_value = variable
        .value
        .as_deref()
        .is_some_and(|value| !value.is_empty());
    let why = match count {
        0 => {
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        }
        _ if has_value => "may not be specified when `value` is not empty",
        1 => return,
        _ => "may not have more than one field specified at a time",
    };
    errors.invalid(&place, "", why);
}

fn mounts(container: &Container, volumes: &BTreeSet<String>, path: &Path<'_>, errors: &mut Errors) {
    let mut points: BTreeSet<&str> = BTreeSet::new();
    for (at, mount) in container.volume_mounts.iter().flatten().enumerate() {
        let place = path.index(at);
        if mount.name.is_empty() {
            errors.required(&place.child("name"), "");
        }
        if !volumes.contains(&mount.name) {
            errors.not_found(&place.child("name"), &mount.name);
        }
        let point = place.child("mountPath");
        if mount.mount_path.is_empty() {
            errors.required(&point, "");
        }
        if !points.insert(&mount.mount_path) {
            errors.invalid(&point, &mount.mount_path, "must be unique");
        }
        for (name, given) in [
            ("subPath", &mount.sub_path),
            ("subPathExpr", &mount.sub_path_expr),
        ] {
            let Some(given) = given.as_deref().filter(|given| !given.is_empty()) else {
                continue;
            };
            if given.starts_with('/') {
                errors.invalid(&path.child(name), given, "must be a relative path");
            }
            if given.split('/').any(|part| part == "..") {
                errors.invalid(&path.child(name), given, "must not contain '..'");
            }
        }
    }
}

fn resources(requirements: &ResourceRequirements, path: &Path<'_>, errors: &mut Errors) {
    let empty = BTreeMap::new();
    let limits = requirements.limits.as_ref().unwrap_or(&empty);
    let requests = requirements.requests.as_ref().unwrap_or(&empty);
    for (amounts, name) in [(limits, "limits"), (requests, "requests")] {
        let list = path.child(name);
        for (resource, quantity) in amounts {
            let place = list.key(resource);
            resource_name(resource, &place, errors);
            let amount = Amount::of(quantity);
            if amount.nano() < 0 {
                errors.invalid(&place, &quantity.0, super::NOT_NEGATIVE);
            }
            let Some(limit) = limits.get(resource).filter(|_| name == "requests") else {
                continue;
            };
            if amount.nano() > Amount::of(limit).nano() {
                let why = format!(
                    "must be less than or equal to {resource} limit of {}",
                    limit.0
                );
                errors.invalid(&list, &quantity.0, &why);
            }
        }
    }
}

fn resource_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    for why in names::qualified_name(name) {
        errors.invalid(path, name, &why);
    }
    if name.contains('/') {
        return;
    }
    let container =
        matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-");
    let other = matches!(
        name,
        "storage" | "pods" | "services" | "secrets" | "configmaps"
    );
    if !container && !other {
        errors.invalid(
            path,
            name,
            "must be a standard resource type or fully qualified",
        );
    }
    if !container {
        errors.invalid(path, name, "must be a standard resource for containers");
    }
}

fn handlers(container: &Container, path: &Path<'_>, errors: &mut Errors) {
    if let Some(lifecycle) = &container.lifecycle {
        let place = path.child("lifecycle");
        for (handler, name) in [
            (&lifecycle.post_start, "postStart"),
            (&lifecycle.pre_stop, "preStop"),
        ] {
            if let Some(handler) = handler {
                lifecycle_handler(handler, &place.child(name), errors);
            }
        }
    }
    for (check, name, once) in [
        (&container.liveness_probe, "livenessProbe", true),
        (&container.readiness_probe, "readinessProbe", false),
        (&container.startup_probe, "startupProbe", true),
    ] {
        if let Some(check) = check {
            probe(check, once, &path.child(name), errors);
        }
    }
}

fn lifecycle_handler(handler: &LifecycleHandler, path: &Path<'_>, errors: &mut Errors) {
    let mut one = OneHandler { path, count: 0 };
    if let Some(exec) = &handler.exec
        && one.first("exec", errors)
    {
        exec_action(exec.command.as_deref(), &path.child("exec"), errors);
    }
    if let Some(get) = &handler.http_get
        && one.first("httpGet", errors)
    {
        http_get(get, &path.child("httpGet"), errors);
    }
    if let Some(socket) = &handler.tcp_socket
        && one.first("tcpSocket", errors)
    {
        port(&socket.port, &path.child("tcpSocket"), errors);
    }
    if handler.sleep.is_some() {
        one.first("sleep", errors);
    }
    if one.count == 0 {
        errors.required(path, "must specify a handler type");
    }
}

struct OneHandler<'a> {
    path: &'a Path<'a>,
    count: usize,
}

impl OneHandler<'_> {
    fn first(&mut self, name: &str, errors: &mut Errors) -> bool {
        if self.count > 0 {
            errors.forbidden(
                &self.path.child(name),
                "may not specify more than 1 handler type",
            );
            return false;
        }
        self.count += 1;
        true
    }
}

fn probe(probe: &Probe, once: bool, path: &Path<'_>, errors: &mut Errors) {
    let mut one = OneHandler { path, count: 0 };
    if let Some(exec) = &probe.exec
        && one.first("exec", errors)
    {
        exec_action(exec.command.as_deref(), &path.child("exec"), errors);
    }
    if let Some(get) = &probe.http_get
        && one.first("httpGet", errors)
    {
        http_get(get, &path.child("httpGet"), errors);
    }
    if let Some(socket) = &probe.tcp_socket
        && one.first("tcpSocket", errors)
    {
        port(&socket.port, &path.child("tcpSocket"), errors);
    }
    if let Some(grpc) = &probe.grpc
        && one.first("grpc", errors)
        && let Some(why) = names::port_number(grpc.port)
    {
        let place = path.child("grpc");
        errors.invalid(&place.child("port"), &grpc.port, why);
    }
    if one.count == 0 {
        errors.required(path, "must specify a handler type");
    }
    let numbers = [
        (probe.initial_delay_seconds, "initialDelaySeconds"),
        (probe.timeout_seconds, "timeoutSeconds"),
        (probe.period_seconds, "periodSeconds"),
        (probe.success_threshold, "successThreshold"),
        (probe.failure_threshold, "failureThreshold"),
    ];
    for (number, name) in numbers {
        not_negative(&number.unwrap_or(0), &path.child(name), errors);
    }
    if let Some(seconds) = probe.termination_grace_period_seconds
        && seconds <= 0
    {
        errors.invalid(
            &path.child("terminationGracePeriodSeconds"),
            &seconds,
            "must be greater than 0",
        );
    }
    let threshold = probe.success_threshold.unwrap_or(1);
    if once && threshold != 1 {
        errors.invalid(&path.child("successThreshold"), &threshold, "must be 1");
    }
}

fn exec_action(command: Option<&[String]>, path: &Path<'_>, errors: &mut Errors) {
    if command.is_none_or(<[String]>::is_empty) {
        errors.required(&path.child("command"), "");
    }
}

fn http_get(get: &HTTPGetAction, path: &Path<'_>, errors: &mut Errors) {
    if get.path.as_deref().unwrap_or("").is_empty() {
        errors.required(&path.child("path"), "");
    }
    port(&get.port, path, errors);
    let scheme = get.scheme.as_deref().unwrap_or("");
    if !matches!(scheme, "HTTP" | "HTTPS") {
        errors.not_supported(&path.child("scheme"), scheme, &["HTTP", "HTTPS"]);
    }
}

/// A port by number or name, in the field `port`.
fn port(port: &IntOrString, path: &Path<'_>, errors: &mut Errors) {
    port_or_name(port, &path.child("port"), errors);
}

/// A port by number or name.
pub(super) fn port_or_name(port: &IntOrString, path: &Path<'_>, errors: &mut Errors) {
    match port {
        IntOrString::Int(number) => {
            if let Some(why) = names::port_number(*number) {
                errors.invalid(path, number, why);
            }
        }
        IntOrString::String(name) => {
            for why in names::port_name(name) {
                errors.invalid(path, name, &why);
            }
        }
    }
}
