//! The timeline: each object's states as a lane on virtual time, with events and commands on it.

mod tracks;
mod window;

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{Lane, ObjectRef, Span, TimelineView};
use web_sys::Element;
use yew::prelude::*;

use super::{Offers, meaning_name, shapes};
use crate::icons::{Icon, icon};
use crate::past::PastAction;
use crate::words::use_words;
use tracks::{ruler, tracks};
pub use window::Window;

/// The height of a row, in CSS pixels; the style sheet has the same.
const ROW_PX: f64 = 26.0;
/// Nothing shorter than this is zoomed into.
const SHORTEST_MS: f64 = 50.0;
/// A pointer that moved less than this has clicked.
const CLICK_PX: f64 = 4.0;

/// See [`TimelinePicture`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The lanes.
    pub timeline: Rc<TimelineView>,
    /// What the picture offers.
    pub offers: Offers,
    /// Look back at a moment.
    pub onpast: Callback<PastAction>,
}

/// What a row shows.
enum Row<'a> {
    Head(Option<&'a ObjectRef>),
    Lane(&'a Lane),
}

fn rows(view: &TimelineView) -> Vec<Row<'_>> {
    let of_group = |group: &'_ petset_playground::view::LaneGroup| group.lanes.len();
    let count = view.groups.iter().map(of_group).sum::<usize>() + view.groups.len();
    let mut rows = Vec::with_capacity(count);
    for group in &view.groups {
        rows.push(Row::Head(group.owner.as_ref()));
        rows.extend(group.lanes.iter().map(Row::Lane));
    }
    rows
}

/// Where a person points: a row and a moment.
#[derive(Clone, Copy, PartialEq)]
struct Cursor {
    row: usize,
    at_ms: f64,
}

/// A drag: where it began, and the window then.
#[derive(Clone, Copy, PartialEq)]
struct Drag {
    x: f64,
    window: Window,
    moved: bool,
}

/// All that the handlers need.
#[derive(Clone)]
struct Chart {
    view: Rc<TimelineView>,
    all: Window,
    shown: Window,
    window: UseStateHandle<Option<Window>>,
    cursor: UseStateHandle<Option<Cursor>>,
    drag: UseStateHandle<Option<Drag>>,
    offers: Offers,
    onpast: Callback<PastAction>,
}

/// The picture of the lanes.
#[component]
pub fn TimelinePicture(props: &Props) -> Html {
    let words = use_words();
    let window = use_state_eq(|| None::<Window>);
    let cursor = use_state_eq(|| None::<Cursor>);
    let drag = use_state_eq(|| None::<Drag>);
    let view = &props.timeline;
    if view.groups.is_empty() {
        let texts = &words.views.timeline;
        return html! { <div class="empty"><h2>{ texts.none }</h2><p>{ texts.none_hint }</p></div> };
    }
    let all = Window::whole(view);
    let shown = window.map_or(all, |window| window.inside(all));
    let chart = Chart {
        view: view.clone(),
        all,
        shown,
        window,
        cursor,
        drag,
        offers: props.offers.clone(),
        onpast: props.onpast.clone(),
    };
    html! {
        <div class="timeline" data-part="timeline">
            { bar(words, &chart) }
            { readout(words, &chart) }
            <div class="lanes">
                <div class="lane-names">
                    <div class="ruler-space" />
                    { for rows(view).iter().map(|row| name(words, props, row)) }
                </div>
                <div class="tracks">
                    { ruler(words, &chart) }
                    { tracks(words, &chart) }
                </div>
            </div>
            if view.left_out > 0 { <p class="faint">{ (words.views.timeline.left_out)(view.left_out) }</p> }
            if view.from_ms > 0 {
                <p class="faint">{ (words.views.timeline.forgotten)(words.views.timeline.moment(view.from_ms)) }</p>
            }
            <p class="faint keys" id="timeline-keys">{ words.views.timeline.keys }</p>
        </div>
    }
}

impl Chart {
    fn set(&self, window: Window) {
        self.window
            .set(Some(window).filter(|window| *window != self.all));
    }

    fn zoom(&self, factor: f64) {
        let middle = (self.shown.from + self.shown.to) / 2.0;
        let pointed = self.cursor.map(|cursor| cursor.at_ms);
        let around = pointed
            .filter(|at| (self.shown.from..=self.shown.to).contains(at))
            .unwrap_or(middle);
        self.set(self.shown.zoomed(factor, around, self.all));
    }

    /// The moment before which everything up to `at_ms` has happened, as one that can be looked at.
    fn look_back(&self, at_ms: f64) {
        self.onpast
            .emit(PastAction::LookAtMs(at_ms.max(0.0) as u64));
    }

