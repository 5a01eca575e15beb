//! The entry point: a Lambda event in, a Lambda response out.
//!
//! This module decides what a process serves and what an event is, and nothing else. An HTTP request goes to
//! [`crate::http`], a command to [`crate::commands`], and records of the table's stream to `crate::events`.
//!
//! # An HTTP request never becomes a command
//!
//! A client decides on what stands inside an HTTP event: its method, path, query, headers and body. A gateway decides
//! on the fields of the event itself. Three rules keep the kinds apart:
//!
//! 1. A process serves one kind, by the settings `MAINTENANCE` and `EVENTS`. The function behind the API has no maintenance
//!    in it, and its role no permission for one: it refuses a command like every other event. The maintenance function has
//!    no HTTP service in it.
//! 2. A command is an object with the field `maintenance`, and otherwise only that command's own fields. An HTTP event has
//!    other fields. So the maintenance function refuses it, if one ever reaches it, whatever it contains.
//! 3. An event that can be read as an HTTP event is one, whatever other fields it has. So the function behind the API
//!    answers it, and looks at no other field.

use std::sync::Arc;

use lambda_http::lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::value::{RawValue, to_raw_value};

use crate::commands::{CommandError, Maintenance};
use crate::events::{self, UnreadableRecords};
use crate::http::{self, HttpEvent, Service};
use crate::limits::{MAINTENANCE_MARGIN, MAINTENANCE_TIMEOUT};

/// An event as Lambda sends it, not parsed yet.
pub type Event = LambdaEvent<String>;

/// What a process serves. Clones share it.
#[derive(Clone)]
pub enum Function {
    /// HTTP requests, and nothing else.
    Api(Arc<Service>),
    /// Maintenance commands, and nothing else.
    Maintenance(Arc<Maintenance>),
    /// Records of the table's stream, and nothing else.
    Events,
}

impl Function {
    /// Answers an event with JSON.
    ///
    /// # Errors
    /// A command is refused or fails, or records cannot be read: an error of the invocation. An HTTP request is always
    /// answered.
    pub async fn handle(self, event: Event) -> Result<Box<RawValue>, Diagnostic> {
        match self {
            Self::Api(service) => Ok(handle(service, event).await),
            Self::Maintenance(maintenance) => Ok(carry_out(&maintenance, event).await?),
            Self::Events => Ok(tell(&event)?),
        }
    }
}

/// Answers an event with JSON in the shape that its sender expects. It is the one way into the service for the Lambda
/// runtime, the local server and the tests alike.
pub async fn handle(service: Arc<Service>, event: Event) -> Box<RawValue> {
    let LambdaEvent { payload, context } = event;
    match HttpEvent::parse(&payload) {
        Some(event) => Box::pin(event.answer(service, context)).await,
        None => http::refuse_other_event(&context.request_id),
    }
}

/// Carries out a command until shortly before Lambda ends the invocation, and answers with its report.
async fn carry_out(maintenance: &Maintenance, event: Event) -> Result<Box<RawValue>, CommandError> {
    let LambdaEvent { payload, context } = event;
    let time_left = maintenance.sources.time_left(context.deadline()).unwrap_or(MAINTENANCE_TIMEOUT);
    let time_limit = time_left.saturating_sub(MAINTENANCE_MARGIN).max(time_left / 2);
    let report = maintenance.run(&payload, time_limit, &context.request_id).await?;
    Ok(to_raw_value(&report).expect("a report is JSON"))
}

/// Answers records of the table's stream with the events that tell of them.
fn tell(event: &Event) -> Result<Box<RawValue>, UnreadableRecords> {
    let events = events::of_records(&event.payload).inspect_err(|error| {
        tracing::error!(request_id = event.context.request_id, %error, "records not read");
    })?;
    Ok(to_raw_value(&events).expect("events are JSON"))
}
