//! Lanes out of the watch log: it holds every change with its moment, and has a bound of its own.

use super::pod::pod_meaning;
use super::reference;
use crate::twin::ordinal_name;
use crate::view::{Lane, LaneGroup, Meaning, ObjectRef, Span, Tick, TimelineView};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::discovery::v1::{EndpointConditions, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use petset_cluster::api::table;
use petset_cluster::store::{Change, ChangeType, Store};
use petset_cluster::{Instant, Key, Kind, Object, sort};
use std::collections::BTreeMap;

/// How many of the newest changes are looked at: more would take longer than a frame.
const CHANGES: usize = 6_000;

/// How many lanes are drawn, and how many states and events in each.
const LANES: usize = 80;
const SPANS: usize = 120;
const TICKS: usize = 60;

/// The kinds that have lanes, in the order within a group.
const KINDS: [Kind; 13] = [
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::CronJob,
    Kind::ReplicaSet,
    Kind::Job,
    Kind::ControllerRevision,
    Kind::Pod,
    Kind::PersistentVolumeClaim,
    Kind::PersistentVolume,
    Kind::Service,
    Kind::EndpointSlice,
    Kind::Node,
];

/// All lanes of the session whose cluster has this store.
pub(crate) fn timeline_view(store: &Store) -> TimelineView {
    let mut drawing = Drawing::default();
    let all = || {
        store
            .changes_since(store.oldest_version())
            .into_iter()
            .flatten()
    };
    let skip = all().count().saturating_sub(CHANGES);
    drawing.from = all().nth(skip).map_or(Instant::ZERO, |change| change.at);
    if skip == 0 {
        drawing.from = Instant::ZERO;
    }
    for change in all().skip(skip) {
        drawing.change(change);
    }
    drawing.finish(store)
}

/// Where a lane stands: its group, then kind and ordinal.
type Place = (GroupKey, u32, u32, usize, String);

/// Rank, namespace, kind and name of what lanes belong to: workloads, then services, then what belongs to nothing.
type GroupKey = (u8, String, String, String);

#[derive(Default)]
struct Drawing {
    from: Instant,
    until: Instant,
    lanes: BTreeMap<(Kind, Key), Drawn>,
    ticks: BTreeMap<(String, Key), Vec<Tick>>,
    /// The controllers of objects that may own others in turn.
    owners: BTreeMap<(Kind, Key), Option<(String, String)>>,
    /// The claims that pods mount, with the pods' controllers.
    mounted: BTreeMap<Key, (String, String)>,
}

struct Drawn {
    object: ObjectRef,
    owner: Option<(String, String)>,
    /// The claim that a volume is bound to.
    claim: Option<Key>,
    spans: Vec<Span>,
}

impl Drawing {
    fn change(&mut self, change: &Change) {
        let object = &*change.object;
        if let Object::Event(_) = object {
            self.event(change);
            return;
        }
        let kind = object.kind();
        if !KINDS.contains(&kind) || is_systems(object) {
            return;
        }
        self.until = self.until.max(change.at);
        let key = (kind, object.key());
        let known = self.lanes.contains_key(&key);
        if !known && let Some(old) = &change.old {
            self.write(&key, old, self.from);
        }
        match change.change {
            ChangeType::Deleted => {
                if let Some(lane) = self.lanes.get_mut(&key) {
                    close(&mut lane.spans, change.at.as_millis());
                }
            }
            _ => self.write(&key, object, change.at),
        }
    }

    fn write(&mut self, key: &(Kind, Key), object: &Object, at: Instant) {
        let owner = controller(object).map(|owner| (owner.kind.clone(), owner.name.clone()));
        self.owners.insert(key.clone(), owner.clone());
        let mut claim = None;
        match object {
            Object::Pod(pod) => {
                for name in petset_cluster::storage::claim_names(pod) {
                    let claim = Key::new(object.namespace(), &name);
                    if let Some(owner) = &owner {
                        self.mounted.insert(claim, owner.clone());
                    }
                }
            }
            Object::PersistentVolume(volume) => {
                let bound = volume
                    .spec
                    .as_ref()
                    .and_then(|spec| spec.claim_ref.as_ref());
                let name = |text: &Option<String>| text.clone().unwrap_or_default();
                claim = bound.map(|claim| Key::new(&name(&claim.namespace), &name(&claim.name)));
            }
            _ => {}
        }
        let lane = self.lanes.entry(key.clone()).or_insert_with(|| Drawn {
            object: reference(object),
            owner: None,
            claim: None,
            spans: Vec::new(),
        });
        lane.owner = owner.or(lane.owner.take());
        lane.claim = claim.or(lane.claim.take());
        let (state, meaning) = state(object);
        let last = lane.spans.last();
        if last.is_some_and(|s| s.to_ms.is_none() && s.state == state && s.meaning == meaning) {
            return;
        }
        let from_ms = at.as_millis();
        close(&mut lane.spans, from_ms);
        lane.spans.push(Span {
            from_ms,
            to_ms: None,
            state,
            meaning,
        });
    }

    fn event(&mut self, change: &Change) {
        let Object::Event(event) = &*change.object else {
            return;
        };
        if change.change == ChangeType::Deleted {
            return;
        }
        let about = &event.involved_object;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let key = Key::new(&text(&about.namespace), &text(&about.name));
        self.ticks
            .entry((text(&about.kind), key))
            .or_default()
            .push(Tick {
                at_ms: change.at.as_millis(),
                warning: event.type_.as_deref() == Some("Warning"),
                reason: text(&event.reason),
                message: text(&event.message),
            });
    }

    fn finish(mut self, store: &Store) -> TimelineView {
        // What has not changed for so long that the log has forgotten it.
        if self.from > Instant::ZERO {
            for kind in KINDS {
                for object in store.list(kind, None).take(LANES) {
                    let key = (kind, object.key());
                    if !self.lanes.contains_key(&key) && !is_systems(object) {
                        self.write(&key, object, self.from);
                    }
                }
            }
        }
        let mut placed: Vec<(Place, (Kind, Key))> = self
            .lanes
            .iter()
            .map(|(key, lane)| (self.place(key, lane), key.clone()))
            .collect();
        sort::by(&mut placed, |(a, _), (b, _)| a.cmp(b));
        let left_out = placed.len().saturating_sub(LANES);
        placed.truncate(LANES);
        let mut groups: Vec<(GroupKey, LaneGroup)> = Vec::new();
        for ((group, ..), key) in placed {
            let Some(lane) = self.lane(&key) else {
                continue;
            };
            match groups.last_mut() {
                Some((last, open)) if *last == group => open.lanes.push(lane),
                _ => {
                    let (_, namespace, kind, name) = &group;
                    let owner =
                        (!kind.is_empty()).then(|| ObjectRef::namespaced(kind, namespace, name));
                    let lanes = vec![lane];
                    groups.push((group, LaneGroup { owner, lanes }));
                }
            }
        }
        TimelineView {
            from_ms: self.from.as_millis(),
            until_ms: self.until.as_millis(),
            looking_at_ms: None,
            groups: groups.into_iter().map(|(_, group)| group).collect(),
            left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
            marks: Vec::new(),
        }
    }

    fn lane(&mut self, key: &(Kind, Key)) -> Option<Lane> {
        let drawn = self.lanes.remove(key)?;
        let mut spans = drawn.spans;
        spans.drain(..spans.len().saturating_sub(SPANS));
        let about = (drawn.object.kind.clone(), key.1.clone());
        let mut ticks = self.ticks.remove(&about).unwrap_or_default();
        ticks.drain(..ticks.len().saturating_sub(TICKS));
        Some(Lane {
            object: drawn.object,
            spans,
            ticks,
        })
    }

    fn place(&self, (kind, key): &(Kind, Key), lane: &Drawn) -> Place {
        let claim = match kind {
            Kind::PersistentVolumeClaim => Some(key),
            _ => lane.claim.as_ref(),
        };
        let owner = match claim {
            Some(claim) => self.owner_of_claim(claim),
            None => self.root(*kind, key),
        };
        let named = claim.unwrap_or(key);
        let ordinal = ordinal_name(named.name()).map_or(u32::MAX, |(_, ordinal)| ordinal);
        let rank = KINDS.iter().position(|other| other == kind);
        let rank = rank.unwrap_or(KINDS.len());
        // A place is its pod, then its claims and their volumes; what has no ordinal stands above.
        let of_place = matches!(
            kind,
            Kind::Pod | Kind::PersistentVolumeClaim | Kind::PersistentVolume
        );
        let (above, ordinal) = if of_place { (1, ordinal) } else { (0, 0) };
        let group = match owner {
            Some((kind, name)) => {
                let rank = u8::from(kind == "Service");
                (rank, named.namespace().to_owned(), kind, name)
            }
            None => (2, String::new(), String::new(), String::new()),
        };
        (group, above, ordinal, rank, key.name().to_owned())
    }

    /// The topmost controller of an object, itself if it controls others.
    fn root(&self, kind: Kind, key: &Key) -> Option<(String, String)> {
        let (mut kind, mut name) = (kind, key.name().to_owned());
        // Nothing simulated stands under more than two controllers.
        for _ in 0..3 {
            let own = Key::new(key.namespace(), &name);
            let Some((above, owner)) = self.owners.get(&(kind, own)).cloned().flatten() else {
                break;
            };
            name = owner;
            kind = *KINDS.iter().find(|kind| kind.info().kind == above)?;
        }
        let alone = matches!(
            kind,
            Kind::Pod | Kind::Node | Kind::PersistentVolume | Kind::ControllerRevision
        );
        (!alone).then(|| (kind.info().kind.to_owned(), name))
    }

    /// The controller of the pods that mount a claim, or of those that did.
    fn owner_of_claim(&self, claim: &Key) -> Option<(String, String)> {
        let (kind, name) = self.mounted.get(claim)?;
        let kind = *KINDS.iter().find(|other| other.info().kind == kind)?;
        self.root(kind, &Key::new(claim.namespace(), name))
    }
}

/// Whether an object belongs to the cluster itself.
fn is_systems(object: &Object) -> bool {
    let own = matches!(object.kind(), Kind::Service | Kind::EndpointSlice);
    match object.namespace() {
        "kube-system" | "kube-public" => true,
        "default" => own && object.name() == "kubernetes",
        _ => false,
    }
}

fn close(spans: &mut [Span], at_ms: u64) {
    if let Some(last) = spans.last_mut() {
        last.to_ms.get_or_insert(at_ms);
    }
}

fn controller(object: &Object) -> Option<&OwnerReference> {
    let mut owners = object.meta().owner_references.iter().flatten();
    owners.find(|owner| owner.controller == Some(true))
}

/// An object's state in a word, and what it means.
pub(crate) fn state(object: &Object) -> (String, Meaning) {
    let terminating = object.is_terminating();
    if let Object::Pod(pod) = object {
        let columns = table::pod_columns(pod);
        let meaning = pod_meaning(&columns.status, terminating, columns.ready, columns.total);
        let running = columns.status == "Running" && columns.ready < columns.total;
        let state = match running {
            true => format!("Running {}/{}", columns.ready, columns.total),
            false => columns.status,
        };
        return (state, meaning);
    }
    if terminating {
        return ("Terminating".to_owned(), Meaning::Gone);
    }
    match object {
        Object::StatefulSet(set) => {
            let (spec, status) = (set.spec.as_ref(), set.status.as_ref());
            of_replicas(
                status.and_then(|s| s.ready_replicas),
                spec.and_then(|s| s.replicas),
            )
        }
        Object::ReplicaSet(set) => {
            let (spec, status) = (set.spec.as_ref(), set.status.as_ref());
            of_replicas(
                status.and_then(|s| s.ready_replicas),
                spec.and_then(|s| s.replicas),
            )
        }
        Object::Deployment(deployment) => {
            let (spec, status) = (deployment.spec.as_ref(), deployment.status.as_ref());
            of_replicas(
                status.and_then(|s| s.ready_replicas),
                spec.and_then(|s| s.replicas),
            )
        }
        Object::DaemonSet(set) => {
            let status = set.status.as_ref();
            of_replicas(
                status.map(|s| s.number_ready),
                status.map(|s| s.desired_number_scheduled),
            )
        }
        Object::Job(job) => of_job(job),
        Object::CronJob(job) => {
            let active = job
                .status
                .as_ref()
                .and_then(|status| status.active.as_ref());
            let active = active.map_or(0, Vec::len);
            (format!("{active} active"), Meaning::Ready)
        }
        Object::ControllerRevision(revision) => {
            (format!("revision {}", revision.revision), Meaning::Ready)
        }
        Object::PersistentVolumeClaim(claim) => {
            let phase = claim.status.as_ref().and_then(|s| s.phase.as_deref());
            of_phase(phase)
        }
        Object::PersistentVolume(volume) => {
            let phase = volume.status.as_ref().and_then(|s| s.phase.as_deref());
            of_phase(phase)
        }
        Object::Service(service) => {
            let spec = service.spec.as_ref();
            let kind = spec.and_then(|spec| spec.type_.as_deref());
            let headless = spec.and_then(|spec| spec.cluster_ip.as_deref()) == Some("None");
            let state = match headless {
                true => "ClusterIP None",
                false => kind.unwrap_or("ClusterIP"),
            };
            (state.to_owned(), Meaning::Ready)
        }
        Object::EndpointSlice(slice) => of_endpoints(slice),
        Object::Node(node) => {
            let status = table::node_status(node);
            let meaning = match status.as_str() {
                "Ready" => Meaning::Ready,
                "Ready,SchedulingDisabled" => Meaning::Waiting,
                _ => Meaning::Failed,
            };
            (status, meaning)
        }
        _ => (String::new(), Meaning::Ready),
    }
}

fn of_replicas(ready: Option<i32>, wanted: Option<i32>) -> (String, Meaning) {
    let (ready, wanted) = (ready.unwrap_or(0), wanted.unwrap_or(1));
    let meaning = if ready == wanted {
        Meaning::Ready
    } else {
        Meaning::Progress
    };
    (format!("{ready}/{wanted}"), meaning)
}

/// How many endpoints take connections, of how many there are.
fn of_endpoints(slice: &EndpointSlice) -> (String, Meaning) {
    let all = slice.endpoints.iter().flatten();
    let conditions = all.map(|endpoint| endpoint.conditions.as_ref());
    // Upstream: a condition that is not there is taken as true.
    let ready = |c: Option<&EndpointConditions>| c.and_then(|c| c.ready) != Some(false);
    let (mut count, mut good) = (0, 0);
    for condition in conditions {
        count += 1;
        good += i32::from(ready(condition));
    }
    match count {
        0 => ("0/0".to_owned(), Meaning::Waiting),
        _ => of_replicas(Some(good), Some(count)),
    }
}

fn of_job(job: &Job) -> (String, Meaning) {
    let conditions = job.status.as_ref().and_then(|s| s.conditions.as_ref());
    let holds = |name: &str| {
        let mut all = conditions.into_iter().flatten();
        all.any(|condition| condition.type_ == name && condition.status == "True")
    };
    match (holds("Complete"), holds("Failed"), holds("Suspended")) {
        (true, ..) => ("Complete".to_owned(), Meaning::Ready),
        (_, true, _) => ("Failed".to_owned(), Meaning::Failed),
        (_, _, true) => ("Suspended".to_owned(), Meaning::Waiting),
        _ => ("Running".to_owned(), Meaning::Progress),
    }
}

fn of_phase(phase: Option<&str>) -> (String, Meaning) {
    let phase = phase.filter(|phase| !phase.is_empty()).unwrap_or("Pending");
    let meaning = match phase {
        "Bound" | "Available" => Meaning::Ready,
        "Released" => Meaning::Gone,
        "Lost" | "Failed" => Meaning::Failed,
        _ => Meaning::Progress,
    };
    (phase.to_owned(), meaning)
}
