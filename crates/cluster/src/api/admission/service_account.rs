//! The service account of a pod and its token.
//!
//! Upstream: `plugin/pkg/admission/serviceaccount/admission.go`.

use crate::api::{Server, Status};
use crate::object::{Key, Kind};
use k8s_openapi::api::core::v1::{
    ConfigMapProjection, Container, DownwardAPIProjection, DownwardAPIVolumeFile, KeyToPath,
    ObjectFieldSelector, Pod, PodSpec, ProjectedVolumeSource, ServiceAccount,
    ServiceAccountTokenProjection, Volume, VolumeMount, VolumeProjection,
};

const MOUNT_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const VOLUME_PREFIX: &str = "kube-api-access-";
/// One hour and the seven seconds by which the API server tells its own tokens from asked-for ones.
const TOKEN_SECONDS: i64 = 3607;

pub(super) fn admit(server: &mut Server, pod: &mut Pod) -> Result<(), Status> {
    let namespace = pod.metadata.namespace.clone().unwrap_or_default();
    let pod_name = super::name_in_refusal(&pod.metadata).to_owned();
    let Some(spec) = pod.spec.as_mut() else {
        return Ok(());
    };
    let name = spec
        .service_account_name
        .clone()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "default".to_owned());
    spec.service_account_name = Some(name.clone());
    spec.service_account = Some(name.clone());
    let account = server
        .store
        .get_as::<ServiceAccount>(&Key::new(&namespace, &name));
    // The default account of a young namespace is about to be made: upstream waits for it here.
    if account.is_none() && name != "default" {
        let why = format!(
            "error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found"
        );
        return Err(Status::forbidden(Kind::Pod, &pod_name, &why));
    }
    let automount = spec
        .automount_service_account_token
        .or_else(|| account.and_then(|account| account.automount_service_account_token))
        .unwrap_or(true);
    let secrets = account.and_then(|account| account.image_pull_secrets.clone());
    if automount {
        mount_token(server, spec);
    }
    if spec.image_pull_secrets.as_ref().is_none_or(Vec::is_empty) {
        spec.image_pull_secrets = secrets.filter(|secrets| !secrets.is_empty());
    }
    Ok(())
}

fn mount_token(server: &mut Server, spec: &mut PodSpec) {
    let existing = spec
        .volumes
        .iter()
        .flatten()
        .find(|volume| volume.name.starts_with(VOLUME_PREFIX))
        .map(|volume| volume.name.clone());
    let has_volume = existing.is_some();
    let name = existing.unwrap_or_else(|| format!("{VOLUME_PREFIX}{}", server.random.suffix(5)));
    let mut needed = false;
    for container in spec
        .init_containers
        .iter_mut()
        .flatten()
        .chain(spec.containers.iter_mut())
    {
        needed |= mount(container, &name);
    }
    if needed && !has_volume {
        spec.volumes.get_or_insert_default().push(Volume {
            name,
            projected: Some(token_source()),
            ..Volume::default()
        });
    }
}

fn mount(container: &mut Container, volume: &str) -> bool {
    let taken = container
        .volume_mounts
        .iter()
        .flatten()
        .any(|mount| mount.mount_path == MOUNT_PATH);
    if !taken {
        container
            .volume_mounts
            .get_or_insert_default()
            .push(VolumeMount {
                name: volume.to_owned(),
                read_only: Some(true),
                mount_path: MOUNT_PATH.to_owned(),
                ..VolumeMount::default()
            });
    }
    !taken
}

fn token_source() -> ProjectedVolumeSource {
    let token = VolumeProjection {
        service_account_token: Some(ServiceAccountTokenProjection {
            expiration_seconds: Some(TOKEN_SECONDS),
            path: "token".to_owned(),
            audience: None,
        }),
        ..VolumeProjection::default()
    };
    let certificate = VolumeProjection {
        config_map: Some(ConfigMapProjection {
            name: "kube-root-ca.crt".to_owned(),
            items: Some(vec![KeyToPath {
                key: "ca.crt".to_owned(),
                path: "ca.crt".to_owned(),
                mode: None,
            }]),
            optional: None,
        }),
        ..VolumeProjection::default()
    };
    let namespace = VolumeProjection {
        downward_api: Some(DownwardAPIProjection {
            items: Some(vec![DownwardAPIVolumeFile {
                path: "namespace".to_owned(),
                field_ref: Some(ObjectFieldSelector {
                    api_version: Some("v1".to_owned()),
                    field_path: "metadata.namespace".to_owned(),
                }),
                ..DownwardAPIVolumeFile::default()
            }]),
        }),
        ..VolumeProjection::default()
    };
    ProjectedVolumeSource {
        default_mode: Some(0o644),
        sources: Some(vec![token, certificate, namespace]),
    }
}
