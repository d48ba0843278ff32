//! The sources whose fields are shown as they are, in the order in which they are looked for.
//!
//! Upstream: `print…VolumeSource`.

/// One kind of source.
pub(super) struct Source {
    /// The volume's field that holds it.
    pub(super) field: &'static str,
    /// What the Type line says.
    pub(super) meaning: &'static str,
    /// For each line its label, the place of its value within the source, and what stands for none.
    pub(super) fields: &'static [(&'static str, &'static str, &'static str)],
}

/// The sources of a pod's volume.
pub(super) const VOLUME_SOURCES: &[Source] = &[
    Source {
        field: "hostPath",
        meaning: "HostPath (bare host directory volume)",
        fields: &[("Path:", "/path", ""), ("HostPathType:", "/type", "<none>")],
    },
    Source {
        field: "gcePersistentDisk",
        meaning: "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        fields: &[
            ("PDName:", "/pdName", ""),
            ("FSType:", "/fsType", ""),
            ("Partition:", "/partition", "0"),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "awsElasticBlockStore",
        meaning: "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        fields: &[
            ("VolumeID:", "/volumeID", ""),
            ("FSType:", "/fsType", ""),
            ("Partition:", "/partition", "0"),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "gitRepo",
        meaning: "GitRepo (a volume that is pulled from git when the pod is created)",
        fields: &[
            ("Repository:", "/repository", ""),
            ("Revision:", "/revision", ""),
        ],
    },
    Source {
        field: "secret",
        meaning: "Secret (a volume populated by a Secret)",
        fields: &[
            ("SecretName:", "/secretName", ""),
            ("Optional:", "/optional", "false"),
        ],
    },
    Source {
        field: "configMap",
        meaning: "ConfigMap (a volume populated by a ConfigMap)",
        fields: &[("Name:", "/name", ""), ("Optional:", "/optional", "false")],
    },
    Source {
        field: "nfs",
        meaning: "NFS (an NFS mount that lasts the lifetime of a pod)",
        fields: &[
            ("Server:", "/server", ""),
            ("Path:", "/path", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "iscsi",
        meaning: "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
        fields: &[
            ("TargetPortal:", "/targetPortal", ""),
            ("IQN:", "/iqn", ""),
            ("Lun:", "/lun", "0"),
            ("ISCSIInterface", "/iscsiInterface", ""),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
            ("Portals:", "/portals", "[]"),
            ("DiscoveryCHAPAuth:", "/chapAuthDiscovery", "false"),
            ("SessionCHAPAuth:", "/chapAuthSession", "false"),
            ("SecretRef:", "/secretRef", "nil"),
            ("InitiatorName:", "/initiatorName", "<none>"),
        ],
    },
    Source {
        field: "glusterfs",
        meaning: "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
        fields: &[
            ("EndpointsName:", "/endpoints", ""),
            ("Path:", "/path", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "persistentVolumeClaim",
        meaning: "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        fields: &[
            ("ClaimName:", "/claimName", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "rbd",
        meaning: "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
        fields: &[
            ("CephMonitors:", "/monitors", "[]"),
            ("RBDImage:", "/image", ""),
            ("FSType:", "/fsType", ""),
            ("RBDPool:", "/pool", ""),
            ("RadosUser:", "/user", ""),
            ("Keyring:", "/keyring", ""),
            ("SecretRef:", "/secretRef", "nil"),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "quobyte",
        meaning: "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)",
        fields: &[
            ("Registry:", "/registry", ""),
            ("Volume:", "/volume", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "azureDisk",
        meaning: "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
        fields: &[
            ("DiskName:", "/diskName", ""),
            ("DiskURI:", "/diskURI", ""),
            ("Kind: ", "/kind", ""),
            ("FSType:", "/fsType", ""),
            ("CachingMode:", "/cachingMode", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "vsphereVolume",
        meaning: "vSphereVolume (a Persistent Disk resource in vSphere)",
        fields: &[
            ("VolumePath:", "/volumePath", ""),
            ("FSType:", "/fsType", ""),
            ("StoragePolicyName:", "/storagePolicyName", ""),
        ],
    },
    Source {
        field: "cinder",
        meaning: "Cinder (a Persistent Disk resource in OpenStack)",
        fields: &[
            ("VolumeID:", "/volumeID", ""),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
            ("SecretRef:", "/secretRef", "nil"),
        ],
    },
    Source {
        field: "photonPersistentDisk",
        meaning: "PhotonPersistentDisk (a Persistent Disk resource in photon platform)",
        fields: &[("PdID:", "/pdID", ""), ("FSType:", "/fsType", "")],
    },
    Source {
        field: "portworxVolume",
        meaning: "PortworxVolume (a Portworx Volume resource)",
        fields: &[("VolumeID:", "/volumeID", "")],
    },
    Source {
        field: "scaleIO",
        meaning: "ScaleIO (a persistent volume backed by a block device in ScaleIO)",
        fields: &[
            ("Gateway:", "/gateway", ""),
            ("System:", "/system", ""),
            ("Protection Domain:", "/protectionDomain", ""),
            ("Storage Pool:", "/storagePool", ""),
            ("Storage Mode:", "/storageMode", ""),
            ("VolumeName:", "/volumeName", ""),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "cephfs",
        meaning: "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
        fields: &[
            ("Monitors:", "/monitors", "[]"),
            ("Path:", "/path", ""),
            ("User:", "/user", ""),
            ("SecretFile:", "/secretFile", ""),
            ("SecretRef:", "/secretRef", "nil"),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "storageos",
        meaning: "StorageOS (a StorageOS Persistent Disk resource)",
        fields: &[
            ("VolumeName:", "/volumeName", ""),
            ("VolumeNamespace:", "/volumeNamespace", ""),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "fc",
        meaning: "FC (a Fibre Channel disk)",
        fields: &[
            ("TargetWWNs:", "/targetWWNs", ""),
            ("LUN:", "/lun", "<none>"),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "azureFile",
        meaning: "AzureFile (an Azure File Service mount on the host and bind mount to the pod)",
        fields: &[
            ("SecretName:", "/secretName", ""),
            ("ShareName:", "/shareName", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "flexVolume",
        meaning: "FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)",
        fields: &[
            ("Driver:", "/driver", ""),
            ("FSType:", "/fsType", ""),
            ("SecretRef:", "/secretRef", "nil"),
            ("ReadOnly:", "/readOnly", "false"),
            ("Options:", "/options", "map[]"),
        ],
    },
    Source {
        field: "flocker",
        meaning: "Flocker (a Flocker volume mounted by the Flocker agent)",
        fields: &[
            ("DatasetName:", "/datasetName", ""),
            ("DatasetUUID:", "/datasetUUID", ""),
        ],
    },
    Source {
        field: "csi",
        meaning: "CSI (a Container Storage Interface (CSI) volume source)",
        fields: &[
            ("Driver:", "/driver", ""),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "image",
        meaning: "Image (a container image or OCI artifact)",
        fields: &[
            ("Reference:", "/reference", ""),
            ("PullPolicy:", "/pullPolicy", ""),
        ],
    },
];

/// The sources of a persistent volume.
pub(super) const PERSISTENT_VOLUME_SOURCES: &[Source] = &[
    Source {
        field: "hostPath",
        meaning: "HostPath (bare host directory volume)",
        fields: &[("Path:", "/path", ""), ("HostPathType:", "/type", "<none>")],
    },
    Source {
        field: "gcePersistentDisk",
        meaning: "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        fields: &[
            ("PDName:", "/pdName", ""),
            ("FSType:", "/fsType", ""),
            ("Partition:", "/partition", "0"),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "awsElasticBlockStore",
        meaning: "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        fields: &[
            ("VolumeID:", "/volumeID", ""),
            ("FSType:", "/fsType", ""),
            ("Partition:", "/partition", "0"),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "nfs",
        meaning: "NFS (an NFS mount that lasts the lifetime of a pod)",
        fields: &[
            ("Server:", "/server", ""),
            ("Path:", "/path", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "iscsi",
        meaning: "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
        fields: &[
            ("TargetPortal:", "/targetPortal", ""),
            ("IQN:", "/iqn", ""),
            ("Lun:", "/lun", "0"),
            ("ISCSIInterface", "/iscsiInterface", ""),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
            ("Portals:", "/portals", "[]"),
            ("DiscoveryCHAPAuth:", "/chapAuthDiscovery", "false"),
            ("SessionCHAPAuth:", "/chapAuthSession", "false"),
            ("SecretRef:", "/secretRef", "nil"),
            ("InitiatorName:", "/initiatorName", "<none>"),
        ],
    },
    Source {
        field: "glusterfs",
        meaning: "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
        fields: &[
            ("EndpointsName:", "/endpoints", ""),
            ("EndpointsNamespace:", "/endpointsNamespace", "<unset>"),
            ("Path:", "/path", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "rbd",
        meaning: "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
        fields: &[
            ("CephMonitors:", "/monitors", "[]"),
            ("RBDImage:", "/image", ""),
            ("FSType:", "/fsType", ""),
            ("RBDPool:", "/pool", ""),
            ("RadosUser:", "/user", ""),
            ("Keyring:", "/keyring", ""),
            ("SecretRef:", "/secretRef", "nil"),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "quobyte",
        meaning: "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)",
        fields: &[
            ("Registry:", "/registry", ""),
            ("Volume:", "/volume", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "vsphereVolume",
        meaning: "vSphereVolume (a Persistent Disk resource in vSphere)",
        fields: &[
            ("VolumePath:", "/volumePath", ""),
            ("FSType:", "/fsType", ""),
            ("StoragePolicyName:", "/storagePolicyName", ""),
        ],
    },
    Source {
        field: "cinder",
        meaning: "Cinder (a Persistent Disk resource in OpenStack)",
        fields: &[
            ("VolumeID:", "/volumeID", ""),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
            ("SecretRef:", "/secretRef", "nil"),
        ],
    },
    Source {
        field: "azureDisk",
        meaning: "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
        fields: &[
            ("DiskName:", "/diskName", ""),
            ("DiskURI:", "/diskURI", ""),
            ("Kind: ", "/kind", ""),
            ("FSType:", "/fsType", ""),
            ("CachingMode:", "/cachingMode", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "photonPersistentDisk",
        meaning: "PhotonPersistentDisk (a Persistent Disk resource in photon platform)",
        fields: &[("PdID:", "/pdID", ""), ("FSType:", "/fsType", "")],
    },
    Source {
        field: "portworxVolume",
        meaning: "PortworxVolume (a Portworx Volume resource)",
        fields: &[("VolumeID:", "/volumeID", "")],
    },
    Source {
        field: "scaleIO",
        meaning: "ScaleIO (a persistent volume backed by a block device in ScaleIO)",
        fields: &[
            ("Gateway:", "/gateway", ""),
            ("System:", "/system", ""),
            ("Protection Domain:", "/protectionDomain", ""),
            ("Storage Pool:", "/storagePool", ""),
            ("Storage Mode:", "/storageMode", ""),
            ("VolumeName:", "/volumeName", ""),
            ("SecretName:", "/secretRef/name", ""),
            ("SecretNamespace:", "/secretRef/namespace", ""),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "local",
        meaning: "LocalVolume (a persistent volume backed by local storage on a node)",
        fields: &[("Path:", "/path", "")],
    },
    Source {
        field: "cephfs",
        meaning: "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
        fields: &[
            ("Monitors:", "/monitors", "[]"),
            ("Path:", "/path", ""),
            ("User:", "/user", ""),
            ("SecretFile:", "/secretFile", ""),
            ("SecretRef:", "/secretRef", "nil"),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "storageos",
        meaning: "StorageOS (a StorageOS Persistent Disk resource)",
        fields: &[
            ("VolumeName:", "/volumeName", ""),
            ("VolumeNamespace:", "/volumeNamespace", ""),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "fc",
        meaning: "FC (a Fibre Channel disk)",
        fields: &[
            ("TargetWWNs:", "/targetWWNs", ""),
            ("LUN:", "/lun", "<none>"),
            ("FSType:", "/fsType", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "azureFile",
        meaning: "AzureFile (an Azure File Service mount on the host and bind mount to the pod)",
        fields: &[
            ("SecretName:", "/secretName", ""),
            ("SecretNamespace:", "/secretNamespace", ""),
            ("ShareName:", "/shareName", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
    Source {
        field: "flexVolume",
        meaning: "FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)",
        fields: &[
            ("Driver:", "/driver", ""),
            ("FSType:", "/fsType", ""),
            ("SecretRef:", "/secretRef", "nil"),
            ("ReadOnly:", "/readOnly", "false"),
            ("Options:", "/options", "map[]"),
        ],
    },
    Source {
        field: "flocker",
        meaning: "Flocker (a Flocker volume mounted by the Flocker agent)",
        fields: &[
            ("DatasetName:", "/datasetName", ""),
            ("DatasetUUID:", "/datasetUUID", ""),
        ],
    },
    Source {
        field: "csi",
        meaning: "CSI (a Container Storage Interface (CSI) volume source)",
        fields: &[
            ("Driver:", "/driver", ""),
            ("FSType:", "/fsType", ""),
            ("VolumeHandle:", "/volumeHandle", ""),
            ("ReadOnly:", "/readOnly", "false"),
        ],
    },
];
