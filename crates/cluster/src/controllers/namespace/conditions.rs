//! The conditions that tell how far the end of a namespace is.
//!
//! Upstream: `pkg/controller/namespace/deletion/status_condition_utils.go`.

use crate::object::Kind;
use k8s_openapi::api::core::v1::{Namespace, NamespaceCondition};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::collections::BTreeMap;

/// What a round of deletions left behind.
#[derive(Debug, Default)]
pub(super) struct Remains {
    /// How many objects of which kinds.
    pub(super) kinds: BTreeMap<Kind, usize>,
    /// How many objects each finalizer holds.
    pub(super) finalizers: BTreeMap<String, usize>,
    /// What went wrong.
    pub(super) errors: Vec<String>,
}

impl Remains {
    /// Writes the conditions into the namespace; returns whether any is new.
    pub(super) fn update(&self, namespace: &mut Namespace, now: Time) -> bool {
        let status = namespace.status.get_or_insert_default();
        let conditions = status.conditions.get_or_insert_default();
        let mut changed = false;
        for mut wanted in self.conditions() {
            let there = conditions.iter_mut().find(|c| c.type_ == wanted.type_);
            wanted.last_transition_time = Some(now.clone());
            match there {
                None => {
                    conditions.push(wanted);
                    changed = true;
                }
                Some(there) => {
                    let same = there.status == wanted.status
                        && there.reason == wanted.reason
                        && there.message == wanted.message;
                    if same {
                        continue;
                    }
                    if there.status == wanted.status {
                        wanted.last_transition_time = there.last_transition_time.clone();
                    }
                    *there = wanted;
                    changed = true;
                }
            }
        }
        changed
    }

    fn conditions(&self) -> [NamespaceCondition; 5] {
        let false_condition = |kind: &str, reason: &str, message: &str| {
            condition(kind, false, reason, message.to_owned())
        };
        [
            false_condition(
                "NamespaceDeletionDiscoveryFailure",
                "ResourcesDiscovered",
                "All resources successfully discovered",
            ),
            false_condition(
                "NamespaceDeletionGroupVersionParsingFailure",
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed",
            ),
            self.content_failure(),
            self.content_remaining(),
            self.finalizers_remaining(),
        ]
    }

    fn content_failure(&self) -> NamespaceCondition {
        let kind = "NamespaceDeletionContentFailure";
        if self.errors.is_empty() {
            let message = "All content successfully deleted, may be waiting on finalization";
            return condition(kind, false, "ContentDeleted", message.to_owned());
        }
        let message = format!(
            "Failed to delete all resource types, {} remaining: {}",
            self.errors.len(),
            self.errors.join(", ")
        );
        condition(kind, true, "ContentDeletionFailed", message)
    }

    fn content_remaining(&self) -> NamespaceCondition {
        let kind = "NamespaceContentRemaining";
        if self.kinds.is_empty() {
            let message = "All content successfully removed".to_owned();
            return condition(kind, false, "ContentRemoved", message);
        }
        let mut parts: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, left)| {
                let info = kind.info();
                format!(
                    "{}.{} has {left} resource instances",
                    info.plural, info.group
                )
            })
            .collect();
        parts.sort();
        let message = format!("Some resources are remaining: {}", parts.join(", "));
        condition(kind, true, "SomeResourcesRemain", message)
    }

    fn finalizers_remaining(&self) -> NamespaceCondition {
        let kind = "NamespaceFinalizersRemaining";
        if self.finalizers.is_empty() {
            let message = "All content-preserving finalizers finished".to_owned();
            return condition(kind, false, "ContentHasNoFinalizers", message);
        }
        let parts: Vec<String> = self
            .finalizers
            .iter()
            .map(|(name, left)| format!("{name} in {left} resource instances"))
            .collect();
        let message = format!(
            "Some content in the namespace has finalizers remaining: {}",
            parts.join(", ")
        );
        condition(kind, true, "SomeFinalizersRemain", message)
    }
}

fn condition(kind: &str, holds: bool, reason: &str, message: String) -> NamespaceCondition {
    NamespaceCondition {
        last_transition_time: None,
        message: Some(message),
        reason: Some(reason.to_owned()),
        status: if holds { "True" } else { "False" }.to_owned(),
        type_: kind.to_owned(),
    }
}
