//! A cluster that was kept and goes on: as after all its machines were switched off and on.

use petset_cluster::api::{Body, Request, Verb};
use petset_cluster::{Cluster, Config, Duration, Kind};
use petset_console::Images;
use serde_json::{Value, json};

fn post(cluster: &mut Cluster, kind: Kind, value: Value) {
    let request = Request::new(Verb::Create, kind, "default", "").with_body(Body::Json(value));
    let created = cluster.handle(request).result;
    assert!(created.is_ok(), "{created:?}");
}

fn pod(name: &str, image: &str, policy: &str, command: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "restartPolicy": policy,
            "initContainers": [{"name": "first", "image": "busybox:1.36", "command": ["true"]}],
            "containers": [{"name": "main", "image": image, "command": ["sh", "-c", command]}],
        },
    })
}

/// A set with claims, a pod that is never restarted, one that is done, and one that crashes.
fn busy() -> Cluster {
    let mut cluster = Cluster::new(Config::default(), Images::new());
    post(
        &mut cluster,
        Kind::StatefulSet,
        json!({
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": "web"},
            "spec": {
                "replicas": 2,
                "serviceName": "web",
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {
                        "containers": [{
                            "name": "nginx",
                            "image": "nginx:1.25",
                            "volumeMounts": [{"name": "www", "mountPath": "/data"}],
                        }],
                    },
                },
                "volumeClaimTemplates": [{
                    "metadata": {"name": "www"},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "resources": {"requests": {"storage": "1Gi"}},
                    },
                }],
            },
        }),
    );
    let image = "busybox:1.36";
    post(
        &mut cluster,
        Kind::Pod,
        pod("once", image, "Never", "sleep 1000"),
    );
    post(
        &mut cluster,
        Kind::Pod,
        pod("done", image, "OnFailure", "true"),
    );
    post(
        &mut cluster,
        Kind::Pod,
        pod("crash", image, "Always", "exit 3"),
    );
    cluster.run_until(cluster.now() + Duration::secs(100));
    run(
        &mut cluster,
        "web-0",
        "echo kept > /data/file; echo lost > /tmp/file",
    );
    cluster
}

/// What a command in a pod prints.
fn run(cluster: &mut Cluster, pod: &str, script: &str) -> String {
    let argv = ["sh", "-c", script].map(str::to_owned);
    let id = cluster.exec("default", pod, None, &argv, false, false);
    let id = id.expect("a command");
    let mut text = String::new();
    loop {
        let progress = cluster.exec_poll(id);
        text += &progress.stdout;
        text += &progress.stderr;
        if progress.exit.is_some() {
            return text;
        }
        assert!(cluster.step());
    }
}

fn objects(cluster: &Cluster, but: &[Kind]) -> Vec<Value> {
    let kinds = Kind::ALL.iter().filter(|kind| !but.contains(kind));
    let all = kinds.flat_map(|kind| cluster.store().list(*kind, None));
    all.map(|object| object.to_json()).collect()
}

fn restored(cluster: &Cluster) -> Cluster {
    // By way of text, as in a file.
    let saved: Value = serde_json::from_str(&cluster.save().to_string()).expect("JSON");
    let config = Config {
        epoch_unix_seconds: 0,
        ..Config::default()
    };
    Cluster::restore(&saved, &config, Images::new()).expect("a cluster")
}

