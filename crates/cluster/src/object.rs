//! The kinds of objects that are simulated, and one value that can hold any of them.

use crate::typed::{self, Data};
use k8s_openapi::api::{
    apps::v1 as apps, autoscaling::v2 as autoscaling, batch::v1 as batch,
    coordination::v1 as coordination, core::v1 as core, discovery::v1 as discovery,
    policy::v1 as policy, storage::v1 as storage,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{Metadata, Resource as _};
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// What discovery says of a kind.
#[derive(Debug, PartialEq, Eq)]
pub struct KindInfo {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version within the group.
    pub version: &'static str,
    /// The kind's name as manifests write it.
    pub kind: &'static str,
    /// The resource's name in addresses and commands.
    pub plural: &'static str,
    /// The resource's name in kubectl's success lines.
    pub singular: &'static str,
    /// Short names, as `kubectl api-resources` lists them.
    pub short_names: &'static [&'static str],
    /// Whether objects of this kind live in a namespace.
    pub namespaced: bool,
    /// Whether `kubectl get all` lists it.
    pub in_all: bool,
}

impl KindInfo {
    /// `plural.group`, or the plural alone in the core group: the form of error texts.
    pub fn qualified_plural(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// `singular.group`, or the singular alone in the core group: the form of success lines.
    pub fn qualified_singular(&self) -> String {
        if self.group.is_empty() {
            self.singular.to_owned()
        } else {
            format!("{}.{}", self.singular, self.group)
        }
    }

    /// `Kind.group`, or the kind alone in the core group: the form of messages about invalid objects.
    pub fn qualified_kind(&self) -> String {
        if self.group.is_empty() {
            self.kind.to_owned()
        } else {
            format!("{}.{}", self.kind, self.group)
        }
    }

    /// `group/version`, or the version alone in the core group: what manifests call `apiVersion`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// A type of object that the cluster stores.
pub trait Resource: Metadata<Ty = ObjectMeta> + Clone + 'static {
    /// The kind of this type.
    const SIMULATED_KIND: Kind;
    /// The object as this type, if it is one.
    fn from_object(object: &Object) -> Option<&Self>;
    /// The object as this type, to be changed, if it is one.
    fn from_object_mut(object: &mut Object) -> Option<&mut Self>;
    /// Wraps this value.
    fn into_object(self) -> Object;
}

macro_rules! kinds {
    ($($kind:ident: $type:ty, $singular:literal, [$($short:literal),*], $namespaced:literal, $in_all:literal;)*) => {
        /// The kinds of objects that are simulated, in the order in which `kubectl get all` lists them within a group.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind { $(
            #[doc = concat!("`", stringify!($kind), "`.")]
            $kind
        ),* }

        impl Kind {
            /// Every simulated kind.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),*];

            /// What discovery says of this kind.
            pub const fn info(self) -> &'static KindInfo {
                match self { $(Kind::$kind => {
                    const INFO: KindInfo = KindInfo {
                        group: <$type>::GROUP,
                        version: <$type>::VERSION,
                        kind: <$type>::KIND,
                        plural: <$type>::URL_PATH_SEGMENT,
                        singular: $singular,
                        short_names: &[$($short),*],
                        namespaced: $namespaced,
                        in_all: $in_all,
                    };
                    &INFO
                }),* }
            }
        }

        /// One object of any simulated kind. Each takes the room of its own type, which goes from 400 bytes to 3,500,
        /// and moving it moves a pointer.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Object { $(
            #[doc = concat!("`", stringify!($kind), "`.")]
            $kind(Box<$type>)
        ),* }

        impl Object {
            /// The kind of this object.
            pub fn kind(&self) -> Kind {
                match self { $(Object::$kind(_) => Kind::$kind),* }
            }

            /// The metadata.
            pub fn meta(&self) -> &ObjectMeta {
                match self { $(Object::$kind(object) => object.metadata()),* }
            }

            /// The metadata, to be changed.
            pub fn meta_mut(&mut self) -> &mut ObjectMeta {
                match self { $(Object::$kind(object) => object.metadata_mut()),* }
            }

            /// The object as JSON in the form that the API server writes, with `apiVersion` and `kind`.
            pub fn to_json(&self) -> serde_json::Value {
                let data: &dyn Data = match self { $(Object::$kind(object) => &**object),* };
                let mut value = data.write().unwrap_or_default();
                crate::api::encode::complete(self.kind().info().kind, &mut value);
                value
            }

            /// Reads an object of `kind`; fields that it does not have are passed over.
            ///
            /// # Errors
            /// When a value is not of its field's type.
            pub fn from_json(kind: Kind, value: &serde_json::Value) -> Result<Object, typed::Mismatch> {
                let mut object = match kind { $(Kind::$kind => Object::$kind(Box::default())),* };
                let data: &mut dyn Data = match &mut object { $(Object::$kind(object) => &mut **object),* };
                data.read(value)?;
                Ok(object)
            }
        }

        $(impl Resource for $type {
            const SIMULATED_KIND: Kind = Kind::$kind;
            fn from_object(object: &Object) -> Option<&Self> {
                match object { Object::$kind(object) => Some(object), _ => None }
            }
            fn from_object_mut(object: &mut Object) -> Option<&mut Self> {
                match object { Object::$kind(object) => Some(object), _ => None }
            }
            fn into_object(self) -> Object { Object::$kind(Box::new(self)) }
        }

        impl From<$type> for Object {
            fn from(object: $type) -> Object { object.into_object() }
        })*
    };
}

