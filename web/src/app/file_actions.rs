//! Adding, importing, renaming and deleting files; a deleted one can come back.

use petset_playground::view::FileError;
use yew::Context;

use super::App;
use crate::files::{FileAction, Notice};
use crate::preferences::Pane;

impl App {
    /// Does what a person asked of the files; `result` is what came of naming them.
    pub(super) fn on_files(
        &mut self,
        ctx: &Context<Self>,
        action: FileAction,
        result: Result<(), FileError>,
    ) {
        self.notice = result.err().map(Notice::Refused);
        if self.notice.is_none() {
            match action {
                FileAction::Open(name) | FileAction::Add { name, .. } => {
                    self.prefer(|p| p.file = Some(name))
                }
                FileAction::Import { name, text } => self.import(name, text),
                FileAction::Rename { from, to } => {
                    self.editor.renamed(&from, &to);
                    self.prefer(|p| p.file = Some(to));
                }
                FileAction::Delete(name) => self.delete(name),
                FileAction::Undo => self.undo_delete(),
            }
        }
        self.check_file();
        self.save_soon(ctx);
    }

    /// Shows the file that a command such as `vi web.yaml` asked for.
    pub(super) fn open_asked_file(&mut self) {
        let asked = self.session.borrow_mut().take_file_to_open();
        if let Some(name) = asked {
            self.prefer(|p| {
                p.file = Some(name);
                p.pane = Pane::Editor;
            });
            self.check_file();
        }
    }

    fn import(&mut self, name: String, text: Option<String>) {
        let Some(text) = text else {
            self.notice = Some(Notice::Unreadable(name));
            return;
        };
        let taken: Vec<String> = self
            .session
            .borrow()
            .files()
            .into_iter()
            .map(|file| file.name)
            .collect();
        let free = free_name(&name, &taken);
        let added = self.session.borrow_mut().add_file(&free, text);
        match added {
            Ok(()) => self.prefer(|p| p.file = Some(free)),
            Err(error) => self.notice = Some(Notice::Refused(error)),
        }
    }

    fn delete(&mut self, name: String) {
        self.editor.flush();
        let deleted = self.session.borrow_mut().delete_file(&name);
        match deleted {
            Ok(text) => {
                self.editor.forget(&name);
                self.deleted = Some((name.clone(), text));
                let next = self
                    .session
                    .borrow()
                    .files()
                    .last()
                    .map(|file| file.name.clone());
                self.prefer(|p| p.file = next);
                self.notice = Some(Notice::Deleted(name));
            }
            Err(error) => self.notice = Some(Notice::Refused(error)),
        }
    }

    fn undo_delete(&mut self) {
        let Some((name, text)) = self.deleted.take() else {
            return;
        };
        let added = self.session.borrow_mut().add_file(&name, text);
        match added {
            Ok(()) => self.prefer(|p| p.file = Some(name)),
            Err(error) => self.notice = Some(Notice::Refused(error)),
        }
    }
}

/// `web.yaml`, `web-2.yaml`, `web-3.yaml` …
fn free_name(name: &str, taken: &[String]) -> String {
    let (stem, end) = name
        .rsplit_once('.')
        .map_or((name, String::new()), |(stem, end)| {
            (stem, format!(".{end}"))
        });
    let numbered = (2..).map(|number| format!("{stem}-{number}{end}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| !taken.contains(name))
        .unwrap_or_default()
}
