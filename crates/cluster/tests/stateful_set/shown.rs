//! What a script sees of the set, its pods, claims, revisions and events.

use crate::stage::{Stage, key};
use k8s_openapi::api::apps::v1::{ControllerRevision, StatefulSet, StatefulSetStatus};
use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim};
use petset_cluster::{Kind, Object};

impl Stage {
    /// What `expected` is about: pods, `status=`, `claims=`, `events=`, `history=`, `owners=`, `waits=`,
    /// `identity=` and `claim=` (of ordinal 0), `causes=`, `rolling=` or `generation=`.
    pub fn show(&mut self, expected: &str) -> String {
        match expected.split_once('=').map_or("", |(what, _)| what) {
            "status" => self.show_status(),
            "writes" => self.show_status_writes(),
            "claims" => {
                let names: Vec<String> = self
                    .list::<PersistentVolumeClaim>()
                    .iter()
                    // Claims that only wait for their protection to be taken away count as gone.
                    .filter(|claim| claim.metadata.deletion_timestamp.is_none())
                    .map(|claim| claim.metadata.name.clone().unwrap().replace("www-web-", ""))
                    .collect();
                format!("claims={}", names.join(" "))
            }
            "events" => self.show_last_events(expected.split(';').count()),
            "history" => self.show_history(),
            "identity" => self.show_identity(),
            "claim" => self.show_claim(),
            "causes" => self.show_causes(),
            "collisions" => {
                let status = self.set().unwrap().status.unwrap();
                format!("collisions={}", status.collision_count.unwrap())
            }
            "reasons" => {
                let reasons = self.set_events().into_iter().map(|event| event.reason);
                let reasons: Vec<String> = reasons.flatten().collect();
                format!("reasons={}", reasons.join(" "))
            }
            "rolling" => self.show_rolling(),
            "generation" => self.show_generation(),
            "owners" => self.show_owners(),
            "waits" => {
                let about = self.cluster.server().trace();
                let fact = about.about(Kind::StatefulSet, &key("web"));
                format!(
                    "waits={}",
                    fact.map_or(String::new(), |(_, fact)| format!("{fact:?}"))
                )
            }
            _ => self.show_pods(),
        }
    }

    fn letter(&mut self, revision: &str) -> char {
        let position = self.revisions.iter().position(|known| known == revision);
        let position = position.unwrap_or_else(|| {
            self.revisions.push(revision.to_owned());
            self.revisions.len() - 1
        });
        char::from(b'A' + u8::try_from(position).unwrap())
    }

    fn show_pods(&mut self) -> String {
        let mut pods = self.pods();
        pods.sort_by_key(|pod| {
            let name = pod.metadata.name.clone().unwrap();
            let number = name
                .rsplit_once('-')
                .and_then(|(_, n)| n.parse::<u32>().ok());
            (number, name)
        });
        let shown = pods.iter().map(|pod| {
            let name = pod.metadata.name.as_deref().unwrap();
            let status = pod.status.clone().unwrap_or_default();
            let ready = status
                .conditions
                .iter()
                .flatten()
                .any(|c| c.type_ == "Ready" && c.status == "True");
            let state = match (status.phase.as_deref(), ready) {
                (Some("Running"), true) => "r",
                (Some("Running"), false) => "u",
                (Some("Failed"), _) => "f",
                (Some("Succeeded"), _) => "s",
                _ => "p",
            };
            let going = if pod.metadata.deletion_timestamp.is_some() {
                "!"
            } else {
                ""
            };
            let labels = pod.metadata.labels.clone().unwrap_or_default();
            let revision = labels.get("controller-revision-hash").cloned();
            let owned = pod
                .metadata
                .owner_references
                .as_ref()
                .is_some_and(|o| !o.is_empty());
            let letter = revision.map_or(' ', |revision| self.letter(&revision));
            let free = if owned { "" } else { "-free" };
            let text = format!("{}{state}{letter}{going}{free}", name.replace("web-", ""));
            text.replace(' ', "")
        });
        let shown: Vec<String> = shown.collect();
        shown.join(" ")
    }

    fn show_status(&self) -> String {
        let status = self.set().and_then(|set| set.status).unwrap_or_default();
        format!("status={}", counters(&status))
    }

    /// Every status that was written since the last action.
    fn show_status_writes(&self) -> String {
        let changes = self.cluster.store().changes_since(self.before).unwrap();
        let status = |object: &Object| {
            object
                .as_kind::<StatefulSet>()
                .map(|set| set.status.clone())
        };
        let written = changes.filter_map(|change| {
            let new = status(&change.object)?;
            let old = change.old.as_deref().and_then(status)?;
            (new != old).then(|| counters(&new.unwrap_or_default()))
        });
        format!("writes={}", written.collect::<Vec<_>>().join(" "))
    }

