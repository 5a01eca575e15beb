//! `DELETE /:id`: invalidates the active code.

use std::time::Duration;

use dev::{Call, TestService};
use serde_json::json;

#[tokio::test]
async fn invalidate_is_shown_by_the_code_and_the_mentor_gets_a_new_one() {
    let service = TestService::new().await;
    let code = service.create("m", "o").await;
    service.clock.advance(Duration::from_secs(60));
    let ended = service.invalidate(&code).await;
    assert_eq!(ended, json!({ "id": code["id"], "status": "invalidated", "invalidated_at": "2026-01-10T09:01:00Z" }));
    let read = service.read(&code).await;
    assert_eq!((&read["status"], &read["invalidated_at"]), (&ended["status"], &ended["invalidated_at"]));
    let fresh = service.create("m", "o").await;
    assert_ne!((&fresh["id"], &fresh["code"]), (&code["id"], &code["code"]));
    // A late repetition gives the same answer, and does not change the new code.
    service.clock.advance(Duration::from_secs(60));
    assert_eq!(service.invalidate(&code).await, ended);
    assert_eq!(service.read(&fresh).await["status"], "active");
}

#[tokio::test]
async fn invalidate_of_a_rotated_or_expired_code_returns_409() {
    let service = TestService::new().await;
    let old = service.create("m", "o").await;
    let new = service.rotate(&old).await;
    let refused = async |code: &_| service.send(Call::invalidate(code)).await.expect_problem(409, "code_not_active");
    let told = refused(&old).await;
    assert_eq!((&told["code_status"], &told["active_id"]), (&json!("rotated"), &new["id"]));
    service.invalidate(&new).await;
    let told = refused(&old).await;
    assert_eq!((&told["code_status"], told.get("active_id")), (&json!("rotated"), None));

    let short = Call::create("n", "o").with("expires_at", "2026-01-10T09:30:00Z");
    let expired = service.send(short).await.expect(201);
    service.clock.set("2026-01-10T09:30:00Z");
    let told = refused(&expired).await;
    assert_eq!((&told["code_status"], told.get("active_id")), (&json!("expired"), None));
}
