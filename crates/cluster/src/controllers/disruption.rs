//! Counts the healthy pods of disruption budgets, and so how many more may be disturbed.
//!
//! Upstream: `pkg/controller/disruption/disruption.go`, `staging/src/k8s.io/component-helpers/apps/poddisruptionbudget`.

use crate::client::Client;
use crate::controller::{Controller, Outcome, Requeue, Wakes};
use crate::disruption_budget::{
    SYNC_FAILED, budgets_of, set_condition, update_disruption_allowed_condition,
};
use crate::meta::controller_ref::controller_of;
use crate::meta::label_selector;
use crate::object::{Key, Kind, Object};
use crate::pod::ready_since;
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::Duration;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, OwnerReference, Time};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long an evicted pod may take until it is seen to be going.
const DELETION_TIMEOUT: Duration = Duration::secs(120);
/// Counts the healthy pods of disruption budgets.
#[derive(Clone, Default)]
pub struct DisruptionController {
    /// Pods that fit several budgets, by the budget that was taken.
    contested: BTreeMap<Key, BTreeSet<Key>>,
}

impl Controller for DisruptionController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        match &**object {
            Object::PodDisruptionBudget(_) if change.change == ChangeType::Deleted => {
                self.contested.remove(&object.key());
            }
            Object::PodDisruptionBudget(_) => wakes.add(ControllerId::Disruption, object.key()),
            Object::Pod(pod) => {
                let budgets = budgets_of(store, &pod.metadata);
                let Some(first) = budgets.first() else { return };
                if budgets.len() > 1 && change.change != ChangeType::Deleted {
                    let pods = self.contested.entry(first.key()).or_default();
                    pods.insert(object.key());
                }
                wakes.add(ControllerId::Disruption, first.key());
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        self.tell_contested(key, client);
        let object = client.store().get(Kind::PodDisruptionBudget, key).cloned();
        let Some(object) = object else {
            return Outcome::DONE;
        };
        let Some(budget) = object.as_kind::<PodDisruptionBudget>() else {
            return Outcome::DONE;
        };
        let pods = pods_of(budget, client.store());
        let looked_at = 1 + pods.len() as u64;
        let requeue = match sync_budget(&object, budget, &pods, client) {
            Ok(None) => Requeue::No,
            Ok(Some(delay)) => Requeue::After(delay),
            Err(message) => {
                let mut status = budget.status.clone().unwrap_or_default();
                let now = client.calendar().time(client.now());
                status.disruptions_allowed = Some(0);
                set_condition(&mut status, "False", SYNC_FAILED, &message, &now);
                write_status(budget, status, client)
            }
        };
        Outcome { requeue, looked_at }
    }
}

impl DisruptionController {
    fn tell_contested(&mut self, key: &Key, client: &mut Client<'_>) {
        for pod in self.contested.remove(key).unwrap_or_default() {
            let Some(object) = client.store().get(Kind::Pod, &pod).cloned() else {
                continue;
            };
            let message = format!(
                "Pod \"{}\"/\"{}\" matches multiple PodDisruptionBudgets.  Chose \"{}\" arbitrarily.",
                pod.namespace(),
                pod.name(),
                key.name()
            );
            let reason = "MultiplePodDisruptionBudgets";
            record(&object, EventType::Warning, reason, message, client);
        }
    }
}

fn record(about: &Object, kind: EventType, reason: &str, message: String, client: &mut Client<'_>) {
    let by = Reporter::control_plane("controllermanager");
    client.event(&by, reference(about), kind, reason, message);
}

fn pods_of(budget: &PodDisruptionBudget, store: &Store) -> Vec<Arc<Object>> {
    let selector = budget.spec.as_ref().and_then(|spec| spec.selector.as_ref());
    let Some(selector) = selector.filter(|selector| label_selector::is_valid(selector)) else {
        return Vec::new();
    };
    let namespace = budget.metadata.namespace.as_deref().unwrap_or("");
    let fits = |pod: &&Arc<Object>| {
        pod.namespace() == namespace && label_selector::matches(selector, pod.meta())
    };
    match selector.match_labels.iter().flatten().next() {
        Some((key, value)) => store
            .by_index(Kind::Pod, Index::Label, &format!("{key}={value}"))
            .filter(fits)
            .cloned()
            .collect(),
        None => {
            let pods = store.list(Kind::Pod, Some(namespace));
            pods.filter(fits).cloned().collect()
        }
    }
}

