//! What is said of a pod that got no node: condition, event, and the promise of a place.
//!
//! Upstream: `handleSchedulingFailure` in `pkg/scheduler/schedule_one.go`.

use super::filter::FitError;
use super::{NAME, Scheduler, facts};
use crate::client::Client;
use crate::controller::Outcome;
use crate::object::{Key, Kind, Object};
use crate::record::{EventType, Report, reference};
use k8s_openapi::api::core::v1::PodCondition;
use std::sync::Arc;

/// The longest note of an event; longer ones end in ` ...`.
const NOTE_LIMIT: usize = 1024;

/// What becomes of the promise of a place that a pod has.
pub(super) enum Nomination {
    /// Nothing.
    Keep,
    /// There is none.
    Clear,
    /// It is this node.
    Node(String),
}

impl Scheduler {
    /// Upstream: `handleSchedulingFailure`.
    pub(super) fn handle_failure(
        &mut self,
        key: &Key,
        object: &Arc<Object>,
        error: &FitError,
        nomination: Nomination,
        client: &mut Client<'_>,
    ) -> Outcome {
        let message = error.message();
        let node = match &nomination {
            Nomination::Node(node) => Some(node.clone()),
            Nomination::Keep | Nomination::Clear => None,
        };
        match facts::fact_of(error, node, client.store(), object) {
            Some(fact) => client.explain(Kind::Pod, key, fact),
            None => client.explain_no_more(Kind::Pod, key),
        }
        let mut note = message.clone();
        if note.len() > NOTE_LIMIT {
            let mut end = NOTE_LIMIT - 4;
            while !note.is_char_boundary(end) {
                end -= 1;
            }
            note.truncate(end);
            note.push_str(" ...");
        }
        write_condition(object, error.reason(), message, nomination, client);
        client.event_v1(Report {
            controller: NAME,
            regarding: reference(object),
            related: None,
            kind: EventType::Warning,
            reason: "FailedScheduling",
            action: "Scheduling",
            note,
        });
        Outcome::DONE
    }
}

/// Writes the condition that tells why a pod has no node, if it is not written yet.
fn write_condition(
    object: &Object,
    reason: &str,
    message: String,
    nomination: Nomination,
    client: &mut Client<'_>,
) {
    let Object::Pod(pod) = object else { return };
    let mut pod = pod.clone();
    pod.metadata.resource_version = None;
    let date = client.calendar().time(client.now());
    let status = pod.status.get_or_insert_default();
    let conditions = status.conditions.get_or_insert_default();
    let old = conditions
        .iter()
        .position(|known| known.type_ == "PodScheduled");
    let since = old
        .map(|index| &conditions[index])
        .filter(|known| known.status == "False")
        .and_then(|known| known.last_transition_time.clone());
    let condition = PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "False".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message),
        last_transition_time: Some(since.unwrap_or(date)),
        observed_generation: pod.metadata.generation,
        ..PodCondition::default()
    };
    let told = old.is_some_and(|index| conditions[index] == condition);
    match old {
        Some(index) => conditions[index] = condition,
        None => conditions.push(condition),
    }
    let promised = match nomination {
        Nomination::Keep => status.nominated_node_name.clone(),
        Nomination::Clear => None,
        Nomination::Node(name) => Some(name),
    };
    if told && promised == status.nominated_node_name {
        return;
    }
    status.nominated_node_name = promised;
    // A pod that is gone by now needs no condition.
    let _ = client.update_status(*pod);
}
