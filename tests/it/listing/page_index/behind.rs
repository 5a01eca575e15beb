//! Lists whose index is far behind: the upkeep has not run for very long, has too little time, or is asked to begin anew.

use std::time::Duration;

use dev::{BASE, Call, TestService, audit_page_indexes};
use tokio::time::sleep;

use super::{SECOND, codes, correct_marks, expected, marked, marks, of_head, page, rebuild, settled_codes};
use crate::listing::ids;

/// Half a read unit for each 4 KB of 1 MB.
const UNITS_OF_1_MB: f64 = 128.0;

/// The upkeep has stopped for a day. The first page is right, each list costs what it may, a page that was not counted is
/// refused, and one run puts all right.
#[tokio::test]
#[ignore = "long: thirteen thousand codes"]
async fn long_lists_without_upkeep_for_a_day_show_the_newest_codes_and_one_run_recovers() {
    let (service, mut all) = settled_codes(1_500, SECOND).await;
    let warm = service.other_process().await;
    let mut total = 0;
    for hour in 0..24 {
        service.clock.advance(Duration::from_secs(3_600));
        let new = codes(1_500 + hour * 500, 500, service.clock.now(), Duration::from_secs(7));
        service.fill(&new).await;
        all.extend(new);
        if hour % 8 != 7 {
            continue;
        }
        let cold = service.other_process().await;
        for process in [&warm, &cold] {
            process.meter.take();
            for number in [1, 2, 10] {
                let (ids, told) = page(process, number).await;
                assert_eq!(ids, expected(&all, number));
                // What a list may read of entries like these: some 6,000.
                assert!(told >= (all.len() as u64 + 1).min(1_500 + 5_500), "{told} of {}", all.len());
            }
            let consumed = process.meter.take();
            assert!(consumed.read_units < 3.0 * UNITS_OF_1_MB, "{consumed:?}");
            assert!(consumed.write_units < 0.5, "a list writes nothing: {consumed:?}");
            total = total.max(page(process, 1).await.1);
        }
        assert!(page(&warm, 1).await.1 >= total, "the total never shrinks");
    }
    let refused = service.other_process().await;
    let reply = refused.send(Call::get(&format!("{BASE}?page=300"))).await;
    reply.expect_problem(503, "unavailable");
    assert_eq!(reply.headers["retry-after"], "1");
    // What was counted from the oldest code on is shown.
    assert_eq!(ids(&refused.list("?page=60&limit=100&sort=created_at").await)[99], all[5_998].id());

    let upkept = service.upkeep().await.unwrap();
    assert!(upkept.done && upkept.wrong.is_empty(), "{upkept:?}");
    assert_eq!(marks(&service, "all").await, correct_marks(&all, 13_491));
    for process in [&service, &warm, &refused] {
        for number in [1, 300, 675] {
            assert_eq!(page(process, number).await, (expected(&all, number), 13_501), "page {number}");
        }
    }
}

/// The table is so slow that a run's time is over before it is done. The next run goes on.
#[tokio::test]
#[ignore = "long: ten thousand codes"]
async fn long_check_goes_on_where_its_time_was_over() {
    let service = TestService::builder().in_process().build().await;
    let codes = codes(0, 10_000, service.clock.now(), Duration::from_millis(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(3_600));
    tokio::time::pause();
    service.faults.latency(Duration::from_millis(350));
    let sources = service.sources();
    let mut runs = 0;
    loop {
        let before = marked(&service, "all").await;
        let upkept = service.store.upkeep().check(&sources.call_context(), Duration::from_secs(5)).await.unwrap();
        runs += 1;
        if upkept.done {
            break;
        }
        assert!(marked(&service, "all").await > before || upkept.marks_written > 0, "no progress: {upkept:?}");
    }
    assert!(runs > 2, "{runs}");
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 10_000));
    assert_eq!(marks(&service, "org#o").await.len(), 100);
    assert_eq!(service.upkeep().await.unwrap().marks_written, 0);
}

/// A rebuild is asked for while a run is under way that has counted most of the listing already.
#[tokio::test]
#[ignore = "long: twelve thousand codes"]
async fn long_rebuild_is_not_lost_to_a_run_that_is_under_way() {
    let service = TestService::builder().in_process().build().await;
    service.fill(&codes(0, 12_000, service.clock.now(), Duration::from_millis(1))).await;
    service.clock.advance(Duration::from_secs(3_600));
    tokio::time::pause();
    let slow = service.other_process().await;
    slow.faults.latency(Duration::from_millis(100));
    let (sources, upkeep) = (service.sources(), slow.store.upkeep());
    let cx = sources.call_context();
    let asking = async {
        while of_head(&service, "all", "checked").await.unwrap_or(0) == 0 {
            sleep(Duration::from_millis(50)).await;
        }
        service.clock.advance(SECOND);
        assert!(!rebuild(&service, "all", Duration::ZERO).await.done);
        assert_eq!(of_head(&service, "all", "checked").await.map(|at| at < 12_000), Some(true));
    };
    let (run, ()) = tokio::join!(upkeep.check(&cx, Duration::from_secs(60)), asking);
    assert!(!run.unwrap().done, "it leaves the listing to the rebuild");
    assert!(of_head(&service, "all", "checked").await < Some(12_000));
    assert!(service.upkeep().await.unwrap().done);
    assert_eq!(of_head(&service, "all", "checked").await, Some(12_000));
    audit_page_indexes(&service).await.unwrap();
}
