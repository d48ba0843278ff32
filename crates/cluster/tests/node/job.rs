//! Jobs and cron jobs.

use crate::stage::Stage;
use k8s_openapi::jiff::Timestamp;
use petset_cluster::api::{Body, Propagation, Request, Status, Verb};
use petset_cluster::{Key, Kind};
use serde_json::{Value, json};

pub(crate) fn job(name: &str, command: &[&str], spec: Value) -> Value {
    let mut spec = spec;
    let policy = spec["restartPolicy"].as_str().unwrap_or("Never").to_owned();
    spec.as_object_mut()
        .expect("a spec")
        .remove("restartPolicy");
    spec["template"]["spec"] = json!({"restartPolicy": policy, "terminationGracePeriodSeconds": 1,
        "containers": [{"name": "c", "image": "busybox", "command": command}]});
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec})
}

pub(crate) fn create(stage: &mut Stage, kind: Kind, object: Value) -> Result<(), Status> {
    let name = object["metadata"]["name"].as_str().unwrap_or("").to_owned();
    let request = Request::new(Verb::Create, kind, "default", &name).with_body(Body::Json(object));
    stage.cluster.handle(request).result.map(|_| ())
}

pub(crate) fn status(stage: &Stage) -> Value {
    stage.get(Kind::Job, "j").expect("a job")["status"].clone()
}

/// The conditions that hold, each with its reason.
pub(crate) fn conditions(status: &Value) -> Vec<String> {
    let list = status["conditions"].as_array().cloned().unwrap_or_default();
    let held = list.iter().filter(|c| c["status"] == "True");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    held.map(|c| format!("{} {}", text(&c["type"]), text(&c["reason"])))
        .collect()
}

/// Seconds since 1970 at which the pods were made, in order.
fn pods_made(stage: &Stage) -> Vec<i64> {
    let pods = stage.cluster.store().list(Kind::Pod, Some("default"));
    let dates = pods.filter_map(|pod| pod.meta().creation_timestamp.clone());
    let mut dates: Vec<i64> = dates.map(|date| date.0.as_second()).collect();
    dates.sort_unstable();
    dates
}

#[test]
fn a_job_runs_so_many_pods_to_their_end_so_many_at_a_time() {
    let mut stage = Stage::new();
    stage.create(job(
        "j",
        &["sleep", "2"],
        json!({"completions": 5, "parallelism": 2}),
    ));
    stage.pass(40);
    let status = status(&stage);
    assert_eq!(status["succeeded"], 5);
    assert_eq!(status["uncountedTerminatedPods"], json!({}));
    let most = stage.writes(Kind::Job, "j", |job| job["status"]["active"].to_string());
    assert!(most.contains(&"2".to_owned()) && !most.contains(&"3".to_owned()));
    let pods = stage.cluster.store().list(Kind::Pod, Some("default"));
    let pods: Vec<_> = pods.collect();
    assert_eq!(pods.len(), 5);
    for pod in pods {
        assert_eq!(pod.meta().finalizers, None, "every end was counted");
        assert!(pod.name().starts_with("j-"));
        let labels = pod.meta().labels.clone().unwrap_or_default();
        assert_eq!(labels["batch.kubernetes.io/job-name"], "j");
        assert_eq!(labels["job-name"], "j");
    }
    let events = stage.events("j");
    assert_eq!(events.len(), 6);
    assert!(events[0].starts_with("Normal SuccessfulCreate Created pod: j-"));
    assert_eq!(events[5], "Normal Completed Job completed");
}

