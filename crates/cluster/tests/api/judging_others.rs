//! Events, nodes, namespaces and revisions that are refused, in the words of upstream's source.

use crate::door::{create, ok, patch, refusals, request, server};
use petset_cluster::Kind;
use petset_cluster::api::{Body, PatchType, Server, Verb};
use serde_json::{Value, json};

const LABEL: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const PREFIX: &str = "name part must be non-empty";

fn event(with: Value) -> Value {
    let mut event = json!({
        "kind": "Event",
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"},
    });
    for (name, value) in with.as_object().into_iter().flatten() {
        event[name] = value.clone();
    }
    event
}

#[test]
fn events_are_judged_by_their_age_and_their_name() {
    let time = "2026-01-01T00:00:00.000001Z";
    let about = json!({"kind": "Pod", "name": "p", "namespace": "other"});
    let table = [
        (event(json!({})), vec![]),
        (
            event(json!({"involvedObject": about})),
            vec!["involvedObject.namespace: Invalid value: \"other\": does not match event.namespace".to_owned()],
        ),
        (
            event(json!({"eventTime": time, "message": "x".repeat(1025)})),
            vec![
                "reportingComponent: Required value".to_owned(),
                format!("reportingComponent: Invalid value: \"\": {PREFIX}"),
                format!("reportingComponent: Invalid value: \"\": {LABEL}"),
                "reportingInstance: Required value".to_owned(),
                "action: Required value".to_owned(),
                "reason: Required value".to_owned(),
                "message: Invalid value: \"\": can have at most 1024 characters".to_owned(),
            ],
        ),
    ];
    for (event, want) in table {
        let response = create(&mut server(), Kind::Event, event);
        let got = match want.is_empty() {
            true => ok(response)
                .name()
                .is_empty()
                .then(Vec::new)
                .unwrap_or_default(),
            false => refusals(response),
        };
        assert_eq!(got, want);
    }
}

#[test]
fn more_is_asked_of_events_by_their_newer_name() {
    let older = event(json!({"count": 1, "source": {"component": "c"}, "type": "Odd"}));
    let mut create = request(Verb::Create, Kind::Event, "").with_body(Body::Json(older));
    create.options.newer_event = true;
    let want = [
        "eventTime: Required value",
        "type: Invalid value: \"\": has invalid value: Odd",
        "count: Invalid value: \"\": needs to be unset",
        "source: Invalid value: \"\": needs to be unset",
    ];
    assert_eq!(refusals(server().handle(create)), want);
}

fn with_node(with: Value) -> Server {
    let mut server = server();
    let node = json!({"kind": "Node", "metadata": {"name": "n"}, "spec": with});
    ok(create(&mut server, Kind::Node, node));
    server
}

#[test]
fn nodes_keep_their_addresses_and_have_proper_taints() {
    let spec = json!({"podCIDR": "10.1.0.0/24", "podCIDRs": ["10.1.0.0/24"], "providerID": "a"});
    let mut server = with_node(spec);
    let taints = json!([
        {"key": "a", "value": "no good", "effect": "NoSchedule"},
        {"key": "a", "effect": "NoSchedule"},
        {"key": "b", "effect": "Sometimes"},
    ]);
    let change =
        json!({"spec": {"podCIDRs": ["10.2.0.0/24"], "providerID": "b", "taints": taints}});
    let got = refusals(patch(
        &mut server,
        Kind::Node,
        "n",
        PatchType::Merge,
        change,
    ));
    let effect = "metadata.taints[2].effect: Unsupported value: \"Sometimes\": supported values: \"NoExecute\", \"NoSchedule\", \"PreferNoSchedule\"";
    let duplicate = "metadata.taints[1]: Duplicate value: {\"Key\":\"a\",\"Value\":\"\",\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: taints must be unique by key and effect pair";
    assert_eq!(got.len(), 8, "{got:?}");
    assert!(got[0].starts_with(
        "metadata.taints[0].value: Invalid value: \"no good\": a valid label must be"
    ));
    assert_eq!(got[1..3], [duplicate, effect]);
    assert_eq!(
        got[3..5],
        [
            "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid",
            "spec.providerID: Forbidden: node updates may not change providerID except from \"\" to valid",
        ]
    );
    assert_eq!(got[5..], got[..3]);
}

#[test]
fn revisions_hold_an_object_for_good() {
    let revision = |data: Value| json!({"kind": "ControllerRevision", "metadata": {"name": "r"}, "revision": -1, "data": data});
    let negative = "revision: Invalid value: -1: must be greater than or equal to 0";
    for (data, why) in [
        (json!(null), "data: Required value: data is mandatory"),
        (
            json!([1]),
            "data: Required value: data must be a valid JSON object",
        ),
    ] {
        let response = create(&mut server(), Kind::ControllerRevision, revision(data));
        assert_eq!(refusals(response), [negative, why]);
    }
    let mut server = server();
    let mut good = revision(json!({"a": 1}));
    good["revision"] = 1.into();
    ok(create(&mut server, Kind::ControllerRevision, good));
    let change = json!({"data": {"a": 2}});
    let response = patch(
        &mut server,
        Kind::ControllerRevision,
        "r",
        PatchType::Merge,
        change,
    );
    assert_eq!(
        refusals(response),
        ["data: Invalid value: {\"a\":2}: field is immutable"]
    );
}
