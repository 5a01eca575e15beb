//! Rejects a success without a body.
//!
//! DynamoDB answers every success with a document. The SDK reads an empty body as an empty document: a read would take it
//! for "no such item", and a write for "done". So a response that lost its body becomes an error here, and
//! [`super::retry`] has the request sent again.
//!
//! The checksum `x-amz-crc32` is not compared. TLS protects the bytes already, and a proxy that adds capacity figures to a
//! response would make every checksum wrong.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// The interceptor that rejects them.
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
