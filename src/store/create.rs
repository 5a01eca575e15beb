//! Get or create: the mentor's active code, made if there is none.
//!
//! One read if there is a code; a read and a transaction if there is none. The transaction replaces what the slot holds
//! and names it in its condition. If that code has expired, a fourth write ends its record. Otherwise a process with a
//! slow clock would still take the expired code for active, beside the new one.

use super::StoreError;
use super::new_code::{self, By, Declined, too_many_rounds};
use super::organisation::OpenOrganisations;
use super::session::{Confirmed, Session};
use super::slot::Slot;
use crate::limits::MAX_ROUNDS;
use crate::model::{
    Campaign, CodeCandidate, CodeId, Label, MentorId, OrgId, Origin, OutOfSight, ReferralCode, State, Timestamp,
};

#[derive(Clone, Debug)]
pub struct GetOrCreate {
    pub mentor_id: MentorId,
    pub org_id: OrgId,
    pub label: Label,
    pub campaign: Campaign,
    pub expires_at: Option<Timestamp>,
}

/// Why the caller gets no code.
#[derive(Debug, thiserror::Error)]
pub enum GetOrCreateError {
    #[error(transparent)]
    OutOfSight(#[from] OutOfSight),
    /// With that code, if it is in the caller's sight.
    #[error("the mentor has an active code in another organisation")]
    MentorInOtherOrg { active_id: Option<CodeId> },
    /// A code would have been made, and the organisation is closed.
    #[error("the organisation is closed")]
    OrgClosed,
    #[error("the new code would have expired already")]
    Expired,
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(super) async fn get_or_create(
    session: &Session<'_>,
    open: &OpenOrganisations,
    request: &GetOrCreate,
) -> Result<(ReferralCode, By), GetOrCreateError> {
    session.cx.sight().check(Some(&request.org_id), Some(&request.mentor_id))?;
    let is_active = |slot: &Confirmed<Slot>| slot.held.is_active(session.now);
    // Fast path: an active code exists, so no id is generated.
    let (found, mut place) = session.slot_or_place(&request.mentor_id).await?;
    let mut slot = match found {
        Some(slot) if is_active(&slot) => return Ok((usable(session, slot, request)?, By::Earlier)),
        other => other,
    };
    let mut candidate = CodeCandidate::new(session.cx.new_ulid());
    for _ in 0..MAX_ROUNDS {
        let before = match slot {
            Some(slot) if is_active(&slot) => return Ok((usable(session, slot, request)?, By::Other)),
            other => other,
        };
        if !open.contains(session, &request.org_id).await? {
            // Read again: the organisation may have been open when the slot was read, and a code made since.
            slot = session.slot(&request.mentor_id).await?;
            if slot == before {
                return Err(GetOrCreateError::OrgClosed);
            }
            continue;
        }
        if let Some(before) = &before {
            candidate = candidate.following(&before.held, &session.cx);
        }
        if request.expires_at.is_some_and(|end| end <= candidate.created_at()) {
            return Err(GetOrCreateError::Expired);
        }
        let expired = before.as_ref().map(|before| &before.held).filter(|held| held.state == State::Active);
        let code = request.new_code(&candidate, expired);
        match new_code::make(session, &code, candidate, before, place.as_ref()).await? {
            None => return Ok((code, By::This)),
            Some(next) => {
                let was_forgotten = place.is_none() && next.place.is_some();
                Declined { slot, place, candidate } = next;
                if was_forgotten {
                    // Nothing of the new mentor follows from the codes of before.
                    candidate = CodeCandidate::new(session.cx.new_ulid());
                }
            }
        }
    }
    Err(too_many_rounds(&request.mentor_id).into())
}

/// The active code in a slot, if it is for the organisation that is asked for.
fn usable(
    session: &Session<'_>,
    slot: Confirmed<Slot>,
    request: &GetOrCreate,
) -> Result<ReferralCode, GetOrCreateError> {
    let code = slot.into_inner().held;
    if code.org_id == request.org_id {
        return Ok(code);
    }
    let active_id = Some(code).filter(|code| session.sees(code)).map(|code| code.id);
    Err(GetOrCreateError::MentorInOtherOrg { active_id })
}

impl GetOrCreate {
    fn new_code(&self, candidate: &CodeCandidate, expired: Option<&ReferralCode>) -> ReferralCode {
        ReferralCode {
            ulid: candidate.ulid(),
            id: candidate.id(),
            first_id: candidate.id(),
            mentor_id: self.mentor_id.clone(),
            org_id: self.org_id.clone(),
            code: candidate.code(&self.label, &self.campaign),
            expires_at: self.expires_at,
            origin: expired.map_or(Origin::New, |expired| Origin::Expiry(expired.code_ref())),
            state: State::Active,
        }
    }
}
