//! Requests that meet an item of a transaction in flight.

use std::collections::BTreeSet;

use dev::simulated;

use super::{MAX_IN_FLIGHT, Table, code, item, observe, reasons};

const CONFLICT: &str = "TransactionConflict";

#[test]
fn transactions_that_meet_an_item_in_flight_are_refused_at_its_position() {
    simulated(1, async {
        let table = Table::new(1).await;
        let sent = table.start("1", table.writes(&["a"], 1, None)).await;
        let refused = table.transact("2", table.writes(&["b", "a"], 2, None)).await.unwrap_err();
        assert_eq!(reasons(refused), ["None", CONFLICT]);
        sent.await.unwrap().unwrap();
        assert_eq!((table.get("a").await, table.get("b").await), (Some(1), None), "none of its writes is done");
        table.transact("2", table.writes(&["b", "a"], 2, None)).await.unwrap();
    });
}

#[test]
fn single_writes_that_meet_an_item_in_flight_are_refused() {
    simulated(1, async {
        let table = Table::new(1).await;
        let put = |name| table.client.put_item().table_name(&table.name).set_item(Some(item(name, 2))).send();
        let sent = table.start("1", table.writes(&["a"], 1, None)).await;
        assert_eq!(code(put("a").await.unwrap_err()), "TransactionConflictException");
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
            table.transact("1", table.writes(&["a", "b"], 1, None)).await.unwrap();
            let sent = table.start("2", table.writes(&["a", "b"], 2, None)).await;
            let seen = observe(&table, async || table.transact_get(&["other", "a", "b"]).await).await;
            for answer in seen {
                match answer {
                    Ok(values) => assert_eq!(values, [None, Some(2), Some(2)]),
                    Err(reasons) => {
                        refusals.insert(reasons);
                    }
                }
            }
            sent.await.unwrap().unwrap();
        });
    }
    let refusals: Vec<_> = refusals.into_iter().collect();
    assert_eq!(refusals, [["None", "None", CONFLICT], ["None", CONFLICT, "None"], ["None", CONFLICT, CONFLICT]]);
}

/// Each storage node decides about its own item. So a change can build upon a part of a change in flight.
#[test]
fn visible_item_is_free_while_others_of_its_transaction_are_in_flight() {
    simulated(1, async {
        let table = Table::new(1).await;
        table.engine.order_next(&[1, 0]);
        table.engine.stall_next(2);
        drop(table.start("1", table.writes(&["a", "b"], 1, None)).await);
        tokio::time::sleep(MAX_IN_FLIGHT).await;
        assert_eq!((table.get("a").await, table.get("b").await), (None, Some(1)));
        table.engine.max_in_flight(std::time::Duration::ZERO);
        table.transact("2", table.writes(&["b", "c"], 2, Some(1))).await.unwrap();
        assert_eq!(table.transact_get(&["b", "c"]).await.unwrap(), [Some(2); 2]);
        assert_eq!(table.get("a").await, None);
    });
}

/// A conflict does not hide that another item of the transaction is refused for its condition, with the item that is
/// there now.
#[test]
fn conflict_and_failed_condition_can_come_together() {
    let seen = (1..=10).map(|seed| {
        simulated(seed, async {
            let table = Table::new(seed).await;
            table.transact("1", table.writes(&["a"], 5, None)).await.unwrap();
            let sent = table.start("2", table.writes(&["b"], 1, None)).await;
            let refused = table.transact("3", table.writes(&["a", "b"], 9, Some(4))).await.unwrap_err();
            sent.await.unwrap().unwrap();
            reasons(refused)
        })
    });
    let seen: BTreeSet<_> = seen.collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [["ConditionalCheckFailed", CONFLICT], ["None", CONFLICT]]);
}

/// Its conditions are checked at one moment, and until then its items are in flight.
#[test]
fn refused_transaction_shows_nothing_and_frees_its_items() {
    simulated(1, async {
        let table = Table::new(1).await;
        table.transact("1", table.writes(&["a"], 5, None)).await.unwrap();
        let sent = table.start("2", table.writes(&["b", "a"], 9, Some(4))).await;
        let seen = observe(&table, async || (table.get("a").await, table.get("b").await)).await;
        assert_eq!(seen, [(Some(5), None)]);
        assert_eq!(sent.await.unwrap(), Err("TransactionCanceledException".to_owned()));
        table.transact("3", table.writes(&["b", "a"], 9, Some(5))).await.unwrap();
    });
}
