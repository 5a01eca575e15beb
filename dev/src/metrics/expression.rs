//! Metric math: the expression that an alarm watches.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>
//!
//! If one of two metrics has no value, it counts as 0; if both have none, the result has none. A division by zero has none.

use super::pattern::{take, take_while};

#[derive(Clone, PartialEq, Debug)]
pub enum Expression {
    Number(f64),
    /// The metric with this `Id`.
    Metric(String),
    /// `SUM(METRICS())`: the sum of all metrics of the alarm.
    SumOfAll,
    Divided(Box<Self>, Box<Self>),
    AtLeast(Box<Self>, Box<Self>),
    If(Box<[Self; 3]>),
}

impl Expression {
    /// # Errors
    /// What about the expression is not known here.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let expression = comparison(&mut rest)?;
        if rest.trim().is_empty() { Ok(expression) } else { Err(format!("what is `{}`?", rest.trim())) }
    }

    /// The value at one moment, of metrics that have these values then, by their `Id`.
    pub fn value(&self, metrics: &[(&str, Option<f64>)]) -> Option<f64> {
        let both = |left: &Self, right: &Self| {
            let (left, right) = (left.value(metrics), right.value(metrics));
            let is_known = left.is_some() && right.is_some();
            (is_known || left.or(right).is_some()).then(|| (left.unwrap_or(0.0), right.unwrap_or(0.0)))
        };
        match self {
            Self::Number(number) => Some(*number),
            Self::Metric(id) => {
                let named = metrics.iter().find(|(name, _)| name == id);
                named.unwrap_or_else(|| panic!("no metric has the Id {id}")).1
            }
            Self::SumOfAll => metrics.iter().filter_map(|(_, value)| *value).reduce(|sum, value| sum + value),
            Self::Divided(left, right) => {
                both(left, right).filter(|(_, divisor)| *divisor != 0.0).map(|(left, divisor)| left / divisor)
            }
            Self::AtLeast(left, right) => {
                let left = left.value(metrics)?;
                right.value(metrics).map(|right| f64::from(u8::from(left >= right)))
            }
            Self::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                if condition.value(metrics)? == 0.0 { otherwise.value(metrics) } else { then.value(metrics) }
            }
        }
    }
}

fn comparison(rest: &mut &str) -> Result<Expression, String> {
    let left = quotient(rest)?;
    if !take(rest, ">=") {
        return Ok(left);
    }
    Ok(Expression::AtLeast(Box::new(left), Box::new(quotient(rest)?)))
}

fn quotient(rest: &mut &str) -> Result<Expression, String> {
    let mut left = operand(rest)?;
    while take(rest, "/") {
        left = Expression::Divided(Box::new(left), Box::new(operand(rest)?));
    }
    Ok(left)
}

fn operand(rest: &mut &str) -> Result<Expression, String> {
    if take(rest, "SUM(METRICS())") {
        return Ok(Expression::SumOfAll);
    }
    if take(rest, "IF(") {
        let mut part = |end: &str| {
            let part = comparison(rest)?;
            if take(rest, end) { Ok(part) } else { Err(format!("`{end}` is missing before `{rest}`")) }
        };
        return Ok(Expression::If(Box::new([part(",")?, part(",")?, part(")")?])));
    }
    *rest = rest.trim_start();
    let word = take_while(rest, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.'));
    match word.chars().next() {
        Some(first) if first.is_ascii_digit() => {
            word.parse().map(Expression::Number).map_err(|error| format!("{word}: {error}"))
        }
        Some(_) => Ok(Expression::Metric(word.to_owned())),
        None => Err(format!("`{rest}` begins with nothing known here")),
    }
}
