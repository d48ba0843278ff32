//! The page's parts in a real browser: drawn from data, and used as a person would.

#![cfg(target_arch = "wasm32")]

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::future::sleep;
use petset_playground::text::{Language, Texts};
use petset_playground::view::{
    Block, Candidate, CandidateKind, Chunk, ClaimPlace, ClaimView, Completion, Meaning, ObjectRef,
    PlaceView, PromptState, RolloutView, SetSource, SetView, Stream, TerminalId, TerminalView, Why,
};
use petset_web::pictures::Offers;
use petset_web::pictures::set::SetPicture;
use petset_web::preferences::{Pane, Picture, Preferences, Theme};
use petset_web::split::{Direction, Separator};
use petset_web::terminal::{Terminal, TerminalAction};
use petset_web::words::Words;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{CompositionEvent, Element, HtmlInputElement, KeyboardEvent, KeyboardEventInit};
use yew::prelude::*;

wasm_bindgen_test_configure!(run_in_browser);

/// What a test saw happen, in order.
type Log<T> = Rc<RefCell<Vec<T>>>;

fn host() -> Element {
    let document = petset_web::browser::document();
    let host = document.create_element("div").expect("an element");
    document
        .body()
        .expect("a body")
        .append_child(&host)
        .expect("room for it");
    host
}

/// Lets the framework draw.
async fn drawn() {
    sleep(std::time::Duration::from_millis(20)).await;
}

fn find(host: &Element, selector: &str) -> Element {
    host.query_selector(selector)
        .expect("a selector")
        .unwrap_or_else(|| panic!("{selector} in {}", host.inner_html()))
}

fn count(host: &Element, selector: &str) -> u32 {
    host.query_selector_all(selector)
        .expect("a selector")
        .length()
}

fn field(host: &Element) -> HtmlInputElement {
    find(host, "[data-part=prompt]").unchecked_into()
}

fn type_text(host: &Element, text: &str) {
    let input = field(host);
    input.set_value(text);
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    let event = web_sys::Event::new_with_event_init_dict("input", &init);
    input
        .dispatch_event(&event.expect("an event"))
        .expect("dispatched");
}

/// Presses a key; `composing` as an input method does. Returns whether the page kept it from the browser.
fn press(host: &Element, key: &str, control: bool, composing: bool) -> bool {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_ctrl_key(control);
    init.set_is_composing(composing);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event =
        KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("an event");
    !field(host).dispatch_event(&event).expect("dispatched")
}

#[derive(Properties, PartialEq)]
struct StageProps {
    words: Words,
    view: Rc<TerminalView>,
    history: Rc<Vec<Rc<str>>>,
    onaction: Callback<(TerminalId, TerminalAction)>,
}

#[component]
fn TerminalStage(props: &StageProps) -> Html {
    let complete = Callback::from(|(line, _): (String, usize)| match line.as_str() {
        "kubectl ge" => completion(8, &["get"]),
        "kubectl get " | "kubectl get p" => completion(12, &["pods", "pvc"]),
        _ => Completion::default(),
    });
    html! {
        <ContextProvider<Words> context={props.words}>
            <Terminal view={props.view.clone()} number={1} closable={false} can_open={true} suggestion={Some(AttrValue::from("kubectl get pvc"))}
                history={props.history.clone()} {complete} onaction={props.onaction.clone()} />
        </ContextProvider<Words>>
    }
}

fn completion(from: usize, texts: &[&str]) -> Completion {
    let candidates = texts
        .iter()
        .map(|text| Candidate {
            text: (*text).to_owned(),
            kind: CandidateKind::Kind,
            description: "a kind".to_owned(),
        })
        .collect();
    Completion { from, candidates }
}

fn terminal_view(blocks: Vec<Rc<Block>>) -> Rc<TerminalView> {
    Rc::new(TerminalView {
        id: TerminalId(7),
        prompt: PromptState::Ready,
        blocks,
    })
}

async fn terminal(blocks: Vec<Rc<Block>>, history: &[&str]) -> (Element, Log<TerminalAction>) {
    let (host, log) = (host(), Log::<TerminalAction>::default());
    let seen = log.clone();
    let props = StageProps {
        words: Words(Language::Ko.texts()),
        view: terminal_view(blocks),
        history: Rc::new(history.iter().map(|line| Rc::from(*line)).collect()),
        onaction: Callback::from(move |(_, action)| seen.borrow_mut().push(action)),
    };
    yew::Renderer::<TerminalStage>::with_root_and_props(host.clone(), props).render();
    drawn().await;
    (host, log)
}

