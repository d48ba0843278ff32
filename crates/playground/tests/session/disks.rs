//! What the pictures of disks and names show, and how they read as text.

use super::learner::Learner;
use petset_playground::Session;
use petset_playground::text::Language;
use petset_playground::view::{AttemptOutcome, DiskKind, Fate, WayAsker, WayStep, WriteKind};

const PODS: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: out}
spec: {type: NodePort, selector: {app: nginx-ss}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: scratch}
spec:
  terminationGracePeriodSeconds: 0
  dnsPolicy: None
  dnsConfig: {nameservers: [10.96.0.10], searches: [svc.cluster.local]}
  containers: [{name: c, image: nginx, volumeMounts: [{name: tmp, mountPath: /scratch}]}]
  volumes: [{name: tmp, emptyDir: {}}]
"#;

fn learner() -> Learner {
    let lab3 = Session::with_lab3(1);
    let mut files: Vec<(String, String)> = lab3
        .files()
        .iter()
        .map(|file| {
            (
                file.name.clone(),
                lab3.file_text(&file.name).unwrap_or("").to_owned(),
            )
        })
        .collect();
    files.push(("pods.yaml".to_owned(), PODS.to_owned()));
    let mut learner = Learner::new(Session::new(1, files));
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml -f pods.yaml");
    learner.settle();
    learner
}

#[test]
fn disks_show_their_bytes_their_writers_and_their_fate() {
    let mut learner = learner();
    learner.output("kubectl exec nginx-ss-1 -- sh -c 'echo one > /usr/share/nginx/html/me'");
    learner.output("kubectl exec scratch -- sh -c 'echo gone > /scratch/note'");
    let view = learner.session.storage_view(None, 100);
    assert_eq!(
        (view.disk_count, view.sets.as_slice()),
        (4, &["nginx-ss".to_owned()][..])
    );
    let claim = &view.disks[1];
    assert_eq!(
        (claim.name.as_str(), claim.kind),
        ("data-nginx-ss-1", DiskKind::Claim)
    );
    assert_eq!(claim.pods[0].name, "nginx-ss-1");
    assert!(claim.changed || view.disks[3].changed);
    let file = &claim.files[0];
    assert_eq!(
        (
            file.path.as_str(),
            file.text.as_deref(),
            file.mode.as_str(),
            file.writer.as_deref()
        ),
        ("/me", Some("one\n"), "-rw-r--r--", Some("nginx-ss-1"))
    );
    assert_eq!(claim.writes[0].change, WriteKind::Written);
    assert_eq!(claim.fates, [Fate::OutlivePod, Fate::GoWithClaim]);
    let scratch = &view.disks[3];
    assert_eq!(
        (scratch.kind, scratch.set.as_deref()),
        (DiskKind::EmptyDir, None)
    );
    assert_eq!(scratch.fates, [Fate::GoWithPod]);
    assert!(view.lost.is_empty());
    assert_eq!(
        learner
            .session
            .storage_view(Some("nginx-ss"), 2)
            .disks
            .len(),
        2
    );

    learner.output("kubectl delete pod scratch nginx-ss-1");
    learner.settle();
    let view = learner.session.storage_view(None, 100);
    assert_eq!(view.disks[1].files[0].text.as_deref(), Some("one\n"));
    assert_eq!(view.lost[0].files, ["/note"]);
    assert!(view.lost[0].with_pod);
    for language in Language::ALL {
        let text = (language.texts().storage_text)(&view);
        assert!(
            text.contains("/me (nginx-ss-1): one") && text.contains("/note"),
            "{text}"
        );
    }
}

#[test]
fn names_are_asked_as_the_chosen_pod_would() {
    let learner = learner();
    let asked = |pod: Option<&str>, name: &str| {
        let view = learner.session.resolve(pod, name);
        let tried: Vec<String> = view
            .attempts
            .iter()
            .map(|attempt| attempt.query.clone())
            .collect();
        (tried.join(" "), view.answers.len(), view.ndots)
    };
    let full = "nginx-ss-0.my-headless-svc.default.svc.cluster.local";
    assert_eq!(
        asked(None, "nginx-ss-0.my-headless-svc"),
        (full.to_owned(), 1, 5)
    );
    let own = learner.session.resolve(Some("nginx-ss-0"), "nginx-ss-0");
    assert!(
        matches!(own.attempts[0].outcome, AttemptOutcome::HostsFile { .. }),
        "{own:?}"
    );
    // Its own search path has no namespace in it, and no ndots.
    let (tried, answers, ndots) = asked(Some("scratch"), "nginx-ss-0.my-headless-svc");
    assert_eq!((answers, ndots), (0, 1), "{tried}");
    assert_eq!(asked(Some("scratch"), "my-headless-svc.default").1, 3);
}

#[test]
fn what_vanished_and_which_way_a_request_took_can_be_seen() {
    let mut learner = learner();
    let body = learner.output("curl -s localhost:30080");
    assert!(
        body.contains("Welcome to nginx") || body.contains("403"),
        "{body}"
    );
    let view = learner.session.dns_view(100);
    let way = &view.ways[0];
    assert_eq!((&way.asker, way.is_lookup), (&WayAsker::Prompt, false));
    assert!(
        matches!(&way.steps[..], [WayStep::Service { node_port: true, .. }, WayStep::Endpoints { eligible, .. },
            WayStep::Chosen { of: 3, .. }, WayStep::Status { .. }] if eligible.len() == 3),
        "{way:?}"
    );
    learner.output("kubectl scale sts nginx-ss --replicas=2");
    learner.settle();
    let view = learner.session.dns_view(100);
    let records = view.zones.iter().flat_map(|zone| &zone.records);
    let vanished: Vec<&str> = records
        .filter(|record| record.vanished)
        .map(|record| record.name.as_str())
        .collect();
    assert!(
        vanished.contains(&"nginx-ss-2.my-headless-svc.default.svc.cluster.local"),
        "{vanished:?}"
    );
    for language in Language::ALL {
        let text = (language.texts().dns_text)(&view);
        assert!(
            text.contains("$ORIGIN my-headless-svc.default.svc.cluster.local."),
            "{text}"
        );
        assert!(text.contains("; nginx-ss-2.my-headless-svc"), "{text}");
    }
}
