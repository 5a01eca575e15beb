//! A failure of the table, by what a caller may do about it.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::http::Response;

use super::retry;

/// Why an operation on the table failed, or has an unknown outcome. The messages are for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// After bounded retries the table is still throttled, in conflict or out of reach. Whether a write has happened is
    /// unknown. Repeating the whole operation is safe.
    #[error("the table is out of reach or busy: {0}")]
    Unavailable(String),
    /// The table rejects a request, or holds an item that this release cannot read. Waiting does not help.
    #[error("{0}")]
    Fault(String),
}

impl<E> From<SdkError<E, Response>> for StoreError
where
    E: Error + Send + Sync + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E, Response>) -> Self {
        match &error {
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let meta = service.err().meta();
                let code = meta.code().unwrap_or("an error without a code");
                let message = format!("{code} (HTTP {status}): {}", meta.message().unwrap_or("no message"));
                if retry::is_transient(status, meta.code()) {
                    Self::Unavailable(message)
                } else {
                    Self::Fault(format!("DynamoDB rejects the request: {message}"))
                }
            }
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
                Self::Unavailable(chain(&error))
            }
            _ => Self::Fault(chain(&error)),
        }
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
