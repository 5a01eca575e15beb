//! Processes whose clocks differ, and clients who come late: what their answers say of times.

use std::time::Duration;

use dev::{BASE, Call, Fault, TestClock, TestService, create_body, random_ids, rotate_body};
use serde_json::{Value, json};

fn path(code: &Value) -> String {
    format!("{BASE}/{}", code["id"].as_str().unwrap())
}

/// A process, and one whose clock is so much behind.
async fn fast_and_slow(behind: Duration) -> [TestService; 2] {
    let fast = TestService::builder().in_process().build().await;
    let slow = TestClock::at("2026-01-10T09:00:00Z");
    fast.clock.advance(behind);
    let slow = fast.second_process_with(&slow, random_ids(1, false), &[]).await;
    [fast, slow]
}

/// The slower process changes what the faster one has made. Every code begins when, or after, the last one has ended.
#[tokio::test]
async fn times_of_a_mentor_s_codes_are_in_order_whichever_clocks_told_them() {
    for seconds in [0, 1, 5, 700] {
        let [fast, slow] = fast_and_slow(Duration::from_secs(seconds)).await;
        let post =
            async |service: &TestService| service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
        let put = |code: &Value| Call::put(&path(code), &rotate_body("m"));

        let first = post(&fast).await;
        let second = slow.send(put(&first)).await.expect(200);
        let rotated = slow.send(Call::get(&path(&first))).await.expect(200);
        assert_eq!(rotated["rotated_at"], second["rotated_at"]);
        assert_eq!(second["rotated_at"], second["created_at"]);
        assert!(rotated["rotated_at"].as_str() >= rotated["created_at"].as_str(), "{rotated}");
        for service in [&fast, &slow] {
            assert_eq!(service.send(put(&first)).await.expect(200), second);
        }

        let ended = slow.send(Call::delete(&path(&second))).await.expect(200);
        assert!(ended["invalidated_at"].as_str() >= second["created_at"].as_str(), "{ended}");
        for service in [&fast, &slow] {
            assert_eq!(service.send(Call::delete(&path(&second))).await.expect(200), ended);
        }

        fast.clock.advance(Duration::from_secs(1));
        let third = post(&fast).await;
        fast.send(Call::delete(&path(&third))).await.expect(200);
        let fourth = post(&slow).await;
        let all = slow.send(Call::get(&format!("{BASE}?mentor_id=m"))).await.expect(200)["data"].clone();
        let ids: Vec<_> = all.as_array().unwrap().iter().map(|code| &code["id"]).collect();
        assert_eq!(ids, [&fourth["id"], &third["id"], &second["id"], &first["id"]]);
        for pair in all.as_array().unwrap().windows(2) {
            let end = pair[1]["invalidated_at"].as_str().or(pair[1]["rotated_at"].as_str()).unwrap();
            assert!(pair[0]["created_at"].as_str() >= Some(end), "{pair:?}");
        }
    }
}

/// The answer to the first POST was lost, and its `expires_at` has passed by the time of the next one.
#[tokio::test(start_paused = true)]
async fn repeated_create_finds_its_code_although_its_expiry_has_passed() {
    let [fast, slow] = fast_and_slow(Duration::from_secs(10)).await;
    let mut body = create_body("m", "o");
    body["expires_at"] = json!("2026-01-10T09:00:05Z");
    let post = Call::post(BASE, &body);
    slow.faults.fail_next("TransactWriteItems", [Fault::Late; 6]);
    slow.send(post.clone()).await.expect_problem(503, "unavailable");
    slow.faults.clear_faults();
    // To the slower process the code is active, to the faster one it has expired, and another one would have as well.
    let found = slow.send(post.clone()).await.expect(200);
    assert_eq!(found["expires_at"], "2026-01-10T09:00:05Z");
    let refused = fast.send(post.clone()).await.expect_problem(422, "validation_failed");
    assert_eq!(refused["errors"], json!([{ "pointer": "/expires_at", "detail": "must be in the future" }]));
    // A mentor's active code is found, whatever a POST says of the expiry of a new one.
    let other = fast.send(Call::post(BASE, &create_body("n", "o"))).await.expect(201);
    body["mentor_id"] = json!("n");
    assert_eq!(fast.send(Call::post(BASE, &body)).await.expect(200), other);
    // Nothing was made by the refused call.
    let listed = slow.send(Call::get(&format!("{BASE}?mentor_id=m"))).await.expect(200);
    assert_eq!(listed["pagination"]["total"], 1);
}
