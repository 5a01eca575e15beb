//! Calls on a table whose items contradict each other, as after a restore and before the repair.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, TestService, create_body, rotate_body};
use referral_codes::model::{CodeId, Sources};
use referral_codes::store::{InvalidateError, StoreError};
use serde_json::{Value, json};

use super::table::{Item, Items, dump, repair_all, restore, restored};

/// A table with one mentor, whose first code was rotated, and the two codes.
async fn rotated_once() -> (Items, Value, Value) {
    let service = TestService::builder().in_process().build().await;
    let first = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    service.clock.advance(Duration::from_secs(1));
    let path = format!("{BASE}/{}", first["id"].as_str().unwrap());
    let second = service.send(Call::put(&path, &rotate_body("m"))).await.expect(200);
    (dump(&service).await, first, second)
}

/// Whichever one or two items are left out, and however old the change is: every call ends after a few requests.
#[tokio::test]
async fn calls_on_items_that_contradict_each_other_end_soon() {
    let (items, first, second) = rotated_once().await;
    let keys: Vec<_> = items.keys().cloned().collect();
    let service = TestService::builder().in_process().build().await;
    for mask in (1..1_usize << keys.len()).filter(|mask| mask.count_ones() <= 2) {
        for age in [2_000, 7_200_000] {
            let mut left = items.clone();
            for (_, key) in keys.iter().enumerate().filter(|(nth, _)| mask >> nth & 1 == 1) {
                left.remove(key);
            }
            for code in [&first, &second] {
                let path = format!("{BASE}/{}", code["id"].as_str().unwrap());
                for call in [
                    Call::get(&path),
                    Call::put(&path, &rotate_body("m")),
                    Call::delete(&path),
                    Call::post(BASE, &create_body("m", "o")),
                    Call::get(&format!("{BASE}?mentor_id=m")),
                ] {
                    restore(&service, &left).await;
                    // A process that remembers nothing of the table.
                    let process = service.second_process(service.clock.ahead(age).reader()).await;
                    service.faults.take();
                    let reply = process.send(call.clone()).await;
                    let requests = service.faults.take().len();
                    assert!(requests <= 8, "{requests} requests without {mask:b}: {call:?}");
                    assert!(reply.status < 500 || reply.json()["code"] == "internal", "{reply:?}");
                }
            }
        }
    }
}

/// What the log says of it names the mentor, and what to do.
#[tokio::test]
async fn error_of_a_call_on_contradicting_items_names_the_mentor_and_the_audit() {
    let (mut items, _, second) = rotated_once().await;
    items.retain(|(_, sk), _| sk != "slot");
    let service = restored(&items, &[]).await;
    service.clock.advance(Duration::from_secs(7200));
    let sources = Sources::new(service.clock.reader(), || 0);
    let id = CodeId::parse(second["id"].as_str().unwrap()).unwrap();
    let error = service.store.view(sources.call_context()).invalidate(&id).await.unwrap_err();
    let InvalidateError::Store(StoreError::Fault(message)) = &error else { panic!("{error:?}") };
    assert!(message.starts_with("m has the code") && message.contains("run the audit, then the repair"), "{message}");
    let shown = service.send(Call::delete(&format!("{BASE}/{id}"))).await.expect_problem(500, "internal");
    assert!(!json!(shown).to_string().contains("audit"), "{shown}");
}

/// The backup has the new record of a rotation and the slot from before. A confirmation sees both, and answers from neither.
#[tokio::test]
async fn confirmation_of_a_change_that_contradicts_the_slot_is_an_error() {
    let service = TestService::builder().in_process().build().await;
    let first = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let before = dump(&service).await;
    service.clock.advance(Duration::from_secs(1));
    let path = format!("{BASE}/{}", first["id"].as_str().unwrap());
    let second = service.send(Call::put(&path, &rotate_body("m"))).await.expect(200);
    let mut items = dump(&service).await;
    items.extend(before.into_iter().filter(|((_, sk), _)| sk == "slot"));
    let restored = restored(&items, &[]).await;
    let path = format!("{BASE}/{}", second["id"].as_str().unwrap());
    restored.send(Call::get(&path)).await.expect_problem(500, "internal");
}

/// A call may put its page after a repair has changed the slot: the call's change is declined, and the page stays.
#[tokio::test]
async fn page_that_a_call_has_put_beside_a_repair_is_never_counted() {
    let service = TestService::builder().in_process().build().await;
    let mut code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let put = |code: &Value| Call::put(&format!("{BASE}/{}", code["id"].as_str().unwrap()), &rotate_body("m"));
    for _ in 0..14 {
        service.clock.advance(Duration::from_secs(1));
        code = service.send(put(&code)).await.expect(200);
    }
    let mut items = dump(&service).await;
    let slot = &items[&("mentor#m".to_owned(), "slot".to_owned())];
    let AttributeValue::L(mut earlier) = slot["earlier"].clone() else { panic!("{slot:?}") };
    earlier.pop();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let page = Item::from([
        ("pk".to_owned(), text("mentor#m")),
        ("sk".to_owned(), text("slot#00001")),
        ("format".to_owned(), slot["format"].clone()),
        ("earlier".to_owned(), AttributeValue::L(earlier)),
    ]);
    items.insert(("mentor#m".to_owned(), "slot#00001".to_owned()), page);
    let service = restored(&items, &[]).await;
    service.clock.advance(Duration::from_secs(7200));
    service.send(put(&code)).await.expect_problem(500, "internal");
    repair_all(&service, 100).await.unwrap();
    service.send(put(&code)).await.expect(200);
    let list = service.send(Call::get(&format!("{BASE}?mentor_id=m"))).await.expect(200);
    assert_eq!(list["pagination"]["total"], 16);
}
