//! The workloads beside StatefulSets: what happens to a Deployment, a DaemonSet, a Job and a disruption budget, and when they are at rest.

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Node, Pod};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use petset_cluster::api::{Body, Propagation, Verb};
use petset_cluster::random::Random;
use petset_cluster::{Key, Kind};
use serde_json::{Value, json};

use super::manifests::template;
use super::plan::{Action, IMAGES, index};
use super::world::{NAMES, NAMESPACE, World, is_ready};

/// The programs of jobs: two that end well, and those of the other workloads from the one that waits for ever.
const JOB_IMAGES: [&str; 6] = [
    "done:1", "done:2", IMAGES[0], IMAGES[3], IMAGES[4], IMAGES[5],
];

/// Which of the other workloads; there is one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// `d`, with its ReplicaSets.
    Deployment,
    /// `e`.
    DaemonSet,
    /// `j`.
    Job,
    /// `b`, of the pods of the Deployment or of a set.
    Budget,
}

/// What happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the fields are what the variants' lines say, in their order"
)]
pub enum Deed {
    /// It is made: its size, its template, and in which of four ways it replaces pods.
    Create { size: u64, image: u64, way: u64 },
    /// Another size: replicas, or how many pods of a job run at a time.
    Resize { size: u64 },
    /// Another template; a job refuses it.
    Image { image: u64 },
    /// Another way to replace pods.
    Way { way: u64 },
    /// It is paused or suspended, or goes on.
    Hold { on: bool },
    /// It is deleted: in the background, in the foreground, or leaving orphans.
    Delete { how: u64 },
}

/// Mixes deeds into the actions of every second plan. They come from a stream of their own: what happens to sets stays as it was.
pub fn mix(seed: u64, actions: &mut Vec<Action>) {
    let mut random = Random::new(seed ^ 0x0de5_1a7e_d00d_5eed);
    if random.below(2) == 0 {
        return;
    }
    for _ in 0..3 + random.below(12) {
        let other = [
            Other::Deployment,
            Other::DaemonSet,
            Other::Job,
            Other::Budget,
        ][index(random.below(4))];
        let deed = deed(&mut random);
        let at = index(random.below(actions.len() as u64 + 1));
        actions.insert(at, Action::Other { other, deed });
    }
}

fn deed(random: &mut Random) -> Deed {
    let (size, way) = (random.below(4), random.below(4));
    let image = match random.below(2) {
        0 => random.below(2),
        _ => random.below(6),
    };
    match random.below(12) {
        0..=4 => Deed::Create { size, image, way },
        5 | 6 => Deed::Resize { size },
        7 | 8 => Deed::Image { image },
        9 => Deed::Way { way },
        10 => Deed::Hold { on: size > 1 },
        _ => Deed::Delete { how: way % 3 },
    }
}

impl Other {
    fn kind(self) -> Kind {
        match self {
            Other::Deployment => Kind::Deployment,
            Other::DaemonSet => Kind::DaemonSet,
            Other::Job => Kind::Job,
            Other::Budget => Kind::PodDisruptionBudget,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Other::Deployment => "d",
            Other::DaemonSet => "e",
            Other::Job => "j",
            Other::Budget => "b",
        }
    }

    /// The part of the spec that says in which way pods are replaced.
    fn way(self, way: u64) -> Value {
        let rolling = |limits: [u64; 2]| json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": limits[0], "maxUnavailable": limits[1] } });
        match (self, way) {
            (Other::Deployment, 0) => json!({ "strategy": rolling([1, 1]) }),
            (Other::Deployment, 1) => json!({ "strategy": rolling([0, 1]) }),
            (Other::Deployment, 2) => json!({ "strategy": rolling([2, 0]) }),
            (Other::Deployment, _) => {
                json!({ "strategy": { "type": "Recreate", "rollingUpdate": null } })
            }
            (Other::DaemonSet, 0) => json!({ "updateStrategy": rolling([0, 1]) }),
            (Other::DaemonSet, 1) => json!({ "updateStrategy": rolling([1, 0]) }),
            (Other::DaemonSet, 2) => json!({ "updateStrategy": rolling([0, 2]) }),
            (Other::DaemonSet, _) => {
                json!({ "updateStrategy": { "type": "OnDelete", "rollingUpdate": null } })
            }
            (Other::Budget, 0) => json!({ "maxUnavailable": 0 }),
            (Other::Budget, 1) => json!({ "maxUnavailable": 1 }),
            (Other::Budget, _) => json!({ "minAvailable": way }),
            (Other::Job, _) => json!({}),
        }
    }

