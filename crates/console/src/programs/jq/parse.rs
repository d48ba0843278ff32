//! Reads a filter.

use super::value::Json;

/// How deep a filter may be.
const DEPTH_LIMIT: usize = 60;

/// A filter: from one value to any number of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    Identity,
    Recurse,
    Literal(Json),
    Variable(String),
    /// A text with filters between its pieces.
    Template(Vec<(String, Option<Filter>)>),
    /// `.a`, `.["a"]`, `.[0]`
    Index(Box<Filter>, Box<Filter>),
    /// `.[1:3]`
    Slice(Box<Filter>, Option<Box<Filter>>, Option<Box<Filter>>),
    /// `.[]`
    Each(Box<Filter>),
    /// `?`
    Try(Box<Filter>),
    Pipe(Box<Filter>, Box<Filter>),
    Comma(Box<Filter>, Box<Filter>),
    Binary(&'static str, Box<Filter>, Box<Filter>),
    List(Option<Box<Filter>>),
    Object(Vec<(Filter, Filter)>),
    If(Box<Filter>, Box<Filter>, Box<Filter>),
    Call(String, Vec<Filter>),
}

/// The filter; none when it is not understood.
pub(super) fn parse(text: &str) -> Option<Filter> {
    let mut parser = Parser {
        rest: text,
        depth: 0,
    };
    parser.space();
    if parser.rest.is_empty() {
        return Some(Filter::Identity);
    }
    let filter = parser.pipe()?;
    parser.rest.is_empty().then_some(filter)
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

/// Operators from the loosest to the tightest.
const OPERATORS: [&[&str]; 6] = [
    &["//"],
    &["or"],
    &["and"],
    &["==", "!=", "<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Parser<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else {
            return false;
        };
        let is_word = token.starts_with(|c: char| c.is_ascii_alphabetic());
        if is_word && rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = rest;
        self.space();
        true
    }

    fn name(&mut self) -> Option<String> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.rest = &self.rest[end..];
        Some(name.to_owned())
    }

    fn pipe(&mut self) -> Option<Filter> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return None;
        }
        let mut left = self.comma()?;
        while self.eat("|") {
            left = Filter::Pipe(Box::new(left), Box::new(self.comma()?));
        }
        self.depth -= 1;
        Some(left)
    }

    fn comma(&mut self) -> Option<Filter> {
        let mut left = self.binary(0)?;
        while self.eat(",") {
            left = Filter::Comma(Box::new(left), Box::new(self.binary(0)?));
        }
        Some(left)
    }

    fn binary(&mut self, level: usize) -> Option<Filter> {
        let Some(operators) = OPERATORS.get(level) else {
            return self.postfix();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            // `/` is no beginning of `//`, and `|=` and its like are not known.
            let found = operators.iter().find(|operator| {
                self.rest.starts_with(**operator)
                    && !(**operator == "/" && self.rest.starts_with("//"))
            });
            let Some(operator) = found else {
                return Some(left);
            };
            if !self.eat(operator) {
                return Some(left);
            }
            if self.rest.starts_with('=') {
                return None;
            }
            left = Filter::Binary(operator, Box::new(left), Box::new(self.binary(level + 1)?));
        }
    }

    fn postfix(&mut self) -> Option<Filter> {
        let mut filter = self.term()?;
        loop {
            if self.rest.starts_with('[') {
                filter = self.bracket(filter)?;
            } else if self.rest.starts_with('.') && !self.rest.starts_with("..") {
                self.rest = &self.rest[1..];
                filter = self.field(filter)?;
            } else if self.eat("?") {
                filter = Filter::Try(Box::new(filter));
            } else {
                self.space();
                return Some(filter);
            }
        }
    }

    /// What follows a dot.
    fn field(&mut self, of: Filter) -> Option<Filter> {
        if self.rest.starts_with('[') {
            return self.bracket(of);
        }
        let key = match self.rest.starts_with('"') {
            true => self.string()?,
            false => Filter::Literal(Json::Text(self.name()?)),
        };
        Some(Filter::Index(Box::new(of), Box::new(key)))
    }

    fn bracket(&mut self, of: Filter) -> Option<Filter> {
        self.eat("[");
        let of = Box::new(of);
        if self.close() {
            return Some(Filter::Each(of));
        }
        if self.eat(":") {
            let to = self.pipe()?;
            return self
                .close()
                .then(|| Filter::Slice(of, None, Some(Box::new(to))));
        }
        let from = self.pipe()?;
        if self.eat(":") {
            if self.close() {
                return Some(Filter::Slice(of, Some(Box::new(from)), None));
            }
            let to = self.pipe()?;
            let slice = Filter::Slice(of, Some(Box::new(from)), Some(Box::new(to)));
            return self.close().then_some(slice);
        }
        self.close().then(|| Filter::Index(of, Box::new(from)))
    }

    /// `]`, without the space behind it: `.a[0] .b` is not a path.
    fn close(&mut self) -> bool {
        match self.rest.strip_prefix(']') {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn term(&mut self) -> Option<Filter> {
        if self.eat("(") {
            let inner = self.pipe()?;
            return self.eat(")").then_some(inner);
        }
        if self.eat("[") {
            if self.eat("]") {
                return Some(Filter::List(None));
            }
            let inner = self.pipe()?;
            return self.eat("]").then(|| Filter::List(Some(Box::new(inner))));
        }
        if self.eat("{") {
            return self.object();
        }
        if self.rest.starts_with('"') {
            return self.string();
        }
        if self.rest.starts_with("..") {
            self.rest = &self.rest[2..];
            return Some(Filter::Recurse);
        }
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            let goes_on = rest.starts_with(|c: char| c.is_ascii_alphabetic() || "_\"[".contains(c));
            return match goes_on {
                true => self.field(Filter::Identity),
                false => Some(Filter::Identity),
            };
        }
        if let Some(rest) = self.rest.strip_prefix('$') {
            self.rest = rest;
            return self.name().map(Filter::Variable);
        }
        if let Some(rest) = self.rest.strip_prefix('@') {
            self.rest = rest;
            return Some(Filter::Call(format!("@{}", self.name()?), Vec::new()));
        }
        if self
            .rest
            .starts_with(|c: char| c.is_ascii_digit() || c == '-')
        {
            return self.number();
        }
        if self.eat("if") {
            return self.condition();
        }
        let name = self.name()?;
        match name.as_str() {
            "true" => return Some(Filter::Literal(Json::Bool(true))),
            "false" => return Some(Filter::Literal(Json::Bool(false))),
            "null" => return Some(Filter::Literal(Json::Null)),
            "then" | "else" | "end" | "elif" | "as" | "def" | "reduce" | "foreach" | "try" => {
                return None;
            }
            _ => {}
        }
        let mut arguments = Vec::new();
        if self.rest.starts_with('(') {
            self.eat("(");
            arguments.push(self.pipe()?);
            while self.eat(";") {
                arguments.push(self.pipe()?);
            }
            if !self.rest.starts_with(')') {
                return None;
            }
            self.rest = &self.rest[1..];
        }
        super::functions::is_known(&name, arguments.len()).then_some(Filter::Call(name, arguments))
    }

    fn condition(&mut self) -> Option<Filter> {
        let test = self.pipe()?;
        if !self.eat("then") {
            return None;
        }
        let yes = self.pipe()?;
        let no = if self.eat("elif") {
            self.condition()?
        } else {
            let no = match self.eat("else") {
                true => self.pipe()?,
                false => Filter::Identity,
            };
            if !self.eat("end") {
                return None;
            }
            no
        };
        Some(Filter::If(Box::new(test), Box::new(yes), Box::new(no)))
    }

    fn number(&mut self) -> Option<Filter> {
        let end = self.rest[1..]
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != 'e')
            .map_or(self.rest.len(), |at| at + 1);
        let number = self.rest[..end].parse().ok()?;
        self.rest = &self.rest[end..];
        Some(Filter::Literal(Json::Number(number)))
    }

    fn object(&mut self) -> Option<Filter> {
        let mut entries = Vec::new();
        while !self.eat("}") {
            let (key, short) = if self.eat("(") {
                let key = self.pipe()?;
                if !self.eat(")") {
                    return None;
                }
                (key, None)
            } else if self.rest.starts_with('"') {
                let key = self.string()?;
                let short = Filter::Index(Box::new(Filter::Identity), Box::new(key.clone()));
                (key, Some(short))
            } else if let Some(rest) = self.rest.strip_prefix('$') {
                self.rest = rest;
                let name = self.name()?;
                let key = Filter::Literal(Json::Text(name.clone()));
                (key, Some(Filter::Variable(name)))
            } else {
                let key = Filter::Literal(Json::Text(self.name()?));
                let short = Filter::Index(Box::new(Filter::Identity), Box::new(key.clone()));
                (key, Some(short))
            };
            self.space();
            let value = match self.eat(":") {
                true => self.value()?,
                false => short?,
            };
            entries.push((key, value));
            if !self.eat(",") && !self.rest.starts_with('}') {
                return None;
            }
        }
        Some(Filter::Object(entries))
    }

    /// The value of a key: no comma outside of brackets.
    fn value(&mut self) -> Option<Filter> {
        let mut left = self.binary(0)?;
        while self.eat("|") {
            left = Filter::Pipe(Box::new(left), Box::new(self.binary(0)?));
        }
        Some(left)
    }

    fn string(&mut self) -> Option<Filter> {
        self.rest = self.rest.strip_prefix('"')?;
        let (mut pieces, mut text) = (Vec::new(), String::new());
        loop {
            let c = self.rest.chars().next()?;
            self.rest = &self.rest[c.len_utf8()..];
            match c {
                '"' => break,
                '\\' => {
                    let escaped = self.rest.chars().next()?;
                    self.rest = &self.rest[escaped.len_utf8()..];
                    match escaped {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        '"' | '\\' | '/' => text.push(escaped),
                        'u' => {
                            let code = u32::from_str_radix(self.rest.get(..4)?, 16).ok()?;
                            text.push(char::from_u32(code)?);
                            self.rest = &self.rest[4..];
                        }
                        '(' => {
                            self.space();
                            let inner = self.pipe()?;
                            self.rest = self.rest.strip_prefix(')')?;
                            pieces.push((std::mem::take(&mut text), Some(inner)));
                        }
                        _ => return None,
                    }
                }
                c => text.push(c),
            }
        }
        if pieces.is_empty() {
            return Some(Filter::Literal(Json::Text(text)));
        }
        pieces.push((text, None));
        Some(Filter::Template(pieces))
    }
}
