//! Where the parts stand.

use petset_playground::text::views::tools;
use petset_playground::view::{CandidateKind, Completion};
use yew::html::Scope;
use yew::prelude::*;

use super::restart::RestartDialog;
use super::sharing::ShareAction;
use super::{App, Border, Msg};
use crate::browser;
use crate::commentary::{self, Commentary};
use crate::faults::faults;
use crate::files::{FileAction, FilesPane};
use crate::inspector::Inspector;
use crate::offline::update_banner;
use crate::past::scrubber;
use crate::pictures::dns::DnsPicture;
use crate::pictures::events::EventsPicture;
use crate::pictures::nodes::NodesPicture;
use crate::pictures::owners::OwnersPicture;
use crate::pictures::set::SetPicture;
use crate::pictures::shapes::patterns;
use crate::pictures::storage::StoragePicture;
use crate::pictures::timeline::TimelinePicture;
use crate::pictures::tools::PictureTools;
use crate::pictures::twin::TwinPicture;
use crate::pictures::{Offers, legend, picture_tabs, tab_label};
use crate::preferences::Picture;
use crate::share::{ShareDialog, banner};
use crate::split::{Direction, Separator};
use crate::status_line::{pane_bar, status_line, strip};
use crate::terminal::Terminal;
use crate::terminal::transcript::missing;
use crate::top_bar::{TopBar, top_bar};
use crate::words::Words;

pub(super) fn page(app: &App, ctx: &Context<App>) -> Html {
    let link = ctx.link();
    let preferences = &app.preferences;
    let words = preferences.language.texts();
    let sizes = format!(
        "--editor:{}%;--upper:{}%;--terminal:{}%",
        preferences.editor_percent, preferences.upper_percent, preferences.terminal_percent
    );
    let bar = TopBar {
        time: app.shown.time.clone(),
        ahead: app.ahead,
        theme: preferences.theme,
        ontime: link.callback(Msg::Time),
        onlanguage: link.callback(Msg::Language),
        ontheme: link.callback(Msg::Theme),
        onshare: link.callback(|()| Msg::Share(ShareAction::Ask(true))),
        onrestart: link.callback(|()| Msg::AskRestart(true)),
    };
    // The page around has a main part already.
    let work = if app.mode.embed { "div" } else { "main" };
    html! {
        <ContextProvider<Words> context={Words(words)}>
            { patterns() }
            <a class="skip" href="#prompt-1">{ words.skip_to_terminal }</a>
            <div class="page" data-pane={preferences.pane.name()} data-looking={app.shown.past.looking_at.is_some().to_string()}
                data-read-only={app.mode.read_only.then_some("true")} style={sizes}>
                { top_bar(words, &bar) }
                { scrubber(words, &app.shown.past, app.shown.time.now_ms, &link.callback(Msg::Past)) }
                { faults(words, &app.shown.faults, app.shown.past.looking_at.is_some(),
                    &link.callback(|object| Msg::Select(Some(object))), &link.callback(Msg::Run)) }
                { strip(words, &app.shown.sets) }
                <@{work} class="work">
                    <div class="upper">
                        { files(app, link) }
                        <Separator direction={Direction::Vertical} label={words.resize_editor} percent={preferences.editor_percent}
                            min={15.0} max={70.0} home={33.0} onmove={link.callback(|p| Msg::Resize(Border::Editor, p))} />
                        { pictures(app, link) }
                    </div>
                    <Separator direction={Direction::Horizontal} label={words.resize_terminal} percent={preferences.upper_percent}
                        min={20.0} max={80.0} home={58.0} onmove={link.callback(|p| Msg::Resize(Border::Upper, p))} />
                    { terminals(app, link) }
                </@>
                { status_line(words, &app.shown.time, app.ahead, app.shown.past.looking_at.is_some()) }
                { pane_bar(words, preferences.pane, &link.callback(Msg::Pane)) }
            </div>
            { banner(words.share, app.banner.as_ref(), app.aside.is_some(), &link.callback(Msg::Share)) }
            if app.mark_is_missing() {
                { missing(words.transcript, words.close, link.callback(|_| {
                    browser::drop_fragment();
                    Msg::Mark(None)
                })) }
            }
            if app.update_waits {
                { update_banner(words.offline, &link.callback(|()| Msg::Update)) }
            }
            if let Some(sharing) = &app.sharing {
                <ShareDialog sharing={sharing.clone()} onshare={link.callback(Msg::Share)} />
            }
            if app.asking_restart {
                <RestartDialog onrestart={link.callback(Msg::Restart)} oncancel={link.callback(|()| Msg::AskRestart(false))} />
            }
        </ContextProvider<Words>>
    }
}

