//! What a learner could have seen of each object, step by step.
//!
//! For each object the sequence of what `kubectl get -w` would show of it, repeats dropped; for events the set of reasons and texts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::compare::lines;
use crate::record::AllowedSteps;
use petset_scenario::Change;

/// From an object (`Pod/web-0#1`: its first life) to its states in order; under `Event` the sorted set of events.
pub type Trace = BTreeMap<String, Vec<String>>;

/// The trace of a run's changes.
pub fn project(changes: &[Change]) -> Trace {
    let born = changes
        .iter()
        .filter(|change| change.event == "ADDED" && text(&change.object, &["kind"]) != "Event");
    let born: BTreeSet<&str> = born
        .map(|change| text(&change.object, &["metadata", "uid"]))
        .collect();
    let mut lives: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut trace = Trace::new();
    let mut events = BTreeSet::new();
    for change in changes {
        let object = &change.object;
        let kind = text(object, &["kind"]);
        if kind == "Event" {
            if change.event != "DELETED" {
                events.extend(event_row(object, &born));
            }
            continue;
        }
        if text(object, &["metadata", "namespace"]) == "kube-system" {
            continue;
        }
        let key = key(object, kind, &mut lives);
        let Some(row) = row(object, kind) else {
            continue;
        };
        let row = if change.event == "DELETED" {
            "deleted".to_owned()
        } else {
            row
        };
        let rows = trace.entry(key).or_default();
        if rows.last() != Some(&row) {
            rows.push(row);
        }
    }
    trace.insert("Event".to_owned(), events.into_iter().collect());
    trace
}

/// How two traces compare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreement {
    /// What agrees: each object counts one, and each event.
    pub equal: usize,
    /// All of it.
    pub total: usize,
    /// What does not, for reading.
    pub differences: Vec<String>,
}

/// The trace without the steps that are allowed to be there or not; an object that had no others is not there either.
pub fn without(trace: &Trace, allowed: &[AllowedSteps]) -> Trace {
    let mut kept = Trace::new();
    for (key, rows) in trace {
        let about: Vec<&AllowedSteps> = allowed
            .iter()
            .filter(|entry| entry.object.is_match(key))
            .collect();
        let free = |row: &str| {
            let mut steps = about.iter().flat_map(|entry| &entry.steps);
            steps.any(|step| step.is_match(row))
        };
        let mut left: Vec<String> = rows.iter().filter(|row| !free(row)).cloned().collect();
        left.dedup();
        if !left.is_empty() || rows.is_empty() {
            kept.insert(key.clone(), left);
        }
    }
    kept
}

/// Compares two traces object by object and event by event.
pub fn compare(expected: &Trace, actual: &Trace) -> Agreement {
    let keys: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
    let mut agreement = Agreement::default();
    for key in keys {
        let (want, got) = (expected.get(key), actual.get(key));
        if key == "Event" {
            compare_events(want, got, &mut agreement);
            continue;
        }
        agreement.total += 1;
        if want == got {
            agreement.equal += 1;
        } else {
            let show = |rows: Option<&Vec<String>>| {
                rows.map_or_else(|| "nothing".to_owned(), |rows| rows.join(" > "))
            };
            agreement
                .differences
                .push(format!("{key}\n  - {}\n  + {}", show(want), show(got)));
        }
    }
    agreement
}

fn compare_events(
    want: Option<&Vec<String>>,
    got: Option<&Vec<String>>,
    agreement: &mut Agreement,
) {
    let set = |rows: Option<&Vec<String>>| -> BTreeSet<String> {
        rows.into_iter().flatten().cloned().collect()
    };
    let (want, got) = (set(want), set(got));
    agreement.total += want.union(&got).count();
    agreement.equal += want.intersection(&got).count();
    agreement
        .differences
        .extend(want.difference(&got).map(|row| format!("Event\n  - {row}")));
    agreement
        .differences
        .extend(got.difference(&want).map(|row| format!("Event\n  + {row}")));
}

/// An object's name without randomness; a second life under the same name is a second object.
fn key(object: &Value, kind: &str, lives: &mut BTreeMap<String, Vec<String>>) -> String {
    let mut name = clean(text(object, &["metadata", "name"]));
    if name == "pvc-<uid>" {
        // A provisioned volume is known by its claim.
        let claim = object
            .pointer("/spec/claimRef/name")
            .and_then(Value::as_str)
            .unwrap_or("nobody");
        name = format!("of {claim}");
    }
    let key = format!("{kind}/{name}");
    if !matches!(
        kind,
        "Pod" | "PersistentVolumeClaim" | "PersistentVolume" | "StatefulSet"
    ) {
        return key;
    }
    let uid = text(object, &["metadata", "uid"]);
    let uids = lives.entry(key.clone()).or_default();
    let life = uids
        .iter()
        .position(|known| known == uid)
        .unwrap_or(uids.len());
    if life == uids.len() {
        uids.push(uid.to_owned());
    }
    format!("{key}#{}", life + 1)
}

