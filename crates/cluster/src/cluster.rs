//! The whole cluster: API server, components, and the time that moves them.

use crate::api::{Request, Response, Server, Verb};
use crate::client::Client;
use crate::components::Components;
use crate::config::Config;
use crate::controller::{Requeue, Wakes};
use crate::controllers::garbage_collector;
use crate::hash::Fnv1a64;
use crate::headroom::Headroom;
use crate::invariants::Watcher;
use crate::kubelet::process::Runtime;
use crate::kubelet::{Kubelet, PodTrace};
use crate::latency::Latency;
use crate::object::{Key, Kind};
use crate::queue::{ControllerId, EventQueue, Task, WorkQueue, Workers};
use crate::random::Random;
use crate::record::Recorder;
use crate::store::{ChangeType, Store};
use crate::time::{Calendar, Duration, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What happens next by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextEvent {
    /// When.
    pub at: Instant,
    /// Who acts.
    pub who: ControllerId,
    /// The kind of the object; none if the controller works on several kinds and does not say.
    pub kind: Option<Kind>,
    /// The object.
    pub key: Key,
}

/// A simulated cluster. Cloning it takes a snapshot.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) server: Server,
    pub(crate) components: Components,
    random: Random,
    recorder: Recorder,
    pub(crate) latency: Latency,
    events: EventQueue,
    queues: BTreeMap<ControllerId, WorkQueue>,
    pub(crate) observed: u64,
    headroom: Headroom,
    pub(crate) watcher: Watcher,
}

impl Cluster {
    /// A cluster with its nodes, namespaces and system services, at rest.
    pub fn new(config: Config, runtime: Arc<dyn Runtime>) -> Cluster {
        let kubelet = Kubelet::new(runtime, config.images_preloaded, config.nodes);
        let mut cluster = Cluster::empty(&config, kubelet);
        crate::bootstrap::populate(&mut cluster.server, &config);
        // The components see what is there, but nothing in it is news to them.
        cluster.show_changes();
        crate::bootstrap::compact(&mut cluster.server);
        cluster.observed = cluster.server.store.resource_version();
        cluster
    }

    /// A cluster without any object.
    pub(crate) fn empty(config: &Config, kubelet: Kubelet) -> Cluster {
        let calendar = Calendar::from_unix_seconds(config.epoch_unix_seconds);
        let mut server = Server::new(config.seed, calendar);
        server.gates = config.gates;
        Cluster {
            server,
            components: Components {
                deployment: Default::default(),
                replica_set: Default::default(),
                stateful_set: Default::default(),
                endpoint_slice: Default::default(),
                endpoints: Default::default(),
                garbage_collector: Default::default(),
                kubernetes_service: Default::default(),
                namespace: Default::default(),
                persistent_volume: Default::default(),
                external_provisioner: Default::default(),
                volume_protection: Default::default(),
                daemon_set: Default::default(),
                job: Default::default(),
                cron_job: Default::default(),
                ttl_after_finished: Default::default(),
                disruption: Default::default(),
                node_lifecycle: Default::default(),
                taint_eviction: Default::default(),
                pod_gc: Default::default(),
                ephemeral_volume: Default::default(),
                volume_expand: Default::default(),
                attach_detach: Default::default(),
                scheduler: Default::default(),
                kubelet,
            },
            random: Random::new(config.seed.wrapping_add(1)),
            recorder: Recorder::default(),
            latency: config.latency.clone(),
            events: EventQueue::default(),
            queues: BTreeMap::new(),
            observed: 0,
            headroom: Headroom::default(),
            watcher: Watcher::default(),
        }
    }

    /// Answers a request to the API.
    pub fn handle(&mut self, request: Request) -> Response {
        if matches!(request.verb, Verb::Get | Verb::List)
            && matches!(request.kind, Kind::Node | Kind::Lease)
        {
            self.with_kubelet(|kubelet, client| kubelet.beat(&request.name, client));
        }
        let response = self.server.handle(request);
        self.observe();
        response
    }

