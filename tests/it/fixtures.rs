//! The events in the folder `events`: each is replayed, and the whole answer to an HTTP event compared with
//! a snapshot.
//!
//! The bodies are also compared with the owner's examples in `../../shared/contract/api-contract.txt`, copied below
//! without their line breaks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dev::{Call, Reply, TestService};
use referral_codes::commands::Maintenance;
use serde_json::{Value, json};

/// The owner's example code.
const CODE: &str = r#"{"id":"rc_8f3a21bc","mentor_id":"usr_4491","org_id":"org_002","code":"JAN-VERV-8F3A","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","status":"active","created_at":"2026-01-10T09:00:00Z","expires_at":null}"#;

/// The owner's examples, each with the time of its call.
const OWNER: [(&str, &str, &str); 6] = [
    (
        "list",
        "2026-01-10T09:00:00Z",
        r#"{"data":[{"id":"rc_8f3a21bc","mentor_id":"usr_4491","org_id":"org_002","code":"JAN-VERV-8F3A","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","status":"active","created_at":"2026-01-10T09:00:00Z","expires_at":null}],"pagination":{"page":1,"limit":20,"total":1}}"#,
    ),
    ("get", "2026-01-10T09:00:00Z", CODE),
    ("get-or-create", "2026-01-10T09:00:00Z", CODE),
    (
        "rotate",
        "2026-03-26T11:30:00Z",
        r#"{"id":"rc_9c4b32de","mentor_id":"usr_4491","org_id":"org_002","code":"JAN-VERV-9C4B","url":"https://app.org.no/join?ref=JAN-VERV-9C4B","status":"active","previous_code":"JAN-VERV-8F3A","rotated_at":"2026-03-26T11:30:00Z","created_at":"2026-03-26T11:30:00Z","expires_at":null}"#,
    ),
    (
        "invalidate",
        "2026-03-26T12:00:00Z",
        r#"{"id":"rc_8f3a21bc","status":"invalidated","invalidated_at":"2026-03-26T12:00:00Z"}"#,
    ),
    (
        "build-url",
        "2026-03-26T11:00:00Z",
        r#"{"code":"JAN-VERV-8F3A","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","short_url":"https://org.no/r/JAN-VERV-8F3A","generated_at":"2026-03-26T11:00:00Z"}"#,
    ),
];

const KINDS: [&str; 6] =
    ["http-api", "http-api-doubled-path", "rest-api", "rest-api-with-stage", "function-url", "alb"];

/// Events with the claims of a token for the owner's organisation, one folder for each authorizer.
const GUARDED_KINDS: [&str; 3] = ["http-api-jwt", "rest-api-cognito", "rest-api-lambda-authorizer"];

/// Events of the open routes, which are no endpoints of the owner's: the status and the type of each answer, and how its
/// body begins.
const OPEN: [(&str, u64, &str, &str); 6] = [
    ("short-link", 302, "", ""),
    (
        "short-link-json",
        200,
        "application/json",
        r#"{"code":"JAN-VERV-8F3A","status":"active","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","short_url":"https://org.no/r/JAN-VERV-8F3A"}"#,
    ),
    ("qr-code", 200, "image/svg+xml", "<svg "),
    ("openapi", 200, "application/yaml", "openapi: 3.1.0"),
    ("console", 200, "text/html; charset=utf-8", "<!doctype html>"),
    ("console-file", 200, "text/javascript; charset=utf-8", "let "),
];

fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("events")
}

/// The names of what is in a folder of the events.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(events().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn event(folder: &str, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(events().join(folder).join(name)).unwrap()).unwrap()
}

/// A service in which the owner's example mentor has the owner's example code.
async fn owner_s_service(access: &'static str) -> TestService {
    let service = TestService::builder().setting("ACCESS", access).setting("CONSOLE", "on");
    let service = service.ids(&["8f3a21bc", "9c4b32de"]).build().await;
    let create = Call::create("usr_4491", "org_002").with("mentor_name", "Jan");
    service.send(create.claims(&json!({ "scope": "codes:admin" }))).await.expect(201);
    service
}

