//! What both strategies share: finding and making ReplicaSets, scaling them, cleaning up, status.
//!
//! Upstream: `pkg/controller/deployment/sync.go`.

use super::Rollout;
use super::conditions::{self, AVAILABLE, PROGRESSING, condition, find, reason};
use super::replica_sets::{
    HASH_LABEL, OwnedSet, active, largest_and_newest_first, largest_and_oldest_first, oldest_first,
    terminating, total,
};
use super::revision::{DESIRED_REPLICAS, MAX_REPLICAS, REVISION, max_revision, revision_of};
use crate::api::Status;
use crate::controllers::pod_control::is_namespace_terminating;
use crate::controllers::pod_template_hash::compute_hash;
use crate::meta::controller_ref::{controller_of, new_controller_ref};
use crate::object::{Key, Kind};
use crate::record::EventType;
use crate::sort;
use k8s_openapi::api::apps::v1::{DeploymentStatus, ReplicaSet, ReplicaSetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The longest name of a ReplicaSet.
const MAX_NAME: usize = 253;

impl Rollout<'_, '_> {
    /// Only the status: the Deployment is being deleted.
    pub(super) fn sync_status_only(&mut self) -> Result<(), Status> {
        let (new, old) = self.all_replica_sets(false)?;
        self.sync_deployment_status(new.as_ref(), &old)
    }

    /// Scaling without a rollout.
    pub(super) fn sync(&mut self) -> Result<(), Status> {
        let (new, old) = self.all_replica_sets(false)?;
        self.scale(new.as_ref(), &old)?;
        if self.is_paused() {
            self.cleanup(&old)?;
        }
        self.sync_deployment_status(new.as_ref(), &old)
    }

    /// Says that the Deployment is paused, or no more.
    pub(super) fn check_paused_conditions(&mut self) -> Result<(), Status> {
        const PAUSED: &str = "DeploymentPaused";
        if self.progress_deadline().is_none() {
            return Ok(());
        }
        let status = self.deployment.status.clone().unwrap_or_default();
        let current = find(&status, PROGRESSING).map_or("", reason);
        let (reason, message) = match (self.is_paused(), current) {
            (_, "ProgressDeadlineExceeded") | (true, PAUSED) => return Ok(()),
            (true, _) => (PAUSED, "Deployment is paused"),
            (false, PAUSED) => ("DeploymentResumed", "Deployment is resumed"),
            (false, _) => return Ok(()),
        };
        self.set_progressing("Unknown", reason, message.to_owned());
        self.update_status()
    }

    fn set_progressing(&mut self, value: &str, reason: &str, message: String) {
        let condition = condition(PROGRESSING, value, reason, message, self.now());
        let status = self.deployment.status.get_or_insert_default();
        conditions::set(status, condition);
    }

    /// The ReplicaSet of the present template (which is made, if asked for) and the others, with revisions brought up to date.
    pub(super) fn all_replica_sets(
        &mut self,
        create: bool,
    ) -> Result<(Option<OwnedSet>, Vec<OwnedSet>), Status> {
        let template = &self.spec.template;
        let at = self.sets.iter().position(|set| set.is_of(template));
        let mut old = self.sets.clone();
        let existing = at.map(|at| old.remove(at));
        let revision = max_revision(&old) + 1;
        let new = match existing {
            Some(existing) => Some(self.existing_replica_set(existing, revision)?),
            None if create => Some(self.create_replica_set(&old, revision)?),
            None => None,
        };
        Ok((new, old))
    }

    fn existing_replica_set(&mut self, set: OwnedSet, revision: i64) -> Result<OwnedSet, Status> {
        let Some(mut changed) = set.typed().cloned() else {
            return Ok(set);
        };
        let annotated = self.set_new_annotations(&mut changed, revision, true);
        let spec = changed.spec.get_or_insert_default();
        let wanted = self.spec.min_ready_seconds;
        let wait_differs = spec.min_ready_seconds.unwrap_or(0) != wanted.unwrap_or(0);
        if annotated || wait_differs {
            spec.min_ready_seconds = wanted;
            let written = self.client.update(changed)?;
            return Ok(OwnedSet::of(written).unwrap_or(set));
        }
        let number = set.annotation(REVISION).unwrap_or("").to_owned();
        let mut needs_update = self.set_revision(&number);
        let status = self.deployment.status.clone().unwrap_or_default();
        if self.progress_deadline().is_some() && find(&status, PROGRESSING).is_none() {
            let message = format!("Found new replica set \"{}\"", set.name());
            self.set_progressing("True", "FoundNewReplicaSet", message);
            needs_update = true;
        }
        if needs_update {
            self.update_status()?;
        }
        Ok(set)
    }

    /// A ReplicaSet of the present template, still without a size.
    fn new_replica_set(&self) -> ReplicaSet {
        let collisions = self.deployment.status.as_ref();
        let collisions = collisions.and_then(|status| status.collision_count);
        let mut template = self.spec.template.clone();
        let hash = compute_hash(&template, collisions);
        let meta = template.metadata.get_or_insert_default();
        let labels = meta.labels.get_or_insert_default();
        labels.insert(HASH_LABEL.to_owned(), hash.clone());
        let labels = labels.clone();
        let mut selector = self.spec.selector.clone();
        let wanted = selector.match_labels.get_or_insert_default();
        wanted.insert(HASH_LABEL.to_owned(), hash.clone());
        let room = MAX_NAME - 1 - hash.len().min(MAX_NAME - 1);
        let prefix = self.name().get(..room).unwrap_or(self.name());
        ReplicaSet {
            metadata: ObjectMeta {
                name: Some(format!("{prefix}-{hash}")),
                namespace: self.object.meta().namespace.clone(),
                labels: Some(labels),
                owner_references: Some(vec![new_controller_ref(
                    Kind::Deployment,
                    self.object.meta(),
                )]),
                ..ObjectMeta::default()
            },
            spec: Some(ReplicaSetSpec {
                replicas: Some(0),
                min_ready_seconds: self.spec.min_ready_seconds,
                selector,
                template: Some(template),
            }),
            status: None,
        }
    }

    fn create_replica_set(&mut self, old: &[OwnedSet], revision: i64) -> Result<OwnedSet, Status> {
        let mut set = self.new_replica_set();
        let size = self.new_replicas(old, 0);
        set.spec.get_or_insert_default().replicas = Some(size);
        self.set_new_annotations(&mut set, revision, false);
        let name = set.metadata.name.clone().unwrap_or_default();
        let (created, is_new) = match self.client.create(set) {
            Ok(created) => (created, true),
            Err(status) if status.is_already_exists() => {
                let key = Key::new(self.object.namespace(), &name);
                let there = self.client.store().get(Kind::ReplicaSet, &key).cloned();
                let own = there.filter(|there| {
                    let owner = controller_of(there.meta());
                    let set = OwnedSet::of(there.clone());
                    owner.is_some_and(|owner| owner.uid == self.object.uid())
                        && set.is_some_and(|set| set.is_of(&self.spec.template))
                });
                let Some(own) = own else {
                    let counted = self.deployment.status.get_or_insert_default();
                    *counted.collision_count.get_or_insert(0) += 1;
                    // Whether or not it is written, the next sync tries again.
                    let _ = self.update_status();
                    return Err(status);
                };
                (own, false)
            }
            Err(status) if is_namespace_terminating(&status) => return Err(status),
            Err(status) => {
                let message = format!(
                    "Failed to create new replica set \"{name}\": {}",
                    status.message
                );
                if self.progress_deadline().is_some() {
                    self.set_progressing("False", "ReplicaSetCreateError", message.clone());
                    let _ = self.update_status();
                }
                self.event(EventType::Warning, "ReplicaSetCreateError", message);
                return Err(status);
            }
        };
        if is_new && size > 0 {
            let message = format!("Scaled up replica set {name} from 0 to {size}");
            self.event(EventType::Normal, "ScalingReplicaSet", message);
        }
        let mut needs_update = self.set_revision(&revision.to_string());
        if is_new && self.progress_deadline().is_some() {
            let message = format!("Created new replica set \"{name}\"");
            self.set_progressing("True", "NewReplicaSetCreated", message);
            needs_update = true;
        }
        if needs_update {
            self.update_status()?;
        }
        OwnedSet::of(created).ok_or_else(|| Status::not_found(Kind::ReplicaSet, &name))
    }

    /// Whether the wanted number of pods has changed since the ReplicaSets were scaled.
    pub(super) fn is_scaling_event(&mut self) -> Result<bool, Status> {
        let (new, mut all) = self.all_replica_sets(false)?;
        all.extend(new);
        Ok(active(&all).iter().any(|set| {
            let desired = set.annotation(DESIRED_REPLICAS);
            let desired = desired.and_then(|text| text.parse::<i32>().ok());
            desired.is_some_and(|desired| desired >= 0 && desired != self.replicas())
        }))
    }

    /// Scales what there is: one ReplicaSet to the new size, several in proportion.
    fn scale(&mut self, new: Option<&OwnedSet>, old: &[OwnedSet]) -> Result<(), Status> {
        let mut all = active(old);
        all.extend(new.filter(|new| new.replicas() > 0).cloned());
        let only = match all.as_slice() {
            [] => new.or(old.last()).cloned(),
            [only] => Some(only.clone()),
            _ => None,
        };
        if let Some(only) = only {
            return self
                .scale_replica_set(&only, self.replicas(), false)
                .map(|_| ());
        }
        if let Some(new) = new
            && self.is_saturated(new)
        {
            for set in active(old) {
                self.scale_replica_set(&set, 0, false)?;
            }
            return Ok(());
        }
        if !self.is_rolling_update() {
            return Ok(());
        }
        let allowed = if self.replicas() > 0 {
            self.replicas().saturating_add(self.max_surge())
        } else {
            0
        };
        let to_add = allowed - total(&all, OwnedSet::replicas);
        if to_add > 0 {
            largest_and_newest_first(&mut all);
        } else if to_add < 0 {
            largest_and_oldest_first(&mut all);
        }
        let mut added = 0;
        let mut sizes = Vec::with_capacity(all.len());
        for set in &all {
            let share = self.proportion(set, to_add, added);
            sizes.push(set.replicas() + share);
            added += share;
        }
        if let Some(largest) = sizes.first_mut() {
            *largest = (*largest + to_add - added).max(0);
        }
        for (set, size) in all.iter().zip(sizes) {
            self.scale_replica_set(set, size, true)?;
        }
        Ok(())
    }

    /// Whether the ReplicaSet has all pods that the Deployment wants, and they are available.
    fn is_saturated(&self, set: &OwnedSet) -> bool {
        let desired = set.annotation(DESIRED_REPLICAS);
        let desired = desired.and_then(|text| text.parse().ok());
        desired == Some(self.replicas())
            && set.replicas() == self.replicas()
            && set.available() == self.replicas()
    }

    /// Gives a ReplicaSet a size; returns what was written if the size is another one. With `always`, annotations are
    /// brought up to date even if the size stays.
    pub(super) fn scale_replica_set(
        &mut self,
        set: &OwnedSet,
        size: i32,
        always: bool,
    ) -> Result<Option<OwnedSet>, Status> {
        let before = set.replicas();
        let [desired, most] = self.replicas_annotations();
        let annotated = set.annotation(DESIRED_REPLICAS) == Some(&desired)
            && set.annotation(MAX_REPLICAS) == Some(&most);
        if before == size && (!always || annotated) {
            return Ok(None);
        }
        let Some(mut changed) = set.typed().cloned() else {
            return Ok(None);
        };
        changed.spec.get_or_insert_default().replicas = Some(size);
        self.set_replicas_annotations(&mut changed);
        let written = self.client.update(changed)?;
        if before == size {
            return Ok(None);
        }
        let way = if before < size { "up" } else { "down" };
        let message = format!(
            "Scaled {way} replica set {} from {before} to {size}",
            set.name()
        );
        self.event(EventType::Normal, "ScalingReplicaSet", message);
        Ok(OwnedSet::of(written))
    }

    /// Deletes the oldest revisions that have no pods, beyond as many as the Deployment keeps.
    pub(super) fn cleanup(&mut self, old: &[OwnedSet]) -> Result<(), Status> {
        let Some(limit) = self.spec.revision_history_limit else {
            return Ok(());
        };
        let mut alive: Vec<OwnedSet> = old
            .iter()
            .filter(|set| !set.object().is_terminating())
            .cloned()
            .collect();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let excess = alive.len().saturating_sub(limit);
        oldest_first(&mut alive);
        sort::by_key(&mut alive, |set| revision_of(set).unwrap_or(0));
        for set in alive.iter().take(excess) {
            if set.actual() != 0
                || set.replicas() != 0
                || set.generation() > set.observed_generation()
            {
                continue;
            }
            let key = set.object().key();
            match self.client.delete(Kind::ReplicaSet, &key, None, None) {
                Err(status) if !status.is_not_found() => return Err(status),
                _ => {}
            }
        }
        Ok(())
    }

    fn sync_deployment_status(
        &mut self,
        new: Option<&OwnedSet>,
        old: &[OwnedSet],
    ) -> Result<(), Status> {
        let status = self.calculate_status(new, old);
        if self.deployment.status.as_ref() == Some(&status) {
            return Ok(());
        }
        self.deployment.status = Some(status);
        self.update_status()
    }

    /// The status that counts the pods of all ReplicaSets and says whether enough are available.
    pub(super) fn calculate_status(
        &self,
        new: Option<&OwnedSet>,
        old: &[OwnedSet],
    ) -> DeploymentStatus {
        let mut all = old.to_vec();
        all.extend(new.cloned());
        let available = total(&all, OwnedSet::available);
        let unavailable = (total(&all, OwnedSet::replicas) - available).max(0);
        let some = |count: i32| (count != 0).then_some(count);
        let before = self.deployment.status.as_ref();
        let mut status = DeploymentStatus {
            observed_generation: self.deployment.metadata.generation,
            replicas: some(total(&all, OwnedSet::actual)),
            updated_replicas: some(new.map_or(0, OwnedSet::actual)),
            ready_replicas: some(total(&all, OwnedSet::ready)),
            available_replicas: some(available),
            unavailable_replicas: some(unavailable),
            terminating_replicas: terminating(&all),
            collision_count: before.and_then(|status| status.collision_count),
            conditions: before.and_then(|status| status.conditions.clone()),
        };
        let enough = available >= self.replicas() - self.max_unavailable();
        let (value, reason, message) = if enough {
            let message = "Deployment has minimum availability.";
            ("True", "MinimumReplicasAvailable", message)
        } else {
            let message = "Deployment does not have minimum availability.";
            ("False", "MinimumReplicasUnavailable", message)
        };
        let said = condition(AVAILABLE, value, reason, message.to_owned(), self.now());
        conditions::set(&mut status, said);
        status
    }
}
