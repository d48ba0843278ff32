//! Why Deployments, ReplicaSets, DaemonSets, jobs and budgets wait.

use super::service::is_ready;
use super::{Asked, LISTED, condition, lacks};
use crate::present::reference;
use crate::view::{Lack, Reason};
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use petset_cluster::api::table;
use petset_cluster::store::Index;
use petset_cluster::{Kind, Object};
use std::sync::Arc;

/// Answers for a Deployment.
pub(super) fn deployment(asked: &mut Asked<'_>, deployment: &Deployment) {
    let (Some(spec), Some(status)) = (&deployment.spec, &deployment.status) else {
        return;
    };
    let name = asked.object.name().to_owned();
    let conditions = status.conditions.as_ref();
    if spec.paused == Some(true) {
        let command = asked.kubectl(&format!("rollout resume deployment {name}"));
        asked.say(Reason::RolloutPaused, []).command = Some(command);
    }
    if condition!(conditions, "ReplicaFailure").is_some_and(|c| c.status == "True") {
        let command = asked.kubectl(&format!("describe deployment {name}"));
        asked.say(Reason::ReplicasFail, []).command = Some(command);
    }
    let late = condition!(conditions, "Progressing")
        .is_some_and(|c| c.reason.as_deref() == Some("ProgressDeadlineExceeded"));
    if late {
        let seconds = spec.progress_deadline_seconds.unwrap_or(600).to_string();
        let command = asked.kubectl(&format!("rollout undo deployment {name}"));
        asked.say(Reason::RolloutTimedOut, [seconds]).command = Some(command);
    }
    let wanted = spec.replicas.unwrap_or(1);
    let updated = status.updated_replicas.unwrap_or(0);
    let all = status.replicas.unwrap_or(0);
    let available = status.available_replicas.unwrap_or(0);
    if updated == wanted && all == wanted && available == wanted {
        return;
    }
    let strategy = spec.strategy.as_ref();
    let newest = newest_replica_set(asked);
    let answer = match strategy.and_then(|s| s.rolling_update.as_ref()) {
        None if all > updated => asked.say(Reason::RolloutRecreates, [(all - updated).to_string()]),
        Some(rolling) if updated < wanted || all > updated => {
            let share = |value: Option<&IntOrString>| match value {
                Some(IntOrString::Int(number)) => number.to_string(),
                Some(IntOrString::String(text)) => text.clone(),
                None => "25%".to_owned(),
            };
            let values = [
                updated.to_string(),
                wanted.to_string(),
                available.to_string(),
                share(rolling.max_surge.as_ref()),
                share(rolling.max_unavailable.as_ref()),
            ];
            asked.say(Reason::RolloutGoes, values)
        }
        _ => {
            let values = [available.to_string(), wanted.to_string()];
            asked.say(Reason::ReplicasNotReady, values)
        }
    };
    answer.next = newest.map(|set| reference(set));
}

fn newest_replica_set<'a>(asked: &Asked<'a>) -> Option<&'a Arc<Object>> {
    let uid = asked.object.uid();
    let sets = asked.store.by_index(Kind::ReplicaSet, Index::OwnerUid, uid);
    sets.max_by_key(|set| {
        let annotations = set.meta().annotations.as_ref();
        let revision = annotations.and_then(|all| all.get("deployment.kubernetes.io/revision"));
        revision.and_then(|text| text.parse::<u64>().ok())
    })
}

/// Answers for a ReplicaSet.
pub(super) fn replica_set(asked: &mut Asked<'_>, set: &ReplicaSet) {
    let (Some(spec), Some(status)) = (&set.spec, &set.status) else {
        return;
    };
    let wanted = spec.replicas.unwrap_or(1);
    let owners = asked.object.meta().owner_references.iter().flatten();
    let owner = owners
        .filter(|owner| owner.kind == "Deployment")
        .map(|owner| asked.beside(&owner.name))
        .next();
    if let (0, 0, Some(owner)) = (wanted, status.replicas, owner) {
        let deployment = asked.store.get_as::<Deployment>(&owner);
        let limit = deployment.and_then(|d| d.spec.as_ref()?.revision_history_limit);
        let command = asked.kubectl(&format!("rollout history deployment {}", owner.name()));
        asked
            .say(Reason::ReplicaSetKept, [limit.unwrap_or(10).to_string()])
            .command = Some(command);
        return;
    }
    if condition!(status.conditions.as_ref(), "ReplicaFailure").is_some_and(|c| c.status == "True")
    {
        let command = asked.kubectl(&format!("describe rs {}", asked.object.name()));
        asked.say(Reason::ReplicasFail, []).command = Some(command);
    }
    pods_not_ready(asked, status.ready_replicas.unwrap_or(0), wanted);
}

