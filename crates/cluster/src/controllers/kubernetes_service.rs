//! The service `default/kubernetes`, which the API server writes for itself and writes again when somebody has deleted it.
//!
//! Upstream: `pkg/controlplane/controller/kubernetesservice/controller.go`.

use crate::api::{Body, Request, Verb};
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Store};
use crate::time::Duration;
use serde_json::{Value, json};

/// Where pods find the API server.
const API_SERVER: &str = "10.10.0.1";
/// How often the API server looks.
const INTERVAL: Duration = Duration::secs(10);

/// Keeps the service `default/kubernetes`, its endpoints and its slice.
#[derive(Clone, Default)]
pub struct KubernetesServiceController {}

impl Controller for KubernetesServiceController {
    fn observe(&mut self, change: &Change, _store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        let ours = matches!(
            object.kind(),
            Kind::Service | Kind::Endpoints | Kind::EndpointSlice
        ) && object.namespace() == "default"
            && object.name() == "kubernetes";
        if ours && change.change == ChangeType::Deleted {
            wakes.add_after(ControllerId::KubernetesService, object.key(), INTERVAL);
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        for (kind, value) in kubernetes_service() {
            if client.store().get(kind, key).is_some() {
                continue;
            }
            let request = Request::new(Verb::Create, kind, key.namespace(), key.name());
            if client
                .request(request.with_body(Body::Json(value)))
                .is_err()
            {
                return Outcome::after(INTERVAL);
            }
        }
        Outcome::DONE
    }
}

/// The service `kubernetes` with its endpoints, which the API server writes itself.
pub(crate) fn kubernetes_service() -> [(Kind, Value); 3] {
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": { "component": "apiserver", "provider": "kubernetes" },
        },
        "spec": {
            "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"], "type": "ClusterIP",
            "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster", "sessionAffinity": "None",
            "ports": [{ "name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443 }],
        },
    });
    let endpoints = json!({
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": { "endpointslice.kubernetes.io/skip-mirror": "true" },
        },
        "subsets": [{
            "addresses": [{ "ip": API_SERVER }],
            "ports": [{ "name": "https", "port": 6443, "protocol": "TCP" }],
        }],
    });
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": { "kubernetes.io/service-name": "kubernetes" },
        },
        "addressType": "IPv4",
        "endpoints": [{ "addresses": [API_SERVER], "conditions": { "ready": true } }],
        "ports": [{ "name": "https", "port": 6443, "protocol": "TCP" }],
    });
    [
        (Kind::Service, service),
        (Kind::Endpoints, endpoints),
        (Kind::EndpointSlice, slice),
    ]
}
