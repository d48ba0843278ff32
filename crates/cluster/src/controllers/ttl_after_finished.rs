//! Deletes jobs some time after their end.
//!
//! Upstream: `pkg/controller/ttlafterfinished/ttlafterfinished_controller.go`.

use super::job::finished;
use crate::api::Propagation;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Store};
use crate::time::Duration;
use k8s_openapi::api::batch::v1::Job;

/// Deletes jobs some time after their end.
#[derive(Clone, Default)]
pub struct TtlAfterFinishedController {}

fn is_concerned(job: &Job) -> bool {
    let ttl = job
        .spec
        .as_ref()
        .and_then(|spec| spec.ttl_seconds_after_finished);
    ttl.is_some()
        && job.metadata.deletion_timestamp.is_none()
        && job.status.as_ref().and_then(finished).is_some()
}

impl Controller for TtlAfterFinishedController {
    fn observe(&mut self, change: &Change, _store: &Store, wakes: &mut Wakes) {
        if let Object::Job(job) = &*change.object
            && change.change != ChangeType::Deleted
            && is_concerned(job)
        {
            wakes.add(ControllerId::TtlAfterFinished, change.object.key());
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(job) = client.get::<Job>(key).filter(|job| is_concerned(job)) else {
            return Outcome::DONE;
        };
        let spec = job.spec.as_ref();
        let ttl = spec.and_then(|spec| spec.ttl_seconds_after_finished);
        let ttl = Duration::secs(ttl.and_then(|ttl| u64::try_from(ttl).ok()).unwrap_or(0));
        let end = job.status.as_ref().and_then(finished);
        let Some(end) = end.and_then(|end| end.last_transition_time.as_ref()) else {
            return Outcome::DONE;
        };
        let due = client.calendar().instant(&end.0) + ttl;
        if due > client.now() {
            return Outcome::after(due.since(client.now()));
        }
        let uid = job.metadata.uid.clone().unwrap_or_default();
        match client.delete_with(Kind::Job, key, &uid, Propagation::Foreground) {
            Err(status) if !status.is_not_found() => Outcome::RETRY,
            _ => Outcome::DONE,
        }
    }
}
