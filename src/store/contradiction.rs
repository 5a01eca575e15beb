//! What must agree between a code's record and its mentor's slot: a pure function over two items that were read at one
//! moment.
//!
//! A call asks it when it meets states that do not fit, and the audit reports by it. It must not read the table.

use super::StoreError;
use super::slot::Slot;
use crate::model::{CodeId, MentorId, ReferralCode, State};

/// How a record and a slot contradict each other.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Contradiction {
    /// A mentor has a record and no slot.
    #[error("{mentor} has the code {id} and no slot")]
    RecordWithoutSlot {
        /// Whose code.
        mentor: MentorId,
        /// The record.
        id: CodeId,
    },
    /// The slot holds a code that has no record.
    #[error("the slot of {mentor} holds the code {id}, which has no record")]
    HeldWithoutRecord {
        /// Whose slot.
        mentor: MentorId,
        /// What it holds.
        id: CodeId,
    },
    /// A record is active, and the slot holds another code.
    #[error("the code {id} of {mentor} is active, and the slot holds {held}")]
    ActiveNotHeld {
        /// Whose code.
        mentor: MentorId,
        /// The active record.
        id: CodeId,
        /// What the slot holds.
        held: CodeId,
    },
    /// The slot holds a code that another code has replaced.
    #[error("the slot of {mentor} holds the code {id}, which {successor} has replaced")]
    HeldIsReplaced {
        /// Whose slot.
        mentor: MentorId,
        /// What it holds.
        id: CodeId,
        /// What it should hold.
        successor: CodeId,
    },
    /// The slot's copy of a record is not as the record is.
    #[error("the slot of {mentor} holds the code {id} in another state than its record has")]
    HeldDiffers {
        /// Whose slot.
        mentor: MentorId,
        /// What it holds.
        id: CodeId,
    },
}

/// The failure of a call that meets the contradiction: one that neither the call nor a repetition can pass.
impl From<Contradiction> for StoreError {
    fn from(contradiction: Contradiction) -> Self {
        Self::Unsound(format!("{contradiction}: the items contradict each other; run the audit, then the repair"))
    }
}

/// The contradiction between a code's record and its mentor's slot, if there is one.
///
/// `record` is the record of the code that the slot holds, or of another code of the same mentor.
pub(super) fn contradiction_between(record: Option<&ReferralCode>, slot: Option<&Slot>) -> Option<Contradiction> {
    let (record, slot) = match (record, slot) {
        (Some(record), Some(slot)) => (record, slot),
        (None, None) => return None,
        (Some(record), None) => {
            return Some(Contradiction::RecordWithoutSlot { mentor: record.mentor_id.clone(), id: record.id.clone() });
        }
        (None, Some(slot)) => {
            let held = &slot.held;
            return Some(Contradiction::HeldWithoutRecord { mentor: held.mentor_id.clone(), id: held.id.clone() });
        }
    };
    let (mentor, id) = (record.mentor_id.clone(), record.id.clone());
    if slot.held.id != record.id {
        let is_active = record.state == State::Active;
        return is_active.then(|| Contradiction::ActiveNotHeld { mentor, id, held: slot.held.id.clone() });
    }
    match &record.state {
        // An expired code whose successor is lost stays in the slot, as ended.
        State::Rotated { successor, .. } | State::Expired { successor, .. } if slot.held != *record => {
            Some(Contradiction::HeldIsReplaced { mentor, id, successor: successor.id.clone() })
        }
        _ if slot.held != *record => Some(Contradiction::HeldDiffers { mentor, id }),
        _ => None,
    }
}
