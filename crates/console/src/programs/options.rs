//! Command lines of single letters.

/// Options and operands of a command line of single letters.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    letters: Vec<(char, Option<String>)>,
    pub(super) operands: Vec<String>,
    /// `-5`, as `head` and `tail` take it.
    pub(super) number: Option<String>,
}

impl Options {
    /// Reads a command line. The letters in `with_value` take what follows.
    pub(super) fn parse(arguments: &[String], with_value: &str) -> Options {
        let mut options = Options::default();
        let mut rest = arguments.iter().skip(1);
        while let Some(argument) = rest.next() {
            if argument == "--" {
                options.operands.extend(rest.cloned());
                break;
            }
            if let Some(long) = argument.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                if let Some(letter) = long_letter(name) {
                    let value = match value {
                        None if with_value.contains(letter) => rest.next().cloned(),
                        value => value,
                    };
                    options.letters.push((letter, value));
                }
                continue;
            }
            let Some(letters) = argument.strip_prefix('-').filter(|l| !l.is_empty()) else {
                options.operands.push(argument.clone());
                continue;
            };
            if letters.bytes().all(|c| c.is_ascii_digit()) {
                options.number = Some(letters.to_owned());
                continue;
            }
            for (at, letter) in letters.char_indices() {
                if !with_value.contains(letter) {
                    options.letters.push((letter, None));
                    continue;
                }
                let glued = &letters[at + letter.len_utf8()..];
                let value = if glued.is_empty() {
                    rest.next().cloned()
                } else {
                    Some(glued.to_owned())
                };
                options.letters.push((letter, value));
                break;
            }
        }
        options
    }

    /// The letters that were given.
    pub(super) fn letters(&self) -> String {
        self.letters.iter().map(|(letter, _)| letter).collect()
    }

    pub(super) fn has(&self, letter: char) -> bool {
        self.letters.iter().any(|(l, _)| *l == letter)
    }

    pub(super) fn value(&self, letter: char) -> Option<&str> {
        self.letters
            .iter()
            .rev()
            .find(|(l, _)| *l == letter)
            .and_then(|(_, value)| value.as_deref())
    }

    pub(super) fn values(&self, letter: char) -> Vec<String> {
        self.letters
            .iter()
            .filter(|(l, _)| *l == letter)
            .filter_map(|(_, value)| value.clone())
            .collect()
    }
}

/// The options of programs: those that are simulated, with `:` after those that take a value, and those that the real
/// program has besides.
const KNOWN: [(&str, &str, &str); 24] = [
    ("cat", "nbAETsetvu", ""),
    ("ls", "laArtShd1", "FpnRBbCcDfgGHiIkLmNoOqQsTuUvwxXZ"),
    ("wc", "lwcm", "L"),
    ("head", "n:c:qv", "z"),
    ("tail", "n:c:fFqv", "szp"),
    ("sort", "nrk:t:uhfo:cVs", "bdgiMRmzST"),
    ("uniq", "cdu", "ifswzD"),
    ("cut", "d:f:c:b:s", "nz"),
    ("tr", "dscC", "t"),
    ("tee", "a", "ip"),
    ("rm", "rRf", "dviI"),
    ("rmdir", "", "pv"),
    ("mkdir", "pm:", "vZ"),
    ("touch", "am", "cdtrh"),
    ("cp", "rRafp", "vnbdiHlLPstTuxZ"),
    ("mv", "f", "vnbituTSZ"),
    ("ln", "sf", "vnbdiLPrtTS"),
    ("tac", "", "brs"),
    ("rev", "", ""),
    ("base64", "dDw:i", ""),
    ("nl", "b:", "dfhilnpsvw"),
    ("uname", "amnrsvopi", ""),
    ("chown", "R", "vfchPLH"),
    ("grep", "ivcnEFGoqslLhHwxrRe:A:B:C:m:f:aIP", "zZbuUyTdD"),
];

/// What a program says of an option that it does not take.
pub(super) fn complaint(base: &str, arguments: &[String]) -> Option<(String, i32)> {
    let (_, own, real) = KNOWN.iter().find(|(name, ..)| *name == base)?;
    let status = if matches!(base, "ls" | "sort" | "grep") {
        2
    } else {
        1
    };
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        if argument == "--" {
            break;
        }
        if let Some(long) = argument.strip_prefix("--") {
            let name = long.split('=').next().unwrap_or(long);
            let known = long_letter(name).is_some_and(|letter| own.contains(letter));
            if known
                || matches!(
                    name,
                    "color" | "colour" | "line-buffered" | "no-preserve-root" | "verbose"
                )
            {
                continue;
            }
            return Some((format!("{base}: not simulated here: --{name}"), status));
        }
        let letters = argument.strip_prefix('-').unwrap_or("");
        if letters.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        for (at, letter) in letters.char_indices() {
            let after = own
                .split_once(letter)
                .filter(|_| letter != ':')
                .map(|(_, after)| after);
            match after {
                Some(after) if after.starts_with(':') => {
                    if at + letter.len_utf8() == letters.len() && rest.next().is_none() {
                        let words = match base {
                            "grep" => "Usage: grep [OPTION]... PATTERNS [FILE]...\n",
                            _ => "",
                        };
                        let words = format!(
                            "{base}: option requires an argument -- '{letter}'\n{words}Try '{base} --help' for more information."
                        );
                        return Some((words, status));
                    }
                    break;
                }
                Some(_) => {}
                None if real.contains(letter) => {
                    return Some((format!("{base}: not simulated here: -{letter}"), status));
                }
                None => {
                    let usage = match base {
                        "grep" => "Usage: grep [OPTION]... PATTERNS [FILE]...\n",
                        _ => "",
                    };
                    let words = format!(
                        "{base}: invalid option -- '{letter}'\n{usage}Try '{base} --help' for more information."
                    );
                    return Some((words, status));
                }
            }
        }
    }
    None
}

/// The letter of the long names that are used here.
fn long_letter(name: &str) -> Option<char> {
    Some(match name {
        "lines" => 'n',
        "bytes" => 'c',
        "follow" => 'f',
        "count" => 'c',
        "invert-match" => 'v',
        "ignore-case" => 'i',
        "quiet" | "silent" => 'q',
        "regexp" | "expression" => 'e',
        "fields" => 'f',
        "delimiter" => 'd',
        "recursive" => 'r',
        "force" => 'f',
        "parents" => 'p',
        "all" => 'a',
        "decode" => 'd',
        "wrap" => 'w',
        "utc" => 'u',
        _ => return None,
    })
}
