//! Rotate: a new code takes the place of the active one. Only the string changes: label, organisation and `expires_at`
//! stay.
//!
//! The slot is read first, because one read of it tells the three cases apart. It holds the code to be rotated: go on. It
//! holds that code's successor: an earlier call, perhaps of the same client, has done it, and its result is the answer. It
//! holds another code: only then is the record read, to say why there is no rotation.

use super::change::Change;
use super::changes::{NEW_CLAIM, NEW_RECORD, too_many_rounds};
use super::dynamodb::Outcome;
use super::session::{Confirmed, Session};
use super::slot::Slot;
use super::{Store, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{CallContext, Campaign, CodeCandidate, CodeId, MentorId, Origin, ReferralCode, State, Status};

/// What a caller asks for.
#[derive(Clone, Debug)]
pub struct Rotate {
    /// The code to replace. It names the state that the change starts from, so the request can be repeated.
    pub id: CodeId,
    /// The mentor who asks. The code must be theirs.
    pub mentor_id: MentorId,
    /// The campaign of the new code.
    pub campaign: Campaign,
}

/// The successor of the code, and how it came to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rotated {
    /// This call has made it.
    Now(ReferralCode),
    /// It was there when the call came.
    Before(ReferralCode),
    /// Another caller has made it while this call was about to.
    LostRace(ReferralCode),
}

/// Why there is no successor to answer with.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// No code in the caller's sight has this id.
    #[error("no such code")]
    NotFound,
    /// The code belongs to another mentor.
    #[error("the code belongs to another mentor")]
    MentorMismatch,
    /// The code has ended, and not by a rotation to what is active now.
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

impl Store {
    /// Replaces the active code by a new one and returns that. Repeated, it returns the same one, as long as that is active.
    ///
    /// # Errors
    /// When there is no such code, it belongs to another mentor, it has ended in another way, or the table fails.
    pub(super) async fn rotate(&self, request: &Rotate, cx: &CallContext<'_>) -> Result<Rotated, RotateError> {
        self.session(cx).rotate(request).await
    }
}

impl Session<'_> {
    async fn rotate(&self, request: &Rotate) -> Result<Rotated, RotateError> {
        let mut candidate = CodeCandidate::new(self.cx.new_ulid());
        let mut slot = self.slot_in_sight(&request.mentor_id).await?;
        let mut was_refused = false;
        for _ in 0..MAX_ROUNDS {
            let before = match slot {
                Some(slot) if slot.held.id == request.id && slot.held.is_active(self.now) => slot,
                Some(slot) if is_successor(&slot.held, &request.id) && slot.held.is_active(self.now) => {
                    let successor = slot.into_inner().held;
                    return Ok(if was_refused { Rotated::LostRace(successor) } else { Rotated::Before(successor) });
                }
                other => {
                    if let Some(error) = self.why_not(request, other.as_ref()).await? {
                        return Err(error);
                    }
                    slot = self.slot_in_sight(&request.mentor_id).await?;
                    if slot == other {
                        Box::pin(self.check(&request.id, &request.mentor_id)).await?;
                    }
                    continue;
                }
            };
            candidate = candidate.avoiding(&before.held.id, self.cx);
            self.put_page_of_full_slot(&before).await?;
            let successor = request.successor(&before.held, &candidate);
            let writes = self.put_new(&successor, Some(&before));
            let writes = self.end_as_replaced(writes, &before, Status::Rotated, &successor);
            let Outcome::ConditionFailed(failed) =
                Box::pin(self.transact(writes, &Change::creation(&successor))).await?
            else {
                return Ok(Rotated::Now(successor));
            };
            if self.is_our_own(&failed, &successor).await? {
                return Ok(Rotated::Now(successor));
            }
            was_refused = true;
            slot = self.slot_of_next_round(&failed, Some(before), &request.mentor_id).await?;
            candidate = candidate.after_collision(failed.failed_at(NEW_RECORD), failed.failed_at(NEW_CLAIM), self.cx);
        }
        Err(too_many_rounds(&request.mentor_id).into())
    }

    /// Why the slot, which holds neither the code nor its successor, leaves nothing to do. None if the code's record is
    /// still active: another caller's change came between the two reads, and the slot must be read again.
    async fn why_not(
        &self,
        request: &Rotate,
        slot: Option<&Confirmed<Slot>>,
    ) -> Result<Option<RotateError>, StoreError> {
        let Some(record) = self.record(&request.id).await? else { return Ok(Some(RotateError::NotFound)) };
        if record.mentor_id != request.mentor_id {
            return Ok(Some(RotateError::MentorMismatch));
        }
        let status = record.status(self.now);
        if status == Status::Active {
            return Ok(None);
        }
        let active = slot.map(|slot| &slot.held).filter(|held| held.is_active(self.now) && self.sees(held));
        Ok(Some(RotateError::NotActive { status, active_id: active.map(|active| active.id.clone()) }))
    }
}

fn is_successor(code: &ReferralCode, id: &CodeId) -> bool {
    code.rotated_from().is_some_and(|predecessor| predecessor.id == *id)
}

impl Rotate {
    fn successor(&self, old: &ReferralCode, candidate: &CodeCandidate) -> ReferralCode {
        ReferralCode {
            ulid: candidate.ulid(),
            id: candidate.id(),
            mentor_id: old.mentor_id.clone(),
            org_id: old.org_id.clone(),
            code: candidate.code(&old.code.label(), &self.campaign),
            expires_at: old.expires_at,
            origin: Origin::Rotation(old.code_ref()),
            state: State::Active,
        }
    }
}
