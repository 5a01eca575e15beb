//! The door: a Lambda event comes in, a Lambda answer goes out.
//!
//! `lambda_http` turns events into requests and responses into answers. What it does not do is survive an event that
//! makes no request: it fails the call at an unknown shape, and panics at a query that is not percent-encoded, a body
//! that is not the base64 it is said to be, or a host that is none. API Gateway lets nothing of the kind through, but
//! an operator's test console and a fuzzer may. Here each of them gets a 400 that says so.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::HeaderValue;
use lambda_http::lambda_runtime::LambdaEvent;
use lambda_http::request::LambdaRequest;
use lambda_http::tower::Service as _;
use lambda_http::{Adapter, Body, Request, Response, service_fn};
use serde_json::value::{RawValue, to_raw_value};

use super::problem::Problem;
use super::{Service, millis_since};

/// An event as it comes from the runtime, not yet looked at.
pub type Event = LambdaEvent<Box<RawValue>>;

/// Answers an event with JSON in the shape that its kind expects: the one way into the service, for the Lambda
/// runtime, the local server and the tests alike.
///
/// # Errors
/// Never: whatever comes in is answered.
pub async fn handle(service: Arc<Service>, event: Event) -> Result<Box<RawValue>, Infallible> {
    let started = Instant::now();
    let LambdaEvent { payload, context } = event;
    let request_id = context.request_id.clone();
    let Some(request) = parse(payload.get()) else {
        return Ok(refuse(&request_id, started, Problem::invalid_event(UNKNOWN_SHAPE)));
    };
    if !body_can_be_decoded(&request) {
        return Ok(refuse(&request_id, started, Problem::invalid_json(NOT_BASE64)));
    }
    let mut adapter = Adapter::from(service_fn(move |request: Request| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.answer(request).await) }
    }));
    let called = catch_unwind(AssertUnwindSafe(|| adapter.call(LambdaEvent::new(request, context))));
    let Ok(answer) = called else {
        return Ok(refuse(&request_id, started, Problem::invalid_event(NO_REQUEST)));
    };
    let answer = answer.await?;
    Ok(to_raw_value(&answer)
        .unwrap_or_else(|_| refuse(&request_id, started, Problem::internal("an answer that is no JSON"))))
}

fn body_can_be_decoded(request: &LambdaRequest) -> bool {
    let (encoded, body) = match request {
        LambdaRequest::ApiGatewayV1(event) => (event.is_base64_encoded, &event.body),
        LambdaRequest::ApiGatewayV2(event) => (event.is_base64_encoded, &event.body),
        LambdaRequest::Alb(event) => (event.is_base64_encoded, &event.body),
        _ => (false, &None),
    };
    !encoded || body.as_deref().is_none_or(|body| STANDARD.decode(body).is_ok())
}

/// The event as `lambda_http` has it, which tries one kind after the other, HTTP APIs and function URLs not first. Theirs
/// is the kind with a `rawPath`: where that word is, it is tried before the rest.
fn parse(event: &str) -> Option<LambdaRequest> {
    let of_http_api = || serde_json::from_str(event).ok().map(LambdaRequest::ApiGatewayV2);
    let early = if event.contains(r#""rawPath""#) { of_http_api() } else { None };
    early.or_else(|| serde_json::from_str(event).ok())
}

const UNKNOWN_SHAPE: &str = "The event is not an HTTP request as API Gateway, a Lambda function URL or an Application \
                             Load Balancer sends it. See the folder `events` for examples of each.";
const NO_REQUEST: &str = "The event cannot be read as an HTTP request: its query must be percent-encoded, its host a \
                          host, and both shorter than 64 KiB.";
const NOT_BASE64: &str =
    "Send a JSON object as the body; this one is not the base64 that `isBase64Encoded` says it is.";

/// A 400 in a form that every kind of caller understands, and its line in the log.
fn refuse(request_id: &str, started: Instant, problem: Problem) -> Box<RawValue> {
    let response: Response<Body> = problem.into_response(request_id);
    tracing::warn!(
        request_id,
        route = "none",
        status = response.status().as_u16(),
        duration_ms = millis_since(started),
        "no request could be made of an event"
    );
    // Where both are there, a REST API takes either, a load balancer the one it is set up for, the others the first.
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers: BTreeMap<_, _> = response.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    let lists: BTreeMap<_, _> = headers.iter().map(|(name, value)| (name, [value])).collect();
    let answer = serde_json::json!({
        "statusCode": response.status().as_u16(),
        "headers": headers,
        "multiValueHeaders": lists,
        "body": std::str::from_utf8(response.body()).unwrap_or_default(),
        "isBase64Encoded": false,
    });
    to_raw_value(&answer).expect("plain values are JSON")
}