#[test]
fn s_wrk_31_the_verdict_comes_before_the_end() {
    let table = [
        (
            "0",
            &[
                "SuccessCriteriaMet CompletionsReached",
                "Complete CompletionsReached",
            ],
            "Normal Completed Job completed",
        ),
        (
            "3",
            &[
                "FailureTarget BackoffLimitExceeded",
                "Failed BackoffLimitExceeded",
            ],
            "Warning BackoffLimitExceeded Job has reached the specified backoff limit",
        ),
    ];
    for (code, expected, event) in table {
        let mut stage = Stage::new();
        stage.create(job("j", &["exit", code], json!({"backoffLimit": 0})));
        stage.pass(20);
        let mut seen = stage.writes(Kind::Job, "j", |job| conditions(&job["status"]).join(", "));
        seen.dedup();
        let both = expected.join(", ");
        assert_eq!(seen, ["", expected[0], &both], "{code}");
        assert_eq!(stage.events("j").last().map(String::as_str), Some(event));
    }
    // A pod that will not stop keeps the job from its end.
    let mut stage = Stage::new();
    let mut slow = job("j", &["stubborn"], json!({"activeDeadlineSeconds": 5}));
    slow["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 60.into();
    stage.create(slow);
    stage.pass(30);
    assert_eq!(
        conditions(&status(&stage)),
        ["FailureTarget DeadlineExceeded"]
    );
    assert_eq!(status(&stage)["terminating"], 1);
    stage.pass(60);
    let ended = ["FailureTarget DeadlineExceeded", "Failed DeadlineExceeded"];
    assert_eq!(conditions(&status(&stage)), ended);
    let told = "Warning DeadlineExceeded Job was active longer than specified deadline";
    assert!(stage.events("j").contains(&told.to_owned()));
}

#[test]
fn s_wrk_21_pods_of_a_job_do_not_run_for_ever() {
    let both =
        "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"";
    let table = [
        ("Always", both),
        ("", both),
        (
            "Sometimes",
            "spec.template.spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"OnFailure\", \"Never\"",
        ),
    ];
    for (policy, expected) in table {
        let mut stage = Stage::new();
        let object = job("j", &["exit", "0"], json!({ "restartPolicy": policy }));
        let status = create(&mut stage, Kind::Job, object).expect_err(policy);
        assert!(status.message.contains(expected), "{}", status.message);
    }
}

#[test]
fn s_wrk_26_failed_pods_are_tried_again_after_ten_seconds_and_then_twice_as_long() {
    let mut stage = Stage::new();
    stage.create(job("j", &["exit", "3"], json!({"backoffLimit": 8})));
    stage.pass(4000);
    let made = pods_made(&stage);
    let waits: Vec<i64> = made.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let expected = [10, 20, 40, 80, 160, 320, 600, 600];
    assert_eq!(waits.len(), expected.len(), "{waits:?}");
    for (wait, expected) in waits.iter().zip(expected) {
        assert!((expected..expected + 4).contains(wait), "{waits:?}");
    }
    assert_eq!(status(&stage)["failed"], 9);
}

#[test]
fn an_indexed_job_has_a_pod_for_each_index() {
    let mut stage = Stage::new();
    let spec = json!({"completionMode": "Indexed", "completions": 4, "parallelism": 2});
    stage.create(job("j", &["sleep", "1"], spec));
    stage.pass(3);
    let pods = stage.cluster.store().list(Kind::Pod, Some("default"));
    let mut indexes: Vec<String> = pods
        .map(|pod| {
            let labels = pod.meta().labels.clone().unwrap_or_default();
            let index = labels["batch.kubernetes.io/job-completion-index"].clone();
            assert!(pod.name().starts_with(&format!("j-{index}-")));
            let pod = pod.to_json();
            assert_eq!(pod["spec"]["hostname"], format!("j-{index}"));
            let variable = &pod["spec"]["containers"][0]["env"][0];
            assert_eq!(variable["name"], "JOB_COMPLETION_INDEX");
            index
        })
        .collect();
    indexes.sort();
    assert_eq!(indexes, ["0", "1"]);
    stage.pass(20);
    assert_eq!(status(&stage)["completedIndexes"], "0-3");
    assert_eq!(status(&stage)["succeeded"], 4);
}

#[test]
fn a_suspended_job_has_no_pods() {
    let mut stage = Stage::new();
    stage.create(job("j", &["sleep", "60"], json!({"suspend": true})));
    stage.pass(5);
    assert_eq!(pods_made(&stage).len(), 0);
    assert_eq!(conditions(&status(&stage)), ["Suspended JobSuspended"]);
    let suspend = |stage: &mut Stage, yes: bool| {
        stage.update(Kind::Job, "j", |job| job["spec"]["suspend"] = yes.into());
        stage.pass(5);
    };
    suspend(&mut stage, false);
    assert_eq!(status(&stage)["active"], 1);
    suspend(&mut stage, true);
    assert_eq!(pods_made(&stage).len(), 0);
    assert_eq!(
        status(&stage)["failed"],
        Value::Null,
        "its end does not count"
    );
    let events = stage.events("j");
    let told: Vec<&str> = events
        .iter()
        .filter_map(|event| event.split(' ').nth(1))
        .collect();
    assert_eq!(
        told,
        [
            "Suspended",
            "SuccessfulCreate",
            "Resumed",
            "SuccessfulDelete"
        ]
    );
}

#[test]
fn a_job_is_deleted_some_time_after_its_end() {
    let mut stage = Stage::new();
    stage.create(job(
        "j",
        &["exit", "0"],
        json!({"ttlSecondsAfterFinished": 30}),
    ));
    stage.pass(25);
    assert!(stage.get(Kind::Job, "j").is_some());
    stage.pass(20);
    assert_eq!(stage.get(Kind::Job, "j"), None);
    assert_eq!(pods_made(&stage).len(), 0);
}

#[test]
fn a_failure_policy_says_what_a_failed_pod_means() {
    // (action, failed pods that count after 15 s, the reason of the end)
    let table = [
        ("Ignore", 0, None),
        ("Count", 1, None),
        ("FailJob", 1, Some("Failed PodFailurePolicy")),
    ];
    for (action, failed, end) in table {
        let mut stage = Stage::new();
        let rule = json!({"action": action, "onExitCodes": {"operator": "In", "values": [3]}});
        let spec = json!({"backoffLimit": 5, "podFailurePolicy": {"rules": [rule]}});
        stage.create(job("j", &["exit", "3"], spec));
        stage.pass(8);
        let status = status(&stage);
        assert_eq!(status["failed"].as_i64().unwrap_or(0), failed, "{action}");
        assert_eq!(
            conditions(&status).last().map(String::as_str),
            end,
            "{action}"
        );
        if let Some(condition) = status["conditions"].as_array().and_then(|c| c.first()) {
            let message = condition["message"].as_str().unwrap_or_default();
            let tail = "failed with exit code 3 matching FailJob rule at index 0";
            assert!(
                message.starts_with("Container c for pod default/j-") && message.ends_with(tail)
            );
        }
    }
}

#[test]
fn pods_of_a_deleted_job_go() {
    let mut stage = Stage::new();
    stage.create(job(
        "j",
        &["sleep", "600"],
        json!({"parallelism": 3, "completions": 3}),
    ));
    stage.pass(5);
    let mut request = Request::new(Verb::Delete, Kind::Job, "default", "j");
    request.options.propagation = Some(Propagation::Background);
    assert!(stage.cluster.handle(request).result.is_ok());
    stage.pass(10);
    assert_eq!(pods_made(&stage).len(), 0);
}

#[test]
fn a_pod_that_was_deleted_counts_as_failed_and_is_replaced() {
    let mut stage = Stage::new();
    stage.create(job("j", &["sleep", "60", "x"], json!({})));
    stage.pass(5);
    let pods = stage.cluster.store().list(Kind::Pod, Some("default"));
    let first = pods.map(|pod| pod.name().to_owned()).next().expect("a pod");
    stage.delete(Kind::Pod, &first);
    stage.pass(15);
    assert_eq!(status(&stage)["failed"], 1);
    assert_eq!(status(&stage)["active"], 1);
    assert_eq!(stage.get(Kind::Pod, &first), None);
}

fn cron_job(spec: Value, command: &[&str]) -> Value {
    let mut spec = spec;
    spec["jobTemplate"] = json!({"spec": job("", command, json!({}))["spec"]});
    json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c"}, "spec": spec})
}

fn jobs(stage: &Stage) -> Vec<String> {
    let jobs = stage.cluster.store().list(Kind::Job, Some("default"));
    jobs.map(|job| job.name().to_owned()).collect()
}

#[test]
fn a_cron_job_makes_jobs_named_after_their_minute_and_keeps_the_last() {
    let mut stage = Stage::new();
    stage.create(cron_job(json!({"schedule": "*/2 * * * *"}), &["exit", "0"]));
    stage.pass(60 * 11);
    let begin = "2026-01-05T00:00:00Z".parse::<Timestamp>().expect("a date");
    let minute = begin.as_second() / 60;
    let expected: Vec<String> = [6, 8, 10].map(|n| format!("c-{}", minute + n)).into();
    assert_eq!(jobs(&stage), expected);
    let object = stage.get(Kind::CronJob, "c").expect("a cron job");
    assert_eq!(object["status"]["lastScheduleTime"], "2026-01-05T00:10:00Z");
    let newest = stage.get(Kind::Job, &expected[2]).expect("a job");
    let annotations = &newest["metadata"]["annotations"];
    let date = &annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"];
    assert_eq!(date, "2026-01-05T00:10:00Z");
    let events = stage.events("c");
    let first = format!("c-{}", minute + 2);
    assert_eq!(
        events[0],
        format!("Normal SuccessfulCreate Created job {first}")
    );
    assert_eq!(
        events[1],
        format!("Normal SawCompletedJob Saw completed job: {first}, condition: Complete")
    );
    assert!(events.contains(&format!("Normal SuccessfulDelete Deleted job {first}")));
}

#[test]
fn what_a_cron_job_does_while_the_job_before_still_runs() {
    // (policy, jobs after three minutes, an event)
    let table = [
        ("Allow", 3, "SuccessfulCreate"),
        ("Forbid", 1, "JobAlreadyActive"),
        ("Replace", 1, "SuccessfulDelete"),
    ];
    for (policy, expected, event) in table {
        let mut stage = Stage::new();
        let spec = json!({"schedule": "* * * * *", "concurrencyPolicy": policy});
        stage.create(cron_job(spec, &["sleep", "6000"]));
        stage.pass(190);
        assert_eq!(jobs(&stage).len(), expected, "{policy}");
        let events = stage.events("c");
        assert!(
            events.iter().any(|e| e.contains(event)),
            "{policy}: {events:?}"
        );
    }
}

#[test]
fn a_suspended_cron_job_makes_no_jobs_and_misses_those_that_are_too_late() {
    let mut stage = Stage::new();
    let spec = json!({"schedule": "*/5 * * * *", "suspend": true, "startingDeadlineSeconds": 30});
    stage.create(cron_job(spec, &["exit", "0"]));
    stage.pass(400);
    assert_eq!(jobs(&stage).len(), 0);
    let resume = |stage: &mut Stage| {
        stage.update(Kind::CronJob, "c", |c| c["spec"]["suspend"] = false.into());
        stage.pass(5);
    };
    resume(&mut stage);
    assert_eq!(jobs(&stage).len(), 0, "100 s late");
    let mut stage = Stage::new();
    let spec = json!({"schedule": "*/5 * * * *", "suspend": true});
    stage.create(cron_job(spec, &["exit", "0"]));
    stage.pass(400);
    resume(&mut stage);
    assert_eq!(jobs(&stage).len(), 1, "late, but nobody minds");
}

#[test]
fn a_cron_job_knows_the_clocks_of_some_places() {
    // Nine in the morning in Seoul is midnight: 24 hours from the beginning.
    let mut stage = Stage::new();
    let spec = json!({"schedule": "0 9 * * *", "timeZone": "Asia/Seoul"});
    stage.create(cron_job(spec, &["exit", "0"]));
    stage.pass(86_400 - 10);
    assert_eq!(jobs(&stage).len(), 0);
    stage.pass(20);
    let name = jobs(&stage).pop().expect("a job");
    let key = Key::new("default", &name);
    let job = stage.cluster.store().get(Kind::Job, &key).expect("a job");
    let annotations = job.meta().annotations.clone().unwrap_or_default();
    let date = &annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"];
    assert_eq!(date, "2026-01-06T09:00:00+09:00");
    let table = [
        (
            "Africa/Cairo",
            "not simulated here: the time zone Africa/Cairo",
        ),
        ("Local", "timeZone must be an explicit time zone"),
        ("No where", "unknown time zone No where"),
    ];
    for (zone, why) in table {
        let object = cron_job(
            json!({"schedule": "0 9 * * *", "timeZone": zone}),
            &["exit", "0"],
        );
        let status = create(&mut Stage::new(), Kind::CronJob, object).expect_err(zone);
        assert!(status.message.contains(why), "{}", status.message);
    }
}

#[test]
fn changed_times_wait_for_the_next_of_the_new_ones() {
    let mut stage = Stage::new();
    stage.create(cron_job(json!({"schedule": "0 0 1 1 *"}), &["exit", "0"]));
    stage.pass(90);
    stage.update(Kind::CronJob, "c", |c| {
        c["spec"]["schedule"] = "* * * * *".into()
    });
    stage.pass(20);
    assert_eq!(jobs(&stage).len(), 0);
    stage.pass(20);
    assert_eq!(jobs(&stage).len(), 1);
}
