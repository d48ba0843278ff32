//! How large a cluster may get: what is not simulated is refused before it fills the memory of a browser's tab.

use crate::api::{Server, Status};
use crate::object::Kind;
use k8s_openapi::api::apps::v1::StatefulSet;

/// How many pods all sets together may ask for.
const MAX_REPLICAS: i64 = 10_000;

/// How many pods there may be, whoever makes them.
const MAX_PODS: usize = 12_000;

/// Judges a set that asks for more pods than before.
pub(super) fn check_replicas(
    server: &Server,
    set: &StatefulSet,
    old: Option<&StatefulSet>,
) -> Result<(), Status> {
    let replicas = |set: &StatefulSet| {
        let wanted = set.spec.as_ref().and_then(|spec| spec.replicas);
        i64::from(wanted.unwrap_or(1).max(0))
    };
    let before = old.map_or(0, replicas);
    let more = replicas(set) - before;
    if more <= 0 {
        return Ok(());
    }
    let all: i64 = server
        .store
        .list_as::<StatefulSet>(None)
        .map(replicas)
        .sum();
    if all + more > MAX_REPLICAS {
        return Err(Status::not_simulated(&format!(
            "more than {MAX_REPLICAS} replicas in all StatefulSets together"
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
