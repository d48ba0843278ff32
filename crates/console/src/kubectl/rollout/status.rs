//! `kubectl rollout status`.
//!
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go`.

use crate::command::Until;
use crate::kubectl::builder;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::session::{Io, Next, Step};
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use petset_cluster::store::ChangeType;
use petset_cluster::{Instant, Key, Kind, Object};
use std::collections::VecDeque;
use std::sync::Arc;

/// A running `kubectl rollout status`.
#[derive(Clone)]
pub(super) struct Status {
    parsed: Parsed,
    started: bool,
    queue: VecDeque<Arc<Object>>,
    errors: Vec<Error>,
    watched: Option<(Kind, Key)>,
    seen: u64,
    end: Option<Instant>,
}

/// Begins `kubectl rollout status`.
pub(super) fn start(parsed: Parsed) -> Status {
    Status {
        parsed,
        started: false,
        queue: VecDeque::new(),
        errors: Vec::new(),
        watched: None,
        seen: 0,
        end: None,
    }
}

impl Step for Status {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if !self.started {
            self.started = true;
            if self.begin(io)? {
                return Ok(Next::Done(0));
            }
        }
        loop {
            if self.watched.is_some() {
                if let Some(wait) = self.watch(io)? {
                    return Ok(wait);
                }
                self.watched = None;
            }
            let Some(object) = self.queue.pop_front() else {
                Error::of(std::mem::take(&mut self.errors))?;
                return Ok(Next::Done(0));
            };
            if !super::is_rolled_out(&object) {
                return Err(super::unsupported(&object, "status viewer", ""));
            }
            self.seen = io.cluster().store().resource_version();
            self.watched = Some((object.kind(), object.key()));
            if self.show(&object, io)? || !self.parsed.is("watch") {
                self.watched = None;
            }
        }
    }
}

impl Status {
    /// Returns whether there is nothing to look at.
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<bool, Error> {
        if self.parsed.number("revision") < 0 {
            return Err(Error::plain(format!(
                "revision must be a positive integer: {}",
                self.parsed.number("revision")
            )));
        }
        let selection = super::select(&self.parsed, io)?;
        let (objects, errors) = builder::fetch(&selection, io);
        if objects.is_empty() {
            Error::of(errors)?;
            super::nothing_found(io);
            return Ok(true);
        }
        self.queue = objects.into();
        self.errors = errors;
        if self.parsed.micros("timeout") > 0 {
            self.end = Some(io.deadline(self.parsed.duration("timeout")));
        }
        Ok(false)
    }

    /// Shows each change of the watched set; none when the roll-out is over.
    fn watch(&mut self, io: &mut Io<'_, '_>) -> Result<Option<Next>, Error> {
        let Some(key) = self.watched.clone() else {
            return Ok(None);
        };
        let store = io.cluster().store();
        let now = store.resource_version();
        let changes: Vec<(ChangeType, Arc<Object>)> = store
            .changes_since(self.seen)
            .into_iter()
            .flatten()
            .filter(|change| change.object.kind() == key.0 && change.object.key() == key.1)
            .map(|change| (change.change, change.object.clone()))
            .collect();
        self.seen = now;
        for (change, object) in changes {
            if change == ChangeType::Deleted {
                return Err(Error::plain("object has been deleted"));
            }
            if self.show(&object, io)? {
                return Ok(None);
            }
        }
        if self.end.is_some_and(|end| io.now() >= end) {
            return Err(Error::plain("timed out waiting for the condition"));
        }
        Ok(Some(Next::Wait(Until::Change(self.end))))
    }

    /// Says how far the roll-out is; returns whether it is over.
    fn show(&self, object: &Object, io: &mut Io<'_, '_>) -> Result<bool, Error> {
        let (message, done) = match object {
            Object::Deployment(one) => of_deployment(one, self.parsed.number("revision"))?,
            Object::StatefulSet(set) => message(set)?,
            Object::DaemonSet(set) => of_daemon_set(set)?,
            _ => return Ok(true),
        };
        io.out(&message);
        Ok(done)
    }
}

/// The sentence for a Deployment and whether its roll-out is over.
fn of_deployment(deployment: &Deployment, wanted: i64) -> Result<(String, bool), Error> {
    let name = deployment.metadata.name.as_deref().unwrap_or("");
    if wanted > 0 {
        let annotations = deployment.metadata.annotations.as_ref();
        let text = annotations.and_then(|map| map.get("deployment.kubernetes.io/revision"));
        let running = text.and_then(|text| text.parse().ok()).unwrap_or(0);
        if wanted != running {
            return Err(Error::plain(format!(
                "desired revision ({wanted}) is different from the running revision ({running})"
            )));
        }
    }
    let status = deployment.status.clone().unwrap_or_default();
    if deployment.metadata.generation.unwrap_or(0) > status.observed_generation.unwrap_or(0) {
        let waiting = "Waiting for deployment spec update to be observed...\n";
        return Ok((waiting.to_owned(), false));
    }
    let mut conditions = status.conditions.iter().flatten();
    let progressing = conditions.find(|condition| condition.type_ == "Progressing");
    let reason = progressing.and_then(|condition| condition.reason.as_deref());
    if reason == Some("ProgressDeadlineExceeded") {
        return Err(Error::plain(format!(
            "deployment \"{name}\" exceeded its progress deadline"
        )));
    }
    let wanted = deployment.spec.as_ref().and_then(|spec| spec.replicas);
    let count = |count: Option<i32>| count.unwrap_or(0);
    let (total, updated) = (count(status.replicas), count(status.updated_replicas));
    let available = count(status.available_replicas);
    let lacks = match wanted {
        Some(wanted) if updated < wanted => {
            format!("{updated} out of {wanted} new replicas have been updated")
        }
        _ if total > updated => {
            format!("{} old replicas are pending termination", total - updated)
        }
        _ if available < updated => {
            format!("{available} of {updated} updated replicas are available")
        }
        _ => {
            let done = format!("deployment \"{name}\" successfully rolled out\n");
            return Ok((done, true));
        }
    };
    let waiting = format!("Waiting for deployment \"{name}\" rollout to finish: {lacks}...\n");
    Ok((waiting, false))
}

/// The sentence for a DaemonSet and whether its roll-out is over.
fn of_daemon_set(set: &DaemonSet) -> Result<(String, bool), Error> {
    let strategy = set.spec.as_ref().and_then(|s| s.update_strategy.as_ref());
    if strategy.and_then(|s| s.type_.as_deref()) != Some("RollingUpdate") {
        return Err(Error::plain(
            "rollout status is only available for RollingUpdate strategy type",
        ));
    }
    let name = set.metadata.name.as_deref().unwrap_or("");
    let status = set.status.clone().unwrap_or_default();
    if set.metadata.generation.unwrap_or(0) > status.observed_generation.unwrap_or(0) {
        let waiting = "Waiting for daemon set spec update to be observed...\n";
        return Ok((waiting.to_owned(), false));
    }
    let wanted = status.desired_number_scheduled;
    let updated = status.updated_number_scheduled.unwrap_or(0);
    let available = status.number_available.unwrap_or(0);
    let lacks = if updated < wanted {
        format!("{updated} out of {wanted} new pods have been updated")
    } else if available < wanted {
        format!("{available} of {wanted} updated pods are available")
    } else {
        let done = format!("daemon set \"{name}\" successfully rolled out\n");
        return Ok((done, true));
    };
    let waiting = format!("Waiting for daemon set \"{name}\" rollout to finish: {lacks}...\n");
    Ok((waiting, false))
}

/// The sentence for a set and whether its roll-out is over.
fn message(set: &StatefulSet) -> Result<(String, bool), Error> {
    let spec = set.spec.as_ref();
    let strategy = spec.and_then(|spec| spec.update_strategy.as_ref());
    if strategy.and_then(|s| s.type_.as_deref()) != Some("RollingUpdate") {
        return Err(Error::plain(
            "rollout status is only available for RollingUpdate strategy type",
        ));
    }
    let status = set.status.clone().unwrap_or_default();
    let observed = status.observed_generation.unwrap_or(0);
    if observed == 0 || set.metadata.generation.unwrap_or(0) > observed {
        return Ok((
            "Waiting for statefulset spec update to be observed...\n".to_owned(),
            false,
        ));
    }
    let replicas = spec.and_then(|spec| spec.replicas);
    let ready = status.ready_replicas.unwrap_or(0);
    if let Some(replicas) = replicas
        && ready < replicas
    {
        return Ok((
            format!("Waiting for {} pods to be ready...\n", replicas - ready),
            false,
        ));
    }
    let updated = status.updated_replicas.unwrap_or(0);
    if let Some(rolling) = strategy.and_then(|s| s.rolling_update.as_ref()) {
        if let (Some(replicas), Some(partition)) = (replicas, rolling.partition)
            && updated < replicas - partition
        {
            return Ok((
                format!(
                    "Waiting for partitioned roll out to finish: {updated} out of {} new pods have been updated...\n",
                    replicas - partition
                ),
                false,
            ));
        }
        return Ok((
            format!("partitioned roll out complete: {updated} new pods have been updated...\n"),
            true,
        ));
    }
    let current = status.current_replicas.unwrap_or(0);
    if status.update_revision != status.current_revision {
        return Ok((
            format!(
                "waiting for statefulset rolling update to complete {updated} pods at revision {}...\n",
                status.update_revision.unwrap_or_default()
            ),
            false,
        ));
    }
    Ok((
        format!(
            "statefulset rolling update complete {current} pods at revision {}...\n",
            status.current_revision.unwrap_or_default()
        ),
        true,
    ))
}
