//! The marks that lists make: which, by whom, and that no list waits for them or fails with them.

use std::time::Duration;

use dev::{BASE, Call, Fault, TestService, create_body};
use referral_codes::limits::INDEX_WORK_TIME_LIMIT;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{codes, correct_marks, head, marks};

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_the_same_for_concurrent_lists_of_several_processes() {
    let service = TestService::new().await;
    let codes = codes(0, 1_250, service.clock.now(), Duration::from_millis(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(62));
    let mut processes = vec![service.second_process(service.clock.reader()).await];
    processes.push(service.second_process(service.clock.reader()).await);
    let mut lists = JoinSet::new();
    for page in 1..=12 {
        let process = processes[page % 2].share();
        lists.spawn(async move { process.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200) });
    }
    for answer in lists.join_all().await {
        assert_eq!(answer["pagination"]["total"], 1_251);
    }
    let mut puts = 0;
    for process in &processes {
        process.finish_index_work().await;
        puts += process.faults.take().into_iter().filter(|recorded| recorded.operation == "PutItem").count();
    }
    assert_eq!(marks(&service, "1#all").await, correct_marks(&codes, 1_250));
    assert_eq!(head(&service, "all").await, Some((1, 1_200)));
    // Twelve marks and the head take 13 puts. A process may start once more from a head that it does not know to be outdated.
    assert!(puts <= 4 * 13, "one task of a process works on an index at a time: {puts} puts");
}

#[tokio::test]
async fn code_that_has_not_settled_has_no_mark() {
    let service = TestService::builder().setting("LISTING_SETTLE_SECONDS", "30").build().await;
    // One code a second: 250 of them are older than 30 s.
    let old = codes(0, 280, service.clock.now(), Duration::from_secs(1));
    service.fill(&old).await;
    service.send(Call::get(BASE)).await.expect(200);
    service.finish_index_work().await;
    assert_eq!(marks(&service, "1#all").await, correct_marks(&old, 249));
    service.clock.advance(Duration::from_secs(60));
    service.fill(&codes(280, 40, service.clock.now(), Duration::from_millis(1))).await;
    service.send(Call::get(BASE)).await.expect(200);
    service.finish_index_work().await;
    assert_eq!(marks(&service, "1#all").await.len(), 2, "the code at position 300 has not settled");
}

#[tokio::test]
async fn creates_make_no_marks_and_read_no_listing() {
    let service = TestService::new().await;
    service.fill(&codes(0, 350, service.clock.now(), Duration::from_millis(1))).await;
    service.clock.advance(Duration::from_secs(120));
    service.faults.take();
    for nth in 0..600 {
        service.send(Call::post(BASE, &create_body(&format!("new{nth}"), "o"))).await.expect(201);
    }
    service.finish_index_work().await;
    let operations: std::collections::BTreeSet<_> =
        service.faults.take().into_iter().map(|recorded| recorded.operation).collect();
    assert_eq!(operations.into_iter().collect::<Vec<_>>(), ["GetItem", "TransactWriteItems"]);
}

/// The table takes no mark: it is silent, throttled, or refuses. The list answers as if it did, and as fast.
#[tokio::test(start_paused = true)]
async fn list_neither_fails_nor_waits_because_a_mark_cannot_be_written() {
    for fault in
        [Fault::NoResponse, Fault::Refused(400, "ThrottlingException"), Fault::Refused(400, "AccessDeniedException")]
    {
        let service = TestService::builder().in_process().build().await;
        let codes = codes(0, 1_250, service.clock.now(), Duration::from_millis(1));
        service.fill(&codes).await;
        service.clock.advance(Duration::from_secs(120));
        service.faults.plan(move |recorded| (recorded.operation == "PutItem").then_some(fault));
        for page in [1, 30, 63] {
            let started = Instant::now();
            let answer = service.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200);
            assert_eq!(started.elapsed(), Duration::ZERO, "{fault:?}");
            assert_eq!(answer["pagination"]["total"], 1_251);
        }
        let started = Instant::now();
        service.finish_index_work().await;
        assert!(started.elapsed() < INDEX_WORK_TIME_LIMIT + Duration::from_millis(10), "the work ends in time");
        assert_eq!(head(&service, "all").await, None);
        service.faults.clear_faults();
        service.send(Call::get(BASE)).await.expect(200);
        service.finish_index_work().await;
        assert_eq!(marks(&service, "1#all").await, correct_marks(&codes, 1_250), "{fault:?}: the next list makes them");
    }
}

