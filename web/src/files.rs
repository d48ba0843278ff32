//! The files: tabs, their small tools, the editor, and what is wrong in the open file.

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{Diagnostic, FileError, FileInfo, Severity};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, Element, File, HtmlInputElement};
use yew::prelude::*;

use crate::app::sharing::ShareAction;
use crate::browser;
use crate::editor::{Editor, EditorHandle};
use crate::icons::{Icon, icon};
use crate::share;
use crate::words::use_words;

/// What a person did with the files.
#[derive(Clone, Debug, PartialEq)]
pub enum FileAction {
    /// Bring a file to the front.
    Open(String),
    /// Add a file; the result is shown by the form.
    Add {
        /// Its name.
        name: String,
        /// Its text.
        text: String,
    },
    /// Add a file that was dropped or pasted, under a free name.
    Import {
        /// The name it came with.
        name: String,
        /// Its text, or nothing when it could not be read.
        text: Option<String>,
    },
    /// Give a file another name.
    Rename {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// Delete a file.
    Delete(String),
    /// Bring the deleted file back.
    Undo,
}

/// A line above the editor that says what happened to a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A file was deleted and can come back.
    Deleted(String),
    /// A change was refused.
    Refused(FileError),
    /// A dropped file was no text.
    Unreadable(String),
}

/// See [`FilesPane`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// All files.
    pub files: Rc<Vec<FileInfo>>,
    /// The one in front.
    pub open: Option<AttrValue>,
    /// What is wrong in it.
    pub diagnostics: Rc<Vec<Diagnostic>>,
    /// What happened to a file.
    pub notice: Option<Notice>,
    /// Grows when the open file was replaced from outside.
    pub generation: u32,
    /// The editor.
    pub editor: EditorHandle,
    /// Reads a file.
    pub read: Callback<AttrValue, String>,
    /// A file's text changed.
    pub onchange: Callback<(String, String)>,
    /// A session file was dropped.
    pub onsession: Callback<ShareAction>,
    /// Everything else; answers with the reason of a refusal.
    pub onaction: Callback<FileAction, Option<FileError>>,
}

#[derive(Clone, PartialEq)]
enum Naming {
    Nothing,
    New,
    Rename(String),
}

/// The left part of the page.
#[component]
pub fn FilesPane(props: &Props) -> Html {
    let words = use_words();
    let naming = use_state(|| Naming::Nothing);
    let over = use_state_eq(|| false);
    let act = {
        let onaction = props.onaction.clone();
        move |action: FileAction| drop(onaction.emit(action))
    };
    let ondragover = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            if event
                .data_transfer()
                .is_some_and(|data| carries_files(&data))
            {
                event.prevent_default();
                over.set(true);
            }
        })
    };
    let ondragleave = {
        let over = over.clone();
        Callback::from(move |_: DragEvent| over.set(false))
    };
    let ondrop = {
        let (over, onaction, onsession) = (
            over.clone(),
            props.onaction.clone(),
            props.onsession.clone(),
        );
        Callback::from(move |event: DragEvent| {
            over.set(false);
            if let Some(data) = event.data_transfer().filter(carries_files) {
                event.prevent_default();
                event.stop_propagation();
                import(&data, &onaction, &onsession);
            }
        })
    };
    let onpaste = {
        let (onaction, onsession) = (props.onaction.clone(), props.onsession.clone());
        Callback::from(move |event: Event| {
            let data = event
                .dyn_ref::<web_sys::ClipboardEvent>()
                .and_then(web_sys::ClipboardEvent::clipboard_data);
            if let Some(data) = data.filter(carries_files) {
                event.prevent_default();
                import(&data, &onaction, &onsession);
            }
        })
    };
    let set_naming = |wanted: Naming| {
        let naming = naming.clone();
        Callback::from(move |_: MouseEvent| naming.set(wanted.clone()))
    };
    let ondone = {
        let naming = naming.clone();
        Callback::from(move |()| naming.set(Naming::Nothing))
    };
    let ondelete = {
        let (act, open) = (act.clone(), props.open.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(name) = &open {
                act(FileAction::Delete(name.to_string()));
            }
        })
    };
    let rename = Naming::Rename(props.open.as_deref().unwrap_or_default().to_owned());
    html! {
        <section class={classes!("pane", "files", over.then_some("drop"))} data-pane="editor" aria-label={words.files}
            {ondragover} {ondragleave} {ondrop} {onpaste}>
            <div class="pane-head">
                <Tabs files={props.files.clone()} open={props.open.clone()} onopen={Callback::from({
                    let act = act.clone();
                    move |name| act(FileAction::Open(name))
                })} />
                <div class="tools">
                    <button type="button" class="tool" title={words.file_add} aria-label={words.file_add}
                        data-part="file-add" onclick={set_naming(Naming::New)}>{ icon(Icon::Add) }</button>
                    if props.open.is_some() {
                        <button type="button" class="tool" title={words.file_rename} aria-label={words.file_rename}
                            data-part="file-rename" onclick={set_naming(rename)}>{ icon(Icon::Rename) }</button>
                        <button type="button" class="tool" title={words.file_delete} aria-label={words.file_delete}
                            data-part="file-delete" onclick={ondelete}>{ icon(Icon::Delete) }</button>
                    }
                </div>
            </div>
            if *naming != Naming::Nothing {
                <NameForm naming={(*naming).clone()} onaction={props.onaction.clone()} {ondone} />
            }
            { notice(words, props.notice.as_ref(), &act) }
            if let Some(name) = &props.open {
                <Editor {name} read={props.read.clone()} generation={props.generation}
                    onchange={props.onchange.clone()} diagnostics={props.diagnostics.clone()} handle={props.editor.clone()} />
                { problems(words, &props.diagnostics, &props.editor) }
            } else {
                <div class="empty"><h2>{ words.no_files }</h2><p>{ words.no_files_hint }</p></div>
            }
            <p class="drop-hint" aria-hidden="true">{ words.drop_here }</p>
        </section>
    }
}

