//! Starting over, after asking.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::words::use_words;

/// How to start over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// A new cluster; the files stay.
    KeepFiles,
    /// A new cluster with the first lesson's files.
    Everything,
}

/// See [`RestartDialog`].
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// Chosen.
    pub onrestart: Callback<Restart>,
    /// Not chosen.
    pub oncancel: Callback<()>,
}

/// Asks how to start over.
#[component]
pub(super) fn RestartDialog(props: &Props) -> Html {
    let words = use_words();
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                drop(dialog.show_modal());
            }
        });
    }
    let on = |restart: Restart| {
        let onrestart = props.onrestart.clone();
        Callback::from(move |_: MouseEvent| onrestart.emit(restart))
    };
    let (oncancel, onclose) = (props.oncancel.clone(), props.oncancel.clone());
    html! {
        <dialog ref={dialog} class="dialog" aria-labelledby="restart-title" onclose={move |_: Event| onclose.emit(())}>
            <h2 id="restart-title">{ words.restart_question }</h2>
            <p>{ words.restart_explained }</p>
            <div class="buttons">
                <button type="button" class="button primary" data-part="restart-cluster" onclick={on(Restart::KeepFiles)}>{ words.restart_cluster }</button>
                <button type="button" class="button" data-part="restart-everything" onclick={on(Restart::Everything)}>{ words.restart_everything }</button>
                <button type="button" class="button" onclick={move |_: MouseEvent| oncancel.emit(())}>{ words.cancel }</button>
            </div>
        </dialog>
    }
}
