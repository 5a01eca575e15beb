//! The page indexes of organisations: the upkeep finds those that have new codes.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService};

use super::{head, marks};

fn of_org(org: &str, count: usize, last: std::time::SystemTime) -> Vec<CodeFixture> {
    let mut codes = CodeFixture::series(count, last, Duration::from_millis(1), &[org]);
    for code in &mut codes {
        code.mentor = format!("{org}_{}", code.mentor);
    }
    codes
}

#[tokio::test]
async fn upkeep_looks_after_the_organisations_with_new_codes_and_no_others() {
    let service = TestService::new().await;
    // With the code that `fill` copies, 500: the last one has a mark, and none is left behind it.
    for (org, count) in [("a", 166), ("b", 166), ("c", 167)] {
        service.clock.advance(Duration::from_secs(1));
        service.fill(&of_org(org, count, service.clock.now())).await;
    }
    service.clock.advance(Duration::from_secs(120));
    let first = service.upkeep().await.unwrap();
    assert_eq!((first.listings, first.marks_made, first.done), (1 + 4, 5 + 3, true));
    for org in ["a", "b", "c"] {
        assert_eq!(head(&service, &format!("org#{org}")).await, Some((1, 100)));
    }
    service.fill(&of_org("b", 100, service.clock.now())).await;
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "the new codes have not settled");
    service.clock.advance(Duration::from_secs(120));
    let second = service.upkeep().await.unwrap();
    assert_eq!((second.listings, second.marks_made), (1 + 1, 1 + 1));
    assert_eq!(marks(&service, "1#org#b").await.len(), 2);
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "nothing is new");
}

/// A code of an organisation appears behind that organisation's mark, and after the last mark of all codes. The organisation
/// has no code that is newer.
#[tokio::test]
async fn late_arrival_after_the_last_mark_of_all_codes_is_found_in_its_organisation() {
    let service = TestService::new().await;
    let codes = of_org("b", 100, service.clock.now() - Duration::from_secs(1));
    service.fill(&of_org("a", 150, service.clock.now() - Duration::from_secs(200))).await;
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    assert_eq!((head(&service, "all").await, head(&service, "org#b").await), (Some((1, 200)), Some((1, 100))));
    let between = codes[80].ulid.timestamp_ms();
    let late = std::time::UNIX_EPOCH + Duration::from_millis(between);
    service.fill(&[CodeFixture::at(late, "b", "late")]).await;
    assert_eq!(service.upkeep().await.unwrap().wrong, ["org#b"]);
    assert_eq!(service.upkeep().await.unwrap().wrong, Vec::<String>::new());
    dev::audit_page_indexes(&service).await.unwrap();
}

/// The rebuild of all codes by hand has put right what would have told where a code had appeared late.
#[tokio::test]
async fn rebuild_of_all_codes_has_every_organisation_looked_at_again() {
    let service = TestService::new().await;
    let codes = of_org("b", 299, service.clock.now());
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    let late = std::time::UNIX_EPOCH + Duration::from_millis(codes[20].ulid.timestamp_ms());
    service.fill(&[CodeFixture::at(late, "b", "late")]).await;
    let sources = referral_codes::model::Sources::new(service.clock.reader(), || 0);
    let cx = sources.call_context();
    let all = referral_codes::store::Listing::All;
    assert!(service.store.rebuild(&all, &cx, Duration::from_secs(60)).await.unwrap().done);
    assert_eq!(service.upkeep().await.unwrap().wrong, ["org#b"]);
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
        let answer = service.send(Call::get(&format!("{BASE}?org_id=b&page=13&limit=20"))).await.expect(200);
        assert_eq!(answer["pagination"]["total"], 260);
        assert_eq!(answer["data"][19]["id"], codes[0].id());
        service.finish_index_work().await;
    }
    assert_eq!(head(&service, "org#b").await, Some((1, 200)));
    assert_eq!(head(&service, "all").await, None, "a list makes marks in its own listing");
}
