//! The metrics and alarms of `template.yaml`, worked out as CloudWatch does it, from log lines and from AWS's own data points.
//!
//! | module | for |
//! | --- | --- |
//! | `pattern` | a metric filter's pattern: which lines it matches |
//! | `filter` | a metric filter of the template: which values it makes of lines |
//! | `series` | what the minutes of a day leave, and each metric's values in them |
//! | `expression` | metric math: the expression of an alarm |
//! | `alarm` | an alarm of the template: in which minutes it is in alarm |
//! | `text` | a property of the template as text, with the parameters' defaults |
//!
//! This is the part of CloudWatch that the template uses, and what it does not know makes it panic. The rules are those of
//! AWS's guides, which the modules link.

mod alarm;
mod expression;
mod filter;
mod pattern;
mod series;
mod text;

pub use alarm::{Alarm, EXTRA_POINTS, Level, state};
pub use expression::Expression;
pub use filter::MetricFilter;
pub use pattern::Pattern;
pub use series::{Metric, Minute, Series};
pub use text::text;

use crate::table::template::template;

/// One line of one log group.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// The logical id of the group.
    pub group: &'static str,
    /// The line, parsed.
    pub fields: serde_json::Value,
}

/// A line of the access log in the template's format, with values as long as those of API Gateway.
pub fn access_line(route: &str, status: u64) -> String {
    let method = route.split(' ').next().unwrap_or_default();
    let stage = &template()["Resources"]["Stage"]["Properties"];
    let format = stage["AccessLogSettings"]["Format"].as_str().unwrap();
    let mut line = String::new();
    for (nth, part) in format.split("$context.").enumerate() {
        let (variable, rest) = if nth == 0 { ("", part) } else { part.split_once('"').unwrap() };
        let status = status.to_string();
        line += match variable {
            "" => "",
            "requestTime" => "24/Nov/2026:16:00:00 +0000",
            "requestId" => "JKJaXmPLvHcESHA=",
            "identity.sourceIp" => "203.0.113.117",
            "httpMethod" => method,
            "routeKey" => route,
            "status" => &status,
            "responseLength" => "1234",
            "responseLatency" => "12",
            _ => "-",
        };
        if nth > 0 {
            line.push('"');
        }
        line += rest;
    }
    line
}
