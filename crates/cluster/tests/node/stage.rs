//! A cluster with programs that are simple enough to be checked: the stage of these tests.

use petset_cluster::api::{Body, Reply, Request, Subresource, Verb};
use petset_cluster::kubelet::process::{
    ImageInfo, ImageLookup, Process, Runtime, StartError, Step, Wake, World,
};
use petset_cluster::network::http::{HttpRequest, HttpResponse};
use petset_cluster::storage::Errno;
use petset_cluster::store::{Change, ChangeType};
use petset_cluster::{Cluster, Config, Duration, Kind, Object};
use serde_json::Value;
use std::sync::Arc;

/// Images whose programs are named by their first argument.
struct Programs;

/// `serve`: an HTTP server on port 80 that ends when it is asked to. `stubborn`: one that does not end. `exit N`: ends at
/// once. `sleep N`: ends after N seconds. `take N`: takes N MiB of memory. `slow`: ends a second after it was asked to.
/// `tell TEXT`: says it and fails. `read PATH`, `write PATH TEXT`, `get HOST`: say what came of it.
#[derive(Clone)]
struct Program(Vec<String>);

impl Runtime for Programs {
    fn image(&self, reference: &str) -> ImageLookup {
        if reference.starts_with("nosuch/") {
            let message = format!(
                "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/{reference}\": failed to resolve image: docker.io/{reference}: not found"
            );
            return ImageLookup::NotFound { message };
        }
        ImageLookup::Found(Arc::new(ImageInfo {
            full_name: format!("docker.io/library/{reference}"),
            digest: "sha256:00".to_owned(),
            size_bytes: 50 << 20,
            cmd: vec!["serve".to_owned()],
            known: true,
            files: [(
                "/usr/share/nginx/html/index.html".to_owned(),
                b"welcome".to_vec(),
            )]
            .into(),
            ..ImageInfo::default()
        }))
    }

    fn start(
        &self,
        _image: &ImageInfo,
        argv: &[String],
        _tty: bool,
    ) -> Result<Box<dyn Process>, StartError> {
        let known = [
            "serve", "stubborn", "exit", "sleep", "read", "write", "get", "cat", "take", "slow",
            "tell",
        ];
        let name = argv.first().map_or("", String::as_str);
        if !known.contains(&name) {
            return Err(StartError {
                message: format!("exec: \"{name}\": executable file not found in $PATH"),
                exit_code: 127,
            });
        }
        Ok(Box::new(Program(argv.to_vec())))
    }
}

impl Program {
    fn number(&self) -> u64 {
        self.0
            .get(1)
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
    }

    fn text(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }

    fn file(&self, result: Result<String, Errno>, world: &mut World<'_>) -> Step {
        match result {
            Ok(text) => {
                world.stdout.push_str(&text);
                Step::Exit(0)
            }
            Err(error) => {
                let line = format!("{}: {}\n", self.text(1), error.message());
                world.stderr.push_str(&line);
                Step::Exit(1)
            }
        }
    }
}

impl Process for Program {
    fn resume(&mut self, wake: Wake, world: &mut World<'_>) -> Step {
        match (self.text(0), wake) {
            ("serve", Wake::Signal(_)) => Step::Exit(0),
            ("serve" | "stubborn", _) => Step::Wait,
            ("tell", _) => {
                world.stdout.push_str(self.text(1));
                Step::Exit(1)
            }
            ("take", _) => {
                world.host.allocate(self.number() << 20);
                Step::Wait
            }
            // Needs a second after it was asked to end, and ends with 3.
            ("slow", Wake::Signal(_)) => Step::SleepUntil(world.now + Duration::secs(1)),
            ("slow", Wake::Due) => Step::Exit(3),
            ("slow", _) => Step::Wait,
            ("exit", _) => Step::Exit(i32::try_from(self.number()).unwrap_or(0)),
            ("sleep", Wake::Started) => {
                world.stdout.push_str("hi\n");
                Step::SleepUntil(world.now + Duration::secs(self.number()))
            }
            ("sleep", Wake::InputClosed) => {
                Step::SleepUntil(world.now + Duration::secs(self.number()))
            }
            ("sleep", _) => Step::Exit(i32::try_from(self.text(2).len()).unwrap_or(0)),
            ("cat", Wake::Input(text)) => {
                world.stdout.push_str(&text);
                Step::Wait
            }
            ("cat", Wake::InputClosed) => Step::Exit(0),
            ("read", _) => {
                let read = world.fs().read(self.text(1));
                self.file(
                    read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
                    world,
                )
            }
            ("write", _) => {
                let written = world.fs().write(self.text(1), self.text(2).as_bytes());
                self.file(written.map(|()| String::new()), world)
            }
            ("get", _) => {
                let request = HttpRequest {
                    method: "GET".to_owned(),
                    host: self.text(1).to_owned(),
                    port: 80,
                    path: "/".to_owned(),
                    ..HttpRequest::default()
                };
                match world.http(&request) {
                    Ok(response) => {
                        world
                            .stdout
                            .push_str(&String::from_utf8_lossy(&response.body));
                        Step::Exit(0)
                    }
                    Err(error) => {
                        world.stderr.push_str(&format!("{error:?}"));
                        Step::Exit(1)
                    }
                }
            }
            _ => Step::Wait,
        }
    }

    fn listening(&self) -> &[u16] {
        if self.text(0) == "serve" { &[80] } else { &[] }
    }

    fn serve(&mut self, _request: &HttpRequest, world: &mut World<'_>) -> Option<HttpResponse> {
        world.stdout.push_str("served\n");
        let hostname = world.hostname.to_owned();
        Some(HttpResponse {
            status: 200,
            body: hostname.into_bytes(),
            ..HttpResponse::default()
        })
    }

    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }
}

