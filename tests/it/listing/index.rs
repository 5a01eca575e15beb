//! The page index itself: who makes its marks, that makers agree, and what happens while it is behind.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, CodeFixture, Fault, TestService, create_body};
use tokio::task::JoinSet;

/// The marks of a listing: positions and ULIDs.
async fn marks(world: &TestService, listing: &str) -> Vec<(u64, String)> {
    let query = world.client.query().table_name(&world.table).key_condition_expression("pk = :listing");
    let query = query.expression_attribute_values(":listing", AttributeValue::S(format!("marks#{listing}")));
    let answer = query.consistent_read(true).send().await.unwrap();
    let text =
        |item: &std::collections::HashMap<String, AttributeValue>, name: &str| item[name].as_s().unwrap().clone();
    answer.items().iter().map(|item| (text(item, "sk").parse().unwrap(), text(item, "ulid"))).collect()
}

/// What the marks must be: the codes at every hundredth position. The pattern is the first code of all.
fn truth(codes: &[CodeFixture], settled: usize) -> Vec<(u64, String)> {
    (100..=settled + 1).step_by(100).map(|at| (at as u64, codes[at - 2].ulid.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_makers_at_once_make_the_same_marks() {
    let world = TestService::new().await;
    let codes = CodeFixture::series(1_250, world.clock.now(), Duration::from_millis(1), &["o"]);
    world.fill(&codes).await;
    world.clock.advance(Duration::from_secs(62));
    let mut lists = JoinSet::new();
    for page in 1..=8 {
        let shared = world.share();
        lists.spawn(async move { shared.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200) });
    }
    for answer in lists.join_all().await {
        assert_eq!(answer["pagination"]["total"], 1_251);
    }
    assert_eq!(marks(&world, "all").await, truth(&codes, 1_250));
    let puts = world.faults.take().into_iter().filter(|recorded| recorded.operation == "PutItem").count();
    assert!(puts <= 8 * 12, "that a mark is there is an answer, and not asked again: {puts}");
}

#[tokio::test]
async fn no_mark_is_made_at_a_code_that_has_not_settled() {
    let world = TestService::builder().setting("LISTING_SETTLE_SECONDS", "30").build().await;
    // One code a second: 250 of them are older than 30 s.
    let codes = CodeFixture::series(280, world.clock.now(), Duration::from_secs(1), &["o"]);
    world.fill(&codes).await;
    world.send(Call::get(BASE)).await.expect(200);
    assert_eq!(marks(&world, "all").await, truth(&codes, 249));
    world.clock.advance(Duration::from_secs(60));
    world.fill(&CodeFixture::series(40, world.clock.now(), Duration::from_millis(1), &["o"])).await;
    world.send(Call::get(BASE)).await.expect(200);
    assert_eq!(marks(&world, "all").await.len(), 2, "300 is too young");
}

/// Where nobody lists, one create in 256 keeps the index up.
#[tokio::test]
async fn a_create_now_and_then_looks_after_the_index() {
    let world = TestService::builder().ids(&["abcdef", "0123456789abcdef0100"]).build().await;
    let codes = CodeFixture::series(220, world.clock.now(), Duration::from_millis(1), &["o"]);
    world.fill(&codes).await;
    world.clock.advance(Duration::from_secs(120));
    assert_eq!(marks(&world, "all").await, []);
    world.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    assert_eq!(marks(&world, "all").await, truth(&codes, 220));
    assert_eq!(marks(&world, "org#o").await.len(), 2);
}

#[tokio::test]
async fn a_create_does_not_fail_with_the_index() {
    let world = TestService::builder().ids(&["0123456789abcdef0100"]).build().await;
    world
        .faults
        .plan(|recorded| (recorded.operation == "Query").then_some(Fault::Refused(400, "AccessDeniedException")));
    world.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
}

/// More than a call reads. Long names make large records, and fewer of them make more than twelve answers of 1 MB.
async fn fill_beyond_one_call(world: &TestService) -> Vec<CodeFixture> {
    let org = "o".repeat(128);
    let mut codes = CodeFixture::series(34_000, world.clock.now(), Duration::from_millis(1), &[&org]);
    for code in &mut codes {
        code.mentor = format!("{:-<128}", code.mentor);
    }
    world.fill(&codes).await;
    world.clock.advance(Duration::from_secs(120));
    codes
}

/// A table so slow that one call could not even read as much as it may.
#[tokio::test]
async fn a_slow_table_slows_it_down_and_does_not_stop_it() {
    let world = TestService::builder().in_process().build().await;
    let codes = fill_beyond_one_call(&world).await;
    tokio::time::pause();
    world.faults.latency(Duration::from_millis(350));
    let mut made = 0;
    for _ in 0..3 {
        world.send(Call::get(BASE)).await.expect_problem(503, "unavailable");
        let marks = marks(&world, "all").await;
        assert!(marks.len() > made, "no progress");
        assert_eq!(marks, truth(&codes, 34_000)[..marks.len()]);
        made = marks.len();
    }
}

/// A create has less time for it than a list, and gets somewhere all the same.
#[tokio::test]
async fn a_slow_table_does_not_stop_a_create_from_looking_after_it_either() {
    let world = TestService::builder().in_process().ids(&["abcdef", "0123456789abcdef0100"]).build().await;
    let codes = fill_beyond_one_call(&world).await;
    tokio::time::pause();
    world.faults.latency(Duration::from_millis(60));
    world.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let made = marks(&world, "all").await;
    assert!(!made.is_empty(), "no progress");
    assert_eq!(made, truth(&codes, 34_000)[..made.len()]);
}

/// A fault in the middle of making marks leaves the first of them, and a later call goes on from there.
#[tokio::test]
async fn it_never_has_a_gap() {
    let world = TestService::new().await;
    let codes = CodeFixture::series(1_250, world.clock.now(), Duration::from_millis(1), &["o"]);
    world.fill(&codes).await;
    world.clock.advance(Duration::from_secs(120));
    let truth = truth(&codes, 1_250);
    for made in [5, 9] {
        let refused = truth[made].0.to_string();
        world.faults.plan(move |recorded| {
            let key = recorded.request["Item"]["sk"]["S"].as_str().unwrap_or_default();
            key.ends_with(&refused).then_some(Fault::Refused(400, "AccessDeniedException"))
        });
        world.send(Call::get(BASE)).await.expect_problem(500, "internal");
        assert_eq!(marks(&world, "all").await, truth[..made]);
    }
    world.faults.clear_faults();
    world.send(Call::get(BASE)).await.expect(200);
    assert_eq!(marks(&world, "all").await, truth);
}

/// The index of a long listing was deleted, or nobody has listed for very long: no guess, but progress.
#[tokio::test]
async fn while_it_is_behind_a_list_says_so_and_makes_progress() {
    let world = TestService::new().await;
    let codes = fill_beyond_one_call(&world).await;
    world.faults.take();
    let (mut refusals, mut before) = (0, 0);
    let answer = loop {
        let reply = world.send(Call::get(&format!("{BASE}?page=1700"))).await;
        let queries = world.faults.take().into_iter().filter(|recorded| recorded.operation == "Query").count();
        assert!(queries <= 15, "{queries} queries in one call");
        if reply.status == 200 {
            break reply.json();
        }
        reply.expect_problem(503, "unavailable");
        assert_eq!(reply.headers["retry-after"], "1");
        refusals += 1;
        let made = marks(&world, "all").await.len();
        assert!(made > before, "no progress");
        before = made;
    };
    assert!(refusals > 0, "the listing was long enough to be behind");
    assert_eq!(answer["pagination"]["total"], 34_001);
    assert_eq!(answer["data"][19]["id"], codes[0].id());
}
