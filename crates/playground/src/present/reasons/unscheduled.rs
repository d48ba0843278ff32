//! Why a pod has no node: what the scheduler found.

use super::{Asked, LISTED, lacks};
use crate::view::{Lack, LackView, ObjectRef, Reason};
use k8s_openapi::api::core::v1::Pod;
use petset_cluster::Kind;
use petset_cluster::trace::{ClaimLack, Fact, NodeLack};

/// Answers for a pod without a node.
pub(super) fn answer(asked: &mut Asked<'_>, pod: &Pod) {
    let Some(spec) = &pod.spec else { return };
    let gates = spec.scheduling_gates.as_deref().unwrap_or_default();
    if !gates.is_empty() {
        let names: Vec<&str> = gates.iter().map(|gate| gate.name.as_str()).collect();
        let patch = format!(
            "patch pod {} --type=json -p '[{{\"op\":\"remove\",\"path\":\"/spec/schedulingGates\"}}]'",
            asked.object.name()
        );
        let command = asked.kubectl(&patch);
        asked.say(Reason::PodGated, [names.join(", ")]).command = Some(command);
        return;
    }
    let scheduler = spec.scheduler_name.as_deref().unwrap_or_default();
    if !matches!(scheduler, "" | "default-scheduler") {
        asked.say(Reason::PodOtherScheduler, [scheduler.to_owned()]);
        return;
    }
    match asked.own_fact() {
        Some(Fact::NoNodes) => {
            asked.say(Reason::PodNoNodes, []);
        }
        Some(Fact::WaitsForClaims { claims }) => {
            let next = claims.first();
            let next = next.map(|claim| asked.sibling(Kind::PersistentVolumeClaim, claim));
            asked
                .say(Reason::PodWaitsForClaims, [claims.join(", ")])
                .next = next;
        }
        Some(Fact::ClaimUnusable { lack }) => claim(asked, lack),
        Some(Fact::WaitsForVolumesOn { node }) => {
            asked.say(Reason::PodWaitsForVolumes, [node.clone()]).next =
                Some(ObjectRef::cluster_wide("Node", node));
        }
        Some(Fact::Unschedulable {
            nodes,
            total,
            nominated,
        }) => {
            if let Some(node) = nominated {
                asked.say(Reason::PodMakesRoom, [node.clone()]).next =
                    Some(ObjectRef::cluster_wide("Node", node));
            }
            let found = nodes
                .iter()
                .flat_map(|(node, lacks)| lacks.iter().map(move |lack| of_node(node, lack)));
            let found: Vec<LackView> = found.take(LISTED).collect();
            let command = format!("describe pod {}", asked.object.name());
            let command = remedy(nodes).unwrap_or_else(|| asked.kubectl(&command));
            let answer = asked.say(Reason::PodUnschedulable, [total.to_string()]);
            answer.lacks = found;
            answer.command = Some(command);
        }
        _ => {
            asked.say(Reason::PodUnseen, []);
        }
    }
}

/// The command that would make the first node fit, where one command is enough.
fn remedy(nodes: &[(String, Vec<NodeLack>)]) -> Option<String> {
    nodes
        .iter()
        .find_map(|(node, lacks)| match lacks.as_slice() {
            [NodeLack::Cordoned] => Some(format!("kubectl uncordon {node}")),
            [NodeLack::Taint { taint }] if !taint.starts_with("node.kubernetes.io/") => {
                Some(format!("kubectl taint node {node} {taint}-"))
            }
            _ => None,
        })
}

fn claim(asked: &mut Asked<'_>, lack: &ClaimLack) {
    let (name, answer) = match lack {
        ClaimLack::Missing { claim } => {
            (claim, asked.say(Reason::PodClaimMissing, [claim.clone()]))
        }
        ClaimLack::NotMadeYet { claim } => {
            (claim, asked.say(Reason::PodClaimNotMade, [claim.clone()]))
        }
        ClaimLack::Lost { claim, volume } => (
            claim,
            asked.say(Reason::PodClaimLost, [claim.clone(), volume.clone()]),
        ),
        ClaimLack::Going { claim } => (claim, asked.say(Reason::PodClaimGoing, [claim.clone()])),
        ClaimLack::Unbound => return,
    };
    answer.command = None;
    if !matches!(lack, ClaimLack::Missing { .. }) {
        let next = asked.sibling(Kind::PersistentVolumeClaim, name);
        if let Some(last) = asked.answers.last_mut() {
            last.next = Some(next);
        }
    }
}

fn of_node(node: &str, lack: &NodeLack) -> LackView {
    let plain = match lack {
        NodeLack::Taint { taint } => {
            return lacks(Some(node_of(node)), Lack::Taint, [taint.clone()]);
        }
        NodeLack::Resource {
            name,
            wanted,
            free,
            all,
        } => {
            let never = wanted > all;
            let (lack, left) = match never {
                true => (Lack::ResourceNever, all),
                false => (Lack::Resource, free),
            };
            let values = [name.clone(), amount(name, *wanted), amount(name, *left)];
            return lacks(Some(node_of(node)), lack, values);
        }
        NodeLack::Cordoned => Lack::Cordoned,
        NodeLack::NodeAffinity => Lack::NodeAffinity,
        NodeLack::Ports => Lack::Ports,
        NodeLack::Pods => Lack::Pods,
        NodeLack::ClaimInUse => Lack::ClaimInUse,
        NodeLack::VolumeMissing => Lack::VolumeMissing,
        NodeLack::VolumeAffinity => Lack::VolumeAffinity,
        NodeLack::NoVolume => Lack::NoVolume,
        NodeLack::SpreadLabel => Lack::SpreadLabel,
        NodeLack::Spread => Lack::Spread,
        NodeLack::PodAffinity => Lack::PodAffinity,
        NodeLack::PodAntiAffinity => Lack::PodAntiAffinity,
        NodeLack::OthersAntiAffinity => Lack::OthersAntiAffinity,
    };
    lacks(Some(node_of(node)), plain, [])
}

fn node_of(name: &str) -> ObjectRef {
    ObjectRef::cluster_wide("Node", name)
}

/// An amount as manifests write it: cpu comes in thousandths, all else in units.
fn amount(resource: &str, amount: i128) -> String {
    match resource {
        "cpu" if amount % 1000 == 0 => (amount / 1000).to_string(),
        "cpu" => format!("{amount}m"),
        _ => {
            let units = [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
            let whole = units
                .into_iter()
                .find(|(_, size)| amount >= 2 * size && amount != 0);
            match whole {
                Some((unit, size)) => format!("{}{unit}", amount / size),
                None => amount.to_string(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_are_written_as_in_manifests() {
        let cases = [
            ("cpu", 4000, "4"),
            ("cpu", 1250, "1250m"),
            ("memory", 64 << 20, "64Mi"),
            ("memory", 8 << 30, "8Gi"),
            ("memory", 100, "100"),
            ("pods", 0, "0"),
        ];
        for (resource, number, expected) in cases {
            assert_eq!(amount(resource, number), expected);
        }
    }
}
