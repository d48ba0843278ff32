//! StatefulSets as places: each ordinal with its pod, claims and volumes.

mod ends;

use super::pod::{pod_view, short_revision};
use super::{Since, reference};
use crate::files::Files;
use crate::view::{
    ClaimPlace, ClaimView, Meaning, ObjectRef, PlaceView, RolloutView, SetSource, SetView,
    VolumeView, Why,
};
pub(crate) use ends::Ends;
use k8s_openapi::api::apps::v1::StatefulSet;
use petset_cluster::api::Server;
use petset_cluster::trace::{Fact, PodLack};
use petset_cluster::typed;
use petset_cluster::{Key, Kind, Object};
use std::sync::Arc;

/// How many places the narrow strip shows.
const STRIP_PLACES: u32 = 24;

/// Files larger than this are not looked through for sets, in bytes: the views are made anew with every change, and a
/// manifest of a lesson is far smaller.
const READ_LIMIT: usize = 20_000;

/// All sets: those of the cluster by namespace and name, then those that stand only in a file.
pub(crate) fn set_views(
    server: &Server,
    files: &Files,
    since: Since,
    ends: &mut Ends,
    (first, count): (u32, u32),
) -> Vec<SetView> {
    let mut views = Vec::new();
    for object in server.store().list(Kind::StatefulSet, None) {
        if let Object::StatefulSet(set) = &**object {
            let places = Places::of_set(server, set, object.namespace(), object.name(), since);
            let end = ends.of(&places, places.start + places.replicas);
            let window = (first, count, end);
            views.push(places.view(SetSource::Cluster, reference(object), Some(object), window));
        }
    }
    for (file, set) in sets_in_files(files) {
        let namespace = set
            .metadata
            .namespace
            .clone()
            .unwrap_or_else(|| "default".to_owned());
        let name = set.metadata.name.clone().unwrap_or_default();
        if name.is_empty()
            || server
                .store()
                .get(Kind::StatefulSet, &Key::new(&namespace, &name))
                .is_some()
        {
            continue;
        }
        let object = ObjectRef::namespaced("StatefulSet", &namespace, &name);
        // A copy of a file holds the same set: it is drawn once.
        if views.iter().any(|view| view.object == object) {
            continue;
        }
        let places = Places::of_set(server, &set, &namespace, &name, since);
        let end = ends.of(&places, places.start + places.replicas);
        let window = (first, count, end);
        views.push(places.view(SetSource::File { file }, object, None, window));
    }
    views
}

/// The first file that holds a set.
pub(crate) fn first_file_with_a_set(files: &Files) -> Option<String> {
    sets_in_files(files)
        .into_iter()
        .next()
        .map(|(file, _)| file)
}

/// The sets that the files describe, as far as they can be read.
fn sets_in_files(files: &Files) -> Vec<(String, StatefulSet)> {
    let mut sets = Vec::new();
    for (file, text) in files.iter() {
        if text.len() > READ_LIMIT || !text.contains("StatefulSet") {
            continue;
        }
        for document in petset_manifest::read(text).0 {
            if document.value.get("kind").and_then(|kind| kind.as_str()) != Some("StatefulSet") {
                continue;
            }
            if let Ok(set) = typed::from_value::<StatefulSet>(&document.value) {
                sets.push((file.to_owned(), set));
            }
        }
    }
    sets
}

struct Places<'a> {
    server: &'a Server,
    set: &'a StatefulSet,
    namespace: &'a str,
    name: &'a str,
    since: Since,
    start: u32,
    replicas: u32,
    templates: Vec<String>,
}

