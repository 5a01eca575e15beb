//! `POST /`: returns the mentor's active code, and creates it if there is none.

use std::time::Duration;

use dev::{BASE, Call, TestService, path};
use serde_json::json;

#[tokio::test]
async fn create_makes_a_code_and_repeated_returns_it() {
    let service = TestService::builder().ids(&["8f3a21bc"]).build().await;
    let body = json!({ "mentor_id": "usr_4491", "org_id": "org_002", "mentor_name": "Jan", "unknown": [1, {}] });
    let made = service.send(Call::post(BASE, &body)).await;
    assert_eq!(
        made.body,
        r#"{"id":"rc_8f3a21bc","mentor_id":"usr_4491","org_id":"org_002","code":"JAN-VERV-8F3A","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","status":"active","created_at":"2026-01-10T09:00:00Z","expires_at":null}"#
    );
    assert_eq!(made.status, 201);
    assert_eq!(made.headers["location"], "/api/v1/referral-codes/rc_8f3a21bc");
    assert_eq!(made.headers["content-type"], "application/json");

    service.clock.advance(Duration::from_secs(3600));
    let found = service.send(Call::create("usr_4491", "org_002")).await;
    assert_eq!((found.status, &found.body), (200, &made.body));
    assert_eq!(found.headers["location"], made.headers["location"]);
}

#[tokio::test]
async fn create_without_a_usable_name_always_derives_the_same_label() {
    let service = TestService::new().await;
    let label = async |mentor: &str, name: serde_json::Value| {
        let code = service.send(Call::create(mentor, "o").with("mentor_name", name)).await.expect(201);
        service.invalidate(&code).await;
        code["code"].as_str().unwrap().split('-').next().unwrap().to_owned()
    };
    assert_eq!(label("usr_1", json!("Åse")).await, "ASE");
    let derived = label("usr_1", json!(null)).await;
    assert!(derived.len() == 3 && derived.bytes().all(|b| b"BCDFGHJKLMNPQRSTVWXZ".contains(&b)), "{derived}");
    assert_eq!(label("usr_1", json!("李明")).await, derived);
    assert_eq!(label("usr_1", json!("Fag")).await, derived);
    assert_ne!(label("usr_2", json!(null)).await, derived);
}

#[tokio::test]
async fn create_after_expiry_makes_a_new_code() {
    let service = TestService::new().await;
    let first = Call::create("m", "o").with("expires_at", "2026-01-10T11:00:00.5+01:00");
    let first = service.send(first).await.expect(201);
    assert_eq!(first["expires_at"], "2026-01-10T10:00:00Z");

    service.clock.set("2026-01-10T09:59:59Z");
    assert_eq!(service.send(Call::create("m", "o")).await.expect(200), first);
    service.clock.set("2026-01-10T10:00:00Z");
    assert_eq!(service.read(&first).await["status"], "expired");
    let second = service.create("m", "other_org").await;
    assert_ne!(second["id"], first["id"]);
    assert_eq!(second["org_id"], "other_org");
    assert_eq!(service.read(&first).await["status"], "expired");
}

/// The clocks of two processes differ. If the process ahead has replaced an expired code, the process behind must not treat
/// that code as active. So the transaction that replaces it stores its end.
#[tokio::test]
async fn create_after_expiry_holds_for_a_process_whose_clock_is_behind() {
    let service = TestService::new().await;
    let first = Call::create("m", "o").with("expires_at", "2026-01-10T10:00:00Z");
    let first = service.send(first).await.expect(201);
    let start = service.clock.now();
    let behind = service.second_process(move || start).await;

    service.clock.set("2026-01-10T10:00:01Z");
    let second = service.create("m", "o").await;
    assert_eq!(behind.read(&first).await["status"], "expired");
    behind.send(Call::get(&format!("{}/url", path(&first)))).await.expect_problem(410, "code_not_active");
    let refused = behind.send(Call::invalidate(&first)).await.expect_problem(409, "code_not_active");
    assert_eq!((&refused["code_status"], &refused["active_id"]), (&json!("expired"), &second["id"]));
    assert_eq!(behind.send(Call::create("m", "o")).await.expect(200)["id"], second["id"]);
}

