//! Where sessions are kept between visits: a person's own in the browser, one from elsewhere in its tab.

use crate::browser::{self, Area};
use crate::link;

/// Where the session is kept.
const SESSION_KEY: &str = "petset.session";
/// The link that the tab's session came from; empty when it came from a file.
const LINK_KEY: &str = "petset.session.link";

/// Where the session that is shown is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the browser: the person's own.
    Own,
    /// In this tab: one from a link or a file.
    Tab,
    /// Nowhere: the page is a part of another one.
    Nowhere,
}

impl Place {
    fn area(self) -> Option<Area> {
        match self {
            Place::Own => Some(Area::Browser),
            Place::Tab => Some(Area::Tab),
            Place::Nowhere => None,
        }
    }

    /// The one to begin with. A tab's session goes on unless the address holds another one.
    pub fn at_start() -> Place {
        let kept = browser::load_in(Area::Tab, SESSION_KEY).is_some();
        let same = link::in_address().is_none_or(|link| Some(link) == link_of_tab());
        if kept && same { Place::Tab } else { Place::Own }
    }

    /// The session that is kept there.
    pub fn load(self) -> Option<String> {
        browser::load_in(self.area()?, SESSION_KEY)
    }

    /// Keeps a session there.
    pub fn store(self, session: &str) {
        if let Some(area) = self.area() {
            browser::store_in(area, SESSION_KEY, session);
        }
    }

    /// Forgets the session that is kept there.
    pub fn forget(self) {
        if let Some(area) = self.area() {
            browser::forget_in(area, SESSION_KEY);
        }
    }
}

/// The link that the tab's session came from.
pub fn link_of_tab() -> Option<String> {
    browser::load_in(Area::Tab, LINK_KEY)
}

/// Takes note of the link that the tab's session came from.
pub fn set_link_of_tab(link: Option<&str>) {
    browser::store_in(Area::Tab, LINK_KEY, link.unwrap_or_default());
}