impl<'a> Places<'a> {
    fn of_set(
        server: &'a Server,
        set: &'a StatefulSet,
        namespace: &'a str,
        name: &'a str,
        since: Since,
    ) -> Places<'a> {
        let spec = set.spec.as_ref();
        let number =
            |n: Option<i32>, default: u32| n.map_or(default, |n| u32::try_from(n).unwrap_or(0));
        let templates: Vec<String> = spec
            .and_then(|s| s.volume_claim_templates.as_ref())
            .into_iter()
            .flatten()
            .map(|template| template.metadata.name.clone().unwrap_or_default())
            .collect();
        Places {
            server,
            set,
            namespace,
            name,
            since,
            start: number(
                spec.and_then(|s| s.ordinals.as_ref()).and_then(|o| o.start),
                0,
            ),
            replicas: number(spec.and_then(|s| s.replicas), 1),
            templates,
        }
    }

    /// The pod of an ordinal.
    fn pod(&self, ordinal: u32) -> Option<&'a Arc<Object>> {
        let uid = self.set.metadata.uid.as_deref()?;
        let key = Key::new(self.namespace, &format!("{}-{ordinal}", self.name));
        let pod = self.server.store().get(Kind::Pod, &key)?;
        let mut owners = pod.meta().owner_references.iter().flatten();
        owners.any(|owner| owner.uid == uid).then_some(pod)
    }

    fn view(
        self,
        source: SetSource,
        object: ObjectRef,
        stored: Option<&Arc<Object>>,
        (first, count, end): (u32, u32, u32),
    ) -> SetView {
        let place_count = end - self.start;
        let file = match &source {
            SetSource::File { file } => Some(file.as_str()),
            SetSource::Cluster => None,
        };
        let window = first.min(place_count)..first.saturating_add(count).min(place_count);
        let places = window
            .map(|position| self.place(self.start + position, file))
            .collect();
        let strip = (0..place_count.min(STRIP_PLACES))
            .map(|p| self.place(self.start + p, file).meaning)
            .collect();
        let spec = self.set.spec.as_ref();
        let service_name = spec
            .and_then(|s| s.service_name.clone())
            .unwrap_or_default();
        let service = self
            .server
            .store()
            .get(Kind::Service, &Key::new(self.namespace, &service_name));
        let ready = self
            .set
            .status
            .as_ref()
            .and_then(|s| s.ready_replicas)
            .unwrap_or(0);
        SetView {
            object,
            start: self.start,
            replicas: self.replicas,
            ready: u32::try_from(ready).unwrap_or(0),
            service: service.map(|service| reference(service)),
            pod_management_policy: spec
                .and_then(|s| s.pod_management_policy.clone())
                .unwrap_or_else(|| "OrderedReady".to_owned()),
            rollout: stored.and_then(|_| self.rollout()),
            strip,
            place_count,
            places,
            changed: stored.is_some_and(|object| self.since.touched(object)),
            why: self.set_why(file, &service_name, service.is_some()),
            service_name,
            source,
        }
    }

    fn rollout(&self) -> Option<RolloutView> {
        let status = self.set.status.as_ref()?;
        let strategy = self.set.spec.as_ref()?.update_strategy.as_ref();
        let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
        let partition = rolling.and_then(|rolling| rolling.partition).unwrap_or(0);
        let update = short_revision(status.update_revision.as_deref()?);
        let current = status.current_revision.as_deref().map(short_revision);
        Some(RolloutView {
            current: current.unwrap_or_else(|| update.clone()),
            update,
            partition: u32::try_from(partition).unwrap_or(0),
            moves: strategy.and_then(|s| s.type_.as_deref()) != Some("OnDelete"),
        })
    }

    fn set_why(&self, file: Option<&str>, service_name: &str, service_exists: bool) -> Option<Why> {
        if let Some(file) = file {
            return Some(Why::NotApplied {
                file: file.to_owned(),
            });
        }
        if let Some((_, fact)) = self
            .server
            .trace()
            .about(Kind::StatefulSet, &Key::new(self.namespace, self.name))
            && let Some(why) = why_of(fact)
        {
            return Some(why);
        }
        (!service_exists && !service_name.is_empty()).then(|| Why::ServiceMissing {
            service: service_name.to_owned(),
        })
    }

    fn place(&self, ordinal: u32, file: Option<&str>) -> PlaceView {
        let wanted = ordinal >= self.start && ordinal < self.start + self.replicas;
        let pod_name = format!("{}-{ordinal}", self.name);
        let stored = self.pod(ordinal);
        let pod = stored.and_then(|object| pod_view(object, self.since));
        let claims: Vec<ClaimPlace> = self
            .templates
            .iter()
            .map(|template| self.claim_place(template, ordinal, wanted))
            .collect();
        let why = match (&pod, stored) {
            (Some(_), Some(object)) => super::pod::why(self.server, object),
            _ if !wanted => None,
            _ => match file {
                Some(file) => Some(Why::NotApplied {
                    file: file.to_owned(),
                }),
                None => Some(self.missing_why()),
            },
        };
        let meaning = match &pod {
            Some(pod) => pod.meaning,
            None if wanted => Meaning::Waiting,
            None => Meaning::Gone,
        };
        PlaceView {
            ordinal,
            pod_name,
            wanted,
            meaning,
            pod,
            claims,
            why,
        }
    }

    /// Why a wanted ordinal has no pod: what the set's controller said last.
    fn missing_why(&self) -> Why {
        let key = Key::new(self.namespace, self.name);
        let said = self
            .server
            .trace()
            .about(Kind::StatefulSet, &key)
            .and_then(|(_, fact)| why_of(fact));
        said.unwrap_or(Why::NotCreatedYet)
    }

    fn claim_place(&self, template: &str, ordinal: u32, wanted: bool) -> ClaimPlace {
        let name = format!("{template}-{}-{ordinal}", self.name);
        let key = Key::new(self.namespace, &name);
        let store = self.server.store();
        let claim = store
            .get(Kind::PersistentVolumeClaim, &key)
            .and_then(|object| self.claim_view(object, ordinal, wanted));
        ClaimPlace { name, claim }
    }

    fn claim_view(&self, object: &Arc<Object>, ordinal: u32, wanted: bool) -> Option<ClaimView> {
        let Object::PersistentVolumeClaim(claim) = &**object else {
            return None;
        };
        let spec = claim.spec.as_ref();
        let status = claim.status.as_ref();
        let terminating = object.is_terminating();
        let phase = if terminating {
            "Terminating".to_owned()
        } else {
            status
                .and_then(|s| s.phase.clone())
                .unwrap_or_else(|| "Pending".to_owned())
        };
        let kept = !wanted && self.pod(ordinal).is_none() && !terminating;
        let meaning = match phase.as_str() {
            _ if kept || terminating => Meaning::Gone,
            "Bound" => Meaning::Ready,
            "Lost" => Meaning::Failed,
            _ => Meaning::Progress,
        };
        let granted = status
            .and_then(|s| s.capacity.as_ref())
            .and_then(|c| c.get("storage"));
        let asked = spec
            .and_then(|s| s.resources.as_ref())
            .and_then(|r| r.requests.as_ref()?.get("storage"));
        let modes = status
            .and_then(|s| s.access_modes.clone())
            .or_else(|| spec.and_then(|s| s.access_modes.clone()));
        let class = spec
            .and_then(|s| s.storage_class_name.clone())
            .unwrap_or_default();
        let volume = spec
            .and_then(|s| s.volume_name.as_deref())
            .filter(|name| !name.is_empty());
        Some(ClaimView {
            object: reference(object),
            meaning,
            capacity: granted
                .or(asked)
                .map(|quantity| quantity.0.clone())
                .unwrap_or_default(),
            access_modes: short_modes(modes.as_deref().unwrap_or_default()),
            kept,
            volume: volume.and_then(|name| self.volume_view(name)),
            changed: self.since.touched(object),
            why: self.claim_why(object, &phase, kept, &class, ordinal),
            storage_class: class,
            phase,
        })
    }

    fn claim_why(
        &self,
        object: &Object,
        phase: &str,
        kept: bool,
        class: &str,
        ordinal: u32,
    ) -> Option<Why> {
        if kept {
            return Some(Why::KeptByRetentionPolicy);
        }
        match phase {
            "Terminating" => self.pod(ordinal).map(|pod| Why::InUse {
                pod: pod.name().to_owned(),
            }),
            "Pending" => {
                let exists = self
                    .server
                    .store()
                    .get(Kind::StorageClass, &Key::new("", class))
                    .is_some();
                let fact = self
                    .server
                    .trace()
                    .about(Kind::PersistentVolumeClaim, &object.key());
                let said = fact.and_then(|(_, fact)| why_of(fact));
                Some(match said {
                    Some(why) => why,
                    None if exists => Why::Provisioning {
                        storage_class: class.to_owned(),
                    },
                    None => Why::NoStorageClass {
                        storage_class: class.to_owned(),
                    },
                })
            }
            _ => None,
        }
    }

    fn volume_view(&self, name: &str) -> Option<VolumeView> {
        let object = self
            .server
            .store()
            .get(Kind::PersistentVolume, &Key::new("", name))?;
        let Object::PersistentVolume(volume) = &**object else {
            return None;
        };
        let spec = volume.spec.as_ref();
        let phase = volume
            .status
            .as_ref()
            .and_then(|s| s.phase.clone())
            .unwrap_or_else(|| "Pending".to_owned());
        let meaning = match phase.as_str() {
            "Bound" | "Available" => Meaning::Ready,
            "Released" => Meaning::Gone,
            "Failed" => Meaning::Failed,
            _ => Meaning::Progress,
        };
        let capacity = spec
            .and_then(|s| s.capacity.as_ref())
            .and_then(|c| c.get("storage"));
        Some(VolumeView {
            object: reference(object),
            phase,
            meaning,
            capacity: capacity
                .map(|quantity| quantity.0.clone())
                .unwrap_or_default(),
            storage_class: spec
                .and_then(|s| s.storage_class_name.clone())
                .unwrap_or_default(),
            reclaim_policy: spec
                .and_then(|s| s.persistent_volume_reclaim_policy.clone())
                .unwrap_or_default(),
            file_count: None,
            changed: self.since.touched(object),
        })
    }
}

