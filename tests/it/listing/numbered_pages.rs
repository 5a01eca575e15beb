//! Numbered pages by the page index, compared with a sorted list in memory.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

/// All codes in the order of their creation, and the pages that a listing of them must have.
#[derive(Default)]
struct Model(BTreeSet<CodeFixture>);

impl Model {
    fn page(&self, org: Option<&str>, oldest_first: bool, page: usize, limit: usize) -> (Vec<String>, usize) {
        let mut ids: Vec<_> =
            self.0.iter().filter(|code| org.is_none_or(|org| org == code.org)).map(CodeFixture::id).collect();
        if !oldest_first {
            ids.reverse();
        }
        let total = ids.len();
        (ids.into_iter().skip((page - 1) * limit).take(limit).collect(), total)
    }
}

fn path(org: Option<&str>, oldest_first: bool, page: usize, limit: usize) -> String {
    let org = org.map(|org| format!("&org_id={org}")).unwrap_or_default();
    let sort = if oldest_first { "&sort=created_at" } else { "" };
    format!("{BASE}?page={page}&limit={limit}{org}{sort}")
}

fn ids(answer: &Value) -> Vec<String> {
    answer["data"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap().to_owned()).collect()
}

async fn compare(
    service: &TestService,
    model: &Model,
    org: Option<&str>,
    oldest_first: bool,
    page: usize,
    limit: usize,
) {
    let answer = service.send(Call::get(&path(org, oldest_first, page, limit))).await.expect(200);
    let (expected, total) = model.page(org, oldest_first, page, limit);
    assert_eq!(answer["pagination"]["total"], total, "{org:?}");
    assert_eq!(ids(&answer), expected, "page {page} of {limit}, {org:?}, oldest first: {oldest_first}");
}

/// The code that `fill` copies is listed too. It is in an organisation of its own, so filters by organisation leave it out.
async fn with_pattern(service: &TestService) -> Model {
    service.fill(&[]).await;
    let answer = service.send(Call::get(&path(Some("pattern"), false, 1, 1))).await.expect(200);
    let mut first = CodeFixture::at(std::time::UNIX_EPOCH, "pattern", "pattern");
    first.known_id = Some(answer["data"][0]["id"].as_str().unwrap().to_owned());
    Model(BTreeSet::from([first]))
}

#[tokio::test]
async fn numbered_pages_with_page_marks_are_correct() {
    let service = TestService::new().await;
    let mut model = with_pattern(&service).await;
    let codes = CodeFixture::series(730, service.clock.now(), Duration::from_millis(500), &["a", "b", "a"]);
    service.fill(&codes).await;
    model.0.extend(codes);
    service.clock.advance(Duration::from_secs(10));
    for round in 0..2 {
        for (org, oldest_first) in
            [(None, false), (None, true), (Some("a"), false), (Some("b"), true), (Some("x"), false)]
        {
            for (page, limit) in
                [(1, 20), (2, 100), (8, 100), (9, 100), (15, 50), (37, 20), (104, 7), (105, 7), (731, 1), (400, 1)]
            {
                compare(&service, &model, org, oldest_first, page, limit).await;
            }
        }
        if round == 0 {
            service.clock.advance(Duration::from_secs(60));
            assert!(service.upkeep().await.unwrap().marks_written > 0);
        }
    }
}

/// Any sequence of codes, each written up to the settling time late and so out of order, with lists and upkeeps in between: every page
/// of every list is the model's.
#[test]
fn numbered_pages_are_correct_if_codes_arrive_late_within_the_settling_time() {
    let step =
        (0..130_usize, 0..90_u64, any::<bool>(), 1..12_usize, 1..=100_usize, prop::collection::vec(0..60_000_u64, 130));
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(10);
    let mut runner = TestRunner::new(Config { cases, max_shrink_iters: 30, ..Config::default() });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sequences = prop::collection::vec(step, 4..10);
    let outcome = runner.run(&sequences, |steps| {
        runtime.block_on(async {
            let service = TestService::new().await;
            let mut model = with_pattern(&service).await;
            for (step, (arrivals, seconds, oldest_first, page, limit, late)) in steps.into_iter().enumerate() {
                service.clock.advance(Duration::from_secs(seconds));
                // Less late than the default LISTING_SETTLE_SECONDS, which is 60.
                let codes: Vec<_> = (0..arrivals)
                    .map(|nth| {
                        let created = service.clock.now() - Duration::from_millis(late[nth].min(59_000));
                        CodeFixture::at(created, ["a", "b"][nth % 2], &format!("m{step}_{nth}"))
                    })
                    .collect();
                service.fill(&codes).await;
                model.0.extend(codes);
                if oldest_first {
                    service.upkeep().await.unwrap();
                }
                for org in [None, Some("a")] {
                    compare(&service, &model, org, oldest_first, page, limit).await;
                    compare(&service, &model, org, !oldest_first, 1, 20).await;
                }
            }
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
