//! One transaction of writes, from its arrival to its answer.
//!
//! 1. It arrives. All its items are in flight from now on, or it is refused because one already is.
//! 2. It is decided: the engine carries it out, or refuses it, at this moment.
//! 3. Its items become visible, one by one. A visible item is no longer in flight.
//! 4. It ends: its sender is answered, its token is remembered, and its changes set out for the indexes.
//!
//! It goes on when its sender has given up. Before any of these steps it can **stall**: nothing more happens until a
//! repetition with its token, or a request that meets one of its items, comes [`RECOVERABLE_AFTER`] its arrival or
//! later. DynamoDB then recovers it: the repetition waits for its end and gets its answer. Without any of these,
//! DynamoDB finds it by itself at some time, here after [`RECOVERED_AT_LAST`].

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

use super::isolated_engine::Shared;
use super::keys::{ItemKey, keys_of};
use super::responses::{Response, error};
use super::schedule::Course;
use super::tokens::Known;

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
    answer: watch::Receiver<Option<Response>>,
}

impl InFlight {
    /// Recovers the transaction if it has been in flight for long enough. Returns whether it has been.
    pub fn recover(&self) -> bool {
        let is_due = self.arrived.elapsed() >= RECOVERABLE_AFTER;
        if is_due {
            self.recovery.notify_one();
        }
        is_due
    }

    async fn answer(&self) -> Response {
        let mut answer = self.answer.clone();
        let answer = answer.wait_for(Option::is_some).await.expect("a transaction ends with an answer");
        answer.clone().unwrap()
    }
}

impl Shared {
    /// A `TransactWriteItems`.
    pub async fn write_transaction(self: &Arc<Self>, body: Value) -> Response {
        let token = body["ClientRequestToken"].as_str().map(str::to_owned);
        let writes = &body["TransactItems"];
        if let Some(token) = &token {
            let known = self.state.lock().unwrap().tokens.known(token, writes);
            match known {
                Known::New => {}
                Known::Mismatch => return error("IdempotentParameterMismatchException"),
                Known::Succeeded => return (200, "{}".to_owned()),
                Known::InFlight(transaction) if transaction.recover() => return transaction.answer().await,
                Known::InFlight(_) => return error("TransactionInProgressException"),
            }
        }
        let keys = keys_of(&self.decided, "TransactWriteItems", &body);
        let is_in_flight = self.meet(&keys);
        if is_in_flight.contains(&true) {
            return self.cancel_writes(&body, &is_in_flight);
        }

        let (answered, answer) = watch::channel(None);
        let transaction = Arc::new(InFlight { arrived: Instant::now(), recovery: Notify::new(), answer });
        let course = {
            let mut state = self.state.lock().unwrap();
            for key in &keys {
                state.in_flight.add(key.clone(), &transaction);
            }
            if let Some(token) = &token {
                state.tokens.begin(token.clone(), writes.clone(), &transaction);
            }
            state.schedule.transaction(keys.len())
        };
        let (shared, in_flight) = (Arc::clone(self), Arc::clone(&transaction));
        // A task of its own: the sender may give up.
        tokio::spawn(async move {
            let answer = shared.run(&in_flight, body, keys, course).await;
            if let Some(token) = &token {
                shared.state.lock().unwrap().tokens.end(token, answer.0 == 200);
            }
            answered.send_replace(Some(answer));
        });
        transaction.answer().await
    }

    async fn run(
        self: &Arc<Self>,
        transaction: &InFlight,
        mut body: Value,
        keys: Vec<ItemKey>,
        course: Course,
    ) -> Response {
        let Course { pauses, order, stalls_before } = course;
        let before = async |step: usize| {
            if stalls_before == Some(step) {
                let _ = timeout(RECOVERED_AT_LAST, transaction.recovery.notified()).await;
            }
            if !pauses[step].is_zero() {
                sleep(pauses[step]).await;
            }
        };
        before(0).await;
        // The engine would look through all its tokens.
        body.as_object_mut().unwrap().remove("ClientRequestToken");
        let answer = self.decided.request("TransactWriteItems", body.to_string().as_bytes());
        if answer.0 != 200 {
            for key in &keys {
                self.state.lock().unwrap().in_flight.remove(key);
            }
            return answer;
        }
        for (nth, position) in order.into_iter().enumerate() {
            before(nth + 1).await;
            let key = &keys[position];
            self.show(key);
            self.state.lock().unwrap().in_flight.remove(key);
        }
        self.index(keys);
        answer
    }

    /// A `TransactGetItems`: all its items at one moment, or none.
    pub fn read_transaction(&self, body: &Value) -> Response {
        let keys = keys_of(&self.decided, "TransactGetItems", body);
        if self.with_schedule(|schedule| schedule.void_snapshots).contains(&keys.len()) {
            return self.decided.request("TransactGetItems", body.to_string().as_bytes());
        }
        let is_in_flight = self.meet(&keys);
        if is_in_flight.contains(&true) {
            return super::conflicts::cancel_reads(&is_in_flight);
        }
        self.visible.request("TransactGetItems", body.to_string().as_bytes())
    }

    /// A single write.
    pub fn write(self: &Arc<Self>, operation: &str, body: &Value) -> Response {
        let keys = keys_of(&self.decided, operation, body);
        if self.meet(&keys).contains(&true) {
            return error("TransactionConflictException");
        }
        let answer = self.decided.request(operation, body.to_string().as_bytes());
        if answer.0 == 200 {
            for key in &keys {
                self.show(key);
            }
            self.index(keys);
        }
        answer
    }

    /// A write past the isolation: every engine has it at once.
    pub fn write_directly(&self, operation: &str, body: &Value) -> Response {
        let answer = self.decided.request(operation, body.to_string().as_bytes());
        for key in keys_of(&self.decided, operation, body) {
            self.show(&key);
            super::copies::copy(&key, &self.decided, &self.indexed);
        }
        answer
    }
}
