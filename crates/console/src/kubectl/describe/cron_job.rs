//! Cron jobs.

use super::pod::describe_template;
use super::selector::selector_text;
use super::time::date;
use super::writer::PrefixWriter;
use super::{text_of, text_or};
use k8s_openapi::api::batch::v1::{CronJob, JobSpec};
use std::fmt::Display;

/// A number that may be missing.
fn or_unset(value: Option<impl Display>) -> String {
    value.map_or_else(|| "<unset>".to_owned(), |value| value.to_string())
}

/// A cron job.
///
/// Upstream: `describeCronJob`.
pub(super) fn describe(cron_job: &CronJob, w: &mut PrefixWriter) {
    let spec = cron_job.spec.clone();
    let status = cron_job.status.clone().unwrap_or_default();
    let meta = &cron_job.metadata;
    w.field(0, "Name", text_of(&meta.name));
    w.field(0, "Namespace", text_of(&meta.namespace));
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    w.field(0, "Schedule", &spec.schedule);
    w.field(0, "Concurrency Policy", text_of(&spec.concurrency_policy));
    let suspend = spec.suspend.map(|yes| if yes { "True" } else { "False" });
    w.field(0, "Suspend", suspend.unwrap_or("<unset>"));
    w.field(0, "Time Zone", text_or(text_of(&spec.time_zone), "<unset>"));
    let limit = or_unset(spec.successful_jobs_history_limit);
    w.field(0, "Successful Job History Limit", limit);
    let limit = or_unset(spec.failed_jobs_history_limit);
    w.field(0, "Failed Job History Limit", limit);
    let deadline = spec.starting_deadline_seconds.map(|n| format!("{n}s"));
    w.field(0, "Starting Deadline Seconds", or_unset(deadline));
    describe_job_template(&spec.job_template.spec.unwrap_or_default(), w);
    let last = status.last_schedule_time.as_ref();
    let last = last.map(|last| date(Some(last)));
    w.field(0, "Last Schedule Time", or_unset(last));
    let active = status.active.iter().flatten();
    let active: Vec<&str> = active.map(|job| text_of(&job.name)).collect();
    let active = active.join(", ");
    w.field(0, "Active Jobs", text_or(&active, "<none>"));
}

fn describe_job_template(spec: &JobSpec, w: &mut PrefixWriter) {
    let selector = spec.selector.as_ref().map(selector_text);
    w.field(0, "Selector", or_unset(selector));
    w.field(0, "Parallelism", or_unset(spec.parallelism));
    w.field(0, "Completions", or_unset(spec.completions));
    if let Some(seconds) = spec.active_deadline_seconds {
        w.field(0, "Active Deadline Seconds", format_args!("{seconds}s"));
    }
    describe_template(&spec.template, w);
}
