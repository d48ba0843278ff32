//! What a container is told of its own resources, and whether it may run as who it is.
//!
//! Upstream: `pkg/api/v1/resource/helpers.go`, `pkg/kubelet/kuberuntime/security_context_others.go`.

use super::pod::PodWorker;
use super::process::ImageInfo;
use crate::api::quantity::Amount;
use crate::object::Key;
use crate::store::Store;
use k8s_openapi::api::core::v1 as core;

/// The value of a `resourceFieldRef`: the amount in units of the divisor, rounded up. What has no limit gets that of the node.
///
/// # Errors
/// No such container or resource.
pub(super) fn resource_field(
    worker: &PodWorker,
    own: &core::Container,
    selector: &core::ResourceFieldSelector,
    store: &Store,
) -> Result<String, String> {
    let spec = worker.spec().ok_or("no such pod")?;
    let named = selector.container_name.as_deref().unwrap_or("");
    let mut all = spec
        .containers
        .iter()
        .chain(spec.init_containers.iter().flatten());
    let container = match named {
        "" => own,
        named => all
            .find(|container| container.name == named)
            .ok_or_else(|| format!("container {named} not found"))?,
    };
    let unsupported = || format!("unsupported container resource : {}", selector.resource);
    let (list, name) = selector.resource.split_once('.').ok_or_else(unsupported)?;
    let resources = container.resources.as_ref();
    let given = match list {
        "limits" => resources.and_then(|resources| resources.limits.as_ref()),
        "requests" => resources.and_then(|resources| resources.requests.as_ref()),
        _ => return Err(unsupported()),
    };
    let node = store.get_as::<core::Node>(&Key::new("", &worker.node));
    let allocatable = node.and_then(|node| node.status.as_ref()?.allocatable.as_ref());
    let of = |from: Option<&std::collections::BTreeMap<String, _>>| {
        from.and_then(|list| list.get(name)).map(Amount::of)
    };
    let amount = of(given).or_else(|| of(allocatable).filter(|_| list == "limits"));
    let divisor = selector.divisor.as_ref().map(Amount::of);
    let units = |amount: Amount| match name {
        "cpu" => amount.milli(),
        _ => amount.value(),
    };
    let one = if name == "cpu" { 1000 } else { 1 };
    let divisor = divisor
        .map(units)
        .filter(|divisor| *divisor > 0)
        .unwrap_or(one);
    let amount = amount.map_or(0, units);
    Ok(((amount + divisor - 1) / divisor).to_string())
}

/// Why a container may not run as the user that it would run as.
///
/// # Errors
/// It must not be root, and is.
pub(super) fn verify_run_as_non_root(
    worker: &PodWorker,
    own: &core::Container,
    image: &ImageInfo,
) -> Result<(), String> {
    let pod = worker
        .spec()
        .and_then(|spec| spec.security_context.as_ref());
    let container = own.security_context.as_ref();
    let non_root = container
        .and_then(|context| context.run_as_non_root)
        .or_else(|| pod?.run_as_non_root);
    if non_root != Some(true) {
        return Ok(());
    }
    let place = format!("(pod: \"{}\", container: {})", worker.full_name(), own.name);
    let given = container
        .and_then(|context| context.run_as_user)
        .or_else(|| pod?.run_as_user);
    let user = image.user.split(':').next().unwrap_or("");
    match (given, user.parse::<u32>()) {
        (Some(0), _) => Err(format!(
            "container's runAsUser breaks non-root policy {place}"
        )),
        (Some(_), _) => Ok(()),
        (None, Err(_)) if !user.is_empty() => Err(format!(
            "container has runAsNonRoot and image has non-numeric user ({user}), cannot verify user is non-root {place}"
        )),
        (None, Ok(1..)) => Ok(()),
        (None, _) => Err(format!(
            "container has runAsNonRoot and image will run as root {place}"
        )),
    }
}
