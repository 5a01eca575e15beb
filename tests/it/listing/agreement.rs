//! No page contradicts itself: while the entries of an index arrive apart and late, no page shows two active codes of one
//! mentor.

use std::collections::BTreeMap;
use std::time::Duration;

use dev::{Call, TestService, seeds, simulated};
use serde_json::Value;

use super::page_index::{item, key};

/// The ways to list that read an index.
const QUERIES: [&str; 6] =
    ["", "?sort=created_at", "?org_id=o", "?cursor=", "?status=active", "?cursor=&status=active&org_id=o"];

/// The index is behind by up to this long.
const LAG: Duration = Duration::from_millis(400);

fn id(code: &Value) -> &str {
    code["id"].as_str().unwrap()
}

/// Fails if a page shows two active codes of a mentor.
fn check(page: &Value) {
    let mut active: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for code in page["data"].as_array().unwrap().iter().filter(|code| code["status"] == "active") {
        active.entry(code["mentor_id"].as_str().unwrap()).or_default().push(id(code));
    }
    for (mentor, codes) in active {
        assert_eq!(codes.len(), 1, "{mentor} has several active codes on one page: {codes:?} of {page}");
    }
}

/// Mentors change their codes while others list them. `just long` runs more seeds.
#[test]
fn no_page_shows_two_active_codes_of_a_mentor_while_the_index_lags() {
    for seed in seeds(2) {
        simulated(seed, async move {
            let service = TestService::builder().isolation(seed, Duration::from_millis(40)).build().await;
            service.isolation().schedule(|schedule| schedule.max_index_lag = LAG);
            let reader = service.other_process().await;
            let changes = tokio::spawn(async move {
                for round in 0..6 {
                    for mentor in ["m", "n"] {
                        service.clock.advance(Duration::from_secs(1));
                        let code = service.send(Call::create(mentor, "o")).await.json();
                        match (round + seed) % 3 {
                            0 => service.invalidate(&code).await,
                            _ => service.rotate(&code).await,
                        };
                        tokio::time::sleep(Duration::from_millis(30)).await;
                    }
                }
            });
            while !changes.is_finished() {
                for query in QUERIES {
                    check(&reader.list(query).await);
                }
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
            changes.await.unwrap();
            // When the index has caught up, the page is the table's.
            tokio::time::sleep(LAG).await;
            for code in reader.list("?limit=100").await["data"].as_array().unwrap() {
                assert_eq!(reader.read(code).await, *code);
            }
        });
    }
}

/// The entry of the new code has arrived, and the one of the code that it has replaced has not. The page shows the end of
/// that one as its record has it, without a request more.
#[tokio::test]
async fn replaced_code_is_shown_as_its_successor_tells_at_no_cost() {
    let service = TestService::new().await;
    let code = service.create("m", "o").await;
    let before = item(&service, key(&format!("id#{}", id(&code)), "record")).await;
    service.clock.advance(Duration::from_secs(60));
    let successor = service.rotate(&code).await;
    let ended = service.read(&code).await;
    let put = service.client.put_item().table_name(&service.table).set_item(before);
    put.send().await.unwrap();
    service.faults.take();
    let page = service.list("").await;
    assert_eq!(page["data"], serde_json::json!([successor, ended]));
    let reads = service.faults.take().into_iter().filter(|recorded| recorded.operation == "BatchGetItem").count();
    assert_eq!(reads, 0);
}
