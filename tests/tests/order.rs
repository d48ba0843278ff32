//! The promised order across objects, in every recording and in the simulation of it.

use std::collections::BTreeMap;

use petset_scenario::{Change, Runner, Simulated, play};
use petset_tests::order::check;
use petset_tests::parity::known_failures;
use petset_tests::record::{Reference, references};
use serde_json::Value;

/// Whether a command of the scenario deletes pods of this name, or pods without naming them.
fn deleted_by_hand(reference: &Reference) -> impl Fn(&str) -> bool + use<> {
    let text = reference.scenario().expect("a scenario");
    let deletes = |line: &&str| {
        line.contains("kubectl delete po")
            || line.contains("kubectl delete --")
            || line.contains("drain")
    };
    let lines: Vec<String> = text.lines().filter(deletes).map(str::to_owned).collect();
    move |pod| {
        let whole = |line: &String| {
            let mut words = line.split_whitespace();
            words.any(|word| word == pod || matches!(word, "-l" | "--all" | "drain" | "--selector"))
        };
        lines.iter().any(whole)
    }
}

fn judge(
    reference: &Reference,
    what: &str,
    changes: &[Change],
    kept: &mut BTreeMap<&'static str, usize>,
) {
    let findings = check(changes, &deleted_by_hand(reference));
    assert!(
        findings.broken.is_empty(),
        "{} {what}:\n{}",
        reference.name,
        findings.broken.join("\n")
    );
    for (promise, times) in findings.kept {
        *kept.entry(promise).or_default() += times;
    }
}

#[test]
fn real_and_simulated_clusters_keep_the_promised_order() {
    let known = known_failures(include_str!("../known-failures.txt"));
    let (mut real, mut simulated) = (BTreeMap::new(), BTreeMap::new());
    for reference in references().expect("the references are there") {
        let Some(changes) = reference.changes().expect("changes") else {
            continue;
        };
        judge(&reference, "recorded", &changes, &mut real);
        if !known.contains(&reference.name) {
            let mut runner = Simulated::default();
            play(&reference.scenario().expect("a scenario"), &mut runner);
            let changes = runner.changes();
            judge(&reference, "simulated", &changes, &mut simulated);
        }
    }
    assert!(real.len() >= 9, "{real:?}");
    assert!(simulated.len() >= 9, "{simulated:?}");
}

/// The version of the change `event kind/name` is set to `version`, or to just before that of another change.
struct Moved {
    scenario: &'static str,
    change: (&'static str, &'static str, &'static str),
    before: Option<(&'static str, &'static str, &'static str)>,
    breaks: &'static str,
}

fn find(changes: &[Change], (event, kind, name): (&str, &str, &str)) -> usize {
    let is = |change: &Change| {
        let text = |pointer| change.object.pointer(pointer).and_then(Value::as_str);
        change.event == event && text("/kind") == Some(kind) && text("/metadata/name") == Some(name)
    };
    let found = changes.iter().position(is);
    found.unwrap_or_else(|| panic!("no {event} {kind}/{name}"))
}

#[test]
fn a_change_out_of_order_is_noticed() {
    let cases = [
        Moved {
            scenario: "sts-orderedready-blocked",
            change: ("ADDED", "Pod", "web-1"),
            before: Some(("ADDED", "Pod", "web-0")),
            breaks: "an ordered pod is made when all below it are ready",
        },
        Moved {
            scenario: "seed2-lab3",
            change: ("ADDED", "Pod", "nginx-ss-0"),
            before: None,
            breaks: "a pod's claims are made before it",
        },
        Moved {
            scenario: "sts-partition-canary",
            change: ("ADDED", "Pod", "web-2"),
            before: Some(("ADDED", "ControllerRevision", "web-555686d558")),
            breaks: "a revision is made before its first pod",
        },
        Moved {
            scenario: "sts-retention-delete",
            change: ("DELETED", "PersistentVolumeClaim", "www-web-2"),
            before: Some(("DELETED", "Pod", "web-2")),
            breaks: "a claim goes when no pod uses it any more",
        },
        Moved {
            scenario: "sts-retention-delete",
            change: ("DELETED", "Pod", "web-2"),
            before: Some(("DELETED", "Pod", "web-1")),
            breaks: "the highest pod goes first, and is gone before the next goes",
        },
    ];
    let all = references().expect("the references are there");
    for case in cases {
        let reference = all.iter().find(|one| one.name == case.scenario);
        let changes = reference.expect("there").changes().expect("changes");
        let mut changes = changes.expect("kept");
        assert!(check(&changes, &|_| false).broken.is_empty());
        let version = case.before.map_or(1, |other| {
            let object = &changes[find(&changes, other)].object;
            let version = object["metadata"]["resourceVersion"].as_str();
            version
                .and_then(|version| version.parse().ok())
                .unwrap_or(1)
                - 1
        });
        let moved = find(&changes, case.change);
        changes[moved].object["metadata"]["resourceVersion"] = version.to_string().into();
        let broken = check(&changes, &|_| false).broken;
        let noticed = broken.iter().any(|line| line.starts_with(case.breaks));
        assert!(noticed, "{}: {broken:?}", case.breaks);
    }
}