/// The pods of an owner that are not ready.
fn pods_not_ready(asked: &mut Asked<'_>, ready: i32, wanted: i32) {
    if ready >= wanted {
        return;
    }
    let uid = asked.object.uid();
    let pods = asked.store.by_index(Kind::Pod, Index::OwnerUid, uid);
    let unready = pods.filter(|pod| !is_ready(pod)).take(LISTED);
    let shown: Vec<_> = unready
        .filter_map(|object| match &**object {
            Object::Pod(pod) => {
                let status = table::pod_columns(pod).status;
                Some(lacks(Some(reference(object)), Lack::PodStatus, [status]))
            }
            _ => None,
        })
        .collect();
    let values = [ready.to_string(), wanted.to_string()];
    let answer = asked.say(Reason::ReplicasNotReady, values);
    answer.next = shown.first().and_then(|lack| lack.object.clone());
    answer.lacks = shown;
}

/// Answers for a DaemonSet.
pub(super) fn daemon_set(asked: &mut Asked<'_>, set: &DaemonSet) {
    let Some(status) = &set.status else { return };
    let nodes = asked.store.count(Kind::Node);
    let wanted = status.desired_number_scheduled;
    let updated = status.updated_number_scheduled.unwrap_or(0);
    if usize::try_from(wanted).is_ok_and(|wanted| wanted < nodes) {
        let values = [wanted.to_string(), nodes.to_string()];
        asked.say(Reason::DaemonNodes, values).command = Some("kubectl describe nodes".to_owned());
    }
    if updated < wanted {
        asked.say(
            Reason::DaemonRollout,
            [updated.to_string(), wanted.to_string()],
        );
    }
    pods_not_ready(asked, status.number_ready, wanted);
}

/// Answers for a job.
pub(super) fn job(asked: &mut Asked<'_>, job: &Job) {
    let Some(spec) = &job.spec else { return };
    let status = job.status.as_ref();
    let number = |value: Option<i32>| value.unwrap_or(0);
    let conditions = status.and_then(|s| s.conditions.as_ref());
    let failures = number(status.and_then(|s| s.failed));
    let name = asked.object.name().to_owned();
    if let Some(failed) = condition!(conditions, "Failed") {
        let reason = failed.reason.clone().unwrap_or_default();
        let command = asked.kubectl(&format!("logs job/{name}"));
        asked
            .say(Reason::JobFailed, [reason, failures.to_string()])
            .command = Some(command);
        return;
    }
    if condition!(conditions, "Complete").is_some() {
        return;
    }
    if spec.suspend == Some(true) {
        let patch = format!(r#"patch job {name} -p '{{"spec":{{"suspend":false}}}}'"#);
        let command = asked.kubectl(&patch);
        asked.say(Reason::JobSuspended, []).command = Some(command);
        return;
    }
    let active = number(status.and_then(|s| s.active));
    if failures > 0 && active == 0 {
        let values = [
            failures.to_string(),
            spec.backoff_limit.unwrap_or(6).to_string(),
        ];
        asked.say(Reason::JobBackOff, values);
        return;
    }
    let succeeded = number(status.and_then(|s| s.succeeded));
    let values = [
        succeeded.to_string(),
        spec.completions.unwrap_or(1).to_string(),
        active.to_string(),
        spec.parallelism.unwrap_or(1).to_string(),
    ];
    let uid = asked.object.uid();
    let mut pods = asked.store.by_index(Kind::Pod, Index::OwnerUid, uid);
    let next = pods.find(|pod| !is_ready(pod)).map(|pod| reference(pod));
    asked.say(Reason::JobRuns, values).next = next;
}

/// Answers for a cron job.
pub(super) fn cron_job(asked: &mut Asked<'_>, job: &CronJob) {
    let spec = &job.spec;
    let name = asked.object.name().to_owned();
    if spec.suspend == Some(true) {
        let patch = format!(r#"patch cronjob {name} -p '{{"spec":{{"suspend":false}}}}'"#);
        let command = asked.kubectl(&patch);
        asked.say(Reason::CronSuspended, []).command = Some(command);
        return;
    }
    let command = asked.kubectl(&format!("create job {name}-now --from=cronjob/{name}"));
    asked
        .say(Reason::CronSchedule, [spec.schedule.clone()])
        .command = Some(command);
}

/// Answers for a disruption budget.
pub(super) fn budget(asked: &mut Asked<'_>, budget: &PodDisruptionBudget) {
    let Some(status) = &budget.status else { return };
    let number = |value: Option<i32>| value.unwrap_or(0);
    let (healthy, needed) = (
        number(status.current_healthy).to_string(),
        number(status.desired_healthy).to_string(),
    );
    let expected = number(status.expected_pods);
    if expected == 0 {
        let command = asked.kubectl("get pods --show-labels");
        asked.say(Reason::BudgetNoPods, []).command = Some(command);
        return;
    }
    match number(status.disruptions_allowed) {
        0 => asked.say(
            Reason::BudgetBlocks,
            [healthy, needed, expected.to_string()],
        ),
        allowed => asked.say(Reason::BudgetAllows, [allowed.to_string(), healthy, needed]),
    };
}
