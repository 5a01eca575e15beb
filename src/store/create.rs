//! Get or create: the mentor's active code, made if there is none.
//!
//! One read where there is a code; a read and a transaction where there is none. The transaction takes the place of the
//! mentor's last code, if there was one, and names it in its condition. Of an expired one the record is ended too, in a
//! fourth write: were it left as `active`, a process whose clock runs behind would still take it for active beside its
//! replacement.

use super::item::string;
use super::key::Key;
use super::transaction::{NEW_CLAIM, NEW_RECORD, Outcome, SLOT, STILL_ACTIVE, still_active};
use super::{CREATES_PER_MAINTENANCE, Store, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{
    CallContext, Campaign, CodeCandidate, CodeId, Label, MentorId, OrgId, ReferralCode, State, Timestamp,
};

/// What a caller asks for.
#[derive(Clone, Debug)]
pub struct GetOrCreate {
    /// Whose code.
    pub mentor_id: MentorId,
    /// For which organisation.
    pub org_id: OrgId,
    /// The label, should a code be made.
    pub label: Label,
    /// The campaign, should a code be made.
    pub campaign: Campaign,
    /// When a code that is made expires.
    pub expires_at: Option<Timestamp>,
}

/// What the caller gets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GetOrCreated {
    /// The code there was.
    Existing(ReferralCode),
    /// The code this call has made.
    Created(ReferralCode),
}

/// Why the caller gets none.
#[derive(Debug, thiserror::Error)]
pub enum GetOrCreateError {
    /// The mentor's active code is for another organisation.
    #[error("the mentor has the active code {active_id} in another organisation")]
    MentorInOtherOrg {
        /// That code.
        active_id: CodeId,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const END_AS_EXPIRED: &str = "SET #status = :expired";

impl Store {
    /// The mentor's active code, made if there is none or the last one has expired.
    ///
    /// # Errors
    /// When the active code is for another organisation, or the table fails.
    pub async fn get_or_create(
        &self,
        asked: &GetOrCreate,
        cx: &CallContext<'_>,
    ) -> Result<GetOrCreated, GetOrCreateError> {
        let now = cx.now();
        // Most calls end here, before a name is thought of.
        let mut slot = match self.slot(&asked.mentor_id).await? {
            Some(code) if code.is_active(now) => return existing(code, asked),
            other => other,
        };
        let mut candidate = CodeCandidate::new(cx.new_ulid());
        for _ in 0..MAX_ROUNDS {
            let last = match slot {
                Some(code) if code.is_active(now) => return existing(code, asked),
                other => other,
            };
            if let Some(last) = &last {
                candidate = candidate.avoiding(&last.id, cx);
            }
            let code = asked.code(&candidate);
            let mut writes = self.put_new(&code, last.as_ref());
            if let Some(expired) = last.as_ref().filter(|last| last.state == State::Active) {
                let mut values = still_active(expired);
                values.insert(":expired".into(), string("expired"));
                let key = Key::Record(expired.id.clone());
                writes.push(self.update(&key, END_AS_EXPIRED, STILL_ACTIVE, values));
            }
            let Outcome::ConditionFailed(failed) = self.transact(writes).await? else {
                if code.ulid.random().is_multiple_of(CREATES_PER_MAINTENANCE) {
                    self.maintain_page_index(&code, now).await;
                }
                return Ok(GetOrCreated::Created(code));
            };
            if self.is_our_own(&failed, NEW_RECORD, &code).await? {
                return Ok(GetOrCreated::Created(code));
            }
            let (id_taken, code_taken) = (failed.failed_at(NEW_RECORD), failed.failed_at(NEW_CLAIM));
            slot = match (failed.failed_at(SLOT), id_taken || code_taken) {
                (true, _) => self.slot_after(&failed, SLOT, &asked.mentor_id).await?,
                (false, true) => last,
                // Only the expired code's record was refused: it has been invalidated since we looked, and the slot's copy
                // with it, which still has the id that the slot's condition asks for.
                (false, false) => self.slot(&asked.mentor_id).await?,
            };
            candidate = candidate.after_collision(id_taken, code_taken, cx);
        }
        Err(StoreError::too_many_rounds().into())
    }
}

fn existing(code: ReferralCode, asked: &GetOrCreate) -> Result<GetOrCreated, GetOrCreateError> {
    if code.org_id == asked.org_id {
        Ok(GetOrCreated::Existing(code))
    } else {
        Err(GetOrCreateError::MentorInOtherOrg { active_id: code.id })
    }
}

impl GetOrCreate {
    fn code(&self, candidate: &CodeCandidate) -> ReferralCode {
        ReferralCode {
            ulid: candidate.ulid(),
            id: candidate.id(),
            mentor_id: self.mentor_id.clone(),
            org_id: self.org_id.clone(),
            code: candidate.code(&self.label, &self.campaign),
            expires_at: self.expires_at,
            predecessor: None,
            state: State::Active,
        }
    }
}
