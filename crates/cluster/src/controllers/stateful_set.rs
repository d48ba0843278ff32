//! Stable pods, one after another, each with its claims.
//!
//! Upstream: `pkg/controller/statefulset`.

mod claim_retention;
pub(crate) mod controller_history;
mod pod_identity;
mod stateful_pod_control;
mod stateful_set_control;
mod stateful_set_status;
#[cfg(test)]
mod tests;

use super::controller_ref_manager::Claimer;
use super::pod_handlers::PodKeeper;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Requeue, Wakes};
use crate::meta::controller_ref::{controller_of, resolve_controller_ref};
use crate::meta::label_selector;
use crate::object::{Key, Kind, Object};
use crate::pod::{MinReady, ready_since};
use crate::queue::ControllerId;
use crate::record::reference;
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::Duration;
use controller_history::{
    Revision, adopt_revision, create_revision, list_revisions, new_revision, renumber_revision,
    revision_data,
};
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};
use pod_identity::{Member, parent_and_ordinal};
use serde_json::Value;
use stateful_pod_control::StatefulPodControl;
use stateful_set_control::{StatefulSetControl, Worked};
use stateful_set_status::{ReplicaCounts, new_status, update_status};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Stable pods, one after another, each with its claims.
#[derive(Clone, Default)]
pub struct StatefulSetController {
    /// Each set's template, by uid, with what a revision of it would hold.
    templates: BTreeMap<String, (PodTemplateSpec, Arc<Value>)>,
    /// How many claims have owners. As long as none has, no claim contradicts the policy of keeping all.
    owned_claims: usize,
    /// The pods of each set by its uid, ordered by ordinal; kept from change to change so that
    /// a sync does not read what did not change.
    families: BTreeMap<String, Arc<Family>>,
    /// The ordinals of each set, by its uid, whose claims are all there; no ordinal is looked at twice
    /// before a claim goes or gets another owner.
    complete: BTreeMap<String, BTreeSet<i32>>,
}

/// The pods that a set controls, by ordinal and name.
type Family = BTreeMap<(Option<i32>, Key), Member>;

impl Controller for StatefulSetController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        match &*change.object {
            Object::StatefulSet(_) => {
                if change.change == ChangeType::Deleted {
                    self.templates.remove(change.object.uid());
                    self.families.remove(change.object.uid());
                    self.complete.remove(change.object.uid());
                }
                wakes.add(ControllerId::StatefulSet, change.object.key());
            }
            Object::Pod(pod) => {
                self.keep_member(change, store);
                KEEPER.observe_pod(change, pod, store, wakes);
            }
            Object::PersistentVolumeClaim(_) => self.count_owned_claims(change),
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(object) = client.store().get(Kind::StatefulSet, key).cloned() else {
            client.explain_no_more(Kind::StatefulSet, key);
            return Outcome::DONE;
        };
        let Some((set, spec)) = typed(&object) else {
            return Outcome::DONE;
        };
        if !label_selector::is_valid(&spec.selector) {
            return Outcome::DONE;
        }
        let mut looked_at = 1;
        let requeue = match self.sync_set(key, &object, set, spec, client, &mut looked_at) {
            Ok(None) => Requeue::No,
            Ok(Some(delay)) => Requeue::After(delay),
            Err(_) => Requeue::RateLimited,
        };
        Outcome { requeue, looked_at }
    }
}

const KEEPER: PodKeeper = PodKeeper {
    controller: ControllerId::StatefulSet,
    kind: Kind::StatefulSet,
    keeps: |object| {
        let (_, spec) = typed(object)?;
        Some((&spec.selector, spec.min_ready_seconds))
    },
};

fn typed(object: &Object) -> Option<(&StatefulSet, &StatefulSetSpec)> {
    let set = object.as_kind::<StatefulSet>()?;
    Some((set, set.spec.as_ref()?))
}

impl StatefulSetController {
    /// One sync; the delay after which a pod may become available.
    fn sync_set(
        &mut self,
        key: &Key,
        object: &Arc<Object>,
        set: &StatefulSet,
        spec: &StatefulSetSpec,
        client: &mut Client<'_>,
        looked_at: &mut u64,
    ) -> Result<Option<Duration>, String> {
        adopt_orphan_revisions(client, set, spec)?;
        let minimum = MinReady {
            span: Duration::secs(u64::try_from(spec.min_ready_seconds.unwrap_or(0)).unwrap_or(0)),
            now: client.now(),
            calendar: client.calendar(),
        };
        let family = self.families.get(object.uid()).cloned().unwrap_or_default();
        let members = claim_pods(&family, client, set, spec, minimum)?;
        *looked_at += members.len() as u64;
        let revisions = list_revisions(client, set);
        // History is cut even if nothing else can be done; then only what pods use is kept back.
        let (live, outcome) = self
            .update_set(key, object, (set, spec), client, &members, &revisions)
            .unwrap_or_else(|error| (Default::default(), Err(error)));
        let truncated = truncate_history(client, spec, &members, &revisions, &live);
        let counts = outcome?;
        truncated?;
        if minimum.span > Duration::ZERO && counts.ready != counts.available {
            return Ok(Some(next_availability(&members, minimum)));
        }
        Ok(None)
    }

