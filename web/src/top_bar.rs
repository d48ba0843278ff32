//! The bar on top: the name, time, language and theme.

use petset_playground::text::{Language, Texts};
use petset_playground::view::TimeView;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::icons::{Icon, icon};
use crate::preferences::Theme;

/// The speeds to choose from, as a number and as it is written.
const SPEEDS: [(f64, &str); 6] = [
    (0.25, "0.25"),
    (0.5, "0.5"),
    (1.0, "1"),
    (2.0, "2"),
    (5.0, "5"),
    (20.0, "20"),
];

/// What a person did with time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeAction {
    /// Stop time, or let it go on.
    Pause(bool),
    /// Go to the next event.
    Step,
    /// Run until nothing changes.
    UntilQuiet,
    /// Virtual seconds for each second on the wall.
    Speed(f64),
}

/// What the bar shows, and what it tells.
pub struct TopBar {
    /// Time now.
    pub time: TimeView,
    /// Running until quiet.
    pub ahead: bool,
    /// The theme.
    pub theme: Theme,
    /// Time was handled.
    pub ontime: Callback<TimeAction>,
    /// Another language.
    pub onlanguage: Callback<Language>,
    /// Another theme.
    pub ontheme: Callback<Theme>,
    /// Share.
    pub onshare: Callback<()>,
    /// Start over.
    pub onrestart: Callback<()>,
}

/// The bar.
pub fn top_bar(words: &Texts, props: &TopBar) -> Html {
    let other = Language::ALL
        .into_iter()
        .find(|language| *language != words.language)
        .unwrap_or(words.language);
    let theme = match props.theme {
        Theme::Auto => words.theme_auto,
        Theme::Light => words.theme_light,
        Theme::Dark => words.theme_dark,
    };
    let theme_label = (words.theme_label)(theme);
    let (onlanguage, ontheme, next_theme) = (
        props.onlanguage.clone(),
        props.ontheme.clone(),
        props.theme.next(),
    );
    let (onshare, onrestart) = (props.onshare.clone(), props.onrestart.clone());
    html! {
        <header class="top-bar">
            <h1 class="brand">{ brand() }<span>{ "petset" }</span></h1>
            { time_controls(words, props) }
            <div class="tools">
                <button type="button" class="tool wide" data-part="share" title={words.share.title} onclick={move |_| onshare.emit(())}>
                    { icon(Icon::Share) }<span>{ words.share.share }</span></button>
                <button type="button" class="tool wide" data-part="restart" title={words.restart} onclick={move |_| onrestart.emit(())}>
                    { icon(Icon::Restart) }<span>{ words.restart }</span></button>
                <button type="button" class="tool wide" data-part="language" lang={other.tag()} title={words.language_label}
                    onclick={move |_| onlanguage.emit(other)}>{ icon(Icon::Language) }<span>{ other.name() }</span></button>
                <button type="button" class="tool" data-part="theme" title={theme_label.clone()} aria-label={theme_label}
                    data-theme-now={props.theme.name()} onclick={move |_| ontheme.emit(next_theme)}>{ icon(Icon::Theme) }</button>
            </div>
        </header>
    }
}

/// Three places, the middle one with a claim kept below an empty outline.
fn brand() -> Html {
    html! {
        <svg class="brand-mark" viewBox="0 0 28 20" width="28" height="20" aria-hidden="true" focusable="false">
            <rect class="solid" x="1" y="1" width="7" height="7" rx="2" /><rect class="solid" x="10.5" y="1" width="7" height="7" rx="2" />
            <rect class="outline" x="20.5" y="1.5" width="6" height="6" rx="1.8" />
            <path class="line" d="M4.5 10v2M14 10v2M23.5 10v2" />
            <rect class="solid soft" x="1" y="14" width="7" height="5" rx="1.2" /><rect class="solid soft" x="10.5" y="14" width="7" height="5" rx="1.2" />
            <rect class="solid soft" x="20" y="14" width="7" height="5" rx="1.2" />
        </svg>
    }
}

fn time_controls(words: &Texts, props: &TopBar) -> Html {
    let paused = props.time.paused;
    let on = |action: TimeAction| {
        let ontime = props.ontime.clone();
        Callback::from(move |_: MouseEvent| ontime.emit(action))
    };
    let onspeed = {
        let ontime = props.ontime.clone();
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            if let Some((speed, _)) = SPEEDS.iter().find(|(_, name)| *name == select.value()) {
                ontime.emit(TimeAction::Speed(*speed));
            }
        })
    };
    let (pause_icon, pause) = if paused {
        (Icon::Play, words.resume)
    } else {
        (Icon::Pause, words.pause)
    };
    html! {
        <div class="time" role="group" aria-label={words.time_controls}>
            <time class={classes!("clock", paused.then_some("paused"))} title={words.clock_label} aria-label={words.clock_label} data-part="clock">
                { clock(props.time.now_ms) }</time>
            <button type="button" class="tool" data-part="pause" title={pause} aria-label={pause} onclick={on(TimeAction::Pause(!paused))}>{ icon(pause_icon) }</button>
            <button type="button" class="tool" data-part="step" title={words.step_explained} aria-label={words.step} onclick={on(TimeAction::Step)}>{ icon(Icon::Step) }</button>
            <button type="button" class={classes!("tool", "wide", props.ahead.then_some("active"))} data-part="until-quiet" title={words.run_until_quiet}
                aria-label={words.run_until_quiet} onclick={on(TimeAction::UntilQuiet)}>{ icon(Icon::Ahead) }<span>{ words.run_until_quiet_short }</span></button>
            <select class="field speed" aria-label={words.speed} title={words.speed} data-part="speed" onchange={onspeed}>
                { for SPEEDS.iter().map(|(speed, name)| html! {
                    <option value={*name} selected={*speed == props.time.speed}>{ (words.speed_times)(name) }</option>
                }) }
            </select>
        </div>
    }
}

/// Minutes, seconds and tenths.
pub fn clock(now_ms: u64) -> String {
    format!(
        "{}:{:02}.{}",
        now_ms / 60_000,
        now_ms / 1000 % 60,
        now_ms / 100 % 10
    )
}
