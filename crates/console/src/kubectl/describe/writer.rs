//! Indented text with columns, and the lists that many kinds share: labels, annotations, taints, tolerations.

use super::tabwriter::{Layout, align};
use k8s_openapi::api::core::v1::{Taint, Toleration};
use petset_cluster::sort;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

/// The annotation in which `kubectl apply` keeps what was applied; never shown.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The longest line of an annotation, in bytes.
const MAX_ANNOTATION_LENGTH: usize = 140;

/// The text of a description as it grows.
///
/// Upstream: `PrefixWriter` over a tab writer with padding 2.
#[derive(Debug, Default)]
pub(crate) struct PrefixWriter {
    aligned: String,
    pending: String,
    indent: usize,
}

impl PrefixWriter {
    /// Writes `text`, indented once by two spaces for each level.
    pub(crate) fn write(&mut self, level: usize, text: impl Display) {
        let spaces = 2 * (level + self.indent);
        // Writing to a `String` cannot fail.
        let _ = write!(self.pending, "{:spaces$}{text}", "");
    }

    /// Writes `key:`, a tab and `value`.
    pub(crate) fn field(&mut self, level: usize, key: impl Display, value: impl Display) {
        self.write(level, format_args!("{key}:\t{value}\n"));
    }

    /// Writes `text` as a line.
    pub(crate) fn line(&mut self, level: usize, text: impl Display) {
        self.write(level, format_args!("{text}\n"));
    }

    /// Writes what follows with more indentation, for as long as `inner` runs.
    pub(crate) fn nested(&mut self, levels: usize, inner: impl FnOnce(&mut PrefixWriter)) {
        self.indent += levels;
        inner(self);
        self.indent -= levels;
    }

    /// Ends all columns.
    pub(crate) fn flush(&mut self) {
        let layout = Layout {
            min_width: 0,
            padding: 2,
        };
        let safe = self.pending.replace('\u{1b}', "^[").replace('\r', "\\r");
        self.aligned.push_str(&align(&safe, layout));
        self.pending.clear();
    }

    /// The whole text.
    pub(crate) fn finish(mut self) -> String {
        self.flush();
        self.aligned
    }

    /// The whole text with its tabs.
    pub(crate) fn finish_raw(self) -> String {
        self.pending
    }

    /// `title:` and a line for each of `lines`; `<none>` if there are none.
    pub(crate) fn list(&mut self, title: &str, lines: impl IntoIterator<Item = String>) {
        self.indented_list("", title, lines);
    }

    /// The same with `indent` before the title and before the empty cell of later lines.
    pub(crate) fn indented_list(
        &mut self,
        indent: &str,
        title: &str,
        lines: impl IntoIterator<Item = String>,
    ) {
        self.write(0, format_args!("{indent}{title}:\t"));
        let mut first = true;
        for line in lines {
            if !first {
                self.write(0, indent);
                self.write(0, "\t");
            }
            self.line(0, line);
            first = false;
        }
        if first {
            self.line(0, "<none>");
        }
    }

    /// Labels, or anything else with keys and values.
    pub(crate) fn labels(&mut self, title: &str, labels: Option<&BTreeMap<String, String>>) {
        self.indented_labels("", title, labels);
    }

    /// The same, indented.
    pub(crate) fn indented_labels(
        &mut self,
        indent: &str,
        title: &str,
        labels: Option<&BTreeMap<String, String>>,
    ) {
        let lines = labels.into_iter().flatten();
        self.indented_list(
            indent,
            title,
            lines.map(|(key, value)| format!("{key}={value}")),
        );
    }

    /// Annotations. Long values and those of several lines get lines of their own.
    pub(crate) fn annotations(
        &mut self,
        title: &str,
        annotations: Option<&BTreeMap<String, String>>,
    ) {
        self.write(0, format_args!("{title}:\t"));
        let mut first = true;
        for (key, value) in annotations.into_iter().flatten() {
            if key == LAST_APPLIED {
                continue;
            }
            if !first {
                self.write(0, "\t");
            }
            first = false;
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 <= MAX_ANNOTATION_LENGTH && !value.contains('\n') {
                self.line(0, format_args!("{key}: {value}"));
                continue;
            }
            self.line(0, format_args!("{key}:"));
            for line in value.split('\n') {
                let line = shorten(line, MAX_ANNOTATION_LENGTH - 2);
                self.line(0, format_args!("\t  {line}"));
            }
        }
        if first {
            self.line(0, "<none>");
        }
    }

    /// Attributes of a CSI volume, where each line is indented by its own level.
    pub(crate) fn attributes(&mut self, attributes: Option<&BTreeMap<String, String>>) {
        self.write(2, "VolumeAttributes:\t");
        let mut first = true;
        for (key, value) in attributes.into_iter().flatten() {
            if !first {
                self.write(2, "");
                self.write(2, "\t");
            }
            first = false;
            self.line(2, shorten(&format!("{key}={value}"), MAX_ANNOTATION_LENGTH));
        }
        if first {
            self.line(0, "<none>");
        }
    }

    /// The taints of a node, by effect and key.
    pub(crate) fn taints(&mut self, taints: &[Taint]) {
        let mut sorted: Vec<&Taint> = taints.iter().collect();
        sort::by_key(&mut sorted, |taint| {
            format!("{},{}", taint.effect, taint.key)
        });
        self.list("Taints", sorted.into_iter().map(taint_text));
    }

    /// The tolerations of a pod, by key.
    pub(crate) fn tolerations(&mut self, title: &str, tolerations: &[Toleration]) {
        let mut sorted: Vec<&Toleration> = tolerations.iter().collect();
        sort::by_key(&mut sorted, |toleration| {
            toleration.key.as_deref().unwrap_or("")
        });
        self.list(title, sorted.into_iter().map(toleration_text));
    }
}

/// The first `length` bytes of a longer text, with `...` behind.
fn shorten(text: &str, length: usize) -> String {
    if text.len() <= length {
        return text.to_owned();
    }
    format!("{}...", &text[..text.floor_char_boundary(length)])
}

/// `key=value:effect`, without the parts that are empty.
fn taint_text(taint: &Taint) -> String {
    let value = taint.value.as_deref().unwrap_or("");
    match (value.is_empty(), taint.effect.is_empty()) {
        (true, true) => taint.key.clone(),
        (true, false) => format!("{}:{}", taint.key, taint.effect),
        (false, _) => format!("{}={value}:{}", taint.key, taint.effect),
    }
}

fn toleration_text(toleration: &Toleration) -> String {
    let mut text = toleration.key.clone().unwrap_or_default();
    let value = toleration.value.as_deref().unwrap_or("");
    if !value.is_empty() {
        let _ = write!(text, "={value}");
    }
    let effect = toleration.effect.as_deref().unwrap_or("");
    if !effect.is_empty() {
        let _ = write!(text, ":{effect}");
    }
    if toleration.operator.as_deref() == Some("Exists") && value.is_empty() {
        text.push_str(if text.is_empty() {
            "op=Exists"
        } else {
            " op=Exists"
        });
    }
    if let Some(seconds) = toleration.toleration_seconds {
        let _ = write!(text, " for {seconds}s");
    }
    text
}