/// The words that the controllers' facts stand for.
pub(crate) fn why_of(fact: &Fact) -> Option<Why> {
    Some(match fact {
        Fact::WaitsForPod {
            pod,
            lacks: PodLack::Gone,
        } => Why::HigherStillThere { pod: pod.clone() },
        Fact::WaitsForPod { pod, .. } => Why::PreviousNotReady { pod: pod.clone() },
        Fact::WaitsForClaims { claims } => Why::ClaimNotBound {
            claim: claims.join(", "),
        },
        Fact::WaitsForVolume { class } => Why::Provisioning {
            storage_class: class.clone(),
        },
        Fact::KeptAfterScaleDown => Why::KeptByRetentionPolicy,
        _ => return None,
    })
}

/// `ReadWriteOnce` as kubectl shortens it, several joined by commas.
fn short_modes(modes: &[String]) -> String {
    let short: Vec<&str> = modes
        .iter()
        .map(|mode| match mode.as_str() {
            "ReadWriteOnce" => "RWO",
            "ReadOnlyMany" => "ROX",
            "ReadWriteMany" => "RWX",
            "ReadWriteOncePod" => "RWOP",
            other => other,
        })
        .collect();
    short.join(",")
}

/// The ordinal in `<parent>-<ordinal>`.
fn ordinal_of(name: &str, parent: &str) -> Option<u32> {
    let digits = name.strip_prefix(parent)?.strip_prefix('-')?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain
        .then(|| digits.parse::<u32>().ok())
        .flatten()
        .filter(|ordinal| *ordinal <= i32::MAX as u32)
}