fn submitted(line: &str) -> TerminalAction {
    TerminalAction::Submit(line.to_owned())
}

#[wasm_bindgen_test]
async fn enter_waits_for_the_composition() {
    let (host, log) = terminal(vec![], &[]).await;
    let input = field(&host);
    input
        .dispatch_event(&CompositionEvent::new("compositionstart").expect("an event"))
        .expect("dispatched");
    type_text(&host, "echo 안녕");
    drawn().await;
    assert!(
        !press(&host, "Enter", false, true),
        "the key belongs to the input method"
    );
    drawn().await;
    assert_eq!(
        input.value(),
        "echo 안녕",
        "nothing is written back while composing"
    );
    assert!(log.borrow().is_empty());

    input
        .dispatch_event(&CompositionEvent::new("compositionend").expect("an event"))
        .expect("dispatched");
    assert!(press(&host, "Enter", false, false));
    drawn().await;
    assert_eq!(*log.borrow(), [submitted("echo 안녕")]);
    assert_eq!(input.value(), "");
}

#[wasm_bindgen_test]
async fn the_suggestion_is_taken_with_the_right_arrow_or_tab() {
    for key in ["ArrowRight", "Tab"] {
        let (host, log) = terminal(vec![], &[]).await;
        assert_eq!(
            find(&host, ".ghost-rest").text_content().as_deref(),
            Some("kubectl get pvc")
        );
        assert!(press(&host, key, false, false), "{key}");
        drawn().await;
        assert_eq!(field(&host).value(), "kubectl get pvc", "{key}");
        press(&host, "Enter", false, false);
        drawn().await;
        assert_eq!(*log.borrow(), [submitted("kubectl get pvc")]);
    }
}

#[wasm_bindgen_test]
async fn escape_lets_tab_leave_the_prompt() {
    let (host, _) = terminal(vec![], &[]).await;
    press(&host, "Escape", false, false);
    drawn().await;
    assert!(!press(&host, "Tab", false, false), "Tab moves on");
}

