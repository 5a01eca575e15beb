//! What the minutes of a day leave behind, and the values of a metric in them.

use std::collections::{BTreeMap, HashMap};

use super::{LogLine, MetricFilter};

/// A metric: its dimensions are part of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Metric {
    pub namespace: String,
    pub name: String,
    pub dimensions: BTreeMap<String, String>,
}

impl Metric {
    pub fn new(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Self {
        let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { namespace: namespace.to_owned(), name: name.to_owned(), dimensions }
    }
}

/// What one minute leaves.
#[derive(Clone, Default, Debug)]
pub struct Minute<'t> {
    /// The lines that the minute wrote, each with how often.
    pub lines: Vec<(&'t LogLine, u32)>,
    /// What AWS counts by itself.
    pub counted: Vec<(&'t Metric, f64)>,
}

/// How many values a metric has up to each minute, and their sum.
pub struct Series(Vec<(f64, f64)>);

impl Series {
    /// The series of every metric that these minutes make.
    pub fn all(filters: &[MetricFilter], minutes: &[Minute<'_>]) -> BTreeMap<Metric, Self> {
        let mut values: BTreeMap<Metric, Vec<(f64, f64)>> = BTreeMap::new();
        // A day repeats few lines.
        let mut matching = HashMap::new();
        for (nth, minute) in minutes.iter().enumerate() {
            let mut add = |metric: &Metric, value: f64, count: f64| {
                if !values.contains_key(metric) {
                    values.insert(metric.clone(), vec![(0.0, 0.0); minutes.len()]);
                }
                let of_minute = &mut values.get_mut(metric).expect("it is there")[nth];
                *of_minute = (of_minute.0 + count, of_minute.1 + value * count);
            };
            for (number, filter) in filters.iter().enumerate() {
                let matches = |line: &LogLine| {
                    *matching.entry((number, std::ptr::from_ref(line))).or_insert_with(|| filter.matches(line))
                };
                for (value, count) in filter.values(&minute.lines, matches) {
                    add(&filter.metric, value, f64::from(count));
                }
            }
            for (metric, value) in &minute.counted {
                add(metric, *value, 1.0);
            }
        }
        let up_to = |values: Vec<(f64, f64)>| {
            let mut all = (0.0, 0.0);
            let sums = values.into_iter().map(|(count, sum)| {
                all = (all.0 + count, all.1 + sum);
                all
            });
            Self(std::iter::once((0.0, 0.0)).chain(sums).collect())
        };
        values.into_iter().map(|(metric, values)| (metric, up_to(values))).collect()
    }

    /// The statistic of the minutes before `end`, so many of them. None if they have no value.
    pub fn statistic(&self, statistic: &str, end: usize, minutes: usize) -> Option<f64> {
        let (before, after) = (self.0[end.saturating_sub(minutes)], self.0[end]);
        let (count, sum) = (after.0 - before.0, after.1 - before.1);
        (count > 0.0).then(|| match statistic {
            "Sum" => sum,
            "Average" => sum / count,
            other => panic!("the statistic {other} is not known here"),
        })
    }
}
