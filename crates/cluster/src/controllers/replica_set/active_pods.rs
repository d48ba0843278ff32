//! Which pods go first when there are too many.
//!
//! Upstream: ActivePodsWithRanks in `pkg/controller/controller_utils.go`, and of
//! `pkg/controller/replicaset/replica_set.go` getPodsRankedByRelatedPodsOnSameNode.

use crate::meta::controller_ref::controller_of;
use crate::meta::label_selector;
use crate::object::{Kind, Object};
use crate::pod::{is_active, phase, ready_since};
use crate::sort;
use crate::store::{Index, Store};
use crate::trace::Order;
use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a pod may cost less to delete than others; the lowest goes first.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
/// The label that tells the ReplicaSets of one Deployment apart.
const HASH_LABEL: &str = "pod-template-hash";

/// A pod with all that the order looks at.
struct Ranked<'p> {
    object: &'p Arc<Object>,
    assigned: bool,
    phase: u8,
    ready: bool,
    cost: i32,
    neighbours: usize,
    ready_at: Option<Timestamp>,
    restarts: (i32, i32),
    created_at: Option<Timestamp>,
}

/// The `count` pods of `pods` that are to be deleted, the first of them first, each with what set it apart from the
/// first that stays.
pub(super) fn pods_to_delete<'p>(
    pods: Vec<&'p Arc<Object>>,
    count: usize,
    set: &ReplicaSet,
    store: &Store,
    now: Timestamp,
) -> Vec<(&'p Arc<Object>, Order)> {
    if count >= pods.len() {
        return pods.into_iter().map(|pod| (pod, Order::All)).collect();
    }
    let on_node = related_pods_by_node(set, store);
    let mut ranked: Vec<Ranked<'p>> = pods
        .into_iter()
        .filter_map(|object| rank(object, &on_node))
        .collect();
    sort::by(&mut ranked, |a, b| compare(a, b, now));
    let Some(stays) = ranked.get(count) else {
        return Vec::new();
    };
    let goes = ranked[..count].iter();
    goes.map(|one| (one.object, apart(one, stays, now)))
        .collect()
}

/// The first thing in which two pods differ, in the order in which [`compare`] looks at them.
fn apart(a: &Ranked<'_>, b: &Ranked<'_>, now: Timestamp) -> Order {
    let aged = |a, b| by_age(a, b, now) != Ordering::Equal;
    let ready = a.ready && b.ready && a.ready_at != b.ready_at;
    match () {
        () if a.assigned != b.assigned => Order::Unassigned,
        () if a.phase != b.phase => Order::Phase,
        () if a.ready != b.ready => Order::NotReady,
        () if a.cost != b.cost => Order::Cost,
        () if a.neighbours != b.neighbours => Order::Neighbours,
        () if ready && aged(a.ready_at, b.ready_at) => Order::ReadyLater,
        () if ready => Order::Alike,
        () if a.restarts != b.restarts => Order::Restarts,
        () if aged(a.created_at, b.created_at) => Order::Younger,
        () => Order::Alike,
    }
}

/// How many active pods of all ReplicaSets with the same controller each node has.
fn related_pods_by_node(set: &ReplicaSet, store: &Store) -> BTreeMap<String, usize> {
    let mut on_node = BTreeMap::new();
    let Some(controller) = controller_of(&set.metadata) else {
        return on_node;
    };
    let mut seen = BTreeSet::new();
    let related = store.by_index_as::<ReplicaSet>(Index::OwnerUid, &controller.uid);
    for spec in related.filter_map(|related| related.spec.as_ref()) {
        let labels = spec.selector.match_labels.as_ref();
        let hash = labels.and_then(|labels| labels.get(HASH_LABEL));
        let Some(hash) = hash else { continue };
        let namespace = set.metadata.namespace.as_deref().unwrap_or("");
        let label = format!("{HASH_LABEL}={hash}");
        for object in store.by_index(Kind::Pod, Index::Label, &label) {
            if object.namespace() == namespace
                && label_selector::matches(&spec.selector, object.meta())
                && seen.insert(object.key())
                && let Some(pod) = object.as_kind::<Pod>().filter(|pod| is_active(pod))
            {
                *on_node.entry(node_of(pod).to_owned()).or_default() += 1;
            }
        }
    }
    on_node
}

