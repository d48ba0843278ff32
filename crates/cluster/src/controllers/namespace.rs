//! What every namespace holds from its beginning, and the end of namespaces with all they hold.
//!
//! Upstream: `pkg/controller/namespace`, `pkg/controller/serviceaccount/serviceaccounts_controller.go`,
//! `pkg/controller/certificates/rootcacertpublisher`.

mod conditions;

use crate::client::Client;
use crate::controller::{Controller, Outcome, Requeue, Wakes};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Store};
use crate::time::Duration;
use conditions::Remains;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, ServiceAccount};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// Waited before the contents of a namespace are deleted, so that those who are about to create in it see the end coming.
const DELETION_GRACE: Duration = Duration::secs(5);
/// What is waited for finalizers, in seconds.
const FINALIZER_ESTIMATE: i64 = 15;
/// The configuration with the cluster's certificate.
const ROOT_CA: &str = "kube-root-ca.crt";
/// Upstream's words about it.
const ROOT_CA_DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using \
     internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed \
     across distributions of Kubernetes clusters.";
/// A certificate in form only: there is nothing here that it could open or close.
const ROOT_CA_TEXT: &str = "-----BEGIN CERTIFICATE-----\nTm90IGEgY2VydGlmaWNhdGU6IHRoaXMgY2x1c3RlciBpcyBhIHNpbXVsYXRpb24u\n-----END CERTIFICATE-----\n";

/// Namespaces, their default service accounts and certificates.
#[derive(Clone, Default)]
pub struct NamespaceController {}

