//! Disks and their bytes, as the page draws them.

use super::{Since, reference};
use crate::view::{
    DiskFileView, DiskKind, DiskView, Fate, LostDiskView, Meaning, StorageView, WriteKind,
    WriteView,
};
use petset_cluster::kubelet::volumes::{disk_of_host_path, disk_of_volume};
use petset_cluster::object::Resource;
use petset_cluster::storage::{Disk, DiskId, Disks, FileChange, FileType, Metadata};
use petset_cluster::store::{Index, Store};
use petset_cluster::{Instant, Key, Kind, Object, sort};
use std::sync::Arc;

/// How many files, changes and gone disks are shown.
const FILES: usize = 20;
const WRITES: usize = 8;
const LOST: usize = 6;
/// How much of a file is shown.
const TEXT_BYTES: usize = 240;

/// All disks, each with its first files; the first `max` disks of `set` (or of all).
pub(crate) fn storage_view(
    store: &Store,
    disks: &Disks,
    since: (Since, Instant),
    set: Option<&str>,
    max: u32,
) -> StorageView {
    let mut all: Vec<DiskView> = Vec::new();
    for object in store.list(Kind::PersistentVolumeClaim, None) {
        all.extend(of_claim(store, disks, since, object));
    }
    for object in store.list(Kind::PersistentVolume, None) {
        all.extend(of_free_volume(disks, since, object));
    }
    for object in store.list(Kind::Pod, None) {
        of_pod(store, disks, since, object, &mut all);
    }
    let mut sets: Vec<String> = all.iter().filter_map(|disk| disk.set.clone()).collect();
    sets.sort_unstable();
    sets.dedup();
    if let Some(set) = set {
        all.retain(|disk| disk.set.as_deref() == Some(set));
    }
    sort::by(&mut all, |a, b| {
        // What one pod of a set has stands side by side: its claim beside its emptyDir.
        let key = |disk: &DiskView| {
            (
                disk.set.is_none(),
                disk.set.clone(),
                ordinal(disk),
                disk.kind,
            )
        };
        (key(a), &a.name).cmp(&(key(b), &b.name))
    });
    let disk_count = u32::try_from(all.len()).unwrap_or(u32::MAX);
    all.truncate(usize::try_from(max).unwrap_or(usize::MAX));
    let lost = disks.lost().take(LOST).map(|lost| LostDiskView {
        pod: lost.pod.clone(),
        with_pod: lost.with_pod,
        files: lost.files.clone(),
    });
    StorageView {
        sets,
        disk_count,
        disks: all,
        lost: lost.collect(),
    }
}

/// The ordinal of the pod of a set that a disk belongs to, by the pod's name or by the end of the claim's.
fn ordinal(disk: &DiskView) -> u64 {
    let set = disk.set.as_deref().unwrap_or("");
    let pod = disk.pods.first().map_or(&*disk.name, |pod| &*pod.name);
    let (rest, number) = pod.rsplit_once('-').unwrap_or(("", ""));
    let own = !set.is_empty() && rest.ends_with(set);
    number.parse().ok().filter(|_| own).unwrap_or(u64::MAX)
}