fn node_of(pod: &Pod) -> &str {
    let spec = pod.spec.as_ref();
    spec.and_then(|spec| spec.node_name.as_deref())
        .unwrap_or("")
}

fn rank<'p>(object: &'p Arc<Object>, on_node: &BTreeMap<String, usize>) -> Option<Ranked<'p>> {
    let pod = object.as_kind::<Pod>()?;
    let since = ready_since(pod);
    let date = |time: Option<&Time>| time.map(|time| time.0);
    let annotations = pod.metadata.annotations.as_ref();
    let cost = annotations.and_then(|all| all.get(DELETION_COST));
    Some(Ranked {
        object,
        assigned: !node_of(pod).is_empty(),
        phase: match phase(pod) {
            "Unknown" => 1,
            "Running" => 2,
            _ => 0,
        },
        ready: since.is_some(),
        cost: cost.and_then(|cost| cost_of(cost)).unwrap_or(0),
        neighbours: on_node.get(node_of(pod)).copied().unwrap_or(0),
        ready_at: date(since.flatten()),
        restarts: restarts(pod),
        created_at: date(pod.metadata.creation_timestamp.as_ref()),
    })
}

/// A whole number as upstream takes it: it begins neither with `+` nor with a needless zero.
fn cost_of(text: &str) -> Option<i32> {
    let plain = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| plain)
}

/// The most restarts of a container, and of an init container that runs beside them.
fn restarts(pod: &Pod) -> (i32, i32) {
    let most = |statuses: Option<&Vec<ContainerStatus>>, counts: &dyn Fn(&str) -> bool| {
        let statuses = statuses.into_iter().flatten();
        let counted = statuses.filter(|status| counts(&status.name));
        counted
            .map(|status| status.restart_count)
            .max()
            .unwrap_or(0)
    };
    let init = pod.spec.as_ref().and_then(|s| s.init_containers.as_ref());
    let is_sidecar = |name: &str| {
        init.into_iter()
            .flatten()
            .any(|one| one.name == name && one.restart_policy.as_deref() == Some("Always"))
    };
    let status = pod.status.as_ref();
    (
        most(status.and_then(|s| s.container_statuses.as_ref()), &|_| {
            true
        }),
        most(
            status.and_then(|s| s.init_container_statuses.as_ref()),
            &is_sidecar,
        ),
    )
}

fn compare(a: &Ranked<'_>, b: &Ranked<'_>, now: Timestamp) -> Ordering {
    let fixed = |one: &Ranked<'_>| {
        (
            one.assigned,
            one.phase,
            one.ready,
            one.cost,
            Reverse(one.neighbours),
        )
    };
    let uid = || a.object.uid().cmp(b.object.uid());
    fixed(a).cmp(&fixed(b)).then_with(|| {
        if a.ready && b.ready && a.ready_at != b.ready_at {
            return by_age(a.ready_at, b.ready_at, now).then_with(uid);
        }
        let restarts = b.restarts.cmp(&a.restarts);
        restarts.then_with(|| {
            if a.created_at == b.created_at {
                Ordering::Equal
            } else {
                by_age(a.created_at, b.created_at, now).then_with(uid)
            }
        })
    })
}

