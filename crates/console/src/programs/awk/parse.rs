//! Reads awk programs: from text to a tree.

mod expressions;

use super::ast::{Expr, Pattern, Program, Statement};
use super::lexer::{Token, tokens};

/// How many operators one statement may have.
const OPERATOR_LIMIT: usize = 200;

/// How deep constructs may stand in each other.
const NESTING_LIMIT: usize = 60;

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
}