/// Some marks are there and others not, because a put failed in the middle. No list reads across such a gap.
#[tokio::test]
async fn pages_are_right_beside_a_gap_and_the_next_list_fills_it() {
    let service = TestService::new().await;
    let codes = codes(0, 5_050, service.clock.now(), Duration::from_millis(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    let correct = correct_marks(&codes, 5_050);
    service.faults.plan(|recorded| {
        let key = recorded.request["Item"]["sk"]["S"].as_str().unwrap_or_default();
        key.ends_with("0002300").then_some(Fault::Refused(400, "AccessDeniedException"))
    });
    let page = async |number: usize| {
        let answer = service.send(Call::get(&format!("{BASE}?page={number}"))).await.expect(200);
        assert_eq!(answer["data"][0]["id"], codes[5_050 - 1 - (number - 1) * 20].id(), "page {number}");
    };
    page(1).await;
    service.finish_index_work().await;
    let made = marks(&service, "1#all").await;
    assert!(made.iter().all(|mark| mark.0 != 2_300) && made.len() > 15, "there is a gap: {made:?}");
    assert_eq!(head(&service, "all").await, None, "the head does not name marks beyond a gap");
    for number in [1, 140, 200, 252] {
        page(number).await;
    }
    service.finish_index_work().await;
    service.faults.clear_faults();
    page(1).await;
    service.finish_index_work().await;
    assert_eq!(marks(&service, "1#all").await, correct);
    assert_eq!(head(&service, "all").await, Some((1, 5_000)));
    for number in [1, 140, 200, 252] {
        page(number).await;
    }
}

/// Two processes advance the same index. The slower one starts from a head that is outdated by then.
#[tokio::test]
async fn head_never_goes_back() {
    let service = TestService::builder().in_process().build().await;
    service.fill(&codes(0, 250, service.clock.now(), Duration::from_millis(1))).await;
    service.clock.advance(Duration::from_secs(120));
    tokio::time::pause();
    let slow = service.second_process(service.clock.reader()).await;
    slow.faults.latency(Duration::from_millis(500));
    let shared = slow.share();
    let listed = tokio::spawn(async move { shared.send(Call::get(BASE)).await.expect(200) });
    tokio::time::sleep(Duration::from_millis(700)).await;
    service.fill(&codes(250, 200, service.clock.now(), Duration::from_millis(1))).await;
    service.clock.advance(Duration::from_secs(120));
    service.send(Call::get(BASE)).await.expect(200);
    service.finish_index_work().await;
    // The pattern of the second `fill` is a code more.
    assert_eq!(head(&service, "all").await, Some((1, 400)));
    listed.await.unwrap();
    slow.finish_index_work().await;
    assert_eq!(head(&service, "all").await, Some((1, 400)));
}

/// Marks that the table throttles are tried again and again. What that uses up are not the retries of the calls.
#[tokio::test]
async fn failing_marks_use_up_no_retries_of_calls() {
    let service = TestService::builder().in_process().build().await;
    let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    service.fill(&codes(0, 5_050, service.clock.now(), Duration::from_millis(1))).await;
    service.clock.advance(Duration::from_secs(120));
    tokio::time::pause();
    let mut reads = 0;
    service.faults.plan(move |recorded| match recorded.operation.as_str() {
        "PutItem" => Some(Fault::Refused(400, "ThrottlingException")),
        // Each read needs one retry.
        "GetItem" => {
            reads += 1;
            (reads % 2 == 1).then_some(Fault::Refused(500, "InternalServerError"))
        }
        _ => None,
    });
    for _ in 0..10 {
        service.send(Call::get(BASE)).await.expect(200);
        service.finish_index_work().await;
    }
    let throttled = service.faults.take().into_iter().filter(|recorded| recorded.operation == "PutItem").count();
    assert!(throttled > 100, "more attempts than the quota has retries: {throttled}");
    service.send(Call::get(&format!("{BASE}/{}", code["id"].as_str().unwrap()))).await.expect(200);
}
