//! What the API server warns of although it obeys.
//!
//! Upstream: `pkg/api/pod/warnings.go`, `pkg/api/service/warnings.go`, `pkg/api/persistentvolume/util.go`, `pkg/registry/*/*/strategy.go`.

mod pod;

use super::validation::names;
use crate::object::{Kind, Object};
use k8s_openapi::api::core::v1::{
    PersistentVolume, PersistentVolumeClaim, PodTemplateSpec, Service, ServiceSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

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
    let all = &mut found;
    match object {
        Object::Pod(pod) => {
            if let Some(spec) = &pod.spec {
                pod::pod("", spec, Some(&pod.metadata), all);
            }
        }
        Object::Deployment(one) => template(one.spec.as_ref().map(|spec| &spec.template), all),
        Object::DaemonSet(set) => template(set.spec.as_ref().map(|spec| &spec.template), all),
        Object::Job(job) => template(job.spec.as_ref().map(|spec| &spec.template), all),
        Object::ReplicaSet(set) => {
            template(
                set.spec.as_ref().and_then(|spec| spec.template.as_ref()),
                all,
            );
        }
        Object::StatefulSet(set) => {
            let spec = set.spec.as_ref();
            template(spec.map(|spec| &spec.template), all);
            let limit = spec.and_then(|spec| spec.revision_history_limit);
            if limit.is_some_and(|limit| limit < 0) {
                all.push("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended".to_owned());
            }
        }
        Object::CronJob(cron_job) => {
            let job = cron_job.spec.job_template.spec.as_ref();
            if let Some((template, pod)) =
                job.and_then(|job| Some((&job.template, job.template.spec.as_ref()?)))
            {
                let meta = template.metadata.as_ref();
                pod::pod("spec.jobTemplate.spec.template.", pod, meta, all);
            }
        }
        Object::Service(service) => of_service(service, all),
        Object::PersistentVolume(volume) => of_volume(volume, all),
        Object::PersistentVolumeClaim(claim) => of_claim(claim, all),
        _ => {}
    }
    found
}

fn template(template: Option<&PodTemplateSpec>, found: &mut Vec<String>) {
    if let Some((template, spec)) = template.and_then(|one| Some((one, one.spec.as_ref()?))) {
        pod::pod("spec.template.", spec, template.metadata.as_ref(), found);
    }
}

fn annotated(meta: &ObjectMeta, key: &str) -> bool {
    let annotations = meta.annotations.as_ref();
    annotations.is_some_and(|annotations| annotations.contains_key(key))
}

const CLASS: &str = "volume.beta.kubernetes.io/storage-class";
const OPTIONS: &str = "volume.beta.kubernetes.io/mount-options";

fn old_class(meta: &ObjectMeta, found: &mut Vec<String>) {
    if annotated(meta, CLASS) {
        found.push(format!(
            "metadata.annotations[{CLASS}]: deprecated since v1.8; use \"storageClassName\" attribute instead"
        ));
    }
}

fn of_volume(volume: &PersistentVolume, found: &mut Vec<String>) {
    old_class(&volume.metadata, found);
    if annotated(&volume.metadata, OPTIONS) {
        found.push(format!(
            "metadata.annotations[{OPTIONS}]: deprecated since v1.31; use \"mountOptions\" attribute instead"
        ));
    }
    let Some(spec) = &volume.spec else { return };
    if spec.persistent_volume_reclaim_policy.as_deref() == Some("Recycle") {
        found.push("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.".to_owned());
    }
    let required = spec
        .node_affinity
        .as_ref()
        .and_then(|one| one.required.as_ref());
    let terms = required
        .into_iter()
        .flat_map(|one| &one.node_selector_terms);
    for (at, term) in terms.enumerate() {
        let place = format!("spec.nodeAffinity.required.nodeSelectorTerms[{at}]");
        pod::node_term(&place, term, false, found);
    }
}

fn of_claim(claim: &PersistentVolumeClaim, found: &mut Vec<String>) {
    old_class(&claim.metadata, found);
    let resources = claim.spec.as_ref().and_then(|spec| spec.resources.as_ref());
    let Some(resources) = resources else { return };
    for (list, amounts) in [
        ("requests", &resources.requests),
        ("limits", &resources.limits),
    ] {
        let place = format!("spec.resources.{list}");
        pod::fraction(&place, amounts.as_ref(), "storage", found);
    }
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

/// Upstream: `GetWarningsForService` of `pkg/api/service/warnings.go`.
fn of_service(service: &Service, found: &mut Vec<String>) {
    const HINTS: &str = "service.kubernetes.io/topology-aware-hints";
    if annotated(&service.metadata, HINTS) {
        found.push(format!("annotation {HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead"));
    }
    if let Some(spec) = &service.spec {
        service_spec(spec, found);
    }
}

fn service_spec(spec: &ServiceSpec, found: &mut Vec<String>) {
    let mut tell = |told: bool, what: &str| {
        if told {
            found.push(what.to_owned());
        }
    };
    let is_set = |field: &Option<String>| field.as_deref().is_some_and(|text| !text.is_empty());
    let external = spec.type_.as_deref() == Some("ExternalName");
    let of_cluster = spec.type_.as_deref().unwrap_or("ClusterIP") == "ClusterIP";
    let headless = of_cluster && spec.cluster_ip.as_deref() == Some("None");
    let addresses = spec
        .external_ips
        .as_ref()
        .is_some_and(|ips| !ips.is_empty());
    let sticky = spec.session_affinity.as_deref().unwrap_or("None") != "None";
    tell(
        headless && is_set(&spec.load_balancer_ip),
        "spec.loadBalancerIP is ignored for headless services",
    );
    tell(
        headless && addresses,
        "spec.externalIPs is ignored for headless services",
    );
    tell(
        headless && sticky,
        "spec.SessionAffinity is ignored for headless services",
    );
    tell(
        addresses && !headless && !external,
        "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
    );
    tell(
        external && addresses,
        "spec.externalIPs is ignored when spec.type is \"ExternalName\"",
    );
    tell(
        !external && is_set(&spec.external_name),
        "spec.externalName is ignored when spec.type is not \"ExternalName\"",
    );
    tell(
        spec.traffic_distribution.as_deref() == Some("PreferClose"),
        "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"",
    );
}
