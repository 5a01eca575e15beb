//! Sending a transaction and reading what became of it.
//!
//! The reasons of a cancellation come in the order of the transaction's writes, so each write has a named position and
//! [`FailedConditions`] is asked by that name.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure as OnRefusal, TransactWriteItem, Update,
};

use super::item;
use super::key::{Item, Key};
use super::{Store, StoreError, retry};
use crate::model::ReferralCode;

/// How a transaction ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// All of its writes are done, now or by an earlier attempt with the same token.
    Committed,
    /// None of its writes is done, because at least one condition did not hold.
    ConditionFailed(FailedConditions),
}

/// Which conditions did not hold, and what stands in their place.
#[derive(Debug)]
pub(super) struct FailedConditions(Vec<CancellationReason>);

/// How often a transaction is sent with a fresh token when its token is said to belong to another one.
const FRESH_TOKENS: usize = 3;

impl FailedConditions {
    /// Whether the write at this position was refused.
    pub(super) fn failed_at(&self, position: usize) -> bool {
        self.0.get(position).is_some_and(|reason| reason.code() == Some(retry::REFUSED))
    }

    /// The item that stood in the way of the write at this position, where the table told.
    pub(super) fn existing_item(&self, position: usize) -> Option<&Item> {
        self.0.get(position).and_then(CancellationReason::item).filter(|item| !item.is_empty())
    }
}

impl Store {
    /// Sends a transaction, with one client token over all of the SDK's attempts.
    ///
    /// # Errors
    /// When its outcome cannot be learned, or the table finds fault with it.
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, StoreError> {
        let mut fresh_tokens = FRESH_TOKENS;
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            let Err(error) = Box::pin(request.send()).await else {
                return Ok(Outcome::Committed);
            };
            match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let reasons = cancelled.cancellation_reasons();
                    if reasons.iter().any(|reason| reason.code() == Some(retry::REFUSED)) {
                        return Ok(Outcome::ConditionFailed(FailedConditions(reasons.to_vec())));
                    }
                    let passing = retry::is_retryable_cancellation(reasons);
                    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
                    let told = format!("the transaction was cancelled: {}", codes.join(", "));
                    return Err(if passing { StoreError::Unavailable(told) } else { StoreError::Fault(told) });
                }
                // Our token names another transaction of the last ten minutes, which only a chance of 2⁻¹²² or a
                // fault on the way explains. A fresh token is safe: the conditions alone keep the promise.
                Some(TransactWriteItemsError::IdempotentParameterMismatchException(_)) if fresh_tokens > 0 => {
                    fresh_tokens -= 1;
                }
                _ => return Err(error.into()),
            }
        }
    }

    /// Whether a refused write of a new record met that very record: an earlier attempt of ours had succeeded.
    ///
    /// # Errors
    /// When the table did not bring the record along and it cannot be read either.
    pub(super) async fn is_our_own(
        &self,
        failed: &FailedConditions,
        position: usize,
        written: &ReferralCode,
    ) -> Result<bool, StoreError> {
        if !failed.failed_at(position) {
            return Ok(false);
        }
        let found = match failed.existing_item(position) {
            Some(found) => Some(item::referral_code(found)?),
            None => self.get(&written.id).await?,
        };
        // It may have ended since; all else of a code never changes.
        Ok(found.is_some_and(|found| ReferralCode { state: written.state.clone(), ..found } == *written))
    }

    /// A write of a whole item, under a condition.
    pub(super) fn put(&self, item: Item, condition: &str, values: Option<Item>) -> TransactWriteItem {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(OnRefusal::AllOld)
            .build()
            .expect("a put has a table and an item");
        TransactWriteItem::builder().put(put).build()
    }

    /// A change of one item, under a condition; `#status` stands for the attribute of that (reserved) name.
    pub(super) fn update(&self, key: &Key, change: &str, condition: &str, values: Item) -> TransactWriteItem {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression(change)
            .condition_expression(condition)
            .expression_attribute_names("#status", item::STATUS)
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(OnRefusal::AllOld)
            .build()
            .expect("an update has a table, a key and an expression");
        TransactWriteItem::builder().update(update).build()
    }

    /// The first writes of every new code: its record, its claim on the string, and its mentor's slot, in this order.
    pub(super) fn put_new(&self, code: &ReferralCode, replaced: Option<&ReferralCode>) -> Vec<TransactWriteItem> {
        let slot = match replaced {
            None => self.put(item::slot(code), ABSENT, None),
            Some(replaced) => self.put(item::slot(code), HOLDS, Some(holds(replaced))),
        };
        vec![self.put(item::record(code), ABSENT, None), self.put(item::claim(code), ABSENT, None), slot]
    }
}

/// Position of the new record among the writes of a new code.
pub(super) const NEW_RECORD: usize = 0;
/// Position of the claim on the code string.
pub(super) const NEW_CLAIM: usize = 1;
/// Position of the mentor's slot.
pub(super) const SLOT: usize = 2;

/// Nothing has this key yet.
const ABSENT: &str = "attribute_not_exists(pk)";
/// The slot holds the very code that the change starts from, ended or not.
const HOLDS: &str = "id = :from";
/// The record, or the slot, is the very code that the change starts from, and has not ended.
pub(super) const STILL_ACTIVE: &str = "id = :from AND #status = :active";

/// The value that [`HOLDS`] compares with.
fn holds(from: &ReferralCode) -> Item {
    Item::from([(":from".into(), item::string(from.id.as_str()))])
}

/// The values that [`STILL_ACTIVE`] compares with.
pub(super) fn still_active(from: &ReferralCode) -> Item {
    let mut values = holds(from);
    values.insert(":active".into(), item::string("active"));
    values
}

#[cfg(test)]
mod tests {
    use super::super::key::{PK, SK};
    use super::*;

    /// The expressions are written out, so that they can be read; the names in them are the code's own.
    #[test]
    fn the_conditions_speak_of_the_attributes_there_are() {
        assert_eq!((PK, SK), ("pk", "sk"));
        assert_eq!(ABSENT, format!("attribute_not_exists({PK})"));
        assert_eq!(HOLDS, format!("{} = :from", item::ID));
        assert!(STILL_ACTIVE.starts_with(HOLDS));
    }
}
