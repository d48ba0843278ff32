//! `tail -f`.

use super::{Io, Program};
use crate::command::{Poll, Until};
use petset_cluster::Duration;

/// `tail -f`: looks every second.
#[derive(Clone)]
pub(super) struct Follow {
    pub(super) file: String,
    pub(super) lines: usize,
    pub(super) printed: Option<usize>,
}

impl Program for Follow {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        let again = Poll::Pending(Until::Time(io.system.now() + Duration::secs(1)));
        if self.file == "/dev/null" {
            return Poll::Pending(Until::Change(None));
        }
        let path = io.path(&self.file);
        let text = match io.system.read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if self.printed.is_none() => {
                let words = format!(
                    "tail: cannot open '{}' for reading: {}\ntail: no files remaining",
                    self.file,
                    error.message()
                );
                return io.fail(&words, 1);
            }
            Err(_) => return again,
        };
        let start = match self.printed {
            Some(printed) if printed <= text.len() && text.is_char_boundary(printed) => printed,
            Some(_) => 0,
            None => {
                let lines: Vec<&str> = text.split_inclusive('\n').collect();
                let shown = lines.len().saturating_sub(self.lines);
                lines[..shown].iter().map(|line| line.len()).sum()
            }
        };
        io.stdout.push_str(&text[start..]);
        self.printed = Some(text.len());
        again
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
