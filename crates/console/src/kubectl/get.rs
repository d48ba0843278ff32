//! `kubectl get`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/get`.

mod sort;
mod subresource;
mod watch;

use super::builder::{self, Query, Selection, Target};
use super::errors::Error;
use super::files;
use super::flags::Parsed;
use super::printers::{Format, Printer, TabWriter, TableOptions, format, list_of};
use super::raw;
use super::session::{Io, Next, Step};
use super::tables;
use crate::command::Until;
use petset_cluster::api::{Body, Verb};
use petset_cluster::{Kind, Object};
use std::sync::Arc;
use watch::Watch;

/// A running `kubectl get`.
#[derive(Clone)]
pub(crate) struct Get {
    parsed: Parsed,
    watch: Option<Watch>,
}

/// Begins `kubectl get`.
pub(crate) fn start(parsed: Parsed) -> Get {
    Get {
        parsed,
        watch: None,
    }
}

impl Step for Get {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if let Some(watch) = self.watch.as_mut() {
            return watch.step(io);
        }
        if files::waits_for_input(&self.parsed, io) {
            return Ok(Next::Wait(Until::Input));
        }
        if self.parsed.changed("raw") {
            let text = get_raw(&self.parsed, io)?;
            io.out(&text);
            return Ok(Next::Done(0));
        }
        check(&self.parsed, io)?;
        let watching = self.parsed.is("watch") || self.parsed.is("watch-only");
        let selection = select(&self.parsed, io, watching)?;
        if watching {
            let watch = self.watch.insert(Watch::new(&self.parsed, &selection)?);
            return watch.begin(&selection, io);
        }
        match self.parsed.text("subresource") {
            "" => run(&self.parsed, &selection, io)?,
            "status" if matches!(selection, Selection::Named { .. }) => {
                run(&self.parsed, &selection, io)?;
            }
            part => subresource::run(&self.parsed, &selection, part, io)?,
        }
        Ok(Next::Done(0))
    }
}

