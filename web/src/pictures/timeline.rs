//! The timeline: each object's states as a lane on virtual time, with events and commands on it.

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{Lane, ObjectRef, Span, TimelineView};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::{Offers, meaning_name, shapes};
use crate::icons::{Icon, icon};
use crate::past::PastAction;
use crate::words::use_words;

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

/// A part of virtual time, in ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Its beginning.
    pub from: f64,
    /// Its end.
    pub to: f64,
}

impl Window {
    /// All that happened, with a margin on both sides.
    pub fn whole(view: &TimelineView) -> Window {
        let spans = view.groups.iter().flat_map(|group| &group.lanes);
        let first = spans
            .filter_map(|lane| lane.spans.first())
            .map(|span| span.from_ms);
        let marks = view.marks.iter().map(|mark| mark.at_ms);
        let from = first.chain(marks).min().unwrap_or(view.from_ms) as f64;
        let to = (view.until_ms as f64).max(from + 1_000.0);
        let margin = (to - from) * 0.03;
        Window {
            from: (from - margin).max(0.0),
            to: to + margin,
        }
    }

    /// Where a moment is, in percent.
    pub fn percent(self, at_ms: f64) -> f64 {
        100.0 * (at_ms - self.from) / (self.to - self.from)
    }

    /// The moment at a part of the width.
    pub fn at(self, part: f64) -> f64 {
        self.from + part * (self.to - self.from)
    }

    /// Closer or farther around a moment that stays where it is; never outside of `all`.
    pub fn zoomed(self, factor: f64, around: f64, all: Window) -> Window {
        let length = ((self.to - self.from) * factor).clamp(SHORTEST_MS, all.to - all.from);
        let part = (around - self.from) / (self.to - self.from);
        let from = around - part * length;
        Window {
            from,
            to: from + length,
        }
        .inside(all)
    }

    /// Moved by a part of its length; never outside of `all`.
    pub fn moved(self, part: f64, all: Window) -> Window {
        let by = part * (self.to - self.from);
        Window {
            from: self.from + by,
            to: self.to + by,
        }
        .inside(all)
    }

    fn inside(self, all: Window) -> Window {
        let length = (self.to - self.from).min(all.to - all.from);
        let from = self.from.clamp(all.from, all.to - length);
        Window {
            from,
            to: from + length,
        }
    }

    /// Round moments for the ruler: at most eight.
    pub fn steps(self) -> Vec<f64> {
        const STEPS: [f64; 14] = [
            10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 3e5, 9e5,
        ];
        let length = self.to - self.from;
        let step = STEPS.into_iter().find(|step| length / step <= 8.0);
        let step = step.unwrap_or(3.6e6 * (length / 2.88e7).ceil());
        let first = (self.from / step).ceil() as i64;
        (first..=(self.to / step) as i64)
            .map(|n| n as f64 * step)
            .collect()
    }
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
        "ControllerRevision" => "rev",
        "Deployment" => "deploy",
        "ReplicaSet" => "rs",
        "DaemonSet" => "ds",
        "Pod" => "pod",
        other => other,
    }
}

fn left(percent: f64) -> String {
    format!("left:{percent:.3}%")
}

/// The ruler: round moments, commands as marks. A click looks back.
fn ruler(words: &'static Texts, chart: &Chart) -> Html {
    let (texts, shown) = (&words.views.timeline, chart.shown);
    let inside = |at: f64| (shown.from..=shown.to).contains(&at);
    let onclick = {
        let chart = chart.clone();
        Callback::from(move |event: MouseEvent| {
            let ruler = event
                .target_dyn_into::<Element>()
                .and_then(|at| at.closest(".ruler").ok().flatten());
            if let Some(ruler) = ruler {
                let at = chart.pointed(&ruler, f64::from(event.client_x()), 0.0);
                chart.look_back(at.at_ms);
            }
        })
    };
    let mark = |mark: &petset_playground::view::CommandMark| {
        let label = (texts.command_at)(mark.command.to_string(), texts.moment(mark.at_ms));
        let (onpast, moment) = (chart.onpast.clone(), mark.moment);
        let onclick = Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            onpast.emit(PastAction::LookAt(Some(moment)));
        });
        html! {
            <button type="button" class="command-mark" key={format!("m{}", mark.moment)} style={left(shown.percent(mark.at_ms as f64))} title={label.clone()} aria-label={label}
                data-part="command-mark" {onclick}><i /></button>
        }
    };
    html! {
        <div class="ruler" {onclick} title={texts.look_back}>
            { for shown.steps().into_iter().map(|at| html! { <span class="step number" key={at.to_string()} style={left(shown.percent(at))}>{ texts.moment(at as u64) }</span> }) }
            { for chart.view.marks.iter().filter(|mark| inside(mark.at_ms as f64)).map(mark) }
        </div>
    }
}

