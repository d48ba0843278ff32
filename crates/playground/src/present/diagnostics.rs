//! What is wrong in a file, in the API server's own words, with what to try.

use crate::files::Files;
use crate::view::{Diagnostic, Hint, Severity};
use petset_cluster::api::schema::{self, Type};
use petset_cluster::api::{Server, discovery};
use petset_cluster::sort;
use petset_cluster::{Key, Kind};
use petset_manifest::{Document, Places, ReadError, Span, Value};

/// The most diagnostics of one file.
const SHOWN: usize = 100;

/// Texts larger than this are not checked as they are typed, in bytes: `kubectl apply` says what is wrong in them.
const CHECKED_LIMIT: usize = 400_000;

/// Everything wrong in `text`, in its order.
pub(crate) fn diagnostics(server: &Server, files: &Files, text: &str) -> Vec<Diagnostic> {
    if text.len() > CHECKED_LIMIT {
        return Vec::new();
    }
    let (documents, errors) = petset_manifest::read(text);
    let mut found: Vec<Found> = errors.into_iter().map(Found::unreadable).collect();
    for document in &documents {
        found.extend(of_document(server, files, document));
        if found.len() >= SHOWN {
            break;
        }
    }
    sort::by_key(&mut found, |found| found.span.start);
    found.truncate(SHOWN);
    placed(text, found)
}

/// A problem and the bytes it is about.
struct Found {
    span: Span,
    severity: Severity,
    message: String,
    hint: Option<Hint>,
}

impl Found {
    fn unreadable(error: ReadError) -> Found {
        use petset_manifest::Hint as Read;
        let hint = match &error.hint {
            Some(Read::TabIndent) => Some(Hint::TabsAreNotAllowed),
            Some(Read::UnclosedQuote) => Some(Hint::CloseTheQuote),
            Some(Read::BadIndent | Read::BadListIndent | Read::MappingInScalar) => {
                Some(Hint::AlignIndentation)
            }
            _ => None,
        };
        Found {
            span: error.span,
            severity: Severity::Error,
            message: error.kubectl(),
            hint,
        }
    }
}

fn of_document(server: &Server, files: &Files, document: &Document) -> Vec<Found> {
    let whole = document.spans.nearest("").value;
    let mut found = Vec::new();
    for problem in server.check(&document.value) {
        let spans = document.spans.nearest(&problem.path);
        // A field that should not be there is marked by its name, a value that is wrong by itself.
        let unknown = problem.message.starts_with("unknown field");
        let span = match spans.key {
            Some(key) if unknown || spans.value.end.saturating_sub(spans.value.start) > 80 => key,
            _ if problem.path.is_empty() => first_line(document, whole),
            _ => spans.value,
        };
        let message = if problem.path.is_empty() || unknown {
            problem.message.clone()
        } else {
            format!("{}: {}", problem.path, problem.message)
        };
        let severity = if problem.warning {
            Severity::Warning
        } else {
            Severity::Error
        };
        let hint = hint_for(&document.value, &problem.path, &problem.message);
        found.push(Found {
            span,
            severity,
            message,
            hint,
        });
    }
    for duplicate in &document.duplicate_keys {
        let message = format!("duplicate field \"{}\"", duplicate.key);
        found.push(Found {
            span: duplicate.span,
            severity: Severity::Warning,
            message,
            hint: None,
        });
    }
    found.extend(missing_service(server, files, document));
    found
}

/// The first line of a document, for what is wrong with it as a whole.
fn first_line(document: &Document, whole: Span) -> Span {
    let length = document
        .text
        .trim_start()
        .lines()
        .next()
        .map_or(0, str::len);
    Span {
        start: whole.start,
        end: (whole.start + length).min(whole.end),
    }
}

