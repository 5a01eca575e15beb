//! An alarm, and in which minutes it is in alarm.
//!
//! CloudWatch looks at more periods than an alarm has, so that it needs missing ones as seldom as possible. So an alarm on
//! sparse data rests on real periods, also on older ones. AWS does not say how many it looks at. Hence the template's
//! choices hold for any number: no alarm on few calls needs a period without calls to count as good, and the one on
//! silence (`UpkeepMissing`) has short periods, so that older ones are soon out of sight.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>

use std::collections::BTreeMap;

use yaml_serde::Value;

use super::text::{number, resources, text};
use super::{Expression, Metric, Series};

/// So many more periods the tests let CloudWatch look at. In AWS's own examples it is two.
pub const EXTRA_POINTS: [usize; 3] = [0, 2, 10];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    Essential,
    Full,
    /// Whatever `Alarms` is but off, if the stack sends events.
    Events,
}

impl Level {
    /// From which `Alarms` on the template has this resource.
    pub fn of(resource: &Value) -> Self {
        match resource["Condition"].as_str() {
            Some("HasAlarms") => Self::Essential,
            Some("WatchesAll") => Self::Full,
            Some("WatchesEvents") => Self::Events,
            other => panic!("the condition {other:?} is not known here"),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Alarm {
    pub name: String,
    pub level: Level,
    pub is_urgent: bool,
    /// What the expression names: `Id`, metric and statistic. Each is billed.
    pub metrics: Vec<(String, Metric, String)>,
    expression: Expression,
    /// In minutes.
    period: usize,
    periods: usize,
    points_to_alarm: usize,
    threshold: f64,
    comparison: String,
    missing_data: String,
    /// Its other properties.
    pub properties: Value,
}

impl Alarm {
    /// Those of the template.
    pub fn all() -> Vec<Self> {
        let template = crate::table::template::template();
        let alarms = resources("AWS::CloudWatch::Alarm").into_iter();
        alarms.map(|(name, alarm)| Self::parse(Level::of(&template["Resources"][name.as_str()]), name, alarm)).collect()
    }

    fn parse(level: Level, name: String, alarm: Value) -> Self {
        let whole = |value: &Value| text(value).parse::<usize>().unwrap_or_else(|_| panic!("{name}: {value:?}"));
        let metric = |of: &Value| {
            let dimensions = of["Dimensions"].as_sequence().cloned().unwrap_or_default();
            let dimensions = dimensions.iter().map(|each| (text(&each["Name"]), text(&each["Value"]))).collect();
            Metric { namespace: text(&of["Namespace"]), name: text(&of["MetricName"]), dimensions }
        };
        let mut expression = Expression::Metric("watched".into());
        let mut metrics = Vec::new();
        let mut seconds = alarm["Period"].clone();
        if alarm["Metrics"].is_null() {
            metrics.push(("watched".to_owned(), metric(&alarm), text(&alarm["Statistic"])));
        }
        for part in alarm["Metrics"].as_sequence().into_iter().flatten() {
            let of = &part["MetricStat"];
            if of.is_null() {
                let math = text(&part["Expression"]);
                expression = Expression::parse(&math).unwrap_or_else(|| panic!("{name}: {math} is not known here"));
            } else {
                assert!(part["ReturnData"] == false && (seconds.is_null() || seconds == of["Period"]), "{name}");
                seconds = of["Period"].clone();
                metrics.push((text(&part["Id"]), metric(&of["Metric"]), text(&of["Stat"])));
            }
        }
        let periods = whole(&alarm["EvaluationPeriods"]);
        let topic = yaml_serde::to_string(&alarm["AlarmActions"]).unwrap();
        Self {
            level,
            is_urgent: topic.contains("UrgentTopicArn"),
            metrics,
            expression,
            period: whole(&seconds) / 60,
            periods,
            points_to_alarm: if alarm["DatapointsToAlarm"].is_null() {
                periods
            } else {
                whole(&alarm["DatapointsToAlarm"])
            },
            threshold: number(&alarm["Threshold"]),
            comparison: text(&alarm["ComparisonOperator"]),
            missing_data: text(&alarm["TreatMissingData"]),
            properties: alarm,
            name,
        }
    }

    /// Whether the period that ends with each minute of the day is beyond the threshold. None: it has no value.
    pub fn points(&self, series: &BTreeMap<Metric, Series>, day: usize) -> Vec<Option<bool>> {
        let metrics: Vec<_> = self.metrics.iter().map(|(id, metric, of)| (&**id, series.get(metric), of)).collect();
        (1..=day).map(|end| self.is_breaching(&metrics, end)).collect()
    }

    /// The minutes in which the alarm is in alarm, if CloudWatch looks at so many more of these points. Periods end with the
    /// minute, or `on_the_clock`: those of an hour with the hour.
    pub fn minutes_in_alarm(&self, points: &[Option<bool>], extra: usize, on_the_clock: bool) -> Vec<usize> {
        if self.missing_data != "breaching" && !points.contains(&Some(true)) {
            return Vec::new();
        }
        let mut is_in_alarm = false;
        let mut found = Vec::new();
        for minute in 0..points.len() {
            let end = if on_the_clock { (minute + 1) / self.period * self.period } else { minute + 1 };
            let ends = (0..self.periods + extra).map_while(|nth| end.checked_sub(nth * self.period + 1));
            let points: Vec<_> = ends.map(|end| points[end]).collect();
            is_in_alarm = state(&points, self.periods, self.points_to_alarm, &self.missing_data).unwrap_or(is_in_alarm);
            if is_in_alarm {
                found.push(minute);
            }
        }
        found
    }

    fn is_breaching(&self, metrics: &[(&str, Option<&Series>, &String)], end: usize) -> Option<bool> {
        let values = metrics.iter().map(|(id, series, statistic)| {
            (*id, series.and_then(|series| series.statistic(statistic, end, self.period)))
        });
        let value = self.expression.value(&values.collect::<Vec<_>>())?;
        Some(match self.comparison.as_str() {
            "GreaterThanThreshold" => value > self.threshold,
            "GreaterThanOrEqualToThreshold" => value >= self.threshold,
            "LessThanThreshold" => value < self.threshold,
            other => panic!("{}: {other} is not known here", self.name),
        })
    }
}

/// Whether an alarm on these periods, the newest first, is in alarm. None: it stays as it is.
pub fn state(points: &[Option<bool>], periods: usize, points_to_alarm: usize, missing_data: &str) -> Option<bool> {
    let real: Vec<bool> = points.iter().flatten().copied().take(periods).collect();
    let (missing, breaching) = (periods - real.len(), real.iter().filter(|is_breaching| **is_breaching).count());
    match missing_data {
        "breaching" => Some(breaching + missing >= points_to_alarm),
        "notBreaching" => Some(breaching >= points_to_alarm),
        "ignore" => (breaching >= points_to_alarm || breaching < real.len()).then_some(breaching >= points_to_alarm),
        other => panic!("{other} is not known here"),
    }
}
