//! Whom containers run as, and which groups own their volumes.
//!
//! Upstream: `pkg/securitycontext`, `pkg/volume/volume_linux.go`, `FsUserFrom` in `pkg/volume/util/util.go`.

use super::Kubelet;
use super::container::Context;
use super::pod::PodWorker;
use super::process::{ImageInfo, User};
use crate::storage::FileSystem;
use k8s_openapi::api::core::v1 as core;

fn number(id: Option<i64>) -> Option<u32> {
    id.and_then(|id| u32::try_from(id).ok())
}

/// The user and group of a container.
pub(super) fn user(worker: &PodWorker, spec: &core::Container, image: &ImageInfo) -> User {
    let pod = worker
        .spec()
        .and_then(|spec| spec.security_context.as_ref());
    let own = spec.security_context.as_ref();
    let mut of_image = image.user.split(':').map(|id| id.parse().unwrap_or(0));
    let (uid, gid) = (of_image.next().unwrap_or(0), of_image.next().unwrap_or(0));
    let given = own
        .and_then(|own| own.run_as_user)
        .or_else(|| pod?.run_as_user);
    let group = own
        .and_then(|own| own.run_as_group)
        .or_else(|| pod?.run_as_group);
    User {
        uid: number(given).unwrap_or(uid),
        gid: number(group).unwrap_or(gid),
    }
}

/// All groups of a container's processes, in their order.
pub(super) fn groups(worker: &PodWorker, user: User) -> Vec<u32> {
    let spec = worker.spec();
    let context = spec.and_then(|spec| spec.security_context.as_ref());
    let more = context.and_then(|context| context.supplemental_groups.as_ref());
    let more = more.into_iter().flatten().map(|id| number(Some(*id)));
    let mut all = vec![user.gid];
    all.extend(spec.and_then(fs_group));
    all.extend(more.flatten());
    all.sort_unstable();
    all.dedup();
    all
}

/// The group that owns a pod's volumes.
pub(super) fn fs_group(spec: &core::PodSpec) -> Option<u32> {
    number(spec.security_context.as_ref()?.fs_group)
}

/// The user of all containers, if the spec names one and it is the same for all.
pub(super) fn fs_user(spec: &core::PodSpec) -> Option<u32> {
    let of_pod = spec
        .security_context
        .as_ref()
        .and_then(|all| all.run_as_user);
    let of_container = |container: &core::Container| {
        let own = container.security_context.as_ref();
        own.and_then(|own| own.run_as_user).or(of_pod)
    };
    let init = spec.init_containers.iter().flatten();
    let mut users = init.chain(&spec.containers).map(of_container);
    let first = users.next()??;
    users.all(|user| user == Some(first)).then_some(first)?;
    number(Some(first))
}

/// Gives all files of a volume to a group. With `on_mismatch`, only if the directory at its top is not as it would be then.
pub(super) fn own(files: &mut FileSystem, group: u32, read_only: bool, on_mismatch: bool) {
    let bits = if read_only { 0o440 } else { 0o660 };
    let of_directory = bits | 0o110 | 0o2000;
    let root = files.metadata("");
    if on_mismatch
        && root.is_some_and(|root| root.gid == group && root.mode & of_directory == of_directory)
    {
        return;
    }
    files.give_to_group(group, bits, of_directory);
}

impl Kubelet {
    /// Gives disks that were there before the pod to its group, when its first container is made.
    pub(super) fn own_volumes(&mut self, worker: &mut PodWorker, context: &Context) {
        let Some(group) = context.fs_group.filter(|_| !worker.volumes_owned) else {
            return;
        };
        worker.volumes_owned = true;
        let security = worker
            .spec()
            .and_then(|spec| spec.security_context.as_ref());
        let policy = security.and_then(|all| all.fs_group_change_policy.as_deref());
        let on_mismatch = policy == Some("OnRootMismatch");
        for (disk, fill) in &context.fills {
            if let Some(read_only) = fill.takes_group() {
                // A disk that nobody has looked at gets its group when it is made.
                let _ = self.disks.change(disk, 0, |disk| {
                    own(&mut disk.files, group, read_only, on_mismatch);
                });
            }
        }
    }
}
