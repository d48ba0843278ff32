//! Makes, repairs and deletes the pods of a set and makes their claims, and reports it in events.
//!
//! Upstream: `pkg/controller/statefulset/stateful_pod_control.go`.

use super::claim_retention::{Owners, Retention, has_stale_owner};
use super::pod_identity::{
    claim_name, claim_templates, claims, identity_matches, in_range, parent_and_ordinal,
    storage_matches, update_identity, update_storage,
};
use crate::client::Client;
use crate::object::{Key, Kind};
use crate::record::{EventType, Reporter};
use crate::trace::Fact;
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{ObjectReference, PersistentVolumeClaim, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeSet;

/// What is done to a pod, as events word it.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Create,
    Update,
    Delete,
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Deed::Create => "Create",
            Deed::Update => "Update",
            Deed::Delete => "Delete",
        }
    }
}

/// The hands of a set for the length of one sync.
pub(super) struct StatefulPodControl<'s, 'a> {
    /// The connection to the API.
    pub(super) client: &'s mut Client<'a>,
    /// The set as it was when the sync began.
    pub(super) set: &'s StatefulSet,
    /// Its spec.
    pub(super) spec: &'s StatefulSetSpec,
    /// Where events about the set point to.
    pub(super) about: &'s ObjectReference,
    /// Whether any claim in the cluster has an owner at all.
    pub(super) claims_have_owners: bool,
    /// The ordinals whose claims are all there, with nothing to be done about them.
    pub(super) complete: &'s mut BTreeSet<i32>,
}

