//! What the ways to one table share: three engines in process, and what is in flight between them.
//!
//! | engine | holds | serves |
//! | --- | --- | --- |
//! | decided | all that has been decided | writes and their conditions |
//! | visible | each item as reads see it | `GetItem`, `BatchGetItem`, `Query`, `Scan`, `TransactGetItems` |
//! | indexed | each item as the indexes have it | `Query` and `Scan` of an index |
//!
//! An item that is not in flight is the same in the first two. So a condition is checked against what a read would have
//! shown, and all expressions, projections, filters and pages are the engine's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::in_flight::InFlight;
use super::keys::ItemKey;
use super::schedule::Schedule;
use crate::engine::InProcessEngine;
use crate::sdk_http::Response;

pub struct Shared {
    pub decided: InProcessEngine,
    pub visible: InProcessEngine,
    pub indexed: InProcessEngine,
    pub state: Mutex<State>,
}

pub struct State {
    pub schedule: Schedule,
    /// The items in flight, each with its transaction. No item is in flight twice.
    pub in_flight: Vec<(ItemKey, Arc<InFlight>)>,
    /// The client request tokens, each with its transaction and the writes by which a repetition is told from another one.
    pub tokens: HashMap<String, (Value, Arc<InFlight>)>,
}

impl Shared {
    pub fn new(seed: u64, max_in_flight: Duration) -> Self {
        let schedule = Schedule::new(seed, max_in_flight);
        let state = State { schedule, in_flight: Vec::new(), tokens: HashMap::new() };
        let [decided, visible, indexed] = [(); 3].map(|()| InProcessEngine::new());
        Self { decided, visible, indexed, state: Mutex::new(state) }
    }

    pub fn with_schedule<T>(&self, change: impl FnOnce(&mut Schedule) -> T) -> T {
        change(&mut self.state.lock().unwrap().schedule)
    }

    /// For each key whether its item is in flight. A request that meets a transaction which has stalled for long enough makes
    /// DynamoDB recover that.
    pub fn meet(&self, keys: &[ItemKey]) -> Vec<bool> {
        let held = &self.state.lock().unwrap().in_flight;
        let holder = |key: &ItemKey| held.iter().find(|(in_flight, _)| in_flight == key);
        keys.iter().map(|key| holder(key).map(|(_, transaction)| transaction.recover()).is_some()).collect()
    }

    /// The item is no longer in flight.
    pub fn release(&self, key: &ItemKey) {
        self.state.lock().unwrap().in_flight.retain(|(in_flight, _)| in_flight != key);
    }

    /// Makes an item visible as it has been decided.
    pub fn show(&self, key: &ItemKey) {
        copy(key, &self.decided, &self.visible);
    }

    /// Makes an item visible as it has been decided, in the indexes as well.
    pub fn show_everywhere(&self, key: &ItemKey) {
        self.show(key);
        copy(key, &self.decided, &self.indexed);
    }

    /// Brings items to the indexes, each after a delay of its own. An item that changes again in the meantime arrives as
    /// it is then: an index never goes back.
    pub fn index(self: &Arc<Self>, keys: Vec<ItemKey>) {
        for key in keys {
            let lag = self.with_schedule(Schedule::index_lag);
            if lag.is_zero() {
                copy(&key, &self.visible, &self.indexed);
                continue;
            }
            let shared = Arc::clone(self);
            tokio::spawn(async move {
                sleep(lag).await;
                copy(&key, &shared.visible, &shared.indexed);
            });
        }
    }
}

/// Carries out one request.
pub fn ask(engine: &InProcessEngine, operation: &str, body: &Value) -> Response {
    engine.request(operation, body.to_string().as_bytes())
}

/// As [`ask`], for a request that must succeed.
pub fn must(engine: &InProcessEngine, operation: &str, body: &Value) -> Value {
    let (status, answer) = ask(engine, operation, body);
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

/// Makes an item in one engine what it is in another: absent, too.
fn copy(key: &ItemKey, from: &InProcessEngine, to: &InProcessEngine) {
    let ItemKey { table, attributes } = key;
    let found = must(from, "GetItem", &json!({ "TableName": table, "Key": attributes, "ConsistentRead": true }));
    match &found["Item"] {
        Value::Null => must(to, "DeleteItem", &json!({ "TableName": table, "Key": attributes })),
        item => must(to, "PutItem", &json!({ "TableName": table, "Item": item })),
    };
}
