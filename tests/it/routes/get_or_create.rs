//! `POST /`: returns the mentor's active code, and creates it if there is none. And the bodies of POST and PUT, and the ids of
//! the other routes.

use std::time::Duration;

use dev::{BASE, Call, TestService, rotate_body};
use serde_json::{Value, json};

#[tokio::test]
async fn create_makes_a_code_and_repeated_returns_it() {
    let service = TestService::builder().ids(&["8f3a21bc"]).build().await;
    let body = json!({ "mentor_id": "usr_4491", "org_id": "org_002", "mentor_name": "Jan", "unknown": [1, {}] });
    let made = service.send(Call::post(BASE, &body)).await;
    assert_eq!(
        made.body,
        r#"{"id":"rc_8f3a21bc","mentor_id":"usr_4491","org_id":"org_002","code":"JAN-VERV-8F3A","url":"https://app.org.no/join?ref=JAN-VERV-8F3A","status":"active","created_at":"2026-01-10T09:00:00Z","expires_at":null}"#
    );
    assert_eq!((made.status, &*made.headers["location"]), (201, "/api/v1/referral-codes/rc_8f3a21bc"));
    service.clock.advance(Duration::from_secs(3600));
    let found = service.send(Call::create("usr_4491", "org_002")).await;
    assert_eq!((found.status, &found.body), (200, &made.body));
    assert_eq!(found.headers["location"], made.headers["location"]);
    let refused = service.send(Call::create("usr_4491", "org_3")).await;
    assert_eq!(refused.expect_problem(409, "mentor_in_other_org")["active_id"], "rc_8f3a21bc");
    service.invalidate(&made.json()).await;
    assert_eq!(service.create("usr_4491", "org_3").await["org_id"], "org_3");
}

/// A rotation keeps the label, and takes the campaign of its time.
#[tokio::test]
async fn label_is_of_the_name_or_always_the_same_for_the_mentor() {
    let service = TestService::new().await;
    let label = async |mentor: &str, name: Value| {
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

    let random = dev::random_ids(1, false);
    let next = service.second_process_with(&service.clock, random, &[("CAMPAIGN", "NEXT")]).await;
    let first = service.send(Call::create("m", "o").with("mentor_name", "Åse")).await.expect(201);
    let second = next.rotate(&first).await;
    assert!(second["code"].as_str().unwrap().starts_with("ASE-NEXT-"), "{second}");
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
    let urls = service.send(Call::url(&code)).await.expect(200);
    assert_eq!(urls["short_url"], "https://s.example/BO-SPRING26-0123");
    let given = Call::create("n", "o").with("expires_at", "2027-01-01T00:00:00Z");
    assert_eq!(service.send(given).await.expect(201)["expires_at"], "2027-01-01T00:00:00Z");
}

#[tokio::test]
async fn bodies_report_every_invalid_field_at_once() {
    let service = TestService::new().await;
    let unknown = format!("{BASE}/rc_00000000");
    let wrong = json!({ "mentor_id": 7, "org_id": "a b", "mentor_name": "", "expires_at": "2026-01-10T09:00:00Z" });
    for (call, errors) in [
        (
            Call::post(BASE, &wrong),
            json!([
                { "pointer": "/mentor_id", "detail": "must be a string" },
                { "pointer": "/org_id", "detail": "must be 1 to 128 characters of A-Z, a-z, 0-9, _, -, ., : and |" },
                { "pointer": "/mentor_name", "detail": "must be 1 to 100 characters" },
                { "pointer": "/expires_at", "detail": "must be in the future" },
            ]),
        ),
        (
            Call::post(BASE, &json!({})),
            json!([
                { "pointer": "/mentor_id", "detail": "is required" },
                { "pointer": "/org_id", "detail": "is required" },
            ]),
        ),
        (
            Call::put(&unknown, &json!({ "action": "renew" })),
            json!([
                { "pointer": "/mentor_id", "detail": "is required" },
                { "pointer": "/action", "detail": "must be \"rotate\"" },
            ]),
        ),
    ] {
        let problem = service.send(call).await.expect_problem(422, "validation_failed");
        assert_eq!(problem["errors"], errors);
    }
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
    for (field, values) in [
        ("mentor_id", json!(["m".repeat(129), "", null])),
        ("org_id", json!(["o".repeat(129), "ø", "usr 1", "usr#1", "usr/1", "a\n"])),
        ("mentor_name", json!(["Å".repeat(101), ["Jan"]])),
        ("expires_at", json!(["9999-12-31T23:59:59-01:00", "2027-01-01", 1_800_000_000])),
    ] {
        for value in values.as_array().unwrap() {
            let call = Call::create("n", "o").with(field, value.clone());
            let problem = service.send(call).await.expect_problem(422, "validation_failed");
            assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{field} {value}");
            assert_eq!(problem["errors"][0]["pointer"], format!("/{field}"));
        }
    }
}

/// A string that can be no id is answered without a read, any other by one that is strongly consistent.
#[tokio::test]
async fn unknown_id_is_404_after_one_consistent_read_at_most() {
    let service = TestService::new().await;
    let invalid = "rc_ rc_8f3a21b rc_8F3A21BC RC_8f3a21bc rc_8f3a21bg rc_８f3a21bc rc_8f3a21bc0011223344ff0 8f3a21bc \
                   rc_8f3a21bc%20 ré .. a+b";
    let unknown = "rc_8f3a21bc rc_8f3a21bc0011223344ff";
    for (ids, reads) in [(invalid, 0), (unknown, 1)] {
        for id in ids.split(' ') {
            let path = format!("{BASE}/{id}");
            let rotation = Call::put(&path, &rotate_body("m"));
            service.send(rotation).await.expect_problem(404, "code_not_found");
            for path in [path.clone(), format!("{path}/url")] {
                service.faults.take();
                service.send(Call::get(&path)).await.expect_problem(404, "code_not_found");
                let sent = service.faults.take();
                assert_eq!(sent.len(), reads, "{path}");
                assert!(sent.iter().all(|sent| sent.request["ConsistentRead"] == true), "{sent:?}");
            }
        }
    }
}
