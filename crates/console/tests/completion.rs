//! What the Tab key offers.

use petset_cluster::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
use petset_cluster::{Cluster, Config};
use petset_console::Files;
use petset_console::completion::complete;
use std::sync::Arc;

struct NoImages;

impl Runtime for NoImages {
    fn image(&self, reference: &str) -> ImageLookup {
        ImageLookup::NotFound {
            message: reference.to_owned(),
        }
    }

    fn start(
        &self,
        _image: &ImageInfo,
        _argv: &[String],
        _tty: bool,
    ) -> Result<Box<dyn Process>, StartError> {
        Err(StartError {
            message: "nothing runs here".to_owned(),
            exit_code: 127,
        })
    }
}

#[test]
fn offers_what_fits() {
    let cluster = Cluster::new(Config::default(), Arc::new(NoImages));
    let files = Files::from([
        ("web.yaml".to_owned(), String::new()),
        (".kube/namespace".to_owned(), String::new()),
    ]);
    // The line up to the cursor, and the first two of what is offered.
    let cases: &[(&str, &[&str])] = &[
        ("", &["cat", "clear"]),
        ("kube", &["kubectl"]),
        ("kubectl ", &["create", "expose"]),
        ("kubectl sc", &["scale"]),
        ("kubectl rollout h", &["history"]),
        ("kubectl get statefuls", &["statefulsets"]),
        ("kubectl get pods,sv", &["pods,svc"]),
        ("kubectl get node ", &["node-1", "node-2"]),
        ("kubectl get node node-1 ", &["node-2", "node-3"]),
        ("kubectl describe node/node-3", &["node/node-3"]),
        ("kubectl apply -f ", &["web.yaml"]),
        ("kubectl apply --filename=w", &["--filename=web.yaml"]),
        ("kubectl get pods -n kube-s", &["kube-system"]),
        ("kubectl get pods --show-l", &["--show-labels"]),
        ("kubectl get pods -o y", &["yaml"]),
        ("for i in 1 2; do kubectl get no", &["nodes", "no"]),
        ("kubectl expose service kub", &["kubernetes"]),
        ("k edit svc kub", &["kubernetes"]),
        ("kubectl top node ", &["node-1"]),
        ("kubectl taint nodes node-", &["node-2"]),
        ("cat w", &["web.yaml"]),
        ("kubectl exec web-0 -- l", &[]),
        ("nothing of the kind ", &[]),
    ];
    for (line, expected) in cases {
        let found: Vec<String> = complete(line, line.len(), &cluster, &files)
            .into_iter()
            .map(|candidate| candidate.text)
            .collect();
        for text in expected.iter() {
            assert!(
                found.iter().any(|f| f == text),
                "{line:?}: {text} not in {found:?}"
            );
        }
        assert!(
            !expected.is_empty() || found.is_empty(),
            "{line:?}: {found:?}"
        );
    }
}

/// kubectl's own words, as `kubectl __complete` prints them.
#[test]
fn commands_are_described() {
    let cluster = Cluster::new(Config::default(), Arc::new(NoImages));
    let table = [
        ("kubectl ge", "get: Display one or many resources"),
        ("kubectl rollout h", "history: View rollout history"),
        (
            "kubectl rollout p",
            "pause: Mark the provided resource as paused",
        ),
    ];
    for (line, expected) in table {
        let found = complete(line, line.len(), &cluster, &Files::new());
        let told: Vec<String> = found
            .iter()
            .map(|one| format!("{}: {}", one.text, one.description))
            .collect();
        assert_eq!(told, [expected], "{line}");
    }
}
