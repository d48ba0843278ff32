//! Deletion of a pod with regard to its disruption budget.
//!
//! Upstream: `pkg/registry/core/pod/storage/eviction.go`.

use super::{
    Body, Cause, Reason, Reply, Request, Server, Status, Subresource, Verb, delete, registry,
};
use crate::disruption_budget::{
    DISRUPTION_ALLOWED, SYNC_FAILED, budgets_of, update_disruption_allowed_condition,
};
use crate::object::{Kind, Object};
use crate::pod::{disruption_target, update_pod_condition};
use crate::pod::{is_terminal, phase, ready_since};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetStatus};
use std::sync::Arc;

const VIOLATED: &str = "Cannot evict pod as it would violate the pod's disruption budget.";
const SEVERAL: &str = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
/// With more evicted pods than these that nobody saw going, no more are evicted.
const MAX_DISRUPTED_PODS: usize = 2000;

/// Deletes a pod if its budget allows it.
pub(super) fn evict(server: &mut Server, request: &Request) -> Result<Reply, Status> {
    if request.kind != Kind::Pod {
        return Err(Status::not_supported(request.kind));
    }
    let mut request = request.clone();
    if let Body::Json(value) = &request.body {
        let name = value.pointer("/metadata/name");
        if name.is_some_and(|name| name.as_str() != Some(&request.name)) {
            return Err(Status::bad_request(
                "name in URL does not match name in Eviction object",
            ));
        }
        let seconds = value.pointer("/deleteOptions/gracePeriodSeconds");
        if let Some(seconds) = seconds.and_then(serde_json::Value::as_i64) {
            request.options.grace_period_seconds = Some(seconds);
        }
        let dry_run = value.pointer("/deleteOptions/dryRun/0");
        request.options.dry_run |= dry_run.is_some_and(|all| all == "All");
    }
    request.body = Body::None;
    let object = registry::get(server, &request)?;
    let Some(pod) = object.as_kind::<Pod>() else {
        return Err(Status::not_supported(request.kind));
    };
    let ignores_budgets = is_terminal(pod) || phase(pod) == "Pending" || object.is_terminating();
    if !ignores_budgets {
        spend(server, pod, &request)?;
    }
    if !request.options.dry_run {
        mark(server, pod)?;
    }
    delete::delete(server, &request)
}

/// Takes one disruption from the pod's budget, if there is a budget and the pod counts in it.
fn spend(server: &mut Server, pod: &Pod, request: &Request) -> Result<(), Status> {
    let budgets = budgets_of(&server.store, &pod.metadata);
    let budget = match budgets[..] {
        [] => return Ok(()),
        [budget] => budget.clone(),
        _ => {
            return Err(Status {
                reason: None,
                ..Status::bad_request(SEVERAL)
            });
        }
    };
    let Some(typed) = budget.as_kind::<PodDisruptionBudget>() else {
        return Ok(());
    };
    let status = typed.status.clone().unwrap_or_default();
    if ready_since(pod).is_none() {
        let spec = typed.spec.as_ref();
        let policy = spec.and_then(|spec| spec.unhealthy_pod_eviction_policy.as_deref());
        let desired = status.desired_healthy.unwrap_or(0);
        let enough = desired > 0 && status.current_healthy.unwrap_or(0) >= desired;
        if policy == Some("AlwaysAllow") || enough {
            return Ok(());
        }
    }
    check_and_decrement(server, &budget, status, request)
}

fn too_many_requests(cause: String) -> Status {
    Status {
        reason: Some(Reason::TooManyRequests),
        causes: vec![Cause {
            reason: "DisruptionBudget",
            field: String::new(),
            message: cause,
        }],
        ..Status::bad_request(VIOLATED)
    }
}

fn check_and_decrement(
    server: &mut Server,
    budget: &Arc<Object>,
    mut status: PodDisruptionBudgetStatus,
    request: &Request,
) -> Result<(), Status> {
    let name = budget.name();
    if status.observed_generation.unwrap_or(0) < budget.meta().generation.unwrap_or(0) {
        return Err(too_many_requests(format!(
            "The disruption budget {name} is still being processed by the server."
        )));
    }
    let spent = status.disrupted_pods.as_ref().map_or(0, |pods| pods.len());
    if spent > MAX_DISRUPTED_PODS {
        return Err(Status::forbidden(
            Kind::PodDisruptionBudget,
            name,
            "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
        ));
    }
    let allowed = status.disruptions_allowed.unwrap_or(0);
    if allowed <= 0 {
        return Err(too_many_requests(refusal(name, &status)));
    }
    status.disruptions_allowed = Some(allowed - 1);
    let now = server.calendar.time(server.now);
    if allowed == 1 {
        update_disruption_allowed_condition(&mut status, &now);
    }
    if request.options.dry_run {
        return Ok(());
    }
    let disrupted = status.disrupted_pods.get_or_insert_default();
    disrupted.insert(request.name.clone(), now);
    let mut written = Object::clone(budget);
    if let Object::PodDisruptionBudget(budget) = &mut written {
        budget.status = Some(status);
    }
    write_status(server, written)
}

/// Why no disruption is allowed.
fn refusal(name: &str, status: &PodDisruptionBudgetStatus) -> String {
    let desired = status.desired_healthy.unwrap_or(0);
    let current = status.current_healthy.unwrap_or(0);
    let mut conditions = status.conditions.iter().flatten();
    let refused = conditions
        .find(|condition| condition.type_ == DISRUPTION_ALLOWED)
        .filter(|condition| condition.status == "False" && !condition.message.is_empty());
    match refused {
        Some(condition) if condition.reason == SYNC_FAILED => format!(
            "The disruption budget {name} does not allow evicting pods currently because it failed sync: {}",
            condition.message
        ),
        _ if current <= desired => format!(
            "The disruption budget {name} needs {desired} healthy pods and has {current} currently"
        ),
        Some(condition) => format!(
            "The disruption budget {name} does not allow evicting pods currently ({}): {}",
            condition.reason, condition.message
        ),
        None => format!("The disruption budget {name} does not allow evicting pods currently"),
    }
}

/// Says in the pod why it goes.
fn mark(server: &mut Server, pod: &Pod) -> Result<(), Status> {
    let mut pod = pod.clone();
    let now = server.calendar.time(server.now);
    let mut condition = disruption_target(&pod, "EvictionByEvictionAPI", "Eviction API: evicting");
    condition.observed_generation = None;
    let status = pod.status.get_or_insert_default();
    update_pod_condition(status, condition, &now);
    write_status(server, pod.into())
}

fn write_status(server: &mut Server, object: Object) -> Result<(), Status> {
    let mut request = Request::new(
        Verb::Update,
        object.kind(),
        object.namespace(),
        object.name(),
    );
    request.subresource = Some(Subresource::Status);
    let request = request.with_body(Body::Typed(Box::new(object)));
    registry::dispatch(server, request, &mut Vec::new()).map(|_| ())
}
