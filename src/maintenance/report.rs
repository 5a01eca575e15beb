//! What a command did: one JSON object, and one line of the log with the same fields.

use serde::Serialize;

/// What a command did. As JSON it is one line, and begins with the command's name in `maintenance`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "maintenance", rename_all = "lowercase")]
pub enum Report {
    /// Of an upkeep.
    Upkeep {
        /// How many listings the last round looked at.
        listings: u64,
        /// How many page marks were made.
        marks_made: u64,
        /// How many steps between two marks were counted again.
        steps_checked: u64,
        /// The listings whose marks were found wrong.
        wrong: Vec<String>,
        /// The listings whose index is still being rebuilt.
        rebuilding: Vec<String>,
        /// How often the upkeep was run: more than once while codes are being made fast.
        rounds: u64,
        /// Whether nothing was left to do.
        done: bool,
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
        /// The generation of marks that is being made.
        generation: u64,
        /// How many codes it counts so far.
        counted: u64,
        /// Whether the new generation is complete.
        done: bool,
    },
}

/// Logs one line: as an error if it tells of something wrong.
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
        match self {
            Self::Upkeep { listings, marks_made, steps_checked, wrong, rebuilding, rounds, done } => {
                let (is_wrong, wrong, rebuilding) = (!wrong.is_empty(), json(wrong), json(rebuilding));
                line!(
                    is_wrong,
                    request_id,
                    maintenance = "upkeep",
                    listings,
                    marks_made,
                    steps_checked,
                    wrong,
                    rebuilding,
                    rounds,
                    done,
                    duration_ms
                );
            }
            Self::Audit { examined, findings, next, done } => {
                let (is_wrong, findings) = (!findings.is_empty(), json(findings));
                line!(is_wrong, request_id, maintenance = "audit", examined, findings, next, done, duration_ms);
            }
            Self::Repair { examined, repaired, left, next, done } => {
                let (is_wrong, left) = (!left.is_empty(), json(left));
                line!(is_wrong, request_id, maintenance = "repair", examined, repaired, left, next, done, duration_ms);
            }
            Self::Rebuild { listing, generation, counted, done } => {
                line!(false, request_id, maintenance = "rebuild", listing, generation, counted, done, duration_ms);
            }
        }
    }
}

fn json(list: &[String]) -> String {
    serde_json::to_string(list).expect("texts are JSON")
}
