//! What the API server warns of although it obeys.
//!
//! Upstream: `pkg/api/pod/warnings.go`, `pkg/api/service/warnings.go`, `pkg/api/persistentvolume/util.go`, `pkg/registry/*/*/strategy.go`.

use super::validation::names;
use crate::object::{Kind, Object};
use k8s_openapi::api::core::v1::{PodSpec, ServiceSpec};
use std::collections::BTreeMap;

/// Said of every request about the older endpoints.
pub const ENDPOINTS_DEPRECATED: &str =
    "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

/// What is said to whoever reads or writes objects of a kind from outside.
pub(super) fn on_read(kind: Kind) -> Vec<String> {
    let deprecated = kind == Kind::Endpoints;
    let warning = deprecated.then(|| ENDPOINTS_DEPRECATED.to_owned());
    warning.into_iter().collect()
}

/// Warnings about a new object.
pub fn on_create(object: &Object) -> Vec<String> {
    let wrong = names::dns1123_label(object.name());
    let use_of_name = match object {
        Object::Pod(_) => "the Pod's hostname",
        Object::CronJob(_) | Object::Deployment(_) | Object::Job(_) | Object::ReplicaSet(_) => {
            "Pod names and hostnames"
        }
        _ => "",
    };
    let mut found = Vec::new();
    if !wrong.is_empty() && !use_of_name.is_empty() {
        found.push(format!("metadata.name: this is used in {use_of_name}, which can result in surprising behavior; a DNS label is recommended: [{}]", wrong.join(" ")));
    }
    found.extend(of_spec(object));
    found
}

fn of_spec(object: &Object) -> Vec<String> {
    let mut found = Vec::new();
    match object {
        Object::Pod(pod) => {
            if let Some(spec) = &pod.spec {
                pod_spec("spec", spec, &mut found);
            }
        }
        Object::Deployment(deployment) => {
            let spec = deployment.spec.as_ref();
            if let Some(template) = spec.and_then(|spec| spec.template.spec.as_ref()) {
                pod_spec("spec.template.spec", template, &mut found);
            }
        }
        Object::DaemonSet(set) => {
            let spec = set.spec.as_ref();
            if let Some(pod) = spec.and_then(|spec| spec.template.spec.as_ref()) {
                pod_spec("spec.template.spec", pod, &mut found);
            }
        }
        Object::Job(job) => {
            let spec = job.spec.as_ref();
            if let Some(pod) = spec.and_then(|spec| spec.template.spec.as_ref()) {
                pod_spec("spec.template.spec", pod, &mut found);
            }
        }
        Object::ReplicaSet(set) => {
            let spec = set.spec.as_ref();
            let template = spec.and_then(|spec| spec.template.as_ref());
            if let Some(template) = template.and_then(|template| template.spec.as_ref()) {
                pod_spec("spec.template.spec", template, &mut found);
            }
        }
        Object::StatefulSet(set) => {
            let Some(spec) = &set.spec else { return found };
            if let Some(template) = &spec.template.spec {
                pod_spec("spec.template.spec", template, &mut found);
            }
            if spec.revision_history_limit.is_some_and(|limit| limit < 0) {
                found.push("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended".to_owned());
            }
        }
        Object::Service(service) => {
            if let Some(spec) = &service.spec {
                service_spec(spec, &mut found);
            }
        }
        Object::PersistentVolume(volume) => {
            let recycle = volume.spec.as_ref().is_some_and(|spec| {
                spec.persistent_volume_reclaim_policy.as_deref() == Some("Recycle")
            });
            if recycle {
                found.push("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.".to_owned());
            }
        }
        _ => {}
    }
    found
}

/// Warnings about a written object; pods are written too often to look.
pub fn on_update(object: &Object, old: &Object) -> Vec<String> {
    let same_spec = match (object, old) {
        (Object::Deployment(new), Object::Deployment(old)) => {
            new.metadata.generation == old.metadata.generation
        }
        (Object::DaemonSet(new), Object::DaemonSet(old)) => new.spec == old.spec,
        (Object::Job(new), Object::Job(old)) => new.spec == old.spec,
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => new.spec == old.spec,
        (Object::StatefulSet(new), Object::StatefulSet(old)) => new.spec == old.spec,
        (Object::Pod(_), _) => true,
        _ => false,
    };
    if same_spec {
        Vec::new()
    } else {
        of_spec(object)
    }
}

fn pod_spec(path: &str, spec: &PodSpec, found: &mut Vec<String>) {
    if spec.termination_grace_period_seconds.is_some_and(|s| s < 0) {
        found.push(format!("{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"));
    }
    let mut ports: BTreeMap<(i32, &str), String> = BTreeMap::new();
    for (at, container) in spec.containers.iter().enumerate() {
        for (index, port) in container.ports.iter().flatten().enumerate() {
            let place = format!("{path}.containers[{at}].ports[{index}]");
            let key = (
                port.container_port,
                port.protocol.as_deref().unwrap_or("TCP"),
            );
            if let Some(first) = ports.get(&key) {
                found.push(format!("{place}: duplicate port definition with {first}"));
            } else {
                ports.insert(key, place);
            }
        }
        let probes = [
            ("livenessProbe", &container.liveness_probe),
            ("readinessProbe", &container.readiness_probe),
            ("startupProbe", &container.startup_probe),
        ];
        for (name, probe) in probes {
            if probe.as_ref().is_some_and(|probe| probe.grpc.is_some()) {
                found.push(format!(
                    "{path}.containers[{at}].{name}.grpc: not simulated here: probes by gRPC; this one never succeeds"
                ));
            }
        }
        let mut names: BTreeMap<&str, ()> = BTreeMap::new();
        for (index, variable) in container.env.iter().flatten().enumerate() {
            if names.insert(&variable.name, ()).is_some() {
                let value = variable.value.as_deref().unwrap_or("");
                if !value.contains(&format!("$({})", variable.name)) {
                    found.push(format!("{path}.containers[{at}].env[{index}]: hides previous definition of \"{}\", which may be dropped when using apply", variable.name));
                }
            }
        }
    }
}

fn service_spec(spec: &ServiceSpec, found: &mut Vec<String>) {
    if spec.traffic_distribution.as_deref() == Some("PreferClose") {
        found.push(
            "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\""
                .to_owned(),
        );
    }
    if spec.type_.as_deref() == Some("ExternalName")
        && spec
            .external_name
            .as_deref()
            .is_some_and(|name| name.parse::<std::net::IpAddr>().is_ok())
    {
        found.push("spec.externalName: must not be an IP address".to_owned());
    }
    if spec.cluster_ip.as_deref() == Some("None") {
        if spec
            .load_balancer_ip
            .as_deref()
            .is_some_and(|ip| !ip.is_empty())
        {
            found.push("spec.loadBalancerIP: should not be set for headless service".to_owned());
        }
        if spec
            .external_ips
            .as_ref()
            .is_some_and(|ips| !ips.is_empty())
        {
            found.push("spec.externalIPs: should not be set for headless service".to_owned());
        }
        if spec.session_affinity.as_deref() == Some("ClientIP") {
            found.push("spec.sessionAffinity: should not be set for headless service".to_owned());
        }
    }
}
