//! Lists whose index is far behind: nothing was listed for very long and no upkeep has run, or the index is lost.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService};

use super::{codes, correct_marks, head, marks, with_longest_ids};

/// Half a read unit for each 4 KB of 1 MB.
const UNITS_OF_1_MB: f64 = 128.0;

/// 17,000 codes with the longest ids and records of about 800 bytes: more than a dozen lists read.
async fn far_behind() -> (TestService, Vec<CodeFixture>) {
    let service = TestService::new().await;
    let mut codes = with_longest_ids(codes(0, 17_000, service.clock.now(), Duration::from_millis(1)));
    for code in &mut codes {
        code.padding = 400;
    }
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    (service, codes)
}

#[tokio::test]
async fn first_page_answers_and_each_list_counts_further() {
    let (service, codes) = far_behind().await;
    let (mut lists, mut counted) = (0, 0);
    while counted < 17_001 {
        service.meter.take();
        let answer = service.send(Call::get(BASE)).await.expect(200);
        service.finish_index_work().await;
        let consumed = service.meter.take();
        assert!(consumed.read_units < UNITS_OF_1_MB, "a list reads less than 1 MB: {consumed:?}");
        assert_eq!(answer["data"][0]["id"], codes[16_999].id());
        assert_eq!(answer["data"][19]["id"], codes[16_980].id());
        let total = answer["pagination"]["total"].as_u64().unwrap();
        assert!(total > counted, "no progress: {total}");
        let marked = head(&service, "all").await.map_or(0, |(_, position)| position);
        assert_eq!(marked, total / 100 * 100, "what was counted is marked");
        counted = total;
        lists += 1;
    }
    assert!(lists > 10, "the listing must be long enough for the index to be behind: {lists}");
    assert_eq!(marks(&service, "1#all").await, correct_marks(&codes, 17_000));
}

/// A page that cannot be numbered yet says so. One that was counted is shown.
#[tokio::test]
async fn deep_page_answers_503_until_it_is_counted() {
    let (service, codes) = far_behind().await;
    let (mut refusals, mut oldest_first) = (0, 0);
    let answer = loop {
        let reply = service.send(Call::get(&format!("{BASE}?page=425"))).await;
        service.finish_index_work().await;
        if reply.status == 200 {
            break reply.json();
        }
        reply.expect_problem(503, "unavailable");
        assert_eq!(reply.headers["retry-after"], "1");
        refusals += 1;
        if refusals == 6 {
            // 6,000 codes from the oldest on are counted by now, and 16,000 are not.
            let counted =
                service.send(Call::get(&format!("{BASE}?page=60&limit=100&sort=created_at"))).await.expect(200);
            assert_eq!(counted["data"][99]["id"], codes[5_998].id());
            let refused = service.send(Call::get(&format!("{BASE}?page=160&limit=100&sort=created_at"))).await;
            refused.expect_problem(503, "unavailable");
            oldest_first += 1;
        }
        assert!(refusals < 40, "no progress");
    };
    assert_eq!((refusals > 10, oldest_first), (true, 1));
    assert_eq!(answer["pagination"]["total"], 17_001);
    assert_eq!(answer["data"][0]["id"], codes[16_999 - 424 * 20].id());
}

#[tokio::test]
async fn upkeep_brings_an_index_up_to_date_in_one_run() {
    let (service, codes) = far_behind().await;
    let upkeep = service.upkeep().await.unwrap();
    assert!(upkeep.done && !upkeep.busy && upkeep.wrong.is_empty(), "{upkeep:?}");
    // Of all codes, of the organisation, and of the one whose code `fill` copies.
    assert_eq!((upkeep.listings, upkeep.marks_made), (3, 170 + 170));
    assert_eq!(marks(&service, "1#all").await, correct_marks(&codes, 17_000));
    let answer = service.send(Call::get(&format!("{BASE}?page=850"))).await.expect(200);
    assert_eq!(answer["data"][19]["id"], codes[0].id());
    let again = service.upkeep().await.unwrap();
    assert_eq!((again.marks_made, again.done), (0, true));
}

/// The table is so slow that a run's time is over before it is done. The next run goes on.
#[tokio::test]
async fn upkeep_goes_on_where_its_time_was_over() {
    let service = TestService::builder().in_process().build().await;
    let codes = codes(0, 20_000, service.clock.now(), Duration::from_millis(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    tokio::time::pause();
    service.faults.latency(Duration::from_millis(350));
    let sources = referral_codes::model::Sources::new(service.clock.reader(), || 0);
    let (mut runs, mut made) = (0, 0);
    loop {
        let upkeep = service.store.upkeep(&sources.call_context(), Duration::from_secs(20)).await.unwrap();
        runs += 1;
        assert!(upkeep.done || upkeep.marks_made > 0, "no progress: {upkeep:?}");
        made += upkeep.marks_made;
        if upkeep.done {
            break;
        }
    }
    assert!(runs > 2, "{runs}");
    assert_eq!(made, 200 + 200);
    assert_eq!(marks(&service, "1#all").await, correct_marks(&codes, 20_000));
    assert_eq!(marks(&service, "1#org#o").await.len(), 200);
}
