//! Autoscalers.

use super::writer::PrefixWriter;
use super::{describe_metadata, text_of};
use k8s_openapi::api::autoscaling::v2::{HPAScalingRules, HorizontalPodAutoscaler, MetricSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// An autoscaler.
///
/// Upstream: `describeHorizontalPodAutoscalerV2`.
pub(super) fn describe(scaler: &HorizontalPodAutoscaler, w: &mut PrefixWriter) {
    let (spec, status) = (&scaler.spec, scaler.status.clone().unwrap_or_default());
    describe_metadata(&scaler.metadata, w);
    let created = scaler.metadata.creation_timestamp.as_ref();
    let created = created.map(|time| time.0.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string());
    w.field(0, "CreationTimestamp", created.unwrap_or_default());
    let to = &spec.scale_target_ref;
    w.field(0, "Reference", format!("{}/{}", to.kind, to.name));
    w.field(0, "Metrics", "( current / target )");
    for metric in spec.metrics.iter().flatten() {
        w.line(1, describe_metric(metric));
    }
    let lowest = spec.min_replicas.map(|number| number.to_string());
    w.field(0, "Min replicas", lowest.as_deref().unwrap_or("<unset>"));
    w.field(0, "Max replicas", spec.max_replicas);
    if let Some(behavior) = &spec.behavior {
        w.line(0, "Behavior:");
        describe_rules("Scale Up", behavior.scale_up.as_ref(), w);
        describe_rules("Scale Down", behavior.scale_down.as_ref(), w);
    }
    let replicas = format!(
        "{} current / {} desired",
        status.current_replicas.unwrap_or(0),
        status.desired_replicas
    );
    w.field(0, format!("{} pods", to.kind), replicas);
    let conditions = status.conditions.unwrap_or_default();
    if !conditions.is_empty() {
        w.line(0, "Conditions:");
        w.line(1, "Type\tStatus\tReason\tMessage");
        w.line(1, "----\t------\t------\t-------");
        for one in conditions {
            let (reason, message) = (text_of(&one.reason), text_of(&one.message));
            w.line(
                1,
                format!("{}\t{}\t{reason}\t{message}", one.type_, one.status),
            );
        }
    }
}

/// What is aimed at; what is the case is never known.
fn describe_metric(metric: &MetricSpec) -> String {
    let quantity = |quantity: &Option<Quantity>| match quantity {
        Some(quantity) => quantity.0.clone(),
        None => "<nil>".to_owned(),
    };
    let (name, target) = if let Some(of) = &metric.resource {
        (format!("resource {} on pods", of.name), &of.target)
    } else if let Some(of) = &metric.container_resource {
        let (resource, container) = (&of.name, &of.container);
        let name = format!("resource {resource} of container \"{container}\" on pods");
        (name, &of.target)
    } else if let Some(of) = &metric.pods {
        let target = quantity(&of.target.average_value);
        return format!("\"{}\" on pods:\t<unknown> / {target}", of.metric.name);
    } else {
        let (name, target) = if let Some(of) = &metric.external {
            (format!("\"{}\"", of.metric.name), &of.target)
        } else if let Some(of) = &metric.object {
            let to = &of.described_object;
            let name = format!("\"{}\" on {}/{}", of.metric.name, to.kind, to.name);
            (name, &of.target)
        } else {
            return format!("<unknown metric type \"{}\">", metric.type_);
        };
        return match &target.average_value {
            Some(value) => format!("{name} (target average value):\t<unknown> / {}", value.0),
            None => format!(
                "{name} (target value):\t<unknown> / {}",
                quantity(&target.value)
            ),
        };
    };
    match (&target.average_value, target.average_utilization) {
        (Some(value), _) => format!("{name}:\t<unknown> / {}", value.0),
        (None, percent) => {
            let percent = percent.map(|percent| format!("{percent}%"));
            let percent = percent.as_deref().unwrap_or("<auto>");
            format!("{name}  (as a percentage of request):\t<unknown> / {percent}")
        }
    }
}

fn describe_rules(direction: &str, rules: Option<&HPAScalingRules>, w: &mut PrefixWriter) {
    let Some(rules) = rules else { return };
    w.line(1, format!("{direction}:"));
    if let Some(seconds) = rules.stabilization_window_seconds {
        w.line(2, format!("Stabilization Window: {seconds} seconds"));
    }
    let policies = rules.policies.as_deref().unwrap_or_default();
    if policies.is_empty() {
        return;
    }
    let select = rules.select_policy.as_deref().unwrap_or("Max");
    w.line(2, format!("Select Policy: {select}"));
    w.line(2, "Policies:");
    for policy in policies {
        let (kind, value, seconds) = (&policy.type_, policy.value, policy.period_seconds);
        w.line(
            3,
            format!("- Type: {kind}\tValue: {value}\tPeriod: {seconds} seconds"),
        );
    }
}
