//! What belongs to an object, and what changed in it last.

use super::reference;
use crate::view::{ChangeView, DiffKind, DiffLine, ObjectRef};
use petset_cluster::store::{Index, Store};
use petset_cluster::{Key, Kind, Object};
use std::sync::Arc;

/// How many related objects are marked.
const RELATED: usize = 200;

/// So many unchanged lines stand around a change.
const CONTEXT: usize = 3;

/// Texts of more lines than this are not compared line by line.
const COMPARED_LINES: usize = 1_500;

fn find<'a>(store: &'a Store, object: &ObjectRef) -> Option<&'a Arc<Object>> {
    let kind = kind_of(object)?;
    store.get(kind, &key_of(object))
}

fn kind_of(object: &ObjectRef) -> Option<Kind> {
    let all = Kind::ALL.iter().copied();
    all.into_iter().find(|kind| kind.info().kind == object.kind)
}

fn key_of(object: &ObjectRef) -> Key {
    Key::new(object.namespace.as_deref().unwrap_or(""), &object.name)
}

/// What belongs to an object: a pod's claims, volumes, node and owner; a claim's pods and volume; a node's pods; what an
/// object owns.
pub(crate) fn related(store: &Store, object: &ObjectRef) -> Vec<ObjectRef> {
    let Some(stored) = find(store, object) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    match &**stored {
        Object::Pod(_) => of_pod(store, stored, &mut all),
        Object::PersistentVolumeClaim(_) => of_claim(store, &stored.key(), &mut all),
        Object::PersistentVolume(volume) => {
            let claim = volume
                .spec
                .as_ref()
                .and_then(|spec| spec.claim_ref.as_ref());
            let name = |text: &Option<String>| text.clone().unwrap_or_default();
            if let Some(claim) = claim {
                let key = Key::new(&name(&claim.namespace), &name(&claim.name));
                if let Some(claim) = store.get(Kind::PersistentVolumeClaim, &key) {
                    all.push(reference(claim));
                }
                of_claim(store, &key, &mut all);
            }
        }
        Object::Node(_) => {
            let pods = store.by_index(Kind::Pod, Index::Node, stored.name());
            all.extend(pods.take(RELATED).map(|pod| reference(pod)));
        }
        Object::Service(service) => {
            let selector = service
                .spec
                .as_ref()
                .and_then(|spec| spec.selector.as_ref());
            let selector: Vec<String> = selector
                .into_iter()
                .flatten()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            if let Some((first, others)) = selector.split_first() {
                let pods = store.by_index(Kind::Pod, Index::Label, first);
                let chosen = pods.filter(|pod| {
                    let labels = pod.meta().labels.iter().flatten();
                    let labels: Vec<String> = labels
                        .map(|(key, value)| format!("{key}={value}"))
                        .collect();
                    pod.namespace() == stored.namespace()
                        && others.iter().all(|other| labels.contains(other))
                });
                all.extend(chosen.take(RELATED).map(|pod| reference(pod)));
            }
        }
        _ => {
            for kind in [
                Kind::ReplicaSet,
                Kind::Job,
                Kind::ControllerRevision,
                Kind::Pod,
                Kind::PersistentVolumeClaim,
            ] {
                let owned = store.by_index(kind, Index::OwnerUid, stored.uid());
                all.extend(owned.take(RELATED).map(|object| reference(object)));
            }
        }
    }
    all.retain(|other| other != object);
    all.truncate(RELATED);
    all
}

fn of_pod(store: &Store, stored: &Object, all: &mut Vec<ObjectRef>) {
    let Object::Pod(pod) = stored else { return };
    let mut owners = stored.meta().owner_references.iter().flatten();
    if let Some(owner) = owners.find(|owner| owner.controller == Some(true)) {
        all.push(ObjectRef::namespaced(
            &owner.kind,
            stored.namespace(),
            &owner.name,
        ));
    }
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
    if let Some(node) = node.filter(|name| !name.is_empty()) {
        all.push(ObjectRef::cluster_wide("Node", node));
    }
    for claim in petset_cluster::storage::claim_names(pod) {
        let key = Key::new(stored.namespace(), &claim);
        if let Some(claim) = store.get(Kind::PersistentVolumeClaim, &key) {
            all.push(reference(claim));
            all.extend(volume_of(claim));
        }
    }
}

