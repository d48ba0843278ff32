//! A large set in blocks of places, each with its states as a bar; a block opens its places.

use petset_playground::text::Texts;
use petset_playground::view::{BlockView, Meaning};
use yew::prelude::*;

use super::meaning_name;

const ALL: [Meaning; 5] = [
    Meaning::Ready,
    Meaning::Progress,
    Meaning::Waiting,
    Meaning::Failed,
    Meaning::Gone,
];

/// The blocks, the one with the first shown place marked.
pub fn blocks(
    words: &'static Texts,
    blocks: &[BlockView],
    shown_from: u32,
    onfirst: &Callback<u32>,
) -> Html {
    if blocks.is_empty() {
        return html! {};
    }
    let one = |block: &BlockView| {
        let of_meaning = |meaning: Meaning| (meaning, block.counts[meaning as usize]);
        let there = || {
            ALL.into_iter()
                .map(of_meaning)
                .filter(|(_, count)| *count > 0)
        };
        let said: Vec<String> = there()
            .map(|(meaning, count)| format!("{count} {}", (words.meaning)(meaning)))
            .collect();
        let label = (words.views.set.block)(block.first, block.last, &said.join(", "));
        let open =
            (block.position..=block.position + (block.last - block.first)).contains(&shown_from);
        let (onfirst, position) = (onfirst.clone(), block.position);
        html! {
            <li key={block.first}><button type="button" class="block" data-part="block" aria-label={label.clone()} title={label} aria-current={open.then_some("true")}
                onclick={move |_: MouseEvent| onfirst.emit(position)}>
                <span class="number">{ format!("{}–{}", block.first, block.last) }</span>
                <span class="block-bar" aria-hidden="true">
                    { for there().map(|(meaning, count)| html! { <i key={meaning_name(meaning)} data-meaning={meaning_name(meaning)} style={format!("flex:{count}")} /> }) }
                </span>
            </button></li>
        }
    };
    html! { <ol class="blocks" aria-label={words.views.set.blocks} data-part="blocks">{ for blocks.iter().map(one) }</ol> }
}
