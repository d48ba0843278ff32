//! Nodes that have been switched off and on again: pods whose containers are gone.
//!
//! Upstream: `pkg/kubelet/kuberuntime/kuberuntime_manager.go` (`computePodActions` with a changed sandbox), and containerd's
//! `internal/cri/server/restart.go`, which tells how containers ended that nobody saw end.

use super::Kubelet;
use super::container::{Context, Exit, Run, Running};
use super::logs::RUNTIME;
use super::pod::PodWorker;
use super::prober::Probes;
use super::process::{ImageInfo, Runtime, Step, User};
use crate::client::Client;
use crate::network::dns::ResolvConf;
use crate::object::{Key, Kind, Object};
use crate::record::EventType;
use crate::storage::Disks;
use crate::store::Store;
use k8s_openapi::api::core::v1 as core;
use serde_json::{Value, json};
use std::sync::Arc;

/// The exit code of a container that ended without anybody's seeing it.
const UNKNOWN_CODE: i32 = 255;

impl Kubelet {
    /// What the nodes keep while they are switched off.
    pub(crate) fn save(&self, store: &Store) -> Value {
        let pulled: Vec<Value> = self
            .pulled
            .iter()
            .map(|(node, image)| json!([node, image]))
            .collect();
        let cut_off: Vec<&String> = self.cut_off.iter().collect();
        let standing = store
            .list(Kind::Pod, None)
            .filter(|object| is_running(object) && self.worker(&object.key()).is_none());
        let standing: Vec<String> = standing.map(|pod| pod.key().to_string()).collect();
        json!({
            "nodes": self.nodes,
            "imagesPreloaded": self.images_preloaded,
            "pulled": pulled,
            "cutOff": cut_off,
            "standing": standing,
            "disks": self.disks.save(),
        })
    }

    /// Kubelets that come up again. Pods that they ran are to be started anew; those that were never run by them stand as they are.
    ///
    /// # Errors
    /// What is missing or of the wrong type.
    pub(crate) fn restore(
        saved: &Value,
        store: &Store,
        runtime: Arc<dyn Runtime>,
    ) -> Result<Kubelet, String> {
        let nodes = saved["nodes"].as_u64().and_then(|n| u32::try_from(n).ok());
        let nodes = nodes.ok_or("nodes: no number")?;
        let preloaded = saved["imagesPreloaded"].as_bool();
        let preloaded = preloaded.ok_or("imagesPreloaded: neither true nor false")?;
        let mut kubelet = Kubelet::new(runtime, preloaded, nodes);
        for pair in saved["pulled"].as_array().into_iter().flatten() {
            if let (Some(node), Some(image)) = (pair[0].as_str(), pair[1].as_str()) {
                kubelet
                    .pulled
                    .insert_mut((node.to_owned(), image.to_owned()));
            }
        }
        for node in saved["cutOff"].as_array().into_iter().flatten() {
            if let Some(node) = node.as_str() {
                kubelet.cut_off.insert_mut(node.to_owned());
            }
        }
        let standing = saved["standing"].as_array();
        let standing: Vec<&str> = standing
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for object in store.list(Kind::Pod, None) {
            let key = object.key();
            if !standing.contains(&&*key.to_string()) {
                kubelet.rebooted.insert_mut(key);
            }
        }
        kubelet.disks = Disks::restore(&saved["disks"])?;
        Ok(kubelet)
    }

    /// Whether a pod is one that no kubelet runs.
    pub(crate) fn stands(&self, key: &Key) -> bool {
        !self.rebooted.contains(key)
    }

    /// The nodes that were cut off when they were switched off.
    pub(crate) fn all_cut_off(&self) -> Vec<String> {
        self.cut_off.iter().cloned().collect()
    }

