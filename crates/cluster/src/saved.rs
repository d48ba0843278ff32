//! A cluster in the form in which it is kept in a file.
//!
//! What is kept is what a real cluster keeps when all its machines are switched off: the objects, with their uids and versions, and the bytes on
//! disks. What is not kept comes back as it does there: controllers look at everything anew, and kubelets start the containers of their pods again.
//! Running programs are not kept, and neither are logs, watches and back-offs.

use crate::cluster::Cluster;
use crate::config::Config;
use crate::controllers::garbage_collector;
use crate::kubelet::Kubelet;
use crate::kubelet::process::Runtime;
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Store};
use crate::time::{Calendar, Duration, Instant};
use serde_json::{Value, json};
use std::sync::Arc;

impl Cluster {
    /// What is kept of the cluster.
    pub fn save(&self) -> Value {
        let store = self.store();
        let objects = Kind::ALL.iter().flat_map(|kind| store.list(*kind, None));
        let objects: Vec<Value> = objects.map(|object| object.to_json()).collect();
        let epoch = self.server.calendar().timestamp(Instant::ZERO);
        json!({
            "epochUnixSeconds": epoch.as_second(),
            "nowMicroseconds": self.now().0,
            "resourceVersion": store.resource_version(),
            "objects": objects,
            "machines": self.components.kubelet.save(store),
        })
    }

    /// A cluster that goes on from what [`Cluster::save`] wrote, all machines having been switched on again. Nodes and images are those of the
    /// saved cluster; of `config`, seed, latency and gates count, and the epoch: the date at which the cluster goes on, unless it was further already.
    ///
    /// # Errors
    /// What is missing or does not fit, in plain words.
    pub fn restore(
        saved: &Value,
        config: &Config,
        runtime: Arc<dyn Runtime>,
    ) -> Result<Cluster, String> {
        let number = |field: &str| {
            let number = saved[field].as_u64();
            number.ok_or_else(|| format!("{field}: no number"))
        };
        let (now, version) = (
            Instant(number("nowMicroseconds")?),
            number("resourceVersion")?,
        );
        let epoch = saved["epochUnixSeconds"].as_i64();
        let epoch = epoch.ok_or("epochUnixSeconds: no number")?;
        let mut store = Store::default();
        for value in saved["objects"].as_array().ok_or("objects: no list")? {
            store.restore(object(value)?);
        }
        store.compact_to(version);
        let kubelet = Kubelet::restore(&saved["machines"], &store, runtime)?;
        let date = config.epoch_unix_seconds;
        let config = Config {
            // Chance goes on differently than it began.
            seed: config.seed.wrapping_add(version),
            epoch_unix_seconds: epoch,
            ..config.clone()
        };
        let mut cluster = Cluster::empty(&config, kubelet);
        cluster.server.store = store;
        let date = Calendar::from_unix_seconds(date).timestamp(Instant::ZERO);
        cluster.server.now = now.max(cluster.server.calendar().instant(&date));
        cluster.observed = version;
        cluster.switch_on();
        Ok(cluster)
    }

    /// The components begin to work, and all nodes are reachable.
    fn switch_on(&mut self) {
        for (id, key, delay) in self.show_everything() {
            self.wake(id, &key, delay);
        }
        for node in self.components.kubelet.all_cut_off() {
            self.reconnect_node(&node);
        }
    }

    /// Shows every object to every component, in the order in which they were written, as a list does that begins a watch.
    fn show_everything(&mut self) -> Vec<(ControllerId, Key, Duration)> {
        let store = &self.server.store;
        let mut all: Vec<Change> = Kind::ALL
            .iter()
            .flat_map(|kind| store.list(*kind, None))
            .map(|object| Change {
                resource_version: object.resource_version(),
                at: self.server.now,
                change: ChangeType::Added,
                object: object.clone(),
                old: None,
            })
            .collect();
        crate::sort::by_key(&mut all, |change| change.resource_version);
        let mut wakes = crate::controller::Wakes::default();
        for change in &all {
            self.components.observe(change, store, &mut wakes);
        }
        let kubelet = &self.components.kubelet;
        // Pods that no kubelet runs were there before everything: nobody made them.
        wakes.keys.retain(|(id, key, _)| match id {
            ControllerId::Kubelet => !kubelet.stands(key),
            ControllerId::GarbageCollector => {
                let key = garbage_collector::parse_work_key(key);
                key.is_none_or(|(kind, key)| kind != Kind::Pod || !kubelet.stands(&key))
            }
            _ => true,
        });
        wakes.keys
    }
}

fn object(value: &Value) -> Result<Object, String> {
    let word = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    let (api_version, kind) = (word("/apiVersion"), word("/kind"));
    let found = Kind::ALL.iter().find(|known| {
        let info = known.info();
        info.kind == kind && info.api_version() == api_version
    });
    let name = word("/metadata/name");
    let found = found.ok_or_else(|| format!("{name}: no kind {kind:?} in {api_version:?}"))?;
    Object::from_json(*found, value).map_err(|error| format!("{kind} {name}: {error}"))
}
