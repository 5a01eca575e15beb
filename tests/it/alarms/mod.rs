//! The alarms and metrics of `template.yaml`, replayed over the lines that the code writes.
//!
//! `traces` records what each kind of call and command leaves behind. `days` makes whole days of them, and `dev::metrics`
//! works out the metrics, as the filters of the template say, and the alarms, as the alarms of the template say. So a field
//! that is renamed in the code, a pattern with a mistake, an alarm that nothing can set off, and one that a quiet day sets
//! off, fail here.
//!
//! `aws_metrics` has the names of the metrics that AWS makes by itself; `arithmetic` holds the evaluator to AWS's examples.

mod arithmetic;
mod aws_metrics;
mod days;
mod queries;
mod traces;

use std::collections::BTreeSet;

use dev::metrics::{Alarm, Level, MetricFilter, text};
use dev::template::template;
use serde_json::Value;

const OPERATION: &str = include_str!("../../../docs/operation.md");

/// The namespace of the metrics that the log lines make.
const OWN_NAMESPACE: &str = "ReferralCodes/${AWS::StackName}";

/// Panics unless the metric is made: by AWS, or by a filter of the template.
fn is_made(user: &str, namespace: &str, name: &str, dimensions: Vec<&str>) {
    if namespace == OWN_NAMESPACE {
        let is_made = MetricFilter::all().iter().any(|filter| filter.metric.name == name);
        assert!(is_made && dimensions.is_empty(), "{user}: no filter makes {name} of {dimensions:?}");
    } else {
        aws_metrics::check(user, namespace, name, dimensions);
    }
}

#[test]
fn every_alarm_reads_a_metric_that_is_made() {
    for alarm in Alarm::all() {
        for (_, metric, _) in &alarm.metrics {
            let dimensions = metric.dimensions.keys().map(String::as_str).collect();
            is_made(&alarm.name, &metric.namespace, &metric.name, dimensions);
        }
    }
}

#[test]
fn dashboard_shows_metrics_that_are_made_and_all_of_our_own() {
    let body = text(&template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]);
    let body: Value = serde_json::from_str(&body).expect("the dashboard is JSON");
    let mut not_shown: BTreeSet<_> = MetricFilter::all().into_iter().map(|filter| filter.metric.name).collect();
    let mut taken = BTreeSet::new();
    for widget in body["widgets"].as_array().unwrap() {
        // Widgets fill their rows from the left, and do not cover each other.
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| widget[name].as_u64().unwrap());
        let mut cells = (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y)));
        assert!(x + width <= 24 && cells.all(|cell| taken.insert(cell)), "{widget}");
        for metric in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            let parts: Vec<_> = metric.as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let (namespace, name, dimensions) = (parts[0], parts[1], &parts[2..]);
            is_made(&widget.to_string(), namespace, name, dimensions.iter().copied().step_by(2).collect());
            not_shown.remove(name);
        }
    }
    assert!(not_shown.is_empty(), "the dashboard shows no {not_shown:?}");
}

#[test]
fn every_alarm_tells_one_topic_and_says_where_to_look() {
    for alarm in Alarm::all() {
        let topic = if alarm.is_urgent { "Urgent" } else { "Notice" };
        let tells = format!("!If\n- Has{topic}Topic\n- - !Ref {topic}TopicArn\n- !Ref AWS::NoValue");
        for property in ["AlarmActions", "OKActions"] {
            let actions = yaml_serde::to_string(&alarm.properties[property]).unwrap();
            assert_eq!(actions.trim(), tells, "{}: {property}", alarm.name);
        }
        let description = text(&alarm.properties["AlarmDescription"]);
        assert!(description.ends_with(&format!("docs/runbook.md, {}.", alarm.name)), "{description}");
        let row = OPERATION.lines().find(|line| line.starts_with(&format!("| `{topic}TopicArn` |"))).expect(topic);
        let cell = if alarm.level == Level::Full { 3 } else { 2 };
        let is_named = row.split('|').nth(cell).is_some_and(|cell| cell.contains(&format!("`{}`", alarm.name)));
        assert!(is_named, "docs/operation.md lists {} elsewhere", alarm.name);
    }
}

/// With `Alarms=off` there is nothing of it, and nothing to pay for. What a smaller set of alarms does not read is not made.
#[test]
fn alarms_metrics_and_dashboard_depend_on_the_parameter() {
    let template = template();
    let alarms = Alarm::all();
    let watching = ["AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter", "AWS::CloudWatch::Dashboard"];
    for (name, resource) in template["Resources"].as_mapping().unwrap() {
        let is_watching = watching.contains(&resource["Type"].as_str().unwrap());
        let depends =
            ["HasAlarms", "WatchesAll", "WatchesEvents"].iter().any(|condition| resource["Condition"] == *condition);
        assert_eq!(is_watching, depends, "{name:?}");
    }
    for filter in MetricFilter::all() {
        let readers = alarms.iter().filter(|alarm| alarm.metrics.iter().any(|(_, metric, _)| *metric == filter.metric));
        let level = readers.map(|alarm| alarm.level).min();
        assert_eq!(level, Some(Level::of(&template["Resources"][filter.name.as_str()])), "{}", filter.name);
    }
}
