//! Reads sed scripts.

use super::super::filters::regex;
use regex_lite::Regex;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) enum Address {
    Line(usize),
    Last,
    Match(Regex),
    /// Every so many lines, from the first one.
    Step(usize, usize),
    /// So many lines after the beginning of a range.
    After(usize),
}

#[derive(Clone, Debug)]
pub(super) enum Action {
    Substitute {
        regex: Regex,
        replacement: String,
        /// The first match that is replaced, from 1.
        from: usize,
        all: bool,
        print: bool,
    },
    Print,
    PrintFirst,
    Delete,
    DeleteFirst,
    Quit {
        code: i32,
        print: bool,
    },
    Append(String),
    Insert(String),
    Change(String),
    Next,
    NextAppended,
    Hold {
        append: bool,
    },
    Get {
        append: bool,
    },
    Exchange,
    Translate(BTreeMap<char, char>),
    Number,
    List,
    /// Goes on at a place of the script; the end without one.
    Branch(Option<usize>),
    /// The same, if something was replaced, or was not.
    Test(Option<usize>, bool),
    /// What follows, up to this place, runs where the addresses hold.
    Block(usize),
    Nothing,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) from: Option<Address>,
    pub(super) to: Option<Address>,
    pub(super) negated: bool,
    pub(super) action: Action,
}

/// What is wrong, and after how many characters.
pub(super) type Trouble = (usize, String);

struct Parser {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    rules: Vec<Rule>,
    blocks: Vec<usize>,
    labels: BTreeMap<String, usize>,
    /// Branches to labels, by their rules.
    branches: Vec<(usize, String)>,
    /// The last pattern: an empty one means it again.
    last: Option<Regex>,
}

