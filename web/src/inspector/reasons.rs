//! Why an object is as it is, as a chain: what is checked, what holds it, what lets it go on.

use petset_playground::text::Texts;
use petset_playground::text::reasons::say;
use petset_playground::view::{LackView, ObjectRef, Question, ReasonView};
use yew::prelude::*;

use super::Props;

/// All answers, or that nothing holds it.
pub(super) fn list(words: &'static Texts, props: &Props) -> Html {
    let own = &words.reasons;
    if props.gone && props.reasons.is_empty() {
        return html! {};
    }
    html! {
        <section class="reasons" aria-label={own.title} data-part="reasons">
            if props.reasons.is_empty() {
                <p class="faint">{ own.none }</p>
            }
            { for props.reasons.iter().map(|view| reason(words, view, props)) }
        </section>
    }
}

fn reason(words: &'static Texts, view: &ReasonView, props: &Props) -> Html {
    let own = &words.reasons;
    let chain = (own.chain)(view.reason);
    let item = |name: &'static str, label: &'static str, text: &'static str| {
        html! { <><dt>{ label }</dt><dd data-part={name}>{ say(text, &view.values) }</dd></> }
    };
    // What is over or as it should be is held by nothing.
    let (holds, lets) = match view.reason.question() {
        Question::Deleted | Question::Stays => (own.found, own.next),
        _ => (own.holds, own.lets),
    };
    html! {
        <article data-reason={format!("{:?}", view.reason)}>
            <h3>{ (own.question)(view.reason.question()) }</h3>
            <dl>
                { item("checked", own.checked, chain.checked) }
                { item("holds", holds, chain.holds) }
                if !view.lacks.is_empty() {
                    <dd><ul>{ for view.lacks.iter().map(|view| lack(words, view, props)) }</ul></dd>
                }
                { item("lets", lets, chain.lets) }
            </dl>
            if let Some(until_ms) = view.until_ms.filter(|until| *until > props.now_ms) {
                <p class="faint">{ (own.until)(&seconds(until_ms - props.now_ms)) }</p>
            }
            <div class="buttons">
                if let Some(command) = &view.command { { run(words, command, props) } }
                if let Some(next) = &view.next { { look(words, next, props) } }
                <a class="button" href={view.reason.page().url(words.language)} target="_blank" rel="noopener" data-part="reason-page">{ own.page }</a>
            </div>
        </article>
    }
}

fn lack(words: &'static Texts, view: &LackView, props: &Props) -> Html {
    let text = say((words.reasons.lack)(view.lack), &view.values);
    let Some(object) = &view.object else {
        return html! { <li>{ text }</li> };
    };
    let (onselect, chosen) = (props.onselect.clone(), object.clone());
    html! {
        <li>
            <button type="button" class="link" onclick={move |_: MouseEvent| onselect.emit(chosen.clone())}>{ &object.name }</button>
            { ": " }{ text }
        </li>
    }
}

fn run(words: &'static Texts, command: &str, props: &Props) -> Html {
    let (onrun, line) = (props.onrun.clone(), command.to_owned());
    html! {
        <button type="button" class="button" title={words.inspector_run} data-part="reason-run" onclick={move |_: MouseEvent| onrun.emit(line.clone())}><code>{ command }</code></button>
    }
}

fn look(words: &'static Texts, next: &ObjectRef, props: &Props) -> Html {
    let (onselect, chosen) = (props.onselect.clone(), next.clone());
    html! {
        <button type="button" class="button" data-part="reason-next" onclick={move |_: MouseEvent| onselect.emit(chosen.clone())}>{ (words.reasons.look_at)(&next.name) }</button>
    }
}

/// Seconds with one digit behind the point.
fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}
