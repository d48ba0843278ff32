//! Reads expressions, loosest operators first.

use super::super::ast::Expr;
use super::super::lexer::Token;
use super::{FUNCTIONS, Parsed, Parser, Trouble};
use crate::programs::filters::regex;

impl Parser {
    /// Expressions up to a closing token, which is taken.
    pub(super) fn list(&mut self, end: &str) -> Parsed<Vec<Expr>> {
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

    pub(super) fn expression(&mut self) -> Parsed<Expr> {
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

    pub(super) fn choice(&mut self) -> Parsed<Expr> {
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

    pub(super) fn or(&mut self) -> Parsed<Expr> {
        let mut left = self.and()?;
        while self.eat("||") {
            self.operator()?;
            self.newlines();
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    pub(super) fn and(&mut self) -> Parsed<Expr> {
        let mut left = self.member()?;
        while self.eat("&&") {
            self.operator()?;
            self.newlines();
            left = Expr::And(Box::new(left), Box::new(self.member()?));
        }
        Ok(left)
    }

    pub(super) fn member(&mut self) -> Parsed<Expr> {
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

    pub(super) fn matching(&mut self) -> Parsed<Expr> {
        let mut left = self.comparison()?;
        while self.is("~") || self.is("!~") {
            self.operator()?;
            let negated = self.is("!~");
            self.at += 1;
            left = Expr::Match(negated, Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    pub(super) fn comparison(&mut self) -> Parsed<Expr> {
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

    pub(super) fn begins_operand(&self) -> bool {
        match self.token() {
            Token::Number(_) | Token::Text(_) | Token::Function(_) => true,
            Token::Name(name) => name != "in" && name != "getline",
            Token::Operator(operator) => {
                matches!(*operator, "(" | "$" | "!" | "-" | "+" | "++" | "--")
            }
            _ => false,
        }
    }

    pub(super) fn concatenation(&mut self) -> Parsed<Expr> {
        let mut left = self.sum()?;
        while self.begins_operand() && !self.is("+") && !self.is("-") && !self.is("!") {
            self.operator()?;
            left = Expr::Binary(" ", Box::new(left), Box::new(self.sum()?));
        }
        Ok(left)
    }

    pub(super) fn sum(&mut self) -> Parsed<Expr> {
        self.chain(&["+", "-"], Parser::product)
    }

    pub(super) fn product(&mut self) -> Parsed<Expr> {
        self.chain(&["*", "/", "%"], Parser::unary)
    }

    pub(super) fn chain(
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

    pub(super) fn unary(&mut self) -> Parsed<Expr> {
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

    pub(super) fn power(&mut self) -> Parsed<Expr> {
        let left = self.postfix()?;
        if self.eat("^") || self.eat("**") {
            let right = self.unary()?;
            return Ok(Expr::Binary("^", Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    pub(super) fn postfix(&mut self) -> Parsed<Expr> {
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

    pub(super) fn primary(&mut self) -> Parsed<Expr> {
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