    /// Cuts a node off from the control plane: its kubelet neither hears of anything nor tells of anything, and what runs
    /// on it stands still for everybody else. Returns whether there is such a node that was not cut off before.
    pub fn cut_off_node(&mut self, node: &str) -> bool {
        let last = self.with_kubelet(|kubelet, client| kubelet.cut_off(node, client));
        let Some(last) = last else { return false };
        let due = self.components.node_lifecycle.expect_silence(node, last);
        let delay = due.since(self.now()).max(Duration::micros(1));
        self.wake(ControllerId::NodeLifecycle, &Key::new("", node), delay);
        true
    }

    /// Ends what [`Cluster::cut_off_node`] began. Returns whether the node was cut off, and no more than that.
    pub fn reconnect_node(&mut self, node: &str) -> bool {
        if self.is_node_off(node) {
            return false;
        }
        self.components.node_lifecycle.expect_signs(node);
        self.with_kubelet(|kubelet, client| kubelet.reconnect(node, client))
    }

    /// The nodes that are cut off.
    pub fn is_node_cut_off(&self, node: &str) -> bool {
        self.components.kubelet.is_cut_off(node)
    }

    /// The objects, to be read.
    pub fn store(&self) -> &Store {
        self.server.store()
    }

    /// The API server, to be read.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The present moment.
    pub fn now(&self) -> Instant {
        self.server.now()
    }

    /// How long things take.
    pub fn latency(&self) -> &Latency {
        &self.latency
    }

    /// When something happens next by itself, and what; `None` when the cluster is quiet.
    pub fn next_event(&self) -> Option<(Instant, &Task)> {
        self.events.peek()
    }

    /// The same as [`Cluster::next_event`], in terms of objects.
    pub fn next_event_about(&self) -> Option<NextEvent> {
        let (at, task) = self.events.peek()?;
        let (who, key) = match task {
            Task::Work(id, Some(key)) | Task::Enqueue(id, key) => (*id, key),
            Task::Work(id, None) => (*id, self.queues.get(id)?.front()?),
        };
        let (kind, key) = match who {
            ControllerId::GarbageCollector => {
                let (kind, key) = garbage_collector::parse_work_key(key)?;
                (Some(kind), key)
            }
            _ => (who.works_on(), key.clone()),
        };
        Some(NextEvent { at, who, kind, key })
    }

    /// A number that two clusters share exactly when they are in the same state: all objects with all their fields,
    /// the moment, and what waits to happen. The same on every platform.
    pub fn digest(&self) -> u64 {
        let mut hash = Fnv1a64::default();
        for kind in Kind::ALL {
            for object in self.store().list(*kind, None) {
                hash.write(object.to_json().to_string().as_bytes());
                hash.write(b"\n");
            }
        }
        let moment = (self.now(), self.store().resource_version());
        hash.write(format!("{moment:?}").as_bytes());
        for event in self.events.in_order() {
            hash.write(format!("{event:?}").as_bytes());
        }
        hash.finish()
    }

    /// The bytes of all volumes and containers, to be read.
    pub fn disks(&self) -> &crate::storage::Disks {
        self.components.kubelet.disks()
    }

    /// The latest lookups and requests of programs, to be read.
    pub fn ways(&self) -> &crate::network::way::Ways {
        self.components.kubelet.ways()
    }

    /// What a pod's kubelet waits for; none for a pod that no kubelet has.
    pub fn pod_trace(&self, pod: &Key) -> Option<PodTrace> {
        self.components.kubelet.trace(pod)
    }

    /// The kubelets, to be read.
    pub(crate) fn kubelet(&self) -> &Kubelet {
        &self.components.kubelet
    }

