//! Volumes that have to be attached to a node before a pod there can mount them: block storage behind a CSI driver.
//!
//! Upstream: `pkg/controller/volume/attachdetach`. A key is a volume.

mod volume_attachment;

use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::storage::claim_names;
use crate::store::{Change, Index, Store};
use crate::time::{Duration, Instant};
use crate::volume::{attachment_name, is_attached};
use k8s_openapi::api::core::v1 as core;
use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};

/// How long the storage takes to attach a disk, and to detach it.
const OPERATION: Duration = Duration::millis(1_500);
/// How long a node that does not answer may keep a volume that nobody uses any more.
const FORCE_DETACH_AFTER: Duration = Duration::secs(360);
/// The taint that says that a node is gone for good.
const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";

/// A change of a volume's attachments that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Operation {
    node: String,
    attach: bool,
    due: Instant,
}

/// Volumes that have to be attached to a node.
#[derive(Clone, Default)]
pub struct AttachDetachController {
    operations: RedBlackTreeMapSync<Key, Operation>,
    /// Since when a volume is not used on a node that does not answer.
    unused: RedBlackTreeMapSync<(Key, String), Instant>,
    /// Volumes and nodes of which a conflict was told.
    reported: RedBlackTreeSetSync<(Key, String)>,
}

impl Controller for AttachDetachController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        match &*change.object {
            Object::Pod(pod) => {
                for claim in claim_names(pod) {
                    let key = Key::new(change.object.namespace(), &claim);
                    wake_volume(store, &key, wakes);
                }
            }
            Object::PersistentVolumeClaim(_) => wake_volume(store, &change.object.key(), wakes),
            Object::PersistentVolume(volume) => {
                let goes = volume.metadata.deletion_timestamp.is_some();
                if goes && attachment_name(volume).is_some() {
                    wakes.add(ControllerId::AttachDetach, change.object.key());
                }
            }
            Object::VolumeAttachment(attachment) => {
                if let Some(name) = &attachment.spec.source.persistent_volume_name {
                    wakes.add(ControllerId::AttachDetach, Key::new("", name));
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(volume) = client.get::<core::PersistentVolume>(key).cloned() else {
            self.operations.remove_mut(key);
            return Outcome::DONE;
        };
        let Some(name) = attachment_name(&volume) else {
            return Outcome::DONE;
        };
        let now = client.now();
        if let Some(operation) = self.operations.get(key).cloned() {
            if operation.due > now {
                return Outcome::after(operation.due.since(now));
            }
            self.operations.remove_mut(key);
            finish(key, &volume, &name, &operation, client);
        }
        if let Some(node) = volume_attachment::withdrawn(client.store(), &volume).first() {
            return self.begin(&volume, node, false, client);
        }
        let attached = nodes_of(client.store(), &name);
        let wanted = wanted(client.store(), &volume);
        for node in &attached {
            if !wanted.iter().any(|(wanted, _)| wanted == node) {
                return self.detach(key, &volume, node, client);
            }
            self.unused.remove_mut(&(key.clone(), node.clone()));
        }
        for (node, pods) in &wanted {
            if attached.contains(node) {
                continue;
            }
            if attached.is_empty() || is_shared(&volume) {
                return self.begin(&volume, node, true, client);
            }
            let known = (key.clone(), node.clone());
            if !self.reported.contains(&known) {
                self.reported.insert_mut(known);
                let holders = wanted.iter().filter(|(other, _)| attached.contains(other));
                let holders: Vec<&core::Pod> = holders.flat_map(|(_, pods)| pods).collect();
                tell_conflict(key.name(), pods, &holders, client);
            }
        }
        volume_attachment::release(&volume, client);
        Outcome::DONE
    }
}

impl AttachDetachController {
    fn begin(
        &mut self,
        volume: &core::PersistentVolume,
        node: &str,
        attach: bool,
        client: &mut Client<'_>,
    ) -> Outcome {
        match attach {
            true => volume_attachment::request(volume, node, client),
            false => volume_attachment::withdraw(volume, node, client),
        }
        let key = Key::new("", volume.metadata.name.as_deref().unwrap_or(""));
        let length = client.jitter(OPERATION);
        let operation = Operation {
            node: node.to_owned(),
            attach,
            due: client.now() + length,
        };
        self.operations.insert_mut(key, operation);
        Outcome::after(length)
    }

