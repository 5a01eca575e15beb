//! What must hold between a code's record and its mentor's slot at any one moment, as a pure function.
//!
//! A call asks it when it has met states of the two that do not fit, and the audit asks it of every record and slot. It
//! must not know how the two were read, nor what becomes of a contradiction.

use super::StoreError;
use super::slot::Slot;
use crate::model::{ReferralCode, State};

/// A record and a slot that contradict each other. The message names the mentor and the codes.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Contradiction(String);

/// The failure of a call that meets the contradiction: one that neither the call nor a repetition can pass.
impl From<Contradiction> for StoreError {
    fn from(contradiction: Contradiction) -> Self {
        Self::Unsound(format!("{contradiction}: the items contradict each other; run the audit, then the repair"))
    }
}

/// The contradiction between a code's record and its mentor's slot, both read at one moment.
///
/// `record` is the record of the code that the slot holds, or of another code of the same mentor. A call that finds a
/// contradiction can neither succeed nor say anything of the code.
pub(super) fn contradiction_between(record: Option<&ReferralCode>, slot: Option<&Slot>) -> Option<Contradiction> {
    let wrong = match (record, slot.map(|slot| &slot.held)) {
        (None, None) => return None,
        (Some(record), None) => format!("{} has the code {} and no slot", record.mentor_id, record.id),
        (None, Some(held)) => {
            format!("the slot of {} holds the code {}, which has no record", held.mentor_id, held.id)
        }
        (Some(ReferralCode { mentor_id, id, state, .. }), Some(held)) if held.id != *id => {
            if *state != State::Active {
                return None;
            }
            format!("the code {id} of {mentor_id} is active, and the slot holds {}", held.id)
        }
        (Some(record), Some(held)) if record == held => return None,
        (Some(ReferralCode { mentor_id, id, .. }), Some(_)) => {
            format!("the slot of {mentor_id} holds the code {id} in another state than its record has")
        }
    };
    Some(Contradiction(wrong))
}
