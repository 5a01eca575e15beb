//! Which failures the SDK sends again, beyond those it knows by itself.
//!
//! The SDK's standard mode repeats what never arrived, timed out, was throttled, or failed with a 5xx. Three cases
//! of ours are added:
//!
//! * **A cancelled transaction with no refusal in it**, only `TransactionConflict` or throttling. Nothing was decided,
//!   so the same transaction is sent again, with the same client token. A cancellation with a refusal is an answer,
//!   and is never repeated here.
//! * **A success whose body does not parse,** or that has none ([`super::require_body`]). What happened is unknown, and asking
//!   again is safe: a read is a read, and a write carries its token and its conditions.
//! * **An error without an error code.** `DynamoDB` names every error of its own; this one is from somebody on the way.

use std::error::Error as StdError;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::QueryError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_smithy_runtime_api::client::interceptors::context::{Error, InterceptorContext};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// The reason code of a condition that did not hold: an answer, not a failure.
pub(super) const REFUSED: &str = "ConditionalCheckFailed";

/// The reason codes under which DynamoDB cancels a transaction without having looked at its conditions.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const TRANSIENT_REASONS: [&str; 4] =
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"];

/// The error codes that pass by themselves.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const TRANSIENT_ERRORS: [&str; 10] = [
    // Sent again with fresh tokens until here: whether one of the transactions was carried out is unknown.
    "IdempotentParameterMismatchException",
    "InternalServerError",
    "InternalServerErrorException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Whether an answer of this HTTP status and error code is one that waiting may mend. Every error of `DynamoDB`'s own
/// has a code: one without comes from somebody on the way, who knows nothing of our request.
pub(super) fn is_transient(status: u16, code: Option<&str>) -> bool {
    code.is_none_or(|code| TRANSIENT_ERRORS.contains(&code) || status >= 500)
}

/// Whether a cancelled transaction was only in somebody's way.
pub(super) fn is_retryable_cancellation(reasons: &[CancellationReason]) -> bool {
    let codes = || reasons.iter().filter_map(CancellationReason::code);
    codes().any(|code| TRANSIENT_REASONS.contains(&code))
        && codes().all(|code| code == "None" || TRANSIENT_REASONS.contains(&code))
}

fn has_code<E: StdError + ProvideErrorMetadata + Send + Sync + 'static>(error: &Error) -> bool {
    error.downcast_ref::<E>().is_some_and(|error| error.code().is_some())
}

/// The classifier that adds our cases to the SDK's.
#[derive(Debug)]
pub(super) struct ExtraRetries;

impl ClassifyRetry for ExtraRetries {
    fn classify_retry(&self, attempt: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = attempt.output_or_error() else { return RetryAction::NoActionIndicated };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_operation_error().and_then(|error| error.downcast_ref())
        {
            return if is_retryable_cancellation(cancelled.cancellation_reasons()) {
                RetryAction::throttling_error()
            } else {
                RetryAction::NoActionIndicated
            };
        }
        let success = attempt.response().is_some_and(|response| response.status().is_success());
        let nobodys = error.as_operation_error().is_some_and(|error| {
            !has_code::<GetItemError>(error)
                && !has_code::<PutItemError>(error)
                && !has_code::<QueryError>(error)
                && !has_code::<TransactWriteItemsError>(error)
        });
        if success || nobodys { RetryAction::transient_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "undecided transactions, unreadable successes, errors of nobody's"
    }
}
