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
