//! A cluster without nodes, and the hand that plays kubelet and visitor.

use k8s_openapi::api::apps::v1::{
    RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetOrdinals,
    StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec, StatefulSetStatus,
    StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    Container, Event, PersistentVolumeClaim, PersistentVolumeClaimSpec, Pod, PodCondition, PodSpec,
    PodTemplateSpec, Volume, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use petset_cluster::api::{Body, Propagation, Request, Status, Subresource, Verb};
use petset_cluster::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
use petset_cluster::object::Resource;
use petset_cluster::{Cluster, Config, Duration, Key, Kind, Object};
use std::collections::BTreeMap;
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

const HOLD: &str = "test.example/hold";

pub struct Stage {
    pub cluster: Cluster,
    revisions: Vec<String>,
    /// The version before the last action.
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
            revisions: Vec::new(),
            before: 0,
        }
    }

    /// Does one thing and lets the cluster come to rest.
    pub fn act(&mut self, action: &str) {
        self.before = self.cluster.store().resource_version();
        let (verb, rest) = action.split_once(' ').unwrap_or((action, ""));
        match verb {
            "set" => self.create_set(rest),
            "ready" => self.condition(rest, "Running", true),
            "unready" => self.condition(rest, "Running", false),
            "pending" => self.condition(rest, "Pending", false),
            "fail" => self.condition(rest, "Failed", false),
            "succeed" => self.condition(rest, "Succeeded", false),
            "gone" => self.release(rest),
            "delete" => self.delete(Kind::Pod, &format!("web-{rest}"), Propagation::Background),
            "delete-set" => {
                let propagation = match rest {
                    "orphan" => Propagation::Orphan,
                    "foreground" => Propagation::Foreground,
                    _ => Propagation::Background,
                };
                self.delete(Kind::StatefulSet, "web", propagation);
            }
            "delete-claim" => {
                self.hold_claim(rest, None);
                self.end_claim(rest);
            }
            "hold-claim" => self.hold_claim(rest, Some(vec![HOLD.to_owned()])),
            "free-claim" => self.hold_claim(rest, None),
            "end-claim" => self.end_claim(rest),
            "wait" => self.run(Duration::millis(rest.parse().unwrap())),
            "pod" => self.create_pod(rest),
            "label" => self.label(rest),
            _ => self.change_set(verb, rest),
        }
        self.run(Duration::millis(300));
    }

    fn run(&mut self, span: Duration) {
        let until = self.cluster.now() + span;
        while self.cluster.next_event().is_some_and(|(at, _)| at <= until) {
            self.cluster.step();
            self.cluster.check_invariants().unwrap();
        }
        self.cluster.run_until(until);
    }

    /// What `expected` is about: pods, `status=`, `claims=`, `events=`, `history=`, `owners=` or `waits=`.
    pub fn show(&mut self, expected: &str) -> String {
        match expected.split_once('=').map_or("", |(what, _)| what) {
            "status" => self.show_status(),
            "writes" => self.show_status_writes(),
            "claims" => {
                let names: Vec<String> = self
                    .list::<PersistentVolumeClaim>()
                    .iter()
                    // Claims that only wait for their protection to be taken away count as gone.
                    .filter(|claim| claim.metadata.deletion_timestamp.is_none())
                    .map(|claim| claim.metadata.name.clone().unwrap().replace("www-web-", ""))
                    .collect();
                format!("claims={}", names.join(" "))
            }
            "events" => self.show_last_events(expected.split(';').count()),
            "history" => self.show_history(),
            "owners" => self.show_owners(),
            "waits" => {
                let about = self.cluster.server().trace();
                let fact = about.about(Kind::StatefulSet, &key("web"));
                format!(
                    "waits={}",
                    fact.map_or(String::new(), |(_, fact)| format!("{fact:?}"))
                )
            }
            _ => self.show_pods(),
        }
    }

    pub fn pods(&self) -> Vec<Pod> {
        self.list::<Pod>()
    }

    fn list<T: Resource>(&self) -> Vec<T> {
        self.cluster
            .store()
            .list_as::<T>(Some("default"))
            .cloned()
            .collect()
    }

    fn set(&self) -> Option<StatefulSet> {
        self.cluster
            .store()
            .get_as::<StatefulSet>(&key("web"))
            .cloned()
    }

    fn letter(&mut self, revision: &str) -> char {
        let position = self.revisions.iter().position(|known| known == revision);
        let position = position.unwrap_or_else(|| {
            self.revisions.push(revision.to_owned());
            self.revisions.len() - 1
        });
        char::from(b'A' + u8::try_from(position).unwrap())
    }

    fn show_pods(&mut self) -> String {
        let mut pods = self.pods();
        pods.sort_by_key(|pod| {
            let name = pod.metadata.name.clone().unwrap();
            let number = name
                .rsplit_once('-')
                .and_then(|(_, n)| n.parse::<u32>().ok());
            (number, name)
        });
        let shown = pods.iter().map(|pod| {
            let name = pod.metadata.name.as_deref().unwrap();
            let status = pod.status.clone().unwrap_or_default();
            let ready = status
                .conditions
                .iter()
                .flatten()
                .any(|c| c.type_ == "Ready" && c.status == "True");
            let state = match (status.phase.as_deref(), ready) {
                (Some("Running"), true) => "r",
                (Some("Running"), false) => "u",
                (Some("Failed"), _) => "f",
                (Some("Succeeded"), _) => "s",
                _ => "p",
            };
            let going = if pod.metadata.deletion_timestamp.is_some() {
                "!"
            } else {
                ""
            };
            let labels = pod.metadata.labels.clone().unwrap_or_default();
            let revision = labels.get("controller-revision-hash").cloned();
            let owned = pod
                .metadata
                .owner_references
                .as_ref()
                .is_some_and(|o| !o.is_empty());
            let letter = revision.map_or(' ', |revision| self.letter(&revision));
            let free = if owned { "" } else { "-free" };
            let text = format!("{}{state}{letter}{going}{free}", name.replace("web-", ""));
            text.replace(' ', "")
        });
        let shown: Vec<String> = shown.collect();
        shown.join(" ")
    }

    fn show_status(&self) -> String {
        let status = self.set().and_then(|set| set.status).unwrap_or_default();
        format!("status={}", counters(&status))
    }

    /// Every status that was written since the last action.
    fn show_status_writes(&self) -> String {
        let changes = self.cluster.store().changes_since(self.before).unwrap();
        let status = |object: &Object| {
            object
                .as_kind::<StatefulSet>()
                .map(|set| set.status.clone())
        };
        let written = changes.filter_map(|change| {
            let new = status(&change.object)?;
            let old = change.old.as_deref().and_then(status)?;
            (new != old).then(|| counters(&new.unwrap_or_default()))
        });
        format!("writes={}", written.collect::<Vec<_>>().join(" "))
    }

    fn show_history(&mut self) -> String {
        let set = self.set().unwrap();
        let status = set.status.unwrap_or_default();
        let current = self.letter(&status.current_revision.unwrap_or_default());
        let update = self.letter(&status.update_revision.unwrap_or_default());
        let mut all = self.list::<k8s_openapi::api::apps::v1::ControllerRevision>();
        all.sort_by_key(|revision| revision.revision);
        let all: Vec<String> = all
            .iter()
            .map(|one| {
                let letter = self.letter(one.metadata.name.as_deref().unwrap());
                format!("{}{letter}", one.revision)
            })
            .collect();
        format!(
            "history={} current {current} update {update}",
            all.join(" ")
        )
    }

    fn show_owners(&self) -> String {
        let all = self
            .list::<PersistentVolumeClaim>()
            .into_iter()
            .map(|claim| {
                let owners = claim.metadata.owner_references.unwrap_or_default();
                let kinds: Vec<&str> = owners.iter().map(|owner| owner.kind.as_str()).collect();
                let name = claim.metadata.name.unwrap().replace("www-web-", "");
                format!("{name}:{}", kinds.join("+"))
            });
        format!("owners={}", all.collect::<Vec<_>>().join(" "))
    }

    fn show_last_events(&self, count: usize) -> String {
        let mut events = self.list::<Event>();
        events.retain(|event| event.involved_object.kind.as_deref() == Some("StatefulSet"));
        events.sort_by_key(|event| event.metadata.name.clone());
        let skip = events.len().saturating_sub(count);
        let texts: Vec<String> = events
            .iter()
            .skip(skip)
            .map(|event| {
                let text = |field: &Option<String>| field.clone().unwrap_or_default();
                format!("{} {}", text(&event.reason), text(&event.message))
            })
            .collect();
        format!("events={}", texts.join(";"))
    }

    fn send(&mut self, request: Request) -> Result<(), Status> {
        self.cluster.handle(request).result.map(|_| ())
    }

    fn create(&mut self, object: Object) {
        let request = Request::new(Verb::Create, object.kind(), "default", object.name());
        self.send(request.with_body(Body::Typed(Box::new(object))))
            .unwrap();
    }

    fn update(&mut self, object: Object, subresource: Option<Subresource>) {
        let mut request = Request::new(Verb::Update, object.kind(), "default", object.name());
        request.subresource = subresource;
        self.send(request.with_body(Body::Typed(Box::new(object))))
            .unwrap();
    }

    fn delete(&mut self, kind: Kind, name: &str, propagation: Propagation) {
        let mut request = Request::new(Verb::Delete, kind, "default", name);
        request.options.propagation = Some(propagation);
        self.send(request).unwrap();
    }

    fn pod(&self, ordinal: &str) -> Pod {
        let key = key(&format!("web-{ordinal}"));
        self.cluster.store().get_as::<Pod>(&key).cloned().unwrap()
    }

    fn condition(&mut self, ordinal: &str, phase: &str, ready: bool) {
        let mut pod = self.pod(ordinal);
        let now = self.cluster.server().calendar().time(self.cluster.now());
        let status = pod.status.get_or_insert_default();
        status.phase = Some(phase.to_owned());
        status.conditions = Some(vec![PodCondition {
            type_: "Ready".to_owned(),
            status: if ready { "True" } else { "False" }.to_owned(),
            last_transition_time: Some(now),
            ..PodCondition::default()
        }]);
        self.update(Object::Pod(pod), Some(Subresource::Status));
    }

    fn release(&mut self, ordinal: &str) {
        let mut pod = self.pod(ordinal);
        pod.metadata.finalizers = None;
        self.update(Object::Pod(pod), None);
    }

    fn hold_claim(&mut self, ordinal: &str, finalizers: Option<Vec<String>>) {
        let key = key(&format!("www-web-{ordinal}"));
        let claim = self.cluster.store().get_as::<PersistentVolumeClaim>(&key);
        let mut claim = claim.cloned().unwrap();
        claim.metadata.finalizers = finalizers;
        self.update(Object::PersistentVolumeClaim(claim), None);
    }

    fn end_claim(&mut self, ordinal: &str) {
        let name = format!("www-web-{ordinal}");
        self.delete(Kind::PersistentVolumeClaim, &name, Propagation::Background);
    }

    fn label(&mut self, rest: &str) {
        let (ordinal, change) = rest.split_once(' ').unwrap();
        let mut pod = self.pod(ordinal);
        let labels = pod.metadata.labels.get_or_insert_default();
        match change.split_once('=') {
            Some((name, value)) => labels.insert(name.to_owned(), value.to_owned()),
            None => labels.remove(change),
        };
        self.update(Object::Pod(pod), None);
    }

    fn create_pod(&mut self, name: &str) {
        let template = template("A");
        let meta = ObjectMeta {
            name: Some(format!("web-{name}")),
            namespace: Some("default".to_owned()),
            ..template.metadata.unwrap()
        };
        self.create(Object::Pod(Pod {
            metadata: meta,
            spec: template.spec,
            status: None,
        }));
    }

    fn change_set(&mut self, what: &str, value: &str) {
        let mut set = self.set().unwrap();
        let spec = set.spec.as_mut().unwrap();
        match what {
            "scale" => spec.replicas = Some(value.parse().unwrap()),
            "image" => spec.template = template(value),
            "partition" => {
                let strategy = spec.update_strategy.get_or_insert_default();
                let rolling = strategy.rolling_update.get_or_insert_default();
                rolling.partition = Some(value.parse().unwrap());
            }
            "start" => {
                spec.ordinals = Some(StatefulSetOrdinals {
                    start: Some(value.parse().unwrap()),
                });
            }
            "retention" => spec.persistent_volume_claim_retention_policy = Some(retention(value)),
            "sync" => {
                let labels = set.metadata.labels.get_or_insert_default();
                labels.insert("touched".to_owned(), "yes".to_owned());
            }
            _ => panic!("unknown action {what}"),
        }
        self.update(Object::StatefulSet(set), None);
    }

    fn create_set(&mut self, options: &str) {
        let mut spec = StatefulSetSpec {
            replicas: Some(1),
            service_name: Some("nginx".to_owned()),
            pod_management_policy: Some("OrderedReady".to_owned()),
            revision_history_limit: Some(10),
            selector: LabelSelector {
                match_labels: Some(labels()),
                ..LabelSelector::default()
            },
            template: template("A"),
            update_strategy: Some(StatefulSetUpdateStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateStatefulSetStrategy {
                    partition: Some(0),
                    max_unavailable: None,
                }),
            }),
            ..StatefulSetSpec::default()
        };
        for option in options.split_whitespace() {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let strategy = spec.update_strategy.get_or_insert_default();
            match name {
                "replicas" => spec.replicas = Some(value.parse().unwrap()),
                "policy" => spec.pod_management_policy = Some(value.to_owned()),
                "start" => {
                    spec.ordinals = Some(StatefulSetOrdinals {
                        start: Some(value.parse().unwrap()),
                    });
                }
                "min-ready" => spec.min_ready_seconds = Some(value.parse().unwrap()),
                "limit" => spec.revision_history_limit = Some(value.parse().unwrap()),
                "partition" => {
                    let rolling = strategy.rolling_update.get_or_insert_default();
                    rolling.partition = Some(value.parse().unwrap());
                }
                "plain-rolling" => strategy.rolling_update = None,
                "on-delete" => {
                    strategy.type_ = Some("OnDelete".to_owned());
                    strategy.rolling_update = None;
                }
                "retention" => {
                    spec.persistent_volume_claim_retention_policy = Some(retention(value))
                }
                "claims" => spec.volume_claim_templates = Some(vec![claim_template()]),
                _ => panic!("unknown option {name}"),
            }
        }
        self.create(Object::StatefulSet(StatefulSet {
            metadata: ObjectMeta {
                name: Some("web".to_owned()),
                namespace: Some("default".to_owned()),
                ..ObjectMeta::default()
            },
            spec: Some(spec),
            status: None,
        }));
    }
}

