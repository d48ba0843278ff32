//! The order across objects that controllers promise, checked over a run's changes: of a real cluster or of the simulation.
//!
//! Changes are taken in the order of their resource versions, which is the true one; a watch of one kind may arrive before that of another.

use std::collections::BTreeMap;

use petset_scenario::Change;
use serde_json::Value;

/// What was looked at, and what was not as promised.
#[derive(Debug, Default)]
pub struct Findings {
    /// How often each promise was put to the test.
    pub kept: BTreeMap<&'static str, usize>,
    /// Each breach, in words.
    pub broken: Vec<String>,
}

/// Checks every promise over `changes`. Pods whose names `by_hand` holds were deleted by commands, whenever it pleased them.
pub fn check(changes: &[Change], by_hand: &dyn Fn(&str) -> bool) -> Findings {
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|change| version(&change.object));
    let mut world = World {
        by_hand,
        objects: BTreeMap::new(),
        findings: Findings::default(),
    };
    for change in changes {
        world.look(change);
    }
    world.findings
}

/// Kind, namespace and name.
type Id = (String, String, String);

struct World<'a> {
    by_hand: &'a dyn Fn(&str) -> bool,
    objects: BTreeMap<Id, &'a Value>,
    findings: Findings,
}

impl<'a> World<'a> {
    fn look(&mut self, change: &'a Change) {
        let object = &change.object;
        let id = id(object);
        let before = self.objects.get(&id).copied();
        let going = is_going(object) && !before.is_some_and(is_going);
        match (id.0.as_str(), change.event.as_str()) {
            ("Pod", "ADDED") => self.pod_added(object),
            ("PersistentVolumeClaim", "DELETED") => self.claim_deleted(object),
            ("PersistentVolume", "DELETED") => self.volume_deleted(object),
            ("StatefulSet", "DELETED") => self.set_deleted(object, before),
            ("Pod", "MODIFIED") => {
                self.pod_bound(object, before);
                if going {
                    self.pod_going(object);
                }
            }
            _ => {}
        }
        if change.event == "DELETED" {
            self.objects.remove(&id);
        } else {
            self.objects.insert(id, object);
        }
    }

    fn promise(&mut self, name: &'static str, holds: bool, about: &Value, why: &str) {
        *self.findings.kept.entry(name).or_default() += 1;
        if !holds {
            let (kind, _, who) = id(about);
            let at = version(about);
            let line = format!("{name}: {kind}/{who} at version {at}: {why}");
            self.findings.broken.push(line);
        }
    }

    fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<&'a Value> {
        let id = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        self.objects.get(&id).copied()
    }

    /// The set that controls a pod, if it is there.
    fn set_of(&self, pod: &Value) -> Option<&'a Value> {
        let owner = owners(pod).find(|owner| text(owner, "/kind") == "StatefulSet")?;
        let namespace = text(pod, "/metadata/namespace");
        let set = self.get("StatefulSet", namespace, text(owner, "/name"))?;
        (text(set, "/metadata/uid") == text(owner, "/uid")).then_some(set)
    }

    fn pod_added(&mut self, pod: &'a Value) {
        let namespace = text(pod, "/metadata/namespace");
        for claim in claims(pod) {
            let there = self.get("PersistentVolumeClaim", namespace, claim);
            let holds = there.is_some() || owners(pod).next().is_none();
            self.promise("a pod's claims are made before it", holds, pod, claim);
        }
        let Some(set) = self.set_of(pod) else { return };
        let revision = text(pod, "/metadata/labels/controller-revision-hash");
        let made = self.get("ControllerRevision", namespace, revision);
        let name = "a revision is made before its first pod";
        self.promise(name, made.is_some(), pod, revision);
        if !is_ordered(set) {
            return;
        }
        let start = number(set, "/spec/ordinals/start");
        for below in start..ordinal(text(pod, "/metadata/name")).unwrap_or(start) {
            let name = format!("{}-{below}", text(set, "/metadata/name"));
            let ready = self
                .get("Pod", namespace, &name)
                .is_some_and(|pod| is_ready(pod) && !is_going(pod));
            let promise = "an ordered pod is made when all below it are ready";
            self.promise(promise, ready, pod, &format!("{name} is not"));
        }
    }

    /// A pod that begins to end, of a set that lives.
    fn pod_going(&mut self, pod: &'a Value) {
        let name = text(pod, "/metadata/name");
        let Some(set) = self.set_of(pod) else { return };
        if !is_ordered(set) || is_going(set) || (self.by_hand)(name) {
            return;
        }
        let own = ordinal(name).unwrap_or_default();
        let past = number(set, "/spec/ordinals/start") + wanted(set);
        let namespace = text(pod, "/metadata/namespace");
        let parent = text(set, "/metadata/name");
        let mut others: Vec<&Value> = Vec::new();
        for ((kind, place, other), object) in &self.objects {
            let sibling = other.rsplit_once('-').is_some_and(|(set, _)| set == parent);
            if kind == "Pod" && place == namespace && other != name && sibling {
                others.push(object);
            }
        }
        let above = others
            .iter()
            .find(|other| ordinal(text(other, "/metadata/name")).is_some_and(|o| o > own));
        if own >= past {
            let why = above.map_or("", |other| text(other, "/metadata/name"));
            let promise = "the highest pod goes first, and is gone before the next goes";
            self.promise(promise, above.is_none(), pod, why);
            return;
        }
        let label = "/metadata/labels/controller-revision-hash";
        if text(pod, label) != text(set, "/status/updateRevision") {
            let weak = others
                .iter()
                .find(|other| is_going(other) || !is_ready(other));
            let why = weak.map_or("", |other| text(other, "/metadata/name"));
            let promise = "a rollout takes one pod when all others are ready";
            self.promise(promise, weak.is_none(), pod, why);
        }
    }

    fn pod_bound(&mut self, pod: &'a Value, before: Option<&Value>) {
        let placed = |pod: &Value| !text(pod, "/spec/nodeName").is_empty();
        if !placed(pod) || before.is_none_or(placed) {
            return;
        }
        let namespace = text(pod, "/metadata/namespace");
        for claim in claims(pod) {
            let bound = self
                .get("PersistentVolumeClaim", namespace, claim)
                .is_some_and(|claim| !text(claim, "/spec/volumeName").is_empty());
            self.promise(
                "claims are bound before their pod is placed",
                bound,
                pod,
                claim,
            );
        }
    }

    fn claim_deleted(&mut self, claim: &'a Value) {
        let (_, namespace, name) = id(claim);
        let user = self.objects.iter().find(|((kind, place, _), pod)| {
            let placed = !text(pod, "/spec/nodeName").is_empty();
            kind == "Pod" && *place == namespace && placed && claims(pod).any(|c| c == name)
        });
        let why = user.map_or(String::new(), |((_, _, pod), _)| pod.clone());
        let promise = "a claim goes when no pod uses it any more";
        self.promise(promise, user.is_none(), claim, &why);
    }

    fn volume_deleted(&mut self, volume: &'a Value) {
        let namespace = text(volume, "/spec/claimRef/namespace");
        let name = text(volume, "/spec/claimRef/name");
        let claim = self.get("PersistentVolumeClaim", namespace, name);
        let uid = text(volume, "/spec/claimRef/uid");
        let there = claim.is_some_and(|claim| text(claim, "/metadata/uid") == uid);
        let promise = "a volume goes after its claim";
        self.promise(promise, !there, volume, name);
    }

    /// Background: pods go after their set. Foreground: before it.
    fn set_deleted(&mut self, set: &'a Value, before: Option<&Value>) {
        let uid = text(set, "/metadata/uid");
        let held = |finalizer: &str| {
            let list = before.and_then(|set| set.pointer("/metadata/finalizers"));
            let mut names = list.and_then(Value::as_array).into_iter().flatten();
            names.any(|name| name.as_str() == Some(finalizer))
        };
        let owned = self.objects.iter().find(|((kind, _, _), pod)| {
            kind == "Pod" && owners(pod).any(|owner| text(owner, "/uid") == uid)
        });
        let why = owned.map_or(String::new(), |((_, _, name), _)| name.clone());
        let gone = owned.is_none();
        if held("foregroundDeletion") {
            let promise = "with foreground deletion, the pods go before their set";
            self.promise(promise, gone, set, &why);
        } else if held("orphan") {
            let promise = "with orphan deletion, the pods are free before their set goes";
            self.promise(promise, gone, set, &why);
        }
    }
}

fn id(object: &Value) -> Id {
    let part = |pointer| text(object, pointer).to_owned();
    (
        part("/kind"),
        part("/metadata/namespace"),
        part("/metadata/name"),
    )
}

fn version(object: &Value) -> u64 {
    text(object, "/metadata/resourceVersion")
        .parse()
        .unwrap_or_default()
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

fn number(value: &Value, pointer: &str) -> i64 {
    let found = value.pointer(pointer).and_then(Value::as_i64);
    found.unwrap_or_default()
}

fn wanted(set: &Value) -> i64 {
    number(set, "/spec/replicas")
}

fn is_ordered(set: &Value) -> bool {
    text(set, "/spec/podManagementPolicy") != "Parallel"
}

fn is_going(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some()
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    let mut conditions = conditions.into_iter().flatten();
    conditions.any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True")
}

fn ordinal(name: &str) -> Option<i64> {
    name.rsplit_once('-')?.1.parse().ok()
}

fn owners(object: &Value) -> impl Iterator<Item = &Value> {
    let list = object.pointer("/metadata/ownerReferences");
    list.and_then(Value::as_array).into_iter().flatten()
}

fn claims(pod: &Value) -> impl Iterator<Item = &str> {
    let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array);
    let volumes = volumes.into_iter().flatten();
    volumes.filter_map(|volume| {
        volume
            .pointer("/persistentVolumeClaim/claimName")
            .and_then(Value::as_str)
    })
}
