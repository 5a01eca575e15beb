//! The entry point: a Lambda event in, a Lambda response out.
//!
//! This module decides what an event is, and nothing else. An HTTP request goes to [`crate::http`]. Every other event
//! is refused; `other_event` is the place for a second kind, such as the maintenance command `{"maintenance":"audit"}`.
//!
//! # An HTTP request never becomes a command
//!
//! A client decides on what stands inside an HTTP event: its method, path, query, headers and body. A gateway decides
//! on the fields of the event itself. So two rules keep the kinds apart:
//!
//! 1. An event that can be read as an HTTP event is one, whatever other fields it has.
//! 2. A command is an object with its own field and no other. So an HTTP event that cannot be read, a gateway's or a
//!    forged one, is no command either: it has other fields.

use std::convert::Infallible;
use std::sync::Arc;

use lambda_http::lambda_runtime::LambdaEvent;
use serde_json::value::RawValue;

use crate::http::{self, HttpEvent, Service};

/// An event as the runtime hands it over, not parsed yet.
pub type Event = LambdaEvent<Box<RawValue>>;

/// Answers an event with JSON in the shape that its sender expects. It is the one way into the service for the Lambda
/// runtime, the local server and the tests alike.
///
/// # Errors
/// Never: every event is answered.
pub async fn handle(service: Arc<Service>, event: Event) -> Result<Box<RawValue>, Infallible> {
    let LambdaEvent { payload, context } = event;
    let response = match HttpEvent::parse(payload.get()) {
        Some(event) => event.answer(service, context).await,
        None => other_event(&context.request_id),
    };
    Ok(response)
}

/// Answers an event that is no HTTP request.
fn other_event(request_id: &str) -> Box<RawValue> {
    http::refuse_other_event(request_id)
}
