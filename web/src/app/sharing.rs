//! Links and files: giving the session away, and showing one that came from elsewhere without losing one's own.

use std::rc::Rc;

use petset_playground::view::ShareTrouble;
use petset_playground::{Look, Session};
use wasm_bindgen_futures::spawn_local;
use yew::Context;

use super::{App, Msg, SEED};
use crate::browser;
use crate::files::FileAction;
use crate::keep::{self, Place};
use crate::link;
use crate::preferences::Picture;
use crate::share::Banner;

/// What a person did in the dialog or the banner, and what came of it.
pub enum ShareAction {
    /// Show the dialog, or close it.
    Ask(bool),
    /// The link that the dialog shows.
    Packed(Result<String, ShareTrouble>),
    /// Open the session in the address.
    Follow,
    /// A session from a link, or from a file without one.
    Opened(Option<String>, Result<String, ShareTrouble>),
    /// A manifest is on its way.
    Fetching,
    /// A manifest from an address, with its name.
    Fetched(Result<(String, String), ShareTrouble>),
    /// Save the session as a file.
    Download,
    /// Save the cluster's manifests as a file.
    DownloadYaml,
    /// Make the session that is shown one's own.
    Keep,
    /// Show one's own session again.
    Back,
    /// Show the session that was there before.
    Return,
    /// Close the banner.
    Dismiss,
}

/// What the dialog shows.
#[derive(Clone, Default, PartialEq)]
pub struct Sharing {
    /// The link, once it is there.
    pub link: Option<Result<String, ShareTrouble>>,
    /// The cluster's manifests.
    pub yaml: Rc<str>,
    /// A manifest is on its way.
    pub fetching: bool,
    /// What became of the address.
    pub fetched: Option<Result<String, ShareTrouble>>,
}

/// A session that was shown before.
pub(super) struct Aside {
    saved: Option<String>,
    place: Place,
    link: Option<String>,
}

impl App {
    pub(super) fn on_share(&mut self, ctx: &Context<Self>, action: ShareAction) {
        match action {
            ShareAction::Ask(true) => self.ask_share(ctx),
            ShareAction::Ask(false) => self.sharing = None,
            ShareAction::Packed(link) => {
                if let Some(sharing) = &mut self.sharing {
                    sharing.link = Some(link);
                }
            }
            ShareAction::Follow => follow(ctx),
            ShareAction::Opened(link, Ok(saved)) => self.open_shared(link, &saved),
            ShareAction::Opened(_, Err(trouble)) => {
                self.sharing = None;
                self.banner = Some(Banner::Trouble(trouble));
            }
            ShareAction::Fetching => {
                if let Some(sharing) = &mut self.sharing {
                    sharing.fetching = true;
                }
            }
            ShareAction::Fetched(result) => self.take_fetched(ctx, result),
            ShareAction::Download => {
                let text = self.shared();
                browser::download("petset-session.json", "application/json", &text);
            }
            ShareAction::DownloadYaml => {
                let text = self.session.borrow().export_yaml();
                browser::download("manifests.yaml", "application/yaml", &text);
            }
            ShareAction::Keep => self.keep_shared(),
            ShareAction::Back => self.back_to_own(),
            ShareAction::Return => self.return_to_aside(),
            ShareAction::Dismiss => self.banner = None,
        }
    }

    /// The session with what is looked at, as links and files hold it.
    fn shared(&self) -> String {
        self.editor.flush();
        let mut look = Look::new();
        look.insert("picture".into(), self.preferences.picture.name().into());
        if let Some(file) = &self.preferences.file {
            look.insert("file".into(), file.clone());
        }
        self.session.borrow().share(look)
    }

    fn ask_share(&mut self, ctx: &Context<Self>) {
        let text = self.shared();
        self.sharing = Some(Sharing {
            yaml: self.session.borrow().export_yaml().into(),
            ..Sharing::default()
        });
        let link = ctx.link().clone();
        spawn_local(async move {
            let packed = link::address_of(&text).await;
            link.send_message(Msg::Share(ShareAction::Packed(packed)));
        });
    }

