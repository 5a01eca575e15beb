//! Ids and code strings that collide: they get more digits, and none is ever given out twice.

use std::collections::HashSet;

use dev::{Call, TestService};
use serde_json::Value;

fn create(mentor: &str, name: &str) -> Call {
    Call::create(mentor, "o").with("mentor_name", name)
}

fn id_and_code(code: &Value) -> (&str, &str) {
    (code["id"].as_str().unwrap(), code["code"].as_str().unwrap())
}

/// Each code is shown as it was made, after all of them.
#[tokio::test]
async fn collision_adds_digits_of_the_same_id() {
    let of_code_strings = [
        ("8f3a21bc", "Jan", "rc_8f3a21bc", "JAN-VERV-8F3A"),
        ("8f3a2fff", "Jan", "rc_8f3a2fff", "JAN-VERV-8F3A2"),
        ("8f3a21cc", "Jan", "rc_8f3a21cc", "JAN-VERV-8F3A21"),
        ("8f3a21bd", "Ola", "rc_8f3a21bd", "OLA-VERV-8F3A"),
    ];
    let of_ids = [
        ("8f3a21bc0", "Jan", "rc_8f3a21bc", "JAN-VERV-8F3A"),
        ("8f3a21bc1", "Ola", "rc_8f3a21bc1", "OLA-VERV-8F3A"),
        ("8f3a21bc11", "Eva", "rc_8f3a21bc11", "EVA-VERV-8F3A"),
    ];
    for row in [&of_code_strings[..], &of_ids] {
        let service = TestService::builder().ids(&row.iter().map(|row| row.0).collect::<Vec<_>>()).build().await;
        let mut all = Vec::new();
        for (digits, name, id, code) in row {
            let made = service.send(create(digits, name)).await.expect(201);
            assert_eq!(id_and_code(&made), (*id, *code));
            all.push(made);
        }
        for code in all {
            assert_eq!(service.read(&code).await, code);
        }
    }
}

/// Every code draws the same 80 random bits for the same label: all digits are used before a fresh ULID is drawn.
#[tokio::test]
async fn used_up_digits_give_way_to_a_fresh_ulid() {
    let same = "8f3a21bc8f3a21bc8f3a";
    let service = TestService::builder().ids(&[same; 16]).build().await;
    let (mut ids, mut codes) = (HashSet::new(), HashSet::new());
    for mentor in 0..14 {
        let made = service.send(create(&format!("m{mentor}"), "Jan")).await.expect(201);
        let (id, code) = id_and_code(&made);
        let suffix = code.strip_prefix("JAN-VERV-").unwrap().to_lowercase();
        assert!(id[3..].starts_with(&suffix), "{made}");
        assert!(ids.insert(id.to_owned()) && codes.insert(code.to_owned()), "{made}");
    }
    assert_eq!(ids.iter().map(String::len).max(), Some(23));
    assert!(ids.iter().any(|id| !same.starts_with(&id[3..])), "no id is from a fresh ULID: {ids:?}");
}

/// A mentor's second code collides with the first, which has ended in this way: its id and its string stay used up.
#[tokio::test]
async fn ended_id_and_string_are_never_given_out_again() {
    for end in ["rotated", "expired", "invalidated"] {
        let service = TestService::builder().ids(&["8f3a21bc", "8f3a21bc5"]).build().await;
        let first = create("a", "Jan").with("expires_at", "2026-01-10T09:30:00Z");
        let old = service.send(first).await.expect(201);
        let new = match end {
            "rotated" => service.rotate(&old).await,
            "expired" => {
                service.clock.set("2026-01-10T09:30:00Z");
                service.send(create("a", "Jan")).await.expect(201)
            }
            _ => {
                service.invalidate(&old).await;
                service.send(create("a", "Jan")).await.expect(201)
            }
        };
        assert_eq!(id_and_code(&new), ("rc_8f3a21bc5", "JAN-VERV-8F3A2"), "{end}");
        assert_eq!(service.read(&old).await["status"], end);
    }
}