pub(super) fn parse(text: &str, extended: bool) -> Result<Vec<Rule>, Trouble> {
    let mut parser = Parser {
        chars: text.chars().collect(),
        at: 0,
        extended,
        rules: Vec::new(),
        blocks: Vec::new(),
        labels: BTreeMap::new(),
        branches: Vec::new(),
        last: None,
    };
    loop {
        parser.skip(|c| c.is_whitespace() || c == ';');
        match parser.peek() {
            None => break,
            Some('#') => parser.skip(|c| c != '\n'),
            Some(_) => parser.rule()?,
        }
    }
    if !parser.blocks.is_empty() {
        return Err((0, "unmatched `{'".to_owned()));
    }
    for (rule, label) in std::mem::take(&mut parser.branches) {
        let place = match label.as_str() {
            "" => None,
            label => match parser.labels.get(label) {
                Some(place) => Some(*place),
                None => {
                    return Err((
                        usize::MAX,
                        format!("can't find label for jump to `{label}'"),
                    ));
                }
            },
        };
        match &mut parser.rules[rule].action {
            Action::Branch(target) | Action::Test(target, _) => *target = place,
            _ => {}
        }
    }
    Ok(parser.rules)
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn skip(&mut self, which: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&which) {
            self.at += 1;
        }
    }

    fn fail<T>(&self, words: &str) -> Result<T, Trouble> {
        Err((self.at, words.to_owned()))
    }

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        self.skip(|c| c.is_ascii_digit());
        let text: String = self.chars[start..self.at].iter().collect();
        (!text.is_empty()).then(|| text.parse().unwrap_or(usize::MAX))
    }

    fn regex(&mut self, pattern: &str, ignore_case: bool) -> Result<Regex, Trouble> {
        if pattern.is_empty() {
            return match &self.last {
                Some(regex) => Ok(regex.clone()),
                None => self.fail("no previous regular expression"),
            };
        }
        match regex(pattern, self.extended, ignore_case) {
            Ok(regex) => {
                self.last = Some(regex.clone());
                Ok(regex)
            }
            Err(_) => {
                let open = if self.extended { "(" } else { "\\(" };
                match pattern.contains(open) {
                    true => self.fail("Unmatched ( or \\("),
                    false => self.fail("Invalid regular expression"),
                }
            }
        }
    }

    fn address(&mut self, second: bool) -> Result<Option<Address>, Trouble> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some('+') if second => {
                self.at += 1;
                Ok(Some(Address::After(self.number().unwrap_or(0))))
            }
            Some(c) if c.is_ascii_digit() => {
                let line = self.number().unwrap_or(0);
                if self.peek() == Some('~') && !second {
                    self.at += 1;
                    return Ok(Some(Address::Step(line, self.number().unwrap_or(0))));
                }
                Ok(Some(Address::Line(line)))
            }
            Some(c @ ('/' | '\\')) => {
                self.at += 1;
                let mark = if c == '/' {
                    '/'
                } else {
                    self.next().unwrap_or('/')
                };
                let Some(pattern) = self.delimited(mark, true) else {
                    return self.fail("unterminated address regex");
                };
                let ignore_case = matches!(self.peek(), Some('I'));
                self.at += usize::from(ignore_case);
                Ok(Some(Address::Match(self.regex(&pattern, ignore_case)?)))
            }
            _ => Ok(None),
        }
    }

    /// The text up to `mark`, in which `\mark` stands for itself.
    fn delimited(&mut self, mark: char, is_regex: bool) -> Option<String> {
        let mut out = String::new();
        let mut bracket = false;
        loop {
            let c = self.next()?;
            match c {
                _ if c == mark && !bracket => return Some(out),
                '\\' => {
                    let next = self.next()?;
                    match next {
                        'n' if is_regex => out.push_str("\\n"),
                        next if next == mark => out.push(next),
                        next => {
                            out.push('\\');
                            out.push(next);
                        }
                    }
                }
                '[' if is_regex => {
                    bracket = true;
                    out.push(c);
                    // `]` directly after it does not close.
                    for first in ['^', ']'] {
                        if self.peek() == Some(first) {
                            self.at += 1;
                            out.push(first);
                        }
                    }
                }
                ']' => {
                    bracket = false;
                    out.push(c);
                }
                '\n' if is_regex => return None,
                _ => out.push(c),
            }
        }
    }

    fn rule(&mut self) -> Result<(), Trouble> {
        let from = self.address(false)?;
        self.skip(|c| c == ' ');
        let mut to = None;
        if from.is_some() && self.peek() == Some(',') {
            self.at += 1;
            self.skip(|c| c == ' ');
            to = self.address(true)?;
            if to.is_none() {
                return self.fail("unexpected `,'");
            }
        }
        self.skip(|c| c == ' ');
        let negated = self.peek() == Some('!');
        self.skip(|c| c == '!' || c == ' ');
        let Some(letter) = self.next() else {
            return self.fail("missing command");
        };
        let place = self.rules.len();
        let action = match letter {
            '{' => {
                self.blocks.push(place);
                Action::Block(0)
            }
            '}' => {
                let Some(open) = self.blocks.pop() else {
                    return self.fail("unexpected `}'");
                };
                self.rules[open].action = Action::Block(place);
                Action::Nothing
            }
            ':' => {
                let label = self.label();
                self.labels.insert(label, place);
                Action::Nothing
            }
            'b' | 't' | 'T' => {
                let label = self.label();
                self.branches.push((place, label));
                match letter {
                    'b' => Action::Branch(None),
                    _ => Action::Test(None, letter == 'T'),
                }
            }
            'p' => Action::Print,
            'P' => Action::PrintFirst,
            'd' => Action::Delete,
            'D' => Action::DeleteFirst,
            'q' | 'Q' => {
                self.skip(|c| c == ' ');
                let code = i32::try_from(self.number().unwrap_or(0) & 255).unwrap_or(0);
                Action::Quit {
                    code,
                    print: letter == 'q',
                }
            }
            'a' => Action::Append(self.text()?),
            'i' => Action::Insert(self.text()?),
            'c' => Action::Change(self.text()?),
            'n' => Action::Next,
            'N' => Action::NextAppended,
            'h' | 'H' => Action::Hold {
                append: letter == 'H',
            },
            'g' | 'G' => Action::Get {
                append: letter == 'G',
            },
            'x' => Action::Exchange,
            '=' => Action::Number,
            'l' => Action::List,
            'y' => self.translate()?,
            's' => self.substitute()?,
            'r' | 'R' | 'w' | 'W' | 'e' | 'F' | 'z' | 'v' => {
                return Err((0, format!("not simulated here: the command {letter}")));
            }
            other => return self.fail(&format!("unknown command: `{other}'")),
        };
        self.rules.push(Rule {
            from,
            to,
            negated,
            action,
        });
        self.skip(|c| c == ' ');
        match self.peek() {
            None | Some(';' | '\n' | '}' | '#') => Ok(()),
            Some(_) if matches!(letter, '{' | '}') => Ok(()),
            Some(_) => {
                self.at += 1;
                self.fail("extra characters after command")
            }
        }
    }

    fn label(&mut self) -> String {
        self.skip(|c| c == ' ');
        let start = self.at;
        self.skip(|c| c != '\n' && c != ';' && c != '}');
        let text: String = self.chars[start..self.at].iter().collect();
        text.trim().to_owned()
    }

    /// The text of `a`, `i` and `c`: up to the end of the line, or of the first line without `\` at its end.
    fn text(&mut self) -> Result<String, Trouble> {
        self.skip(|c| c == ' ' || c == '\t');
        if self.peek() == Some('\\') {
            self.at += 1;
            self.skip(|c| c == ' ' || c == '\t');
            if self.peek() == Some('\n') {
                self.at += 1;
            }
        }
        if self.peek().is_none() {
            return self.fail("expected \\ after `a', `c' or `i'");
        }
        let mut out = String::new();
        while let Some(c) = self.next() {
            match c {
                '\\' => out.extend(self.next()),
                '\n' => break,
                _ => out.push(c),
            }
        }
        Ok(out)
    }

    fn translate(&mut self) -> Result<Action, Trouble> {
        let mark = self.next().unwrap_or('/');
        let (Some(from), Some(to)) = (self.delimited(mark, false), self.delimited(mark, false))
        else {
            return self.fail("unterminated `y' command");
        };
        let (from, to) = (from.replace("\\n", "\n"), to.replace("\\n", "\n"));
        if from.chars().count() != to.chars().count() {
            return self.fail("strings for `y' command are different lengths");
        }
        Ok(Action::Translate(from.chars().zip(to.chars()).collect()))
    }

    fn substitute(&mut self) -> Result<Action, Trouble> {
        let Some(mark) = self.next() else {
            return self.fail("unterminated `s' command");
        };
        let (Some(pattern), Some(replacement)) =
            (self.delimited(mark, true), self.delimited(mark, false))
        else {
            return self.fail("unterminated `s' command");
        };
        let (mut all, mut print, mut ignore_case, mut from) = (false, false, false, 1);
        loop {
            match self.peek() {
                Some('g') => all = true,
                Some('p') => print = true,
                Some('i' | 'I') => ignore_case = true,
                Some('m' | 'M') => {}
                Some(c) if c.is_ascii_digit() => {
                    from = self.number().unwrap_or(1).max(1);
                    continue;
                }
                Some('w') => {
                    self.at += 1;
                    return match self.peek() {
                        None => self.fail("missing filename in r/R/w/W commands"),
                        Some(_) => Err((0, "not simulated here: the flag w".to_owned())),
                    };
                }
                Some('}' | ';' | '\n' | ' ' | '#') | None => break,
                Some(_) => {
                    self.at += 1;
                    return self.fail("unknown option to `s'");
                }
            }
            self.at += 1;
        }
        Ok(Action::Substitute {
            regex: self.regex(&pattern, ignore_case)?,
            replacement,
            from,
            all,
            print,
        })
    }
}
