//! Rotate: a new code takes the place of the active one. Only the string changes: label, organisation and `expires_at`
//! stay.
//!
//! The slot is read first, because one read of it tells the three cases apart. It holds the code to be rotated: go on. It
//! holds that code's successor: an earlier call, perhaps of the same client, has done it, and its result is the answer. It
//! holds another code: only then is the record read, to say why there is no rotation.

use super::new_code::{self, By, Declined, too_many_rounds};
use super::organisation::OpenOrganisations;
use super::session::{Confirmed, Session};
use super::slot::Slot;
use super::{NotActive, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{Campaign, CodeCandidate, CodeId, MentorId, Origin, ReferralCode, State, Status};

#[derive(Clone, Debug)]
pub struct Rotate {
    /// The code to replace. It names the state that the change starts from, so the request can be repeated.
    pub id: CodeId,
    /// The mentor who asks. The code must be theirs.
    pub mentor_id: MentorId,
    pub campaign: Campaign,
}

/// Why there is no successor to answer with.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    #[error("no code in the caller's sight has this id")]
    NotFound,
    #[error("the code belongs to another mentor")]
    MentorMismatch,
    /// The code has ended, and not by a rotation to what is active now.
    #[error(transparent)]
    NotActive(NotActive),
    /// The organisation is closed, so the code gets no successor.
    #[error("the organisation is closed")]
    OrgClosed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The successor of the code.
pub(super) async fn rotate(
    session: &Session<'_>,
    open: &OpenOrganisations,
    request: &Rotate,
) -> Result<(ReferralCode, By), RotateError> {
    let mut candidate = CodeCandidate::new(session.cx.new_ulid());
    let mut slot = session.slot_in_sight(&request.mentor_id).await?;
    let mut by = By::Earlier;
    for _ in 0..MAX_ROUNDS {
        let before = match slot {
            Some(slot) if slot.held.id == request.id && slot.held.is_active(session.now) => slot,
            Some(slot) if is_successor(&slot.held, &request.id) && slot.held.is_active(session.now) => {
                return Ok((slot.into_inner().held, by));
            }
            other => {
                if let Some(error) = why_not(session, request, other.as_ref()).await? {
                    return Err(error);
                }
                slot = session.slot_in_sight(&request.mentor_id).await?;
                if slot == other {
                    Box::pin(session.confirm_agreement(&request.id, &request.mentor_id)).await?;
                }
                continue;
            }
        };
        if !open.contains(session, &before.held.org_id).await? {
            // As in a create.
            slot = session.slot_in_sight(&request.mentor_id).await?;
            if slot.as_ref() == Some(&before) {
                return Err(RotateError::OrgClosed);
            }
            continue;
        }
        candidate = candidate.following(&before.held, &session.cx);
        let successor = request.successor(&before.held, &candidate);
        match new_code::make(session, &successor, candidate, Some(before), None).await? {
            None => return Ok((successor, By::This)),
            Some(next) => Declined { slot, candidate, .. } = next,
        }
        by = By::Other;
    }
    Err(too_many_rounds(&request.mentor_id).into())
}

/// Why the slot, which holds neither the code nor its successor, leaves nothing to do. None if the code's record is still
/// active: another caller's change came between the two reads, and the slot must be read again.
async fn why_not(
    session: &Session<'_>,
    request: &Rotate,
    slot: Option<&Confirmed<Slot>>,
) -> Result<Option<RotateError>, StoreError> {
    let Some(record) = session.record(&request.id).await? else { return Ok(Some(RotateError::NotFound)) };
    if record.mentor_id != request.mentor_id {
        return Ok(Some(RotateError::MentorMismatch));
    }
    Ok(match record.status(session.now) {
        Status::Active => None,
        ended => Some(RotateError::NotActive(NotActive::new(session, ended, slot))),
    })
}

fn is_successor(code: &ReferralCode, id: &CodeId) -> bool {
    code.rotated_from().is_some_and(|predecessor| predecessor.id == *id)
}

impl Rotate {
    fn successor(&self, old: &ReferralCode, candidate: &CodeCandidate) -> ReferralCode {
        ReferralCode {
            ulid: candidate.ulid(),
            id: candidate.id(),
            code: candidate.code(&old.code.label(), &self.campaign),
            origin: Origin::Rotation(old.code_ref()),
            state: State::Active,
            ..old.clone()
        }
    }
}
