//! Adopting orphans that fit a selector and releasing what fits no more.
//!
//! Upstream: `pkg/controller/controller_ref_manager.go`.

use crate::client::Client;
use crate::meta::controller_ref::{controller_of, new_controller_ref, remove_owner};
use crate::meta::label_selector;
use crate::object::{Key, Kind, Object};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use std::sync::Arc;

/// The object that claims others, and which ones.
pub struct Claimer<'s> {
    /// Its kind.
    pub kind: Kind,
    /// Its metadata as the sync saw it.
    pub owner: &'s ObjectMeta,
    /// The labels of what it manages.
    pub selector: &'s LabelSelector,
    /// A further test.
    pub filter: &'s dyn Fn(&Object) -> bool,
}

impl Claimer<'_> {
    fn uid(&self) -> &str {
        self.owner.uid.as_deref().unwrap_or("")
    }

    /// Keeps, adopts or releases one object; returns it (as it is then) if it is managed.
    ///
    /// # Errors
    /// Why the object could not be adopted or released.
    pub fn claim(
        &self,
        client: &mut Client<'_>,
        object: &Arc<Object>,
    ) -> Result<Option<Arc<Object>>, String> {
        let meta = object.meta();
        let fits = || label_selector::matches(self.selector, meta) && (self.filter)(object);
        let deleting = self.owner.deletion_timestamp.is_some();
        match controller_of(meta) {
            Some(owner) if owner.uid != self.uid() => Ok(None),
            Some(_) if fits() => Ok(Some(object.clone())),
            Some(_) if deleting => Ok(None),
            Some(_) => self.release(client, object).map(|()| None),
            None if deleting || object.is_terminating() || !fits() => Ok(None),
            None => self.adopt(client, object),
        }
    }

    /// Whether the claimer is still the object that the sync saw and is not being deleted.
    ///
    /// # Errors
    /// The sentence that says why it may adopt nothing.
    pub fn recheck(&self, client: &Client<'_>) -> Result<(), String> {
        let name = self.owner.name.as_deref().unwrap_or("");
        let namespace = self.owner.namespace.as_deref().unwrap_or("");
        let fresh = client.store().get(self.kind, &Key::new(namespace, name));
        let Some(fresh) = fresh else {
            let plural = self.kind.info().qualified_plural();
            return Err(format!(
                "can't recheck DeletionTimestamp: {plural} \"{name}\" not found"
            ));
        };
        if fresh.uid() != self.uid() {
            return Err(format!(
                "can't recheck DeletionTimestamp: original {} {namespace}/{name} is gone: got uid {}, wanted {}",
                self.kind.info().kind,
                fresh.uid(),
                self.uid()
            ));
        }
        match &fresh.meta().deletion_timestamp {
            Some(date) => Err(format!(
                "{namespace}/{name} has just been deleted at {}",
                date.0
            )),
            None => Ok(()),
        }
    }

    fn adopt(
        &self,
        client: &mut Client<'_>,
        object: &Arc<Object>,
    ) -> Result<Option<Arc<Object>>, String> {
        self.recheck(client).map_err(|why| {
            let kind = object.kind().info().kind;
            format!(
                "can't adopt {kind} {} ({}): {why}",
                object.key(),
                object.uid()
            )
        })?;
        let mut adopted = Object::clone(object);
        let owners = adopted.meta_mut().owner_references.get_or_insert_default();
        owners.push(new_controller_ref(self.kind, self.owner));
        match client.update_object(adopted) {
            Ok(written) => Ok(Some(written)),
            Err(status) if status.is_not_found() => Ok(None),
            Err(status) => Err(status.message),
        }
    }

    fn release(&self, client: &mut Client<'_>, object: &Arc<Object>) -> Result<(), String> {
        let mut released = Object::clone(object);
        remove_owner(released.meta_mut(), self.uid());
        match client.update_object(released) {
            Ok(_) => Ok(()),
            Err(status) if status.is_not_found() => Ok(()),
            Err(status) => Err(status.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Claimer, Kind, LabelSelector};
    use crate::api::{Body, Propagation, Request, Verb};
    use crate::cluster::Cluster;
    use crate::config::Config;
    use crate::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
    use crate::object::{Key, Object};
    use serde_json::json;
    use std::sync::Arc;

    struct NoRuntime;

    impl Runtime for NoRuntime {
        fn image(&self, _: &str) -> ImageLookup {
            ImageLookup::NotFound {
                message: String::new(),
            }
        }

        fn start(
            &self,
            _: &ImageInfo,
            _: &[String],
            _: bool,
        ) -> Result<Box<dyn Process>, StartError> {
            Err(StartError {
                message: String::new(),
                exit_code: 1,
            })
        }
    }

    fn send(cluster: &mut Cluster, verb: Verb, kind: Kind, name: &str, body: Body) {
        let mut request = Request::new(verb, kind, "default", name).with_body(body);
        if verb == Verb::Delete {
            request.options.propagation = Some(Propagation::Foreground);
        }
        assert!(cluster.handle(request).result.is_ok());
    }

    fn make(cluster: &mut Cluster) {
        let labels = json!({ "app": "web" });
        let pod = json!({ "containers": [{ "name": "c", "image": "i" }] });
        let set = json!({ "metadata": { "name": "web" }, "spec": { "replicas": 0,
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": pod } } });
        send(
            cluster,
            Verb::Create,
            Kind::StatefulSet,
            "web",
            Body::Json(set),
        );
    }

    /// S-GC-20: between what a sync saw of the owner and the adoption, the owner may have gone.
    #[test]
    fn adoption_looks_at_the_owner_once_more() {
        // (what happens to the owner meanwhile, the words)
        let table = [
            ("nothing", ""),
            ("deleting", "default/web has just been deleted at "),
            (
                "gone",
                "can't recheck DeletionTimestamp: statefulsets.apps \"web\" not found",
            ),
            (
                "another",
                "can't recheck DeletionTimestamp: original StatefulSet default/web is gone: got uid",
            ),
        ];
        for (meanwhile, expected) in table {
            let config = Config {
                nodes: 0,
                ..Config::default()
            };
            let mut cluster = Cluster::new(config, Arc::new(NoRuntime));
            make(&mut cluster);
            let pod = json!({ "metadata": { "name": "web-0", "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "c", "image": "i" }] } });
            send(
                &mut cluster,
                Verb::Create,
                Kind::Pod,
                "web-0",
                Body::Json(pod),
            );
            let key = Key::new("default", "web");
            let seen = cluster.store().get(Kind::StatefulSet, &key).cloned();
            let seen = seen.expect("a set");
            if meanwhile != "nothing" {
                send(
                    &mut cluster,
                    Verb::Delete,
                    Kind::StatefulSet,
                    "web",
                    Body::None,
                );
            }
            if matches!(meanwhile, "gone" | "another") {
                let soon = cluster.now() + crate::time::Duration::secs(2);
                cluster.run_until(soon);
            }
            if meanwhile == "another" {
                make(&mut cluster);
            }
            let selector = LabelSelector {
                match_labels: Some([("app".to_owned(), "web".to_owned())].into()),
                ..LabelSelector::default()
            };
            let claimer = Claimer {
                kind: Kind::StatefulSet,
                owner: seen.meta(),
                selector: &selector,
                filter: &|_: &Object| true,
            };
            let pod = cluster
                .store()
                .get(Kind::Pod, &Key::new("default", "web-0"));
            let pod = pod.cloned().expect("a pod");
            let claimed = cluster.with_kubelet(|_, client| claimer.claim(client, &pod));
            match claimed {
                Ok(adopted) => {
                    assert_eq!(expected, "");
                    let adopted = adopted.expect("adopted");
                    assert!(adopted.meta().owner_references.is_some());
                }
                Err(why) => {
                    let start =
                        format!("can't adopt Pod default/web-0 ({}): {expected}", pod.uid());
                    assert!(!expected.is_empty() && why.starts_with(&start), "{why}");
                }
            }
        }
    }
}
