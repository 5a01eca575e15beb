//! No page contradicts itself: while the entries of an index arrive apart and late, no page shows two active codes of one
//! mentor.

use std::collections::BTreeMap;
use std::time::Duration;

use dev::{BASE, Call, TestService, create_body, rotate_body, seeds, simulated};
use serde_json::Value;

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

/// Mentors change their codes while others list them, over many seeds. A lost agreement shows within a few of them.
#[test]
fn no_page_shows_two_active_codes_of_a_mentor_while_the_index_lags() {
    for seed in seeds(6) {
        simulated(seed, async move {
            let service = TestService::builder().isolation(seed, Duration::from_millis(40)).build().await;
            service.isolation().schedule(|schedule| schedule.max_index_lag = LAG);
            let reader = service.second_process(service.clock.reader()).await;
            let (shared, clock) = (service.share(), service.clock.clone());
            let changes = tokio::spawn(async move {
                for round in 0..6 {
                    for mentor in ["m", "n"] {
                        clock.advance(Duration::from_secs(1));
                        let code = shared.send(Call::post(BASE, &create_body(mentor, "o"))).await.json();
                        let path = format!("{BASE}/{}", id(&code));
                        let change = match (round + seed) % 3 {
                            0 => Call::delete(&path),
                            _ => Call::put(&path, &rotate_body(mentor)),
                        };
                        shared.send(change).await.expect(200);
                        tokio::time::sleep(Duration::from_millis(30)).await;
                    }
                }
            });
            while !changes.is_finished() {
                for query in QUERIES {
                    check(&reader.send(Call::get(&format!("{BASE}{query}"))).await.expect(200));
                }
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
            changes.await.unwrap();
            // When the index has caught up, the page is the table's.
            tokio::time::sleep(LAG).await;
            let page = reader.send(Call::get(&format!("{BASE}?limit=100"))).await.expect(200);
            for code in page["data"].as_array().unwrap() {
                let read = reader.send(Call::get(&format!("{BASE}/{}", id(code)))).await.expect(200);
                assert_eq!(read, *code);
            }
        });
    }
}

/// The entry of the new code has arrived, and the one of the code that it has replaced has not. The page shows the end of
/// that one as its record has it, without a request more.
#[tokio::test]
async fn replaced_code_is_shown_as_its_successor_tells_at_no_cost() {
    let service = TestService::new().await;
    let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let before = record(&service, id(&code)).await;
    service.clock.advance(Duration::from_secs(60));
    let path = format!("{BASE}/{}", id(&code));
    let successor = service.send(Call::put(&path, &rotate_body("m"))).await.expect(200);
    let ended = service.send(Call::get(&path)).await.expect(200);
    let after = record(&service, id(&code)).await;
    put(&service, before).await;
    service.faults.take();
    let page = service.send(Call::get(BASE)).await.expect(200);
    assert_eq!(page["data"], serde_json::json!([successor, ended]));
    let reads = service.faults.take().into_iter().filter(|recorded| recorded.operation == "BatchGetItem").count();
    assert_eq!(reads, 0);
    put(&service, after).await;
}

type Item = std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>;

async fn record(service: &TestService, id: &str) -> Item {
    let string = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let get = service.client.get_item().table_name(&service.table).key("pk", string(format!("id#{id}")));
    get.key("sk", string("record".into())).send().await.unwrap().item.unwrap()
}

async fn put(service: &TestService, item: Item) {
    service.client.put_item().table_name(&service.table).set_item(Some(item)).send().await.unwrap();
}
