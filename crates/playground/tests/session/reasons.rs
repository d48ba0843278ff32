//! Why? Each row does something, looks at an object and expects answers: reason, values, things that lack something.

use super::learner::Learner;
use petset_playground::Session;
use petset_playground::text::Language;
use petset_playground::text::reasons::say;
use petset_playground::view::{ObjectRef, ReasonView};

pub const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: NAME, labels: {app: x}}
spec:
  containers:
  - {name: c, image: nginx}
";

pub const SET: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: c, image: nginx}
";

pub const CLAIM: &str = "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
";

pub const VOLUME: &str = "apiVersion: v1
kind: PersistentVolume
metadata: {name: small}
spec:
  accessModes: [ReadOnlyMany]
  capacity: {storage: 100Mi}
  storageClassName: slow
  hostPath: {path: /tmp/small}
";

pub const SERVICE: &str = "kubectl create service clusterip web --clusterip=None";

pub const APPLY: &str = "kubectl apply -f s.yaml";

pub const DEPLOY: &str = "kubectl create deployment d --image=nginx --replicas=2";

pub const BROKEN: &str = "kubectl run d --image=nginx:none-such --labels=app=d";

pub const USER: &str = "kubectl run p --image=nginx --overrides='{\"spec\":{\"volumes\":[{\"name\":\"v\",\"persistentVolumeClaim\":{\"claimName\":\"data\"}}],\"containers\":[{\"name\":\"p\",\"image\":\"nginx\",\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/d\"}]}]}}'";

/// `text` with `more` at its end, under the name `name`.
pub fn pod(name: &str, more: &str) -> String {
    format!("{}{more}", POD.replace("NAME", name))
}

pub fn set(from: &str, to: &str) -> String {
    assert!(SET.contains(from), "{from}");
    SET.replace(from, to)
}

/// The answers in short: `Reason(values) [object: Lack(values)] -> next $ command`.
fn short(view: &ReasonView) -> String {
    let mut text = format!("{:?}({})", view.reason, view.values.join(", "));
    for lack in &view.lacks {
        let name = lack.object.as_ref().map_or("", |object| &object.name);
        text.push_str(&format!(
            " [{name}: {:?}({})]",
            lack.lack,
            lack.values.join(", ")
        ));
    }
    if let Some(next) = &view.next {
        text.push_str(&format!(" -> {}", next.name));
    }
    if let Some(command) = &view.command {
        text.push_str(&format!(" $ {command}"));
    }
    text
}

pub struct Row {
    files: Vec<(&'static str, String)>,
    /// Commands; `wait SECONDS` lets virtual time pass instead.
    lines: &'static [&'static str],
    object: &'static str,
    expected: &'static [&'static str],
}

pub fn check_all(rows: &[Row]) {
    let wrong: Vec<String> = rows.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a row.
fn check(row: &Row) -> Option<String> {
    let files = row.files.iter();
    let files = files.map(|(name, text)| ((*name).to_owned(), text.clone()));
    let mut learner = Learner::new(Session::new(1, files));
    learner.session.set_speed(100.0);
    for line in row.lines {
        match line.strip_prefix("wait ") {
            Some(seconds) => learner.wait_ms(seconds.parse::<u32>().unwrap() * 10),
            None => {
                let block = learner.run(line);
                assert_eq!(block.exit_code, Some(0), "{line}: {block:?}");
            }
        }
    }
    let (kind, name) = row.object.split_once('/').unwrap();
    let object = match kind {
        "PersistentVolume" | "Node" | "Namespace" => ObjectRef::cluster_wide(kind, name),
        _ => ObjectRef::namespaced(kind, "default", name),
    };
    let answers = learner.session.reasons(&object);
    let found: Vec<String> = answers.iter().map(short).collect();
    for answer in &answers {
        for language in Language::ALL {
            let chain = (language.texts().reasons.chain)(answer.reason);
            let said = say(chain.holds, &answer.values);
            assert!(!said.contains('{'), "{said}");
        }
    }
    let (about, lines, expected) = (row.object, row.lines, row.expected);
    (found != expected).then(|| format!("{about} after {lines:?}\n  {found:?}\n  {expected:?}"))
}

pub fn row(
    files: Vec<(&'static str, String)>,
    lines: &'static [&'static str],
    object: &'static str,
    expected: &'static [&'static str],
) -> Row {
    Row {
        files,
        lines,
        object,
        expected,
    }
}
