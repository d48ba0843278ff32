//! What a set does in one sync: makes, waits, scales down and rolls out, in this order.
//!
//! Upstream: `pkg/controller/statefulset/stateful_set_control.go`.

use super::controller_history::Revision;
use super::pod_identity::{Member, Phase, new_pod, ordinal_range, pod_name};
use super::stateful_pod_control::{StatefulPodControl, aggregate};
use super::stateful_set_status::ReplicaCounts;
use crate::sort;
use crate::trace::{Fact, PodLack};
use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::borrow::Cow;
use std::cmp::Reverse;

/// Pods made at once by the Parallel policy, at most. A sync that made or deleted so many leaves the rest to the next,
/// which its own changes wake: upstream works through all in one sync, but that sync takes minutes of real time.
const MAX_BATCH_SIZE: usize = 100;

/// Whether the sync goes on after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// On to the next.
    Continue,
    /// With an ordered set, no further in this sync.
    Stop,
}

/// One sync's view of a set: its revisions, its pods by slot, and those whose ordinals are wanted no more.
pub(super) struct StatefulSetControl<'s, 'a> {
    /// Acts on pods and claims.
    pub(super) pods: StatefulPodControl<'s, 'a>,
    /// The revision of pods that the rollout has not reached.
    pub(super) current: Revision,
    /// The revision of the set's present template.
    pub(super) update: Revision,
    slots: Vec<Option<&'s Member>>,
    condemned: Vec<&'s Member>,
    /// How many pods were made or deleted.
    deeds: usize,
    /// Name of the lowest pod that nobody can count on.
    first_unavailable: Option<String>,
    current_template: Option<PodTemplateSpec>,
    /// What the set waits for, as far as this sync found out.
    waits: Option<Fact>,
}

/// What became of a sync's work on pods.
pub(super) struct Worked {
    /// The counters for the status.
    pub(super) counts: ReplicaCounts,
    /// The error that ended the work, if one did.
    pub(super) result: Result<(), String>,
    /// What the set waits for.
    pub(super) waits: Option<Fact>,
}

