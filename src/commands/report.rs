//! What a command did: one JSON object, and one line of the log with the same fields.

use serde::Serialize;

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
        /// Whether callers see no more of the id. If not, send it again.
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

impl Report {
    /// Logs the report, with the same fields. The log has no lists, so a list is JSON in a text.
    pub(super) fn log(&self, request_id: &str, duration_ms: f64) {
        // As an error if it tells of something wrong.
        macro_rules! line {
            ($is_wrong:expr, $maintenance:literal, $($field:ident),+) => {
                if $is_wrong {
                    tracing::error!(request_id, maintenance = $maintenance, $($field,)+ duration_ms, "maintenance completed")
                } else {
                    tracing::info!(request_id, maintenance = $maintenance, $($field,)+ duration_ms, "maintenance completed")
                }
            };
        }
        match self {
            Self::Upkeep { upkept: Upkept { listings, marks_written, wrong, done }, counts } => {
                let (is_wrong, wrong) = (!wrong.is_empty(), json(wrong));
                line!(is_wrong, "upkeep", listings, marks_written, wrong, counts, done);
            }
            Self::Audit { examined, findings, next, done } => {
                let (is_wrong, findings) = (!findings.is_empty(), json(findings));
                line!(is_wrong, "audit", examined, findings, next, done);
            }
            Self::Repair { examined, repaired, left, next, done } => {
                let (is_wrong, left) = (!left.is_empty(), json(left));
                line!(is_wrong, "repair", examined, repaired, left, next, done);
            }
            Self::Rebuild { listing, rebuilt: Rebuild { counted, marks_written, done } } => {
                line!(false, "rebuild", listing, counted, marks_written, done);
            }
            Self::Forget { pseudonym, codes, done } => {
                line!(false, "forget", pseudonym, codes, done);
            }
            Self::Leave { org_id, action, count, codes, failed, next, done } => {
                let (is_wrong, action, codes) = (*failed > 0, action.name(), json(codes));
                line!(is_wrong, "leave", org_id, action, count, codes, failed, next, done);
            }
        }
    }
}

fn json(list: &impl Serialize) -> String {
    serde_json::to_string(list).expect("texts are JSON")
}
