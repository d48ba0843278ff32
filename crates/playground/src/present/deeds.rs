//! What can be done to an object.

use crate::view::{Deed, DeedView, ObjectRef};
use petset_cluster::kubelet::faults::Fault;
use petset_cluster::{Cluster, Key, Kind, Object};

/// What can be done to `object` now. Nothing when it is on its way out, or not there.
pub(crate) fn deeds(cluster: &Cluster, object: &ObjectRef) -> Vec<DeedView> {
    let Some(kind) = Kind::ALL
        .iter()
        .find(|kind| kind.info().kind == object.kind)
    else {
        return Vec::new();
    };
    let key = Key::new(object.namespace.as_deref().unwrap_or(""), &object.name);
    let stored = cluster.store().get(*kind, &key);
    let Some(stored) = stored.filter(|stored| !stored.is_terminating()) else {
        return Vec::new();
    };
    let (name, within) = (&object.name, namespace_flag(object));
    let chosen = match &**stored {
        Object::Pod(_) => {
            let mut all = pod(stored, name, &within);
            all.extend(faults_of_pod(cluster, stored, &within));
            all
        }
        Object::Service(_) => {
            let cut = cluster.faults().any(|fault| *fault == Fault::NoDns);
            vec![match cut {
                true => (Deed::MendDns, "fault mend-dns".to_owned()),
                false => (Deed::CutDns, "fault cut-dns".to_owned()),
            }]
        }
        Object::Node(node) => {
            let cordoned = node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true);
            of_node(cluster, name, cordoned)
        }
        Object::PersistentVolumeClaim(_) => {
            let delete = format!("kubectl delete pvc {name}{within} --wait=false");
            let mut all = vec![(Deed::DeleteClaim, delete)];
            all.extend(fault_of_claim(cluster, stored, &within));
            all
        }
        Object::StatefulSet(set) => {
            let replicas = set
                .spec
                .as_ref()
                .and_then(|spec| spec.replicas)
                .unwrap_or(1);
            of_set(name, replicas, &within)
        }
        _ => Vec::new(),
    };
    let view = |(deed, command)| DeedView { deed, command };
    chosen.into_iter().map(view).collect()
}

fn namespace_flag(object: &ObjectRef) -> String {
    match object.namespace.as_deref() {
        None | Some("default") => String::new(),
        Some(namespace) => format!(" -n {namespace}"),
    }
}

fn pod(stored: &Object, name: &str, within: &str) -> Vec<(Deed, String)> {
    let owners = stored.meta().owner_references.iter().flatten();
    let delete = match owners
        .filter(|owner| owner.controller == Some(true))
        .count()
    {
        0 => Deed::DeleteLonePod,
        _ => Deed::DeletePod,
    };
    let Object::Pod(pod) = stored else {
        return Vec::new();
    };
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    let mut chosen = vec![(delete, format!("kubectl delete pod {name}{within}"))];
    if phase == Some("Running") {
        chosen.push((
            Deed::KillProcess,
            format!("kubectl exec {name}{within} -- kill 1"),
        ));
    }
    chosen
}

/// What can go wrong with a pod besides its end, or be mended.
fn faults_of_pod(cluster: &Cluster, stored: &Object, within: &str) -> Vec<(Deed, String)> {
    let Object::Pod(pod) = stored else {
        return Vec::new();
    };
    let name = stored.name();
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let has = |fault: Fault| cluster.faults().any(|known| *known == fault);
    let mut chosen = Vec::new();
    let probed = containers.clone().any(|container| {
        container.readiness_probe.is_some()
            || container.liveness_probe.is_some()
            || container.startup_probe.is_some()
    });
    if has(Fault::HangingProbes(stored.key())) {
        chosen.push((Deed::Unhang, format!("fault unhang {name}{within}")));
    } else if probed {
        chosen.push((Deed::Hang, format!("fault hang {name}{within}")));
    }
    let mut containers = containers;
    let image = containers
        .next()
        .and_then(|container| container.image.as_deref());
    let Some((image, full)) =
        image.and_then(|image| Some((image, cluster.full_image_name(image)?)))
    else {
        return chosen;
    };
    if has(Fault::BrokenPull(full.clone())) || has(Fault::SlowPull(full)) {
        chosen.push((Deed::MendPull, format!("fault mend-pull {image}")));
    } else {
        chosen.push((Deed::BreakPull, format!("fault break-pull {image}")));
        chosen.push((Deed::SlowPull, format!("fault slow-pull {image}")));
    }
    chosen
}

/// Whether a claim's disk can be filled, or freed again.
fn fault_of_claim(cluster: &Cluster, stored: &Object, within: &str) -> Option<(Deed, String)> {
    let name = stored.name();
    if cluster
        .faults()
        .any(|fault| *fault == Fault::FullDisk(stored.key()))
    {
        return Some((Deed::FreeDisk, format!("fault free-disk {name}{within}")));
    }
    let Object::PersistentVolumeClaim(claim) = stored else {
        return None;
    };
    let volume = claim.spec.as_ref()?.volume_name.as_deref()?;
    (!volume.is_empty()).then(|| (Deed::FillDisk, format!("fault fill-disk {name}{within}")))
}

fn of_node(cluster: &Cluster, name: &str, cordoned: bool) -> Vec<(Deed, String)> {
    let cordon = match cordoned {
        true => (Deed::Uncordon, format!("kubectl uncordon {name}")),
        false => (Deed::Cordon, format!("kubectl cordon {name}")),
    };
    if cluster.is_node_off(name) {
        return vec![cordon, (Deed::PowerOn, format!("fault power-on {name}"))];
    }
    let connection = match cluster.is_node_cut_off(name) {
        true => (Deed::Reconnect, format!("fault reconnect {name}")),
        false => (Deed::CutOff, format!("fault cut-off {name}")),
    };
    let off = (Deed::PowerOff, format!("fault power-off {name}"));
    let drain = format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data");
    vec![cordon, (Deed::Drain, drain), connection, off]
}

fn of_set(name: &str, replicas: i32, within: &str) -> Vec<(Deed, String)> {
    let scale = |to: i32| format!("kubectl scale sts {name}{within} --replicas={to}");
    let mut chosen = vec![(Deed::ScaleUp, scale(replicas.saturating_add(1)))];
    if replicas > 0 {
        chosen.push((Deed::ScaleDown, scale(replicas - 1)));
    }
    chosen.push((
        Deed::Restart,
        format!("kubectl rollout restart sts {name}{within}"),
    ));
    chosen.push((
        Deed::Orphan,
        format!("kubectl delete sts {name}{within} --cascade=orphan"),
    ));
    chosen
}
