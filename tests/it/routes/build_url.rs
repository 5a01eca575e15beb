//! `GET /:id/url`.

use dev::{BASE, Call, TestService, create_body, rotate_body};
use serde_json::json;

#[tokio::test]
async fn build_url_returns_the_owner_s_example() {
    let service = TestService::builder().ids(&["8f3a21bc"]).build().await;
    let body = json!({ "mentor_id": "usr_4491", "org_id": "org_002", "mentor_name": "Jan" });
    service.send(Call::post(BASE, &body)).await.expect(201);
    service.clock.set("2026-03-26T11:00:00Z");
    let urls = service.send(Call::get(&format!("{BASE}/rc_8f3a21bc/url"))).await;
    assert_eq!(
        (urls.status, urls.body.as_str()),
        (
            200,
            r#"{"code":"JAN-VERV-8F3A","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","short_url":"https://org.no/r/JAN-VERV-8F3A","generated_at":"2026-03-26T11:00:00Z"}"#
        )
    );
}

#[tokio::test]
async fn build_url_of_an_ended_code_returns_410() {
    let service = TestService::new().await;
    let short = json!({ "mentor_id": "m", "org_id": "o", "expires_at": "2026-01-10T09:30:00Z" });
    let url = |code: &serde_json::Value| format!("{BASE}/{}/url", code["id"].as_str().unwrap());
    let first = service.send(Call::post(BASE, &short)).await.expect(201);
    let second = service.send(Call::put(url(&first).trim_end_matches("/url"), &rotate_body("m"))).await.expect(200);
    let gone = service.send(Call::get(&url(&first))).await.expect_problem(410, "code_not_active");
    assert_eq!(gone["code_status"], "rotated");
    service.send(Call::get(&url(&second))).await.expect(200);
    service.send(Call::delete(url(&second).trim_end_matches("/url"))).await.expect(200);
    let gone = service.send(Call::get(&url(&second))).await.expect_problem(410, "code_not_active");
    assert_eq!(gone["code_status"], "invalidated");

    let third = service.send(Call::post(BASE, &short)).await.expect(201);
    service.clock.set("2026-01-10T09:30:00Z");
    let gone = service.send(Call::get(&url(&third))).await.expect_problem(410, "code_not_active");
    assert_eq!(gone["code_status"], "expired");
    service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    service.send(Call::get(&url(&third))).await.expect_problem(410, "code_not_active");
    service.send(Call::get(&format!("{BASE}/rc_00000000/url"))).await.expect_problem(404, "code_not_found");
}
