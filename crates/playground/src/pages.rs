//! The pages of Kubernetes' documentation that reasons point to: the only place that knows their addresses.

use crate::text::Language;

const SITE: &str = "https://kubernetes.io/";

macro_rules! pages {
    ($($name:ident $path:literal $anchor:literal $korean:expr,)*) => {
        /// A place in Kubernetes' documentation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each name says what the page is about; the table holds the addresses")]
        pub enum Page { $($name,)* }

        impl Page {
            /// All of them.
            pub const ALL: &[Page] = &[$(Page::$name,)*];

            /// Path, anchor, and the anchor on the Korean page; `None` where there is no Korean page.
            fn address(self) -> (&'static str, &'static str, Option<&'static str>) {
                match self { $(Page::$name => ($path, $anchor, $korean),)* }
            }
        }
    };
}

pages! {
    // Korean pages whose headings have other anchors are linked as a whole.
    Scheduler "docs/concepts/scheduling-eviction/kube-scheduler/" "kube-scheduler-implementation" Some("kube-scheduler-implementation"),
    SchedulingGates "docs/concepts/scheduling-eviction/pod-scheduling-readiness/" "" Some(""),
    Preemption "docs/concepts/scheduling-eviction/pod-priority-preemption/" "preemption" Some(""),
    Taints "docs/concepts/scheduling-eviction/taint-and-toleration/" "" Some(""),
    TaintEviction "docs/concepts/scheduling-eviction/taint-and-toleration/" "taint-based-evictions" Some("테인트-기반-축출"),
    Binding "docs/concepts/storage/persistent-volumes/" "binding" Some(""),
    ClaimsAsVolumes "docs/concepts/storage/persistent-volumes/" "claims-as-volumes" Some(""),
    InUse "docs/concepts/storage/persistent-volumes/" "storage-object-in-use-protection" Some(""),
    Reclaiming "docs/concepts/storage/persistent-volumes/" "reclaiming" Some(""),
    Retain "docs/concepts/storage/persistent-volumes/" "retain" Some(""),
    ReservedVolume "docs/concepts/storage/persistent-volumes/" "reserving-a-persistentvolume" Some(""),
    Expanding "docs/concepts/storage/persistent-volumes/" "expanding-persistent-volumes-claims" Some(""),
    EphemeralVolumes "docs/concepts/storage/ephemeral-volumes/" "generic-ephemeral-volumes" Some(""),
    StorageClasses "docs/concepts/storage/storage-classes/" "" Some(""),
    BindingMode "docs/concepts/storage/storage-classes/" "volume-binding-mode" Some("볼륨-바인딩-모드"),
    DefaultClass "docs/concepts/storage/storage-classes/" "default-storageclass" Some(""),
    Provisioner "docs/concepts/storage/storage-classes/" "provisioner" Some(""),
    LocalVolumes "docs/concepts/storage/storage-classes/" "local" Some(""),
    Provisioning "docs/concepts/storage/dynamic-provisioning/" "" Some(""),
    Volumes "docs/concepts/storage/volumes/" "" Some(""),
    PodPhase "docs/concepts/workloads/pods/pod-lifecycle/" "pod-phase" Some(""),
    PodConditions "docs/concepts/workloads/pods/pod-lifecycle/" "pod-conditions" Some(""),
    ReadinessGates "docs/concepts/workloads/pods/pod-lifecycle/" "pod-readiness-gate" Some(""),
    RestartPolicy "docs/concepts/workloads/pods/pod-lifecycle/" "restart-policy" Some(""),
    Probes "docs/concepts/workloads/pods/pod-lifecycle/" "container-probes" Some(""),
    Termination "docs/concepts/workloads/pods/pod-lifecycle/" "pod-termination" Some("pod-termination"),
    InitContainers "docs/concepts/workloads/pods/init-containers/" "" Some(""),
    Sidecars "docs/concepts/workloads/pods/sidecar-containers/" "" Some(""),
    Disruptions "docs/concepts/workloads/pods/disruptions/" "pod-disruption-conditions" Some(""),
    DisruptionBudgets "docs/concepts/workloads/pods/disruptions/" "pod-disruption-budgets" Some(""),
    Images "docs/concepts/containers/images/" "" Some(""),
    ImagePolicy "docs/concepts/containers/images/" "image-pull-policy" Some(""),
    ImageBackOffs "docs/concepts/containers/images/" "imagepullbackoff" Some("imagepullbackoff"),
    Hooks "docs/concepts/containers/container-lifecycle-hooks/" "container-hooks" Some(""),
    ConfigMaps "docs/concepts/configuration/configmap/" "using-configmaps" Some(""),
    Memory "docs/tasks/configure-pod-container/assign-memory-resource/" "" Some(""),
    ContainerCommand "docs/tasks/inject-data-application/define-command-argument-container/" "" None,
    ForceDelete "docs/tasks/run-application/force-delete-stateful-set-pod/" "" Some(""),
    NodeController "docs/concepts/architecture/nodes/" "node-controller" Some(""),
    NodeStatus "docs/concepts/architecture/nodes/" "node-status" Some(""),
    ManualNode "docs/concepts/architecture/nodes/" "manual-node-administration" Some(""),
    SetGuarantees "docs/concepts/workloads/controllers/statefulset/" "deployment-and-scaling-guarantees" Some("디플로이먼트와-스케일링-보증"),
    SetIdentity "docs/concepts/workloads/controllers/statefulset/" "pod-identity" Some("파드-신원"),
    SetUpdates "docs/concepts/workloads/controllers/statefulset/" "update-strategies" Some(""),
    SetRolling "docs/concepts/workloads/controllers/statefulset/" "rolling-updates" Some("롤링-업데이트"),
    SetPartition "docs/concepts/workloads/controllers/statefulset/" "partitions" Some(""),
    SetForced "docs/concepts/workloads/controllers/statefulset/" "forced-rollback" Some("강제-롤백"),
    SetMinReady "docs/concepts/workloads/controllers/statefulset/" "minimum-ready-seconds" Some("minimum-ready-seconds"),
    SetRetention "docs/concepts/workloads/controllers/statefulset/" "persistentvolumeclaim-retention" Some(""),
    ReplicaSetScaling "docs/concepts/workloads/controllers/replicaset/" "scaling-a-replicaset" Some(""),
    DeploymentRolling "docs/concepts/workloads/controllers/deployment/" "rolling-update-deployment" Some(""),
    DeploymentRecreate "docs/concepts/workloads/controllers/deployment/" "recreate-deployment" Some(""),
    DeploymentPausing "docs/concepts/workloads/controllers/deployment/" "pausing-and-resuming-a-deployment" Some(""),
    DeploymentFailed "docs/concepts/workloads/controllers/deployment/" "failed-deployment" Some(""),
    DeploymentHistory "docs/concepts/workloads/controllers/deployment/" "clean-up-policy" Some(""),
    DaemonScheduling "docs/concepts/workloads/controllers/daemonset/" "how-daemon-pods-are-scheduled" Some(""),
    DaemonUpdates "docs/concepts/workloads/controllers/daemonset/" "updating-a-daemonset" Some(""),
    JobParallel "docs/concepts/workloads/controllers/job/" "parallel-jobs" Some(""),
    JobBackOffs "docs/concepts/workloads/controllers/job/" "pod-backoff-failure-policy" Some(""),
    JobTermination "docs/concepts/workloads/controllers/job/" "job-termination-and-cleanup" Some(""),
    JobSuspending "docs/concepts/workloads/controllers/job/" "suspending-a-job" Some(""),
    CronSchedules "docs/concepts/workloads/controllers/cron-jobs/" "schedule-syntax" Some(""),
    CronSuspending "docs/concepts/workloads/controllers/cron-jobs/" "schedule-suspension" Some(""),
    HeadlessServices "docs/concepts/services-networking/service/" "headless-services" Some(""),
    ServiceWithoutSelector "docs/concepts/services-networking/service/" "services-without-selectors" Some(""),
    ExternalName "docs/concepts/services-networking/service/" "externalname" Some("externalname"),
    LoadBalancer "docs/concepts/services-networking/service/" "loadbalancer" Some("loadbalancer"),
    EndpointSlices "docs/concepts/services-networking/endpoint-slices/" "conditions" Some(""),
    DebugService "docs/tasks/debug/debug-application/debug-service/" "does-the-service-have-any-endpointslices" None,
    Namespaces "docs/concepts/overview/working-with-objects/namespaces/" "" Some(""),
    FinalizersPage "docs/concepts/overview/working-with-objects/finalizers/" "" Some(""),
    ForegroundDeletion "docs/concepts/architecture/garbage-collection/" "foreground-deletion" Some(""),
}

