//! A transaction in flight.

use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

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
    /// The answer, and when it was given.
    answer: watch::Sender<Option<(Response, Instant)>>,
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
        self.answer.send_replace(Some((answer, Instant::now())));
    }

    /// How long ago it has ended. None while it is in flight.
    pub fn ended(&self) -> Option<Duration> {
        self.answer.borrow().as_ref().map(|(_, at)| at.elapsed())
    }

    pub async fn answer(&self) -> Response {
        let mut answer = self.answer.subscribe();
        let answer = answer.wait_for(Option::is_some).await.expect("the sender lives as long as this");
        answer.clone().unwrap().0
    }
}
