//! Calls on a table whose items contradict each other, as after a restore and before the repair.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, TestService};
use referral_codes::model::{CodeId, Sources};
use referral_codes::store::{InvalidateError, StoreError};
use serde_json::{Value, json};

use super::table::{Items, dump, key_of, repair_all, restore, restored};

/// A table with one mentor, whose first code was rotated, and the two codes.
async fn rotated_once() -> (Items, Value, Value) {
    let service = TestService::builder().in_process().build().await;
    let first = service.create("m", "o").await;
    service.clock.advance(Duration::from_secs(1));
    let second = service.rotate(&first).await;
    (dump(&service).await, first, second)
}

/// Whichever one or two items are left out, and however old the change is: every call ends after a few requests.
#[tokio::test(start_paused = true)]
async fn calls_on_items_that_contradict_each_other_end_soon() {
    let (items, first, second) = rotated_once().await;
    let keys: Vec<_> = items.keys().cloned().collect();
    let service = TestService::builder().in_process().build().await;
    for mask in (1..1_usize << keys.len()).filter(|mask| mask.count_ones() <= 2) {
        // One item: a change that is fresh, and one that is old; of two, the one or the other.
        let ages = [2_000, 7_200_000];
        for age in if mask.is_power_of_two() { &ages[..] } else { &ages[mask % 2..=mask % 2] } {
            let mut left = items.clone();
            for (_, key) in keys.iter().enumerate().filter(|(nth, _)| mask >> nth & 1 == 1) {
                left.remove(key);
            }
            let of_code = |code: &Value| [Call::read(code), Call::rotate(code), Call::invalidate(code)];
            let of_mentor = [Call::create("m", "o"), Call::get(&format!("{BASE}?mentor_id=m"))];
            for call in of_code(&first).into_iter().chain(of_code(&second)).chain(of_mentor) {
                restore(&service, &left).await;
                // A process that remembers nothing of the table.
                let process = service.second_process(service.clock.ahead(*age).reader()).await;
                let reply = process.send(call.clone()).await;
                let requests = process.faults.take().len();
                assert!((1..=8).contains(&requests), "{requests} requests without {mask:b}: {call:?}");
                assert!(reply.status < 500 || reply.json()["code"] == "internal", "{reply:?}");
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
    assert!(
        message.starts_with("items of the mentor m contradict") && message.contains("run the audit, then the repair"),
        "{message}"
    );
    let shown = service.send(Call::delete(&format!("{BASE}/{id}"))).await.expect_problem(500, "internal");
    assert!(!json!(shown).to_string().contains("audit"), "{shown}");
}

/// The backup has the new record of a rotation and the slot from before. A confirmation sees both, and answers from neither.
#[tokio::test]
async fn confirmation_of_a_change_that_contradicts_the_slot_is_an_error() {
    let service = TestService::builder().in_process().build().await;
    let first = service.create("m", "o").await;
    let before = dump(&service).await;
    service.clock.advance(Duration::from_secs(1));
    let second = service.rotate(&first).await;
    let mut items = dump(&service).await;
    items.extend(before.into_iter().filter(|((_, sk), _)| sk == "slot"));
    restored(&items, &[]).await.send(Call::read(&second)).await.expect_problem(500, "internal");
}

/// A call may put its page after a repair has changed the slot: the call's change is declined, and the page stays.
#[tokio::test]
async fn page_that_a_call_has_put_beside_a_repair_is_never_counted() {
    let service = TestService::builder().in_process().build().await;
    let mut code = service.create("m", "o").await;
    for _ in 0..14 {
        service.clock.advance(Duration::from_secs(1));
        code = service.rotate(&code).await;
    }
    let mut items = dump(&service).await;
    let mut page = items[&("mentor#m".to_owned(), "slot".to_owned())].clone();
    page.retain(|name, _| ["pk", "format", "earlier"].contains(&name.as_str()));
    page.insert("sk".into(), AttributeValue::S("slot#00001".into()));
    let Some(AttributeValue::L(earlier)) = page.get_mut("earlier") else { panic!("{page:?}") };
    earlier.pop();
    items.insert(key_of(&page), page);
    let service = restored(&items, &[]).await;
    service.clock.advance(Duration::from_secs(7200));
    service.send(Call::rotate(&code)).await.expect_problem(500, "internal");
    repair_all(&service, 100).await.unwrap();
    service.rotate(&code).await;
    assert_eq!(service.list("?mentor_id=m").await["pagination"]["total"], 16);
}
