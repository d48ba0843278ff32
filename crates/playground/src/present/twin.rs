//! The twin view's rows, out of two clusters.

use super::dns::dns_view;
use super::pod::pod_view;
use super::{Since, reference};
use crate::engine::Engine;
use crate::files::Files;
use crate::twin::{MAX_PODS, Places, Twin, controller, ordinal_name};
use crate::view::{
    Meaning, ObjectRef, PodView, TwinCell, TwinNote, TwinRow, TwinSide, TwinStep, TwinTopic,
    TwinView,
};
use k8s_openapi::api::apps::v1::StatefulSet;
use petset_cluster::object::Resource;
use petset_cluster::store::{ChangeType, Index, Store};
use petset_cluster::{Instant, Key, Kind, Object, sort};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many things a side of a row names.
const CELLS: usize = 8;

/// How much of an answer is shown, in characters.
const ANSWER: usize = 400;

/// How many records of a zone are looked at.
const RECORDS: u32 = 200;

/// Compares the session's `shown` state with what the twin made of the same inputs, for one of the sets.
pub(crate) fn twin_view(
    shown: &Engine,
    files: &Files,
    twin: Option<&Twin>,
    wanted: Option<&str>,
) -> TwinView {
    let store = shown.cluster.store();
    let pods = store.count(Kind::Pod);
    if pods > MAX_PODS {
        return TwinView {
            behind: false,
            too_many: u32::try_from(pods).ok(),
            ..TwinView::default()
        };
    }
    let known = known_sets(store);
    let names: Vec<String> = known.keys().cloned().collect();
    let chosen = wanted.filter(|name| known.contains_key(*name));
    let found = chosen.or(names.first().map(String::as_str));
    let set = found.and_then(|name| known.get(name));
    let Some((set, twin)) = set.zip(twin) else {
        return TwinView {
            file: super::set::first_file_with_a_set(files),
            behind: twin.is_none_or(|twin| !twin.is_at(shown)),
            ..TwinView::default()
        };
    };
    let pair = Pair::of(shown, twin.engine(), set);
    let rows = pair.map(|pair| pair.rows()).unwrap_or_default();
    TwinView {
        set: Some(reference(set)),
        sets: names,
        file: None,
        behind: !twin.is_at(shown),
        too_many: None,
        rows,
        steps: steps(twin),
        manifest: manifest(twin.engine(), set),
    }
}

/// The StatefulSets that there are or were, by `namespace/name`, each as it was last.
fn known_sets(store: &Store) -> BTreeMap<String, Arc<Object>> {
    let mut sets = BTreeMap::new();
    let changes = store.changes_since(store.oldest_version());
    let gone = changes
        .into_iter()
        .flatten()
        .filter(|change| {
            change.change == ChangeType::Deleted && change.object.kind() == Kind::StatefulSet
        })
        .map(|change| &change.object);
    for object in gone.chain(store.list(Kind::StatefulSet, None)) {
        let name = format!("{}/{}", object.namespace(), object.name());
        sets.insert(name, object.clone());
    }
    sets
}

/// The ReplicaSet as it stands in the twin's cluster, without what the cluster added.
fn manifest(twin: &Engine, set: &Object) -> String {
    let Some(object) = twin.cluster.store().get(Kind::ReplicaSet, &set.key()) else {
        return String::new();
    };
    let mut value = object.to_json();
    let Some(whole) = value.as_object_mut() else {
        return String::new();
    };
    whole.remove("status");
    if let Some(meta) = whole.get_mut("metadata").and_then(|m| m.as_object_mut()) {
        meta.retain(|name, _| matches!(name.as_str(), "name" | "namespace" | "labels"));
    }
    petset_manifest::to_yaml(&value)
}

