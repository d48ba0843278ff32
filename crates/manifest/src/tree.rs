//! Events of the YAML parser to a tree whose nodes know their place.

use std::collections::BTreeMap;
use std::io::{BufRead, Read as _};

use libyaml_safer::{
    Encoding, Error, ErrorKind, Event, EventData, MappingStyle, Mark, Parser, SequenceStyle,
};

use crate::read::MAX_DEPTH;
use crate::{Hint, Span, tag};

/// A node's number in its tree.
pub(crate) type NodeId = usize;

/// One document's nodes. The first is the root.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: Option<NodeId>,
}

pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Bytes within the document.
    pub(crate) span: Span,
}

pub(crate) enum Kind {
    Scalar {
        text: String,
        tag: Option<String>,
        plain: bool,
    },
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
    Alias {
        name: String,
        to: NodeId,
    },
}

/// Why a document is not YAML; offsets are within the document.
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) problem: &'static str,
    /// Where it was noticed.
    pub(crate) at: usize,
    /// Where what could not be finished began.
    pub(crate) context: Option<usize>,
    /// Known without looking at the text.
    pub(crate) hint: Option<Hint>,
}

/// What the parser says of a tag that ends in the middle of a word.
const TAG_UNFINISHED: &str = "did not find expected whitespace or line break";

/// Reads one document.
///
/// # Errors
/// The first place that is not YAML, with Go yaml's words and line number.
pub(crate) fn compose(text: &str) -> Result<Tree, SyntaxError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    // What upstream reads always ends with a line end.
    let end: &[u8] = if body.ends_with('\n') { b"" } else { b"\n" };
    let Some(body) = tag::without_commas(body) else {
        return Err(SyntaxError {
            message: format!("yaml: {TAG_UNFINISHED}"),
            problem: TAG_UNFINISHED,
            at: 0,
            context: None,
            hint: None,
        });
    };
    let mut input = body.as_bytes().chain(end);
    let mut parser = Parser::new();
    parser.set_encoding(Encoding::Utf8);
    parser.set_input(&mut input);
    Composer {
        parser,
        skipped: text.len() - body.len(),
        end: text.len(),
        tree: Tree::default(),
        anchors: BTreeMap::new(),
    }
    .document()
}

struct Composer<R> {
    parser: Parser<R>,
    /// Bytes of a byte order mark.
    skipped: usize,
    end: usize,
    tree: Tree,
    anchors: BTreeMap<String, NodeId>,
}

/// A collection whose end has not been seen.
struct Open {
    node: NodeId,
    flow: bool,
    /// A mapping's key that waits for its value.
    key: Option<NodeId>,
}

