//! A metric filter: the values that it makes of the lines of its log group.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html>

use super::text::{number, resources, text};
use super::{LogLine, Metric, Pattern};

#[derive(Clone, Debug)]
pub struct MetricFilter {
    pub name: String,
    /// The logical id of the log group.
    pub group: String,
    pub pattern: Pattern,
    pub metric: Metric,
    value: f64,
    /// What a minute with lines of which none matches counts as.
    default: Option<f64>,
}

impl MetricFilter {
    /// Those of the template.
    pub fn all() -> Vec<Self> {
        let filters = resources("AWS::Logs::MetricFilter").into_iter();
        filters
            .map(|(name, filter)| {
                let pattern = text(&filter["FilterPattern"]);
                let transformations = filter["MetricTransformations"].as_sequence().unwrap();
                assert_eq!(transformations.len(), 1, "{name}");
                let made = &transformations[0];
                assert!(made["Dimensions"].is_null(), "{name}: a dimension is not known here");
                Self {
                    pattern: Pattern::parse(&pattern).unwrap_or_else(|error| panic!("{name}: {error}")),
                    group: text(&filter["LogGroupName"]),
                    metric: Metric::new(&text(&made["MetricNamespace"]), &text(&made["MetricName"]), &[]),
                    value: number(&made["MetricValue"]),
                    default: Some(&made["DefaultValue"]).filter(|value| !value.is_null()).map(number),
                    name,
                }
            })
            .collect()
    }

    pub fn matches(&self, line: &LogLine) -> bool {
        self.group == line.group && self.pattern.matches(&line.fields)
    }

    /// The values that the lines of one minute make, each with how often. `matches` is [`Self::matches`], which may remember.
    pub fn values(&self, lines: &[(&LogLine, u32)], mut matches: impl FnMut(&LogLine) -> bool) -> Vec<(f64, u32)> {
        let matching = lines.iter().filter(|(line, _)| matches(line)).map(|(_, count)| count).sum();
        match self.default {
            _ if matching > 0 => vec![(self.value, matching)],
            Some(default) if lines.iter().any(|(line, _)| line.group == self.group) => vec![(default, 1)],
            _ => Vec::new(),
        }
    }
}
