//! `kubectl explain`.
//!
//! Upstream: `k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl`.

use super::errors::{Error, quote};
use super::flags::Parsed;
use super::resources::{self, ApiResource};
use super::session::Io;
use super::texts;

/// How deep `--recursive` goes.
const DEPTH_LIMIT: usize = 20;
/// How many allowed values a list of fields shows.
const VALUES_SHOWN: usize = 4;

/// A struct of the texts.
#[derive(Clone, Copy)]
struct Struct {
    description: &'static str,
    fields: &'static str,
}

/// A field of a struct.
#[derive(Clone, Copy)]
struct Field {
    name: &'static str,
    ty: &'static str,
    required: bool,
    values: &'static str,
    description: &'static str,
}

impl Struct {
    fn named(texts: &'static str, id: &str) -> Option<Struct> {
        let head = format!("# {id}\t");
        let start = match texts.starts_with(&head) {
            true => 0,
            false => texts.find(&format!("\n{head}"))? + 1,
        };
        let (first, rest) = texts[start + head.len()..].split_once('\n')?;
        let end = match rest.starts_with("# ") {
            true => 0,
            false => rest.find("\n# ").map_or(rest.len(), |at| at + 1),
        };
        Some(Struct {
            description: first,
            fields: &rest[..end],
        })
    }

    fn fields(self) -> impl Iterator<Item = Field> {
        self.fields.lines().filter_map(|line| {
            let mut cells = line.splitn(5, '\t');
            Some(Field {
                name: cells.next()?,
                ty: cells.next()?,
                required: cells.next()? == "!",
                values: cells.next()?,
                description: cells.next()?,
            })
        })
    }
}

impl Field {
    /// The struct behind lists and maps, if it is one.
    fn target(&self) -> &'static str {
        let mut ty = self.ty;
        while let Some(inner) = ty.strip_prefix("[]").or(ty.strip_prefix("map[string]")) {
            ty = inner;
        }
        ty
    }

    /// The type as it is printed: without what tells structs of one name apart.
    fn shown_type(&self) -> String {
        let target = self.target();
        let plain = target.split_once(':').map_or(target, |(_, name)| name);
        format!("{}{plain}", &self.ty[..self.ty.len() - target.len()])
    }

    fn values(&self) -> Vec<&'static str> {
        match self.values {
            "" => Vec::new(),
            values => values
                .split('|')
                .map(|value| if value.is_empty() { "\"\"" } else { value })
                .collect(),
        }
    }
}

/// `kubectl explain`.
///
/// # Errors
/// A resource or field that is not there.
pub(crate) fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let word = match parsed.args.as_slice() {
        [word] => word,
        [] => {
            return Err(Error::Verbatim("error: You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n".to_owned()));
        }
        _ => {
            return Err(Error::Verbatim(
                "error: We accept only this format: explain RESOURCE\n".to_owned(),
            ));
        }
    };
    let mut path = word.trim_end_matches('.').split('.');
    let name = path.next().unwrap_or("");
    let Some(resource) = resources::find(name) else {
        return Err(Error::Verbatim(format!(
            "the server doesn't have a resource type {}",
            quote(name)
        )));
    };
    let api_version = match parsed.text("api-version") {
        "" => resource.api_version,
        other => other,
    };
    check(parsed.text("output"), api_version, resource)?;
    let Some(texts) = texts::all() else {
        return Err(Error::not_simulated(
            "kubectl explain in the page; petset shell has its texts",
        ));
    };
    let Some(root) = root(texts, resource, api_version) else {
        return Err(Error::not_simulated(format!(
            "explain {}",
            resources::qualified(resource)
        )));
    };
    let path: Vec<&str> = path.collect();
    if !resource.group().is_empty() {
        io.line(&format!("GROUP:      {}", resource.group()));
    }
    let version = api_version.rsplit('/').next().unwrap_or_default();
    io.line(&format!(
        "KIND:       {}\nVERSION:    {version}\n",
        resource.kind
    ));
    // The template has printed what stands above before it finds that a field is missing.
    let text = explain(texts, root, &path, parsed.is("recursive"))?;
    io.line(&text);
    Ok(())
}

