//! Why nobody answers behind a service.

use super::{Asked, LISTED, lacks};
use crate::present::reference;
use crate::view::{Lack, Reason};
use k8s_openapi::api::core::v1::{Pod, Service};
use petset_cluster::api::table;
use petset_cluster::store::Index;
use petset_cluster::{Kind, Object};
use std::sync::Arc;

/// Answers for a service.
pub(super) fn answer(asked: &mut Asked<'_>, service: &Service) {
    let Some(spec) = &service.spec else { return };
    if let Some(name) = spec.external_name.clone().filter(|name| !name.is_empty()) {
        asked.say(Reason::ServiceExternal, [name]);
        return;
    }
    if spec.type_.as_deref() == Some("LoadBalancer") {
        asked.say(Reason::ServiceLoadBalancer, []);
    }
    let selector = spec.selector.iter().flatten();
    let labels: Vec<String> = selector
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let Some(first) = labels.first() else {
        // The API server's own service has endpoints without pods.
        if asked.object.namespace() != "default" || asked.object.name() != "kubernetes" {
            asked.say(Reason::ServiceNoSelector, []);
        }
        return;
    };
    let candidates = asked.store.by_index(Kind::Pod, Index::Label, first);
    let pods: Vec<&Arc<Object>> = candidates
        .filter(|pod| pod.namespace() == asked.object.namespace() && has_all(pod, &labels))
        .collect();
    if pods.is_empty() {
        let command = asked.kubectl("get pods --show-labels");
        asked.say(Reason::ServiceNoPods, [labels.join(",")]).command = Some(command);
        return;
    }
    let publishes = spec.publish_not_ready_addresses == Some(true);
    let unready: Vec<&Arc<Object>> = pods
        .iter()
        .filter(|pod| !publishes && !is_ready(pod))
        .copied()
        .collect();
    if unready.is_empty() {
        return;
    }
    let shown = unready.iter().take(LISTED).map(|object| {
        let at = Some(reference(object));
        match &***object {
            Object::Pod(pod) if !object.is_terminating() => {
                lacks(at, Lack::PodStatus, [table::pod_columns(pod).status])
            }
            _ => lacks(at, Lack::PodLeaving, []),
        }
    });
    let shown = shown.collect();
    let answer = match unready.len() == pods.len() {
        true => asked.say(Reason::ServiceNoneReady, [pods.len().to_string()]),
        false => {
            let values = [unready.len().to_string(), pods.len().to_string()];
            asked.say(Reason::ServiceSomeNotReady, values)
        }
    };
    answer.next = unready.first().map(|pod| reference(pod));
    answer.lacks = shown;
}

fn has_all(pod: &Object, labels: &[String]) -> bool {
    let own = pod.meta().labels.as_ref();
    let has = |label: &String| {
        let (key, value) = label.split_once('=').unwrap_or((label, ""));
        own.and_then(|own| own.get(key))
            .is_some_and(|own| own == value)
    };
    labels.iter().all(has)
}

/// Whether a pod gets traffic.
pub(super) fn is_ready(object: &Object) -> bool {
    let Object::Pod(pod) = object else {
        return false;
    };
    !object.is_terminating() && has_ready_condition(pod)
}

fn has_ready_condition(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_ref());
    let mut conditions = conditions.into_iter().flatten();
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
