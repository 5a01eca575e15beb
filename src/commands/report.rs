//! What a command did: one JSON object, and one line of the log with the same fields.

use serde::Serialize;
use serde_json::Value;

use super::leave::Action;
use crate::store::{Rebuild, Upkept};

/// What a command did. As JSON it is one line, and begins with the command's name in `maintenance`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "maintenance", rename_all = "lowercase")]
pub enum Report {
    /// Of an upkeep.
    Upkeep {
        /// The last check of all listings. `wrong` has what the counts have found, too.
        #[serde(flatten)]
        upkept: Upkept,
        /// How often the newest codes were counted: more than once while codes are being made fast.
        counts: u64,
    },
    /// Of an audit.
    Audit {
        /// How many items were examined.
        examined: u64,
        /// What was found, a sentence each.
        findings: Vec<String>,
        /// Where the next run begins. Absent if this one came to the end of the table.
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<String>,
        /// Whether this run came to the end of the table.
        done: bool,
    },
    /// Of a repair.
    Repair {
        /// How many items were examined, in all passes.
        examined: u64,
        /// How many repairs wrote items.
        repaired: u64,
        /// What a person must decide, a sentence each.
        left: Vec<String>,
        /// Where the next run begins. Absent if this one has no more to do.
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<String>,
        /// Whether a last pass came to the end of the table and repaired nothing more.
        done: bool,
    },
    /// Of a rebuild.
    Rebuild {
        /// The listing.
        listing: String,
        /// How far it has come.
        #[serde(flatten)]
        rebuilt: Rebuild,
    },
    /// Of a forgetting.
    Forget {
        /// What stands in the place of the mentor's id. Absent if the table did not know it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pseudonym: Option<String>,
        /// How many codes it has.
        codes: usize,
        /// Whether callers see no more of the id. If not, the upkeep goes on.
        done: bool,
    },
    /// Of a leaving.
    Leave {
        /// The organisation.
        org_id: String,
        /// What the command was told to do.
        action: Action,
        /// How many codes are active, or were ended.
        count: usize,
        /// Their ids.
        codes: Vec<String>,
        /// How many could not be ended: the log says why.
        failed: u64,
        /// Where the next run begins. Absent if this one came to the end.
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<String>,
        /// Whether nothing was left to do.
        done: bool,
    },
}

/// Logs one line with those of these fields that the report has: as an error if it tells of something wrong.
macro_rules! line {
    ($is_wrong:expr, $($fields:tt)*) => {
        if $is_wrong {
            tracing::error!($($fields)*, "maintenance completed")
        } else {
            tracing::info!($($fields)*, "maintenance completed")
        }
    };
}

impl Report {
    /// Logs the report, with the same fields. The log has no lists, so a list is JSON in a text.
    pub(super) fn log(&self, request_id: &str, duration_ms: f64) {
        let report = serde_json::to_value(self).expect("a report is JSON");
        let text = |name: &str| report[name].as_str();
        let number = |name: &str| report[name].as_u64();
        let list = |name: &str| report.get(name).filter(|value| value.is_array()).map(Value::to_string);
        let is_there = |name: &&str| report[*name].as_array().is_some_and(|list| !list.is_empty());
        let is_wrong =
            ["wrong", "findings", "left"].iter().any(is_there) || number("failed").is_some_and(|failed| failed > 0);
        line!(
            is_wrong,
            request_id,
            maintenance = text("maintenance"),
            listing = text("listing"),
            listings = number("listings"),
            counts = number("counts"),
            counted = number("counted"),
            marks_written = number("marks_written"),
            wrong = list("wrong"),
            examined = number("examined"),
            findings = list("findings"),
            repaired = number("repaired"),
            left = list("left"),
            org_id = text("org_id"),
            action = text("action"),
            count = number("count"),
            codes = list("codes").or(number("codes").map(|codes| codes.to_string())),
            failed = number("failed"),
            pseudonym = text("pseudonym"),
            next = text("next"),
            done = report["done"].as_bool(),
            duration_ms
        );
    }
}
