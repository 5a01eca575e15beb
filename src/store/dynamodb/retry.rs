//! Which failures the SDK sends again, besides those that it knows by itself.
//!
//! The SDK's standard mode retries what never arrived, timed out, was throttled, or failed with a 5xx. This module adds
//! two cases. It looks at the response alone, so it holds for every operation there is and will be:
//!
//! * **A success whose body does not parse**, or that has no body ([`RequireBody`]). What happened is unknown. Asking again is
//!   safe: a read changes nothing, and a write carries its token and its conditions.
//! * **An error without an error code.** DynamoDB gives each of its errors a code, so this one comes from a proxy or a
//!   load balancer in between.
//!
//! It also knows the reasons of failures, for the log ([`reason_of_failure`]).
//!
//! A transaction that was cancelled, or is in progress, is not sent again here. If that can pass, the session sends it
//! again, with longer pauses and for longer than the SDK would, and without the SDK's retry quota.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde::Deserialize;

/// What DynamoDB means by an error code, or by the reason for which it cancels a write of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// A condition did not hold: an answer, not a failure.
    ConditionFailed,
    /// The request met a transaction in flight.
    InFlight,
    Throttled,
    /// Another failure that passes by itself, or, as why an attempt has failed: there was no response, or none that DynamoDB
    /// gives while it is well.
    Passing,
}

/// The codes that this service tells apart. Of a transaction's write, [`Meaning::InFlight`] and [`Meaning::Throttled`] say
/// that DynamoDB has not looked at its condition.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>,
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const CODES: [(&str, Meaning); 15] = [
    ("ConditionalCheckFailed", Meaning::ConditionFailed),
    ("ConditionalCheckFailedException", Meaning::ConditionFailed),
    ("TransactionConflict", Meaning::InFlight),
    ("TransactionConflictException", Meaning::InFlight),
    (IN_PROGRESS, Meaning::InFlight),
    ("ThrottlingError", Meaning::Throttled),
    ("ThrottlingException", Meaning::Throttled),
    ("ProvisionedThroughputExceeded", Meaning::Throttled),
    ("ProvisionedThroughputExceededException", Meaning::Throttled),
    ("RequestLimitExceeded", Meaning::Throttled),
    // Sent again with fresh tokens until here: whether one of the transactions was carried out is unknown.
    ("IdempotentParameterMismatchException", Meaning::Passing),
    ("InternalServerError", Meaning::Passing),
    ("InternalServerErrorException", Meaning::Passing),
    ("ServiceUnavailable", Meaning::Passing),
    ("ServiceUnavailableException", Meaning::Passing),
];

/// The error code of a transaction whose earlier attempt is in flight.
const IN_PROGRESS: &str = "TransactionInProgressException";

pub(super) fn meaning(code: &str) -> Option<Meaning> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// Whether an error of this HTTP status and code passes by itself. An error without a code is not DynamoDB's: what sent
/// it knows nothing of the request.
pub(super) fn is_transient(status: u16, code: Option<&str>) -> bool {
    code.is_none_or(|code| status >= 500 || meaning(code).is_some_and(|meaning| meaning != Meaning::ConditionFailed))
}

/// The body of an error, as far as it decides about a retry.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html>
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    #[serde(rename = "__type")]
    code: Option<String>,
    #[serde(rename = "CancellationReasons")]
    reasons: Vec<Reason>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reason {
    #[serde(rename = "Code")]
    code: Option<String>,
}

impl ErrorBody {
    fn of(response: Option<&HttpResponse>) -> Self {
        let body = response.and_then(|response| response.body().bytes()).unwrap_or_default();
        serde_json::from_slice(body).unwrap_or_default()
    }
}

/// Why an attempt has failed.
pub(super) fn reason_of_failure(response: Option<&HttpResponse>) -> Meaning {
    let body = ErrorBody::of(response);
    let code = body.code.as_deref().map(|code| code.rsplit('#').next().unwrap_or(code));
    let codes = code.into_iter().chain(body.reasons.iter().filter_map(|reason| reason.code.as_deref()));
    let meanings: Vec<_> = codes.filter_map(meaning).collect();
    let by_weight = [Meaning::ConditionFailed, Meaning::Throttled, Meaning::InFlight];
    by_weight.into_iter().find(|meaning| meanings.contains(meaning)).unwrap_or(Meaning::Passing)
}

/// The classifier that adds this module's cases to the SDK's.
#[derive(Debug)]
pub(super) struct ExtraRetries;

