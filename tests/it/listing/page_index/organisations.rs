//! The page indexes of organisations: the upkeep finds those that have new codes.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, Fault, TestService};

use super::{marked, marks, rebuild};

fn of_org(org: &str, count: usize, last: std::time::SystemTime) -> Vec<CodeFixture> {
    let mut codes = CodeFixture::series(count, last, Duration::from_millis(1), &[org]);
    for code in &mut codes {
        code.mentor = format!("{org}_{}", code.mentor);
    }
    codes
}

#[tokio::test]
async fn upkeep_counts_the_organisations_with_new_codes_and_no_others() {
    let service = TestService::new().await;
    // With the code that `fill` copies, 500: the last one has a mark, and none is left behind it.
    for (org, count) in [("a", 166), ("b", 166), ("c", 167)] {
        service.clock.advance(Duration::from_secs(1));
        service.fill(&of_org(org, count, service.clock.now())).await;
    }
    service.clock.advance(Duration::from_secs(120));
    let first = service.upkeep().await.unwrap();
    assert_eq!((first.listings, first.marks_written, first.done), (1 + 4, 3, true));
    for org in ["a", "b", "c"] {
        assert_eq!(marked(&service, &format!("org#{org}")).await, Some(100));
    }
    service.fill(&of_org("b", 100, service.clock.now())).await;
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "the new codes have not settled");
    service.clock.advance(Duration::from_secs(120));
    let second = service.upkeep().await.unwrap();
    assert_eq!((second.listings, second.marks_written), (1 + 1, 1));
    assert_eq!(marks(&service, "org#b").await.len(), 2);
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "nothing is new");
}

/// A code of an organisation appears behind that organisation's mark, and after the last mark of all codes: it is counted
/// there when the next mark of all codes is made, however long that takes.
#[tokio::test]
async fn late_arrival_after_the_last_mark_of_all_codes_is_found_in_its_organisation() {
    let service = TestService::new().await;
    let codes = of_org("b", 100, service.clock.now() - Duration::from_secs(1));
    service.fill(&of_org("a", 150, service.clock.now() - Duration::from_secs(200))).await;
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    assert_eq!((marked(&service, "all").await, marked(&service, "org#b").await), (Some(200), Some(100)));
    let between = codes[80].ulid.timestamp_ms();
    let late = std::time::UNIX_EPOCH + Duration::from_millis(between);
    service.fill(&[CodeFixture::at(late, "b", "late")]).await;
    assert_eq!(service.upkeep().await.unwrap().wrong, Vec::<String>::new());
    service.clock.advance(Duration::from_secs(7_200));
    service.fill(&of_org("c", 100, service.clock.now() - Duration::from_secs(70))).await;
    assert_eq!(service.upkeep().await.unwrap().wrong, ["org#b"]);
    assert_eq!(service.upkeep().await.unwrap().wrong, Vec::<String>::new());
    dev::audit_page_indexes(&service).await.unwrap();
}

/// The marks of all codes are corrected, by a rebuild or by a run that is interrupted then. That would have told where a code
/// had appeared late. Its organisation, which has no codes since, is counted all the same.
#[tokio::test]
async fn late_arrival_is_found_in_its_organisation_whatever_has_corrected_the_marks_of_all_codes() {
    for interrupted in [false, true] {
        let service = TestService::new().await;
        let codes = of_org("b", 299, service.clock.now());
        service.fill(&codes).await;
        service.clock.advance(Duration::from_secs(120));
        service.upkeep().await.unwrap();
        let late = std::time::UNIX_EPOCH + Duration::from_millis(codes[20].ulid.timestamp_ms());
        service.fill(&[CodeFixture::at(late, "b", "late")]).await;
        if interrupted {
            service.faults.plan(|recorded| {
                (recorded.request["Key"]["pk"]["S"] == "head#org#b")
                    .then_some(Fault::Refused(400, "AccessDeniedException"))
            });
            service.upkeep().await.unwrap_err();
            service.faults.clear_faults();
            assert_eq!(service.upkeep().await.unwrap().wrong, ["org#b"]);
        } else {
            assert!(rebuild(&service, Duration::from_secs(60)).await.done);
            assert_eq!(service.upkeep().await.unwrap().wrong, Vec::<String>::new());
        }
        dev::audit_page_indexes(&service).await.unwrap();
    }
}

/// The first part of an upkeep, which counts the newest codes, may be the one that corrects a mark of all codes.
#[tokio::test]
async fn late_arrival_that_a_count_corrects_is_found_in_its_organisation_by_the_next_check() {
    let service = TestService::new().await;
    service.fill(&of_org("b", 150, service.clock.now())).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    // Some codes more, so that the count goes on from the last mark.
    let codes = of_org("c", 149, service.clock.now());
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(61));
    service.upkeep().await.unwrap();
    assert_eq!((marked(&service, "all").await, marked(&service, "org#c").await), (Some(300), Some(100)));
    let late = std::time::UNIX_EPOCH + Duration::from_millis(codes[20].ulid.timestamp_ms());
    service.fill(&[CodeFixture::at(late, "c", "late")]).await;
    assert_eq!(service.upkeep().await.unwrap().wrong, ["all", "org#c"]);
    dev::audit_page_indexes(&service).await.unwrap();
}

#[tokio::test]
async fn page_of_an_organisation_has_its_own_total_and_marks() {
    let service = TestService::new().await;
    service.fill(&of_org("a", 340, service.clock.now())).await;
    service.clock.advance(Duration::from_secs(1));
    let codes = of_org("b", 260, service.clock.now());
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    for _ in 0..2 {
        service.upkeep().await.unwrap();
        let answer = service.send(Call::get(&format!("{BASE}?org_id=b&page=13&limit=20"))).await.expect(200);
        assert_eq!(answer["pagination"]["total"], 260);
        assert_eq!(answer["data"][19]["id"], codes[0].id());
    }
    assert_eq!((marked(&service, "org#b").await, marked(&service, "all").await), (Some(200), Some(600)));
}
