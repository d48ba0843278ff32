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
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
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

/// Keys up to this length, in bytes, are kept in place. Names may be 253 long, but hardly ever are.
const KEY_IN_PLACE: usize = 46;

/// `namespace/name`, with an empty namespace for cluster-scoped objects. Ordered as etcd orders its keys.
///
/// Maps compare keys at every step on the way down, and most of what a large cluster holds is in no cache: a key whose text
/// stood elsewhere would cost a second look into memory each time, and an allocation for each look into the store.
#[derive(Clone)]
pub struct Key(Text);

#[derive(Clone)]
enum Text {
    /// The first so many of these bytes.
    InPlace(u8, [u8; KEY_IN_PLACE]),
    Elsewhere(Arc<str>),
}

impl Key {
    /// The key of an object.
    pub fn new(namespace: &str, name: &str) -> Key {
        let mut bytes = [0; KEY_IN_PLACE];
        let length = namespace.len() + 1 + name.len();
        match (bytes.get_mut(..length), u8::try_from(length)) {
            (Some(text), Ok(length)) => {
                text[..namespace.len()].copy_from_slice(namespace.as_bytes());
                text[namespace.len()] = b'/';
                text[namespace.len() + 1..].copy_from_slice(name.as_bytes());
                Key(Text::InPlace(length, bytes))
            }
            _ => Key(Text::Elsewhere([namespace, "/", name].concat().into())),
        }
    }

    /// The namespace; empty for cluster-scoped objects.
    pub fn namespace(&self) -> &str {
        let parts = self.as_str().split_once('/');
        parts.map_or("", |(namespace, _)| namespace)
    }

    /// The object's name.
    pub fn name(&self) -> &str {
        self.as_str().split_once('/').map_or("", |(_, name)| name)
    }

    fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Text::InPlace(length, bytes) => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Text::Elsewhere(text) => text.as_bytes(),
        }
    }

    fn as_str(&self) -> &str {
        match &self.0 {
            // It was put together from texts.
            Text::InPlace(..) => str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Text::Elsewhere(text) => text,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str().trim_start_matches('/'))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{KEY_IN_PLACE, Key};
    use std::borrow::Borrow;

    #[test]
    fn keys_are_as_their_texts_however_long() {
        let longest = "n".repeat(KEY_IN_PLACE - 2);
        let longer = "n".repeat(KEY_IN_PLACE - 1);
        let names = ["", "a", "a\0", "b", "é", &longest, &longer];
        let all: Vec<(&str, &str)> = ["", "a", "b"]
            .iter()
            .flat_map(|namespace| names.iter().map(|name| (*namespace, *name)))
            .collect();
        for (namespace, name) in &all {
            let key = Key::new(namespace, name);
            assert_eq!((key.namespace(), key.name()), (*namespace, *name));
            let text = format!("{namespace}/{name}");
            assert_eq!(format!("{key:?}"), text);
            assert_eq!(Borrow::<str>::borrow(&key), text);
            for (other_namespace, other_name) in &all {
                let other = Key::new(other_namespace, other_name);
                let other_text = format!("{other_namespace}/{other_name}");
                assert_eq!(key.cmp(&other), text.cmp(&other_text), "{key:?} {other:?}");
                assert_eq!(key == other, text == other_text);
            }
        }
    }
}
