//! Why a claim or a volume waits, and why it stays.

use super::{Asked, LISTED, lacks};
use crate::present::reference;
use crate::view::{Lack, LackView, ObjectRef, Reason};
use k8s_openapi::api::core::v1::{
    ObjectReference, PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec,
};
use k8s_openapi::api::storage::v1::StorageClass;
use petset_cluster::store::Index;
use petset_cluster::trace::{Fact, VolumeLack};
use petset_cluster::volume::matching;
use petset_cluster::{Key, Kind, Object};
use std::sync::Arc;

/// Provisioners that are simulated besides those of the controller manager.
const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// Answers for a claim.
pub(super) fn answer_claim(asked: &mut Asked<'_>, claim: &PersistentVolumeClaim) {
    let Some(spec) = &claim.spec else { return };
    let status = claim.status.as_ref();
    let phase = status.and_then(|s| s.phase.as_deref()).unwrap_or("Pending");
    let users = users(asked);
    if asked.object.is_terminating() {
        if !users.is_empty() {
            in_use(asked, &users);
        }
        return;
    }
    let volume = spec.volume_name.as_deref().unwrap_or("");
    match phase {
        "Lost" => {
            let command = asked.kubectl(&format!("delete pvc {}", asked.object.name()));
            asked.say(Reason::ClaimLost, [volume.to_owned()]).command = Some(command);
        }
        "Pending" if !volume.is_empty() => named(asked, claim, volume),
        "Pending" => pending(asked, claim, spec),
        _ => {
            grows(asked, claim, spec);
            if let (Some(Fact::KeptAfterScaleDown), true) = (asked.own_fact(), users.is_empty()) {
                kept(asked);
            }
        }
    }
}

/// The pods that use the claim.
fn users<'a>(asked: &Asked<'a>) -> Vec<&'a Arc<Object>> {
    let claim = format!("{}/{}", asked.object.namespace(), asked.object.name());
    asked
        .store
        .by_index(Kind::Pod, Index::Claim, &claim)
        .collect()
}

fn in_use(asked: &mut Asked<'_>, users: &[&Arc<Object>]) {
    let names: Vec<&str> = users.iter().map(|pod| pod.name()).take(LISTED).collect();
    let next = users.first().map(|pod| reference(pod));
    let command = asked.kubectl(&format!("delete pod {}", names.join(" ")));
    let answer = asked.say(Reason::ClaimInUse, [names.join(", ")]);
    answer.next = next;
    answer.command = Some(command);
}

/// A claim that a set keeps: its name ends as the pod's does.
fn kept(asked: &mut Asked<'_>) {
    let stored = asked
        .store
        .list(Kind::StatefulSet, Some(asked.object.namespace()));
    let name = asked.object.name();
    let found = stored.into_iter().find_map(|set| {
        let Object::StatefulSet(typed) = &**set else {
            return None;
        };
        let templates = typed.spec.as_ref()?.volume_claim_templates.as_ref()?.iter();
        let mut pods = templates.filter_map(|template| {
            let template = template.metadata.name.as_deref()?;
            let pod = name.strip_prefix(template)?.strip_prefix('-')?;
            let ordinal = pod.strip_prefix(set.name())?.strip_prefix('-')?;
            Some((pod.to_owned(), ordinal.parse::<i64>().ok()?))
        });
        let (pod, ordinal) = pods.next()?;
        let start = typed.spec.as_ref()?.ordinals.as_ref().and_then(|o| o.start);
        let replicas = ordinal - i64::from(start.unwrap_or(0)) + 1;
        Some((pod, set.name().to_owned(), replicas))
    });
    if let Some((pod, set, replicas)) = found {
        let command = asked.kubectl(&format!("scale sts {set} --replicas={replicas}"));
        asked.say(Reason::ClaimKept, [pod]).command = Some(command);
    }
}

/// A claim that names its volume itself.
fn named(asked: &mut Asked<'_>, claim: &PersistentVolumeClaim, name: &str) {
    let stored = asked.store.get_as::<PersistentVolume>(&Key::new("", name));
    let Some(volume) = stored else {
        asked.say(Reason::ClaimVolumeMissing, [name.to_owned()]);
        return;
    };
    let found = of_volume(asked, volume, claim);
    if !found.is_empty() {
        let answer = asked.say(Reason::ClaimVolumeUnfit, [name.to_owned()]);
        answer.next = Some(ObjectRef::cluster_wide("PersistentVolume", name));
        answer.lacks = found;
    }
}

