//! A hand-made timeline that stands in while the engine is written. Deleted with the first real session.

use std::rc::Rc;

use crate::files::Files;
use crate::view::*;

#[derive(Clone)]
struct Pod {
    ordinal: u32,
    uid: u32,
    stage: u32,
    next_ms: u64,
    dying: bool,
    changed: bool,
}

struct Claim {
    bound_ms: u64,
    changed: bool,
}

#[derive(Default)]
pub(crate) struct Demo {
    pub revision: u64,
    pub history: Vec<Rc<str>>,
    now: f64,
    paused: bool,
    speed: f64,
    service: bool,
    replicas: Option<u32>,
    pods: Vec<Pod>,
    claims: Vec<Claim>,
    blocks: Vec<(TerminalId, Rc<Block>)>,
    terminals: Vec<TerminalId>,
    events: Vec<EventRow>,
    next_id: u64,
    watch: Option<TerminalId>,
}

const STAGE_MS: u64 = 450;

impl Demo {
    fn speed(&self) -> f64 {
        if self.speed == 0.0 { 1.0 } else { self.speed }
    }

    pub fn diagnostics(&self, text: &str) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        if let Some(at) = text.find("replica:") {
            let before = &text[..at];
            found.push(Diagnostic {
                from: before.encode_utf16().count(),
                to: before.encode_utf16().count() + 7,
                line: before.lines().count(),
                column: 3,
                severity: Severity::Error,
                message: "strict decoding error: unknown field \"spec.replica\"".into(),
                hint: Some(Hint::DidYouMean { name: "replicas".into() }),
            });
        }
        found
    }

    pub fn terminals(&self) -> Vec<TerminalId> {
        let mut all = vec![TerminalId(0)];
        all.extend(self.terminals.iter().copied());
        all
    }

    pub fn open_terminal(&mut self) -> Option<TerminalId> {
        if self.terminals.is_empty() {
            self.terminals.push(TerminalId(1));
            self.revision += 1;
            return Some(TerminalId(1));
        }
        None
    }

    pub fn close_terminal(&mut self, terminal: TerminalId) {
        self.terminals.retain(|t| *t != terminal);
        self.revision += 1;
    }

    fn event(&mut self, kind: &str, name: &str, reason: &str, message: &str) {
        self.next_id += 1;
        self.events.push(EventRow {
            object: ObjectRef::namespaced("Event", "default", &format!("{name}.{}", self.next_id)),
            regarding: ObjectRef::namespaced(kind, "default", name),
            last_seen_ms: self.now as u64,
            age: format!("{}s", self.now as u64 / 1000),
            warning: false,
            reason: reason.into(),
            message: message.into(),
            count: 1,
            changed: true,
        });
    }

    pub fn submit(&mut self, terminal: TerminalId, line: &str) {
        self.revision += 1;
        self.pods.iter_mut().for_each(|p| p.changed = false);
        self.claims.iter_mut().for_each(|c| c.changed = false);
        self.events.iter_mut().for_each(|e| e.changed = false);
        if !line.trim().is_empty() {
            self.history.push(line.into());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut code = 0;
        let (stream, text) = match words.as_slice() {
            ["kubectl", "apply", "-f", "headless-service.yaml"] => {
                self.service = true;
                (Stream::Stdout, "service/my-headless-svc created\n".to_owned())
            }
            ["kubectl", "apply", "-f", _] => {
                self.replicas = Some(3);
                self.event("StatefulSet", "nginx-ss", "SuccessfulCreate", "create Pod nginx-ss-0 in StatefulSet nginx-ss successful");
                (Stream::Stdout, "statefulset.apps/nginx-ss created\n".to_owned())
            }
            ["kubectl", "scale", .., last] => {
                self.replicas = last.strip_prefix("--replicas=").and_then(|n| n.parse().ok()).or(self.replicas);
                (Stream::Stdout, "statefulset.apps/nginx-ss scaled\n".to_owned())
            }
            ["kubectl", "get", "pods", ..] => {
                let mut out = "NAME         READY   STATUS    RESTARTS   AGE\n".to_owned();
                for p in &self.pods {
                    let v = self.pod_view(p);
                    out += &format!("nginx-ss-{}   {}/1     {:<9} 0          {}s\n", p.ordinal, v.ready_containers, v.status, 3);
                }
                if words.contains(&"-w") {
                    self.watch = Some(terminal);
                }
                (Stream::Stdout, out)
            }
            ["kubectl", "get", "pvc"] => {
                let mut out = "NAME              STATUS   VOLUME                                     CAPACITY   ACCESS MODES   STORAGECLASS   VOLUMEATTRIBUTESCLASS   AGE\n".to_owned();
                for i in 0..self.claims.len() {
                    out += &format!("data-nginx-ss-{i}   Bound    pvc-84bfa9ff-eaa8-4152-b102-aaa094cd52f{i}   1Gi        RWO            standard       <unset>                 4s\n");
                }
                (Stream::Stdout, out)
            }
            ["seq", n] => (Stream::Stdout, (1..=n.parse().unwrap_or(10)).map(|i: u32| format!("{i}\n")).collect()),
            [] => (Stream::Stdout, String::new()),
            [other, ..] => {
                code = 127;
                (Stream::Stderr, format!("sh: {other}: not found\n"))
            }
        };
        self.next_id += 1;
        let block = Block {
            id: self.next_id,
            command: line.into(),
            chunks: if text.is_empty() { vec![] } else { vec![Chunk { stream, text }] },
            exit_code: if self.watch == Some(terminal) { None } else { Some(code) },
            interrupted: false,
            started_ms: self.now as u64,
            dropped_lines: 0,
        };
        self.blocks.push((terminal, Rc::new(block)));
    }

    pub fn interrupt(&mut self, terminal: TerminalId) {
        if self.watch == Some(terminal) {
            self.watch = None;
            for (t, b) in &mut self.blocks {
                if *t == terminal && b.exit_code.is_none() {
                    let mut block = (**b).clone();
                    block.exit_code = Some(130);
                    block.interrupted = true;
                    *b = Rc::new(block);
                }
            }
            self.revision += 1;
        }
    }

    pub fn clear(&mut self, terminal: TerminalId) {
        self.blocks.retain(|(t, b)| *t != terminal || b.exit_code.is_none());
        self.revision += 1;
    }

    pub fn terminal(&self, terminal: TerminalId) -> Option<TerminalView> {
        let blocks: Vec<_> = self.blocks.iter().filter(|(t, _)| *t == terminal).map(|(_, b)| b.clone()).collect();
        let prompt = if self.watch == Some(terminal) { PromptState::Running } else { PromptState::Ready };
        self.terminals().contains(&terminal).then_some(TerminalView { id: terminal, prompt, blocks })
    }

    pub fn complete(&self, _: TerminalId, line: &str, cursor: usize, files: &Files) -> Completion {
        let before = line.get(..cursor).unwrap_or(line);
        let from = before.rfind(' ').map_or(0, |i| i + 1);
        let word = &before[from..];
        let mut candidates: Vec<Candidate> = ["kubectl", "get", "apply", "describe", "delete", "scale", "pods", "pvc", "statefulset"]
            .iter()
            .filter(|c| c.starts_with(word))
            .map(|c| Candidate { text: (*c).into(), kind: CandidateKind::Command })
            .collect();
        candidates.extend(
            files.iter().filter(|(n, _)| n.starts_with(word)).map(|(n, _)| Candidate { text: n.into(), kind: CandidateKind::File }),
        );
        Completion { from, candidates }
    }

    pub fn time(&self) -> TimeView {
        let next = self.next();
        TimeView {
            now_ms: self.now as u64,
            paused: self.paused,
            speed: self.speed(),
            quiet: next.is_none(),
            next: next.map(|(at_ms, _, pod, stage)| NextEvent {
                at_ms,
                kind: match stage {
                    0 => NextEventKind::Schedule { pod },
                    1 => NextEventKind::Start { pod },
                    2 => NextEventKind::Ready { pod },
                    _ => NextEventKind::Remove { pod },
                },
            }),
        }
    }

    pub fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
        self.revision += 1;
    }

    pub fn set_speed(&mut self, speed: f64) {
        self.speed = speed;
        self.revision += 1;
    }

    fn next(&self) -> Option<(u64, usize, String, u32)> {
        self.pods
            .iter()
            .enumerate()
            .filter(|(_, p)| p.dying || p.stage < 3)
            .map(|(i, p)| (p.next_ms, i, format!("nginx-ss-{}", p.ordinal), if p.dying { 9 } else { p.stage }))
            .min()
    }

    fn sync(&mut self) {
        let Some(replicas) = self.replicas else { return };
        if self.pods.iter().any(|p| p.dying || p.stage < 3) {
            return;
        }
        let have = self.pods.len() as u32;
        let now = self.now as u64;
        if have < replicas {
            self.next_id += 1;
            self.pods.push(Pod { ordinal: have, uid: self.next_id as u32, stage: 0, next_ms: now + STAGE_MS, dying: false, changed: true });
            if self.claims.len() as u32 <= have {
                self.claims.push(Claim { bound_ms: now + STAGE_MS, changed: true });
            }
            self.event("StatefulSet", "nginx-ss", "SuccessfulCreate", &format!("create Pod nginx-ss-{have} in StatefulSet nginx-ss successful"));
        } else if have > replicas {
            if let Some(last) = self.pods.last_mut() {
                last.dying = true;
                last.changed = true;
                last.next_ms = now + 2 * STAGE_MS;
            }
            self.event("StatefulSet", "nginx-ss", "SuccessfulDelete", &format!("delete Pod nginx-ss-{} in StatefulSet nginx-ss successful", have - 1));
        }
    }

    pub fn step_one(&mut self) -> Work {
        self.revision += 1;
        self.sync();
        if let Some((at, index, name, _)) = self.next() {
            self.now = self.now.max(at as f64);
            let pod = &mut self.pods[index];
            if pod.dying {
                self.pods.remove(index);
            } else {
                pod.stage += 1;
                pod.changed = true;
                pod.next_ms = at + STAGE_MS;
                let reason = ["Scheduled", "Pulled", "Started"][(pod.stage - 1).min(2) as usize];
                self.event("Pod", &name, reason, &format!("{reason} {name} on node-1"));
            }
            self.sync();
            return Work { events: 1, more: true };
        }
        Work::default()
    }

    pub fn run_until_quiet(&mut self, max_events: u32) -> Work {
        let mut work = Work::default();
        while work.events < max_events {
            if self.step_one().events == 0 {
                return work;
            }
            work.events += 1;
        }
        work.more = true;
        work
    }

    pub fn advance(&mut self, wall_ms: f64, _: u32) -> Work {
        let mut work = Work::default();
        if self.paused {
            return work;
        }
        let target = self.now + wall_ms * self.speed();
        self.sync();
        while self.next().is_some_and(|(at, ..)| (at as f64) <= target) {
            self.step_one();
            work.events += 1;
        }
        self.now = target;
        work
    }

    fn pod_view(&self, pod: &Pod) -> PodView {
        let (status, meaning, state) = match (pod.dying, pod.stage) {
            (true, _) => ("Terminating", Meaning::Gone, ContainerState::Ready),
            (_, 0) => ("Pending", Meaning::Waiting, ContainerState::Waiting),
            (_, 1) => ("ContainerCreating", Meaning::Progress, ContainerState::Waiting),
            (_, 2) => ("Running", Meaning::Progress, ContainerState::Running),
            _ => ("Running", Meaning::Ready, ContainerState::Ready),
        };
        PodView {
            object: ObjectRef::namespaced("Pod", "default", &format!("nginx-ss-{}", pod.ordinal)),
            uid: pod.uid.to_string(),
            status: status.into(),
            meaning,
            terminating: pod.dying,
            ready_containers: u32::from(state == ContainerState::Ready),
            containers: vec![ContainerView { name: "nginx".into(), image: "nginx:1.21".into(), state }],
            restarts: 0,
            node: (pod.stage > 0).then(|| ObjectRef::cluster_wide("Node", &format!("node-{}", pod.ordinal % 3 + 1))),
            ip: (pod.stage > 1).then(|| format!("10.244.{}.{}", pod.ordinal % 3 + 1, pod.uid + 1)),
            changed: pod.changed,
        }
    }

    fn place(&self, ordinal: u32) -> PlaceView {
        let wanted = ordinal < self.replicas.unwrap_or(3);
        let pod = self.pods.iter().find(|p| p.ordinal == ordinal).map(|p| self.pod_view(p));
        let claim = self.claims.get(ordinal as usize).map(|c| {
            let bound = c.bound_ms <= self.now as u64;
            let kept = !wanted && pod.is_none();
            let meaning = if kept { Meaning::Gone } else if bound { Meaning::Ready } else { Meaning::Progress };
            ClaimView {
                object: ObjectRef::namespaced("PersistentVolumeClaim", "default", &format!("data-nginx-ss-{ordinal}")),
                phase: if bound { "Bound" } else { "Pending" }.into(),
                meaning,
                capacity: "1Gi".into(),
                access_modes: "RWO".into(),
                storage_class: "standard".into(),
                kept,
                volume: bound.then(|| VolumeView {
                    object: ObjectRef::cluster_wide("PersistentVolume", &format!("pvc-84bfa9ff-eaa8-4152-b102-aaa094cd52f{ordinal}")),
                    phase: "Bound".into(),
                    meaning,
                    capacity: "1Gi".into(),
                    storage_class: "standard".into(),
                    reclaim_policy: "Delete".into(),
                    file_count: Some(0),
                    changed: c.changed,
                }),
                changed: c.changed,
                why: kept.then_some(Why::KeptByRetentionPolicy),
            }
        });
        let why = match &pod {
            Some(p) if p.terminating => Some(Why::Terminating { grace_period_s: 30 }),
            Some(p) if p.meaning == Meaning::Progress => Some(Why::Starting),
            Some(p) if p.meaning == Meaning::Waiting => Some(Why::NotScheduled { message: String::new() }),
            Some(_) => None,
            None if self.replicas.is_none() => Some(Why::NotApplied { file: "statefulset.yaml".into() }),
            None if wanted => Some(Why::PreviousNotReady { pod: format!("nginx-ss-{}", ordinal.saturating_sub(1)) }),
            None => Some(Why::KeptByRetentionPolicy),
        };
        PlaceView {
            ordinal,
            pod_name: format!("nginx-ss-{ordinal}"),
            wanted,
            meaning: pod.as_ref().map_or(if wanted { Meaning::Waiting } else { Meaning::Gone }, |p| p.meaning),
            pod,
            claims: vec![ClaimPlace { name: format!("data-nginx-ss-{ordinal}"), claim }],
            why,
        }
    }

    pub fn set_views(&self, first: u32, count: u32) -> Vec<SetView> {
        let replicas = self.replicas.unwrap_or(3);
        let total = replicas.max(self.claims.len() as u32);
        vec![SetView {
            source: if self.replicas.is_some() { SetSource::Cluster } else { SetSource::File { file: "statefulset.yaml".into() } },
            object: ObjectRef::namespaced("StatefulSet", "default", "nginx-ss"),
            replicas,
            ready: self.pods.iter().filter(|p| p.stage == 3 && !p.dying).count() as u32,
            service_name: "my-headless-svc".into(),
            service: self.service.then(|| ObjectRef::namespaced("Service", "default", "my-headless-svc")),
            pod_management_policy: "OrderedReady".into(),
            strip: (0..total.min(24)).map(|i| self.place(i).meaning).collect(),
            place_count: total,
            places: (first..total.min(first.saturating_add(count))).map(|i| self.place(i)).collect(),
            changed: false,
            why: None,
        }]
    }

    pub fn dns_view(&self, _: u32) -> DnsView {
        let domain = "my-headless-svc.default.svc.cluster.local".to_owned();
        let mut records = Vec::new();
        for p in &self.pods {
            let v = self.pod_view(p);
            let Some(ip) = v.ip.clone() else { continue };
            let ready = v.meaning == Meaning::Ready;
            let pod = v.object.name.clone();
            let why = |w: RecordWhy| if ready { w } else { RecordWhy::NotReady { pod: pod.clone() } };
            for (name, w) in [
                (domain.clone(), RecordWhy::ReadyEndpoint { pod: pod.clone() }),
                (format!("{pod}.{domain}"), RecordWhy::PodHostname { pod: pod.clone() }),
            ] {
                records.push(RecordView {
                    name,
                    record_type: "A".into(),
                    data: ip.clone(),
                    ready,
                    published: ready,
                    why: why(w),
                    pod: Some(v.object.clone()),
                    changed: p.changed,
                });
            }
        }
        records.sort_by(|a, b| (&a.name, &a.data).cmp(&(&b.name, &b.data)));
        let headless = ZoneView {
            service: ObjectRef::namespaced("Service", "default", "my-headless-svc"),
            domain,
            headless: true,
            selector: "app=nginx-ss".into(),
            record_count: records.len() as u32,
            records,
            changed: false,
        };
        DnsView {
            cluster_domain: "cluster.local".into(),
            server: "10.96.0.10".into(),
            zones: if self.service { vec![headless] } else { vec![] },
        }
    }

    pub fn pod_names(&self) -> Vec<String> {
        self.pods.iter().map(|p| format!("nginx-ss-{}", p.ordinal)).collect()
    }

    pub fn resolve(&self, from_pod: Option<&str>, name: &str) -> ResolveView {
        let search: Vec<String> = ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"].map(String::from).into();
        let mut attempts = Vec::new();
        let mut answers = Vec::new();
        for s in &search {
            let query = format!("{name}.{s}");
            let found: Vec<String> = self.dns_view(99).zones.iter().flat_map(|z| z.records.clone()).filter(|r| r.name == query && r.published).map(|r| r.data).collect();
            if found.is_empty() {
                attempts.push(Attempt { query, outcome: AttemptOutcome::NxDomain });
            } else {
                attempts.push(Attempt { query, outcome: AttemptOutcome::Answer { records: found.iter().map(|a| format!("A {a}")).collect() } });
                answers = found;
                break;
            }
        }
        ResolveView { name: name.into(), from_pod: from_pod.map(String::from), server: "10.96.0.10".into(), search, ndots: 5, attempts, answers }
    }

    pub fn events_view(&self) -> Vec<EventRow> {
        self.events.clone()
    }

    pub fn object_yaml(&self, object: &ObjectRef) -> Option<String> {
        Some(format!(
            "apiVersion: v1\nkind: {}\nmetadata:\n  name: {}\n  namespace: default\n  uid: 84bfa9ff-eaa8-4152-b102-aaa094cd52f8\nspec:\n  containers:\n  - image: nginx:1.21\n    name: nginx\nstatus:\n  phase: Running\n",
            object.kind, object.name
        ))
    }
}
