//! A code that appears behind a mark: found by the upkeep, logged, and corrected in place while lists are answered.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::{audit_page_indexes, logged};
use referral_codes::model::Listing;

use super::{
    MILLI, SECOND, SETTLED, add, correct_marks, expected, late_by, mark_key, marked, marks, of_head, page, rebuild,
    settled_codes,
};

#[tokio::test]
async fn upkeep_finds_a_late_arrival_logs_it_and_corrects_all_pages() {
    let (service, mut codes) = settled_codes(450, SECOND).await;
    // Older than the code at position 250.
    let late = late_by(&service, Duration::from_secs(120 + 200), "o");
    add(&service, &mut codes, late).await;
    // A process that remembers the marks as they were, and is not told of any change.
    let other = service.other_process().await;
    for number in [1, 15] {
        page(&other, number).await;
    }
    assert_eq!(page(&service, 1).await.1, 451, "the late code is not counted");

    let (upkept, log) = logged(service.upkeep()).await;
    let upkept = upkept.unwrap();
    assert_eq!((upkept.wrong, upkept.done), (BTreeSet::from(["all".into(), "org#o".into()]), true));
    let errors: Vec<_> = log.iter().filter(|line| line["event"] == "late_arrival").collect();
    assert_eq!(errors.len(), 2, "{log:#?}");
    assert!(errors.iter().all(|line| line["level"] == "ERROR"));
    assert_eq!((&errors[0]["listing"], &errors[0]["position"]), (&"all".into(), &300.into()));

    assert_eq!(marked(&service, "all").await, Some(400));
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 451));
    for process in [&service, &other] {
        for number in [15, 1, 8, 11, 22, 23] {
            let (ids, total) = page(process, number).await;
            let expected = expected(&codes, number);
            assert_eq!((&ids[..expected.len()], total), (&expected[..], 452), "{number}");
        }
    }
    let (again, log) = logged(service.upkeep()).await;
    assert_eq!((again.unwrap().wrong, log), (BTreeSet::new(), vec![]), "nothing is wrong any more");
    audit_page_indexes(&service).await.unwrap();
}

/// A wrong mark that is older than what the upkeep counts again, as none can be, and a mark that is lost, as only a person can
/// do it: a rebuild counts the whole listing. Pages near a gap are right, but read more.
#[tokio::test]
async fn rebuild_corrects_a_wrong_mark_of_any_age_and_fills_a_gap() {
    let minute = Duration::from_secs(60);
    let (service, mut codes) = settled_codes(1_050, Duration::from_secs(10)).await;
    service.clock.advance(60 * minute);
    service.upkeep().await.unwrap();
    let late = late_by(&service, Duration::from_secs(3_720 + 9_000), "o");
    add(&service, &mut codes, late).await;
    assert_eq!(service.upkeep().await.unwrap().wrong, BTreeSet::new());
    let (rebuilt, log) = logged(rebuild(&service, "all", minute)).await;
    assert_eq!((rebuilt.counted, rebuilt.marks_written, rebuilt.done), (1_052, 9, true));
    assert_eq!(log.iter().filter(|line| line["event"] == "late_arrival").count(), 1, "{log:#?}");
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 1_051));
    assert_eq!(page(&service, 45).await, (expected(&codes, 45), 1_052));
    let of_organisation = rebuild(&service, "org#o", minute).await;
    assert_eq!((of_organisation.counted, of_organisation.marks_written), (1_051, 9));

    let delete = service.client.delete_item().table_name(&service.table);
    delete.set_key(Some(mark_key(800))).send().await.unwrap();
    assert_eq!(page(&service, 12).await, (expected(&codes, 12), 1_052));
    let rebuilt = rebuild(&service, "all", minute).await;
    assert_eq!((rebuilt.counted, rebuilt.marks_written, rebuilt.done), (1_052, 1, true));
    audit_page_indexes(&service).await.unwrap();
}

/// A repair puts an old code into the table, and the index shows it some seconds later. A run that is under way, and one that
/// begins before the index shows it, count without it. They do not settle the matter.
#[tokio::test]
async fn recount_is_not_lost_to_runs_that_have_not_seen_the_code() {
    let hour = Duration::from_secs(3_600);
    let (service, mut all) = settled_codes(850, MILLI).await;
    service.clock.advance(hour);
    service.upkeep().await.unwrap();
    assert_eq!(of_head(&service, "all", "checked").await, Some(800));
    let late = late_by(&service, hour + SETTLED + 605 * MILLI, "o");
    let (sources, upkeep) = (service.sources(), service.store.upkeep());
    for listing in [Listing::All, "org#o".parse().unwrap()] {
        upkeep.recount_from(&listing, late.ulid, &sources.call_context()).await.unwrap();
    }
    // The index shows the code later.
    service.clock.advance(2 * SECOND);
    assert_eq!(service.upkeep().await.unwrap().marks_written, 0);
    assert_eq!(of_head(&service, "all", "checked").await, Some(0));
    add(&service, &mut all, late).await;
    service.clock.advance(60 * SECOND);
    let upkept = service.upkeep().await.unwrap();
    assert_eq!((upkept.wrong, upkept.done), (BTreeSet::from(["all".to_owned(), "org#o".to_owned()]), true));
    assert_eq!(of_head(&service, "all", "checked").await, Some(800));
    assert_eq!(page(&service, 40).await, (expected(&all, 40), 852));
    audit_page_indexes(&service).await.unwrap();
    // Nothing before the first mark that is not checked needs a further count.
    let newest = all.last().unwrap().ulid;
    upkeep.recount_from(&Listing::All, newest, &sources.call_context()).await.unwrap();
    assert_eq!(of_head(&service, "all", "checked").await, Some(800));
}