/// Whether there is such a form, and such a version with the resource in it.
fn check(output: &str, api_version: &str, resource: &ApiResource) -> Result<(), Error> {
    let shown = format!("{api_version}, Resource={}", resource.plural);
    let shown = match api_version.contains('/') {
        true => shown,
        false => format!("/{shown}"),
    };
    if output == "plaintext-openapiv2" {
        return Err(Error::not_simulated("explain --output=plaintext-openapiv2"));
    }
    let mut served = resources::all().map(|one| one.api_version);
    if api_version != OLDER && !served.any(|served| served == api_version) {
        return Err(Error::plain(format!(
            "couldn't find resource for {}",
            quote(&shown)
        )));
    }
    if !matches!(output, "" | "plaintext") {
        return Err(Error::plain(format!("unrecognized format: {output}")));
    }
    let has_it = api_version == resource.api_version
        || api_version == OLDER && resource.group() == "autoscaling";
    match has_it {
        true => Ok(()),
        false => Err(Error::plain(format!(
            "GVR ({shown}) not found in OpenAPI schema"
        ))),
    }
}

/// The one version that is served beside a newer one.
const OLDER: &str = "autoscaling/v1";

/// The struct of a resource. Where several groups or versions have one of a name, the group stands before that of the newer.
fn root(texts: &'static str, resource: &ApiResource, api_version: &str) -> Option<Struct> {
    let group = resource.group().split('.').next().unwrap_or_default();
    let newer = match api_version {
        OLDER => None,
        _ => Struct::named(texts, &format!("{group}:{}", resource.kind)),
    };
    newer.or_else(|| Struct::named(texts, resource.kind))
}

fn explain(
    texts: &'static str,
    root: Struct,
    path: &[&str],
    recursive: bool,
) -> Result<String, Error> {
    let mut at = Some(root);
    let mut found: Option<Field> = None;
    for name in path {
        found = at.and_then(|at| at.fields().find(|field| field.name == *name));
        let Some(field) = found else {
            let last = path.last().copied().unwrap_or_default();
            return Err(Error::plain(format!(
                "field {} does not exist",
                quote(last)
            )));
        };
        at = Struct::named(texts, field.target());
    }
    let mut text = String::new();
    let mut description = String::new();
    if let Some(field) = found {
        text.push_str(&format!("FIELD: {} <{}>\n", field.name, field.shown_type()));
        let values = field.values();
        if !values.is_empty() {
            text.push_str(&format!("ENUM:\n    {}", values.join("\n    ")));
        }
        text.push_str("\n\n");
        description = paragraph(field.description);
    }
    if let Some(at) = at {
        description.push_str(&paragraph(at.description));
    }
    if description.is_empty() {
        description.push_str("<empty>");
    }
    text.push_str("DESCRIPTION:\n");
    text.push_str(&indent(4, &wrap(76, &description)));
    text.push('\n');
    if let Some(at) = at
        && at.fields().next().is_some()
    {
        text.push_str("FIELDS:\n");
        let mut seen = Vec::new();
        list(texts, at, 1, recursive, &mut seen, &mut text);
    }
    Ok(text)
}

fn paragraph(description: &str) -> String {
    match description {
        "" => String::new(),
        text => format!("{}\n", plain(text)),
    }
}

/// The text with its line ends and backslashes.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (_, true) => out.push(match characters.next() {
                Some('n') => '\n',
                Some(other) => other,
                None => '\\',
            }),
            (c, false) => out.push(c),
        }
    }
    out
}

fn list(
    texts: &'static str,
    at: Struct,
    level: usize,
    recursive: bool,
    seen: &mut Vec<&'static str>,
    out: &mut String,
) {
    let depth = 2 * level;
    for field in at.fields() {
        let required = if field.required { " -required-" } else { "" };
        out.push_str(&format!(
            "{:depth$}{}\t<{}>{required}",
            "",
            field.name,
            field.shown_type()
        ));
        let values = field.values();
        if !values.is_empty() {
            let shown = values[..values.len().min(VALUES_SHOWN)].join(", ");
            let more = if values.len() > VALUES_SHOWN {
                ", ...."
            } else {
                ""
            };
            out.push_str(&format!("\n{:depth$}enum: {shown}{more}", ""));
        }
        out.push('\n');
        if !recursive {
            let description = match field.description {
                "" => "<no description>".to_owned(),
                text => plain(text),
            };
            out.push_str(&indent(depth + 2, &wrap(78 - depth, &description)));
            out.push_str("\n\n");
            continue;
        }
        let target = field.target();
        if level < DEPTH_LIMIT
            && !seen.contains(&target)
            && let Some(inner) = Struct::named(texts, target)
        {
            seen.push(target);
            list(texts, inner, level + 1, recursive, seen, out);
            seen.pop();
        }
    }
}

