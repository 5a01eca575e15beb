//! The metrics and alarms of `template.yaml`, worked out from log lines as CloudWatch does it.
//!
//! | module | for |
//! | --- | --- |
//! | `pattern` | a metric filter's pattern: which lines it matches |
//! | `filter` | a metric filter of the template: which values it makes of lines |
//! | `alarm` | an alarm of the template: whether those values set it off |
//! | `text` | a property of the template as text, with the parameters' defaults |
//!
//! This is the part of CloudWatch that the template uses, and what it does not know makes it panic. The rules are those of
//! AWS's guides, which the modules link.

mod alarm;
mod filter;
mod pattern;
mod text;

pub use alarm::Alarm;
pub use filter::MetricFilter;
pub use pattern::Pattern;
pub use text::text;

/// One line of one log group.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// The logical id of the group.
    pub group: &'static str,
    /// The line, parsed.
    pub fields: serde_json::Value,
}
