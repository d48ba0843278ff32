//! The page as a part of another one: what that page says, and how high this one would like to be.

use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use petset_playground::Look;
use petset_playground::view::ShareTrouble;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::Context;

use super::sharing::ShareAction;
use super::{App, Msg};
use crate::browser;
use crate::messages::{self, Message, tell};

/// How often the height is looked at.
const LOOK_MS: u32 = 250;
/// The parts that scroll when the page is not high enough for what they hold.
const SCROLLERS: &str = ".screen, .picture, .cm-scroller";

/// What is heard of and told to the page around.
pub(super) struct Around {
    _listener: EventListener,
    _heights: Interval,
}

impl Around {
    /// Listens from now on, and says that it does.
    pub fn new(ctx: &Context<App>) -> Around {
        let link = ctx.link().clone();
        let listener = messages::listen(move |message| link.send_message(Msg::Outside(message)));
        tell("ready", &[("version", env!("CARGO_PKG_VERSION").into())]);
        let mut told = 0;
        let heights = Interval::new(LOOK_MS, move || {
            let height = wanted_height();
            if height > 0 && height != told {
                told = height;
                tell("height", &[("height", height.into())]);
            }
        });
        Around {
            _listener: listener,
            _heights: heights,
        }
    }
}

/// The height at which nothing that is shown would have to scroll, in CSS pixels.
fn wanted_height() -> i32 {
    let document = browser::document();
    let Some(root) = document.document_element() else {
        return 0;
    };
    let Ok(parts) = document.query_selector_all(SCROLLERS) else {
        return 0;
    };
    let parts =
        (0..parts.length()).filter_map(|index| parts.get(index)?.dyn_into::<Element>().ok());
    let hidden = parts.map(|part| part.scroll_height() - part.client_height());
    root.client_height() + hidden.max().unwrap_or_default()
}

impl App {
    pub(super) fn on_outside(&mut self, ctx: &Context<Self>, message: &Message) {
        match message.text("type").as_str() {
            "open" => {
                let session = message.text("session");
                self.on_share(ctx, ShareAction::Opened(None, Ok(session)));
                let ok = !matches!(
                    self.banner,
                    Some(crate::share::Banner::Trouble(
                        ShareTrouble::Later | ShareTrouble::Damaged
                    ))
                );
                tell(
                    "opened",
                    &[("id", message.number("id").into()), ("ok", ok.into())],
                );
            }
            "run" => {
                let terminal = self.session.borrow().terminals().first().copied();
                for line in message.texts("lines") {
                    if let Some(terminal) = terminal {
                        self.session.borrow_mut().submit(terminal, &line);
                    }
                }
            }
            "share" => {
                self.editor.flush();
                let session = self.session.borrow().share(Look::new());
                tell(
                    "session",
                    &[
                        ("id", message.number("id").into()),
                        ("session", session.into()),
                    ],
                );
            }
            _ => {}
        }
    }
}
