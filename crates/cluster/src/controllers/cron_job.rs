//! Jobs that are made at certain times.
//!
//! Upstream: `pkg/controller/cronjob/cronjob_controllerv2.go`, `pkg/controller/cronjob/utils.go`.

use super::job::finished;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Requeue, Wakes};
use crate::controllers::pod_control::is_namespace_terminating;
use crate::cron::schedule::Schedule;
use crate::cron::time_zone::Zone;
use crate::meta::controller_ref::{controller_of, new_controller_ref};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::sort;
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::Duration;
use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, CronJobStatus, Job};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use k8s_openapi::jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A job is looked for so long after its time.
const NEXT_SCHEDULE_DELTA: Duration = Duration::millis(100);
/// More missed times than these are worth a warning.
const MANY: i64 = 100;
const SCHEDULED_TIMESTAMP: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/// Makes jobs at certain times.
#[derive(Clone, Default)]
pub struct CronJobController {
    /// Those whose times were changed: they wait for the next of the new ones.
    rescheduled: BTreeSet<Key>,
}

impl Controller for CronJobController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        match &**object {
            Object::CronJob(cron_job) => {
                let times = |cron_job: &CronJob| {
                    let spec = &cron_job.spec;
                    (spec.schedule.clone(), spec.time_zone.clone())
                };
                let old = change.old.as_ref().and_then(|old| old.as_kind::<CronJob>());
                if change.change == ChangeType::Modified
                    && old.is_some_and(|old| times(old) != times(cron_job))
                {
                    self.rescheduled.insert(object.key());
                }
                wakes.add(ControllerId::CronJob, object.key());
            }
            Object::Job(_) => {
                let owner = controller_of(object.meta()).filter(|owner| owner.kind == "CronJob");
                let Some(owner) = owner else { return };
                let key = Key::new(object.namespace(), &owner.name);
                let parent = store.get(Kind::CronJob, &key);
                if parent.is_some_and(|parent| parent.uid() == owner.uid) {
                    wakes.add(ControllerId::CronJob, key);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let rescheduled = self.rescheduled.remove(key);
        let Some(object) = client.store().get(Kind::CronJob, key).cloned() else {
            return Outcome::DONE;
        };
        let Some(cron_job) = object.as_kind::<CronJob>() else {
            return Outcome::DONE;
        };
        let mut sync = CronJobSync::new(object.clone(), cron_job, client);
        if rescheduled {
            let next = Schedule::parse(&sync.spec.schedule).ok();
            let next = next.and_then(|schedule| sync.until_next(schedule, client));
            return next.map_or(Outcome::DONE, Outcome::after);
        }
        let looked_at = 1 + sync.jobs.len() as u64;
        let result = sync.run(client);
        sync.clean_up(client);
        let written = sync.write_status(cron_job, client);
        let requeue = match (result, written) {
            (Ok(Some(delay)), true) => Requeue::After(delay),
            (Ok(None), true) => Requeue::No,
            _ => Requeue::RateLimited,
        };
        Outcome { requeue, looked_at }
    }
}

/// A cron job that is worked on.
struct CronJobSync {
    object: Arc<Object>,
    spec: CronJobSpec,
    status: CronJobStatus,
    jobs: Vec<Arc<Object>>,
    /// Its clock; none if that is not known.
    zone: Option<Zone>,
    /// The present, in seconds since 1970.
    now: i64,
}

/// What the schedule has had to say since the last job.
struct Missed {
    earliest: i64,
    latest: Option<i64>,
    count: i64,
}

fn job_in(object: &Object) -> Option<&Job> {
    object.as_kind::<Job>()
}

fn time(seconds: i64) -> Time {
    Time(Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH))
}

