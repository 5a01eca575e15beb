//! Repetitions with the same client request token.

use std::time::Duration;

use dev::simulated;
use tokio::time::sleep;

use super::{Table, code};

#[test]
fn repetition_while_the_first_is_in_flight_gets_transaction_in_progress() {
    simulated(1, async {
        let table = Table::new(1).await;
        let writes = || table.writes(&["a"], 1, None);
        let sent = table.start("token", writes()).await;
        assert_eq!(code(table.transact("token", writes()).await.unwrap_err()), "TransactionInProgressException");
        sent.await.unwrap().unwrap();
        table.transact("token", writes()).await.unwrap();
    });
}

#[test]
fn repetition_changes_nothing_for_ten_minutes() {
    simulated(1, async {
        let table = Table::new(1).await;
        let writes = || table.writes(&["a"], 1, None);
        table.transact("token", writes()).await.unwrap();
        table.transact("other", table.writes(&["a"], 2, None)).await.unwrap();
        sleep(Duration::from_secs(590)).await;
        table.transact("token", writes()).await.unwrap();
        assert_eq!(table.get("a").await, Some(2));
        sleep(Duration::from_secs(11)).await;
        table.transact("token", writes()).await.unwrap();
        assert_eq!(table.get("a").await, Some(1), "the token is forgotten");
    });
}

#[test]
fn token_of_another_transaction_is_refused() {
    simulated(1, async {
        let table = Table::new(1).await;
        table.transact("token", table.writes(&["a"], 1, None)).await.unwrap();
        let refused = table.transact("token", table.writes(&["a"], 2, None)).await.unwrap_err();
        assert_eq!(code(refused), "IdempotentParameterMismatchException");
    });
}

#[test]
fn cancelled_transaction_leaves_no_token() {
    simulated(1, async {
        let table = Table::new(1).await;
        table.transact("1", table.writes(&["a"], 5, None)).await.unwrap();
        let writes = || table.writes(&["a"], 6, Some(4));
        assert_eq!(code(table.transact("token", writes()).await.unwrap_err()), "TransactionCanceledException");
        table.transact("2", table.writes(&["a"], 4, None)).await.unwrap();
        table.transact("token", writes()).await.unwrap();
        assert_eq!(table.get("a").await, Some(6));
    });
}