    /// Revisions, pods and status. The outer error says that there are no revisions to work with.
    fn update_set(
        &mut self,
        key: &Key,
        object: &Arc<Object>,
        (set, spec): (&StatefulSet, &StatefulSetSpec),
        client: &mut Client<'_>,
        members: &[Cow<'_, Member>],
        revisions: &[Revision],
    ) -> Result<([String; 2], Result<ReplicaCounts, String>), String> {
        let (current, update, collisions) = self.revisions(client, (set, spec), revisions)?;
        let live = [current.name().to_owned(), update.name().to_owned()];
        let about = reference(object);
        let worked = if object.is_terminating() {
            let mut counts = ReplicaCounts::default();
            for member in members {
                counts.add(member, current.name(), update.name());
            }
            Worked {
                counts,
                result: Ok(()),
                waits: None,
            }
        } else {
            let pods = StatefulPodControl {
                client,
                set,
                spec,
                about: &about,
                claims_have_owners: self.owned_claims > 0,
                complete: self.complete.entry(object.uid().to_owned()).or_default(),
            };
            StatefulSetControl::new(pods, current, update, members).work()
        };
        match worked.waits {
            Some(fact) => client.explain(Kind::StatefulSet, key, fact),
            None => client.explain_no_more(Kind::StatefulSet, key),
        }
        let status = new_status(set, worked.counts, &live[0], &live[1], collisions);
        let written = update_status(client, key, set, &status);
        Ok((live, worked.result.and(written).map(|()| worked.counts)))
    }

    /// The current and the update revision; makes or renumbers the latter if the template is new.
    fn revisions(
        &mut self,
        client: &mut Client<'_>,
        (set, spec): (&StatefulSet, &StatefulSetSpec),
        revisions: &[Revision],
    ) -> Result<(Revision, Revision, i32), String> {
        let status = set.status.as_ref();
        let mut collisions = status.and_then(|s| s.collision_count).unwrap_or(0);
        let data = self.template_data(set, &spec.template);
        let newest = revisions.last();
        let next = newest.map_or(1, |newest| newest.number() + 1);
        let equal = revisions.iter().rfind(|r| r.data() == Some(&*data));
        let update = match (equal, newest) {
            (Some(equal), Some(newest)) if equal.name() == newest.name() => newest.clone(),
            (Some(equal), _) => renumber_revision(client, equal, next)?,
            (None, _) => {
                let revision = new_revision(set, Value::clone(&data), next, collisions);
                create_revision(client, set, revision, &mut collisions)?
            }
        };
        let named = status.and_then(|s| s.current_revision.as_deref());
        let current = revisions.iter().find(|r| Some(r.name()) == named);
        let current = current.cloned().unwrap_or_else(|| update.clone());
        Ok((current, update, collisions))
    }

    /// What a revision of the set's template holds, made again only when the template is another one.
    fn template_data(&mut self, set: &StatefulSet, template: &PodTemplateSpec) -> Arc<Value> {
        let uid = set.metadata.uid.as_deref().unwrap_or("");
        if let Some((known, data)) = self.templates.get(uid)
            && known == template
        {
            return data.clone();
        }
        let data = Arc::new(revision_data(template));
        let entry = (template.clone(), data.clone());
        self.templates.insert(uid.to_owned(), entry);
        data
    }

    /// Takes note of a changed pod.
    fn keep_member(&mut self, change: &Change, store: &Store) {
        let object = &change.object;
        let place = || (parent_and_ordinal(object.name()).1, object.key());
        let owner = match change.change {
            ChangeType::Deleted => None,
            ChangeType::Added | ChangeType::Modified => controller_of(object.meta()),
        };
        let old = change
            .old
            .as_ref()
            .and_then(|old| controller_of(old.meta()));
        if let Some(old) = old
            && owner.is_none_or(|owner| owner.uid != old.uid)
            && let Some(family) = self.families.get_mut(&old.uid)
        {
            Arc::make_mut(family).remove(&place());
        }
        let set = owner.and_then(|owner| {
            resolve_controller_ref(store, Kind::StatefulSet, object.namespace(), owner)
        });
        let set = set.and_then(|set| set.as_kind::<StatefulSet>());
        if let (Some(owner), Some(set)) = (owner, set)
            && let Some(member) = Member::read(object, set)
        {
            let family = self.families.entry(owner.uid.clone()).or_default();
            Arc::make_mut(family).insert(place(), member);
        }
    }

    fn count_owned_claims(&mut self, change: &Change) {
        let owned = |object: &Arc<Object>| {
            let owners = object.meta().owner_references.as_ref();
            usize::from(owners.is_some_and(|owners| !owners.is_empty()))
        };
        let before = change.old.as_ref().map_or(0, owned);
        let after = match change.change {
            ChangeType::Deleted => 0,
            ChangeType::Added | ChangeType::Modified => owned(&change.object),
        };
        let gone = change.change == ChangeType::Deleted || change.object.is_terminating();
        if gone || before != after {
            self.complete.clear();
        }
        self.owned_claims = (self.owned_claims + after).saturating_sub(before);
    }
}

/// The pods of the set: its own, less what it releases, and orphans that it adopts.
fn claim_pods<'f>(
    family: &'f Family,
    client: &mut Client<'_>,
    set: &StatefulSet,
    spec: &StatefulSetSpec,
    minimum: MinReady,
) -> Result<Vec<Cow<'f, Member>>, String> {
    let set_name = set.metadata.name.as_deref().unwrap_or("");
    let namespace = set.metadata.namespace.as_deref().unwrap_or("");
    let is_member = |pod: &Object| parent_and_ordinal(pod.name()).0 == set_name;
    let claimer = claimer(set, spec, &is_member);
    let mut members = Vec::new();
    let mut errors = Vec::new();
    let mut others: Vec<Arc<Object>> = Vec::new();
    for member in family.values() {
        if member.fits {
            members.push(member.at(minimum));
        } else {
            others.push(member.object.clone());
        }
    }
    let orphans = client.store().by_index(Kind::Pod, Index::OwnerUid, "");
    others.extend(orphans.filter(|pod| pod.namespace() == namespace).cloned());
    for pod in &others {
        match claimer.claim(client, pod) {
            Ok(Some(pod)) => {
                let member = Member::read(&pod, set);
                members.extend(member.map(|member| Cow::Owned(member.at(minimum).into_owned())));
            }
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
    }
    stateful_pod_control::aggregate(errors).map(|()| members)
}

