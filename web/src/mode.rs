//! How the page is used: by itself, as a part of another page, or unseen behind another page's cells.

use petset_playground::text::Language;

use crate::browser;
use crate::preferences::{Pane, Picture, Preferences, Theme};

/// How the page is used, by its address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mode {
    /// `?engine`: nothing is drawn, another page's cells are run.
    pub engine: bool,
    /// `?embed`: a part of another page. Nothing is stored.
    pub embed: bool,
    /// `&read-only`: nothing can be typed.
    pub read_only: bool,
    wishes: Vec<(String, String)>,
}

impl Mode {
    /// Reads the address.
    pub fn of_address() -> Mode {
        Mode::of(&browser::window().location().search().unwrap_or_default())
    }

    /// Reads the part of an address from `?` on. What is not understood is passed over.
    pub fn of(search: &str) -> Mode {
        let mut mode = Mode::default();
        for part in search.trim_start_matches('?').split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name {
                "engine" => mode.engine = true,
                "embed" => mode.embed = true,
                "read-only" => mode.read_only = true,
                _ => mode.wishes.push((name.to_owned(), value.to_owned())),
            }
        }
        mode
    }

    /// Takes over what the address asks for: `lang`, `theme` and `view`.
    pub fn wish(&self, preferences: &mut Preferences) {
        for (name, value) in &self.wishes {
            match name.as_str() {
                "lang" => preferences.language = Language::choose([value.as_str()]),
                "theme" if value == "dark" => preferences.theme = Theme::Dark,
                "theme" if value == "light" => preferences.theme = Theme::Light,
                "view" => {
                    let picture = Picture::ALL
                        .into_iter()
                        .find(|picture| picture.name() == value);
                    let pane = Pane::ALL.into_iter().find(|pane| pane.name() == value);
                    preferences.picture = picture.unwrap_or(preferences.picture);
                    preferences.pane = pane
                        .or(picture.map(|_| Pane::Pictures))
                        .unwrap_or(preferences.pane);
                }
                _ => {}
            }
        }
    }
}
