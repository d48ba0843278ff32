//! Disruption budgets.

use super::selector::selector_text;
use super::text_of;
use super::writer::PrefixWriter;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// A disruption budget.
///
/// Upstream: `describePodDisruptionBudgetV1`.
pub(super) fn describe(budget: &PodDisruptionBudget, w: &mut PrefixWriter) {
    let spec = budget.spec.clone().unwrap_or_default();
    let status = budget.status.clone().unwrap_or_default();
    w.field(0, "Name", text_of(&budget.metadata.name));
    w.field(0, "Namespace", text_of(&budget.metadata.namespace));
    let amount = |amount: &IntOrString| match amount {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(text) => text.clone(),
    };
    if let Some(least) = &spec.min_available {
        w.field(0, "Min available", amount(least));
    } else if let Some(most) = &spec.max_unavailable {
        w.field(0, "Max unavailable", amount(most));
    }
    let selector = match &spec.selector {
        None => "<unset>".to_owned(),
        Some(selector) => match selector_text(selector) {
            empty if empty.is_empty() => "<none>".to_owned(),
            text => text,
        },
    };
    w.field(0, "Selector", selector);
    w.line(0, "Status:");
    w.field(
        2,
        "Allowed disruptions",
        status.disruptions_allowed.unwrap_or(0),
    );
    w.field(2, "Current", status.current_healthy.unwrap_or(0));
    w.field(2, "Desired", status.desired_healthy.unwrap_or(0));
    w.field(2, "Total", status.expected_pods.unwrap_or(0));
}
