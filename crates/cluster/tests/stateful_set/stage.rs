//! A cluster without nodes, and the hand that plays kubelet and visitor.

use k8s_openapi::api::apps::v1::{
    ControllerRevision, RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetOrdinals,
    StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec, StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    ConfigMap, Container, PersistentVolumeClaim, PersistentVolumeClaimSpec, Pod, PodCondition,
    PodSpec, PodTemplateSpec, Volume, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use petset_cluster::api::{Body, FeatureGates, Propagation, Request, Status, Subresource, Verb};
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
    pub revisions: Vec<String>,
    /// The version before the last action.
    pub before: u64,
}

impl Stage {
    pub fn new() -> Stage {
        Stage::with(FeatureGates::default())
    }

    fn with(gates: FeatureGates) -> Stage {
        let config = Config {
            nodes: 0,
            gates,
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
            "gate" => {
                *self = Stage::with(FeatureGates {
                    max_unavailable_stateful_set: true,
                });
            }
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
            "own-claim" => self.own_claim(rest),
            "claim" => self.create_claim(rest),
            "clash" => self.create_clashing_revision(rest),
            "label" => self.label(rest),
            _ => self.change_set(verb, rest),
        }
        self.run(Duration::millis(300));
    }

    fn run(&mut self, span: Duration) {
        let until = self.cluster.now() + span;
        self.cluster.run_until(until);
    }

    pub fn pods(&self) -> Vec<Pod> {
        self.list::<Pod>()
    }

    pub fn list<T: Resource>(&self) -> Vec<T> {
        self.cluster
            .store()
            .list_as::<T>(Some("default"))
            .cloned()
            .collect()
    }

    pub fn set(&self) -> Option<StatefulSet> {
        self.cluster
            .store()
            .get_as::<StatefulSet>(&key("web"))
            .cloned()
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

    pub fn pod(&self, ordinal: &str) -> Pod {
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
        self.update(Object::from(pod), Some(Subresource::Status));
    }

    fn release(&mut self, ordinal: &str) {
        let mut pod = self.pod(ordinal);
        pod.metadata.finalizers = None;
        self.update(Object::from(pod), None);
    }

    fn hold_claim(&mut self, ordinal: &str, finalizers: Option<Vec<String>>) {
        let key = key(&format!("www-web-{ordinal}"));
        let claim = self.cluster.store().get_as::<PersistentVolumeClaim>(&key);
        let mut claim = claim.cloned().unwrap();
        claim.metadata.finalizers = finalizers;
        self.update(Object::from(claim), None);
    }

    /// Gives a claim a controller that has nothing to do with the set.
    fn own_claim(&mut self, ordinal: &str) {
        let map = ConfigMap {
            metadata: ObjectMeta {
                name: Some("owner".to_owned()),
                namespace: Some("default".to_owned()),
                ..ObjectMeta::default()
            },
            ..ConfigMap::default()
        };
        self.create(Object::from(map));
        let map = self.cluster.store().get(Kind::ConfigMap, &key("owner"));
        let uid = map.unwrap().uid().to_owned();
        let key = key(&format!("www-web-{ordinal}"));
        let claim = self.cluster.store().get_as::<PersistentVolumeClaim>(&key);
        let mut claim = claim.cloned().unwrap();
        claim.metadata.owner_references = Some(vec![OwnerReference {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            name: "owner".to_owned(),
            uid,
            controller: Some(true),
            block_owner_deletion: None,
        }]);
        self.update(Object::from(claim), None);
    }

    /// Makes the claim of an ordinal by hand, with another size than the template's.
    fn create_claim(&mut self, ordinal: &str) {
        let mut claim = claim_template();
        claim.metadata.name = Some(format!("www-web-{ordinal}"));
        claim.metadata.namespace = Some("default".to_owned());
        let spec = claim.spec.as_mut().unwrap();
        let requests = spec.resources.as_mut().unwrap().requests.as_mut().unwrap();
        requests.insert("storage".to_owned(), Quantity("5Gi".to_owned()));
        self.create(Object::from(claim));
    }

    /// Takes the name that the revision of the set's next template would get.
    fn create_clashing_revision(&mut self, image: &str) {
        let mut other = Stage::new();
        other.act("set replicas=0");
        other.act(&format!("image {image}"));
        let mut revision = other
            .list::<ControllerRevision>()
            .into_iter()
            .max_by_key(|revision| revision.revision)
            .unwrap();
        revision.metadata = ObjectMeta {
            name: revision.metadata.name,
            namespace: revision.metadata.namespace,
            ..ObjectMeta::default()
        };
        revision.data = Some(RawExtension(serde_json::json!({"spec": {}})));
        self.create(Object::from(revision));
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
        self.update(Object::from(pod), None);
    }

    /// A pod made by hand: `NAME`, or `NAME stranger` for one whose labels the set does not select.
    fn create_pod(&mut self, rest: &str) {
        let (name, stranger) = rest.split_once(' ').unwrap_or((rest, ""));
        let template = template("A");
        let mut meta = ObjectMeta {
            name: Some(format!("web-{name}")),
            namespace: Some("default".to_owned()),
            ..template.metadata.unwrap()
        };
        if !stranger.is_empty() {
            meta.labels = None;
        }
        self.create(Object::from(Pod {
            metadata: meta,
            spec: template.spec,
            status: None,
        }));
    }

    fn change_set(&mut self, what: &str, value: &str) {
        let mut set = self.set().unwrap();
        let spec = set.spec.as_mut().unwrap();
        match what {
            "cause" => {
                let annotations = set.metadata.annotations.get_or_insert_default();
                annotations.insert("kubernetes.io/change-cause".to_owned(), value.to_owned());
            }
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
        self.update(Object::from(set), None);
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
        let mut set_name = "web".to_owned();
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
                "max" => {
                    let rolling = strategy.rolling_update.get_or_insert_default();
                    rolling.max_unavailable = Some(match value.parse() {
                        Ok(number) => IntOrString::Int(number),
                        Err(_) => IntOrString::String(value.to_owned()),
                    });
                }
                "name" => value.clone_into(&mut set_name),
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
        self.create(Object::from(StatefulSet {
            metadata: ObjectMeta {
                name: Some(set_name),
                namespace: Some("default".to_owned()),
                ..ObjectMeta::default()
            },
            spec: Some(spec),
            status: None,
        }));
    }
}

pub fn key(name: &str) -> Key {
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
            labels: Some(BTreeMap::from([
                ("app".to_owned(), "other".to_owned()),
                ("tier".to_owned(), "disk".to_owned()),
            ])),
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