impl CronJobSync {
    fn new(object: Arc<Object>, cron_job: &CronJob, client: &Client<'_>) -> CronJobSync {
        let store = client.store();
        let owned = store.by_index(Kind::Job, Index::OwnerUid, object.uid());
        let jobs = owned
            .filter(|job| controller_of(job.meta()).is_some_and(|owner| owner.uid == object.uid()));
        let spec = cron_job.spec.clone();
        let zone = spec.time_zone.as_deref().unwrap_or("UTC");
        CronJobSync {
            jobs: jobs.cloned().collect(),
            zone: Zone::of(zone),
            status: cron_job.status.clone().unwrap_or_default(),
            now: client.calendar().timestamp(client.now()).as_second(),
            spec,
            object,
        }
    }

    fn event(&self, kind: EventType, reason: &str, message: String, client: &mut Client<'_>) {
        let by = Reporter::control_plane("cronjob-controller");
        client.event(&by, reference(&self.object), kind, reason, message);
    }

    fn warn(&self, reason: &str, message: String, client: &mut Client<'_>) {
        self.event(EventType::Warning, reason, message, client);
    }

    fn forget(&mut self, uid: &str) {
        if let Some(active) = &mut self.status.active {
            active.retain(|job| job.uid.as_deref() != Some(uid));
            if active.is_empty() {
                self.status.active = None;
            }
        }
    }

    fn is_active(&self, uid: &str) -> bool {
        let mut active = self.status.active.iter().flatten();
        active.any(|job| job.uid.as_deref() == Some(uid))
    }

    /// Takes note of jobs that have ended or gone missing.
    fn see_jobs(&mut self, client: &mut Client<'_>) {
        for object in self.jobs.clone() {
            let Some(job) = job_in(&object) else { continue };
            let known = self.is_active(object.uid());
            let Some(end) = job.status.as_ref().and_then(finished) else {
                if !known {
                    let message = format!(
                        "Saw a job that the controller did not create or forgot: {}",
                        object.name()
                    );
                    self.warn("UnexpectedJob", message, client);
                }
                continue;
            };
            if known {
                self.forget(object.uid());
                let (name, kind) = (object.name(), &end.type_);
                let message = format!("Saw completed job: {name}, condition: {kind}");
                self.event(EventType::Normal, "SawCompletedJob", message, client);
            }
            let completed = job.status.as_ref().and_then(|s| s.completion_time.clone());
            if end.type_ == "Complete"
                && completed.as_ref().map(|t| t.0)
                    > self.status.last_successful_time.as_ref().map(|t| t.0)
            {
                self.status.last_successful_time = completed;
            }
        }
        for job in self.status.active.clone().unwrap_or_default() {
            let name = job.name.clone().unwrap_or_default();
            let key = Key::new(self.object.namespace(), &name);
            if client.store().get(Kind::Job, &key).is_none() {
                let message = format!("Active job went missing: {name}");
                self.event(EventType::Normal, "MissingJob", message, client);
                self.forget(job.uid.as_deref().unwrap_or(""));
            }
        }
    }

    /// One sync; when to look again.
    ///
    /// # Errors
    /// Why it is to be tried again.
    fn run(&mut self, client: &mut Client<'_>) -> Result<Option<Duration>, String> {
        self.see_jobs(client);
        if self.object.is_terminating() || self.spec.suspend == Some(true) {
            return Ok(None);
        }
        let text = self.spec.schedule.clone();
        let schedule = match Schedule::parse(&text) {
            Ok(schedule) => schedule,
            Err(why) => {
                let message = format!("unparseable schedule: \"{text}\" : {why}");
                self.warn("UnparseableSchedule", message, client);
                return Ok(None);
            }
        };
        let missed = match self.missed(schedule, true) {
            Ok(missed) => missed,
            Err(why) => {
                let message = format!("invalid schedule: {text} : {why}");
                self.warn("InvalidSchedule", message, client);
                return Ok(None);
            }
        };
        if let Some(scheduled) = missed.latest.filter(|latest| *latest <= self.now) {
            if missed.count > MANY {
                let message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
                self.warn("TooManyMissedTimes", message.to_owned(), client);
            }
            self.start(scheduled, client)?;
        }
        Ok(self.until_next(schedule, client))
    }

