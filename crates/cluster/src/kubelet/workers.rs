//! The life of each pod: what is due is done, what comes next is planned.
//!
//! Upstream: `pkg/kubelet/pod_workers.go`, `pkg/kubelet/kubelet.go`.

use super::active_deadline::set_deadline;
use super::container::{Container, Fill};
use super::kuberuntime::next_tick;
use super::lifecycle::{MINIMUM_GRACE, spec_grace};
use super::pod::{Job, PodWorker, Stage};
use super::{Kubelet, Slot, status};
use crate::client::Client;
use crate::object::{Key, Kind, Object};
use crate::record::{EventType, Reporter, reference};
use crate::time::{Duration, Instant};
use crate::trace::Fact;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::sync::Arc;

/// A bound on what one pod does in one moment; only a program that never waits could reach it.
const STEPS_LIMIT: u32 = 10_000;

impl PodWorker {
    pub(super) fn is_finished(&self) -> bool {
        self.stage == Stage::Finished
    }

    fn new(key: &Key, object: &Arc<Object>, client: &Client<'_>) -> Option<PodWorker> {
        let Object::Pod(pod) = object.as_ref() else {
            return None;
        };
        let spec = pod.spec.as_ref()?;
        let node = spec.node_name.clone()?;
        let host_ip = client
            .get::<core::Node>(&Key::new("", &node))?
            .status
            .as_ref()
            .and_then(|status| {
                let addresses = status.addresses.as_ref()?.iter();
                let internal = addresses.filter(|address| address.type_ == "InternalIP");
                internal.map(|address| address.address.clone()).next()
            })
            .unwrap_or_default();
        let of = |list: &[core::Container], init: bool| -> Vec<Container> {
            let names = list
                .iter()
                .map(|container| container.name.clone())
                .enumerate();
            names
                .map(|(index, name)| Container {
                    name,
                    init,
                    index,
                    ..Container::default()
                })
                .collect()
        };
        let mut containers = of(spec.init_containers.as_deref().unwrap_or_default(), true);
        containers.extend(of(&spec.containers, false));
        Some(PodWorker {
            key: key.clone(),
            uid: object.uid().to_owned(),
            object: object.clone(),
            node,
            host_ip,
            stage: Stage::Syncing,
            start_time: client.calendar().time(client.now()),
            added: client.now(),
            sandbox: false,
            sandbox_seen: false,
            ip: None,
            containers,
            job: None,
            sync_at: None,
            status_at: None,
            orphaned: false,
            execs: Vec::new(),
            attempted: Vec::new(),
            changed: false,
            in_post_start: false,
            evicted: None,
            storage_look_at: None,
            deadline_at: None,
            stale_volumes: false,
            refresh_at: None,
            quiet: false,
            volumes_owned: false,
            volume_retry: Duration::ZERO,
        })
    }
}

impl Kubelet {
    /// Compares what the API says of a pod with what is known of it here.
    pub(super) fn reconcile(&mut self, key: &Key, slot: &mut Slot, client: &mut Client<'_>) {
        let object = client.store().get(Kind::Pod, key).cloned();
        let uid = object.as_ref().map_or("", |object| object.uid());
        slot.orphans
            .extend(slot.current.take_if(|worker| worker.uid != uid));
        for worker in &mut slot.orphans {
            // A node that is cut off does not hear of it yet.
            if !worker.orphaned && !self.is_cut_off(&worker.node) {
                self.abandon(Arc::make_mut(worker), client);
            }
        }
        slot.orphans.retain(|worker| !worker.is_finished());
        let Some(object) = object else { return };
        let now = client.now();
        match &mut slot.current {
            Some(worker) if self.is_cut_off(&worker.node) => {}
            Some(worker) => {
                let known = worker.object.meta();
                let meta = object.meta();
                let gates = match (worker.pod(), object.as_kind()) {
                    (Some(known), Some(pod)) => status::gates_changed(known, pod),
                    _ => false,
                };
                if gates
                    || known.generation != meta.generation
                    || known.deletion_timestamp != meta.deletion_timestamp
                {
                    let worker = Arc::make_mut(worker);
                    worker.object = object;
                    worker.sync_by(now);
                    if worker.object.is_terminating() && worker.stage == Stage::Syncing {
                        worker.job = None;
                        worker.in_post_start = false;
                    }
                    set_deadline(worker, client);
                }
            }
            None => {
                let Some(mut worker) = PodWorker::new(key, &object, client) else {
                    return;
                };
                if self.is_cut_off(&worker.node) {
                    return;
                }
                let phase = worker
                    .pod()
                    .and_then(|pod| pod.status.as_ref()?.phase.as_deref());
                if matches!(phase, Some("Succeeded" | "Failed")) || !self.admits(&worker, client) {
                    return;
                }
                let notice = client.jitter(client.latency().kubelet_notice);
                worker.sync_by(now + notice);
                self.recover(&mut worker, client);
                set_deadline(&mut worker, client);
                slot.current = Some(Arc::new(worker));
            }
        }
    }

