//! What can be done to an object, and that it does what it says.

use super::learner::Learner;
use petset_playground::view::{Deed, DeedView, ObjectRef};

fn ready_lab() -> Learner {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.settle();
    learner
}

fn pod(ordinal: u32) -> ObjectRef {
    ObjectRef::namespaced("Pod", "default", &format!("nginx-ss-{ordinal}"))
}

fn set() -> ObjectRef {
    ObjectRef::namespaced("StatefulSet", "default", "nginx-ss")
}

fn offered(learner: &Learner, object: &ObjectRef) -> Vec<Deed> {
    let deeds = learner.session.deeds(object);
    deeds.into_iter().map(|view| view.deed).collect()
}

/// Runs the command of a deed, and what follows from it within so much virtual time.
fn try_it(learner: &mut Learner, object: &ObjectRef, deed: Deed, seconds: u32) {
    let deeds = learner.session.deeds(object);
    let found = deeds.iter().find(|view| view.deed == deed);
    let DeedView { command, .. } = found.unwrap_or_else(|| panic!("{deed:?} is not in {deeds:?}"));
    let block = learner.run(command);
    assert_eq!(block.exit_code, Some(0), "{command}: {block:?}");
    learner.session.set_speed(100.0);
    learner.wait_ms(seconds * 10);
}

#[test]
fn every_deed_of_a_pod_a_claim_and_a_set_does_what_it_says() {
    let mut learner = ready_lab();
    assert_eq!(
        offered(&learner, &pod(0)),
        [
            Deed::DeletePod,
            Deed::KillProcess,
            Deed::BreakPull,
            Deed::SlowPull
        ]
    );
    try_it(&mut learner, &pod(0), Deed::KillProcess, 30);
    assert_eq!(
        learner.set().places[0].pod.as_ref().map(|pod| pod.restarts),
        Some(1)
    );
    let uid = |learner: &Learner, at: usize| {
        learner.set().places[at]
            .pod
            .as_ref()
            .map(|pod| pod.uid.clone())
    };
    let before = uid(&learner, 1);
    try_it(&mut learner, &pod(1), Deed::DeletePod, 60);
    assert!(before.is_some() && uid(&learner, 1).is_some_and(|after| Some(after) != before));

    try_it(&mut learner, &set(), Deed::ScaleDown, 60);
    assert_eq!(learner.places()[2], "2 - Bound kept");
    let claim = ObjectRef::namespaced("PersistentVolumeClaim", "default", "data-nginx-ss-2");
    try_it(&mut learner, &claim, Deed::DeleteClaim, 60);
    assert_eq!(learner.places().len(), 2);
    try_it(&mut learner, &set(), Deed::ScaleUp, 60);
    assert_eq!(learner.places()[2], "2 Running Bound");
    let before = uid(&learner, 0);
    try_it(&mut learner, &set(), Deed::Restart, 120);
    assert_ne!(uid(&learner, 0), before);
    try_it(&mut learner, &set(), Deed::Orphan, 10);
    assert_eq!(offered(&learner, &set()), []);
    assert_eq!(
        offered(&learner, &pod(0)),
        [
            Deed::DeleteLonePod,
            Deed::KillProcess,
            Deed::BreakPull,
            Deed::SlowPull
        ]
    );
    try_it(&mut learner, &pod(0), Deed::DeleteLonePod, 60);
    assert_eq!(offered(&learner, &pod(0)), []);
}

#[test]
fn every_deed_of_a_node_does_what_it_says() {
    let mut learner = ready_lab();
    let home = learner.set().places[0].pod.clone().and_then(|pod| pod.node);
    let node = home.unwrap_or_else(|| panic!("nginx-ss-0 has a node"));
    let status = |learner: &Learner| {
        let nodes = learner.session.nodes_view(10).nodes;
        nodes
            .into_iter()
            .find(|view| view.object == node)
            .map(|view| view.status)
    };
    assert_eq!(
        offered(&learner, &node),
        [Deed::Cordon, Deed::Drain, Deed::CutOff, Deed::PowerOff]
    );
    try_it(&mut learner, &node, Deed::Cordon, 1);
    assert_eq!(
        status(&learner).as_deref(),
        Some("Ready,SchedulingDisabled")
    );
    try_it(&mut learner, &node, Deed::Uncordon, 1);
    try_it(&mut learner, &node, Deed::CutOff, 60);
    assert_eq!(status(&learner).as_deref(), Some("NotReady"));
    try_it(&mut learner, &node, Deed::Cordon, 300);
    assert!(
        learner.set().places[0]
            .pod
            .as_ref()
            .is_some_and(|pod| pod.terminating)
    );
    try_it(&mut learner, &node, Deed::Reconnect, 60);
    assert_eq!(learner.places()[0], "0 Running Bound");
    try_it(&mut learner, &node, Deed::Drain, 60);
    assert_eq!(learner.set().ready, 3);
}