/// replicas/ready/current/updated
fn counters(status: &StatefulSetStatus) -> String {
    format!(
        "{}/{}/{}/{}",
        status.replicas,
        status.ready_replicas.unwrap_or(0),
        status.current_replicas.unwrap_or(0),
        status.updated_replicas.unwrap_or(0)
    )
}

fn key(name: &str) -> Key {
    Key::new("default", name)
}

fn labels() -> BTreeMap<String, String> {
    BTreeMap::from([("app".to_owned(), "nginx".to_owned())])
}

fn template(image: &str) -> PodTemplateSpec {
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels()),
            finalizers: Some(vec![HOLD.to_owned()]),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            containers: vec![Container {
                name: "nginx".to_owned(),
                image: Some(format!("nginx:{}", image.to_lowercase())),
                ..Container::default()
            }],
            volumes: Some(vec![volume("www"), volume("scratch")]),
            ..PodSpec::default()
        }),
    }
}

fn volume(name: &str) -> Volume {
    Volume {
        name: name.to_owned(),
        empty_dir: Some(Default::default()),
        ..Volume::default()
    }
}

fn claim_template() -> PersistentVolumeClaim {
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some("www".to_owned()),
            labels: Some(BTreeMap::from([("app".to_owned(), "other".to_owned())])),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            // No such class: the claims wait for ever, which no pod here minds.
            storage_class_name: Some("none".to_owned()),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([(
                    "storage".to_owned(),
                    Quantity("1Gi".to_owned()),
                )])),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    }
}

/// `scaled/deleted`.
fn retention(words: &str) -> StatefulSetPersistentVolumeClaimRetentionPolicy {
    let (scaled, deleted) = words.split_once('/').unwrap();
    StatefulSetPersistentVolumeClaimRetentionPolicy {
        when_scaled: Some(scaled.to_owned()),
        when_deleted: Some(deleted.to_owned()),
    }
}
