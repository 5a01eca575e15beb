//! `PUT /:id`: replaces the active code by a new one.

use std::time::Duration;

use dev::{BASE, Call, TestService, path, rotate_body};
use serde_json::{Value, json};

use super::with_jan;

/// Of a refused rotation: the status of the code, and the mentor's active code.
async fn refused(service: &TestService, code: &Value) -> (Value, Option<Value>) {
    let problem = service.send(Call::rotate(code)).await.expect_problem(409, "code_not_active");
    (problem["code_status"].clone(), problem.get("active_id").cloned())
}

/// The owner's example of the answer itself is replayed by `fixtures`.
#[tokio::test]
async fn rotate_is_shown_by_later_reads() {
    let service = with_jan(TestService::builder()).await;
    let old = service.list("").await["data"][0].clone();
    service.clock.set("2026-03-26T11:30:00Z");
    let successor = service.send(Call::rotate(&old)).await;
    service.clock.advance(Duration::from_secs(60));
    assert_eq!(service.send(Call::read(&successor.json())).await.body, successor.body);
    assert_eq!(service.send(Call::create("usr_4491", "org_002")).await.body, successor.body);
    assert_eq!(
        service.send(Call::read(&old)).await.body,
        r#"{"id":"rc_8f3a21bc","mentor_id":"usr_4491","org_id":"org_002","code":"JAN-VERV-8F3A","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","status":"rotated","rotated_at":"2026-03-26T11:30:00Z","successor_id":"#
            .to_owned()
            + &successor.json()["id"].to_string()
            + r#","created_at":"2026-01-10T09:00:00Z","expires_at":null}"#
    );
}

#[tokio::test]
async fn rotate_repeated_returns_the_same_successor_while_it_is_active() {
    let service = TestService::new().await;
    let first = service.create("m", "o").await;
    let second = service.rotate(&first).await;
    service.clock.advance(Duration::from_secs(5));
    assert_eq!(service.rotate(&first).await, second);

    service.clock.advance(Duration::from_secs(5));
    let third = service.rotate(&second).await;
    assert_eq!((&third["previous_code"], &third["rotated_at"]), (&second["code"], &third["created_at"]));
    assert_eq!(refused(&service, &first).await, (json!("rotated"), Some(third["id"].clone())));

    // The second code shows the rotation that ended it, and still names the code before it.
    let middle = service.read(&second).await;
    assert_eq!(middle["rotated_at"], third["created_at"]);
    assert_eq!((&middle["previous_code"], &middle["successor_id"]), (&first["code"], &third["id"]));
}

#[tokio::test]
async fn rotate_of_an_ended_code_returns_409() {
    let service = TestService::new().await;
    let code = service.create("m", "o").await;
    service.invalidate(&code).await;
    assert_eq!(refused(&service, &code).await, (json!("invalidated"), None));
    let fresh = service.create("m", "o").await;
    assert_eq!(refused(&service, &code).await, (json!("invalidated"), Some(fresh["id"].clone())));

    let short = Call::create("n", "o").with("expires_at", "2026-01-10T09:30:00Z");
    let expired = service.send(short).await.expect(201);
    service.clock.set("2026-01-10T09:30:00Z");
    assert_eq!(refused(&service, &expired).await, (json!("expired"), None));
}

/// The successor is not active any more, so it is not the answer.
#[tokio::test]
async fn rotate_repeated_returns_409_after_the_successor_ended() {
    let service = TestService::builder().setting("CODE_VALID_DAYS", "1").build().await;
    let first = service.create("m", "o").await;
    assert_eq!(service.rotate(&first).await["expires_at"], "2026-01-11T09:00:00Z");
    service.clock.set("2026-01-11T09:00:00Z");
    assert_eq!(refused(&service, &first).await, (json!("rotated"), None));
}

#[tokio::test]
async fn rotate_keeps_the_label_and_takes_the_current_campaign() {
    let service = TestService::builder().setting("CAMPAIGN", "NEXT").build().await;
    let before = service.other_process().await;
    let first = before.send(Call::create("m", "o").with("mentor_name", "Åse")).await.expect(201);
    assert!(first["code"].as_str().unwrap().starts_with("ASE-VERV-"));
    let second = service.rotate(&first).await;
    assert!(second["code"].as_str().unwrap().starts_with("ASE-NEXT-"), "{second}");
}

#[tokio::test]
async fn rotate_body_is_checked() {
    let service = TestService::new().await;
    let unknown = path(&json!({ "id": "rc_00000000" }));
    let wrong = Call::put(&unknown, &json!({ "action": "renew" }));
    assert_eq!(
        service.send(wrong).await.expect_problem(422, "validation_failed")["errors"],
        json!([
            { "pointer": "/mentor_id", "detail": "is required" },
            { "pointer": "/action", "detail": "must be \"rotate\"" },
        ])
    );
    for at in [unknown, format!("{BASE}/8f3a21bc")] {
        service.send(Call::put(&at, &rotate_body("m"))).await.expect_problem(404, "code_not_found");
    }
}
