//! Which volume fits a claim.
//!
//! Upstream: `staging/src/k8s.io/component-helpers/storage/volume/pv_helpers.go`, `pkg/controller/volume/persistentvolume/index.go`.

use super::{claim_ref, class_of};
use crate::annotation::BETA_STORAGE_CLASS;
use crate::api::quantity::Amount;
use crate::hash::Fnv1a64;
use crate::meta::label_selector;
use crate::store::{Index, Store};
use crate::trace::VolumeLack;
use k8s_openapi::api::core::v1::{ObjectReference, PersistentVolume, PersistentVolumeClaim};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The smallest volume that fits; one that is reserved for the claim comes first. For a delayed claim only a reserved
/// one counts, the scheduler chooses among the others.
pub(crate) fn find_best_match(
    store: &Store,
    claim: &PersistentVolumeClaim,
    delayed: bool,
) -> Option<PersistentVolume> {
    let wanted = modes(
        claim
            .spec
            .as_ref()
            .and_then(|spec| spec.access_modes.as_ref()),
    );
    let mut groups: BTreeMap<(usize, BTreeSet<String>), Vec<&PersistentVolume>> = BTreeMap::new();
    // Volumes of other claims can never fit; a free one is found under the empty claim.
    let meta = &claim.metadata;
    let own = format!(
        "{}/{}",
        meta.namespace.as_deref().unwrap_or(""),
        meta.name.as_deref().unwrap_or("")
    );
    let reserved = store.by_index_as::<PersistentVolume>(Index::Claim, &own);
    for volume in reserved.chain(store.by_index_as(Index::Claim, "/")) {
        let offered = modes(
            volume
                .spec
                .as_ref()
                .and_then(|spec| spec.access_modes.as_ref()),
        );
        if offered.is_superset(&wanted) {
            groups
                .entry((offered.len(), offered))
                .or_default()
                .push(volume);
        }
    }
    groups
        .values()
        .find_map(|group| best_of(group, claim, delayed).cloned())
}

fn best_of<'v>(
    group: &[&'v PersistentVolume],
    claim: &PersistentVolumeClaim,
    delayed: bool,
) -> Option<&'v PersistentVolume> {
    // Upstream, equals come in the order of a Go map; here, in that of a hash of their names.
    let mut best: Option<(i128, Reverse<u64>, &PersistentVolume)> = None;
    for volume in group {
        let size = match offer(volume, claim) {
            Some(Offer::Reserved) => return Some(volume),
            Some(Offer::Free(size)) => size,
            None => continue,
        };
        let order = Reverse(Fnv1a64::of(&[volume
            .metadata
            .name
            .as_deref()
            .unwrap_or("")]));
        if !delayed && best.is_none_or(|(smallest, first, _)| (size, order) < (smallest, first)) {
            best = Some((size, order, volume));
        }
    }
    best.map(|(_, _, volume)| volume)
}

/// How a volume could serve a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// It is reserved for this claim; nothing else matters then.
    Reserved,
    /// It is free, and this large.
    Free(i128),
}

