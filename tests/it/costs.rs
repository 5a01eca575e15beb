//! What each call costs: its round trips, and the writes in its transactions. A change that costs more fails here.

use dev::{BASE, Call, TestService, create_body, rotate_body};
use serde_json::{Value, json};

/// The operations of one call; for a transaction with the number of its writes.
async fn cost(world: &TestService, call: Call) -> (Value, Vec<String>) {
    world.faults.take();
    let body = world.send(call).await.json();
    let told = world.faults.take().into_iter().map(|recorded| match recorded.request["TransactItems"].as_array() {
        Some(writes) => format!("{} of {}", recorded.operation, writes.len()),
        None => recorded.operation,
    });
    (body, told.collect())
}

#[tokio::test]
async fn every_call_costs_what_the_readme_says() {
    let world = TestService::builder().ids(&["a1", "b1", "c1", "d1"]).build().await;
    let until = json!({ "mentor_id": "m", "org_id": "o", "expires_at": "2026-01-10T10:00:00Z" });
    let (first, told) = cost(&world, Call::post(BASE, &until)).await;
    assert_eq!(told, ["GetItem", "TransactWriteItems of 3"], "POST, creating");
    let path = |code: &Value| format!("{BASE}/{}", code["id"].as_str().unwrap());

    let (_, told) = cost(&world, Call::post(BASE, &create_body("m", "o"))).await;
    assert_eq!(told, ["GetItem"], "POST, existing");
    let (_, told) = cost(&world, Call::post(BASE, &create_body("m", "other"))).await;
    assert_eq!(told, ["GetItem"], "POST, in another org");
    let (_, told) = cost(&world, Call::get(&path(&first))).await;
    assert_eq!(told, ["GetItem"], "GET");
    let (_, told) = cost(&world, Call::get(&format!("{}/url", path(&first)))).await;
    assert_eq!(told, ["GetItem"], "GET url");

    let (second, told) = cost(&world, Call::put(&path(&first), &rotate_body("m"))).await;
    assert_eq!(told, ["GetItem", "TransactWriteItems of 4"], "PUT");
    let (_, told) = cost(&world, Call::put(&path(&first), &rotate_body("m"))).await;
    assert_eq!(told, ["GetItem"], "PUT, repeated");
    let (_, told) = cost(&world, Call::put(&path(&second), &rotate_body("n"))).await;
    assert_eq!(told, ["GetItem", "GetItem"], "PUT, refused");

    let (_, told) = cost(&world, Call::delete(&path(&second))).await;
    assert_eq!(told, ["GetItem", "TransactWriteItems of 2"], "DELETE");
    let (_, told) = cost(&world, Call::delete(&path(&second))).await;
    assert_eq!(told, ["GetItem"], "DELETE, repeated");
    let (_, told) = cost(&world, Call::delete(&path(&first))).await;
    assert_eq!(told, ["GetItem", "GetItem"], "DELETE, refused");

    cost(&world, Call::post(BASE, &until)).await;
    world.clock.set("2026-01-10T10:00:00Z");
    let (_, told) = cost(&world, Call::post(BASE, &create_body("m", "o"))).await;
    assert_eq!(told, ["GetItem", "TransactWriteItems of 4"], "POST, after an expiry");

    let (_, told) = cost(&world, Call::get(&format!("{BASE}?limit=2"))).await;
    assert_eq!(told, ["Query", "Query", "Query"], "GET list: the last mark, the tail, the page");
    let (_, told) = cost(&world, Call::get(&format!("{BASE}?limit=0"))).await;
    assert_eq!(told, Vec::<String>::new(), "a refused request");
}