    /// Takes a volume from a node where no pod uses it: at once from one that answers, or is known to be gone.
    fn detach(
        &mut self,
        key: &Key,
        volume: &core::PersistentVolume,
        node: &str,
        client: &mut Client<'_>,
    ) -> Outcome {
        let known = (key.clone(), node.to_owned());
        let now = client.now();
        if !lets_go(client.store(), node) {
            let since = self.unused.get(&known).copied().unwrap_or(now);
            self.unused.insert_mut(known.clone(), since);
            let end = since + FORCE_DETACH_AFTER;
            if now < end {
                return Outcome::after(
                    Duration::secs(1).max(end.since(now).min(Duration::secs(10))),
                );
            }
        }
        self.unused.remove_mut(&known);
        let others: Vec<(Key, String)> = self
            .reported
            .iter()
            .filter(|(volume, _)| volume == key)
            .cloned()
            .collect();
        for other in others {
            self.reported.remove_mut(&other);
        }
        self.begin(volume, node, false, client)
    }
}

fn wake_volume(store: &Store, claim: &Key, wakes: &mut Wakes) {
    let claim = store.get_as::<core::PersistentVolumeClaim>(claim);
    let name = claim.and_then(|claim| claim.spec.as_ref()?.volume_name.as_deref());
    let key = Key::new("", name.unwrap_or(""));
    let volume = store.get_as::<core::PersistentVolume>(&key);
    if volume.and_then(attachment_name).is_some() {
        wakes.add(ControllerId::AttachDetach, key);
    }
}

fn nodes_of(store: &Store, name: &str) -> Vec<String> {
    store
        .list_as::<core::Node>(None)
        .filter_map(|node| node.metadata.name.clone())
        .filter(|node| is_attached(store, node, name))
        .collect()
}

/// The nodes on which pods want a volume, with those pods.
fn wanted(store: &Store, volume: &core::PersistentVolume) -> Vec<(String, Vec<core::Pod>)> {
    let claim = volume
        .spec
        .as_ref()
        .and_then(|spec| spec.claim_ref.as_ref());
    let part = |text: Option<&String>| text.cloned().unwrap_or_default();
    let claim = format!(
        "{}/{}",
        part(claim.and_then(|claim| claim.namespace.as_ref())),
        part(claim.and_then(|claim| claim.name.as_ref()))
    );
    let mut wanted: Vec<(String, Vec<core::Pod>)> = Vec::new();
    for pod in store.by_index_as::<core::Pod>(Index::Claim, &claim) {
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
        let status = pod.status.as_ref();
        let phase = status.and_then(|status| status.phase.as_deref());
        let Some(node) = node.filter(|node| !node.is_empty()) else {
            continue;
        };
        if matches!(phase, Some("Succeeded" | "Failed")) {
            continue;
        }
        match wanted.iter_mut().find(|(known, _)| *known == node) {
            Some((_, pods)) => pods.push(pod.clone()),
            None => wanted.push((node, vec![pod.clone()])),
        }
    }
    wanted
}

/// Whether several nodes may have a volume.
fn is_shared(volume: &core::PersistentVolume) -> bool {
    let modes = volume
        .spec
        .as_ref()
        .and_then(|spec| spec.access_modes.as_ref());
    let mut modes = modes.into_iter().flatten();
    modes.any(|mode| matches!(mode.as_str(), "ReadWriteMany" | "ReadOnlyMany"))
}

/// Whether a node answers (and has unmounted what its pods have left), or is known to be gone.
fn lets_go(store: &Store, node: &str) -> bool {
    let Some(node) = store.get_as::<core::Node>(&Key::new("", node)) else {
        return true;
    };
    let conditions = node
        .status
        .as_ref()
        .and_then(|status| status.conditions.as_ref());
    let mut conditions = conditions.into_iter().flatten();
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_ref());
    let mut taints = taints.into_iter().flatten();
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
        || taints.any(|taint| taint.key == OUT_OF_SERVICE)
}

/// Writes the end of an operation into the node's status, and tells the pods that waited.
fn finish(
    key: &Key,
    volume: &core::PersistentVolume,
    name: &str,
    operation: &Operation,
    client: &mut Client<'_>,
) {
    volume_attachment::tell(volume, &operation.node, operation.attach, client);
    let node = client.get::<core::Node>(&Key::new("", &operation.node));
    let Some(mut node) = node.cloned() else {
        return;
    };
    let status = node.status.get_or_insert_default();
    let attached = status.volumes_attached.get_or_insert_default();
    attached.retain(|known| known.name != name);
    if operation.attach {
        attached.push(core::AttachedVolume {
            name: name.to_owned(),
            device_path: String::new(),
        });
    }
    if attached.is_empty() {
        status.volumes_attached = None;
    }
    node.metadata.resource_version = None;
    if client.update_status(node).is_err() || !operation.attach {
        return;
    }
    let message = format!(
        "AttachVolume.Attach succeeded for volume \"{}\" ",
        key.name()
    );
    for (on, pods) in wanted(client.store(), volume) {
        if on == operation.node {
            for pod in pods {
                let message = message.clone();
                tell(
                    pod,
                    EventType::Normal,
                    "SuccessfulAttachVolume",
                    message,
                    client,
                );
            }
        }
    }
}

/// Says that other pods hold a volume, as far as they may be named.
fn tell_conflict(
    volume: &str,
    pods: &[core::Pod],
    holders: &[&core::Pod],
    client: &mut Client<'_>,
) {
    for pod in pods {
        let namespace = &pod.metadata.namespace;
        let own: Vec<&str> = holders
            .iter()
            .filter(|holder| holder.metadata.namespace == *namespace)
            .filter_map(|holder| holder.metadata.name.as_deref())
            .collect();
        let others = holders.len() - own.len();
        let why = match (own.is_empty(), others) {
            (true, 0) => {
                "Volume is already exclusively attached to one node and can't be attached to another"
                    .to_owned()
            }
            (true, others) => {
                format!("Volume is already used by {others} pod(s) in different namespaces")
            }
            (false, 0) => format!("Volume is already used by pod(s) {}", own.join(", ")),
            (false, others) => format!(
                "Volume is already used by pod(s) {} and {others} pod(s) in different namespaces",
                own.join(", ")
            ),
        };
        let message = format!("Multi-Attach error for volume \"{volume}\" {why}");
        tell(
            pod.clone(),
            EventType::Warning,
            "FailedAttachVolume",
            message,
            client,
        );
    }
}

fn tell(pod: core::Pod, kind: EventType, reason: &str, message: String, client: &mut Client<'_>) {
    let about = reference(&Object::from(pod));
    let by = Reporter::control_plane("attachdetach-controller");
    client.event(&by, about, kind, reason, message);
}
