//! What the commands that change objects have in common.

use super::errors::{Error, quote};
use super::flags::{DryRun, Parsed};
use super::printers::{Printer, format};
use super::session::{Io, stored};
use petset_cluster::api::{
    Body, FieldValidation, Options, PatchType, Request, Subresource, Tracking, Verb,
};
use petset_cluster::{Kind, Object};
use serde_json::Value;
use std::sync::Arc;

/// The annotation in which `kubectl apply` remembers a manifest.
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// How a command writes: tried or for good, strictly or not, and how it tells.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// Tried or for good.
    pub(crate) dry_run: DryRun,
    /// How it tells.
    pub(crate) printer: Printer,
    options: Options,
    cause: Option<String>,
    suffix: &'static str,
}

/// Where `--record` notes the command line.
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

impl Change {
    /// Reads the flags.
    ///
    /// # Errors
    /// Flags that say something impossible.
    pub(crate) fn new(parsed: &Parsed, manager: &str) -> Result<Change, Error> {
        let dry_run = parsed.dry_run()?;
        // The flag's default is that of client-side apply, also where the server applies.
        let manager = match parsed.text("field-manager") {
            own if parsed.changed("field-manager") && !own.is_empty() => own,
            _ => manager,
        };
        Ok(Change {
            dry_run,
            printer: Printer::new(format(parsed, false)?, parsed),
            cause: parsed.change_cause(),
            suffix: dry_run.suffix(),
            options: Options {
                dry_run: dry_run == DryRun::Server,
                field_validation: validation(parsed)?,
                field_manager: Some(manager.to_owned()),
                tracking: Tracking::Tracked,
                ..Options::default()
            },
        })
    }

    /// Notes the command line in an object, or in a patch, if that is wanted.
    pub(crate) fn record(&self, object: &mut Value) {
        let (Some(cause), Some(map)) = (&self.cause, object.as_object_mut()) else {
            return;
        };
        let mut place = map;
        for key in ["metadata", "annotations"] {
            let inner = place.entry(key).or_insert(Value::Null);
            if inner.is_null() {
                *inner = serde_json::json!({});
            }
            let Some(inner) = inner.as_object_mut() else {
                return;
            };
            place = inner;
        }
        place.insert(CHANGE_CAUSE.to_owned(), Value::String(cause.clone()));
    }

    /// Notes the command line in a stored object by a request of its own, if that is wanted.
    ///
    /// # Errors
    /// What the API answers.
    pub(crate) fn record_apart(&self, object: &Object, io: &mut Io<'_, '_>) -> Result<(), Error> {
        if self.cause.is_none() {
            return Ok(());
        }
        self.patch(object, (PatchType::Merge, serde_json::json!({})), None, io)?;
        Ok(())
    }

    /// With `--local` nothing is sent, and nothing is said of that.
    pub(crate) fn may_be_local(&mut self, parsed: &Parsed) {
        if parsed.is("local") {
            self.dry_run = DryRun::Client;
            self.suffix = "";
        }
    }

    /// Leaves out what success lines say of a dry run.
    pub(crate) fn say_nothing_of_dry_run(&mut self) {
        self.suffix = "";
    }

    /// Who writes.
    pub(crate) fn manager(&self) -> &str {
        self.options.field_manager.as_deref().unwrap_or("")
    }

    /// The options of a request that writes.
    pub(crate) fn options(&self) -> Options {
        self.options.clone()
    }

    fn send(&self, mut request: Request, io: &mut Io<'_, '_>) -> Result<Arc<Object>, Error> {
        request.options = self.options.clone();
        stored(io.request(request)?)
    }

    /// Creates an object.
    ///
    /// # Errors
    /// What the API answers.
    pub(crate) fn create(
        &self,
        kind: Kind,
        namespace: &str,
        mut object: Value,
        io: &mut Io<'_, '_>,
    ) -> Result<Arc<Object>, Error> {
        self.record(&mut object);
        let name = name_of(&object);
        let request = Request::new(Verb::Create, kind, namespace, &name);
        self.send(request.with_body(Body::Json(object)), io)
    }

