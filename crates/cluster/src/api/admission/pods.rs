//! Upstream: `plugin/pkg/admission/defaulttolerationseconds`, `plugin/pkg/admission/priority`.

use crate::api::Status;
use crate::object::Kind;
use k8s_openapi::api::core::v1::{Pod, Toleration};

/// How long a pod stays on a node that is lost, in seconds.
const TOLERATION_SECONDS: i64 = 300;
const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

pub(super) fn default_tolerations(pod: &mut Pod) {
    let Some(spec) = pod.spec.as_mut() else {
        return;
    };
    for taint in [NOT_READY, UNREACHABLE] {
        let tolerated = spec.tolerations.iter().flatten().any(|toleration| {
            let key = toleration.key.as_deref().unwrap_or("");
            let effect = toleration.effect.as_deref().unwrap_or("");
            (key == taint || key.is_empty()) && (effect == "NoExecute" || effect.is_empty())
        });
        if !tolerated {
            spec.tolerations.get_or_insert_default().push(Toleration {
                key: Some(taint.to_owned()),
                operator: Some("Exists".to_owned()),
                effect: Some("NoExecute".to_owned()),
                toleration_seconds: Some(TOLERATION_SECONDS),
                value: None,
            });
        }
    }
}

pub(super) fn priority(pod: &mut Pod) -> Result<(), Status> {
    let name = super::name_in_refusal(&pod.metadata).to_owned();
    let Some(spec) = pod.spec.as_mut() else {
        return Ok(());
    };
    let refuse = |why: String| Err(Status::forbidden(Kind::Pod, &name, &why));
    let priority = match spec.priority_class_name.as_deref().unwrap_or("") {
        "" => 0,
        "system-cluster-critical" => 2_000_000_000,
        "system-node-critical" => 2_000_001_000,
        other => return refuse(format!("no PriorityClass with name {other} was found")),
    };
    if let Some(given) = spec.priority
        && given != priority
    {
        return refuse(format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name"
        ));
    }
    spec.priority = Some(priority);
    spec.preemption_policy
        .get_or_insert_with(|| "PreemptLowerPriority".to_owned());
    Ok(())
}
