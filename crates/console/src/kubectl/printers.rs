//! How results are laid out: tables, YAML, JSON, names, templates. The one place for alignment.
//!
//! Upstream: `k8s.io/cli-runtime/pkg/printers`, `github.com/liggitt/tabwriter`.

mod kyaml;

use super::errors::{Error, quote};
use super::flags::Parsed;
use super::gotemplate::GoTemplate;
use super::jsonpath::{self, JsonPath};
use super::resources;
use petset_manifest::{to_json_pretty, to_yaml};
use serde_json::Value;

/// Aligns cells: every column as wide as its longest cell and three spaces, at least six.
#[derive(Clone, Debug, Default)]
pub(crate) struct TabWriter {
    rows: Vec<Vec<String>>,
    widths: Vec<usize>,
    padding: Option<usize>,
}

impl TabWriter {
    /// A writer with another distance between columns and no least width.
    pub(crate) fn padded(padding: usize) -> TabWriter {
        TabWriter {
            padding: Some(padding),
            ..TabWriter::default()
        }
    }

    /// Adds a row.
    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The rows so far. Their widths are remembered for the rows to come.
    pub(crate) fn flush(&mut self) -> String {
        let (padding, least) = match self.padding {
            Some(padding) => (padding, 0),
            None => (3, 6),
        };
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate().take(row.len().saturating_sub(1)) {
                let width = (cell.chars().count() + padding).max(least);
                match self.widths.get_mut(at) {
                    Some(known) => *known = width.max(*known),
                    None => self.widths.push(width),
                }
            }
        }
        let mut text = String::new();
        for row in self.rows.drain(..) {
            for (at, cell) in row.iter().enumerate() {
                text.push_str(cell);
                if at + 1 < row.len() {
                    let width = self.widths.get(at).copied().unwrap_or(0);
                    let missing = width.saturating_sub(cell.chars().count());
                    text.extend(std::iter::repeat_n(' ', missing));
                }
            }
            text.push('\n');
        }
        text
    }

    /// Forgets the widths.
    pub(crate) fn forget(&mut self) {
        self.widths.clear();
    }
}

/// A table as the server makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// Names of the columns and their priorities; those above 0 are for `-o wide`.
    pub(crate) columns: Vec<(String, u8)>,
    /// Rows: the cells, then what else is shown of the object.
    pub(crate) rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// One cell for each column.
    pub(crate) cells: Vec<String>,
    /// The object's namespace.
    pub(crate) namespace: String,
    /// `singular.group`, for the form with kinds.
    pub(crate) kind: String,
    /// The object's labels.
    pub(crate) labels: Vec<(String, String)>,
    /// `ADDED`, `MODIFIED` or `DELETED`; empty outside of watches.
    pub(crate) event: &'static str,
}

/// What of a table is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableOptions {
    /// Columns for `-o wide` too.
    pub(crate) wide: bool,
    /// No line with names of columns.
    pub(crate) no_headers: bool,
    /// NAMESPACE first.
    pub(crate) with_namespace: bool,
    /// `kind/name` in NAME.
    pub(crate) with_kind: bool,
    /// LABELS last.
    pub(crate) show_labels: bool,
    /// A column for each of these labels.
    pub(crate) label_columns: Vec<String>,
}

impl TableOptions {
    /// Puts the header of a table into a writer.
    pub(crate) fn header(&self, table: &Table, events: bool, writer: &mut TabWriter) {
        let mut names: Vec<String> = Vec::new();
        if events {
            names.push("EVENT".to_owned());
        }
        if self.with_namespace {
            names.push("NAMESPACE".to_owned());
        }
        for (name, priority) in &table.columns {
            if self.wide || *priority == 0 {
                names.push(name.to_uppercase());
            }
        }
        for label in &self.label_columns {
            let last = label.rsplit('/').next().unwrap_or(label);
            names.push(last.to_uppercase());
        }
        if self.show_labels {
            names.push("LABELS".to_owned());
        }
        writer.row(names);
    }

    /// Puts the rows of a table into a writer.
    pub(crate) fn rows(&self, table: &Table, writer: &mut TabWriter) {
        for row in &table.rows {
            let mut cells: Vec<String> = Vec::new();
            if !row.event.is_empty() {
                cells.push(format!("{:<8}", row.event));
            }
            if self.with_namespace {
                cells.push(row.namespace.clone());
            }
            for ((name, priority), cell) in table.columns.iter().zip(&row.cells) {
                if !self.wide && *priority > 0 {
                    continue;
                }
                let cell = one_line(cell);
                if self.with_kind && name == "Name" {
                    cells.push(format!("{}/{cell}", row.kind));
                } else {
                    cells.push(cell);
                }
            }
            for key in &self.label_columns {
                let value = row.labels.iter().find(|(k, _)| k == key);
                cells.push(value.map(|(_, v)| v.clone()).unwrap_or_default());
            }
            if self.show_labels {
                cells.push(label_text(&row.labels));
            }
            writer.row(cells);
        }
    }
}

