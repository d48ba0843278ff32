//! Jobs whose indexes fail by themselves, jobs that need not all indexes, and jobs of other controllers.

use crate::job::{conditions, create, job, status};
use crate::stage::Stage;
use petset_cluster::Kind;
use serde_json::{Value, json};

/// An indexed job of three pods at once whose pods do what `command` says; `$(JOB_COMPLETION_INDEX)` is their index.
fn indexed(command: &[&str], spec: Value) -> Value {
    let mut all = json!({"completionMode": "Indexed", "completions": 3, "parallelism": 3});
    for (field, value) in spec.as_object().expect("fields") {
        all[field] = value.clone();
    }
    job("j", command, all)
}

const EXIT_WITH_INDEX: [&str; 2] = ["exit", "$(JOB_COMPLETION_INDEX)"];

#[test]
fn each_index_has_its_own_limit_of_failures() {
    let fail_2 = json!({"rules": [
        {"action": "FailIndex", "onExitCodes": {"operator": "In", "values": [2]}}]});
    let ignore_2 = json!({"rules": [
        {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [2]}}]});
    // (spec, failed indexes, failed pods that count, the end) after 70 s: pods fail at 1 s, 11 s and 31 s.
    let table = [
        (
            json!({"backoffLimitPerIndex": 1}),
            "1,2",
            4,
            "Failed FailedIndexes Job has failed indexes",
        ),
        (
            json!({"backoffLimitPerIndex": 0}),
            "1,2",
            2,
            "Failed FailedIndexes Job has failed indexes",
        ),
        (
            json!({"backoffLimitPerIndex": 1, "maxFailedIndexes": 1}),
            "1,2",
            4,
            "Failed MaxFailedIndexesExceeded Job has exceeded the specified maximal number of failed indexes",
        ),
        (
            json!({"backoffLimitPerIndex": 2, "podFailurePolicy": fail_2}),
            "1,2",
            4,
            "Failed FailedIndexes Job has failed indexes",
        ),
        (
            json!({"backoffLimitPerIndex": 1, "podFailurePolicy": ignore_2}),
            "1",
            2,
            "",
        ),
        (
            json!({"backoffLimitPerIndex": 9, "backoffLimit": 3}),
            "",
            4,
            "Failed BackoffLimitExceeded Job has reached the specified backoff limit",
        ),
    ];
    for (spec, indexes, failed, end) in table {
        let mut stage = Stage::new();
        stage.create(indexed(&EXIT_WITH_INDEX, spec.clone()));
        stage.pass(70);
        let status = status(&stage);
        assert_eq!(status["failedIndexes"], indexes, "{spec}");
        assert_eq!(status["completedIndexes"], "0", "{spec}");
        assert_eq!(status["failed"], failed, "{spec}");
        let ended = conditions(&status).into_iter().next_back();
        let told = status["conditions"].as_array().and_then(|all| all.last());
        let message = told.and_then(|told| told["message"].as_str());
        let told = ended.map(|ended| format!("{ended} {}", message.unwrap_or_default()));
        assert_eq!(told.unwrap_or_default(), end, "{spec}");
    }
}

#[test]
fn an_index_that_is_given_a_limit_gives_the_job_none() {
    for (spec, expected) in [
        (json!({}), 6),
        (json!({"backoffLimitPerIndex": 1}), 2_147_483_647),
        (json!({"backoffLimitPerIndex": 1, "backoffLimit": 4}), 4),
    ] {
        let mut stage = Stage::new();
        stage.create(indexed(&["sleep", "60"], spec));
        let made = stage.get(Kind::Job, "j").expect("a job");
        assert_eq!(made["spec"]["backoffLimit"], expected);
    }
}

#[test]
fn pods_of_an_index_hand_their_failures_on() {
    let ignore_2 = json!({"rules": [
        {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [2]}}]});
    let mut stage = Stage::new();
    let spec = json!({"backoffLimitPerIndex": 5, "podFailurePolicy": ignore_2});
    stage.create(indexed(&EXIT_WITH_INDEX, spec));
    stage.pass(40);
    let mut counts: Vec<String> = stage
        .cluster
        .store()
        .list(Kind::Pod, Some("default"))
        .map(|pod| {
            let notes = pod.meta().annotations.clone().unwrap_or_default();
            let note = |name: &str| {
                let found = notes.get(&format!("batch.kubernetes.io/{name}"));
                found.cloned().unwrap_or_default()
            };
            format!(
                "{}: {} {}",
                note("job-completion-index"),
                note("job-index-failure-count"),
                note("job-index-ignored-failure-count")
            )
        })
        .collect();
    counts.sort();
    let expected = [
        "0: 0 ", "1: 0 ", "1: 1 ", "1: 2 ", "2: 0 ", "2: 0 1", "2: 0 2",
    ];
    assert_eq!(counts, expected);
}

