//! HorizontalPodAutoscalers are kept, in the form of autoscaling/v2, and say that nothing scales by them.
//!
//! Upstream: `pkg/apis/autoscaling/v2/defaults.go`, `pkg/apis/autoscaling/v1/conversion.go`.

use k8s_openapi::api::autoscaling::v2::{
    HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition,
    HorizontalPodAutoscalerStatus, MetricSpec, MetricTarget, ResourceMetricSource,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

/// What an autoscaler without metrics aims at, in percent of what the containers ask for.
const DEFAULT_CPU_UTILIZATION: i32 = 80;
const PERIOD_SECONDS: i32 = 15;
const NOT_SIMULATED: &str = "not simulated here: autoscaling. Nothing changes the number of replicas, as in a cluster without a metrics server";

/// The status that a new autoscaler has: a condition that says what does not happen.
pub(super) fn status(now: Time) -> HorizontalPodAutoscalerStatus {
    HorizontalPodAutoscalerStatus {
        conditions: Some(vec![HorizontalPodAutoscalerCondition {
            type_: "ScalingActive".to_owned(),
            status: "False".to_owned(),
            reason: Some("NotSimulated".to_owned()),
            message: Some(NOT_SIMULATED.to_owned()),
            last_transition_time: Some(now),
        }]),
        ..Default::default()
    }
}

/// Fills in what is left out.
pub(super) fn defaults(scaler: &mut HorizontalPodAutoscaler) {
    let spec = &mut scaler.spec;
    spec.min_replicas.get_or_insert(1);
    if spec.metrics.as_ref().is_none_or(Vec::is_empty) {
        spec.metrics = Some(vec![MetricSpec {
            type_: "Resource".to_owned(),
            resource: Some(ResourceMetricSource {
                name: "cpu".to_owned(),
                target: MetricTarget {
                    type_: "Utilization".to_owned(),
                    average_utilization: Some(DEFAULT_CPU_UTILIZATION),
                    ..Default::default()
                },
            }),
            ..Default::default()
        }]);
    }
    if let Some(behavior) = &mut spec.behavior {
        let up = behavior.scale_up.get_or_insert_default();
        up.stabilization_window_seconds.get_or_insert(0);
        rules(up, &[("Pods", 4), ("Percent", 100)]);
        rules(
            behavior.scale_down.get_or_insert_default(),
            &[("Percent", 100)],
        );
    }
}

fn rules(rules: &mut HPAScalingRules, policies: &[(&str, i32)]) {
    let select = rules.select_policy.get_or_insert_default();
    if select.is_empty() {
        "Max".clone_into(select);
    }
    rules.policies.get_or_insert_with(|| {
        let policies = policies.iter();
        policies
            .map(|(kind, value)| HPAScalingPolicy {
                type_: (*kind).to_owned(),
                value: *value,
                period_seconds: PERIOD_SECONDS,
            })
            .collect()
    });
}

/// Turns an object that was written in autoscaling/v1 into the form that is kept; others stay as they are.
pub fn to_stored(value: &mut Value) {
    if value["apiVersion"] != "autoscaling/v1" || value["kind"] != "HorizontalPodAutoscaler" {
        return;
    }
    value["apiVersion"] = json!("autoscaling/v2");
    let spec = value.get_mut("spec").and_then(Value::as_object_mut);
    if let Some(spec) = spec
        && let Some(percent) = spec.remove("targetCPUUtilizationPercentage")
        && !percent.is_null()
    {
        spec.insert(
            "metrics".to_owned(),
            json!([{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}}}]),
        );
    }
    let status = value.get_mut("status").and_then(Value::as_object_mut);
    if let Some(status) = status {
        status.remove("currentCPUUtilizationPercentage");
    }
}
