//! What is mounted into a container.
//!
//! Upstream: `pkg/kubelet/volumemanager`, `pkg/volume`.

mod object_files;
mod token;

pub(crate) use object_files::Payload;

use super::container::{Fill, Place};
use super::pod::PodWorker;
use crate::api::quantity::Amount;
use crate::object::{Key, Object};
use crate::storage::{DiskId, Disks, Mount};
use crate::store::Store;
use crate::volume::{attachment_name, is_attached};
use k8s_openapi::api::core::v1 as core;

/// The mounts of a container with what their disks hold at first, its own layer first.
pub(crate) struct Mounts {
    pub mounts: Vec<Mount>,
    pub fills: Vec<(DiskId, Fill)>,
}

/// The volumes of a pod that cannot be mounted, as the event `FailedMount` names the first of them; none when all can.
pub(crate) fn failure(worker: &PodWorker, store: &Store, disks: &Disks) -> Option<String> {
    let volumes = worker.spec()?.volumes.as_ref()?;
    volumes.iter().find_map(|volume| {
        let name = &volume.name;
        if let Some(claim) = claim_of(worker, volume) {
            let namespace = worker.key.namespace();
            let why = claim_failure(store, namespace, &claim)?;
            return Some(format!(
                "Unable to attach or mount volumes: unmounted volumes=[{name}], unattached volumes=[], failed to process volumes=[{name}]: error processing PVC {namespace}/{claim}: {why}"
            ));
        }
        let why = match disk_of(worker, store, volume) {
            Ok(_) => host_path_failure(worker, store, volume, disks)?,
            Err(why) => why,
        };
        Some(format!(
            "MountVolume.SetUp failed for volume \"{name}\" : {why}"
        ))
    })
}

/// Whether a pod waits for a volume that is not attached to its node yet; nothing is said of that.
pub(crate) fn waits_for_attachment(worker: &PodWorker, store: &Store) -> bool {
    let volumes = worker.spec().and_then(|spec| spec.volumes.as_ref());
    volumes.into_iter().flatten().any(|volume| {
        let name = claim_of(worker, volume)
            .and_then(|claim| volume_of(store, worker.key.namespace(), &claim))
            .and_then(attachment_name);
        name.is_some_and(|name| !is_attached(store, &worker.node, &name))
    })
}

/// The claim behind a volume: the one it names, or the one that was made for it.
fn claim_of(worker: &PodWorker, volume: &core::Volume) -> Option<String> {
    match (&volume.persistent_volume_claim, &volume.ephemeral) {
        (Some(claim), _) => Some(claim.claim_name.clone()),
        (None, Some(_)) => Some(format!("{}-{}", worker.key.name(), volume.name)),
        (None, None) => None,
    }
}

/// The persistent volume that a claim is bound to.
fn volume_of<'s>(
    store: &'s Store,
    namespace: &str,
    claim: &str,
) -> Option<&'s core::PersistentVolume> {
    let claim = store.get_as::<core::PersistentVolumeClaim>(&Key::new(namespace, claim))?;
    let name = claim.spec.as_ref()?.volume_name.as_deref()?;
    store.get_as(&Key::new("", name))
}

/// Directories that each node has from the beginning.
const NODE_DIRECTORIES: [&str; 14] = [
    "/", "/boot", "/data", "/etc", "/home", "/mnt", "/opt", "/proc", "/root", "/run", "/sys",
    "/tmp", "/var", "/var/log",
];

/// Why a directory or file of the node is not what the volume says it is.
///
/// Upstream: `pkg/volume/hostpath/host_path.go`.
fn host_path_failure(
    worker: &PodWorker,
    store: &Store,
    volume: &core::Volume,
    disks: &Disks,
) -> Option<String> {
    let host = volume.host_path.as_ref()?;
    let path = host.path.as_str();
    let disk = disks.get(&disk_of_host_path(store, &worker.node, path));
    let is_file = disk.is_some_and(|disk| disk.files.get(&file_name(path)).is_some());
    let is_directory = match disk {
        Some(_) => !is_file,
        None => NODE_DIRECTORIES.contains(&path),
    };
    let what = match host.type_.as_deref().unwrap_or("") {
        "" => return None,
        "DirectoryOrCreate" if disk.is_none() => return None,
        "FileOrCreate" if disk.is_none() && !is_directory => return None,
        "Directory" | "DirectoryOrCreate" if is_directory => return None,
        "File" | "FileOrCreate" if is_file => return None,
        "Directory" | "DirectoryOrCreate" => "directory",
        "File" | "FileOrCreate" => "file",
        "Socket" => "socket file",
        "CharDevice" => "character device",
        "BlockDevice" => "block device",
        other => return Some(format!("{other} is an invalid volume type")),
    };
    Some(format!(
        "hostPath type check failed: {path} is not a {what}"
    ))
}

