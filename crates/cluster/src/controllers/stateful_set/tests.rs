use super::controller_history::{hash_revision, revision_data, revision_name};
use super::pod_identity::parent_and_ordinal;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;

/// Templates of a real cluster's sets with the revisions that its controller made of them.
const RECORDED: &str = include_str!("revisions.json");

/// S-STS-39
#[test]
fn revisions_have_the_recorded_names_and_data() {
    let recorded: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
    assert_eq!(recorded.len(), 15);
    for pair in recorded {
        let template: PodTemplateSpec = serde_json::from_value(pair["template"].clone()).unwrap();
        let data = revision_data(&template);
        assert_eq!(data, pair["data"]);
        let name = revision_name(pair["set"].as_str().unwrap(), &hash_revision(&data, 0));
        assert_eq!(name, pair["name"].as_str().unwrap());
    }
}

#[test]
fn data_is_hashed_as_go_writes_it() {
    let odd = serde_json::json!({"b": "<&>\u{2028}\t\u{1}\u{8}\u{7f}한", "a": [1, null, true]});
    // Computed with Go's encoding/json, hash/fnv and SafeEncodeString over the same values.
    let cases = [
        (serde_json::json!({}), 0, "cccc864bc"),
        (odd, 12, "b489c768d"),
    ];
    for (data, collisions, hash) in cases {
        assert_eq!(hash_revision(&data, collisions), hash, "{data}");
    }
}

#[test]
fn ordinals_are_read_from_names() {
    let cases = [
        ("web-0", "web", Some(0)),
        ("web-12", "web", Some(12)),
        ("a-b-3", "a-b", Some(3)),
        ("web-01", "web", Some(1)),
        ("web-99999999999", "web", None),
        ("web-abc", "", None),
        ("web-", "", None),
        ("web", "", None),
    ];
    for (name, parent, ordinal) in cases {
        assert_eq!(parent_and_ordinal(name), (parent, ordinal), "{name}");
    }
}
