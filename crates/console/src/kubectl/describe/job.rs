//! Jobs.

use super::pod::{controller, describe_template};
use super::selector::selector_text;
use super::text_of;
use super::time::date;
use super::writer::PrefixWriter;
use k8s_openapi::api::batch::v1::Job;
use petset_cluster::api::duration::human_duration;

/// Lists of indexes are cut after so many letters.
const INDEXES_LIMIT: usize = 50;

/// A job.
///
/// Upstream: `describeJob`.
pub(super) fn describe(job: &Job, w: &mut PrefixWriter) {
    let spec = job.spec.clone().unwrap_or_default();
    let status = job.status.clone().unwrap_or_default();
    let meta = &job.metadata;
    w.field(0, "Name", text_of(&meta.name));
    w.field(0, "Namespace", text_of(&meta.namespace));
    let selector = spec.selector.as_ref().map(selector_text);
    w.field(0, "Selector", selector.unwrap_or_default());
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    if let Some(controller) = controller(meta) {
        w.field(0, "Controlled By", controller);
    }
    if let Some(parallelism) = spec.parallelism {
        w.field(0, "Parallelism", parallelism);
    }
    match spec.completions {
        Some(completions) => w.field(0, "Completions", completions),
        None => w.field(0, "Completions", "<unset>"),
    }
    if let Some(mode) = &spec.completion_mode {
        w.field(0, "Completion Mode", mode);
    }
    if let Some(suspend) = spec.suspend {
        w.field(0, "Suspend", suspend);
    }
    if let Some(limit) = spec.backoff_limit {
        w.field(0, "Backoff Limit", limit);
    }
    if let Some(seconds) = spec.ttl_seconds_after_finished {
        w.field(0, "TTL Seconds After Finished", seconds);
    }
    if let Some(start) = &status.start_time {
        w.field(0, "Start Time", date(Some(start)));
    }
    if let Some(end) = &status.completion_time {
        w.field(0, "Completed At", date(Some(end)));
        if let Some(start) = &status.start_time {
            let seconds = end.0.as_second() - start.0.as_second();
            w.field(0, "Duration", human_duration(seconds));
        }
    }
    if let Some(seconds) = spec.active_deadline_seconds {
        w.field(0, "Active Deadline Seconds", format_args!("{seconds}s"));
    }
    let ready = status.ready.map(|ready| format!(" ({ready} Ready)"));
    let counts = format!(
        "{} Active{} / {} Succeeded / {} Failed",
        status.active.unwrap_or(0),
        ready.unwrap_or_default(),
        status.succeeded.unwrap_or(0),
        status.failed.unwrap_or(0)
    );
    w.field(0, "Pods Statuses", counts);
    if spec.completion_mode.as_deref() == Some("Indexed") {
        let indexes = status.completed_indexes.as_deref().unwrap_or("");
        w.field(0, "Completed Indexes", capped(indexes));
    }
    describe_template(&spec.template, w);
}

/// Upstream: `capIndexesListOrNone`.
fn capped(indexes: &str) -> String {
    if indexes.is_empty() {
        return "<none>".to_owned();
    }
    let rest = indexes.get(INDEXES_LIMIT..).unwrap_or("");
    match rest.find(',') {
        Some(at) => format!("{}...", &indexes[..INDEXES_LIMIT + at + 1]),
        None => indexes.to_owned(),
    }
}
