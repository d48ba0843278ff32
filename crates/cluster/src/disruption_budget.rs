//! Which disruption budgets a pod fits, and the condition of a budget.
//!
//! Upstream: `staging/src/k8s.io/component-helpers/apps/poddisruptionbudget`, `staging/src/k8s.io/client-go/listers/policy/v1`.

use crate::meta::label_selector;
use crate::object::{Kind, Object};
use crate::store::Store;
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, ObjectMeta, Time};
use std::sync::Arc;

/// The condition that says whether evictions are allowed.
pub(crate) const DISRUPTION_ALLOWED: &str = "DisruptionAllowed";
/// Its reason when the budget could not be worked out.
pub(crate) const SYNC_FAILED: &str = "SyncFailed";

/// The budgets that a pod fits, in the order of their names.
pub(crate) fn budgets_of<'s>(store: &'s Store, pod: &'s ObjectMeta) -> Vec<&'s Arc<Object>> {
    let namespace = pod.namespace.as_deref().unwrap_or("");
    store
        .list(Kind::PodDisruptionBudget, Some(namespace))
        .filter(|object| {
            let budget = object.as_kind::<PodDisruptionBudget>();
            let spec = budget.and_then(|budget| budget.spec.as_ref());
            spec.and_then(|spec| spec.selector.as_ref())
                .is_some_and(|selector| {
                    label_selector::is_valid(selector) && label_selector::matches(selector, pod)
                })
        })
        .collect()
}

/// Says in the condition whether evictions are allowed.
pub(crate) fn update_disruption_allowed_condition(
    status: &mut PodDisruptionBudgetStatus,
    now: &Time,
) {
    let (state, reason) = match status.disruptions_allowed.unwrap_or(0) > 0 {
        true => ("True", "SufficientPods"),
        false => ("False", "InsufficientPods"),
    };
    set_condition(status, state, reason, "", now);
}

/// Writes the condition; its date changes with its status alone.
pub(crate) fn set_condition(
    status: &mut PodDisruptionBudgetStatus,
    state: &str,
    reason: &str,
    message: &str,
    now: &Time,
) {
    let mut condition = Condition {
        type_: DISRUPTION_ALLOWED.to_owned(),
        status: state.to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        observed_generation: status.observed_generation.filter(|n| *n != 0),
        last_transition_time: now.clone(),
    };
    let conditions = status.conditions.get_or_insert_default();
    match conditions
        .iter_mut()
        .find(|c| c.type_ == DISRUPTION_ALLOWED)
    {
        Some(known) => {
            if known.status == condition.status {
                condition.last_transition_time = known.last_transition_time.clone();
            }
            *known = condition;
        }
        None => conditions.push(condition),
    }
}
