//! Transactions whose coordinator stalls.

use std::time::Duration;

use dev::simulated;
use tokio::time::{sleep, timeout};

use super::{MAX_IN_FLIGHT, Table};

const NAMES: [&str; 2] = ["a", "b"];

/// A transaction of `a` and `b` that stalls when it has made `a` visible, and whose sender has given up after a second.
async fn stalled() -> Table {
    let table = Table::new(1).await;
    table.stall_next(&[0, 1], 2);
    timeout(Duration::from_secs(1), table.write("token", &NAMES, 1)).await.unwrap_err();
    table
}

#[test]
fn repetition_after_5_seconds_recovers_a_stalled_transaction() {
    simulated(1, async {
        let table = stalled().await;
        for _ in 0..7 {
            sleep(Duration::from_millis(500)).await;
            let repeated = table.write("token", &NAMES, 1).await;
            assert_eq!(repeated, Err("TransactionInProgressException".to_owned()));
            assert_eq!((table.get("a").await, table.get("b").await), (Some(1), None));
        }
        sleep(Duration::from_millis(500)).await;
        table.write("token", &NAMES, 1).await.unwrap();
        assert_eq!(table.transact_get(&NAMES).await.unwrap(), [Some(1); 2]);
    });
}

#[test]
fn conflict_after_5_seconds_recovers_a_stalled_transaction() {
    simulated(1, async {
        let table = stalled().await;
        for _ in 0..7 {
            sleep(Duration::from_millis(500)).await;
            table.transact_get(&NAMES).await.unwrap_err();
        }
        assert_eq!(table.get("b").await, None);
        sleep(Duration::from_millis(500)).await;
        table.transact_get(&NAMES).await.unwrap_err();
        sleep(MAX_IN_FLIGHT).await;
        assert_eq!(table.transact_get(&NAMES).await.unwrap(), [Some(1); 2]);
    });
}

/// Reads meet no conflict, so they do not recover it.
#[test]
fn stalled_transaction_that_nothing_meets_is_recovered_at_last() {
    simulated(1, async {
        let table = stalled().await;
        sleep(Duration::from_secs(60)).await;
        assert_eq!(table.batch_get(&NAMES).await, [Some(1), None]);
        sleep(Duration::from_secs(300)).await;
        assert_eq!(table.batch_get(&NAMES).await, [Some(1), Some(1)]);
    });
}

/// A transaction can stall before it is decided, too. Then nothing of it is visible, and it may still be refused.
#[test]
fn transaction_that_stalls_before_its_decision_is_decided_by_its_recovery() {
    simulated(1, async {
        let table = Table::new(1).await;
        table.stall_next(&[0], 0);
        drop(table.start("token", &["a"], 1).await);
        sleep(Duration::from_secs(6)).await;
        assert_eq!((table.get("a").await, table.engine.items_in_flight()), (None, 1));
        table.write("token", &["a"], 1).await.unwrap();
        assert_eq!(table.get("a").await, Some(1));
    });
}
