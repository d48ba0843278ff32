//! Rows of autoscalers.

use super::Cell;
use k8s_openapi::api::autoscaling::v2::{HorizontalPodAutoscaler, MetricSpec, MetricTarget};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// How many targets a row shows.
const TARGETS_SHOWN: usize = 2;

pub(super) fn scaler(scaler: &HorizontalPodAutoscaler, age: Cell) -> Vec<Cell> {
    let spec = &scaler.spec;
    let status = scaler.status.as_ref();
    let to = &spec.scale_target_ref;
    let lowest = spec.min_replicas.map(|number| number.to_string());
    vec![
        scaler.metadata.name.clone().unwrap_or_default(),
        format!("{}/{}", to.kind, to.name),
        targets(spec.metrics.as_deref().unwrap_or_default()),
        lowest.unwrap_or_else(|| "<unset>".to_owned()),
        spec.max_replicas.to_string(),
        status
            .and_then(|status| status.current_replicas)
            .unwrap_or(0)
            .to_string(),
        age,
    ]
}

/// What is aimed at; what is the case is never known.
fn targets(metrics: &[MetricSpec]) -> String {
    if metrics.is_empty() {
        return "<none>".to_owned();
    }
    let shown: Vec<String> = metrics.iter().take(TARGETS_SHOWN).map(target).collect();
    let mut text = shown.join(", ");
    if metrics.len() > TARGETS_SHOWN {
        text.push_str(&format!(" + {} more...", metrics.len() - TARGETS_SHOWN));
    }
    text
}

fn target(metric: &MetricSpec) -> String {
    let quantity = |quantity: &Option<Quantity>| match quantity {
        Some(quantity) => quantity.0.clone(),
        None => "<nil>".to_owned(),
    };
    let value = |target: &MetricTarget| match &target.average_value {
        Some(value) => format!("<unknown>/{} (avg)", value.0),
        None => format!("<unknown>/{}", quantity(&target.value)),
    };
    let of_requests = |name: &str, target: &MetricTarget| match &target.average_value {
        Some(value) => format!("{name}: <unknown>/{}", value.0),
        None => match target.average_utilization {
            Some(percent) => format!("{name}: <unknown>/{percent}%"),
            None => format!("{name}: <unknown>/<auto>"),
        },
    };
    match metric.type_.as_str() {
        "External" => metric.external.as_ref().map(|of| value(&of.target)),
        "Object" => metric.object.as_ref().map(|of| value(&of.target)),
        "Pods" => metric
            .pods
            .as_ref()
            .map(|of| format!("<unknown>/{}", quantity(&of.target.average_value))),
        "Resource" => {
            let of = metric.resource.as_ref();
            of.map(|of| of_requests(&of.name, &of.target))
        }
        "ContainerResource" => {
            let of = metric.container_resource.as_ref();
            of.map(|of| of_requests(&of.name, &of.target))
        }
        _ => None,
    }
    .unwrap_or_else(|| "<unknown type>".to_owned())
}
