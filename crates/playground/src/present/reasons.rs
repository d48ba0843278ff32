//! Why an object is as it is: the facts that controllers, scheduler and kubelets left, as answers.
//!
//! Messages are never read: what is said comes from typed facts, from specs, and from reason words of the API.

mod claim;
mod missing;
mod node;
mod pod;
mod service;
mod set;
mod unscheduled;
mod workload;

use super::reference;
use crate::view::{Lack, LackView, ObjectRef, Reason, ReasonView};
use petset_cluster::store::{Index, Store};
use petset_cluster::trace::Fact;
use petset_cluster::{Cluster, Instant, Key, Kind, Object};
use std::sync::Arc;

/// How many things one answer lists.
const LISTED: usize = 8;

/// The answers about `object`, what matters most first. Empty when nothing holds it, or when it is not there.
pub(crate) fn reasons(cluster: &Cluster, object: &ObjectRef) -> Vec<ReasonView> {
    let Some((kind, key)) = key_of(object) else {
        return Vec::new();
    };
    let Some(stored) = cluster.store().get(kind, &key) else {
        return pod::deleted(cluster, kind, &key).into_iter().collect();
    };
    let mut asked = Asked {
        cluster,
        store: cluster.store(),
        object: stored,
        kind,
        key,
        answers: Vec::new(),
    };
    match &**stored {
        Object::Pod(pod) => pod::answer(&mut asked, pod),
        Object::StatefulSet(set) => set::answer(&mut asked, set),
        Object::PersistentVolumeClaim(claim) => claim::answer_claim(&mut asked, claim),
        Object::PersistentVolume(volume) => claim::answer_volume(&mut asked, volume),
        Object::Service(service) => service::answer(&mut asked, service),
        Object::Deployment(deployment) => workload::deployment(&mut asked, deployment),
        Object::ReplicaSet(set) => workload::replica_set(&mut asked, set),
        Object::DaemonSet(set) => workload::daemon_set(&mut asked, set),
        Object::Job(job) => workload::job(&mut asked, job),
        Object::CronJob(job) => workload::cron_job(&mut asked, job),
        Object::PodDisruptionBudget(budget) => workload::budget(&mut asked, budget),
        Object::Node(node) => node::answer_node(&mut asked, node),
        Object::Namespace(namespace) => node::answer_namespace(&mut asked, namespace),
        _ => {}
    }
    asked.held_by_finalizers();
    asked.answers
}

/// Kind and key of a reference.
pub(crate) fn key_of(object: &ObjectRef) -> Option<(Kind, Key)> {
    let mut kinds = Kind::ALL.iter();
    let kind = kinds.find(|kind| kind.info().kind == object.kind)?;
    let namespace = object.namespace.as_deref().unwrap_or("");
    Some((*kind, Key::new(namespace, &object.name)))
}

/// An object that is asked about, and the answers so far.
struct Asked<'a> {
    cluster: &'a Cluster,
    store: &'a Store,
    object: &'a Arc<Object>,
    kind: Kind,
    key: Key,
    answers: Vec<ReasonView>,
}

impl<'a> Asked<'a> {
    /// Adds an answer; what it offers besides its words can be added to it.
    fn say<const N: usize>(&mut self, reason: Reason, values: [String; N]) -> &mut ReasonView {
        self.answers.push(ReasonView::new(reason, values));
        let last = self.answers.len() - 1;
        &mut self.answers[last]
    }

    /// What its controller said last about an object.
    fn fact(&self, kind: Kind, key: &Key) -> Option<&'a Fact> {
        Some(self.cluster.server().trace().about(kind, key)?.1)
    }

    /// The newest fact about the object itself.
    fn own_fact(&self) -> Option<&'a Fact> {
        self.fact(self.kind, &self.key)
    }

    /// The key of another object in the same namespace.
    fn beside(&self, name: &str) -> Key {
        Key::new(self.object.namespace(), name)
    }

    /// A reference to another object in the same namespace.
    fn sibling(&self, kind: Kind, name: &str) -> ObjectRef {
        ObjectRef::namespaced(kind.info().kind, self.object.namespace(), name)
    }

    /// A command of kubectl about the object's namespace: `kubectl` before it, `-n` behind it.
    fn kubectl(&self, words: &str) -> String {
        match self.object.namespace() {
            "" | "default" => format!("kubectl {words}"),
            namespace => format!("kubectl {words} -n {namespace}"),
        }
    }

    /// What holds an object that is being deleted: those that it owns, and its finalizers.
    fn held_by_finalizers(&mut self) {
        let meta = self.object.meta();
        let finalizers = meta.finalizers.as_deref().unwrap_or_default();
        if !self.object.is_terminating() || finalizers.is_empty() {
            return;
        }
        let told = |name: &str| {
            matches!(
                name,
                "kubernetes.io/pvc-protection" | "kubernetes.io/pv-protection"
            ) && !self.answers.is_empty()
        };
        let others: Vec<String> = finalizers
            .iter()
            .filter(|name| *name != "foregroundDeletion" && !told(name))
            .cloned()
            .collect();
        if finalizers.iter().any(|name| name == "foregroundDeletion") {
            self.held_by_dependents();
        }
        if !others.is_empty() {
            let mut patch = format!("patch {} {}", self.kind.info().singular, self.object.name());
            patch.push_str(r#" --type=merge -p '{"metadata":{"finalizers":null}}'"#);
            let command = self.kubectl(&patch);
            self.say(Reason::Finalizers, [others.join(", ")]).command = Some(command);
        }
    }

    fn held_by_dependents(&mut self) {
        let uid = self.object.uid();
        let (mut count, mut first) = (0_usize, None);
        for kind in Kind::ALL {
            for key in self.store.keys_by_index(*kind, Index::OwnerUid, uid) {
                count += 1;
                first = first.or_else(|| self.store.get(*kind, key));
            }
        }
        let next = first.map(|object| reference(object));
        self.say(Reason::Foreground, [count.to_string()]).next = next;
    }
}

/// A thing with what it lacks.
fn lacks<const N: usize>(object: Option<ObjectRef>, lack: Lack, values: [String; N]) -> LackView {
    debug_assert_eq!(N, lack.values(), "{lack:?}");
    LackView {
        object,
        lack,
        values: values.into(),
    }
}

fn millis(at: Instant) -> Option<u64> {
    Some(at.as_millis())
}

/// The condition of a name in a list; lists of conditions look alike in all kinds.
macro_rules! condition {
    ($conditions:expr, $name:expr) => {
        $conditions
            .into_iter()
            .flatten()
            .find(|condition| condition.type_ == $name)
    };
}
use condition;