fn label_text(labels: &[(String, String)]) -> String {
    if labels.is_empty() {
        return "<none>".to_owned();
    }
    let pairs: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    pairs.join(",")
}

/// A cell without line ends: cut at the first, with `...` behind.
fn one_line(cell: &str) -> String {
    let shown = match cell.find(['\n', '\r', '\u{c}']) {
        Some(at) => format!("{}...", &cell[..at]),
        None => cell.to_owned(),
    };
    shown.replace('\u{1b}', "^[")
}

/// The format that `-o` asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Format {
    /// The command's own words or tables.
    Human {
        /// With more columns.
        wide: bool,
    },
    /// Names alone.
    Name,
    /// YAML.
    Yaml,
    /// YAML with braces and quotes.
    Kyaml,
    /// JSON.
    Json,
    /// A JSONPath template.
    JsonPath {
        /// The template.
        path: JsonPath,
        /// As a JSON list.
        as_json: bool,
    },
    /// A Go template.
    GoTemplate(GoTemplate),
    /// Columns chosen by paths; none for the path if a cell is always empty.
    Columns(Vec<(String, JsonPath)>),
}

/// Reads `-o` for a command; `tables` says whether the command knows tables.
///
/// # Errors
/// kubectl's sentences.
pub(crate) fn format(parsed: &Parsed, tables: bool) -> Result<Format, Error> {
    let text = parsed.text("output");
    let (name, argument) = match text.split_once('=') {
        Some((name, argument)) => (name, Some(argument)),
        None => (text, None),
    };
    if tables && parsed.is("show-labels") && !matches!(name, "" | "wide") {
        return Err(Error::plain(format!(
            "--show-labels option cannot be used with {name} printer"
        )));
    }
    match name {
        "" if !parsed.text("template").is_empty() => go_template(parsed, None),
        "" => Ok(Format::Human { wide: false }),
        "wide" if tables => Ok(Format::Human { wide: true }),
        "name" => Ok(Format::Name),
        "yaml" => Ok(Format::Yaml),
        "json" => Ok(Format::Json),
        "jsonpath" | "jsonpath-as-json" => {
            let template = argument.or(non_empty(parsed.text("template")));
            let Some(template) = template.filter(|template| !template.is_empty()) else {
                return Err(Error::plain(
                    "template format specified but no template given",
                ));
            };
            let path = JsonPath::parse(template)
                .map_err(|why| Error::plain(format!("error parsing jsonpath {template}, {why}")))?;
            Ok(Format::JsonPath {
                path,
                as_json: name == "jsonpath-as-json",
            })
        }
        "custom-columns" if tables => columns(argument.unwrap_or("")).map(Format::Columns),
        "kyaml" => Ok(Format::Kyaml),
        "go-template" | "template" => go_template(parsed, argument),
        other => Err(Error::plain(format!(
            "unable to match a printer suitable for the output format {}, allowed formats are: {}",
            quote(other),
            allowed(tables)
        ))),
    }
}

fn go_template(parsed: &Parsed, argument: Option<&str>) -> Result<Format, Error> {
    let template = non_empty(parsed.text("template")).or(argument);
    let Some(template) = template.filter(|template| !template.is_empty()) else {
        return Err(Error::plain(
            "template format specified but no template given",
        ));
    };
    GoTemplate::parse(template, allows_missing_keys(parsed)).map(Format::GoTemplate)
}

fn allows_missing_keys(parsed: &Parsed) -> bool {
    !parsed.changed("allow-missing-template-keys") || parsed.is("allow-missing-template-keys")
}

fn non_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn allowed(tables: bool) -> &'static str {
    if tables {
        "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml"
    } else {
        "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml"
    }
}

fn columns(spec: &str) -> Result<Vec<(String, JsonPath)>, Error> {
    if spec.is_empty() {
        return Err(Error::plain(
            "custom-columns format specified but no custom columns given",
        ));
    }
    spec.split(',')
        .map(|part| {
            let Some((name, path)) = part.split_once(':') else {
                return Err(Error::plain(format!(
                    "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
                )));
            };
            let path = jsonpath::relaxed(path)?;
            let path = JsonPath::parse(&path).map_err(Error::plain)?;
            Ok((name.to_owned(), path))
        })
        .collect()
}

/// Prints objects one after another in a format that is no table.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    format: Format,
    managed_fields: bool,
    no_headers: bool,
    missing_keys_are_errors: bool,
    printed: usize,
    writer: TabWriter,
}