    /// The object is gone, by force or by somebody else's hand: what still runs is stopped.
    fn abandon(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        worker.orphaned = true;
        if worker.stage == Stage::Syncing {
            self.terminate(worker, client);
        }
        if worker.is_finished() {
            self.forget(worker);
        }
    }

    /// Does everything that is due for a pod.
    pub(super) fn advance(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        for _ in 0..STEPS_LIMIT {
            if !self.advance_once(worker, client) {
                return;
            }
        }
    }

    fn advance_once(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) -> bool {
        let now = client.now();
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if self.finish_hook(worker, client) || self.resume_due(worker, client) {
            return true;
        }
        if due(worker.refresh_at) {
            self.refresh_volumes(worker, client);
            return true;
        }
        if due(worker.deadline_at) {
            self.pass_deadline(worker, client);
            return true;
        }
        if due(worker.storage_look_at) {
            self.look_at_storage(worker, client);
            return true;
        }
        if let Some((_, job)) = worker.job.take_if(|(at, _)| *at <= now) {
            self.finish_job(worker, job, client);
            return true;
        }
        if !worker.is_busy() && due(worker.sync_at) {
            worker.sync_at = None;
            self.sync_pod(worker, client);
            return true;
        }
        if due(worker.status_at) {
            self.write_status(worker, client);
            return true;
        }
        if let Stage::Terminated(at) = worker.stage
            && at <= now
        {
            self.clean_up(worker, client);
            return true;
        }
        false
    }

    fn sync_pod(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        if worker.stage == Stage::Syncing && worker.object.is_terminating() {
            self.terminate(worker, client);
            return;
        }
        match worker.stage {
            Stage::Syncing => {
                worker.sandbox_seen = worker.sandbox;
                let quiet = std::mem::take(&mut worker.quiet);
                if !quiet {
                    self.write_status(worker, client);
                }
                worker.attempted.clear();
                worker.changed = false;
                self.stop_changed(worker, client);
                self.start_next(worker, client);
                if quiet && worker.job.is_none() {
                    self.notice_exit(worker, client);
                }
            }
            Stage::Terminating if worker.all_stopped() => {
                let cleanup = client.jitter(client.latency().pod_cleanup);
                worker.stage = Stage::Terminated(client.now() + cleanup);
                worker.sandbox = false;
                self.say_evicted(worker, client);
                self.write_status(worker, client);
            }
            Stage::Terminating => self.hasten(worker, client),
            Stage::Terminated(_) | Stage::Finished => {}
        }
    }