    /// Gives the worker of a pod that ran before its node was switched off what the runtime still knows of its containers: that they have ended.
    pub(super) fn recover(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        if !self.rebooted.remove_mut(&worker.key) {
            return;
        }
        let Some(status) = worker.pod().and_then(|pod| pod.status.clone()) else {
            return;
        };
        if let Some(start_time) = status.start_time {
            worker.start_time = start_time;
        }
        let mut ran = false;
        for status in status.container_statuses.iter().flatten() {
            let index = worker
                .containers
                .iter()
                .position(|c| !c.init && c.name == status.name);
            if let Some(index) = index {
                let run = self.ended_run(worker, index, status, client);
                ran |= run.is_some();
                let container = &mut worker.containers[index];
                container.restart_count = status.restart_count;
                container.run = run;
            }
        }
        // A new sandbox starts the init containers anew.
        for status in status.init_container_statuses.iter().flatten() {
            let index = worker
                .containers
                .iter()
                .position(|c| c.init && c.name == status.name);
            if let Some(index) = index {
                let again = i32::from(status.container_id.is_some());
                worker.containers[index].restart_count = status.restart_count + again;
            }
        }
        let over = ran && worker.restart_policy() == "Never";
        worker.sandbox = over;
        if ran && !over {
            let message = "Pod sandbox changed, it will be killed and re-created.".to_owned();
            self.event(
                worker,
                None,
                client,
                EventType::Normal,
                "SandboxChanged",
                message,
            );
        }
    }

    /// The last run of a container, which ended when its node was switched off, or before; none if there was no run.
    fn ended_run(
        &mut self,
        worker: &PodWorker,
        index: usize,
        status: &core::ContainerStatus,
        client: &Client<'_>,
    ) -> Option<Run> {
        let ended = |state: &Option<core::ContainerState>| state.as_ref()?.terminated.clone();
        let known = ended(&status.state).or_else(|| {
            ended(&status.last_state).filter(|_| {
                let state = status.state.as_ref();
                state.is_some_and(|state| state.waiting.is_some())
            })
        });
        let id = known.as_ref().and_then(|known| known.container_id.as_ref());
        let id = id.or(status.container_id.as_ref())?.strip_prefix(RUNTIME)?;
        let running = status
            .state
            .as_ref()
            .and_then(|state| state.running.as_ref());
        let started = match &known {
            Some(known) => known.started_at.as_ref(),
            None => running.and_then(|running| running.started_at.as_ref()),
        };
        let moment = |time: &k8s_openapi::apimachinery::pkg::apis::meta::v1::Time| {
            client.calendar().instant(&time.0)
        };
        let exit = Exit {
            code: known.as_ref().map_or(UNKNOWN_CODE, |known| known.exit_code),
            reason: reason(known.as_ref().and_then(|known| known.reason.as_deref())),
            message: known.as_ref().and_then(|known| known.message.clone()),
            at: match known.as_ref().and_then(|known| known.finished_at.as_ref()) {
                Some(time) => moment(time),
                None => client.now(),
            },
            by_kubelet: false,
        };
        let image = self.found_image(worker, index).unwrap_or_default();
        Some(Run {
            id: id.to_owned(),
            context: Arc::new(bare_context(&image)),
            reference: worker
                .container_spec(index)?
                .image
                .clone()
                .unwrap_or_default(),
            image,
            started: started.map(moment),
            main: Running {
                process: None,
                step: Step::Wait,
            },
            exit: Some(exit),
            log: Default::default(),
            kill_at: None,
            stopping: None,
            started_up: false,
            ready: false,
            probes: Probes::default(),
        })
    }
}

/// Whether a run's log went with the machine.
pub(super) fn has_lost_log(run: &Run) -> bool {
    run.exit.is_some() && run.context.mounts.is_empty()
}

/// What a container that is gone saw of the world: nothing that matters any more.
fn bare_context(image: &Arc<ImageInfo>) -> Context {
    Context {
        env: Vec::new(),
        hostname: String::new(),
        working_dir: String::new(),
        user: User::default(),
        groups: Vec::new(),
        fs_group: None,
        pod_ip: String::new(),
        mounts: Vec::new(),
        fills: Vec::new(),
        writer: Arc::default(),
        resolv_conf: ResolvConf::default(),
        hosts: Vec::new(),
        image: image.clone(),
        argv: Vec::new(),
        tty: false,
    }
}

fn reason(told: Option<&str>) -> &'static str {
    const KNOWN: [&str; 4] = ["Completed", "Error", "OOMKilled", "StartError"];
    let known = |told| KNOWN.into_iter().find(|known| *known == told);
    told.and_then(known).unwrap_or("Unknown")
}

fn is_running(object: &Object) -> bool {
    let status = object
        .as_kind::<core::Pod>()
        .and_then(|pod| pod.status.as_ref());
    status.and_then(|status| status.phase.as_deref()) == Some("Running")
}
