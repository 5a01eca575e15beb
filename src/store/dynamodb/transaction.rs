//! A transaction, and what became of it.
//!
//! DynamoDB gives the reasons of a cancellation in the order of the transaction's writes. So each write has a named
//! position, and [`FailedConditions`] is asked by that name.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem, Update,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use ulid::Ulid;

use super::retry::{Meaning, meaning};
use super::{ABSENT, Item, StoreError, Table};
use crate::limits::MAX_SIGNING_AGE;
use crate::model::CallContext;

#[derive(Debug)]
pub(crate) enum Outcome {
    /// All of its writes are done, now or by an earlier attempt with the same client request token.
    Committed,
    /// None of its writes is done, because at least one condition did not hold.
    ConditionFailed(FailedConditions),
}

/// Which conditions did not hold, and which items the table had in their place.
#[derive(Debug)]
pub(crate) struct FailedConditions(Vec<CancellationReason>);

impl FailedConditions {
    /// Whether the condition of the write at this position failed.
    pub(crate) fn failed_at(&self, position: usize) -> bool {
        self.meaning_at(position) == Some(Meaning::ConditionFailed)
    }

    /// Whether the condition of the write at this position was not looked at: the item is part of a transaction in flight,
    /// or DynamoDB throttles.
    pub(crate) fn is_undecided_at(&self, position: usize) -> bool {
        matches!(self.meaning_at(position), Some(Meaning::InFlight | Meaning::Throttled))
    }

    fn meaning_at(&self, position: usize) -> Option<Meaning> {
        self.0.get(position).and_then(CancellationReason::code).and_then(meaning)
    }

    /// The item for which the condition at this position failed, if the table returned it.
    pub(crate) fn existing_item(&self, position: usize) -> Option<&Item> {
        self.0.get(position).and_then(CancellationReason::item).filter(|item| !item.is_empty())
    }
}

/// The writes of a transaction to one table, in their order.
pub(crate) struct Writes {
    pub(super) table: String,
    pub(super) items: Vec<TransactWriteItem>,
}

impl Writes {
    /// Adds a write of a new item: none may have its key.
    pub(crate) fn put(mut self, item: Item) -> Self {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(ABSENT)
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .build()
            .expect("a put has a table and an item");
        self.items.push(TransactWriteItem::builder().put(put).build());
        self
    }

    /// Adds a change of one item, under a condition. In both expressions `#status` stands for the attribute `status`,
    /// whose name is reserved. DynamoDB refuses a name that neither has.
    pub(crate) fn update(mut self, key: Item, change: &str, condition: &str, values: Item) -> Self {
        let names = [change, condition].iter().any(|expression| expression.contains("#status"));
        let names = names.then(|| HashMap::from([("#status".to_owned(), "status".to_owned())]));
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key))
            .update_expression(change)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .build()
            .expect("an update has a table, a key and an expression");
        self.items.push(TransactWriteItem::builder().update(update).build());
        self
    }
}

/// A transaction to be sent, once or several times: its client request token makes all attempts one transaction.
pub(crate) struct Transaction<'a> {
    table: &'a Table,
    items: Vec<TransactWriteItem>,
    token: String,
    attempts: Attempts,
}

/// How often a transaction gets a fresh client request token, if DynamoDB says that its token belongs to another one.
const FRESH_TOKENS: usize = 3;

impl Table {
    pub(crate) fn writes(&self) -> Writes {
        Writes { table: self.name.clone(), items: Vec::new() }
    }

    pub(crate) fn transaction(&self, writes: Writes, cx: &CallContext) -> Transaction<'_> {
        let attempts = Attempts { body: Arc::default(), cx: cx.clone() };
        Transaction { table: self, items: writes.items, token: new_token(), attempts }
    }
}

/// 128 random bits of the system. Two processes that start alike must not draw the same: DynamoDB would refuse one of the
/// transactions. No history depends on the bits, so they need not follow from a test's seed.
fn new_token() -> String {
    let [high, low] = [(); 2].map(|()| Ulid::generate().random());
    format!("{:032x}", high << 48 ^ low)
}

