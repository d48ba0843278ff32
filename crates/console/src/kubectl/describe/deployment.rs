//! Deployments.

use super::pod::describe_template;
use super::replica_set::describe_conditions;
use super::selector::selector_text;
use super::time::date;
use super::writer::PrefixWriter;
use super::{View, text_of};
use crate::kubectl::rollout::replica_sets::ReplicaSets;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStatus, ReplicaSet};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// A Deployment.
///
/// Upstream: `describeDeployment`.
pub(super) fn describe(view: View<'_>, deployment: &Deployment, w: &mut PrefixWriter) {
    let (no_spec, no_status) = (DeploymentSpec::default(), DeploymentStatus::default());
    let spec = deployment.spec.as_ref().unwrap_or(&no_spec);
    let status = deployment.status.as_ref().unwrap_or(&no_status);
    let meta = &deployment.metadata;
    w.field(0, "Name", text_of(&meta.name));
    w.field(0, "Namespace", text_of(&meta.namespace));
    w.field(
        0,
        "CreationTimestamp",
        date(meta.creation_timestamp.as_ref()),
    );
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    w.field(0, "Selector", selector_text(&spec.selector));
    let count = |count: Option<i32>| count.unwrap_or(0);
    w.field(
        0,
        "Replicas",
        format_args!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            count(spec.replicas),
            count(status.updated_replicas),
            count(status.replicas),
            count(status.available_replicas),
            count(status.unavailable_replicas)
        ),
    );
    describe_strategy(spec, w);
    describe_template(&spec.template, w);
    let conditions = status.conditions.iter().flatten();
    describe_conditions(
        conditions.map(|c| (c.type_.as_str(), c.status.as_str(), text_of(&c.reason))),
        w,
    );
    let sets = ReplicaSets::of(view.store, deployment);
    if !sets.old.is_empty() || sets.new.is_some() {
        w.field(0, "OldReplicaSets", sets_text(&sets.old));
        let new: Vec<&ReplicaSet> = sets.new.into_iter().collect();
        w.field(0, "NewReplicaSet", sets_text(&new));
    }
}

fn describe_strategy(spec: &DeploymentSpec, w: &mut PrefixWriter) {
    let strategy = spec.strategy.as_ref();
    let kind = strategy.and_then(|strategy| strategy.type_.as_deref());
    w.field(0, "StrategyType", kind.unwrap_or(""));
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    w.field(0, "MinReadySeconds", min_ready);
    if let Some(rolling) = strategy.and_then(|strategy| strategy.rolling_update.as_ref()) {
        let amount = |amount: &Option<IntOrString>| match amount {
            Some(IntOrString::Int(number)) => number.to_string(),
            Some(IntOrString::String(share)) => share.clone(),
            None => "<nil>".to_owned(),
        };
        let (unavailable, surge) = (amount(&rolling.max_unavailable), amount(&rolling.max_surge));
        w.field(
            0,
            "RollingUpdateStrategy",
            format_args!("{unavailable} max unavailable, {surge} max surge"),
        );
    }
}

/// ReplicaSets with their sizes.
///
/// Upstream: `printReplicaSetsByLabels`.
fn sets_text(sets: &[&ReplicaSet]) -> String {
    let texts: Vec<String> = sets
        .iter()
        .map(|set| {
            let created = set.status.as_ref().map_or(0, |status| status.replicas);
            let wanted = set.spec.as_ref().and_then(|spec| spec.replicas);
            format!(
                "{} ({created}/{} replicas created)",
                text_of(&set.metadata.name),
                wanted.unwrap_or(0)
            )
        })
        .collect();
    if texts.is_empty() {
        "<none>".to_owned()
    } else {
        texts.join(", ")
    }
}
