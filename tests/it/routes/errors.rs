//! Every error of the catalogue, for every kind of event, as the contract defines it.

use std::collections::BTreeSet;

use dev::{BASE, Call, Fault, Kind, TestService, create_body, rotate_body};
use referral_codes::http::ProblemCode;
use serde_json::json;

/// Causes each entry of the catalogue, and compares the entries seen with the catalogue.
#[tokio::test]
async fn problem_catalogue_entries_all_occur() {
    let service = TestService::new().await;
    let first =
        service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201)["id"].as_str().unwrap().to_owned();
    service.send(Call::put(&format!("{BASE}/{first}"), &rotate_body("m"))).await.expect(200);
    let large = format!(r#"{{"mentor_id":"{}"}}"#, "x".repeat(16 * 1024));
    let guarded = TestService::builder().setting("ACCESS", "jwt").build().await;
    let mut seen = BTreeSet::new();
    for kind in Kind::ALL {
        for (call, status, code) in [
            (Call::new("POST", BASE).body("{"), 400, "invalid_json"),
            (Call::get(&format!("{BASE}?page=x")), 400, "invalid_parameter"),
            (Call::put(&format!("{BASE}/{first}"), &rotate_body("n")), 403, "mentor_mismatch"),
            (Call::get(&format!("{BASE}/rc_00000000")), 404, "code_not_found"),
            (Call::get("/"), 404, "route_not_found"),
            (Call::new("PATCH", BASE), 405, "method_not_allowed"),
            (Call::post(BASE, &create_body("m", "other")), 409, "mentor_in_other_org"),
            (Call::delete(&format!("{BASE}/{first}")), 409, "code_not_active"),
            (Call::get(&format!("{BASE}/{first}/url")), 410, "code_not_active"),
            (Call::new("POST", BASE).body(&large), 413, "body_too_large"),
            (Call::new("POST", BASE).header("content-type", "text/plain").body("{}"), 415, "unsupported_media_type"),
            (Call::new("POST", BASE).body("{}"), 422, "validation_failed"),
        ] {
            let reply = service.send(call.kind(kind)).await;
            reply.expect_problem(status, code);
            seen.insert((status, code.to_owned()));
        }
        for (code, status, claims) in [
            ("unauthenticated", 401, None),
            ("insufficient_scope", 403, Some(json!({ "sub": "s" }))),
            ("org_mismatch", 403, Some(json!({ "scope": "codes:read" }))),
        ] {
            let call = Call::get(BASE).kind(kind);
            // A function URL and a load balancer hand over no claims.
            let (status, code) =
                if matches!(kind, Kind::FunctionUrl | Kind::Alb) { (401, "unauthenticated") } else { (status, code) };
            let call = claims.iter().fold(call, Call::claims);
            guarded.send(call).await.expect_problem(status, code);
            seen.insert((status, code.to_owned()));
        }
        service.faults.fail_next("GetItem", [Fault::Refused(400, "ResourceNotFoundException")]);
        let reply = service.send(Call::get(&format!("{BASE}/rc_00000000")).kind(kind)).await;
        let problem = reply.expect_problem(500, "internal");
        assert!(!problem.to_string().contains("ResourceNotFound"), "the response shows internals: {problem}");
        seen.insert((500, "internal".into()));
        service.faults.plan(|_| Some(Fault::Refused(400, "ThrottlingException")));
        let reply = service.send(Call::get(&format!("{BASE}/rc_00000000")).kind(kind)).await;
        reply.expect_problem(503, "unavailable");
        assert_eq!(reply.headers["retry-after"], "1");
        seen.insert((503, "unavailable".into()));
        service.faults.plan(|_| None);
    }
    let catalogue = ProblemCode::ALL.iter().map(|code| {
        let (status, name, _) = code.entry();
        (u64::from(status.as_u16()), name.to_owned())
    });
    assert_eq!(seen, catalogue.collect());
}

#[tokio::test]
async fn body_over_16_kib_returns_413() {
    let service = TestService::new().await;
    let body = |length: usize| {
        let start = r#"{"mentor_id":"m","org_id":"o","padding":""#;
        format!("{start}{}\"}}", "x".repeat(length - start.len() - 2))
    };
    service.send(Call::new("POST", BASE).body(&body(16 * 1024))).await.expect(201);
    service.send(Call::new("POST", BASE).body(&body(16 * 1024 + 1))).await.expect_problem(413, "body_too_large");
}

#[tokio::test]
async fn body_media_type_must_be_json() {
    let service = TestService::new().await;
    let typed = |media_type: &str| Call::new("POST", BASE).header("content-type", media_type).body("{}");
    for media_type in
        ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json", "application/json ;x", ""]
    {
        service.send(typed(media_type)).await.expect_problem(422, "validation_failed");
    }
    service.send(Call::new("POST", BASE).body("{}")).await.expect_problem(422, "validation_failed");
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", "image/svg+json"]
    {
        service.send(typed(media_type)).await.expect_problem(415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn body_must_be_a_json_object_in_utf_8() {
    let service = TestService::new().await;
    let deep = format!("{}{}", "[".repeat(8000), "]".repeat(8000));
    for body in ["", " ", "{", "[]", "null", "\"text\"", "{\"a\":1}{", "\u{feff}{}", &deep] {
        service.send(Call::new("POST", BASE).body(body)).await.expect_problem(400, "invalid_json");
    }
    service.send(Call::new("POST", BASE)).await.expect_problem(400, "invalid_json");
    let mut latin = Call::new("POST", BASE).body("eyJtZW50b3JfaWQiOiLFIn0="); // {"mentor_id":"Å"} in ISO 8859-1
    latin.is_base64 = true;
    service.send(latin).await.expect_problem(400, "invalid_json");
    let mut encoded = Call::new("POST", BASE).body("eyJtZW50b3JfaWQiOiJtIiwib3JnX2lkIjoibyJ9");
    encoded.is_base64 = true;
    service.send(encoded).await.expect(201);
}

#[tokio::test]
async fn problem_has_the_request_id_of_the_log() {
    let service = TestService::new().await;
    let problem = service.send(Call::get("/")).await.expect_problem(404, "route_not_found");
    assert_eq!(problem["request_id"], "test-request");
}