fn files(app: &App, link: &Scope<App>) -> Html {
    let read = {
        let session = app.session.clone();
        Callback::from(move |name: AttrValue| {
            session
                .borrow()
                .file_text(&name)
                .unwrap_or_default()
                .to_owned()
        })
    };
    let onchange = {
        let (session, link) = (app.session.clone(), link.clone());
        Callback::from(move |(name, text): (String, String)| {
            match session.borrow_mut().set_file_text(&name, text) {
                Ok(()) => link.send_message(Msg::Edited),
                Err(error) => link.send_message(Msg::Files(FileAction::Open(name), Err(error))),
            }
        })
    };
    let onaction = {
        let (session, link) = (app.session.clone(), link.clone());
        // Names are settled at once, so that a form can say what is wrong; the rest follows as a message.
        Callback::from(move |action: FileAction| {
            let result = match &action {
                FileAction::Add { name, text } => session.borrow_mut().add_file(name, text.clone()),
                FileAction::Rename { from, to } => session.borrow_mut().rename_file(from, to),
                _ => Ok(()),
            };
            let refused = result.as_ref().err().cloned();
            if refused.is_none() {
                link.send_message(Msg::Files(action, result));
            }
            refused
        })
    };
    let onsession = link.callback(Msg::Share);
    html! {
        <FilesPane {onsession} files={app.shown.files.clone()} open={app.preferences.file.clone()} diagnostics={app.shown.diagnostics.clone()}
            notice={app.notice.clone()} generation={app.generation} editor={app.editor.clone()} {read} {onchange} {onaction} />
    }
}

fn pictures(app: &App, link: &Scope<App>) -> Html {
    let words = app.preferences.language.texts();
    let offers = Offers {
        onselect: link.callback(|object| Msg::Select(Some(object))),
        onrun: link.callback(Msg::Run),
        selected: app.selected.clone(),
        related: app.shown.related.clone(),
        faults: app.shown.faults.clone(),
    };
    let picture = match app.preferences.picture {
        Picture::Set => html! {
            <SetPicture sets={app.shown.sets.clone()} blocks={app.shown.blocks.clone()} first={app.first_place} {offers}
                onfirst={link.callback(Msg::First)} />
        },
        Picture::Twin => {
            html! { <TwinPicture twin={app.shown.twin.clone()} {offers} onset={link.callback(Msg::TwinOf)} /> }
        }
        Picture::Timeline => html! {
            <TimelinePicture timeline={app.shown.timeline.clone()} {offers} onpast={link.callback(Msg::Past)} />
        },
        Picture::Owners => {
            html! { <OwnersPicture owners={app.shown.owners.clone()} {offers} /> }
        }
        Picture::Storage => html! {
            <StoragePicture storage={app.shown.storage.clone()} set={app.disks_of.clone()} {offers} onset={link.callback(Msg::DisksOf)} />
        },
        Picture::Dns => html! {
            <DnsPicture dns={app.shown.dns.clone()} pods={app.shown.pods.clone()} answer={app.answer.clone()} {offers}
                onresolve={link.callback(Msg::Resolve)} />
        },
        Picture::Nodes => {
            html! { <NodesPicture nodes={app.shown.nodes.clone()} {offers} /> }
        }
        Picture::Events => html! { <EventsPicture events={app.shown.events.clone()} {offers} /> },
    };
    let tab = format!("tab-{}", app.preferences.picture.name());
    html! {
        <section class="pane pictures" data-pane="pictures" aria-label={words.pictures}>
            <div class="pane-head">
                { picture_tabs(words, app.preferences.picture, &link.callback(Msg::Picture)) }
                <div class="picture-head">
                    { commentary::switch(words, app.preferences.commentary, &link.callback(Msg::Commentary)) }
                    <PictureTools name={app.preferences.picture.name()} title={tab_label(words, app.preferences.picture)} text={as_text(app)} />
                    { legend(words) }
                </div>
            </div>
            <div class="stage">
                <div class="picture" id="picture" role="tabpanel" aria-labelledby={tab} tabindex="0">{ picture }</div>
                if let Some(inspected) = &app.shown.inspected {
                    <Inspector object={inspected.object.clone()} yaml={inspected.yaml.clone()} gone={inspected.gone} deeds={inspected.deeds.clone()}
                        reasons={inspected.reasons.clone()} change={inspected.change.clone()} now_ms={inspected.now_ms} onselect={link.callback(|object| Msg::Select(Some(object)))}
                        onclose={link.callback(|()| Msg::Select(None))} onrun={link.callback(Msg::Run)} />
                }
            </div>
            if app.preferences.commentary {
                <Commentary remarks={app.shown.commentary.clone()} onselect={link.callback(|object| Msg::Select(Some(object)))} />
            }
        </section>
    }
}