impl<'s> StatefulPodControl<'s, '_> {
    /// The set's name.
    pub(super) fn set_name(&self) -> &str {
        self.set.metadata.name.as_deref().unwrap_or("")
    }

    fn namespace(&self) -> &str {
        self.set.metadata.namespace.as_deref().unwrap_or("")
    }

    /// The key of a pod or claim of the set.
    pub(super) fn key(&self, name: &str) -> Key {
        Key::new(self.namespace(), name)
    }

    /// Makes the claims that are missing, then the pod.
    pub(super) fn create_stateful_pod(&mut self, pod: Pod, ordinal: i32) -> Result<(), String> {
        let name = pod.metadata.name.clone().unwrap_or_default();
        if let Err(error) = self.create_claims(&name, ordinal) {
            self.record_pod(Deed::Create, &name, Err(&error));
            return Err(error);
        }
        let meta = pod.metadata.clone();
        let created = match self.client.create(pod) {
            Ok(_) => Ok(()),
            Err(status) if status.is_already_exists() => return Err(status.message),
            Err(status) => Err(status.message),
        };
        if let Err(error) = self.update_claim_owners(&meta) {
            self.record_pod(Deed::Update, &name, Err(&error));
            return Err(error);
        }
        self.record_pod(Deed::Create, &name, created.as_ref().map(|_| ()));
        if created.is_ok() {
            let fact = Fact::CreatedForOrdinal { ordinal };
            let key = self.key(&name);
            self.client.explain(Kind::Pod, &key, fact);
        }
        created
    }

    /// Brings labels, volumes and claims of a pod back to what they must be.
    pub(super) fn update_stateful_pod(&mut self, pod: &Pod) -> Result<(), String> {
        let mut pod = pod.clone();
        let name = pod.metadata.name.clone().unwrap_or_default();
        let Some(ordinal) = parent_and_ordinal(&name).1 else {
            return Ok(());
        };
        let set_name = self.set_name().to_owned();
        if !identity_matches(&set_name, &pod) {
            update_identity(self.set, ordinal, &mut pod);
        }
        if !storage_matches(self.spec, &set_name, &pod) {
            update_storage(self.spec, &set_name, ordinal, &mut pod);
            if let Err(error) = self.create_claims(&name, ordinal) {
                self.record_pod(Deed::Update, &name, Err(&error));
                return Err(error);
            }
        }
        if !self.claims_match_retention(&pod.metadata)
            && let Err(error) = self.update_claim_owners(&pod.metadata)
        {
            self.record_pod(Deed::Update, &name, Err(&error));
            return Err(error);
        }
        let written = self.client.update(pod).map_err(|status| status.message);
        self.record_pod(Deed::Update, &name, written.as_ref().map(|_| ()));
        written.map(|_| ())
    }

    /// Deletes a pod; one that is gone already is as good.
    pub(super) fn delete_stateful_pod(&mut self, name: &str, why: Fact) -> Result<(), String> {
        let key = self.key(name);
        match self.client.delete(Kind::Pod, &key, None, None) {
            Err(status) if !status.is_not_found() => {
                self.record_pod(Deed::Delete, name, Err(&status.message));
                Err(status.message)
            }
            _ => {
                self.client.explain(Kind::Pod, &key, why);
                self.record_pod(Deed::Delete, name, Ok(()));
                Ok(())
            }
        }
    }

    /// Whether no claim can contradict the policy: there are none, or all are kept and none has an owner.
    pub(super) fn claims_are_free(&self) -> bool {
        claim_templates(self.spec).is_empty()
            || (Retention::of(self.spec).keeps_all() && !self.claims_have_owners)
    }

    /// Whether all claims of a pod are owned as the policy says. Claims that are missing are no matter here.
    pub(super) fn claims_match_retention(&self, pod: &ObjectMeta) -> bool {
        let retention = Retention::of(self.spec);
        if self.claims_are_free() {
            return true;
        }
        let Some(owners) = self.owners(pod, retention) else {
            return true;
        };
        self.claim_keys(pod).iter().all(|key| {
            let claim = self.client.get::<PersistentVolumeClaim>(key);
            claim.is_none_or(|claim| owners.up_to_date(&claim.metadata))
        })
    }

    /// Makes the policy's owners the owners of all claims of a pod.
    pub(super) fn update_claim_owners(&mut self, pod: &ObjectMeta) -> Result<(), String> {
        let retention = Retention::of(self.spec);
        for key in self.claim_keys(pod) {
            let claim = self.client.get::<PersistentVolumeClaim>(&key);
            let (Some(claim), Some(owners)) = (claim, self.owners(pod, retention)) else {
                continue;
            };
            let name = key.name();
            let conflicting = owners.has_unexpected_controller(&claim.metadata);
            let stale = !owners.up_to_date(&claim.metadata);
            let better = stale.then(|| {
                let mut claim = claim.clone();
                owners.update(&mut claim.metadata);
                claim
            });
            if conflicting {
                // The spelling is upstream's.
                let message = format!(
                    "PersistentVolumeClaim {name} has a conflicting OwnerReference that acts as a manging controller, \
                     the retention policy is ignored for this claim"
                );
                self.record(EventType::Warning, "ConflictingController", message);
            }
            if let Some(claim) = better
                && let Err(status) = self.client.update(claim)
            {
                let why = status.message;
                return Err(format!(
                    "could not update claim {name} for delete policy ownerRefs: {why}"
                ));
            }
        }
        Ok(())
    }

    /// Whether a claim still belongs to an earlier pod of this name and will be deleted with it.
    pub(super) fn claim_is_stale(&self, pod: &ObjectMeta) -> bool {
        Retention::of(self.spec).delete_when_scaled
            && self.claim_keys(pod).iter().any(|key| {
                let claim = self.client.get::<PersistentVolumeClaim>(key);
                claim.is_some_and(|claim| has_stale_owner(&claim.metadata, pod, Kind::Pod))
            })
    }

    /// Makes the claims that a waiting pod lacks.
    pub(super) fn create_missing_claims(&mut self, pod: &ObjectMeta) -> Result<(), String> {
        if claim_templates(self.spec).is_empty() {
            return Ok(());
        }
        let name = pod.name.as_deref().unwrap_or("");
        let Some(ordinal) = parent_and_ordinal(name).1 else {
            return Ok(());
        };
        let free = self.claims_are_free();
        if free && self.complete.contains(&ordinal) {
            return Ok(());
        }
        self.create_claims(name, ordinal)?;
        self.update_claim_owners(pod)
            .inspect_err(|error| self.record_pod(Deed::Update, name, Err(error)))?;
        if free {
            self.complete.insert(ordinal);
        }
        Ok(())
    }

    /// Says of the claims of a pod that they stay although it goes.
    pub(super) fn explain_kept_claims(&mut self, pod: &ObjectMeta) {
        if Retention::of(self.spec).delete_when_scaled {
            return;
        }
        for key in self.claim_keys(pod) {
            let fact = Fact::KeptAfterScaleDown;
            self.client.explain(Kind::PersistentVolumeClaim, &key, fact);
        }
    }

    fn create_claims(&mut self, pod_name: &str, ordinal: i32) -> Result<(), String> {
        let mut errors = Vec::new();
        if claim_templates(self.spec).is_empty() {
            return Ok(());
        }
        for claim in claims(self.set, self.spec, ordinal) {
            let name = claim.metadata.name.clone().unwrap_or_default();
            let key = self.key(&name);
            if let Some(there) = self.client.get::<PersistentVolumeClaim>(&key) {
                if there.metadata.deletion_timestamp.is_some() {
                    errors.push(format!("pvc {name} is being deleted"));
                }
                self.client
                    .explain_no_more(Kind::PersistentVolumeClaim, &key);
                continue;
            }
            match self.client.create(claim) {
                Ok(_) => self.record_claim(&name, pod_name, Ok(())),
                Err(status) => {
                    if !status.is_already_exists() {
                        self.record_claim(&name, pod_name, Err(&status.message));
                    }
                    errors.push(format!("failed to create PVC {name}: {}", status.message));
                }
            }
        }
        aggregate(errors)
    }

    fn owners<'p>(&self, pod: &'p ObjectMeta, retention: Retention) -> Option<Owners<'p>>
    where
        's: 'p,
    {
        let ordinal = parent_and_ordinal(pod.name.as_deref().unwrap_or("")).1?;
        Some(Owners {
            set: &self.set.metadata,
            pod,
            condemned: !in_range(self.spec, ordinal),
            retention,
        })
    }

    fn claim_keys(&self, pod: &ObjectMeta) -> Vec<Key> {
        let Some(ordinal) = parent_and_ordinal(pod.name.as_deref().unwrap_or("")).1 else {
            return Vec::new();
        };
        let key = |template: &PersistentVolumeClaim| {
            let name = template.metadata.name.as_deref().unwrap_or("");
            self.key(&claim_name(name, self.set_name(), ordinal))
        };
        claim_templates(self.spec).iter().map(key).collect()
    }

    fn record_pod(&mut self, deed: Deed, pod: &str, result: Result<(), &String>) {
        let (word, set) = (deed.word(), self.set_name());
        let (kind, reason, message) = match result {
            Ok(()) => {
                let message = format!("{word} Pod {pod} in StatefulSet {set} successful");
                (EventType::Normal, format!("Successful{word}"), message)
            }
            Err(error) => {
                let message =
                    format!("{word} Pod {pod} in StatefulSet {set} failed error: {error}");
                (EventType::Warning, format!("Failed{word}"), message)
            }
        };
        self.record(kind, &reason, message);
    }

    fn record_claim(&mut self, claim: &str, pod: &str, result: Result<(), &String>) {
        let set = self.set_name();
        let (kind, reason, message) = match result {
            Ok(()) => {
                let message =
                    format!("Create Claim {claim} Pod {pod} in StatefulSet {set} success");
                (EventType::Normal, "SuccessfulCreate", message)
            }
            Err(error) => {
                let message = format!(
                    "Create Claim {claim} for Pod {pod} in StatefulSet {set} failed error: {error}"
                );
                (EventType::Warning, "FailedCreate", message)
            }
        };
        self.record(kind, reason, message);
    }

    fn record(&mut self, kind: EventType, reason: &str, message: String) {
        let by = Reporter::control_plane("statefulset-controller");
        self.client
            .event(&by, self.about.clone(), kind, reason, message);
    }
}

/// Several errors as one, as upstream joins them: each text once, several in brackets.
pub(super) fn aggregate(errors: Vec<String>) -> Result<(), String> {
    let mut texts: Vec<String> = Vec::new();
    for error in errors {
        if !texts.contains(&error) {
            texts.push(error);
        }
    }
    match texts.len() {
        0 => Ok(()),
        1 => Err(texts.remove(0)),
        _ => Err(format!("[{}]", texts.join(", "))),
    }
}
