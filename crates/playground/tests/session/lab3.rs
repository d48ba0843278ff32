//! The first lesson, with the pictures after each command.

use super::learner::Learner;
use petset_playground::view::{AttemptOutcome, ContainerState, SetSource, Why};

#[test]
fn places_are_drawn_before_anything_is_applied() {
    let learner = Learner::with_lab3();
    let set = learner.set();
    assert!(matches!(&set.source, SetSource::File { file } if file == "statefulset.yaml"));
    assert_eq!(learner.places(), ["0 - -", "1 - -", "2 - -"]);
    assert_eq!(set.places[0].claims[0].name, "data-nginx-ss-0");
    assert!(
        matches!(&set.places[0].why, Some(Why::NotApplied { file }) if file == "statefulset.yaml")
    );
}

#[test]
fn the_pictures_follow_the_lesson() {
    let mut learner = Learner::with_lab3();
    let applied = learner.output("kubectl apply -f headless-service.yaml");
    assert_eq!(applied, "service/my-headless-svc created\n");
    let service = learner.output("kubectl get svc my-headless-svc");
    assert!(
        service.contains("my-headless-svc   ClusterIP   None         <none>        80/TCP"),
        "{service}"
    );
    let dns = learner.session.dns_view(200);
    let zone = &dns.zones[0];
    assert_eq!(
        (zone.service.name.as_str(), zone.headless, zone.record_count),
        ("my-headless-svc", true, 0)
    );

    let applied = learner.output("kubectl apply -f statefulset.yaml");
    assert_eq!(applied, "statefulset.apps/nginx-ss created\n");
    let mut seen: Vec<Vec<String>> = Vec::new();
    for _ in 0..3_000 {
        learner.wait_ms(16);
        let places = learner.places();
        if seen.last() != Some(&places) {
            seen.push(places);
        }
    }
    // In order: a place is filled only when those before it run.
    for places in &seen {
        for pair in places.windows(2) {
            assert!(
                pair[1].contains(" - ") || pair[0].contains("Running"),
                "{places:?}"
            );
        }
    }
    assert_eq!(
        learner.places(),
        ["0 Running Bound", "1 Running Bound", "2 Running Bound"]
    );
    let set = learner.set();
    assert_eq!(
        (set.source.clone(), set.ready, set.replicas),
        (SetSource::Cluster, 3, 3)
    );
    assert!(
        set.why.is_none() && set.places.iter().all(|place| place.why.is_none()),
        "{set:?}"
    );
    let pod = set.places[1].pod.clone().unwrap_or_else(|| panic!("a pod"));
    assert_eq!(pod.containers[0].state, ContainerState::Ready);
    let volume = set.places[1].claims[0]
        .claim
        .as_ref()
        .and_then(|claim| claim.volume.clone());
    let volume = volume.unwrap_or_else(|| panic!("a volume"));
    assert_eq!(
        (volume.capacity.as_str(), volume.reclaim_policy.as_str()),
        ("1Gi", "Delete")
    );

    let dns = learner.session.dns_view(200);
    let names: Vec<&str> = dns.zones[0]
        .records
        .iter()
        .map(|record| record.name.as_str())
        .collect();
    for ordinal in 0..3 {
        let name = format!("nginx-ss-{ordinal}.my-headless-svc.default.svc.cluster.local");
        assert!(names.contains(&name.as_str()), "{names:?}");
    }
    let answer = learner
        .session
        .resolve(Some("nginx-ss-0"), "nginx-ss-0.my-headless-svc");
    assert_eq!(
        answer.attempts[0].query,
        "nginx-ss-0.my-headless-svc.default.svc.cluster.local"
    );
    assert!(matches!(
        answer.attempts[0].outcome,
        AttemptOutcome::Answer { .. }
    ));
    let unknown = learner.session.resolve(None, "nowhere");
    assert!(
        unknown.attempts.len() == 4 && unknown.answers.is_empty(),
        "{unknown:?}"
    );
}

#[test]
fn claims_outlive_a_scale_down_and_are_marked() {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.settle();
    assert_eq!(
        learner.output("kubectl scale statefulset nginx-ss --replicas=5"),
        "statefulset.apps/nginx-ss scaled\n"
    );
    learner.settle();
    assert_eq!(learner.places().len(), 5);
    assert!(
        learner
            .places()
            .iter()
            .all(|place| place.ends_with("Running Bound")),
        "{:?}",
        learner.places()
    );
    assert_eq!(
        learner.output("kubectl scale statefulset nginx-ss --replicas=2"),
        "statefulset.apps/nginx-ss scaled\n"
    );
    let mut leaving = Vec::new();
    for _ in 0..600 {
        learner.wait_ms(16);
        for place in learner.set().places {
            if place.pod.is_some_and(|pod| pod.terminating) && !leaving.contains(&place.ordinal) {
                leaving.push(place.ordinal);
            }
        }
    }
    assert_eq!(leaving, [4, 3, 2], "the highest ordinal leaves first");
    assert_eq!(
        learner.places(),
        [
            "0 Running Bound",
            "1 Running Bound",
            "2 - Bound kept",
            "3 - Bound kept",
            "4 - Bound kept"
        ]
    );
    let claims = learner.output("kubectl get pvc");
    assert_eq!(claims.lines().count(), 6, "{claims}");
    let dns = learner.session.dns_view(200);
    assert!(
        dns.zones[0]
            .records
            .iter()
            .all(|record| !record.name.starts_with("nginx-ss-2")),
        "{dns:?}"
    );
}

#[test]
fn marks_say_what_the_last_command_changed() {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.settle();
    assert!(learner.set().changed);
    learner.output("kubectl get pods");
    learner.settle();
    let set = learner.set();
    let pods = set.places.iter().filter_map(|place| place.pod.as_ref());
    assert!(
        !set.changed && pods.clone().all(|pod| !pod.changed),
        "looking changes nothing"
    );
    learner.output("kubectl delete pod nginx-ss-1");
    learner.settle();
    let changed: Vec<bool> = learner
        .set()
        .places
        .iter()
        .map(|p| p.pod.as_ref().is_some_and(|p| p.changed))
        .collect();
    assert_eq!(changed, [false, true, false]);
}

#[test]
fn the_lesson_commands_answer_as_a_cluster_does() {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.settle();
    let cases = [
        (
            "for i in 0 1; do kubectl exec nginx-ss-$i -- hostname; done",
            "nginx-ss-0\nnginx-ss-1\n",
        ),
        (
            "kubectl get pods -l app=nginx-ss -o name",
            "pod/nginx-ss-0\npod/nginx-ss-1\npod/nginx-ss-2\n",
        ),
        (
            "kubectl get sts nginx-ss -o jsonpath='{.status.readyReplicas}'",
            "3",
        ),
        (
            "kubectl get deploys",
            "error: the server doesn't have a resource type \"deploys\"\n",
        ),
        (
            "kubectl get pods nope",
            "Error from server (NotFound): pods \"nope\" not found\n",
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(learner.output(line), expected, "{line}");
    }
    let lookup = learner.output(
        "kubectl run dns-test --image=busybox:1.28 --rm -it --restart=Never -- nslookup nginx-ss-0.my-headless-svc",
    );
    assert!(
        lookup.contains("Name:      nginx-ss-0.my-headless-svc"),
        "{lookup}"
    );
    assert!(
        lookup.ends_with("pod \"dns-test\" deleted from default namespace\n"),
        "{lookup}"
    );
}