impl<'s, 'a> StatefulSetControl<'s, 'a> {
    /// Sorts `members` into slots and condemned ones.
    pub(super) fn new(
        pods: StatefulPodControl<'s, 'a>,
        current: Revision,
        update: Revision,
        members: &'s [Cow<'s, Member>],
    ) -> StatefulSetControl<'s, 'a> {
        let (start, replicas) = ordinal_range(pods.spec);
        let mut slots: Vec<Option<&Member>> = vec![None; usize::try_from(replicas).unwrap_or(0)];
        let mut condemned = Vec::new();
        for member in members.iter().map(|member| &**member) {
            let Some(ordinal) = member.ordinal else {
                continue;
            };
            let slot = usize::try_from(i64::from(ordinal) - i64::from(start));
            match slot.ok().and_then(|slot| slots.get_mut(slot)) {
                Some(slot) => *slot = Some(member),
                None => condemned.push(member),
            }
        }
        sort::by_key(&mut condemned, |member| Reverse(member.ordinal));
        let mut control = StatefulSetControl {
            pods,
            current,
            update,
            slots,
            condemned,
            deeds: 0,
            first_unavailable: None,
            current_template: None,
            waits: None,
        };
        control.first_unavailable = control.find_first_unavailable();
        control
    }

    /// Works on pods: live slots first, then claims and pods of condemned ordinals, then the rollout.
    pub(super) fn work(mut self) -> Worked {
        let ended = self.work_on_replicas();
        let mut counts = ReplicaCounts::default();
        let all = self.slots.iter().flatten().chain(&self.condemned);
        for member in all.copied() {
            counts.add(member, self.current.name(), self.update.name());
        }
        let result = match ended {
            Ok(Flow::Continue) => self.roll_out(&mut counts),
            Ok(Flow::Stop) => Ok(()),
            Err(error) => Err(error),
        };
        Worked {
            counts,
            result,
            waits: self.waits,
        }
    }

    fn work_on_replicas(&mut self) -> Result<Flow, String> {
        let slots = self.slots.len();
        if self.for_all(slots, Self::process_replica)? == Flow::Stop {
            return Ok(Flow::Stop);
        }
        let condemned = self.condemned.len();
        if self.for_all(condemned, Self::fix_condemned_claims)? == Flow::Stop {
            return Ok(Flow::Stop);
        }
        self.for_all(condemned, Self::process_condemned)
    }

    fn monotonic(&self) -> bool {
        self.pods.spec.pod_management_policy.as_deref() != Some("Parallel")
    }

    fn has_done_enough(&self) -> bool {
        !self.monotonic() && self.deeds >= MAX_BATCH_SIZE
    }

    /// Runs `step` for each index: one after another up to the first that stops, or in batches that double
    /// in size up to the first batch with an error.
    fn for_all(
        &mut self,
        count: usize,
        step: fn(&mut Self, usize) -> Result<Flow, String>,
    ) -> Result<Flow, String> {
        if self.monotonic() {
            for index in 0..count {
                if step(self, index)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            return Ok(Flow::Continue);
        }
        let (mut next, mut batch) = (0, 1);
        while next < count {
            let end = count.min(next + batch);
            let errors = (next..end).filter_map(|index| step(self, index).err());
            aggregate(errors.collect())?;
            next = end;
            batch = (batch * 2).min(MAX_BATCH_SIZE);
        }
        Ok(Flow::Continue)
    }

    fn find_first_unavailable(&self) -> Option<String> {
        for (slot, member) in self.slots.iter().enumerate() {
            match member {
                Some(member) if !member.unavailable() => {}
                _ => return Some(self.slot_name(slot)),
            }
        }
        let lowest_first = self.condemned.iter().rev();
        lowest_first
            .into_iter()
            .find(|member| member.unavailable())
            .map(|member| member.object.name().to_owned())
    }

    fn slot_ordinal(&self, slot: usize) -> i32 {
        let (start, _) = ordinal_range(self.pods.spec);
        start.saturating_add(i32::try_from(slot).unwrap_or(i32::MAX))
    }

    fn slot_name(&self, slot: usize) -> String {
        pod_name(self.pods.set_name(), self.slot_ordinal(slot))
    }

    /// Whether a pod that is made now for `slot` comes from the current revision and not from the update.
    fn slot_is_current(&self, slot: usize) -> bool {
        let strategy = self.pods.spec.update_strategy.as_ref();
        let slot = i64::try_from(slot).unwrap_or(i64::MAX);
        match strategy.and_then(|strategy| strategy.rolling_update.as_ref()) {
            Some(rolling) => slot < i64::from(rolling.partition.unwrap_or(0)),
            None => {
                let rolls = strategy.and_then(|s| s.type_.as_deref()) == Some("RollingUpdate");
                let status = self.pods.set.status.as_ref();
                let current = status.and_then(|s| s.current_replicas).unwrap_or(0);
                rolls && slot < i64::from(current)
            }
        }
    }

    /// The name of the revision that the pod of `slot` has or is about to get.
    fn slot_revision(&self, slot: usize) -> &str {
        match self.slots.get(slot) {
            Some(Some(member)) => &member.revision,
            _ if self.slot_is_current(slot) => self.current.name(),
            _ => self.update.name(),
        }
    }

    fn process_replica(&mut self, slot: usize) -> Result<Flow, String> {
        let Some(member) = self.slots.get(slot).copied().flatten() else {
            return self.fill_slot(slot);
        };
        if member.settled() && self.pods.claims_are_free() {
            return Ok(Flow::Continue);
        }
        let object = &member.object;
        match member.phase {
            Phase::Finished => {
                if !member.terminating {
                    let why = Fact::FinishedPodReplaced;
                    self.pods.delete_stateful_pod(object.name(), why)?;
                }
                return Ok(self.wait_for(object.name(), PodLack::Gone));
            }
            // The API gives every pod a phase; one without is treated as not made yet.
            Phase::None => return self.fill_slot(slot),
            Phase::Pending => self.pods.create_missing_claims(object.meta())?,
            Phase::Running | Phase::Other => {}
        }
        if self.monotonic()
            && let Some(lack) = lack_of(member)
        {
            return Ok(self.wait_for(object.name(), lack));
        }
        let conforms = member.conforms && self.pods.claims_match_retention(object.meta());
        if !conforms && let Some(pod) = object.as_kind::<Pod>() {
            self.pods.update_stateful_pod(pod)?;
        }
        Ok(Flow::Continue)
    }

    /// Makes the pod of an empty slot.
    fn fill_slot(&mut self, slot: usize) -> Result<Flow, String> {
        if self.has_done_enough() {
            return Ok(Flow::Continue);
        }
        let ordinal = self.slot_ordinal(slot);
        let meta = ObjectMeta {
            name: Some(self.slot_name(slot)),
            ..ObjectMeta::default()
        };
        if self.pods.claim_is_stale(&meta) {
            self.waits = Some(Fact::WaitsForStaleClaim {
                pod: self.slot_name(slot),
            });
            return Ok(Flow::Stop);
        }
        let pod = self.new_pod(slot, ordinal);
        self.deeds += 1;
        self.pods.create_stateful_pod(pod, ordinal)?;
        Ok(if self.monotonic() {
            self.wait_for(&self.slot_name(slot), PodLack::Running)
        } else {
            Flow::Continue
        })
    }

    fn new_pod(&mut self, slot: usize, ordinal: i32) -> Pod {
        let (set, spec) = (self.pods.set, self.pods.spec);
        if !self.slot_is_current(slot) || self.current.name() == self.update.name() {
            let revision = self.slot_revision(slot);
            return new_pod(set, spec, &spec.template, revision, ordinal);
        }
        if self.current_template.is_none() {
            self.current_template = self.current.template();
        }
        let template = self.current_template.as_ref().unwrap_or(&spec.template);
        new_pod(set, spec, template, self.current.name(), ordinal)
    }

    fn wait_for(&mut self, pod: &str, lacks: PodLack) -> Flow {
        if self.monotonic() && self.waits.is_none() {
            self.waits = Some(Fact::WaitsForPod {
                pod: pod.to_owned(),
                lacks,
            });
        }
        Flow::Stop
    }

    fn fix_condemned_claims(&mut self, index: usize) -> Result<Flow, String> {
        if let Some(member) = self.condemned.get(index) {
            let object = member.object.clone();
            if !self.pods.claims_match_retention(object.meta()) {
                self.pods.update_claim_owners(object.meta())?;
            }
        }
        Ok(Flow::Continue)
    }

    fn process_condemned(&mut self, index: usize) -> Result<Flow, String> {
        let Some(member) = self.condemned.get(index).copied() else {
            return Ok(Flow::Continue);
        };
        let name = member.object.name();
        if member.terminating {
            return Ok(if self.monotonic() {
                self.wait_for(name, PodLack::Gone)
            } else {
                Flow::Continue
            });
        }
        if self.monotonic()
            && let Some(lack) = lack_of(member)
            && self.first_unavailable.as_deref() != Some(name)
        {
            let blocker = self.first_unavailable.clone().unwrap_or_default();
            return Ok(self.wait_for(&blocker, lack));
        }
        if self.has_done_enough() {
            return Ok(Flow::Continue);
        }
        self.deeds += 1;
        let ordinal = member.ordinal.unwrap_or_default();
        let why = Fact::ScaledDown { ordinal };
        self.pods.delete_stateful_pod(name, why)?;
        self.pods.explain_kept_claims(member.object.meta());
        if self.monotonic() {
            self.wait_for(name, PodLack::Gone);
        }
        Ok(Flow::Stop)
    }

    /// Replaces the highest pod that is out of date, one in each sync, and waits for the ones above it;
    /// or as many as may be unavailable, if that gate is on.
    fn roll_out(&mut self, counts: &mut ReplicaCounts) -> Result<(), String> {
        let strategy = self.pods.spec.update_strategy.as_ref();
        if strategy.and_then(|s| s.type_.as_deref()) == Some("OnDelete") {
            return Ok(());
        }
        let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
        let partition = rolling.and_then(|rolling| rolling.partition).unwrap_or(0);
        let lowest = usize::try_from(partition).unwrap_or(0);
        if self.pods.client.gates().max_unavailable_stateful_set {
            let most = rolling.and_then(|rolling| rolling.max_unavailable.as_ref());
            let most = max_unavailable(most, self.slots.len());
            return self.roll_out_several(lowest, most, counts);
        }
        for slot in (lowest..self.slots.len()).rev() {
            let member = self.slots.get(slot).copied().flatten();
            let terminating = member.is_some_and(|member| member.terminating);
            if self.slot_revision(slot) != self.update.name() && !terminating {
                return self.replace(slot, counts);
            }
            if member.is_none_or(Member::unavailable) {
                let lack = member.and_then(lack_of).unwrap_or(PodLack::Running);
                let name = self.slot_name(slot);
                // Only a rollout waits here; a set whose pods are all up to date merely has one that is not ready.
                if self.current.name() != self.update.name() {
                    self.waits.get_or_insert(Fact::WaitsForPod {
                        pod: name,
                        lacks: lack,
                    });
                }
                return Ok(());
            }
        }
        Ok(())
    }

    /// Replaces as many pods as may still become unavailable, the highest first.
    fn roll_out_several(
        &mut self,
        lowest: usize,
        most: usize,
        counts: &mut ReplicaCounts,
    ) -> Result<(), String> {
        let unavailable = |member: &&Option<&Member>| member.is_none_or(Member::unavailable);
        let mut left = most.saturating_sub(self.slots.iter().filter(unavailable).count());
        for slot in (lowest..self.slots.len()).rev() {
            let member = self.slots.get(slot).copied().flatten();
            let terminating = member.is_some_and(|member| member.terminating);
            if left > 0 && self.slot_revision(slot) != self.update.name() && !terminating {
                self.replace(slot, counts)?;
                left -= 1;
            }
        }
        Ok(())
    }

    /// Deletes the pod of a slot, which comes back from the update revision.
    fn replace(&mut self, slot: usize, counts: &mut ReplicaCounts) -> Result<(), String> {
        let revision = self.slot_revision(slot).to_owned();
        let name = self.slot_name(slot);
        let why = Fact::OutOfDate { revision };
        self.pods.delete_stateful_pod(&name, why)?;
        counts.current -= 1;
        self.wait_for(&name, PodLack::Gone);
        Ok(())
    }
}

/// How many pods of `replicas` may be unavailable: a share is rounded down, and one always may.
fn max_unavailable(wanted: Option<&IntOrString>, replicas: usize) -> usize {
    let number = match wanted {
        None => 1,
        Some(IntOrString::Int(number)) => usize::try_from(*number).unwrap_or(1),
        Some(IntOrString::String(share)) => {
            let percent = share.trim_end_matches('%').parse::<usize>().unwrap_or(0);
            replicas.saturating_mul(percent) / 100
        }
    };
    number.max(1)
}

/// What a pod still lacks before an ordered set goes on.
fn lack_of(member: &Member) -> Option<PodLack> {
    if member.terminating {
        Some(PodLack::Gone)
    } else if member.phase != Phase::Running {
        Some(PodLack::Running)
    } else if !member.running_and_ready() {
        Some(PodLack::Ready)
    } else if !member.available {
        Some(PodLack::Available)
    } else {
        None
    }
}
