//! What can go wrong between us and the table, told apart by what a caller may do about it.

use std::error::Error;

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::http::Response;

use super::item::MalformedItem;
use super::retry;
use crate::limits::MAX_ROUNDS;

/// Why an operation on the table came to nothing, or to an unknown end.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table is throttled, in conflict or out of reach, after bounded retries. A write may have happened or not;
    /// repeating the whole operation is safe.
    #[error("the table cannot be reached: {0}")]
    Unavailable(String),
    /// The table refuses what we ask, or holds what we did not write: a fault of ours, or of the deployment's.
    #[error("the table does not answer as it should: {0}")]
    Fault(String),
}

impl StoreError {
    /// The refusals do not end.
    pub(super) fn too_many_rounds() -> Self {
        Self::Fault(format!("no progress in {} rounds: does a record contradict its mentor's slot?", MAX_ROUNDS))
    }
}

impl From<MalformedItem> for StoreError {
    fn from(malformed: MalformedItem) -> Self {
        Self::Fault(malformed.to_string())
    }
}

impl<E> From<SdkError<E, Response>> for StoreError
where
    E: Error + Send + Sync + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E, Response>) -> Self {
        let passing = match &error {
            SdkError::ServiceError(service) => {
                retry::is_transient(service.raw().status().as_u16(), service.err().meta().code())
            }
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
            _ => false,
        };
        let told = DisplayErrorContext(error).to_string();
        if passing { Self::Unavailable(told) } else { Self::Fault(told) }
    }
}