impl<R: BufRead> Composer<R> {
    /// Reads up to the end of the first document; what stands behind `...` is not looked at, as upstream.
    fn document(mut self) -> Result<Tree, SyntaxError> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let event = self
                .parser
                .parse()
                .map_err(|error| self.syntax_error(&error))?;
            match event.data {
                EventData::StreamStart { .. } | EventData::DocumentStart { .. } => {}
                EventData::StreamEnd | EventData::DocumentEnd { .. } => return Ok(self.tree),
                EventData::SequenceEnd | EventData::MappingEnd => {
                    let Some(closed) = open.pop() else { continue };
                    self.close(&closed, &event);
                    self.attach(&mut open, closed.node);
                }
                _ => self.node(event, &mut open)?,
            }
        }
    }

    fn node(&mut self, event: Event, open: &mut Vec<Open>) -> Result<(), SyntaxError> {
        let span = Span {
            start: self.byte(event.start_mark),
            end: self.byte(event.end_mark),
        };
        let (kind, anchor, flow) = match event.data {
            EventData::Alias { anchor } => {
                let Some(to) = self.anchors.get(&anchor).copied() else {
                    return Err(plain_error(
                        format!("unknown anchor '{anchor}' referenced"),
                        span.start,
                        Hint::UnknownAnchor,
                    ));
                };
                (Kind::Alias { name: anchor, to }, None, None)
            }
            EventData::Scalar {
                anchor,
                tag,
                value,
                plain_implicit,
                ..
            } => (
                Kind::Scalar {
                    text: value,
                    tag,
                    plain: plain_implicit,
                },
                anchor,
                None,
            ),
            EventData::SequenceStart { anchor, style, .. } => (
                Kind::Sequence(Vec::new()),
                anchor,
                Some(style == SequenceStyle::Flow),
            ),
            EventData::MappingStart { anchor, style, .. } => (
                Kind::Mapping(Vec::new()),
                anchor,
                Some(style == MappingStyle::Flow),
            ),
            _ => return Ok(()),
        };
        let node = self.tree.nodes.len();
        self.tree.nodes.push(Node { kind, span });
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, node);
        }
        match flow {
            Some(_) if open.len() >= MAX_DEPTH => {
                return Err(plain_error(
                    format!("exceeded max depth of {MAX_DEPTH}"),
                    span.start,
                    Hint::TooDeep,
                ));
            }
            Some(flow) => open.push(Open {
                node,
                flow,
                key: None,
            }),
            None => self.attach(open, node),
        }
        Ok(())
    }

    /// The parser counts bytes, and may count a line end beyond the text's.
    fn byte(&self, mark: Mark) -> usize {
        usize::try_from(mark.index)
            .unwrap_or(usize::MAX)
            .saturating_add(self.skipped)
            .min(self.end)
    }

    fn attach(&mut self, open: &mut [Open], child: NodeId) {
        let Some(parent) = open.last_mut() else {
            self.tree.root = Some(child);
            return;
        };
        match self
            .tree
            .nodes
            .get_mut(parent.node)
            .map(|node| &mut node.kind)
        {
            Some(Kind::Sequence(items)) => items.push(child),
            Some(Kind::Mapping(entries)) => match parent.key.take() {
                Some(key) => entries.push((key, child)),
                None => parent.key = Some(child),
            },
            _ => {}
        }
    }

    /// A block's end is noticed only where the next thing begins: it ends with its last child.
    fn close(&mut self, closed: &Open, event: &Event) {
        let last = match self.tree.nodes.get(closed.node).map(|node| &node.kind) {
            Some(Kind::Sequence(items)) => items.last().copied(),
            Some(Kind::Mapping(entries)) => entries.last().map(|(_, value)| *value),
            _ => None,
        };
        let end = match last.and_then(|last| self.tree.nodes.get(last)) {
            Some(last) if !closed.flow => last.span.end,
            _ => self.byte(event.end_mark),
        };
        if let Some(node) = self.tree.nodes.get_mut(closed.node) {
            node.span.end = end.max(node.span.start);
        }
    }

    /// upstream: go.yaml.in/yaml/v2 decode.go, parser.fail: a parser's line is one less than the scanner's, and the first line is not named.
    fn syntax_error(&self, error: &Error) -> SyntaxError {
        let problem_line = error.problem_mark().map_or(0, |mark| mark.line);
        let line = match problem_line {
            0 => error.context_mark().map_or(0, |mark| mark.line),
            line if error.kind() == ErrorKind::Scanner => line + 1,
            line => line,
        };
        let place = if line == 0 {
            String::new()
        } else {
            format!("line {line}: ")
        };
        SyntaxError {
            message: format!("yaml: {place}{}", error.problem()),
            problem: error.problem(),
            at: error.problem_mark().map_or(0, |mark| self.byte(mark)),
            context: error.context_mark().map(|mark| self.byte(mark)),
            hint: None,
        }
    }
}

fn plain_error(message: String, at: usize, hint: Hint) -> SyntaxError {
    SyntaxError {
        message: format!("yaml: {message}"),
        problem: "",
        at,
        context: None,
        hint: Some(hint),
    }
}