fn pending(asked: &mut Asked<'_>, claim: &PersistentVolumeClaim, spec: &PersistentVolumeClaimSpec) {
    let class = spec.storage_class_name.clone().unwrap_or_default();
    let stored = asked.store.get_as::<StorageClass>(&Key::new("", &class));
    match (asked.own_fact(), stored) {
        (Some(Fact::WaitsForConsumer { pods }), _) if pods.is_empty() => {
            asked.say(Reason::ClaimWaitsForPod, [class]);
        }
        (Some(Fact::WaitsForConsumer { pods }), _) => {
            let next = pods.first().map(|pod| asked.sibling(Kind::Pod, pod));
            asked.say(Reason::ClaimWaitsForNode, [pods.join(", ")]).next = next;
        }
        (_, None) if class.is_empty() => {
            let found = unfit(asked, claim);
            let reason = match spec.storage_class_name {
                Some(_) => Reason::ClaimNoVolume,
                None => Reason::ClaimNoClass,
            };
            let answer = asked.say(reason, []);
            answer.lacks = found;
            answer.command = Some("kubectl get storageclass,pv".to_owned());
        }
        (_, None) => {
            let answer = asked.say(Reason::ClaimClassMissing, [class]);
            answer.command = Some("kubectl get storageclass".to_owned());
        }
        (_, Some(stored)) if stored.provisioner == NO_PROVISIONER => {
            let found = unfit(asked, claim);
            let answer = asked.say(Reason::ClaimNotProvisioned, [class]);
            answer.lacks = found;
            answer.command = Some("kubectl get pv".to_owned());
        }
        (_, Some(stored)) => {
            let provisioner = stored.provisioner.clone();
            let runs =
                petset_cluster::controllers::external_provisioner::is_simulated(&provisioner);
            let reason = match runs {
                true => Reason::ClaimProvisioning,
                false => Reason::ClaimNoProvisioner,
            };
            let next = ObjectRef::cluster_wide("StorageClass", &class);
            asked.say(reason, [class, provisioner]).next = Some(next);
        }
    }
}

/// The first volumes, each with all that keeps it from fitting.
fn unfit(asked: &Asked<'_>, claim: &PersistentVolumeClaim) -> Vec<LackView> {
    let volumes = asked.store.list_as::<PersistentVolume>(None);
    let found = volumes.flat_map(|volume| of_volume(asked, volume, claim));
    found.take(LISTED).collect()
}

fn of_volume(
    asked: &Asked<'_>,
    volume: &PersistentVolume,
    claim: &PersistentVolumeClaim,
) -> Vec<LackView> {
    let name = volume.metadata.name.as_deref().unwrap_or("");
    let at = ObjectRef::cluster_wide("PersistentVolume", name);
    let found = matching::lacks(volume, claim);
    let said = |lack| say_lack(asked, &at, lack, volume, claim);
    found.into_iter().map(said).collect()
}

fn say_lack(
    asked: &Asked<'_>,
    at: &ObjectRef,
    lack: VolumeLack,
    volume: &PersistentVolume,
    claim: &PersistentVolumeClaim,
) -> LackView {
    let at = Some(at.clone());
    let (has, wants) = (volume.spec.as_ref(), claim.spec.as_ref());
    let none = || "–".to_owned();
    match lack {
        VolumeLack::OfOtherClaim => {
            let of = has.and_then(|spec| spec.claim_ref.as_ref());
            let name = of.map(|of| claim_name(of, asked.object.namespace()));
            lacks(at, Lack::OfOtherClaim, [name.unwrap_or_default()])
        }
        VolumeLack::Size => {
            let size = has.and_then(|spec| spec.capacity.as_ref()?.get("storage"));
            let wanted = wants.and_then(|spec| {
                let resources = spec.resources.as_ref()?;
                resources.requests.as_ref()?.get("storage")
            });
            let text = |size: Option<&k8s_openapi::apimachinery::pkg::api::resource::Quantity>| {
                size.map_or_else(none, |size| size.0.clone())
            };
            lacks(at, Lack::Size, [text(size), text(wanted)])
        }
        VolumeLack::Class => {
            let class = |name: Option<&String>| {
                let name = name.filter(|name| !name.is_empty());
                name.cloned().unwrap_or_else(none)
            };
            let own = has.and_then(|spec| spec.storage_class_name.as_ref());
            let wanted = wants.and_then(|spec| spec.storage_class_name.as_ref());
            lacks(at, Lack::Class, [class(own), class(wanted)])
        }
        VolumeLack::AccessModes => {
            let text = |modes: Option<&Vec<String>>| modes.map_or_else(none, |m| m.join(", "));
            let own = has.and_then(|spec| spec.access_modes.as_ref());
            let wanted = wants.and_then(|spec| spec.access_modes.as_ref());
            lacks(at, Lack::AccessModes, [text(own), text(wanted)])
        }
        VolumeLack::Phase => {
            let phase = volume.status.as_ref().and_then(|s| s.phase.clone());
            lacks(at, Lack::Phase, [phase.unwrap_or_else(none)])
        }
        VolumeLack::Going => lacks(at, Lack::VolumeGoing, []),
        VolumeLack::Mode => lacks(at, Lack::Mode, []),
        VolumeLack::Selector => lacks(at, Lack::Selector, []),
    }
}

