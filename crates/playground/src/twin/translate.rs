//! What was meant for a StatefulSet, said to a ReplicaSet.

use petset_cluster::store::Store;
use petset_cluster::{Kind, Object};
use serde_json::{Map, Value, json};

/// What of a StatefulSet's spec a ReplicaSet has too.
const SHARED_FIELDS: [&str; 4] = ["replicas", "minReadySeconds", "selector", "template"];

/// Words of a command line that name the kind, with what takes their place.
const KIND_WORDS: [(&str, &str); 6] = [
    ("sts", "rs"),
    ("statefulset", "replicaset"),
    ("statefulsets", "replicasets"),
    ("statefulset.apps", "replicaset.apps"),
    ("statefulsets.apps", "replicasets.apps"),
    ("StatefulSet", "ReplicaSet"),
];

/// A manifest with each StatefulSet turned into a ReplicaSet with the same template. What claim templates would have made
/// for each pod becomes one claim for all, written out before the set: a pod template can only name a claim that exists,
/// and it names the same one in every pod. Other documents stay as they are; so does a text that cannot be read.
pub(crate) fn manifest(text: &str) -> String {
    if !text.contains("StatefulSet") {
        return text.to_owned();
    }
    let (documents, errors) = petset_manifest::read(text);
    if !errors.is_empty() {
        return text.to_owned();
    }
    let mut parts = Vec::new();
    for document in documents {
        if document.value.get("kind").and_then(Value::as_str) == Some("StatefulSet") {
            let all = replica_set(&document.value);
            parts.extend(all.iter().map(petset_manifest::to_yaml));
        } else {
            parts.push(format!("{}\n", document.text.trim_matches('\n')));
        }
    }
    parts.join("---\n")
}

/// The claims and the ReplicaSet for a StatefulSet.
fn replica_set(set: &Value) -> Vec<Value> {
    let metadata = set.get("metadata").cloned().unwrap_or_default();
    let name = metadata.get("name").and_then(Value::as_str).unwrap_or("");
    let empty = Map::new();
    let old = set.get("spec").and_then(Value::as_object).unwrap_or(&empty);
    let mut spec = Map::new();
    for field in SHARED_FIELDS {
        if let Some(value) = old.get(field) {
            spec.insert(field.to_owned(), value.clone());
        }
    }
    let mut all = Vec::new();
    let templates = old.get("volumeClaimTemplates").and_then(Value::as_array);
    for template in templates.into_iter().flatten() {
        let volume = template.pointer("/metadata/name").and_then(Value::as_str);
        let volume = volume.unwrap_or("");
        let claim = format!("{volume}-{name}");
        all.push(shared_claim(template, &claim, metadata.get("namespace")));
        mount(&mut spec, volume, &claim);
    }
    all.push(
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}),
    );
    all
}

fn shared_claim(template: &Value, name: &str, namespace: Option<&Value>) -> Value {
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), name.into());
    if let Some(namespace) = namespace {
        metadata.insert("namespace".to_owned(), namespace.clone());
    }
    let spec = template.get("spec").cloned().unwrap_or_default();
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec})
}

/// Adds the claim to the volumes of the pod template.
fn mount(spec: &mut Map<String, Value>, volume: &str, claim: &str) {
    let pod = spec.get_mut("template").and_then(|t| t.get_mut("spec"));
    let Some(pod) = pod.and_then(Value::as_object_mut) else {
        return;
    };
    let entry = json!({"name": volume, "persistentVolumeClaim": {"claimName": claim}});
    match pod.get_mut("volumes").and_then(Value::as_array_mut) {
        Some(volumes) => volumes.push(entry),
        None => {
            pod.insert("volumes".to_owned(), Value::Array(vec![entry]));
        }
    }
}

/// A command line for the twin: the kind's words, and the names that a StatefulSet gives by ordinal. `stands_for` knows the
/// pod that stands in the place of an ordinal. Everything else stays as it was typed.
pub(crate) fn line(
    line: &str,
    store: &Store,
    stands_for: impl Fn(&str, u32) -> Option<String>,
) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in line.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            word.push(c);
            continue;
        }
        out.push_str(&one_word(&word, store, &stands_for));
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