    fn spec(self, size: u64, image: u64, way: u64) -> Value {
        let name = self.name();
        let mut spec = self.way(way);
        spec["selector"] = json!({ "matchLabels": { "app": name } });
        spec["template"] = template(name, image);
        match self {
            Other::Deployment => spec["replicas"] = json!(size),
            Other::DaemonSet => {}
            Other::Job => {
                let mut template = template(name, 0);
                template["spec"]["containers"][0]["image"] = json!(JOB_IMAGES[index(image)]);
                template["spec"]["restartPolicy"] = json!(["Never", "OnFailure"][index(way % 2)]);
                let mode = ["NonIndexed", "Indexed"][index(way / 2)];
                spec = json!({
                    "parallelism": size, "completions": 1 + size, "backoffLimit": 2,
                    "completionMode": mode, "template": template,
                });
            }
            Other::Budget => {
                let app = ["d", NAMES[0], NAMES[1], NAMES[2]][index(size)];
                spec["selector"] = json!({ "matchLabels": { "app": app } });
                if let Some(spec) = spec.as_object_mut() {
                    spec.remove("template");
                }
            }
        }
        spec
    }
}

impl World {
    /// Lets one deed happen to one of the other workloads.
    pub(super) fn other(&mut self, other: Other, deed: Deed) {
        let change = match deed {
            Deed::Create { size, image, way } => {
                let info = other.kind().info();
                let object = json!({
                    "apiVersion": info.api_version(), "kind": info.kind,
                    "metadata": { "name": other.name() }, "spec": other.spec(size, image, way),
                });
                self.send(Verb::Create, other.kind(), other.name(), Body::Json(object));
                return;
            }
            Deed::Delete { how } => {
                let how = [
                    Propagation::Background,
                    Propagation::Foreground,
                    Propagation::Orphan,
                ][index(how)];
                self.delete(other.kind(), other.name(), Some(how), None);
                return;
            }
            Deed::Resize { size } => json!({ "replicas": size, "parallelism": size }),
            Deed::Image { image } => json!({ "template": template(other.name(), image) }),
            Deed::Way { way } => other.way(way),
            Deed::Hold { on } => json!({ "paused": on, "suspend": on }),
        };
        // A field that a kind does not have is passed over.
        self.patch(other.kind(), other.name(), json!({ "spec": change }));
    }

    /// Gives the Deployment and the DaemonSet a template that works, and lets all go on.
    pub(super) fn put_others_right(&mut self) {
        for other in [Other::Deployment, Other::DaemonSet] {
            self.other(other, Deed::Image { image: 0 });
        }
        for other in [Other::Deployment, Other::Job] {
            self.other(other, Deed::Hold { on: false });
        }
    }

    /// Deletes ReplicaSets that a Deployment left behind.
    pub(super) fn mend_others(&mut self) {
        let sets = self.cluster.store().list_as::<ReplicaSet>(Some(NAMESPACE));
        let free = sets.filter(|set| set.metadata.owner_references.is_none());
        let names: Vec<String> = free.filter_map(|set| set.metadata.name.clone()).collect();
        for name in names {
            self.delete(Kind::ReplicaSet, &name, None, None);
        }
    }

