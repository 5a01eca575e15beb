//! What each operation consumes, counted by the table itself (`ReturnConsumedCapacity`), and that a page's cost does
//! not grow with the table. Another engine's figures are not held against these.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, Consumed, TestService, create_body, rotate_body};
use serde_json::{Value, json};

async fn consumed(world: &TestService, call: Call) -> (Value, Consumed) {
    world.meter.take();
    let reply = world.send(call).await;
    assert!(reply.status < 300, "{reply:?}");
    (reply.json(), world.meter.take())
}

fn embedded() -> bool {
    std::env::var_os("TEST_DYNAMODB_ENDPOINT").is_none()
}

/// The budget of every operation, in capacity units. On demand, a unit is a request unit.
#[tokio::test]
async fn every_operation_keeps_to_its_budget() {
    if !embedded() {
        return;
    }
    let world = TestService::builder().ids(&["a1", "b1", "c1", "d1", "e1"]).build().await;
    let path = |code: &Value| format!("{BASE}/{}", code["id"].as_str().unwrap());
    let within = |took: Consumed, requests: usize, units: f64, what: &str| {
        assert!(took.requests == requests && took.units <= units, "{what}: {took:?}, not {requests} and {units}");
    };
    // Three items in a transaction count twice, and the record once for each of two indexes.
    let until = json!({ "mentor_id": "m", "org_id": "o", "expires_at": "2026-01-10T10:00:00Z" });
    let (first, took) = consumed(&world, Call::post(BASE, &until)).await;
    within(took, 2, 1.0 + 6.0 + 2.0, "POST, a new code");
    let (_, took) = consumed(&world, Call::post(BASE, &create_body("m", "o"))).await;
    within(took, 1, 1.0, "POST, an existing code");
    let (_, took) = consumed(&world, Call::get(&path(&first))).await;
    within(took, 1, 1.0, "GET");
    let (_, took) = consumed(&world, Call::get(&format!("{}/url", path(&first)))).await;
    within(took, 1, 1.0, "GET url");
    let (second, took) = consumed(&world, Call::put(&path(&first), &rotate_body("m"))).await;
    within(took, 2, 1.0 + 8.0 + 4.0, "PUT");
    let (_, took) = consumed(&world, Call::put(&path(&first), &rotate_body("m"))).await;
    within(took, 1, 1.0, "PUT, repeated");
    let (_, took) = consumed(&world, Call::delete(&path(&second))).await;
    within(took, 2, 1.0 + 4.0 + 2.0, "DELETE");
    let (_, took) = consumed(&world, Call::delete(&path(&second))).await;
    within(took, 1, 1.0, "DELETE, repeated");
    consumed(&world, Call::post(BASE, &until)).await;
    world.clock.set("2026-01-10T10:00:00Z");
    let (_, took) = consumed(&world, Call::post(BASE, &create_body("m", "o"))).await;
    within(took, 2, 1.0 + 8.0 + 4.0, "POST, after an expiry");
}

/// The first, a middle and the last page at 1,000 codes and at 10,000; `benches/listing.rs` goes further.
#[tokio::test]
async fn a_page_costs_the_same_however_long_the_listing() {
    if !embedded() {
        return;
    }
    let mut costs = Vec::new();
    for count in [1_000, 10_000] {
        let world = TestService::new().await;
        // The pattern is one of them.
        world.fill(&CodeFixture::series(count - 1, world.clock.now(), Duration::from_millis(5), &["o"])).await;
        world.clock.advance(Duration::from_secs(120));
        while world.send(Call::get(BASE)).await.status != 200 {}
        for path in ["page=1", &format!("page={}", count / 40), &format!("page={}", count / 20)] {
            for filter in ["", "&org_id=o"] {
                consumed(&world, Call::get(&format!("{BASE}?{path}{filter}"))).await;
                let (answer, took) = consumed(&world, Call::get(&format!("{BASE}?{path}{filter}"))).await;
                assert!(took.requests <= 5 && took.units <= 6.0, "{count} codes, {path}{filter}: {took:?}");
                if filter.is_empty() {
                    assert_eq!(answer["pagination"]["total"], count);
                    costs.push((count, path.to_owned(), took));
                }
            }
        }
    }
    let (first, last) = (costs[0].2, costs[5].2);
    assert!(last.units <= first.units * 1.2, "{costs:?}");
    assert!(last.bytes <= first.bytes * 12 / 10, "{costs:?}");
}
