//! Where each key and value of a document stands.

use std::collections::BTreeMap;

use crate::{Span, Value};

/// The places of one key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spans {
    /// The key; `None` for an item of a list and for the document itself.
    pub key: Option<Span>,
    /// The value.
    pub value: Span,
}

/// From a path such as `spec.template.spec.containers[0].image` to the places of key and value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpanMap {
    pub(crate) root: SpanNode,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SpanNode {
    pub(crate) key: Option<Span>,
    pub(crate) value: Span,
    /// Came in through `<<`: an own key of that name is no duplicate.
    pub(crate) merged: bool,
    pub(crate) below: Below,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Below {
    #[default]
    Nothing,
    Fields(BTreeMap<String, SpanNode>),
    Items(Vec<SpanNode>),
}

impl SpanMap {
    /// Where the value at exactly this path stands.
    ///
    /// Keys with dots or slashes are written `["a.b/c"]` or, as Kubernetes' own messages do, `[a.b/c]`; plain dotted forms are found too.
    pub fn find(&self, path: &str) -> Option<Spans> {
        let (node, rest) = self.root.walk(path);
        rest.is_empty().then(|| node.spans())
    }

    /// Where the value at this path stands, or the nearest value around it that exists.
    pub fn nearest(&self, path: &str) -> Spans {
        self.root.walk(path).0.spans()
    }

    /// The path, in [`SpanMap::find`]'s form, of the innermost value whose key or value covers this byte offset.
    pub fn path_at(&self, offset: usize) -> String {
        let mut path = String::new();
        let mut node = &self.root;
        loop {
            let covers = |node: &SpanNode| {
                node.key.unwrap_or(node.value).start <= offset && offset <= node.value.end
            };
            let next = match &node.below {
                Below::Nothing => None,
                Below::Fields(fields) => fields
                    .iter()
                    .find(|(_, node)| covers(node))
                    .map(|(key, node)| (step(&path, key), node)),
                Below::Items(items) => items
                    .iter()
                    .enumerate()
                    .find(|(_, node)| covers(node))
                    .map(|(i, node)| (format!("[{i}]"), node)),
            };
            let Some((step, below)) = next else {
                return path;
            };
            path.push_str(&step);
            node = below;
        }
    }
}

fn step(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && !key.contains(['.', '/', '[', ']', '"']);
    match (plain, path.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!(".{key}"),
        (false, _) => format!("[{}]", Value::from(key)),
    }
}

impl SpanNode {
    fn spans(&self) -> Spans {
        Spans {
            key: self.key,
            value: self.value,
        }
    }

    /// The deepest node on the way and what of the path is left.
    fn walk<'p>(&self, path: &'p str) -> (&Self, &'p str) {
        let mut node = self;
        let mut rest = path;
        while !rest.is_empty() {
            let Some((next, left)) = node.enter(rest) else {
                break;
            };
            (node, rest) = (next, left);
        }
        (node, rest)
    }

    fn enter<'p>(&self, path: &'p str) -> Option<(&Self, &'p str)> {
        if let Some(inside) = path.strip_prefix('[') {
            return self.enter_bracket(inside);
        }
        let path = path.strip_prefix('.').unwrap_or(path);
        let Below::Fields(fields) = &self.below else {
            return None;
        };
        // A name ends at a dot or bracket; a longer name that holds dots is tried next.
        let ends = path
            .char_indices()
            .filter(|(_, c)| matches!(c, '.' | '['))
            .map(|(at, _)| at)
            .chain([path.len()]);
        ends.into_iter()
            .find_map(|end| Some((fields.get(&path[..end])?, &path[end..])))
    }

    fn enter_bracket<'p>(&self, inside: &'p str) -> Option<(&Self, &'p str)> {
        let quoted = inside
            .starts_with('"')
            .then(|| inside.find("\"]").filter(|at| *at > 0))
            .flatten();
        let (name, left) = match quoted {
            Some(end) => (
                serde_json::from_str(&inside[..=end]).ok()?,
                &inside[end + 2..],
            ),
            None => inside
                .split_once(']')
                .map(|(name, left)| (name.to_owned(), left))?,
        };
        match &self.below {
            Below::Items(items) => Some((items.get(name.parse::<usize>().ok()?)?, left)),
            Below::Fields(fields) => Some((fields.get(&name)?, left)),
            Below::Nothing => None,
        }
    }
}