fn steps(twin: &Twin) -> Vec<TwinStep> {
    let engine = twin.engine();
    let views = engine.terminals().into_iter();
    let views: Vec<_> = views
        .filter_map(|id| Some(engine.seat(id)?.view()))
        .collect();
    let answer = |played: &str| -> String {
        let mut blocks = views.iter().flat_map(|view| view.blocks.iter().rev());
        let block = blocks.find(|block| block.command.lines().next() == Some(played));
        let chunks = block.into_iter().flat_map(|block| &block.chunks);
        let text: String = chunks.map(|chunk| chunk.text.as_str()).collect();
        text.chars().take(ANSWER).collect()
    };
    let step = |(given, played): &(String, String)| TwinStep {
        given: given.clone(),
        played: played.clone(),
        answer: answer(played),
    };
    twin.steps().iter().map(step).collect()
}

/// A pod from its first to its last moment, as far as the watch log reaches back.
struct Life {
    uid: String,
    name: String,
    place: Option<usize>,
    added: Option<Instant>,
    leaves: Option<Instant>,
}

/// One cluster with its set.
struct Side<'a> {
    engine: &'a Engine,
    namespace: &'a str,
    set: &'a str,
    kind: Kind,
    lives: Vec<Life>,
    pods: Vec<PodView>,
    /// What a cell's object may refer to: only the visitor's own cluster can be inspected.
    own: bool,
}