    /// Stops the containers whose image is another one by now; they are started again.
    fn stop_changed(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        for index in 0..worker.containers.len() {
            let wanted = worker
                .container_spec(index)
                .and_then(|spec| spec.image.clone())
                .unwrap_or_default();
            let container = &worker.containers[index];
            let run = container.run.as_ref().filter(|run| run.is_running());
            let counts = !container.init || worker.is_sidecar(index);
            if !counts || run.is_none_or(|run| run.reference == wanted || run.kill_at.is_some()) {
                continue;
            }
            let name = &container.name;
            let message = match container.init {
                true => format!("Init container {name} definition changed"),
                false => format!("Container {name} definition changed, will be restarted"),
            };
            self.event(
                worker,
                Some(index),
                client,
                EventType::Normal,
                "Killing",
                message,
            );
            worker.containers[index].back_off = Default::default();
            let grace = spec_grace(worker);
            self.stop_container(worker, index, grace, client);
        }
    }

    /// Begins to stop a pod's containers: they are asked to end once their status has been told.
    pub(super) fn terminate(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        worker.stage = Stage::Terminating;
        worker.sync_at = None;
        for index in 0..worker.containers.len() {
            worker.containers[index].pending = None;
            if worker.containers[index].is_running() {
                let name = &worker.containers[index].name;
                let message = format!("Stopping container {name}");
                self.event(
                    worker,
                    Some(index),
                    client,
                    EventType::Normal,
                    "Killing",
                    message,
                );
            }
        }
        let told = client.latency().status.times(3);
        self.plan(worker, Job::Stop, told, client);
    }

    /// Asks all containers of a pod to end.
    pub(super) fn stop_containers(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        self.say_evicted(worker, client);
        self.probe_unready(worker, client);
        self.write_status(worker, client);
        let stop = client.jitter(client.latency().stop);
        worker.sync_by(client.now() + stop);
        let grace = self.grace(worker);
        for index in 0..worker.containers.len() {
            if worker.containers[index].is_running() {
                self.stop_container(worker, index, grace, client);
            }
        }
    }

    /// A shorter grace period was asked for while containers are being stopped.
    fn hasten(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        let now = client.now();
        let grace = self.grace(worker).max(MINIMUM_GRACE);
        for container in &mut worker.containers {
            if let Some(run) = container.run.as_mut().filter(|run| run.is_running()) {
                let at = now + grace;
                if let Some(stopping) = run.stopping.as_mut() {
                    stopping.until = stopping.until.min(at);
                    stopping.grace = stopping.grace.min(at.since(stopping.began));
                } else {
                    run.kill_at = Some(run.kill_at.map_or(at, |before| before.min(at)));
                }
            }
        }
        if worker.status_at.is_none() && !worker.orphaned {
            worker.status_at = Some(now + client.latency().status);
        }
    }

    fn grace(&self, worker: &PodWorker) -> Duration {
        let given = match worker.orphaned {
            true => Some(0),
            false => worker.object.meta().deletion_grace_period_seconds,
        };
        if let Some(grace) = worker.evicted.as_ref().and_then(|evicted| evicted.grace) {
            return grace;
        }
        match given {
            Some(secs) => Duration::secs(u64::try_from(secs).unwrap_or(0)),
            None => spec_grace(worker),
        }
    }

    /// All has stopped and was told: the pod's traces on the node are removed, then its object.
    fn clean_up(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        worker.stage = Stage::Finished;
        self.say_evicted(worker, client);
        self.forget(worker);
        if !worker.orphaned && worker.object.is_terminating() {
            // Somebody else may have removed the object meanwhile; then there is nothing to do.
            let _ = client.delete(Kind::Pod, &worker.key, Some(&worker.uid), Some(0));
            client.decide(Kind::Pod, &worker.key, Fact::Gone);
        }
    }

    /// Gives back what a pod holds on its node.
    pub(super) fn forget(&mut self, worker: &mut PodWorker) {
        self.give_up(worker, |fill| matches!(fill, Fill::Volume(..)));
    }

    /// The same, except for the disks that `stays` knows.
    pub(super) fn give_up(&mut self, worker: &mut PodWorker, stays: fn(&Fill) -> bool) {
        if let Some(ip) = worker.ip
            && self.by_ip.get(&ip) == Some(&worker.key)
        {
            self.by_ip.remove_mut(&ip);
        }
        let runs = worker
            .containers
            .iter()
            .flat_map(|container| [&container.run, &container.previous]);
        for run in runs.flatten() {
            for (disk, fill) in &run.context.fills {
                if !stays(fill) {
                    self.disks.remove(disk);
                }
            }
        }
        self.end_execs(worker);
    }

