//! The line per request, as the binary writes it: who did what to which code, and nothing else of the client.

use dev::{BASE, Call, Kind, Program, TestService, rotate_body};
use serde_json::{Value, json};

use super::fixture::{ABSENT_ID, COLLEAGUE, FOREIGN_ORG, OWN_MENTOR, OWN_ORG};
use super::tokens::{of_mentor, of_org, with};
use crate::lambda_binary::{function, log, send};

fn guarded_function(service: &TestService) -> Program {
    function(service).variable("ACCESS", "jwt").variable("MENTOR_CLAIM", "mentor_id")
}

#[tokio::test]
async fn line_tells_who_did_what_to_which_code() {
    let service = TestService::on_a_socket().await;
    let function = guarded_function(&service).start().await;
    let claims = of_org("codes:write");
    let call = async |call: Call| send(&function, call.claims(&claims)).await;

    let id = call(Call::create(OWN_MENTOR, OWN_ORG)).await.expect(201)["id"].clone();
    let path = format!("{BASE}/{}", id.as_str().unwrap());
    call(Call::create(OWN_MENTOR, OWN_ORG)).await.expect(200);
    call(Call::get(&path)).await.expect(200);
    call(Call::get(BASE)).await.expect(200);
    let successor = call(Call::put(&path, &rotate_body(OWN_MENTOR))).await.expect(200)["id"].clone();
    call(Call::put(&path, &rotate_body(OWN_MENTOR))).await.expect(200);
    call(Call::delete(&path)).await.expect_problem(409, "code_not_active");
    let successor_path = format!("{BASE}/{}", successor.as_str().unwrap());
    call(Call::delete(&successor_path)).await.expect(200);
    call(Call::delete(&successor_path)).await.expect(200);
    call(Call::get(&format!("{BASE}/{ABSENT_ID}"))).await.expect(404);
    call(Call::new("HEAD", &format!("{BASE}/{ABSENT_ID}"))).await;
    call(Call::create(OWN_MENTOR, FOREIGN_ORG)).await.expect(403);
    send(&function, Call::new("OPTIONS", BASE)).await;
    send(&function, Call::get(BASE)).await.expect(401);

    let lines = log(&function).await;
    let shown = |line: &Value| {
        ["route", "outcome", "code_id", "mentor_id", "org_id", "subject", "round_trips"]
            .map(|field| line[field].clone())
    };
    let shown: Vec<_> = lines.iter().map(shown).collect();
    let (org, who, mentor, none) = (json!(OWN_ORG), json!("someone"), json!(OWN_MENTOR), Value::Null);
    let row = |route: &str, outcome: &str, code: &Value, mentor: &Value, trips: u32| {
        [json!(route), json!(outcome), code.clone(), mentor.clone(), org.clone(), who.clone(), json!(trips)]
    };
    let expected = [
        row("get_or_create", "created", &id, &mentor, 3),
        row("get_or_create", "existing", &id, &mentor, 1),
        row("get", "shown", &id, &none, 1),
        row("list", "shown", &none, &none, lines[3]["round_trips"].as_u64().unwrap().try_into().unwrap()),
        row("rotate", "rotated", &id, &mentor, 2),
        row("rotate", "repeated", &id, &mentor, 1),
        row("invalidate", "code_not_active", &id, &none, 2),
        row("invalidate", "invalidated", &successor, &mentor, 2),
        row("invalidate", "repeated", &successor, &mentor, 1),
        row("get", "code_not_found", &json!(ABSENT_ID), &none, 1),
        // A HEAD has the name of the GET's route.
        row("get", "code_not_found", &json!(ABSENT_ID), &none, 1),
        row("get_or_create", "org_mismatch", &none, &mentor, 0),
    ];
    assert_eq!(shown[..expected.len()], expected);
    for line in &lines {
        assert_eq!(line["source_ip"], "203.0.113.7", "{line}");
        assert_eq!(line["gateway_request_id"], "gateway", "{line}");
        assert!(line["request_id"].is_string() && line["duration_ms"].is_f64() && line["status"].is_u64(), "{line}");
    }
    let open: Vec<_> =
        lines[expected.len()..].iter().map(|line| (line["outcome"].clone(), line["subject"].clone())).collect();
    assert_eq!(open, [(json!("options"), none.clone()), (json!("unauthenticated"), none)]);
    let list = lines[3]["round_trips"].as_u64().unwrap();
    assert!((1..=3).contains(&list), "tail and marks are read at the same time: {list}");
}