/// What has no date goes first, then the younger; ages of the same order of magnitude are alike.
fn by_age(a: Option<Timestamp>, b: Option<Timestamp>, now: Timestamp) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else {
        return a.is_some().cmp(&b.is_some());
    };
    let magnitude = |date: Timestamp| {
        let nanos = now.duration_since(date).as_nanos();
        u128::try_from(nanos).ok().and_then(u128::checked_ilog2)
    };
    magnitude(a).cmp(&magnitude(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::typed;
    use serde_json::{Value, json};

    const NOW: &str = "2026-01-05T00:01:40Z";

    /// A running pod on a node, ready since the first second, with `more` put over it.
    fn pod(more: &str) -> Arc<Object> {
        let mut pod = json!({
            "metadata": {"name": "p", "uid": "m", "creationTimestamp": "2026-01-05T00:00:00Z"},
            "spec": {"nodeName": "n", "containers": []},
            "status": {"phase": "Running", "conditions": [
                {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-05T00:00:00Z"}]},
        });
        let more: Value = serde_json::from_str(more).unwrap();
        for (pointer, value) in more.as_object().unwrap() {
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            pod.pointer_mut(parent).unwrap()[field] = value.clone();
        }
        Arc::new(Object::from(typed::from_value::<Pod>(&pod).unwrap()))
    }

    /// S-WRK-07: in each row the first pod is deleted before the second.
    #[test]
    fn the_first_goes_before_the_second() {
        let ready = r#""/status/conditions/0/lastTransitionTime""#;
        let cost = r#""/metadata/annotations""#;
        let restarts = r#""/status/containerStatuses""#;
        let born = r#""/metadata/creationTimestamp""#;
        let statuses = |count: u32| {
            format!(
                r#"{{{restarts}: [{{"name": "c", "image": "", "imageID": "", "ready": true, "restartCount": {count}}}]}}"#
            )
        };
        use Order::{Alike, Cost, NotReady, Phase, ReadyLater, Restarts, Unassigned, Younger};
        let pairs: [(String, String, Order); 11] = [
            (
                r#"{"/spec/nodeName": ""}"#.into(),
                r#"{"/status/phase": "Pending"}"#.into(),
                Unassigned,
            ),
            (
                r#"{"/status/phase": "Pending"}"#.into(),
                r#"{"/status/phase": "Unknown"}"#.into(),
                Phase,
            ),
            (
                r#"{"/status/phase": "Unknown"}"#.into(),
                r#"{"/status/conditions": []}"#.into(),
                Phase,
            ),
            (
                r#"{"/status/conditions": []}"#.into(),
                format!(r#"{{{cost}: {{"{DELETION_COST}": "-5"}}}}"#),
                NotReady,
            ),
            (
                format!(r#"{{{cost}: {{"{DELETION_COST}": "-5"}}}}"#),
                "{}".into(),
                Cost,
            ),
            (
                "{}".into(),
                format!(r#"{{{cost}: {{"{DELETION_COST}": "2"}}}}"#),
                Cost,
            ),
            // A number that upstream does not take is as none.
            (
                r#"{"/metadata/uid": "a"}"#.into(),
                format!(
                    r#"{{{born}: "2026-01-05T00:00:01Z", {cost}: {{"{DELETION_COST}": "+9"}}}}"#
                ),
                Alike,
            ),
            (
                format!(r#"{{{ready}: "2026-01-05T00:01:30Z"}}"#),
                "{}".into(),
                ReadyLater,
            ),
            // 100 and 99 seconds are of one order of magnitude: the uid decides.
            (
                r#"{"/metadata/uid": "a"}"#.into(),
                format!(r#"{{{ready}: "2026-01-05T00:00:01Z"}}"#),
                Alike,
            ),
            (statuses(3), statuses(1), Restarts),
            (
                format!(r#"{{{born}: "2026-01-05T00:01:30Z"}}"#),
                "{}".into(),
                Younger,
            ),
        ];
        let now: Timestamp = NOW.parse().unwrap();
        for (first, second, why) in pairs {
            let (a, b) = (pod(&first), pod(&second));
            let none = BTreeMap::new();
            let ranked = [rank(&a, &none).unwrap(), rank(&b, &none).unwrap()];
            let order = compare(&ranked[0], &ranked[1], now);
            assert_eq!(order, Ordering::Less, "{first} before {second}");
            assert_eq!(apart(&ranked[0], &ranked[1], now), why, "{first}");
        }
    }

    /// S-WRK-07: of two pods the one with more neighbours of the same Deployment goes first.
    #[test]
    fn doubled_up_pods_go_first() {
        let (crowded, alone) = (pod("{}"), pod(r#"{"/spec/nodeName": "m"}"#));
        let on_node = BTreeMap::from([("n".to_owned(), 2), ("m".to_owned(), 1)]);
        let ranked = [
            rank(&crowded, &on_node).unwrap(),
            rank(&alone, &on_node).unwrap(),
        ];
        let now = NOW.parse().unwrap();
        assert_eq!(compare(&ranked[0], &ranked[1], now), Ordering::Less);
    }
}