    fn lane(&self, row: usize) -> Option<&Lane> {
        let (mut at, mut found) = (0, None);
        for group in &self.view.groups {
            // The group's head takes a row.
            found = row
                .checked_sub(at + 1)
                .and_then(|index| group.lanes.get(index));
            if found.is_some() {
                break;
            }
            at += group.lanes.len() + 1;
        }
        found
    }

    /// Goes to the next row with a lane, up or down.
    fn row_beside(&self, row: usize, down: bool) -> Option<usize> {
        let count = rows(&self.view).len();
        match down {
            true => (row + 1..count).find(|row| self.lane(*row).is_some()),
            false => (0..row).rev().find(|row| self.lane(*row).is_some()),
        }
    }

    fn go_to(&self, cursor: Cursor) {
        self.cursor.set(Some(cursor));
        let Window { from, to } = self.shown;
        if !(from..=to).contains(&cursor.at_ms) {
            let off = cursor.at_ms - (from + to) / 2.0;
            self.set(self.shown.moved(off / (to - from), self.all));
        }
    }

    /// Moments in which something changes in a lane.
    fn changes(&self, row: usize) -> Vec<f64> {
        let Some(lane) = self.lane(row) else {
            return Vec::new();
        };
        let spans = lane.spans.iter();
        let mut all: Vec<u64> = spans
            .flat_map(|span| [Some(span.from_ms), span.to_ms])
            .flatten()
            .chain(lane.ticks.iter().map(|tick| tick.at_ms))
            .collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|at| at as f64).collect()
    }

    fn key(&self, event: &KeyboardEvent) {
        let cursor = self.cursor.unwrap_or(Cursor {
            row: 1,
            at_ms: self.all.from,
        });
        let changes = self.changes(cursor.row);
        let to = |at_ms: Option<f64>| {
            if let Some(at_ms) = at_ms {
                self.go_to(Cursor { at_ms, ..cursor });
            }
        };
        let beside = |down: bool| {
            if let Some(row) = self.row_beside(cursor.row, down) {
                self.go_to(Cursor { row, ..cursor });
            }
        };
        match (event.key().as_str(), event.shift_key()) {
            ("ArrowLeft", true) => self.set(self.shown.moved(-0.2, self.all)),
            ("ArrowRight", true) => self.set(self.shown.moved(0.2, self.all)),
            ("ArrowLeft", _) => to(changes.into_iter().rev().find(|at| *at < cursor.at_ms)),
            ("ArrowRight", _) => to(changes.into_iter().find(|at| *at > cursor.at_ms)),
            ("ArrowUp", _) => beside(false),
            ("ArrowDown", _) => beside(true),
            ("Home", _) => to(changes.first().copied()),
            ("End", _) => to(changes.last().copied()),
            ("+" | "=", _) => self.zoom(0.5),
            ("-" | "_" | "−", _) => self.zoom(2.0),
            ("0", _) => self.set(self.all),
            ("Enter", _) => self.select(cursor.row),
            ("l" | "L" | "ㅣ", _) if !event.ctrl_key() && !event.meta_key() => {
                self.look_back(cursor.at_ms)
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn select(&self, row: usize) {
        if let Some(lane) = self.lane(row) {
            self.offers.onselect.emit(lane.object.clone());
        }
    }

    fn wheel(&self, event: &WheelEvent) {
        let part = event.delta_x() / 800.0;
        if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            self.zoom(if event.delta_y() > 0.0 { 1.25 } else { 0.8 });
        } else if event.shift_key() {
            event.prevent_default();
            let turned = event.delta_y() / 800.0;
            self.set(self.shown.moved(part + turned, self.all));
        } else if event.delta_x() != 0.0 && part.abs() > 0.0 && event.delta_y() == 0.0 {
            event.prevent_default();
            self.set(self.shown.moved(part, self.all));
        }
    }

    fn pointed(&self, track: &Element, x: f64, y: f64) -> Cursor {
        let place = track.get_bounding_client_rect();
        let part = ((x - place.left()) / place.width().max(1.0)).clamp(0.0, 1.0);
        let row = ((y - place.top()) / ROW_PX).max(0.0) as usize;
        Cursor {
            row,
            at_ms: self.shown.at(part),
        }
    }

    fn pointer_moved(&self, track: &Element, event: &PointerEvent) {
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        if let Some(drag) = *self.drag {
            let width = track.get_bounding_client_rect().width().max(1.0);
            let by = x - drag.x;
            if drag.moved || by.abs() > CLICK_PX {
                self.drag.set(Some(Drag {
                    moved: true,
                    ..drag
                }));
                self.set(drag.window.moved(-by / width, self.all));
            }
        } else {
            self.cursor.set(Some(self.pointed(track, x, y)));
        }
    }
}

fn bar(words: &'static Texts, chart: &Chart) -> Html {
    let texts = &words.views.timeline;
    let button = |label: &'static str, part: &'static str, sign: &'static str, act: fn(&Chart)| {
        let chart = chart.clone();
        html! {
            <button type="button" class="tool sign" title={label} aria-label={label} data-part={part}
                onclick={move |_: MouseEvent| act(&chart)}><span aria-hidden="true">{ sign }</span></button>
        }
    };
    html! {
        <div class="picture-bar">
            <div class="tools-row">
                { button(texts.earlier, "timeline-earlier", "‹", |chart| chart.set(chart.shown.moved(-0.2, chart.all))) }
                { button(texts.zoom_out, "timeline-out", "−", |chart| chart.zoom(2.0)) }
                { button(texts.zoom_in, "timeline-in", "+", |chart| chart.zoom(0.5)) }
                { button(texts.later, "timeline-later", "›", |chart| chart.set(chart.shown.moved(0.2, chart.all))) }
                { button(texts.whole, "timeline-whole", "⤢", |chart| chart.set(chart.all)) }
            </div>
        </div>
    }
}

