//! Revisions: numbers that count the templates of a Deployment, kept in annotations.
//!
//! Upstream: `pkg/controller/deployment/util/deployment_util.go`.

use super::Rollout;
use super::replica_sets::OwnedSet;
use k8s_openapi::api::apps::v1::ReplicaSet;

/// The number of the template's turn.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
/// Earlier numbers of a template that has come back.
const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// How many pods the Deployment wanted when the ReplicaSet was scaled.
pub(super) const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
/// How many pods there could be at most then.
pub(super) const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";
/// The history is no longer than so many bytes.
const MAX_HISTORY: usize = 2000;
/// Annotations of a Deployment that are not its ReplicaSets'.
const NOT_COPIED: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];

/// The number of a ReplicaSet; 0 if it has none, `None` if it is none.
pub(super) fn revision_of(set: &OwnedSet) -> Option<i64> {
    set.annotation(REVISION)
        .map_or(Some(0), |text| text.parse().ok())
}

/// The highest number.
pub(super) fn max_revision(sets: &[OwnedSet]) -> i64 {
    let revisions = sets.iter().filter_map(revision_of);
    revisions.max().unwrap_or(0).max(0)
}

/// Sets an annotation; returns whether it was another one.
fn annotate(set: &mut ReplicaSet, key: &str, value: &str) -> bool {
    let annotations = set.metadata.annotations.get_or_insert_default();
    let changed = annotations.get(key).map(String::as_str) != Some(value);
    if changed {
        annotations.insert(key.to_owned(), value.to_owned());
    }
    changed
}

impl Rollout<'_, '_> {
    /// Gives the Deployment the number of its present template; returns whether it had another.
    pub(super) fn set_revision(&mut self, revision: &str) -> bool {
        let annotations = self.deployment.metadata.annotations.get_or_insert_default();
        let changed = annotations.get(REVISION).map(String::as_str) != Some(revision);
        annotations.insert(REVISION.to_owned(), revision.to_owned());
        changed
    }

    /// Writes down in a ReplicaSet how many pods the Deployment wants; returns whether anything changed.
    pub(super) fn set_replicas_annotations(&self, set: &mut ReplicaSet) -> bool {
        let [desired, most] = self.replicas_annotations();
        let changed = annotate(set, DESIRED_REPLICAS, &desired);
        annotate(set, MAX_REPLICAS, &most) || changed
    }

    /// The two numbers as annotations.
    pub(super) fn replicas_annotations(&self) -> [String; 2] {
        let most = self.replicas().saturating_add(self.max_surge());
        [self.replicas().to_string(), most.to_string()]
    }

    /// Copies the Deployment's annotations to the ReplicaSet of its template and numbers it; returns whether anything changed.
    pub(super) fn set_new_annotations(
        &self,
        set: &mut ReplicaSet,
        revision: i64,
        exists: bool,
    ) -> bool {
        let mut changed = false;
        for (key, value) in self.deployment.metadata.annotations.iter().flatten() {
            if !NOT_COPIED.contains(&key.as_str()) {
                changed |= annotate(set, key, value);
            }
        }
        let annotations = set.metadata.annotations.get_or_insert_default();
        let old = annotations.get(REVISION).cloned();
        let old_number = match old.as_deref().unwrap_or("") {
            "" => 0,
            text => match text.parse::<i64>() {
                Ok(number) => number,
                Err(_) => return false,
            },
        };
        if old_number < revision {
            annotations.insert(REVISION.to_owned(), revision.to_string());
            changed = true;
            if let Some(old) = old {
                let history = annotations.get(REVISION_HISTORY);
                let longer = longer_history(history.map_or("", String::as_str), &old);
                annotations.insert(REVISION_HISTORY.to_owned(), longer);
            }
        }
        if !exists {
            changed |= self.set_replicas_annotations(set);
        }
        changed
    }
}

/// The history with one more number, without as many of the oldest as its length demands.
fn longer_history(history: &str, number: &str) -> String {
    if history.is_empty() {
        return number.to_owned();
    }
    let mut rest = history;
    while rest.len() + number.len() + 1 > MAX_HISTORY {
        match rest.split_once(',') {
            Some((_, later)) => rest = later,
            None => return number.to_owned(),
        }
    }
    format!("{rest},{number}")
}
