//! Whether an answer of the table has arrived.
//!
//! The SDK takes an empty body for an empty document. A success that lost its body on the way would so become "no such
//! item" to a read and "done" to a write that nobody has carried out. DynamoDB answers every success with a document. An
//! answer without one is an unreadable success, which [`super::retry`] has sent again.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses successes without a body.
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
