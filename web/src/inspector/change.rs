//! What changed last in the object that is looked at.

use petset_playground::text::Texts;
use petset_playground::view::{ChangeView, DiffKind, DiffLine};
use yew::prelude::*;

/// The change, line by line.
pub(super) fn change(words: &'static Texts, change: Option<&ChangeView>) -> Html {
    let texts = &words.views.set;
    let Some(change) = change else {
        return html! { <p class="change-head" data-part="change">{ texts.change_none }</p> };
    };
    let at = words.views.timeline.moment(change.at_ms);
    let said = if change.added {
        (texts.change_added)(at)
    } else {
        (texts.change_at)(at)
    };
    html! {
        <>
            <p class="change-head">{ said.clone() }</p>
            <pre class="yaml diff" tabindex="0" role="region" aria-label={said} data-part="change">{ for change.lines.iter().map(|line| one(words, line)) }</pre>
        </>
    }
}

fn one(words: &'static Texts, line: &DiffLine) -> Html {
    let spoken =
        |text: &'static str| html! { <span class="visually-hidden">{ text }{ ": " }</span> };
    let text = &line.text;
    match line.kind {
        DiffKind::Same => html! { <>{ "  " }{ text }{ "\n" }</> },
        DiffKind::Gap => html! { <span class="faint">{ "  ⋯\n" }</span> },
        DiffKind::Added => {
            html! { <ins>{ spoken(words.views.set.line_added) }{ "+ " }{ text }{ "\n" }</ins> }
        }
        DiffKind::Removed => {
            html! { <del>{ spoken(words.views.set.line_removed) }{ "- " }{ text }{ "\n" }</del> }
        }
    }
}
