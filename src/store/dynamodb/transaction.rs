//! A transaction, and what became of it.
//!
//! DynamoDB gives the reasons of a cancellation in the order of the transaction's writes. So each write has a named
//! position, and [`FailedConditions`] is asked by that name.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem, Update,
};

use super::{Item, StoreError, Table, retry};

/// How a transaction ended.
#[derive(Debug)]
pub(in super::super) enum Outcome {
    /// All of its writes are done, now or by an earlier attempt with the same client request token.
    Committed,
    /// None of its writes is done, because at least one condition did not hold.
    ConditionFailed(FailedConditions),
}

/// Which conditions did not hold, and which items the table had in their place.
#[derive(Debug)]
pub(in super::super) struct FailedConditions(Vec<CancellationReason>);

/// How often a transaction is sent with a fresh client request token, when DynamoDB says that its token belongs to
/// another transaction.
const FRESH_TOKENS: usize = 3;

impl FailedConditions {
    /// Whether the condition of the write at this position failed.
    pub(in super::super) fn failed_at(&self, position: usize) -> bool {
        self.0.get(position).is_some_and(|reason| reason.code() == Some(retry::CONDITION_FAILED))
    }

    /// The item for which the condition at this position failed, if the table returned it.
    pub(in super::super) fn existing_item(&self, position: usize) -> Option<&Item> {
        self.0.get(position).and_then(CancellationReason::item).filter(|item| !item.is_empty())
    }
}

impl Table {
    /// Sends a transaction, with one client request token over all of the SDK's attempts.
    ///
    /// # Errors
    /// When the outcome stays unknown, or the table rejects the transaction.
    pub(in super::super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, StoreError> {
        let mut fresh_tokens = FRESH_TOKENS;
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            let Err(error) = Box::pin(request.send()).await else {
                return Ok(Outcome::Committed);
            };
            match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let reasons = cancelled.cancellation_reasons();
                    if reasons.iter().any(|reason| reason.code() == Some(retry::CONDITION_FAILED)) {
                        return Ok(Outcome::ConditionFailed(FailedConditions(reasons.to_vec())));
                    }
                    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
                    let message = format!("the transaction was cancelled: {}", codes.join(", "));
                    return Err(if retry::is_retryable_cancellation(codes.into_iter()) {
                        StoreError::Unavailable(message)
                    } else {
                        StoreError::Fault(message)
                    });
                }
                // Another transaction of the last ten minutes had our token. Only a chance of 2⁻¹²² or a fault of the
                // network explains that. A fresh token is safe: the conditions alone keep the guarantee.
                Some(TransactWriteItemsError::IdempotentParameterMismatchException(_)) if fresh_tokens > 0 => {
                    fresh_tokens -= 1;
                }
                _ => return Err(error.into()),
            }
        }
    }

    /// A write of a whole item, under a condition.
    pub(in super::super) fn put(&self, item: Item, condition: &str, values: Option<Item>) -> TransactWriteItem {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .build()
            .expect("a put has a table and an item");
        TransactWriteItem::builder().put(put).build()
    }

    /// A change of one item, under a condition. In both expressions `#status` stands for the attribute `status`, whose
    /// name is reserved.
    pub(in super::super) fn update(&self, key: Item, change: &str, condition: &str, values: Item) -> TransactWriteItem {
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key))
            .update_expression(change)
            .condition_expression(condition)
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .build()
            .expect("an update has a table, a key and an expression");
        TransactWriteItem::builder().update(update).build()
    }
}
