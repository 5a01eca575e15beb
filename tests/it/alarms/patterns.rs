//! The evaluator of patterns against AWS's own examples and rules.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html>

use dev::metrics::Pattern;
use serde_json::{Value, json};

fn matches(pattern: &str, line: &Value) -> bool {
    Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(line)
}

#[test]
fn patterns_match_as_aws_documents() {
    let line = json!({
        "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "latency": 500, "errorCode": 400,
        "averageRuntime": 55.5, "number": 100, "user": 1,
    });
    for pattern in [
        r#"{ $.eventType = "UpdateTrail" }"#,
        r#"{ $.eventType = "Update*" }"#,
        r#"{ $.eventType = "*Trail" }"#,
        r#"{ $.eventType = "*date*" }"#,
        "{ $.latency >= 500 }",
        "{ $.number < 10e3 }",
        "{ $.averageRuntime <= 55.5 }",
        "{ $.errorCode = 400 }",
        "{ $.latency > +100 }",
        r#"{ ($.user = 1) && ($.eventType = "UpdateTrail") }"#,
        "{ $.user = 1 || $.latency = 1 && $.errorCode = 1 }",
    ] {
        assert!(matches(pattern, &line), "{pattern}");
    }
    for pattern in [
        r#"{ $.eventType = "updatetrail" }"#,
        r#"{ $.eventType = "Update" }"#,
        "{ $.latency > 500 }",
        "{ $.latency < 500 }",
        r#"{ ($.user = 2 && $.eventType = "UpdateTrail") || $.errorCode = 401 }"#,
        "{ ($.user = 1 || $.latency = 1) && $.errorCode = 1 }",
    ] {
        assert!(!matches(pattern, &line), "{pattern}");
    }
}

/// A field that is not there fails each comparison, so that lines without it make no value.
#[test]
fn absent_fields_and_other_types_match_nothing() {
    for pattern in
        ["{ $.absent = 0 }", "{ $.absent < 1 }", r#"{ $.absent = "*" }"#, r#"{ $.status = "500" }"#, "{ $.text >= 1 }"]
    {
        assert!(!matches(pattern, &json!({ "status": 500, "text": "500" })), "{pattern}");
    }
}

#[test]
fn what_is_not_known_here_is_refused() {
    for pattern in [
        "ERROR",
        "{ $.status != 500 }",
        "{ $.status = }",
        "{ $.status = 4* }",
        "{ $.status IS NULL }",
        "{ status = 500 }",
        "{ ($.status = 500 }",
        r#"{ $.text < "a" }"#,
        "{ $.status = 500 } }",
    ] {
        assert!(Pattern::parse(pattern).is_err(), "{pattern}");
    }
}
