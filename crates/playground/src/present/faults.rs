//! What is wrong on request now, and what mends it.

use crate::view::{Deed, FaultView, ObjectRef, Wrong};
use petset_cluster::kubelet::faults::Fault;
use petset_cluster::{Cluster, Key, Kind};

/// Everything that is wrong: nodes first, then the rest in the order of `fault list`.
pub(crate) fn faults(cluster: &Cluster) -> Vec<FaultView> {
    let nodes = cluster.store().list(Kind::Node, None);
    let silent = nodes.filter(|node| cluster.is_node_cut_off(node.name()));
    let mut all: Vec<FaultView> = silent
        .map(|node| of_node(node.name(), cluster.is_node_off(node.name())))
        .collect();
    all.extend(cluster.faults().map(of));
    all
}

fn of_node(name: &str, off: bool) -> FaultView {
    let (wrong, mend, word) = match off {
        true => (Wrong::PowerOff, Deed::PowerOn, "power-on"),
        false => (Wrong::CutOff, Deed::Reconnect, "reconnect"),
    };
    FaultView {
        wrong,
        object: Some(ObjectRef::cluster_wide("Node", name)),
        name: name.to_owned(),
        mend,
        command: format!("fault {word} {name}"),
    }
}

fn of(fault: &Fault) -> FaultView {
    let (wrong, mend, word) = match fault {
        Fault::FullDisk(_) => (Wrong::FullDisk, Deed::FreeDisk, "free-disk"),
        Fault::BrokenPull(_) => (Wrong::BrokenPull, Deed::MendPull, "mend-pull"),
        Fault::SlowPull(_) => (Wrong::SlowPull, Deed::MendPull, "mend-pull"),
        Fault::HangingProbes(_) => (Wrong::Hanging, Deed::Unhang, "unhang"),
        Fault::NoDns => (Wrong::NoDns, Deed::MendDns, "mend-dns"),
    };
    let object = |kind: &str, key: &Key| {
        let object = ObjectRef::namespaced(kind, key.namespace(), key.name());
        let within = match key.namespace() {
            "default" => String::new(),
            namespace => format!(" -n {namespace}"),
        };
        (Some(object), key.name().to_owned(), within)
    };
    let (object, name, within) = match fault {
        Fault::FullDisk(claim) => object("PersistentVolumeClaim", claim),
        Fault::HangingProbes(pod) => object("Pod", pod),
        Fault::BrokenPull(image) | Fault::SlowPull(image) => (None, image.clone(), String::new()),
        Fault::NoDns => (None, String::new(), String::new()),
    };
    let command = format!("fault {word} {name}{within}").trim_end().to_owned();
    FaultView {
        wrong,
        object,
        name,
        mend,
        command,
    }
}
