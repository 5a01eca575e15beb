//! The transactions in flight, and the items that they hold.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

use super::keys::ItemKey;
use crate::sdk_http::Response;

/// "At least one retry after 5 seconds", which "can trigger inline recovery".
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const RECOVERABLE_AFTER: Duration = Duration::from_secs(5);

/// A stalled transaction that no request meets is found by DynamoDB's recovery managers (the ATC paper, 4.3). When is
/// not documented.
const RECOVERED_AT_LAST: Duration = Duration::from_secs(300);

/// A transaction in flight, as requests meet it.
pub struct InFlight {
    arrived: Instant,
    recovery: Notify,
    answer: watch::Sender<Option<Response>>,
}

impl InFlight {
    pub fn new() -> Self {
        Self { arrived: Instant::now(), recovery: Notify::new(), answer: watch::Sender::new(None) }
    }

    /// Recovers the transaction if it has been in flight for long enough. Returns whether it has been.
    pub fn recover(&self) -> bool {
        let is_due = self.arrived.elapsed() >= RECOVERABLE_AFTER;
        if is_due {
            self.recovery.notify_one();
        }
        is_due
    }

    /// Waits until the stalled transaction is recovered.
    pub async fn recovered(&self) {
        let _ = timeout(RECOVERED_AT_LAST, self.recovery.notified()).await;
    }

    pub fn end(&self, answer: Response) {
        self.answer.send_replace(Some(answer));
    }

    pub async fn answer(&self) -> Response {
        let mut answer = self.answer.subscribe();
        let answer = answer.wait_for(Option::is_some).await.expect("the sender lives as long as this");
        answer.clone().unwrap()
    }
}

/// The items in flight, each with its transaction. No item is in flight twice.
#[derive(Default)]
pub struct ItemsInFlight(Vec<(ItemKey, Arc<InFlight>)>);

impl ItemsInFlight {
    pub fn add(&mut self, key: ItemKey, transaction: &Arc<InFlight>) {
        self.0.push((key, Arc::clone(transaction)));
    }

    pub fn remove(&mut self, key: &ItemKey) {
        self.0.retain(|(in_flight, _)| in_flight != key);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// For each key whether its item is in flight. A request that meets a transaction which has stalled for long enough
    /// makes DynamoDB recover that.
    pub fn meet(&self, keys: &[ItemKey]) -> Vec<bool> {
        let holder = |key: &ItemKey| self.0.iter().find(|(in_flight, _)| in_flight == key);
        let meets = keys.iter().map(|key| {
            holder(key).is_some_and(|(_, transaction)| {
                transaction.recover();
                true
            })
        });
        meets.collect()
    }
}
