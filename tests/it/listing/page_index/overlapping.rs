//! Two runs of the upkeep at once, as by the schedule and by hand, and a count that is asked for while one is under way:
//! nothing is lost for good.

use std::time::Duration;

use dev::{Fault, TestService, audit_page_indexes};
use referral_codes::model::Listing;
use tokio::time::sleep;

use super::{
    MILLI, SECOND, SETTLED, add, codes, correct_marks, expected, late_by, marks, of_head, page, rebuild, settled_codes,
};

const HOUR: Duration = Duration::from_secs(3_600);

/// Its marks are corrected while it writes them. It has counted without the code that appeared, so it does no more with the
/// listing, and says so.
#[tokio::test]
async fn run_whose_write_is_refused_leaves_the_listing_to_the_other_one() {
    let (service, mut all) = settled_codes(450, 10 * MILLI).await;
    let late = late_by(&service, SETTLED + 2_005 * MILLI, "o");
    add(&service, &mut all, late).await;
    tokio::time::pause();
    let slow = service.other_process().await;
    let (written, mut is_written) = tokio::sync::mpsc::unbounded_channel();
    slow.faults.plan(move |recorded| {
        let is_mark = recorded.operation == "UpdateItem" && recorded.request["Key"]["pk"]["S"] == "marks#all";
        // The SDK sends it again after a time-out.
        (is_mark && written.send(()).is_ok()).then_some(Fault::NoResponse)
    });
    let faster = async {
        is_written.recv().await.expect("it writes marks");
        let mut second = late_by(&service, SETTLED + 3_005 * MILLI, "o");
        second.mentor = "late_2".into();
        add(&service, &mut all, second).await;
        assert!(service.upkeep().await.unwrap().done);
        drop(is_written);
    };
    let (slow_run, ()) = tokio::join!(slow.upkeep(), faster);
    let slow_run = slow_run.unwrap();
    assert_eq!((slow_run.marks_written, slow_run.done), (0, false));
    let last = slow.faults.take().pop().unwrap();
    assert_eq!(last.request["Key"]["pk"]["S"], "marks#all");
    assert_eq!(marks(&service, "all").await, correct_marks(&all, 452));
}

/// A repair puts an old code into the table, and the index shows it some seconds later. A run that is under way, and one that
/// begins before the index shows it, count without it. They do not settle the matter.
#[tokio::test]
async fn recount_is_not_lost_to_runs_that_have_not_seen_the_code() {
    let (service, mut all) = settled_codes(850, MILLI).await;
    service.clock.advance(HOUR);
    service.upkeep().await.unwrap();
    assert_eq!(of_head(&service, "all", "checked").await, Some(800));
    let late = late_by(&service, HOUR + SETTLED + 605 * MILLI, "o");
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
    assert_eq!((upkept.wrong, upkept.done), (vec!["all".to_owned(), "org#o".to_owned()], true));
    assert_eq!(of_head(&service, "all", "checked").await, Some(800));
    assert_eq!(page(&service, 40).await, (expected(&all, 40), 852));
    audit_page_indexes(&service).await.unwrap();
    // Nothing before the first mark that is not checked needs a further count.
    let newest = all.last().unwrap().ulid;
    upkeep.recount_from(&Listing::All, newest, &sources.call_context()).await.unwrap();
    assert_eq!(of_head(&service, "all", "checked").await, Some(800));
}

/// A rebuild is asked for while a run is under way that has counted most of the listing already.
#[tokio::test]
#[ignore = "long: twelve thousand codes"]
async fn long_rebuild_is_not_lost_to_a_run_that_is_under_way() {
    let service = TestService::builder().in_process().build().await;
    service.fill(&codes(0, 12_000, service.clock.now(), MILLI)).await;
    service.clock.advance(HOUR);
    tokio::time::pause();
    let slow = service.other_process().await;
    slow.faults.latency(100 * MILLI);
    let (sources, upkeep) = (service.sources(), slow.store.upkeep());
    let cx = sources.call_context();
    let asking = async {
        while of_head(&service, "all", "checked").await.unwrap_or(0) == 0 {
            sleep(50 * MILLI).await;
        }
        service.clock.advance(SECOND);
        assert!(!rebuild(&service, "all", Duration::ZERO).await.done);
        assert_eq!(of_head(&service, "all", "checked").await.map(|at| at < 12_000), Some(true));
    };
    let (run, ()) = tokio::join!(upkeep.check(&cx, 60 * SECOND), asking);
    assert!(!run.unwrap().done, "it leaves the listing to the rebuild");
    assert!(of_head(&service, "all", "checked").await < Some(12_000));
    assert!(service.upkeep().await.unwrap().done);
    assert_eq!(of_head(&service, "all", "checked").await, Some(12_000));
    audit_page_indexes(&service).await.unwrap();
}