fn notice(
    words: &'static Texts,
    notice: Option<&Notice>,
    act: &(impl Fn(FileAction) + Clone + 'static),
) -> Html {
    let Some(notice) = notice else {
        return html! {};
    };
    let act = act.clone();
    let (text, undo) = match notice {
        Notice::Deleted(name) => ((words.file_deleted)(name.clone()), true),
        Notice::Refused(error) => ((words.file_error)(error), false),
        Notice::Unreadable(name) => ((words.file_unreadable)(name.clone()), false),
    };
    html! {
        <div class="notice" role="status">
            <span>{ text }</span>
            if undo {
                <button type="button" class="link" onclick={move |_| act(FileAction::Undo)}>{ words.undo }</button>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TabsProps {
    files: Rc<Vec<FileInfo>>,
    open: Option<AttrValue>,
    onopen: Callback<String>,
}

#[component]
fn Tabs(props: &TabsProps) -> Html {
    let words = use_words();
    let onkeydown = {
        let (files, open, onopen) = (
            props.files.clone(),
            props.open.clone(),
            props.onopen.clone(),
        );
        Callback::from(move |event: KeyboardEvent| {
            let at = files
                .iter()
                .position(|file| Some(file.name.as_str()) == open.as_deref())
                .unwrap_or(0);
            let wanted = match event.key().as_str() {
                "ArrowRight" => at + 1,
                "ArrowLeft" => at + files.len() - 1,
                "Home" => 0,
                "End" => files.len() - 1,
                _ => return,
            } % files.len().max(1);
            event.prevent_default();
            if let Some(file) = files.get(wanted) {
                onopen.emit(file.name.clone());
                browser::focus_tab(&event, wanted);
            }
        })
    };
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with(props.open.clone(), move |_| {
            let Some(list) = list.cast::<Element>() else {
                return;
            };
            let tab = list.query_selector("[aria-selected=true]").ok().flatten();
            if let Some(tab) = tab {
                let (tab, area) = (
                    tab.get_bounding_client_rect(),
                    list.get_bounding_client_rect(),
                );
                let hidden =
                    (tab.right() - area.right()).max(0.0) + (tab.left() - area.left()).min(0.0);
                list.set_scroll_left(list.scroll_left() + hidden.round() as i32);
            }
        });
    }
    if props.files.is_empty() {
        return html! {};
    }
    html! {
        <div ref={list} class="file-tabs" role="tablist" aria-label={words.files} {onkeydown}>
            { for props.files.iter().map(|file| {
                let selected = Some(file.name.as_str()) == props.open.as_deref();
                let (name, onopen) = (file.name.clone(), props.onopen.clone());
                html! {
                    <button type="button" key={file.name.clone()} class="file-tab" role="tab" data-part="file-tab" title={file.name.clone()}
                        aria-selected={selected.to_string()} tabindex={if selected { "0" } else { "-1" }}
                        onclick={move |_| onopen.emit(name.clone())}>
                        { icon(Icon::File) }<span>{ &file.name }</span>
                    </button>
                }
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct NameFormProps {
    naming: Naming,
    onaction: Callback<FileAction, Option<FileError>>,
    ondone: Callback<()>,
}

/// Asks for a name, and keeps what was typed when it is refused.
#[component]
fn NameForm(props: &NameFormProps) -> Html {
    let words = use_words();
    let input = use_node_ref();
    let error = use_state(|| None::<FileError>);
    {
        let (input, naming, error) = (input.clone(), props.naming.clone(), error.clone());
        use_effect_with(props.naming.clone(), move |_| {
            error.set(None);
            if let Some(input) = input.cast::<HtmlInputElement>() {
                let text = match &naming {
                    Naming::Rename(name) => name.as_str(),
                    _ => "",
                };
                input.set_value(text);
                drop(input.focus());
                input.select();
            }
        });
    }
    let onsubmit = {
        let (input, error, naming) = (input.clone(), error.clone(), props.naming.clone());
        let (onaction, ondone) = (props.onaction.clone(), props.ondone.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let name = input
                .cast::<HtmlInputElement>()
                .map(|input| input.value().trim().to_owned())
                .unwrap_or_default();
            let action = match &naming {
                Naming::Rename(from) => FileAction::Rename {
                    from: from.clone(),
                    to: name,
                },
                _ => FileAction::Add {
                    name,
                    text: String::new(),
                },
            };
            match onaction.emit(action) {
                None => ondone.emit(()),
                refused => error.set(refused),
            }
        })
    };
    let onkeydown = {
        let ondone = props.ondone.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                ondone.emit(());
            }
        })
    };
    let oncancel = {
        let ondone = props.ondone.clone();
        Callback::from(move |_: MouseEvent| ondone.emit(()))
    };
    html! {
        <form class="name-form" {onsubmit} {onkeydown}>
            <input ref={input} class="field" type="text" name="file-name" aria-label={words.file_name} placeholder="web.yaml"
                autocomplete="off" autocapitalize="off" spellcheck="false" aria-invalid={error.is_some().to_string()}
                aria-describedby="file-name-error" />
            <button type="submit" class="button primary">{ words.file_save_name }</button>
            <button type="button" class="button" onclick={oncancel}>{ words.cancel }</button>
            <p id="file-name-error" class="form-error" role="alert">
                { error.as_ref().map(|error| (words.file_error)(error)).unwrap_or_default() }
            </p>
        </form>
    }
}

/// The list of what is wrong, with the place of each.
fn problems(words: &'static Texts, diagnostics: &[Diagnostic], editor: &EditorHandle) -> Html {
    if diagnostics.is_empty() {
        return html! { <p class="problems none">{ icon(Icon::Check) }{ words.no_problems }</p> };
    }
    html! {
        <div class="problems" role="region" aria-label={words.problems}>
            <p class="problems-count" role="status">{ (words.problems_count)(diagnostics.len()) }</p>
            <ul>
                { for diagnostics.iter().map(|found| {
                    let (editor, from) = (editor.clone(), found.from);
                    let severity = match found.severity { Severity::Error => "error", Severity::Warning => "warning" };
                    html! {
                        <li class={classes!("problem", severity)}>
                            <button type="button" class="place" title={words.go_to_problem} onclick={move |_| editor.reveal(from)}>
                                { (words.line_column)(found.line, found.column) }
                            </button>
                            <div>
                                <p class="problem-message" lang="en">{ &found.message }</p>
                                if let Some(hint) = &found.hint {
                                    <p class="problem-hint">{ (words.hint)(hint) }</p>
                                }
                            </div>
                        </li>
                    }
                }) }
            </ul>
        </div>
    }
}

fn carries_files(data: &DataTransfer) -> bool {
    data.types()
        .iter()
        .any(|kind| kind.as_string().as_deref() == Some("Files"))
}

fn import(
    data: &DataTransfer,
    onaction: &Callback<FileAction, Option<FileError>>,
    onsession: &Callback<ShareAction>,
) {
    let Some(list) = data.files() else { return };
    for file in (0..list.length()).filter_map(|index| list.get(index)) {
        let (onaction, onsession) = (onaction.clone(), onsession.clone());
        wasm_bindgen_futures::spawn_local(async move {
            let name = file.name().split_whitespace().collect::<Vec<_>>().join("-");
            let text = text_of(&file).await;
            match text {
                Some(text) if share::is_session(&name, &text) => {
                    onsession.emit(ShareAction::Opened(None, Ok(text)))
                }
                text => drop(onaction.emit(FileAction::Import { name, text })),
            }
        });
    }
}

/// The file's text; `None` for what is no text or far too large to be one.
async fn text_of(file: &File) -> Option<String> {
    if file.size() > petset_playground::MAX_FILE_BYTES as f64 {
        return None;
    }
    let text = JsFuture::from(file.text()).await.ok()?.as_string()?;
    (!text.contains(['\0', '\u{fffd}'])).then_some(text)
}