#[wasm_bindgen_test]
async fn tab_completes_and_offers_a_list() {
    let (host, log) = terminal(vec![], &[]).await;
    type_text(&host, "kubectl ge");
    drawn().await;
    press(&host, "Tab", false, false);
    drawn().await;
    assert_eq!(field(&host).value(), "kubectl get ");
    press(&host, "Tab", false, false);
    drawn().await;
    assert_eq!(
        field(&host).value(),
        "kubectl get p",
        "the common beginning"
    );
    assert_eq!(count(&host, "[role=option]"), 0);
    for expected in ["kubectl get p", "kubectl get pods", "kubectl get pvc"] {
        assert!(press(&host, "Tab", false, false));
        drawn().await;
        assert_eq!(field(&host).value(), expected);
        assert_eq!(count(&host, "[role=option]"), 2);
    }
    let chosen = find(&host, "[role=option][aria-selected=true]");
    assert_eq!(
        field(&host).get_attribute("aria-activedescendant"),
        Some(chosen.id())
    );
    assert!(
        press(&host, "Enter", false, false),
        "Enter takes the candidate and runs nothing"
    );
    drawn().await;
    assert_eq!(count(&host, "[role=option]"), 0);
    assert!(log.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn the_history_is_walked_and_searched() {
    let history = [
        "kubectl get pods",
        "kubectl get pvc",
        "kubectl apply -f web.yaml",
    ];
    let (host, log) = terminal(vec![], &history).await;
    type_text(&host, "draft");
    drawn().await;
    for (key, expected) in [
        ("ArrowUp", history[2]),
        ("ArrowUp", history[1]),
        ("ArrowDown", history[2]),
        ("ArrowDown", "draft"),
    ] {
        press(&host, key, false, false);
        drawn().await;
        assert_eq!(field(&host).value(), expected, "{key}");
    }
    type_text(&host, "get");
    press(&host, "r", true, false);
    drawn().await;
    assert_eq!(
        find(&host, ".search code").text_content().as_deref(),
        Some("kubectl get pvc")
    );
    press(&host, "r", true, false);
    drawn().await;
    assert_eq!(
        find(&host, ".search code").text_content().as_deref(),
        Some("kubectl get pods")
    );
    press(&host, "Enter", false, false);
    drawn().await;
    assert_eq!(*log.borrow(), [submitted("kubectl get pods")]);
}

#[wasm_bindgen_test]
async fn control_keys_reach_the_session() {
    let (host, log) = terminal(vec![], &[]).await;
    type_text(&host, "half a comm");
    drawn().await;
    assert!(press(&host, "c", true, false));
    assert!(press(&host, "l", true, false));
    drawn().await;
    assert_eq!(
        *log.borrow(),
        [TerminalAction::Interrupt, TerminalAction::Clear]
    );
    assert_eq!(field(&host).value(), "");
}

#[wasm_bindgen_test]
async fn output_tells_errors_apart_and_folds_what_is_long() {
    let chunk = |stream, text: &str| Chunk {
        stream,
        text: text.to_owned(),
    };
    let block = |id, chunks, exit_code| {
        let command = "kubectl get pods".to_owned();
        Rc::new(Block {
            id,
            command,
            chunks,
            exit_code,
            interrupted: false,
            started_ms: 0,
            dropped_lines: 0,
        })
    };
    let long: String = (0..5000).map(|line| format!("line {line}\n")).collect();
    let blocks = vec![
        block(
            1,
            vec![
                chunk(Stream::Stdout, "NAME   READY\n"),
                chunk(Stream::Stderr, "error: no\n"),
            ],
            Some(1),
        ),
        block(2, vec![chunk(Stream::Stdout, &long)], Some(0)),
        block(3, vec![], None),
    ];
    let (host, _) = terminal(blocks, &[]).await;
    assert_eq!(count(&host, "[data-part=entry]"), 3);
    assert!(
        find(&host, ".stderr")
            .text_content()
            .is_some_and(|text| text.contains("error: no"))
    );
    assert_eq!(
        find(&host, "[data-part=exit-code]").text_content(),
        Some((ko().exit_code)(1))
    );
    assert_eq!(
        count(&host, "[data-part=exit-code]"),
        1,
        "0 is not worth a word"
    );
    assert_eq!(count(&host, "[data-state=done]"), 2);
    let last_output = |host: &Element| {
        host.query_selector_all("[data-part=output]")
            .expect("a selector")
            .item(1)
    };
    let lines = |host: &Element| {
        last_output(host)
            .and_then(|node| node.text_content())
            .map_or(0, |text| text.lines().count())
    };
    assert!(lines(&host) < 1000, "{} lines are drawn", lines(&host));
    find(&host, ".folded button")
        .unchecked_into::<web_sys::HtmlElement>()
        .click();
    drawn().await;
    assert_eq!(lines(&host), 5000);
    assert_eq!(
        count(&host, ".lines"),
        50,
        "the browser draws the pieces in sight"
    );
}

fn ko() -> &'static Texts {
    Language::Ko.texts()
}

fn kept_set() -> SetView {
    let claim = |ordinal: u32, kept: bool| ClaimView {
        object: ObjectRef::namespaced(
            "PersistentVolumeClaim",
            "default",
            &format!("data-web-{ordinal}"),
        ),
        phase: "Bound".to_owned(),
        meaning: if kept { Meaning::Gone } else { Meaning::Ready },
        capacity: "1Gi".to_owned(),
        access_modes: "RWO".to_owned(),
        storage_class: "standard".to_owned(),
        kept,
        volume: None,
        changed: true,
        why: kept.then_some(Why::KeptByRetentionPolicy),
    };
    let place = |ordinal: u32, wanted: bool, claim: Option<ClaimView>| PlaceView {
        ordinal,
        pod_name: format!("web-{ordinal}"),
        wanted,
        meaning: Meaning::Waiting,
        pod: None,
        claims: vec![ClaimPlace {
            name: format!("data-web-{ordinal}"),
            claim,
        }],
        why: None,
    };
    SetView {
        source: SetSource::Cluster,
        object: ObjectRef::namespaced("StatefulSet", "default", "web"),
        start: 0,
        replicas: 2,
        ready: 0,
        service_name: "web".to_owned(),
        service: None,
        pod_management_policy: "OrderedReady".to_owned(),
        rollout: Some(RolloutView {
            current: "5d6f".to_owned(),
            update: "7c8b".to_owned(),
            partition: 1,
            moves: true,
        }),
        strip: vec![Meaning::Waiting, Meaning::Waiting, Meaning::Gone],
        place_count: 3,
        places: vec![
            place(0, true, Some(claim(0, false))),
            place(1, true, None),
            place(2, false, Some(claim(2, true))),
        ],
        changed: false,
        why: None,
    }
}

#[derive(Properties, PartialEq)]
struct SetStageProps {
    words: Words,
    onselect: Callback<ObjectRef>,
    onrun: Callback<String>,
}

#[component]
fn SetStage(props: &SetStageProps) -> Html {
    let offers = Offers {
        faults: Default::default(),
        onselect: props.onselect.clone(),
        onrun: props.onrun.clone(),
        selected: None,
        related: Rc::default(),
    };
    html! {
        <ContextProvider<Words> context={props.words}>
            <SetPicture sets={Rc::new(vec![kept_set()])} blocks={Rc::new(None)} first={0} {offers} onfirst={Callback::noop()} />
        </ContextProvider<Words>>
    }
}

#[wasm_bindgen_test]
async fn places_are_drawn_with_what_stands_on_them() {
    let (host, log) = (host(), Log::<ObjectRef>::default());
    let seen = log.clone();
    let props = SetStageProps {
        words: Words(ko()),
        onselect: Callback::from(move |object| seen.borrow_mut().push(object)),
        onrun: Callback::noop(),
    };
    let handle = yew::Renderer::<SetStage>::with_root_and_props(host.clone(), props);
    let mut handle = handle.render();
    drawn().await;
    assert_eq!(count(&host, "[data-part=place]"), 3);
    assert_eq!(count(&host, "[data-part=claim]"), 2);
    assert_eq!(
        find(&host, "[data-ordinal='2'] [data-part=kept]")
            .text_content()
            .as_deref(),
        Some(ko().claim_kept)
    );
    assert_eq!(count(&host, "[data-ordinal='0'] [data-part=kept]"), 0);
    find(&host, "[data-ordinal='2'] [data-part=claim] .thing")
        .unchecked_into::<web_sys::HtmlElement>()
        .click();
    drawn().await;
    assert_eq!(
        log.borrow()[0].command(),
        "kubectl get pvc data-web-2 -o yaml"
    );

    let en = Language::En.texts();
    handle.update(SetStageProps {
        words: Words(en),
        onselect: Callback::noop(),
        onrun: Callback::noop(),
    });
    drawn().await;
    assert_eq!(
        find(&host, "[data-ordinal='2'] [data-part=kept]")
            .text_content()
            .as_deref(),
        Some(en.claim_kept)
    );
}

#[wasm_bindgen_test]
async fn a_border_moves_with_the_keyboard() {
    let (host, log) = (host(), Log::<f64>::default());
    let seen = log.clone();
    let props = yew::props!(petset_web::split::Props {
        direction: Direction::Vertical,
        label: "border",
        percent: 33.0,
        min: 20.0,
        max: 34.0,
        home: 33.0,
        onmove: Callback::from(move |percent| seen.borrow_mut().push(percent)),
    });
    yew::Renderer::<Separator>::with_root_and_props(host.clone(), props).render();
    drawn().await;
    let border = find(&host, "[role=separator]");
    assert_eq!(border.get_attribute("aria-valuenow").as_deref(), Some("33"));
    for key in ["ArrowLeft", "ArrowRight", "ArrowUp", "Home", "End"] {
        let init = KeyboardEventInit::new();
        init.set_key(key);
        init.set_bubbles(true);
        let event =
            KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("an event");
        border.dispatch_event(&event).expect("dispatched");
    }
    assert_eq!(*log.borrow(), [31.0, 34.0, 20.0, 34.0]);
}

#[wasm_bindgen_test]
async fn the_page_switches_its_language_and_remembers_it() {
    let host = host();
    yew::Renderer::<petset_web::app::App>::with_root(host.clone()).render();
    drawn().await;
    let root = petset_web::browser::document()
        .document_element()
        .expect("a root");
    let before = root.get_attribute("lang");
    find(&host, "[data-part=language]")
        .unchecked_into::<web_sys::HtmlElement>()
        .click();
    drawn().await;
    let after = root.get_attribute("lang");
    assert_ne!(before, after);
    let stored = petset_web::browser::load("petset.page").unwrap_or_default();
    assert_eq!(
        Preferences::read(&stored, Language::Ko).language.tag(),
        after.unwrap_or_default()
    );
    assert_eq!(
        count(&host, "[data-part=place]"),
        3,
        "the places of the file are drawn before it is applied"
    );
}

#[wasm_bindgen_test]
fn preferences_are_read_as_they_were_written() {
    let mut wanted = Preferences::read("", Language::Ko);
    assert_eq!(
        (wanted.language, wanted.theme, wanted.pane),
        (Language::Ko, Theme::Auto, Pane::Terminal)
    );
    wanted.language = Language::En;
    wanted.theme = Theme::Dark;
    wanted.picture = Picture::Dns;
    wanted.file = Some("웹 1.yaml".to_owned());
    wanted.editor_percent = 41.5;
    assert_eq!(Preferences::read(&wanted.write(), Language::Ko), wanted);
    let broken = "language xx\neditor 900\nupper NaN\n\nnonsense";
    assert_eq!(
        Preferences::read(broken, Language::Ko),
        Preferences::read("", Language::Ko)
    );
}
