//! A new generation of marks beside the live one: over several runs, beside lists and creates, and the end of the old one.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, Fault, TestService, audit_page_indexes, create_body};
use referral_codes::model::Sources;
use referral_codes::store::{Listing, Rebuild};

use super::{codes, correct_marks, head, marks};

async fn rebuild(service: &TestService, seconds: u64) -> Rebuild {
    let sources = Sources::new(service.clock.reader(), || 0);
    let cx = sources.call_context();
    service.store.rebuild(&Listing::All, &cx, Duration::from_secs(seconds)).await.unwrap()
}

async fn settled_codes(count: usize) -> (TestService, Vec<CodeFixture>) {
    let service = TestService::builder().in_process().build().await;
    let codes = codes(0, count, service.clock.now(), Duration::from_millis(1));
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    (service, codes)
}

#[tokio::test]
async fn rebuild_takes_several_runs_and_lists_are_right_in_each() {
    let (service, codes) = settled_codes(20_000).await;
    tokio::time::pause();
    service.faults.latency(Duration::from_millis(300));
    let (mut runs, mut counted) = (0, 0);
    loop {
        let run = rebuild(&service, 3).await;
        runs += 1;
        assert_eq!(run.generation, 2);
        let (generation, marked) = head(&service, "all").await.unwrap();
        assert_eq!((generation, marked), (if run.done { 2 } else { 1 }, 20_000));
        for page in [1, 2, 700, 1_000] {
            let answer = service.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200);
            assert_eq!(answer["pagination"]["total"], 20_001);
            assert_eq!(answer["data"][0]["id"], codes[20_000 - 1 - (page - 1) * 20].id());
        }
        assert!(run.counted > counted || run.done, "no progress: {run:?}");
        counted = run.counted;
        if run.done {
            break;
        }
    }
    assert!(runs > 2, "{runs}");
    assert_eq!(marks(&service, "2#all").await, correct_marks(&codes, 20_000));
}

/// A run that ends in the middle of its requests, by a fault or a crash, costs no more than its own part.
#[tokio::test]
async fn rebuild_survives_a_fault_at_any_request() {
    let (service, codes) = settled_codes(1_250).await;
    for nth in 0.. {
        let mut seen = 0;
        service.faults.plan(move |_| {
            seen += 1;
            (seen > nth).then_some(Fault::Refused(400, "AccessDeniedException"))
        });
        let sources = Sources::new(service.clock.reader(), || 0);
        let rebuilt = service.store.rebuild(&Listing::All, &sources.call_context(), Duration::from_secs(60)).await;
        service.faults.clear_faults();
        let answer = service.send(Call::get(&format!("{BASE}?page=40"))).await.expect(200);
        assert_eq!(answer["data"][0]["id"], codes[1_249 - 39 * 20].id(), "after {nth} requests");
        audit_page_indexes(&service).await.unwrap();
        if rebuilt.is_ok_and(|rebuilt| rebuilt.done) {
            assert!(nth > 15, "there are faults at each request: {nth}");
            return;
        }
    }
}

/// Codes are made and settle, and a list makes marks in the old generation, while the new one is counted.
#[tokio::test]
async fn rebuild_beside_creates_and_lists_misses_no_code() {
    let (service, _) = settled_codes(850).await;
    tokio::time::pause();
    service.faults.latency(Duration::from_millis(20));
    let busy = service.second_process(service.clock.reader()).await;
    busy.faults.latency(Duration::from_millis(1));
    let (clock, shared, store) = (service.clock.clone(), busy.share(), busy.store.clone());
    let others = tokio::spawn(async move {
        for nth in 0..150 {
            clock.advance(Duration::from_secs(1));
            shared.send(Call::post(BASE, &create_body(&format!("new_{nth}"), "o"))).await.expect(201);
            shared.send(Call::get(BASE)).await.expect(200);
            store.finish_page_index_work().await;
        }
    });
    for _ in 0..20 {
        rebuild(&service, 60).await;
    }
    others.await.unwrap();
    service.clock.advance(Duration::from_secs(120));
    busy.send(Call::get(BASE)).await.expect(200);
    busy.finish_index_work().await;
    let (generation, marked) = head(&service, "all").await.unwrap();
    assert!(generation > 2, "{generation}");
    assert_eq!(marked, 1_000);
    audit_page_indexes(&service).await.unwrap();
    let answer = busy.send(Call::get(&format!("{BASE}?page=51"))).await.expect(200);
    assert_eq!((answer["pagination"]["total"].as_u64(), answer["data"].as_array().unwrap().len()), (Some(1_001), 1));
}

#[tokio::test]
async fn two_rebuilds_at_once_end_in_one_index() {
    let (service, codes) = settled_codes(2_450).await;
    tokio::time::pause();
    service.faults.latency(Duration::from_millis(20));
    let other = service.second_process(service.clock.reader()).await;
    other.faults.latency(Duration::from_millis(23));
    let (one, two) = tokio::join!(rebuild(&service, 60), rebuild(&other, 60));
    assert!(one.done && two.done);
    assert_eq!(head(&service, "all").await, Some((2, 2_400)));
    assert_eq!(marks(&service, "2#all").await, correct_marks(&codes, 2_450));
}