#[test]
fn a_job_may_succeed_before_all_of_its_indexes_have() {
    let rules = |rules: Value| json!({"successPolicy": {"rules": rules}});
    // Indexes 0, 1 and 2 end after 0, 100 and 200 seconds. (rules, the words of the success after 50 s)
    let table = [
        (
            json!([{"succeededIndexes": "0"}]),
            Some("Matched rules at index 0"),
        ),
        (
            json!([{"succeededIndexes": "1-2"}, {"succeededCount": 1}]),
            Some("Matched rules at index 1"),
        ),
        (
            json!([{"succeededIndexes": "0,2", "succeededCount": 1}]),
            Some("Matched rules at index 0"),
        ),
        (json!([{"succeededIndexes": "0-1"}]), None),
        (json!([{"succeededCount": 2}]), None),
    ];
    for (policy, expected) in table {
        let mut stage = Stage::new();
        let command = ["sleep", "$(JOB_COMPLETION_INDEX)00"];
        stage.create(indexed(&command, rules(policy.clone())));
        stage.pass(50);
        let status = status(&stage);
        let ends = match expected {
            Some(_) => vec!["SuccessCriteriaMet SuccessPolicy", "Complete SuccessPolicy"],
            None => Vec::new(),
        };
        assert_eq!(conditions(&status), ends, "{policy}");
        if let Some(message) = expected {
            assert_eq!(status["conditions"][0]["message"], message, "{policy}");
            assert_eq!(status["succeeded"], 1, "{policy}");
            assert_eq!(status["active"], Value::Null, "{policy}");
            assert_eq!(
                status["failed"],
                Value::Null,
                "what was stopped did not fail"
            );
        }
    }
}

#[test]
fn a_job_of_another_controller_is_left_alone() {
    for (manager, pods) in [("kubernetes.io/job-controller", 3), ("example.com/mine", 0)] {
        let mut stage = Stage::new();
        stage.create(indexed(&["sleep", "60"], json!({"managedBy": manager})));
        stage.pass(5);
        let all = stage.cluster.store().list(Kind::Pod, Some("default"));
        assert_eq!(all.count(), pods, "{manager}");
    }
}

#[test]
fn what_indexes_may_be_told() {
    let plain = |spec: Value| {
        let mut spec = spec;
        spec["completionMode"] = "NonIndexed".into();
        spec
    };
    let policy = |rules: Value| json!({"successPolicy": {"rules": rules}});
    // (spec, the error; empty if there is none)
    let table = [
        (
            json!({"backoffLimitPerIndex": -1}),
            "spec.backoffLimitPerIndex: Invalid value: -1: must be greater than or equal to 0",
        ),
        (
            json!({"maxFailedIndexes": 1}),
            "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
        ),
        (
            plain(json!({"backoffLimitPerIndex": 1})),
            "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
        ),
        (
            json!({"backoffLimitPerIndex": 1, "maxFailedIndexes": 4}),
            "spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions",
        ),
        (
            json!({"backoffLimitPerIndex": 1, "completions": 100_001}),
            "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
        ),
        (
            json!({"managedBy": "mine"}),
            "spec.managedBy: Invalid value: \"mine\": must be a domain-prefixed path (such as \"acme.io/foo\")",
        ),
        (
            plain(policy(json!([{"succeededIndexes": "0"}]))),
            "spec.successPolicy: Invalid value: {\"Rules\":[{\"SucceededIndexes\":\"0\",\"SucceededCount\":null}]}: requires indexed completion mode",
        ),
        (
            policy(json!([])),
            "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified",
        ),
        (
            policy(json!([{}])),
            "spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified",
        ),
        (
            policy(json!([{"succeededCount": 4}])),
            "spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)",
        ),
        (
            policy(json!([{"succeededCount": 2, "succeededIndexes": "1"}])),
            "spec.successPolicy.rules[0].succeededCount: Invalid value: 2: must be less than or equal to 1 (the number of indexes in the specified succeededIndexes field)",
        ),
        (
            policy(json!([{"succeededIndexes": "2,1"}])),
            "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"2,1\": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1",
        ),
        (
            policy(json!([{"succeededIndexes": "1-2-3"}])),
            "error parsing succeededIndexes: the fragment \"1-2-3\" violates the requirement that an index interval can have at most two parts separated by '-'",
        ),
        (
            policy(json!([{"succeededIndexes": "0-3"}])),
            "error parsing succeededIndexes: too large index: \"3\"",
        ),
        (
            policy(json!([{"succeededIndexes": "x"}])),
            "error parsing succeededIndexes: cannot convert string to integer for index: \"x\"",
        ),
        (policy(json!([{"succeededIndexes": "0,1-2"}])), ""),
    ];
    for (spec, expected) in table {
        let mut stage = Stage::new();
        let made = create(&mut stage, Kind::Job, indexed(&["exit", "0"], spec.clone()));
        let said = made.err().map(|status| status.message).unwrap_or_default();
        assert!(said.contains(expected), "{spec}: {said}");
        assert_eq!(said.is_empty(), expected.is_empty(), "{spec}: {said}");
    }
}
