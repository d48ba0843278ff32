//! What a failed pod means to its job.
//!
//! Upstream: `pkg/controller/job/pod_failure_policy.go`.

use k8s_openapi::api::batch::v1::{PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};

/// What the first rule that fits makes of a failed pod.
pub(super) struct Verdict {
    /// It counts towards the limit of failures.
    pub(super) counts: bool,
    /// The job fails with this message.
    pub(super) fails_job: Option<String>,
    /// The pod's index has failed for good.
    pub(super) fails_index: bool,
}

/// Looks for the first rule that fits a failed pod.
pub(super) fn matching(policy: &PodFailurePolicy, pod: &Pod) -> Verdict {
    let verdict = |counts, fails_job| Verdict {
        counts,
        fails_job,
        fails_index: false,
    };
    let namespace = pod.metadata.namespace.as_deref().unwrap_or("");
    let name = pod.metadata.name.as_deref().unwrap_or("");
    for (at, rule) in policy.rules.iter().enumerate() {
        let why = if let Some(codes) = &rule.on_exit_codes {
            container_with(pod, codes).map(|(container, code)| {
                format!(
                    "Container {container} for pod {namespace}/{name} failed with exit code {code}"
                )
            })
        } else {
            let patterns = rule.on_pod_conditions.iter().flatten();
            let conditions = pod
                .status
                .iter()
                .flat_map(|s| s.conditions.iter().flatten());
            let mut conditions = conditions.filter(|condition| {
                patterns.clone().any(|pattern| {
                    pattern.type_ == condition.type_
                        && pattern.status.as_deref().unwrap_or("True") == condition.status
                })
            });
            let found = conditions.next();
            found.map(|c| format!("Pod {namespace}/{name} has condition {}", c.type_))
        };
        let Some(why) = why else { continue };
        match rule.action.as_str() {
            "Ignore" => return verdict(false, None),
            "Count" => return verdict(true, None),
            "FailIndex" => {
                return Verdict {
                    fails_index: true,
                    ..verdict(true, None)
                };
            }
            "FailJob" => {
                let message = format!("{why} matching FailJob rule at index {at}");
                return verdict(true, Some(message));
            }
            _ => {}
        }
    }
    verdict(true, None)
}

/// The first container that ended with a code that fits.
fn container_with(
    pod: &Pod,
    wanted: &PodFailurePolicyOnExitCodesRequirement,
) -> Option<(String, i32)> {
    let status = pod.status.as_ref()?;
    let containers = status.container_statuses.iter().flatten();
    let mut all = containers.chain(status.init_container_statuses.iter().flatten());
    let code = |status: &ContainerStatus| {
        let ended = status.state.as_ref()?.terminated.as_ref()?;
        Some(ended.exit_code).filter(|code| *code != 0)
    };
    all.find_map(|status| {
        let code = code(status)?;
        let named = wanted.container_name.as_ref();
        let fits = match wanted.operator.as_str() {
            "In" => wanted.values.contains(&code),
            "NotIn" => !wanted.values.contains(&code),
            _ => false,
        };
        (fits && named.is_none_or(|name| *name == status.name)).then(|| (status.name.clone(), code))
    })
}