fn row(object: &Value, kind: &str) -> Option<String> {
    match kind {
        "Pod" => Some(pod_row(object)),
        "PersistentVolumeClaim" | "PersistentVolume" | "Namespace" => {
            let going = if object.pointer("/metadata/deletionTimestamp").is_some() {
                " Terminating"
            } else {
                ""
            };
            Some(format!("{}{going}", text(object, &["status", "phase"])))
        }
        "StatefulSet" | "ReplicaSet" | "Deployment" => {
            let ready = object
                .pointer("/status/readyReplicas")
                .and_then(Value::as_i64)
                .unwrap_or(0);
            Some(format!(
                "{ready}/{}",
                number_or_none(object.pointer("/spec/replicas"))
            ))
        }
        "ControllerRevision" => Some(format!(
            "revision {}",
            number_or_none(object.get("revision"))
        )),
        _ => None,
    }
}

/// Events of an earlier life, and of two writers at once, are left out.
fn event_row(object: &Value, born: &BTreeSet<&str>) -> Option<String> {
    let about = |field| text(object, &["involvedObject", field]);
    let message = text(object, &["message"]);
    let left_out = text(object, &["metadata", "namespace"]) == "kube-system"
        || about("kind") == "Node"
        || !born.contains(about("uid"))
        || message.contains("the object has been modified");
    let (kind, reason) = (text(object, &["type"]), text(object, &["reason"]));
    (!left_out).then(|| {
        clean(&format!(
            "{}/{} {kind} {reason} {message}",
            about("kind"),
            about("name")
        ))
    })
}

/// READY, STATUS and RESTARTS, as `kubectl get pods` prints them. upstream: pkg/printers/internalversion/printers.go, printPod
pub fn pod_row(pod: &Value) -> String {
    let total = list(pod, "/spec/containers").len();
    let phase = [
        text(pod, &["status", "reason"]),
        text(pod, &["status", "phase"]),
    ];
    let mut reason = phase
        .iter()
        .find(|text| !text.is_empty())
        .copied()
        .unwrap_or_default()
        .to_owned();
    let conditions = list(pod, "/status/conditions");
    if conditions
        .iter()
        .any(|c| text(c, &["type"]) == "PodScheduled" && text(c, &["reason"]) == "SchedulingGated")
    {
        "SchedulingGated".clone_into(&mut reason);
    }
    let (mut ready, mut restarts) = (0, 0);
    if let Some(waiting) = init_reason(pod) {
        reason = waiting;
    } else {
        let mut running = false;
        for status in list(pod, "/status/containerStatuses").iter().rev() {
            restarts += status
                .get("restartCount")
                .and_then(Value::as_i64)
                .unwrap_or(0);
            if let Some(state) = container_reason(status) {
                reason = state;
            } else if status.get("ready").and_then(Value::as_bool) == Some(true)
                && status.pointer("/state/running").is_some()
            {
                running = true;
                ready += 1;
            }
        }
        if reason == "Completed" && running {
            let is_ready = conditions
                .iter()
                .any(|c| text(c, &["type"]) == "Ready" && text(c, &["status"]) == "True");
            if is_ready { "Running" } else { "NotReady" }.clone_into(&mut reason);
        }
    }
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        if text(pod, &["status", "reason"]) == "NodeLost" {
            "Unknown".clone_into(&mut reason);
        } else if !matches!(text(pod, &["status", "phase"]), "Failed" | "Succeeded") {
            "Terminating".clone_into(&mut reason);
        }
    }
    format!("{ready}/{total} {reason} {restarts}")
}

/// Why a container is not running: what it waits for, or how it ended.
fn container_reason(status: &Value) -> Option<String> {
    let waiting = text(status, &["state", "waiting", "reason"]);
    if !waiting.is_empty() {
        return Some(waiting.to_owned());
    }
    status.pointer("/state/terminated").map(ended)
}

fn ended(terminated: &Value) -> String {
    let reason = text(terminated, &["reason"]);
    if !reason.is_empty() {
        return reason.to_owned();
    }
    match terminated.get("signal").and_then(Value::as_i64) {
        Some(signal) if signal != 0 => format!("Signal:{signal}"),
        _ => format!("ExitCode:{}", number_or_none(terminated.get("exitCode"))),
    }
}

/// The first init container that is not done, as STATUS shows it.
fn init_reason(pod: &Value) -> Option<String> {
    let specs = list(pod, "/spec/initContainers");
    let statuses = list(pod, "/status/initContainerStatuses");
    let sidecar = |name: &str| {
        specs
            .iter()
            .any(|spec| text(spec, &["name"]) == name && text(spec, &["restartPolicy"]) == "Always")
    };
    let done = |status: &Value| {
        let started = status.get("started").and_then(Value::as_bool) == Some(true);
        status
            .pointer("/state/terminated/exitCode")
            .and_then(Value::as_i64)
            == Some(0)
            || (started && sidecar(text(status, &["name"])))
    };
    let (index, status) = statuses
        .iter()
        .enumerate()
        .find(|(_, status)| !done(status))?;
    if let Some(terminated) = status.pointer("/state/terminated") {
        return Some(format!("Init:{}", ended(terminated)));
    }
    match text(status, &["state", "waiting", "reason"]) {
        "" | "PodInitializing" => Some(format!("Init:{index}/{}", specs.len())),
        waiting => Some(format!("Init:{waiting}")),
    }
}

fn clean(text: &str) -> String {
    lines(text).join(" ")
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    path.iter()
        .try_fold(value, |value, field| value.get(field))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn number_or_none(value: Option<&Value>) -> String {
    value
        .and_then(Value::as_i64)
        .map_or_else(|| "None".to_owned(), |number| number.to_string())
}
