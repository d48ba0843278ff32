//! Rules about what the controller of StatefulSets does to pods and claims.

use super::{Look, begins_to_end};
use crate::object::{Key, Object};
use crate::store::{Change, ChangeType, Index, Store};
use k8s_openapi::api::apps::v1::{ControllerRevision, StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// Sets with more pods are not looked at: these rules look at a whole set for each of its pods.
pub(super) const LARGEST: i32 = 200;

/// One change that the controller made.
pub(super) fn deed(look: &Look<'_>, change: &Change) -> Result<(), String> {
    if let Object::Pod(pod) = &*change.object
        && View::of(look.store, pod).is_some_and(|view| view.spec.replicas > Some(LARGEST))
    {
        return Ok(());
    }
    match &*change.object {
        Object::Pod(pod) if change.change == ChangeType::Added => made(look.store, pod),
        Object::Pod(_) if begins_to_end(change) => {
            let old = change.old.as_deref().and_then(Object::as_kind::<Pod>);
            old.map_or(Ok(()), |pod| taken_down(look, pod))
        }
        Object::PersistentVolumeClaim(_) if begins_to_end(change) => {
            Err(format!("{} was deleted by its set", change.object.key()))
        }
        _ => Ok(()),
    }
}

/// A set as its pods see it.
struct View<'a> {
    store: &'a Store,
    set: &'a StatefulSet,
    spec: &'a StatefulSetSpec,
}

impl<'a> View<'a> {
    fn of(store: &'a Store, pod: &Pod) -> Option<View<'a>> {
        let owners = pod.metadata.owner_references.as_deref()?;
        let owner = owners.iter().find(|owner| owner.kind == "StatefulSet")?;
        let namespace = pod.metadata.namespace.as_deref()?;
        let set = store.get_as::<StatefulSet>(&Key::new(namespace, &owner.name))?;
        let spec = set.spec.as_ref()?;
        (set.metadata.uid.as_ref() == Some(&owner.uid)).then_some(View { store, set, spec })
    }

    fn name(&self) -> &str {
        name_of(&self.set.metadata)
    }

    fn is_ordered(&self) -> bool {
        self.spec.pod_management_policy.as_deref() != Some("Parallel")
    }

    fn start(&self) -> i64 {
        let ordinals = self.spec.ordinals.as_ref();
        i64::from(ordinals.and_then(|o| o.start).unwrap_or(0))
    }

    /// The wanted ordinals, up to but without the end.
    fn range(&self) -> std::ops::Range<i64> {
        let start = self.start();
        start..start + i64::from(self.spec.replicas.unwrap_or(1))
    }

    fn pod(&self, ordinal: i64) -> Option<&'a Pod> {
        let namespace = self.set.metadata.namespace.as_deref().unwrap_or("");
        let name = format!("{}-{ordinal}", self.name());
        let pod = self.store.get_as::<Pod>(&Key::new(namespace, &name))?;
        self.owns(pod).then_some(pod)
    }

    fn owns(&self, pod: &Pod) -> bool {
        let mut owners = pod.metadata.owner_references.iter().flatten();
        owners.any(|owner| Some(&owner.uid) == self.set.metadata.uid.as_ref())
    }

    /// The first of `ordinals` whose pod is not there, not ready or ending.
    fn weak(&self, mut ordinals: impl Iterator<Item = i64>) -> Option<i64> {
        ordinals.find(|ordinal| !self.pod(*ordinal).is_some_and(is_up))
    }

    /// Ordinals of the set's pods that are wanted no more.
    fn condemned(&self) -> impl Iterator<Item = i64> {
        let uid = self.set.metadata.uid.as_deref().unwrap_or("");
        let range = self.range();
        let pods = self.store.by_index_as::<Pod>(Index::OwnerUid, uid);
        pods.filter_map(|pod| ordinal_of(name_of(&pod.metadata)))
            .filter(move |ordinal| !range.contains(ordinal))
    }

    /// The name of the revision of the present template: the one with the highest number.
    fn newest_revision(&self) -> Option<&'a str> {
        let uid = self.set.metadata.uid.as_deref().unwrap_or("");
        let all = self
            .store
            .by_index_as::<ControllerRevision>(Index::OwnerUid, uid);
        let newest = all.max_by_key(|revision| revision.revision)?;
        newest.metadata.name.as_deref()
    }

    fn is_newest(&self, pod: &Pod) -> bool {
        revision_of(pod) == self.newest_revision()
    }
}

/// The controller made a pod.
fn made(store: &Store, pod: &Pod) -> Result<(), String> {
    let name = name_of(&pod.metadata);
    let Some(view) = View::of(store, pod) else {
        return Err(format!("{name} was made for a set that is not there"));
    };
    if view.set.metadata.deletion_timestamp.is_some() {
        return Err(format!("{name} was made for a set that is being deleted"));
    }
    let Some(ordinal) = ordinal_of(name) else {
        return Err(format!("{name} has no ordinal"));
    };
    if name != format!("{}-{ordinal}", view.name()) || !view.range().contains(&ordinal) {
        return Err(format!("nobody wants {name}"));
    }
    let labels = pod.metadata.labels.clone().unwrap_or_default();
    let index = labels.get("apps.kubernetes.io/pod-index");
    let own_name = labels.get("statefulset.kubernetes.io/pod-name");
    if index != Some(&ordinal.to_string()) || own_name.map(String::as_str) != Some(name) {
        return Err(format!("{name} does not know who it is: {labels:?}"));
    }
    let namespace = pod.metadata.namespace.as_deref().unwrap_or("");
    let revision = Key::new(namespace, revision_of(pod).unwrap_or(""));
    if store.get_as::<ControllerRevision>(&revision).is_none() {
        return Err(format!("{name} is of {revision}, which is not there"));
    }
    let uid = view.set.metadata.uid.as_deref().unwrap_or("");
    let twins = store
        .by_index_as::<Pod>(Index::OwnerUid, uid)
        .filter(|pod| ordinal_of(name_of(&pod.metadata)) == Some(ordinal));
    if twins.count() > 1 {
        return Err(format!("{name} is not the only pod of its ordinal"));
    }
    let weak = view.weak(view.start()..ordinal);
    match weak {
        Some(weak) if view.is_ordered() => {
            Err(format!("{name} was made although pod {weak} is not ready"))
        }
        _ => Ok(()),
    }
}

