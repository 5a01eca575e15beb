//! Requests that meet an item of a transaction in flight.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::simulated;
use serde_json::json;
use tokio::time::sleep;

use super::{CONFLICT, MAX_IN_FLIGHT, Table, item};

#[test]
fn transactions_that_meet_an_item_in_flight_are_refused_at_its_position() {
    simulated(1, async {
        let table = Table::new(1).await;
        let sent = table.start("1", &["a"], 1).await;
        assert_eq!(table.write("2", &["b", "a"], 2).await, Err(format!("None, {CONFLICT}")));
        sent.await.unwrap().unwrap();
        assert_eq!((table.get("a").await, table.get("b").await), (Some(1), None), "none of its writes is done");
        table.write("2", &["b", "a"], 2).await.unwrap();
    });
}

#[test]
fn single_writes_that_meet_an_item_in_flight_are_refused() {
    simulated(1, async {
        let table = Table::new(1).await;
        let put = async |name| table.send("PutItem", json!({ "Item": item(name, 2) })).await.map(drop);
        let sent = table.start("1", &["a"], 1).await;
        assert_eq!(put("a").await, Err("TransactionConflictException".to_owned()));
        put("b").await.unwrap();
        assert_eq!(table.get("b").await, Some(2));
        sent.await.unwrap().unwrap();
        put("a").await.unwrap();
        assert_eq!(table.get("a").await, Some(2));
    });
}

/// It never shows a part of a transaction: all old, all new, or a refusal. A refusal names the items in flight.
#[test]
fn transact_get_is_refused_or_shows_all_items_of_a_transaction() {
    let mut refusals = BTreeSet::new();
    for seed in 1..=10 {
        simulated(seed, async {
            let table = Table::new(seed).await;
            table.write("1", &["a", "b"], 1).await.unwrap();
            let sent = table.start("2", &["a", "b"], 2).await;
            for answer in table.observe(async |table| table.transact_get(&["other", "a", "b"]).await).await {
                match answer {
                    Ok(values) => assert_eq!(values, [None, Some(2), Some(2)]),
                    Err(reasons) => drop(refusals.insert(reasons)),
                }
            }
            sent.await.unwrap().unwrap();
        });
    }
    let possible = ["None, None, C", "None, C, None", "None, C, C"].map(|reasons| reasons.replace('C', CONFLICT));
    assert_eq!(refusals, BTreeSet::from(possible));
}

/// Each storage node decides about its own item. So a change can build upon a part of a change in flight.
#[test]
fn visible_item_is_free_while_others_of_its_transaction_are_in_flight() {
    simulated(1, async {
        let table = Table::new(1).await;
        table.stall_next(&[1, 0], 2);
        drop(table.start("1", &["a", "b"], 1).await);
        sleep(MAX_IN_FLIGHT).await;
        assert_eq!((table.get("a").await, table.get("b").await), (None, Some(1)));
        table.engine.schedule(|schedule| schedule.max_in_flight = Duration::ZERO);
        table.write_if_at_most(1, "2", &["b", "c"], 2).await.unwrap();
        assert_eq!(table.transact_get(&["b", "c"]).await.unwrap(), [Some(2); 2]);
        assert_eq!(table.get("a").await, None);
    });
}

/// A conflict does not hide that another item of the transaction is refused for its condition.
#[test]
fn conflict_and_failed_condition_can_come_together() {
    let seen = (1..=10).map(|seed| {
        simulated(seed, async {
            let table = Table::new(seed).await;
            table.write("1", &["a"], 5).await.unwrap();
            let sent = table.start("2", &["b"], 1).await;
            let refused = table.write_if_at_most(4, "3", &["a", "b"], 9).await.unwrap_err();
            sent.await.unwrap().unwrap();
            refused
        })
    });
    let possible = ["ConditionalCheckFailed", "None"].map(|at_a| format!("{at_a}, {CONFLICT}"));
    assert_eq!(seen.collect::<BTreeSet<_>>(), BTreeSet::from(possible));
}

/// Its conditions are checked at one moment, and until then its items are in flight.
#[test]
fn refused_transaction_shows_nothing_and_frees_its_items() {
    simulated(1, async {
        let table = Table::new(1).await;
        table.write("1", &["a"], 5).await.unwrap();
        let refused = table.write_if_at_most(4, "2", &["b", "a"], 9);
        let observed = table.observe(async |table| (table.get("a").await, table.get("b").await));
        let (refused, seen) = tokio::join!(refused, observed);
        assert_eq!(seen, [(Some(5), None)]);
        assert_eq!(refused, Err("None, ConditionalCheckFailed".to_owned()));
        table.write_if_at_most(5, "3", &["b", "a"], 9).await.unwrap();
    });
}
