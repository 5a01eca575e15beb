//! The evaluators of patterns, of metric math and of alarms against AWS's own examples and rules.

use dev::metrics::{Expression, Pattern, state};
use serde_json::json;

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html>
#[test]
fn patterns_match_as_aws_documents() {
    let line = json!({ "eventType": "UpdateTrail", "latency": 500, "errorCode": 400, "rate": 55.5, "user": 1 });
    for (pattern, expected) in [
        (r#"{ $.eventType = "UpdateTrail" }"#, true),
        (r#"{ $.eventType = "updatetrail" }"#, false),
        (r#"{ $.eventType = "Update" }"#, false),
        (r#"{ $.eventType = "Update*" }"#, true),
        (r#"{ $.eventType = "*Trail" }"#, true),
        (r#"{ $.eventType = "*date*" }"#, true),
        ("{ $.latency >= 500 }", true),
        ("{ $.latency > 500 }", false),
        ("{ $.latency > +100 }", true),
        ("{ $.latency < 10e3 }", true),
        ("{ $.latency < 500 }", false),
        ("{ $.rate <= 55.5 }", true),
        ("{ $.errorCode = 400 }", true),
        (r#"{ $.errorCode = "400" }"#, false),
        ("{ $.eventType >= 1 }", false),
        (r#"{ ($.user = 1) && ($.eventType = "UpdateTrail") }"#, true),
        ("{ $.user = 1 || $.latency = 1 && $.errorCode = 1 }", true),
        (r#"{ ($.user = 2) && ($.eventType = "UpdateTrail") || ($.errorCode = 401) }"#, false),
        // A field that is not there fails each comparison, so that lines without it make no value.
        ("{ $.absent = 0 }", false),
        ("{ $.absent < 1 }", false),
        (r#"{ $.absent = "*" }"#, false),
    ] {
        let parsed = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(parsed.matches(&line), expected, "{pattern}");
    }
    let around_two = "{ ($.user = 1 || $.latency = 1) && $.errorCode = 1 }";
    let unknown = ["ERROR", "{ $.status != 500 }", "{ $.status = 4* }", "{ status = 500 }", r#"{ $.text < "a" }"#];
    for unknown in unknown.into_iter().chain([around_two]) {
        assert!(Pattern::parse(unknown).is_err(), "{unknown}");
    }
}

/// The tables of <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>: the points from
/// the oldest to the newest, `X` beyond the threshold, `-` missing; then the state by what missing data counts as.
#[test]
fn alarms_take_missing_data_as_aws_documents() {
    let in_alarm = [Some(true); 3];
    let fine = [Some(false); 3];
    for (points, points_to_alarm, [ignore, breaching, not_breaching]) in [
        ("0-X-X", 3, fine),
        ("0----", 3, fine),
        ("-----", 3, [None, Some(true), Some(false)]),
        ("0XX-X", 3, in_alarm),
        ("X----", 3, [None, Some(true), Some(false)]),
        ("0-X-X", 2, in_alarm),
        ("00X0X", 2, in_alarm),
        ("0-X--", 2, [Some(false), Some(true), Some(false)]),
        ("----0", 2, [Some(false), Some(true), Some(false)]),
        ("----X", 2, [None, Some(true), Some(false)]),
    ] {
        let newest_first: Vec<_> = points.chars().rev().map(|point| (point != '-').then_some(point == 'X')).collect();
        let state = |missing_data| state(&newest_first, 3, points_to_alarm, missing_data);
        let states = ["ignore", "breaching", "notBreaching"].map(state);
        assert_eq!(states, [ignore, breaching, not_breaching], "{points}, {points_to_alarm} of 3");
    }
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>
#[test]
fn metric_math_is_as_aws_documents() {
    let value = |expression: &str, metrics: &[(&str, Option<f64>)]| {
        Expression::parse(expression).unwrap_or_else(|| panic!("{expression}")).value(metrics)
    };
    for (expression, m1, m2, expected) in [
        ("m1 / m2", Some(1.0), Some(4.0), Some(0.25)),
        ("m1 / m2", None, Some(4.0), Some(0.0)),
        ("m1 / m2", Some(1.0), None, None),
        ("m1 / m2", None, None, None),
        ("SUM(METRICS())", Some(1.0), Some(4.0), Some(5.0)),
        ("SUM(METRICS())", None, Some(4.0), Some(4.0)),
        ("SUM(METRICS())", None, None, None),
        ("IF(m1 >= 5, m1 / m2, 0)", Some(5.0), Some(10.0), Some(0.5)),
        ("IF(m1 >= 5, m1 / m2, 0)", Some(4.9), Some(10.0), Some(0.0)),
        ("IF(m1 >= 5, m1 / m2, 0)", None, Some(10.0), None),
    ] {
        assert_eq!(value(expression, &[("m1", m1), ("m2", m2)]), expected, "{expression} of {m1:?}, {m2:?}");
    }
    for unknown in ["", "m1 +", "m1 + m2", "MAX(m1)", "IF(m1, 2)", "IF(m1 >= 5, m2, 1)", "m1 m2"] {
        assert!(Expression::parse(unknown).is_none(), "{unknown}");
    }
}
