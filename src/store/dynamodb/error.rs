//! A failure of the table, by what its reader may do about it. The messages are for the log and for the operator.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::http::Response;

use super::retry;

/// Why an operation on the table failed, or has an unknown outcome. Repeating the whole operation is always safe.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// After bounded retries the table is still out of reach or throttled. Whether a write has happened is unknown.
    #[error("the table is out of reach or throttled: {0}")]
    Unavailable(String),
    /// A transaction stays in flight, or DynamoDB throttles transactions, until the call's time is over. A stalled
    /// transaction is recovered by an attempt some seconds later.
    #[error("the table is contended: {0}")]
    Contended(String),
    /// Waiting does not help: the deployment does not fit, the table rejects a request, or it holds items that contradict each
    /// other or that this release cannot read. The message says what to look at.
    #[error("{0}")]
    Fault(String),
}

/// The error codes of a deployment that does not fit, and what to look at.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const MISCONFIGURATIONS: [(&str, &str); 9] = [
    ("AccessDeniedException", "look at the policy of the function's role, and at the table's key and resource policy"),
    ("ExpiredTokenException", "the credentials have expired: look at how they are provided"),
    ("IncompleteSignatureException", "look at the credentials"),
    ("InvalidSignatureException", "look at the credentials, and at the clock of this machine"),
    ("KMSAccessDeniedException", "look at the policy of the table's KMS key"),
    ("MissingAuthenticationTokenException", "look at the credentials"),
    ("RequestExpired", "look at the clock of this machine"),
    ("ResourceNotFoundException", "there is no such table or index in this region: look at TABLE_NAME and AWS_REGION"),
    ("UnrecognizedClientException", "the credentials are not valid: look at them, and at AWS_REGION"),
];

impl<E> From<SdkError<E, Response>> for StoreError
where
    E: Error + Send + Sync + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E, Response>) -> Self {
        match &error {
            SdkError::ServiceError(service) => {
                let meta = service.err().meta();
                Self::of_answer(service.raw().status().as_u16(), meta.code(), meta.message())
            }
            SdkError::DispatchFailure(_) => Self::of_connection(&error),
            SdkError::TimeoutError(_) | SdkError::ResponseError(_) => Self::Unavailable(chain(&error)),
            _ => Self::Fault(chain(&error)),
        }
    }
}

impl StoreError {
    /// The same failure, without this text in its message.
    pub(crate) fn without(self, text: &str) -> Self {
        let hide = |message: String| message.replace(text, "[left out]");
        match self {
            Self::Unavailable(message) => Self::Unavailable(hide(message)),
            Self::Contended(message) => Self::Contended(hide(message)),
            Self::Fault(message) => Self::Fault(hide(message)),
        }
    }

    fn of_answer(status: u16, code: Option<&str>, message: Option<&str>) -> Self {
        let name = code.unwrap_or("an error without a code");
        let message = format!("{name} (HTTP {status}): {}", message.unwrap_or("no message"));
        let advice = MISCONFIGURATIONS.iter().find(|(known, _)| code == Some(known));
        let advice = advice.map(|(_, advice)| format!("; {advice}")).unwrap_or_default();
        if advice.is_empty() && retry::is_transient(status, code) {
            return Self::Unavailable(message);
        }
        Self::Fault(format!("DynamoDB rejects the request with {message}{advice}"))
    }

    /// A connection that was not made. If the name does not exist or the certificate is not trusted, waiting does not help.
    /// The SDK hides the types of these causes, so their texts tell: hyper's for the lookup, rustls's for the certificate.
    fn of_connection(error: &(dyn Error + 'static)) -> Self {
        let message = chain(error);
        if message.contains("invalid peer certificate") {
            return Self::Fault(format!(
                "the certificate of DynamoDB's endpoint is not trusted: look at AWS_CA_BUNDLE and at \
                 AWS_ENDPOINT_URL_DYNAMODB ({message})"
            ));
        }
        // A resolver that says "temporary" may answer the next time.
        if message.contains("dns error") && !message.contains("Temporary failure") {
            return Self::Fault(format!(
                "the name of DynamoDB's endpoint cannot be resolved: look at AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB and the \
                 DNS of the function's network ({message})"
            ));
        }
        Self::Unavailable(message)
    }
}

/// An error and its causes, each by its message alone: the SDK's debug text holds requests and responses.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts are those of the SDK's HTTP client, where a lookup fails.
    #[test]
    fn name_that_does_not_resolve_is_a_misconfiguration() {
        let of = |text| StoreError::of_connection(&std::io::Error::other(text));
        let error = of("dispatch failure: client error (Connect): dns error: failed to lookup address");
        assert!(matches!(&error, StoreError::Fault(message) if message.contains("AWS_REGION")), "{error}");
        for text in ["dispatch failure: dns error: Temporary failure in name resolution", "tcp connect error: refused"]
        {
            assert!(matches!(of(text), StoreError::Unavailable(_)), "{text}");
        }
    }

    #[test]
    fn error_codes_of_misconfigurations_are_told_apart_from_passing_ones() {
        for (code, advice) in MISCONFIGURATIONS {
            let error = StoreError::of_answer(400, Some(code), None);
            assert!(matches!(&error, StoreError::Fault(message) if message.ends_with(advice)), "{code}: {error}");
            assert!(!retry::is_transient(400, Some(code)), "{code}");
        }
        assert!(matches!(StoreError::of_answer(400, Some("ThrottlingException"), None), StoreError::Unavailable(_)));
        assert!(matches!(StoreError::of_answer(400, Some("ValidationException"), None), StoreError::Fault(_)));
        assert!(matches!(StoreError::of_answer(502, None, None), StoreError::Unavailable(_)));
    }
}