impl ClassifyRetry for ExtraRetries {
    fn classify_retry(&self, attempt: &InterceptorContext) -> RetryAction {
        let (Some(Err(_)), Some(response)) = (attempt.output_or_error(), attempt.response()) else {
            return RetryAction::NoActionIndicated;
        };
        if response.status().is_success() {
            return RetryAction::transient_error();
        }
        let body = ErrorBody::of(Some(response));
        if body.code.as_deref().is_some_and(|code| code.ends_with(IN_PROGRESS)) {
            // The SDK counts it as throttling, and would use up the retry quota on one stalled transaction.
            return RetryAction::RetryForbidden;
        }
        let has_code = body.code.is_some() || response.headers().contains_key("x-amzn-errortype");
        if has_code { RetryAction::NoActionIndicated } else { RetryAction::transient_error() }
    }

    fn name(&self) -> &'static str {
        "unreadable successes, errors without a code"
    }
}

/// Rejects a success without a body. DynamoDB answers every success with a document. The SDK reads an empty body as an empty
/// document: a read would take it for "no such item", and a write for "done".
///
/// The checksum `x-amz-crc32` is not compared. TLS protects the bytes already, and a proxy that adds capacity figures to a
/// response would make every checksum wrong.
#[derive(Debug)]
pub(super) struct RequireBody;

#[dyn_dispatch_hint]
impl Intercept for RequireBody {
    fn name(&self) -> &'static str {
        "a success has a body"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let empty = response.body().bytes().is_none_or(<[u8]>::is_empty);
        if response.status().is_success() && empty { Err("a success without a body".into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::interceptors::context::{Error, Input};
    use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    /// What the classifier says to a response that the SDK has made an error of.
    fn classify(status: u16, body: &'static str) -> RetryAction {
        let mut attempt = InterceptorContext::new(Input::erase(()));
        let status = StatusCode::try_from(status).expect("a status");
        attempt.set_response(HttpResponse::new(status, SdkBody::from(body)));
        attempt.set_output_or_error(Err(OrchestratorError::operation(Error::erase(std::fmt::Error))));
        ExtraRetries.classify_retry(&attempt)
    }

    #[test]
    fn permanent_errors_of_any_operation_are_not_retried() {
        for code in ["ValidationException", "AccessDeniedException", "ResourceNotFoundException", "NeverHeardOf"] {
            let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"no"}}"#);
            assert_eq!(classify(400, body.leak()), RetryAction::NoActionIndicated, "{code}");
            assert!(!is_transient(400, Some(code)), "{code}");
        }
    }

    #[test]
    fn cancellations_are_left_to_the_session() {
        let body =
            r#"{"__type":"x#TransactionCanceledException","CancellationReasons":[{"Code":"TransactionConflict"}]}"#;
        assert_eq!(classify(400, body), RetryAction::NoActionIndicated);
        let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException"}"#;
        assert_eq!(classify(400, body), RetryAction::RetryForbidden);
    }

    #[test]
    fn failures_are_told_apart() {
        let reason = |code: &str, reasons: &[&str]| {
            let reasons: Vec<_> = reasons.iter().map(|code| serde_json::json!({ "Code": code })).collect();
            let body = serde_json::json!({ "__type": code, "CancellationReasons": reasons }).to_string();
            let status = StatusCode::try_from(400).expect("a status");
            reason_of_failure(Some(&HttpResponse::new(status, SdkBody::from(body))))
        };
        for (code, reasons, expected) in [
            ("com.amazonaws.dynamodb.v20120810#ThrottlingException", &[][..], Meaning::Throttled),
            ("ProvisionedThroughputExceededException", &[], Meaning::Throttled),
            ("x#TransactionCanceledException", &["None", "ThrottlingError"], Meaning::Throttled),
            ("x#TransactionCanceledException", &["TransactionConflict", "None"], Meaning::InFlight),
            ("x#TransactionInProgressException", &[], Meaning::InFlight),
            ("x#TransactionConflictException", &[], Meaning::InFlight),
            (
                "x#TransactionCanceledException",
                &["ConditionalCheckFailed", "TransactionConflict"],
                Meaning::ConditionFailed,
            ),
            ("x#ConditionalCheckFailedException", &[], Meaning::ConditionFailed),
            ("x#AccessDeniedException", &[], Meaning::Passing),
        ] {
            assert_eq!(reason(code, reasons), expected, "{code} {reasons:?}");
        }
        assert_eq!(reason_of_failure(None), Meaning::Passing, "no response");
    }
}
