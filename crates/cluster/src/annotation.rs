//! Annotations that the control plane reads and writes in more than one place.
//!
//! Upstream: `staging/src/k8s.io/api/core/v1/annotation_key_constants.go`, `types.go` beside it and in `apps/v1`.

/// The class of a claim or a volume, from before `spec.storageClassName`.
pub(crate) const BETA_STORAGE_CLASS: &str = "volume.beta.kubernetes.io/storage-class";
/// Counts the templates that a DaemonSet has had.
pub(crate) const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";
/// When the change happened that endpoints were written for.
pub(crate) const LAST_CHANGE_TRIGGER_TIME: &str =
    "endpoints.kubernetes.io/last-change-trigger-time";
