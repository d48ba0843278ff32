//! The same commands against a StatefulSet and a ReplicaSet.

use super::learner::Learner;
use petset_playground::view::{TwinNote, TwinRow, TwinSide, TwinTopic, TwinView};

const APPLY: &str = "kubectl apply -f headless-service.yaml -f statefulset.yaml";

/// Plays the twin until it is where the session is.
fn twin(learner: &mut Learner) -> TwinView {
    while learner.session.follow_twin(64).more {}
    let view = learner.session.twin_view(None);
    assert!(!view.behind);
    view
}

fn applied() -> Learner {
    let mut learner = Learner::with_lab3();
    learner.output(APPLY);
    learner.settle();
    learner
}

fn row(view: &TwinView, topic: TwinTopic) -> &TwinRow {
    let row = view.rows.iter().find(|row| row.topic == topic);
    row.unwrap_or_else(|| panic!("no row {topic:?} in {view:#?}"))
}

fn names(side: &TwinSide) -> Vec<&str> {
    side.cells.iter().map(|cell| cell.name.as_str()).collect()
}

fn notes(side: &TwinSide) -> Vec<String> {
    let said = side.cells.iter().map(|cell| match &cell.note {
        TwinNote::Has(what) | TwinNote::Becomes(what) => what.clone(),
        TwinNote::UsedBy(pods) => pods.to_string(),
        TwinNote::After(ms) => if *ms < 50 { "at once" } else { "later" }.to_owned(),
        TwinNote::Vacant => "vacant".to_owned(),
        TwinNote::None => String::new(),
    });
    said.collect()
}

fn is_random(name: &str) -> bool {
    name.strip_prefix("nginx-ss-")
        .is_some_and(|rest| rest.len() == 5)
}

#[test]
fn names_order_disks_and_dns_differ() {
    let mut learner = Learner::with_lab3();
    let before = twin(&mut learner);
    assert_eq!(
        (before.rows.len(), before.file.as_deref()),
        (0, Some("statefulset.yaml"))
    );
    learner.output(APPLY);
    learner.settle();
    let view = twin(&mut learner);
    let all = row(&view, TwinTopic::Names);
    assert_eq!(
        names(&all.stateful),
        ["nginx-ss-0", "nginx-ss-1", "nginx-ss-2"]
    );
    assert!(names(&all.replica).into_iter().all(is_random) && all.replica.cells.len() == 3);
    let made = row(&view, TwinTopic::Creation);
    assert_eq!(notes(&made.stateful), ["at once", "later", "later"]);
    assert_eq!(notes(&made.replica), ["at once"; 3]);
    let disks = row(&view, TwinTopic::Disks);
    assert_eq!(
        notes(&disks.stateful),
        ["data-nginx-ss-0", "data-nginx-ss-1", "data-nginx-ss-2"]
    );
    assert_eq!(notes(&disks.replica), ["data-nginx-ss"; 3]);
    let claims = row(&view, TwinTopic::Claims);
    assert_eq!(notes(&claims.stateful), ["1"; 3]);
    assert_eq!(
        (names(&claims.replica), notes(&claims.replica)),
        (vec!["data-nginx-ss"], vec!["3".to_owned()])
    );
    let dns = row(&view, TwinTopic::Dns);
    assert_eq!(
        notes(&dns.stateful)[0],
        "nginx-ss-0.my-headless-svc.default"
    );
    assert!(
        notes(&dns.replica)
            .iter()
            .all(|name| name.starts_with("10-244-")),
        "{:?}",
        notes(&dns.replica)
    );
    assert!(view.manifest.contains("kind: ReplicaSet"));
    assert_eq!(view.steps[0].given, APPLY);
    assert!(
        view.steps[0]
            .answer
            .contains("replicaset.apps/nginx-ss created"),
        "{:?}",
        view.steps
    );
}

#[test]
fn a_pod_that_is_deleted_comes_back_as_itself_or_as_another() {
    let mut learner = applied();
    let view = twin(&mut learner);
    let offer = row(&view, TwinTopic::Replacement).offer.clone();
    assert_eq!(offer.as_deref(), Some("kubectl delete pod nginx-ss-0"));
    let first = row(&view, TwinTopic::Names).replica.cells[0].name.clone();
    learner.output("kubectl delete pod nginx-ss-0");
    learner.settle();
    let view = twin(&mut learner);
    let replaced = row(&view, TwinTopic::Replacement);
    assert_eq!(
        (names(&replaced.stateful), notes(&replaced.stateful)),
        (vec!["nginx-ss-0"], vec!["nginx-ss-0".to_owned()])
    );
    assert_eq!(names(&replaced.replica), [first.as_str()]);
    assert!(is_random(&notes(&replaced.replica)[0]) && notes(&replaced.replica)[0] != first);
    assert_eq!(replaced.offer, None);
    let last = &view.steps[1];
    assert_eq!(last.played, format!("kubectl delete pod {first}"));
}

