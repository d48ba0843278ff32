//! The cluster that a plan happens to.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use petset_cluster::api::{Body, FeatureGates, PatchType, Propagation, Request, Subresource, Verb};
use petset_cluster::trace::Fact;
use petset_cluster::{Cluster, Config, Duration, Key, Kind};
use serde_json::{Value, json};

use super::manifests::{latency, node_name, retention, stateful_set, template};
use super::plan::{Action, IMAGES, NODES, Plan, index};
use super::programs::Programs;

pub(super) const NAMESPACE: &str = "default";
/// Names of the sets.
pub(super) const NAMES: [&str; 3] = ["s0", "s1", "s2"];
/// How long a cluster may take to converge, in rounds of a minute: the longest back-offs are 300 s and 1000 s.
const ROUNDS: u64 = 60;
/// More steps than this in one round is a cluster that runs in circles.
const STEPS_PER_ROUND: u64 = 60_000;
/// So long nothing may change when a cluster has converged.
const REST: Duration = Duration::secs(600);

/// A cluster, and how much it did.
pub struct World {
    pub(super) cluster: Cluster,
    steps: u64,
}

impl World {
    /// The cluster of a plan, before its first action.
    pub fn new(plan: &Plan) -> World {
        let config = Config {
            seed: plan.seed,
            pods_per_node: 16,
            images_preloaded: plan.preloaded,
            latency: latency(plan.slowness),
            gates: FeatureGates {
                max_unavailable_stateful_set: plan.max_unavailable,
            },
            ..Config::default()
        };
        let mut cluster = Cluster::new(config, Arc::new(Programs));
        cluster.watch_invariants();
        World { cluster, steps: 0 }
    }

    /// How many steps there were.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What there is of sets, pods and claims, and the last events, one on a line.
    pub fn state(&self) -> String {
        let mut text = String::new();
        let kinds = [
            Kind::StatefulSet,
            Kind::Deployment,
            Kind::ReplicaSet,
            Kind::DaemonSet,
            Kind::Job,
            Kind::Pod,
            Kind::PersistentVolumeClaim,
            Kind::Event,
        ];
        for kind in kinds {
            for object in self.cluster.store().list(kind, Some(NAMESPACE)) {
                let mut json = object.to_json();
                let brief = match kind {
                    Kind::Event => json!([json["lastTimestamp"], json["count"], json["message"]]),
                    Kind::Pod => json!([json["metadata"], json["status"]["conditions"]]),
                    _ => json.take(),
                };
                text.push_str(&format!("  {}: {brief}\n", object.key()));
            }
        }
        text
    }

    /// The state in one number.
    pub fn digest(&self) -> u64 {
        self.cluster.digest()
    }

