//! Many pods at once: a Parallel StatefulSet, a Deployment or many small StatefulSets until all their pods are ready.
//!
//! The one set comes in two forms: as in lab 3, with its headless service and a claim for each pod; and bare.
//! The Deployment is the peer's load. Small sets are ordered, as sets are by default.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use petset_cluster::api::{Body, Request, Verb};
use petset_cluster::{Cluster, Config, Key, Kind};
use serde_json::{Value, json};

use crate::idle::Idle;

const NAMESPACE: &str = "default";
const NAME: &str = "load";

/// As in the peer, where a node hands out one /24 of addresses and the cluster's own pods take some of them.
const PODS_PER_NODE: u32 = 200;

/// Places that the cluster's own pods take, generously.
const SYSTEM_PODS: u32 = 50;

/// The pods of one of many sets.
const SET_SIZE: u32 = 3;

/// More events than this for one pod is a cluster that runs in circles.
const EVENTS_PER_POD_MAX: u64 = 10_000;

/// What makes the pods, and what belongs to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A set with a headless service and one claim for each pod.
    Lab,
    /// A set alone.
    Bare,
    /// A Deployment alone.
    Deployment,
    /// Sets of [`SET_SIZE`] pods each, the last one of what is left.
    Sets,
}

impl Form {
    /// The form that a word on the command line names.
    pub fn of(word: &str) -> Option<Form> {
        match word {
            "lab" => Some(Form::Lab),
            "bare" => Some(Form::Bare),
            "deployment" => Some(Form::Deployment),
            "sets" => Some(Form::Sets),
            _ => None,
        }
    }
}

/// A cluster with room for the load.
pub struct Load {
    cluster: Cluster,
    pods: u32,
    form: Form,
}

/// What happened, apart from the time on the wall, which is the caller's to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The number of ready pods.
    pub pods: u32,
    /// The number of events that it took.
    pub events: u64,
    /// The virtual time that it took, in milliseconds.
    pub virtual_ms: u64,
}

impl Done {
    /// The same as JSON.
    pub fn to_json(self) -> String {
        json!({ "pods": self.pods, "events": self.events, "virtual_ms": self.virtual_ms })
            .to_string()
    }
}

impl Load {
    /// An empty cluster with room for `pods`.
    pub fn new(pods: u32, form: Form, seed: u64) -> Load {
        let places = pods.saturating_add(SYSTEM_PODS);
        let config = Config {
            seed,
            nodes: places.div_ceil(PODS_PER_NODE).max(3),
            pods_per_node: PODS_PER_NODE,
            ..Config::default()
        };
        Load {
            cluster: Cluster::new(config, Arc::new(Idle)),
            pods,
            form,
        }
    }

    /// Creates the workload and lets everything happen until all its pods are ready.
    ///
    /// # Errors
    /// When the workload is refused, or the cluster comes to rest or runs in circles before that.
    pub fn run(&mut self) -> Result<Done, String> {
        let began = self.cluster.now();
        if self.form == Form::Lab {
            self.create(Kind::Service, NAME, service())?;
        }
        let mut waiting = self.workloads();
        for (name, pods) in &waiting {
            let kind = self.kind();
            self.create(kind, name, workload(kind, name, *pods, self.form))?;
        }
        let limit = EVENTS_PER_POD_MAX * u64::from(self.pods).max(1);
        for events in 0..limit {
            // What is ready stays so: only one workload is looked at after each event.
            while let Some((name, pods)) = waiting.last()
                && self.ready(name) == *pods
            {
                waiting.pop();
            }
            if waiting.is_empty() {
                let virtual_ms = self.cluster.now().since(began).as_millis();
                return Ok(Done {
                    pods: self.pods,
                    events,
                    virtual_ms,
                });
            }
            if !self.cluster.step() {
                return Err(format!("at rest with {}", self.so_far()));
            }
        }
        Err(format!("{limit} events, and {}", self.so_far()))
    }

    fn kind(&self) -> Kind {
        match self.form {
            Form::Lab | Form::Bare | Form::Sets => Kind::StatefulSet,
            Form::Deployment => Kind::Deployment,
        }
    }

    /// The names of the workloads, each with its number of pods.
    fn workloads(&self) -> Vec<(String, u32)> {
        if self.form != Form::Sets {
            return vec![(NAME.to_owned(), self.pods)];
        }
        let sets = self.pods.div_ceil(SET_SIZE);
        let size = |set: u32| SET_SIZE.min(self.pods - set * SET_SIZE);
        (0..sets)
            .map(|set| (format!("{NAME}-{set}"), size(set)))
            .collect()
    }

    fn so_far(&self) -> String {
        let ready: u32 = self
            .workloads()
            .iter()
            .map(|(name, _)| self.ready(name))
            .sum();
        format!("{ready} of {} pods ready", self.pods)
    }

    fn create(&mut self, kind: Kind, name: &str, manifest: Value) -> Result<(), String> {
        let request =
            Request::new(Verb::Create, kind, NAMESPACE, name).with_body(Body::Json(manifest));
        let response = self.cluster.handle(request);
        response.result.map(|_| ()).map_err(|status| status.message)
    }

    /// The number of ready pods, as the workload's status tells.
    fn ready(&self, name: &str) -> u32 {
        let store = self.cluster.store();
        let key = Key::new(NAMESPACE, name);
        let ready = if self.form == Form::Deployment {
            let found = store.get_as::<Deployment>(&key);
            found.and_then(|one| one.status.as_ref()?.ready_replicas)
        } else {
            let found = store.get_as::<StatefulSet>(&key);
            found.and_then(|set| set.status.as_ref()?.ready_replicas)
        };
        u32::try_from(ready.unwrap_or_default()).unwrap_or_default()
    }
}

fn service() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "name": NAME },
        "spec": {
            "clusterIP": "None",
            "selector": { "app": NAME },
            "ports": [{ "name": "web", "port": 80 }],
        },
    })
}

fn workload(kind: Kind, name: &str, pods: u32, form: Form) -> Value {
    let claims = match form {
        Form::Lab => json!([{
            "metadata": { "name": "data" },
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": { "requests": { "storage": "1Gi" } },
            },
        }]),
        Form::Bare | Form::Deployment | Form::Sets => json!([]),
    };
    let mounts = match form {
        Form::Lab => json!([{ "name": "data", "mountPath": "/usr/share/nginx/html" }]),
        Form::Bare | Form::Deployment | Form::Sets => json!([]),
    };
    let mut workload = json!({
        "apiVersion": "apps/v1",
        "kind": kind.info().kind,
        "metadata": { "name": name },
        "spec": {
            "replicas": pods,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": {
                    "containers": [{
                        "name": "web",
                        "image": "nginx:1.21",
                        "ports": [{ "name": "web", "containerPort": 80 }],
                        "volumeMounts": mounts,
                    }],
                },
            },
        },
    });
    if kind == Kind::StatefulSet {
        let spec = &mut workload["spec"];
        spec["serviceName"] = json!(name);
        if form != Form::Sets {
            spec["podManagementPolicy"] = json!("Parallel");
        }
        spec["volumeClaimTemplates"] = claims;
    }
    workload
}