/// Where a file that is mounted by itself lies on its disk.
fn file_name(path: &str) -> String {
    format!("/{}", path.rsplit('/').next().unwrap_or("file"))
}

fn claim_failure(store: &Store, namespace: &str, name: &str) -> Option<String> {
    let Some(claim) = store.get_as::<core::PersistentVolumeClaim>(&Key::new(namespace, name))
    else {
        return Some(format!(
            "failed to fetch PVC from API server: persistentvolumeclaim \"{name}\" not found"
        ));
    };
    let bound = claim
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        == Some("Bound");
    let volume = claim
        .spec
        .as_ref()
        .and_then(|spec| spec.volume_name.as_deref());
    match volume {
        _ if !bound => Some("PVC is not bound".to_owned()),
        None | Some("") => Some("PVC has empty pvc.Spec.VolumeName".to_owned()),
        Some(_) => None,
    }
}

/// The mounts of the container at `index`, for its run `id`. Volumes that are missing are left out: [`failure`] tells.
pub(crate) fn mounts(
    worker: &PodWorker,
    index: usize,
    store: &Store,
    expand: &dyn Fn(&str) -> String,
) -> Mounts {
    let container = &worker.containers[index];
    let layer = DiskId::container(&worker.uid, &container.name, container.restart_count);
    let root = Mount {
        path: "/".to_owned(),
        disk: layer.clone(),
        sub_path: String::new(),
        read_only: worker
            .container_spec(index)
            .and_then(|spec| spec.security_context.as_ref()?.read_only_root_filesystem)
            .unwrap_or(false),
        source: "overlay".to_owned(),
        fs_type: "overlay",
    };
    let mut all = Mounts {
        mounts: vec![root],
        fills: vec![(layer, Fill::Image)],
    };
    let volumes = worker.spec().and_then(|spec| spec.volumes.as_ref());
    let wanted = worker
        .container_spec(index)
        .and_then(|spec| spec.volume_mounts.as_ref());
    for mount in wanted.into_iter().flatten() {
        let volume = volumes
            .into_iter()
            .flatten()
            .find(|volume| volume.name == mount.name);
        let Some((disk, fill, device)) =
            volume.and_then(|volume| disk_of(worker, store, volume).ok())
        else {
            continue;
        };
        let payload = match &fill {
            Fill::Payload(payload) => Some(payload),
            _ => None,
        };
        let given = match &mount.sub_path_expr {
            Some(text) if !text.is_empty() => expand(text),
            _ => mount.sub_path.clone().unwrap_or_default(),
        };
        let host = volume.and_then(|volume| volume.host_path.as_ref());
        let file = host.filter(|_| matches!(fill, Fill::NodeFile));
        let given = file.map_or(given, |host| file_name(&host.path));
        let sub_path = given.trim_matches('/');
        // A single file is mounted as it is now, not by the link that leads to it.
        let sub_path = match payload.filter(|_| !sub_path.is_empty()) {
            Some(payload) => format!("/{}/{sub_path}", payload.directory),
            None if sub_path.is_empty() => String::new(),
            None => format!("/{sub_path}"),
        };
        let claim = volume.and_then(|volume| volume.persistent_volume_claim.as_ref());
        let only_read = claim.is_some_and(|claim| claim.read_only == Some(true));
        all.mounts.push(Mount {
            path: format!("/{}", mount.mount_path.trim_matches('/')),
            disk: disk.clone(),
            sub_path,
            read_only: payload.is_some() || only_read || mount.read_only.unwrap_or(false),
            source: device.to_owned(),
            fs_type: if device == "tmpfs" { "tmpfs" } else { "ext4" },
        });
        all.fills.push((disk, fill));
    }
    all
}

/// The disk of a volume, what it holds at first, and the device that `df` shows.
fn disk_of(
    worker: &PodWorker,
    store: &Store,
    volume: &core::Volume,
) -> Result<(DiskId, Fill, &'static str), String> {
    let namespace = worker.key.namespace();
    let own = DiskId::ephemeral(&worker.uid, &volume.name);
    if let Some(claim) = claim_of(worker, volume) {
        let volume = volume_of(store, namespace, &claim).ok_or("PVC is not bound")?;
        let size = volume
            .spec
            .as_ref()
            .and_then(|spec| spec.capacity.as_ref()?.get("storage"))
            .map(|size| u64::try_from(Amount::of(size).value()).unwrap_or(0));
        let (place, device) = place_of(volume);
        return Ok((disk_of_volume(volume), Fill::Volume(size, place), device));
    }
    if let Some(empty) = &volume.empty_dir {
        let memory = empty.medium.as_deref() == Some("Memory");
        // Only a file system in memory has a size of its own; what a directory may hold is looked at by eviction.
        let limit = empty.size_limit.as_ref().filter(|_| memory);
        let limit = limit.and_then(|size| u64::try_from(Amount::of(size).value()).ok());
        let device = if memory { "tmpfs" } else { "/dev/vda1" };
        return Ok((own, Fill::Empty(limit, memory), device));
    }
    if let Some(host) = &volume.host_path {
        let disk = disk_of_host_path(store, &worker.node, &host.path);
        let fill = match host.type_.as_deref() {
            Some("File" | "FileOrCreate") => Fill::NodeFile,
            _ => Fill::Volume(None, Place::Directory),
        };
        return Ok((disk, fill, "/dev/vda1"));
    }
    let payload = object_files::payload(worker, store, volume)?;
    let device = match volume.config_map.is_some() {
        true => "/dev/vda1",
        false => "tmpfs",
    };
    Ok((own, Fill::Payload(payload), device))
}

