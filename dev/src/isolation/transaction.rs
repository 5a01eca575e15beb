//! One transaction of writes, from its arrival to its answer.
//!
//! 1. It arrives. All its items are in flight from now on, or it is refused because one already is.
//! 2. It is decided: the engine carries it out, or refuses it, at this moment.
//! 3. Its items become visible, one by one. A visible item is no longer in flight.
//! 4. It ends: its sender is answered, its token is remembered, and its changes set out for the indexes.
//!
//! It goes on when its sender has given up. Before any of these steps it can **stall**: nothing more happens until a
//! repetition with its token, or a request that meets one of its items, comes long enough after its arrival
//! ([`super::in_flight`]). DynamoDB then recovers it: the repetition waits for its end and gets its answer. Without any of
//! these, DynamoDB finds it by itself at some time.
//!
//! The token makes a repetition the same transaction. A transaction that was cancelled leaves no token behind: its repetition is a
//! new attempt. The engine has tokens of its own, which are not used: it knows nothing of transactions in flight.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-apis-txwriteitems-idempotency>

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use super::conflicts::{cancel_reads, cancel_writes, error};
use super::in_flight::InFlight;
use super::keys::ItemKey;
use super::schedule::Course;
use super::shared::{Shared, ask};
use crate::sdk_http::Response;

/// How long a token is valid after its transaction has succeeded.
const TOKEN_VALID: Duration = Duration::from_mins(10);

/// A `TransactWriteItems`.
pub async fn write_transaction(shared: &Arc<Shared>, body: Value) -> Response {
    let token = body["ClientRequestToken"].as_str().map(str::to_owned);
    let writes = &body["TransactItems"];
    if let Some(token) = &token {
        let known = shared.state.lock().unwrap().tokens.get(token).cloned();
        let is_valid = |transaction: &InFlight| transaction.ended().is_none_or(|ago| ago < TOKEN_VALID);
        if let Some((first, transaction)) = known.filter(|(_, transaction)| is_valid(transaction)) {
            return match transaction {
                _ if first != *writes => error("IdempotentParameterMismatchException"),
                transaction if transaction.ended().is_some() || transaction.recover() => transaction.answer().await,
                _ => error("TransactionInProgressException"),
            };
        }
    }
    let keys = ItemKey::of_transaction(&body);
    let is_in_flight = shared.meet(&keys);
    if is_in_flight.contains(&true) {
        return cancel_writes(shared, &body, &is_in_flight);
    }

    let transaction = Arc::new(InFlight::new());
    let course = {
        let mut state = shared.state.lock().unwrap();
        for key in &keys {
            state.in_flight.push((key.clone(), Arc::clone(&transaction)));
        }
        if let Some(token) = &token {
            state.tokens.insert(token.clone(), (writes.clone(), Arc::clone(&transaction)));
        }
        state.schedule.transaction(keys.len())
    };
    let (shared, in_flight) = (Arc::clone(shared), Arc::clone(&transaction));
    // A task of its own: the sender may give up.
    tokio::spawn(async move {
        let answer = run(&shared, &in_flight, body, keys, course).await;
        if let Some(token) = token.filter(|_| answer.0 != 200) {
            shared.state.lock().unwrap().tokens.remove(&token);
        }
        in_flight.end(answer);
    });
    transaction.answer().await
}

async fn run(
    shared: &Arc<Shared>,
    transaction: &InFlight,
    mut body: Value,
    keys: Vec<ItemKey>,
    course: Course,
) -> Response {
    let Course { pauses, order, stalls_before } = course;
    let before = async |step: usize| {
        if stalls_before == Some(step) {
            transaction.recovered().await;
        }
        if !pauses[step].is_zero() {
            sleep(pauses[step]).await;
        }
    };
    before(0).await;
    // The engine would look through all its tokens.
    body.as_object_mut().unwrap().remove("ClientRequestToken");
    let answer = ask(&shared.decided, "TransactWriteItems", &body);
    if answer.0 != 200 {
        for key in &keys {
            shared.release(key);
        }
        return answer;
    }
    for (nth, position) in order.into_iter().enumerate() {
        before(nth + 1).await;
        let key = &keys[position];
        shared.show(key);
        shared.release(key);
    }
    shared.index(keys);
    answer
}

/// A `TransactGetItems`: all its items at one moment, or none.
pub fn read_transaction(shared: &Shared, body: &Value) -> Response {
    let keys = ItemKey::of_transaction(body);
    if shared.with_schedule(|schedule| schedule.void_snapshots).contains(&keys.len()) {
        return ask(&shared.decided, "TransactGetItems", body);
    }
    let is_in_flight = shared.meet(&keys);
    if is_in_flight.contains(&true) {
        return cancel_reads(&is_in_flight);
    }
    ask(&shared.visible, "TransactGetItems", body)
}

/// A single write.
pub fn write(shared: &Arc<Shared>, operation: &str, body: &Value) -> Response {
    let key = ItemKey::of(body);
    if shared.meet(std::slice::from_ref(&key)).contains(&true) {
        return error("TransactionConflictException");
    }
    let answer = ask(&shared.decided, operation, body);
    if answer.0 == 200 {
        shared.show(&key);
        shared.index(vec![key]);
    }
    answer
}

/// A write past the isolation: every engine has it at once.
pub fn write_directly(shared: &Shared, operation: &str, body: &Value) -> Response {
    let answer = ask(&shared.decided, operation, body);
    let keys = match operation {
        "TransactWriteItems" => ItemKey::of_transaction(body),
        "BatchWriteItem" => ItemKey::of_batch(body),
        _ => vec![ItemKey::of(body)],
    };
    for key in keys {
        shared.show_everywhere(&key);
    }
    answer
}
