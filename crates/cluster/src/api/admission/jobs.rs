//! What jobs may ask for and is not simulated.

use crate::api::Status;
use crate::controllers::cron_job::time_zone;
use k8s_openapi::api::batch::v1::{CronJob, JobSpec};

/// Judges what a job asks for.
pub(super) fn check_job(job: Option<&JobSpec>) -> Result<(), Status> {
    let asked = job.and_then(|job| {
        let fields = [
            (
                "backoffLimitPerIndex",
                job.backoff_limit_per_index.is_some(),
            ),
            ("maxFailedIndexes", job.max_failed_indexes.is_some()),
            ("successPolicy", job.success_policy.is_some()),
            ("managedBy", job.managed_by.is_some()),
        ];
        let asked = fields.into_iter().find(|(_, asked)| *asked);
        asked.map(|(name, _)| name)
    });
    match asked {
        None => Ok(()),
        Some(name) => Err(Status::not_simulated(&format!("{name} of jobs"))),
    }
}

/// Judges what a cron job asks for.
pub(super) fn check_cron_job(cron_job: &CronJob) -> Result<(), Status> {
    let spec = &cron_job.spec;
    check_job(spec.job_template.spec.as_ref())?;
    let zone = spec.time_zone.as_deref().filter(|zone| !zone.is_empty());
    match zone.filter(|zone| time_zone::offset(zone).is_none() && zone.contains('/')) {
        None => Ok(()),
        Some(zone) => Err(Status::not_simulated(&format!("the time zone {zone}"))),
    }
}
