//! Where a text stops being JSON, in the words of Go's reader.
//!
//! Upstream: `sigs.k8s.io/json/internal/golang/encoding/json/scanner.go`.

/// How deep Go's reader goes.
const DEEPEST: usize = 10_000;
const CUT_OFF: &str = "unexpected end of JSON input";
const VALUE: &str = "looking for beginning of value";

/// What may come next.
#[derive(Clone, Copy)]
enum Next {
    Value,
    ValueOrEnd,
    KeyOrEnd,
    Key,
    Colon,
    CommaOrEnd,
}

/// What is wrong with a text that is no JSON; none if it is JSON.
pub(crate) fn fault(bytes: &[u8]) -> Option<String> {
    Scanner { bytes, at: 0 }.document().err()
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), String> {
        // For each object or list around the present place: whether it is an object.
        let mut around: Vec<bool> = Vec::new();
        let mut next = Next::Value;
        loop {
            while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
                self.at += 1;
            }
            let Some(byte) = self.peek() else {
                let whole = matches!(next, Next::CommaOrEnd) && around.is_empty();
                return if whole {
                    Ok(())
                } else {
                    Err(CUT_OFF.to_owned())
                };
            };
            next = match (next, byte) {
                (Next::Value | Next::ValueOrEnd, b'{' | b'[') => {
                    if around.len() == DEEPEST {
                        return Err(self.unexpected("exceeded max depth"));
                    }
                    around.push(byte == b'{');
                    self.at += 1;
                    if byte == b'{' {
                        Next::KeyOrEnd
                    } else {
                        Next::ValueOrEnd
                    }
                }
                (Next::ValueOrEnd, b']') | (Next::KeyOrEnd, b'}') => {
                    around.pop();
                    self.at += 1;
                    Next::CommaOrEnd
                }
                (Next::Value | Next::ValueOrEnd, _) => {
                    self.plain(byte)?;
                    Next::CommaOrEnd
                }
                (Next::KeyOrEnd | Next::Key, b'"') => {
                    self.string()?;
                    Next::Colon
                }
                (Next::KeyOrEnd | Next::Key, _) => {
                    return Err(self.unexpected("looking for beginning of object key string"));
                }
                (Next::Colon, b':') => {
                    self.at += 1;
                    Next::Value
                }
                (Next::Colon, _) => return Err(self.unexpected("after object key")),
                (Next::CommaOrEnd, _) => self.after_value(&mut around, byte)?,
            };
        }
    }

    fn after_value(&mut self, around: &mut Vec<bool>, byte: u8) -> Result<Next, String> {
        let Some(object) = around.last().copied() else {
            return Err(self.unexpected("after top-level value"));
        };
        let next = match (byte, object) {
            (b',', true) => Next::Key,
            (b',', false) => Next::Value,
            (b'}', true) | (b']', false) => {
                around.pop();
                Next::CommaOrEnd
            }
            (_, true) => return Err(self.unexpected("after object key:value pair")),
            (_, false) => return Err(self.unexpected("after array element")),
        };
        self.at += 1;
        Ok(next)
    }

    /// A value that holds no others.
    fn plain(&mut self, first: u8) -> Result<(), String> {
        match first {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(first),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => Err(self.unexpected(VALUE)),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        for letter in word.bytes() {
            let expected = char::from(letter);
            self.take(
                |byte| byte == letter,
                || format!("in literal {word} (expecting '{expected}')"),
            )?;
        }
        Ok(())
    }

    fn number(&mut self, first: u8) -> Result<(), String> {
        let digit = |byte: u8| byte.is_ascii_digit();
        if first == b'-' {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        self.take(digit, || "in numeric literal".to_owned())?;
        if !zero {
            self.digits();
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.take(digit, || {
                "after decimal point in numeric literal".to_owned()
            })?;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.take(digit, || "in exponent of numeric literal".to_owned())?;
            self.digits();
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<(), String> {
        self.at += 1;
        loop {
            match self.peek().ok_or(CUT_OFF)? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    self.at += 1;
                    let hexadecimal = self.peek() == Some(b'u');
                    self.take(
                        |byte| b"bfnrt\\/\"u".contains(&byte),
                        || "in string escape code".to_owned(),
                    )?;
                    for _ in 0..if hexadecimal { 4 } else { 0 } {
                        self.take(
                            |byte| byte.is_ascii_hexdigit(),
                            || "in \\u hexadecimal character escape".to_owned(),
                        )?;
                    }
                }
                0..0x20 => return Err(self.unexpected("in string literal")),
                _ => self.at += 1,
            }
        }
    }

    fn take(
        &mut self,
        fits: impl Fn(u8) -> bool,
        place: impl Fn() -> String,
    ) -> Result<(), String> {
        match self.peek() {
            Some(byte) if fits(byte) => {
                self.at += 1;
                Ok(())
            }
            // At the end of the text Go's reader looks at one blank more.
            _ => Err(self.unexpected(&place())),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn unexpected(&self, place: &str) -> String {
        let byte = self.peek().unwrap_or(b' ');
        format!("invalid character {} {place}", shown(byte))
    }
}

/// A byte as Go quotes it: as the character of that number.
fn shown(byte: u8) -> String {
    let text = match byte {
        b'\'' => "\\'".to_owned(),
        b'\\' => "\\\\".to_owned(),
        0x07 => "\\a".to_owned(),
        0x08 => "\\b".to_owned(),
        0x0c => "\\f".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        0x0b => "\\v".to_owned(),
        0..0x20 | 0x7f => format!("\\x{byte:02x}"),
        0x80..=0xa0 | 0xad => format!("\\u{byte:04x}"),
        _ => char::from(byte).to_string(),
    };
    format!("'{text}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_as_go_tells_them() {
        // What `json.Valid` and `json.Unmarshal` of Go 1.26 answer.
        let table = include_str!("syntax.txt");
        let mut rows = 0;
        for line in table.lines() {
            let (text, want) = line.split_once(" => ").expect("two columns");
            let text: String = serde_json::from_str(text).expect("a quoted text");
            let got = fault(text.as_bytes()).unwrap_or_default();
            assert_eq!(got, want, "{text:?}");
            rows += 1;
        }
        assert!(rows > 40);
    }

    #[test]
    fn what_is_json_here_is_json_for_the_reader() {
        for text in [
            "1",
            "-0.5e+3",
            "[[],{}]",
            "{\"a\":[1,{\"b\":null}]}",
            " true\n",
        ] {
            assert_eq!(fault(text.as_bytes()), None);
            assert!(crate::strict::read(text.as_bytes()).is_ok());
        }
        let deep = "[".repeat(DEEPEST + 1);
        let told = fault(deep.as_bytes());
        assert_eq!(
            told.as_deref(),
            Some("invalid character '[' exceeded max depth")
        );
    }
}