    /// Shows a session from elsewhere. The one that was there stays where it is kept, and within reach.
    fn open_shared(&mut self, link: Option<String>, saved: &str) {
        let session = match Session::restore(saved) {
            Ok(session) => session,
            Err(error) => {
                let later = error == petset_playground::RestoreError::Version;
                let trouble = if later {
                    ShareTrouble::Later
                } else {
                    ShareTrouble::Damaged
                };
                self.banner = Some(Banner::Trouble(trouble));
                return;
            }
        };
        let untouched = self.place.get() == Place::Own && self.session.borrow().is_untouched();
        if self.place.get() == Place::Nowhere {
            self.aside = None;
        } else if untouched {
            self.aside = None;
            browser::drop_fragment();
        } else {
            self.set_aside();
            self.place.set(Place::Tab);
        }
        keep::set_link_of_tab(link.as_deref());
        self.show(session, &Session::look_of(saved));
        self.banner = (self.place.get() == Place::Tab).then_some(Banner::OfAnother);
        self.sharing = None;
        self.save_now();
    }

    fn set_aside(&mut self) {
        self.save_now();
        self.aside = Some(Aside {
            saved: Some(self.session.borrow().save()),
            place: self.place.get(),
            link: keep::link_of_tab(),
        });
    }

    fn keep_shared(&mut self) {
        self.save_now();
        let own = Place::Own.load();
        Place::Tab.forget();
        browser::drop_fragment();
        self.aside = Some(Aside {
            saved: own,
            place: Place::Own,
            link: keep::link_of_tab(),
        });
        self.place.set(Place::Own);
        self.banner = Some(Banner::Kept);
        self.save_now();
    }

    fn back_to_own(&mut self) {
        self.set_aside();
        Place::Tab.forget();
        browser::drop_fragment();
        self.place.set(Place::Own);
        let own = Place::Own
            .load()
            .and_then(|saved| Session::restore(&saved).ok());
        self.show(
            own.unwrap_or_else(|| Session::with_lab3(SEED)),
            &Look::new(),
        );
        self.banner = Some(Banner::Left);
    }

    /// Undoes the last of these changes.
    fn return_to_aside(&mut self) {
        let Some(aside) = self.aside.take() else {
            return;
        };
        keep::set_link_of_tab(aside.link.as_deref());
        if self.banner == Some(Banner::Kept) {
            // The session that is shown goes back into its tab, the old own one to its place.
            match &aside.saved {
                Some(saved) => Place::Own.store(saved),
                None => Place::Own.forget(),
            }
            self.place.set(Place::Tab);
            self.banner = Some(Banner::OfAnother);
        } else {
            let session = aside.saved.and_then(|saved| Session::restore(&saved).ok());
            self.place.set(aside.place);
            if let Some(session) = session {
                self.show(session, &Look::new());
            }
            self.banner = (self.place.get() == Place::Tab).then_some(Banner::OfAnother);
        }
        self.save_now();
    }

    /// Puts a session in place of the one that is shown.
    fn show(&mut self, session: Session, look: &Look) {
        for file in self.session.borrow().files().iter().chain(&session.files()) {
            self.editor.forget(&file.name);
        }
        self.generation += 1;
        let names: Vec<String> = session.files().into_iter().map(|file| file.name).collect();
        *self.session.borrow_mut() = session;
        let file = look.get("file").filter(|file| names.contains(file));
        let file = file.or(names.last()).cloned();
        let picture = look.get("picture").and_then(|name| {
            Picture::ALL
                .into_iter()
                .find(|picture| picture.name() == name)
        });
        self.prefer(|p| {
            p.file = file;
            p.picture = picture.unwrap_or(p.picture);
        });
        self.look_anew();
    }

    fn take_fetched(
        &mut self,
        ctx: &Context<Self>,
        result: Result<(String, String), ShareTrouble>,
    ) {
        let result = result.map(|(name, text)| {
            let text = Some(text);
            self.on_files(ctx, FileAction::Import { name, text }, Ok(()));
            self.preferences.file.clone().unwrap_or_default()
        });
        if let Some(sharing) = &mut self.sharing {
            (sharing.fetching, sharing.fetched) = (false, Some(result));
        }
    }
}

/// Reads the session in the address, if it is not the one that is shown.
pub(super) fn follow(ctx: &Context<App>) {
    let Some(fragment) = link::in_address() else {
        return;
    };
    let shown = Place::at_start() == Place::Tab && keep::link_of_tab().as_ref() == Some(&fragment);
    if shown {
        return;
    }
    let scope = ctx.link().clone();
    spawn_local(async move {
        let session = link::session_of(&fragment).await;
        scope.send_message(Msg::Share(ShareAction::Opened(Some(fragment), session)));
    });
}
