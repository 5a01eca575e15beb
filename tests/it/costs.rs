//! What each call costs: its round trips and the writes in its transactions. A change that costs more fails here.

use dev::{BASE, Call, TestService, create_body, rotate_body};
use serde_json::{Value, json};

/// The operations of one call, each transaction with the number of its writes.
async fn cost(service: &TestService, call: Call) -> (Value, Vec<String>) {
    service.faults.take();
    let body = service.send(call).await.json();
    let operations =
        service.faults.take().into_iter().map(|recorded| match recorded.request["TransactItems"].as_array() {
            Some(writes) => format!("{} of {}", recorded.operation, writes.len()),
            None => recorded.operation,
        });
    (body, operations.collect())
}

#[tokio::test]
async fn calls_cost_what_the_readme_says() {
    let service = TestService::builder().ids(&["a1", "b1", "c1", "d1"]).build().await;
    let until = json!({ "mentor_id": "m", "org_id": "o", "expires_at": "2026-01-10T10:00:00Z" });
    let (first, operations) = cost(&service, Call::post(BASE, &until)).await;
    assert_eq!(operations, ["GetItem", "TransactWriteItems of 3"], "POST, creating");
    let path = |code: &Value| format!("{BASE}/{}", code["id"].as_str().unwrap());

    let (_, operations) = cost(&service, Call::post(BASE, &create_body("m", "o"))).await;
    assert_eq!(operations, ["GetItem"], "POST, existing");
    let (_, operations) = cost(&service, Call::post(BASE, &create_body("m", "other"))).await;
    assert_eq!(operations, ["GetItem"], "POST, in another org");
    let (_, operations) = cost(&service, Call::get(&path(&first))).await;
    assert_eq!(operations, ["GetItem"], "GET");
    let (_, operations) = cost(&service, Call::get(&format!("{}/url", path(&first)))).await;
    assert_eq!(operations, ["GetItem"], "GET url");

    let (second, operations) = cost(&service, Call::put(&path(&first), &rotate_body("m"))).await;
    assert_eq!(operations, ["GetItem", "TransactWriteItems of 4"], "PUT");
    let (_, operations) = cost(&service, Call::put(&path(&first), &rotate_body("m"))).await;
    assert_eq!(operations, ["GetItem"], "PUT, repeated");
    let (_, operations) = cost(&service, Call::put(&path(&second), &rotate_body("n"))).await;
    assert_eq!(operations, ["GetItem", "GetItem"], "PUT, refused");

    let (_, operations) = cost(&service, Call::delete(&path(&second))).await;
    assert_eq!(operations, ["GetItem", "TransactWriteItems of 2"], "DELETE");
    let (_, operations) = cost(&service, Call::delete(&path(&second))).await;
    assert_eq!(operations, ["GetItem"], "DELETE, repeated");
    let (_, operations) = cost(&service, Call::delete(&path(&first))).await;
    assert_eq!(operations, ["GetItem", "GetItem"], "DELETE, refused");

    cost(&service, Call::post(BASE, &until)).await;
    service.clock.set("2026-01-10T10:00:00Z");
    let (_, operations) = cost(&service, Call::post(BASE, &create_body("m", "o"))).await;
    assert_eq!(operations, ["GetItem", "TransactWriteItems of 4"], "POST, after an expiry");

    let (_, operations) = cost(&service, Call::get(&format!("{BASE}?limit=2"))).await;
    assert_eq!(operations, ["Query", "Query", "Query"], "GET list: the last mark, the tail, the page");
    let (_, operations) = cost(&service, Call::get(&format!("{BASE}?limit=0"))).await;
    assert_eq!(operations, Vec::<String>::new(), "a refused request");
}
