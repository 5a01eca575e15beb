//! Processes whose clocks differ, and clients who come late: what their answers say of times.

use std::time::Duration;

use dev::{Call, Fault, TestClock, TestService, random_ids};
use serde_json::json;

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
        let first = fast.create("m", "o").await;
        let second = slow.rotate(&first).await;
        let rotated = slow.read(&first).await;
        assert_eq!(rotated["rotated_at"], second["rotated_at"]);
        assert_eq!(second["rotated_at"], second["created_at"]);
        assert!(rotated["rotated_at"].as_str() >= rotated["created_at"].as_str(), "{rotated}");
        for service in [&fast, &slow] {
            assert_eq!(service.rotate(&first).await, second);
        }

        let ended = slow.invalidate(&second).await;
        assert!(ended["invalidated_at"].as_str() >= second["created_at"].as_str(), "{ended}");
        for service in [&fast, &slow] {
            assert_eq!(service.invalidate(&second).await, ended);
        }

        fast.clock.advance(Duration::from_secs(1));
        let third = fast.create("m", "o").await;
        fast.invalidate(&third).await;
        let fourth = slow.create("m", "o").await;
        let all = slow.list("?mentor_id=m").await["data"].clone();
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
    let post = Call::create("m", "o").with("expires_at", "2026-01-10T09:00:05Z");
    slow.faults.fail_next("TransactWriteItems", [Fault::Late; 6]);
    slow.send(post.clone()).await.expect_problem(503, "unavailable");
    slow.faults.clear_faults();
    // To the slower process the code is active, to the faster one it has expired, and another one would have as well.
    let found = slow.send(post.clone()).await.expect(200);
    assert_eq!(found["expires_at"], "2026-01-10T09:00:05Z");
    let refused = fast.send(post.clone()).await.expect_problem(422, "validation_failed");
    assert_eq!(refused["errors"], json!([{ "pointer": "/expires_at", "detail": "must be in the future" }]));
    // A mentor's active code is found, whatever a POST says of the expiry of a new one.
    let other = fast.create("n", "o").await;
    assert_eq!(fast.send(post.with("mentor_id", "n")).await.expect(200), other);
    // Nothing was made by the refused call.
    assert_eq!(slow.list("?mentor_id=m").await["pagination"]["total"], 1);
}
