//! Codes that have ended, as each route answers for them. The owner's examples of the answers are replayed by `fixtures`, and
//! histories of such calls are judged by `linearizability`.

use std::time::Duration;

use dev::{Call, TestService};
use serde_json::{Value, json};

/// What a refusal tells: the status of the code, and the mentor's active code.
async fn refused(service: &TestService, call: Call) -> (Value, Option<Value>) {
    let problem = service.send(call).await.expect_problem(409, "code_not_active");
    (problem["code_status"].clone(), problem.get("active_id").cloned())
}

#[tokio::test]
async fn rotate_repeated_returns_the_same_successor_while_it_is_active() {
    let service = TestService::new().await;
    let first = service.create("m", "o").await;
    let second = service.rotate(&first).await;
    service.clock.advance(Duration::from_secs(5));
    assert_eq!(service.rotate(&first).await, second);
    assert_eq!(service.send(Call::create("m", "o")).await.expect(200), second);
    service.clock.advance(Duration::from_secs(5));
    let third = service.rotate(&second).await;
    assert_eq!((&third["previous_code"], &third["rotated_at"]), (&second["code"], &third["created_at"]));
    let told = (json!("rotated"), Some(third["id"].clone()));
    assert_eq!(refused(&service, Call::rotate(&first)).await, told);
    assert_eq!(refused(&service, Call::invalidate(&first)).await, told);
    // The second code shows the rotation that ended it, and still names the code before it.
    let mut middle = second.clone();
    middle["status"] = json!("rotated");
    middle["rotated_at"] = third["rotated_at"].clone();
    middle["successor_id"] = third["id"].clone();
    let read = service.send(Call::read(&second)).await;
    assert_eq!(read.expect(200), middle);
    let fields = ["status", "previous_code", "rotated_at", "successor_id", "created_at", "expires_at"];
    assert!(fields.map(|field| read.body.find(&format!("\"{field}\":"))).is_sorted(), "{read:?}");
}

#[tokio::test]
async fn invalidate_repeated_gives_the_same_answer_and_leaves_the_next_code_alone() {
    let service = TestService::new().await;
    let code = service.create("m", "o").await;
    service.clock.advance(Duration::from_secs(60));
    let ended = service.invalidate(&code).await;
    assert_eq!(ended, json!({ "id": code["id"], "status": "invalidated", "invalidated_at": "2026-01-10T09:01:00Z" }));
    let read = service.read(&code).await;
    assert_eq!((&read["status"], &read["invalidated_at"]), (&ended["status"], &ended["invalidated_at"]));
    assert_eq!(refused(&service, Call::rotate(&code)).await, (json!("invalidated"), None));
    let fresh = service.create("m", "o").await;
    assert_ne!((&fresh["id"], &fresh["code"]), (&code["id"], &code["code"]));
    service.clock.advance(Duration::from_secs(60));
    assert_eq!(service.invalidate(&code).await, ended);
    assert_eq!(refused(&service, Call::rotate(&code)).await, (json!("invalidated"), Some(fresh["id"].clone())));
    assert_eq!(service.read(&fresh).await, fresh);
}

/// What a code was, and what is asked of it: a rotation of it counts no longer when its successor has ended.
#[tokio::test]
async fn ended_code_is_refused_with_its_status() {
    let service = TestService::builder().setting("CODE_VALID_DAYS", "1").build().await;
    let rotated = service.create("rotated", "o").await;
    let successor = service.rotate(&rotated).await;
    assert_eq!(successor["expires_at"], rotated["expires_at"]);
    let deleted = service.create("deleted", "o").await;
    service.invalidate(&deleted).await;
    service.clock.set("2026-01-11T09:00:00Z");
    let replaced = service.send(Call::create("rotated", "o")).await;
    service.invalidate(&replaced.expect(201)).await;
    let expired = service.create("expired", "o").await;
    service.clock.set("2026-01-12T09:00:00Z");
    for (code, status) in
        [(&rotated, "rotated"), (&successor, "expired"), (&deleted, "invalidated"), (&expired, "expired")]
    {
        assert_eq!(service.read(code).await["status"], status);
        let gone = service.send(Call::url(code)).await.expect_problem(410, "code_not_active");
        assert_eq!(gone["code_status"], status);
        assert_eq!(refused(&service, Call::rotate(code)).await, (json!(status), None));
        if status != "invalidated" {
            assert_eq!(refused(&service, Call::invalidate(code)).await, (json!(status), None));
        }
    }
}

/// The clocks of two processes differ. If the process ahead has replaced an expired code, the process behind must not treat
/// that code as active. So the transaction that replaces it stores its end.
#[tokio::test]
async fn create_after_expiry_holds_for_a_process_whose_clock_is_behind() {
    let service = TestService::new().await;
    let first = Call::create("m", "o").with("expires_at", "2026-01-10T11:00:00.5+01:00");
    let first = service.send(first).await.expect(201);
    assert_eq!(first["expires_at"], "2026-01-10T10:00:00Z");
    let start = service.clock.now();
    let behind = service.second_process(move || start).await;
    service.clock.set("2026-01-10T09:59:59Z");
    assert_eq!(service.send(Call::create("m", "o")).await.expect(200), first);
    service.clock.set("2026-01-10T10:00:00Z");
    let second = service.create("m", "other_org").await;
    assert_ne!(second["id"], first["id"]);
    assert_eq!(behind.read(&first).await["status"], "expired");
    behind.send(Call::url(&first)).await.expect_problem(410, "code_not_active");
    let told = (json!("expired"), Some(second["id"].clone()));
    assert_eq!(refused(&behind, Call::invalidate(&first)).await, told);
    assert_eq!(behind.send(Call::create("m", "other_org")).await.expect(200)["id"], second["id"]);
}