/// A set whose service is neither in the cluster nor in a file works, but its pods get no names.
fn missing_service(server: &Server, files: &Files, document: &Document) -> Option<Found> {
    if document.value.get("kind")?.as_str()? != "StatefulSet" {
        return None;
    }
    let service = document
        .value
        .pointer("/spec/serviceName")?
        .as_str()
        .filter(|name| !name.is_empty())?;
    let namespace = document
        .value
        .pointer("/metadata/namespace")
        .and_then(Value::as_str)
        .unwrap_or("default");
    let exists = server
        .store()
        .get(Kind::Service, &Key::new(namespace, service))
        .is_some();
    let named =
        |text: &str| text.contains("kind: Service") && text.contains(&format!("name: {service}"));
    if exists || files.iter().any(|(_, text)| named(text)) {
        return None;
    }
    Some(Found {
        span: document.spans.nearest("spec.serviceName").value,
        severity: Severity::Warning,
        message: format!("services \"{service}\" not found"),
        hint: Some(Hint::CreateService {
            service: service.to_owned(),
        }),
    })
}

fn hint_for(document: &Value, path: &str, message: &str) -> Option<Hint> {
    if message.starts_with("unknown field") {
        return near_field(document, path).map(|name| Hint::DidYouMean { name });
    }
    if let Some((_, expected)) = message.split_once(" of type ") {
        return Some(Hint::ExpectedType {
            expected: expected.to_owned(),
        });
    }
    if message.starts_with("not simulated here") {
        return Some(Hint::NotSimulated);
    }
    if message.contains("must be greater than or equal to 0") {
        return Some(Hint::ZeroOrMore);
    }
    if message.contains("does not match template `labels`") {
        return Some(Hint::MatchTemplateLabels);
    }
    if message.starts_with("Required value") {
        return Some(Hint::AddField {
            path: path.to_owned(),
        });
    }
    if message.ends_with(" not set") {
        return Some(Hint::AddField {
            path: message.trim_end_matches(" not set").to_owned(),
        });
    }
    if message.contains("RFC 1123") {
        return Some(Hint::UseDnsName);
    }
    if message.starts_with("no matches for kind") || message.contains("no matches for kind") {
        let kind = document.get("kind")?.as_str()?;
        let kinds = discovery::resources().iter().map(|resource| resource.kind);
        return nearest(kind, kinds).map(|name| Hint::DidYouMean {
            name: name.to_owned(),
        });
    }
    None
}

/// The field of the same object whose name is closest to the unknown one.
fn near_field(document: &Value, path: &str) -> Option<String> {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut id = document.get("kind")?.as_str()?;
    for step in parent.split('.').filter(|step| !step.is_empty()) {
        let field = step.split('[').next().unwrap_or(step);
        id = struct_below(&schema::fields(id)?.get(field)?.ty)?;
    }
    nearest(name, schema::fields(id)?.keys().copied()).map(str::to_owned)
}

fn struct_below(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Struct(id) => Some(id),
        Type::List(element) | Type::Map(element) => struct_below(element),
        _ => None,
    }
}

/// The word that a typing slip could have meant.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = if word.chars().count() <= 4 { 1 } else { 2 };
    candidates
        .map(|candidate| {
            (
                distance(&word.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= allowed && *candidate != word)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out or changed to make one word of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

/// Turns bytes into what editors count in. The problems are in the order of the text.
fn placed(text: &str, found: Vec<Found>) -> Vec<Diagnostic> {
    let places = Places::new(text);
    let (mut at, mut units) = (0, 0);
    let mut diagnostics = Vec::with_capacity(found.len());
    for Found {
        span,
        severity,
        message,
        hint,
    } in found
    {
        let start = boundary(text, span.start);
        let end = boundary(text, span.end.max(span.start));
        units += utf16_length(text, at, start);
        at = start;
        let place = places.of(start);
        let from = units;
        diagnostics.push(Diagnostic {
            from,
            to: from + utf16_length(text, start, end),
            line: usize::try_from(place.line).unwrap_or(1),
            column: usize::try_from(place.column).unwrap_or(1),
            severity,
            message,
            hint,
        });
    }
    diagnostics
}

fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn utf16_length(text: &str, from: usize, to: usize) -> usize {
    text.get(from..to)
        .map_or(0, |part| part.chars().map(char::len_utf16).sum())
}
