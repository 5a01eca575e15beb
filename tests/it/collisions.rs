//! Ids and code strings that collide: they get more digits, and none is ever given out twice.

use std::collections::HashSet;

use dev::{BASE, Call, TestService, rotate_body};
use serde_json::{Value, json};

fn named(mentor: &str, name: &str) -> Value {
    json!({ "mentor_id": mentor, "org_id": "o", "mentor_name": name })
}

fn id_and_code(code: &Value) -> (&str, &str) {
    (code["id"].as_str().unwrap(), code["code"].as_str().unwrap())
}

#[tokio::test]
async fn code_string_collision_adds_digits_of_the_same_id() {
    let service = TestService::builder().ids(&["8f3a21bc", "8f3a2fff", "8f3a21cc", "8f3a21bd"]).build().await;
    let mut made = Vec::new();
    for (mentor, name) in [("a", "Jan"), ("b", "Jan"), ("c", "Jan"), ("d", "Ola")] {
        made.push(service.send(Call::post(BASE, &named(mentor, name))).await.expect(201));
    }
    assert_eq!(
        made.iter().map(id_and_code).collect::<Vec<_>>(),
        [
            ("rc_8f3a21bc", "JAN-VERV-8F3A"),
            ("rc_8f3a2fff", "JAN-VERV-8F3A2"),
            ("rc_8f3a21cc", "JAN-VERV-8F3A21"),
            ("rc_8f3a21bd", "OLA-VERV-8F3A"),
        ]
    );
}

#[tokio::test]
async fn id_collision_adds_digits() {
    let service = TestService::builder().ids(&["8f3a21bc0", "8f3a21bc1", "8f3a21bc11"]).build().await;
    let mut made = Vec::new();
    for (mentor, name) in [("a", "Jan"), ("b", "Ola"), ("c", "Eva")] {
        made.push(service.send(Call::post(BASE, &named(mentor, name))).await.expect(201));
    }
    assert_eq!(
        made.iter().map(id_and_code).collect::<Vec<_>>(),
        [("rc_8f3a21bc", "JAN-VERV-8F3A"), ("rc_8f3a21bc1", "OLA-VERV-8F3A"), ("rc_8f3a21bc11", "EVA-VERV-8F3A")]
    );
    for code in &made {
        assert_eq!(&service.send(Call::get(&format!("{BASE}/{}", id_and_code(code).0))).await.expect(200), code);
    }
}

/// Every code draws the same 80 random bits for the same label: all digits are used before a fresh ULID is drawn.
#[tokio::test]
async fn used_up_digits_give_way_to_a_fresh_ulid() {
    let same = "8f3a21bc8f3a21bc8f3a";
    let service = TestService::builder().ids(&[same; 16]).build().await;
    let (mut ids, mut codes) = (HashSet::new(), HashSet::new());
    for mentor in 0..14 {
        let made = service.send(Call::post(BASE, &named(&format!("m{mentor}"), "Jan"))).await.expect(201);
        let (id, code) = id_and_code(&made);
        let suffix = code.strip_prefix("JAN-VERV-").unwrap().to_lowercase();
        assert!(id[3..].starts_with(&suffix), "{made}");
        assert!(ids.insert(id.to_owned()) && codes.insert(code.to_owned()), "{made}");
    }
    assert_eq!(ids.iter().map(String::len).max(), Some(23));
    assert!(ids.iter().any(|id| !same.starts_with(&id[3..])), "no id is from a fresh ULID: {ids:?}");
}

#[tokio::test]
async fn rotate_adds_digits_on_a_collision() {
    let service = TestService::builder().ids(&["8f3a21bc", "8f3a21bc5"]).build().await;
    let old = service.send(Call::post(BASE, &named("a", "Jan"))).await.expect(201);
    let new = service.send(Call::put(&format!("{BASE}/rc_8f3a21bc"), &rotate_body("a"))).await.expect(200);
    assert_eq!(id_and_code(&new), ("rc_8f3a21bc5", "JAN-VERV-8F3A2"));
    assert_eq!(new["previous_code"], old["code"]);
}

#[tokio::test]
async fn create_after_expiry_adds_digits_on_a_collision() {
    let service = TestService::builder().ids(&["8f3a21bc", "8f3a21bc5"]).build().await;
    let mut body = named("a", "Jan");
    body["expires_at"] = json!("2026-01-10T09:30:00Z");
    service.send(Call::post(BASE, &body)).await.expect(201);
    service.clock.set("2026-01-10T09:30:00Z");
    let new = service.send(Call::post(BASE, &named("a", "Jan"))).await.expect(201);
    assert_eq!(id_and_code(&new), ("rc_8f3a21bc5", "JAN-VERV-8F3A2"));
}

#[tokio::test]
async fn ended_id_and_string_are_never_given_out_again() {
    let service = TestService::builder().ids(&["8f3a21bc", "8f3a21bc07"]).build().await;
    service.send(Call::post(BASE, &named("a", "Jan"))).await.expect(201);
    service.send(Call::delete(&format!("{BASE}/rc_8f3a21bc"))).await.expect(200);
    let fresh = service.send(Call::post(BASE, &named("a", "Jan"))).await.expect(201);
    assert_eq!(id_and_code(&fresh), ("rc_8f3a21bc0", "JAN-VERV-8F3A2"));
}
