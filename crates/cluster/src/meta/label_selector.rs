//! Which labels a selector fits.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go` LabelSelectorAsSelector.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{
    LabelSelector, LabelSelectorRequirement, ObjectMeta,
};

/// Whether the selector can be used at all: only four operators are known, two of them with values.
pub fn is_valid(selector: &LabelSelector) -> bool {
    let requirements = selector.match_expressions.as_deref().unwrap_or_default();
    requirements.iter().all(|requirement| {
        let has_values = requirement
            .values
            .as_ref()
            .is_some_and(|values| !values.is_empty());
        match requirement.operator.as_str() {
            "In" | "NotIn" => has_values,
            "Exists" | "DoesNotExist" => !has_values,
            _ => false,
        }
    })
}

/// Whether the selector fits the labels of an object. An empty selector fits everything.
pub fn matches(selector: &LabelSelector, meta: &ObjectMeta) -> bool {
    let label = |key: &str| {
        let labels = meta.labels.as_ref()?;
        labels.get(key).map(String::as_str)
    };
    let pairs_fit = selector
        .match_labels
        .iter()
        .flatten()
        .all(|(key, value)| label(key) == Some(value.as_str()));
    let requirements = selector.match_expressions.as_deref().unwrap_or_default();
    pairs_fit
        && requirements
            .iter()
            .all(|requirement| fits(requirement, label(&requirement.key)))
}

fn fits(requirement: &LabelSelectorRequirement, label: Option<&str>) -> bool {
    let listed = label.is_some_and(|label| {
        let values = requirement.values.as_deref().unwrap_or_default();
        values.iter().any(|value| value == label)
    });
    match requirement.operator.as_str() {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        _ => false,
    }
}