fn get_raw(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<String, Error> {
    let why = if !parsed.args.is_empty() || parsed.changed("filename") {
        "arguments may not be passed when --raw is specified"
    } else if parsed.is("watch") || !parsed.text("selector").is_empty() {
        "--raw may not be specified with other flags that filter the server request or alter the output"
    } else if !parsed.text("output").is_empty() {
        "--raw and --output are mutually exclusive"
    } else {
        return raw::ask(Verb::Get, parsed.text("raw"), Body::None, io);
    };
    Err(Error::plain(why))
}

fn check(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let watching = parsed.is("watch") || parsed.is("watch-only");
    if parsed.is("output-watch-events") && !watching {
        return Err(Error::usage(
            "get",
            "--output-watch-events option can only be used with --watch or --watch-only",
        ));
    }
    if parsed.is("show-labels") {
        // The words about labels come before anything is looked for.
        format(parsed, true)?;
    }
    if parsed.args.is_empty() && parsed.list("filename").is_empty() && !parsed.changed("kustomize")
    {
        io.complain("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n");
        return Err(Error::usage(
            "get",
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
        ));
    }
    Ok(())
}

/// What is to be shown, by arguments or by files.
pub(super) fn select(
    parsed: &Parsed,
    io: &mut Io<'_, '_>,
    single_kind: bool,
) -> Result<Selection, Error> {
    if parsed.changed("filename") || parsed.changed("kustomize") {
        if !parsed.args.is_empty() {
            return Err(Error::plain(builder::FILES_AND_WORDS));
        }
        let (manifests, errors) = files::read(parsed, io)?;
        Error::of(errors)?;
        let targets: Vec<Target> = manifests
            .into_iter()
            .map(|manifest| Target {
                kind: manifest.kind,
                namespace: manifest.namespace,
                name: manifest.name,
            })
            .collect();
        let single = targets.len() == 1;
        return Ok(Selection::Named { targets, single });
    }
    let mut query = Query::new(parsed, io.session);
    query.kind_alone = true;
    query.single_kind = single_kind;
    query.select()
}

fn run(parsed: &Parsed, selection: &Selection, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let (mut objects, mut errors) = builder::fetch(selection, io);
    if parsed.is("ignore-not-found") {
        errors.retain(|error| !error.is_not_found());
    }
    let single = match selection {
        Selection::Named { single, .. } => *single,
        _ => false,
    };
    let format = match format(parsed, true) {
        Ok(format) => format,
        Err(wrong) => {
            return Err(if single {
                errors.pop().unwrap_or(wrong)
            } else {
                wrong
            });
        }
    };
    let by = parsed.text("sort-by");
    if !by.is_empty()
        && let Err(error) = sort::sort(&mut objects, by)
    {
        if !matches!(format, Format::Human { .. }) {
            return Err(error);
        }
        // The printer of tables refuses, and nobody listens (upstream: `GetOptions.Run` drops what `PrintObj` answers).
        objects.clear();
    }
    match format {
        Format::Human { wide } => {
            print_tables(parsed, selection, &objects, wide, errors.is_empty(), io);
        }
        format => print_values(parsed, format, &objects, single, &mut errors, io)?,
    }
    Error::of(errors)
}

fn print_values(
    parsed: &Parsed,
    format: Format,
    objects: &[Arc<Object>],
    single: bool,
    errors: &mut Vec<Error>,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    if objects.is_empty() && (single || parsed.is("ignore-not-found")) {
        return Ok(());
    }
    let mut printer = Printer::new(format, parsed);
    let value = match objects {
        [object] if single => object.to_json(),
        several => list_of(several.iter().map(|object| object.to_json()).collect()),
    };
    match printer.object(&value) {
        Ok(text) => io.out(&text),
        Err(error) => errors.push(error),
    }
    Ok(())
}

/// The options of tables that the command line asks for.
fn table_options(parsed: &Parsed, wide: bool) -> TableOptions {
    TableOptions {
        wide,
        no_headers: parsed.is("no-headers"),
        with_namespace: false,
        with_kind: parsed.is("show-kind"),
        show_labels: parsed.is("show-labels"),
        label_columns: parsed.list("label-columns").to_vec(),
    }
}

fn print_tables(
    parsed: &Parsed,
    selection: &Selection,
    objects: &[Arc<Object>],
    wide: bool,
    no_errors: bool,
    io: &mut Io<'_, '_>,
) {
    let all = parsed.is("all-namespaces");
    let mut kinds: Vec<Kind> = Vec::new();
    match selection {
        Selection::Listed { kinds: listed, .. } => {
            kinds.extend(listed.iter().map(|(kind, _)| *kind))
        }
        _ => kinds.extend(objects.iter().map(|object| object.kind())),
    }
    let mut options = table_options(parsed, wide);
    options.with_kind |= kinds.iter().any(|kind| Some(kind) != kinds.first());
    let mut text = String::new();
    let mut writer = TabWriter::default();
    for block in objects.chunk_by(|a, b| a.kind() == b.kind()) {
        let Some(first) = block.first() else { continue };
        let kind = first.kind();
        let server = io.cluster().server();
        let table = if parsed.changed("server-print") && !parsed.is("server-print") {
            tables::plain(server, kind, block)
        } else {
            tables::table(server, kind, block, wide)
        };
        options.with_namespace = all && kind.info().namespaced;
        if !options.no_headers {
            if !text.is_empty() {
                text.push('\n');
            }
            options.header(&table, false, &mut writer);
        }
        options.rows(&table, &mut writer);
        text.push_str(&writer.flush());
        writer.forget();
    }
    if text.is_empty() && no_errors && !parsed.is("ignore-not-found") {
        let namespaced = !all && kinds.iter().all(|kind| kind.info().namespaced);
        if namespaced {
            let namespace = io.session.namespace.clone();
            io.complain(&format!("No resources found in {namespace} namespace."));
        } else {
            io.complain("No resources found");
        }
    }
    io.out(&text);
}
