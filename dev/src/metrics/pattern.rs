//! The pattern of a metric filter for JSON lines: comparisons of one field, joined by `||`, or by `&&`.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html>
//!
//! A comparison with a number holds for numbers only, and one with a text in quotes for texts only; `*` at an end of it stands
//! for any text. A field that is absent fails every comparison. AWS does not say what `!=` does then, so no pattern may use it.

use std::cmp::Ordering::{Equal, Greater, Less};

use serde_json::Value;

/// One of these holds, in which all comparisons hold.
#[derive(Clone, Debug)]
pub struct Pattern(Vec<Vec<Comparison>>);

#[derive(Clone, Debug)]
struct Comparison {
    field: String,
    operator: &'static str,
    wanted: Value,
}

/// The longer ones first.
const OPERATORS: [&str; 5] = ["<=", ">=", "<", ">", "="];

impl Pattern {
    /// # Errors
    /// What about the pattern is not known here, such as parentheses around more than one comparison.
    pub fn parse(text: &str) -> Result<Self, String> {
        let inner = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let inner = inner.ok_or("a pattern for JSON stands in braces")?;
        let conjunction = |text: &str| text.split("&&").map(comparison).collect();
        inner.split("||").map(conjunction).collect::<Result<_, _>>().map(Self)
    }

    pub fn matches(&self, line: &Value) -> bool {
        self.0.iter().any(|all| all.iter().all(|comparison| comparison.holds(&line[&comparison.field])))
    }
}

fn comparison(text: &str) -> Result<Comparison, String> {
    let unknown = || format!("`{text}` is no comparison known here");
    let bare = text.trim();
    let bare = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(bare).trim();
    let rest = bare.strip_prefix("$.").ok_or_else(unknown)?;
    let found = OPERATORS.iter().find_map(|operator| rest.split_once(operator).map(|parts| (*operator, parts)));
    let (operator, (field, wanted)) = found.ok_or_else(unknown)?;
    let (field, wanted) = (field.trim(), wanted.trim().trim_start_matches('+'));
    let wanted: Value = serde_json::from_str(wanted).map_err(|_| unknown())?;
    let is_known = if operator == "=" { wanted.is_number() || wanted.is_string() } else { wanted.is_number() };
    let is_field = field.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if is_known && is_field { Ok(Comparison { field: field.to_owned(), operator, wanted }) } else { Err(unknown()) }
}

impl Comparison {
    fn holds(&self, is: &Value) -> bool {
        if let Some(wanted) = self.wanted.as_str() {
            return is.as_str().is_some_and(|text| fits(text, wanted));
        }
        let Some(order) = is.as_f64().map(|is| is.total_cmp(&self.wanted.as_f64().expect("a number"))) else {
            return false;
        };
        match self.operator {
            "<=" => order != Greater,
            ">=" => order != Less,
            "<" => order == Less,
            ">" => order == Greater,
            _ => order == Equal,
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
