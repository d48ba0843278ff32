//! The shapes. Shape tells the kind; fill, edge and icon tell the state; colour only repeats it.
//!
//! Colours come from CSS through `data-meaning` on an ancestor, so light, dark and forced colours need nothing here.

use petset_playground::view::{ContainerState, Meaning};
use yew::prelude::*;

/// The patterns that fills refer to. Drawn once in the page.
pub fn patterns() -> Html {
    html! {
        <svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false">
            <defs>
                <pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="stripe-back" width="6" height="6" />
                    <rect class="stripe" width="3" height="6" />
                </pattern>
            </defs>
        </svg>
    }
}

fn glyph(width: u32, height: u32, meaning: Meaning, shape: Html) -> Html {
    let view_box = format!("0 0 {width} {height}");
    html! {
        <svg class="glyph" viewBox={view_box} width={width.to_string()} height={height.to_string()} aria-hidden="true" focusable="false">
            { shape }
            if meaning == Meaning::Failed {
                <path class="cross" d={format!("M6 6L{} {}M{} 6L6 {}", width - 6, height - 6, width - 6, height - 6)} />
            }
        </svg>
    }
}

/// A pod: a rounded square with a dot for each container.
pub fn pod(meaning: Meaning, containers: &[ContainerState]) -> Html {
    let shown = &containers[..containers.len().min(4)];
    let width = shown.len() as f64 * 13.0;
    let dots = shown.iter().enumerate().map(|(index, state)| {
        let x = format!("{}", 26.0 - width / 2.0 + 6.5 + index as f64 * 13.0);
        let class = match state {
            ContainerState::Waiting => "dot hollow",
            ContainerState::Running => "dot half",
            ContainerState::Ready => "dot full",
            ContainerState::Succeeded | ContainerState::Failed => "dot ended",
        };
        html! { <circle {class} cx={x} cy="26" r="4.5" /> }
    });
    glyph(
        52,
        52,
        meaning,
        html! {
            <>
                <rect class="body" x="2" y="2" width="48" height="48" rx="13" />
                { for dots }
            </>
        },
    )
}

/// The place of a pod that is not there.
pub fn empty_pod() -> Html {
    html! {
        <svg class="glyph vacant" viewBox="0 0 52 52" width="52" height="52" aria-hidden="true" focusable="false">
            <rect class="outline" x="2" y="2" width="48" height="48" rx="13" />
        </svg>
    }
}

const TICKET: &str = "M6 4H46a4 4 0 0 1 4 4v4.5a5.5 5.5 0 0 0 0 11V28a4 4 0 0 1-4 4H6a4 4 0 0 1-4-4v-4.5a5.5 5.5 0 0 0 0-11V8a4 4 0 0 1 4-4z";
const CYLINDER: &str = "M4 10v28c0 4.4 9.8 7 22 7s22-2.6 22-7V10";

/// A claim: a ticket with notches. `kept` is dotted.
pub fn claim(meaning: Meaning, kept: bool) -> Html {
    glyph(
        52,
        36,
        meaning,
        html! {
            <>
                <path class={classes!("body", kept.then_some("kept"))} d={TICKET} />
                <path class="perforation" d="M36 9v18" />
            </>
        },
    )
}

/// The place of a claim that is not there.
pub fn empty_claim() -> Html {
    html! {
        <svg class="glyph vacant" viewBox="0 0 52 36" width="52" height="36" aria-hidden="true" focusable="false">
            <path class="outline" d={TICKET} />
        </svg>
    }
}

/// A volume: a cylinder, filled when it holds files.
pub fn volume(meaning: Meaning, kept: bool, has_files: bool) -> Html {
    let class = classes!("body", kept.then_some("kept"));
    glyph(
        52,
        48,
        meaning,
        html! {
            <>
                <path class={class.clone()} d={CYLINDER} />
                if has_files {
                    <path class="bytes" d="M4 30v8c0 4.4 9.8 7 22 7s22-2.6 22-7v-8c0 3.6-9.8 6-22 6s-22-2.4-22-6z" />
                }
                <ellipse {class} cx="26" cy="10" rx="22" ry="6.5" />
            </>
        },
    )
}

/// The place of a volume that is not there.
pub fn empty_volume() -> Html {
    html! {
        <svg class="glyph vacant" viewBox="0 0 52 48" width="52" height="48" aria-hidden="true" focusable="false">
            <path class="outline" d={CYLINDER} />
            <ellipse class="outline" cx="26" cy="10" rx="22" ry="6.5" />
        </svg>
    }
}

/// A service: a signpost.
pub fn signpost() -> Html {
    html! {
        <svg class="sign" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
            <path d="M9.5 18.5V2M4 3.5h10.5l3 3-3 3H4zM9.5 18.5h-3M9.5 18.5h3" />
        </svg>
    }
}

/// A small mark for a state, with a shape of its own for each meaning.
pub fn state_mark(meaning: Meaning) -> Html {
    let shape = match meaning {
        Meaning::Ready => {
            html! { <><circle class="solid" cx="6" cy="6" r="5.2" /><path class="tick" d="M3.4 6.2l1.8 1.9 3.4-4" /></> }
        }
        Meaning::Progress => {
            html! { <><circle class="edge" cx="6" cy="6" r="4.7" /><path class="solid" d="M6 1.3a4.7 4.7 0 0 1 0 9.4z" /></> }
        }
        Meaning::Waiting => html! { <circle class="edge" cx="6" cy="6" r="4.7" /> },
        Meaning::Failed => html! { <path class="edge" d="M2 2l8 8M10 2l-8 8" /> },
        Meaning::Gone => html! { <path class="edge dotted" d="M1.5 6h9" /> },
    };
    html! {
        <svg class="state-mark" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">{ shape }</svg>
    }
}
