//! What is written, by whom and when: lists and creates write nothing, the upkeep writes what it must, and leaves a right
//! index whatever interrupts it.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{CodeFixture, Fault, TestService, audit_page_indexes};

use super::{
    MILLI, SECOND, SETTLED, codes, expected, item, key, late_by, mark_key, marked, marks, of_head, page, settled_codes,
};

#[tokio::test]
async fn lists_write_nothing_and_creates_read_no_listing() {
    let service = TestService::new().await;
    service.fill(&codes(0, 350, service.clock.now(), MILLI)).await;
    service.clock.advance(SETTLED);
    let operations = || service.faults.take().into_iter().map(|recorded| recorded.operation).collect::<BTreeSet<_>>();
    operations();
    for nth in 0..110 {
        service.create(&format!("new{nth}"), "o").await;
    }
    assert_eq!(operations(), ["GetItem", "TransactWriteItems"].map(str::to_owned).into());
    for number in [1, 12, 23] {
        page(&service, number).await;
    }
    assert_eq!(operations(), ["GetItem", "Query"].map(str::to_owned).into());
}

#[tokio::test]
async fn upkeep_survives_a_fault_at_many_of_its_requests() {
    upkeep_survives_a_fault_at_each(5).await;
}

#[tokio::test]
#[ignore = "long: some thirty runs"]
async fn long_upkeep_survives_a_fault_at_any_request() {
    upkeep_survives_a_fault_at_each(1).await;
}

/// A run that ends at each `step`th of its requests, by a fault or a crash: pages are right, and the next run does the rest.
async fn upkeep_survives_a_fault_at_each(step: usize) {
    let service = TestService::builder().in_process().build().await;
    let mut all = codes(0, 430, service.clock.now(), SECOND);
    service.fill(&all).await;
    service.clock.advance(SETTLED);
    for nth in (0..).step_by(step) {
        // Each run finds a code that has come late, and a hundred that have settled.
        let mut new = codes(1_000 * (nth + 1), 100, service.clock.now() - 61 * SECOND, 9 * MILLI);
        new.push(CodeFixture { mentor: format!("late_{nth}"), ..late_by(&service, 300 * SECOND, "o") });
        service.fill(&new).await;
        all.extend(new);
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
        service.clock.advance(70 * SECOND);
    }
}

/// A release that is newer or older runs beside this one, and has attributes of its own.
#[tokio::test]
async fn upkeep_keeps_the_attributes_of_another_release() {
    let (service, _) = settled_codes(450, MILLI).await;
    let keys = || [key("head#all", "head"), mark_key(300)];
    for key in keys() {
        let update = service.client.update_item().table_name(&service.table).set_key(Some(key));
        let update = update.update_expression("SET later = :later");
        update.expression_attribute_values(":later", AttributeValue::S("kept".into())).send().await.unwrap();
    }
    let last = CodeFixture { mentor: "last".into(), ..late_by(&service, 90 * SECOND, "o") };
    service.fill(&[late_by(&service, SETTLED + 250 * MILLI, "o"), last]).await;
    service.fill(&codes(450, 100, service.clock.now() - 70 * SECOND, MILLI)).await;
    assert_eq!(service.upkeep().await.unwrap().wrong, BTreeSet::from(["all".to_owned(), "org#o".to_owned()]));
    assert_eq!(marked(&service, "all").await, Some(500));
    audit_page_indexes(&service).await.unwrap();
    for key in keys() {
        let item = item(&service, key).await.unwrap();
        assert_eq!(item.get("later"), Some(&AttributeValue::S("kept".into())), "{item:?}");
    }
}

/// A mark counts as checked for good when its code is 20 minutes old, and not before.
#[tokio::test]
async fn marks_are_checked_for_good_when_they_are_20_minutes_old() {
    let service = TestService::new().await;
    service.fill(&codes(0, 450, service.clock.now(), 10 * SECOND)).await;
    // The code at position 300 was made 1,510 s ago, and the one at 400 510 s ago.
    for (later, checked) in [(0, 300), (680, 300), (20, 400)] {
        service.clock.advance(later * SECOND);
        service.upkeep().await.unwrap();
        assert_eq!(of_head(&service, "all", "checked").await, Some(checked));
    }
}

/// A table at rest costs an upkeep a few reads, and no write.
#[tokio::test]
async fn upkeep_of_a_table_at_rest_costs_little_and_writes_nothing() {
    let (service, _) = settled_codes(1_050, MILLI).await;
    service.clock.advance(Duration::from_secs(3_600));
    service.upkeep().await.unwrap();
    service.meter.take();
    let upkept = service.upkeep().await.unwrap();
    let consumed = service.meter.take();
    assert_eq!((upkept.listings, upkept.marks_written, consumed.write_units), (1, 0, 0.0));
    assert!(consumed.read_units <= 10.0, "docs/costs.md counts on 10 units: {consumed:?}");
}

#[tokio::test]
async fn upkeep_counts_the_organisations_with_new_codes_and_no_others() {
    let service = TestService::new().await;
    let fill = async |org: &str, count: usize| {
        let mut codes = CodeFixture::series(count, service.clock.now(), MILLI, &[org]);
        for code in &mut codes {
            code.mentor = format!("{org}_{}", code.mentor);
        }
        service.fill(&codes).await;
    };
    // With the code that `fill` copies, 500: the last one has a mark, and none is left behind it.
    for (org, count) in [("a", 166), ("b", 166), ("c", 167)] {
        service.clock.advance(SECOND);
        fill(org, count).await;
    }
    service.clock.advance(SETTLED);
    let first = service.upkeep().await.unwrap();
    assert_eq!((first.listings, first.marks_written, first.done), (1 + 4, 3, true));
    for org in ["a", "b", "c"] {
        assert_eq!(marked(&service, &format!("org#{org}")).await, Some(100));
    }
    fill("b", 100).await;
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "the new codes have not settled");
    service.clock.advance(SETTLED);
    let second = service.upkeep().await.unwrap();
    assert_eq!((second.listings, second.marks_written), (1 + 1, 1));
    assert_eq!(marks(&service, "org#b").await.len(), 2);
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "nothing is new");
}
