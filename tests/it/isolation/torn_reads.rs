//! Reads beside a transaction in flight.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::simulated;
use futures_util::future::join_all;
use tokio::time::sleep;

use super::Table;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// What is shown of `NAMES` at one moment after another, while a transaction changes them from 1 to 2.
fn values_beside_a_transaction(seed: u64, read: &impl AsyncFn(&Table) -> Vec<Option<u32>>) -> Vec<Vec<Option<u32>>> {
    simulated(seed, async {
        let table = Table::new(seed).await;
        table.write("first", &NAMES, 1).await.unwrap();
        assert_eq!(read(&table).await, [Some(1); 3], "the answer comes when all items are visible");
        let sent = table.start("second", &NAMES, 2).await;
        let moments = table.observe(read).await;
        sent.await.unwrap().unwrap();
        assert_eq!(read(&table).await, [Some(2); 3]);
        moments
    })
}

async fn single_reads(table: &Table) -> Vec<Option<u32>> {
    let mut values = Vec::new();
    for name in NAMES {
        values.push(table.get(name).await);
    }
    values
}

/// No read takes time here, so each shows one moment. An item that has become visible stays so.
#[test]
fn reads_show_items_of_a_transaction_in_flight_one_by_one() {
    let mut orders = BTreeSet::new();
    for seed in 1..=20 {
        let seen = values_beside_a_transaction(seed, &single_reads);
        assert!(seen.windows(2).all(|pair| pair[0].iter().zip(&pair[1]).all(|(before, after)| before <= after)));
        let new = |values: &Vec<Option<u32>>| values.iter().filter(|value| **value == Some(2)).count();
        if let Some(first) = seen.iter().find(|values| new(values) == 1) {
            orders.insert(first.clone());
        }
    }
    assert_eq!(orders.len(), 3, "each item is the first visible one under some seed");
}

#[test]
fn batch_gets_and_queries_show_part_of_a_transaction_in_flight() {
    let combinations = |read: &dyn Fn(u64) -> Vec<Vec<Option<u32>>>| (1..=20).flat_map(read).collect::<BTreeSet<_>>();
    let by_batch_get =
        combinations(&|seed| values_beside_a_transaction(seed, &async |table| table.batch_get(&NAMES).await));
    assert_eq!(by_batch_get.len(), 8, "every combination of old and new items: {by_batch_get:?}");
    let by_query = combinations(&|seed| values_beside_a_transaction(seed, &async |table| table.query(&NAMES).await));
    assert_eq!(by_query.len(), 8, "every combination of old and new items: {by_query:?}");
}

/// Two transactions one after the other: `a` to 2, then `b` to 3. A read of several items that sees `b` at 3 and `a` at 1
/// has looked at more than one moment.
#[test]
fn reads_of_several_items_look_at_more_than_one_moment() {
    for is_query in [false, true] {
        let read = async |table: Table| {
            if is_query { table.query(&["a", "b"]).await } else { table.batch_get(&["a", "b"]).await }
        };
        let sees_the_second_change_alone = simulated(1, async {
            let table = Table::new(1).await;
            table.write("0", &["a", "b"], 1).await.unwrap();
            let changes = async {
                sleep(Duration::from_millis(5)).await;
                table.engine.schedule(|schedule| schedule.max_in_flight = Duration::ZERO);
                table.write("1", &["a"], 2).await.unwrap();
                table.write("2", &["b"], 3).await.unwrap();
            };
            let reads = join_all((0..50).map(|_| read(table.clone())));
            tokio::join!(reads, changes).0.contains(&vec![Some(1), Some(3)])
        });
        assert!(sees_the_second_change_alone, "query: {is_query}");
    }
}
