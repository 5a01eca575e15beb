//! `DELETE /:id`: invalidates the active code.

use std::time::Duration;

use dev::{BASE, Call, TestService, create_body, rotate_body};
use serde_json::{Value, json};

fn path(code: &Value) -> String {
    format!("{BASE}/{}", code["id"].as_str().unwrap())
}

#[tokio::test]
async fn invalidate_returns_the_owner_s_example_and_the_same_when_repeated() {
    let service = TestService::builder().ids(&["8f3a21bc"]).build().await;
    service.send(Call::post(BASE, &create_body("usr_4491", "org_002"))).await.expect(201);
    service.clock.set("2026-03-26T12:00:00Z");
    let call = || Call::delete(&format!("{BASE}/rc_8f3a21bc"));
    let first = service.send(call()).await;
    assert_eq!(first.body, r#"{"id":"rc_8f3a21bc","status":"invalidated","invalidated_at":"2026-03-26T12:00:00Z"}"#);
    assert_eq!(first.status, 200);
    service.clock.advance(Duration::from_secs(60));
    assert_eq!(service.send(call()).await, first);
}

#[tokio::test]
async fn invalidate_is_shown_by_the_code_and_the_mentor_gets_a_new_one() {
    let service = TestService::new().await;
    let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    service.clock.advance(Duration::from_secs(60));
    service.send(Call::delete(&path(&code))).await.expect(200);
    let read = service.send(Call::get(&path(&code))).await.expect(200);
    assert_eq!((&read["status"], &read["invalidated_at"]), (&json!("invalidated"), &json!("2026-01-10T09:01:00Z")));
    let fresh = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    assert_ne!((&fresh["id"], &fresh["code"]), (&code["id"], &code["code"]));
    // A late repetition does not change the new code.
    service.send(Call::delete(&path(&code))).await.expect(200);
    assert_eq!(service.send(Call::get(&path(&fresh))).await.expect(200)["status"], "active");
}

#[tokio::test]
async fn invalidate_of_a_rotated_or_expired_code_returns_409() {
    let service = TestService::new().await;
    let old = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let new = service.send(Call::put(&path(&old), &rotate_body("m"))).await.expect(200);
    let refused = service.send(Call::delete(&path(&old))).await.expect_problem(409, "code_not_active");
    assert_eq!((&refused["code_status"], &refused["active_id"]), (&json!("rotated"), &new["id"]));
    service.send(Call::delete(&path(&new))).await.expect(200);
    let refused = service.send(Call::delete(&path(&old))).await.expect_problem(409, "code_not_active");
    assert_eq!((&refused["code_status"], refused.get("active_id")), (&json!("rotated"), None));

    let short = json!({ "mentor_id": "n", "org_id": "o", "expires_at": "2026-01-10T09:30:00Z" });
    let expired = service.send(Call::post(BASE, &short)).await.expect(201);
    service.clock.set("2026-01-10T09:30:00Z");
    let refused = service.send(Call::delete(&path(&expired))).await.expect_problem(409, "code_not_active");
    assert_eq!((&refused["code_status"], refused.get("active_id")), (&json!("expired"), None));
}

#[tokio::test]
async fn invalidate_of_an_unknown_id_returns_404() {
    let service = TestService::new().await;
    for id in ["rc_00000000", "rc_8F3A21BC", "x"] {
        service.send(Call::delete(&format!("{BASE}/{id}"))).await.expect_problem(404, "code_not_found");
    }
}
