//! One command and what it printed.

use std::rc::Rc;

use petset_playground::view::{Block, Stream};
use yew::prelude::*;

use crate::words::use_words;

/// Lines of one command that are drawn before a person asks for all.
const LINES_SHOWN: usize = 400;

/// Longer output is laid out in pieces of so many lines, of which the browser draws those in sight. All of it stays in the page,
/// so that selecting, copying, searching and screen readers find it.
const LINES_TOGETHER: usize = 100;

/// See [`Entry`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The command and its output.
    pub block: Rc<Block>,
    /// The id of its element; the page's address names it.
    pub id: String,
    /// Whether the page's address names it now.
    pub marked: bool,
}

/// One command and what it printed. Long output is folded to its last lines.
#[component]
pub fn Entry(props: &Props) -> Html {
    let words = use_words();
    let unfolded = use_state_eq(|| false);
    let block = &props.block;
    let limit = if *unfolded { usize::MAX } else { LINES_SHOWN };
    let (hidden, parts) = tail(block, limit);
    let onunfold = {
        let unfolded = unfolded.clone();
        Callback::from(move |_: MouseEvent| unfolded.set(true))
    };
    let state = if block.exit_code.is_some() {
        "done"
    } else {
        "running"
    };
    let link_to = (words.transcript.link_to)(&block.command);
    html! {
        <div class="entry" data-part="entry" data-state={state} id={props.id.clone()} data-marked={props.marked.then_some("true")}
            aria-current={props.marked.then_some("true")}>
            <p class="command"><span class="prompt-mark" aria-hidden="true">{ "$ " }</span><span data-part="command">{ &block.command }</span>
                <a class="anchor" href={format!("#{}", props.id)} aria-label={link_to}>{ "#" }</a></p>
            if block.dropped_lines > 0 {
                <p class="folded">{ (words.lines_dropped)(block.dropped_lines) }</p>
            }
            if hidden > 0 {
                <p class="folded">
                    <span>{ (words.lines_hidden)(hidden) }</span>
                    <button type="button" class="link" onclick={onunfold}>{ words.show_all }</button>
                </p>
            }
            <div class="output" data-part="output">
                { for parts.into_iter().map(|(stream, text)| match stream {
                    Stream::Stdout => html! { <pre lang="en">{ lines(text) }</pre> },
                    Stream::Stderr => html! {
                        <pre lang="en" class="stderr"><span class="visually-hidden">{ words.stderr }{ ": " }</span>{ lines(text) }</pre>
                    },
                }) }
            </div>
            if block.interrupted {
                <p class="exit">{ "^C " }{ words.interrupted }</p>
            } else if let Some(code) = block.exit_code.filter(|code| *code != 0) {
                <p class="exit" data-part="exit-code">{ (words.exit_code)(code) }</p>
            }
        </div>
    }
}

/// A text, in pieces if it is long.
fn lines(text: &str) -> Html {
    if text.matches('\n').count() <= LINES_TOGETHER {
        return html! { text };
    }
    let all = pieces(text).into_iter().map(|(count, piece)| {
        html! { <span class="lines" style={format!("--lines:{count}")}>{ piece }</span> }
    });
    html! { <>{ for all }</> }
}

/// The text in pieces of [`LINES_TOGETHER`] lines each, the last one of what is left; how many lines each has.
fn pieces(mut text: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let mut ends = text.match_indices('\n').take(LINES_TOGETHER);
        let (mut count, mut end) = (0, 0);
        for (at, _) in &mut ends {
            (count, end) = (count + 1, at + 1);
        }
        if count < LINES_TOGETHER && end < text.len() {
            (count, end) = (count + 1, text.len());
        }
        let (piece, rest) = text.split_at(end);
        pieces.push((count, piece));
        text = rest;
    }
    pieces
}

/// The last `limit` lines by stream, and how many lines come before them.
fn tail(block: &Block, limit: usize) -> (usize, Vec<(Stream, &str)>) {
    let mut left = limit;
    let mut hidden = 0;
    let mut parts = Vec::new();
    for chunk in block.chunks.iter().rev() {
        let lines = chunk.text.matches('\n').count().max(1);
        if left == 0 {
            hidden += lines;
            continue;
        }
        let skip = lines.saturating_sub(left);
        let start = if skip == 0 {
            0
        } else {
            chunk
                .text
                .match_indices('\n')
                .nth(skip - 1)
                .map_or(0, |(at, _)| at + 1)
        };
        hidden += skip;
        left -= lines - skip;
        parts.push((chunk.stream, &chunk.text[start..]));
    }
    parts.reverse();
    (hidden, parts)
}
