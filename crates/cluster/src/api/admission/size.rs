//! How large a cluster may get: what is not simulated is refused before it fills the memory of a browser's tab.

use crate::api::{Server, Status};
use crate::meta::controller_ref::controller_of;
use crate::object::{Kind, Object};

/// How many pods all workloads together may ask for.
const MAX_REPLICAS: i64 = 10_000;

/// How many pods there may be, whoever makes them.
const MAX_PODS: usize = 12_000;

/// The kinds that ask for a number of pods.
const WORKLOADS: [Kind; 3] = [Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet];

/// How many pods an object asks for by itself; one that has a controller asks for what that one wants.
fn replicas(object: &Object) -> i64 {
    let wanted = match object {
        _ if controller_of(object.meta()).is_some() => Some(0),
        Object::Deployment(one) => one.spec.as_ref().and_then(|spec| spec.replicas),
        Object::ReplicaSet(set) => set.spec.as_ref().and_then(|spec| spec.replicas),
        Object::StatefulSet(set) => set.spec.as_ref().and_then(|spec| spec.replicas),
        _ => Some(0),
    };
    i64::from(wanted.unwrap_or(1).max(0))
}

/// Judges a workload that asks for more pods than before.
pub(super) fn check_replicas(
    server: &Server,
    object: &Object,
    old: Option<&Object>,
) -> Result<(), Status> {
    let more = replicas(object) - old.map_or(0, replicas);
    if more <= 0 {
        return Ok(());
    }
    let stored = WORKLOADS
        .iter()
        .flat_map(|kind| server.store.list(*kind, None));
    let all: i64 = stored.map(|object| replicas(object)).sum();
    if all + more > MAX_REPLICAS {
        return Err(Status::not_simulated(&format!(
            "more than {MAX_REPLICAS} replicas in all workloads together"
        )));
    }
    Ok(())
}

/// Judges one more pod.
pub(super) fn check_pods(server: &Server) -> Result<(), Status> {
    if server.store.count(Kind::Pod) >= MAX_PODS {
        return Err(Status::not_simulated(&format!(
            "more than {MAX_PODS} pods in one cluster"
        )));
    }
    Ok(())
}