/// The controller began to end a pod, which was as `pod` says.
fn taken_down(look: &Look<'_>, pod: &Pod) -> Result<(), String> {
    let name = name_of(&pod.metadata);
    let (Some(view), Some(ordinal)) = (View::of(look.store, pod), ordinal_of(name)) else {
        return Err(format!("{name} was deleted and is of no set"));
    };
    if view.set.metadata.deletion_timestamp.is_some() {
        return Err(format!(
            "{name} was deleted for a set that is being deleted"
        ));
    }
    let range = view.range();
    if !range.contains(&ordinal) {
        return scaled_down(&view, name, ordinal, pod);
    }
    let phase = pod.status.as_ref().and_then(|s| s.phase.as_deref());
    if matches!(phase, Some("Failed" | "Succeeded")) {
        return match view.weak(range.start..ordinal) {
            Some(weak) if view.is_ordered() => Err(format!(
                "{name} was replaced although pod {weak} is not ready"
            )),
            _ => Ok(()),
        };
    }
    rolled(look, &view, name, ordinal, pod)
}

fn scaled_down(view: &View<'_>, name: &str, ordinal: i64, pod: &Pod) -> Result<(), String> {
    if !view.is_ordered() {
        return Ok(());
    }
    if let Some(weak) = view.weak(view.range()) {
        return Err(format!(
            "{name} was scaled down although pod {weak} is not ready"
        ));
    }
    if let Some(above) = view.condemned().find(|other| *other > ordinal) {
        return Err(format!(
            "{name} was scaled down before pod {above} was gone"
        ));
    }
    let lower = |other: &i64| *other < ordinal && !view.pod(*other).is_some_and(is_up);
    match view.condemned().find(lower) {
        Some(below) if !is_ready(pod) => Err(format!(
            "{name}, not ready, was scaled down although pod {below} is not ready either"
        )),
        _ => Ok(()),
    }
}

/// A rollout took the pod: it is out of date, above the partition, and the others are well.
fn rolled(
    look: &Look<'_>,
    view: &View<'_>,
    name: &str,
    ordinal: i64,
    pod: &Pod,
) -> Result<(), String> {
    let strategy = view.spec.update_strategy.as_ref();
    let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
    let partition = rolling.and_then(|rolling| rolling.partition).unwrap_or(0);
    if strategy.and_then(|s| s.type_.as_deref()) == Some("OnDelete") {
        return Err(format!(
            "{name} was deleted by a set that updates on deletion"
        ));
    }
    if view.is_newest(pod) {
        return Err(format!("{name} was deleted although it is up to date"));
    }
    if ordinal - view.start() < i64::from(partition) {
        return Err(format!("{name} was deleted below the partition"));
    }
    if look.max_unavailable {
        let most = match rolling.and_then(|rolling| rolling.max_unavailable.as_ref()) {
            None => 1,
            Some(IntOrString::Int(number)) => i64::from(*number),
            Some(IntOrString::String(share)) => {
                let percent: i64 = share.trim_end_matches('%').parse().unwrap_or(0);
                i64::from(view.spec.replicas.unwrap_or(1)) * percent / 100
            }
        };
        let down = view
            .range()
            .filter(|other| view.weak([*other].into_iter()).is_some());
        let down = i64::try_from(down.count()).unwrap_or(i64::MAX);
        return if down > most.max(1) {
            Err(format!("{name} is one of {down} that are down at once"))
        } else {
            Ok(())
        };
    }
    let above = (ordinal + 1)..view.range().end;
    let old = above
        .clone()
        .find(|other| !view.pod(*other).is_some_and(|pod| view.is_newest(pod)));
    let others = view.range().filter(|other| *other != ordinal);
    let weak = if view.is_ordered() {
        view.weak(others)
    } else {
        view.weak(above)
    };
    if let Some(other) = old.or(weak) {
        return Err(format!(
            "{name} was rolled out although pod {other} is not done"
        ));
    }
    match view.condemned().next() {
        Some(other) if view.is_ordered() => {
            Err(format!("{name} was rolled out before pod {other} was gone"))
        }
        _ => Ok(()),
    }
}

fn name_of(meta: &ObjectMeta) -> &str {
    meta.name.as_deref().unwrap_or("")
}

fn revision_of(pod: &Pod) -> Option<&str> {
    let labels = pod.metadata.labels.as_ref()?;
    labels.get("controller-revision-hash").map(String::as_str)
}

fn ordinal_of(name: &str) -> Option<i64> {
    let (_, digits) = name.rsplit_once('-')?;
    digits.parse().ok()
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_deref());
    let mut conditions = conditions.unwrap_or_default().iter();
    conditions.any(|c| c.type_ == "Ready" && c.status == "True")
}

fn is_up(pod: &Pod) -> bool {
    is_ready(pod) && pod.metadata.deletion_timestamp.is_none()
}
