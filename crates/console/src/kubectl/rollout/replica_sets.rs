//! The ReplicaSets of a Deployment and their revisions.
//!
//! Upstream: `k8s.io/kubectl/pkg/util/deployment/deployment.go`.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use petset_cluster::api::selectors::Selector;
use petset_cluster::sort;
use petset_cluster::store::{Index, Store};

const REVISION: &str = "deployment.kubernetes.io/revision";
const HASH_LABEL: &str = "pod-template-hash";

/// The ReplicaSets that a Deployment controls.
pub(crate) struct ReplicaSets<'s> {
    /// Those of other templates, the oldest first.
    pub(crate) old: Vec<&'s ReplicaSet>,
    /// That of its template.
    pub(crate) new: Option<&'s ReplicaSet>,
}

impl<'s> ReplicaSets<'s> {
    /// Finds them.
    pub(crate) fn of(store: &'s Store, deployment: &Deployment) -> ReplicaSets<'s> {
        let uid = deployment.metadata.uid.as_deref().unwrap_or("");
        let spec = deployment.spec.as_ref();
        let selector = Selector::from_spec(spec.map(|spec| &spec.selector));
        let mut old: Vec<&ReplicaSet> = store
            .by_index_as::<ReplicaSet>(Index::OwnerUid, uid)
            .filter(|set| {
                let mut owners = set.metadata.owner_references.iter().flatten();
                owners.any(|owner| owner.controller == Some(true) && owner.uid == uid)
                    && selector.matches(set.metadata.labels.as_ref())
            })
            .collect();
        sort::by_key(&mut old, |set| {
            (
                set.metadata.creation_timestamp.clone(),
                set.metadata.name.clone(),
            )
        });
        let wanted = spec.map(|spec| &spec.template);
        let at = old.iter().position(|set| {
            let own = set.spec.as_ref().and_then(|spec| spec.template.as_ref());
            own.zip(wanted)
                .is_some_and(|(a, b)| equal_ignore_hash(a, b))
        });
        let new = at.map(|at| old.remove(at));
        ReplicaSets { old, new }
    }

    /// Each with its revision, in order of the revisions; of two with one revision the later found counts.
    pub(crate) fn revisions(&self) -> Vec<(i64, &'s ReplicaSet)> {
        let mut found: Vec<(i64, &ReplicaSet)> = Vec::new();
        for set in self.old.iter().copied().chain(self.new) {
            let annotations = set.metadata.annotations.as_ref();
            let text = annotations.and_then(|map| map.get(REVISION));
            if let Ok(revision) = text.map_or("0", String::as_str).parse() {
                found.retain(|(other, _)| *other != revision);
                found.push((revision, set));
            }
        }
        sort::by_key(&mut found, |(revision, _)| *revision);
        found
    }
}

/// Whether two templates differ at most in the label with the hash.
pub(super) fn equal_ignore_hash(a: &PodTemplateSpec, b: &PodTemplateSpec) -> bool {
    without_hash(a) == without_hash(b)
}

/// The template without the label with the hash.
pub(super) fn without_hash(template: &PodTemplateSpec) -> PodTemplateSpec {
    let mut template = template.clone();
    if let Some(meta) = &mut template.metadata
        && let Some(labels) = &mut meta.labels
    {
        labels.remove(HASH_LABEL);
    }
    template
}
