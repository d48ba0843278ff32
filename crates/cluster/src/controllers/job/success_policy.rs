//! Jobs that have succeeded when some of their indexes have.
//!
//! Upstream: `pkg/controller/job/success_policy.go`.

use super::JobSync;
use super::indexed_job_utils::from_text;

impl JobSync<'_> {
    /// The words about the first rule of the success policy that is met; none if none is.
    pub(super) fn matched_success_rule(&self) -> Option<String> {
        let policy = self.spec.success_policy.as_ref()?;
        let succeeded = &self.succeeded_indexes;
        if succeeded.is_empty() {
            return None;
        }
        let reaches = |count: usize, wanted: Option<i32>| {
            let wanted = wanted.and_then(|wanted| usize::try_from(wanted).ok());
            wanted.is_some_and(|wanted| count >= wanted)
        };
        let completions = self.spec.completions.unwrap_or(0);
        let met = policy.rules.iter().position(|rule| {
            let Some(text) = &rule.succeeded_indexes else {
                return reaches(succeeded.len(), rule.succeeded_count);
            };
            let wanted = from_text(text, completions);
            let there = wanted.intersection(succeeded).count();
            !wanted.is_empty() && (there == wanted.len() || reaches(there, rule.succeeded_count))
        })?;
        Some(format!("Matched rules at index {met}"))
    }
}