    /// Puts an object in the place of the stored one.
    ///
    /// # Errors
    /// What the API answers.
    pub(crate) fn update(
        &self,
        kind: Kind,
        namespace: &str,
        mut object: Value,
        io: &mut Io<'_, '_>,
    ) -> Result<Arc<Object>, Error> {
        self.record(&mut object);
        let name = name_of(&object);
        let request = Request::new(Verb::Update, kind, namespace, &name);
        self.send(request.with_body(Body::Json(object)), io)
    }

    /// Changes a stored object.
    ///
    /// # Errors
    /// What the API answers.
    pub(crate) fn patch(
        &self,
        object: &Object,
        mut patch: (PatchType, Value),
        part: Option<Subresource>,
        io: &mut Io<'_, '_>,
    ) -> Result<Arc<Object>, Error> {
        if part.is_none() {
            // A JSON patch is a list, and stays as it is.
            self.record(&mut patch.1);
        }
        let mut request = Request::new(
            Verb::Patch,
            object.kind(),
            object.namespace(),
            object.name(),
        );
        request.subresource = part;
        self.send(request.with_body(Body::Patch(patch.0, patch.1)), io)
    }

    /// Tells what was done to an object.
    ///
    /// # Errors
    /// A template that does not fit.
    pub(crate) fn tell(
        &mut self,
        object: &Value,
        did: &str,
        io: &mut Io<'_, '_>,
    ) -> Result<(), Error> {
        let text = self
            .printer
            .result(object, &format!("{did}{}", self.suffix))?;
        io.out(&text);
        Ok(())
    }
}

fn name_of(object: &Value) -> String {
    let name = object.pointer("/metadata/name").and_then(Value::as_str);
    name.unwrap_or("").to_owned()
}

fn validation(parsed: &Parsed) -> Result<FieldValidation, Error> {
    match parsed.text("validate") {
        "" if parsed.changed("validate") => Ok(FieldValidation::Strict),
        "strict" | "true" | "" => Ok(FieldValidation::Strict),
        "warn" => Ok(FieldValidation::Warn),
        "ignore" | "false" => Ok(FieldValidation::Ignore),
        other => Err(Error::plain(format!(
            "invalid - validate option {}; must be one of: strict (or true), warn, ignore (or false)",
            quote(other)
        ))),
    }
}

/// The manifest without the annotation, and with annotations (upstream: `util.GetModifiedConfiguration`).
pub(crate) fn unannotated(object: &Value) -> Value {
    let mut plain = object.clone();
    let meta = plain.as_object_mut().and_then(|map| {
        map.entry("metadata")
            .or_insert_with(|| serde_json::json!({}))
            .as_object_mut()
    });
    if let Some(meta) = meta {
        let annotations = meta
            .entry("annotations")
            .or_insert_with(|| serde_json::json!({}));
        if annotations.is_null() {
            *annotations = serde_json::json!({});
        }
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.remove(LAST_APPLIED);
        }
    }
    plain
}

/// The manifest as the annotation remembers it: compact JSON with a line end.
pub(crate) fn last_applied(object: &Value) -> String {
    let plain = unannotated(object);
    format!("{}\n", petset_manifest::to_json_compact_go(&plain))
}

/// The manifest with itself in the annotation.
pub(crate) fn with_last_applied(object: &Value) -> Value {
    let text = last_applied(object);
    let mut annotated = object.clone();
    let annotations = annotated
        .as_object_mut()
        .map(|map| {
            map.entry("metadata")
                .or_insert_with(|| serde_json::json!({}))
        })
        .and_then(Value::as_object_mut)
        .map(|meta| meta.entry("annotations").or_insert(Value::Null));
    if let Some(annotations) = annotations {
        if !annotations.is_object() {
            *annotations = serde_json::json!({});
        }
        annotations[LAST_APPLIED] = Value::String(text);
    }
    annotated
}

/// Removes keys without a value.
pub(crate) fn prune_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(prune_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(prune_nulls),
        _ => {}
    }
}
