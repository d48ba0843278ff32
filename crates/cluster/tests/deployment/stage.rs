//! A cluster without nodes, and the hand that plays kubelet and visitor.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Event, Pod};
use petset_cluster::api::{Body, PatchType, Propagation, Request, Status, Subresource, Verb};
use petset_cluster::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
use petset_cluster::object::Resource;
use petset_cluster::{Cluster, Config, Duration, Key, Kind};
use serde_json::{Value, json};
use std::sync::Arc;

/// No image exists, and nothing can be started.
struct NoRuntime;

impl Runtime for NoRuntime {
    fn image(&self, reference: &str) -> ImageLookup {
        ImageLookup::NotFound {
            message: format!("{reference}: not found"),
        }
    }

    fn start(&self, _: &ImageInfo, _: &[String], _: bool) -> Result<Box<dyn Process>, StartError> {
        Err(StartError {
            message: String::new(),
            exit_code: 128,
        })
    }
}

pub struct Stage {
    pub cluster: Cluster,
    /// ReplicaSets by name in the order in which they came; they are shown as letters.
    sets: Vec<String>,
    before: u64,
}

impl Stage {
    pub fn new() -> Stage {
        let config = Config {
            nodes: 0,
            ..Config::default()
        };
        Stage {
            cluster: Cluster::new(config, Arc::new(NoRuntime)),
            sets: Vec::new(),
            before: 0,
        }
    }

    /// Does one thing and lets the cluster come to rest.
    pub fn act(&mut self, action: &str) {
        self.before = self.cluster.store().resource_version();
        let (verb, rest) = action.split_once(' ').unwrap_or((action, ""));
        match verb {
            "deploy" => self.create(Kind::Deployment, rest),
            "rs" => self.create(Kind::ReplicaSet, rest),
            "patch" => self.patch(Kind::Deployment, "web", None, rest),
            "patch-rs" => self.patch(Kind::ReplicaSet, "web", None, rest),
            "image" => {
                let change = json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": rest}]}}}});
                self.patch(Kind::Deployment, "web", None, &change.to_string());
            }
            "scale" => {
                let change = json!({"spec": {"replicas": rest.parse::<i32>().unwrap()}});
                self.patch(Kind::Deployment, "web", None, &change.to_string());
            }
            "ready" => self.condition(rest, "Running", true),
            "unready" => self.condition(rest, "Running", false),
            "fail" => self.condition(rest, "Failed", false),
            "mark" => self.mark(rest),
            "delete" => self.delete_pods(rest),
            "gone" => self.release(),
            "orphan" => self.delete(Kind::Deployment, "web", Propagation::Orphan),
            "orphan-rs" => self.delete(Kind::ReplicaSet, "web", Propagation::Orphan),
            "delete-all" => self.delete(Kind::Deployment, "web", Propagation::Background),
            "pod" => self.stray(rest),
            "clash" => self.clash(),
            "wait" => self.run(Duration::secs(rest.parse().unwrap())),
            other => panic!("no action {other}"),
        }
        self.run(Duration::millis(400));
    }

    fn run(&mut self, span: Duration) {
        let until = self.cluster.now() + span;
        while self.cluster.next_event().is_some_and(|(at, _)| at <= until) {
            self.cluster.step();
        }
        self.cluster.run_until(until);
        for set in self.list::<ReplicaSet>() {
            let name = set.metadata.name.unwrap();
            if !self.sets.contains(&name) {
                self.sets.push(name);
            }
        }
    }

    pub fn list<T: Resource>(&self) -> Vec<T> {
        let store = self.cluster.store();
        store.list_as::<T>(Some("default")).cloned().collect()
    }

    pub fn deployment(&self) -> Deployment {
        let key = Key::new("default", "web");
        let found = self.cluster.store().get_as::<Deployment>(&key);
        found.cloned().unwrap()
    }

    fn send(&mut self, request: Request) -> Result<(), Status> {
        self.cluster.handle(request).result.map(|_| ())
    }

