//! Who owns whom, and whether what the view says of a deletion comes true.

use super::learner::Learner;
use petset_playground::view::{Cascade, NodeFate, OwnerNode, Tie};

const APPLY: &str = "kubectl apply -f headless-service.yaml -f statefulset.yaml";
const POLICY: &str = "sed -e 's/replicas: 3/replicas: 3\\n  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}/' statefulset.yaml > owned.yaml";

fn flat<'a>(node: &'a OwnerNode, into: &mut Vec<&'a OwnerNode>) {
    into.push(node);
    node.below.iter().for_each(|below| flat(below, into));
}

/// What each object of the tree would become: kind, name, and whether it is gone in the end.
fn foretold(learner: &Learner, cascade: Cascade) -> Vec<(String, String, bool)> {
    let view = learner.session.owners_view();
    let mut all = Vec::new();
    view.roots.iter().for_each(|root| flat(root, &mut all));
    let said = all.into_iter().map(|node| {
        let object = &node.object;
        let goes = node.fates[cascade as usize].goes();
        (object.kind.clone(), object.name.clone(), goes)
    });
    said.collect()
}

#[test]
fn what_is_foretold_of_a_deletion_comes_true() {
    let cases = [
        (
            "sts without a policy",
            vec![APPLY],
            "kubectl delete sts nginx-ss",
        ),
        (
            "sts that takes its claims along",
            vec![
                POLICY,
                "kubectl apply -f headless-service.yaml -f owned.yaml",
            ],
            "kubectl delete sts nginx-ss",
        ),
        (
            "deployment",
            vec!["kubectl create deployment front --image=nginx:1.21 --replicas=2"],
            "kubectl delete deployment front",
        ),
    ];
    for (what, commands, delete) in cases {
        for cascade in Cascade::ALL {
            let mut learner = Learner::with_lab3();
            for command in &commands {
                learner.output(command);
            }
            learner.settle();
            let before = foretold(&learner, cascade);
            assert!(before.len() >= 4, "{what}: {before:?}");
            learner.session.submit(
                learner.terminal,
                &format!("{delete} --cascade={}", cascade.name()),
            );
            learner.settle();
            for (kind, name, goes) in before {
                let there = learner.output(&format!("kubectl get {kind} {name} -o name"));
                assert_eq!(
                    there.contains("NotFound"),
                    goes,
                    "{what}, {cascade:?}: {kind} {name}: {there}"
                );
            }
        }
    }
}

#[test]
fn a_tree_shows_what_is_controlled_and_what_is_only_used() {
    let mut learner = Learner::with_lab3();
    assert!(learner.session.owners_view().roots.is_empty());
    learner.output(APPLY);
    learner.settle();
    let view = learner.session.owners_view();
    let set = &view.roots[0];
    assert_eq!(
        (set.object.kind.as_str(), set.state.as_str(), set.tie),
        ("StatefulSet", "3/3", Tie::None)
    );
    let below: Vec<(&str, Tie)> = set
        .below
        .iter()
        .map(|node| (node.object.kind.as_str(), node.tie))
        .collect();
    let mut expected = vec![("ControllerRevision", Tie::Controlled)];
    expected.extend([("Pod", Tie::Controlled); 3]);
    expected.extend([("PersistentVolumeClaim", Tie::Used); 3]);
    assert_eq!(below, expected);
    let claim = &set.below[4];
    assert_eq!(claim.finalizers, ["kubernetes.io/pvc-protection"]);
    assert_eq!(
        (claim.fates, claim.below[0].object.kind.as_str()),
        ([NodeFate::Stays; 3], "PersistentVolume")
    );
    let command = Cascade::Orphan.command(&set.object);
    assert_eq!(
        command,
        "kubectl delete statefulset nginx-ss --cascade=orphan"
    );
}

#[test]
fn large_trees_are_counted_and_not_all_drawn() {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl create deployment front --image=nginx:1.21 --replicas=200");
    learner.settle();
    let view = learner.session.owners_view();
    let replica_set = &view.roots[0].below[0];
    assert_eq!((replica_set.below.len(), replica_set.left_out), (24, 176));
}
