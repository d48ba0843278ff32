//! What the cluster's own components have set, as it is told and as it stands in the way of an apply.

use crate::door::{ok, request};
use petset_cluster::api::managed_fields::components;
use petset_cluster::api::{Body, PatchType, Request, Tracking, Verb};
use petset_cluster::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
use petset_cluster::{Cluster, Config, Duration, Kind};
use serde_json::{Value, json};
use std::sync::Arc;

/// No image exists, and nothing can be started.
struct NoRuntime;

impl Runtime for NoRuntime {
    fn image(&self, reference: &str) -> ImageLookup {
        ImageLookup::NotFound {
            message: format!("{reference}: not found"),
        }
    }

    fn start(&self, _: &ImageInfo, _: &[String], _: bool) -> Result<Box<dyn Process>, StartError> {
        Err(StartError {
            message: String::new(),
            exit_code: 128,
        })
    }
}

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Config::default(), Arc::new(NoRuntime));
    let set = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"},
        "spec": {
            "serviceName": "web", "replicas": 1,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "c", "image": "nginx"}]},
            },
        },
    });
    let mut create = request(Verb::Create, Kind::StatefulSet, "").with_body(Body::Json(set));
    create.options.field_manager = Some("kubectl-create".to_owned());
    create.options.tracking = Tracking::Tracked;
    ok(cluster.handle(create));
    cluster.run_until_quiet(Duration::secs(20), Duration::secs(120));
    cluster
}

fn managers(cluster: &mut Cluster, kind: Kind, name: &str) -> Vec<Value> {
    let object = ok(cluster.handle(request(Verb::Get, kind, name)));
    let mut value = object.to_json();
    components::expand(&mut value);
    let entries = value["metadata"]["managedFields"].as_array().cloned();
    entries.unwrap_or_default()
}

fn named<'a>(entries: &'a [Value], manager: &str, part: &str) -> &'a Value {
    let found = entries.iter().find(|entry| {
        entry["manager"] == manager && entry["subresource"].as_str().unwrap_or("") == part
    });
    found.unwrap_or_else(|| panic!("{manager} in {entries:?}"))
}

#[test]
fn a_pod_of_a_set_is_its_controllers_and_its_kubelets() {
    let mut cluster = cluster();
    let entries = managers(&mut cluster, Kind::Pod, "web-0");
    assert_eq!(entries.len(), 2, "{entries:?}");
    let spec = &named(&entries, "kube-controller-manager", "")["fieldsV1"]["f:spec"];
    let want = json!({
        "f:containers": {"k:{\"name\":\"c\"}": {
            ".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {},
            "f:terminationMessagePath": {}, "f:terminationMessagePolicy": {},
        }},
        "f:dnsPolicy": {}, "f:enableServiceLinks": {}, "f:hostname": {}, "f:restartPolicy": {},
        "f:schedulerName": {}, "f:securityContext": {}, "f:subdomain": {},
        "f:terminationGracePeriodSeconds": {},
    });
    assert_eq!(spec, &want);
    let meta = &named(&entries, "kube-controller-manager", "")["fieldsV1"]["f:metadata"];
    assert_eq!(meta["f:labels"]["."], json!({}));
    assert_eq!(meta["f:ownerReferences"]["."], json!({}));
    let status = &named(&entries, "kubelet", "status")["fieldsV1"]["f:status"];
    assert_eq!(status["f:phase"], json!({}));
    assert_eq!(status.get("f:qosClass"), None);
    let entries = managers(&mut cluster, Kind::StatefulSet, "web");
    let own = &named(&entries, "kubectl-create", "")["fieldsV1"];
    assert_eq!(own.get("f:status"), None);
    assert_eq!(own["f:spec"]["f:replicas"], json!({}));
    let status = &named(&entries, "kube-controller-manager", "status")["fieldsV1"];
    assert_eq!(status["f:status"]["f:replicas"], json!({}));
}

#[test]
fn an_apply_meets_the_components_as_it_meets_others() {
    let mut cluster = cluster();
    let apply = |force: bool| {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"},
            "spec": {"containers": [{"name": "c", "image": "nginx:1.25"}]},
        });
        let patch = Body::Patch(PatchType::Apply, pod);
        let mut request: Request = request(Verb::Patch, Kind::Pod, "web-0").with_body(patch);
        request.options.field_manager = Some("me".to_owned());
        request.options.tracking = Tracking::Tracked;
        request.options.force = force;
        request
    };
    let refused = cluster.handle(apply(false)).result.expect_err("a conflict");
    assert_eq!(
        refused.message,
        "Apply failed with 1 conflict: conflict with \"kube-controller-manager\" using v1: .spec.containers[name=\"c\"].image"
    );
    ok(cluster.handle(apply(true)));
    let entries = managers(&mut cluster, Kind::Pod, "web-0");
    let place = "/fieldsV1/f:spec/f:containers/k:{\"name\":\"c\"}/f:image";
    let image = |manager: &str| named(&entries, manager, "").pointer(place).is_some();
    assert!(image("me"));
    assert!(!image("kube-controller-manager"));
}
