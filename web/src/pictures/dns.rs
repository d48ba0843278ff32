//! The live zone file, and a box that looks names up.

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{
    Attempt, AttemptOutcome, DnsView, Meaning, RecordView, ResolveView, WayView, ZoneView,
};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::{Offers, changed_mark, meaning_name, shapes};
use crate::icons::{Icon, icon};
use crate::words::use_words;

/// How many records of a zone are drawn.
pub const RECORDS_SHOWN: u32 = 200;

/// Who asks, and for which name.
pub type Question = (Option<String>, String);

/// See [`DnsPicture`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The zones.
    pub dns: Rc<DnsView>,
    /// Pods that can ask.
    pub pods: Rc<Vec<String>>,
    /// The last answer.
    pub answer: Option<Rc<ResolveView>>,
    /// What the picture offers.
    pub offers: Offers,
    /// Look a name up.
    pub onresolve: Callback<Question>,
}

/// The picture of DNS.
#[component]
pub fn DnsPicture(props: &Props) -> Html {
    let words = use_words();
    let (name, from) = (use_node_ref(), use_node_ref());
    html! {
        <div class="dns">
            { resolver(words, props, name, from) }
            if props.dns.zones.is_empty() {
                <div class="empty"><h2>{ words.dns_none }</h2><p>{ words.dns_none_hint }</p></div>
            }
            if props.dns.cut_off { { cut_off(words, props) } }
            { ways(words, &props.dns.ways) }
            { for props.dns.zones.iter().map(|zone| zone_table(words, &props.offers, zone)) }
        </div>
    }
}

/// Nobody reaches the server: what that means, and what ends it.
fn cut_off(words: &'static Texts, props: &Props) -> Html {
    let texts = &words.views.faults;
    let (onrun, command) = (props.offers.onrun.clone(), "fault mend-dns");
    html! {
        <section class="dns-cut" data-part="dns-cut" data-meaning={meaning_name(Meaning::Failed)}>
            <h2>{ shapes::state_mark(Meaning::Failed) }{ texts.no_dns }<code>{ &props.dns.server }</code></h2>
            <p>{ texts.no_dns_hint }</p>
            <button type="button" class="run" title={words.inspector_run} onclick={move |_: MouseEvent| onrun.emit(command.to_owned())}>
                { icon(Icon::Prompt) }<code>{ command }</code></button>
        </section>
    }
}

/// The latest lookups and connections of programs, each with the way it took.
fn ways(words: &'static Texts, ways: &[WayView]) -> Html {
    let row = |way: &WayView| {
        let meaning = if way.works {
            Meaning::Ready
        } else {
            Meaning::Failed
        };
        html! {
            <li key={way.number} data-part="way" data-meaning={meaning_name(meaning)}>
                <details><summary>{ shapes::state_mark(meaning) }{ (words.way)(way) }</summary>
                    <ol>{ for way.steps.iter().map(|step| html! { <li>{ (words.way_step)(step) }</li> }) }</ol>
                </details>
            </li>
        }
    };
    html! {
        <section class="ways" aria-label={words.ways} data-part="ways">
            <h2>{ words.ways }</h2>
            if ways.is_empty() {
                <p class="faint">{ words.ways_none }</p>
            } else {
                <ol>{ for ways.iter().map(row) }</ol>
            }
        </section>
    }
}

fn zone_table(words: &'static Texts, offers: &Offers, zone: &ZoneView) -> Html {
    let (onselect, service) = (offers.onselect.clone(), zone.service.clone());
    let kind = if zone.headless {
        words.dns_headless
    } else {
        words.dns_cluster_ip
    };
    html! {
        <article class="zone" key={zone.domain.clone()} data-part="zone" data-service={zone.service.name.clone()}>
            <header class="zone-head">
                <h2>{ shapes::signpost() }<button type="button" class={classes!("object", offers.mark(&zone.service))} onclick={move |_| onselect.emit(service.clone())}>{ &zone.service.name }</button>
                    <span class="kind">{ kind }</span>{ changed_mark(words, zone.changed) }</h2>
                <p class="origin"><code>{ format!("$ORIGIN {}.", zone.domain) }</code>
                    if !zone.selector.is_empty() { <span class="faint">{ (words.dns_selects)(zone.selector.clone()) }</span> }
                </p>
            </header>
            if zone.records.is_empty() {
                <p class="zone-empty"><b>{ words.dns_no_records }</b>{ " " }{ words.dns_no_records_hint }</p>
            } else {
                <div class="table-scroll" tabindex="0" role="region" aria-label={(words.dns_zone_of)(zone.service.name.clone())}>
                    // The roles stay when a narrow page lays its rows out as blocks.
                    <table class="records" role="table">
                        <thead role="rowgroup"><tr role="row">
                            <th scope="col" role="columnheader">{ words.dns_name }</th><th scope="col" role="columnheader">{ words.dns_type }</th>
                            <th scope="col" role="columnheader">{ words.dns_data }</th><th scope="col" role="columnheader">{ words.dns_state }</th>
                            <th scope="col" role="columnheader">{ words.dns_reason }</th>
                        </tr></thead>
                        <tbody role="rowgroup">{ for zone.records.iter().map(|record| record_row(words, offers, zone, record)) }</tbody>
                    </table>
                </div>
                if let Some(more) = zone.record_count.checked_sub(zone.records.len() as u32).filter(|more| *more > 0) {
                    <p class="zone-empty">{ (words.dns_more)(more) }</p>
                }
            }
        </article>
    }
}