kinds! {
    ConfigMap: core::ConfigMap, "configmap", ["cm"], true, false;
    Endpoints: core::Endpoints, "endpoints", ["ep"], true, false;
    Event: core::Event, "event", ["ev"], true, false;
    Namespace: core::Namespace, "namespace", ["ns"], false, false;
    Node: core::Node, "node", ["no"], false, false;
    PersistentVolumeClaim: core::PersistentVolumeClaim, "persistentvolumeclaim", ["pvc"], true, false;
    PersistentVolume: core::PersistentVolume, "persistentvolume", ["pv"], false, false;
    Pod: core::Pod, "pod", ["po"], true, true;
    Secret: core::Secret, "secret", [], true, false;
    ServiceAccount: core::ServiceAccount, "serviceaccount", ["sa"], true, false;
    Service: core::Service, "service", ["svc"], true, true;
    ControllerRevision: apps::ControllerRevision, "controllerrevision", [], true, false;
    DaemonSet: apps::DaemonSet, "daemonset", ["ds"], true, true;
    Deployment: apps::Deployment, "deployment", ["deploy"], true, true;
    ReplicaSet: apps::ReplicaSet, "replicaset", ["rs"], true, true;
    StatefulSet: apps::StatefulSet, "statefulset", ["sts"], true, true;
    HorizontalPodAutoscaler: autoscaling::HorizontalPodAutoscaler, "horizontalpodautoscaler", ["hpa"], true, true;
    CronJob: batch::CronJob, "cronjob", ["cj"], true, true;
    Job: batch::Job, "job", [], true, true;
    Lease: coordination::Lease, "lease", [], true, false;
    EndpointSlice: discovery::EndpointSlice, "endpointslice", [], true, false;
    PodDisruptionBudget: policy::PodDisruptionBudget, "poddisruptionbudget", ["pdb"], true, false;
    StorageClass: storage::StorageClass, "storageclass", ["sc"], false, false;
    VolumeAttachment: storage::VolumeAttachment, "volumeattachment", [], false, false;
}

impl Object {
    /// The object as `T`, if it is one.
    pub fn as_kind<T: Resource>(&self) -> Option<&T> {
        T::from_object(self)
    }

    /// Where the object is stored.
    pub fn key(&self) -> Key {
        let meta = self.meta();
        Key::new(
            meta.namespace.as_deref().unwrap_or(""),
            meta.name.as_deref().unwrap_or(""),
        )
    }

    /// The name; empty if it has none yet.
    pub fn name(&self) -> &str {
        self.meta().name.as_deref().unwrap_or("")
    }

    /// The namespace; empty for cluster-scoped objects.
    pub fn namespace(&self) -> &str {
        self.meta().namespace.as_deref().unwrap_or("")
    }

    /// The uid; empty if it has none yet.
    pub fn uid(&self) -> &str {
        self.meta().uid.as_deref().unwrap_or("")
    }

    /// The resource version as a number; 0 if it has none yet.
    pub fn resource_version(&self) -> u64 {
        self.meta()
            .resource_version
            .as_deref()
            .and_then(|v| v.parse().ok())
            .unwrap_or(0)
    }

    /// Whether deletion has begun.
    pub fn is_terminating(&self) -> bool {
        self.meta().deletion_timestamp.is_some()
    }
}

/// Keys up to this length, in bytes, are put together on the stack. Names may be 253 long, but hardly ever are.
const KEY_ON_STACK: usize = 128;

/// `namespace/name`, with an empty namespace for cluster-scoped objects. Ordered as etcd orders its keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

impl Key {
    /// The key of an object.
    pub fn new(namespace: &str, name: &str) -> Key {
        // Put together on the stack, so that it is allocated once: keys are made for every look into the store.
        let mut buffer = [0; KEY_ON_STACK];
        let length = namespace.len() + 1 + name.len();
        if let Some(bytes) = buffer.get_mut(..length) {
            bytes[..namespace.len()].copy_from_slice(namespace.as_bytes());
            bytes[namespace.len()] = b'/';
            bytes[namespace.len() + 1..].copy_from_slice(name.as_bytes());
            if let Ok(text) = str::from_utf8(bytes) {
                return Key(text.into());
            }
        }
        Key([namespace, "/", name].concat().into())
    }

    /// The namespace; empty for cluster-scoped objects.
    pub fn namespace(&self) -> &str {
        self.0
            .split_once('/')
            .map_or("", |(namespace, _)| namespace)
    }

    /// The object's name.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_start_matches('/'))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
