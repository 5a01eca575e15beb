//! Repetitions with the same client request token.

use std::time::Duration;

use dev::simulated;
use tokio::time::sleep;

use super::Table;

#[test]
fn repetition_with_the_same_token_changes_nothing_until_ten_minutes_after_its_success() {
    simulated(1, async {
        let table = Table::new(1).await;
        let sent = table.start("token", &["a"], 1).await;
        assert_eq!(table.write("token", &["a"], 1).await, Err("TransactionInProgressException".to_owned()));
        sent.await.unwrap().unwrap();
        assert_eq!(table.write("token", &["a"], 2).await, Err("IdempotentParameterMismatchException".to_owned()));
        table.write("other", &["a"], 2).await.unwrap();
        sleep(Duration::from_secs(590)).await;
        table.write("token", &["a"], 1).await.unwrap();
        assert_eq!(table.get("a").await, Some(2));
        sleep(Duration::from_secs(11)).await;
        table.write("token", &["a"], 1).await.unwrap();
        assert_eq!(table.get("a").await, Some(1), "the token is forgotten");
    });
}

#[test]
fn cancelled_transaction_leaves_no_token() {
    simulated(1, async {
        let table = Table::new(1).await;
        table.write("1", &["a"], 5).await.unwrap();
        let if_at_most_4 = async || table.write_if_at_most(4, "token", &["a"], 6).await;
        assert_eq!(if_at_most_4().await, Err("ConditionalCheckFailed".to_owned()));
        table.write("2", &["a"], 4).await.unwrap();
        if_at_most_4().await.unwrap();
        assert_eq!(table.get("a").await, Some(6));
    });
}
