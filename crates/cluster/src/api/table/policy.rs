//! Rows of disruption budgets.

use super::Cell;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

pub(super) fn budget(budget: &PodDisruptionBudget, age: Cell) -> Vec<Cell> {
    let spec = budget.spec.as_ref();
    let amount = |amount: Option<&IntOrString>| match amount {
        None => "N/A".to_owned(),
        Some(IntOrString::Int(number)) => number.to_string(),
        Some(IntOrString::String(text)) => text.clone(),
    };
    let status = budget.status.as_ref();
    vec![
        budget.metadata.name.clone().unwrap_or_default(),
        amount(spec.and_then(|spec| spec.min_available.as_ref())),
        amount(spec.and_then(|spec| spec.max_unavailable.as_ref())),
        status
            .and_then(|status| status.disruptions_allowed)
            .unwrap_or(0)
            .to_string(),
        age,
    ]
}
