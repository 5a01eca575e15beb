//! The dashboard: each graph shows metrics that are made.

use dev::metrics::{MetricFilter, text};
use dev::template::template;
use serde_json::Value;

use super::{OWN_NAMESPACE, aws_metrics};

fn widgets() -> Vec<Value> {
    let body = text(&template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]);
    let body: Value = serde_json::from_str(&body).expect("the dashboard is JSON");
    body["widgets"].as_array().unwrap().clone()
}

/// Widgets fill their rows from the left, and do not cover each other.
#[test]
fn dashboard_widgets_do_not_overlap() {
    let number = |widget: &Value, name: &str| widget[name].as_u64().unwrap();
    let mut taken = std::collections::BTreeSet::new();
    for widget in widgets() {
        assert!(number(&widget, "x") + number(&widget, "width") <= 24, "{widget}");
        for x in number(&widget, "x")..number(&widget, "x") + number(&widget, "width") {
            for y in number(&widget, "y")..number(&widget, "y") + number(&widget, "height") {
                assert!(taken.insert((x, y)), "{widget}");
            }
        }
    }
}

#[test]
fn dashboard_shows_metrics_that_are_made_and_all_of_our_own() {
    let mut not_shown: std::collections::BTreeSet<_> =
        MetricFilter::all().into_iter().map(|filter| filter.metric.name).collect();
    let own = not_shown.clone();
    for widget in widgets().iter().filter(|widget| widget["type"] == "metric") {
        let title = widget["properties"]["title"].as_str().unwrap();
        for metric in widget["properties"]["metrics"].as_array().unwrap() {
            let parts: Vec<_> = metric.as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let (namespace, name, dimensions) = (parts[0], parts[1], &parts[2..]);
            let keys: Vec<_> = dimensions.iter().copied().step_by(2).collect();
            if namespace == OWN_NAMESPACE {
                assert!(own.contains(name), "{title}: no filter makes {name}");
                not_shown.remove(name);
            } else {
                aws_metrics::check(title, namespace, name, &keys);
            }
        }
    }
    assert!(not_shown.is_empty(), "the dashboard shows no {not_shown:?}");
}
