//! `read`, `getopts`, `printf`, `trap`, `pushd`.

use crate::programs::{FileType, echo, system};
use crate::shell::jobs::{signal_name, signal_number};
use crate::shell::machine::{Frame, Machine, Read};
use crate::shell::parser::is_name;
use crate::shell::simple::Built;
use crate::shell::state::Dialect;
use crate::shell::streams::Outside;

/// How many directories `pushd` remembers.
const DIRECTORY_LIMIT: usize = 100;

impl Machine {
    /// `read`
    pub(super) fn read(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Built {
        let mut read = Read::default();
        let mut words = rest.iter();
        while let Some(word) = words.next() {
            let letters = match word.strip_prefix('-') {
                Some(letters) if !letters.is_empty() && read.names.is_empty() => letters,
                _ => {
                    read.names.push(word.clone());
                    continue;
                }
            };
            for letter in letters.chars() {
                match (letter, self.state.is_bash()) {
                    ('r', _) => read.raw = true,
                    ('s' | 'e', true) => {}
                    ('a', true) => {
                        read.array = true;
                        read.names.extend(words.next().cloned());
                    }
                    ('p', _) => {
                        let prompt = words.next().cloned().unwrap_or_default();
                        if outside.stdin.terminal {
                            let sink = self.streams().stderr;
                            let _ = outside.write(&sink, &prompt);
                        }
                    }
                    ('n' | 'N' | 'd' | 't' | 'u' | 'i', true) => {
                        let words = format!("not simulated here: -{letter}");
                        self.complain("read", &words, outside);
                        return Built::Status(2);
                    }
                    (letter, _) => {
                        let words = match self.state.dialect {
                            Dialect::Dash => format!("Illegal option -{letter}"),
                            Dialect::Ash => format!("illegal option -{letter}"),
                            _ => format!("-{letter}: invalid option"),
                        };
                        self.complain("read", &words, outside);
                        return Built::Status(2);
                    }
                }
            }
        }
        if read.names.is_empty() && self.state.dialect == Dialect::Dash {
            self.complain("read", "arg count", outside);
            return Built::Status(2);
        }
        self.frames.push(Frame::Read(read));
        Built::Goes
    }

    /// `getopts LETTERS NAME [ARGUMENTS]`
    pub(super) fn getopts(&mut self, rest: &[String], outside: &mut Outside<'_>) -> i32 {
        let [letters, name, own @ ..] = rest else {
            let words = "usage: getopts optstring name [arg ...]";
            self.complain("getopts", words, outside);
            return 2;
        };
        let arguments = if own.is_empty() {
            self.state.arguments.clone()
        } else {
            own.to_vec()
        };
        let mut index: usize = self
            .state
            .parameter("OPTIND")
            .and_then(|text| text.parse().ok())
            .unwrap_or(1)
            .max(1);
        let silent = letters.starts_with(':');
        let current = arguments
            .get(index - 1)
            .filter(|a| a.len() > 1 && a.starts_with('-'));
        let Some(current) = current.filter(|a| *a != "--") else {
            if arguments.get(index - 1).is_some_and(|a| a == "--") {
                index += 1;
            }
            self.state.getopts_at = 0;
            return self.set_option(index, name, "?", None, 1, outside);
        };
        let at = self.state.getopts_at.max(1);
        let letter = current.chars().nth(at).unwrap_or('?');
        let after: String = current.chars().skip(at + 1).collect();
        self.state.getopts_at = if after.is_empty() { 0 } else { at + 1 };
        if after.is_empty() {
            index += 1;
        }
        let place = letters.find(letter).filter(|_| letter != ':');
        let Some(place) = place else {
            if silent {
                return self.set_option(index, name, "?", Some(letter.to_string()), 0, outside);
            }
            self.option_error(letter, false, outside);
            return self.set_option(index, name, "?", None, 0, outside);
        };
        if !letters[place + letter.len_utf8()..].starts_with(':') {
            return self.set_option(index, name, &letter.to_string(), None, 0, outside);
        }
        self.state.getopts_at = 0;
        let value = if after.is_empty() {
            let value = arguments.get(index - 1).cloned();
            index += usize::from(value.is_some());
            value
        } else {
            index += 1;
            Some(after)
        };
        match value {
            Some(value) => {
                self.set_option(index, name, &letter.to_string(), Some(value), 0, outside)
            }
            None if silent => {
                self.set_option(index, name, ":", Some(letter.to_string()), 0, outside)
            }
            None => {
                self.option_error(letter, true, outside);
                self.set_option(index, name, "?", None, 0, outside)
            }
        }
    }

    fn option_error(&mut self, letter: char, argument: bool, outside: &mut Outside<'_>) {
        let text = match (self.state.is_bash(), argument) {
            (true, false) => format!("{}: illegal option -- {letter}\n", self.state.name),
            (true, true) => format!(
                "{}: option requires an argument -- {letter}\n",
                self.state.name
            ),
            (false, false) => format!("Illegal option -{letter}\n"),
            (false, true) => format!("No arg for -{letter} option\n"),
        };
        let sink = self.streams().stderr;
        let _ = outside.write(&sink, &text);
    }

    fn set_option(
        &mut self,
        index: usize,
        name: &str,
        letter: &str,
        value: Option<String>,
        status: i32,
        outside: &mut Outside<'_>,
    ) -> i32 {
        let done = self
            .state
            .set("OPTIND", index.to_string())
            .and_then(|()| self.state.set(name, letter.to_owned()))
            .and_then(|()| match value {
                Some(value) => self.state.set("OPTARG", value),
                None => {
                    self.state.variables.remove("OPTARG");
                    Ok(())
                }
            });
        match done {
            Ok(()) => status,
            Err(error) => {
                self.error(&error, outside);
                1
            }
        }
    }

    /// `printf`
    pub(super) fn printf(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Built {
        let (target, rest) = match rest {
            [option, name, rest @ ..] if option == "-v" && self.state.is_bash() => {
                (Some(name), rest)
            }
            [option, ..] if option == "-v" && self.state.dialect == Dialect::Dash => {
                self.complain("printf", "Illegal option -v", outside);
                return Built::Status(2);
            }
            _ => (None, rest),
        };
        let (text, error) = echo::printf(rest);
        if let Some(error) = &error {
            self.complain_of_printf(error, outside);
        }
        let built = match target {
            None => self.say(&text, outside),
            Some(name) => {
                let set = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
                    Some((name, key)) => self.state.set_element(name, key, text),
                    None => self.state.set(name, text),
                };
                if let Err(error) = set {
                    self.error(&error, outside);
                    return Built::Status(1);
                }
                Built::Status(0)
            }
        };
        match error {
            Some(echo::Complaint::Usage) if self.state.dialect == Dialect::Ash => Built::Status(1),
            Some(echo::Complaint::Usage) => Built::Status(2),
            Some(echo::Complaint::Directive(_)) if self.state.dialect == Dialect::Dash => {
                Built::Status(2)
            }
            Some(_) => Built::Status(1),
            None => built,
        }
    }

    fn complain_of_printf(&mut self, error: &echo::Complaint, outside: &mut Outside<'_>) {
        let sink = self.streams().stderr;
        let words = match (self.state.dialect, error) {
            (Dialect::Dash, echo::Complaint::Usage) => "usage: printf format [arg ...]".to_owned(),
            (Dialect::Dash, echo::Complaint::Directive(text)) => {
                format!("{text}: invalid directive")
            }
            (Dialect::Dash, echo::Complaint::Number(text)) => {
                format!("{text}: expected numeric value")
            }
            (Dialect::Ash, error) => {
                let words = match error {
                    echo::Complaint::Usage => "usage: printf FORMAT [ARGUMENT...]".to_owned(),
                    echo::Complaint::Directive(text) => format!("{text}: invalid format"),
                    echo::Complaint::Number(text) => format!("invalid number '{text}'"),
                };
                return self.error(&words, outside);
            }
            (_, echo::Complaint::Usage) => {
                let line = format!("printf: {}\n", error.words());
                let _ = outside.write(&sink, &line);
                return;
            }
            (_, error) => error.words(),
        };
        self.complain("printf", &words, outside);
    }

    /// `trap`
    pub(super) fn trap(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Built {
        let rest = match rest.split_first() {
            Some((first, rest)) if first == "--" || first == "-p" => rest,
            _ => rest,
        };
        let Some((action, signals)) = rest.split_first() else {
            let lines = self.traps.iter().map(|(name, action)| {
                let action = action.replace('\'', "'\\''");
                let sig = match self.state.is_bash() && !matches!(name.as_str(), "EXIT" | "ERR") {
                    true => "SIG",
                    false => "",
                };
                format!("trap -- '{action}' {sig}{name}\n")
            });
            let lines: String = lines.collect();
            return self.say(&lines, outside);
        };
        // With one word it is a signal that is reset.
        let (action, signals) = match signals.is_empty() {
            true => ("-", rest),
            false => (action.as_str(), signals),
        };
        let mut status = 0;
        for signal in signals {
            let name = match signal.as_str() {
                "0" | "EXIT" => "EXIT",
                "ERR" if self.state.dialect != Dialect::Dash => "ERR",
                "DEBUG" | "RETURN" if self.state.is_bash() => {
                    let words = format!("not simulated here: {signal}");
                    self.complain("trap", &words, outside);
                    status = 1;
                    continue;
                }
                text => signal_number(text).map_or("", signal_name),
            };
            if name.is_empty() {
                status = 1;
                if self.state.dialect == Dialect::Dash {
                    let sink = self.streams().stderr;
                    let _ = outside.write(&sink, &format!("trap: {signal}: bad trap\n"));
                } else {
                    let words = format!("{signal}: invalid signal specification");
                    self.complain("trap", &words, outside);
                }
                continue;
            }
            match action {
                "-" => self.traps.remove(name),
                action => self.traps.insert(name.to_owned(), action.to_owned()),
            };
        }
        Built::Status(status)
    }

    /// `pushd`, `popd`, `dirs`
    pub(super) fn directories(&mut self, arguments: &[String], outside: &mut Outside<'_>) -> Built {
        let name = arguments[0].as_str();
        let target = match (name, arguments.get(1)) {
            ("dirs", _) => None,
            ("pushd", Some(path)) => Some(path.clone()),
            _ => match self.state.directories.pop() {
                Some(path) => Some(path),
                None => {
                    let words = match name {
                        "pushd" => "no other directory",
                        _ => "directory stack empty",
                    };
                    self.complain(name, words, outside);
                    return Built::Status(1);
                }
            },
        };
        if let Some(target) = target {
            let path = system::absolute(&self.state.cwd, &target);
            let error = match outside.system.stat(&path) {
                Ok(metadata) if metadata.file_type == FileType::Directory => None,
                Ok(_) => Some("Not a directory"),
                Err(error) => Some(error.message()),
            };
            if let Some(error) = error {
                self.complain(name, &format!("{target}: {error}"), outside);
                return Built::Status(1);
            }
            let before = std::mem::replace(&mut self.state.cwd, path);
            if name == "pushd" && self.state.directories.len() < DIRECTORY_LIMIT {
                self.state.directories.push(before);
            }
        }
        let home = self.state.parameter("HOME").unwrap_or_default();
        let all = std::iter::once(&self.state.cwd).chain(self.state.directories.iter().rev());
        let shown: Vec<String> = all
            .map(|path| match path.strip_prefix(&home) {
                Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
                    format!("~{rest}")
                }
                _ => path.clone(),
            })
            .collect();
        self.say(&format!("{}\n", shown.join(" ")), outside)
    }

    /// `unset`
    pub(super) fn unset(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Built {
        let functions = rest.first().is_some_and(|word| word == "-f");
        let mut status = 0;
        for name in rest.iter().filter(|word| !word.starts_with('-')) {
            let known = self.state.functions.remove(name).is_some();
            if functions || known && !self.state.variables.contains_key(name) {
                continue;
            }
            let plain = name.split('[').next().unwrap_or("");
            let done = match is_name(plain) {
                true => self.state.unset(name),
                false => Err(format!("`{name}': not a valid identifier")),
            };
            if let Err(error) = done {
                if !self.state.is_bash() {
                    let prefix = self.state.builtin_prefix("unset");
                    let words = prefix.strip_prefix(&self.state.prefix()).unwrap_or("");
                    let words = format!("{words}{error}");
                    self.give_up(&words, 2, outside);
                    return Built::Goes;
                }
                self.complain("unset", &error, outside);
                status = 1;
            }
        }
        Built::Status(status)
    }
}
