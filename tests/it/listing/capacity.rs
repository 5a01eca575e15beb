//! What each operation consumes, as the table itself counts it (`ReturnConsumedCapacity`). The cost of a page does not grow
//! with the table. Other engines may count differently, so these tests skip them.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, Consumed, TestService, create_body, rotate_body};
use serde_json::{Value, json};

async fn consumed(service: &TestService, call: Call) -> (Value, Consumed) {
    service.meter.take();
    let reply = service.send(call).await;
    assert!(reply.status < 300, "{reply:?}");
    (reply.json(), service.meter.take())
}

fn embedded() -> bool {
    std::env::var_os("TEST_DYNAMODB_ENDPOINT").is_none()
}

/// The limit of every operation, in capacity units. In on-demand mode, a unit is a request unit.
#[tokio::test]
async fn operations_stay_within_their_capacity_units() {
    if !embedded() {
        return;
    }
    let service = TestService::builder().ids(&["a1", "b1", "c1", "d1", "e1"]).build().await;
    let path = |code: &Value| format!("{BASE}/{}", code["id"].as_str().unwrap());
    let within = |cost: Consumed, requests: usize, units: f64, what: &str| {
        assert!(cost.requests == requests && cost.units <= units, "{what}: {cost:?}, not {requests} and {units}");
    };
    // Each of the three items in the transaction counts twice, and the record once more for each of two indexes.
    let until = json!({ "mentor_id": "m", "org_id": "o", "expires_at": "2026-01-10T10:00:00Z" });
    let (first, cost) = consumed(&service, Call::post(BASE, &until)).await;
    within(cost, 2, 1.0 + 6.0 + 2.0, "POST, a new code");
    let (_, cost) = consumed(&service, Call::post(BASE, &create_body("m", "o"))).await;
    within(cost, 1, 1.0, "POST, an existing code");
    let (_, cost) = consumed(&service, Call::get(&path(&first))).await;
    within(cost, 1, 1.0, "GET");
    let (_, cost) = consumed(&service, Call::get(&format!("{}/url", path(&first)))).await;
    within(cost, 1, 1.0, "GET url");
    let (second, cost) = consumed(&service, Call::put(&path(&first), &rotate_body("m"))).await;
    within(cost, 2, 1.0 + 8.0 + 4.0, "PUT");
    let (_, cost) = consumed(&service, Call::put(&path(&first), &rotate_body("m"))).await;
    within(cost, 1, 1.0, "PUT, repeated");
    let (_, cost) = consumed(&service, Call::delete(&path(&second))).await;
    within(cost, 2, 1.0 + 4.0 + 2.0, "DELETE");
    let (_, cost) = consumed(&service, Call::delete(&path(&second))).await;
    within(cost, 1, 1.0, "DELETE, repeated");
    consumed(&service, Call::post(BASE, &until)).await;
    service.clock.set("2026-01-10T10:00:00Z");
    let (_, cost) = consumed(&service, Call::post(BASE, &create_body("m", "o"))).await;
    within(cost, 2, 1.0 + 8.0 + 4.0, "POST, after an expiry");
}

/// The first, a middle and the last page at 1,000 codes and at 10,000; `benches/listing` measures longer listings.
#[tokio::test]
async fn page_cost_does_not_grow_with_the_listing() {
    if !embedded() {
        return;
    }
    let mut costs = Vec::new();
    for count in [1_000, 10_000] {
        let service = TestService::new().await;
        // The code that `fill` copies is one of them.
        service.fill(&CodeFixture::series(count - 1, service.clock.now(), Duration::from_millis(5), &["o"])).await;
        service.clock.advance(Duration::from_secs(120));
        while service.send(Call::get(BASE)).await.status != 200 {}
        for path in ["page=1", &format!("page={}", count / 40), &format!("page={}", count / 20)] {
            for filter in ["", "&org_id=o"] {
                consumed(&service, Call::get(&format!("{BASE}?{path}{filter}"))).await;
                let (answer, cost) = consumed(&service, Call::get(&format!("{BASE}?{path}{filter}"))).await;
                assert!(cost.requests <= 5 && cost.units <= 6.0, "{count} codes, {path}{filter}: {cost:?}");
                if filter.is_empty() {
                    assert_eq!(answer["pagination"]["total"], count);
                    costs.push((count, path.to_owned(), cost));
                }
            }
        }
    }
    let (first, last) = (costs[0].2, costs[5].2);
    assert!(last.units <= first.units * 1.2, "{costs:?}");
    assert!(last.bytes <= first.bytes * 12 / 10, "{costs:?}");
}