    /// Lets the kubelets act on behalf of somebody outside: a command in a container, a look at a log.
    pub(crate) fn with_kubelet<R>(
        &mut self,
        act: impl FnOnce(&mut Kubelet, &mut Client<'_>) -> R,
    ) -> R {
        let mut client = Client::new(
            &mut self.server,
            &mut self.random,
            &self.latency,
            &mut self.recorder,
        );
        let result = act(&mut self.components.kubelet, &mut client);
        let wakes = client.into_wakes();
        self.observe();
        for (id, key, delay) in wakes {
            self.wake(id, &key, delay);
        }
        result
    }

    /// Moves time to the next event and lets it happen. Returns whether there was one.
    pub fn step(&mut self) -> bool {
        let Some((at, task)) = self.events.pop() else {
            return false;
        };
        self.headroom.keep();
        self.server.now = self.server.now.max(at);
        match task {
            Task::Enqueue(id, key) => {
                let now = self.server.now;
                if let Some(queue) = self.queues.get_mut(&id)
                    && queue.take_delayed(&key, at)
                {
                    queue.add(&key, now, &mut self.events);
                }
            }
            Task::Work(id, key) => self.work(id, key),
        }
        self.observe();
        true
    }

    /// Moves time to `at`, letting everything happen that comes before.
    pub fn run_until(&mut self, at: Instant) {
        while self.events.peek().is_some_and(|(next, _)| next <= at) {
            self.step();
        }
        self.server.now = self.server.now.max(at);
    }

    /// Lets everything happen that happens within `quiet` of something before it, for at most `limit` of virtual time.
    /// Returns whether the cluster came to rest.
    pub fn run_until_quiet(&mut self, quiet: Duration, limit: Duration) -> bool {
        let end = self.server.now + limit;
        loop {
            match self.events.peek() {
                None => return true,
                Some((next, _)) if next.since(self.server.now) > quiet => return true,
                Some((next, _)) if next > end => return false,
                Some(_) => self.step(),
            };
        }
    }

    fn work(&mut self, id: ControllerId, woken_for: Option<Key>) {
        let now = self.server.now;
        let Some(key) = self
            .queues
            .get_mut(&id)
            .and_then(|queue| queue.take(woken_for, now))
        else {
            return;
        };
        let mut client = Client::new(
            &mut self.server,
            &mut self.random,
            &self.latency,
            &mut self.recorder,
        )
        .of(id);
        self.watcher.acts(id, &key);
        let outcome = self.components.sync(id, &key, &mut client);
        let wakes = client.into_wakes();
        let cost = match id {
            ControllerId::Scheduler => self.latency.schedule,
            _ => self.latency.sync + self.latency.sync_per_object.times(outcome.looked_at),
        };
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.done(&key, now, cost, &mut self.events);
            match outcome.requeue {
                Requeue::No => queue.forget(&key),
                Requeue::After(delay) => {
                    queue.forget(&key);
                    queue.add_after(&key, now, delay, &mut self.events);
                }
                Requeue::RateLimited => queue.add_rate_limited(&key, now, &mut self.events),
            }
        }
        for (id, key, delay) in wakes {
            self.wake(id, &key, delay);
        }
    }

    /// Shows every change since the last call to the components, and wakes those whom it concerns.
    fn observe(&mut self) {
        let since = self.observed;
        for (id, key, delay) in self.show_changes().keys {
            self.wake(id, &key, delay);
        }
        self.watcher.look(&self.server, since);
        self.server.store.trim_log();
        self.drop_overtaken();
    }

    /// Drops tasks that will do nothing from the front of the queue, so that what comes next is always something.
    fn drop_overtaken(&mut self) {
        while let Some((at, task)) = self.events.peek() {
            let (Task::Work(id, _) | Task::Enqueue(id, _)) = task;
            let queue = self.queues.get(id);
            if queue.is_some_and(|queue| queue.expects(task, at)) {
                return;
            }
            self.events.pop();
        }
    }

    fn show_changes(&mut self) -> Wakes {
        let mut wakes = Wakes::default();
        let Server { store, trace, .. } = &mut self.server;
        for change in store.changes_since(self.observed).into_iter().flatten() {
            self.components.observe(change, store, &mut wakes);
            if change.change == ChangeType::Deleted {
                trace.forget(change.object.kind(), &change.object.key());
            }
        }
        self.observed = store.resource_version();
        wakes
    }

    pub(crate) fn wake(&mut self, id: ControllerId, key: &Key, delay: Duration) {
        let now = self.server.now;
        let queue = self
            .queues
            .entry(id)
            .or_insert_with(|| WorkQueue::new(id, workers(id)));
        if delay == Duration::ZERO {
            queue.add(key, now + self.latency.watch, &mut self.events);
        } else {
            queue.add_after(key, now, delay, &mut self.events);
        }
    }
}

/// The scheduler looks at one pod after another; all others have many workers.
fn workers(id: ControllerId) -> Workers {
    if id == ControllerId::Scheduler {
        Workers::One
    } else {
        Workers::PerKey
    }
}
