//! An HTTP API of API Gateway, as far as one request goes: the request becomes an event (payload 2.0), a function answers
//! it, and its answer becomes the response. As in API Gateway, the path is decoded, the query is left encoded, and a body
//! that is not text is sent as base64.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//!
//! What the gateway decides before it invokes the function, such as whether a token is good, is for the caller. It passes in
//! what its authorizer has found.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::lambda_runtime::{Context, LambdaEvent};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use ulid::Ulid;

use crate::lambda::{Call, Reply};

/// The largest event of Lambda, in bytes: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;

/// Answers a request by what the function answers to its event. `authorizer` is what the event has as
/// `requestContext.authorizer`.
pub async fn respond(
    request: Request,
    authorizer: Option<Value>,
    function: impl AsyncFnOnce(LambdaEvent<String>) -> Box<RawValue>,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return own_response(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let event = Call { authorizer, ..call(&parts, &body) }.event();
    let mut context = Context::default();
    context.request_id = Ulid::generate().to_string();
    let answer = function(LambdaEvent::new(event.to_string(), context)).await;
    let reply = Reply::read(&serde_json::from_str(answer.get()).unwrap());
    let response = Response::builder().status(u16::try_from(reply.status).unwrap());
    let response = reply.headers.iter().fold(response, |response, (name, value)| response.header(name, value));
    response.body(Body::from(reply.bytes().to_vec())).unwrap()
}

fn call(parts: &Parts, body: &[u8]) -> Call {
    let path = percent_encoding::percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let mut call = Call { path: path.into_owned(), query, ..Call::new(parts.method.as_str(), "") };
    for name in parts.headers.keys() {
        // Several headers of one name are joined by commas.
        let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        call = call.header(name.as_str(), &values.collect::<Vec<_>>().join(","));
    }
    let content_type = call.headers.get("content-type").map_or("", String::as_str);
    let types = ["text/", "application/json", "application/xml", "application/javascript"];
    let is_text = types.iter().any(|text| content_type.starts_with(text));
    (call.body, call.is_base64) = match std::str::from_utf8(body) {
        Ok("") => (None, false),
        Ok(text) if is_text => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    };
    call
}

/// What API Gateway answers without the function: `{"message": …}`.
pub fn own_response(status: StatusCode, message: &str) -> Response {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    response.body(Body::from(json!({ "message": message }).to_string())).expect("a plain response")
}
