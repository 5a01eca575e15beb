//! Two runs of the upkeep at once, as by the schedule and by hand, and a count that is asked for while one is under way:
//! nothing is lost for good.

use std::time::Duration;

use dev::{CodeFixture, Fault, TestService, audit_page_indexes};
use referral_codes::model::{Listing, Sources};

use super::{codes, correct_marks, expected, marked, marks, of_head, page, rebuild, settled_codes};

/// A run that began earlier is slow. It moves nothing back.
#[tokio::test]
async fn head_never_goes_back() {
    let service = TestService::builder().in_process().build().await;
    service.fill(&codes(0, 250, service.clock.now(), Duration::from_millis(1))).await;
    service.clock.advance(Duration::from_secs(120));
    tokio::time::pause();
    let slow = service.second_process(service.clock.reader()).await;
    slow.faults.latency(Duration::from_millis(500));
    let faster = async {
        tokio::time::sleep(Duration::from_millis(2_700)).await;
        service.fill(&codes(250, 200, service.clock.now(), Duration::from_millis(1))).await;
        service.clock.advance(Duration::from_secs(120));
        service.upkeep().await.unwrap();
        // The pattern of the second `fill` is a code more.
        assert_eq!(marked(&service, "all").await, Some(400));
    };
    let (slow, ()) = tokio::join!(slow.upkeep(), faster);
    slow.unwrap();
    assert_eq!(marked(&service, "all").await, Some(400));
    audit_page_indexes(&service).await.unwrap();
}

/// The one has read marks and codes before a code appears late, and writes after the other has corrected the marks.
#[tokio::test]
async fn run_that_has_read_earlier_does_not_undo_a_correction() {
    let service = TestService::builder().in_process().build().await;
    let mut all = codes(0, 450, service.clock.now(), Duration::from_millis(10));
    service.fill(&all).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    // One that the slow run finds to be wrong.
    let late = |millis: u64, name: &str| {
        CodeFixture::at(service.clock.now() - Duration::from_secs(120) - Duration::from_millis(millis), "o", name)
    };
    all.push(late(2_005, "late_1"));
    service.fill(&all[450..]).await;
    tokio::time::pause();
    let slow = service.second_process(service.clock.reader()).await;
    // It holds its first write back, for as long as the other run takes.
    slow.faults.latency(Duration::from_millis(1));
    slow.faults.plan(|recorded| {
        let is_mark = recorded.request["Key"]["pk"]["S"] == "marks#all";
        (recorded.operation == "UpdateItem" && is_mark).then_some(Fault::DeliveredLate(Duration::from_secs(1)))
    });
    let second = CodeFixture { ..late(3_005, "late_2") };
    all.push(second.clone());
    let faster = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        service.fill(&[second]).await;
        service.upkeep().await.unwrap();
    };
    let (slow, ()) = tokio::join!(slow.upkeep(), faster);
    drop(slow);
    tokio::time::sleep(Duration::from_secs(5)).await;
    all.sort();
    assert_eq!(marks(&service, "all").await, correct_marks(&all, 452));
    audit_page_indexes(&service).await.unwrap();
}

/// A repair puts an old code into the table, and the index shows it some seconds later. A run that is under way, and one that
/// begins before the index shows it, count without it. They do not settle the matter.
#[tokio::test]
async fn recount_is_not_lost_to_runs_that_have_not_seen_the_code() {
    let (service, mut all) = settled_codes(850).await;
    service.clock.advance(Duration::from_secs(3_600));
    service.upkeep().await.unwrap();
    assert_eq!(of_head(&service, "all", "checked").await, Some(800));
    let late =
        CodeFixture::at(service.clock.now() - Duration::from_secs(3_720) - Duration::from_millis(605), "o", "late");
    let sources = Sources::new(service.clock.reader(), || 0);
    let recount = async || {
        for listing in [Listing::All, "org#o".parse().unwrap()] {
            service.store.upkeep().recount_from(&listing, late.ulid, &sources.call_context()).await.unwrap();
        }
    };
    recount().await;
    // The index shows the code later.
    service.clock.advance(Duration::from_secs(2));
    assert_eq!(service.upkeep().await.unwrap().marks_written, 0);
    assert_eq!(of_head(&service, "all", "checked").await, Some(0));
    service.fill(std::slice::from_ref(&late)).await;
    all.push(late.clone());
    all.sort();
    service.clock.advance(Duration::from_secs(60));
    let upkept = service.upkeep().await.unwrap();
    assert_eq!((upkept.wrong, upkept.done), (vec!["all".to_owned(), "org#o".to_owned()], true));
    assert_eq!(of_head(&service, "all", "checked").await, Some(800));
    assert_eq!(page(&service, 40).await, (expected(&all, 40), 852));
    audit_page_indexes(&service).await.unwrap();
    // Nothing before the first mark that is not checked needs a further count.
    let newest = all.last().unwrap().ulid;
    let upkeep: referral_codes::store::Upkeep = service.store.upkeep();
    upkeep.recount_from(&Listing::All, newest, &sources.call_context()).await.unwrap();
    assert_eq!(of_head(&service, "all", "checked").await, Some(800));
}

/// A rebuild is asked for while a run is under way that has counted most of the listing already.
#[tokio::test]
async fn rebuild_is_not_lost_to_a_run_that_is_under_way() {
    let service = TestService::builder().in_process().build().await;
    service.fill(&codes(0, 20_000, service.clock.now(), Duration::from_millis(1))).await;
    service.clock.advance(Duration::from_secs(3_600));
    tokio::time::pause();
    let slow = service.second_process(service.clock.reader()).await;
    slow.faults.latency(Duration::from_millis(100));
    let sources = Sources::new(service.clock.reader(), || 0);
    let cx = sources.call_context();
    let (store, counting) = (slow.store.upkeep(), Duration::from_secs(60));
    let asking = async {
        while of_head(&service, "all", "checked").await.unwrap_or(0) == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        service.clock.advance(Duration::from_secs(1));
        assert!(!rebuild(&service, Duration::ZERO).await.done);
        assert_eq!(of_head(&service, "all", "checked").await.map(|at| at < 20_000), Some(true));
    };
    let (run, ()) = tokio::join!(store.check(&cx, counting), asking);
    assert!(!run.unwrap().done, "it leaves the listing to the rebuild");
    assert!(of_head(&service, "all", "checked").await < Some(20_000));
    assert!(service.upkeep().await.unwrap().done);
    assert_eq!(of_head(&service, "all", "checked").await, Some(20_000));
    audit_page_indexes(&service).await.unwrap();
}
