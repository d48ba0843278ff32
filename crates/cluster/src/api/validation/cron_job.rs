//! Cron jobs.
//!
//! Upstream: `pkg/apis/batch/validation/validation.go`.

use super::{job, not_negative};
use crate::api::field::{Errors, Path};
use crate::cron::schedule::Schedule;
use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec};

/// The names of its jobs are this much longer than its own.
const NAME_LIMIT: usize = 52;
const POLICIES: [&str; 3] = ["Allow", "Forbid", "Replace"];

pub(super) fn create(cron_job: &CronJob, errors: &mut Errors) {
    check(&cron_job.spec, None, errors);
    let name = cron_job.metadata.name.as_deref().unwrap_or("");
    if name.len() > NAME_LIMIT {
        let path = Path::new("metadata");
        let why = "must be no more than 52 characters";
        errors.invalid(&path.child("name"), name, why);
    }
}

pub(super) fn update(new: &CronJob, old: &CronJob, errors: &mut Errors) {
    check(&new.spec, Some(&old.spec), errors);
}

fn check(spec: &CronJobSpec, old: Option<&CronJobSpec>, errors: &mut Errors) {
    let path = Path::new("spec");
    let field = path.child("schedule");
    let text = spec.schedule.as_str();
    if text.is_empty() {
        errors.required(&field, "");
    } else {
        if let Err(why) = Schedule::parse(text) {
            errors.invalid(&field, text, &why);
        }
        if text.contains("TZ") {
            let why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
            errors.invalid(&field, text, why);
        }
    }
    if let Some(seconds) = &spec.starting_deadline_seconds {
        not_negative(seconds, &path.child("startingDeadlineSeconds"), errors);
    }
    if old.is_none_or(|old| old.time_zone != spec.time_zone)
        && let Some(zone) = &spec.time_zone
    {
        time_zone(zone, &path.child("timeZone"), errors);
    }
    let policy = spec.concurrency_policy.as_deref().unwrap_or("");
    let field = path.child("concurrencyPolicy");
    match policy {
        "" => errors.required(&field, ""),
        known if POLICIES.contains(&known) => {}
        other => errors.not_among(&field, other, &POLICIES),
    }
    let template = path.child("jobTemplate");
    let field = template.child("spec");
    let job_spec = spec.job_template.spec.clone().unwrap_or_default();
    job::spec_of(&job_spec, &field, errors);
    if let Some(selector) = &job_spec.selector {
        let why = "`selector` will be auto-generated";
        errors.invalid(&field.child("selector"), selector, why);
    }
    if job_spec.manual_selector == Some(true) {
        let field = field.child("manualSelector");
        errors.not_among(&field, "true", &["nil", "false"]);
    }
    for (limit, name) in [
        (
            spec.successful_jobs_history_limit,
            "successfulJobsHistoryLimit",
        ),
        (spec.failed_jobs_history_limit, "failedJobsHistoryLimit"),
    ] {
        not_negative(&limit.unwrap_or(0), &path.child(name), errors);
    }
}

fn time_zone(zone: &str, path: &Path<'_>, errors: &mut Errors) {
    if zone.is_empty() {
        errors.invalid(path, zone, "timeZone must be nil or non-empty string");
        return;
    }
    let fits = |part: &str| {
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
        (1..=14).contains(&part.len())
            && part.chars().all(letter)
            && !matches!(part, "." | "..")
            && !part.starts_with('-')
    };
    if !zone.split('/').all(fits) {
        errors.invalid(path, zone, &format!("unknown time zone {zone}"));
    } else if zone.eq_ignore_ascii_case("Local") {
        let why =
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        errors.invalid(path, zone, why);
    }
}