#[tokio::test]
async fn create_for_another_organisation_returns_409() {
    let service = TestService::new().await;
    let code = service.create("m", "org_1").await;
    let refused = service.send(Call::create("m", "org_2")).await;
    assert_eq!(refused.expect_problem(409, "mentor_in_other_org")["active_id"], code["id"]);
    service.invalidate(&code).await;
    assert_eq!(service.create("m", "org_2").await["org_id"], "org_2");
}

#[tokio::test]
async fn create_follows_the_settings() {
    let service = TestService::builder()
        .ids(&["0123456789abcdef0123"])
        .setting("CAMPAIGN", "SPRING26")
        .setting("CODE_VALID_DAYS", "30")
        .setting("JOIN_URL_BASE", "http://localhost:8080/j")
        .setting("SHORT_URL_BASE", "https://s.example")
        .build()
        .await;
    let code = service.send(Call::create("m", "o").with("mentor_name", "Bo")).await.expect(201);
    assert_eq!(code["code"], "BO-SPRING26-0123");
    assert_eq!(code["url"], "http://localhost:8080/j?ref=BO-SPRING26-0123");
    assert_eq!(code["expires_at"], "2026-02-09T09:00:00Z");
    let urls = service.send(Call::get(&format!("{BASE}/rc_01234567/url"))).await.expect(200);
    assert_eq!(urls["short_url"], "https://s.example/BO-SPRING26-0123");

    let given = Call::create("n", "o").with("expires_at", "2027-01-01T00:00:00Z");
    assert_eq!(service.send(given).await.expect(201)["expires_at"], "2027-01-01T00:00:00Z");
}

#[tokio::test]
async fn create_reports_every_invalid_field_at_once() {
    let service = TestService::new().await;
    let wrong = json!({ "mentor_id": 7, "org_id": "a b", "mentor_name": "", "expires_at": "2026-01-10T09:00:00Z" });
    let problem = service.send(Call::post(BASE, &wrong)).await.expect_problem(422, "validation_failed");
    assert_eq!(
        problem["errors"],
        json!([
            { "pointer": "/mentor_id", "detail": "must be a string" },
            { "pointer": "/org_id", "detail": "must be 1 to 128 characters of A-Z, a-z, 0-9, _, -, ., : and |" },
            { "pointer": "/mentor_name", "detail": "must be 1 to 100 characters" },
            { "pointer": "/expires_at", "detail": "must be in the future" },
        ])
    );
    let missing = service.send(Call::post(BASE, &json!({}))).await.expect_problem(422, "validation_failed");
    assert_eq!(
        missing["errors"],
        json!([
            { "pointer": "/mentor_id", "detail": "is required" },
            { "pointer": "/org_id", "detail": "is required" },
        ])
    );
    assert_eq!(service.list("").await["pagination"]["total"], 0);
}

#[tokio::test]
async fn create_accepts_fields_up_to_their_limits() {
    let service = TestService::new().await;
    let longest = json!({
        "mentor_id": "m".repeat(128), "org_id": "Az09_-.:".repeat(16), "mentor_name": "Å".repeat(100),
        "expires_at": "9999-12-31T23:59:59Z",
    });
    let code = service.send(Call::post(BASE, &longest)).await.expect(201);
    assert_eq!(code["expires_at"], "9999-12-31T23:59:59Z");
    assert!(code["code"].as_str().unwrap().starts_with("AAA-VERV-"));
    for (field, value) in [
        ("mentor_id", json!("m".repeat(129))),
        ("mentor_id", json!("")),
        ("mentor_id", json!(null)),
        ("org_id", json!("o".repeat(129))),
        ("org_id", json!("ø")),
        ("org_id", json!("usr 1")),
        ("org_id", json!("usr#1")),
        ("org_id", json!("usr/1")),
        ("org_id", json!("a\n")),
        ("mentor_name", json!("Å".repeat(101))),
        ("mentor_name", json!(["Jan"])),
        ("expires_at", json!("9999-12-31T23:59:59-01:00")),
        ("expires_at", json!("2027-01-01")),
        ("expires_at", json!(1_800_000_000)),
    ] {
        let call = Call::create("n", "o").with(field, value.clone());
        let problem = service.send(call).await.expect_problem(422, "validation_failed");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{field} {value}");
        assert_eq!(problem["errors"][0]["pointer"], format!("/{field}"));
    }
}
