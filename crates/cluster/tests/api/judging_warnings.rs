//! What is warned of although it is obeyed, in the words of upstream's source.

use crate::door::{ok, request, server};
use petset_cluster::Kind;
use petset_cluster::api::{Body, Verb};
use serde_json::{Value, json};

fn warnings(kind: Kind, spec: Value, annotations: Value) -> Vec<String> {
    let meta = json!({"name": "a", "annotations": annotations});
    let object = json!({"kind": kind.info().kind, "metadata": meta, "spec": spec});
    let response = server().handle(request(Verb::Create, kind, "a").with_body(Body::Json(object)));
    let warnings = response.warnings.clone();
    ok(response);
    warnings
}

#[test]
fn pods_are_obeyed_with_warnings() {
    let spec = json!({
        "nodeSelector": {"beta.kubernetes.io/os": "linux"},
        "hostAliases": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.1"}],
        "imagePullSecrets": [{"name": "a"}, {"name": "a"}],
        "volumes": [{"name": "g", "gitRepo": {"repository": "r"}}],
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},
        ],
        "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "zone"},
        ]}},
        "initContainers": [{"name": "i", "image": "i", "ports": [{"containerPort": 80, "name": "web"}]}],
        "containers": [{
            "name": "c", "image": "i",
            "resources": {"requests": {"memory": "1500m"}},
            "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "$(A)"}],
            "ports": [{"containerPort": 80, "hostPort": 81, "name": "web"}, {"containerPort": 90, "hostIP": "10.0.0.1"}],
        }],
    });
    let critical = "scheduler.alpha.kubernetes.io/critical-pod";
    let want = [
        "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
        "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod",
        "metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the \"priorityClassName\" field instead",
        "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+",
        "spec.hostAliases[1].ip: duplicate ip \"10.0.0.1\"",
        "spec.imagePullSecrets[1].name: duplicate name \"a\"",
        "spec.containers[0].resources.requests[memory]: fractional byte value \"1500m\" is invalid, must be an integer",
        "spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply",
        "spec.containers[0].ports[0]: overlapping port definition with spec.initContainers[0].ports[0]",
        "spec.containers[0].ports[1]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:90 Protocol:TCP HostIP:10.0.0.1}",
        "spec.containers[0].ports[0]: duplicate port name \"web\" with spec.initContainers[0].ports[0], services and probes that select ports by name will use spec.initContainers[0].ports[0]",
        "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod",
    ];
    assert_eq!(warnings(Kind::Pod, spec, json!({critical: ""})), want);
}

#[test]
fn services_and_claims_are_obeyed_with_warnings() {
    let port = json!([{"port": 80}]);
    let table = [
        (
            json!({"clusterIP": "None", "sessionAffinity": "ClientIP", "externalIPs": ["10.0.0.9"], "ports": port}),
            vec![
                "spec.externalIPs is ignored for headless services",
                "spec.SessionAffinity is ignored for headless services",
            ],
        ),
        (
            json!({"externalIPs": ["10.0.0.9"], "externalName": "a.b", "ports": port}),
            vec![
                "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
                "spec.externalName is ignored when spec.type is not \"ExternalName\"",
            ],
        ),
    ];
    for (spec, want) in table {
        assert_eq!(warnings(Kind::Service, spec, json!({})), want);
    }
    let claim =
        json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1.5"}}});
    let class = "volume.beta.kubernetes.io/storage-class";
    let want = [
        "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead",
        "spec.resources.requests[storage]: fractional byte value \"1500m\" is invalid, must be an integer",
    ];
    assert_eq!(
        warnings(Kind::PersistentVolumeClaim, claim, json!({class: "c"})),
        want
    );
}
