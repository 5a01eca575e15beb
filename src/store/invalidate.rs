//! Invalidate: the active code ends, and its mentor has none.
//!
//! The slot keeps the code, as an ended one. Deleting the slot would let a delayed create of an already answered call
//! succeed: a slot that is not there looks the same as before the mentor's first code.

use super::change::Change;
use super::dynamodb::Outcome;
use super::new_code::{By, too_many_rounds};
use super::session::Session;
use super::transaction_writes::{self, ENDED_IN_SLOT, ENDED_RECORD};
use super::{NotActive, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{CodeId, ReferralCode, State, Status};

/// Why a code cannot be invalidated.
#[derive(Debug, thiserror::Error)]
pub enum InvalidateError {
    /// No code in the caller's sight has this id.
    #[error("no such code")]
    NotFound,
    /// It has ended in another way.
    #[error(transparent)]
    NotActive(NotActive),
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The code as it is invalidated.
pub(super) async fn invalidate(session: &Session<'_>, id: &CodeId) -> Result<(ReferralCode, By), InvalidateError> {
    let now = session.now;
    let mut code = session.record(id).await?.ok_or(InvalidateError::NotFound)?;
    for _ in 0..MAX_ROUNDS {
        let status = code.status(now);
        if status == Status::Invalidated {
            return Ok((code.into_inner(), By::Earlier));
        }
        if status != Status::Active {
            let slot = session.slot_in_sight(&code.mentor_id).await?;
            // The code has expired, and has been replaced since its record was read. Its status and the active code are
            // those of one moment.
            if code.state == State::Active && slot.as_ref().is_some_and(|slot| slot.held.id != code.id) {
                code = session.record(id).await?.ok_or(InvalidateError::NotFound)?;
                continue;
            }
            let not_active = NotActive::new(session, status, slot.as_ref());
            // The mentor may have been forgotten since the record was read, and be back: as somebody new, whose code a
            // forgotten one does not tell.
            if not_active.active_id.is_some() && !slot.is_some_and(|slot| slot.names(id)) {
                let again = session.record(id).await?.ok_or(InvalidateError::NotFound)?;
                if again.mentor_id != code.mentor_id {
                    code = again;
                    continue;
                }
            }
            return Err(InvalidateError::NotActive(not_active));
        }
        // The code may come from a process whose clock is ahead of this one's. No code ends before it was made.
        let at = now.max(code.created_at());
        let invalidated = ReferralCode { state: State::Invalidated { at }, ..ReferralCode::clone(&code) };
        let writes = transaction_writes::of_invalidation(session.writes(), &code, at);
        match Box::pin(session.transact(writes, &Change::of(&invalidated))).await? {
            Outcome::Committed => return Ok((invalidated, By::This)),
            Outcome::ConditionFailed(failed) => {
                if failed.failed_at(ENDED_IN_SLOT) && !failed.failed_at(ENDED_RECORD) {
                    Box::pin(session.confirm_agreement(id, &code.mentor_id)).await?;
                }
                code = match failed.existing_item(ENDED_RECORD) {
                    Some(item) => session.confirm_record(item).await?,
                    None => session.record(id).await?.ok_or(InvalidateError::NotFound)?,
                };
            }
        }
    }
    Err(too_many_rounds(&code.mentor_id).into())
}
