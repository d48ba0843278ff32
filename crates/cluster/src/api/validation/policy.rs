//! Disruption budgets.
//!
//! Upstream: `pkg/apis/policy/validation/validation.go`.

use super::workload::{self, Verbatim};
use crate::api::field::{Errors, Path};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

pub(super) fn budget(budget: &PodDisruptionBudget, errors: &mut Errors) {
    let Some(spec) = &budget.spec else { return };
    let path = Path::new("spec");
    if spec.min_available.is_some() && spec.max_unavailable.is_some() {
        let why = "minAvailable and maxUnavailable cannot be both set";
        errors.invalid(&path, &Verbatim(show(spec)), why);
    }
    for (amount, name) in [
        (&spec.min_available, "minAvailable"),
        (&spec.max_unavailable, "maxUnavailable"),
    ] {
        let Some(amount) = amount else { continue };
        let field = path.child(name);
        workload::int_or_percent(amount, &field, errors);
        workload::at_most_all(amount, &field, errors);
    }
    if let Some(selector) = &spec.selector {
        workload::selector_terms(selector, &path, errors);
    }
    let policy = spec.unhealthy_pod_eviction_policy.as_deref();
    if let Some(policy) = policy.filter(|p| !matches!(*p, "AlwaysAllow" | "IfHealthyBudget")) {
        errors.not_supported(
            &path.child("unhealthyPodEvictionPolicy"),
            policy,
            &["AlwaysAllow", "IfHealthyBudget"],
        );
    }
}

/// The spec in the notation of Go's own structs.
fn show(spec: &PodDisruptionBudgetSpec) -> String {
    let amount = |amount: &Option<IntOrString>| match amount {
        None => "null".to_owned(),
        Some(IntOrString::Int(number)) => number.to_string(),
        Some(IntOrString::String(text)) => format!("\"{text}\""),
    };
    let selector = crate::typed::to_value(&spec.selector);
    let policy = crate::typed::to_value(&spec.unhealthy_pod_eviction_policy);
    format!(
        "{{\"MinAvailable\":{},\"Selector\":{selector},\"MaxUnavailable\":{},\"UnhealthyPodEvictionPolicy\":{policy}}}",
        amount(&spec.min_available),
        amount(&spec.max_unavailable)
    )
}