fn one_word(
    word: &str,
    store: &Store,
    stands_for: &impl Fn(&str, u32) -> Option<String>,
) -> String {
    if let Some((_, other)) = KIND_WORDS.iter().find(|(kind, _)| *kind == word) {
        return (*other).to_owned();
    }
    let Some((parent, ordinal)) = ordinal_name(word) else {
        return word.to_owned();
    };
    if let Some(pod) = stands_for(parent, ordinal) {
        return pod;
    }
    let mut claims = store.list(Kind::PersistentVolumeClaim, None);
    match claims.any(|claim| claim.name() == parent) {
        true => parent.to_owned(),
        false => word.to_owned(),
    }
}

/// `web-2` as `web` and 2.
pub(crate) fn ordinal_name(word: &str) -> Option<(&str, u32)> {
    let (parent, ordinal) = word.rsplit_once('-')?;
    let plain = !parent.is_empty() && ordinal.bytes().all(|byte| byte.is_ascii_digit());
    plain.then_some(())?;
    Some((parent, ordinal.parse().ok()?))
}

/// A here-document that a line begins, as the word that ends it.
pub(crate) fn here_document(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("<<")?;
    let word = rest.trim_start_matches('-').split_whitespace().next()?;
    let end = word.trim_matches(['\'', '"']);
    (!end.is_empty() && !rest.starts_with('<')).then(|| end.to_owned())
}

/// The controller of a pod, if it is of `kind`.
pub(crate) fn controller<'a>(object: &'a Object, kind: &str) -> Option<&'a str> {
    let mut owners = object.meta().owner_references.iter().flatten();
    let owner = owners.find(|owner| owner.controller == Some(true))?;
    (owner.kind == kind).then_some(owner.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::{here_document, line, manifest};
    use petset_cluster::store::Store;

    #[test]
    fn a_set_becomes_a_replica_set_with_one_claim_for_all() {
        let text = "kind: Service\nmetadata: {name: db}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web}\nspec:\n  serviceName: db\n  replicas: 2\n  template:\n    spec:\n      containers: [{name: c, image: nginx}]\n  volumeClaimTemplates:\n  - metadata: {name: data}\n    spec: {accessModes: [ReadWriteOnce]}\n";
        assert_eq!(
            manifest(text),
            "kind: Service\nmetadata: {name: db}\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data-web\nspec:\n  accessModes:\n  - ReadWriteOnce\n---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata:\n  name: web\nspec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n      - image: nginx\n        name: c\n      volumes:\n      - name: data\n        persistentVolumeClaim:\n          claimName: data-web\n"
        );
        for same in ["", "kind: [StatefulSet", "# StatefulSet\nkind: Pod\n"] {
            assert_eq!(manifest(same), same);
        }
    }

    #[test]
    fn lines_name_the_other_kind_and_the_pod_in_the_same_place() {
        let stands_for = |set: &str, ordinal| (set == "web").then(|| format!("web-x{ordinal}"));
        let cases = [
            ("kubectl get sts,pods", "kubectl get rs,pods"),
            (
                "kubectl scale statefulset/web --replicas=2",
                "kubectl scale replicaset/web --replicas=2",
            ),
            (
                "kubectl delete pod web-1 db-1",
                "kubectl delete pod web-x1 db-1",
            ),
            (
                "kubectl apply -f statefulset.yaml",
                "kubectl apply -f statefulset.yaml",
            ),
            ("nslookup web-0.nginx", "nslookup web-0.nginx"),
            ("", ""),
        ];
        for (given, expected) in cases {
            assert_eq!(line(given, &Store::default(), stands_for), expected);
        }
    }

    #[test]
    fn here_documents_are_found_by_the_word_that_ends_them() {
        let cases = [
            ("kubectl apply -f - <<EOF", Some("EOF")),
            ("cat <<-'END' > a.yaml", Some("END")),
            ("cat <<< text", None),
            ("kubectl get pods", None),
        ];
        for (given, expected) in cases {
            assert_eq!(here_document(given).as_deref(), expected, "{given}");
        }
    }
}
