//! An alarm, and whether the lines of its periods set it off.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>

use std::collections::BTreeMap;

use yaml_serde::Value;

use super::text::{number, resources, text};
use super::{LogLine, MetricFilter};

#[derive(Clone, Debug)]
pub struct Alarm {
    pub name: String,
    pub namespace: String,
    pub metric: String,
    pub dimensions: BTreeMap<String, String>,
    /// `Sum`, `Average`, `p99`.
    pub statistic: String,
    pub threshold: f64,
    comparison: String,
    missing_data: String,
    /// Its other properties.
    pub properties: Value,
}

impl Alarm {
    /// Those of the template.
    pub fn all() -> Vec<Self> {
        let alarms = resources("AWS::CloudWatch::Alarm").into_iter();
        alarms
            .map(|(name, alarm)| {
                let dimensions = alarm["Dimensions"].as_sequence().cloned().unwrap_or_default();
                let statistic = ["Statistic", "ExtendedStatistic"].map(|key| &alarm[key]);
                let statistic = statistic.into_iter().find(|value| !value.is_null()).expect("a statistic");
                Self {
                    namespace: text(&alarm["Namespace"]),
                    metric: text(&alarm["MetricName"]),
                    dimensions: dimensions.iter().map(|each| (text(&each["Name"]), text(&each["Value"]))).collect(),
                    statistic: text(statistic),
                    threshold: number(&alarm["Threshold"]),
                    comparison: text(&alarm["ComparisonOperator"]),
                    missing_data: text(&alarm["TreatMissingData"]),
                    properties: alarm,
                    name,
                }
            })
            .collect()
    }

    /// Whether the alarm goes off if each of its periods has these lines.
    pub fn is_set_off(&self, filters: &[MetricFilter], lines: &[LogLine]) -> bool {
        let of_metric = filters.iter().filter(|it| it.namespace == self.namespace && it.metric == self.metric);
        let values: Vec<f64> = of_metric.flat_map(|filter| filter.values(&self.dimensions, lines)).collect();
        if values.is_empty() {
            return match self.missing_data.as_str() {
                "breaching" => true,
                "notBreaching" => false,
                other => panic!("{}: {other} is not known here", self.name),
            };
        }
        let value = self.statistic_of(values);
        match self.comparison.as_str() {
            "GreaterThanThreshold" => value > self.threshold,
            "GreaterThanOrEqualToThreshold" => value >= self.threshold,
            "LessThanThreshold" => value < self.threshold,
            other => panic!("{}: {other} is not known here", self.name),
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "few values")]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    fn statistic_of(&self, mut values: Vec<f64>) -> f64 {
        let count = values.len();
        match self.statistic.as_str() {
            "Sum" => values.iter().sum(),
            "Average" => values.iter().sum::<f64>() / count as f64,
            "p99" => {
                values.sort_by(f64::total_cmp);
                values[((count as f64 * 0.99).ceil() as usize).max(1) - 1]
            }
            other => panic!("{}: {other} is not known here", self.name),
        }
    }
}