    /// Starts the job of a moment, unless something speaks against it.
    fn start(&mut self, scheduled: i64, client: &mut Client<'_>) -> Result<(), String> {
        let deadline = self.spec.starting_deadline_seconds;
        if deadline.is_some_and(|deadline| scheduled.saturating_add(deadline) < self.now) {
            let date = time(scheduled).0.strftime("%a, %d %b %Y %H:%M:%S UTC");
            let message = format!("Missed scheduled time to start a job: {date}");
            self.warn("MissSchedule", message, client);
            return Ok(());
        }
        let name = format!("{}-{}", self.object.name(), scheduled.div_euclid(60));
        let mut active = self.status.active.iter().flatten();
        let last = self.status.last_schedule_time.as_ref();
        if active.any(|job| job.name.as_deref() == Some(&name))
            || last.is_some_and(|last| last.0.as_second() == scheduled)
        {
            return Ok(());
        }
        let busy = self.status.active.clone().unwrap_or_default();
        match self.spec.concurrency_policy.as_deref() {
            Some("Forbid") if !busy.is_empty() => {
                let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
                self.event(
                    EventType::Normal,
                    "JobAlreadyActive",
                    message.to_owned(),
                    client,
                );
                return Ok(());
            }
            Some("Replace") => {
                for job in busy {
                    let name = job.name.unwrap_or_default();
                    if !self.delete(&name, &job.uid.unwrap_or_default(), client) {
                        let namespace = self.object.namespace();
                        return Err(format!("could not replace job {namespace}/{name}"));
                    }
                }
            }
            _ => {}
        }
        let created = client.create(self.job(&name, scheduled));
        let job = match created {
            Ok(job) => {
                let message = format!("Created job {name}");
                self.event(EventType::Normal, "SuccessfulCreate", message, client);
                job
            }
            Err(status) if is_namespace_terminating(&status) => return Err(status.message),
            Err(status) if status.is_already_exists() => {
                let key = Key::new(self.object.namespace(), &name);
                let there = client.store().get(Kind::Job, &key).cloned();
                let ours = |job: &Arc<Object>| {
                    controller_of(job.meta()).is_some_and(|o| o.uid == self.object.uid())
                };
                match there.filter(ours) {
                    Some(job) if !self.is_active(job.uid()) => job,
                    _ => return Ok(()),
                }
            }
            Err(status) => {
                let message = format!("Error creating job: {}", status.message);
                self.warn("FailedCreate", message, client);
                return Err(status.message);
            }
        };
        let active = self.status.active.get_or_insert_default();
        active.push(reference(&job));
        self.status.last_schedule_time = Some(time(scheduled));
        Ok(())
    }

    fn job(&self, name: &str, scheduled: i64) -> Job {
        let template = &self.spec.job_template;
        let meta = template.metadata.clone().unwrap_or_default();
        let mut annotations = meta.annotations.unwrap_or_default();
        let offset = self.zone.map_or(0, |zone| zone.offset(scheduled));
        let local = time(scheduled.saturating_add(offset)).0;
        let zone = match offset {
            0 => "Z".to_owned(),
            _ => {
                let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
                format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        };
        let date = format!("{}{zone}", local.strftime("%Y-%m-%dT%H:%M:%S"));
        annotations.insert(SCHEDULED_TIMESTAMP.to_owned(), date);
        Job {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                namespace: self.object.meta().namespace.clone(),
                labels: meta.labels,
                annotations: Some(annotations),
                owner_references: Some(vec![new_controller_ref(Kind::CronJob, self.object.meta())]),
                ..ObjectMeta::default()
            },
            spec: Some(template.spec.clone().unwrap_or_default()),
            status: None,
        }
    }

