//! A metric filter: the values that it makes of the lines of its log group.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html>

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::text::{number, resources, text};
use super::{LogLine, Pattern};

#[derive(Clone, Debug)]
pub struct MetricFilter {
    pub name: String,
    /// The logical id of the log group.
    pub group: String,
    pub pattern: Pattern,
    pub namespace: String,
    pub metric: String,
    value: MetricValue,
    /// What a minute with lines of which none matches counts as.
    default: Option<f64>,
    /// The fields of a line that tell its metric from others of the same name, by the dimension's name.
    dimensions: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
enum MetricValue {
    Constant(f64),
    Field(String),
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
                let value = text(&made["MetricValue"]);
                let dimensions = made["Dimensions"].as_sequence().cloned().unwrap_or_default();
                let default = Some(&made["DefaultValue"]).filter(|value| !value.is_null()).map(number);
                assert!(default.is_none() || dimensions.is_empty(), "{name}: AWS takes no default with dimensions");
                Self {
                    pattern: Pattern::parse(&pattern).unwrap_or_else(|error| panic!("{name}: {error}")),
                    group: text(&filter["LogGroupName"]),
                    namespace: text(&made["MetricNamespace"]),
                    metric: text(&made["MetricName"]),
                    value: match value.strip_prefix("$.") {
                        Some(field) => MetricValue::Field(field.to_owned()),
                        None => MetricValue::Constant(value.parse().unwrap()),
                    },
                    default,
                    dimensions: dimensions
                        .iter()
                        .map(|each| (text(&each["Key"]), text(&each["Value"]).trim_start_matches("$.").to_owned()))
                        .collect(),
                    name,
                }
            })
            .collect()
    }

    pub fn matches(&self, line: &LogLine) -> bool {
        self.group == line.group && self.pattern.matches(&line.fields)
    }

    /// The values of the metric with these dimensions that the lines of one period make.
    pub fn values(&self, dimensions: &BTreeMap<String, String>, lines: &[LogLine]) -> Vec<f64> {
        if !self.dimensions.keys().eq(dimensions.keys()) {
            return Vec::new();
        }
        let is_of_metric = |line: &&LogLine| {
            self.dimensions.iter().all(|(name, field)| line.fields[field].as_str() == Some(dimensions[name].as_str()))
        };
        let matching = lines.iter().filter(|line| self.matches(line)).filter(is_of_metric);
        let values: Vec<f64> = matching.filter_map(|line| self.value_of(&line.fields)).collect();
        match self.default {
            Some(default) if values.is_empty() && lines.iter().any(|line| line.group == self.group) => vec![default],
            _ => values,
        }
    }

    fn value_of(&self, line: &Json) -> Option<f64> {
        match &self.value {
            MetricValue::Constant(value) => Some(*value),
            MetricValue::Field(field) => line[field].as_f64(),
        }
    }
}
