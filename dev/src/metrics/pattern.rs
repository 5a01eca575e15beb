//! The pattern of a metric filter for JSON lines: comparisons of one field, joined by `&&`, `||` and parentheses.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html>
//!
//! A comparison with a number holds for numbers only, and one with a text in quotes for texts only; `*` in it stands for any
//! text. A field that is absent fails every comparison. AWS does not say what `!=` does then, so no pattern may use it.

use serde_json::Value;

#[derive(Clone, PartialEq, Debug)]
pub enum Pattern {
    Number(String, Operator, f64),
    Text(String, String),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Pattern {
    /// # Errors
    /// What about the pattern is not known here.
    pub fn parse(text: &str) -> Result<Self, String> {
        let inner = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let mut rest = inner.ok_or("a pattern for JSON stands in braces")?;
        let pattern = alternatives(&mut rest)?;
        if rest.trim().is_empty() { Ok(pattern) } else { Err(format!("what is `{}`?", rest.trim())) }
    }

    pub fn matches(&self, line: &Value) -> bool {
        match self {
            Self::And(left, right) => left.matches(line) && right.matches(line),
            Self::Or(left, right) => left.matches(line) || right.matches(line),
            Self::Text(field, wanted) => line[field].as_str().is_some_and(|text| fits(text, wanted)),
            Self::Number(field, operator, wanted) => line[field].as_f64().is_some_and(|is| match operator {
                Operator::Equal => is.total_cmp(wanted).is_eq(),
                Operator::Less => is < *wanted,
                Operator::LessOrEqual => is <= *wanted,
                Operator::Greater => is > *wanted,
                Operator::GreaterOrEqual => is >= *wanted,
            }),
        }
    }
}

/// Whether a text fits one with an asterisk at an end, at both or at none.
fn fits(text: &str, wanted: &str) -> bool {
    match (wanted.strip_prefix('*'), wanted.strip_suffix('*')) {
        (Some(_), Some(_)) => text.contains(wanted.trim_matches('*')),
        (Some(end), None) => text.ends_with(end),
        (None, Some(start)) => text.starts_with(start),
        (None, None) => text == wanted,
    }
}

/// `||` binds less than `&&`.
fn alternatives(rest: &mut &str) -> Result<Pattern, String> {
    let mut pattern = conjunction(rest)?;
    while take(rest, "||") {
        pattern = Pattern::Or(Box::new(pattern), Box::new(conjunction(rest)?));
    }
    Ok(pattern)
}

fn conjunction(rest: &mut &str) -> Result<Pattern, String> {
    let mut pattern = comparison(rest)?;
    while take(rest, "&&") {
        pattern = Pattern::And(Box::new(pattern), Box::new(comparison(rest)?));
    }
    Ok(pattern)
}

fn comparison(rest: &mut &str) -> Result<Pattern, String> {
    if take(rest, "(") {
        let pattern = alternatives(rest)?;
        return if take(rest, ")") { Ok(pattern) } else { Err(format!("`)` is missing before `{rest}`")) };
    }
    if !take(rest, "$.") {
        return Err(format!("`{rest}` begins with no field of the line"));
    }
    let field = take_while(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-').to_owned();
    let operators = [
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("=", Operator::Equal),
    ];
    let operator = operators.into_iter().find(|(sign, _)| take(rest, sign));
    let (_, operator) = operator.ok_or_else(|| format!("`{rest}` begins with no operator known here"))?;
    if take(rest, "\"") {
        let wanted = take_while(rest, |c| c != '"').to_owned();
        if operator != Operator::Equal || !take(rest, "\"") {
            return Err(format!("a text is compared with `=`, and ends with a quote: {field}"));
        }
        return Ok(Pattern::Text(field, wanted));
    }
    *rest = rest.trim_start();
    let wanted = take_while(rest, |c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e'));
    let wanted = wanted.parse().map_err(|_| format!("`{wanted}` is neither a number nor a text in quotes"))?;
    Ok(Pattern::Number(field, operator, wanted))
}

pub(super) fn take(rest: &mut &str, token: &str) -> bool {
    let after = rest.trim_start().strip_prefix(token);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

pub(super) fn take_while<'t>(rest: &mut &'t str, is_part: impl Fn(char) -> bool) -> &'t str {
    let (part, after) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
    *rest = after;
    part
}
