//! The line per request, as the function writes it: who did what to which code, and nothing else of the client.

use std::time::Duration;

use dev::{BASE, Call, Kind, TestService, log_lines, path};
use serde_json::{Value, json};

use super::fixture::{ABSENT_ID, COLLEAGUE, FOREIGN_ORG, OWN_MENTOR, OWN_ORG, guarded};
use super::tokens::{of_mentor, of_org, with};

/// The line of a call.
async fn line(service: &TestService, call: Call) -> Value {
    let (reply, lines) = log_lines(service.send(call)).await;
    let [line] = &lines[..] else { panic!("a call leaves one line: {lines:?}") };
    assert_eq!(line["status"], reply.status, "{line}");
    assert!(line["request_id"].is_string() && line["duration_ms"].is_f64(), "{line}");
    line.clone()
}

#[tokio::test]
async fn line_tells_who_did_what_to_which_code() {
    let service = guarded().build().await;
    let claims = of_org("codes:write");
    let create = || Call::create(OWN_MENTOR, OWN_ORG);
    let code = service.send(create().claims(&claims)).await.expect(201);
    let successor = service.send(Call::rotate(&code).claims(&claims)).await.expect(200);
    let absent = json!({ "id": ABSENT_ID });
    let (mentor, none) = (json!(OWN_MENTOR), Value::Null);
    for (call, route, outcome, code, mentor, round_trips) in [
        (create(), "get_or_create", "existing", &successor["id"], &mentor, 1),
        (Call::read(&code), "get", "shown", &code["id"], &none, 1),
        (Call::rotate(&code), "rotate", "repeated", &code["id"], &mentor, 1),
        (Call::rotate(&successor), "rotate", "rotated", &successor["id"], &mentor, 2),
        (Call::invalidate(&code), "invalidate", "code_not_active", &code["id"], &none, 2),
        (Call::read(&absent), "get", "code_not_found", &absent["id"], &none, 1),
        // A HEAD has the name of the GET's route.
        (Call::new("HEAD", &path(&absent)), "get", "code_not_found", &absent["id"], &none, 1),
        (Call::create(OWN_MENTOR, FOREIGN_ORG), "get_or_create", "org_mismatch", &none, &mentor, 0),
    ] {
        let shown = line(&service, call.claims(&claims)).await;
        for (field, value) in [
            ("route", &json!(route)),
            ("outcome", &json!(outcome)),
            ("code_id", code),
            ("mentor_id", mentor),
            ("org_id", &json!(OWN_ORG)),
            ("subject", &json!("someone")),
            ("round_trips", &json!(round_trips)),
            ("source_ip", &json!("203.0.113.7")),
            ("gateway_request_id", &json!("gateway")),
        ] {
            assert_eq!(shown[field], *value, "{field}: {shown}");
        }
    }
    let fresh = service.send(Call::create(COLLEAGUE, OWN_ORG).claims(&claims)).await.expect(201);
    for outcome in ["invalidated", "repeated"] {
        assert_eq!(line(&service, Call::invalidate(&fresh).claims(&claims)).await["outcome"], outcome);
    }
    let created = line(&service, Call::create(COLLEAGUE, OWN_ORG).claims(&claims)).await;
    assert_eq!(created["outcome"], "created");
    for (call, outcome) in [(Call::new("OPTIONS", BASE), "options"), (Call::get(BASE), "unauthenticated")] {
        let open = line(&service, call).await;
        assert_eq!((&open["outcome"], &open["subject"]), (&json!(outcome), &none));
    }
}

/// A short link: what came of it, and the id of its code, which the answer does not tell.
#[tokio::test]
async fn line_of_a_short_link_tells_its_outcome_and_its_code_and_no_caller() {
    let service = TestService::new().await;
    let active = service.create("active", OWN_ORG).await;
    let ended = service.create("ended", OWN_ORG).await;
    service.invalidate(&ended).await;
    let link = |code: &Value| format!("/r/{}", code["code"].as_str().unwrap());
    let picture = format!("{}.svg", link(&active));
    for (path, accept, route, outcome, code) in [
        (link(&active), "text/html", "short_link", "redirected", &active["id"]),
        (link(&active), "application/json", "short_link", "shown", &active["id"]),
        (link(&ended), "text/html", "short_link", "code_not_active", &ended["id"]),
        (link(&ended), "application/json", "short_link", "code_not_active", &ended["id"]),
        ("/r/ZZZ-VERV-0000".into(), "text/html", "short_link", "code_not_found", &Value::Null),
        ("/r/none".into(), "application/json", "short_link", "code_not_found", &Value::Null),
        (picture, "", "qr_code", "shown", &active["id"]),
        ("/openapi.yaml".into(), "", "openapi", "shown", &Value::Null),
    ] {
        let shown = line(&service, Call::get(&path).header("accept", accept)).await;
        let told = ["route", "outcome", "code_id", "mentor_id", "org_id", "subject"].map(|field| shown[field].clone());
        assert_eq!(json!(told), json!([route, outcome, code, null, null, null]), "{path}");
    }
}

/// Two callers at once: one makes the code, and the other finds it in its way.
#[tokio::test(start_paused = true)]
async fn lost_race_is_told() {
    let service = TestService::builder().in_process().build().await;
    let other = service.other_process().await;
    for process in [&service, &other] {
        process.faults.latency(Duration::from_millis(1));
    }
    let create = || Call::create("m", "o");
    let (_, lines) = log_lines(async { tokio::join!(service.send(create()), other.send(create())) }).await;
    let mut outcomes: Vec<_> = lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["created", "lost_race"]);
}

/// A list reads the head and the newest codes at the same time.
#[tokio::test(start_paused = true)]
async fn requests_at_the_same_time_are_one_round_trip() {
    let service = TestService::builder().in_process().build().await;
    service.faults.latency(Duration::from_millis(1));
    assert_eq!(line(&service, Call::get(BASE)).await["round_trips"], 1);
}

/// Every endpoint, every kind of event, answers of every kind. No line has a name, a body, a token, or a header of the client.
#[tokio::test]
async fn log_has_no_name_no_body_no_token_and_no_header() {
    let service = guarded().build().await;
    let create = || Call::create(COLLEAGUE, OWN_ORG).with("mentor_name", "Secret").with("note", "secret");
    for kind in Kind::ALL {
        for claims in [of_org("codes:write"), of_mentor("codes:read"), of_org("openid")] {
            let claims = with(with(claims, "email", "secret@mail"), "name", "Secret");
            for call in [
                create(),
                create().with("expires_at", "secret"),
                Call::new("POST", BASE).body("secret"),
                Call::rotate(&json!({ "id": ABSENT_ID, "mentor_id": COLLEAGUE })).with("note", "secret"),
                Call::delete(&format!("{BASE}/secret")),
                Call::get(&format!("{BASE}/{ABSENT_ID}?access_token=secret")),
                Call::get(&format!("{BASE}?status=secret")),
                Call::get("/secret"),
                Call::get("/r/secret?utm_source=secret"),
                Call::new("OPTIONS", BASE),
            ] {
                let call = call.kind(kind).claims(&claims).header("authorization", "Bearer secret.token.signature");
                let call = call.header("user-agent", "secret").header("cookie", "secret");
                let text = line(&service, call).await.to_string();
                assert!(!text.to_lowercase().contains("secret"), "{text}");
            }
        }
    }
}