impl<'a> Side<'a> {
    fn of(engine: &'a Engine, set: &'a Object, kind: Kind, own: bool) -> Side<'a> {
        let mut side = Side {
            engine,
            namespace: set.namespace(),
            set: set.name(),
            kind,
            lives: Vec::new(),
            pods: Vec::new(),
            own,
        };
        side.lives = side.lives();
        side.pods = side.pods();
        side
    }

    fn store(&self) -> &'a Store {
        self.engine.cluster.store()
    }

    fn owns(&self, pod: &Object) -> bool {
        pod.namespace() == self.namespace
            && controller(pod, self.kind.info().kind) == Some(self.set)
    }

    fn lives(&self) -> Vec<Life> {
        let store = self.store();
        let mut places = Places::default();
        let mut lives: Vec<Life> = Vec::new();
        for change in store
            .changes_since(store.oldest_version())
            .into_iter()
            .flatten()
        {
            let pod = &change.object;
            if pod.kind() != Kind::Pod || !self.owns(pod) {
                continue;
            }
            let place = match self.kind {
                Kind::ReplicaSet => places.note(change.change, pod),
                _ => place_by_name(pod.name()),
            };
            let at = match lives.iter().position(|life| life.uid == pod.uid()) {
                Some(at) => at,
                None => {
                    lives.push(Life {
                        uid: pod.uid().to_owned(),
                        name: pod.name().to_owned(),
                        place,
                        added: (change.change == ChangeType::Added).then_some(change.at),
                        leaves: None,
                    });
                    lives.len() - 1
                }
            };
            let gone = change.change == ChangeType::Deleted || pod.is_terminating();
            if gone && lives[at].leaves.is_none() {
                lives[at].leaves = Some(change.at);
            }
        }
        lives
    }

    /// The pods there are, by place.
    fn pods(&self) -> Vec<PodView> {
        let store = self.store();
        let place = |pod: &PodView| {
            let life = self.lives.iter().find(|life| life.uid == pod.uid);
            life.map_or(place_by_name(&pod.object.name), |life| life.place)
        };
        let all = store.list(Kind::Pod, Some(self.namespace));
        let mut pods: Vec<PodView> = all
            .filter(|pod| self.owns(pod))
            .filter_map(|pod| pod_view(pod, Since::default()))
            .collect();
        sort::by(&mut pods, |a, b| place(a).cmp(&place(b)));
        pods
    }

    fn pod_cell(&self, pod: &PodView, note: TwinNote) -> TwinCell {
        TwinCell {
            name: pod.object.name.clone(),
            note,
            meaning: pod.meaning,
            object: self.own.then(|| pod.object.clone()),
        }
    }

    fn of_pods(&self, note: impl Fn(&PodView) -> Option<String>) -> TwinSide {
        let cell = |pod: &PodView| {
            let note = note(pod).map_or(TwinNote::None, TwinNote::Has);
            self.pod_cell(pod, note)
        };
        side(self.pods.iter().map(cell).collect())
    }

    /// The latest pods of which several moved with one command: each with the time since the first of them.
    fn order(&self, moment: impl Fn(&Life) -> Option<Instant>) -> (TwinSide, bool) {
        let mut moved: Vec<(Instant, &Life)> = self
            .lives
            .iter()
            .filter_map(|life| Some((moment(life)?, life)))
            .collect();
        sort::by(&mut moved, |(a, _), (b, _)| a.cmp(b));
        let mut waves: Vec<Vec<(Instant, &Life)>> = Vec::new();
        let mut last = None;
        for (at, life) in moved {
            let command = self.engine.lines_given_at(at);
            match waves.last_mut() {
                Some(wave) if last == Some(command) => wave.push((at, life)),
                _ => waves.push(vec![(at, life)]),
            }
            last = Some(command);
        }
        let several = waves.iter().rposition(|wave| wave.len() > 1);
        let wave = several.or(waves.len().checked_sub(1));
        let wave = wave.map(|at| waves.swap_remove(at)).unwrap_or_default();
        let first = wave.first().map_or(Instant::ZERO, |(at, _)| *at);
        let cells = wave.iter().map(|(at, life)| TwinCell {
            name: life.name.clone(),
            note: TwinNote::After(at.since(first).as_millis()),
            meaning: self.meaning(life),
            object: self.object(life),
        });
        (side(cells.collect()), several.is_some())
    }

    fn meaning(&self, life: &Life) -> Meaning {
        let pod = self.pods.iter().find(|pod| pod.uid == life.uid);
        pod.map_or(Meaning::Gone, |pod| pod.meaning)
    }

    fn object(&self, life: &Life) -> Option<ObjectRef> {
        let pod = self.pods.iter().find(|pod| pod.uid == life.uid);
        pod.filter(|_| self.own).map(|pod| pod.object.clone())
    }

    /// Pods that went, each with the one that came in its place.
    fn replacements(&self) -> TwinSide {
        let mut cells = Vec::new();
        for (at, old) in self.lives.iter().enumerate() {
            let Some(left) = old.leaves else { continue };
            let later = self.lives[at + 1..].iter();
            let new = later
                .filter(|new| new.place == old.place && new.added >= Some(left))
                .map(|new| (new, self.meaning(new)))
                .next();
            if let Some((new, meaning)) = new {
                cells.push(TwinCell {
                    name: old.name.clone(),
                    note: TwinNote::Becomes(new.name.clone()),
                    meaning,
                    object: self.object(new),
                });
            }
        }
        // The latest are the ones just seen.
        cells.drain(..cells.len().saturating_sub(CELLS));
        side(cells)
    }

    fn claims_of(&self, pod: &PodView) -> Vec<String> {
        let key = Key::new(self.namespace, &pod.object.name);
        let stored = self.store().get(Kind::Pod, &key);
        let spec = stored.and_then(|object| match &**object {
            Object::Pod(pod) => pod.spec.as_ref(),
            _ => None,
        });
        let volumes = spec
            .into_iter()
            .flat_map(|spec| spec.volumes.iter().flatten());
        volumes
            .filter_map(|volume| Some(volume.persistent_volume_claim.as_ref()?.claim_name.clone()))
            .collect()
    }

    /// The claims that `belongs` says are the set's, with how many pods use each.
    fn claims(&self, belongs: impl Fn(&str) -> bool) -> TwinSide {
        let store = self.store();
        let all = store.list(Kind::PersistentVolumeClaim, Some(self.namespace));
        let cell = |claim: &Arc<Object>| {
            let value = format!("{}/{}", self.namespace, claim.name());
            let users = store.by_index(Kind::Pod, Index::Claim, &value).count();
            let pending = match &**claim {
                Object::PersistentVolumeClaim(claim) => {
                    let status = claim.status.as_ref();
                    status.and_then(|status| status.phase.as_deref()) != Some("Bound")
                }
                _ => false,
            };
            TwinCell {
                name: claim.name().to_owned(),
                note: TwinNote::UsedBy(u32::try_from(users).unwrap_or(u32::MAX)),
                meaning: match (claim.is_terminating() || users == 0, pending) {
                    (true, _) => Meaning::Gone,
                    (false, true) => Meaning::Progress,
                    (false, false) => Meaning::Ready,
                },
                object: self.own.then(|| reference(claim)),
            }
        };
        let claims = all.filter(|claim| belongs(claim.name()));
        side(claims.map(cell).collect())
    }

    /// The names that DNS has for each of the pods.
    fn names_in_dns(&self) -> TwinSide {
        let view = dns_view(
            &self.engine.cluster,
            Since::default(),
            &Default::default(),
            RECORDS,
        );
        let mut cells = Vec::new();
        for pod in &self.pods {
            for zone in view.zones.iter().filter(|zone| zone.headless) {
                let own = zone.records.iter().find(|record| {
                    record.pod.as_ref() == Some(&pod.object)
                        && record.published
                        && record.record_type == "A"
                        && record.name != zone.domain
                });
                if let Some(record) = own {
                    let short = record.name.strip_suffix(".svc.cluster.local");
                    let name = short.unwrap_or(&record.name).to_owned();
                    cells.push(self.pod_cell(pod, TwinNote::Has(name)));
                }
            }
        }
        side(cells)
    }

    fn images(&self) -> TwinSide {
        self.of_pods(|pod| {
            let key = Key::new(self.namespace, &pod.object.name);
            let stored = self.store().get(Kind::Pod, &key)?;
            let labels = stored.meta().labels.as_ref();
            let hash = labels.and_then(|labels| labels.get("controller-revision-hash"));
            let image = pod.containers.first().map(|c| c.image.as_str());
            let image = image.unwrap_or_default();
            Some(match hash.and_then(|hash| hash.rsplit('-').next()) {
                Some(hash) => format!("{image} ({hash})"),
                None => image.to_owned(),
            })
        })
    }
}

