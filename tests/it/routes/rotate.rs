//! `PUT /:id`: replaces the active code by a new one.

use std::time::Duration;

use dev::{BASE, Call, TestService, create_body, rotate_body};
use serde_json::{Value, json};

fn path(code: &Value) -> String {
    format!("{BASE}/{}", code["id"].as_str().unwrap())
}

#[tokio::test]
async fn rotate_returns_the_owner_s_example_and_later_reads_agree() {
    let service = TestService::builder().ids(&["8f3a21bc", "9c4b32de"]).build().await;
    let body = json!({ "mentor_id": "usr_4491", "org_id": "org_002", "mentor_name": "Jan" });
    service.send(Call::post(BASE, &body)).await.expect(201);
    service.clock.set("2026-03-26T11:30:00Z");
    let successor = service.send(Call::put(&format!("{BASE}/rc_8f3a21bc"), &rotate_body("usr_4491"))).await;
    assert_eq!(
        successor.body,
        r#"{"id":"rc_9c4b32de","mentor_id":"usr_4491","org_id":"org_002","code":"JAN-VERV-9C4B","url":"https://app.org.no/join?ref=JAN-VERV-9C4B","status":"active","previous_code":"JAN-VERV-8F3A","rotated_at":"2026-03-26T11:30:00Z","created_at":"2026-03-26T11:30:00Z","expires_at":null}"#
    );
    assert_eq!(successor.status, 200);
    service.clock.advance(Duration::from_secs(60));
    assert_eq!(service.send(Call::get(&format!("{BASE}/rc_9c4b32de"))).await.body, successor.body);
    assert_eq!(service.send(Call::post(BASE, &create_body("usr_4491", "org_002"))).await.body, successor.body);
    assert_eq!(
        service.send(Call::get(&format!("{BASE}/rc_8f3a21bc"))).await.body,
        r#"{"id":"rc_8f3a21bc","mentor_id":"usr_4491","org_id":"org_002","code":"JAN-VERV-8F3A","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","status":"rotated","rotated_at":"2026-03-26T11:30:00Z","successor_id":"rc_9c4b32de","created_at":"2026-01-10T09:00:00Z","expires_at":null}"#
    );
}

#[tokio::test]
async fn rotate_repeated_returns_the_same_successor_while_it_is_active() {
    let service = TestService::new().await;
    let first = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let second = service.send(Call::put(&path(&first), &rotate_body("m"))).await.expect(200);
    service.clock.advance(Duration::from_secs(5));
    assert_eq!(service.send(Call::put(&path(&first), &rotate_body("m"))).await.expect(200), second);

    service.clock.advance(Duration::from_secs(5));
    let third = service.send(Call::put(&path(&second), &rotate_body("m"))).await.expect(200);
    assert_eq!((&third["previous_code"], &third["rotated_at"]), (&second["code"], &third["created_at"]));
    let refused =
        service.send(Call::put(&path(&first), &rotate_body("m"))).await.expect_problem(409, "code_not_active");
    assert_eq!((&refused["code_status"], &refused["active_id"]), (&json!("rotated"), &third["id"]));

    // The second code shows the rotation that ended it, and still names the code before it.
    let middle = service.send(Call::get(&path(&second))).await.expect(200);
    assert_eq!(middle["rotated_at"], third["created_at"]);
    assert_eq!((&middle["previous_code"], &middle["successor_id"]), (&first["code"], &third["id"]));
}

#[tokio::test]
async fn rotate_by_another_mentor_returns_403() {
    let service = TestService::new().await;
    let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    service.send(Call::post(BASE, &create_body("n", "o"))).await.expect(201);
    for other in ["n", "nobody"] {
        service.send(Call::put(&path(&code), &rotate_body(other))).await.expect_problem(403, "mentor_mismatch");
    }
    assert_eq!(service.send(Call::get(&path(&code))).await.expect(200), code);
}

#[tokio::test]
async fn rotate_of_an_ended_code_returns_409() {
    let service = TestService::new().await;
    let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    service.send(Call::delete(&path(&code))).await.expect(200);
    let refused = service.send(Call::put(&path(&code), &rotate_body("m"))).await.expect_problem(409, "code_not_active");
    assert_eq!((&refused["code_status"], refused.get("active_id")), (&json!("invalidated"), None));

    let fresh = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let refused = service.send(Call::put(&path(&code), &rotate_body("m"))).await.expect_problem(409, "code_not_active");
    assert_eq!((&refused["code_status"], &refused["active_id"]), (&json!("invalidated"), &fresh["id"]));

    let short = json!({ "mentor_id": "n", "org_id": "o", "expires_at": "2026-01-10T09:30:00Z" });
    let expired = service.send(Call::post(BASE, &short)).await.expect(201);
    service.clock.set("2026-01-10T09:30:00Z");
    let refused =
        service.send(Call::put(&path(&expired), &rotate_body("n"))).await.expect_problem(409, "code_not_active");
    assert_eq!((&refused["code_status"], refused.get("active_id")), (&json!("expired"), None));
}

/// The successor is not active any more, so it is not the answer.
#[tokio::test]
async fn rotate_repeated_returns_409_after_the_successor_ended() {
    let service = TestService::builder().setting("CODE_VALID_DAYS", "1").build().await;
    let first = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let second = service.send(Call::put(&path(&first), &rotate_body("m"))).await.expect(200);
    assert_eq!(second["expires_at"], "2026-01-11T09:00:00Z");
    service.clock.set("2026-01-11T09:00:00Z");
    let refused =
        service.send(Call::put(&path(&first), &rotate_body("m"))).await.expect_problem(409, "code_not_active");
    assert_eq!((&refused["code_status"], refused.get("active_id")), (&json!("rotated"), None));
}

#[tokio::test]
async fn rotate_keeps_the_label_and_takes_the_current_campaign() {
    let service = TestService::builder().setting("CAMPAIGN", "NEXT").build().await;
    let start = service.clock.now();
    let before = service.second_process(move || start).await;
    let body = json!({ "mentor_id": "m", "org_id": "o", "mentor_name": "Åse" });
    let first = before.send(Call::post(BASE, &body)).await.expect(201);
    assert!(first["code"].as_str().unwrap().starts_with("ASE-VERV-"));
    let second = service.send(Call::put(&path(&first), &rotate_body("m"))).await.expect(200);
    assert!(second["code"].as_str().unwrap().starts_with("ASE-NEXT-"), "{second}");
}

#[tokio::test]
async fn rotate_body_is_checked() {
    let service = TestService::new().await;
    let at = format!("{BASE}/rc_00000000");
    let problem =
        service.send(Call::put(&at, &json!({ "action": "renew" }))).await.expect_problem(422, "validation_failed");
    assert_eq!(
        problem["errors"],
        json!([
            { "pointer": "/mentor_id", "detail": "is required" },
            { "pointer": "/action", "detail": "must be \"rotate\"" },
        ])
    );
    service.send(Call::put(&at, &rotate_body("m"))).await.expect_problem(404, "code_not_found");
    service.send(Call::put(&format!("{BASE}/8f3a21bc"), &rotate_body("m"))).await.expect_problem(404, "code_not_found");
}
