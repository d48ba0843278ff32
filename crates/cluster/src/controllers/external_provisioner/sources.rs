//! What each provisioner makes, and what it refuses.

use crate::api::quantity::Amount;
use crate::object::Key;
use crate::store::Store;
use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, HostPathVolumeSource, Node, NodeSelector, NodeSelectorRequirement,
    NodeSelectorTerm, PersistentVolumeClaimSpec, VolumeNodeAffinity,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use std::collections::BTreeMap;

const HOSTNAME: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";
/// The name of Amazon's driver; the provisioner, the attacher and the resizer have it too.
pub(crate) const EBS: &str = "ebs.csi.aws.com";

/// What a provisioner is asked for.
pub(super) struct Ask<'a> {
    /// The name that the volume will have.
    pub volume: &'a str,
    /// The claim.
    pub claim: &'a Key,
    /// What the claim wants.
    pub spec: &'a PersistentVolumeClaimSpec,
    /// The node that the scheduler chose, for delayed classes.
    pub node: Option<&'a str>,
    /// 18 hexadecimal digits, of which the provisioner may make a name.
    pub id: &'a str,
    /// The objects.
    pub store: &'a Store,
}

/// What a provisioner has made.
#[derive(Default)]
pub(super) struct Made {
    pub annotations: BTreeMap<String, String>,
    pub host_path: Option<HostPathVolumeSource>,
    pub csi: Option<CSIPersistentVolumeSource>,
    pub node_affinity: Option<VolumeNodeAffinity>,
    /// When it is not exactly what was asked for.
    pub capacity: Option<Quantity>,
}

/// A provisioner.
pub(super) struct Provisioner {
    /// The name by which classes ask for it.
    pub name: &'static str,
    /// How it signs its events: its name, its host and an id of its own.
    pub component: &'static str,
    pub make: fn(&Ask<'_>) -> Result<Made, String>,
}

/// All that run.
pub(super) const PROVISIONERS: [Provisioner; 4] = [
    Provisioner {
        name: "docker.io/hostpath",
        component: "docker.io/hostpath_storage-provisioner_8c2b0ae7-43f5-4d19-9f0e-61d5a7c1e3b4",
        make: docker,
    },
    Provisioner {
        name: "k8s.io/minikube-hostpath",
        component: "k8s.io/minikube-hostpath_minikube_5a0d7e2c-9b41-4c68-8d52-3f1b6c9a7e04",
        make: minikube,
    },
    Provisioner {
        name: "rancher.io/local-path",
        component: "rancher.io/local-path_local-path-provisioner-7dc846544d-x7k2p_b1f6d0c3-2e58-4a97-b6d4-90c2e75f1a38",
        make: local_path,
    },
    Provisioner {
        name: EBS,
        component: "ebs.csi.aws.com_ebs-csi-controller-6f8b9d7c5f-4wq2z_d94e1b70-6c3a-4f85-a2e9-7b08c5d3f612",
        make: ebs,
    },
];

fn host_path(path: String, kind: &str) -> Option<HostPathVolumeSource> {
    Some(HostPathVolumeSource {
        path,
        type_: Some(kind.to_owned()),
    })
}

fn affinity(key: &str, value: &str) -> Option<VolumeNodeAffinity> {
    Some(VolumeNodeAffinity {
        required: Some(NodeSelector {
            node_selector_terms: vec![NodeSelectorTerm {
                match_expressions: Some(vec![NodeSelectorRequirement {
                    key: key.to_owned(),
                    operator: "In".to_owned(),
                    values: Some(vec![value.to_owned()]),
                }]),
                match_fields: None,
            }],
        }),
    })
}

fn docker(ask: &Ask<'_>) -> Result<Made, String> {
    Ok(Made {
        host_path: host_path(
            format!("/var/lib/k8s-pvs/{}", ask.volume),
            "DirectoryOrCreate",
        ),
        ..Made::default()
    })
}

fn minikube(ask: &Ask<'_>) -> Result<Made, String> {
    let path = format!(
        "/tmp/hostpath-provisioner/{}/{}",
        ask.claim.namespace(),
        ask.claim.name()
    );
    let identity = "5a0d7e2c-9b41-4c68-8d52-3f1b6c9a7e04";
    Ok(Made {
        annotations: BTreeMap::from([(
            "hostPathProvisionerIdentity".to_owned(),
            identity.to_owned(),
        )]),
        host_path: host_path(path, ""),
        ..Made::default()
    })
}

fn local_path(ask: &Ask<'_>) -> Result<Made, String> {
    if ask.spec.selector.is_some() {
        return Err("claim.Spec.Selector is not supported".to_owned());
    }
    let mut modes = ask.spec.access_modes.iter().flatten();
    if modes.any(|mode| !matches!(mode.as_str(), "ReadWriteOnce" | "ReadWriteOncePod")) {
        return Err(
            "NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes"
                .to_owned(),
        );
    }
    let Some(node) = ask.node else {
        return Err("configuration error, no node was specified".to_owned());
    };
    let path = format!(
        "/opt/local-path-provisioner/{}_{}_{}",
        ask.volume,
        ask.claim.namespace(),
        ask.claim.name()
    );
    Ok(Made {
        annotations: BTreeMap::from([(
            "local.path.provisioner/selected-node".to_owned(),
            node.to_owned(),
        )]),
        host_path: host_path(path, "DirectoryOrCreate"),
        node_affinity: affinity(HOSTNAME, node),
        ..Made::default()
    })
}

fn ebs(ask: &Ask<'_>) -> Result<Made, String> {
    let modes = ask.spec.access_modes.as_deref().unwrap_or_default();
    let wide = [
        ("ReadWriteMany", "MULTI_NODE_MULTI_WRITER"),
        ("ReadOnlyMany", "MULTI_NODE_READER_ONLY"),
    ];
    if let Some((_, name)) = wide
        .iter()
        .find(|(mode, _)| modes.iter().any(|wanted| wanted == mode))
    {
        return Err(format!(
            "rpc error: code = InvalidArgument desc = Volume capabilities {name} not supported. Only AccessModes[ReadWriteOnce] supported."
        ));
    }
    let resources = ask.spec.resources.as_ref();
    let asked = resources.and_then(|resources| resources.requests.as_ref()?.get("storage"));
    let bytes = asked.map_or(0, |size| Amount::of(size).value());
    let gib = (bytes + (1 << 30) - 1) >> 30;
    let zone = ask.node.and_then(|node| {
        let node = ask.store.get_as::<Node>(&Key::new("", node))?;
        node.metadata.labels.as_ref()?.get(ZONE).cloned()
    });
    Ok(Made {
        csi: Some(CSIPersistentVolumeSource {
            driver: EBS.to_owned(),
            volume_handle: format!("vol-0{}", ask.id.get(..16).unwrap_or("")),
            fs_type: Some("ext4".to_owned()),
            volume_attributes: Some(BTreeMap::from([(
                "storage.kubernetes.io/csiProvisionerIdentity".to_owned(),
                "1767571200000-1234-ebs.csi.aws.com".to_owned(),
            )])),
            ..CSIPersistentVolumeSource::default()
        }),
        node_affinity: zone.and_then(|zone| affinity(ZONE, &zone)),
        capacity: Some(Quantity(format!("{}Gi", gib.max(1)))),
        ..Made::default()
    })
}
