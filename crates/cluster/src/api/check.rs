//! Judging a manifest without sending it: what the editor shows under the wrong words.

use super::{Server, decode, defaults, discovery, service_alloc, strategy, validation, warnings};
use crate::object::Object;
use serde_json::Value;

/// Something that the API server would say of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's path, such as `spec.containers[0].image`; empty for the document as a whole. The field need not be in the document: a
    /// missing one is a problem too.
    pub path: String,
    /// What is wrong, in the API server's words, without the path.
    pub message: String,
    /// The API server would obey, but say so.
    pub warning: bool,
}

impl FieldProblem {
    fn error(path: &str, message: String) -> FieldProblem {
        FieldProblem {
            path: path.to_owned(),
            message,
            warning: false,
        }
    }
}

impl Server {
    /// What the API server would say of one manifest document, all at once: unknown kinds and fields, wrong types, broken rules, warnings.
    /// For a set that exists already, changes that cannot be made are told too. Changes nothing.
    pub fn check(&self, manifest: &Value) -> Vec<FieldProblem> {
        let Value::Object(map) = manifest else {
            let message = "invalid object to validate".to_owned();
            return vec![FieldProblem::error("", message)];
        };
        let word = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or("");
        let (api_version, kind) = (word("apiVersion"), word("kind"));
        let missing: Vec<FieldProblem> = ["apiVersion", "kind"]
            .iter()
            .filter(|name| word(name).is_empty())
            .map(|name| FieldProblem::error("", format!("{name} not set")))
            .collect();
        if !missing.is_empty() {
            return missing;
        }
        let kind = match discovery::kind_of_manifest(api_version, kind) {
            Ok(kind) => kind,
            Err(unknown) => return vec![FieldProblem::error("kind", unknown.to_string())],
        };
        let (object, findings) = decode::read(kind, manifest.clone());
        let unknown = findings.unknown.iter();
        let mut problems: Vec<FieldProblem> = unknown
            .map(|path| FieldProblem::error(path, format!("unknown field \"{path}\"")))
            .collect();
        if let Some(error) = findings.error {
            problems.insert(0, FieldProblem::error(&error.path, error.message));
            return problems;
        }
        match object {
            Ok(object) => problems.extend(self.judge(object)),
            Err(message) => problems.push(FieldProblem::error("", message)),
        }
        problems
    }

    fn judge(&self, mut object: Object) -> Vec<FieldProblem> {
        if object.kind().info().namespaced {
            let namespace = &mut object.meta_mut().namespace;
            namespace.get_or_insert_with(|| "default".to_owned());
        }
        defaults::apply(&mut object);
        let stored = self.store.get(object.kind(), &object.key()).cloned();
        let errors = match stored {
            Some(old)
                if matches!(
                    *old,
                    Object::DaemonSet(_)
                        | Object::Deployment(_)
                        | Object::Job(_)
                        | Object::ReplicaSet(_)
                        | Object::StatefulSet(_)
                ) =>
            {
                strategy::prepare_for_update(&mut object, &old, self.gates);
                let meta = object.meta_mut();
                meta.uid.clone_from(&old.meta().uid);
                meta.creation_timestamp
                    .clone_from(&old.meta().creation_timestamp);
                meta.deletion_timestamp
                    .clone_from(&old.meta().deletion_timestamp);
                meta.deletion_grace_period_seconds = old.meta().deletion_grace_period_seconds;
                validation::update(&object, &old, None)
            }
            _ => {
                strategy::prepare_for_create(&mut object, self.gates, self.calendar, self.now);
                if let Object::Service(service) = &mut object {
                    service_alloc::normalize(service, None);
                }
                validation::create(&object)
            }
        };
        let errors = errors
            .0
            .into_iter()
            .map(|cause| FieldProblem::error(&cause.field, cause.message));
        let warned = warnings::on_create(&object).into_iter().map(|text| {
            let (path, message) = text.split_once(": ").unwrap_or(("", &text));
            FieldProblem {
                path: path.to_owned(),
                message: message.to_owned(),
                warning: true,
            }
        });
        errors.chain(warned).collect()
    }
}
