//! The alarms and metrics of `template.yaml` against the lines that the code writes.
//!
//! `causes` has what each alarm is for: it lets that happen, and returns the lines of it. From them `dev::metrics` works out
//! the metrics, as the filters of the template say, and the alarms, as the alarms of the template say. So a field that is
//! renamed in the code, a pattern with a mistake, or an alarm that no line can set off fails here.
//!
//! `aws_metrics` has the alarms and graphs on metrics that AWS makes by itself. No line of ours can set those off.

mod aws_metrics;
mod causes;
mod dashboard;
mod patterns;
mod queries;

use dev::metrics::{Alarm, MetricFilter};
use referral_codes::http::ROUTES;

const RUNBOOK: &str = include_str!("../../../docs/runbook.md");

/// The namespace of the metrics that the log lines make.
const OWN_NAMESPACE: &str = "ReferralCodes/${AWS::StackName}";

/// A deployment cannot know before whether an alarm will ever go off; so each one is set off here.
#[tokio::test]
async fn every_alarm_is_set_off_by_its_cause_and_by_nothing_else() {
    let filters = MetricFilter::all();
    let well = causes::all_is_well().await;
    let mut met = vec![false; filters.len()];
    let mut look_at = |lines: &[dev::metrics::LogLine]| {
        for (met, filter) in met.iter_mut().zip(&filters) {
            *met |= lines.iter().any(|line| filter.matches(line));
        }
    };
    look_at(&well);
    for alarm in Alarm::all().iter().filter(|alarm| alarm.namespace == OWN_NAMESPACE) {
        assert!(!alarm.is_set_off(&filters, &well), "{} goes off while all is well", alarm.name);
        let lines = causes::of(&alarm.name).await;
        assert!(alarm.is_set_off(&filters, &lines), "{} does not go off: {lines:#?}", alarm.name);
        look_at(&lines);
    }
    let never_met: Vec<_> =
        met.iter().zip(&filters).filter(|(met, _)| !**met).map(|(_, filter)| &filter.name).collect();
    assert!(never_met.is_empty(), "no line of these tests matches the filters {never_met:?}");
}

#[test]
fn every_alarm_reads_a_metric_that_is_made() {
    let filters = MetricFilter::all();
    for alarm in Alarm::all() {
        if alarm.namespace == OWN_NAMESPACE {
            assert!(filters.iter().any(|filter| filter.metric == alarm.metric), "{}: no filter makes it", alarm.name);
        } else {
            let dimensions: Vec<_> = alarm.dimensions.keys().map(String::as_str).collect();
            aws_metrics::check(&alarm.name, &alarm.namespace, &alarm.metric, &dimensions);
            assert!(aws_metrics::ALARMS.contains(&alarm.name.as_str()), "{}: say why no line sets it off", alarm.name);
        }
    }
    for name in aws_metrics::ALARMS {
        assert!(Alarm::all().iter().any(|alarm| alarm.name == *name && alarm.namespace != OWN_NAMESPACE), "{name}");
    }
}

/// The routes of the contract and the short link. The other open routes read no table, or are a picture of the short link.
#[test]
fn every_route_of_the_contract_has_an_alarm_on_its_slowest_calls() {
    let alarms = Alarm::all();
    let watched = alarms.iter().filter(|alarm| alarm.metric == "Duration");
    let mut watched: Vec<_> = watched.map(|alarm| alarm.dimensions["Route"].clone()).collect();
    watched.sort();
    assert_eq!(watched, watched_routes());
}

/// The routes whose time is watched.
fn watched_routes() -> Vec<String> {
    let not_watched = ["qr_code", "openapi", "console", "console_file"];
    let mut names: Vec<_> = ROUTES.iter().map(|route| route.name.to_owned()).collect();
    names.retain(|name| !not_watched.contains(&name.as_str()));
    names.sort();
    names
}

#[test]
fn every_alarm_tells_the_topic_and_says_where_to_look() {
    let tells = "!If\n- TellsTopic\n- - !Ref AlarmTopicArn\n- !Ref AWS::NoValue";
    for alarm in Alarm::all() {
        for property in ["AlarmActions", "OKActions"] {
            let actions = yaml_serde::to_string(&alarm.properties[property]).unwrap();
            assert_eq!(actions.trim(), tells, "{}: {property}", alarm.name);
        }
        let description = alarm.properties["AlarmDescription"].as_str().unwrap();
        assert!(description.ends_with(&format!("docs/runbook.md, {}.", alarm.name)), "{description}");
        let is_heading = |line: &str| line.starts_with("### ") && line[4..].split(", ").any(|name| name == alarm.name);
        assert!(RUNBOOK.lines().any(is_heading), "docs/runbook.md has no heading {}", alarm.name);
    }
}

/// With `Alarms=off` there is nothing of it, and nothing to pay for.
#[test]
fn alarms_metrics_and_dashboard_depend_on_the_parameter() {
    let template = dev::template::template();
    let watching = ["AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter", "AWS::CloudWatch::Dashboard"];
    for (name, resource) in template["Resources"].as_mapping().unwrap() {
        let is_watching = watching.contains(&resource["Type"].as_str().unwrap());
        let depends = resource["Condition"] == "HasAlarms";
        assert_eq!(is_watching, depends, "{name:?}");
    }
}
