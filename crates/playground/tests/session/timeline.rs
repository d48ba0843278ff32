//! What happened, as lanes on virtual time.

use super::learner::Learner;
use petset_playground::view::{Lane, TimelineView};

const APPLY: &str = "kubectl apply -f headless-service.yaml -f statefulset.yaml";

fn lane<'a>(view: &'a TimelineView, kind: &str, name: &str) -> &'a Lane {
    let mut lanes = view.groups.iter().flat_map(|group| &group.lanes);
    let found = lanes.find(|lane| lane.object.kind == kind && lane.object.name == name);
    found.unwrap_or_else(|| panic!("no lane {kind} {name} in {view:#?}"))
}

fn states(lane: &Lane) -> Vec<&str> {
    lane.spans.iter().map(|span| span.state.as_str()).collect()
}

#[test]
fn a_place_is_one_lane_through_all_its_pods() {
    let mut learner = Learner::with_lab3();
    assert!(learner.session.timeline_view().groups.is_empty());
    learner.output(APPLY);
    learner.settle();
    learner.output("kubectl delete pod nginx-ss-1");
    learner.settle();
    let view = learner.session.timeline_view();
    let web1 = lane(&view, "Pod", "nginx-ss-1");
    let states = states(web1);
    assert_eq!(
        states.iter().filter(|state| **state == "Running").count(),
        2,
        "{states:?}"
    );
    assert!(states.contains(&"Terminating"), "{states:?}");
    // Between its pods the place is empty: a state ends before the next begins.
    let gaps = web1
        .spans
        .windows(2)
        .filter(|pair| pair[0].to_ms != Some(pair[1].from_ms));
    assert_eq!(gaps.count(), 1);
    assert!(
        web1.spans
            .windows(2)
            .all(|pair| pair[0].from_ms <= pair[1].from_ms)
    );
    assert!(web1.ticks.iter().any(|tick| tick.reason == "Scheduled"));
    let commands: Vec<&str> = view.marks.iter().map(|mark| &*mark.command).collect();
    assert_eq!(commands, [APPLY, "kubectl delete pod nginx-ss-1"]);
}

#[test]
fn lanes_of_a_set_stand_together_by_ordinal() {
    let mut learner = Learner::with_lab3();
    learner.output(APPLY);
    learner.output("kubectl create deployment front --image=nginx:1.21 --replicas=2");
    learner.settle();
    let view = learner.session.timeline_view();
    let owners: Vec<Option<&str>> = view
        .groups
        .iter()
        .map(|group| group.owner.as_ref().map(|owner| owner.name.as_str()))
        .collect();
    let service = Some("my-headless-svc");
    assert_eq!(owners, [Some("front"), Some("nginx-ss"), service]);
    let kinds = |group: usize| -> Vec<&str> {
        let lanes = view.groups[group].lanes.iter();
        lanes.map(|lane| lane.object.kind.as_str()).collect()
    };
    assert_eq!(kinds(0), ["Deployment", "ReplicaSet", "Pod", "Pod"]);
    let place = ["Pod", "PersistentVolumeClaim", "PersistentVolume"];
    let expected = ["StatefulSet", "ControllerRevision"]
        .iter()
        .chain(&place)
        .chain(&place)
        .chain(&place);
    assert_eq!(kinds(1), expected.copied().collect::<Vec<_>>());
    let names: Vec<&str> = view.groups[1]
        .lanes
        .iter()
        .map(|lane| lane.object.name.as_str())
        .collect();
    assert_eq!((names[2], names[3]), ("nginx-ss-0", "data-nginx-ss-0"));
    assert_eq!(
        states(lane(&view, "StatefulSet", "nginx-ss")),
        ["0/3", "1/3", "2/3", "3/3"]
    );
}

#[test]
fn looking_back_shows_where_on_the_whole_line() {
    let mut learner = Learner::with_lab3();
    learner.output(APPLY);
    learner.settle();
    let whole = learner.session.timeline_view();
    learner.session.look_at(Some(whole.marks[0].moment));
    let looking = learner.session.timeline_view();
    assert_eq!(looking.looking_at_ms, Some(whole.marks[0].at_ms));
    assert_eq!(looking.groups, whole.groups);
}

#[test]
fn many_lanes_are_counted_and_not_all_drawn() {
    let mut learner = Learner::with_lab3();
    learner.output("sed -e 's/replicas: 3/replicas: 300/' -e 's/serviceName/podManagementPolicy: Parallel\\n  serviceName/' statefulset.yaml > many.yaml");
    learner.output("kubectl apply -f headless-service.yaml -f many.yaml");
    learner.settle();
    let view = learner.session.timeline_view();
    let drawn: usize = view.groups.iter().map(|group| group.lanes.len()).sum();
    assert_eq!(drawn, 80);
    assert!(view.left_out >= 800, "{}", view.left_out);
}

/// A service's addresses come and go with its pods: it has a lane, and its endpoints have one below it.
#[test]
fn a_service_and_its_endpoints_have_lanes() {
    let mut learner = Learner::with_lab3();
    learner.output(APPLY);
    learner.settle();
    learner.output("kubectl scale sts nginx-ss --replicas=2");
    learner.settle();
    let view = learner.session.timeline_view();
    let found = view.groups.iter().find(|group| {
        let owner = group.owner.as_ref();
        owner.is_some_and(|owner| owner.kind == "Service")
    });
    let group = found.unwrap_or_else(|| panic!("no service in {view:#?}"));
    let kinds: Vec<&str> = group.lanes.iter().map(|l| l.object.kind.as_str()).collect();
    assert_eq!(kinds, ["Service", "EndpointSlice"]);
    assert_eq!(states(&group.lanes[0]), ["ClusterIP None"]);
    let endpoints = states(&group.lanes[1]);
    let steps = ["0/0", "0/1", "1/1", "1/2", "2/2", "2/3", "3/3"];
    let began = endpoints.iter().position(|state| *state == "3/3");
    let began = began.unwrap_or_else(|| panic!("{endpoints:?}"));
    assert!(
        endpoints[..began].iter().all(|state| steps.contains(state)),
        "{endpoints:?}"
    );
    assert_eq!(endpoints.last(), Some(&"2/2"));
    // The cluster's own service is not the learner's.
    let mut lanes = view.groups.iter().flat_map(|group| &group.lanes);
    assert!(lanes.all(|lane| lane.object.name != "kubernetes"));
}