impl Printer {
    /// A printer that has printed nothing yet.
    pub(crate) fn new(format: Format, parsed: &Parsed) -> Printer {
        Printer {
            format,
            managed_fields: parsed.is("show-managed-fields"),
            no_headers: parsed.is("no-headers"),
            missing_keys_are_errors: !allows_missing_keys(parsed),
            printed: 0,
            writer: TabWriter::default(),
        }
    }

    /// Whether results are told in the command's own words.
    pub(crate) fn is_human(&self) -> bool {
        matches!(self.format, Format::Human { .. })
    }

    /// Whether only names are printed.
    pub(crate) fn is_name(&self) -> bool {
        self.format == Format::Name
    }

    /// A result: `singular.group/name did`, or the object in the format asked for.
    ///
    /// # Errors
    /// A template that does not fit.
    pub(crate) fn result(&mut self, object: &Value, did: &str) -> Result<String, Error> {
        match self.format {
            Format::Human { .. } => Ok(format!("{} {did}\n", name_of(object))),
            _ => self.object(object),
        }
    }

    /// An object or a list.
    ///
    /// # Errors
    /// A template that does not fit.
    pub(crate) fn object(&mut self, object: &Value) -> Result<String, Error> {
        let mut shown = object.clone();
        // Templates see them (upstream: `OmitManagedFieldsPrinter` stands before JSON and YAML alone).
        let whole = matches!(self.format, Format::Json | Format::Yaml | Format::Kyaml);
        if !self.managed_fields && whole {
            hide_managed_fields(&mut shown);
        }
        self.printed += 1;
        match &self.format {
            Format::Human { .. } => Ok(String::new()),
            Format::Name => Ok(match list_items(&shown) {
                Some(items) => items
                    .iter()
                    .map(|item| format!("{}\n", name_of(item)))
                    .collect(),
                None => format!("{}\n", name_of(&shown)),
            }),
            Format::Yaml => {
                let separator = if self.printed > 1 { "---\n" } else { "" };
                Ok(format!("{separator}{}", to_yaml(&shown)))
            }
            Format::Kyaml => Ok(kyaml::kyaml(&shown)),
            Format::Json => Ok(to_json_pretty(&shown)),
            Format::JsonPath { path, as_json } => {
                path.print(&shown, *as_json, self.missing_keys_are_errors)
            }
            Format::GoTemplate(template) => template.print(&shown),
            Format::Columns(columns) => Ok(print_columns(
                columns,
                &shown,
                self.printed == 1 && !self.no_headers,
                &mut self.writer,
            )),
        }
    }
}

fn print_columns(
    columns: &[(String, JsonPath)],
    object: &Value,
    first: bool,
    writer: &mut TabWriter,
) -> String {
    if first {
        writer.row(columns.iter().map(|(name, _)| name.clone()));
    }
    let one = std::slice::from_ref(object);
    for item in list_items(object).map_or(one, Vec::as_slice) {
        writer.row(columns.iter().map(|(_, path)| {
            let found = path.find(item, false).unwrap_or_default();
            let values: Vec<String> = found.iter().flatten().map(go_printed).collect();
            if values.is_empty() {
                "<none>".to_owned()
            } else {
                values.join(",")
            }
        }));
    }
    writer.flush()
}

/// A value as Go's `%v` prints it.
pub(crate) fn go_printed(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_printed).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(map) => {
            let fields: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{key}:{}", go_printed(value)))
                .collect();
            format!("map[{}]", fields.join(" "))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn list_items(value: &Value) -> Option<&Vec<Value>> {
    value.get("items").and_then(Value::as_array)
}

fn hide_managed_fields(value: &mut Value) {
    if let Some(items) = value.get_mut("items").and_then(Value::as_array_mut) {
        items.iter_mut().for_each(hide_managed_fields);
    }
    if let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
}

/// `singular.group/name` of an object as JSON.
pub(crate) fn name_of(object: &Value) -> String {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or("");
    let name = object
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .unwrap_or("");
    let (version, kind) = (text("apiVersion"), text("kind"));
    let singular = resources::of_kind(version, kind)
        .map_or_else(|| kind.to_lowercase(), |resource| resource.singular());
    match version.split_once('/') {
        Some((group, _)) => format!("{singular}.{group}/{name}"),
        None => format!("{singular}/{name}"),
    }
}

/// Several objects as the list that kubectl makes of them.
pub(crate) fn list_of(items: Vec<Value>) -> Value {
    serde_json::json!({
        "apiVersion": "v1",
        "items": items,
        "kind": "List",
        "metadata": {"resourceVersion": ""},
    })
}
