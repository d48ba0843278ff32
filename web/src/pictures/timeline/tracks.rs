//! The ruler, and the lanes below it.

use super::super::meaning_name;
use super::{Chart, Drag, Row, Window, rows, spoken};
use crate::past::PastAction;
use petset_playground::text::Texts;
use petset_playground::view::Lane;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// The ruler: round moments, commands as marks. A click looks back.
pub(super) fn ruler(words: &'static Texts, chart: &Chart) -> Html {
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

pub(super) fn tracks(words: &'static Texts, chart: &Chart) -> Html {
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

fn left(percent: f64) -> String {
    format!("left:{percent:.3}%")
}
