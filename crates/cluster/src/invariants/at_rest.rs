//! Rules about a cluster in which nothing has happened for a while.

use crate::object::{Key, Kind, Object};
use crate::store::{Index, Store};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{Node, Pod};
use std::collections::{BTreeMap, BTreeSet};

/// Checks all of them.
pub(super) fn check(store: &Store) -> Result<(), String> {
    let uids: BTreeSet<&str> = Kind::ALL
        .iter()
        .flat_map(|kind| store.list(*kind, None).map(|object| object.uid()))
        .collect();
    for kind in Kind::ALL {
        for object in store.list(*kind, None) {
            owners_are_there(object, &uids)?;
        }
    }
    placed(store)?;
    for set in store.list_as::<StatefulSet>(None) {
        exact(store, set)?;
    }
    Ok(())
}

/// No object outlives all of its owners, and none names an owner that is gone.
fn owners_are_there(object: &Object, uids: &BTreeSet<&str>) -> Result<(), String> {
    let owners = object.meta().owner_references.iter().flatten();
    // What a new cluster brings along in kube-system has owners that nobody made.
    let looked_at = !object.is_terminating() && object.namespace() != "kube-system";
    for owner in owners.filter(|_| looked_at) {
        let known = Kind::ALL.iter().any(|kind| kind.info().kind == owner.kind);
        if known && !uids.contains(owner.uid.as_str()) {
            return Err(format!(
                "{} {} names an owner that is gone: {} {}",
                object.kind().info().kind,
                object.key(),
                owner.kind,
                owner.name
            ));
        }
    }
    Ok(())
}

/// Pods are on nodes that exist, no more than fit, each with an address of its own.
fn placed(store: &Store) -> Result<(), String> {
    let mut addresses: BTreeMap<&str, &str> = BTreeMap::new();
    let mut loads: BTreeMap<&str, i64> = BTreeMap::new();
    for pod in store.list_as::<Pod>(None) {
        let name = pod.metadata.name.as_deref().unwrap_or("");
        let (Some(spec), Some(status)) = (&pod.spec, &pod.status) else {
            continue;
        };
        let finished = matches!(status.phase.as_deref(), Some("Failed" | "Succeeded"));
        let Some(node) = spec.node_name.as_deref().filter(|_| !finished) else {
            continue;
        };
        *loads.entry(node).or_default() += 1;
        let own = spec.host_network != Some(true);
        if let Some(ip) = status.pod_ip.as_deref().filter(|ip| own && !ip.is_empty())
            && let Some(other) = addresses.insert(ip, name)
        {
            return Err(format!("{name} and {other} have the address {ip}"));
        }
    }
    for (node, load) in loads {
        let found = store.get_as::<Node>(&Key::new("", node));
        let room = found
            .and_then(|node| node.status.as_ref()?.allocatable.as_ref()?.get("pods"))
            .and_then(|quantity| quantity.0.parse::<i64>().ok());
        match room {
            Some(room) if load > room => {
                return Err(format!("{node} has {load} pods and room for {room}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A set's status says what is.
fn exact(store: &Store, set: &StatefulSet) -> Result<(), String> {
    let name = set.metadata.name.as_deref().unwrap_or("");
    let uid = set.metadata.uid.as_deref().unwrap_or("");
    let status = set.status.clone().unwrap_or_default();
    if status.observed_generation != set.metadata.generation {
        return Err(format!(
            "{name} is at generation {:?}, its status at {:?}",
            set.metadata.generation, status.observed_generation
        ));
    }
    let (mut pods, mut ready, mut updated) = (0, 0, 0);
    for pod in store.by_index_as::<Pod>(Index::OwnerUid, uid) {
        let state = pod.status.clone().unwrap_or_default();
        let conditions = state.conditions.unwrap_or_default();
        let is_ready =
            |c: &k8s_openapi::api::core::v1::PodCondition| c.type_ == "Ready" && c.status == "True";
        let running = state.phase.as_deref() == Some("Running");
        let labels = pod.metadata.labels.as_ref();
        let revision = labels.and_then(|labels| labels.get("controller-revision-hash"));
        let stays = pod.metadata.deletion_timestamp.is_none();
        pods += 1;
        ready += i32::from(running && conditions.iter().any(is_ready));
        updated += i32::from(stays && revision == status.update_revision.as_ref());
    }
    let said = [
        status.replicas,
        status.ready_replicas.unwrap_or(0),
        status.updated_replicas.unwrap_or(0),
    ];
    if said != [pods, ready, updated] {
        return Err(format!(
            "{name} says replicas, ready, updated are {said:?}, they are {:?}",
            [pods, ready, updated]
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::Scene;
    use crate::api::Subresource;
    use crate::object::Kind;
    use serde_json::{Value, json};

    fn pod(name: &str, owners: Value) -> Value {
        json!({
            "metadata": { "name": name, "ownerReferences": owners },
            "spec": { "nodeName": "n", "containers": [{ "name": "c", "image": "i" }] },
        })
    }

    fn addressed(scene: &mut Scene, name: &str, ip: &str) {
        scene.create(Kind::Pod, pod(name, json!([])));
        let status = json!({ "status": { "phase": "Running", "podIP": ip } });
        scene.patch(Kind::Pod, name, Some(Subresource::Status), status);
    }

    #[test]
    fn wrongs_at_rest_are_noticed() {
        type Case = (fn(&mut Scene), &'static str);
        let cases: [Case; 5] = [
            (
                |s| {
                    let mut owners = s.owners();
                    owners[0]["uid"] = json!("gone");
                    s.create(Kind::Pod, pod("p", owners));
                },
                "Pod default/p names an owner that is gone: StatefulSet web",
            ),
            (
                |s| {
                    addressed(s, "p", "10.0.0.1");
                    addressed(s, "q", "10.0.0.1");
                },
                "q and p have the address 10.0.0.1",
            ),
            (
                |s| {
                    s.create(Kind::Node, json!({ "metadata": { "name": "n" } }));
                    let room = json!({ "status": { "allocatable": { "pods": "1" } } });
                    s.patch(Kind::Node, "n", Some(Subresource::Status), room);
                    addressed(s, "p", "10.0.0.1");
                    addressed(s, "q", "10.0.0.2");
                },
                "n has 2 pods and room for 1",
            ),
            (|_| {}, "web is at generation Some(1), its status at None"),
            (
                |s| s.observed(1),
                "web says replicas, ready, updated are [0, 0, 0], they are [3, 3, 0]",
            ),
        ];
        for (deed, expected) in cases {
            let mut scene = Scene::new();
            deed(&mut scene);
            let found = super::check(scene.server.store()).err().unwrap_or_default();
            assert_eq!(found, expected);
        }
    }
}
