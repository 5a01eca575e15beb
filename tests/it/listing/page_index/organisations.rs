//! The page indexes of organisations: the upkeep finds those that have new codes.

use std::time::{Duration, UNIX_EPOCH};

use dev::{CodeFixture, Fault, TestService, audit_page_indexes};

use super::{SECOND, SETTLED, late_by, marked, marks, rebuild};

/// Fills in so many codes of an organisation, the last of them made so long ago.
async fn fill(service: &TestService, org: &str, count: usize, age: Duration) -> Vec<CodeFixture> {
    let mut codes = CodeFixture::series(count, service.clock.now() - age, Duration::from_millis(1), &[org]);
    for code in &mut codes {
        code.mentor = format!("{org}_{}", code.mentor);
    }
    service.fill(&codes).await;
    codes
}

/// Which listings the upkeep finds to be wrong.
async fn wrong(service: &TestService) -> Vec<String> {
    service.upkeep().await.unwrap().wrong
}

#[tokio::test]
async fn upkeep_counts_the_organisations_with_new_codes_and_no_others() {
    let service = TestService::new().await;
    // With the code that `fill` copies, 500: the last one has a mark, and none is left behind it.
    for (org, count) in [("a", 166), ("b", 166), ("c", 167)] {
        service.clock.advance(SECOND);
        fill(&service, org, count, Duration::ZERO).await;
    }
    service.clock.advance(SETTLED);
    let first = service.upkeep().await.unwrap();
    assert_eq!((first.listings, first.marks_written, first.done), (1 + 4, 3, true));
    for org in ["a", "b", "c"] {
        assert_eq!(marked(&service, &format!("org#{org}")).await, Some(100));
    }
    fill(&service, "b", 100, Duration::ZERO).await;
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "the new codes have not settled");
    service.clock.advance(SETTLED);
    let second = service.upkeep().await.unwrap();
    assert_eq!((second.listings, second.marks_written), (1 + 1, 1));
    assert_eq!(marks(&service, "org#b").await.len(), 2);
    assert_eq!(service.upkeep().await.unwrap().listings, 1, "nothing is new");
}

/// A code appears that was made in the same millisecond as this one, in its organisation.
async fn fill_beside(service: &TestService, code: &CodeFixture) {
    let made = UNIX_EPOCH + Duration::from_millis(code.ulid.timestamp_ms());
    let age = service.clock.now().duration_since(made).unwrap();
    service.fill(&[late_by(service, age, &code.org)]).await;
}

/// The marks of all codes are corrected by a rebuild, by a run that is interrupted then, or by the first part of an upkeep,
/// which counts the newest codes. That would have told where a code had appeared late. Its organisation, which has no codes
/// since, is counted all the same.
#[tokio::test]
async fn late_arrival_is_found_in_its_organisation_whatever_has_corrected_the_marks_of_all_codes() {
    for corrected_by in ["rebuild", "interrupted run", "count"] {
        let service = TestService::new().await;
        let (mut org, mut codes) = ("org#b", fill(&service, "b", 299, Duration::ZERO).await);
        service.clock.advance(SETTLED);
        service.upkeep().await.unwrap();
        if corrected_by == "count" {
            // Some codes more, so young that the count goes over their marks again.
            (org, codes) = ("org#c", fill(&service, "c", 149, Duration::ZERO).await);
            service.clock.advance(61 * SECOND);
            service.upkeep().await.unwrap();
            assert_eq!((marked(&service, "all").await, marked(&service, org).await), (Some(400), Some(100)));
        }
        fill_beside(&service, &codes[20]).await;
        match corrected_by {
            "rebuild" => {
                assert!(rebuild(&service, "all", 60 * SECOND).await.done);
                assert!(wrong(&service).await.is_empty());
            }
            "interrupted run" => {
                service.faults.plan(|recorded| {
                    (recorded.request["Key"]["pk"]["S"] == "head#org#b")
                        .then_some(Fault::Refused(400, "AccessDeniedException"))
                });
                service.upkeep().await.unwrap_err();
                service.faults.clear_faults();
                assert_eq!(wrong(&service).await, [org]);
            }
            _ => assert_eq!(wrong(&service).await, ["all", org]),
        }
        audit_page_indexes(&service).await.unwrap();
    }
}
