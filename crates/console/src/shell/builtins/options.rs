//! `set` and `shopt`.

use crate::shell::machine::Machine;
use crate::shell::simple::Built;
use crate::shell::state::{Dialect, Options};
use crate::shell::streams::Outside;

/// The options of `set`: letter, name, and whether they change what runs here. The others are taken and do nothing, as
/// they do for a script.
const OPTIONS: [(char, &str); 12] = [
    ('e', "errexit"),
    ('x', "xtrace"),
    ('u', "nounset"),
    ('f', "noglob"),
    ('n', "noexec"),
    ('v', "verbose"),
    ('a', "allexport"),
    ('b', "notify"),
    ('m', "monitor"),
    ('C', "noclobber"),
    ('o', "pipefail"),
    ('h', "hashall"),
];

fn option<'o>(options: &'o mut Options, name: &str) -> Option<&'o mut bool> {
    Some(match name {
        "errexit" => &mut options.errexit,
        "xtrace" => &mut options.xtrace,
        "nounset" => &mut options.nounset,
        "noglob" => &mut options.noglob,
        "noexec" => &mut options.noexec,
        "pipefail" => &mut options.pipefail,
        _ => return None,
    })
}

impl Machine {
    /// `set`
    pub(super) fn set_options(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Built {
        if rest.is_empty() {
            let plain = |text: &str| {
                let bare = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
                text.chars().all(bare)
            };
            let bash = self.state.is_bash();
            let variables = self.state.variables.iter();
            let lines: String = variables
                .map(|(name, variable)| match plain(&variable.value) && bash {
                    true => format!("{name}={}\n", variable.value),
                    false => format!("{name}='{}'\n", variable.value.replace('\'', "'\\''")),
                })
                .collect();
            return self.say(&lines, outside);
        }
        let mut arguments = rest.iter();
        while let Some(argument) = arguments.next() {
            let (on, letters) = match (argument.strip_prefix('-'), argument.strip_prefix('+')) {
                (Some("-"), _) => {
                    self.state.arguments = arguments.cloned().collect();
                    return Built::Status(0);
                }
                (Some(letters), _) => (true, letters),
                (_, Some(letters)) => (false, letters),
                _ => {
                    self.state.arguments = std::iter::once(argument)
                        .chain(arguments)
                        .cloned()
                        .collect();
                    return Built::Status(0);
                }
            };
            for letter in letters.chars() {
                let by_name = letter == 'o';
                let name = match by_name {
                    true => match arguments.next() {
                        Some(name) => name.as_str(),
                        None => return self.list_options(outside),
                    },
                    false => OPTIONS
                        .iter()
                        .find(|(known, _)| *known == letter)
                        .map_or("", |(_, name)| name),
                };
                if let Some(built) = self.set_option_named(name, letter, on, outside) {
                    return built;
                }
            }
        }
        Built::Status(0)
    }

    /// Sets one option. What comes of it if there is none of that name.
    fn set_option_named(
        &mut self,
        name: &str,
        letter: char,
        on: bool,
        outside: &mut Outside<'_>,
    ) -> Option<Built> {
        let dash = self.state.dialect == Dialect::Dash;
        let known = OPTIONS.iter().any(|(_, known)| *known == name);
        if known && !(dash && name == "pipefail") {
            if self.state.interactive && name == "noexec" {
                return None;
            }
            if let Some(option) = option(&mut self.state.options, name) {
                *option = on;
            }
            return None;
        }
        let by_name = letter == 'o';
        let what = match by_name {
            true => format!("-o {name}"),
            false => format!("-{letter}"),
        };
        Some(match self.state.dialect {
            Dialect::Dash => {
                self.give_up(&format!("set: Illegal option {what}"), 2, outside);
                Built::Goes
            }
            Dialect::Ash => {
                self.complain("set", &format!("illegal option {what}"), outside);
                if by_name {
                    return Some(Built::Status(1));
                }
                self.frames.clear();
                self.left |= !self.state.interactive;
                self.state.status = 2;
                Built::Goes
            }
            _ if by_name => {
                self.complain("set", &format!("{name}: invalid option name"), outside);
                Built::Status(2)
            }
            _ => {
                self.complain("set", &format!("{what}: invalid option"), outside);
                let usage =
                    "set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n";
                let sink = self.streams().stderr;
                let _ = outside.write(&sink, usage);
                Built::Status(2)
            }
        })
    }

    fn list_options(&mut self, outside: &mut Outside<'_>) -> Built {
        let mut names: Vec<&str> = OPTIONS.map(|(_, name)| name).to_vec();
        names.sort_unstable();
        let mut lines = String::new();
        for name in names {
            let on =
                option(&mut self.state.options, name).is_some_and(|on| *on) || name == "hashall";
            let on = if on { "on" } else { "off" };
            lines.push_str(&format!("{name:<15}\t{on}\n"));
        }
        self.say(&lines, outside)
    }

    /// `shopt`
    pub(super) fn shopt(&mut self, rest: &[String], outside: &mut Outside<'_>) -> i32 {
        let mut on = None;
        let mut status = 0;
        for word in rest {
            match (word.as_str(), on) {
                ("-s", _) => on = Some(true),
                ("-u", _) => on = Some(false),
                ("-q", _) => {}
                ("nullglob", Some(on)) => self.state.options.nullglob = on,
                ("nullglob", None) => status = i32::from(!self.state.options.nullglob),
                ("expand_aliases" | "checkwinsize" | "histappend" | "cmdhist", _) => {}
                (
                    "dotglob" | "globstar" | "extglob" | "nocaseglob" | "lastpipe" | "nocasematch"
                    | "failglob",
                    _,
                ) => {
                    let words = format!("not simulated here: {word}");
                    self.complain("shopt", &words, outside);
                    status = 1;
                }
                (name, _) => {
                    let words = format!("{name}: invalid shell option name");
                    self.complain("shopt", &words, outside);
                    status = 1;
                }
            }
        }
        status
    }
}
