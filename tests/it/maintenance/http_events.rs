//! HTTP requests and commands are kept apart: no HTTP event starts the maintenance, and no command reaches it through the
//! function behind the API.

use std::sync::Arc;
use std::time::Duration;

use dev::{BASE, Call, Kind, Reply, TestService};
use lambda_http::lambda_runtime::{Context, Diagnostic, LambdaEvent};
use referral_codes::commands::Maintenance;
use referral_codes::lambda::Function;
use serde_json::{Value, json};

use super::commands::delete_claim;
use crate::malformed_input::generators::fixtures;

/// What every repair has in its transaction, and no call.
const CHECK: &str = r#""ConditionCheck":"#;
const COMMAND: &str = r#"{"maintenance":"repair"}"#;

/// The maintenance function over the table of a service.
fn maintenance_function(service: &TestService) -> Function {
    Function::Maintenance(Arc::new(Maintenance::new(service.store.clone(), service.sources())))
}

/// Sends an event to the maintenance function, which Lambda would end after five minutes.
async fn send(service: &TestService, event: &Value) -> Result<Value, Diagnostic> {
    let mut context = Context::default();
    let deadline = service.clock.now() + Duration::from_secs(300);
    context.deadline = deadline.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis().try_into().unwrap();
    let event = LambdaEvent::new(event.to_string(), context);
    let answer = maintenance_function(service).handle(event).await?;
    Ok(serde_json::from_str(answer.get()).unwrap())
}

/// Calls with a command in every place that a client decides on.
fn calls_with_a_command(kind: Kind) -> Vec<Call> {
    let encoded = "%7B%22maintenance%22%3A%22repair%22%7D";
    let calls = [
        Call::new("POST", BASE).header("content-type", "application/json").body(COMMAND),
        Call::get(&format!("{BASE}?maintenance=repair")),
        Call::get(&format!("{BASE}?{encoded}")),
        Call::get(&format!("{BASE}/{encoded}")),
        Call::get(&format!("/{encoded}")),
        Call::get(BASE).header("maintenance", "repair"),
        Call::get(BASE).header("x-amz-invocation-type", "Event").header("x-command", COMMAND),
        Call::create("maintenance", "repair"),
        Call::new("maintenance", BASE),
    ];
    calls.map(|call| call.kind(kind)).into()
}

/// Every event as a gateway sends it.
fn http_events() -> Vec<Value> {
    Kind::ALL.into_iter().flat_map(calls_with_a_command).map(|call| call.event()).collect()
}

/// The event with the field of a command beside the gateway's own.
fn forged(event: &Value, command: &str) -> Value {
    let mut forged = event.clone();
    forged["maintenance"] = command.into();
    forged
}

/// A table in which a repair would change something.
async fn damaged_table() -> TestService {
    let service = TestService::new().await;
    let code = service.create("m", "o").await;
    delete_claim(&service, &code).await;
    service.faults.take();
    service
}

#[tokio::test]
async fn http_events_with_a_command_are_answered_as_without() {
    let service = damaged_table().await;
    for event in http_events() {
        // A code that it makes is there afterwards.
        service.answer(&event).await;
        let answer = service.answer(&event).await;
        assert!((200..500).contains(&Reply::read(&answer).status), "{event}: {answer}");
        for command in ["upkeep", "audit", "repair"] {
            assert_eq!(service.answer(&forged(&event, command)).await, answer, "{command}: {event}");
        }
        for sent in service.faults.take() {
            assert!(sent.operation != "Scan" && !sent.request.to_string().contains(CHECK), "{event} made a {sent:?}");
        }
    }
    assert_eq!(findings(&service).await, 1, "nothing was repaired");
}

#[tokio::test]
async fn http_events_are_refused_by_the_maintenance_function() {
    let service = damaged_table().await;
    let fixtures = fixtures().into_iter().filter(|event| event.is_object() && event["maintenance"].is_null());
    for event in http_events().into_iter().chain(fixtures) {
        for sent in [forged(&event, "upkeep"), forged(&event, "repair"), event] {
            let error = send(&service, &sent).await.expect_err("an HTTP event");
            assert_eq!(error.error_type, "InvalidCommand", "{sent}: {}", error.error_message);
            assert!(error.error_message.contains(r#"Send one of {"maintenance":"upkeep"}"#), "{error:?}");
        }
    }
    assert!(service.faults.take().is_empty(), "a refused event reads nothing");
    assert_eq!(findings(&service).await, 1);
}

/// As under `cargo lambda watch`, whose deadline is in 1970.
#[tokio::test]
async fn command_with_a_past_deadline_has_the_usual_time() {
    let service = TestService::new().await;
    let event = LambdaEvent::new(json!({ "maintenance": "audit" }).to_string(), Context::default());
    let answer = maintenance_function(&service).handle(event).await.unwrap();
    assert_eq!(answer.get(), r#"{"maintenance":"audit","examined":0,"findings":[],"done":true}"#);
}

/// How many contradictions an audit finds.
async fn findings(service: &TestService) -> usize {
    let audit = send(service, &json!({ "maintenance": "audit" })).await.unwrap();
    service.faults.take();
    audit["findings"].as_array().unwrap().len()
}
