//! Get or create: the mentor's active code, made if there is none.
//!
//! One read if there is a code; a read and a transaction if there is none. The transaction replaces what the slot holds
//! and names it in its condition. If that code has expired, a fourth write ends its record. Otherwise a process with a
//! slow clock would still take the expired code for active, beside the new one.

use super::change::Change;
use super::changes::{NEW_CLAIM, NEW_RECORD, too_many_rounds};
use super::dynamodb::Outcome;
use super::session::{Confirmed, Session};
use super::slot::Slot;
use super::{Store, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{
    CallContext, Campaign, CodeCandidate, CodeId, Label, MentorId, OrgId, Origin, ReferralCode, State, Status,
    Timestamp,
};

/// What a caller asks for.
#[derive(Clone, Debug)]
pub struct GetOrCreate {
    /// Whose code.
    pub mentor_id: MentorId,
    /// For which organisation.
    pub org_id: OrgId,
    /// The label of a new code.
    pub label: Label,
    /// The campaign of a new code.
    pub campaign: Campaign,
    /// When a new code expires.
    pub expires_at: Option<Timestamp>,
}

/// What the caller gets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GetOrCreated {
    /// The code that there was.
    Existing(ReferralCode),
    /// The code that another caller has made while this call was about to make one.
    LostRace(ReferralCode),
    /// The code that this call has made.
    Created(ReferralCode),
}

/// Why the caller gets no code.
#[derive(Debug, thiserror::Error)]
pub enum GetOrCreateError {
    /// The mentor's active code is for another organisation.
    #[error("the mentor has an active code in another organisation")]
    MentorInOtherOrg {
        /// That code, if it is in the caller's sight.
        active_id: Option<CodeId>,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// The mentor's active code, made if there is none or the last one has expired.
    ///
    /// # Errors
    /// When the active code is for another organisation, or the table fails.
    pub(super) async fn get_or_create(
        &self,
        request: &GetOrCreate,
        cx: &CallContext<'_>,
    ) -> Result<GetOrCreated, GetOrCreateError> {
        self.session(cx).get_or_create(request).await
    }
}

impl Session<'_> {
    async fn get_or_create(&self, request: &GetOrCreate) -> Result<GetOrCreated, GetOrCreateError> {
        let is_active = |slot: &Confirmed<Slot>| slot.held.is_active(self.now);
        // Fast path: an active code exists, so no id is generated.
        let mut slot = match self.slot(&request.mentor_id).await? {
            Some(slot) if is_active(&slot) => return Ok(GetOrCreated::Existing(self.usable(slot, request)?)),
            other => other,
        };
        let mut candidate = CodeCandidate::new(self.cx.new_ulid());
        for _ in 0..MAX_ROUNDS {
            let before = match slot {
                Some(slot) if is_active(&slot) => return Ok(GetOrCreated::LostRace(self.usable(slot, request)?)),
                other => other,
            };
            if let Some(before) = &before {
                candidate = candidate.avoiding(&before.held.id, self.cx);
                self.put_page_of_full_slot(before).await?;
            }
            let expired = before.as_ref().filter(|before| before.held.state == State::Active);
            let code = request.new_code(&candidate, expired.map(|expired| &expired.held));
            let mut writes = self.put_new(&code, before.as_ref());
            if let Some(expired) = expired {
                writes = self.end_as_replaced(writes, expired, Status::Expired, &code);
            }
            let Outcome::ConditionFailed(failed) = Box::pin(self.transact(writes, &Change::creation(&code))).await?
            else {
                return Ok(GetOrCreated::Created(code));
            };
            if self.is_our_own(&failed, &code).await? {
                return Ok(GetOrCreated::Created(code));
            }
            slot = self.slot_of_next_round(&failed, before, &request.mentor_id).await?;
            candidate = candidate.after_collision(failed.failed_at(NEW_RECORD), failed.failed_at(NEW_CLAIM), self.cx);
        }
        Err(too_many_rounds(&request.mentor_id).into())
    }

    /// The active code in a slot, if it is for the organisation that is asked for.
    fn usable(&self, slot: Confirmed<Slot>, request: &GetOrCreate) -> Result<ReferralCode, GetOrCreateError> {
        let code = slot.into_inner().held;
        if code.org_id == request.org_id {
            return Ok(code);
        }
        let active_id = Some(code).filter(|code| self.sees(code)).map(|code| code.id);
        Err(GetOrCreateError::MentorInOtherOrg { active_id })
    }
}

impl GetOrCreate {
    fn new_code(&self, candidate: &CodeCandidate, expired: Option<&ReferralCode>) -> ReferralCode {
        ReferralCode {
            ulid: candidate.ulid(),
            id: candidate.id(),
            mentor_id: self.mentor_id.clone(),
            org_id: self.org_id.clone(),
            code: candidate.code(&self.label, &self.campaign),
            expires_at: self.expires_at,
            origin: expired.map_or(Origin::New, |expired| Origin::Expiry(expired.code_ref())),
            state: State::Active,
        }
    }
}
