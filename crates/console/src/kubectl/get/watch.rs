//! `kubectl get -w`: one row for each change.

use super::table_options;
use crate::command::Until;
use crate::kubectl::builder::{self, Selection};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::printers::{Format, Printer, TabWriter, TableOptions, format};
use crate::kubectl::selector::Filter;
use crate::kubectl::session::{Io, Next};
use crate::kubectl::tables;
use petset_cluster::store::ChangeType;
use petset_cluster::{Kind, Object};
use std::sync::Arc;

/// What is watched and what was shown of it.
#[derive(Clone)]
pub(super) struct Watch {
    filter: Filter,
    options: TableOptions,
    printer: Printer,
    writer: TabWriter,
    header_shown: bool,
    events: bool,
    only: bool,
    sorted: bool,
    ignore_missing: bool,
    seen: u64,
}

impl Watch {
    /// Gets ready to watch a selection.
    pub(super) fn new(parsed: &Parsed, selection: &Selection) -> Result<Watch, Error> {
        let format = format(parsed, true)?;
        let wide = format == Format::Human { wide: true };
        let filter = Filter::of(selection)?;
        let mut options = table_options(parsed, wide);
        options.with_namespace = parsed.is("all-namespaces") && filter.kind.info().namespaced;
        Ok(Watch {
            filter,
            options,
            printer: Printer::new(format, parsed),
            writer: TabWriter::default(),
            header_shown: false,
            events: parsed.is("output-watch-events"),
            only: parsed.is("watch-only"),
            sorted: parsed.changed("sort-by"),
            ignore_missing: parsed.is("ignore-not-found"),
            seen: 0,
        })
    }

    /// Shows what is there.
    pub(super) fn begin(
        &mut self,
        selection: &Selection,
        io: &mut Io<'_, '_>,
    ) -> Result<Next, Error> {
        if self.sorted {
            io.complain(
                "warning: --watch requested, --sort-by will be ignored for watch events received",
            );
        }
        let (objects, mut errors) = builder::fetch(selection, io);
        if !errors.is_empty() {
            let error = errors.remove(0);
            if error.is_not_found() && self.ignore_missing {
                return Ok(Next::Done(0));
            }
            return Err(error);
        }
        self.seen = io.cluster().store().resource_version();
        if !self.only {
            for object in &objects {
                self.show(object, "ADDED", io)?;
            }
            self.flush(io);
        }
        if matches!(selection, Selection::Named { single: false, .. }) {
            return Err(Error::plain(
                "you may only watch a single resource or type of resource at a time",
            ));
        }
        Ok(Next::Wait(Until::Change(None)))
    }

    /// Shows what changed since.
    pub(super) fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let store = io.cluster().store();
        let now = store.resource_version();
        let Some(changes) = store.changes_since(self.seen) else {
            return Err(Error::plain(
                "The resourceVersion for the provided watch is too old.",
            ));
        };
        let mut events: Vec<(Arc<Object>, &'static str)> = Vec::new();
        for change in changes {
            let before = change.old.as_ref().is_some_and(|old| self.filter.fits(old));
            let after = change.change != ChangeType::Deleted && self.filter.fits(&change.object);
            let event = match (before, after) {
                (false, false) => continue,
                (false, true) => "ADDED",
                (true, true) => "MODIFIED",
                (true, false) => "DELETED",
            };
            events.push((change.object.clone(), event));
        }
        self.seen = now;
        for (object, event) in events {
            self.show(&object, event, io)?;
            self.flush(io);
        }
        Ok(Next::Wait(Until::Change(None)))
    }

    fn show(
        &mut self,
        object: &Arc<Object>,
        event: &'static str,
        io: &mut Io<'_, '_>,
    ) -> Result<(), Error> {
        if !self.printer.is_human() {
            let mut value = object.to_json();
            if self.events {
                value = serde_json::json!({"type": event, "object": value});
            }
            let text = self.printer.object(&value)?;
            io.out(&text);
            return Ok(());
        }
        let kind: Kind = object.kind();
        let wide = self.options.wide;
        let one = std::slice::from_ref(object);
        let mut table = tables::table(io.cluster().server(), kind, one, wide);
        if self.events {
            for row in &mut table.rows {
                row.event = event;
            }
        }
        if !self.header_shown && !self.options.no_headers {
            self.options.header(&table, self.events, &mut self.writer);
        }
        self.header_shown = true;
        self.options.rows(&table, &mut self.writer);
        Ok(())
    }

    fn flush(&mut self, io: &mut Io<'_, '_>) {
        let text = self.writer.flush();
        io.out(&text);
    }
}