fn place_by_name(name: &str) -> Option<usize> {
    let (_, ordinal) = ordinal_name(name)?;
    usize::try_from(ordinal).ok()
}

fn side(mut cells: Vec<TwinCell>) -> TwinSide {
    let more = cells.len().saturating_sub(CELLS);
    cells.truncate(CELLS);
    TwinSide {
        cells,
        more: u32::try_from(more).unwrap_or(u32::MAX),
    }
}

/// Both clusters with the set that is compared.
struct Pair<'a> {
    set: &'a StatefulSet,
    name: &'a str,
    ours: Side<'a>,
    theirs: Side<'a>,
    exists: bool,
}

impl<'a> Pair<'a> {
    fn of(shown: &'a Engine, twin: &'a Engine, object: &'a Object) -> Option<Pair<'a>> {
        let store = shown.cluster.store();
        Some(Pair {
            set: StatefulSet::from_object(object)?,
            name: object.name(),
            ours: Side::of(shown, object, Kind::StatefulSet, true),
            theirs: Side::of(twin, object, Kind::ReplicaSet, false),
            exists: store.get(Kind::StatefulSet, &object.key()).is_some(),
        })
    }

    fn rows(&self) -> Vec<TwinRow> {
        let (ours, theirs) = (&self.ours, &self.theirs);
        let row = |topic, stateful, replica| TwinRow {
            topic,
            stateful,
            replica,
            offer: None,
        };
        let (made, _) = ours.order(|life| life.added);
        let (left, several_left) = ours.order(|life| life.leaves);
        let replaced = ours.replacements();
        let names = self.places();
        let offer = |missing: bool, command: String| (missing && self.exists).then_some(command);
        let name = self.name;
        let claim = |pod: &PodView, side: &Side<'_>| {
            Some(side.claims_of(pod).join(", ")).filter(|c| !c.is_empty())
        };
        let one_pod = ours.pods.first().map(|pod| pod.object.name.clone());
        let first_pod = one_pod.unwrap_or_else(|| format!("{name}-0"));
        let revisions = ours.images();
        let updated = revisions_differ(ours);
        vec![
            row(TwinTopic::Names, names, theirs.of_pods(|_| None)),
            row(TwinTopic::Creation, made, theirs.order(|life| life.added).0),
            TwinRow {
                offer: offer(
                    replaced.cells.is_empty(),
                    format!("kubectl delete pod {first_pod}"),
                ),
                ..row(TwinTopic::Replacement, replaced, theirs.replacements())
            },
            TwinRow {
                offer: offer(
                    !several_left,
                    format!("kubectl scale statefulset {name} --replicas=1"),
                ),
                ..row(
                    TwinTopic::Deletion,
                    left,
                    theirs.order(|life| life.leaves).0,
                )
            },
            row(
                TwinTopic::Disks,
                ours.of_pods(|pod| claim(pod, ours)),
                theirs.of_pods(|pod| claim(pod, theirs)),
            ),
            row(
                TwinTopic::Claims,
                ours.claims(|claim| self.is_from_template(claim)),
                theirs.claims(|claim| self.is_shared(claim)),
            ),
            row(
                TwinTopic::Nodes,
                ours.of_pods(|pod| pod.node.as_ref().map(|node| node.name.clone())),
                theirs.of_pods(|pod| pod.node.as_ref().map(|node| node.name.clone())),
            ),
            row(
                TwinTopic::Addresses,
                ours.of_pods(|pod| pod.ip.clone()),
                theirs.of_pods(|pod| pod.ip.clone()),
            ),
            row(TwinTopic::Dns, ours.names_in_dns(), theirs.names_in_dns()),
            TwinRow {
                offer: offer(
                    !updated,
                    format!("kubectl rollout restart statefulset {name}"),
                ),
                ..row(TwinTopic::Update, revisions, theirs.images())
            },
        ]
    }

