//! What a script means, as a tree. Parts are shared, so that running one keeps no copy of the text.

use std::sync::Arc;

/// Commands one after another.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The commands, in order.
    pub items: Vec<Item>,
}

/// One entry of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Item {
    /// What runs.
    pub and_or: Arc<AndOr>,
    /// Whether it ends with `&`.
    pub background: bool,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, PartialEq, Eq)]
pub struct AndOr {
    /// Each pipeline with what stands before it; the first one has [`Connector::First`].
    pub pipelines: Vec<(Connector, Arc<Pipeline>)>,
}

/// What stands before a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connector {
    /// Nothing.
    First,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`.
#[derive(Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// Whether `!` turns the exit code round.
    pub negated: bool,
    /// Whether it stands after `time`.
    pub timed: bool,
    /// The commands, first to last.
    pub commands: Vec<Arc<Command>>,
}

/// A command with its redirections.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub body: Body,
    /// Where its streams go.
    pub redirects: Vec<Redirect>,
    /// The line that it begins in, from 1.
    pub line: u32,
}

/// How an arm of `case` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmEnd {
    /// `;;`
    Leave,
    /// `;&`: the next arm runs, too.
    Fall,
    /// `;;&`: the patterns after it are tried.
    Try,
}

/// `NAME=value`, `NAME+=value`, `NAME[index]=value`, `NAME=(…)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assign {
    /// The variable.
    pub name: String,
    /// The element.
    pub index: Option<Word>,
    /// Whether the value is added.
    pub append: bool,
    /// The value; an array's elements after it have their own keys or none.
    pub value: AssignValue,
}

/// What is assigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignValue {
    /// A text.
    Text(Word),
    /// `(…)`: values, with the keys of those that have one.
    Array(Vec<(Option<Word>, Word)>),
}

/// The forms of a command.
#[derive(Debug, PartialEq, Eq)]
pub enum Body {
    /// Assignments and words.
    Simple {
        /// `NAME=value` before the words.
        assigns: Vec<Assign>,
        /// The program and its arguments.
        words: Vec<Word>,
    },
    /// `{ …; }`
    Group(Arc<List>),
    /// `( … )`
    Subshell(Arc<List>),
    /// `if … then … elif … else … fi`
    If {
        /// Conditions with what they lead to.
        clauses: Vec<(Arc<List>, Arc<List>)>,
        /// What runs when none holds.
        otherwise: Option<Arc<List>>,
    },
    /// `while … do … done`, `until … do … done`
    While {
        /// Whether the loop goes on while the condition fails.
        until: bool,
        /// The condition.
        condition: Arc<List>,
        /// What is repeated.
        body: Arc<List>,
    },
    /// `for NAME in … do … done`
    For {
        /// The variable.
        name: String,
        /// The values; without `in`, the arguments.
        words: Option<Vec<Word>>,
        /// What is repeated.
        body: Arc<List>,
    },
    /// `for ((start; condition; step)) do … done`
    ForArith {
        /// The three expressions.
        parts: [Word; 3],
        /// What is repeated.
        body: Arc<List>,
    },
    /// `select NAME in … do … done`
    Select {
        /// The variable.
        name: String,
        /// The values; without `in`, the arguments.
        words: Option<Vec<Word>>,
        /// What is repeated.
        body: Arc<List>,
    },
    /// `case … in … esac`
    Case {
        /// What is looked at.
        word: Word,
        /// Patterns with what they lead to, and how it goes on.
        arms: Vec<(Vec<Word>, Arc<List>, ArmEnd)>,
    },
    /// `name() …`
    Function {
        /// The name.
        name: String,
        /// What a call runs.
        body: Arc<Command>,
    },
    /// `(( … ))`
    Arith(Word),
}

/// A redirection.
#[derive(Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The stream's number; `None` for `&>`, which means 1 and 2.
    pub descriptor: Option<u32>,
    /// What is done.
    pub kind: RedirectKind,
    /// The file, the other stream's number, or the text.
    pub target: Word,
}

/// The forms of a redirection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// `<`
    Read,
    /// `>` and `>|`
    Write,
    /// `>>`
    Append,
    /// `>&` and `<&`
    Duplicate,
    /// `<<` and `<<<`: the target is the text itself.
    Text,
}

/// A word before expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Its parts, left to right.
    pub parts: Vec<Part>,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text outside of quotes.
    Literal(String),
    /// Text inside quotes.
    Quoted(String),
    /// `$name` and `${name…}`
    Parameter {
        /// The variable.
        name: String,
        /// Which of an array's elements.
        index: Index,
        /// What is done with it.
        operator: ParameterOperator,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
    /// `$( … )` and backquotes.
    Substitution {
        /// What runs.
        list: Arc<List>,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
    /// `${…}` that this shell does not know: its text.
    Bad(String),
    /// `$(( … ))`
    Arithmetic {
        /// The expression.
        expression: Word,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
}

/// Which elements of an array are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Index {
    /// No index: the variable itself.
    None,
    /// `[@]` or `[*]`.
    All(char),
    /// One of them.
    At(Box<Word>),
}

/// Where a pattern has to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Anywhere.
    None,
    /// At the beginning.
    Start,
    /// At the end.
    End,
}

/// What `${name…}` does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterOperator {
    /// The value.
    Value,
    /// `${#name}`
    Length,
    /// `${name:-word}` and its relatives.
    Default {
        /// `-`, `=`, `?` or `+`.
        symbol: char,
        /// Whether an empty value counts as unset (`:` before the symbol).
        empty_too: bool,
        /// The word.
        word: Word,
    },
    /// `${name#pattern}`, `##`, `%`, `%%`
    Trim {
        /// Whether the end is trimmed rather than the beginning.
        suffix: bool,
        /// Whether as much as possible is cut.
        longest: bool,
        /// The pattern.
        pattern: Word,
    },
    /// `${name/pattern/replacement}` and `//`
    Replace {
        /// Whether every match is replaced.
        all: bool,
        /// Where it has to match.
        anchor: Anchor,
        /// The pattern.
        pattern: Word,
        /// What comes instead.
        replacement: Word,
    },
    /// `${name^pattern}`, `^^`, `,`, `,,`
    Case {
        /// To capitals.
        upper: bool,
        /// Every letter, or the first.
        all: bool,
        /// Which letters; empty for all.
        pattern: Word,
    },
    /// `${name@Q}` and its relatives.
    Transform(char),
    /// `${!name}`
    Indirect,
    /// `${!name[@]}`
    Keys,
    /// `${name:offset:length}`
    Slice {
        /// Where it starts.
        offset: Word,
        /// How long it is.
        length: Option<Word>,
    },
}

impl Word {
    /// A word of plain text.
    pub fn quoted(text: &str) -> Word {
        Word {
            parts: vec![Part::Quoted(text.to_owned())],
        }
    }

    /// The text of a word that is nothing but unquoted text: only such words can be keywords.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}