#[test]
fn scaling_down_goes_from_the_highest_or_all_at_once_and_claims_stay() {
    let mut learner = applied();
    learner.output("kubectl scale statefulset nginx-ss --replicas=1");
    learner.settle();
    let view = twin(&mut learner);
    let left = row(&view, TwinTopic::Deletion);
    assert_eq!(names(&left.stateful), ["nginx-ss-2", "nginx-ss-1"]);
    assert_eq!(notes(&left.stateful), ["at once", "later"]);
    assert_eq!(notes(&left.replica), ["at once"; 2]);
    let claims = row(&view, TwinTopic::Claims);
    assert_eq!(notes(&claims.stateful), ["1", "0", "0"]);
    assert_eq!(notes(&claims.replica), ["1"]);

    // The set is gone, and what it left can still be compared.
    learner.output("kubectl delete -f statefulset.yaml");
    learner.settle();
    let view = twin(&mut learner);
    let claims = row(&view, TwinTopic::Claims);
    assert_eq!(notes(&claims.stateful), ["0"; 3]);
    assert!(claims.replica.cells.is_empty(), "{claims:?}");
    assert!(view.rows.iter().all(|row| row.offer.is_none()));
}

#[test]
fn a_new_template_replaces_the_pods_of_one_and_not_of_the_other() {
    let mut learner = applied();
    learner.output("kubectl set image statefulset/nginx-ss nginx=nginx:1.25");
    learner.settle();
    let view = twin(&mut learner);
    let update = row(&view, TwinTopic::Update);
    assert!(
        notes(&update.stateful)
            .iter()
            .all(|image| image.starts_with("nginx:1.25 ("))
    );
    assert_eq!(notes(&update.replica), ["nginx:1.21"; 3]);
}

#[test]
fn the_twin_follows_what_is_looked_at_and_changes_nothing() {
    let mut learner = applied();
    let applied = twin(&mut learner);
    learner.output("kubectl scale statefulset nginx-ss --replicas=1");
    learner.settle();
    let (digest, saved) = (learner.session.digest(), learner.session.save());
    let scaled = twin(&mut learner);
    assert_eq!(row(&scaled, TwinTopic::Names).replica.cells.len(), 1);
    let moments = learner.session.past().moments;
    let before = moments.iter().rposition(|moment| moment.command.is_some());
    learner.session.look_at(before);
    let then = twin(&mut learner);
    assert_eq!(
        row(&then, TwinTopic::Names),
        row(&applied, TwinTopic::Names)
    );
    learner.session.look_at(None);
    assert_eq!(twin(&mut learner), scaled);
    assert_eq!(
        (learner.session.digest(), learner.session.save()),
        (digest, saved)
    );
}

#[test]
fn here_documents_are_played_too() {
    let mut learner = Learner::with_lab3();
    let lines = [
        "kubectl apply -f - <<EOF",
        "apiVersion: apps/v1",
        "kind: StatefulSet",
        "metadata: {name: web}",
        "spec:",
        "  replicas: 2",
        "  selector: {matchLabels: {app: web}}",
        "  template:",
        "    metadata: {labels: {app: web}}",
        "    spec: {containers: [{name: c, image: nginx}]}",
        "EOF",
    ];
    for line in lines {
        learner.session.submit(learner.terminal, line);
    }
    learner.settle();
    let view = twin(&mut learner);
    let all = row(&view, TwinTopic::Names);
    assert_eq!(names(&all.stateful), ["web-0", "web-1"]);
    assert_eq!(all.replica.cells.len(), 2);
    assert!(
        all.replica
            .cells
            .iter()
            .all(|cell| cell.name.len() == "web-".len() + 5)
    );
}

#[test]
fn too_many_pods_are_not_compared() {
    let mut learner = applied();
    learner.output("sed -e 's/replicas: 3/replicas: 400/' -e 's/serviceName/podManagementPolicy: Parallel\\n  serviceName/' statefulset.yaml > many.yaml");
    learner.output("kubectl apply -f many.yaml --force");
    learner.output("kubectl delete sts nginx-ss");
    learner.output("kubectl apply -f many.yaml");
    learner.settle();
    let view = twin(&mut learner);
    assert!(view.too_many.is_some_and(|pods| pods >= 400) && view.rows.is_empty());
}
