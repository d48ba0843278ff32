//! The service `default/kubernetes`, which the API server writes for itself and writes again when somebody has deleted it.
//!
//! Upstream: `pkg/controlplane/controller/kubernetesservice/controller.go`.

use crate::api::{Body, Request, Verb};
use crate::bootstrap::kubernetes_service;
use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Store};
use crate::time::Duration;

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
