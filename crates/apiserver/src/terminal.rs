//! A terminal between a client that sends single keys and a program that reads lines: echo, editing, Ctrl-C and Ctrl-D.
//!
//! kubectl puts the person's own terminal into raw mode, so that this end has to do what a terminal's driver does.

/// The line that is being typed.
#[derive(Debug, Default)]
pub(crate) struct Terminal {
    line: String,
    after_return: bool,
}

/// What keys come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Input for the program.
    Text(String),
    /// The end of its input.
    End,
    /// A signal for it.
    Signal(i32),
    /// Something for the screen.
    Echo(String),
}

const INTERRUPT: i32 = 2;

impl Terminal {
    /// Takes keys.
    pub(crate) fn typed(&mut self, keys: &str) -> Vec<Typed> {
        let mut result = Vec::new();
        let mut echo = String::new();
        for key in keys.chars() {
            let after_return = std::mem::replace(&mut self.after_return, key == '\r');
            match key {
                '\n' if after_return => {}
                '\r' | '\n' => {
                    echo.push_str("\r\n");
                    result.push(Typed::Echo(std::mem::take(&mut echo)));
                    let line = std::mem::take(&mut self.line);
                    result.push(Typed::Text(line + "\n"));
                }
                '\u{3}' => {
                    self.line.clear();
                    echo.push_str("^C\r\n");
                    result.push(Typed::Echo(std::mem::take(&mut echo)));
                    result.push(Typed::Signal(INTERRUPT));
                }
                '\u{4}' if self.line.is_empty() => result.push(Typed::End),
                '\u{4}' => result.push(Typed::Text(std::mem::take(&mut self.line))),
                '\u{7f}' | '\u{8}' => {
                    if self.line.pop().is_some() {
                        echo.push_str("\u{8} \u{8}");
                    }
                }
                '\u{15}' => {
                    echo.push_str(&"\u{8} \u{8}".repeat(self.line.chars().count()));
                    self.line.clear();
                }
                key if key.is_control() && key != '\t' => {}
                key => {
                    self.line.push(key);
                    echo.push(key);
                }
            }
        }
        if !echo.is_empty() {
            result.push(Typed::Echo(echo));
        }
        result
    }
}

/// Output as a terminal in raw mode needs it.
pub(crate) fn shown(text: &str) -> String {
    text.replace('\n', "\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_lines_signals_and_echo() {
        let echo = |text: &str| Typed::Echo(text.to_owned());
        let text = |text: &str| Typed::Text(text.to_owned());
        let table = [
            ("ls\r", vec![echo("ls\r\n"), text("ls\n")]),
            (
                "a\r\nb\n",
                vec![echo("a\r\n"), text("a\n"), echo("b\r\n"), text("b\n")],
            ),
            ("lx\u{7f}s", vec![echo("lx\u{8} \u{8}s")]),
            ("x\u{3}", vec![echo("x^C\r\n"), Typed::Signal(2)]),
            ("\u{4}", vec![Typed::End]),
            ("a\u{4}", vec![text("a"), echo("a")]),
            (
                "ab\u{15}\r",
                vec![echo("ab\u{8} \u{8}\u{8} \u{8}\r\n"), text("\n")],
            ),
        ];
        for (keys, want) in table {
            assert_eq!(Terminal::default().typed(keys), want, "{keys:?}");
        }
        assert_eq!(shown("a\nb\n"), "a\r\nb\r\n");
    }
}
