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
    for org in ["a", "b", "c"] {
        service.clock.advance(Duration::from_secs(1));
        service.fill(&of_org(org, 150, service.clock.now())).await;
    }
    service.clock.advance(Duration::from_secs(120));
    let first = service.upkeep().await.unwrap();
    assert_eq!((first.listings, first.marks_made, first.done), (1 + 4, 4 + 3, true));
    for org in ["a", "b", "c"] {
        assert_eq!(head(&service, &format!("org#{org}")).await, Some((1, 100)));
    }
    service.fill(&of_org("b", 60, service.clock.now())).await;
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "the new codes have not settled");
    service.clock.advance(Duration::from_secs(120));
    let second = service.upkeep().await.unwrap();
    assert_eq!((second.listings, second.marks_made), (1 + 1, 1 + 1));
    assert_eq!(marks(&service, "1#org#b").await.len(), 2);
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "nothing is new");
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