    fn show_history(&mut self) -> String {
        let set = self.set().unwrap();
        let status = set.status.unwrap_or_default();
        let current = self.letter(&status.current_revision.unwrap_or_default());
        let update = self.letter(&status.update_revision.unwrap_or_default());
        let mut all = self.list::<k8s_openapi::api::apps::v1::ControllerRevision>();
        all.sort_by_key(|revision| revision.revision);
        let all: Vec<String> = all
            .iter()
            .map(|one| {
                let letter = self.letter(one.metadata.name.as_deref().unwrap());
                format!("{}{letter}", one.revision)
            })
            .collect();
        format!(
            "history={} current {current} update {update}",
            all.join(" ")
        )
    }

    fn show_owners(&self) -> String {
        let all = self
            .list::<PersistentVolumeClaim>()
            .into_iter()
            .map(|claim| {
                let owners = claim.metadata.owner_references.unwrap_or_default();
                let kinds: Vec<&str> = owners.iter().map(|owner| owner.kind.as_str()).collect();
                let name = claim.metadata.name.unwrap().replace("www-web-", "");
                format!("{name}:{}", kinds.join("+"))
            });
        format!("owners={}", all.collect::<Vec<_>>().join(" "))
    }

    /// The events about sets, oldest first.
    fn set_events(&self) -> Vec<Event> {
        let mut events = self.list::<Event>();
        events.retain(|event| event.involved_object.kind.as_deref() == Some("StatefulSet"));
        events.sort_by_key(|event| event.metadata.name.clone());
        events
    }

    fn show_last_events(&self, count: usize) -> String {
        let events = self.set_events();
        let skip = events.len().saturating_sub(count);
        let texts: Vec<String> = events
            .iter()
            .skip(skip)
            .map(|event| {
                let text = |field: &Option<String>| field.clone().unwrap_or_default();
                format!("{} {}", text(&event.reason), text(&event.message))
            })
            .collect();
        format!("events={}", texts.join(";"))
    }

    /// Labels, host name and volumes of the pod of ordinal 0.
    fn show_identity(&mut self) -> String {
        let pod = self.pod("0");
        let labels = pod.metadata.labels.unwrap();
        let spec = pod.spec.unwrap();
        let volumes = spec.volumes.iter().flatten();
        let volumes = volumes.filter(|volume| !volume.name.starts_with("kube-api-access"));
        let volumes = volumes.map(|volume| {
            let claim = volume.persistent_volume_claim.as_ref();
            let claim = claim.map_or("", |claim| &claim.claim_name);
            format!("{}:{claim}", volume.name)
        });
        format!(
            "identity={} {} {} {} {} {}",
            labels["statefulset.kubernetes.io/pod-name"],
            labels["apps.kubernetes.io/pod-index"],
            self.letter(&labels["controller-revision-hash"]),
            spec.hostname.unwrap(),
            spec.subdomain.unwrap(),
            volumes.collect::<Vec<_>>().join(" ")
        )
    }

    /// Labels and size of the claim of ordinal 0.
    fn show_claim(&self) -> String {
        let store = self.cluster.store();
        let claim = store.get_as::<PersistentVolumeClaim>(&key("www-web-0"));
        let claim = claim.cloned().unwrap();
        let labels = claim.metadata.labels.unwrap();
        let labels: Vec<String> = labels.iter().map(|(k, v)| format!("{k}:{v}")).collect();
        let requests = claim.spec.unwrap().resources.unwrap().requests.unwrap();
        format!("claim={} {}", labels.join(" "), requests["storage"].0)
    }

    /// The reason for the change that each revision was made for.
    fn show_causes(&self) -> String {
        let mut all = self.list::<ControllerRevision>();
        all.sort_by_key(|revision| revision.revision);
        let cause = |revision: ControllerRevision| {
            let annotations = revision.metadata.annotations.unwrap_or_default();
            let cause = annotations.get("kubernetes.io/change-cause").cloned();
            cause.unwrap_or_else(|| "-".to_owned())
        };
        let all: Vec<String> = all.into_iter().map(cause).collect();
        format!("causes={}", all.join(" "))
    }

    /// The stored rollingUpdate block.
    fn show_rolling(&self) -> String {
        let strategy = self.set().unwrap().spec.unwrap().update_strategy.unwrap();
        let block = strategy.rolling_update.map(|rolling| {
            format!(
                "partition {} maxUnavailable {}",
                rolling.partition.unwrap_or_default(),
                serde_json::to_value(rolling.max_unavailable).unwrap()
            )
        });
        format!("rolling={}", block.unwrap_or_default())
    }

    fn show_generation(&self) -> String {
        let set = self.set().unwrap();
        let observed = set.status.unwrap().observed_generation.unwrap();
        format!(
            "generation={} observed {observed}",
            set.metadata.generation.unwrap()
        )
    }
}

/// replicas/ready/current/updated
fn counters(status: &StatefulSetStatus) -> String {
    format!(
        "{}/{}/{}/{}",
        status.replicas,
        status.ready_replicas.unwrap_or(0),
        status.current_replicas.unwrap_or(0),
        status.updated_replicas.unwrap_or(0)
    )
}
