//! Volumes that are scrubbed for the next claim, by a pod that removes what lies on them.
//!
//! Upstream: `pkg/controller/volume/persistentvolume/pv_controller.go` (`recycleVolumeOperation`),
//! `pkg/volume/util/recyclerclient`.

use super::reclaim::{fail, unbind};
use super::{PersistentVolumeController, claim_ref, resync, send_event};
use crate::api::quantity::Amount;
use crate::client::Client;
use crate::controller::Outcome;
use crate::object::{Key, Kind, Object};
use crate::record::{EventType, reference};
use crate::store::{Index, Store};
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Where scrubbing pods are.
const NAMESPACE: &str = "default";
/// What their names begin with.
const PREFIX: &str = "recycler-for-";
/// What they run.
const IMAGE: &str = "registry.k8s.io/build-image/debian-base:bookworm-v1.0.6";
const SCRIPT: &str =
    "test -e /scrub && find /scrub -mindepth 1 -delete && test -z \"$(ls -A /scrub)\" || exit 1";
/// The least time that a scrub may take, and the time for each GiB, in seconds.
const MINIMUM_SECONDS: i128 = 60;
const SECONDS_PER_GIB: i128 = 30;

/// The volume that a scrubbing pod, or an event about one, belongs to.
pub(super) fn volume_of(object: &Object) -> Option<Key> {
    let (namespace, name) = match object {
        Object::Event(event) if event.involved_object.kind.as_deref() == Some("Pod") => (
            event.involved_object.namespace.as_deref()?,
            event.involved_object.name.as_deref()?,
        ),
        Object::Pod(_) => (object.namespace(), object.name()),
        _ => return None,
    };
    let volume = name
        .strip_prefix(PREFIX)
        .filter(|_| namespace == NAMESPACE)?;
    Some(Key::new("", volume))
}

impl PersistentVolumeController {
    /// Scrubs a released volume, or looks how far that has come.
    pub(super) fn recycle_volume(
        &mut self,
        volume: core::PersistentVolume,
        client: &mut Client<'_>,
    ) -> Outcome {
        let name = volume.metadata.name.clone().unwrap_or_default();
        let users = users(client.store(), &volume);
        if !users.is_empty() {
            let about = reference(&Object::from(volume));
            let message = format!("Volume is used by pods: {}", users.join(","));
            send_event(
                client,
                about,
                EventType::Normal,
                "VolumeFailedRecycle",
                message,
            );
            return resync(client);
        }
        let Some(source) = source(&volume) else {
            let message = "No recycler plugin found for the volume!".to_owned();
            return fail(volume, "VolumeFailedRecycle", message, client);
        };
        let (key, own) = (
            Key::new(NAMESPACE, &format!("{PREFIX}{name}")),
            Key::new("", &name),
        );
        let Some(pod) = client.get::<core::Pod>(&key).cloned() else {
            self.scrubs
                .insert_mut(own, client.store().resource_version());
            return match client.create(scrubber(&volume, key.name(), source)) {
                Ok(_) => Outcome::DONE,
                Err(_) => Outcome::RETRY,
            };
        };
        self.pass_on_events(&own, &pod, &volume, client);
        let status = pod.status.as_ref();
        let phase = status.and_then(|status| status.phase.as_deref());
        if !matches!(phase, Some("Succeeded" | "Failed")) {
            return Outcome::DONE;
        }
        let message = status.and_then(|status| status.message.clone());
        let failed = phase == Some("Failed");
        match client.delete(Kind::Pod, &key, pod.metadata.uid.as_deref(), Some(0)) {
            Err(error) if !error.is_not_found() => return Outcome::RETRY,
            _ => self.scrubs.remove_mut(&own),
        };
        if failed {
            let why =
                message.unwrap_or_else(|| "pod failed, pod.Status.Message unknown".to_owned());
            let message = format!("Recycle failed: failed to recycle volume: {why}");
            fail(volume, "VolumeFailedRecycle", message, client);
            return resync(client);
        }
        let about = reference(&Object::from(volume.clone()));
        let message = "Volume recycled".to_owned();
        send_event(client, about, EventType::Normal, "VolumeRecycled", message);
        unbind(volume, client)
    }