/// What the place that is pointed at says, with what can be done there.
fn readout(words: &'static Texts, chart: &Chart) -> Html {
    let texts = &words.views.timeline;
    let pointed = chart
        .cursor
        .and_then(|cursor| Some((cursor, chart.lane(cursor.row)?)));
    let Some((cursor, lane)) = pointed else {
        return html! { <p class="readout faint" data-part="readout">{ texts.point_at }</p> };
    };
    let (look, select) = (chart.clone(), chart.clone());
    let meaning = span_at(lane, cursor.at_ms).map(|span| span.meaning);
    html! {
        <p class="readout" data-part="readout" data-meaning={meaning.map(meaning_name)}>
            if let Some(meaning) = meaning { { shapes::state_mark(meaning) } }
            <span>{ spoken(words, lane, cursor.at_ms, chart.shown) }</span>
            <button type="button" class="link" data-part="timeline-look" onclick={move |_: MouseEvent| look.look_back(cursor.at_ms)}>{ icon(Icon::Back) }{ texts.look_back }</button>
            <button type="button" class="link" onclick={move |_: MouseEvent| select.select(cursor.row)}>{ texts.inspect }</button>
        </p>
    }
}

fn span_at(lane: &Lane, at_ms: f64) -> Option<&Span> {
    let mut spans = lane.spans.iter().rev();
    spans.find(|span| span.from_ms as f64 <= at_ms && span.to_ms.is_none_or(|to| at_ms < to as f64))
}

/// State and event at a moment, as a sentence.
fn spoken(words: &'static Texts, lane: &Lane, at_ms: f64, shown: Window) -> String {
    let texts = &words.views.timeline;
    let state = span_at(lane, at_ms).map_or(texts.gone, |span| &span.state);
    let at = texts.moment(at_ms as u64);
    let mut said = (texts.at)(&lane.object.name, &at, state);
    // As near as a few pixels.
    let near = (shown.to - shown.from) / 150.0;
    let mut ticks = lane.ticks.iter();
    let event = ticks.rfind(|tick| (tick.at_ms as f64 - at_ms).abs() <= near);
    if let Some(tick) = event {
        said.push_str(". ");
        said.push_str(&(texts.event)(tick.reason.clone(), tick.message.clone()));
    }
    said
}

fn name(words: &'static Texts, props: &Props, row: &Row<'_>) -> Html {
    match row {
        Row::Head(owner) => html! {
            <p class="lane-head">
                if let Some(owner) = owner { <b>{ &owner.name }</b>{ " " }<span class="kind">{ &owner.kind }</span> } else { { words.views.timeline.others } }
            </p>
        },
        Row::Lane(lane) => {
            let (onselect, object) = (props.offers.onselect.clone(), lane.object.clone());
            let mark = props.offers.mark(&lane.object);
            html! {
                <p class="lane-name" key={format!("{}/{}", lane.object.kind, lane.object.name)}>
                    <button type="button" class={classes!("object", mark)} title={format!("{} {}", lane.object.kind, lane.object.name)}
                        aria-pressed={(mark == Some("selected")).to_string()} onclick={move |_: MouseEvent| onselect.emit(object.clone())}>
                        <span class="kind">{ short(&lane.object.kind) }</span>{ " " }{ &lane.object.name }</button>
                </p>
            }
        }
    }
}

fn short(kind: &str) -> &str {
    match kind {
        "PersistentVolumeClaim" => "pvc",
        "PersistentVolume" => "pv",
        "StatefulSet" => "sts",
        "EndpointSlice" => "eps",
        "Service" => "svc",
        "ControllerRevision" => "rev",
        "Deployment" => "deploy",
        "ReplicaSet" => "rs",
        "DaemonSet" => "ds",
        "Pod" => "pod",
        other => other,
    }
}
