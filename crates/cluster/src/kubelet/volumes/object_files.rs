//! Files that are made out of objects of the API: ConfigMaps, Secrets, fields of the pod, tokens.
//!
//! Upstream: `pkg/volume/{configmap,secret,downwardapi,projected}`, `pkg/volume/util/atomic_writer.go`.

use crate::hash::fnv1a_32;
use crate::kubelet::pod::PodWorker;
use crate::kubelet::{environment, security_context};
use crate::object::{Key, Resource};
use crate::storage::FileSystem;
use crate::storage::file_system::{Content, Inode};
use crate::store::Store;
use crate::time::Instant;
use k8s_openapi::api::core::v1 as core;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PayloadFile {
    /// Where, beginning with `/`.
    path: String,
    bytes: Vec<u8>,
    /// Permission bits.
    mode: u16,
    /// The owner.
    uid: u32,
}

impl PayloadFile {
    fn new(path: &str, bytes: &[u8], mode: u16) -> PayloadFile {
        PayloadFile {
            path: format!("/{}", path.trim_matches('/')),
            bytes: bytes.to_vec(),
            mode,
            uid: 0,
        }
    }
}

type Files = Vec<PayloadFile>;

/// All files of such a volume. They lie in a directory of their own, and links lead there, so that all of them change
/// at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    /// The directory's name.
    pub directory: String,
    /// Whether it lies in memory; those of ConfigMaps do not.
    in_memory: bool,
    files: Files,
}

impl Payload {
    /// The volume with these files.
    pub fn file_system(&self, now: Instant) -> FileSystem {
        let mut made = FileSystem::default();
        let root = Inode {
            mode: if self.in_memory { 0o1777 } else { 0o777 },
            ..Inode::directory(now)
        };
        made.put("", root);
        made.make_directories(&format!("/{}", self.directory), now);
        let link = |target: String| Inode {
            content: Content::Symlink(target.into()),
            mode: 0o777,
            ..Inode::directory(now)
        };
        made.put("/..data", link(self.directory.clone()));
        for file in &self.files {
            let path = format!("/{}{}", self.directory, file.path);
            made.put_file(&path, file.bytes.clone(), file.mode, now);
            if let Some(inode) = made.get_mut(&path) {
                inode.uid = file.uid;
            }
            let top = file.path.trim_start_matches('/').split('/').next();
            let top = top.unwrap_or("");
            made.put(&format!("/{top}"), link(format!("..data/{top}")));
        }
        made
    }

    /// The same files under the name that a later change has.
    pub fn renamed(mut self, worker: &PodWorker, moment: &str) -> Payload {
        self.directory = directory_name(worker, moment);
        self
    }
}

/// `..2006_01_02_15_04_05.` and a number that tells directories of one second apart.
fn directory_name(worker: &PodWorker, moment: &str) -> String {
    let number = fnv1a_32(&[worker.uid.as_bytes(), moment.as_bytes()]);
    let date: String = moment.chars().take(19).collect();
    let date = date.replace(['-', ':', 'T'], "_");
    format!("..{date}.{number}")
}

/// The files of a volume that is made out of objects.
///
/// # Errors
/// An object or a key of it is missing: the end of the event's text.
pub(super) fn payload(
    worker: &PodWorker,
    store: &Store,
    volume: &core::Volume,
) -> Result<Payload, String> {
    Ok(Payload {
        directory: directory_name(worker, &worker.start_time.0.to_string()),
        in_memory: volume.config_map.is_none(),
        files: files(worker, store, volume)?,
    })
}

