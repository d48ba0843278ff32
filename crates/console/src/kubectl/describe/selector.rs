//! Label selectors and labels as text.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use petset_cluster::sort;
use std::collections::BTreeMap;

/// The selector as the command line writes it, requirements sorted by key.
///
/// Upstream: `metav1.LabelSelectorAsSelector` and `Selector.String`.
pub(super) fn selector_text(selector: &LabelSelector) -> String {
    let equal = selector.match_labels.iter().flatten();
    let mut parts: Vec<(&str, String)> = equal
        .map(|(key, value)| (key.as_str(), format!("{key}={value}")))
        .collect();
    for requirement in selector.match_expressions.iter().flatten() {
        let key = &requirement.key;
        let mut values: Vec<&str> = requirement
            .values
            .iter()
            .flatten()
            .map(String::as_str)
            .collect();
        values.sort_unstable();
        let values = values.join(",");
        let text = match requirement.operator.as_str() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.clone(),
        };
        parts.push((key, text));
    }
    sort::by_key(&mut parts, |(key, _)| *key);
    let parts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
    parts.join(",")
}

/// `key=value` pairs with commas between; `<none>` without any.
///
/// Upstream: `labels.FormatLabels`.
pub(super) fn labels_text(labels: Option<&BTreeMap<String, String>>) -> String {
    let pairs = labels.into_iter().flatten();
    let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key}={value}")).collect();
    if pairs.is_empty() {
        return "<none>".to_owned();
    }
    pairs.join(",")
}
