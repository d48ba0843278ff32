//! Rows of jobs.

use super::apps::{containers, selector};
use super::{Cell, Printing, or};
use crate::api::duration::human_duration;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// A selector that may be missing.
fn selector_cell(of: Option<&LabelSelector>) -> Cell {
    of.map_or_else(
        || "<none>".to_owned(),
        |of| selector(of, "<none>", "<error>"),
    )
}

pub(super) fn job(job: &Job, age: Cell, printing: Printing) -> Vec<Cell> {
    let spec = job.spec.clone().unwrap_or_default();
    let status = job.status.clone().unwrap_or_default();
    let succeeded = status.succeeded.unwrap_or(0);
    let completions = match (spec.completions, spec.parallelism.unwrap_or(0)) {
        (Some(completions), _) => format!("{succeeded}/{completions}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    };
    let duration = status.start_time.as_ref().map(|start| {
        let end = status.completion_time.as_ref();
        let end = end.map_or(printing.now, |end| end.0);
        human_duration(end.as_second() - start.0.as_second())
    });
    let has = |kind: &str| {
        let mut conditions = status.conditions.iter().flatten();
        conditions.any(|condition| condition.type_ == kind && condition.status == "True")
    };
    let state = if has("Complete") {
        "Complete"
    } else if has("Failed") {
        "Failed"
    } else if job.metadata.deletion_timestamp.is_some() {
        "Terminating"
    } else {
        let later = ["Suspended", "FailureTarget", "SuccessCriteriaMet"];
        later
            .into_iter()
            .find(|kind| has(kind))
            .unwrap_or("Running")
    };
    let [names, images] = containers(Some(&spec.template));
    vec![
        or(job.metadata.name.as_deref(), ""),
        state.to_owned(),
        completions,
        duration.unwrap_or_default(),
        age,
        names,
        images,
        selector_cell(spec.selector.as_ref()),
    ]
}

pub(super) fn cron_job(cron_job: &CronJob, age: Cell, printing: Printing) -> Vec<Cell> {
    let spec = cron_job.spec.clone();
    let status = cron_job.status.clone().unwrap_or_default();
    let last = status.last_schedule_time.as_ref();
    let last = last.map_or_else(
        || "<none>".to_owned(),
        |time| crate::api::duration::age(Some(&time.0), printing.now),
    );
    let suspend = match spec.suspend {
        Some(true) => "True",
        Some(false) => "False",
        None => "<unset>",
    };
    let template = spec.job_template.spec.unwrap_or_default();
    let [names, images] = containers(Some(&template.template));
    vec![
        or(cron_job.metadata.name.as_deref(), ""),
        spec.schedule,
        or(spec.time_zone.as_deref(), "<none>"),
        suspend.to_owned(),
        status.active.map_or(0, |active| active.len()).to_string(),
        last,
        age,
        names,
        images,
        selector_cell(template.selector.as_ref()),
    ]
}