    /// Every ordinal's place, with or without a pod.
    fn places(&self) -> TwinSide {
        let spec = self.set.spec.as_ref().filter(|_| self.exists);
        let replicas = spec.and_then(|spec| spec.replicas).unwrap_or(0);
        let start = spec
            .and_then(|spec| spec.ordinals.as_ref()?.start)
            .unwrap_or(0);
        let mut cells: Vec<TwinCell> = Vec::new();
        for ordinal in start..start.saturating_add(replicas.min(1_000)) {
            let name = format!("{}-{ordinal}", self.name);
            let pod = self.ours.pods.iter().find(|pod| pod.object.name == name);
            cells.push(match pod {
                Some(pod) => self.ours.pod_cell(pod, TwinNote::None),
                None => TwinCell {
                    name,
                    note: TwinNote::Vacant,
                    meaning: Meaning::Waiting,
                    object: None,
                },
            });
        }
        let beyond = self.ours.pods.iter().filter(|pod| {
            let listed = cells.iter().any(|cell| cell.name == pod.object.name);
            !listed
        });
        let beyond: Vec<TwinCell> = beyond
            .map(|pod| self.ours.pod_cell(pod, TwinNote::None))
            .collect();
        cells.extend(beyond);
        side(cells)
    }

    fn templates(&self) -> impl Iterator<Item = &str> {
        let spec = self.set.spec.as_ref();
        let templates = spec.and_then(|spec| spec.volume_claim_templates.as_ref());
        let templates = templates.into_iter().flatten();
        templates.filter_map(|template| template.metadata.name.as_deref())
    }

    fn is_shared(&self, claim: &str) -> bool {
        self.templates()
            .any(|template| claim == format!("{template}-{}", self.name))
    }

    fn is_from_template(&self, claim: &str) -> bool {
        ordinal_name(claim).is_some_and(|(parent, _)| self.is_shared(parent))
    }
}

/// Whether the set has had more than one template.
fn revisions_differ(side: &Side<'_>) -> bool {
    let store = side.store();
    let revisions = store.list(Kind::ControllerRevision, Some(side.namespace));
    let own = revisions.filter(|revision| controller(revision, "StatefulSet") == Some(side.set));
    own.count() > 1
}