fn of_claim(store: &Store, key: &Key, all: &mut Vec<ObjectRef>) {
    if let Some(claim) = store.get(Kind::PersistentVolumeClaim, key) {
        all.extend(volume_of(claim));
    }
    let value = format!("{}/{}", key.namespace(), key.name());
    let pods = store.by_index(Kind::Pod, Index::Claim, &value);
    all.extend(pods.take(RELATED).map(|pod| reference(pod)));
}

fn volume_of(claim: &Object) -> Option<ObjectRef> {
    let Object::PersistentVolumeClaim(claim) = claim else {
        return None;
    };
    let volume = claim.spec.as_ref()?.volume_name.as_deref()?;
    (!volume.is_empty()).then(|| ObjectRef::cluster_wide("PersistentVolume", volume))
}

/// What the last change of an object changed, as far as the watch log knows.
pub(crate) fn last_change(store: &Store, object: &ObjectRef) -> Option<ChangeView> {
    let change = store.last_change(kind_of(object)?, &key_of(object))?;
    let old = change.old.as_deref().map(super::yaml_of);
    let new = super::yaml_of(&change.object);
    Some(ChangeView {
        at_ms: change.at.as_millis(),
        added: old.is_none(),
        lines: shortened(difference(old.as_deref().unwrap_or(""), &new)),
    })
}

/// Both texts as one, with what is only in one of them marked: by their longest common sequence of lines.
fn difference(old: &str, new: &str) -> Vec<DiffLine> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let line = |kind, text: &str| DiffLine {
        kind,
        text: text.to_owned(),
    };
    if old.len().max(new.len()) > COMPARED_LINES {
        let gone = old.into_iter().map(|text| line(DiffKind::Removed, text));
        let come = new.into_iter().map(|text| line(DiffKind::Added, text));
        return gone.chain(come).collect();
    }
    let width = new.len() + 1;
    let mut common = vec![0u16; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            common[a * width + b] = if old[a] == new[b] {
                common[(a + 1) * width + b + 1] + 1
            } else {
                common[(a + 1) * width + b].max(common[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    let mut lines = Vec::new();
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            lines.push(line(DiffKind::Same, old[a]));
            (a, b) = (a + 1, b + 1);
        } else if b == new.len()
            || (a < old.len() && common[(a + 1) * width + b] >= common[a * width + b + 1])
        {
            lines.push(line(DiffKind::Removed, old[a]));
            a += 1;
        } else {
            lines.push(line(DiffKind::Added, new[b]));
            b += 1;
        }
    }
    lines
}

/// Without what is far from any change.
fn shortened(lines: Vec<DiffLine>) -> Vec<DiffLine> {
    let near: Vec<bool> = (0..lines.len())
        .map(|at| {
            let from = at.saturating_sub(CONTEXT);
            let to = (at + CONTEXT + 1).min(lines.len());
            lines[from..to]
                .iter()
                .any(|line| line.kind != DiffKind::Same)
        })
        .collect();
    let mut kept: Vec<DiffLine> = Vec::new();
    for (line, near) in lines.into_iter().zip(near) {
        if near {
            kept.push(line);
        } else if kept.last().is_none_or(|last| last.kind != DiffKind::Gap) {
            kept.push(DiffLine {
                kind: DiffKind::Gap,
                text: String::new(),
            });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{DiffKind, difference, shortened};

    fn told(old: &str, new: &str) -> String {
        let lines = shortened(difference(old, new)).into_iter().map(|line| {
            let sign = match line.kind {
                DiffKind::Same => " ",
                DiffKind::Added => "+",
                DiffKind::Removed => "-",
                DiffKind::Gap => "~",
            };
            format!("{sign}{}", line.text)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn only_what_changed_is_shown_with_a_few_lines_around_it() {
        let cases = [
            ("", "a\nb", "+a\n+b"),
            ("a\nb", "a\nb", "~"),
            ("a\nb\nc", "a\nx\nc", " a\n-b\n+x\n c"),
            (
                "1\n2\n3\n4\n5\n6\n7",
                "1\n2\n3\n4\n5\n6\nseven",
                "~\n 4\n 5\n 6\n-7\n+seven",
            ),
            ("a\nb", "", "-a\n-b"),
        ];
        for (old, new, expected) in cases {
            assert_eq!(told(old, new), expected, "{old:?} {new:?}");
        }
    }
}