    /// Deletes a job; whether that worked.
    fn delete(&mut self, name: &str, uid: &str, client: &mut Client<'_>) -> bool {
        let key = Key::new(self.object.namespace(), name);
        if let Err(status) = client.delete(Kind::Job, &key, None, None) {
            let message = format!("Deleted job: {}", status.message);
            self.warn("FailedDelete", message, client);
            return false;
        }
        self.forget(uid);
        let message = format!("Deleted job {name}");
        self.event(EventType::Normal, "SuccessfulDelete", message, client);
        true
    }

    /// Deletes the oldest jobs that have ended, beyond as many as are kept.
    fn clean_up(&mut self, client: &mut Client<'_>) {
        let limits = [
            ("Complete", self.spec.successful_jobs_history_limit),
            ("Failed", self.spec.failed_jobs_history_limit),
        ];
        for (kind, limit) in limits {
            let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else {
                continue;
            };
            let ended = |object: &&Arc<Object>| {
                let status = job_in(object).and_then(|job| job.status.as_ref());
                status
                    .and_then(finished)
                    .is_some_and(|end| end.type_ == kind)
            };
            let mut jobs: Vec<Arc<Object>> = self.jobs.iter().filter(ended).cloned().collect();
            sort::by_key(&mut jobs, |object| {
                let status = job_in(object).and_then(|job| job.status.as_ref());
                let start = status.and_then(|status| status.start_time.as_ref());
                (
                    start.is_none(),
                    start.map(|start| start.0),
                    object.name().to_owned(),
                )
            });
            let excess = jobs.len().saturating_sub(limit);
            for job in jobs.into_iter().take(excess) {
                self.delete(job.name(), job.uid(), client);
            }
        }
    }

    fn write_status(&self, cron_job: &CronJob, client: &mut Client<'_>) -> bool {
        if cron_job.status.as_ref() == Some(&self.status) {
            return true;
        }
        let mut cron_job = cron_job.clone();
        cron_job.status = Some(self.status.clone());
        client.update_status(cron_job).is_ok()
    }

    fn clock(&self) -> Zone {
        self.zone.unwrap_or(Zone::UTC)
    }

    /// Upstream: `mostRecentScheduleTime`.
    fn missed(&self, schedule: Schedule, with_deadline: bool) -> Result<Missed, String> {
        let zone = self.clock();
        let created = self.object.meta().creation_timestamp.as_ref();
        let last = self.status.last_schedule_time.as_ref().or(created);
        let mut earliest = last.map_or(0, |last| last.0.as_second());
        if with_deadline && let Some(deadline) = self.spec.starting_deadline_seconds {
            earliest = earliest.max(self.now.saturating_sub(deadline));
        }
        let none = |latest, count| Missed {
            earliest,
            latest,
            count,
        };
        let invalid = || "time difference between two schedules is less than 1 second".to_owned();
        let first = schedule.next(earliest, zone).ok_or_else(invalid)?;
        if self.now < first {
            return Ok(none(None, 0));
        }
        let second = schedule.next(first, zone).ok_or_else(invalid)?;
        if self.now < second {
            return Ok(none(Some(first), 0));
        }
        let apart = second - first;
        let count = (self.now - first) / apart + 1;
        let mut at = first + (count - 2) * apart;
        let mut latest = None;
        while let Some(next) = schedule.next(at, zone).filter(|next| *next <= self.now) {
            latest = Some(next);
            at = next;
        }
        Ok(none(latest, count))
    }

    /// From now to the next moment of the schedule.
    fn until_next(&self, schedule: Schedule, client: &Client<'_>) -> Option<Duration> {
        let from = match self.missed(schedule, false) {
            Ok(missed) => missed.latest.unwrap_or(match missed.count {
                0 => missed.earliest,
                _ => self.now,
            }),
            Err(_) => self.now,
        };
        let next = schedule.next(from, self.clock())?;
        let next = client.calendar().instant(&time(next).0) + NEXT_SCHEDULE_DELTA;
        Some(next.since(client.now()).max(Duration::micros(1)))
    }
}