/// One sync; the delay after which it is to be looked whether evicted pods are going.
///
/// Upstream: `trySync`.
fn sync_budget(
    object: &Object,
    budget: &PodDisruptionBudget,
    pods: &[Arc<Object>],
    client: &mut Client<'_>,
) -> Result<Option<Duration>, String> {
    if pods.is_empty() {
        let message = "No matching pods found".to_owned();
        record(object, EventType::Normal, "NoPods", message, client);
    }
    let counted = expected_pod_count(budget, pods, client.store());
    let (expected, desired, unmanaged) = match counted {
        Ok(counted) => counted,
        Err(why) => {
            let message = format!("Failed to calculate the number of expected pods: {why}");
            let reason = "CalculateExpectedPodCountFailed";
            record(object, EventType::Warning, reason, message, client);
            return Err(why);
        }
    };
    if unmanaged {
        let spec = budget.spec.as_ref();
        let selector = go_text(spec.and_then(|spec| spec.selector.as_ref()));
        let message = format!(
            "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value."
        );
        record(object, EventType::Warning, "UnmanagedPods", message, client);
    }
    let (disrupted, recheck) = disrupted_pods(budget, pods, client);
    let healthy = pods.iter().filter(|pod| {
        let ready = |pod: &Pod| ready_since(pod).is_some();
        !pod.is_terminating()
            && !disrupted.contains_key(pod.name())
            && pod.as_kind::<Pod>().is_some_and(ready)
    });
    let healthy = i32::try_from(healthy.count()).unwrap_or(i32::MAX);
    let old = budget.status.clone().unwrap_or_default();
    let allowed = healthy.saturating_sub(desired).max(0);
    let mut status = PodDisruptionBudgetStatus {
        current_healthy: Some(healthy),
        desired_healthy: Some(desired),
        expected_pods: Some(expected),
        disruptions_allowed: Some(if expected > 0 { allowed } else { 0 }),
        disrupted_pods: (!disrupted.is_empty()).then_some(disrupted),
        observed_generation: budget.metadata.generation,
        conditions: old.conditions.clone(),
    };
    let now = client.calendar().time(client.now());
    update_disruption_allowed_condition(&mut status, &now);
    if status == old {
        return Ok(recheck);
    }
    match write_status(budget, status, client) {
        Requeue::No => Ok(recheck),
        _ => Err("the status could not be written".to_owned()),
    }
}

fn write_status(
    budget: &PodDisruptionBudget,
    status: PodDisruptionBudgetStatus,
    client: &mut Client<'_>,
) -> Requeue {
    let mut budget = budget.clone();
    budget.status = Some(status);
    match client.update_status(budget) {
        Ok(_) => Requeue::No,
        Err(_) => Requeue::RateLimited,
    }
}

/// How many pods there should be, how many of them healthy, and whether some have no controller.
///
/// Upstream: `getExpectedPodCount`.
fn expected_pod_count(
    budget: &PodDisruptionBudget,
    pods: &[Arc<Object>],
    store: &Store,
) -> Result<(i32, i32, bool), String> {
    let Some(spec) = &budget.spec else {
        return Ok((0, 0, false));
    };
    if let Some(most) = &spec.max_unavailable {
        let (expected, unmanaged) = expected_scale(pods, store)?;
        let desired = expected.saturating_sub(scaled(most, expected)?).max(0);
        return Ok((expected, desired, unmanaged));
    }
    match &spec.min_available {
        Some(IntOrString::Int(least)) => {
            let count = i32::try_from(pods.len()).unwrap_or(i32::MAX);
            Ok((count, *least, false))
        }
        Some(share) => {
            let (expected, unmanaged) = expected_scale(pods, store)?;
            Ok((expected, scaled(share, expected)?, unmanaged))
        }
        None => Ok((0, 0, false)),
    }
}

/// A number as it is, or a percentage of `total`, rounded up.
pub(crate) fn scaled(amount: &IntOrString, total: i32) -> Result<i32, String> {
    match amount {
        IntOrString::Int(number) => Ok(*number),
        IntOrString::String(text) => {
            let share = text.strip_suffix('%').and_then(|n| n.parse::<i64>().ok());
            let Some(share) = share else {
                return Err(format!(
                    "invalid value for IntOrString: invalid type: string is not a percentage: \"{text}\""
                ));
            };
            let part = (share.saturating_mul(i64::from(total)) + 99).div_euclid(100);
            Ok(i32::try_from(part).unwrap_or(i32::MAX))
        }
    }
}

