//! Reads awk programs: from text to a tree.

use super::super::filters::regex;
use regex_lite::Regex;

/// How many operators one statement may have.
const OPERATOR_LIMIT: usize = 200;

/// How deep constructs may stand in each other.
const NESTING_LIMIT: usize = 60;

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

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Regex(String),
    Name(String),
    /// A name with `(` directly after it.
    Function(String),
    Operator(&'static str),
    Newline,
    End,
}

const OPERATORS: [&str; 43] = [
    "**=", "&&", "||", "==", "!=", "<=", ">=", ">>", "+=", "-=", "*=", "/=", "%=", "^=", "**",
    "++", "--", "!~", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!",
    "<", ">", "=", "~", "?", ":", "$", "|", "&", "@",
];

/// The functions that awk has, with `length` apart.
pub(super) const FUNCTIONS: &str = " length substr index split sub gsub match sprintf sin cos atan2 exp log sqrt int rand srand tolower toupper \
system close fflush ";

/// Why a program cannot be read: the token, or what is not simulated.
pub(super) enum Trouble {
    Syntax(String),
    Undefined(String),
    NotSimulated(String),
}

pub(super) fn parse(text: &str) -> Result<Program, Trouble> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        operators: 0,
        no_in: false,
        no_greater: false,
        program: Program::default(),
        called: Vec::new(),
    };
    parser.program()?;
    let known = &parser.program.functions;
    if let Some(name) = parser.called.iter().find(|name| !known.contains_key(*name)) {
        return Err(Trouble::Undefined(name.clone()));
    }
    Ok(parser.program)
}

fn tokens(text: &str) -> Result<Vec<Token>, Trouble> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        match c {
            ' ' | '\t' | '\r' => at += 1,
            '\n' => {
                tokens.push(Token::Newline);
                at += 1;
            }
            '\\' if chars.get(at + 1) == Some(&'\n') => at += 2,
            '#' => at += chars[at..].iter().take_while(|c| **c != '\n').count(),
            '"' => {
                let (text, end) = quoted(&chars, at + 1, '"')?;
                tokens.push(Token::Text(unescaped(&text)));
                at = end;
            }
            '/' if regex_may_stand(tokens.last()) => {
                let (text, end) = quoted(&chars, at + 1, '/')?;
                tokens.push(Token::Regex(text.replace("\\/", "/")));
                at = end;
            }
            _ if c.is_ascii_digit()
                || c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit) =>
            {
                let (value, end) = number(&chars, at);
                tokens.push(Token::Number(value));
                at = end;
            }
            _ if c.is_ascii_alphabetic() || c == '_' => {
                let is_part = |c: &&char| c.is_ascii_alphanumeric() || **c == '_';
                let length = chars[at..].iter().take_while(is_part).count();
                let name: String = chars[at..at + length].iter().collect();
                at += length;
                tokens.push(match chars.get(at) {
                    Some('(') => Token::Function(name),
                    _ => Token::Name(name),
                });
            }
            _ => {
                let rest: String = chars[at..].iter().take(3).collect();
                let Some(operator) = OPERATORS.iter().find(|o| rest.starts_with(**o)) else {
                    return Err(Trouble::Syntax(c.to_string()));
                };
                tokens.push(Token::Operator(operator));
                at += operator.len();
            }
        }
    }
    tokens.push(Token::End);
    Ok(tokens)
}

/// Whether a `/` after this token begins a pattern rather than dividing.
fn regex_may_stand(before: Option<&Token>) -> bool {
    match before {
        Some(Token::Number(_) | Token::Text(_) | Token::Regex(_)) => false,
        Some(Token::Name(name)) => matches!(name.as_str(), "print" | "printf" | "return" | "in"),
        Some(Token::Operator(operator)) => !matches!(*operator, ")" | "]" | "$" | "++" | "--"),
        _ => true,
    }
}

fn quoted(chars: &[char], from: usize, end: char) -> Result<(String, usize), Trouble> {
    let mut text = String::new();
    let mut at = from;
    let mut bracket = false;
    while let Some(&c) = chars.get(at) {
        match c {
            '\n' => break,
            '\\' => {
                text.push(c);
                text.extend(chars.get(at + 1));
                at += 1;
            }
            '[' if end == '/' => {
                bracket = true;
                text.push(c);
            }
            ']' if end == '/' => {
                bracket = false;
                text.push(c);
            }
            _ if c == end && !bracket => return Ok((text, at + 1)),
            _ => text.push(c),
        }
        at += 1;
    }
    Err(Trouble::Syntax(match end {
        '/' => format!("/{text}"),
        _ => format!("\"{text}"),
    }))
}

pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(c @ ('"' | '\\' | '/')) => out.push(c),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
    out
}

fn number(chars: &[char], from: usize) -> (f64, usize) {
    let digits = |at: usize| {
        chars[at..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count()
    };
    let mut at = from + digits(from);
    if chars.get(at) == Some(&'.') {
        at += 1;
        at += digits(at);
    }
    if matches!(chars.get(at), Some('e' | 'E')) {
        let sign = usize::from(matches!(chars.get(at + 1), Some('+' | '-')));
        let count = match chars.get(at + 1 + sign) {
            Some(_) => digits(at + 1 + sign),
            None => 0,
        };
        if count > 0 {
            at += 1 + sign + count;
        }
    }
    let text: String = chars[from..at].iter().collect();
    (text.parse().unwrap_or(0.0), at)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// How many operators the statement has so far.
    operators: usize,
    /// Whether `in` ends an expression, as in the head of a `for`.
    no_in: bool,
    /// Whether `>` is where `print` writes.
    no_greater: bool,
    program: Program,
    /// Functions that are called and are none of awk's.
    called: Vec<String>,
}

type Parsed<T> = Result<T, Trouble>;

impl Parser {
    fn token(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn is(&self, operator: &str) -> bool {
        matches!(self.token(), Token::Operator(o) if *o == operator)
    }

    fn is_name(&self, wanted: &str) -> bool {
        matches!(self.token(), Token::Name(name) | Token::Function(name) if name == wanted)
    }

    fn eat(&mut self, operator: &str) -> bool {
        let found = self.is(operator);
        self.at += usize::from(found);
        found
    }

    fn eat_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, operator: &str) -> Parsed<()> {
        match self.eat(operator) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    fn unexpected(&self) -> Trouble {
        Trouble::Syntax(match self.token() {
            Token::Number(value) => value.to_string(),
            Token::Text(text) => format!("\"{text}\""),
            Token::Regex(text) => format!("/{text}/"),
            Token::Name(name) | Token::Function(name) => name.clone(),
            Token::Operator(operator) => (*operator).to_owned(),
            Token::Newline => "end of line".to_owned(),
            Token::End => String::new(),
        })
    }

    fn newlines(&mut self) {
        while *self.token() == Token::Newline {
            self.at += 1;
        }
    }

    fn ends(&mut self) {
        while *self.token() == Token::Newline || self.is(";") {
            self.at += 1;
        }
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        match self.depth > NESTING_LIMIT {
            true => Err(Trouble::NotSimulated(format!(
                "more than {NESTING_LIMIT} constructs in each other"
            ))),
            false => Ok(()),
        }
    }

    /// Counts an operator: a chain of them is as deep as it is long.
    fn operator(&mut self) -> Parsed<()> {
        self.operators += 1;
        match self.operators > OPERATOR_LIMIT {
            true => Err(Trouble::NotSimulated(format!(
                "more than {OPERATOR_LIMIT} operators in one statement"
            ))),
            false => Ok(()),
        }
    }

    fn name(&mut self) -> Parsed<String> {
        match self.token().clone() {
            Token::Name(name) | Token::Function(name) => {
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn program(&mut self) -> Parsed<()> {
        loop {
            self.ends();
            if *self.token() == Token::End {
                return Ok(());
            }
            if self.eat_name("function") || self.eat_name("func") {
                self.function()?;
            } else if self.eat_name("BEGIN") {
                let block = self.block()?;
                self.program.begin.push(block);
            } else if self.eat_name("END") {
                let block = self.block()?;
                self.program.end.push(block);
            } else {
                self.rule()?;
            }
        }
    }

    fn function(&mut self) -> Parsed<()> {
        let name = self.name()?;
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.eat(")") {
            parameters.push(self.name()?);
            self.eat(",");
            self.newlines();
        }
        self.newlines();
        let body = self.block()?;
        self.program.functions.insert(name, (parameters, body));
        Ok(())
    }

    fn rule(&mut self) -> Parsed<()> {
        self.operators = 0;
        let pattern = if self.is("{") {
            Pattern::Always
        } else {
            let from = self.expression()?;
            if self.eat(",") {
                self.newlines();
                let to = self.expression()?;
                self.program.ranges += 1;
                Pattern::Range(from, to, self.program.ranges - 1)
            } else {
                Pattern::When(from)
            }
        };
        let action = match self.is("{") {
            true => Some(self.block()?),
            false => None,
        };
        if action.is_none() && !matches!(self.token(), Token::Newline | Token::End) && !self.is(";")
        {
            return Err(self.unexpected());
        }
        self.program.rules.push((pattern, action));
        Ok(())
    }

    fn block(&mut self) -> Parsed<Statement> {
        self.expect("{")?;
        self.deeper()?;
        let mut statements = Vec::new();
        loop {
            self.ends();
            if self.eat("}") {
                break;
            }
            statements.push(self.statement()?);
        }
        self.depth -= 1;
        Ok(Statement::Block(statements))
    }

    /// A statement that a loop or `if` governs.
    fn governed(&mut self) -> Parsed<Statement> {
        self.newlines();
        match self.eat(";") {
            true => Ok(Statement::Block(Vec::new())),
            false => self.statement(),
        }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.deeper()?;
        let statement = self.statement_inside()?;
        self.depth -= 1;
        Ok(statement)
    }

    fn statement_inside(&mut self) -> Parsed<Statement> {
        self.operators = 0;
        if self.is("{") {
            return self.block();
        }
        if self.eat_name("if") {
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            let yes = self.governed()?;
            let before = self.at;
            self.ends();
            if self.eat_name("else") {
                let no = self.governed()?;
                return Ok(Statement::If(condition, Box::new(yes), Some(Box::new(no))));
            }
            self.at = before;
            return Ok(Statement::If(condition, Box::new(yes), None));
        }
        if self.eat_name("while") {
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            return Ok(Statement::While(condition, Box::new(self.governed()?)));
        }
        if self.eat_name("do") {
            let body = self.governed()?;
            self.ends();
            if !self.eat_name("while") {
                return Err(self.unexpected());
            }
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            return Ok(Statement::DoWhile(Box::new(body), condition));
        }
        if self.eat_name("for") {
            return self.for_loop();
        }
        let statement = self.simple()?;
        match self.token() {
            Token::Newline | Token::End => {}
            Token::Operator(";") => self.at += 1,
            Token::Operator("}") => {}
            _ => return Err(self.unexpected()),
        }
        Ok(statement)
    }

    fn for_loop(&mut self) -> Parsed<Statement> {
        self.expect("(")?;
        if let (Token::Name(name), Some(Token::Name(word)), Some(Token::Name(array))) = (
            self.token().clone(),
            self.tokens.get(self.at + 1).cloned(),
            self.tokens.get(self.at + 2).cloned(),
        ) && word == "in"
            && self.tokens.get(self.at + 3) == Some(&Token::Operator(")"))
        {
            self.at += 4;
            return Ok(Statement::ForIn(name, array, Box::new(self.governed()?)));
        }
        let first = match self.is(";") {
            true => None,
            false => Some(Box::new(self.simple()?)),
        };
        self.expect(";")?;
        self.newlines();
        let condition = match self.is(";") {
            true => None,
            false => Some(self.expression()?),
        };
        self.expect(";")?;
        self.newlines();
        let step = match self.is(")") {
            true => None,
            false => Some(Box::new(self.simple()?)),
        };
        self.expect(")")?;
        Ok(Statement::For(
            first,
            condition,
            step,
            Box::new(self.governed()?),
        ))
    }

    fn at_end(&self) -> bool {
        matches!(self.token(), Token::Newline | Token::End) || self.is(";") || self.is("}")
    }

    fn simple(&mut self) -> Parsed<Statement> {
        if self.eat_name("print") {
            return self.print(false);
        }
        if self.eat_name("printf") {
            return self.print(true);
        }
        if self.eat_name("next") {
            return Ok(Statement::Next);
        }
        if self.eat_name("break") {
            return Ok(Statement::Break);
        }
        if self.eat_name("continue") {
            return Ok(Statement::Continue);
        }
        if self.eat_name("exit") {
            return Ok(Statement::Exit(match self.at_end() {
                true => None,
                false => Some(self.expression()?),
            }));
        }
        if self.eat_name("return") {
            return Ok(Statement::Return(match self.at_end() {
                true => None,
                false => Some(self.expression()?),
            }));
        }
        if self.eat_name("delete") {
            let name = self.name()?;
            let index = match self.eat("[") {
                true => Some(self.list("]")?),
                false => None,
            };
            return Ok(Statement::Delete(name, index));
        }
        Ok(Statement::Expr(self.expression()?))
    }

    fn print(&mut self, format: bool) -> Parsed<Statement> {
        let mut values = Vec::new();
        self.no_greater = true;
        while !self.at_end() && !self.is(">") && !self.is(">>") && !self.is("|") {
            values.push(self.expression()?);
            if !self.eat(",") {
                break;
            }
            self.newlines();
        }
        self.no_greater = false;
        if let [Expr::Group(inner)] = values.as_slice() {
            values = inner.clone();
        }
        if self.is("|") {
            return Err(Trouble::NotSimulated("pipes to commands".to_owned()));
        }
        let target = if self.eat(">") {
            Some((self.concatenation()?, false))
        } else if self.eat(">>") {
            Some((self.concatenation()?, true))
        } else {
            None
        };
        Ok(Statement::Print {
            format,
            values,
            target,
        })
    }

    /// Expressions up to a closing token, which is taken.
    fn list(&mut self, end: &str) -> Parsed<Vec<Expr>> {
        let (no_in, no_greater) = (self.no_in, self.no_greater);
        (self.no_in, self.no_greater) = (false, false);
        let mut values = Vec::new();
        self.newlines();
        while !self.eat(end) {
            values.push(self.expression()?);
            self.newlines();
            if !self.is(end) {
                self.expect(",")?;
                self.newlines();
            }
        }
        (self.no_in, self.no_greater) = (no_in, no_greater);
        Ok(values)
    }

    fn expression(&mut self) -> Parsed<Expr> {
        self.deeper()?;
        let left = self.choice()?;
        let is_place = matches!(left, Expr::Variable(_) | Expr::Field(_) | Expr::Index(..));
        let operators = [
            ("=", None),
            ("+=", Some('+')),
            ("-=", Some('-')),
            ("*=", Some('*')),
            ("/=", Some('/')),
            ("%=", Some('%')),
            ("^=", Some('^')),
            ("**=", Some('^')),
        ];
        let mut value = left;
        if is_place && let Some((text, operator)) = operators.iter().find(|(text, _)| self.is(text))
        {
            self.expect(text)?;
            self.newlines();
            let right = self.expression()?;
            value = Expr::Assign(*operator, Box::new(value), Box::new(right));
        }
        self.depth -= 1;
        Ok(value)
    }

    fn choice(&mut self) -> Parsed<Expr> {
        let condition = self.or()?;
        if !self.eat("?") {
            return Ok(condition);
        }
        self.newlines();
        let yes = self.expression()?;
        self.newlines();
        self.expect(":")?;
        self.newlines();
        let no = self.expression()?;
        Ok(Expr::Choice(
            Box::new(condition),
            Box::new(yes),
            Box::new(no),
        ))
    }

    fn or(&mut self) -> Parsed<Expr> {
        let mut left = self.and()?;
        while self.eat("||") {
            self.operator()?;
            self.newlines();
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut left = self.member()?;
        while self.eat("&&") {
            self.operator()?;
            self.newlines();
            left = Expr::And(Box::new(left), Box::new(self.member()?));
        }
        Ok(left)
    }

    fn member(&mut self) -> Parsed<Expr> {
        let mut left = self.matching()?;
        while !self.no_in && self.eat_name("in") {
            self.operator()?;
            let array = self.name()?;
            let keys = match left {
                Expr::Group(keys) => keys,
                key => vec![key],
            };
            left = Expr::In(keys, array);
        }
        Ok(left)
    }

    fn matching(&mut self) -> Parsed<Expr> {
        let mut left = self.comparison()?;
        while self.is("~") || self.is("!~") {
            self.operator()?;
            let negated = self.is("!~");
            self.at += 1;
            left = Expr::Match(negated, Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let left = self.concatenation()?;
        for operator in ["==", "!=", "<=", ">=", "<", ">"] {
            if self.is(operator) && !(operator == ">" && self.no_greater) {
                self.at += 1;
                let right = self.concatenation()?;
                return Ok(Expr::Binary(operator, Box::new(left), Box::new(right)));
            }
        }
        Ok(left)
    }

    fn begins_operand(&self) -> bool {
        match self.token() {
            Token::Number(_) | Token::Text(_) | Token::Function(_) => true,
            Token::Name(name) => name != "in" && name != "getline",
            Token::Operator(operator) => {
                matches!(*operator, "(" | "$" | "!" | "-" | "+" | "++" | "--")
            }
            _ => false,
        }
    }

    fn concatenation(&mut self) -> Parsed<Expr> {
        let mut left = self.sum()?;
        while self.begins_operand() && !self.is("+") && !self.is("-") && !self.is("!") {
            self.operator()?;
            left = Expr::Binary(" ", Box::new(left), Box::new(self.sum()?));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed<Expr> {
        self.chain(&["+", "-"], Parser::product)
    }

    fn product(&mut self) -> Parsed<Expr> {
        self.chain(&["*", "/", "%"], Parser::unary)
    }

    fn chain(
        &mut self,
        operators: &[&'static str],
        next: fn(&mut Parser) -> Parsed<Expr>,
    ) -> Parsed<Expr> {
        let mut left = next(self)?;
        while let Some(operator) = operators.iter().find(|o| self.is(o)) {
            self.operator()?;
            self.at += 1;
            left = Expr::Binary(operator, Box::new(left), Box::new(next(self)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        self.deeper()?;
        let value = if self.eat("!") {
            Expr::Not(Box::new(self.unary()?))
        } else if self.eat("-") {
            Expr::Negative(Box::new(self.unary()?))
        } else if self.eat("+") {
            Expr::Binary("+", Box::new(Expr::Number(0.0)), Box::new(self.unary()?))
        } else {
            self.power()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn power(&mut self) -> Parsed<Expr> {
        let left = self.postfix()?;
        if self.eat("^") || self.eat("**") {
            let right = self.unary()?;
            return Ok(Expr::Binary("^", Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        for (operator, step) in [("++", 1.0), ("--", -1.0)] {
            if self.eat(operator) {
                let place = self.primary()?;
                return Ok(Expr::Step(Box::new(place), step, false));
            }
        }
        let value = self.primary()?;
        if matches!(value, Expr::Variable(_) | Expr::Field(_) | Expr::Index(..)) {
            for (operator, step) in [("++", 1.0), ("--", -1.0)] {
                if self.eat(operator) {
                    return Ok(Expr::Step(Box::new(value), step, true));
                }
            }
        }
        Ok(value)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        self.deeper()?;
        let token = self.token().clone();
        self.at += 1;
        let value = match token {
            Token::Number(value) => Expr::Number(value),
            Token::Text(text) => Expr::Text(text),
            Token::Regex(text) => match regex(&text, true, false) {
                Ok(regex) => Expr::Regex(regex),
                Err(_) => return Err(Trouble::Syntax(format!("/{text}/"))),
            },
            Token::Name(name) if name == "getline" => {
                return Err(Trouble::NotSimulated("getline".to_owned()));
            }
            Token::Name(name) if name == "length" => Expr::Call(name, Vec::new()),
            Token::Name(name) => match self.eat("[") {
                true => Expr::Index(name, self.list("]")?),
                false => Expr::Variable(name),
            },
            Token::Function(name) if name == "system" => {
                return Err(Trouble::NotSimulated("system()".to_owned()));
            }
            Token::Function(name) => {
                self.expect("(")?;
                let arguments = self.list(")")?;
                if !FUNCTIONS.contains(&format!(" {name} ")) {
                    self.called.push(name.clone());
                }
                Expr::Call(name, arguments)
            }
            Token::Operator("$") => {
                let inner = match self.is("++") || self.is("--") || self.is("-") {
                    true => self.unary()?,
                    false => self.primary()?,
                };
                Expr::Field(Box::new(inner))
            }
            Token::Operator("(") => {
                let mut inner = self.list(")")?;
                match inner.len() {
                    // In parentheses it is no place, and stays one value in `print`.
                    1 if !self.is("in") => match inner.remove(0) {
                        place @ (Expr::Variable(_) | Expr::Field(_) | Expr::Index(..)) => place,
                        other => other,
                    },
                    0 => return Err(self.unexpected()),
                    _ => Expr::Group(inner),
                }
            }
            _ => {
                self.at -= 1;
                return Err(self.unexpected());
            }
        };
        self.depth -= 1;
        Ok(value)
    }
}
