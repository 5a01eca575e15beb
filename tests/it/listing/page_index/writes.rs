//! What is written, by whom and when: lists and creates write nothing, the upkeep writes what it must, and leaves a right
//! index whatever interrupts it.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, CodeFixture, Fault, TestService, audit_page_indexes, create_body};

use super::{codes, correct_marks, expected, item, key, marked, marks, of_head, page, settled_codes};

#[tokio::test]
async fn lists_write_nothing_and_creates_read_no_listing() {
    let service = TestService::new().await;
    service.fill(&codes(0, 350, service.clock.now(), Duration::from_millis(1))).await;
    service.clock.advance(Duration::from_secs(120));
    service.faults.take();
    for nth in 0..300 {
        service.send(Call::post(BASE, &create_body(&format!("new{nth}"), "o"))).await.expect(201);
    }
    let operations = || -> std::collections::BTreeSet<_> {
        service.faults.take().into_iter().map(|recorded| recorded.operation).collect()
    };
    assert_eq!(operations().into_iter().collect::<Vec<_>>(), ["GetItem", "TransactWriteItems"]);
    for number in [1, 20, 33] {
        page(&service, number).await;
    }
    assert_eq!(operations().into_iter().collect::<Vec<_>>(), ["GetItem", "Query"]);
}

#[tokio::test]
async fn code_that_has_not_settled_has_no_mark() {
    let service = TestService::builder().setting("LISTING_SETTLE_SECONDS", "30").build().await;
    // One code a second: 250 of them are older than 30 s.
    let old = codes(0, 280, service.clock.now(), Duration::from_secs(1));
    service.fill(&old).await;
    service.upkeep().await.unwrap();
    assert_eq!(marks(&service, "all").await, correct_marks(&old, 249));
    service.clock.advance(Duration::from_secs(60));
    service.fill(&codes(280, 40, service.clock.now(), Duration::from_millis(1))).await;
    service.upkeep().await.unwrap();
    assert_eq!(marks(&service, "all").await.len(), 2, "the code at position 300 has not settled");
}

/// Some marks are there and others not, because a write failed in the middle. The head names none beyond.
#[tokio::test]
async fn head_moves_after_all_marks_before_it_are_there() {
    let service = TestService::new().await;
    let codes = codes(0, 5_050, service.clock.now(), Duration::from_millis(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    service.faults.plan(|recorded| {
        let key = recorded.request["Key"]["sk"]["S"].as_str().unwrap_or_default();
        (recorded.operation == "UpdateItem" && key.ends_with("0002300"))
            .then_some(Fault::Refused(400, "AccessDeniedException"))
    });
    service.upkeep().await.unwrap_err();
    let made = marks(&service, "all").await;
    assert!(made.iter().all(|mark| mark.0 != 2_300) && made.len() > 15, "there is a gap: {made:?}");
    assert_eq!(marked(&service, "all").await, None);
    for number in [1, 140, 200, 252] {
        assert_eq!(page(&service, number).await, (expected(&codes, number), 5_051));
    }
    service.faults.clear_faults();
    service.upkeep().await.unwrap();
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 5_050));
    assert_eq!(marked(&service, "all").await, Some(5_000));
}

