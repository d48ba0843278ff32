//! Revisions and partition of a set, its blocks, what belongs to an object and what changed in it last.

use super::learner::Learner;
use petset_playground::view::{BlockView, ChangeView, DiffKind, ObjectRef};

const APPLY: &str = "kubectl apply -f headless-service.yaml -f statefulset.yaml";
const IMAGE: &str = "kubectl set image statefulset/nginx-ss nginx=nginx:1.25";

fn applied() -> Learner {
    let mut learner = Learner::with_lab3();
    learner.output(APPLY);
    learner.settle();
    learner
}

/// The places that run the new revision.
fn updated(learner: &Learner) -> Vec<u32> {
    let set = learner.set();
    let rollout = set
        .rollout
        .unwrap_or_else(|| panic!("the set is in the cluster"));
    let places = set.places.into_iter().filter(|place| {
        let pod = place.pod.as_ref();
        pod.and_then(|pod| pod.revision.as_deref()) == Some(rollout.update.as_str())
    });
    places.map(|place| place.ordinal).collect()
}

#[test]
fn the_offered_command_moves_the_partition_and_the_rest_follows() {
    let learner = Learner::with_lab3();
    assert_eq!(learner.set().rollout, None, "only a file yet");
    let mut learner = applied();
    let rollout = learner.set().rollout.unwrap_or_else(|| panic!("a rollout"));
    assert_eq!((rollout.partition, rollout.moves), (0, true));
    assert_eq!(rollout.current, rollout.update);
    let command = learner.set().partition_command(2);
    assert!(learner.output(&command).contains("patched"), "{command}");
    learner.output(IMAGE);
    learner.settle();
    assert_eq!(updated(&learner), [2]);
    let command = learner.set().partition_command(0);
    learner.output(&command);
    learner.settle();
    assert_eq!(updated(&learner), [0, 1, 2]);
}

fn related(learner: &Learner, kind: &str, name: &str) -> Vec<String> {
    let object = match kind {
        "Node" | "PersistentVolume" => ObjectRef::cluster_wide(kind, name),
        _ => ObjectRef::namespaced(kind, "default", name),
    };
    let all = learner.session.related(&object).into_iter();
    let mut names: Vec<String> = all
        .map(|other| format!("{} {}", other.kind, other.name))
        .collect();
    names.sort();
    names
}

#[test]
fn what_belongs_together_is_found_from_every_side() {
    let learner = applied();
    let set = learner.set();
    let place = &set.places[1];
    let claim = place.claims[0]
        .claim
        .as_ref()
        .unwrap_or_else(|| panic!("a claim"));
    let volume = claim
        .volume
        .as_ref()
        .map(|volume| volume.object.name.clone())
        .unwrap_or_default();
    let node = place
        .pod
        .as_ref()
        .and_then(|pod| pod.node.clone())
        .map(|node| node.name)
        .unwrap_or_default();
    let of_pod = related(&learner, "Pod", "nginx-ss-1");
    let expected = [
        format!("Node {node}"),
        format!("PersistentVolume {volume}"),
        "PersistentVolumeClaim data-nginx-ss-1".to_owned(),
        "StatefulSet nginx-ss".to_owned(),
    ];
    assert_eq!(of_pod, expected);
    let cases = [
        ("PersistentVolumeClaim", "data-nginx-ss-1"),
        ("PersistentVolume", volume.as_str()),
        ("Node", node.as_str()),
        ("StatefulSet", "nginx-ss"),
        ("Service", "my-headless-svc"),
    ];
    for (kind, name) in cases {
        let found = related(&learner, kind, name);
        assert!(
            found.iter().any(|other| other == "Pod nginx-ss-1"),
            "{kind} {name}: {found:?}"
        );
    }
    assert!(related(&learner, "Pod", "nobody").is_empty());
}

fn changed(change: &ChangeView, kind: DiffKind) -> Vec<String> {
    let lines = change.lines.iter().filter(|line| line.kind == kind);
    lines.map(|line| line.text.trim().to_owned()).collect()
}

#[test]
fn the_last_change_of_an_object_is_a_difference() {
    let mut learner = applied();
    let set = ObjectRef::namespaced("StatefulSet", "default", "nginx-ss");
    let claim = ObjectRef::namespaced("PersistentVolumeClaim", "default", "data-nginx-ss-0");
    let bound = learner
        .session
        .last_change(&claim)
        .unwrap_or_else(|| panic!("remembered"));
    assert!(
        !bound.added && changed(&bound, DiffKind::Added).contains(&"phase: Bound".to_owned()),
        "{bound:?}"
    );
    learner.session.set_paused(true);
    learner.output("kubectl annotate sts nginx-ss looked=yes");
    let change = learner
        .session
        .last_change(&set)
        .unwrap_or_else(|| panic!("remembered"));
    assert!(
        changed(&change, DiffKind::Added).contains(&"looked: \"yes\"".to_owned()),
        "{change:?}"
    );
    assert!(change.lines.iter().any(|line| line.kind == DiffKind::Gap));
    let service = ObjectRef::namespaced("Service", "default", "my-headless-svc");
    assert!(
        learner
            .session
            .last_change(&service)
            .is_some_and(|change| change.added)
    );
    assert_eq!(
        learner
            .session
            .last_change(&ObjectRef::cluster_wide("Node", "nobody")),
        None
    );
}

fn counted(learner: &Learner) -> Vec<BlockView> {
    learner.session.set_blocks(&learner.set())
}

#[test]
fn a_thousand_places_are_blocks_that_count_what_is_in_them() {
    let mut learner = Learner::with_lab3();
    learner.output("sed -e 's/replicas: 3/replicas: 1000/' -e 's/serviceName/podManagementPolicy: Parallel\\n  serviceName/' -e '/volumeClaimTemplates/,$d' -e '/volumeMounts/,/mountPath/d' statefulset.yaml > many.yaml");
    learner.output("kubectl apply -f headless-service.yaml -f many.yaml");
    for round in 0..4 {
        // What is kept from before and what is counted anew agree at every step.
        let kept = counted(&learner);
        learner.session.look_at(None);
        assert_eq!(kept, counted(&learner), "round {round}");
        let total: u32 = kept.iter().flat_map(|block| block.counts).sum();
        assert_eq!((total, kept.len()), (1_000, 20));
        while learner.session.run_until_quiet(2_000).events > 0 && round > 2 {}
    }
    let done = counted(&learner);
    // Three nodes have room for 330 pods less those of the system: the rest waits.
    let ready: u32 = done.iter().map(|block| block.counts[0]).sum();
    let waiting: u32 = done.iter().map(|block| block.counts[2]).sum();
    assert!(ready > 300 && ready + waiting == 1_000, "{ready} {waiting}");
    assert_eq!(
        (done[1].position, done[1].first, done[1].last),
        (50, 50, 99)
    );
}

#[test]
fn a_set_that_stands_in_two_files_is_one() {
    let mut learner = Learner::with_lab3();
    learner.output("cp statefulset.yaml copy.yaml");
    assert_eq!(learner.session.set_views(0, 24).len(), 1);
}
