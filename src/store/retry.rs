//! Which failures the SDK sends again, beyond those it knows by itself.
//!
//! The SDK's standard mode repeats what never arrived, timed out, was throttled, or failed with a 5xx. Two cases of
//! ours are added:
//!
//! * **A cancelled transaction with no refusal in it**, only `TransactionConflict` or throttling. Nothing was decided,
//!   so the same transaction is sent again, with the same client token. A cancellation with a refusal is an answer,
//!   and is never repeated here.
//! * **A success whose body does not parse.** What happened is unknown, and asking again is safe: a read is a read, and
//!   a write carries its token and its conditions.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// The reason code of a condition that did not hold: an answer, not a failure.
pub(super) const REFUSED: &str = "ConditionalCheckFailed";

/// The reason codes under which DynamoDB cancels a transaction without having looked at its conditions.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const PASSING_REASONS: [&str; 4] =
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"];

/// The error codes that pass by themselves.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const PASSING_ERRORS: [&str; 9] = [
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

/// Whether an answer of this HTTP status and error code is one that waiting may mend.
pub(super) fn may_pass(status: u16, code: Option<&str>) -> bool {
    match code {
        Some(code) => PASSING_ERRORS.contains(&code) || status >= 500,
        None => !(400..500).contains(&status),
    }
}

/// Whether a cancelled transaction was only in somebody's way.
pub(super) fn was_in_the_way(reasons: &[CancellationReason]) -> bool {
    let codes = || reasons.iter().filter_map(CancellationReason::code);
    codes().any(|code| PASSING_REASONS.contains(&code))
        && codes().all(|code| code == "None" || PASSING_REASONS.contains(&code))
}

/// The classifier that adds our two cases to the SDK's.
#[derive(Debug)]
pub(super) struct Undecided;

impl ClassifyRetry for Undecided {
    fn classify_retry(&self, attempt: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = attempt.output_or_error() else { return RetryAction::NoActionIndicated };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_operation_error().and_then(|error| error.downcast_ref())
        {
            return if was_in_the_way(cancelled.cancellation_reasons()) {
                RetryAction::throttling_error()
            } else {
                RetryAction::NoActionIndicated
            };
        }
        let unreadable = attempt.response().is_some_and(|response| response.status().is_success());
        if unreadable { RetryAction::transient_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "undecided transactions and unreadable successes"
    }
}
