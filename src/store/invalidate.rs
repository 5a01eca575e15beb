//! Invalidate: the active code ends, and its mentor has none.
//!
//! The slot keeps the code, as an ended one. Deleting the slot would let a delayed create of an already answered call
//! succeed: a slot that is not there looks the same as before the mentor's first code.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::changes::{HOLDS_ACTIVE, STILL_ACTIVE, too_many_rounds};
use super::dynamodb::{Item, Outcome};
use super::item::{seconds, string};
use super::key::Key;
use super::{Store, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{CodeId, ReferralCode, State, Status, Timestamp};

/// A code that was invalidated, now or before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invalidated {
    /// The code.
    pub id: CodeId,
    /// When it was, the first time.
    pub at: Timestamp,
}

/// Why a code cannot be invalidated.
#[derive(Debug, thiserror::Error)]
pub enum InvalidateError {
    /// No code has this id.
    #[error("no such code")]
    NotFound,
    /// It has ended in another way.
    #[error("the code is not active but {}", status.as_str())]
    NotActive {
        /// How it ended.
        status: Status,
        /// The mentor's active code, if there is one.
        active_id: Option<CodeId>,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Position of the code's record among the two writes.
const RECORD: usize = 0;

const END_RECORD: &str = "SET #status = :status, ended_at = :now";
const END_HELD: &str = "SET held.#status = :status, held.ended_at = :now";

impl Store {
    /// Invalidates a code. Repeated, it returns the time of the first call.
    ///
    /// # Errors
    /// When there is no such code, it was rotated or has expired, or the table fails.
    pub async fn invalidate(&self, id: &CodeId, now: Timestamp) -> Result<Invalidated, InvalidateError> {
        let mut code = self.get(id).await?.ok_or(InvalidateError::NotFound)?;
        for _ in 0..MAX_ROUNDS {
            if let State::Invalidated { at } = code.state {
                return Ok(Invalidated { id: code.id, at });
            }
            let status = code.status(now);
            if status != Status::Active {
                let active = self.slot(&code.mentor_id).await?.map(|slot| slot.held).filter(|code| code.is_active(now));
                return Err(InvalidateError::NotActive { status, active_id: active.map(|code| code.id) });
            }
            match self.table.transact(self.end_as_invalidated(&code, now)).await? {
                Outcome::Committed => return Ok(Invalidated { id: code.id, at: now }),
                Outcome::ConditionFailed(failed) => {
                    code = match failed.existing_item(RECORD) {
                        Some(item) => super::item::referral_code(item).map_err(StoreError::from)?,
                        None => self.get(id).await?.ok_or(InvalidateError::NotFound)?,
                    };
                }
            }
        }
        Err(too_many_rounds(&code.mentor_id).into())
    }

    fn end_as_invalidated(&self, code: &ReferralCode, now: Timestamp) -> Vec<TransactWriteItem> {
        let record_values = Item::from([
            (":active".into(), string(Status::Active.as_str())),
            (":status".into(), string(Status::Invalidated.as_str())),
            (":now".into(), seconds(now)),
        ]);
        let mut slot_values = record_values.clone();
        slot_values.insert(":from".into(), string(code.id.as_str()));
        let (record, slot) = (Key::Record(code.id.clone()), Key::Slot(code.mentor_id.clone()));
        vec![
            self.table.update(record.attributes(), END_RECORD, STILL_ACTIVE, record_values),
            self.table.update(slot.attributes(), END_HELD, HOLDS_ACTIVE, slot_values),
        ]
    }
}