/// A code arrives late between two runs of a rebuild, behind what the first has counted. The marks of that attempt are wrong,
/// and so is what the second one makes from them. The upkeep notices and counts once more.
#[tokio::test]
async fn late_arrival_in_the_middle_of_a_rebuild_is_mended_by_the_next_upkeep() {
    let (service, _) = settled_codes(950).await;
    service.faults.plan(|recorded| {
        let key = recorded.request["Item"]["sk"]["S"].as_str().unwrap_or_default();
        let is_new = recorded.request["Item"]["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("marks#2#"));
        (is_new && key.ends_with("0800")).then_some(Fault::Refused(400, "AccessDeniedException"))
    });
    let sources = Sources::new(service.clock.reader(), || 0);
    service.store.rebuild(&Listing::All, &sources.call_context(), Duration::from_secs(60)).await.unwrap_err();
    service.faults.clear_faults();
    service.fill(&[CodeFixture::at(service.clock.now() - Duration::from_millis(120_600), "o", "late")]).await;
    for _ in 0..3 {
        service.upkeep().await.unwrap();
    }
    let upkeep = service.upkeep().await.unwrap();
    assert_eq!((upkeep.wrong, upkeep.rebuilding), (vec![], vec![]));
    audit_page_indexes(&service).await.unwrap();
    let answer = service.send(Call::get(BASE)).await.expect(200);
    assert_eq!(answer["pagination"]["total"], 952);
}

/// Half an hour later no process builds upon the old marks. The upkeep deletes them, and what it has kept of the rebuild.
#[tokio::test]
async fn old_marks_are_deleted_half_an_hour_after_the_new_ones_are_live() {
    let (service, _) = settled_codes(1_250).await;
    assert!(rebuild(&service, 60).await.done);
    service.clock.advance(Duration::from_secs(29 * 60));
    service.upkeep().await.unwrap();
    assert_eq!(marks(&service, "1#all").await.len(), 12);
    service.clock.advance(Duration::from_secs(2 * 60));
    service.upkeep().await.unwrap();
    assert_eq!(marks(&service, "1#all").await, []);
    assert_eq!(marks(&service, "2#all").await.len(), 12);
    let again = rebuild(&service, 60).await;
    assert_eq!((again.generation, again.done), (3, true));
}

/// The upkeep deletes the marks of the generation before the live one, when a repair begins a further rebuild. That is not
/// forgotten with the first.
#[tokio::test]
async fn rebuild_that_begins_while_old_marks_are_deleted_is_not_forgotten() {
    let (service, _) = settled_codes(850).await;
    assert!(rebuild(&service, 60).await.done);
    service.clock.advance(Duration::from_secs(31 * 60));
    tokio::time::pause();
    let deleting = service.second_process(service.clock.reader()).await;
    deleting.faults.latency(Duration::from_millis(50));
    let (store, clock) = (deleting.store.clone(), service.clock.clone());
    let upkeep = tokio::spawn(async move {
        let sources = Sources::new(clock.reader(), || 0);
        store.upkeep(&sources.call_context(), Duration::from_secs(60)).await.unwrap()
    });
    while !deleting.faults.take().iter().any(|recorded| recorded.operation == "DeleteItem") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // It has no time to do more than begin.
    assert_eq!(rebuild(&service, 0).await, Rebuild { generation: 3, counted: 0, done: false });
    // The same upkeep goes on with it at its end.
    assert_eq!(upkeep.await.unwrap().rebuilding, Vec::<String>::new());
    assert_eq!(head(&service, "all").await, Some((3, 800)));
}

/// A table was restored whose head is older than the state of a rebuild. The marks of that head are not deleted.
#[tokio::test]
async fn marks_of_the_generation_that_a_head_names_are_never_deleted() {
    let (service, _) = settled_codes(450).await;
    let get = service.client.get_item().table_name(&service.table);
    let string = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let old = get.key("pk", string("head#all")).key("sk", string("head")).send().await.unwrap().item;
    assert!(rebuild(&service, 60).await.done);
    service.client.put_item().table_name(&service.table).set_item(old).send().await.unwrap();
    service.clock.advance(Duration::from_secs(31 * 60));
    service.upkeep().await.unwrap();
    assert_eq!(marks(&service, "1#all").await.len(), 4);
    // The state that was void does not keep a rebuild from beginning.
    assert!(rebuild(&service, 60).await.done);
    assert_eq!(head(&service, "all").await, Some((2, 400)));
    let answer = service.send(Call::get(&format!("{BASE}?page=20"))).await.expect(200);
    assert_eq!(answer["pagination"]["total"], 451);
}