/// A run that ends at any of its requests, by a fault or a crash: pages are right, and the next run does the rest.
#[tokio::test]
async fn upkeep_survives_a_fault_at_any_request() {
    let service = TestService::builder().in_process().build().await;
    let mut all = codes(0, 430, service.clock.now(), Duration::from_secs(1));
    service.fill(&all).await;
    service.clock.advance(Duration::from_secs(120));
    for nth in 0.. {
        // Each run finds a code that has come late, and a hundred that have settled.
        let late = CodeFixture::at(service.clock.now() - Duration::from_secs(300), "o", &format!("late_{nth}"));
        let new =
            codes(1_000 * (nth + 1), 100, service.clock.now() - Duration::from_secs(61), Duration::from_millis(9));
        service.fill(&[new.clone(), vec![late.clone()]].concat()).await;
        all.extend(new);
        all.push(late);
        all.sort();
        let mut seen = 0;
        service.faults.plan(move |_| {
            seen += 1;
            (seen > nth).then_some(Fault::Refused(400, "AccessDeniedException"))
        });
        let broken = service.upkeep().await;
        service.faults.clear_faults();
        assert_eq!(page(&service, 2).await.0, expected(&all, 2), "after {nth} requests");
        service.upkeep().await.unwrap();
        audit_page_indexes(&service).await.unwrap();
        for number in [1, 11, 22] {
            assert_eq!(page(&service, number).await, (expected(&all, number), all.len() as u64 + 1), "{nth}");
        }
        if broken.is_ok() {
            assert!(nth > 15, "there are faults at each request: {nth}");
            return;
        }
        service.clock.advance(Duration::from_secs(70));
    }
}

/// A release that is newer or older runs beside this one, and has attributes of its own.
#[tokio::test]
async fn upkeep_keeps_the_attributes_of_another_release() {
    let (service, _) = settled_codes(450).await;
    for (pk, sk) in [("head#all", "head"), ("marks#all", "00000000000000000300")] {
        let update = service.client.update_item().table_name(&service.table).set_key(Some(key(pk, sk)));
        let update = update.update_expression("SET later = :later, #format = :two");
        let update = update.expression_attribute_names("#format", "format");
        let update = update.expression_attribute_values(":later", AttributeValue::S("kept".into()));
        update.expression_attribute_values(":two", AttributeValue::N("1".into())).send().await.unwrap();
    }
    let late =
        CodeFixture::at(service.clock.now() - Duration::from_secs(120) - Duration::from_millis(250), "o", "late");
    service.fill(&[late, CodeFixture::at(service.clock.now() - Duration::from_secs(90), "o", "last")]).await;
    service.fill(&codes(450, 100, service.clock.now() - Duration::from_secs(70), Duration::from_millis(1))).await;
    assert_eq!(service.upkeep().await.unwrap().wrong, ["all", "org#o"]);
    assert_eq!(marked(&service, "all").await, Some(500));
    audit_page_indexes(&service).await.unwrap();
    for (pk, sk) in [("head#all", "head"), ("marks#all", "00000000000000000300")] {
        let item = item(&service, pk, sk).await.unwrap();
        assert_eq!(item.get("later"), Some(&AttributeValue::S("kept".into())), "{pk}");
    }
}

/// A mark counts as checked for good when its code is 20 minutes old, and not before.
#[tokio::test]
async fn marks_are_checked_for_good_when_they_are_20_minutes_old() {
    let service = TestService::new().await;
    service.fill(&codes(0, 450, service.clock.now(), Duration::from_secs(10))).await;
    service.upkeep().await.unwrap();
    // The code at position 300 was made 1,510 s ago, and the one at 400 510 s ago.
    assert_eq!(of_head(&service, "all", "checked").await, Some(300));
    service.clock.advance(Duration::from_secs(680));
    service.upkeep().await.unwrap();
    assert_eq!(of_head(&service, "all", "checked").await, Some(300));
    service.clock.advance(Duration::from_secs(20));
    service.upkeep().await.unwrap();
    assert_eq!(of_head(&service, "all", "checked").await, Some(400));
}

/// A table at rest costs an upkeep a few reads, and no write.
#[tokio::test]
async fn upkeep_of_a_table_at_rest_costs_little_and_writes_nothing() {
    let (service, _) = settled_codes(1_050).await;
    service.clock.advance(Duration::from_secs(3_600));
    service.upkeep().await.unwrap();
    service.meter.take();
    let upkept = service.upkeep().await.unwrap();
    let consumed = service.meter.take();
    assert_eq!((upkept.listings, upkept.marks_written, consumed.write_units), (1, 0, 0.0));
    assert!(consumed.read_units <= 10.0, "docs/costs.md counts on 10 units: {consumed:?}");
}
