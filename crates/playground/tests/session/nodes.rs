//! The nodes and what runs on them.

use super::learner::Learner;
use petset_playground::view::{Meaning, NodesView};

fn nodes(learner: &Learner) -> NodesView {
    learner.session.nodes_view(10)
}

/// Each node in a few words: its status, and its pods of namespace `default` with theirs.
fn in_words(learner: &Learner) -> Vec<String> {
    let words = nodes(learner).nodes.into_iter().map(|node| {
        let pods = node.pods.into_iter();
        let own: Vec<String> = pods
            .filter(|pod| pod.object.namespace.as_deref() == Some("default"))
            .map(|pod| format!("{}={}", pod.object.name, pod.status))
            .collect();
        format!("{} {} [{}]", node.object.name, node.status, own.join(" "))
    });
    words.collect()
}

#[test]
fn nodes_show_their_pods_and_who_waits_for_one() {
    let mut learner = Learner::with_lab3();
    assert_eq!(
        in_words(&learner),
        ["node-1 Ready []", "node-2 Ready []", "node-3 Ready []"]
    );
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.settle();
    let all = in_words(&learner).concat();
    for ordinal in 0..3 {
        assert!(
            all.contains(&format!("nginx-ss-{ordinal}=Running")),
            "{all}"
        );
    }
    let view = nodes(&learner);
    assert!(view.nodes.iter().all(|node| {
        node.meaning == Meaning::Ready && node.pod_capacity == 110 && !node.address.is_empty()
    }));
    let owners: Vec<_> = view
        .nodes
        .iter()
        .flat_map(|node| &node.pods)
        .filter_map(|pod| pod.owner.as_deref())
        .filter(|owner| *owner == "nginx-ss")
        .collect();
    assert_eq!(owners.len(), 3);

    for node in ["node-1", "node-2", "node-3"] {
        learner.output(&format!("kubectl cordon {node}"));
    }
    learner.output("kubectl scale sts nginx-ss --replicas=4");
    learner.settle();
    let view = nodes(&learner);
    assert!(
        view.nodes
            .iter()
            .all(|node| node.meaning == Meaning::Waiting
                && node.status == "Ready,SchedulingDisabled"
                && node.taints == ["node.kubernetes.io/unschedulable:NoSchedule"])
    );
    assert_eq!(view.unplaced_count, 1);
    assert_eq!(view.unplaced[0].object.name, "nginx-ss-3");
    assert_eq!(view.unplaced[0].status, "Pending");
}

#[test]
fn many_pods_are_counted_and_not_all_listed() {
    let mut learner = Learner::with_lab3();
    learner.output("sed -e 's/replicas: 3/replicas: 60/' -e 's/serviceName/podManagementPolicy: Parallel\\n  serviceName/' statefulset.yaml > many.yaml");
    learner.output("kubectl apply -f headless-service.yaml -f many.yaml");
    learner.settle();
    let view = nodes(&learner);
    assert!(view.nodes.iter().all(|node| node.pods.len() <= 10));
    assert!(view.nodes.iter().map(|node| node.pod_count).sum::<u32>() >= 60);
}
