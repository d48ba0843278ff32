//! What awk programs are made of.

use regex_lite::Regex;

#[derive(Clone, Debug)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    Regex(Regex),
    Variable(String),
    Field(Box<Expr>),
    Index(String, Vec<Expr>),
    Assign(Option<char>, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Match(bool, Box<Expr>, Box<Expr>),
    In(Vec<Expr>, String),
    /// Place, what is added, and whether the value is that before.
    Step(Box<Expr>, f64, bool),
    Call(String, Vec<Expr>),
    /// Several expressions in parentheses, as `print (a, b)` has them.
    Group(Vec<Expr>),
}

#[derive(Clone, Debug)]
pub(super) enum Statement {
    Print {
        /// Whether the first expression is a format.
        format: bool,
        values: Vec<Expr>,
        /// The file, and whether it is added to.
        target: Option<(Expr, bool)>,
    },
    Expr(Expr),
    If(Expr, Box<Statement>, Option<Box<Statement>>),
    While(Expr, Box<Statement>),
    DoWhile(Box<Statement>, Expr),
    For(
        Option<Box<Statement>>,
        Option<Expr>,
        Option<Box<Statement>>,
        Box<Statement>,
    ),
    ForIn(String, String, Box<Statement>),
    Block(Vec<Statement>),
    Delete(String, Option<Vec<Expr>>),
    Next,
    Exit(Option<Expr>),
    Return(Option<Expr>),
    Break,
    Continue,
}

#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Always,
    When(Expr),
    /// From, to, and the place where the state of the range is kept.
    Range(Expr, Expr, usize),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) begin: Vec<Statement>,
    pub(super) rules: Vec<(Pattern, Option<Statement>)>,
    pub(super) end: Vec<Statement>,
    pub(super) functions: std::collections::BTreeMap<String, (Vec<String>, Statement)>,
    pub(super) ranges: usize,
}
