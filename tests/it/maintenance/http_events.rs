//! HTTP requests and commands are kept apart: no HTTP event starts the maintenance, and no command reaches it through the
//! function behind the API.

use std::sync::Arc;
use std::time::Duration;

use dev::{BASE, Call, Kind, Reply, TestService, create_body};
use lambda_http::lambda_runtime::{Context, LambdaEvent};
use referral_codes::commands::{CommandError, Maintenance, Report};
use referral_codes::lambda::Function;
use referral_codes::model::Sources;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

/// What every repair has in its transaction, and no call.
const CHECK: &str = r#""ConditionCheck":"#;
const COMMAND: &str = r#"{"maintenance":"repair"}"#;

/// The maintenance function over the table of a service.
fn maintenance_function(service: &TestService) -> Function {
    let sources = Sources::new(service.clock.reader(), || 0);
    Function::Maintenance(Arc::new(Maintenance::new(service.store.clone(), sources)))
}

/// Sends an event to the maintenance function, which Lambda would end after five minutes.
async fn send(service: &TestService, event: &Value) -> Result<Value, CommandError> {
    let mut context = Context::default();
    let deadline = service.clock.now() + Duration::from_secs(300);
    context.deadline = deadline.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis().try_into().unwrap();
    let event = LambdaEvent::new(to_raw_value(event).unwrap(), context);
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
        Call::post(BASE, &create_body("maintenance", "repair")),
        Call::new("maintenance", BASE),
    ];
    calls.map(|call| call.kind(kind)).into()
}

/// Every event as a gateway sends it, and with the field of a command beside the gateway's own.
fn http_events() -> Vec<Value> {
    let mut events = Vec::new();
    for call in Kind::ALL.into_iter().flat_map(calls_with_a_command) {
        let event = call.event();
        for command in ["upkeep", "audit", "repair"] {
            let mut forged = event.clone();
            forged["maintenance"] = command.into();
            events.push(forged);
        }
        events.push(event);
    }
    events
}

/// A table in which a repair would change something.
async fn damaged_table() -> TestService {
    let service = TestService::new().await;
    let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let key = json!(format!("code#{}", code["code"].as_str().unwrap()));
    let deleted = service.client.delete_item().table_name(&service.table);
    let deleted = deleted.key("pk", aws_sdk_dynamodb::types::AttributeValue::S(key.as_str().unwrap().into()));
    deleted.key("sk", aws_sdk_dynamodb::types::AttributeValue::S("claim".into())).send().await.unwrap();
    service.faults.take();
    service
}

#[tokio::test]
async fn http_events_with_a_command_are_http_requests_of_the_api() {
    let service = damaged_table().await;
    let events = http_events();
    assert_eq!(events.len(), Kind::ALL.len() * 9 * 4);
    for event in events {
        let answer = service.answer(&event).await;
        let reply = Reply::read(&answer);
        assert!((200..500).contains(&reply.status), "{event}: {answer}");
        assert!(!reply.body.contains("examined"), "{event}: {answer}");
        for sent in service.faults.take() {
            assert!(sent.operation != "Scan" && !sent.request.to_string().contains(CHECK), "{event} made a {sent:?}");
        }
    }
    assert_eq!(findings(&service).await, 1, "nothing was repaired");
}

#[tokio::test]
async fn commands_are_refused_by_the_api_as_every_other_event() {
    let service = damaged_table().await;
    let other = service.answer(&json!({ "anything": "else" })).await;
    for command in
        [json!({ "maintenance": "repair" }), json!({ "maintenance": "audit" }), json!({ "maintenance": "upkeep" })]
    {
        let answer = service.answer(&command).await;
        assert_eq!(answer, other, "{command}");
        Reply::read(&answer).expect_problem(400, "invalid_parameter");
    }
    assert!(service.faults.take().is_empty(), "a refused event reads nothing");
    assert_eq!(findings(&service).await, 1);
}

#[tokio::test]
async fn http_events_are_refused_by_the_maintenance_function() {
    let service = damaged_table().await;
    for event in http_events() {
        let error = send(&service, &event).await.expect_err("an HTTP event");
        assert!(matches!(error, CommandError::Invalid(_)), "{event}: {error}");
        assert!(error.to_string().contains(r#"Send one of {"maintenance":"upkeep"}"#), "{error}");
    }
    assert!(service.faults.take().is_empty(), "a refused event reads nothing");
    assert_eq!(findings(&service).await, 1);
}

#[tokio::test]
async fn malformed_http_events_are_refused_by_the_maintenance_function() {
    let service = TestService::new().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("events/malformed");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let mut event: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert!(send(&service, &event).await.is_err(), "{}", path.display());
        event["maintenance"] = "audit".into();
        let refused = send(&service, &event).await;
        assert!(matches!(refused, Err(CommandError::Invalid(_))), "{}", path.display());
    }
    assert!(service.faults.take().is_empty());
}

/// As under `cargo lambda watch`, whose deadline is in 1970.
#[tokio::test]
async fn command_with_a_past_deadline_has_the_usual_time() {
    let service = TestService::new().await;
    let event = LambdaEvent::new(to_raw_value(&json!({ "maintenance": "audit" })).unwrap(), Context::default());
    let answer = maintenance_function(&service).handle(event).await.unwrap();
    assert_eq!(answer.get(), r#"{"maintenance":"audit","examined":0,"findings":[],"done":true}"#);
}

#[tokio::test]
async fn commands_are_carried_out_by_the_maintenance_function() {
    let service = damaged_table().await;
    let audit = send(&service, &json!({ "maintenance": "audit" })).await.unwrap();
    assert_eq!((&audit["maintenance"], &audit["done"]), (&json!("audit"), &json!(true)), "{audit}");
    assert_eq!(audit["findings"].as_array().map(Vec::len), Some(1), "{audit}");
    let repair = send(&service, &json!({ "maintenance": "repair" })).await.unwrap();
    assert_eq!(repair["repaired"], 1, "{repair}");
    assert_eq!(findings(&service).await, 0);
}

/// How many contradictions an audit finds.
async fn findings(service: &TestService) -> usize {
    let maintenance = Maintenance::new(service.store.clone(), Sources::new(service.clock.reader(), || 0));
    let report = maintenance.run(r#"{"maintenance":"audit"}"#, Duration::from_secs(60), "test").await.unwrap();
    service.faults.take();
    let Report::Audit { findings, done: true, .. } = report else { panic!("{report:?}") };
    findings.len()
}