fn adopt_orphan_revisions(
    client: &mut Client<'_>,
    set: &StatefulSet,
    spec: &StatefulSetSpec,
) -> Result<(), String> {
    let revisions = list_revisions(client, set);
    let orphans: Vec<&Revision> = revisions
        .iter()
        .filter(|revision| controller_of(revision.object.meta()).is_none())
        .collect();
    if orphans.is_empty() {
        return Ok(());
    }
    let claimer = claimer(set, spec, &|_| true);
    claimer
        .recheck(client)
        .map_err(|why| format!("can't adopt ControllerRevisions: {why}"))?;
    orphans
        .into_iter()
        .try_for_each(|revision| adopt_revision(client, set, revision))
}

fn claimer<'s>(
    set: &'s StatefulSet,
    spec: &'s StatefulSetSpec,
    filter: &'s dyn Fn(&Object) -> bool,
) -> Claimer<'s> {
    Claimer {
        kind: Kind::StatefulSet,
        owner: &set.metadata,
        selector: &spec.selector,
        filter,
    }
}

/// Deletes the oldest revisions that nothing uses, beyond as many as the set keeps.
fn truncate_history(
    client: &mut Client<'_>,
    spec: &StatefulSetSpec,
    members: &[Cow<'_, Member>],
    revisions: &[Revision],
    live: &[String; 2],
) -> Result<(), String> {
    let limit = spec.revision_history_limit.unwrap_or(10);
    let Ok(limit) = usize::try_from(limit) else {
        return Ok(());
    };
    if revisions.len() <= limit {
        return Ok(());
    }
    let is_live = |revision: &&Revision| {
        let name = revision.name();
        live.iter().any(|live| live == name) || members.iter().any(|m| &*m.revision == name)
    };
    let old: Vec<&Revision> = revisions.iter().filter(|r| !is_live(r)).collect();
    let excess = old.len().saturating_sub(limit);
    for revision in old.into_iter().take(excess) {
        let key = revision.object.key();
        client
            .delete(Kind::ControllerRevision, &key, None, None)
            .map_err(|status| status.message)?;
    }
    Ok(())
}

/// How long until the next ready pod becomes available.
fn next_availability(members: &[Cow<'_, Member>], minimum: MinReady) -> Duration {
    let due = members
        .iter()
        .filter(|member| member.ready && !member.available)
        .filter_map(|member| ready_since(member.object.as_kind::<Pod>()?))
        .filter_map(|since| minimum.due(since))
        .filter(|due| *due > minimum.now)
        .min();
    due.map_or(minimum.span, |due| due.since(minimum.now))
}
