//! `kubectl edit`: the object as a file in the editor, and the difference as a patch.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/util/editor/editoptions.go`. A page's editor has no end, so a line typed into the command says
//! that the file is done.

use super::builder;
use super::change::Change;
use super::errors::Error;
use super::flags::Parsed;
use super::session::{Io, Next, Step};
use crate::command::Until;
use petset_cluster::Object;
use petset_cluster::api::{PatchType, strategic};
use petset_manifest::{to_json_pretty, to_yaml};
use serde_json::{Value, json};
use std::sync::Arc;

/// What the file begins with.
const NOTE: &str = "# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\n";

/// A running `kubectl edit`.
#[derive(Clone)]
pub(crate) struct Edit {
    parsed: Parsed,
    open: Option<Open>,
}

/// The file in the editor.
#[derive(Clone)]
struct Open {
    object: Arc<Object>,
    shown: Value,
    file: String,
    text: String,
}

/// Begins `kubectl edit`.
pub(crate) fn start(parsed: Parsed) -> Edit {
    Edit { parsed, open: None }
}

impl Step for Edit {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let Some(open) = &self.open else {
            self.open = Some(open(&self.parsed, io)?);
            return Ok(Next::Wait(Until::Input));
        };
        let stdin = &mut io.context.stdin;
        if !stdin.text.contains('\n') && !stdin.closed {
            return Ok(Next::Wait(Until::Input));
        }
        let typed = stdin.text.find('\n').map_or(stdin.text.len(), |at| at + 1);
        stdin.text.drain(..typed);
        let text = io.context.files.remove(&open.file).unwrap_or_default();
        finish(&self.parsed, open, &text, io)?;
        Ok(Next::Done(0))
    }

    fn interrupt(&mut self, io: &mut Io<'_, '_>) -> bool {
        if let Some(open) = &self.open {
            io.context.files.remove(&open.file);
        }
        false
    }
}

fn open(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<Open, Error> {
    if parsed.is("output-patch") || parsed.changed("subresource") {
        return Err(Error::not_simulated(
            "edit --output-patch and --subresource",
        ));
    }
    if parsed.args.is_empty() && !parsed.changed("filename") {
        return Err(Error::plain(
            "must specify --filename or the names of resources to edit",
        ));
    }
    let selection = super::get::select(parsed, io, false)?;
    let (objects, errors) = builder::fetch(&selection, io);
    Error::of(errors)?;
    let [object] = objects.as_slice() else {
        return Err(Error::not_simulated("edit of several objects at once"));
    };
    let mut shown = object.to_json();
    if let Some(metadata) = shown.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    let body = match parsed.text("output") {
        "json" => to_json_pretty(&shown),
        _ => to_yaml(&shown),
    };
    let text = format!("{NOTE}{body}");
    let info = object.kind().info();
    let file = format!("kubectl-edit-{}-{}.yaml", info.singular, object.name());
    io.context.files.insert(file.clone(), text.clone());
    io.out(&format!("\u{1b}]petset;edit;{file}\u{7}"));
    io.complain(&format!(
        "{file} is in the editor. Enter here saves it to the cluster, Ctrl-C leaves the object as it is."
    ));
    Ok(Open {
        object: Arc::clone(object),
        shown,
        file,
        text,
    })
}

fn finish(parsed: &Parsed, open: &Open, text: &str, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let is_comment = |line: &str| line.trim().is_empty() || line.starts_with('#');
    if text == open.text || text.lines().all(is_comment) {
        io.complain("Edit cancelled, no changes made.");
        return Ok(());
    }
    let (documents, errors) = petset_manifest::read(text);
    if let Some(error) = errors.first() {
        return Err(Error::plain(format!(
            "the edited file failed validation: {}",
            error.message
        )));
    }
    let edited = documents.into_iter().next().map(|document| document.value);
    let edited = edited.unwrap_or(Value::Null);
    for path in [
        "/apiVersion",
        "/kind",
        "/metadata/name",
        "/metadata/namespace",
    ] {
        if edited.pointer(path) != open.shown.pointer(path) {
            return Err(Error::plain(
                "At least one of apiVersion, kind and name was changed",
            ));
        }
    }
    let patch =
        strategic::two_way(open.object.kind(), &open.shown, &edited).map_err(Error::plain)?;
    if patch == json!({}) {
        io.complain("Edit cancelled, no changes made.");
        return Ok(());
    }
    let mut change = Change::new(parsed, "kubectl-edit")?;
    let after = change.patch(&open.object, (PatchType::Strategic, patch), None, io)?;
    change.tell(&after.to_json(), "edited", io)
}