fn of_claim(
    store: &Store,
    disks: &Disks,
    since: (Since, Instant),
    object: &Arc<Object>,
) -> Option<DiskView> {
    let Object::PersistentVolumeClaim(claim) = &**object else {
        return None;
    };
    let spec = claim.spec.as_ref();
    let status = claim.status.as_ref();
    let users = format!("{}/{}", object.namespace(), object.name());
    let pods: Vec<&Arc<Object>> = store.by_index(Kind::Pod, Index::Claim, &users).collect();
    let name = spec.and_then(|spec| spec.volume_name.as_deref());
    let stored = store.get(Kind::PersistentVolume, &Key::new("", name.unwrap_or("")));
    let volume = match stored.map(|object| &**object) {
        Some(Object::PersistentVolume(volume)) => Some(volume),
        _ => None,
    };
    let phase = match object.is_terminating() {
        true => "Terminating".to_owned(),
        false => status.and_then(|s| s.phase.clone()).unwrap_or_default(),
    };
    let owner = set_of_claim(store, object, &pods);
    let policy = volume.and_then(|volume| {
        volume
            .spec
            .as_ref()?
            .persistent_volume_reclaim_policy
            .as_deref()
    });
    let mut fates = vec![match (policy, is_owned_by_pod(object)) {
        (_, true) => Fate::GoWithPod,
        _ => Fate::OutlivePod,
    }];
    if let Some(Object::StatefulSet(set)) = owner.map(|set| &**set) {
        let spec = set.spec.as_ref();
        let kept = spec.and_then(|s| s.persistent_volume_claim_retention_policy.as_ref());
        if kept.and_then(|k| k.when_deleted.as_deref()) == Some("Delete") {
            fates.push(Fate::ClaimGoesWithSet);
        }
        if kept.and_then(|k| k.when_scaled.as_deref()) == Some("Delete") {
            fates.push(Fate::ClaimGoesWithScaleDown);
        }
    }
    fates.extend(match policy {
        Some("Delete") => Some(Fate::GoWithClaim),
        Some("Recycle") => Some(Fate::ScrubbedAfterClaim),
        Some(_) => Some(Fate::OutliveClaim),
        None => None,
    });
    let granted = status.and_then(|s| s.capacity.as_ref()?.get("storage"));
    let asked = spec.and_then(|s| s.resources.as_ref()?.requests.as_ref()?.get("storage"));
    let mut view = DiskView {
        kind: DiskKind::Claim,
        name: object.name().to_owned(),
        set: owner.map(|set| set.name().to_owned()),
        pods: pods.iter().map(|pod| reference(pod)).collect(),
        claim: Some(reference(object)),
        volume: stored.map(|object| reference(object)),
        meaning: match phase.as_str() {
            "Bound" => Meaning::Ready,
            "Lost" => Meaning::Failed,
            "Terminating" => Meaning::Gone,
            _ => Meaning::Progress,
        },
        phase,
        capacity: granted
            .or(asked)
            .map(|size| size.0.clone())
            .unwrap_or_default(),
        changed: since.0.touched(object),
        ..empty(fates)
    };
    if let Some(volume) = volume {
        fill(&mut view, disks.get(&disk_of_volume(volume)), since.1);
    }
    Some(view)
}

/// Persistent volumes that no claim holds but that have bytes, or wait for a decision.
fn of_free_volume(
    disks: &Disks,
    since: (Since, Instant),
    object: &Arc<Object>,
) -> Option<DiskView> {
    let Object::PersistentVolume(volume) = &**object else {
        return None;
    };
    let phase = volume
        .status
        .as_ref()
        .and_then(|status| status.phase.clone())?;
    if phase == "Bound" {
        return None;
    }
    let size = volume
        .spec
        .as_ref()
        .and_then(|spec| spec.capacity.as_ref()?.get("storage"));
    let fates = match phase.as_str() {
        "Released" | "Failed" => vec![Fate::KeptAfterRelease],
        _ => Vec::new(),
    };
    let mut view = DiskView {
        kind: DiskKind::Volume,
        name: object.name().to_owned(),
        volume: Some(reference(object)),
        meaning: match phase.as_str() {
            "Available" => Meaning::Waiting,
            "Failed" => Meaning::Failed,
            "Released" => Meaning::Gone,
            _ => Meaning::Progress,
        },
        phase,
        capacity: size.map(|size| size.0.clone()).unwrap_or_default(),
        changed: since.0.touched(object),
        ..empty(fates)
    };
    fill(&mut view, disks.get(&disk_of_volume(volume)), since.1);
    Some(view)
}

/// The disks that live with a pod, or lie on its node.
fn of_pod(
    store: &Store,
    disks: &Disks,
    since: (Since, Instant),
    object: &Arc<Object>,
    all: &mut Vec<DiskView>,
) {
    let Object::Pod(pod) = &**object else { return };
    let Some(spec) = &pod.spec else { return };
    let node = spec.node_name.as_deref().unwrap_or("");
    let system = object.namespace() == "kube-system";
    for volume in spec.volumes.iter().flatten().filter(|_| !system) {
        let (kind, disk, fate) = match (&volume.empty_dir, &volume.host_path) {
            (Some(empty), _) => {
                let kind = match empty.medium.as_deref() {
                    Some("Memory") => DiskKind::Memory,
                    _ => DiskKind::EmptyDir,
                };
                (
                    kind,
                    DiskId::ephemeral(object.uid(), &volume.name),
                    Fate::GoWithPod,
                )
            }
            (None, Some(host)) if !node.is_empty() => (
                DiskKind::HostPath,
                disk_of_host_path(store, node, &host.path),
                Fate::StayOnNode,
            ),
            _ => continue,
        };
        let limit = volume
            .empty_dir
            .as_ref()
            .and_then(|empty| empty.size_limit.as_ref());
        let mut view = DiskView {
            kind,
            name: volume.name.clone(),
            set: owner(object, "StatefulSet").map(str::to_owned),
            pods: vec![reference(object)],
            meaning: match object.is_terminating() {
                true => Meaning::Gone,
                false => Meaning::Ready,
            },
            capacity: limit.map(|size| size.0.clone()).unwrap_or_default(),
            changed: since.0.touched(object),
            ..empty(vec![fate])
        };
        fill(&mut view, disks.get(&disk), since.1);
        all.push(view);
    }
}