/// The files of volumes that are made out of objects.
fn files(worker: &PodWorker, store: &Store, volume: &core::Volume) -> Result<Files, String> {
    if let Some(map) = &volume.config_map {
        let optional = map.optional.unwrap_or(false);
        let mode = mode(map.default_mode);
        return config_map(
            worker,
            store,
            &map.name,
            map.items.as_deref(),
            optional,
            mode,
        );
    }
    if let Some(secret) = &volume.secret {
        let optional = secret.optional.unwrap_or(false);
        let name = secret.secret_name.as_deref().unwrap_or("");
        let mode = mode(secret.default_mode);
        return secret_files(worker, store, name, secret.items.as_deref(), optional, mode);
    }
    if let Some(downward) = &volume.downward_api {
        let items = downward.items.as_deref().unwrap_or_default();
        return Ok(downward_files(worker, items, mode(downward.default_mode)));
    }
    let Some(projected) = &volume.projected else {
        return Err("not simulated here: this type of volume".to_owned());
    };
    let mode = mode(projected.default_mode);
    let mut files = Files::new();
    for source in projected.sources.iter().flatten() {
        if let Some(map) = &source.config_map {
            // The cluster's certificate appears a moment after the namespace; nobody waits for it here.
            let optional = map.optional.unwrap_or(false) || map.name == "kube-root-ca.crt";
            files.extend(config_map(
                worker,
                store,
                &map.name,
                map.items.as_deref(),
                optional,
                mode,
            )?);
        }
        if let Some(secret) = &source.secret {
            let optional = secret.optional.unwrap_or(false);
            let items = secret.items.as_deref();
            files.extend(secret_files(
                worker,
                store,
                &secret.name,
                items,
                optional,
                mode,
            )?);
        }
        if let Some(downward) = &source.downward_api {
            let items = downward.items.as_deref().unwrap_or_default();
            files.extend(downward_files(worker, items, mode));
        }
        if let Some(token) = &source.service_account_token {
            let alone = worker.spec().and_then(security_context::fs_user);
            let group = worker.spec().and_then(security_context::fs_group);
            files.push(PayloadFile {
                path: format!("/{}", token.path.trim_matches('/')),
                bytes: super::token::token(worker, store, token)?.into_bytes(),
                mode: if alone.is_some() || group.is_some() {
                    0o600
                } else {
                    mode
                },
                uid: alone.unwrap_or(0),
            });
        }
    }
    Ok(files)
}

fn mode(mode: Option<i32>) -> u16 {
    mode.and_then(|mode| u16::try_from(mode).ok())
        .unwrap_or(0o644)
}

fn find<'s, T: Resource>(worker: &PodWorker, store: &'s Store, name: &str) -> Option<&'s T> {
    store.get_as::<T>(&Key::new(worker.key.namespace(), name))
}

fn config_map(
    worker: &PodWorker,
    store: &Store,
    name: &str,
    items: Option<&[core::KeyToPath]>,
    optional: bool,
    mode: u16,
) -> Result<Files, String> {
    let Some(map) = find::<core::ConfigMap>(worker, store, name) else {
        let why = format!("configmap \"{name}\" not found");
        return if optional { Ok(Files::new()) } else { Err(why) };
    };
    let texts = map
        .data
        .iter()
        .flatten()
        .map(|(key, text)| (key.as_str(), text.as_bytes()));
    let bytes = map
        .binary_data
        .iter()
        .flatten()
        .map(|(key, bytes)| (key.as_str(), &bytes.0[..]));
    let all: Vec<(&str, &[u8])> = texts.chain(bytes).collect();
    chosen(&all, items, optional, mode)
}

fn secret_files(
    worker: &PodWorker,
    store: &Store,
    name: &str,
    items: Option<&[core::KeyToPath]>,
    optional: bool,
    mode: u16,
) -> Result<Files, String> {
    let Some(secret) = find::<core::Secret>(worker, store, name) else {
        let why = format!("secret \"{name}\" not found");
        return if optional { Ok(Files::new()) } else { Err(why) };
    };
    let data = secret.data.iter().flatten();
    let all: Vec<(&str, &[u8])> = data
        .map(|(key, bytes)| (key.as_str(), &bytes.0[..]))
        .collect();
    chosen(&all, items, optional, mode)
}

/// All entries by their keys, or those that `items` names at their paths.
fn chosen(
    all: &[(&str, &[u8])],
    items: Option<&[core::KeyToPath]>,
    optional: bool,
    mode: u16,
) -> Result<Files, String> {
    let Some(items) = items else {
        let files = all
            .iter()
            .map(|(key, bytes)| PayloadFile::new(key, bytes, mode));
        return Ok(files.collect());
    };
    let mut files = Files::new();
    for item in items {
        match all.iter().find(|(key, _)| *key == item.key) {
            Some((_, bytes)) => {
                let mode = item
                    .mode
                    .and_then(|mode| u16::try_from(mode).ok())
                    .unwrap_or(mode);
                files.push(PayloadFile::new(&item.path, bytes, mode));
            }
            None if optional => {}
            None => return Err("references non-existent config key: ".to_owned() + &item.key),
        }
    }
    Ok(files)
}

fn downward_files(worker: &PodWorker, items: &[core::DownwardAPIVolumeFile], mode: u16) -> Files {
    items
        .iter()
        .filter_map(|item| {
            let path = item.field_ref.as_ref()?.field_path.as_str();
            let text = environment::field(worker, path)?;
            let mode = item.mode.map_or(mode, |mode| self::mode(Some(mode)));
            Some(PayloadFile::new(&item.path, text.as_bytes(), mode))
        })
        .collect()
}
