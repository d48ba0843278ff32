//! What the page draws of a session. Nothing here changes it.

use super::Session;
use crate::present;
use crate::twin::{self, Twin};
use crate::view::{
    BlockView, ChangeView, CommandMark, DeedView, DnsView, EventRow, FaultView, NodesView,
    ObjectRef, OwnersView, ReasonView, RemarkView, ResolveView, SetView, StorageView, TimelineView,
    TwinView, Work,
};
use petset_cluster::Kind;

impl Session {
    /// All StatefulSets by namespace and name: those of the cluster, then those that are only in a file. Each with the
    /// places whose position is in `first..first + count`; the strip and the counts are always whole.
    pub fn set_views(&self, first: u32, count: u32) -> Vec<SetView> {
        present::set::set_views(
            self.shown().cluster.server(),
            &self.files,
            self.shown().since,
            &mut self.shown().ends.borrow_mut(),
            (first, count),
        )
    }

    /// Plays the twin of [`Session::twin_view`] towards the moment that is shown, doing at most `max_events`; to be called
    /// while the view is shown. When `more`, call again.
    pub fn follow_twin(&mut self, max_events: u32) -> Work {
        let shown = self.past.shown().unwrap_or(&self.engine);
        if shown.cluster.store().count(Kind::Pod) > twin::MAX_PODS {
            self.twin = None;
            return Work::default();
        }
        let twin = self.twin.get_or_insert_with(|| Twin::new(self.seed));
        let (events, more) = twin.follow(shown, max_events);
        if events > 0 {
            self.revision += 1;
        }
        Work { events, more }
    }

    /// What the same inputs do to a StatefulSet and to a ReplicaSet with the same template, for one set
    /// (`namespace/name`) or the first one. As far as [`Session::follow_twin`] has played.
    pub fn twin_view(&self, set: Option<&str>) -> TwinView {
        present::twin::twin_view(self.shown(), &self.files, self.twin.as_ref(), set)
    }

    /// What happened to every object, on virtual time: always of the whole session, with the moment that is looked at.
    pub fn timeline_view(&self) -> TimelineView {
        let mut view = present::timeline::timeline_view(self.engine.cluster.store());
        let past = self.past.view();
        let looking_at = past.looking_at.and_then(|at| past.moments.get(at));
        view.looking_at_ms = looking_at.map(|moment| moment.at_ms);
        let moments = past.moments.into_iter().enumerate();
        view.marks = moments
            .filter_map(|(moment, view)| {
                Some(CommandMark {
                    at_ms: view.at_ms,
                    command: view.command?,
                    moment,
                })
            })
            .collect();
        view
    }

    /// Who owns whom, and what a deletion would take along.
    pub fn owners_view(&self) -> OwnersView {
        let shown = self.shown();
        present::owners::owners_view(shown.cluster.store(), shown.since)
    }

    /// The places of a large set in blocks, counted by state; of the set as [`Session::set_views`] shows it.
    pub fn set_blocks(&self, set: &SetView) -> Vec<BlockView> {
        let store = self.shown().cluster.store();
        self.blocks.borrow_mut().blocks(store, self.revision, set)
    }

    /// The nodes with their pods, each with its first `max_pods`.
    pub fn nodes_view(&self, max_pods: u32) -> NodesView {
        let shown = self.shown();
        present::nodes::nodes_view(shown.cluster.store(), shown.since, max_pods)
    }

    /// The live zones, each with its first `max_records` records.
    pub fn dns_view(&self, max_records: u32) -> DnsView {
        let shown = self.shown();
        present::dns::dns_view(&shown.cluster, shown.since, &shown.before.1, max_records)
    }

    /// The disks of a set (or all), the first `max_disks` of them.
    pub fn storage_view(&self, set: Option<&str>, max_disks: u32) -> StorageView {
        let shown = self.shown();
        let cluster = &shown.cluster;
        let since = (shown.since, shown.before.0);
        present::storage::storage_view(cluster.store(), cluster.disks(), since, set, max_disks)
    }

    /// Pods that could ask, for the resolver's list: those of namespace `default` by name, others as `namespace/name`
    /// (those of the system left out); the first 100.
    pub fn pod_names(&self) -> Vec<String> {
        let store = self.shown().cluster.store();
        let own = store.list(Kind::Pod, Some("default"));
        let own = own.map(|pod| pod.name().to_owned());
        let others = store.list(Kind::Pod, None);
        let others = others
            .filter(|pod| !matches!(pod.namespace(), "default" | "kube-system"))
            .map(|pod| format!("{}/{}", pod.namespace(), pod.name()));
        own.chain(others).take(100).collect()
    }

    /// Looks a name up as the pod would (or as a pod in namespace `default`, with `None`). Changes nothing.
    pub fn resolve(&self, from_pod: Option<&str>, name: &str) -> ResolveView {
        present::dns::resolve(&self.shown().cluster, from_pod, name)
    }

    /// Events, oldest first; the newest 200 at most.
    pub fn events_view(&self) -> Vec<EventRow> {
        present::events::events_view(self.shown().cluster.server(), self.shown().since)
    }

    /// What is wrong on request, each with what mends it.
    pub fn faults(&self) -> Vec<FaultView> {
        present::faults::faults(&self.shown().cluster)
    }

    /// What can be done to an object, with the commands that do it. Nothing while looking back.
    pub fn deeds(&self, object: &ObjectRef) -> Vec<DeedView> {
        if self.past.is_looking() {
            return Vec::new();
        }
        present::deeds::deeds(&self.engine.cluster, object)
    }

    /// The running commentary: the latest `max` decisions, oldest first, one sentence each.
    pub fn commentary(&self, max: usize) -> Vec<RemarkView> {
        present::commentary::commentary(self.shown().cluster.server().trace(), max)
    }

    /// Why an object is as it is: what was checked, what holds it, what would let it go on. What matters most is first.
    pub fn reasons(&self, object: &ObjectRef) -> Vec<ReasonView> {
        present::reasons::reasons(&self.shown().cluster, object)
    }

    /// An object as `kubectl get -o yaml` prints it; `None` when it is not there (any more).
    pub fn object_yaml(&self, object: &ObjectRef) -> Option<String> {
        present::object_yaml(self.shown().cluster.server(), object)
    }

    /// What belongs to an object: a pod's claims, volumes, node and owner, a claim's pods, what an object owns.
    pub fn related(&self, object: &ObjectRef) -> Vec<ObjectRef> {
        present::related::related(self.shown().cluster.store(), object)
    }

    /// What the last change of an object changed; none when the watch log has forgotten it.
    pub fn last_change(&self, object: &ObjectRef) -> Option<ChangeView> {
        present::related::last_change(self.shown().cluster.store(), object)
    }
}
