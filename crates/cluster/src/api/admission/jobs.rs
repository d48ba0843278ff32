//! What cron jobs may ask for and is not simulated.

use crate::api::Status;
use crate::cron::time_zone::Zone;
use k8s_openapi::api::batch::v1::CronJob;

/// Judges what a cron job asks for.
pub(super) fn check_cron_job(cron_job: &CronJob) -> Result<(), Status> {
    let spec = &cron_job.spec;
    let zone = spec.time_zone.as_deref().filter(|zone| !zone.is_empty());
    match zone.filter(|zone| Zone::of(zone).is_none() && zone.contains('/')) {
        None => Ok(()),
        Some(zone) => Err(Status::not_simulated(&format!("the time zone {zone}"))),
    }
}