/// The sum of what the pods' controllers are to keep, and whether some pods have none.
///
/// Upstream: `getExpectedScale`.
fn expected_scale(pods: &[Arc<Object>], store: &Store) -> Result<(i32, bool), String> {
    let mut scales: BTreeMap<String, i32> = BTreeMap::new();
    let mut unmanaged = false;
    for pod in pods {
        let Some(owner) = controller_of(pod.meta()) else {
            unmanaged = true;
            continue;
        };
        if scales.contains_key(&owner.uid) {
            continue;
        }
        let (uid, scale) = scale_of(store, pod.namespace(), owner)?
            .ok_or_else(|| format!("found no controllers for pod \"{}\"", pod.name()))?;
        scales.insert(uid, scale);
    }
    let sum = scales.values().fold(0i32, |sum, n| sum.saturating_add(*n));
    Ok((sum, unmanaged))
}

/// The uid and the wanted replicas of what controls a pod: of a deployment, if that controls the set.
fn scale_of(
    store: &Store,
    namespace: &str,
    owner: &OwnerReference,
) -> Result<Option<(String, i32)>, String> {
    let kind = Kind::ALL.iter().find(|kind| {
        let info = kind.info();
        info.kind == owner.kind && info.api_version() == owner.api_version
    });
    let object = kind.and_then(|kind| store.get(*kind, &Key::new(namespace, &owner.name)));
    let Some(object) = object.filter(|object| object.uid() == owner.uid) else {
        return Ok(None);
    };
    if let Some(above) = controller_of(object.meta())
        && owner.kind == "ReplicaSet"
        && above.kind == "Deployment"
    {
        return scale_of(store, namespace, above);
    }
    let info = object.kind().info();
    if !matches!(info.kind, "Deployment" | "ReplicaSet" | "StatefulSet") {
        return Err(format!(
            "{} does not implement the scale subresource",
            info.qualified_plural()
        ));
    }
    let replicas = object.to_json();
    let replicas = replicas.pointer("/spec/replicas");
    let replicas = replicas.and_then(serde_json::Value::as_i64).unwrap_or(0);
    let replicas = i32::try_from(replicas).unwrap_or(i32::MAX);
    Ok(Some((owner.uid.clone(), replicas)))
}

/// The evicted pods that are not seen to be going yet, and when to look again.
///
/// Upstream: `buildDisruptedPodMap`.
fn disrupted_pods(
    budget: &PodDisruptionBudget,
    pods: &[Arc<Object>],
    client: &mut Client<'_>,
) -> (BTreeMap<String, Time>, Option<Duration>) {
    let status = budget.status.as_ref();
    let known = status.and_then(|status| status.disrupted_pods.as_ref());
    let mut left = BTreeMap::new();
    let mut recheck: Option<Duration> = None;
    let namespace = budget.metadata.namespace.as_deref().unwrap_or("");
    for pod in pods {
        let date = known.and_then(|known| known.get(pod.name()));
        let Some(date) = date.filter(|_| !pod.is_terminating()) else {
            continue;
        };
        let due = client.calendar().instant(&date.0) + DELETION_TIMEOUT;
        if due < client.now() {
            let message = format!(
                "Pod was expected by PDB {namespace}/{namespace} to be deleted but it wasn't"
            );
            record(pod, EventType::Warning, "NotDeleted", message, client);
            continue;
        }
        let wait = due.since(client.now()).max(Duration::micros(1));
        recheck = Some(recheck.map_or(wait, |before| before.min(wait)));
        left.insert(pod.name().to_owned(), date.clone());
    }
    (left, recheck)
}

/// A selector as Go prints it.
fn go_text(selector: Option<&LabelSelector>) -> String {
    let Some(selector) = selector else {
        return "nil".to_owned();
    };
    let labels = selector.match_labels.iter().flatten();
    let labels: String = labels.map(|(k, v)| format!("{k}: {v},")).collect();
    let terms = selector.match_expressions.iter().flatten();
    let terms: String = terms
        .map(|term| {
            let values = term.values.iter().flatten().cloned().collect::<Vec<_>>();
            format!(
                "LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},",
                term.key,
                term.operator,
                values.join(" ")
            )
        })
        .collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{terms}}},}}"
    )
}
