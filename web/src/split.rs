//! A border that can be dragged, with the pointer and with the keyboard.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

const STEP_PERCENT: f64 = 2.0;

/// Which way the border runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Between a left and a right part.
    Vertical,
    /// Between an upper and a lower part.
    Horizontal,
}

/// See [`Separator`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Which way it runs.
    pub direction: Direction,
    /// What it changes, for screen readers.
    pub label: AttrValue,
    /// Where it stands, in percent of its parent.
    pub percent: f64,
    /// Least percent.
    pub min: f64,
    /// Most percent.
    pub max: f64,
    /// Where it goes on a double click.
    pub home: f64,
    /// Called while it moves.
    pub onmove: Callback<f64>,
}

/// A border between two parts of its parent element.
#[component]
pub fn Separator(props: &Props) -> Html {
    let dragging = use_state(|| false);
    let (direction, min, max) = (props.direction, props.min, props.max);
    let onpointerdown = {
        let dragging = dragging.clone();
        Callback::from(move |event: PointerEvent| {
            if let Some(target) = event.target_dyn_into::<Element>() {
                drop(target.set_pointer_capture(event.pointer_id()));
            }
            dragging.set(true);
        })
    };
    let onpointermove = {
        let (dragging, onmove) = (dragging.clone(), props.onmove.clone());
        Callback::from(move |event: PointerEvent| {
            if *dragging && let Some(percent) = pointed_percent(&event, direction) {
                onmove.emit(percent.clamp(min, max));
            }
        })
    };
    let onpointerend = {
        let dragging = dragging.clone();
        Callback::from(move |_: PointerEvent| dragging.set(false))
    };
    let onkeydown = {
        let (percent, onmove) = (props.percent, props.onmove.clone());
        Callback::from(move |event: KeyboardEvent| {
            let wanted = match (event.key().as_str(), direction) {
                ("ArrowLeft", Direction::Vertical) | ("ArrowUp", Direction::Horizontal) => {
                    percent - STEP_PERCENT
                }
                ("ArrowRight", Direction::Vertical) | ("ArrowDown", Direction::Horizontal) => {
                    percent + STEP_PERCENT
                }
                ("Home", _) => min,
                ("End", _) => max,
                _ => return,
            };
            event.prevent_default();
            onmove.emit(wanted.clamp(min, max));
        })
    };
    let ondblclick = {
        let (home, onmove) = (props.home, props.onmove.clone());
        Callback::from(move |_: MouseEvent| onmove.emit(home))
    };
    let orientation = match direction {
        Direction::Vertical => "vertical",
        Direction::Horizontal => "horizontal",
    };
    html! {
        <div class={classes!("separator", dragging.then_some("dragging"))} role="separator" tabindex="0"
            aria-orientation={orientation} aria-label={props.label.clone()}
            aria-valuenow={format!("{:.0}", props.percent)} aria-valuemin={min.to_string()} aria-valuemax={max.to_string()}
            {onpointerdown} {onpointermove} onpointerup={onpointerend.clone()} onpointercancel={onpointerend}
            {onkeydown} {ondblclick} />
    }
}

fn pointed_percent(event: &PointerEvent, direction: Direction) -> Option<f64> {
    let parent: HtmlElement = event
        .target_dyn_into::<Element>()?
        .parent_element()?
        .dyn_into()
        .ok()?;
    let area = parent.get_bounding_client_rect();
    let (at, from, length) = match direction {
        Direction::Vertical => (f64::from(event.client_x()), area.left(), area.width()),
        Direction::Horizontal => (f64::from(event.client_y()), area.top(), area.height()),
    };
    (length > 0.0).then(|| (at - from) / length * 100.0)
}
