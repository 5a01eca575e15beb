//! The events that tell other systems of new and ended codes: the enrichment of an EventBridge pipe.
//!
//! The pipe hands over records of the table's stream, ten at most, and sends each event of the answer to a bus. `docs/events.md`
//! says what a receiver may rely on; `docs/events.schema.json` has the form. A code that expires writes nothing, so nothing
//! tells of it.
//!
//! An event must not name the mentor: what is on a bus, in its archives and at its receivers, no forgetting takes back. It
//! has to be the same for every repetition of a record, so nothing here reads a clock, or the table.

use lambda_http::lambda_runtime::Diagnostic;
use serde::Serialize;

use crate::model::{CodeId, CodeString, OrgId, ReferralCode, State, Timestamp};
use crate::store::{StoreError, StreamRecord};

/// The version of the form. A release may add members to a form; whatever else changes makes another version.
const VERSION: u32 = 1;

/// One event: what is in `detail` on the bus.
#[derive(Serialize)]
struct Event {
    version: u32,
    /// The same for every event that tells of the same thing.
    event_id: String,
    /// The pipe makes the `detail-type` of it, too.
    r#type: &'static str,
    time: Timestamp,
    id: CodeId,
    code: CodeString,
    org_id: OrgId,
    expires_at: Option<Timestamp>,
    /// The code that a new one has taken the place of: a rotated one, or one that had expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_id: Option<CodeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_code: Option<CodeString>,
}

/// Records of which no events are made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnreadableRecords {
    #[error("the event is no list of stream records: {0}")]
    NoRecords(#[from] serde_json::Error),
    #[error(transparent)]
    Item(#[from] StoreError),
}

impl From<UnreadableRecords> for Diagnostic {
    fn from(error: UnreadableRecords) -> Self {
        Self { error_type: "UnreadableRecords".into(), error_message: error.to_string() }
    }
}

/// The events of a list of stream records, as a list in JSON: at most one of each, in their order.
///
/// # Errors
/// One of them cannot be read. The pipe then halves the list, until only that one is left.
pub(crate) fn of_records(records: &str) -> Result<impl Serialize, UnreadableRecords> {
    let records: Vec<StreamRecord> = serde_json::from_str(records)?;
    let codes = records.iter().filter_map(|record| record.changed_code().transpose());
    Ok(codes.map(|code| code.map(Event::of)).collect::<Result<Vec<_>, _>>()?)
}

impl Event {
    fn of(code: ReferralCode) -> Self {
        let (r#type, time) = match code.state {
            State::Invalidated { at } => ("code.invalidated", at),
            _ if code.rotated_from().is_some() => ("code.rotated", code.created_at()),
            _ => ("code.created", code.created_at()),
        };
        // That a code took the place of another one is told when it is made.
        let previous = code.predecessor().filter(|_| code.state == State::Active).cloned();
        Self {
            version: VERSION,
            // Unlike the id, the ULID is of no other code: not even of one that was made after a restore.
            event_id: format!("{}.{}", code.ulid, r#type.trim_start_matches("code.")),
            r#type,
            time,
            id: code.id,
            code: code.code,
            org_id: code.org_id,
            expires_at: code.expires_at,
            previous_id: previous.as_ref().map(|previous| previous.id.clone()),
            previous_code: previous.map(|previous| previous.code),
        }
    }
}