fn found(cluster: &Cluster, pod: &str, pointer: &str) -> String {
    let key = petset_cluster::Key::new("default", pod);
    let object = cluster.store().get(Kind::Pod, &key).expect("the pod");
    let value = object.to_json();
    match value.pointer(pointer) {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[test]
fn objects_come_back_with_their_versions_and_the_moment() {
    let cluster = busy();
    let back = restored(&cluster);
    assert_eq!(objects(&back, &[]), objects(&cluster, &[]));
    let (was, is) = (cluster.store(), back.store());
    assert_eq!(is.resource_version(), was.resource_version());
    assert_eq!(back.now(), cluster.now());
    assert!(was.resource_version() > 1_000);
}

#[test]
fn machines_that_come_up_start_the_containers_again() {
    let cluster = busy();
    let mut back = restored(&cluster);
    let uid = found(&cluster, "web-1", "/metadata/uid");
    back.run_until(back.now() + Duration::secs(60));
    let table = [
        ("web-0", "/status/phase", "Running"),
        ("web-0", "/status/containerStatuses/0/ready", "true"),
        ("web-0", "/status/containerStatuses/0/restartCount", "1"),
        (
            "web-0",
            "/status/containerStatuses/0/lastState/terminated/reason",
            "Unknown",
        ),
        (
            "web-0",
            "/status/containerStatuses/0/lastState/terminated/exitCode",
            "255",
        ),
        ("web-1", "/metadata/uid", &uid),
        ("web-1", "/status/containerStatuses/0/ready", "true"),
        ("once", "/status/phase", "Failed"),
        (
            "once",
            "/status/containerStatuses/0/state/terminated/exitCode",
            "255",
        ),
        ("once", "/status/containerStatuses/0/restartCount", "0"),
        ("done", "/status/phase", "Succeeded"),
        ("done", "/status/containerStatuses/0/restartCount", "0"),
    ];
    for (pod, pointer, want) in table {
        assert_eq!(found(&back, pod, pointer), want, "{pod} {pointer}");
    }
    let crashes = |cluster: &Cluster| -> u32 {
        let count = found(cluster, "crash", "/status/containerStatuses/0/restartCount");
        count.parse().expect("a number")
    };
    assert!(crashes(&back) > crashes(&cluster));
    assert_eq!(run(&mut back, "web-0", "cat /data/file"), "kept\n");
    let gone = run(&mut back, "web-0", "cat /tmp/file");
    assert!(gone.contains("No such file"), "{gone}");
    let changed = back.store().list(Kind::Event, None);
    let changed = changed.filter(|event| event.to_json()["reason"] == "SandboxChanged");
    assert_eq!(changed.count(), 3, "web-0, web-1 and crash");
}

#[test]
fn a_cluster_at_rest_that_comes_back_rests_again() {
    let mut cluster = Cluster::new(Config::default(), Images::new());
    cluster.run_until(cluster.now() + Duration::secs(100));
    let mut back = restored(&cluster);
    back.run_until(back.now() + Duration::secs(100));
    let own = [Kind::Node, Kind::Lease];
    let (before, after) = (objects(&cluster, &own), objects(&back, &own));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after, before);
    }
    assert_eq!(after.len(), before.len());
    assert_eq!(back.next_event(), None);
}

#[test]
fn time_goes_on_at_the_date_of_loading() {
    let cluster = busy();
    let saved = cluster.save();
    let night = Duration::secs(8 * 3_600);
    let date = Config::default().epoch_unix_seconds + 8 * 3_600;
    let config = Config {
        epoch_unix_seconds: date,
        ..Config::default()
    };
    let back = Cluster::restore(&saved, &config, Images::new()).expect("a cluster");
    assert_eq!(back.now().0, night.0);
}

#[test]
fn what_is_no_cluster_is_said_to_be_none() {
    let whole = busy().save();
    let without = |field: &str| {
        let mut saved = whole.clone();
        saved[field] = Value::Null;
        saved
    };
    let strange = json!([{"apiVersion": "v1", "kind": "Toaster", "metadata": {"name": "t"}}]);
    let mut kind = whole.clone();
    kind["objects"] = strange;
    let mut ty = whole.clone();
    ty["objects"][0]["metadata"]["name"] = json!(7);
    let table = [
        (json!(null), "nowMicroseconds: no number"),
        (without("epochUnixSeconds"), "epochUnixSeconds: no number"),
        (without("objects"), "objects: no list"),
        (without("machines"), "nodes: no number"),
        (kind, "t: no kind \"Toaster\" in \"v1\""),
    ];
    for (saved, want) in table {
        let error = Cluster::restore(&saved, &Config::default(), Images::new());
        assert_eq!(error.map(|_| ()).expect_err("an error"), want);
    }
    let error = Cluster::restore(&ty, &Config::default(), Images::new());
    assert!(error.is_err());
}
