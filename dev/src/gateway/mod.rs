//! An HTTP API of API Gateway, as far as one request goes: the request becomes an event (payload 2.0), a function answers
//! it, and its answer becomes the response. As in API Gateway, the path is decoded, the query is left encoded, and a body
//! that is not text is sent as base64.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//!
//! What the gateway decides before it invokes the function, such as whether a token is good, is for the caller. It passes in
//! what its authorizer has found.

mod event;
mod response;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use lambda_http::lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use serde_json::value::RawValue;
use ulid::Ulid;

pub use response::own_response;

/// The largest event of Lambda, in bytes: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;

/// Answers a request by what the function answers to its event. `authorizer` is what the event has as
/// `requestContext.authorizer`.
pub async fn respond(
    request: Request,
    authorizer: Option<Value>,
    function: impl AsyncFnOnce(LambdaEvent<Box<RawValue>>) -> Box<RawValue>,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return own_response(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let mut context = Context::default();
    context.request_id = Ulid::generate().to_string();
    let event = event::event(&parts, &body, &context.request_id, authorizer);
    let answer = function(LambdaEvent::new(event, context)).await;
    response::response(&answer).unwrap_or_else(|error| {
        eprintln!("the function's answer is no HTTP response: {error}");
        own_response(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    })
}
