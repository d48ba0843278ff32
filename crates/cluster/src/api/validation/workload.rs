//! What the kinds that make pods from a template share: selector, template, amounts that may be percentages.
//!
//! Upstream: `pkg/apis/apps/validation/validation.go`, `staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go`.

use super::{names, not_negative};
use crate::api::field::{BadValue, Errors, Path};
use crate::api::selectors::Selector;
use crate::typed;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::json;

/// Said of a text that is to be a percentage and is none.
const NO_PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/// A value in the notation of Go's own structs.
pub(super) struct Verbatim(pub(super) String);

impl BadValue for Verbatim {
    fn show(&self) -> String {
        self.0.clone()
    }
}

impl BadValue for IntOrString {
    fn show(&self) -> String {
        match self {
            IntOrString::Int(number) => number.to_string(),
            IntOrString::String(text) => json!(text).to_string(),
        }
    }
}

impl BadValue for LabelSelector {
    fn show(&self) -> String {
        let mut value = typed::to_value(self);
        if let Some(labels) = &self.match_labels
            && labels.is_empty()
            && let Some(fields) = value.as_object_mut()
        {
            fields.remove("matchLabels");
        }
        value.to_string()
    }
}

/// The number of a percentage; none for a text of another form.
pub(super) fn percent(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('%')?;
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    whole.then(|| digits.parse().unwrap_or(i64::MAX))
}

/// Checks a number that may not be negative, or a percentage.
pub(super) fn int_or_percent(amount: &IntOrString, path: &Path<'_>, errors: &mut Errors) {
    match amount {
        IntOrString::Int(number) => not_negative(number, path, errors),
        IntOrString::String(text) if percent(text).is_none() => {
            errors.invalid(path, text, NO_PERCENT);
        }
        IntOrString::String(_) => {}
    }
}

/// Checks that a percentage is not more than all.
pub(super) fn at_most_all(amount: &IntOrString, path: &Path<'_>, errors: &mut Errors) {
    if let IntOrString::String(text) = amount
        && percent(text).is_some_and(|share| share > 100)
    {
        errors.invalid(path, text, "must not be greater than 100%");
    }
}

/// Checks `spec.selector` of a kind that may not select everything; one that is missing fits nothing.
/// `whom` ends the sentence about an empty one.
pub(super) fn selector(
    selector: &LabelSelector,
    whom: &str,
    spec: &Path<'_>,
    errors: &mut Errors,
) -> Selector {
    let path = spec.child("selector");
    let labels = selector.match_labels.as_ref();
    if labels.is_none() && selector.match_expressions.is_none() {
        errors.required(&path, "");
        return Selector::from_spec(None);
    }
    selector_terms(selector, spec, errors);
    let count = labels.map_or(0, |labels| labels.len())
        + selector.match_expressions.as_ref().map_or(0, Vec::len);
    if count == 0 {
        let why = format!("empty selector is invalid for {whom}");
        errors.invalid(&path, &json!({}), &why);
    }
    Selector::from_spec(Some(selector))
}

/// Checks each condition of `spec.selector`.
pub(super) fn selector_terms(selector: &LabelSelector, spec: &Path<'_>, errors: &mut Errors) {
    let path = spec.child("selector");
    let labels = selector.match_labels.as_ref();
    for (key, value) in labels.into_iter().flatten() {
        let field = path.child("matchLabels");
        for why in names::qualified_name(key) {
            errors.invalid(&field, key, &why);
        }
        for why in names::label_value(value) {
            errors.invalid(&field, value, &why);
        }
    }
    for (at, expression) in selector.match_expressions.iter().flatten().enumerate() {
        let list = path.child("matchExpressions");
        let place = list.index(at);
        let none = expression.values.as_ref().is_none_or(Vec::is_empty);
        let values = place.child("values");
        match expression.operator.as_str() {
            "In" | "NotIn" if none => {
                errors.required(
                    &values,
                    "must be specified when `operator` is 'In' or 'NotIn'",
                );
            }
            "Exists" | "DoesNotExist" if !none => errors.forbidden(
                &values,
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => errors.invalid(
                &place.child("operator"),
                other,
                "not a valid selector operator",
            ),
        }
        for why in names::qualified_name(&expression.key) {
            errors.invalid(&place.child("key"), &expression.key, &why);
        }
    }
}

/// Checks that the selector fits the pods that the template makes.
pub(super) fn template_fits(
    selector: &Selector,
    template: &PodTemplateSpec,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let meta = template.metadata.as_ref();
    let labels = meta.and_then(|meta| meta.labels.as_ref());
    let selects = selector.nothing || !selector.requirements.is_empty();
    if selects && !selector.matches(labels) {
        let shown = labels.map_or(serde_json::Value::Null, |labels| json!(labels));
        let meta = path.child("metadata");
        errors.invalid(
            &meta.child("labels"),
            &shown,
            "`selector` does not match template `labels`",
        );
    }
}

/// Checks that pods of the template run for ever. `kind` is part of the message.
pub(super) fn runs_always(
    template: &PodTemplateSpec,
    kind: &str,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let pod = path.child("spec");
    let inner = template.spec.as_ref();
    let policy = inner
        .and_then(|spec| spec.restart_policy.as_deref())
        .unwrap_or("");
    if policy != "Always" {
        errors.not_supported(&pod.child("restartPolicy"), policy, &["Always"]);
    }
    if inner.is_some_and(|spec| spec.active_deadline_seconds.is_some()) {
        let why = format!("activeDeadlineSeconds in {kind} is not Supported");
        errors.forbidden(&pod.child("activeDeadlineSeconds"), &why);
    }
}

/// Checks that the selector is still the one that was stored.
pub(super) fn same_selector(new: &LabelSelector, old: &LabelSelector, errors: &mut Errors) {
    if new != old {
        let spec = Path::new("spec");
        errors.invalid(&spec.child("selector"), new, "field is immutable");
    }
}
