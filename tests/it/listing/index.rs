//! The page index: which calls write its marks, that concurrent writers agree, and what a list does while it is behind.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, CodeFixture, Fault, TestService, create_body};
use tokio::task::JoinSet;

/// The marks of a listing: their positions and ULIDs.
async fn marks(service: &TestService, listing: &str) -> Vec<(u64, String)> {
    let query = service.client.query().table_name(&service.table).key_condition_expression("pk = :listing");
    let query = query.expression_attribute_values(":listing", AttributeValue::S(format!("marks#{listing}")));
    let answer = query.consistent_read(true).send().await.unwrap();
    let text =
        |item: &std::collections::HashMap<String, AttributeValue>, name: &str| item[name].as_s().unwrap().clone();
    answer.items().iter().map(|item| (text(item, "sk").parse().unwrap(), text(item, "ulid"))).collect()
}

/// The correct marks: the codes at every hundredth position. The first code is the one that `fill` copies.
fn correct_marks(codes: &[CodeFixture], settled: usize) -> Vec<(u64, String)> {
    (100..=settled + 1).step_by(100).map(|at| (at as u64, codes[at - 2].ulid.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn page_index_is_the_same_for_concurrent_lists() {
    let service = TestService::new().await;
    let codes = CodeFixture::series(1_250, service.clock.now(), Duration::from_millis(1), &["o"]);
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(62));
    let mut lists = JoinSet::new();
    for page in 1..=8 {
        let shared = service.share();
        lists.spawn(async move { shared.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200) });
    }
    for answer in lists.join_all().await {
        assert_eq!(answer["pagination"]["total"], 1_251);
    }
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 1_250));
    let puts = service.faults.take().into_iter().filter(|recorded| recorded.operation == "PutItem").count();
    assert!(puts <= 8 * 12, "a mark that exists is not put again: {puts} puts");
}

#[tokio::test]
async fn page_index_has_no_mark_at_a_code_that_has_not_settled() {
    let service = TestService::builder().setting("LISTING_SETTLE_SECONDS", "30").build().await;
    // One code a second: 250 of them are older than 30 s.
    let codes = CodeFixture::series(280, service.clock.now(), Duration::from_secs(1), &["o"]);
    service.fill(&codes).await;
    service.send(Call::get(BASE)).await.expect(200);
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 249));
    service.clock.advance(Duration::from_secs(60));
    service.fill(&CodeFixture::series(40, service.clock.now(), Duration::from_millis(1), &["o"])).await;
    service.send(Call::get(BASE)).await.expect(200);
    assert_eq!(marks(&service, "all").await.len(), 2, "the code at position 300 has not settled");
}

/// Without lists, about 1 create in 256 maintains the page index.
#[tokio::test]
async fn create_sometimes_maintains_the_page_index() {
    let service = TestService::builder().ids(&["abcdef", "0123456789abcdef0100"]).build().await;
    let codes = CodeFixture::series(220, service.clock.now(), Duration::from_millis(1), &["o"]);
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    assert_eq!(marks(&service, "all").await, []);
    service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    assert_eq!(marks(&service, "all").await, correct_marks(&codes, 220));
    assert_eq!(marks(&service, "org#o").await.len(), 2);
}

#[tokio::test]
async fn create_succeeds_if_page_index_maintenance_fails() {
    let service = TestService::builder().ids(&["0123456789abcdef0100"]).build().await;
    service
        .faults
        .plan(|recorded| (recorded.operation == "Query").then_some(Fault::Refused(400, "AccessDeniedException")));
    service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
}

/// Writes more codes than one call reads. Padding makes the records large, so that fewer of them fill more than twelve
/// responses of 1 MB.
async fn fill_beyond_one_call(service: &TestService) -> Vec<CodeFixture> {
    let org = "o".repeat(128);
    let mut codes = CodeFixture::series(17_000, service.clock.now(), Duration::from_millis(1), &[&org]);
    for code in &mut codes {
        code.mentor = format!("{:-<128}", code.mentor);
        code.padding = 400;
    }
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    codes
}

/// The table is so slow that one call runs out of time before it has read as much as it may.
#[tokio::test]
async fn page_index_makes_progress_on_a_slow_table() {
    let service = TestService::builder().in_process().build().await;
    let codes = fill_beyond_one_call(&service).await;
    tokio::time::pause();
    service.faults.latency(Duration::from_millis(350));
    let mut made = 0;
    for _ in 0..3 {
        service.send(Call::get(BASE)).await.expect_problem(503, "unavailable");
        let marks = marks(&service, "all").await;
        assert!(marks.len() > made, "no progress");
        assert_eq!(marks, correct_marks(&codes, 17_000)[..marks.len()]);
        made = marks.len();
    }
}

/// A create has less time for maintenance than a list, and still makes progress.
#[tokio::test]
async fn create_maintains_the_page_index_on_a_slow_table() {
    let service = TestService::builder().in_process().ids(&["abcdef", "0123456789abcdef0100"]).build().await;
    let codes = fill_beyond_one_call(&service).await;
    tokio::time::pause();
    service.faults.latency(Duration::from_millis(60));
    service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let made = marks(&service, "all").await;
    assert!(!made.is_empty(), "no progress");
    assert_eq!(made, correct_marks(&codes, 17_000)[..made.len()]);
}

/// After a fault between two marks, the marks before it exist, and a later call continues there.
#[tokio::test]
async fn page_index_never_has_a_gap() {
    let service = TestService::new().await;
    let codes = CodeFixture::series(1_250, service.clock.now(), Duration::from_millis(1), &["o"]);
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    let correct = correct_marks(&codes, 1_250);
    for made in [5, 9] {
        let refused = correct[made].0.to_string();
        service.faults.plan(move |recorded| {
            let key = recorded.request["Item"]["sk"]["S"].as_str().unwrap_or_default();
            key.ends_with(&refused).then_some(Fault::Refused(400, "AccessDeniedException"))
        });
        service.send(Call::get(BASE)).await.expect_problem(500, "internal");
        assert_eq!(marks(&service, "all").await, correct[..made]);
    }
    service.faults.clear_faults();
    service.send(Call::get(BASE)).await.expect(200);
    assert_eq!(marks(&service, "all").await, correct);
}

/// The index of a long listing was deleted, or there was no list for very long. A list does not guess the total.
#[tokio::test]
async fn list_returns_503_and_makes_progress_while_the_page_index_is_behind() {
    let service = TestService::new().await;
    let codes = fill_beyond_one_call(&service).await;
    service.faults.take();
    let (mut refusals, mut made_before) = (0, 0);
    let answer = loop {
        let reply = service.send(Call::get(&format!("{BASE}?page=850"))).await;
        let queries = service.faults.take().into_iter().filter(|recorded| recorded.operation == "Query").count();
        assert!(queries <= 15, "{queries} queries in one call");
        if reply.status == 200 {
            break reply.json();
        }
        reply.expect_problem(503, "unavailable");
        assert_eq!(reply.headers["retry-after"], "1");
        refusals += 1;
        let made = marks(&service, "all").await.len();
        assert!(made > made_before, "no progress");
        made_before = made;
    };
    assert!(refusals > 0, "the listing must be long enough for the index to be behind");
    assert_eq!(answer["pagination"]["total"], 17_001);
    assert_eq!(answer["data"][19]["id"], codes[0].id());
}
