//! Invalidate: the active code ends, and its mentor has none.
//!
//! The slot keeps the code, as an ended one. Deleting the slot would let a delayed create of an already answered call
//! succeed: a slot that is not there looks the same as before the mentor's first code.

use super::change::Change;
use super::changes::{HOLDS_ACTIVE, STILL_ACTIVE, too_many_rounds};
use super::dynamodb::{Item, Outcome, Writes};
use super::item::{seconds, string};
use super::key::Key;
use super::session::{CHANGED_RECORD, Confirmed, Session};
use super::{Store, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{CallContext, CodeId, MentorId, ReferralCode, State, Status, Timestamp};

/// A code that was invalidated, now or before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invalidated {
    /// The code.
    pub id: CodeId,
    /// Whose code it is.
    pub mentor_id: MentorId,
    /// When it was, the first time.
    pub at: Timestamp,
    /// Whether this call has invalidated it.
    pub by_this_call: bool,
}

impl Invalidated {
    fn new(code: &ReferralCode, at: Timestamp, by_this_call: bool) -> Self {
        Self { id: code.id.clone(), mentor_id: code.mentor_id.clone(), at, by_this_call }
    }
}

/// Why a code cannot be invalidated.
#[derive(Debug, thiserror::Error)]
pub enum InvalidateError {
    /// No code in the caller's sight has this id.
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
const RECORD: usize = CHANGED_RECORD;
/// Position of the mentor's slot.
const SLOT: usize = 1;

const END_RECORD: &str = "SET #status = :status, ended_at = :now";
const END_HELD: &str = "SET held.#status = :status, held.ended_at = :now";

impl Store {
    /// Invalidates a code. Repeated, it returns the time of the first call.
    ///
    /// # Errors
    /// When there is no such code, it was rotated or has expired, or the table fails.
    pub(super) async fn invalidate(&self, id: &CodeId, cx: &CallContext<'_>) -> Result<Invalidated, InvalidateError> {
        self.session(cx).invalidate(id).await
    }
}

impl Session<'_> {
    async fn invalidate(&self, id: &CodeId) -> Result<Invalidated, InvalidateError> {
        let mut code = self.record(id).await?.ok_or(InvalidateError::NotFound)?;
        for _ in 0..MAX_ROUNDS {
            if let State::Invalidated { at } = code.state {
                return Ok(Invalidated::new(&code, at, false));
            }
            let status = code.status(self.now);
            if status != Status::Active {
                let slot = self.slot_in_sight(&code.mentor_id).await?.map(Confirmed::into_inner);
                let active = slot.map(|slot| slot.held).filter(|held| held.is_active(self.now));
                return Err(InvalidateError::NotActive { status, active_id: active.map(|code| code.id) });
            }
            let ended = ReferralCode { state: State::Invalidated { at: self.now }, ..ReferralCode::clone(&code) };
            match Box::pin(self.transact(self.end_as_invalidated(&code), &Change::of(&ended))).await? {
                Outcome::Committed => return Ok(Invalidated::new(&code, self.now, true)),
                Outcome::ConditionFailed(failed) => {
                    if failed.failed_at(SLOT) && !failed.failed_at(RECORD) {
                        Box::pin(self.check(id, &code.mentor_id)).await?;
                    }
                    code = match failed.existing_item(RECORD) {
                        Some(item) => self.confirm_record(item).await?,
                        None => self.record(id).await?.ok_or(InvalidateError::NotFound)?,
                    };
                }
            }
        }
        Err(too_many_rounds(&code.mentor_id).into())
    }

    fn end_as_invalidated(&self, code: &Confirmed<ReferralCode>) -> Writes {
        let record_values = Item::from([
            (":active".into(), string(Status::Active.as_str())),
            (":status".into(), string(Status::Invalidated.as_str())),
            (":now".into(), seconds(self.now)),
        ]);
        let mut slot_values = record_values.clone();
        slot_values.insert(":from".into(), string(code.id.as_str()));
        let (record, slot) = (Key::Record(code.id.clone()), Key::Slot(code.mentor_id.clone()));
        self.writes().update(record.attributes(), END_RECORD, STILL_ACTIVE, record_values).update(
            slot.attributes(),
            END_HELD,
            HOLDS_ACTIVE,
            slot_values,
        )
    }
}
