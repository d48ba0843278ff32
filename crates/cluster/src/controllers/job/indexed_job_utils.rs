//! Jobs whose pods have an index each.
//!
//! Upstream: `pkg/controller/job/indexed_job_utils.go`.

use super::{JobSync, is_tracked, pod_in};
use crate::object::Object;
use crate::pod::{is_active, is_terminating, phase};
use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, ObjectFieldSelector, Pod, PodTemplateSpec};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The annotation and the label of the index.
const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// The longest base of a random name.
const MAX_GENERATED_NAME_LENGTH: usize = 58;

/// The indexes as a status has them: `0-2,5`.
pub(super) fn to_text(indexes: &BTreeSet<i32>) -> String {
    let mut spans: Vec<(i32, i32)> = Vec::new();
    for index in indexes {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => spans.push((*index, *index)),
        }
    }
    let spans: Vec<String> = spans
        .into_iter()
        .map(|(first, last)| match last - first {
            0 => first.to_string(),
            1 => format!("{first},{last}"),
            _ => format!("{first}-{last}"),
        })
        .collect();
    spans.join(",")
}

pub(super) fn from_text(text: &str, completions: i32) -> BTreeSet<i32> {
    let mut indexes = BTreeSet::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.parse::<i32>(), last.parse::<i32>()) {
            indexes.extend(first..=last.min(completions.saturating_sub(1)));
        }
    }
    indexes
}

fn index_of(object: &Object) -> Option<i32> {
    let annotations = object.meta().annotations.as_ref()?;
    let index = annotations.get(COMPLETION_INDEX)?.parse().ok()?;
    (index >= 0).then_some(index)
}

impl JobSync<'_> {
    pub(super) fn is_indexed(&self) -> bool {
        self.spec.completion_mode.as_deref() == Some("Indexed")
    }

    /// The index of a pod, if the job has it.
    pub(super) fn valid_index(&self, pod: &Object) -> Option<i32> {
        let completions = self.spec.completions.unwrap_or(0);
        index_of(pod).filter(|index| *index < completions)
    }

    /// Which indexes have succeeded, before and with the pods that have ended now.
    pub(super) fn read_indexes(&mut self) {
        let completions = self.spec.completions.unwrap_or(0);
        let text = self.status.completed_indexes.as_deref().unwrap_or("");
        self.prev_succeeded_indexes = from_text(text, completions);
        self.succeeded_indexes = self.prev_succeeded_indexes.clone();
        let fresh: Vec<i32> = self
            .pods
            .iter()
            .filter(|pod| {
                is_tracked(pod) && pod_in(pod).is_some_and(|pod| phase(pod) == "Succeeded")
            })
            .filter_map(|pod| self.valid_index(pod))
            .collect();
        self.succeeded_indexes.extend(fresh);
        self.succeeded = i32::try_from(self.succeeded_indexes.len()).unwrap_or(i32::MAX);
    }

    /// The lowest indexes that have neither succeeded nor a pod.
    pub(super) fn first_pending_indexes(&self, count: usize) -> Vec<i32> {
        let taken: BTreeSet<i32> = self
            .pods
            .iter()
            .filter(|pod| {
                pod_in(pod).is_some_and(|pod| {
                    is_active(pod) || (self.only_replaces_failed() && is_terminating(pod))
                })
            })
            .filter_map(|pod| index_of(pod))
            .collect();
        let failed = |index: &i32| {
            let failed = self.failed_indexes.as_ref();
            failed.is_some_and(|failed| failed.contains(index))
        };
        let free = |index: &i32| {
            !taken.contains(index) && !self.succeeded_indexes.contains(index) && !failed(index)
        };
        let all = 0..self.spec.completions.unwrap_or(0);
        all.filter(free).take(count).collect()
    }

    /// Tells pods apart that must go (of a wrong index, or of one that has a better pod) from the rest.
    pub(super) fn without_duplicates(
        &self,
        pods: Vec<Arc<Object>>,
    ) -> (Vec<Arc<Object>>, Vec<Arc<Object>>) {
        if !self.is_indexed() {
            return (Vec::new(), pods);
        }
        let (mut gone, mut kept) = (Vec::new(), BTreeMap::new());
        for pod in pods {
            match self.valid_index(&pod) {
                None => gone.push(pod),
                Some(index) => gone.extend(kept.insert(index, pod)),
            }
        }
        (gone, kept.into_values().collect())
    }

    /// Lets the containers know their index.
    pub(super) fn add_index_variables(&self, template: &mut PodTemplateSpec) {
        let spec = template.spec.get_or_insert_default();
        let init = spec.init_containers.iter_mut().flatten();
        for container in init.chain(&mut spec.containers) {
            let variables = container.env.get_or_insert_default();
            if variables.iter().any(|v| v.name == "JOB_COMPLETION_INDEX") {
                continue;
            }
            variables.push(EnvVar {
                name: "JOB_COMPLETION_INDEX".to_owned(),
                value_from: Some(EnvVarSource {
                    field_ref: Some(ObjectFieldSelector {
                        field_path: format!("metadata.labels['{COMPLETION_INDEX}']"),
                        ..ObjectFieldSelector::default()
                    }),
                    ..EnvVarSource::default()
                }),
                ..EnvVar::default()
            });
        }
    }

    /// Gives a new pod its index.
    pub(super) fn give_index(&self, pod: &mut Pod, index: i32) {
        let name = self.object.name();
        let meta = &mut pod.metadata;
        for map in [&mut meta.annotations, &mut meta.labels] {
            let map = map.get_or_insert_default();
            map.insert(COMPLETION_INDEX.to_owned(), index.to_string());
        }
        let end = format!("-{index}-");
        let room = MAX_GENERATED_NAME_LENGTH.saturating_sub(end.len());
        let base = name.get(..name.len().min(room)).unwrap_or(name);
        meta.generate_name = Some(format!("{base}{end}"));
        pod.spec.get_or_insert_default().hostname = Some(format!("{name}-{index}"));
        self.give_failure_counts(pod, index);
    }
}