fn empty(fates: Vec<Fate>) -> DiskView {
    DiskView {
        kind: DiskKind::Claim,
        name: String::new(),
        set: None,
        pods: Vec::new(),
        claim: None,
        volume: None,
        phase: String::new(),
        meaning: Meaning::Ready,
        capacity: String::new(),
        used_bytes: 0,
        file_count: 0,
        files: Vec::new(),
        writes: Vec::new(),
        fates,
        changed: false,
    }
}

/// What lies on the disk, and who wrote it.
fn fill(view: &mut DiskView, disk: Option<&Disk>, since: Instant) {
    let Some(disk) = disk else { return };
    view.used_bytes = disk.files.written_bytes();
    for (path, metadata) in disk.files.walk() {
        if path.is_empty() || metadata.file_type == FileType::Directory {
            continue;
        }
        view.file_count += 1;
        if view.files.len() < FILES {
            view.files.push(file(disk, path, &metadata));
        }
    }
    let writes = disk.history.iter().rev().take(WRITES);
    view.writes = writes
        .map(|entry| WriteView {
            at_ms: entry.at.0 / 1000,
            pod: entry.writer.pod.clone(),
            container: entry.writer.container.clone(),
            path: entry.path.clone(),
            change: match entry.change {
                FileChange::Written => WriteKind::Written,
                FileChange::Made => WriteKind::Made,
                FileChange::Removed => WriteKind::Removed,
            },
        })
        .collect();
    view.changed |= disk.history.last().is_some_and(|last| last.at > since);
}

fn file(disk: &Disk, path: &str, metadata: &Metadata) -> DiskFileView {
    let bytes = disk.files.bytes(path).unwrap_or_default();
    let text = std::str::from_utf8(bytes).ok();
    let shown = text.map(|text| {
        let end = (0..=TEXT_BYTES.min(text.len()))
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text[..end].to_owned()
    });
    let last = disk.history.iter().rev().find(|entry| entry.path == path);
    DiskFileView {
        path: path.to_owned(),
        size: metadata.size,
        mode: mode(metadata),
        cut: shown
            .as_ref()
            .is_some_and(|shown| shown.len() < bytes.len()),
        text: shown,
        writer: last.map(|entry| entry.writer.pod.clone()),
    }
}

/// `-rw-r--r--`
fn mode(metadata: &Metadata) -> String {
    let mut text = String::from(match metadata.file_type {
        FileType::File => "-",
        FileType::Directory => "d",
        FileType::Symlink(_) => "l",
    });
    for shift in [6, 3, 0] {
        for (bit, letter) in [(4, 'r'), (2, 'w'), (1, 'x')] {
            let set = metadata.mode >> shift & bit != 0;
            text.push(if set { letter } else { '-' });
        }
    }
    text
}

fn owner<'o>(object: &'o Object, kind: &str) -> Option<&'o str> {
    let mut owners = object.meta().owner_references.iter().flatten();
    owners
        .find(|owner| owner.kind == kind)
        .map(|owner| owner.name.as_str())
}

fn is_owned_by_pod(claim: &Object) -> bool {
    // A set that deletes claims when it is scaled down makes the pod their owner, too; those have a set.
    let mut owners = claim.meta().owner_references.iter().flatten();
    owners.any(|owner| owner.kind == "Pod" && owner.controller == Some(true))
}

/// The set whose template a claim was made from: the one of its pods, or the one that its name fits.
fn set_of_claim<'s>(
    store: &'s Store,
    claim: &Object,
    pods: &[&Arc<Object>],
) -> Option<&'s Arc<Object>> {
    let key = |name: &str| Key::new(claim.namespace(), name);
    let named = pods.iter().find_map(|pod| owner(pod, "StatefulSet"));
    if let Some(name) = named {
        return store.get(Kind::StatefulSet, &key(name));
    }
    let sets = store.list(Kind::StatefulSet, Some(claim.namespace()));
    sets.into_iter().find(|set| {
        let Some(spec) = <k8s_openapi::api::apps::v1::StatefulSet as Resource>::from_object(set)
            .and_then(|set| set.spec.as_ref())
        else {
            return false;
        };
        let templates = spec.volume_claim_templates.iter().flatten();
        templates
            .filter_map(|template| template.metadata.name.as_deref())
            .any(|template| {
                let parent = format!("{template}-{}-", set.name());
                let ordinal = claim.name().strip_prefix(&parent);
                ordinal.is_some_and(|rest| {
                    !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())
                })
            })
    })
}