impl Page {
    /// The address of the page in a language; the English one where there is no other.
    pub fn url(self, language: Language) -> String {
        let (path, anchor, korean) = self.address();
        let (prefix, anchor) = match (language, korean) {
            (Language::Ko, Some(korean)) => ("ko/", korean),
            _ => ("", anchor),
        };
        match anchor {
            "" => format!("{SITE}{prefix}{path}"),
            anchor => format!("{SITE}{prefix}{path}#{anchor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Reason;

    #[test]
    fn every_reason_has_a_page_and_every_page_a_reason() {
        for page in Page::ALL {
            let used = Reason::ALL.iter().any(|reason| reason.page() == *page);
            assert!(used, "no reason points to {page:?}");
            for language in Language::ALL {
                let url = page.url(language);
                let (path, anchor) = url.split_once('#').unwrap_or((&url, "a"));
                assert!(path.starts_with(SITE) && path.ends_with('/'), "{url}");
                assert!(!anchor.is_empty() && !anchor.contains([' ', '#']), "{url}");
            }
        }
        let url = Page::SetGuarantees.url(Language::Ko);
        assert!(url.starts_with("https://kubernetes.io/ko/docs/"), "{url}");
        assert!(!Page::DebugService.url(Language::Ko).contains("/ko/"));
    }
}