fn tracks(words: &'static Texts, chart: &Chart) -> Html {
    let texts = &words.views.timeline;
    let shown = chart.shown;
    let all = rows(&chart.view);
    let cursor = *chart.cursor;
    let pointed = cursor.and_then(|cursor| Some((cursor, chart.lane(cursor.row)?)));
    let said = match pointed {
        Some((cursor, lane)) => spoken(words, lane, cursor.at_ms, shown),
        None => texts.point_at.to_owned(),
    };
    let at = cursor.map_or(chart.all.from, |cursor| cursor.at_ms);
    let (keys, wheel) = (chart.clone(), chart.clone());
    html! {
        <div class="track-area" role="slider" tabindex="0" aria-label={texts.lanes} aria-describedby="timeline-keys"
            aria-valuemin={format!("{:.0}", chart.all.from)} aria-valuemax={format!("{:.0}", chart.all.to)} aria-valuenow={format!("{at:.0}")} aria-valuetext={said}
            data-part="tracks" onkeydown={move |event: KeyboardEvent| keys.key(&event)} onwheel={move |event: WheelEvent| wheel.wheel(&event)}
            onpointerdown={on_pointer(chart, pointer_down)} onpointermove={on_pointer(chart, |chart, track, event| chart.pointer_moved(track, event))}
            onpointerup={on_pointer(chart, pointer_up)}>
            { for all.iter().enumerate().map(|(index, row)| match row {
                Row::Head(_) => html! { <div class="track head" key={index} /> },
                Row::Lane(lane) => track(lane, shown, cursor.is_some_and(|cursor| cursor.row == index)),
            }) }
            <div class="over" aria-hidden="true">
                { for chart.view.marks.iter().map(|mark| html! { <i class="command-line" style={left(shown.percent(mark.at_ms as f64))} /> }) }
                if let Some(at) = chart.view.looking_at_ms { <i class="looked-at" title={texts.looked_at} style={left(shown.percent(at as f64))} /> }
                if let Some(cursor) = cursor { <i class="cursor-line" style={left(shown.percent(cursor.at_ms))} /> }
            </div>
        </div>
    }
}

fn on_pointer(chart: &Chart, act: fn(&Chart, &Element, &PointerEvent)) -> Callback<PointerEvent> {
    let chart = chart.clone();
    Callback::from(move |event: PointerEvent| {
        let track = event
            .target_dyn_into::<Element>()
            .and_then(|at| at.closest(".track-area").ok().flatten());
        if let Some(track) = track {
            act(&chart, &track, &event);
        }
    })
}

fn pointer_down(chart: &Chart, track: &Element, event: &PointerEvent) {
    if event.button() == 0 {
        let x = f64::from(event.client_x());
        drop(track.set_pointer_capture(event.pointer_id()));
        if let Some(track) = wasm_bindgen::JsCast::dyn_ref::<HtmlElement>(track) {
            drop(track.focus());
        }
        chart.drag.set(Some(Drag {
            x,
            window: chart.shown,
            moved: false,
        }));
    }
}

fn pointer_up(chart: &Chart, track: &Element, event: &PointerEvent) {
    let clicked = chart.drag.is_some_and(|drag| !drag.moved);
    chart.drag.set(None);
    if clicked {
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let at = chart.pointed(track, x, y);
        chart.cursor.set(Some(at));
        chart.select(at.row);
    }
}

fn track(lane: &Lane, shown: Window, pointed: bool) -> Html {
    let key = format!("{}/{}", lane.object.kind, lane.object.name);
    let spans = lane.spans.iter().enumerate().filter_map(|(index, span)| {
        let (from, to) = (
            span.from_ms as f64,
            span.to_ms.map_or(shown.to, |to| to as f64),
        );
        if to < shown.from || from > shown.to {
            return None;
        }
        let (start, end) = (
            shown.percent(from.max(shown.from)),
            shown.percent(to.min(shown.to)),
        );
        let wide = end - start > 6.0;
        Some(html! {
            <span class="span" key={format!("s{index}")} data-meaning={meaning_name(span.meaning)} data-part="span" style={format!("left:{start:.3}%;width:{:.3}%", end - start)}>
                if wide { <b>{ &span.state }</b> }</span>
        })
    });
    let ticks = lane.ticks.iter().filter(|tick| {
        let at = tick.at_ms as f64;
        (shown.from..=shown.to).contains(&at)
    });
    html! {
        <div class={classes!("track", pointed.then_some("pointed"))} {key} data-part="lane" data-lane={lane.object.name.clone()}>
            { for spans }
            { for ticks.enumerate().map(|(index, tick)| html! {
                <i class={classes!("tick", tick.warning.then_some("warning"))} key={format!("t{index}")} style={left(shown.percent(tick.at_ms as f64))} />
            }) }
        </div>
    }
}
