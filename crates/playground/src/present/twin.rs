//! The twin view's rows, out of two clusters.

mod side;

use super::reference;
use crate::engine::Engine;
use crate::files::Files;
use crate::twin::{MAX_PODS, Twin, controller, ordinal_name};
use crate::view::{
    Meaning, PodView, TwinCell, TwinNote, TwinRow, TwinSide, TwinStep, TwinTopic, TwinView,
};
use k8s_openapi::api::apps::v1::StatefulSet;
use petset_cluster::object::Resource;
use petset_cluster::store::{ChangeType, Store};
use petset_cluster::{Kind, Object};
use side::{Side, side};
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
