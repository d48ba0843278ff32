//! Pods and pod templates.
//!
//! Upstream: `pkg/apis/core/v1/defaults.go`.

use super::{number, text};
use k8s_openapi::api::core::v1::{
    Container, EmptyDirVolumeSource, HTTPGetAction, LifecycleHandler, Pod, PodSpec,
    PodTemplateSpec, Probe, Volume, VolumeProjection,
};

pub(super) fn pod(pod: &mut Pod) {
    let spec = pod.spec.get_or_insert_default();
    pod_spec(spec);
    for container in spec
        .containers
        .iter_mut()
        .chain(spec.init_containers.iter_mut().flatten())
    {
        requests_from_limits(container);
    }
    spec.enable_service_links.get_or_insert(true);
    if spec.host_network == Some(true) {
        for container in spec
            .containers
            .iter_mut()
            .chain(spec.init_containers.iter_mut().flatten())
        {
            for port in container.ports.iter_mut().flatten() {
                number(&mut port.host_port, port.container_port);
            }
        }
    }
    text(&mut pod.status.get_or_insert_default().phase, "Pending");
}

pub(super) fn template(template: &mut PodTemplateSpec) {
    template.metadata.get_or_insert_default();
    pod_spec(template.spec.get_or_insert_default());
}

/// On a pod (not on a template) a limit without a request is a request too.
fn requests_from_limits(container: &mut Container) {
    let Some(resources) = container.resources.as_mut() else {
        return;
    };
    let Some(limits) = resources
        .limits
        .as_ref()
        .filter(|limits| !limits.is_empty())
    else {
        return;
    };
    let requests = resources.requests.get_or_insert_default();
    for (name, limit) in limits {
        requests
            .entry(name.clone())
            .or_insert_with(|| limit.clone());
    }
}

fn pod_spec(spec: &mut PodSpec) {
    text(&mut spec.dns_policy, "ClusterFirst");
    text(&mut spec.restart_policy, "Always");
    spec.security_context.get_or_insert_default();
    spec.termination_grace_period_seconds.get_or_insert(30);
    text(&mut spec.scheduler_name, "default-scheduler");
    // The old name of the field mirrors the new one in both directions.
    match (&spec.service_account_name, &spec.service_account) {
        (Some(name), _) => spec.service_account = Some(name.clone()),
        (None, Some(name)) => spec.service_account_name = Some(name.clone()),
        (None, None) => {}
    }
    spec.volumes.iter_mut().flatten().for_each(volume);
    for each in spec
        .containers
        .iter_mut()
        .chain(spec.init_containers.iter_mut().flatten())
    {
        container(each);
    }
}

fn container(container: &mut Container) {
    if container
        .image_pull_policy
        .as_deref()
        .is_none_or(str::is_empty)
    {
        let policy = if has_latest_tag(container.image.as_deref().unwrap_or("")) {
            "Always"
        } else {
            "IfNotPresent"
        };
        container.image_pull_policy = Some(policy.to_owned());
    }
    text(
        &mut container.termination_message_path,
        "/dev/termination-log",
    );
    text(&mut container.termination_message_policy, "File");
    container.resources.get_or_insert_default();
    for port in container.ports.iter_mut().flatten() {
        text(&mut port.protocol, "TCP");
    }
    for variable in container.env.iter_mut().flatten() {
        if let Some(field) = variable
            .value_from
            .as_mut()
            .and_then(|from| from.field_ref.as_mut())
        {
            text(&mut field.api_version, "v1");
        }
    }
    for check in [
        &mut container.liveness_probe,
        &mut container.readiness_probe,
        &mut container.startup_probe,
    ] {
        check.iter_mut().for_each(probe);
    }
    if let Some(lifecycle) = container.lifecycle.as_mut() {
        for handler in [&mut lifecycle.post_start, &mut lifecycle.pre_stop] {
            handler.iter_mut().for_each(lifecycle_handler);
        }
    }
}

fn probe(probe: &mut Probe) {
    number(&mut probe.timeout_seconds, 1);
    number(&mut probe.period_seconds, 10);
    number(&mut probe.success_threshold, 1);
    number(&mut probe.failure_threshold, 3);
    if let Some(get) = probe.http_get.as_mut() {
        http_get(get);
    }
    if let Some(grpc) = probe.grpc.as_mut() {
        grpc.service.get_or_insert_default();
    }
}

fn lifecycle_handler(handler: &mut LifecycleHandler) {
    if let Some(get) = handler.http_get.as_mut() {
        http_get(get);
    }
}

fn http_get(get: &mut HTTPGetAction) {
    text(&mut get.path, "/");
    text(&mut get.scheme, "HTTP");
}

/// Whether an image is pulled each time: it names `latest`, or neither tag nor digest.
///
/// Upstream: `pkg/util/parsers/parsers.go`.
pub fn has_latest_tag(image: &str) -> bool {
    let (name, digest) = image.split_once('@').map_or((image, ""), |(n, d)| (n, d));
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => digest.is_empty(),
    }
}

fn volume(volume: &mut Volume) {
    const MODE: i32 = 0o644;
    let empty = Volume {
        name: volume.name.clone(),
        ..Volume::default()
    };
    if *volume == empty {
        volume.empty_dir = Some(EmptyDirVolumeSource::default());
        return;
    }
    if let Some(secret) = volume.secret.as_mut() {
        secret.default_mode.get_or_insert(MODE);
    }
    if let Some(config_map) = volume.config_map.as_mut() {
        config_map.default_mode.get_or_insert(MODE);
    }
    if let Some(downward) = volume.downward_api.as_mut() {
        downward.default_mode.get_or_insert(MODE);
        for field in downward
            .items
            .iter_mut()
            .flatten()
            .filter_map(|item| item.field_ref.as_mut())
        {
            text(&mut field.api_version, "v1");
        }
    }
    if let Some(path) = volume.host_path.as_mut() {
        path.type_.get_or_insert_default();
    }
    if let Some(projected) = volume.projected.as_mut() {
        projected.default_mode.get_or_insert(MODE);
        projected
            .sources
            .iter_mut()
            .flatten()
            .for_each(volume_projection);
    }
}

fn volume_projection(source: &mut VolumeProjection) {
    if let Some(token) = source.service_account_token.as_mut() {
        token.expiration_seconds.get_or_insert(3600);
    }
    for field in source
        .downward_api
        .iter_mut()
        .flat_map(|downward| downward.items.iter_mut().flatten())
        .filter_map(|item| item.field_ref.as_mut())
    {
        text(&mut field.api_version, "v1");
    }
}