    /// Writes the status if it differs from the one in the API.
    pub(super) fn write_status(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        worker.status_at = None;
        if worker.orphaned {
            return;
        }
        let Some(pod) = client.get::<core::Pod>(&worker.key) else {
            return;
        };
        if pod.metadata.uid.as_deref() != Some(&worker.uid) {
            return;
        }
        let none = core::PodStatus::default();
        let old = pod.status.as_ref().unwrap_or(&none);
        let fresh = status::generate(worker, old, client.calendar(), client.now());
        if fresh == *old {
            return;
        }
        let metadata = pod.metadata.clone();
        let ready = status::is_ready(&fresh);
        if ready != status::is_ready(old) {
            client.decide(Kind::Pod, &worker.key, Fact::Readiness { ready });
        }
        self.send_status(metadata, fresh, client);
    }

    /// Sets the one condition that is told between two syncs: the sandbox is there.
    pub(super) fn write_sandbox_ready(&mut self, worker: &PodWorker, client: &mut Client<'_>) {
        let Some(pod) = client.get::<core::Pod>(&worker.key) else {
            return;
        };
        let metadata = pod.metadata.clone();
        let mut status = pod.status.clone().unwrap_or_default();
        let date = client.calendar().time(client.now());
        for condition in status.conditions.iter_mut().flatten() {
            if condition.type_ == "PodReadyToStartContainers" && condition.status != "True" {
                condition.status = "True".to_owned();
                condition.last_transition_time = Some(date.clone());
            }
        }
        self.send_status(metadata, status, client);
    }

    /// Sends a status without the spec, which the API would take from the stored pod anyhow.
    fn send_status(
        &self,
        mut metadata: ObjectMeta,
        status: core::PodStatus,
        client: &mut Client<'_>,
    ) {
        metadata.resource_version = None;
        let pod = core::Pod {
            metadata,
            spec: None,
            status: Some(status),
        };
        // The object may be gone by now; then nobody wants to know.
        let _ = client.update_status(pod);
    }

    /// Records an event about a pod or one of its containers.
    pub(super) fn event(
        &self,
        worker: &PodWorker,
        container: Option<usize>,
        client: &mut Client<'_>,
        kind: EventType,
        reason: &str,
        message: String,
    ) {
        let mut about = reference(&worker.object);
        about.field_path = container.map(|index| worker.containers[index].field_path());
        let by = Reporter::on_node("kubelet", &worker.node);
        client.event(&by, about, kind, reason, message);
    }

    /// Plans the end of a pod whose containers have all ended by themselves.
    pub(super) fn complete(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        if !worker.all_stopped() {
            // Sidecars do not keep a pod going.
            self.terminate(worker, client);
            return;
        }
        let relist = client.jitter(client.latency().relist);
        worker.stage = Stage::Terminating;
        worker.sync_by(client.now() + relist);
    }

    /// Asks for a sync when the runtime is next looked at: that is when an exit by itself is noticed.
    pub(super) fn notice_exit(&self, worker: &mut PodWorker, client: &mut Client<'_>) {
        let now = client.now();
        match worker.stage {
            Stage::Syncing => {
                worker.sync_by(next_tick(worker, now, client.latency().relist));
            }
            // Stopping takes its time even when programs end at once.
            Stage::Terminating if worker.sync_at.is_some() => {}
            Stage::Terminating => worker.sync_by(now + client.latency().status),
            Stage::Terminated(_) | Stage::Finished => {}
        }
    }

    /// Plans a step that takes time.
    pub(super) fn plan(
        &self,
        worker: &mut PodWorker,
        job: Job,
        length: Duration,
        client: &mut Client<'_>,
    ) {
        let length = client.jitter(length);
        worker.job = Some((client.now() + length, job));
    }
}
