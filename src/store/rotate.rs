//! Rotate: the active code gives way to a new one.
//!
//! The slot is read first, because it alone tells all three good cases apart with one read: it holds the code to be
//! rotated (go on); it holds that code's successor (somebody, perhaps we, did it already: answer with it); or neither.
//! Only then is the record read, to say why not.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::item::{seconds, string};
use super::key::Key;
use super::transaction::{NEW_CLAIM, NEW_RECORD, Outcome, SLOT, STILL_ACTIVE, still_active};
use super::{Store, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{
    CallContext, Campaign, CodeCandidate, CodeId, MentorId, Predecessor, ReferralCode, State, Status, Timestamp,
};

/// What a caller asks for.
#[derive(Clone, Debug)]
pub struct Rotate {
    /// The code to be replaced. It names the state the change starts from, which makes the request repeatable.
    pub id: CodeId,
    /// The mentor who asks; the code must be theirs.
    pub mentor_id: MentorId,
    /// The campaign of the new code; its label is the old one's.
    pub campaign: Campaign,
    /// When the new code expires.
    pub expires_at: Option<Timestamp>,
}

/// Why there is no successor to answer with.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// No code has this id.
    #[error("no such code")]
    NotFound,
    /// The code is another mentor's.
    #[error("the code belongs to another mentor")]
    MentorMismatch,
    /// The code has ended, and not by a rotation to what is active now.
    #[error("the code is not active but {}", status.as_str())]
    NotActive {
        /// How it ended.
        status: Status,
        /// The mentor's active code, where there is one.
        active_id: Option<CodeId>,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const END_AS_ROTATED: &str = "SET #status = :rotated, ended_at = :now, successor_id = :successor";

impl Store {
    /// Replaces the active code by a new one and answers with it; repeated, with the same one as long as it is active.
    ///
    /// # Errors
    /// When there is no such code, it is another mentor's, it has ended otherwise, or the table fails.
    pub async fn rotate(&self, asked: &Rotate, cx: &CallContext<'_>) -> Result<ReferralCode, RotateError> {
        let now = cx.now();
        let mut candidate = CodeCandidate::new(cx.new_ulid());
        let mut slot = self.slot(&asked.mentor_id).await?;
        for _ in 0..MAX_ROUNDS {
            let old = match slot {
                Some(code) if code.id == asked.id && code.is_active(now) => code,
                Some(code) if succeeds(&code, &asked.id) && code.is_active(now) => return Ok(code),
                other => {
                    if let Some(error) = self.why_not(asked, other, now).await? {
                        return Err(error);
                    }
                    slot = self.slot(&asked.mentor_id).await?;
                    continue;
                }
            };
            candidate = candidate.avoiding(&old.id, cx);
            let successor = asked.successor(&old, &candidate);
            let mut writes = self.put_new(&successor, Some(&old));
            writes.push(self.end_as_rotated(&old, &successor, now));
            let Outcome::ConditionFailed(failed) = self.transact(writes).await? else {
                return Ok(successor);
            };
            if self.is_our_own(&failed, NEW_RECORD, &successor).await? {
                return Ok(successor);
            }
            let (id_taken, code_taken) = (failed.failed_at(NEW_RECORD), failed.failed_at(NEW_CLAIM));
            slot = match (failed.failed_at(SLOT), id_taken || code_taken) {
                (true, _) => self.slot_after(&failed, SLOT, &asked.mentor_id).await?,
                (false, true) => Some(old),
                (false, false) => self.slot(&asked.mentor_id).await?,
            };
            candidate = candidate.after_collision(id_taken, code_taken, cx);
        }
        Err(StoreError::too_many_rounds().into())
    }

    fn end_as_rotated(&self, old: &ReferralCode, successor: &ReferralCode, now: Timestamp) -> TransactWriteItem {
        let mut values = still_active(old);
        values.insert(":rotated".into(), string("rotated"));
        values.insert(":now".into(), seconds(now));
        values.insert(":successor".into(), string(successor.id.as_str()));
        self.update(&Key::Record(old.id.clone()), END_AS_ROTATED, STILL_ACTIVE, values)
    }

    /// Why a slot that holds neither the code nor its successor leaves nothing to do; none where the record and the
    /// slot were read on two sides of somebody else's change, and the slot must be read again.
    async fn why_not(
        &self,
        asked: &Rotate,
        slot: Option<ReferralCode>,
        now: Timestamp,
    ) -> Result<Option<RotateError>, StoreError> {
        let Some(record) = self.get(&asked.id).await? else { return Ok(Some(RotateError::NotFound)) };
        if record.mentor_id != asked.mentor_id {
            return Ok(Some(RotateError::MentorMismatch));
        }
        let status = record.status(now);
        if status == Status::Active {
            return Ok(None);
        }
        let active_id = slot.filter(|code| code.is_active(now)).map(|code| code.id);
        Ok(Some(RotateError::NotActive { status, active_id }))
    }
}

fn succeeds(code: &ReferralCode, id: &CodeId) -> bool {
    code.predecessor.as_ref().is_some_and(|predecessor| predecessor.id == *id)
}

impl Rotate {
    fn successor(&self, old: &ReferralCode, candidate: &CodeCandidate) -> ReferralCode {
        ReferralCode {
            ulid: candidate.ulid(),
            id: candidate.id(),
            mentor_id: old.mentor_id.clone(),
            org_id: old.org_id.clone(),
            code: candidate.code(&old.code.label(), &self.campaign),
            expires_at: self.expires_at,
            predecessor: Some(Predecessor { id: old.id.clone(), code: old.code.clone() }),
            state: State::Active,
        }
    }
}
