//! The files of a session: names, texts, limits.

use crate::view::{FileError, FileInfo};

/// Largest file that is kept.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;
/// Most files that are kept.
pub const MAX_FILES: usize = 50;
/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Files in the order of their tabs.
///
/// Commands see the same files as their working directory; what they add comes last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    order: Vec<String>,
    texts: petset_console::Files,
}

impl Files {
    /// The list for the tabs. Hidden files, such as kubectl's configuration, have none.
    pub fn list(&self) -> Vec<FileInfo> {
        self.iter()
            .filter(|(name, _)| !name.starts_with('.'))
            .map(|(name, text)| FileInfo {
                name: name.to_owned(),
                bytes: text.len(),
            })
            .collect()
    }

    /// Names and texts, in the order of the tabs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.order
            .iter()
            .filter_map(|name| Some((name.as_str(), self.text(name)?)))
    }

    /// A file's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The files as commands see them.
    pub fn texts(&self) -> &petset_console::Files {
        &self.texts
    }

    /// Lets commands work on the files; the tabs follow what they did.
    pub fn work<R>(&mut self, command: impl FnOnce(&mut petset_console::Files) -> R) -> R {
        let result = command(&mut self.texts);
        let same = self.order.len() == self.texts.len()
            && self.order.iter().all(|name| self.texts.contains_key(name));
        if !same {
            self.order.retain(|name| self.texts.contains_key(name));
            let added: Vec<String> = self
                .texts
                .keys()
                .filter(|name| !self.order.contains(name))
                .cloned()
                .collect();
            self.order.extend(added);
        }
        result
    }

    /// Adds a file at the end.
    ///
    /// # Errors
    /// The name is taken or not allowed, the text too large, or there are too many files.
    pub fn add(&mut self, name: &str, text: String) -> Result<(), FileError> {
        self.check_new_name(name)?;
        check_size(&text)?;
        if self.order.len() >= MAX_FILES {
            return Err(FileError::TooMany { limit: MAX_FILES });
        }
        self.order.push(name.to_owned());
        self.texts.insert(name.to_owned(), text);
        Ok(())
    }

    /// Gives a file another name, on the same tab.
    ///
    /// # Errors
    /// There is no such file, or the new name is taken or not allowed.
    pub fn rename(&mut self, name: &str, new_name: &str) -> Result<(), FileError> {
        let index = self.index(name)?;
        if name != new_name {
            self.check_new_name(new_name)?;
            if let Some(text) = self.texts.remove(name) {
                self.texts.insert(new_name.to_owned(), text);
            }
            self.order[index] = new_name.to_owned();
        }
        Ok(())
    }

    /// Deletes a file and returns its text, so that the deletion can be undone.
    ///
    /// # Errors
    /// There is no such file.
    pub fn delete(&mut self, name: &str) -> Result<String, FileError> {
        let index = self.index(name)?;
        self.order.remove(index);
        Ok(self.texts.remove(name).unwrap_or_default())
    }

    /// Replaces a file's text.
    ///
    /// # Errors
    /// There is no such file, or the text is too large; the old text stays then.
    pub fn set_text(&mut self, name: &str, text: String) -> Result<(), FileError> {
        self.index(name)?;
        check_size(&text)?;
        self.texts.insert(name.to_owned(), text);
        Ok(())
    }

    fn index(&self, name: &str) -> Result<usize, FileError> {
        self.order
            .iter()
            .position(|n| n == name)
            .ok_or_else(|| FileError::NotFound {
                name: name.to_owned(),
            })
    }

    fn check_new_name(&self, name: &str) -> Result<(), FileError> {
        let name_owned = name.to_owned();
        let allowed =
            |c: char| !c.is_control() && !c.is_whitespace() && !"/\\\"'`$|&;<>*?".contains(c);
        if name.is_empty()
            || name.starts_with('-')
            || name.chars().count() > MAX_NAME_CHARS
            || !name.chars().all(allowed)
        {
            return Err(FileError::BadName { name: name_owned });
        }
        if self.text(name).is_some() {
            return Err(FileError::Exists { name: name_owned });
        }
        Ok(())
    }
}

fn check_size(text: &str) -> Result<(), FileError> {
    if text.len() > MAX_FILE_BYTES {
        Err(FileError::TooLarge {
            limit_bytes: MAX_FILE_BYTES,
        })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_and_nothing_is_lost() {
        let mut files = Files::default();
        assert_eq!(files.add("웹.yaml", "a".into()), Ok(()));
        for bad in ["", "a b", "a/b", "-f", "'x'", "a\n"] {
            assert_eq!(
                files.add(bad, String::new()),
                Err(FileError::BadName { name: bad.into() }),
                "{bad:?}"
            );
        }
        assert_eq!(
            files.add("웹.yaml", String::new()),
            Err(FileError::Exists {
                name: "웹.yaml".into()
            })
        );
        assert_eq!(files.rename("웹.yaml", "b.yaml"), Ok(()));
        assert_eq!(
            files.rename("웹.yaml", "c.yaml"),
            Err(FileError::NotFound {
                name: "웹.yaml".into()
            })
        );
        let large = "x".repeat(MAX_FILE_BYTES + 1);
        assert_eq!(
            files.set_text("b.yaml", large),
            Err(FileError::TooLarge {
                limit_bytes: MAX_FILE_BYTES
            })
        );
        assert_eq!(files.text("b.yaml"), Some("a"));
        assert_eq!(files.delete("b.yaml"), Ok("a".into()));
        assert!(files.list().is_empty());
    }
}