/// What a persistent volume is to its node, and the device that `df` shows.
fn place_of(volume: &core::PersistentVolume) -> (Place, &'static str) {
    let spec = volume.spec.as_ref();
    match spec.map(|spec| (&spec.csi, &spec.local)) {
        Some((Some(_), _)) => (Place::Device, "/dev/nvme1n1"),
        Some((None, Some(_))) => (Place::Local, "/dev/vda1"),
        _ => (Place::Directory, "/dev/vda1"),
    }
}

/// The disk of a directory of a node. Where a persistent volume lies, it is that volume's disk; any other directory is
/// the node's own.
pub fn disk_of_host_path(store: &Store, node: &str, path: &str) -> DiskId {
    let own = format!("{node}:{path}");
    let volume = store
        .list_as::<core::PersistentVolume>(None)
        .find(|volume| {
            let place = place_of_volume(volume);
            place == path || place == own
        });
    volume.map_or_else(|| DiskId::volume(&own), disk_of_volume)
}

/// The disk behind a persistent volume.
pub fn disk_of_volume(volume: &core::PersistentVolume) -> DiskId {
    DiskId::volume(&place_of_volume(volume))
}

/// Where a volume's bytes lie. A `hostPath` is the same directory on each node, as in the recorded cluster (and on Docker
/// Desktop, which has one node); a `local` volume is on the node that its affinity names.
fn place_of_volume(volume: &core::PersistentVolume) -> String {
    let Some(spec) = &volume.spec else {
        return String::new();
    };
    if let Some(host) = &spec.host_path {
        return host.path.clone();
    }
    if let Some(local) = &spec.local {
        let required = spec
            .node_affinity
            .as_ref()
            .and_then(|a| a.required.as_ref());
        let terms = required.into_iter().flat_map(|r| &r.node_selector_terms);
        let mut expressions = terms.flat_map(|term| term.match_expressions.iter().flatten());
        let node = expressions.find_map(|expression| expression.values.as_ref()?.first());
        return format!("{}:{}", node.map_or("", String::as_str), local.path);
    }
    if let Some(nfs) = &spec.nfs {
        return format!("{}:{}", nfs.server, nfs.path);
    }
    match &spec.csi {
        Some(csi) => format!("{}/{}", csi.driver, csi.volume_handle),
        None => volume.metadata.name.clone().unwrap_or_default(),
    }
}

/// Whether a volume's files are made out of an object of this kind and name.
fn shows(volume: &core::Volume, object: &Object) -> bool {
    let name = object.name();
    let projected = volume.projected.as_ref();
    let mut sources = projected
        .into_iter()
        .flat_map(|p| p.sources.iter().flatten());
    match object {
        Object::ConfigMap(_) => {
            volume
                .config_map
                .as_ref()
                .is_some_and(|map| map.name == name)
                || sources.any(|s| s.config_map.as_ref().is_some_and(|map| map.name == name))
        }
        Object::Secret(_) => {
            let secret = volume.secret.as_ref();
            secret.is_some_and(|secret| secret.secret_name.as_deref() == Some(name))
                || sources.any(|s| s.secret.as_ref().is_some_and(|secret| secret.name == name))
        }
        Object::Pod(_) => {
            volume.downward_api.is_some() || sources.any(|s| s.downward_api.is_some())
        }
        _ => false,
    }
}

/// Whether a pod has a volume whose files are made out of an object.
pub(crate) fn pod_shows(pod: &core::Pod, object: &Object) -> bool {
    let volumes = pod.spec.as_ref().and_then(|spec| spec.volumes.as_ref());
    volumes
        .into_iter()
        .flatten()
        .any(|volume| shows(volume, object))
}

/// The files that a pod's volumes hold now, where they are made out of objects; a volume whose object is gone keeps what
/// it has.
pub(crate) fn object_volumes(worker: &PodWorker, store: &Store) -> Vec<(DiskId, Payload)> {
    let volumes = worker.spec().and_then(|spec| spec.volumes.as_ref());
    volumes
        .into_iter()
        .flatten()
        .filter_map(|volume| match disk_of(worker, store, volume) {
            Ok((disk, Fill::Payload(payload), _)) => Some((disk, payload)),
            _ => None,
        })
        .collect()
}
