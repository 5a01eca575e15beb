//! Indexes behind the table.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::simulated;
use serde_json::json;
use tokio::time::sleep;

use super::Table;

async fn index(table: &Table) -> Vec<String> {
    let query = json!({
        "IndexName": "by-creation",
        "KeyConditionExpression": "listing = :all",
        "ExpressionAttributeValues": { ":all": { "S": "all" } },
    });
    let found = table.send("Query", query).await.unwrap();
    found["Items"].as_array().unwrap().iter().map(|item| item["ulid"]["S"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn index_entries_of_one_transaction_arrive_apart_and_in_any_order() {
    let mut first = BTreeSet::new();
    for seed in 1..=20 {
        simulated(seed, async {
            let table = Table::new(seed).await;
            table.engine.schedule(|schedule| schedule.max_index_lag = Duration::from_millis(40));
            table.write("1", &["a", "b", "c"], 1).await.unwrap();
            assert_eq!(table.query(&["a", "b", "c"]).await, [Some(1); 3]);
            let mut seen = index(&table).await;
            for _ in 0..40 {
                sleep(Duration::from_millis(1)).await;
                let now = index(&table).await;
                assert!(seen.iter().all(|name| now.contains(name)));
                if seen.is_empty() && now.len() == 1 {
                    first.insert(now[0].clone());
                }
                seen = now;
            }
            assert_eq!(seen, ["a", "b", "c"], "all have arrived");
        });
    }
    assert_eq!(first.len(), 3, "each entry is the first under some seed");
}

#[test]
fn indexes_show_nothing_of_a_transaction_in_flight() {
    simulated(1, async {
        let table = Table::new(1).await;
        let sent = table.start("1", &["a", "b"], 1).await;
        let seen = table.observe(index).await;
        assert!(seen[..seen.len() - 1].iter().all(Vec::is_empty));
        sent.await.unwrap().unwrap();
        assert_eq!(index(&table).await, ["a", "b"]);
    });
}