    /// Lets one action happen. What the API refuses is no failure.
    ///
    /// # Errors
    /// The invariant that was broken.
    pub fn act(&mut self, action: &Action) -> Result<(), String> {
        match *action {
            Action::Create {
                set,
                replicas,
                form,
            } => {
                let name = NAMES[index(set)];
                self.send(
                    Verb::Create,
                    Kind::StatefulSet,
                    name,
                    Body::Json(stateful_set(name, replicas, form)),
                );
            }
            Action::Scale { set, replicas } => {
                self.change_set(set, json!({ "replicas": replicas }))
            }
            Action::Image { set, image } => {
                let template = template(NAMES[index(set)], image);
                self.change_set(set, json!({ "template": template }));
            }
            Action::Partition { set, partition } => {
                let strategy = json!({ "rollingUpdate": { "partition": partition } });
                self.change_set(set, json!({ "updateStrategy": strategy }));
            }
            Action::OnDelete { set, on } => {
                let strategy = if on {
                    json!({ "type": "OnDelete", "rollingUpdate": null })
                } else {
                    json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 0 } })
                };
                self.change_set(set, json!({ "updateStrategy": strategy }));
            }
            Action::Retention { set, policy } => {
                self.change_set(
                    set,
                    json!({ "persistentVolumeClaimRetentionPolicy": retention(policy) }),
                );
            }
            Action::Start { set, start } => {
                self.change_set(set, json!({ "ordinals": { "start": start } }));
            }
            Action::MinReady { set, seconds } => {
                self.change_set(set, json!({ "minReadySeconds": seconds }));
            }
            Action::DeleteSet { set, how } => {
                let how = [
                    Propagation::Background,
                    Propagation::Foreground,
                    Propagation::Orphan,
                ][index(how)];
                self.delete(Kind::StatefulSet, NAMES[index(set)], Some(how), None);
            }
            Action::DeletePod { pod, force } => {
                if let Some(name) = self.nth(Kind::Pod, pod) {
                    self.delete(Kind::Pod, &name, None, force.then_some(0));
                }
            }
            Action::DeleteClaim { claim } => {
                if let Some(name) = self.nth(Kind::PersistentVolumeClaim, claim) {
                    self.delete(Kind::PersistentVolumeClaim, &name, None, None);
                }
            }
            Action::Unlabel { pod } => {
                if let Some(name) = self.nth(Kind::Pod, pod) {
                    self.patch(
                        Kind::Pod,
                        &name,
                        json!({ "metadata": { "labels": { "app": null } } }),
                    );
                }
            }
            Action::Stranger { set, ordinal, fits } => {
                self.make_stranger(NAMES[index(set)], ordinal, fits)
            }
            Action::Kill { pod } => {
                if let Some(name) = self.nth(Kind::Pod, pod) {
                    let argv = ["kill".to_owned()];
                    // A container that does not run cannot be killed.
                    if let Ok(id) = self
                        .cluster
                        .exec(NAMESPACE, &name, None, &argv, false, false)
                    {
                        self.cluster.exec_poll(id);
                    }
                }
            }
            Action::CutOff { node } => {
                self.cluster.cut_off_node(&node_name(node));
            }
            Action::Reconnect { node } => {
                self.cluster.reconnect_node(&node_name(node));
            }
            Action::Cordon { node, on } => {
                self.patch(
                    Kind::Node,
                    &node_name(node),
                    json!({ "spec": { "unschedulable": on } }),
                );
            }
            Action::FailPulls { on } => self.cluster.fail_pulls(on),
            Action::Slow { times } => self.cluster.set_latency(latency(times)),
            Action::Evict { pod } => {
                if let Some(name) = self.nth(Kind::Pod, pod) {
                    self.evict(&name);
                }
            }
            Action::DeleteNode { node } => {
                // The two that are left have room for all sets together.
                let nodes = self.cluster.store().list(Kind::Node, None).count();
                if nodes as u64 == NODES {
                    self.cluster.cut_off_node(&node_name(node));
                    self.delete(Kind::Node, &node_name(node), None, None);
                }
            }
            Action::Other { other, deed } => self.other(other, deed),
            Action::Wait { ms } => self.pass(Duration::millis(ms))?,
        }
        self.sound()
    }

    /// Ends all faults, mends what only a person mends, and waits for the cluster to converge.
    ///
    /// # Errors
    /// What is not as the sets want it, or the invariant that was broken.
    pub fn recover(&mut self) -> Result<(), String> {
        self.cluster.fail_pulls(false);
        self.cluster.set_latency(latency(1));
        for node in 0..NODES {
            self.cluster.reconnect_node(&node_name(node));
            self.patch(
                Kind::Node,
                &node_name(node),
                json!({ "spec": { "unschedulable": null } }),
            );
        }
        for set in 0..3 {
            self.put_right(set);
        }
        self.put_others_right();
        let mut left = String::new();
        for _ in 0..ROUNDS {
            self.mend();
            self.pass(Duration::secs(60))?;
            match self.converged().and_then(|()| self.cluster.check_at_rest()) {
                Ok(()) => return self.rests(),
                Err(why) => left = why,
            }
        }
        Err(format!("never converged: {left}"))
    }

    /// Gives a set a template that works, for all its pods: a pod below a partition would come back as broken as it was.
    fn put_right(&mut self, set: u64) {
        let name = NAMES[index(set)];
        let key = Key::new(NAMESPACE, name);
        let found = self.cluster.store().get_as::<StatefulSet>(&key);
        let strategy = found.and_then(|set| set.spec.as_ref()?.update_strategy.as_ref());
        let rolls = strategy.and_then(|s| s.type_.as_deref()) == Some("RollingUpdate");
        let mut spec = json!({ "template": template(name, 0) });
        if rolls {
            spec["updateStrategy"] = json!({ "rollingUpdate": { "partition": 0 } });
        }
        self.change_set(set, spec);
    }

    /// Deletes what no controller mends: pods of nobody, pods that lack the claims of their set (made by hand, or adopted
    /// by another set), and pods that run a template that was put right since, which an ordered set waits for.
    fn mend(&mut self) {
        self.wake_waiting();
        self.mend_others();
        let pods: Vec<Pod> = self
            .cluster
            .store()
            .list_as::<Pod>(Some(NAMESPACE))
            .cloned()
            .collect();
        for pod in pods {
            let name = pod.metadata.name.clone().unwrap_or_default();
            let free = pod.metadata.owner_references.is_none() || self.lacks_claims(&pod);
            let image = pod
                .spec
                .as_ref()
                .and_then(|spec| spec.containers.first()?.image.as_deref());
            let broken = image.is_some_and(|image| IMAGES[3..].contains(&image));
            if (free || broken) && pod.metadata.deletion_timestamp.is_none() {
                self.delete(Kind::Pod, &name, None, None);
            }
        }
    }

    /// Touches sets that wait for a claim of the last pod of a name to go: that it has gone wakes no controller, upstream
    /// neither, where each set is looked at again after half a day at the latest.
    fn wake_waiting(&mut self) {
        for name in NAMES {
            let key = Key::new(NAMESPACE, name);
            let about = self.cluster.server().trace().about(Kind::StatefulSet, &key);
            if let Some((_, Fact::WaitsForStaleClaim { .. })) = about {
                let now = self.cluster.now().0.to_string();
                let touched = json!({ "metadata": { "annotations": { "touched": now } } });
                self.patch(Kind::StatefulSet, name, touched);
            }
        }
    }

    fn lacks_claims(&self, pod: &Pod) -> bool {
        let owner = pod.metadata.owner_references.iter().flatten().next();
        let key = Key::new(NAMESPACE, owner.map_or("", |owner| &owner.name));
        let set = self.cluster.store().get_as::<StatefulSet>(&key);
        let spec = set.and_then(|set| set.spec.as_ref());
        let claims = spec.and_then(|spec| spec.volume_claim_templates.as_ref());
        let volumes = pod.spec.as_ref().and_then(|spec| spec.volumes.as_ref());
        let mut volumes = volumes.into_iter().flatten();
        claims.is_some_and(|claims| !claims.is_empty())
            && !volumes.any(|volume| volume.persistent_volume_claim.is_some())
    }

    /// Whether nothing changes any more.
    fn rests(&mut self) -> Result<(), String> {
        let before = self.cluster.store().resource_version();
        self.pass(REST)?;
        let after = self
            .cluster
            .store()
            .changes_since(before)
            .into_iter()
            .flatten()
            .next();
        match after {
            None => Ok(()),
            Some(change) => Err(format!(
                "no rest: {:?} {}",
                change.change,
                change.object.to_json()
            )),
        }
    }

    /// Whether every set is as its spec says.
    fn converged(&self) -> Result<(), String> {
        let store = self.cluster.store();
        for set in store.list_as::<StatefulSet>(Some(NAMESPACE)) {
            self.set_converged(set)?;
        }
        self.others_converged()?;
        let live = store
            .list(Kind::Pod, Some(NAMESPACE))
            .find(|pod| pod.is_terminating());
        match live {
            Some(pod) => Err(format!("{} does not end", pod.key())),
            None => Ok(()),
        }
    }

    fn set_converged(&self, set: &StatefulSet) -> Result<(), String> {
        let store = self.cluster.store();
        let name = set.metadata.name.as_deref().unwrap_or_default();
        if set.metadata.deletion_timestamp.is_some() {
            return Err(format!("{name} does not end"));
        }
        let (Some(spec), Some(status)) = (&set.spec, &set.status) else {
            return Err(format!("{name} has no status"));
        };
        let start = spec.ordinals.as_ref().and_then(|o| o.start).unwrap_or(0);
        let replicas = spec.replicas.unwrap_or(1);
        let strategy = spec.update_strategy.as_ref();
        let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
        let partition = rolling.and_then(|rolling| rolling.partition).unwrap_or(0);
        let on_delete = strategy.and_then(|s| s.type_.as_deref()) == Some("OnDelete");
        for slot in 0..replicas {
            let pod_name = format!("{name}-{}", start + slot);
            let key = Key::new(NAMESPACE, &pod_name);
            let Some(pod) = store.get_as::<Pod>(&key) else {
                return Err(format!("{pod_name} is not there"));
            };
            let mut owners = pod.metadata.owner_references.iter().flatten();
            if !owners.any(|owner| Some(&owner.uid) == set.metadata.uid.as_ref()) {
                return Err(format!("{pod_name} is of somebody else"));
            }
            if !is_ready(pod) {
                return Err(format!("{pod_name} is not ready"));
            }
            let labels = pod.metadata.labels.as_ref();
            let revision = labels.and_then(|labels| labels.get("controller-revision-hash"));
            if !on_delete && slot >= partition && revision != status.update_revision.as_ref() {
                return Err(format!("{pod_name} is out of date"));
            }
            for template in spec.volume_claim_templates.iter().flatten() {
                let template = template.metadata.name.as_deref().unwrap_or_default();
                let claim = Key::new(NAMESPACE, &format!("{template}-{pod_name}"));
                let found = store.get_as::<PersistentVolumeClaim>(&claim);
                let phase = found.and_then(|claim| claim.status.as_ref()?.phase.as_deref());
                if phase != Some("Bound") {
                    return Err(format!("{claim} is {phase:?}"));
                }
            }
        }
        let counted = [
            status.replicas,
            status.ready_replicas.unwrap_or(0),
            status.available_replicas.unwrap_or(0),
        ];
        if counted != [replicas; 3] {
            return Err(format!(
                "{name} wants {replicas} and has {counted:?} there, ready and available"
            ));
        }
        Ok(())
    }

    fn sound(&self) -> Result<(), String> {
        match self.cluster.broken_invariant() {
            Some(why) => Err(why.to_owned()),
            None => Ok(()),
        }
    }

    fn pass(&mut self, span: Duration) -> Result<(), String> {
        let until = self.cluster.now() + span;
        let mut steps = 0;
        while self.cluster.next_event().is_some_and(|(at, _)| at <= until) {
            self.cluster.step();
            steps += 1;
            if steps > STEPS_PER_ROUND {
                return Err("it runs in circles".to_owned());
            }
        }
        self.steps += steps;
        self.cluster.run_until(until);
        self.sound()
    }

    /// The name of the `n`-th object of a kind, counted around.
    fn nth(&self, kind: Kind, n: u64) -> Option<String> {
        let all: Vec<_> = self.cluster.store().list(kind, Some(NAMESPACE)).collect();
        let at = index(n).checked_rem(all.len())?;
        Some(all[at].name().to_owned())
    }

    fn change_set(&mut self, set: u64, spec: Value) {
        self.patch(
            Kind::StatefulSet,
            NAMES[index(set)],
            json!({ "spec": spec }),
        );
    }

    pub(super) fn patch(&mut self, kind: Kind, name: &str, patch: Value) {
        self.send(
            Verb::Patch,
            kind,
            name,
            Body::Patch(PatchType::Merge, patch),
        );
    }

    pub(super) fn send(&mut self, verb: Verb, kind: Kind, name: &str, body: Body) {
        let namespace = if kind.info().namespaced {
            NAMESPACE
        } else {
            ""
        };
        let request = Request::new(verb, kind, namespace, name).with_body(body);
        // What is refused does not happen.
        let _ = self.cluster.handle(request);
    }

    pub(super) fn delete(
        &mut self,
        kind: Kind,
        name: &str,
        how: Option<Propagation>,
        grace: Option<i64>,
    ) {
        let namespace = if kind.info().namespaced {
            NAMESPACE
        } else {
            ""
        };
        let mut request = Request::new(Verb::Delete, kind, namespace, name);
        request.options.propagation = how;
        request.options.grace_period_seconds = grace;
        let _ = self.cluster.handle(request);
    }

    fn evict(&mut self, pod: &str) {
        let eviction = json!({
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": { "name": pod, "namespace": NAMESPACE },
        });
        let request = Request::new(Verb::Create, Kind::Pod, NAMESPACE, pod)
            .with_subresource(Subresource::Eviction)
            .with_body(Body::Json(eviction));
        let _ = self.cluster.handle(request);
    }

    fn make_stranger(&mut self, set: &str, ordinal: u64, fits: bool) {
        let name = format!("{set}-{ordinal}");
        let mut pod = template(if fits { set } else { "nobody" }, 0);
        pod["apiVersion"] = json!("v1");
        pod["kind"] = json!("Pod");
        pod["metadata"]["name"] = json!(name);
        self.send(Verb::Create, Kind::Pod, &name, Body::Json(pod));
    }
}

pub(super) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_deref());
    let mut conditions = conditions.unwrap_or_default().iter();
    conditions.any(|c| c.type_ == "Ready" && c.status == "True")
}
