//! One of the two clusters, as cells of a row.

use super::{CELLS, RECORDS};
use crate::engine::Engine;
use crate::present::dns::dns_view;
use crate::present::pod::pod_view;
use crate::present::{Since, reference};
use crate::twin::{Places, controller, ordinal_name};
use crate::view::{Meaning, ObjectRef, PodView, TwinCell, TwinNote, TwinSide};
use petset_cluster::store::{ChangeType, Index, Store};
use petset_cluster::{Instant, Key, Kind, Object, sort};
use std::sync::Arc;

/// A pod from its first to its last moment, as far as the watch log reaches back.
pub(super) struct Life {
    pub(super) uid: String,
    pub(super) name: String,
    pub(super) place: Option<usize>,
    pub(super) added: Option<Instant>,
    pub(super) leaves: Option<Instant>,
}

/// One cluster with its set.
pub(super) struct Side<'a> {
    pub(super) engine: &'a Engine,
    pub(super) namespace: &'a str,
    pub(super) set: &'a str,
    pub(super) kind: Kind,
    pub(super) lives: Vec<Life>,
    pub(super) pods: Vec<PodView>,
    /// What a cell's object may refer to: only the visitor's own cluster can be inspected.
    pub(super) own: bool,
}

impl<'a> Side<'a> {
    pub(super) fn of(engine: &'a Engine, set: &'a Object, kind: Kind, own: bool) -> Side<'a> {
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

    pub(super) fn store(&self) -> &'a Store {
        self.engine.cluster.store()
    }

    pub(super) fn owns(&self, pod: &Object) -> bool {
        pod.namespace() == self.namespace
            && controller(pod, self.kind.info().kind) == Some(self.set)
    }

    pub(super) fn lives(&self) -> Vec<Life> {
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
    pub(super) fn pods(&self) -> Vec<PodView> {
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

    pub(super) fn pod_cell(&self, pod: &PodView, note: TwinNote) -> TwinCell {
        TwinCell {
            name: pod.object.name.clone(),
            note,
            meaning: pod.meaning,
            object: self.own.then(|| pod.object.clone()),
        }
    }

    pub(super) fn of_pods(&self, note: impl Fn(&PodView) -> Option<String>) -> TwinSide {
        let cell = |pod: &PodView| {
            let note = note(pod).map_or(TwinNote::None, TwinNote::Has);
            self.pod_cell(pod, note)
        };
        side(self.pods.iter().map(cell).collect())
    }

    /// The latest pods of which several moved with one command: each with the time since the first of them.
    pub(super) fn order(&self, moment: impl Fn(&Life) -> Option<Instant>) -> (TwinSide, bool) {
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

    pub(super) fn meaning(&self, life: &Life) -> Meaning {
        let pod = self.pods.iter().find(|pod| pod.uid == life.uid);
        pod.map_or(Meaning::Gone, |pod| pod.meaning)
    }

    pub(super) fn object(&self, life: &Life) -> Option<ObjectRef> {
        let pod = self.pods.iter().find(|pod| pod.uid == life.uid);
        pod.filter(|_| self.own).map(|pod| pod.object.clone())
    }

    /// Pods that went, each with the one that came in its place.
    pub(super) fn replacements(&self) -> TwinSide {
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

    pub(super) fn claims_of(&self, pod: &PodView) -> Vec<String> {
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
    pub(super) fn claims(&self, belongs: impl Fn(&str) -> bool) -> TwinSide {
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
    pub(super) fn names_in_dns(&self) -> TwinSide {
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

    pub(super) fn images(&self) -> TwinSide {
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

pub(super) fn place_by_name(name: &str) -> Option<usize> {
    let (_, ordinal) = ordinal_name(name)?;
    usize::try_from(ordinal).ok()
}

pub(super) fn side(mut cells: Vec<TwinCell>) -> TwinSide {
    let more = cells.len().saturating_sub(CELLS);
    cells.truncate(CELLS);
    TwinSide {
        cells,
        more: u32::try_from(more).unwrap_or(u32::MAX),
    }
}