impl Controller for NamespaceController {
    fn observe(&mut self, change: &Change, _store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        match (object.kind(), change.change) {
            (Kind::Namespace, ChangeType::Added | ChangeType::Modified) => {
                if object.is_terminating() {
                    wakes.add_after(ControllerId::Namespace, object.key(), DELETION_GRACE);
                } else {
                    wakes.add(ControllerId::Namespace, object.key());
                }
            }
            (Kind::ServiceAccount, ChangeType::Deleted) if object.name() == "default" => {
                let key = Key::new("", object.namespace());
                wakes.add(ControllerId::Namespace, key);
            }
            (Kind::ConfigMap, ChangeType::Deleted | ChangeType::Modified)
                if object.name() == ROOT_CA =>
            {
                let key = Key::new("", object.namespace());
                wakes.add(ControllerId::Namespace, key);
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(namespace) = client.get::<Namespace>(key) else {
            return Outcome::DONE;
        };
        if namespace.metadata.deletion_timestamp.is_some() {
            let namespace = namespace.clone();
            return delete_namespace(client, key.name(), namespace);
        }
        match publish(client, key.name()) {
            Ok(()) => Outcome::DONE,
            Err(()) => Outcome::RETRY,
        }
    }
}

/// Makes the default service account and the configuration with the certificate, or repairs the latter.
fn publish(client: &mut Client<'_>, namespace: &str) -> Result<(), ()> {
    for object in defaults(namespace) {
        let (kind, key) = (object.kind(), object.key());
        let stored = client.store().get(kind, &key).cloned();
        let result = match (stored, object) {
            (None, Object::ServiceAccount(account)) => client.create(*account).map(|_| ()),
            (None, Object::ConfigMap(certificate)) => client.create(*certificate).map(|_| ()),
            (Some(stored), Object::ConfigMap(wanted)) => match stored.as_kind::<ConfigMap>() {
                Some(there) if there.data != wanted.data => {
                    let mut repaired = there.clone();
                    repaired.data = wanted.data;
                    client.update(repaired).map(|_| ())
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        };
        result.map_err(|_| ())?;
    }
    Ok(())
}

/// What every namespace holds.
pub(crate) fn defaults(namespace: &str) -> [Object; 2] {
    let meta = |name: &str| ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(namespace.to_owned()),
        ..ObjectMeta::default()
    };
    let description = ("kubernetes.io/description", ROOT_CA_DESCRIPTION);
    let pair = |(key, value): (&str, &str)| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    let certificate = ConfigMap {
        metadata: ObjectMeta {
            annotations: Some(pair(description)),
            ..meta(ROOT_CA)
        },
        data: Some(pair(("ca.crt", ROOT_CA_TEXT))),
        ..ConfigMap::default()
    };
    let account = ServiceAccount {
        metadata: meta("default"),
        ..ServiceAccount::default()
    };
    [Object::from(account), Object::from(certificate)]
}

/// Deletes the pods, then all else, then lets the namespace go.
fn delete_namespace(client: &mut Client<'_>, name: &str, namespace: Namespace) -> Outcome {
    let (estimate, remains) = delete_all_content(client, name, &namespace);
    let failed = !remains.errors.is_empty();
    let now = client.calendar().time(client.now());
    let mut namespace = namespace;
    if remains.update(&mut namespace, now) {
        match client.update_status(namespace.clone()) {
            Ok(written) => {
                if let Some(written) = written.as_kind::<Namespace>() {
                    namespace = written.clone();
                }
            }
            Err(_) => return Outcome::RETRY,
        }
    }
    if failed {
        return Outcome::RETRY;
    }
    if estimate > 0 {
        let seconds = u64::try_from(estimate / 2 + 1).unwrap_or(1);
        return Outcome {
            requeue: Requeue::After(Duration::secs(seconds)),
            looked_at: 1,
        };
    }
    let spec = namespace.spec.get_or_insert_default();
    if let Some(finalizers) = &mut spec.finalizers {
        finalizers.retain(|finalizer| finalizer != "kubernetes");
    }
    match client.finalize(namespace) {
        Err(status) if !status.is_not_found() => Outcome::RETRY,
        _ => Outcome::DONE,
    }
}

/// One round of deletions; how long the rest may take, in seconds, and what it is.
fn delete_all_content(
    client: &mut Client<'_>,
    name: &str,
    namespace: &Namespace,
) -> (i64, Remains) {
    let mut remains = Remains::default();
    let deleted_at = namespace.metadata.deletion_timestamp.as_ref();
    let since = deleted_at.map(|date| client.calendar().instant(&date.0));
    let waited = since.map_or(Duration::ZERO, |since| client.now().since(since));
    let grace = pods_grace(client, name);
    let grace = if i64::try_from(waited.as_secs()).unwrap_or(i64::MAX) >= grace {
        0
    } else {
        grace
    };
    let mut estimate = delete_kind(client, name, Kind::Pod, grace, &mut remains);
    if client.store().list(Kind::Pod, Some(name)).next().is_some() {
        // While pods are left nothing is said of what remains.
        remains.kinds.clear();
        remains.finalizers.clear();
        return (estimate, remains);
    }
    let others = Kind::ALL.iter().copied();
    let others = others.filter(|kind| kind.info().namespaced && *kind != Kind::Pod);
    for kind in others {
        estimate = estimate.max(delete_kind(client, name, kind, 0, &mut remains));
    }
    (estimate, remains)
}

/// Deletes all objects of a kind; how long the rest may take, in seconds.
fn delete_kind(
    client: &mut Client<'_>,
    namespace: &str,
    kind: Kind,
    grace: i64,
    remains: &mut Remains,
) -> i64 {
    let keys: Vec<Key> = client
        .store()
        .list(kind, Some(namespace))
        .map(|object| object.key())
        .collect();
    for key in keys {
        if let Err(status) = client.delete(kind, &key, None, None)
            && !status.is_not_found()
        {
            remains.errors.push(status.message);
            return grace;
        }
    }
    let (mut left, mut finalizers) = (0, 0);
    for object in client.store().list(kind, Some(namespace)) {
        left += 1;
        for finalizer in object.meta().finalizers.iter().flatten() {
            finalizers += 1;
            *remains.finalizers.entry(finalizer.clone()).or_default() += 1;
        }
    }
    if left == 0 {
        return 0;
    }
    remains.kinds.insert(kind, left);
    if grace != 0 {
        return grace;
    }
    if finalizers > 0 {
        return FINALIZER_ESTIMATE;
    }
    let info = kind.info();
    let message = format!(
        "unexpected items still remain in namespace: {namespace} for gvr: {}/{}, Resource={}",
        info.group, info.version, info.plural
    );
    remains.errors.push(message);
    0
}

/// The longest grace of a pod that still runs, in seconds.
fn pods_grace(client: &Client<'_>, namespace: &str) -> i64 {
    let pods = client
        .store()
        .list_as::<k8s_openapi::api::core::v1::Pod>(Some(namespace));
    let running = pods.filter(|pod| {
        let phase = pod.status.as_ref().and_then(|s| s.phase.as_deref());
        !matches!(phase, Some("Succeeded" | "Failed"))
    });
    running
        .filter_map(|pod| pod.spec.as_ref()?.termination_grace_period_seconds)
        .max()
        .unwrap_or(0)
}