/// A claim's name, with its namespace where that is another one.
fn claim_name(of: &ObjectReference, namespace: &str) -> String {
    let name = of.name.as_deref().unwrap_or("");
    match of.namespace.as_deref() {
        Some(other) if other != namespace => format!("{other}/{name}"),
        _ => name.to_owned(),
    }
}

/// A claim that asks for more than it has.
fn grows(asked: &mut Asked<'_>, claim: &PersistentVolumeClaim, spec: &PersistentVolumeClaimSpec) {
    let status = claim.status.as_ref();
    let has = status.and_then(|s| s.capacity.as_ref()?.get("storage"));
    let resources = spec.resources.as_ref();
    let wants = resources.and_then(|r| r.requests.as_ref()?.get("storage"));
    let conditions = status.and_then(|s| s.conditions.as_ref());
    let grows = conditions.is_some_and(|conditions| {
        let mut conditions = conditions.iter();
        conditions.any(|c| matches!(c.type_.as_str(), "Resizing" | "FileSystemResizePending"))
    });
    if let (Some(has), Some(wants), true) = (has, wants, grows) {
        asked.say(Reason::ClaimGrows, [has.0.clone(), wants.0.clone()]);
    }
}

/// Answers for a volume.
pub(super) fn answer_volume(asked: &mut Asked<'_>, volume: &PersistentVolume) {
    let spec = volume.spec.as_ref();
    let status = volume.status.as_ref();
    let phase = status.and_then(|s| s.phase.as_deref()).unwrap_or("");
    let policy = spec.and_then(|s| s.persistent_volume_reclaim_policy.clone());
    let policy = policy.unwrap_or_else(|| "Retain".to_owned());
    let claim = spec.and_then(|s| s.claim_ref.as_ref());
    let name = claim.map(|claim| claim_name(claim, "default"));
    let name = name.unwrap_or_default();
    let next = claim.and_then(|claim| {
        let namespace = claim.namespace.as_deref().unwrap_or("");
        let name = claim.name.as_deref()?;
        let there = asked
            .store
            .get(Kind::PersistentVolumeClaim, &Key::new(namespace, name));
        there.map(|claim| reference(claim))
    });
    let own = asked.object.name().to_owned();
    match phase {
        "Bound" if asked.object.is_terminating() => {
            asked.say(Reason::VolumeInUse, [name]).next = next;
        }
        "Available" if claim.is_none() => {
            asked.say(Reason::VolumeFree, []);
        }
        "Available" => {
            asked.say(Reason::VolumeReserved, [name]).next = next;
        }
        "Released" if policy == "Retain" => {
            let patch = format!(
                r#"kubectl patch pv {own} --type=json -p '[{{"op":"remove","path":"/spec/claimRef"}}]'"#
            );
            asked.say(Reason::VolumeReleased, [name]).command = Some(patch);
        }
        "Released" => {
            asked.say(Reason::VolumeReclaimed, [policy]);
        }
        "Failed" => {
            asked.say(Reason::VolumeFailed, [policy]).command =
                Some(format!("kubectl describe pv {own}"));
        }
        _ => {}
    }
}
