//! Fields of pods that stand behind gates which are off: they go when an object is written.
//!
//! Upstream: `dropDisabledFields` in `pkg/api/pod/util.go`.

use crate::object::Object;
use k8s_openapi::api::core::v1::{Container, Lifecycle, PodSpec};

/// Removes them from a pod, or from the template of pods.
pub(super) fn drop(object: &mut Object) {
    if let Some(spec) = pod_spec(object) {
        let init = spec.init_containers.iter_mut().flatten();
        init.chain(&mut spec.containers).for_each(stop_signal);
    }
}

fn pod_spec(object: &mut Object) -> Option<&mut PodSpec> {
    match object {
        Object::Pod(pod) => pod.spec.as_mut(),
        Object::DaemonSet(set) => set.spec.as_mut()?.template.spec.as_mut(),
        Object::Deployment(deployment) => deployment.spec.as_mut()?.template.spec.as_mut(),
        Object::ReplicaSet(set) => set.spec.as_mut()?.template.as_mut()?.spec.as_mut(),
        Object::StatefulSet(set) => set.spec.as_mut()?.template.spec.as_mut(),
        Object::Job(job) => job.spec.as_mut()?.template.spec.as_mut(),
        Object::CronJob(cron_job) => {
            let job = cron_job.spec.job_template.spec.as_mut()?;
            job.template.spec.as_mut()
        }
        _ => None,
    }
}

/// `ContainerStopSignals` is off in 1.36.
fn stop_signal(container: &mut Container) {
    let Some(lifecycle) = container.lifecycle.as_mut() else {
        return;
    };
    if lifecycle.stop_signal.take().is_some() && *lifecycle == Lifecycle::default() {
        container.lifecycle = None;
    }
}