    /// Whether the other workloads are as their specs say.
    pub(super) fn others_converged(&self) -> Result<(), String> {
        let store = self.cluster.store();
        for deployment in store.list_as::<Deployment>(Some(NAMESPACE)) {
            deployment_converged(deployment)?;
        }
        for set in store.list_as::<DaemonSet>(Some(NAMESPACE)) {
            daemon_set_converged(set, store.list_as::<Node>(None).count())?;
        }
        for job in store.list_as::<Job>(Some(NAMESPACE)) {
            job_converged(job)?;
        }
        let key = Key::new(NAMESPACE, Other::Budget.name());
        match store.get_as::<PodDisruptionBudget>(&key) {
            Some(budget) => budget_converged(budget, store.list_as(Some(NAMESPACE))),
            None => Ok(()),
        }
    }
}

fn deployment_converged(deployment: &Deployment) -> Result<(), String> {
    let spec = deployment.spec.clone().unwrap_or_default();
    let status = deployment.status.clone().unwrap_or_default();
    let counted = [
        status.replicas,
        status.updated_replicas,
        status.ready_replicas,
        status.available_replicas,
    ]
    .map(|count| count.unwrap_or(0));
    let wanted = spec.replicas.unwrap_or(1);
    if counted != [wanted; 4] || status.observed_generation != deployment.metadata.generation {
        return Err(format!(
            "the Deployment wants {wanted} and has {counted:?} there, updated, ready and available"
        ));
    }
    Ok(())
}

fn daemon_set_converged(set: &DaemonSet, nodes: usize) -> Result<(), String> {
    let status = set.status.clone().unwrap_or_default();
    let strategy = set.spec.as_ref().and_then(|s| s.update_strategy.as_ref());
    let on_delete = strategy.and_then(|s| s.type_.as_deref()) == Some("OnDelete");
    let nodes = i32::try_from(nodes).unwrap_or(i32::MAX);
    let updated = status.updated_number_scheduled.unwrap_or(0);
    let counted = [
        status.desired_number_scheduled,
        status.current_number_scheduled,
        status.number_ready,
        status.number_available.unwrap_or(0),
        if on_delete { nodes } else { updated },
    ];
    if counted != [nodes; 5] || status.number_misscheduled != 0 {
        return Err(format!(
            "the DaemonSet has {counted:?} wanted, there, ready, available and updated on {nodes} nodes"
        ));
    }
    Ok(())
}

/// A job is over, or as many of its pods run as may; those of programs that do not end run for ever.
fn job_converged(job: &Job) -> Result<(), String> {
    let spec = job.spec.clone().unwrap_or_default();
    let status = job.status.clone().unwrap_or_default();
    let active = status.active.unwrap_or(0);
    let mut conditions = status.conditions.iter().flatten();
    let over = conditions.any(|c| matches!(&*c.type_, "Complete" | "Failed") && c.status == "True");
    let left = spec.completions.unwrap_or(1) - status.succeeded.unwrap_or(0);
    let wanted = match over {
        true => 0,
        false => spec.parallelism.unwrap_or(1).min(left),
    };
    let runs_for_ever = wanted == 0 || status.ready.unwrap_or(0) == wanted;
    if job.metadata.deletion_timestamp.is_some() || active != wanted || !(over || runs_for_ever) {
        return Err(format!(
            "the Job wants {wanted} pods and has {active}: {status:?}"
        ));
    }
    Ok(())
}

fn budget_converged<'a>(
    budget: &PodDisruptionBudget,
    pods: impl Iterator<Item = &'a Pod>,
) -> Result<(), String> {
    let selector = budget.spec.as_ref().and_then(|s| s.selector.as_ref());
    let labels = selector.and_then(|s| s.match_labels.clone());
    let app = labels.unwrap_or_default().remove("app");
    let chosen = pods.filter(|pod| {
        let labels = pod.metadata.labels.as_ref();
        labels.and_then(|labels| labels.get("app")) == app.as_ref()
    });
    let healthy = chosen.filter(|pod| is_ready(pod)).count();
    let status = budget.status.clone().unwrap_or_default();
    if i32::try_from(healthy).ok() != status.current_healthy
        || status.observed_generation != budget.metadata.generation
    {
        return Err(format!(
            "the budget counts {status:?} of {healthy} healthy pods"
        ));
    }
    Ok(())
}
