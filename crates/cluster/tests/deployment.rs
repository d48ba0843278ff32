//! The ReplicaSet and Deployment controllers alone: no node exists, so nothing runs unless the script says so.

#[path = "deployment/cases.rs"]
mod cases;
#[path = "deployment/stage.rs"]
mod stage;

use cases::CASES;
use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::Pod;
use stage::Stage;

#[test]
fn scripts() {
    let mut failures = Vec::new();
    for (name, script) in CASES {
        let mut stage = Stage::new();
        for line in script.lines().map(str::trim_start) {
            if let Some(question) = line.strip_prefix("? ") {
                let (view, expected) = question.split_once(' ').unwrap_or((question, ""));
                let shown = stage.show(view);
                if shown != expected.trim() {
                    failures.push(format!("{name}\n  {line}\n  but: {shown}"));
                    break;
                }
            } else if !line.is_empty() {
                stage.act(line);
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

/// S-WRK-01 and S-WRK-02.
#[test]
fn names_labels_and_selectors() {
    let mut stage = Stage::new();
    stage.act("deploy {\"spec\":{\"replicas\":2}}");
    let sets = stage.list::<ReplicaSet>();
    let [set] = sets.as_slice() else {
        panic!("{sets:?}")
    };
    let name = set.metadata.name.clone().unwrap();
    let hash = name.strip_prefix("web-").unwrap().to_owned();
    assert!(
        hash.bytes().all(|letter| b"456789bcdf".contains(&letter)),
        "{hash}"
    );
    let label = |labels: &Option<std::collections::BTreeMap<String, String>>| {
        labels.as_ref().unwrap().get("pod-template-hash").cloned()
    };
    assert_eq!(label(&set.metadata.labels), Some(hash.clone()));
    let spec = set.spec.as_ref().unwrap();
    assert_eq!(label(&spec.selector.match_labels), Some(hash.clone()));
    let pods = stage.list::<Pod>();
    assert_eq!(pods.len(), 2);
    for pod in pods {
        assert_eq!(label(&pod.metadata.labels), Some(hash.clone()));
        let pod_name = pod.metadata.name.unwrap();
        let suffix = pod_name.strip_prefix(&format!("{name}-")).unwrap();
        assert_eq!(suffix.len(), 5);
        let safe = b"bcdfghjklmnpqrstvwxz2456789";
        assert!(
            suffix.bytes().all(|letter| safe.contains(&letter)),
            "{suffix}"
        );
    }
}