    fn create(&mut self, kind: Kind, more: &str) {
        let mut object = json!({
            "apiVersion": "apps/v1",
            "kind": kind.info().kind,
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "c", "image": "i:1"}]},
                },
            },
        });
        if !more.is_empty() {
            merge(&mut object, &serde_json::from_str(more).unwrap());
        }
        let request = Request::new(Verb::Create, kind, "default", "web");
        self.send(request.with_body(Body::Json(object))).unwrap();
    }

    fn patch(&mut self, kind: Kind, name: &str, part: Option<Subresource>, change: &str) {
        let change = serde_json::from_str(change).unwrap();
        let mut request = Request::new(Verb::Patch, kind, "default", name);
        request.subresource = part;
        let how = if part.is_some() {
            PatchType::Merge
        } else {
            PatchType::Strategic
        };
        let body = Body::Patch(how, change);
        self.send(request.with_body(body)).unwrap();
    }

    fn delete(&mut self, kind: Kind, name: &str, propagation: Propagation) {
        let mut request = Request::new(Verb::Delete, kind, "default", name);
        request.options.propagation = Some(propagation);
        self.send(request).unwrap();
    }

    /// Pods of a set given by its letter, or all; at most so many: `a`, `a 2`, `* 1`. Pods that are in the state already
    /// come last.
    fn chosen(&self, which: &str, passed_over: impl Fn(&Pod) -> bool) -> Vec<Pod> {
        let (letter, count) = which.split_once(' ').unwrap_or((which, "1000"));
        let mut pods: Vec<Pod> = self
            .list::<Pod>()
            .into_iter()
            .filter(|pod| letter == "*" || self.letter_of(pod) == letter)
            .collect();
        pods.sort_by_key(&passed_over);
        pods.into_iter()
            .take(count.parse().unwrap())
            .filter(|pod| !passed_over(pod))
            .collect()
    }

    fn letter(&self, name: &str) -> String {
        let at = self.sets.iter().position(|set| set == name);
        at.map_or("-".to_owned(), |at| char::from(b'a' + at as u8).to_string())
    }

    fn letter_of(&self, pod: &Pod) -> String {
        let owner = pod.metadata.owner_references.iter().flatten().next();
        owner.map_or("-".to_owned(), |owner| self.letter(&owner.name))
    }

    fn condition(&mut self, which: &str, phase: &str, ready: bool) {
        let already = |pod: &Pod| is_ready(pod) == ready && phase_of(pod) == phase;
        let date = self.cluster.server().calendar().time(self.cluster.now());
        for pod in self.chosen(which, already) {
            let status = if ready { "True" } else { "False" };
            let change = json!({"status": {"phase": phase, "conditions": [
                {"type": "Ready", "status": status, "lastTransitionTime": date.0.to_string()}]}});
            let name = pod.metadata.name.unwrap();
            self.patch(
                Kind::Pod,
                &name,
                Some(Subresource::Status),
                &change.to_string(),
            );
        }
    }

    /// Changes the metadata of the first pod that has not been changed so.
    fn mark(&mut self, change: &str) {
        let wanted: Value = serde_json::from_str(change).unwrap();
        let (kind, key, value) = wanted
            .as_object()
            .and_then(|outer| {
                let (kind, inner) = outer.iter().next()?;
                let (key, value) = inner.as_object()?.iter().next()?;
                Some((kind.clone(), key.clone(), value.clone()))
            })
            .unwrap();
        let pods = self.list::<Pod>();
        let has = |pod: &Pod| {
            let map = match kind.as_str() {
                "labels" => &pod.metadata.labels,
                _ => &pod.metadata.annotations,
            };
            let present = map.as_ref().and_then(|map| map.get(&key));
            present.map(String::as_str) == value.as_str()
        };
        let name = pods.iter().find(|pod| !has(pod)).unwrap();
        let name = name.metadata.name.clone().unwrap();
        let change = json!({"metadata": wanted});
        self.patch(Kind::Pod, &name, None, &change.to_string());
    }

    fn delete_pods(&mut self, which: &str) {
        for pod in self.chosen(which, |pod| pod.metadata.deletion_timestamp.is_some()) {
            let name = pod.metadata.name.unwrap();
            self.delete(Kind::Pod, &name, Propagation::Background);
        }
    }

    /// Lets the pods go whose finalizers hold them.
    fn release(&mut self) {
        for pod in self.list::<Pod>() {
            if pod.metadata.deletion_timestamp.is_some() {
                let name = pod.metadata.name.unwrap();
                let change = json!({"metadata": {"finalizers": null}});
                self.patch(Kind::Pod, &name, None, &change.to_string());
            }
        }
    }

    /// A pod that nobody controls.
    fn stray(&mut self, name: &str) {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": "default", "labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "i:1"}]},
        });
        let request = Request::new(Verb::Create, Kind::Pod, "default", name);
        self.send(request.with_body(Body::Json(pod))).unwrap();
    }

    /// Puts another object where the ReplicaSet of the image `i:2` would be: that set itself, with another template.
    fn clash(&mut self) {
        let mut other = Stage::new();
        other.act("deploy {\"spec\":{\"replicas\":0}}");
        other.act("image i:2");
        let name = other.sets.last().cloned().unwrap();
        let set = json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {
                "replicas": 0,
                "selector": {"matchLabels": {"other": "x"}},
                "template": {
                    "metadata": {"labels": {"other": "x"}},
                    "spec": {"containers": [{"name": "c", "image": "other"}]},
                },
            },
        });
        let request = Request::new(Verb::Create, Kind::ReplicaSet, "default", &name);
        self.send(request.with_body(Body::Json(set))).unwrap();
    }

    /// One view, as text.
    pub fn show(&self, view: &str) -> String {
        match view {
            "sets" => self.show_sets(),
            "pods" => self.show_pods(),
            "events" => self.show_events(),
            "status" => self.show_status(),
            "revisions" => self.show_revisions(),
            "conditions" => self.show_conditions(),
            other => panic!("no view {other}"),
        }
    }

    /// Each ReplicaSet: wanted/there/ready/available, and `~N` for N pods that are ending.
    fn show_sets(&self) -> String {
        self.each_set(|set| {
            let status = set.status.clone().unwrap_or_default();
            let count = |count: Option<i32>| count.unwrap_or(0);
            let ending = count(status.terminating_replicas);
            format!(
                "{}/{}/{}/{}{}",
                count(set.spec.as_ref().and_then(|spec| spec.replicas)),
                status.replicas,
                count(status.ready_replicas),
                count(status.available_replicas),
                if ending > 0 {
                    format!("~{ending}")
                } else {
                    String::new()
                },
            )
        })
    }

    /// Each ReplicaSet's revision and, in brackets, the earlier ones.
    fn show_revisions(&self) -> String {
        self.each_set(|set| {
            let annotation = |key: &str| {
                let all = set.metadata.annotations.as_ref();
                all.and_then(|all| all.get(&format!("deployment.kubernetes.io/{key}")))
                    .cloned()
            };
            let history = annotation("revision-history");
            format!(
                "{}{}",
                annotation("revision").unwrap_or_default(),
                history.map_or(String::new(), |history| format!("({history})"))
            )
        })
    }

    fn each_set(&self, text: impl Fn(&ReplicaSet) -> String) -> String {
        let sets = self.list::<ReplicaSet>();
        let mut shown: Vec<String> = sets
            .iter()
            .map(|set| {
                let name = set.metadata.name.as_deref().unwrap();
                format!("{}={}", self.letter(name), text(set))
            })
            .collect();
        shown.sort();
        shown.join(" ")
    }

    /// Each pod: the letter of its set, `p`ending, `u`nready, `r`eady, `f`ailed, `!` if it is ending.
    fn show_pods(&self) -> String {
        let mut shown: Vec<String> = self
            .list::<Pod>()
            .iter()
            .map(|pod| {
                let state = match (phase_of(pod), is_ready(pod)) {
                    ("Pending", _) => "p",
                    ("Failed", _) => "f",
                    (_, true) => "r",
                    (_, false) => "u",
                };
                let ending = pod.metadata.deletion_timestamp.is_some();
                format!(
                    "{}{state}{}",
                    self.letter_of(pod),
                    if ending { "!" } else { "" }
                )
            })
            .collect();
        shown.sort();
        shown.join(" ")
    }

    /// What events of this action said about Deployment and ReplicaSets; names become letters.
    fn show_events(&self) -> String {
        let version = |event: &Event| -> u64 {
            let version = event.metadata.resource_version.as_deref();
            version.and_then(|v| v.parse().ok()).unwrap_or(0)
        };
        let mut events = self.list::<Event>();
        events.sort_by_key(version);
        let shown: Vec<String> = events
            .into_iter()
            .filter(|event| version(event) > self.before)
            .filter(|event| event.involved_object.kind.as_deref() != Some("Pod"))
            .map(|event| {
                let mut message = event.message.unwrap_or_default();
                for name in &self.sets {
                    // The name of a pod follows that of its set.
                    while let Some(at) = message.find(&format!("{name}-")) {
                        message.replace_range(at..at + name.len() + 6, "<pod>");
                    }
                    message = message.replace(name.as_str(), &self.letter(name));
                }
                format!("{} {message}", event.reason.unwrap_or_default())
            })
            .collect();
        shown.join("; ")
    }

    /// The Deployment's counters: there/updated/ready/available/unavailable, `~N` for pods that are ending, and collisions.
    fn show_status(&self) -> String {
        let status = self.deployment().status.unwrap_or_default();
        let count = |count: Option<i32>| count.unwrap_or(0);
        format!(
            "{}/{}/{}/{}/{}~{} {}",
            count(status.replicas),
            count(status.updated_replicas),
            count(status.ready_replicas),
            count(status.available_replicas),
            count(status.unavailable_replicas),
            count(status.terminating_replicas),
            count(status.collision_count),
        )
    }

    /// The Deployment's conditions by type: status, reason, message.
    fn show_conditions(&self) -> String {
        let status = self.deployment().status.unwrap_or_default();
        let mut shown: Vec<String> = status
            .conditions
            .into_iter()
            .flatten()
            .map(|condition| {
                let mut message = condition.message.unwrap_or_default();
                for name in &self.sets {
                    message = message.replace(name.as_str(), &self.letter(name));
                }
                let reason = condition.reason.unwrap_or_default();
                format!(
                    "{} {} {reason} {message}",
                    condition.type_, condition.status
                )
            })
            .collect();
        shown.sort();
        shown.join("; ")
    }
}

fn phase_of(pod: &Pod) -> &str {
    let status = pod.status.as_ref();
    status.and_then(|s| s.phase.as_deref()).unwrap_or("")
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod
        .status
        .iter()
        .flat_map(|s| s.conditions.iter().flatten());
    conditions
        .into_iter()
        .any(|c| c.type_ == "Ready" && c.status == "True")
}

/// Puts the fields of `more` into `object`.
fn merge(object: &mut Value, more: &Value) {
    match (object, more) {
        (Value::Object(object), Value::Object(more)) => {
            for (key, value) in more {
                merge(object.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (object, more) => *object = more.clone(),
    }
}