/// A cluster and what was done to it.
pub struct Stage {
    pub cluster: Cluster,
    seen: u64,
}

impl Stage {
    /// Three nodes at rest.
    pub fn new() -> Stage {
        Stage::with(Config::default())
    }

    pub fn with(config: Config) -> Stage {
        let cluster = Cluster::new(config, Arc::new(Programs));
        let mut stage = Stage { cluster, seen: 0 };
        stage.settle();
        stage.seen = stage.cluster.store().resource_version();
        stage
    }

    /// Creates the objects of a text of YAML-like JSON values.
    pub fn create(&mut self, object: Value) {
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        let kind = *Kind::ALL
            .iter()
            .find(|known| known.info().kind == kind)
            .expect("a known kind");
        let name = object["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let namespace = if kind.info().namespaced {
            "default"
        } else {
            ""
        };
        let request =
            Request::new(Verb::Create, kind, namespace, &name).with_body(Body::Json(object));
        self.cluster.handle(request).result.expect("created");
    }

    pub fn delete(&mut self, kind: Kind, name: &str) {
        let namespace = if kind.info().namespaced {
            "default"
        } else {
            ""
        };
        let request = Request::new(Verb::Delete, kind, namespace, name);
        self.cluster.handle(request).result.expect("deleted");
    }

    pub fn get(&self, kind: Kind, name: &str) -> Option<Value> {
        let namespace = if kind.info().namespaced {
            "default"
        } else {
            ""
        };
        let key = petset_cluster::Key::new(namespace, name);
        self.cluster
            .store()
            .get(kind, &key)
            .map(|object| object.to_json())
    }

    pub fn update(&mut self, kind: Kind, name: &str, change: impl FnOnce(&mut Value)) {
        self.write(kind, name, None, change);
    }

    pub fn update_status(&mut self, kind: Kind, name: &str, change: impl FnOnce(&mut Value)) {
        self.write(kind, name, Some(Subresource::Status), change);
    }

    fn write(
        &mut self,
        kind: Kind,
        name: &str,
        part: Option<Subresource>,
        change: impl FnOnce(&mut Value),
    ) {
        let mut object = self.get(kind, name).expect("there");
        change(&mut object);
        let namespace = if kind.info().namespaced {
            "default"
        } else {
            ""
        };
        let mut request =
            Request::new(Verb::Update, kind, namespace, name).with_body(Body::Json(object));
        request.subresource = part;
        match self.cluster.handle(request).result.expect("updated") {
            Reply::Object(_) => {}
            other => panic!("{other:?}"),
        }
    }

    /// Lets time pass until nothing happens for two seconds.
    pub fn settle(&mut self) {
        assert!(
            self.cluster
                .run_until_quiet(Duration::secs(2), Duration::secs(600)),
            "never quiet"
        );
    }

    pub fn pass(&mut self, secs: u64) {
        let until = self.cluster.now() + Duration::secs(secs);
        self.cluster.run_until(until);
    }

    /// Runs a command to its end: standard output, standard error, exit code.
    pub fn exec(&mut self, pod: &str, argv: &[&str]) -> (String, String, i32) {
        let argv: Vec<String> = argv.iter().map(|&text| text.to_owned()).collect();
        let id = self
            .cluster
            .exec("default", pod, None, &argv, false, false)
            .expect("started");
        self.settle();
        let progress = self.cluster.exec_poll(id);
        (
            progress.stdout,
            progress.stderr,
            progress.exit.expect("ended"),
        )
    }

    /// A delete with its own grace period.
    pub fn delete_within(&mut self, name: &str, grace: i64) {
        let mut request = Request::new(Verb::Delete, Kind::Pod, "default", name);
        request.options.grace_period_seconds = Some(grace);
        self.cluster.handle(request).result.expect("deleted");
    }

    /// What a write is answered that is refused.
    pub fn refusal(&mut self, verb: Verb, object: Value) -> String {
        let name = object["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let request = Request::new(verb, Kind::Pod, "default", &name).with_body(Body::Json(object));
        self.cluster
            .handle(request)
            .result
            .expect_err("refused")
            .message
    }

    /// The changes since the beginning of the test.
    pub fn changes(&self) -> Vec<Change> {
        let changes = self
            .cluster
            .store()
            .changes_since(self.seen)
            .expect("in the log");
        changes.cloned().collect()
    }

    /// Each write of an object in a few words, made by `tell`.
    pub fn writes(&self, kind: Kind, name: &str, tell: impl Fn(&Value) -> String) -> Vec<String> {
        let of = |change: &Change| change.object.kind() == kind && change.object.name() == name;
        self.changes()
            .iter()
            .filter(|change| of(change))
            .map(|change| match change.change {
                ChangeType::Deleted => "deleted".to_owned(),
                _ => tell(&change.object.to_json()),
            })
            .collect()
    }

    /// The events about an object, in the order of their first appearance: `Normal Started Container started`.
    pub fn events(&self, name: &str) -> Vec<String> {
        let mut events = Vec::new();
        for change in self.changes() {
            if let Object::Event(event) = &*change.object
                && event.involved_object.name.as_deref() == Some(name)
                && change.change == ChangeType::Added
            {
                let part = |text: &Option<String>| text.clone().unwrap_or_default();
                events.push(format!(
                    "{} {} {}",
                    part(&event.type_),
                    part(&event.reason),
                    part(&event.message)
                ));
            }
        }
        events
    }
}
