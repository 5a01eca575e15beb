//! What an event is: an HTTP request goes to its route, whatever else the event holds, and every other event is refused.

use std::path::Path;

use serde_json::{Value, json};

use dev::{BASE, Call, Kind, Reply, TestService, create_body};

/// Every event of the folder `events` that is an HTTP request.
fn http_events() -> Vec<(String, Value)> {
    let mut events = Vec::new();
    for folder in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("events")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if !path.ends_with("malformed/not-http.json") {
                let event = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
                events.push((path.display().to_string(), event));
            }
        }
    }
    assert!(events.len() > 40);
    events
}

async fn fresh() -> TestService {
    let service = TestService::builder().ids(&["8f3a21bc", "9c4b32de"]).build().await;
    service.send(Call::post(BASE, &create_body("usr_4491", "org_002"))).await.expect(201);
    service
}

/// A field of the event itself that names a maintenance command changes nothing of an HTTP request's answer.
#[tokio::test]
async fn http_event_with_a_maintenance_field_is_answered_as_http() {
    for (path, event) in http_events() {
        let expected = fresh().await.answer(&event).await;
        let mut both = event.clone();
        both["maintenance"] = json!("audit");
        assert_eq!(fresh().await.answer(&both).await, expected, "{path}");
    }
}

/// What a client can send: the words of a command in the path, the query, a header and the body.
#[tokio::test]
async fn request_of_a_client_is_never_a_command() {
    let command = r#"{"maintenance":"audit"}"#;
    let service = TestService::new().await;
    for kind in Kind::ALL {
        let call = |method: &str, path: &str| Call::new(method, path).kind(kind).header("maintenance", "audit");
        service.send(call("POST", BASE).body(command)).await.expect_problem(422, "validation_failed");
        service.send(call("POST", "/").body(command)).await.expect_problem(404, "route_not_found");
        service.send(call("GET", &format!("{BASE}?maintenance=audit"))).await.expect(200);
        let mut odd = call("GET", BASE);
        odd.path = format!("{BASE}/{command}");
        service.send(odd).await.expect_problem(404, "code_not_found");
    }
}

/// There is no command yet: what is no HTTP request is refused, and the table is left alone.
#[tokio::test]
async fn event_that_is_no_http_request_is_refused() {
    let service = TestService::new().await;
    service.faults.take();
    for event in [
        json!({ "maintenance": "audit" }),
        json!({ "maintenance": "audit", "body": "{}" }),
        json!({ "Records": [] }),
        json!({}),
        json!([]),
        json!("audit"),
        Value::Null,
    ] {
        let reply = Reply::read(&service.answer(&event).await);
        let problem = reply.expect_problem(400, "invalid_parameter");
        assert!(problem["detail"].as_str().unwrap().contains("not an HTTP request"), "{event}: {problem}");
    }
    assert!(service.faults.take().is_empty());
}