/// The picture in front as text, to be made when it is asked for.
fn as_text(app: &App) -> Callback<(), String> {
    let words = app.preferences.language.texts();
    let (shown, picture) = (&app.shown, app.preferences.picture);
    let (sets, storage, dns) = (shown.sets.clone(), shown.storage.clone(), shown.dns.clone());
    let (nodes, events, twin) = (
        shown.nodes.clone(),
        shown.events.clone(),
        shown.twin.clone(),
    );
    let (timeline, owners) = (shown.timeline.clone(), shown.owners.clone());
    Callback::from(move |()| match picture {
        Picture::Set => tools::sets(&sets, words),
        Picture::Twin => words.views.twin.text(&twin),
        Picture::Timeline => words.views.timeline.text(&timeline),
        Picture::Storage => (words.storage_text)(&storage),
        Picture::Dns => (words.dns_text)(&dns),
        Picture::Nodes => tools::nodes(&nodes, words),
        Picture::Owners => words.views.owners.text(&owners),
        Picture::Events => tools::events(&events),
    })
}

fn terminals(app: &App, link: &Scope<App>) -> Html {
    let words = app.preferences.language.texts();
    let count = app.shown.terminals.len();
    let all = app.shown.terminals.iter().enumerate().map(|(index, view)| {
        let (session, id) = (app.session.clone(), view.id);
        let asks = link.callback(|()| Msg::WantTexts);
        let complete = Callback::from(move |(line, cursor): (String, usize)| -> Completion {
            let completion = session.borrow().complete(id, &line, cursor);
            if completion.candidates.iter().any(|one| one.kind == CandidateKind::Flag) {
                asks.emit(());
            }
            completion
        });
        let marked = app.mark.filter(|mark| mark.terminal == index as u32 + 1).map(|mark| mark.block);
        html! {
            <>
                if index > 0 {
                    <Separator direction={Direction::Vertical} label={words.resize_terminals} percent={app.preferences.terminal_percent}
                        min={20.0} max={80.0} home={50.0} onmove={link.callback(|p| Msg::Resize(Border::Terminals, p))} />
                }
                <Terminal key={id.0.to_string()} view={view.clone()} number={index as u32 + 1} closable={index > 0} can_open={count == 1 && index == 0}
                    suggestion={app.shown.suggestion.clone().filter(|_| index == 0)} history={app.shown.history.clone()}
                    {complete} {marked} onaction={link.callback(|(id, action)| Msg::Terminal(id, action))} />
            </>
        }
    });
    html! { <div class="pane terminals" data-pane="terminal" data-count={count.to_string()}>{ for all }</div> }
}