fn record_row(
    words: &'static Texts,
    offers: &Offers,
    zone: &ZoneView,
    record: &RecordView,
) -> Html {
    let own = record
        .name
        .strip_suffix(&zone.domain)
        .unwrap_or(&record.name);
    let meaning = match (record.published, record.ready) {
        (true, true) => Meaning::Ready,
        (true, false) => Meaning::Progress,
        (false, _) => Meaning::Waiting,
    };
    let state = if record.vanished {
        words.dns_vanished
    } else if record.published {
        words.dns_published
    } else {
        words.dns_withheld
    };
    html! {
        <tr key={format!("{} {} {}", record.name, record.record_type, record.data)} data-part="record" role="row"
            class={classes!(record.vanished.then_some("vanished"), (!record.published).then_some("withheld"), record.changed.then_some("fresh"))}>
            <th scope="row" role="rowheader" title={record.name.clone()}>{ changed_mark(words, record.changed) }
                <b>{ if own.is_empty() { "@" } else { own.trim_end_matches('.') } }</b>
                if !own.is_empty() { <span class="faint">{ "." }{ &zone.service.name }</span> }
                <span class="visually-hidden">{ &record.name }</span>
            </th>
            <td role="cell">{ &record.record_type }</td>
            <td class="data" role="cell">
                if let Some(pod) = record.pod.clone() {
                    <button type="button" class={classes!("object", offers.mark(&pod))} onclick={{
                        let onselect = offers.onselect.clone();
                        move |_| onselect.emit(pod.clone())
                    }}>{ &record.data }</button>
                } else {
                    { &record.data }
                }
            </td>
            <td role="cell" data-meaning={meaning_name(meaning)}><span class="slot-state">{ shapes::state_mark(meaning) }{ state }</span></td>
            <td class="reason" role="cell">{ (words.record_why)(&record.why) }</td>
        </tr>
    }
}

fn resolver(words: &'static Texts, props: &Props, name: NodeRef, from: NodeRef) -> Html {
    let onsubmit = {
        let (name, from, onresolve) = (name.clone(), from.clone(), props.onresolve.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let asked = name
                .cast::<HtmlInputElement>()
                .map(|input| input.value().trim().to_owned())
                .unwrap_or_default();
            let pod = from
                .cast::<HtmlSelectElement>()
                .map(|select| select.value())
                .filter(|pod| !pod.is_empty());
            if !asked.is_empty() {
                onresolve.emit((pod, asked));
            }
        })
    };
    html! {
        <section class="resolver" data-part="resolver" aria-label={words.resolve_title}>
            <form {onsubmit}>
                <label class="grow"><span>{ words.resolve_title }</span>
                    <input ref={name} class="field" type="text" name="name" placeholder="nginx-ss-0.my-headless-svc" autocomplete="off"
                        autocapitalize="off" spellcheck="false" aria-label={words.resolve_name} data-part="resolve-name" /></label>
                <label><span>{ words.resolve_from }</span>
                    <select ref={from} class="field" name="from">
                        <option key="" value="" selected={true}>{ words.resolve_any_pod }</option>
                        { for props.pods.iter().map(|pod| html! { <option key={pod.clone()} value={pod.clone()}>{ pod }</option> }) }
                    </select></label>
                <button type="submit" class="button primary" data-part="resolve">{ words.resolve }</button>
            </form>
            <div class="answer" role="status" data-part="resolve-answer">
                if let Some(answer) = &props.answer { { answer_view(words, answer) } } else { <p class="faint">{ words.resolve_hint }</p> }
            </div>
        </section>
    }
}

fn answer_view(words: &'static Texts, answer: &ResolveView) -> Html {
    html! {
        <>
            <p class="answer-head"><b>{ &answer.name }</b>
                <span>{ if answer.attempts.iter().any(|attempt| attempt.outcome == AttemptOutcome::TimedOut) { words.views.faults.resolve_failed.to_owned() }
                    else if answer.answers.is_empty() { words.resolve_not_found.to_owned() } else { (words.resolve_found)(answer.answers.len()) } }</span>
                <span class="faint">{ (words.resolve_server)(answer.server.clone(), answer.ndots) }</span></p>
            <ol class="attempts" aria-label={words.resolve_attempts}>{ for answer.attempts.iter().map(|attempt| attempt_row(words, attempt)) }</ol>
        </>
    }
}

fn attempt_row(words: &'static Texts, attempt: &Attempt) -> Html {
    let (meaning, text) = match &attempt.outcome {
        AttemptOutcome::Answer { records } => {
            (Meaning::Ready, (words.resolve_answer)(records.join(", ")))
        }
        AttemptOutcome::NoData => (Meaning::Waiting, words.resolve_no_data.to_owned()),
        AttemptOutcome::HostsFile { address } => {
            (Meaning::Ready, (words.resolve_hosts)(address.clone()))
        }
        AttemptOutcome::TimedOut => (Meaning::Failed, words.views.faults.timed_out.to_owned()),
        AttemptOutcome::NxDomain => (Meaning::Failed, words.resolve_nx_domain.to_owned()),
    };
    html! {
        <li data-meaning={meaning_name(meaning)}>{ shapes::state_mark(meaning) }<code>{ &attempt.query }</code><span>{ text }</span>
            if let Some(age) = attempt.cached_s { <span class="faint">{ (words.resolve_cached)(age) }</span> }
        </li>
    }
}