/// Whether a volume could serve a claim, as far as neither nodes nor access modes matter.
pub(crate) fn offer(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> Option<Offer> {
    let reserved = claim_ref(volume);
    let size = capacity(volume);
    if reserved.is_some_and(|reference| !refers_to(reference, claim))
        || volume.metadata.deletion_timestamp.is_some()
        || size < request(claim)
        || volume_mode(volume) != claim_mode(claim)
    {
        return None;
    }
    if reserved.is_some() {
        return Some(Offer::Reserved);
    }
    let status = volume.status.as_ref();
    let fits = status.and_then(|status| status.phase.as_deref()) == Some("Available")
        && selects(claim, volume)
        && volume_class(volume) == class_of(claim).unwrap_or("");
    fits.then_some(Offer::Free(size))
}

/// Every reason for which a volume does not fit a claim, as [`find_best_match`] judges; none when it fits, or is the
/// claim's own.
pub fn lacks(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> Vec<VolumeLack> {
    let offered = volume.spec.as_ref().and_then(|s| s.access_modes.as_ref());
    let wanted = claim.spec.as_ref().and_then(|s| s.access_modes.as_ref());
    let reserved = claim_ref(volume);
    let own = reserved.is_some_and(|reference| refers_to(reference, claim));
    let status = volume.status.as_ref();
    let phase = status.and_then(|status| status.phase.as_deref());
    let checks = [
        (reserved.is_some() && !own, VolumeLack::OfOtherClaim),
        (
            volume.metadata.deletion_timestamp.is_some(),
            VolumeLack::Going,
        ),
        (capacity(volume) < request(claim), VolumeLack::Size),
        (
            !modes(offered).is_superset(&modes(wanted)),
            VolumeLack::AccessModes,
        ),
        (volume_mode(volume) != claim_mode(claim), VolumeLack::Mode),
        (
            !own && volume_class(volume) != class_of(claim).unwrap_or(""),
            VolumeLack::Class,
        ),
        (!own && !selects(claim, volume), VolumeLack::Selector),
        (
            reserved.is_none() && phase != Some("Available"),
            VolumeLack::Phase,
        ),
    ];
    let failed = checks.into_iter().filter(|(failed, _)| *failed);
    failed.map(|(_, lack)| lack).collect()
}

/// Why a volume that a claim names cannot be bound to it.
pub(crate) fn mismatch(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> Option<String> {
    let wanted = modes(
        claim
            .spec
            .as_ref()
            .and_then(|spec| spec.access_modes.as_ref()),
    );
    let offered = modes(
        volume
            .spec
            .as_ref()
            .and_then(|spec| spec.access_modes.as_ref()),
    );
    let name = volume.metadata.name.as_deref().unwrap_or("");
    let why = match () {
        () if volume.metadata.deletion_timestamp.is_some() => {
            return Some(format!("the volume is marked for deletion \"{name}\""));
        }
        () if capacity(volume) < request(claim) => "requested PV is too small",
        () if volume_class(volume) != class_of(claim).unwrap_or("") => {
            "storageClassName does not match"
        }
        () if volume_mode(volume) != claim_mode(claim) => "incompatible volumeMode",
        () if !offered.is_superset(&wanted) => "incompatible accessMode",
        () => return None,
    };
    Some(why.to_owned())
}

/// Whether a volume's reference is to this claim: by name, and by uid if it has one.
pub(crate) fn refers_to(reference: &ObjectReference, claim: &PersistentVolumeClaim) -> bool {
    let uid = reference.uid.as_deref().unwrap_or("");
    reference.name == claim.metadata.name
        && reference.namespace == claim.metadata.namespace
        && (uid.is_empty() || Some(uid) == claim.metadata.uid.as_deref())
}

fn modes(list: Option<&Vec<String>>) -> BTreeSet<String> {
    list.into_iter().flatten().cloned().collect()
}

fn capacity(volume: &PersistentVolume) -> i128 {
    let spec = volume.spec.as_ref();
    let size = spec.and_then(|spec| spec.capacity.as_ref()?.get("storage"));
    size.map_or(0, |size| Amount::of(size).nano())
}

fn request(claim: &PersistentVolumeClaim) -> i128 {
    let resources = claim.spec.as_ref().and_then(|spec| spec.resources.as_ref());
    let size = resources.and_then(|resources| resources.requests.as_ref()?.get("storage"));
    size.map_or(0, |size| Amount::of(size).nano())
}

pub(crate) fn volume_mode(volume: &PersistentVolume) -> &str {
    let spec = volume.spec.as_ref();
    spec.and_then(|spec| spec.volume_mode.as_deref())
        .unwrap_or("Filesystem")
}

pub(crate) fn claim_mode(claim: &PersistentVolumeClaim) -> &str {
    let spec = claim.spec.as_ref();
    spec.and_then(|spec| spec.volume_mode.as_deref())
        .unwrap_or("Filesystem")
}

fn volume_class(volume: &PersistentVolume) -> &str {
    let annotations = volume.metadata.annotations.as_ref();
    annotations
        .and_then(|map| map.get(BETA_STORAGE_CLASS))
        .map(String::as_str)
        .or_else(|| volume.spec.as_ref()?.storage_class_name.as_deref())
        .unwrap_or("")
}

fn selects(claim: &PersistentVolumeClaim, volume: &PersistentVolume) -> bool {
    let Some(selector) = claim.spec.as_ref().and_then(|spec| spec.selector.as_ref()) else {
        return true;
    };
    label_selector::matches(selector, &volume.metadata)
}
