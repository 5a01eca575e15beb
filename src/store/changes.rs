//! What the changes have in common: their writes, their conditions, and our own write met again.
//!
//! The writes of a change stand in a fixed order, and each has a named position. DynamoDB's answer to a failed condition
//! is read by that name.

use super::StoreError;
use super::dynamodb::{ABSENT, FailedConditions, Item, Writes};
use super::item::{self, seconds, string};
use super::key::Key;
use super::session::{CHANGED_RECORD, Confirmed, Session};
use super::slot::Slot;
use crate::limits::MAX_ROUNDS;
use crate::model::{MentorId, ReferralCode, Status};

/// Position of the new record among the writes of a new code.
pub(super) const NEW_RECORD: usize = CHANGED_RECORD;
/// Position of the claim on the code string.
pub(super) const NEW_CLAIM: usize = 1;
/// Position of the mentor's slot.
pub(super) const SLOT: usize = 2;
/// Position of the record that the new code takes the place of, if there is one.
const REPLACED_RECORD: usize = 3;

/// The slot holds the code that the change starts from, and that code has not ended.
pub(super) const HOLDS_ACTIVE: &str = "held.id = :from AND held.#status = :active";
/// The record has not ended.
pub(super) const STILL_ACTIVE: &str = "#status = :active";

const END_AS_REPLACED: &str =
    "SET #status = :status, ended_at = :now, successor_id = :successor_id, successor_code = :successor_code";

impl Session<'_> {
    /// The first writes of every new code: its record, its claim on the string, and its mentor's slot, in this order.
    /// `before` is the slot that the change starts from.
    pub(super) fn put_new(&self, code: &ReferralCode, before: Option<&Confirmed<Slot>>) -> Writes {
        let writes = self.writes().put(item::record(code), ABSENT, None).put(item::claim(code), ABSENT, None);
        match before {
            None => writes.put(Slot::first(code.clone()).item(), ABSENT, None),
            Some(before) => {
                let (unchanged, values) = before.unchanged();
                writes.put(before.replaced_by(code.clone()).item(), unchanged, Some(values))
            }
        }
    }

    /// Adds the end of the record that another code takes the place of: as rotated, or as expired.
    pub(super) fn end_as_replaced(
        &self,
        writes: Writes,
        before: &Confirmed<Slot>,
        status: Status,
        successor: &ReferralCode,
    ) -> Writes {
        let values = Item::from([
            (":active".into(), string(Status::Active.as_str())),
            (":status".into(), string(status.as_str())),
            (":now".into(), seconds(self.now)),
            (":successor_id".into(), string(successor.id.as_str())),
            (":successor_code".into(), string(successor.code.as_str())),
        ]);
        let replaced = Key::Record(before.held.id.clone());
        writes.update(replaced.attributes(), END_AS_REPLACED, STILL_ACTIVE, values)
    }

    /// Whether the record that a new code met is that very code: an earlier attempt of this call had succeeded, and its
    /// answer was lost. Then the change is confirmed, too.
    ///
    /// # Errors
    /// When DynamoDB did not return the record and it cannot be read either, or the change stays in flight.
    pub(super) async fn is_our_own(
        &self,
        failed: &FailedConditions,
        written: &ReferralCode,
    ) -> Result<bool, StoreError> {
        if !failed.failed_at(NEW_RECORD) {
            return Ok(false);
        }
        let found = match failed.existing_item(NEW_RECORD) {
            Some(item) => item::known_code(item)?,
            None => self.record(&written.id).await?.map(Confirmed::into_inner),
        };
        // It may have ended since. Nothing else of a code ever changes.
        let is_ours = found.is_some_and(|found| ReferralCode { state: written.state.clone(), ..found } == *written);
        if is_ours {
            self.confirm_creation(written).await?;
        }
        Ok(is_ours)
    }

    /// The slot to start over from after failed conditions.
    pub(super) async fn slot_of_next_round(
        &self,
        failed: &FailedConditions,
        before: Option<Confirmed<Slot>>,
        mentor: &MentorId,
    ) -> Result<Option<Confirmed<Slot>>, StoreError> {
        if failed.failed_at(SLOT) {
            return self.slot_after(failed, SLOT, mentor).await;
        }
        if failed.failed_at(NEW_RECORD) || failed.failed_at(NEW_CLAIM) {
            // Only the new id or code string was taken: the slot is still the same.
            return Ok(before);
        }
        // Only the condition of the replaced record failed: another caller has ended it since the slot was read. That change
        // may be in flight, with the slot not visible yet. So it is confirmed before the slot is read again.
        if let Some(replaced) = failed.existing_item(REPLACED_RECORD) {
            Box::pin(self.confirm_record(replaced)).await?;
        }
        let slot = self.slot(mentor).await?;
        if let Some(before) = before.filter(|before| slot.as_ref() == Some(before)) {
            Box::pin(self.check(&before.held.id, mentor)).await?;
        }
        Ok(slot)
    }
}

/// The failure of an operation that started over [`MAX_ROUNDS`] times.
pub(super) fn too_many_rounds(mentor: &MentorId) -> StoreError {
    StoreError::Fault(format!("no progress in {MAX_ROUNDS} rounds with the mentor {mentor}"))
}
