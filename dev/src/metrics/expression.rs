//! Metric math, as far as the template uses it: the expression that an alarm watches.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>
//!
//! If one of two metrics has no value, it counts as 0; if both have none, the result has none. A division by zero has none.

#[derive(Clone, PartialEq, Debug)]
pub enum Expression {
    /// The metric with this `Id`.
    Metric(String),
    /// `SUM(METRICS())`: the sum of all metrics of the alarm.
    SumOfAll,
    /// `m1 / m2`
    Quotient(String, String),
    /// `IF(m1 >= 5, …, 0)`
    IfAtLeast(String, f64, Box<Self>),
}

impl Expression {
    /// None if something about the expression is not known here.
    pub fn parse(text: &str) -> Option<Self> {
        let id = |text: &str| {
            let is_id = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            is_id.then(|| text.to_owned())
        };
        if text == "SUM(METRICS())" {
            return Some(Self::SumOfAll);
        }
        if let Some(inner) = text.strip_prefix("IF(").and_then(|rest| rest.strip_suffix(", 0)")) {
            let (condition, then) = inner.split_once(", ")?;
            let (metric, least) = condition.split_once(" >= ")?;
            return Some(Self::IfAtLeast(id(metric)?, least.parse().ok()?, Box::new(Self::parse(then)?)));
        }
        match text.split_once(" / ") {
            Some((left, right)) => Some(Self::Quotient(id(left)?, id(right)?)),
            None => id(text).map(Self::Metric),
        }
    }

    /// The value at one moment, of metrics that have these values then, by their `Id`.
    pub fn value(&self, metrics: &[(&str, Option<f64>)]) -> Option<f64> {
        let of = |id: &String| {
            let named = metrics.iter().find(|(name, _)| name == id);
            named.unwrap_or_else(|| panic!("no metric has the Id {id}")).1
        };
        match self {
            Self::Metric(id) => of(id),
            Self::SumOfAll => metrics.iter().filter_map(|(_, value)| *value).reduce(|sum, value| sum + value),
            Self::Quotient(left, right) => {
                of(left).or(of(right))?;
                let divisor = of(right).unwrap_or(0.0);
                (divisor != 0.0).then(|| of(left).unwrap_or(0.0) / divisor)
            }
            Self::IfAtLeast(id, least, then) => {
                if of(id)? >= *least {
                    then.value(metrics)
                } else {
                    Some(0.0)
                }
            }
        }
    }
}