impl Transaction<'_> {
    /// Sends the transaction, up to as often as the SDK retries a request.
    ///
    /// # Errors
    /// [`StoreError::Contended`] if it met another transaction, itself in flight, or throttling: it may be sent again.
    /// Otherwise when the outcome stays unknown, or the table rejects the transaction.
    pub(crate) async fn send(&mut self) -> Result<Outcome, StoreError> {
        for _ in 0..=FRESH_TOKENS {
            let request = self.table.client.transact_write_items().set_transact_items(Some(self.items.clone()));
            let request = request.client_request_token(&self.token);
            let request = request.customize().interceptor(self.attempts.clone());
            let Err(error) = Box::pin(request.send()).await else {
                return Ok(Outcome::Committed);
            };
            match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let reasons = cancelled.cancellation_reasons();
                    let mut codes = reasons.iter().filter_map(CancellationReason::code);
                    if codes.any(|code| meaning(code) == Some(Meaning::ConditionFailed)) {
                        return Ok(Outcome::ConditionFailed(FailedConditions(reasons.to_vec())));
                    }
                    return Err(cancelled_error(reasons));
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                    return Err(StoreError::Contended("an earlier attempt at the transaction is in flight".to_owned()));
                }
                // Another transaction of the last ten minutes had our token. Only a chance of 2⁻¹²⁸ or a fault of the
                // network explains that. A fresh token is safe: the conditions alone keep the guarantee, and the session
                // tells an attempt under the old token from another caller's change.
                Some(TransactWriteItemsError::IdempotentParameterMismatchException(_)) => {
                    self.token = new_token();
                    self.attempts.body = Arc::default();
                }
                Some(other) if other.code().and_then(meaning) == Some(Meaning::Throttled) => {
                    return Err(StoreError::Contended("DynamoDB throttles the transaction".to_owned()));
                }
                _ if self.attempts.cx.age() > MAX_SIGNING_AGE => {
                    let age = self.attempts.cx.age().as_secs();
                    return Err(StoreError::Unavailable(format!(
                        "the process was suspended: the call has read the clock {age} s ago, and writes no more"
                    )));
                }
                _ => return Err(error.into()),
            }
        }
        Err(StoreError::Unavailable("DynamoDB takes the transaction for others with the same tokens".to_owned()))
    }
}

/// The error of a transaction that was cancelled without a failed condition: for conflicts and throttling alone, or not.
pub(super) fn cancelled_error(reasons: &[CancellationReason]) -> StoreError {
    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
    let message = format!("the transaction was cancelled: {}", codes.join(", "));
    let passes = |code: &&str| matches!(meaning(code), Some(Meaning::InFlight | Meaning::Throttled));
    if codes.iter().any(passes) && codes.iter().all(|code| *code == "None" || passes(code)) {
        StoreError::Contended(message)
    } else {
        StoreError::Fault(message)
    }
}

/// What all attempts at a transaction have in common.
///
/// * **The bytes of the first.** DynamoDB takes an attempt for a repetition only if all its parameters are the same
///   ([`IdempotentParameterMismatchException`]). The SDK writes an item in the order of a hash map, which is open; so an
///   item that was cloned may be written otherwise.
/// * **The time of the call.** None is signed long after the clock reading that the transaction carries, as in a process
///   that was suspended. The age at which a change counts as complete rests on that.
///
/// [`IdempotentParameterMismatchException`]: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
#[derive(Clone, Debug)]
struct Attempts {
    body: Arc<OnceLock<Vec<u8>>>,
    cx: CallContext,
}

#[dyn_dispatch_hint]
impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "attempts at one transaction"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request_mut().body_mut();
        let first = self.body.get_or_init(|| body.bytes().unwrap_or_default().to_vec());
        *body = SdkBody::from(first.clone());
        Ok(())
    }

    fn modify_before_signing(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.cx.age() > MAX_SIGNING_AGE { Err("the call is too old to sign a transaction".into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellations_are_contention_unless_a_condition_failed() {
        let is_contention = |codes: &[&str]| {
            let reasons: Vec<_> = codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect();
            matches!(cancelled_error(&reasons), StoreError::Contended(_))
        };
        assert!(is_contention(&["None", "TransactionConflict"]));
        assert!(is_contention(&["ThrottlingError", "TransactionConflict"]));
        for other in [&["ConditionalCheckFailed", "TransactionConflict"][..], &["None", "ValidationError"], &["None"]] {
            assert!(!is_contention(other), "{other:?}");
        }
    }
}