/// A short link: what came of it, and the id of its code, which the answer does not tell.
#[tokio::test]
async fn line_of_a_short_link_tells_its_outcome_and_its_code_and_no_caller() {
    let service = TestService::on_a_socket().await;
    let active = service.create("active", OWN_ORG).await;
    let ended = service.create("ended", OWN_ORG).await;
    service.invalidate(&ended).await;
    let function = guarded_function(&service).start().await;
    let link = |code: &Value| format!("/r/{}", code["code"].as_str().unwrap());
    for path in [link(&active), link(&ended), "/r/ZZZ-VERV-0000".into(), "/r/none".into()] {
        for accept in ["text/html", "application/json"] {
            send(&function, Call::get(&path).header("accept", accept)).await;
        }
    }
    send(&function, Call::get(&format!("{}.svg", link(&active)))).await;
    send(&function, Call::get("/openapi.yaml")).await;

    let lines = log(&function).await;
    let shown: Vec<_> =
        lines.iter().map(|line| ["route", "outcome", "code_id"].map(|field| line[field].clone())).collect();
    let row = |route: &str, outcome: &str, code: &Value| [json!(route), json!(outcome), code.clone()];
    let none = Value::Null;
    let expected = [
        row("short_link", "redirected", &active["id"]),
        row("short_link", "shown", &active["id"]),
        row("short_link", "code_not_active", &ended["id"]),
        row("short_link", "code_not_active", &ended["id"]),
        row("short_link", "code_not_found", &none),
        row("short_link", "code_not_found", &none),
        row("short_link", "code_not_found", &none),
        row("short_link", "code_not_found", &none),
        row("qr_code", "shown", &active["id"]),
        row("openapi", "shown", &none),
    ];
    assert_eq!(shown, expected);
    for line in &lines {
        let about_a_caller = ["mentor_id", "org_id", "subject"].map(|field| line[field].clone());
        assert_eq!(about_a_caller, [none.clone(), none.clone(), none.clone()], "{line}");
        assert_eq!(line["source_ip"], "203.0.113.7", "{line}");
    }
}

/// Callers at once: one makes the code, and the others find it in their way.
#[tokio::test]
async fn lost_race_is_told() {
    let service = TestService::on_a_socket().await;
    let function = function(&service).variable("AWS_LAMBDA_MAX_CONCURRENCY", "8").start().await;
    let mut outcomes = std::collections::BTreeSet::new();
    for nth in 0..20 {
        let call = || send(&function, Call::create(&format!("m{nth}"), "o"));
        let replies = futures_util::future::join_all((0..8).map(|_| call())).await;
        assert!(replies.iter().all(|reply| reply.status < 300));
    }
    for line in log(&function).await {
        outcomes.insert(line["outcome"].as_str().unwrap().to_owned());
    }
    assert!(outcomes.contains("created") && outcomes.contains("lost_race"), "{outcomes:?}");
}

/// A full run: every endpoint, every kind of event, answers of every kind. No line has a name, a body, a token, or a header
/// of the client.
#[tokio::test]
async fn log_has_no_name_no_body_no_token_and_no_header() {
    let service = TestService::on_a_socket().await;
    let function = guarded_function(&service).start().await;
    let secrets = [
        "SecretName",
        "secret-field",
        "secret.token.signature",
        "secret-agent",
        "secret-cookie",
        "secret-query",
        "secret@mail",
    ];
    for kind in Kind::ALL {
        for claims in [of_org("codes:write"), of_mentor("codes:read"), of_org("openid")] {
            let claims = with(with(claims, "email", "secret@mail"), "name", "SecretName");
            let body = json!({ "mentor_id": COLLEAGUE, "org_id": OWN_ORG, "mentor_name": "SecretName", "note": "secret-field" });
            let mut rotation = rotate_body(COLLEAGUE);
            rotation["note"] = json!("secret-field");
            let created = Call::post(BASE, &body);
            let mut invalid = body.clone();
            invalid["expires_at"] = json!("secret-field");
            for call in [
                created,
                Call::post(BASE, &invalid),
                Call::new("POST", BASE).body("secret-field"),
                Call::put(&format!("{BASE}/rc_00000000"), &rotation),
                Call::delete(&format!("{BASE}/secret-field")),
                Call::get(&format!("{BASE}/rc_00000000?access_token=secret-query")),
                Call::get(&format!("{BASE}?status=secret-query")),
                Call::get("/secret-query"),
                Call::get("/r/secret-query?utm_source=secret-query"),
                Call::new("OPTIONS", BASE),
            ] {
                let call = call
                    .kind(kind)
                    .claims(&claims)
                    .header("authorization", "Bearer secret.token.signature")
                    .header("user-agent", "secret-agent")
                    .header("cookie", "secret-cookie");
                send(&function, call).await;
            }
        }
    }
    let lines = log(&function).await;
    assert_eq!(lines.len(), 4 * 3 * 10);
    for line in lines {
        let text = line.to_string().to_lowercase();
        let told = secrets.iter().find(|secret| text.contains(&secret.to_lowercase()));
        assert!(told.is_none(), "{told:?} in {text}");
    }
}