    /// Tells of the volume what was told of the pod that scrubs it.
    fn pass_on_events(
        &mut self,
        own: &Key,
        pod: &core::Pod,
        volume: &core::PersistentVolume,
        client: &mut Client<'_>,
    ) {
        let told = self.scrubs.get(own).copied().unwrap_or(u64::MAX);
        let uid = pod.metadata.uid.as_deref().unwrap_or("");
        let version = |event: &core::Event| -> u64 {
            let version = event.metadata.resource_version.as_deref();
            version.and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        let mut fresh: Vec<(u64, EventType, String)> = client
            .store()
            .by_index_as::<core::Event>(Index::InvolvedObject, uid)
            .filter(|event| version(event) > told)
            .map(|event| {
                let kind = match event.type_.as_deref() {
                    Some("Warning") => EventType::Warning,
                    _ => EventType::Normal,
                };
                let message = event.message.as_deref().unwrap_or("");
                (version(event), kind, format!("Recycler pod: {message}"))
            })
            .collect();
        crate::sort::by_key(&mut fresh, |(version, ..)| *version);
        for (version, kind, message) in fresh {
            self.scrubs.insert_mut(own.clone(), version);
            let about = reference(&Object::from(volume.clone()));
            send_event(client, about, kind, "RecyclerPod", message);
        }
    }
}

/// The pods that still use the claim of a volume.
fn users(store: &Store, volume: &core::PersistentVolume) -> Vec<String> {
    let Some(claim) = claim_ref(volume) else {
        return Vec::new();
    };
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    let key = format!("{}/{}", part(&claim.namespace), part(&claim.name));
    store
        .by_index_as::<core::Pod>(Index::Claim, &key)
        .filter(|pod| {
            let status = pod.status.as_ref();
            let phase = status.and_then(|status| status.phase.as_deref());
            !matches!(phase, Some("Succeeded" | "Failed"))
        })
        .map(|pod| {
            format!(
                "{}/{}",
                part(&pod.metadata.namespace),
                part(&pod.metadata.name)
            )
        })
        .collect()
}

/// What the scrubbing pod mounts; none for volumes that nothing scrubs.
fn source(volume: &core::PersistentVolume) -> Option<core::Volume> {
    let spec = volume.spec.as_ref()?;
    let host_path = spec
        .host_path
        .as_ref()
        .map(|host| core::HostPathVolumeSource {
            path: host.path.clone(),
            type_: None,
        });
    let nfs = spec.nfs.clone();
    (host_path.is_some() || nfs.is_some()).then(|| core::Volume {
        name: "vol".to_owned(),
        host_path,
        nfs,
        ..core::Volume::default()
    })
}

fn scrubber(volume: &core::PersistentVolume, name: &str, source: core::Volume) -> core::Pod {
    let spec = volume.spec.as_ref();
    let size = spec.and_then(|spec| spec.capacity.as_ref()?.get("storage"));
    let gib = size.map_or(0, |size| Amount::of(size).value() >> 30);
    let seconds = (gib * SECONDS_PER_GIB).max(MINIMUM_SECONDS);
    core::Pod {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(NAMESPACE.to_owned()),
            ..ObjectMeta::default()
        },
        spec: Some(core::PodSpec {
            active_deadline_seconds: i64::try_from(seconds).ok(),
            restart_policy: Some("Never".to_owned()),
            volumes: Some(vec![source]),
            containers: vec![core::Container {
                name: "pv-recycler".to_owned(),
                image: Some(IMAGE.to_owned()),
                command: Some(vec!["/bin/sh".to_owned()]),
                args: Some(vec!["-c".to_owned(), SCRIPT.to_owned()]),
                volume_mounts: Some(vec![core::VolumeMount {
                    name: "vol".to_owned(),
                    mount_path: "/scrub".to_owned(),
                    ..core::VolumeMount::default()
                }]),
                ..core::Container::default()
            }],
            ..core::PodSpec::default()
        }),
        status: None,
    }
}
