//! What the driver gives to the API, and how long things take.

use petset_cluster::Duration;
use petset_cluster::latency::Latency;
use serde_json::{Value, json};

use super::plan::{Form, IMAGES, index};

/// The usual times, those between components so many times as long.
pub fn latency(times: u64) -> Latency {
    let slow = |span: Duration| span.times(times);
    let usual = Latency::default();
    Latency {
        watch: slow(usual.watch),
        sync: slow(usual.sync),
        schedule: slow(usual.schedule),
        status: slow(usual.status),
        provision: slow(usual.provision),
        jitter_percent: 50,
        ..usual
    }
}

/// The name of the n-th node, from 0.
pub fn node_name(node: u64) -> String {
    format!("node-{}", node + 1)
}

/// A retention policy: see `Action::Retention`.
pub fn retention(policy: u64) -> Value {
    let word = |bit: u64| {
        if policy & bit == 0 {
            "Retain"
        } else {
            "Delete"
        }
    };
    json!({ "whenScaled": word(1), "whenDeleted": word(2) })
}

/// A pod template: see [`IMAGES`].
pub fn template(app: &str, image: u64) -> Value {
    let image = IMAGES[index(image)];
    let mut container = json!({ "name": "main", "image": image });
    if image == IMAGES[2] {
        container["imagePullPolicy"] = json!("Always");
    }
    if image.starts_with("unready") {
        container["readinessProbe"] = json!({ "exec": { "command": ["no"] }, "periodSeconds": 5 });
    }
    json!({
        "metadata": { "labels": { "app": app } },
        "spec": { "terminationGracePeriodSeconds": 2, "containers": [container] },
    })
}

/// A set as its form says.
pub fn stateful_set(name: &str, replicas: u64, form: Form) -> Value {
    let claims = json!([{
        "metadata": { "name": "data" },
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": { "requests": { "storage": "1Gi" } },
        },
    }]);
    let strategy = if form.plain {
        json!({ "type": "RollingUpdate" })
    } else {
        json!({ "rollingUpdate": { "maxUnavailable": form.max_unavailable } })
    };
    json!({
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": { "name": name },
        "spec": {
            "serviceName": name,
            "replicas": replicas,
            "podManagementPolicy": if form.parallel { "Parallel" } else { "OrderedReady" },
            "selector": { "matchLabels": { "app": name } },
            "ordinals": { "start": form.start },
            "template": template(name, form.image),
            "updateStrategy": strategy,
            "persistentVolumeClaimRetentionPolicy": retention(form.policy),
            "volumeClaimTemplates": if form.claims { claims } else { json!([]) },
        },
    })
}
