//! HorizontalPodAutoscalers.
//!
//! Upstream: `pkg/apis/autoscaling/validation/validation.go`.

use super::{Errors, Path, one_of};
use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HPAScalingRules, HorizontalPodAutoscaler, MetricSpec, MetricTarget,
};

const METRIC_TYPES: &[&str] = &[
    "ContainerResource",
    "External",
    "Object",
    "Pods",
    "Resource",
];
const TARGET_TYPES: &[&str] = &["AverageValue", "Utilization", "Value"];
const SELECT_POLICIES: &[&str] = &["Disabled", "Max", "Min"];
const LONGEST_WINDOW_SECONDS: i32 = 3600;
const LONGEST_PERIOD_SECONDS: i32 = 1800;

pub(super) fn scaler(scaler: &HorizontalPodAutoscaler, errors: &mut Errors) {
    let spec = &scaler.spec;
    let path = Path::new("spec");
    let lowest = spec.min_replicas.unwrap_or(1);
    if lowest < 1 {
        let why = "must be greater than or equal to 1";
        errors.invalid(&path.child("minReplicas"), &lowest, why);
    }
    let field = path.child("maxReplicas");
    if spec.max_replicas == 0 {
        errors.required(&field, "must be set and greater than 0");
    } else if spec.max_replicas < 0 {
        let why = "must be greater than or equal to 1";
        errors.invalid(&field, &spec.max_replicas, why);
    }
    if spec.max_replicas < lowest {
        let why = "must be greater than or equal to `minReplicas`";
        errors.invalid(&field, &spec.max_replicas, why);
    }
    reference(
        &spec.scale_target_ref,
        &path.child("scaleTargetRef"),
        errors,
    );
    let metrics = path.child("metrics");
    for (at, one) in spec.metrics.iter().flatten().enumerate() {
        metric(one, &metrics.index(at), errors);
    }
    if let Some(behavior) = &spec.behavior {
        let path = path.child("behavior");
        rules(behavior.scale_up.as_ref(), &path.child("scaleUp"), errors);
        rules(
            behavior.scale_down.as_ref(),
            &path.child("scaleDown"),
            errors,
        );
    }
}

fn reference(to: &CrossVersionObjectReference, path: &Path<'_>, errors: &mut Errors) {
    if to.kind.is_empty() {
        errors.required(&path.child("kind"), "");
    }
    if to.name.is_empty() {
        errors.required(&path.child("name"), "");
    }
}

fn metric(metric: &MetricSpec, path: &Path<'_>, errors: &mut Errors) {
    let (field, ty) = (path.child("type"), metric.type_.as_str());
    if ty.is_empty() {
        errors.required(&field, "must specify a metric source type");
    }
    if !METRIC_TYPES.contains(&ty) {
        errors.not_supported(&field, ty, METRIC_TYPES);
    }
    let sources = [
        ("Object", "object", metric.object.is_some()),
        ("External", "external", metric.external.is_some()),
        ("Pods", "pods", metric.pods.is_some()),
        ("Resource", "resource", metric.resource.is_some()),
        (
            "ContainerResource",
            "containerResource",
            metric.container_resource.is_some(),
        ),
    ];
    if let Some(resource) = &metric.resource {
        let path = path.child("resource");
        if resource.name.is_empty() {
            errors.required(&path.child("name"), "must specify a resource name");
        }
        target(&resource.target, &path.child("target"), errors);
    }
    for (of_type, name, given) in sources {
        if of_type == ty && !given {
            let why = "must populate information for the given metric source";
            errors.required(&path.child(name), why);
        } else if of_type != ty && given {
            let why = "must populate the given metric source only";
            errors.forbidden(&path.child(name), why);
        }
    }
}

fn target(target: &MetricTarget, path: &Path<'_>, errors: &mut Errors) {
    one_of(&target.type_, TARGET_TYPES, &path.child("type"), errors);
    if let Some(percent) = target.average_utilization.filter(|percent| *percent < 1) {
        let why = "must be greater than 0";
        errors.invalid(&path.child("averageUtilization"), &percent, why);
    }
    match (&target.average_utilization, &target.average_value) {
        (None, None) => errors.required(
            &path.child("averageUtilization"),
            "must set either a target raw value or a target utilization",
        ),
        (Some(_), Some(_)) => errors.forbidden(
            &path.child("averageValue"),
            "may not set both a target raw value and a target utilization",
        ),
        _ => {}
    }
}

fn rules(rules: Option<&HPAScalingRules>, path: &Path<'_>, errors: &mut Errors) {
    let Some(rules) = rules else { return };
    let window = rules.stabilization_window_seconds.unwrap_or(0);
    let field = path.child("stabilizationWindowSeconds");
    if window < 0 {
        errors.invalid(&field, &window, "must be greater than or equal to zero");
    } else if window > LONGEST_WINDOW_SECONDS {
        errors.invalid(&field, &window, "must be less than or equal to 3600");
    }
    if let Some(select) = rules.select_policy.as_deref()
        && !SELECT_POLICIES.contains(&select)
    {
        errors.not_supported(&path.child("selectPolicy"), select, SELECT_POLICIES);
    }
    let policies = path.child("policies");
    if rules.policies.as_ref().is_none_or(Vec::is_empty) {
        errors.required(&policies, "must specify at least one Policy");
    }
    for (at, policy) in rules.policies.iter().flatten().enumerate() {
        let path = policies.index(at);
        if !matches!(policy.type_.as_str(), "Pods" | "Percent") {
            let supported = &["Percent", "Pods"];
            errors.not_supported(&path.child("type"), &policy.type_, supported);
        }
        if policy.value <= 0 {
            errors.invalid(
                &path.child("value"),
                &policy.value,
                "must be greater than zero",
            );
        }
        let (field, period) = (path.child("periodSeconds"), policy.period_seconds);
        if period <= 0 {
            errors.invalid(&field, &period, "must be greater than zero");
        } else if period > LONGEST_PERIOD_SECONDS {
            errors.invalid(&field, &period, "must be less than or equal to 1800");
        }
    }
}