fn indent(amount: usize, text: &str) -> String {
    let pad = " ".repeat(amount);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}

/// Breaks lines at spaces so that none is longer than `limit`; longer words stay whole (upstream: `mitchellh/go-wordwrap`).
fn wrap(limit: usize, text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let mut out = String::new();
        let (mut current, mut spaces) = (0, String::new());
        for piece in line.split_inclusive(' ') {
            let (word, space) = match piece.strip_suffix(' ') {
                Some(word) => (word, " "),
                None => (piece, ""),
            };
            let length = word.chars().count();
            if length > 0 {
                if current + spaces.len() + length > limit && current + spaces.len() > 1 {
                    out.push('\n');
                    current = 0;
                } else {
                    out.push_str(&spaces);
                    current += spaces.len();
                }
                spaces.clear();
                out.push_str(word);
                current += length;
            }
            spaces.push_str(space);
        }
        if current + spaces.len() <= limit {
            out.push_str(&spaces);
        }
        out
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Struct, explain, wrap};

    const TEXTS: &str = "# Pod\tA pod.\nspec\tPodSpec\t!\t\tWhat it\\nshould be.\nstate\tstring\t\tOn|Off\t\n# PodSpec\tThe \\\\spec.\nnodes\t[]x:Node\t\t\tNodes.\n# x:Node\t\nname\tstring\t\tA|B|C|D|E\tThe name.\nnext\t[]x:Node\t\t\tMore.\n";

    fn explained(path: &[&str], recursive: bool) -> String {
        let root = Struct::named(TEXTS, "Pod").expect("a pod");
        explain(TEXTS, root, path, recursive).unwrap_or_else(|error| error.text())
    }

    #[test]
    fn fields_are_explained_as_the_template_does() {
        let table: [(&[&str], bool, &str); 6] = [
            (
                &[],
                false,
                "DESCRIPTION:\n    A pod.\n    \nFIELDS:\n  spec\t<PodSpec> -required-\n    What it\n    should be.\n\n  state\t<string>\n  enum: On, Off\n    <no description>\n\n",
            ),
            (
                &["spec"],
                false,
                "FIELD: spec <PodSpec>\n\n\nDESCRIPTION:\n    What it\n    should be.\n    The \\spec.\n    \nFIELDS:\n  nodes\t<[]Node>\n    Nodes.\n\n",
            ),
            (
                &["spec", "nodes", "name"],
                false,
                "FIELD: name <string>\nENUM:\n    A\n    B\n    C\n    D\n    E\n\nDESCRIPTION:\n    The name.\n    \n",
            ),
            (
                &["state"],
                false,
                "FIELD: state <string>\nENUM:\n    On\n    Off\n\nDESCRIPTION:\n    <empty>\n",
            ),
            (
                &["spec", "what"],
                false,
                "error: field \"what\" does not exist\n",
            ),
            (
                &[],
                true,
                "DESCRIPTION:\n    A pod.\n    \nFIELDS:\n  spec\t<PodSpec> -required-\n    nodes\t<[]Node>\n      name\t<string>\n      enum: A, B, C, D, ....\n      next\t<[]Node>\n  state\t<string>\n  enum: On, Off\n",
            ),
        ];
        for (path, recursive, expected) in table {
            assert_eq!(explained(path, recursive), expected, "{path:?}");
        }
    }

    #[test]
    fn lines_break_at_spaces() {
        let table = [
            (5, "ab cd ef", "ab cd\nef"),
            (5, "abcdefgh ij", "abcdefgh\nij"),
            (4, "a\n\nb c d", "a\n\nb c\nd"),
            (5, "a  bcdef", "a\nbcdef"),
            (9, "", ""),
        ];
        for (limit, text, expected) in table {
            assert_eq!(wrap(limit, text), expected, "{text}");
        }
    }
}
