//! What the page remembers about the person's wishes: language, theme, borders, tabs.

use petset_playground::text::Language;

use crate::browser;

const KEY: &str = "petset.page";

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The value of the `data-theme` attribute.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The one that the button goes to.
    pub fn next(self) -> Theme {
        match self {
            Theme::Auto => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::Auto,
        }
    }
}

/// A picture of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Pod, claim and volume of each ordinal.
    Set,
    /// The set beside a ReplicaSet.
    Twin,
    /// States over time.
    Timeline,
    /// Who owns whom.
    Owners,
    /// Disks and their bytes.
    Storage,
    /// The zone.
    Dns,
    /// The nodes with their pods.
    Nodes,
    /// Events.
    Events,
}

impl Picture {
    /// All, in the order of the tabs.
    pub const ALL: [Picture; 8] = [
        Picture::Set,
        Picture::Twin,
        Picture::Timeline,
        Picture::Storage,
        Picture::Dns,
        Picture::Nodes,
        Picture::Owners,
        Picture::Events,
    ];

    /// The name in ids and in storage.
    pub fn name(self) -> &'static str {
        match self {
            Picture::Set => "set",
            Picture::Twin => "twin",
            Picture::Timeline => "timeline",
            Picture::Owners => "owners",
            Picture::Storage => "storage",
            Picture::Dns => "dns",
            Picture::Nodes => "nodes",
            Picture::Events => "events",
        }
    }
}

/// A pane, of which a narrow page shows one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// Files and editor.
    Editor,
    /// Pictures.
    Pictures,
    /// Terminals.
    Terminal,
}

impl Pane {
    /// All, in the order of the bar.
    pub const ALL: [Pane; 3] = [Pane::Editor, Pane::Pictures, Pane::Terminal];

    /// The name in attributes and in storage.
    pub fn name(self) -> &'static str {
        match self {
            Pane::Editor => "editor",
            Pane::Pictures => "pictures",
            Pane::Terminal => "terminal",
        }
    }
}

/// All of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Preferences {
    /// The page's language.
    pub language: Language,
    /// The page's theme.
    pub theme: Theme,
    /// The picture in front.
    pub picture: Picture,
    /// The pane in front on a narrow page.
    pub pane: Pane,
    /// The running commentary is shown.
    pub commentary: bool,
    /// The file in front.
    pub file: Option<String>,
    /// Width of files and editor, in percent.
    pub editor_percent: f64,
    /// Height of everything above the terminals, in percent.
    pub upper_percent: f64,
    /// Width of the first of two terminals, in percent.
    pub terminal_percent: f64,
}

impl Preferences {
    /// As remembered, or as the browser suggests.
    pub fn load() -> Self {
        let saved = browser::load(KEY).unwrap_or_default();
        let languages = browser::languages();
        Self::read(
            &saved,
            Language::choose(languages.iter().map(String::as_str)),
        )
    }

    /// Remembers them.
    pub fn save(&self) {
        browser::store(KEY, &self.write());
    }

    /// One `name value` per line; lines that are not understood are passed over.
    pub fn read(saved: &str, language: Language) -> Self {
        let mut found = Self {
            language,
            theme: Theme::Auto,
            picture: Picture::Set,
            pane: Pane::Terminal,
            commentary: false,
            file: None,
            editor_percent: 33.0,
            upper_percent: 58.0,
            terminal_percent: 50.0,
        };
        for (name, value) in saved.lines().filter_map(|line| line.split_once(' ')) {
            let percent = value
                .parse::<f64>()
                .ok()
                .filter(|p| (5.0..=95.0).contains(p));
            match (name, percent) {
                ("language", _) => pick(&mut found.language, &Language::ALL, |l| l.tag() == value),
                ("theme", _) => pick(&mut found.theme, &[Theme::Light, Theme::Dark], |t| {
                    t.name() == value
                }),
                ("picture", _) => pick(&mut found.picture, &Picture::ALL, |p| p.name() == value),
                ("pane", _) => pick(&mut found.pane, &Pane::ALL, |p| p.name() == value),
                ("commentary", _) => found.commentary = value == "on",
                ("file", _) => found.file = Some(value.to_owned()),
                ("editor", Some(percent)) => found.editor_percent = percent,
                ("upper", Some(percent)) => found.upper_percent = percent,
                ("terminal", Some(percent)) => found.terminal_percent = percent,
                _ => {}
            }
        }
        found
    }

    /// The text that [`Preferences::read`] reads.
    pub fn write(&self) -> String {
        let file = self
            .file
            .as_deref()
            .map(|name| format!("file {name}\n"))
            .unwrap_or_default();
        format!(
            "language {}\ntheme {}\npicture {}\npane {}\ncommentary {}\neditor {}\nupper {}\nterminal {}\n{file}",
            self.language.tag(),
            self.theme.name(),
            self.picture.name(),
            self.pane.name(),
            if self.commentary { "on" } else { "off" },
            self.editor_percent,
            self.upper_percent,
            self.terminal_percent,
        )
    }
}

fn pick<T: Copy>(into: &mut T, all: &[T], is: impl Fn(T) -> bool) {
    if let Some(found) = all.iter().copied().find(|value| is(*value)) {
        *into = found;
    }
}
