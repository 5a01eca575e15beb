//! What the changes have in common: their writes, their conditions, and our own write met again.
//!
//! The writes of a change stand in a fixed order, and each has a named position. DynamoDB's answer to a failed condition
//! is read by that name.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::dynamodb::{ABSENT, FailedConditions, Item};
use super::item::{self, seconds, string};
use super::key::Key;
use super::slot::Slot;
use super::{Store, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{ReferralCode, Status, Timestamp};

/// Position of the new record among the writes of a new code.
pub(super) const NEW_RECORD: usize = 0;
/// Position of the claim on the code string.
pub(super) const NEW_CLAIM: usize = 1;
/// Position of the mentor's slot.
pub(super) const SLOT: usize = 2;

/// The slot holds the code that the change starts from, and that code has not ended.
pub(super) const HOLDS_ACTIVE: &str = "held.id = :from AND held.#status = :active";
/// The record has not ended.
pub(super) const STILL_ACTIVE: &str = "#status = :active";

const END_AS_REPLACED: &str =
    "SET #status = :status, ended_at = :now, successor_id = :successor_id, successor_code = :successor_code";

impl Store {
    /// The first writes of every new code: its record, its claim on the string, and its mentor's slot, in this order.
    /// `before` is the slot that the change starts from.
    pub(super) fn put_new(&self, code: &ReferralCode, before: Option<&Slot>) -> Vec<TransactWriteItem> {
        let slot = match before {
            None => self.table.put(Slot::first(code.clone()).item(), ABSENT, None),
            Some(before) => {
                let (unchanged, values) = before.unchanged();
                self.table.put(before.replaced_by(code.clone()).item(), unchanged, Some(values))
            }
        };
        vec![self.table.put(item::record(code), ABSENT, None), self.table.put(item::claim(code), ABSENT, None), slot]
    }

    /// The end of a record that another code takes the place of: as rotated, or as expired.
    pub(super) fn end_as_replaced(
        &self,
        old: &ReferralCode,
        status: Status,
        successor: &ReferralCode,
        now: Timestamp,
    ) -> TransactWriteItem {
        let values = Item::from([
            (":active".into(), string(Status::Active.as_str())),
            (":status".into(), string(status.as_str())),
            (":now".into(), seconds(now)),
            (":successor_id".into(), string(successor.id.as_str())),
            (":successor_code".into(), string(successor.code.as_str())),
        ]);
        self.table.update(Key::Record(old.id.clone()).attributes(), END_AS_REPLACED, STILL_ACTIVE, values)
    }

    /// What the slot holds, after its condition failed: from DynamoDB's answer, else read again.
    pub(super) async fn slot_after(
        &self,
        failed: &FailedConditions,
        before: &crate::model::MentorId,
    ) -> Result<Option<Slot>, StoreError> {
        match failed.existing_item(SLOT) {
            Some(item) => Ok(Some(Slot::parse(item)?)),
            None => self.slot(before).await,
        }
    }

    /// Whether the record that a new code met is that very code: an earlier attempt of ours had succeeded, and its answer
    /// was lost.
    ///
    /// # Errors
    /// When DynamoDB did not return the record and it cannot be read either.
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
            None => self.get(&written.id).await?,
        };
        // It may have ended since. Nothing else of a code ever changes.
        Ok(found.is_some_and(|found| ReferralCode { state: written.state.clone(), ..found } == *written))
    }
}

/// The failure of an operation that started over [`MAX_ROUNDS`] times.
pub(super) fn too_many_rounds(mentor: &crate::model::MentorId) -> StoreError {
    StoreError::Fault(format!(
        "no progress in {MAX_ROUNDS} rounds: a record of {mentor} contradicts the slot of {mentor}"
    ))
}