#[tokio::test]
async fn fixtures_of_every_kind_return_the_owner_s_examples() {
    for kind in KINDS {
        for (endpoint, at, example) in OWNER {
            let service = owner_s_service("public").await;
            service.clock.set(at);
            let answer = service.answer(&event(kind, &format!("{endpoint}.json"))).await;
            let reply = Reply::read(&answer);
            assert_eq!((reply.status, reply.body.as_str()), (200, example), "{kind}/{endpoint}");
            insta::assert_json_snapshot!(format!("{kind}-{endpoint}"), answer);
        }
    }
}

/// With a token the answers are the owner's examples too; for another organisation's token the code is not there.
#[tokio::test]
async fn fixtures_with_claims_return_the_owner_s_examples_under_jwt() {
    for kind in GUARDED_KINDS {
        for (endpoint, at, example) in OWNER {
            let service = owner_s_service("jwt").await;
            service.clock.set(at);
            let event = event(kind, &format!("{endpoint}.json"));
            let foreign = serde_json::from_str(&event.to_string().replace("org_002", "org_003")).unwrap();
            let reply = Reply::read(&service.answer(&event).await);
            assert_eq!((reply.status, reply.body.as_str()), (200, example), "{kind}/{endpoint}");
            let refused = Reply::read(&service.answer(&foreign).await);
            assert!(!refused.body.contains("JAN"), "{kind}/{endpoint}: {refused:?}");
        }
    }
    // Without a token, every other event is refused.
    let service = owner_s_service("jwt").await;
    for kind in KINDS {
        for (endpoint, _, _) in OWNER {
            let answer = service.answer(&event(kind, &format!("{endpoint}.json"))).await;
            Reply::read(&answer).expect_problem(401, "unauthenticated");
        }
    }
}

/// With or without a token.
#[tokio::test]
async fn fixtures_of_open_routes_are_answered_whatever_the_access_settings_say() {
    for access in ["public", "jwt"] {
        let service = owner_s_service(access).await;
        for (name, status, content_type, beginning) in OPEN {
            let reply = Reply::read(&service.answer(&event("http-api-open", &format!("{name}.json"))).await);
            let media_type = reply.headers.get("content-type").map_or("", String::as_str);
            assert_eq!((reply.status, media_type), (status, content_type), "{access}: {name}");
            assert!(reply.body.starts_with(beginning), "{name}: {}", reply.body);
        }
    }
}

#[tokio::test]
async fn malformed_fixtures_return_4xx_with_the_reason() {
    let service = owner_s_service("public").await;
    let names = names("malformed");
    assert!(names.len() > 10);
    for name in names {
        let answer = service.answer(&event("malformed", &name)).await;
        let reply = Reply::read(&answer);
        assert!((400..500).contains(&reply.status), "{name}: {answer}");
        let mut shown = reply.json();
        shown["headers"] = json!(reply.headers);
        insta::assert_json_snapshot!(format!("malformed-{}", name.trim_end_matches(".json")), shown);
    }
}

/// Each command is carried out by the maintenance function, and refused by the one behind the API.
#[tokio::test]
async fn maintenance_fixtures_are_commands_and_no_http_requests() {
    let service = owner_s_service("public").await;
    let maintenance = Maintenance::new(service.store.clone(), service.sources());
    let mut commands = BTreeSet::new();
    for name in names("maintenance") {
        let event = event("maintenance", &name);
        let report = maintenance.run(&event.to_string(), Duration::from_secs(60), "test").await;
        let report = json!(report.unwrap_or_else(|error| panic!("{name}: {error}")));
        assert_eq!(report["maintenance"], event["maintenance"]);
        let problem = Reply::read(&service.answer(&event).await).expect_problem(400, "invalid_parameter");
        assert!(problem["detail"].as_str().unwrap().contains("not an HTTP request"), "{event}: {problem}");
        commands.insert(event["maintenance"].as_str().unwrap().to_owned());
    }
    assert_eq!(commands, ["audit", "forget", "leave", "rebuild", "repair", "upkeep"].map(str::to_owned).into());
}

#[test]
fn fixtures_are_all_replayed() {
    let others = ["http-api-open", "malformed", "maintenance"];
    let replayed = KINDS.into_iter().chain(GUARDED_KINDS).chain(others);
    assert_eq!(names(""), replayed.map(str::to_owned).collect());
    for kind in KINDS.into_iter().chain(GUARDED_KINDS) {
        assert_eq!(names(kind).len(), OWNER.len(), "{kind}");
    }
    assert_eq!(names("http-api-open").len(), OPEN.len());
}
